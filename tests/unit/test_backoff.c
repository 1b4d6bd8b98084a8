// SPDX-License-Identifier: GPL-2.0
#include "backoff.h"

#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

/* The wait grows to the most, and begins anew when it went well. */
static void test_grows(void **state)
{
	static const unsigned int most[] = { 100, 200, 400, 800, 1000, 1000, 1000 };
	struct backoff b = { .min_ms = 100, .max_ms = 1000 };
	unsigned int round, i;

	(void)state;
	for (round = 0; round < 2; round++) {
		for (i = 0; i < sizeof(most) / sizeof(*most); i++)
			assert_int_equal(backoff_next(&b, 0, most[i] / 2), most[i]);
		backoff_reset(&b);
	}
}

/* Whatever the random number is: at least half, at most all, and all of it can be. */
static void test_jitter(void **state)
{
	unsigned int random, ms, least = UINT_MAX, most = 0;
	struct backoff b;

	(void)state;
	for (random = 0; random < 5000; random++) {
		b = (struct backoff){ 100, 1000, 500 };
		ms = backoff_next(&b, 0, random);
		least = ms < least ? ms : least;
		most = ms > most ? ms : most;
	}
	assert_int_equal(least, 500);
	assert_int_equal(most, 1000);
	b = (struct backoff){ 100, 1000, 500 };
	ms = backoff_next(&b, 0, UINT_MAX);
	assert_in_range(ms, 500, 1000);
}

static void test_asked(void **state)
{
	struct backoff b = { .min_ms = 100, .max_ms = 1000 };

	(void)state;
	assert_in_range(backoff_next(&b, 7, rand()), 7050, 7100);
	/* It grows all the same, and is random on top of what was asked for. */
	assert_in_range(backoff_next(&b, 7, rand()), 7100, 7200);
	backoff_reset(&b);
	assert_in_range(backoff_next(&b, 301, rand()), 300050, 300100);
	backoff_reset(&b);
	assert_in_range(backoff_next(&b, UINT_MAX, rand()), 300050, 300100);
}

/* As small as can be, and no larger than a number. */
static void test_ends(void **state)
{
	struct backoff b = { .min_ms = 1, .max_ms = 1 };
	struct backoff large = { .min_ms = 1, .max_ms = UINT_MAX };
	unsigned int i;

	(void)state;
	for (i = 0; i < 5; i++)
		assert_int_equal(backoff_next(&b, 0, i), 1);
	for (i = 0; i < 40; i++)
		backoff_next(&large, 0, 0);
	assert_int_equal(large.ms, UINT_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grows),
		cmocka_unit_test(test_jitter),
		cmocka_unit_test(test_asked),
		cmocka_unit_test(test_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
