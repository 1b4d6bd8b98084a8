// SPDX-License-Identifier: GPL-2.0
/* When the table that keeps the kernel from answering ARP is made, and what is done without. */
#include "announce_priv.h"

#include "jx.h"
#include "log.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

/* A kernel of one table, which may refuse it. */
static struct {
	bool there, refuses;
	unsigned int cleared, prepared;
} table;

static int refused(struct err *e)
{
	return table.refuses ? err_set(e, EOPNOTSUPP, "no such family") : 0;
}

static int fake_set(const struct announce_guarded *v, size_t n, bool shared, struct err *e)
{
	(void)v;
	(void)n;
	(void)shared;
	table.there = !table.refuses;
	return refused(e);
}

static bool fake_recent(void)
{
	return false;
}

static int fake_clear(struct err *e)
{
	table.cleared++;
	table.there = table.refuses;
	return refused(e);
}

static bool fake_there(void)
{
	return table.there;
}

static int fake_prepare(struct err *e)
{
	table.prepared++;
	return refused(e);
}

static const struct announce_guard_ops fake = {
	.set = fake_set, .beat = refused, .recent = fake_recent, .clear = fake_clear,
	.there = fake_there, .prepare = fake_prepare,
};

static int setup(void **state)
{
	struct announce *a = calloc(1, sizeof(*a));

	log_init(LOG_LEVEL_ERROR, stderr, LOG_FORMAT_TEXT);
	memset(&table, 0, sizeof(table));
	a->name = strdup("n1");
	a->guard_ops = &fake;
	a->config.base = event_base_new();
	a->ready = announce_now();
	*state = a;
	return 0;
}

static int teardown(void **state)
{
	struct announce *a = *state;

	announce_claims_clear(&a->have);
	announce_wire_close(a->wire);
	event_base_free(a->config.base);
	free(a->guard);
	free(a->name);
	free(a);
	return 0;
}

/* An earlier svcd has left it, and what it announced is not there any more. */
static void test_left_behind(void **state)
{
	struct announce *a = *state;

	a->options.mode = ANNOUNCE_LAYER2;
	table.there = true;
	announce_withdraw(a);
	assert_false(table.there);
	announce_withdraw(a);
	assert_int_equal(table.cleared, 1);
}

static void test_what_cannot_go_is_tried_again(void **state)
{
	struct announce *a = *state;

	a->options.mode = ANNOUNCE_NONE;
	table.there = table.refuses = true;
	announce_withdraw(a);
	assert_false(a->unguarded);
	table.refuses = false;
	announce_withdraw(a);
	assert_true(a->unguarded);
	assert_false(table.there);
	assert_int_equal(table.cleared, 2);
}

static void test_nothing_was_there(void **state)
{
	struct announce *a = *state;

	a->options.mode = ANNOUNCE_ROUTE;
	announce_withdraw(a);
	assert_int_equal(table.cleared, 0);
	assert_true(a->unguarded);
}

/* Where there is no such table, others shall announce: whoever dies here would go on. */
static void test_cannot_be_had(void **state)
{
	struct announce *a = *state;

	a->options.mode = ANNOUNCE_LAYER2;
	table.refuses = true;
	assert_true(announce_can_guard(a));	/* there is nobody else */
	a->peers.n = 1;
	assert_false(announce_can_guard(a));
	/* It is not tried all the time. */
	assert_false(announce_can_guard(a));
	assert_int_equal(table.prepared, 1);
	table.refuses = false;
	a->guard_failed -= ANNOUNCE_GUARD_RETRY_MS;
	assert_true(announce_can_guard(a));
	assert_string_equal(a->trouble[TROUBLE_GUARD].text, "");
}

static struct announce_claims claim(const char *text)
{
	struct announce_claims c = { .v = calloc(1, sizeof(*c.v)), .n = 1 };

	assert_int_equal(ip_addr_parse(text, &c.v->addr, NULL), 0);
	c.v->said = true;
	return c;
}

static void test_nothing_is_announced_without(void **state)
{
	struct announce_claims want = claim("192.0.2.240");
	struct announce *a = *state;

	a->options.mode = ANNOUNCE_LAYER2;
	a->peers.n = 1;
	table.refuses = true;
	announce_apply(a, &want);
	assert_int_equal(a->have.n, 0);
	assert_int_equal(a->routes.n, 0);
	if (a->wire)
		assert_int_equal(a->ready, 0);
}

/* Somebody has flushed it, and it cannot be made again. */
static void test_nor_any_more(void **state)
{
	struct announce *a = *state;

	a->options.mode = ANNOUNCE_LAYER2;
	a->peers.n = 1;
	a->shared = true;
	a->guard = strdup("");
	a->have = claim("192.0.2.240");
	announce_beat(a);
	assert_int_equal(a->have.n, 1);
	a->beat = 0;
	table.refuses = true;
	announce_beat(a);
	assert_int_equal(a->have.n, 0);
	assert_int_equal(a->ready, 0);
}

#define CASE(test)	cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_left_behind),
		CASE(test_what_cannot_go_is_tried_again),
		CASE(test_nothing_was_there),
		CASE(test_cannot_be_had),
		CASE(test_nothing_is_announced_without),
		CASE(test_nor_any_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
