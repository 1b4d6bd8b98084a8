// SPDX-License-Identifier: GPL-2.0
/* When the table that keeps the kernel from answering ARP is made, and what is done without. */
#include "announce_priv.h"

#include "kernel_fake.h"
#include "lan_help.h"
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

/* A kernel of one table, which may refuse it. */
static struct {
	bool there, refuses, recent, lasting;
	unsigned int cleared, prepared, beats;
	struct kernel *kernel;
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
	return table.recent;
}

static bool fake_lasting(void)
{
	return table.lasting;
}

static int fake_beat(struct err *e)
{
	table.beats++;
	return table.there ? refused(e) : err_set(e, ENOENT, "no such table");
}

static int fake_clear(struct err *e)
{
	table.cleared++;
	table.there = table.refuses;
	return refused(e);
}

static bool fake_whole(bool shared)
{
	return table.there && (!shared || !table.lasting);
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
	.set = fake_set, .beat = fake_beat, .recent = fake_recent, .lasting = fake_lasting,
	.clear = fake_clear, .whole = fake_whole, .there = fake_there, .prepare = fake_prepare,
};

static int open_fake(struct kernel **out, void *ctx, struct err *e)
{
	(void)ctx;
	(void)e;
	*out = table.kernel;
	return *out ? 0 : err_set(e, ENOENT, "no module");
}

static int setup(void **state)
{
	struct announce *a = calloc(1, sizeof(*a));
	struct node_config c = { .node_name = "n1", .open = open_fake };

	log_init(LOG_LEVEL_ERROR, stderr, LOG_FORMAT_TEXT);
	memset(&table, 0, sizeof(table));
	a->name = strdup("n1");
	a->guard_ops = &fake;
	a->config.base = c.base = event_base_new();
	table.kernel = kernel_fake_open();
	assert_int_equal(node_alloc(&a->config.node, &c, NULL), 0);
	a->ready = announce_now();
	*state = a;
	return 0;
}

static int teardown(void **state)
{
	struct announce *a = *state;

	announce_claims_clear(&a->have);
	announce_wire_close(a->wire);
	announce_routes_clear(&a->left);
	node_free(a->config.node);
	kernel_fake_free(table.kernel);
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
	table.there = true;
	announce_beat(a);
	assert_int_equal(a->have.n, 1);
	a->beat = 0;
	table.refuses = true;
	announce_beat(a);
	assert_int_equal(a->have.n, 0);
	assert_int_equal(a->ready, 0);
}

static void test_flushed(void **state)
{
	struct announce *a = *state;

	a->guard = strdup("");
	table.there = true;
	announce_check_guard(a);
	assert_non_null(a->guard);
	table.there = false;
	announce_check_guard(a);
	assert_null(a->guard);
	/* Others may take over, and the rule by which this node falls silent then is not there. */
	a->guard = strdup("");
	a->shared = table.there = true;
	announce_check_guard(a);
	assert_non_null(a->guard);
	table.lasting = true;
	announce_check_guard(a);
	assert_null(a->guard);
}

/* Where there are others it is made again before the kernel would have fallen silent. */
static void test_flushed_between_two_beats(void **state)
{
	struct announce *a = *state;

	a->options.mode = ANNOUNCE_LAYER2;
	a->peers.n = 1;
	a->shared = true;
	a->guard = strdup("");
	a->have = claim("192.0.2.240");
	table.there = false;
	announce_beat(a);
	assert_true(table.there);
	assert_non_null(a->guard);
	assert_int_equal(a->have.n, 1);
	assert_string_equal(a->trouble[TROUBLE_GUARD].text, "");
}

static void start(struct announce *a, bool recent)
{
	struct announce_route r = { .passed_on = false };

	a->options.mode = ANNOUNCE_LAYER2;
	a->ready = 0;
	table.there = true;
	assert_int_equal(ip_addr_parse("fd70::240", &r.addr, NULL), 0);
	announce_routes_add(&a->left, &r);
	assert_int_equal(ip_addr_parse("192.0.2.240", &r.addr, NULL), 0);
	announce_routes_add(&a->left, &r);
	table.recent = recent;
	announce_carry_begin(a);
}

/* The authority is away for long, and svcd has just been started again. */
static void test_what_was_goes_on_without_lists(void **state)
{
	struct announce *a = *state;

	start(a, true);
	node_start(a->config.node);
	assert_string_equal(announce_header(a, NULL), "Svcnat-Announce: layer2\r\n");
	announce_carry(a);
	assert_int_equal(table.beats, 0);
	a->beat -= ANNOUNCE_BEAT_MS;
	announce_carry(a);
	assert_int_equal(table.beats, 1);
	a->beat -= ANNOUNCE_BEAT_MS;
	table.refuses = true;
	announce_carry(a);
	assert_string_equal(announce_header(a, NULL), "");
}

static void test_not_what_others_may_have(void **state)
{
	struct announce *a = *state;

	start(a, false);
	node_start(a->config.node);
	a->beat -= ANNOUNCE_BEAT_MS;
	announce_carry(a);
	assert_int_equal(table.beats, 0);
	assert_string_equal(announce_header(a, NULL), "");
}

static void test_nor_without_the_module(void **state)
{
	struct announce *a = *state;

	start(a, true);
	a->beat -= ANNOUNCE_BEAT_MS;
	announce_carry(a);
	assert_string_equal(announce_header(a, NULL), "Svcnat-Announce: layer2\r\n");
	a->beat -= ANNOUNCE_RECENT_MS;
	announce_carry(a);
	assert_string_equal(announce_header(a, NULL), "");
	assert_int_equal(table.beats, 0);
}

/* How many neighbour solicitations for the address of IPv6 are answered. */
static uint64_t answers(struct announce *a, const struct lan *l)
{
	const struct timeval tv = { .tv_usec = 100000 };
	struct ip_addr six;

	assert_int_equal(ip_addr_parse("fd70::240", &six, NULL), 0);
	lan_solicit(l, &six);
	event_base_loopexit(a->config.base, &tv);
	event_base_dispatch(a->config.base);
	return announce_wire_counts(a->wire)->answers;
}

/* Of IPv6 as of IPv4, from the first moment on and for as long as it carries. */
static void test_neighbours_are_answered_without_lists(void **state)
{
	struct announce_prefix p = { .len = 64 };
	struct announce *a = *state;
	struct lan lan;

	if (!lan_open(&lan))
		skip();
	p.index = lan.link.index;
	assert_int_equal(ip_addr_parse("fd70::1", &p.addr, NULL), 0);
	a->links = (struct announce_links){ &lan.link, 1, &p, 1, { 0 }, NULL, 0 };
	start(a, true);
	assert_int_equal(a->have.n, 2);
	assert_int_equal(answers(a, &lan), 1);
	assert_int_equal(announce_wire_counts(a->wire)->na, 0);
	node_start(a->config.node);
	a->beat -= ANNOUNCE_BEAT_MS;
	announce_carry(a);
	assert_int_equal(answers(a, &lan), 2);
	/* The table has gone: nobody knows any more what others do. */
	table.refuses = true;
	a->beat -= ANNOUNCE_BEAT_MS;
	announce_carry(a);
	assert_int_equal(answers(a, &lan), 2);
	assert_int_equal(a->have.n, 0);
	lan_close(&lan);
}

/* No other node was there: nobody waits for a sign of life, in the kernel or elsewhere. */
static void test_what_lasts_goes_on_however_long_it_was(void **state)
{
	struct announce *a = *state;

	table.lasting = true;
	start(a, false);
	node_start(a->config.node);
	assert_int_equal(a->have.n, a->wire ? 2 : 0);
	table.refuses = true;
	a->beat -= ANNOUNCE_BEAT_MS;
	announce_carry(a);
	assert_true(a->carries);
	assert_int_equal(table.beats, 0);
	/* Other options: it shall not any more. */
	a->options.mode = ANNOUNCE_ROUTE;
	announce_carry_begin(a);
	assert_false(a->carries);
	assert_int_equal(a->have.n, 0);
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
		CASE(test_flushed),
		CASE(test_flushed_between_two_beats),
		CASE(test_what_was_goes_on_without_lists),
		CASE(test_not_what_others_may_have),
		CASE(test_nor_without_the_module),
		CASE(test_neighbours_are_answered_without_lists),
		CASE(test_what_lasts_goes_on_however_long_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
