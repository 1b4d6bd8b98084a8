// SPDX-License-Identifier: GPL-2.0
/*
 * The stock of pieces: nobody has one that another one has, whoever comes in between; what
 * came back is had again before there is more; what nobody has goes. The very file of the
 * module, compiled for this process.
 */
#include <linux/types.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stock.c"

#define MOST	(10 * SVCNAT_STOCK_PIECES)

static void *had[MOST];
static unsigned int n;

/* Whoever has it writes to all of it. */
static void *take(void)
{
	void *piece = svcnat_stock_take();

	if (piece) {
		memset(piece, 0x5a, SVCNAT_STOCK_PIECE);
		assert_in_range(n, 0, MOST - 1);
		had[n++] = piece;
	}
	return piece;
}

static void take_some(unsigned int some)
{
	while (some--)
		assert_non_null(take());
}

static int by_address(const void *a, const void *b)
{
	const char *x = *(char *const *)a, *y = *(char *const *)b;

	return x < y ? -1 : x > y;
}

static void check(void)
{
	unsigned int i;

	qsort(had, n, sizeof(had[0]), by_address);
	for (i = 0; i < n; i++) {
		assert_int_equal((unsigned long)had[i] % SVCNAT_STOCK_PIECE, 0);
		assert_true(!i || (char *)had[i] >= (char *)had[i - 1] + SVCNAT_STOCK_PIECE);
	}
}

/* Every step-th one, from the last on. */
static void give_some(unsigned int step)
{
	unsigned int i;

	for (i = n; i-- > 0; ) {
		if (i % step)
			continue;
		svcnat_stock_give(had[i]);
		had[i] = had[--n];
	}
}

static int finish(void **state)
{
	kshim_interrupt = NULL;
	give_some(1);
	svcnat_stock_exit();
	assert_true(list_empty(&svcnat_stock_blocks));
	n = 0;
	kshim_allocated = 0;
	kshim_cpu = 0;
	(void)state;
	return 0;
}

static void test_pieces(void **state)
{
	assert_int_equal(kshim_allocated, 0);
	take_some(1);
	assert_int_equal(kshim_allocated, 1);
	take_some(SVCNAT_STOCK_PIECES - 1);
	assert_int_equal(kshim_allocated, 1);
	take_some(1);
	assert_int_equal(kshim_allocated, 2);
	take_some(5 * SVCNAT_STOCK_PIECES);
	assert_int_equal(kshim_allocated, 7);
	check();
	(void)state;
}

static void test_had_again(void **state)
{
	take_some(4 * SVCNAT_STOCK_PIECES);
	check();
	give_some(3);
	take_some(4 * SVCNAT_STOCK_PIECES - n);
	check();
	assert_int_equal(kshim_allocated, 4);

	/* Back altogether, they are no more: the next ones are of a new block. */
	give_some(1);
	assert_true(list_empty(&svcnat_stock_blocks));
	take_some(1);
	assert_int_equal(kshim_allocated, 5);
	(void)state;
}

static void test_no_memory(void **state)
{
	kshim_fail = 1;
	assert_null(take());
	take_some(SVCNAT_STOCK_PIECES);
	kshim_fail = 1;
	assert_null(take());
	give_some(SVCNAT_STOCK_PIECES);
	kshim_fail = 1;
	take_some(1);			/* needs none */
	assert_null(take());
	assert_int_equal(kshim_fail, 0);
	check();
	(void)state;
}

static void test_each_cpu(void **state)
{
	take_some(3);
	kshim_cpu = 1;
	take_some(3);
	assert_int_equal(kshim_allocated, 2);
	take_some(SVCNAT_STOCK_PIECES - 3);
	kshim_cpu = 0;
	take_some(SVCNAT_STOCK_PIECES - 3);
	assert_int_equal(kshim_allocated, 2);
	check();
	(void)state;
}

static void interrupt_takes(void)
{
	take_some(1);
}

static void interrupt_takes_all(void)
{
	take_some(SVCNAT_STOCK_PIECES + 3);
}

static void interrupt_moves(void)
{
	kshim_cpu = !kshim_cpu;
}

static void interrupt_moves_and_takes(void)
{
	kshim_cpu = !kshim_cpu;
	take_some(2);
}

static void test_interrupted(void **state)
{
	static void (*const interrupts[])(void) = {
		interrupt_takes, interrupt_takes_all, interrupt_moves, interrupt_moves_and_takes,
	};
	unsigned int i, left;

	for (i = 0; i < ARRAY_SIZE(interrupts); i++) {
		/* With nothing ready, with one piece, with many. */
		for (left = 0; left < SVCNAT_STOCK_PIECES; left += left ? 30 : 1) {
			take_some(SVCNAT_STOCK_PIECES - left);
			kshim_interrupt = interrupts[i];
			take_some(1);
			check();
			take_some(SVCNAT_STOCK_PIECES);
			check();
			finish(NULL);
		}
	}
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_pieces, finish),
		cmocka_unit_test_teardown(test_had_again, finish),
		cmocka_unit_test_teardown(test_no_memory, finish),
		cmocka_unit_test_teardown(test_each_cpu, finish),
		cmocka_unit_test_teardown(test_interrupted, finish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
