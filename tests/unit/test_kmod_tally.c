// SPDX-License-Identifier: GPL-2.0
/*
 * Per-CPU counters by the block: each has its own place, begins with 0 on every CPU, and
 * blocks come and go with what is in them. The very file of the module, compiled for this
 * process.
 */
#include <linux/types.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tally.c"

enum { MANY = 1000 };

static size_t words(enum svcnat_tally which)
{
	return which == SVCNAT_TALLY_SERVICE ? SVCNAT_TALLY_MANY : 1;
}

static size_t blocks(enum svcnat_tally which)
{
	return svcnat_tally_pools[which].blocks.n;
}

/* Write something on every CPU, different for each. */
static void mark(enum svcnat_tally which, u64 *counters, u64 value)
{
	size_t i;
	int cpu;

	for_each_possible_cpu(cpu)
		for (i = 0; i < words(which); i++)
			per_cpu_ptr(counters, cpu)[i] += value + cpu + 10 * i;
}

static void check(enum svcnat_tally which, u64 *counters, u64 value)
{
	size_t i;
	int cpu;

	for_each_possible_cpu(cpu)
		for (i = 0; i < words(which); i++)
			assert_int_equal(per_cpu_ptr(counters, cpu)[i], value + cpu + 10 * i);
}

static void check_many(enum svcnat_tally which)
{
	static u64 *v[MANY];
	size_t i;

	for (i = 0; i < MANY; i++) {
		v[i] = svcnat_tally_get(which);
		assert_non_null(v[i]);
		mark(which, v[i], 1000 * i);
	}
	assert_int_equal(blocks(which), (MANY + 63) / 64);
	for (i = 0; i < MANY; i++)
		check(which, v[i], 1000 * i);

	/* Every other one goes: no block does. Those that come get their places, and are 0. */
	for (i = 0; i < MANY; i += 2)
		svcnat_tally_put(which, v[i]);
	assert_int_equal(blocks(which), (MANY + 63) / 64);
	for (i = 0; i < MANY; i += 2) {
		v[i] = svcnat_tally_get(which);
		mark(which, v[i], 7000 * i);
	}
	assert_int_equal(blocks(which), (MANY + 63) / 64);
	for (i = 0; i < MANY; i++)
		check(which, v[i], i % 2 ? 1000 * i : 7000 * i);

	for (i = 0; i < MANY; i++)
		svcnat_tally_put(which, v[i]);
	assert_int_equal(blocks(which), 0);
}

static void test_many(void **state)
{
	svcnat_tally_init();
	check_many(SVCNAT_TALLY_ENDPOINT);
	check_many(SVCNAT_TALLY_SERVICE);
	svcnat_tally_exit();
	(void)state;
}

/* A block that was full takes others in again when one has left. */
static void test_full(void **state)
{
	u64 *v[65];
	size_t i;

	svcnat_tally_init();
	for (i = 0; i < 64; i++)
		v[i] = svcnat_tally_get(SVCNAT_TALLY_ENDPOINT);
	svcnat_tally_put(SVCNAT_TALLY_ENDPOINT, v[17]);
	v[64] = svcnat_tally_get(SVCNAT_TALLY_ENDPOINT);
	assert_ptr_equal(v[64], v[17]);
	v[17] = svcnat_tally_get(SVCNAT_TALLY_ENDPOINT);
	assert_int_equal(blocks(SVCNAT_TALLY_ENDPOINT), 2);
	for (i = 0; i < 65; i++)
		svcnat_tally_put(SVCNAT_TALLY_ENDPOINT, v[i]);
	assert_int_equal(blocks(SVCNAT_TALLY_ENDPOINT), 0);
	svcnat_tally_exit();
	(void)state;
}

static void test_nothing(void **state)
{
	svcnat_tally_init();
	svcnat_tally_put(SVCNAT_TALLY_SERVICE, NULL);
	svcnat_tally_exit();
	(void)state;
}

/* Each of what a block needs fails in turn; what there was before stays. */
static void test_no_memory(void **state)
{
	unsigned int n;
	u64 *v, *more;

	svcnat_tally_init();
	for (n = 1; n <= 3; n++) {
		kshim_fail = n;
		assert_null(svcnat_tally_get(SVCNAT_TALLY_ENDPOINT));
		assert_int_equal(blocks(SVCNAT_TALLY_ENDPOINT), 0);
	}
	v = svcnat_tally_get(SVCNAT_TALLY_ENDPOINT);
	assert_non_null(v);
	kshim_fail = 1;
	more = svcnat_tally_get(SVCNAT_TALLY_ENDPOINT);
	assert_non_null(more);
	kshim_fail = 0;
	svcnat_tally_put(SVCNAT_TALLY_ENDPOINT, v);
	svcnat_tally_put(SVCNAT_TALLY_ENDPOINT, more);
	svcnat_tally_exit();
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
