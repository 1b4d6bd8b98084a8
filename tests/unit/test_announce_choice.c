// SPDX-License-Identifier: GPL-2.0
#include "announce_choice.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#define NADDRS	1000
#define NNODES	10

static struct ip_addr addr(const char *text)
{
	struct ip_addr a;

	assert_int_equal(ip_addr_parse(text, &a, NULL), 0);
	return a;
}

static struct ip_addr nth(unsigned int i)
{
	char text[32];

	snprintf(text, sizeof(text), "192.168.%u.%u", 56 + i / 250, 1 + i % 250);
	return addr(text);
}

static void make(struct announce_candidate *v, char names[][32], size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		snprintf(names[i], 32, "node-%zu", i);
		v[i] = (struct announce_candidate){ .name = names[i], .grade = ANNOUNCE_WELL };
	}
}

/* Whatever order the nodes are in, and on whichever of them it is asked. */
static void test_everybody_agrees(void **state)
{
	struct announce_candidate v[NNODES], w[NNODES];
	char names[NNODES][32];
	struct ip_addr a;
	size_t i, j;

	(void)state;
	make(v, names, NNODES);
	for (i = 0; i < NNODES; i++)
		w[i] = v[NNODES - 1 - i];
	for (i = 0; i < NADDRS; i++) {
		a = nth(i);
		j = (size_t)announce_choose(v, NNODES, false, &a);
		assert_string_equal(v[j].name, w[announce_choose(w, NNODES, false, &a)].name);
	}
}

/* Versions of svcd must agree among each other: this may never change. */
static void test_weight_is_for_good(void **state)
{
	struct ip_addr a = addr("192.168.56.240"), b = addr("fd00::240");

	(void)state;
	assert_true(announce_weight("node1", &a) == 0xdcff7fb14951835au);
	assert_true(announce_weight("node1", &b) == 0x1aba02c5f4fb2de3u);
}

static void test_shares_are_fair(void **state)
{
	struct announce_candidate v[NNODES];
	size_t count[NNODES] = { 0 }, i;
	char names[NNODES][32];
	struct ip_addr a;

	(void)state;
	make(v, names, NNODES);
	for (i = 0; i < NADDRS; i++) {
		a = nth(i);
		count[announce_choose(v, NNODES, false, &a)]++;
	}
	for (i = 0; i < NNODES; i++)
		assert_in_range(count[i], 60, 140);
}

/* A node that goes loses its own, and nobody else loses any; when it is back all is as before. */
static void test_little_moves(void **state)
{
	struct announce_candidate v[NNODES];
	int before[NADDRS], after;
	char names[NNODES][32];
	struct ip_addr a;
	size_t i;

	(void)state;
	make(v, names, NNODES);
	for (i = 0; i < NADDRS; i++) {
		a = nth(i);
		before[i] = announce_choose(v, NNODES, false, &a);
	}
	v[3].grade = ANNOUNCE_GONE;
	for (i = 0; i < NADDRS; i++) {
		a = nth(i);
		after = announce_choose(v, NNODES, false, &a);
		assert_int_not_equal(after, 3);
		if (before[i] != 3)
			assert_int_equal(after, before[i]);
	}
	v[3].grade = ANNOUNCE_WELL;
	for (i = 0; i < NADDRS; i++) {
		a = nth(i);
		assert_int_equal(announce_choose(v, NNODES, false, &a), before[i]);
	}
}

static void test_the_ill_only_when_nobody_is_well(void **state)
{
	struct announce_candidate v[] = {
		{ "a", ANNOUNCE_ILL, 0, ANNOUNCE_WITH }, { "b", ANNOUNCE_WELL, 0, ANNOUNCE_WITH },
		{ "c", ANNOUNCE_GONE, 0, ANNOUNCE_WITH },
	};
	struct ip_addr a = addr("fd00::1");

	(void)state;
	assert_int_equal(announce_choose(v, 3, false, &a), 1);
	v[1].grade = ANNOUNCE_GONE;
	assert_int_equal(announce_choose(v, 3, false, &a), 0);
	v[0].grade = ANNOUNCE_GONE;
	assert_int_equal(announce_choose(v, 3, false, &a), -1);
	assert_int_equal(announce_choose(v, 0, false, &a), -1);
}

static void test_only_who_has_an_endpoint(void **state)
{
	struct announce_candidate v[] = {
		{ "a", ANNOUNCE_WELL, 0, ANNOUNCE_WITH }, { "b", ANNOUNCE_WELL, 0, ANNOUNCE_WITH },
		{ "c", ANNOUNCE_ILL, 1, ANNOUNCE_WITH }, { "d", ANNOUNCE_GONE, 2, ANNOUNCE_WITH },
	};
	struct ip_addr a = addr("10.0.0.1");

	(void)state;
	assert_int_equal(announce_choose(v, 4, true, &a), 2);
	v[3].grade = ANNOUNCE_ILL;
	/* Of two Services on one address it has both. */
	assert_int_equal(announce_choose(v, 4, true, &a), 3);
	v[2].local = v[3].local = 0;
	assert_int_equal(announce_choose(v, 4, true, &a), -1);
	assert_in_range(announce_choose(v, 4, false, &a), 0, 1);
}

/* It is its own, but another one does not know that, and would not let go. */
static void test_what_is_announced_without_it(void **state)
{
	struct announce_candidate v[] = {
		{ "a", ANNOUNCE_WELL, 1, ANNOUNCE_WITH }, { "b", ANNOUNCE_ILL, 1, ANNOUNCE_WITH },
		{ "c", ANNOUNCE_GONE, 1, ANNOUNCE_INSISTS },
		{ "d", ANNOUNCE_WELL, 0, ANNOUNCE_INSISTS },
	};
	struct ip_addr a = addr("10.0.0.1");

	(void)state;
	/* Neither c nor d have anything to do with it. */
	assert_true(announce_is_chosen(v, 4, true, &a, false));
	v[1].without = ANNOUNCE_WITHOUT;
	assert_false(announce_is_chosen(v, 4, true, &a, false));
	/* Which may be for a moment: it heals without anybody letting go. */
	assert_true(announce_is_chosen(v, 4, true, &a, true));
	v[1].without = ANNOUNCE_INSISTS;
	assert_false(announce_is_chosen(v, 4, true, &a, true));
	/* It dies. */
	v[1].grade = ANNOUNCE_GONE;
	assert_true(announce_is_chosen(v, 4, true, &a, false));
	v[1].grade = ANNOUNCE_WELL;
	v[1].local = 2;
	v[1].without = ANNOUNCE_WITH;
	assert_false(announce_is_chosen(v, 4, true, &a, true));
	assert_true(announce_is_chosen(v, 1, true, &a, false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everybody_agrees),
		cmocka_unit_test(test_weight_is_for_good),
		cmocka_unit_test(test_shares_are_fair),
		cmocka_unit_test(test_little_moves),
		cmocka_unit_test(test_the_ill_only_when_nobody_is_well),
		cmocka_unit_test(test_only_who_has_an_endpoint),
		cmocka_unit_test(test_what_is_announced_without_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
