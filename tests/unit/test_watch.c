// SPDX-License-Identifier: GPL-2.0
#include "bookmark_recorded.h"
#include "http_fixture.h"
#include "watch_line.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SERVICES	"/api/v1/namespaces/default/services"

static int setup(void **state)
{
	*state = http_fixture_open(NULL);
	return 0;
}

static int teardown(void **state)
{
	http_fixture_close(*state);
	return 0;
}

static void create(struct http_fixture *f, const char *name, const char *labels)
{
	char body[512];

	snprintf(body, sizeof(body),
		 "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":"
		 "{\"name\":\"%s\",\"labels\":%s},\"spec\":{\"ports\":[{\"port\":80}]}}",
		 name, labels);
	assert_int_equal(http_do(f, "POST", SERVICES, body), 201);
}

static void label(struct http_fixture *f, const char *name, const char *labels)
{
	char path[128], body[256];

	snprintf(path, sizeof(path), SERVICES "/%s", name);
	snprintf(body, sizeof(body), "{\"metadata\":{\"labels\":%s}}", labels);
	assert_int_equal(http_do(f, "PATCH", path, body), 200);
}

static void delete(struct http_fixture *f, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), SERVICES "/%s", name);
	assert_int_equal(http_do(f, "DELETE", path, NULL), 200);
}

static void watch_open(struct http_fixture *f, struct http_peer *p, const char *query)
{
	http_peer_open(p, f->socket);
	http_peer_sendf(p, "GET /api/v1/services?watch=1&%s HTTP/1.1\r\nHost: x\r\n\r\n", query);
	assert_true(http_peer_expect(f, p, ""));
}

/* "ADDED a,DELETED b" of what came; those with an empty name as the type alone. */
static void summarize(const struct http_peer *p, char *out, size_t size)
{
	struct http_answer a;
	size_t n = 0;
	char *line, *end;

	*out = '\0';
	assert_true(http_peer_parse(p, &a));
	for (line = a.body; (end = strchr(line, '\n')); line = end + 1) {
		json_t *event = json_loadb(line, end - line, 0, NULL);
		const char *type = "", *name = "";

		assert_non_null(event);
		json_unpack(event, "{s:s, s:{s?{s?s}}}", "type", &type, "object", "metadata",
			    "name", &name);
		n += snprintf(out + n, size - n, "%s%s%s%s", n ? "," : "", type, *name ? " " : "",
			      name);
		json_decref(event);
	}
	http_answer_clear(&a);
}

struct summary {
	struct http_peer *peer;
	const char *want;
	char have[1024];
};

static bool summed(void *ctx)
{
	struct summary *s = ctx;

	http_peer_receive(s->peer);
	summarize(s->peer, s->have, sizeof(s->have));
	return strcmp(s->have, s->want) == 0;
}

static void expect(struct http_fixture *f, struct http_peer *p, const char *want)
{
	struct summary s = { p, want, "" };

	if (!http_wait(f->base, summed, &s))
		assert_string_equal(s.have, want);
}

static unsigned long long version_of(struct http_fixture *f)
{
	return registry_version(f->registry);
}

static char *query_since(char buf[128], unsigned long long version, const char *rest)
{
	snprintf(buf, 128, "resourceVersion=%llu%s", version, rest);
	return buf;
}

static void test_from_the_start(void **state)
{
	struct http_fixture *f = *state;
	struct http_peer none, zero, list;
	struct http_answer a;

	create(f, "a", "{}");
	create(f, "b", "{}");
	watch_open(f, &none, "");
	watch_open(f, &zero, "resourceVersion=0");
	watch_open(f, &list, "resourceVersion=&sendInitialEvents=true&resourceVersionMatch="
		   "NotOlderThan&allowWatchBookmarks=true");
	expect(f, &none, "ADDED a,ADDED b");
	expect(f, &zero, "ADDED a,ADDED b");
	expect(f, &list, "ADDED a,ADDED b,BOOKMARK");
	assert_true(http_peer_parse(&list, &a));
	assert_non_null(strstr(a.head, "Content-Type: application/json\r\n"));
	assert_non_null(strstr(a.head, "Transfer-Encoding: chunked\r\n"));
	assert_non_null(strstr(a.body, "{\"type\":\"ADDED\",\"object\":{\"kind\":\"Service\","
			       "\"apiVersion\":\"v1\",\"metadata\":{"));
	assert_non_null(strstr(a.body, "\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}"));
	http_answer_clear(&a);
	delete(f, "a");
	expect(f, &none, "ADDED a,ADDED b,DELETED a");
	expect(f, &zero, "ADDED a,ADDED b,DELETED a");
	http_peer_close(&none);
	http_peer_close(&zero);
	http_peer_close(&list);
}

static void test_from_a_version(void **state)
{
	struct http_fixture *f = *state;
	unsigned long long version;
	struct http_peer p;
	char query[128];

	create(f, "a", "{}");
	version = version_of(f);
	create(f, "b", "{}");
	label(f, "a", "{\"x\":\"1\"}");
	delete(f, "b");
	watch_open(f, &p, query_since(query, version, ""));
	expect(f, &p, "ADDED b,MODIFIED a,DELETED b");
	create(f, "c", "{}");
	expect(f, &p, "ADDED b,MODIFIED a,DELETED b,ADDED c");
	http_peer_close(&p);
	/* Nothing that came before it. */
	watch_open(f, &p, query_since(query, version_of(f), ""));
	delete(f, "c");
	expect(f, &p, "DELETED c");
	http_peer_close(&p);
}

/* What a selector sees come and go although it was only modified. */
static void test_selector(void **state)
{
	struct http_fixture *f = *state;
	char query[128], left[160], version[32];
	struct http_peer replay, live;
	struct http_answer a;

	query_since(query, version_of(f), "&labelSelector=tier%3Dfront");
	watch_open(f, &live, query);
	create(f, "a", "{\"tier\":\"back\"}");
	create(f, "b", "{\"tier\":\"front\"}");
	label(f, "a", "{\"tier\":\"front\"}");
	label(f, "a", "{\"more\":\"1\"}");
	label(f, "a", "{\"tier\":null}");
	snprintf(version, sizeof(version), "%llu", version_of(f));
	label(f, "a", "{\"more\":\"2\"}");
	delete(f, "a");
	delete(f, "b");
	expect(f, &live, "ADDED b,ADDED a,MODIFIED a,DELETED a,DELETED b");
	watch_open(f, &replay, query);
	expect(f, &replay, "ADDED b,ADDED a,MODIFIED a,DELETED a,DELETED b");
	/* It left with the labels that it had, at the version at which it left. */
	assert_true(http_peer_parse(&live, &a));
	snprintf(left, sizeof(left), "\"resourceVersion\":\"%s\"", version);
	assert_non_null(strstr(strstr(a.body, "{\"type\":\"DELETED\""), left));
	assert_non_null(strstr(strstr(a.body, "{\"type\":\"DELETED\""), "\"tier\":\"front\""));
	http_answer_clear(&a);
	http_peer_close(&live);
	http_peer_close(&replay);
}

static void test_field_selector_and_namespace(void **state)
{
	struct http_fixture *f = *state;
	struct http_peer one, other;

	watch_open(f, &one, "fieldSelector=metadata.name%3Da");
	http_peer_open(&other, f->socket);
	http_peer_sendf(&other, "GET /api/v1/namespaces/other/services?watch=1 HTTP/1.1\r\n"
			"Host: x\r\n\r\n");
	assert_true(http_peer_expect(f, &other, ""));
	create(f, "a", "{}");
	create(f, "b", "{}");
	assert_int_equal(http_do(f, "POST", "/api/v1/namespaces", "{\"apiVersion\":\"v1\",\"kind\":"
				 "\"Namespace\",\"metadata\":{\"name\":\"other\"}}"), 201);
	assert_int_equal(
		http_do(f, "POST", "/api/v1/namespaces/other/services",
			"{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"a\"},"
			"\"spec\":{\"ports\":[{\"port\":80}]}}"),
		201);
	expect(f, &one, "ADDED a,ADDED a");
	expect(f, &other, "ADDED a");
	http_peer_close(&one);
	http_peer_close(&other);
}

static void test_wrong_selector(void **state)
{
	struct http_fixture *f = *state;

	assert_int_equal(http_do(f, "GET", "/api/v1/services?watch=1&labelSelector=a%20b", NULL),
			 400);
	assert_int_equal(watch_count(f->watches), 0);
}

static void test_too_old(void **state)
{
	struct http_fixture *f = *state;
	struct http_answer a;
	struct http_peer p;
	char text[320];
	int i;

	create(f, "a", "{}");
	for (i = 0; i < HTTP_FIXTURE_HISTORY + 10; i++)
		label(f, "a", i & 1 ? "{\"x\":\"1\"}" : "{\"x\":\"2\"}");
	http_peer_open(&p, f->socket);
	http_peer_sendf(&p, "GET /api/v1/services?watch=1&resourceVersion=1 HTTP/1.1\r\n"
			"Host: x\r\n\r\n");
	http_peer_answer(f, &p, &a);
	assert_int_equal(a.status, 200);
	snprintf(text, sizeof(text),
		 "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"apiVersion\":"
		 "\"v1\",\"metadata\":{},\"status\":\"Failure\",\"message\":\"too old resource "
		 "version: 1 "
		 "(%llu)\",\"reason\":\"Expired\",\"code\":410}}\n",
		 version_of(f));
	assert_string_equal(a.body, text);
	http_answer_clear(&a);
	/* The connection lives on. */
	http_peer_sendf(&p, "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
	http_peer_answer(f, &p, &a);
	assert_string_equal(a.body, "ok");
	http_answer_clear(&a);
	http_peer_close(&p);
	assert_int_equal(watch_count(f->watches), 0);
}

/* What was the present in a database that is not there any more. */
static void test_database_replaced(void **state)
{
	struct http_fixture *f = *state;
	unsigned long long before;
	struct http_answer a;
	struct http_peer p;
	int i;

	create(f, "a", "{}");
	before = version_of(f);
	http_fixture_stop_server(f);
	http_fixture_wipe(f);
	http_fixture_start_server(f);
	create(f, "a", "{}");
	for (i = 0; i < 10; i++)
		label(f, "a", i & 1 ? "{\"x\":\"1\"}" : "{\"x\":\"2\"}");
	http_peer_open(&p, f->socket);
	http_peer_sendf(&p, "GET /api/v1/services?watch=1&resourceVersion=%llu HTTP/1.1\r\n"
			"Host: x\r\n\r\n", before);
	http_peer_answer(f, &p, &a);
	assert_non_null(strstr(a.body, "{\"type\":\"ERROR\""));
	assert_non_null(strstr(a.body, "\"reason\":\"Expired\",\"code\":410}}"));
	http_answer_clear(&a);
	http_peer_close(&p);
}

static void test_future(void **state)
{
	struct http_fixture *f = *state;
	struct http_peer p, now;

	watch_open(f, &p, "resourceVersion=9000000000000000000");
	watch_open(f, &now, "");
	create(f, "a", "{}");
	expect(f, &now, "ADDED a");
	expect(f, &p, "");
	http_peer_close(&p);
	http_peer_close(&now);
}

static uint64_t clock_usec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * 1000000ULL + ts.tv_nsec / 1000;
}

static bool past(void *ctx)
{
	return clock_usec() > *(uint64_t *)ctx;
}

/* What was said to be the future must have been ours when it is the past: else 410. */
static void test_future_of_another_database(void **state)
{
	const struct watch_config often = { .bookmark_ms = 20 };
	struct http_fixture *f = *state;
	struct http_peer p;
	uint64_t future;
	char query[128];

	create(f, "a", "{}");
	future = clock_usec() + 1000000;
	watch_open(f, &p, query_since(query, future, ""));
	assert_true(http_wait(f->base, past, &future));
	expect(f, &p, "");
	create(f, "b", "{}");
	assert_true(http_peer_expect(f, &p, "\"reason\":\"Expired\""));
	http_peer_close(&p);

	/* Nothing changes: a bookmark is due, and there is none to give. */
	f = http_fixture_open(&often);
	watch_open(f, &p, "resourceVersion=9000000000000000000&allowWatchBookmarks=true");
	assert_true(http_peer_expect(f, &p, "\"reason\":\"Expired\""));
	http_peer_close(&p);
	http_fixture_close(f);
}

static void test_timeout(void **state)
{
	struct http_fixture *f = *state;
	struct http_answer a;
	struct http_peer p;

	create(f, "a", "{}");
	watch_open(f, &p, "timeoutSeconds=1");
	http_peer_answer(f, &p, &a);
	assert_int_equal(a.status, 200);
	assert_non_null(strstr(a.body, "ADDED"));
	http_answer_clear(&a);
	assert_int_equal(watch_count(f->watches), 0);
	/* The body ended, not the connection; what is asked over it next is answered. */
	http_peer_sendf(&p, "GET /api/v1/services?watch=1&timeoutSeconds=1&resourceVersion=%llu "
			"HTTP/1.1\r\nHost: x\r\n\r\n", version_of(f));
	http_peer_answer(f, &p, &a);
	assert_int_equal(a.status, 200);
	assert_string_equal(a.body, "");
	http_answer_clear(&a);
	http_peer_close(&p);
}

static void test_bookmarks(void **state)
{
	const struct watch_config often = { .bookmark_ms = 20 };
	struct http_fixture *f = http_fixture_open(&often);
	struct http_peer with, without;
	char text[192], query[128];
	struct http_answer a;

	(void)state;
	create(f, "a", "{}");
	query_since(query, version_of(f), "&allowWatchBookmarks=true");
	watch_open(f, &with, query);
	watch_open(f, &without, query_since(query, version_of(f), ""));
	snprintf(text, sizeof(text),
		 "{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"Service\","
		 "\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"%llu\"},\"spec\":{},"
		 "\"status\":{\"loadBalancer\":{}}}}\n",
		 version_of(f));
	assert_true(http_peer_expect(f, &with, text));
	http_peer_parse(&without, &a);
	assert_string_equal(a.body, "");
	http_answer_clear(&a);
	http_peer_close(&with);
	http_peer_close(&without);
	http_fixture_close(f);
}

/* Byte for byte what a real API server sends. */
static void test_bookmarks_are_as_recorded(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(recorded_bookmarks) / sizeof(*recorded_bookmarks); i++) {
		const char *plural = recorded_bookmarks[i].plural;
		const struct resource *res = resource_by_plural("v1", plural);
		struct evbuffer *buf = evbuffer_new();
		struct watch_line *line;
		json_t *object;

		if (!res)
			res = resource_by_plural("discovery.k8s.io/v1", plural);
		object = watch_line_bookmark(res, recorded_bookmarks[i].version,
					     recorded_bookmarks[i].initial_end);
		line = watch_line_alloc("BOOKMARK", object);
		assert_int_equal(watch_line_add(line, buf), 0);
		assert_int_equal(evbuffer_add(buf, "", 1), 0);
		assert_string_equal((char *)evbuffer_pullup(buf, -1), recorded_bookmarks[i].line);
		watch_line_put(line);
		evbuffer_free(buf);
		json_decref(object);
	}
	/* Every type has one that can be read. */
	for (i = 0; resource_at(i); i++) {
		json_t *object = watch_line_bookmark(resource_at(i), 7, false);

		assert_non_null(object);
		json_decref(object);
	}
}

static bool forgotten(void *ctx)
{
	struct http_fixture *f = ctx;

	return watch_count(f->watches) == 0;
}

static void test_client_goes_away(void **state)
{
	struct http_fixture *f = *state;
	struct http_peer p[3];
	size_t i;

	for (i = 0; i < 3; i++)
		watch_open(f, &p[i], "timeoutSeconds=1000");
	assert_int_equal(watch_count(f->watches), 3);
	for (i = 0; i < 3; i++)
		http_peer_close(&p[i]);
	/* Before anything is sent to it. */
	assert_true(http_wait(f->base, forgotten, f));
	create(f, "a", "{}");
}

static void patch_big(struct http_fixture *f, int i)
{
	struct reply r = { 0 };
	char text[8192], number[16];
	json_t *patch;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	snprintf(number, sizeof(number), "%d", i);
	patch = json_pack("{s:{s:{s:s, s:s}}}", "metadata", "annotations", "big", text, "n",
			  number);
	registry_patch(f->registry, resource_by_plural("v1", "services"), "default", "a", NULL,
		       patch, 0, &r);
	assert_int_equal(r.code, 200);
	json_decref(r.body);
	json_decref(patch);
}

/* One that stops reading is dropped; one that reads beside it misses nothing. */
static void test_slow_reader(void **state)
{
	const struct watch_config small = { .max_pending = 256 * 1024 };
	struct http_fixture *f = http_fixture_open(&small);
	struct http_peer slow, good;
	char text[64];
	int i;

	(void)state;
	create(f, "a", "{}");
	watch_open(f, &slow, "");
	watch_open(f, &good, "");
	for (i = 0; i < 200; i++) {
		patch_big(f, i);
		snprintf(text, sizeof(text), "\"n\":\"%d\"", i);
		/* Often enough that it never is as far behind as the other one. */
		if (i % 4 == 3)
			assert_true(http_peer_expect(f, &good, text));
	}
	assert_int_equal(watch_count(f->watches), 1);
	http_peer_close(&slow);
	http_peer_close(&good);
	assert_true(http_wait(f->base, forgotten, f));
	http_fixture_close(f);
}

/* A beginning that is larger than the limit is no reason to drop anybody. */
static void test_large_start(void **state)
{
	const struct watch_config small = { .max_pending = 1024 };
	struct http_fixture *f = http_fixture_open(&small);
	unsigned long long version;
	struct http_peer p, late;
	char query[128];
	int i;

	(void)state;
	create(f, "a", "{}");
	version = version_of(f);
	for (i = 0; i < 50; i++)
		patch_big(f, i);
	watch_open(f, &p, "");
	watch_open(f, &late, query_since(query, version, ""));
	assert_true(http_peer_expect(f, &p, "\"n\":\"49\""));
	assert_true(http_peer_expect(f, &late, "\"n\":\"49\""));
	assert_int_equal(watch_count(f->watches), 2);
	http_peer_close(&p);
	http_peer_close(&late);
	assert_true(http_wait(f->base, forgotten, f));
	http_fixture_close(f);
}

/*
 * What is told within one turn of the loop is no reason either: nobody could
 * read it in between. Nor is the next line, while that is on its way.
 */
static void test_large_turn(void **state)
{
	const struct watch_config small = { .max_pending = 64 * 1024 };
	struct http_fixture *f = http_fixture_open(&small);
	struct http_peer p, idle;
	int i;

	(void)state;
	create(f, "a", "{}");
	watch_open(f, &p, "");
	watch_open(f, &idle, "");
	for (i = 0; i < 100; i++)
		patch_big(f, i);
	assert_int_equal(watch_count(f->watches), 2);
	event_base_loop(f->base, EVLOOP_ONCE);
	event_base_loop(f->base, EVLOOP_ONCE);
	patch_big(f, i);
	assert_true(http_peer_expect(f, &p, "\"n\":\"100\""));
	assert_int_equal(watch_count(f->watches), 2);
	/* One that does not read is dropped for what comes after it. */
	for (; i < 600 && watch_count(f->watches) == 2; i++) {
		patch_big(f, i);
		event_base_loop(f->base, EVLOOP_ONCE);
		http_peer_receive(&p);
	}
	assert_int_equal(watch_count(f->watches), 1);
	http_peer_close(&idle);
	http_peer_close(&p);
	assert_true(http_wait(f->base, forgotten, f));
	http_fixture_close(f);
}

static void test_server_ends(void **state)
{
	struct http_fixture *f = *state;
	struct http_answer a;
	struct http_peer p, q;

	watch_open(f, &p, "");
	watch_end_all(f->watches);
	http_peer_answer(f, &p, &a);
	assert_int_equal(a.status, 200);
	http_answer_clear(&a);
	http_peer_close(&p);
	/* And in the middle of one. */
	watch_open(f, &q, "");
	http_fixture_stop_server(f);
	assert_int_equal(watch_count(f->watches), 0);
	http_fixture_start_server(f);
	http_peer_close(&q);
}

static bool closed(void *ctx)
{
	struct http_peer *p = ctx;

	http_peer_receive(p);
	return p->closed;
}

static void test_old_http(void **state)
{
	struct http_fixture *f = *state;
	struct http_peer p;

	create(f, "a", "{}");
	http_peer_open(&p, f->socket);
	http_peer_sendf(&p, "GET /api/v1/services?watch=1&timeoutSeconds=1 HTTP/1.0\r\n\r\n");
	assert_true(http_wait(f->base, closed, &p));
	assert_null(strstr(p.raw, "chunked"));
	assert_non_null(strstr(p.raw, "\r\n\r\n{\"type\":\"ADDED\""));
	http_peer_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_from_the_start, setup, teardown),
		cmocka_unit_test_setup_teardown(test_from_a_version, setup, teardown),
		cmocka_unit_test_setup_teardown(test_selector, setup, teardown),
		cmocka_unit_test_setup_teardown(test_field_selector_and_namespace, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wrong_selector, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_old, setup, teardown),
		cmocka_unit_test_setup_teardown(test_database_replaced, setup, teardown),
		cmocka_unit_test_setup_teardown(test_future, setup, teardown),
		cmocka_unit_test_setup_teardown(test_future_of_another_database, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_timeout, setup, teardown),
		cmocka_unit_test(test_bookmarks),
		cmocka_unit_test(test_bookmarks_are_as_recorded),
		cmocka_unit_test_setup_teardown(test_client_goes_away, setup, teardown),
		cmocka_unit_test(test_slow_reader),
		cmocka_unit_test(test_large_start), cmocka_unit_test(test_large_turn),
		cmocka_unit_test_setup_teardown(test_server_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(test_old_http, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
