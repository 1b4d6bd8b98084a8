// SPDX-License-Identifier: GPL-2.0
/*
 * Watchers that come back: after a while, after a restart, after another
 * database was put in the place of the one that they knew.
 */
#include "jx.h"
#include "registry_help.h"
#include "txn.h"

#include <errno.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define CHANGES		300
#define USEC		1000000ULL

/* Everything that was told, word by word. */
struct record {
	char *line[4096];
	uint64_t version[4096];
	const struct resource *res[4096];
	size_t n;
};

static void hear(void *ctx, const struct registry_event *ev)
{
	char *now = jx_print(ev->object), *before = ev->old ? jx_print(ev->old) : NULL;
	struct record *r = ctx;

	assert_true(r->n < 4096);
	assert_true(!r->n || ev->version > r->version[r->n - 1]);
	assert_true(asprintf(&r->line[r->n], "%c%s %s %s", "+~-"[ev->change], ev->res->plural, now,
			     before ? before : "") > 0);
	r->version[r->n] = ev->version;
	r->res[r->n++] = ev->res;
	free(now);
	free(before);
}

static void forget(struct record *r)
{
	while (r->n)
		free(r->line[--r->n]);
}

static int replay(struct registry_help *h, const char *plural, uint64_t since, struct record *r)
{
	forget(r);
	return registry_replay(h->r, registry_help_type(plural), since, hear, r);
}

static void service(struct registry_help *h, const char *name)
{
	char body[256];

	snprintf(body, sizeof(body), "{'metadata':{'name':'%s'},'spec':{'selector':{'app':'x'},"
		 "'ports':[{'port':80}]}}", name);
	if (registry_help_create(h, "services", body) != 201)
		fail_msg("%s", registry_help_message(h));
}

static void remove_service(struct registry_help *h, const char *name)
{
	assert_int_equal(registry_help_delete(h, "services", name), 200);
}

static void close_registry(struct registry_help *h)
{
	registry_close(h->r);
	h->r = NULL;
}

/* Create, change or delete one of a few Services and Pods. */
static void change_something(struct registry_help *h, int i)
{
	const char *plural = rand() % 3 ? "services" : "pods";
	char name[16], body[256];

	snprintf(name, sizeof(name), "n%d", rand() % 5);
	snprintf(body, sizeof(body), "{'metadata':{'labels':{'app':'%s','i':'%d'}}}",
		 rand() % 2 ? "x" : "y", i);
	if (registry_help_get(h, plural, name) != 200) {
		snprintf(body, sizeof(body), strcmp(plural, "pods") ?
			 "{'metadata':{'name':'%s'},'spec':{'selector':{'app':'x'},'ports':"
			 "[{'port':80}]}}" : "{'metadata':{'name':'%s','labels':{'app':'x'}},"
			 "'spec':{'containers':[{'name':'c','image':'i'}]}}", name);
		assert_int_equal(registry_help_create(h, plural, body), 201);
	} else if (rand() % 3) {
		assert_int_equal(registry_help_patch(h, plural, name, NULL, body), 200);
	} else {
		assert_int_equal(registry_help_delete(h, plural, name), 200);
	}
}

/* From every version that was ever told, each type: what comes is what came. */
static void expect_replays(struct registry_help *h, const struct record *all, uint64_t start)
{
	static struct record got;

	for (size_t t = 0; resource_at(t); t++) {
		for (size_t from = 0; from <= all->n; from += 1 + from / 8) {
			uint64_t since = from ? all->version[from - 1] : start;
			size_t k = 0;

			forget(&got);
			assert_int_equal(registry_replay(h->r, resource_at(t), since, hear, &got),
					 0);
			for (size_t i = from; i < all->n; i++) {
				if (all->res[i] != resource_at(t))
					continue;
				assert_true(k < got.n);
				assert_string_equal(got.line[k++], all->line[i]);
			}
			assert_int_equal(k, got.n);
		}
	}
	forget(&got);
}

static void test_replay(void **state)
{
	struct registry_help *h = *state;
	uint64_t start = registry_version(h->r);
	static struct record all;

	srand(7);
	assert_int_equal(registry_listen(h->r, hear, &all), 0);
	for (int i = 0; i < CHANGES; i++)
		change_something(h, i);
	expect_replays(h, &all, start);
	assert_int_equal(registry_replay(h->r, registry_help_type("pods"),
					 registry_version(h->r) + 1, hear, &all), -ERANGE);
	forget(&all);
}

static void test_replay_after_restart(void **state)
{
	struct registry_help *h = *state;
	uint64_t start = registry_version(h->r);
	static struct record all;

	srand(8);
	for (int i = 0; i < 3; i++) {
		uint64_t version;

		assert_int_equal(registry_listen(h->r, hear, &all), 0);
		for (int k = 0; k < CHANGES / 3; k++)
			change_something(h, k);
		version = registry_version(h->r);
		h->now += i;
		registry_help_reopen(h);
		/* A start is no change: who knew everything knows everything. */
		assert_int_equal(registry_version(h->r), version);
		expect_replays(h, &all, start);
	}
	forget(&all);
}

/* What nobody was ever given is not known, even if it lies between. */
static void test_only_own_versions(void **state)
{
	struct registry_help *h = *state;
	static struct record r;
	uint64_t first, last;

	service(h, "a");
	first = registry_version(h->r);
	h->now += 10;
	service(h, "b");
	last = registry_version(h->r);
	assert_true(last > h->now * USEC);
	assert_int_equal(replay(h, "services", first, &r), 0);
	assert_int_equal(r.n, 1);
	assert_int_equal(replay(h, "services", first + 1, &r), -ESTALE);
	assert_int_equal(replay(h, "services", 5 * USEC, &r), -ESTALE);
	/* Not from the future: the clock is past it. */
	h->now += 10;
	assert_int_equal(replay(h, "services", last + 1, &r), -ESTALE);
	assert_int_equal(replay(h, "services", h->now * USEC + 1, &r), -ERANGE);
	assert_int_equal(replay(h, "services", last, &r), 0);
	assert_int_equal(r.n, 0);
}

/* A new database, as far as the old one was, and past that. */
static void test_fresh_database(void **state)
{
	static const int clocks[] = { 1, 0, -3600 };
	struct registry_help *h = *state;
	static struct record r;

	for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
		uint64_t since;

		service(h, "a");
		service(h, "b");
		since = registry_version(h->r);
		close_registry(h);
		assert_int_equal(unlink(h->path), 0);
		h->now += clocks[i];
		registry_help_open(h);
		/* If the clock was set back it may look like the future, until that is past. */
		if (clocks[i] > 0)
			assert_int_equal(replay(h, "services", since, &r), -ESTALE);
		else
			assert_int_not_equal(replay(h, "services", since, &r), 0);
		h->now += 7200;
		service(h, "c");
		assert_int_equal(replay(h, "services", since, &r), -ESTALE);
	}
}

/*
 * A copy of before is put back. clock: how it moves meanwhile. What the copy
 * knew is good for it, what came later is not.
 */
static void check_copy(struct registry_help *h, int clock)
{
	uint64_t since, copied;
	static struct record r;
	char copy[128];

	service(h, "kept");
	copied = registry_version(h->r);
	close_registry(h);
	snprintf(copy, sizeof(copy), "%s-copy", h->path);
	registry_help_copy_file(h->path, copy);
	registry_help_open(h);
	for (int i = 0; i < 5; i++) {
		service(h, "lost");
		remove_service(h, "lost");
	}
	since = registry_version(h->r);
	close_registry(h);
	registry_help_copy_file(copy, h->path);
	unlink(copy);
	h->now += clock;
	registry_help_open(h);
	assert_int_equal(registry_version(h->r), copied);
	if (clock > 0)
		assert_int_equal(replay(h, "services", since, &r), -ESTALE);
	else
		assert_int_not_equal(replay(h, "services", since, &r), 0);
	for (int i = 0; i < 5; i++) {
		service(h, "new");
		remove_service(h, "new");
	}
	assert_int_not_equal(replay(h, "services", since, &r), 0);
	assert_int_equal(replay(h, "services", copied, &r), 0);
	assert_int_equal(r.n, 10);
	forget(&r);
	remove_service(h, "kept");
}

static void test_older_copy(void **state)
{
	check_copy(*state, 10);
	check_copy(*state, 3600);
}

/* Not even when the numbers go on one by one. */
static void test_older_copy_and_clock_set_back(void **state)
{
	struct registry_help *h = *state;

	check_copy(h, 0);
	h->now -= 7200;
	check_copy(h, -3600);
}

/* Whatever the clock says: each change has a larger one, below 2^63. */
static void test_versions_grow(void **state)
{
	static const time_t clocks[] = { 1800000000, 1700000000, 0, -5, INT64_MIN / 2,
					 INT64_MAX / 2, 1700000000 };
	struct registry_help *h = *state;
	uint64_t last = registry_version(h->r), between;
	static struct record r;

	assert_int_equal(last, h->now * USEC + 1);
	for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
		h->now = clocks[i];
		registry_help_reopen(h);
		assert_int_equal(registry_version(h->r), last);
		service(h, "a");
		between = registry_version(h->r);
		assert_true(between > last);
		remove_service(h, "a");
		assert_true(registry_version(h->r) > between);
		assert_true(registry_version(h->r) < INT64_MAX);
		assert_int_equal(replay(h, "services", last, &r), 0);
		assert_int_equal(r.n, 2);
		last = registry_version(h->r);
	}
	forget(&r);
}

static long long ask(const struct registry_help *h, const char *query)
{
	sqlite3_stmt *q;
	long long n;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(h->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, query, -1, &q, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	n = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	sqlite3_close(db);
	return n;
}

/* Every version that was told and is not known any more must be older than each that is. */
static size_t count_known(struct registry_help *h, const struct record *all)
{
	static struct record r;
	size_t known = 0;

	for (size_t i = 0; i < all->n; i++) {
		int rc = replay(h, "services", all->version[i], &r);

		assert_true(rc == 0 || (rc == -ESTALE && !known));
		known += !rc;
	}
	forget(&r);
	return known;
}

static void test_bounded_by_number(void **state)
{
	struct registry_help *h = *state;
	static struct record all;

	srand(9);
	h->config.history = 8;
	registry_help_reopen(h);
	assert_int_equal(registry_listen(h->r, hear, &all), 0);
	for (int i = 0; i < 40; i++) {
		change_something(h, i);
		assert_in_range(count_known(h, &all), all.n < 9 ? all.n : 9, 9);
		assert_true(ask(h, "SELECT count(*) FROM change") <= 8);
	}
	registry_help_reopen(h);
	assert_int_equal(count_known(h, &all), 9);
	/* A smaller bound holds at once. */
	h->config.history = 4;
	registry_help_reopen(h);
	assert_int_equal(count_known(h, &all), 5);
	change_something(h, 0);
	assert_true(ask(h, "SELECT count(*) FROM change") <= 4);
	forget(&all);
}

static void test_bounded_by_bytes(void **state)
{
	struct registry_help *h = *state;
	char body[9000], big[8192];
	static struct record all;
	size_t known;

	h->config.history_bytes = 50000;
	registry_help_reopen(h);
	assert_int_equal(registry_listen(h->r, hear, &all), 0);
	service(h, "a");
	for (int i = 0; i < 20; i++) {
		memset(big, 'a' + i, sizeof(big));
		snprintf(body, sizeof(body), "{'metadata':{'annotations':{'big':'%.8000s'}}}", big);
		assert_int_equal(registry_help_patch(h, "services", "a", NULL, body), 200);
	}
	/* Six of 8,400 bytes fit. */
	known = count_known(h, &all);
	assert_in_range(known, 6, 7);
	assert_true(ask(h, "SELECT sum(length(old)) FROM change") <= 50000);
	registry_help_reopen(h);
	assert_int_equal(count_known(h, &all), known);
	/* One that is larger than all that may be kept is kept alone. */
	h->config.history_bytes = 100;
	registry_help_reopen(h);
	assert_int_equal(count_known(h, &all), 2);
	forget(&all);
}

/* Changes of one transaction, more than are kept: none of those that are too many is left. */
static void test_large_transaction(void **state)
{
	struct registry_help *h = *state;
	static struct record all;

	h->config.history = 8;
	registry_help_reopen(h);
	assert_int_equal(registry_help_create(h, "namespaces", "{'metadata':{'name':'big'}}"), 201);
	for (int i = 0; i < 10; i++) {
		json_t *body = registry_help_json("{'metadata':{'name':'s%d'},'spec':{'ports':"
						  "[{'port':80}]}}", i);
		struct reply reply;

		registry_create(h->r, registry_help_type("services"), "big", body, 0, &reply);
		assert_int_equal(reply.code, 201);
		json_decref(reply.body);
		json_decref(body);
	}
	assert_int_equal(registry_listen(h->r, hear, &all), 0);
	assert_int_equal(registry_help_delete(h, "namespaces", "big"), 200);
	assert_true(all.n > 10);
	assert_int_equal(count_known(h, &all), 9);
	assert_int_equal(ask(h, "SELECT count(*) FROM change"), 8);
	registry_help_reopen(h);
	assert_int_equal(count_known(h, &all), 9);
	service(h, "later");
	assert_int_equal(ask(h, "SELECT floor FROM state"), h->r->history.floor);
	forget(&all);
}

static char *print_all(const struct objects *o)
{
	json_t *list = json_array();
	char *text;

	for (size_t i = 0; i < o->n; i++)
		json_array_append(list, o->v[i].object);
	text = jx_print(list);
	json_decref(list);
	return text;
}

/* A list at any version that is known, also after a restart. */
static void test_list_of_the_past(void **state)
{
	const struct resource *res = registry_help_type("services");
	struct registry_help *h = *state;
	struct objects then;
	uint64_t version[60];
	char *want[60];

	srand(10);
	for (int i = 0; i < 60; i++) {
		change_something(h, i);
		version[i] = registry_version(h->r);
		want[i] = print_all(txn_objects(h->r, res));
	}
	for (int again = 0; again < 2; again++, registry_help_reopen(h)) {
		for (int i = 0; i < 60; i++) {
			char *got;

			assert_int_equal(history_at(&h->r->history, res, txn_objects(h->r, res),
						    version[i], &then), 0);
			got = print_all(&then);
			assert_string_equal(got, want[i]);
			free(got);
			objects_clear(&then);
		}
		assert_int_equal(history_at(&h->r->history, res, txn_objects(h->r, res), 12345,
					    &then), -ESTALE);
	}
	for (int i = 0; i < 60; i++)
		free(want[i]);
}

/* A log that does not lead to the objects: somebody was in there. */
static void test_log_does_not_fit(void **state)
{
	static const char *const spoil[] = {
		"UPDATE change SET version = version * 2 - (SELECT max(version) FROM change)",
		"UPDATE change SET old = '{\"metadata\":{\"name\":\"x\"}}' WHERE old IS NOT NULL",
		"DELETE FROM object WHERE resource = 'services'",
		"UPDATE change SET resource = 'songs'",
	};
	struct registry_help *h = *state;
	struct err e = { "" };
	struct registry *r;
	char copy[128];

	service(h, "a");
	assert_int_equal(registry_help_patch(h, "services", "a", NULL,
					     "{'metadata':{'labels':{'a':'b'}}}"), 200);
	service(h, "b");
	close_registry(h);
	snprintf(copy, sizeof(copy), "%s-copy", h->path);
	registry_help_copy_file(h->path, copy);
	for (size_t i = 0; i < sizeof(spoil) / sizeof(spoil[0]); i++) {
		sqlite3 *db;

		registry_help_copy_file(copy, h->path);
		assert_int_equal(sqlite3_open(h->path, &db), SQLITE_OK);
		assert_int_equal(sqlite3_exec(db, spoil[i], NULL, NULL, NULL), SQLITE_OK);
		sqlite3_close(db);
		if (registry_open(&r, h->path, &h->config, &e) != -EUCLEAN)
			fail_msg("%zu: opened", i);
		assert_non_null(strstr(e.text, "damaged"));
	}
	unlink(copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, registry_help_setup, registry_help_teardown)
		T(test_replay), T(test_replay_after_restart), T(test_only_own_versions),
		T(test_fresh_database), T(test_older_copy), T(test_older_copy_and_clock_set_back),
		T(test_versions_grow), T(test_bounded_by_number), T(test_bounded_by_bytes),
		T(test_large_transaction), T(test_list_of_the_past), T(test_log_does_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
