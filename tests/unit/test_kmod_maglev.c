// SPDX-License-Identifier: GPL-2.0
/*
 * Maglev tables: nodes agree, a change of endpoints moves few connections, each
 * has its share, and no set of endpoints makes the building long. The very files
 * of the module, compiled for this process.
 */
#include <linux/types.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "list.c"
#include "maglev.c"
#include "select.c"

#include "pool.h"

#define MAGLEV	SVCNAT_SCHEDULER_MAGLEV

/* ---- sizes */

static bool is_prime(u32 n)
{
	u32 i;

	for (i = 2; i * i <= n; i++)
		if (n % i == 0)
			return false;
	return n > 1;
}

/* A prime has no stride that does not reach all slots. */
static void test_sizes(void **state)
{
	static const u32 last[] = { 81, 327, 1310 };	/* of each size but the greatest */
	u32 i, n, border = 0;

	for (i = 0; i < ARRAY_SIZE(svcnat_maglev_sizes); i++)
		assert_true(is_prime(svcnat_maglev_sizes[i]));
	for (n = 2; n <= SVCNAT_ENDPOINTS_MAX; n++) {
		u32 size = svcnat_maglev_size(n);

		if (size < n * 200 && size != 1000003)
			fail_msg("%u endpoints: %u slots", n, size);
		if (n == SVCNAT_ENDPOINTS_MAX || size == svcnat_maglev_size(n + 1))
			continue;
		assert_true(border < ARRAY_SIZE(last));
		assert_int_equal(n, last[border++]);
	}
	assert_int_equal(border, ARRAY_SIZE(last));
	(void)state;
}

/* ---- the hash */

/* The known answer from the paper: the stand-in is what the kernel has. */
static void test_siphash(void **state)
{
	static const siphash_key_t key = { { 0x0706050403020100ULL, 0x0f0e0d0c0b0a0908ULL } };
	u8 in[15];
	u32 i;

	for (i = 0; i < sizeof(in); i++)
		in[i] = i;
	assert_true(siphash(in, sizeof(in), &key) == 0xa129ca6149be45e5ULL);
	in[14]++;
	assert_false(siphash(in, sizeof(in), &key) == 0xa129ca6149be45e5ULL);
	(void)state;
}

/* ---- nodes agree */

/* What the table says, in numbers that the byte order has no part in. */
static u64 digest(const struct svcnat_list *list)
{
	static const siphash_key_t key = { { 1, 2 } };
	u8 *bytes = malloc(2 * list->maglev_size);
	u64 hash;
	u32 i;

	assert_non_null(bytes);
	for (i = 0; i < list->maglev_size; i++) {
		bytes[2 * i] = list->maglev[i] >> 8;
		bytes[2 * i + 1] = (u8)list->maglev[i];
	}
	hash = siphash(bytes, 2 * list->maglev_size, &key);
	free(bytes);
	return hash;
}

static void shuffle(struct svcnat_spec_endpoint *spec, u32 n, u32 seed)
{
	while (n > 1) {
		struct svcnat_spec_endpoint other = spec[n - 1];
		u32 i;

		seed = seed * 1664525 + 1013904223;
		i = reciprocal_scale(seed, n--);
		spec[n] = spec[i];
		spec[i] = other;
	}
}

static void test_order(void **state)
{
	static const u16 weights[] = { 1, 2, 4 };
	u32 i, seed;

	for (seed = 1; seed < 4; seed++) {
		struct svcnat_spec_endpoint *spec = pool_specs(NFPROTO_IPV6, 0, 50);
		struct svcnat_endpoints *a, *b;

		for (i = 0; i < 50; i++)
			spec[i].weight = weights[i % 3];
		a = pool_make(spec, 50, MAGLEV);
		shuffle(spec, 50, seed);
		assert_false(!memcmp(&spec[0].key, &a->v[0].endpoint->key, sizeof(spec[0].key)));
		assert_null(svcnat_endpoints_sort(spec, 50));
		b = pool_make(spec, 50, MAGLEV);
		assert_int_equal(a->cluster.maglev_size, b->cluster.maglev_size);
		assert_memory_equal(a->cluster.maglev, b->cluster.maglev,
				    a->cluster.maglev_size * sizeof(a->cluster.maglev[0]));
		assert_true(digest(&a->cluster) == digest(&b->cluster));
		pool_free(b);

		/* near by: another port of one */
		spec[25].key.port = htons(8081);
		b = pool_make(spec, 50, MAGLEV);
		assert_false(digest(&a->cluster) == digest(&b->cluster));
		pool_free(a);
		pool_free(b);
		free(spec);
	}
	(void)state;
}

/*
 * What nodes with an older module have: who changes this lets nodes of two
 * versions disagree. The numbers were worked out a second time by a program of
 * its own, from the bytes of addresses and ports as they are on the wire, so a
 * node of the other byte order has them too.
 */
static void test_for_good(void **state)
{
	static const u16 weights[] = { 1, 2, 4 };
	static const struct {
		u8 family;
		u32 n;
		bool weighted;
		u64 digest;
		u32 choices[6];		/* of the first flows */
	} cases[] = {
		{ NFPROTO_IPV4, 5, false, 0xfc42e57abbae4d30ULL, { 2, 2, 2, 0, 2, 2 } },
		{ NFPROTO_IPV6, 5, false, 0x09ca12405c9692dcULL, { 4, 2, 2, 3, 4, 2 } },
		{ NFPROTO_IPV4, 100, true, 0x6b7d3cb146f92a7fULL, { 20, 8, 65, 71, 92, 13 } },
	};
	u32 i, f;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct svcnat_endpoints *eps = pool(cases[i].family, cases[i].n, MAGLEV,
						    cases[i].weighted ? weights : NULL, 3);

		if (digest(&eps->cluster) != cases[i].digest)
			fail_msg("case %u: %#llx", i,
				 (unsigned long long)digest(&eps->cluster));
		for (f = 0; f < ARRAY_SIZE(cases[i].choices); f++) {
			struct svcnat_flow flow = pool_flow(cases[i].family, f, 2);
			u32 choice = svcnat_maglev_choice(&eps->cluster, &flow);

			if (choice != cases[i].choices[f])
				fail_msg("case %u: flow %u: %u", i, f, choice);
		}
		pool_free(eps);
	}
	(void)state;
}

/* ---- a change moves little */

static bool same_owner(const struct svcnat_list *a, u32 i, const struct svcnat_list *b, u32 j)
{
	return !memcmp(&a->choices[i].endpoint->key, &b->choices[j].endpoint->key,
		       sizeof(struct svcnat_key));
}

/* The part of the slots of those who are in both lists that has another owner. */
static double moved(const struct svcnat_endpoints *a, const struct svcnat_endpoints *b)
{
	const struct svcnat_list *x = &a->cluster, *y = &b->cluster;
	u32 i, all = 0, n = 0;

	assert_int_equal(x->maglev_size, y->maglev_size);
	for (i = 0; i < x->maglev_size; i++) {
		if (!svcnat_endpoints_find(b, &x->choices[x->maglev[i]].endpoint->key))
			continue;
		all++;
		n += !same_owner(x, x->maglev[i], y, y->maglev[i]);
	}
	assert_int_not_equal(all, 0);
	return (double)n / all;
}

/* Take one out of n; and the other way round, put it in. */
static void check_change(u8 family, u32 n, u32 gone, const u16 *weights, u32 nweights,
			 double most)
{
	struct svcnat_endpoints *with = pool(family, n, MAGLEV, weights, nweights), *without;
	struct svcnat_spec_endpoint *spec = pool_specs(family, 0, n);
	double part;
	u32 i;

	for (i = 0; weights && i < n; i++)
		spec[i].weight = weights[i % nweights];
	memmove(&spec[gone], &spec[gone + 1], (n - gone - 1) * sizeof(spec[0]));
	without = pool_make(spec, n - 1, MAGLEV);

	part = moved(with, without);
	if (part > most)
		fail_msg("%u endpoints, without %u: %.4f move", n, gone, part);
	pool_free(with);
	pool_free(without);
	free(spec);
}

static void test_removal(void **state)
{
	u32 i;

	for (i = 0; i < 100; i++)
		check_change(NFPROTO_IPV4, 100, i, NULL, 0, 0.01);
	for (i = 0; i < 100; i += 9)
		check_change(NFPROTO_IPV6, 100, i, NULL, 0, 0.01);
	for (i = 0; i < 10; i++)
		check_change(NFPROTO_IPV4, 10, i, NULL, 0, 0.01);
	for (i = 0; i < 81; i += 8)
		check_change(NFPROTO_IPV4, 81, i, NULL, 0, 0.015);
	for (i = 0; i < 1000; i += 333)
		check_change(NFPROTO_IPV4, 1000, i, NULL, 0, 0.006);
	(void)state;
}

static void test_removal_weighted(void **state)
{
	static const u16 weights[] = { 1, 2, 4 };
	u32 i;

	for (i = 0; i < 100; i += 3)
		check_change(NFPROTO_IPV4, 100, i, weights, 3, 0.02);
	(void)state;
}

/* It is the consistency that does it: the plain remainder moves nearly all. */
static void test_remainder_moves(void **state)
{
	u32 i, n = 0;

	for (i = 0; i < 10000; i++)
		n += i % 100 != i % 99;
	assert_true(n > 9000);
	(void)state;
}

/* What a table says is what connections do. Of 100,000, the others' that move. */
static void test_removal_connections(void **state)
{
	struct svcnat_endpoints *a = pool(NFPROTO_IPV4, 100, MAGLEV, NULL, 0);
	struct svcnat_endpoints *b = pool(NFPROTO_IPV4, 99, MAGLEV, NULL, 0);	/* not the last */
	struct svcnat_endpoints *again = pool(NFPROTO_IPV4, 100, MAGLEV, NULL, 0);
	u32 i, moves = 0, of = 0;

	for (i = 0; i < 100000; i++) {
		struct svcnat_flow f = pool_flow(NFPROTO_IPV4, i, 100);
		u32 before = svcnat_maglev_choice(&a->cluster, &f);
		u32 after = svcnat_maglev_choice(&b->cluster, &f);

		assert_int_equal(before, svcnat_maglev_choice(&again->cluster, &f));
		if (before == 99)
			continue;
		of++;
		moves += before != after;
	}
	assert_in_range(of, 98500, 99500);
	assert_in_range(moves, 1, of / 50);
	pool_free(a);
	pool_free(b);
	pool_free(again);
	(void)state;
}

/* Half of its weight goes to the others; apart from that little moves. */
static void test_reweighing(void **state)
{
	struct svcnat_endpoints *a, *b;
	struct svcnat_spec_endpoint *spec = pool_specs(NFPROTO_IPV4, 0, 100);
	u32 i, n = 0;

	for (i = 0; i < 100; i++)
		spec[i].weight = 100;
	a = pool_make(spec, 100, MAGLEV);
	spec[40].weight = 50;
	b = pool_make(spec, 100, MAGLEV);
	for (i = 0; i < a->cluster.maglev_size; i++)
		n += a->cluster.maglev[i] != 40 && a->cluster.maglev[i] != b->cluster.maglev[i];
	assert_in_range(n, 1, a->cluster.maglev_size / 100);
	pool_free(a);
	pool_free(b);
	free(spec);
	(void)state;
}

/* ---- shares */

static u32 *count_slots(const struct svcnat_list *list)
{
	u32 *counts = calloc(list->n, sizeof(*counts)), i;

	assert_non_null(counts);
	for (i = 0; i < list->maglev_size; i++) {
		assert_true(list->maglev[i] < list->n);
		counts[list->maglev[i]]++;
	}
	return counts;
}

static void check_shares(u32 n, const u16 *weights, u32 nweights)
{
	struct svcnat_endpoints *eps = pool(NFPROTO_IPV4, n, MAGLEV, weights, nweights);
	const struct svcnat_list *list = &eps->cluster;
	u32 *counts = count_slots(list), i;

	for (i = 0; i < n; i++) {
		double share = (double)list->maglev_size * svcnat_list_weight(list, i) /
			       list->weight;

		/* the first round is everybody's, the last one need not be whole */
		if (!counts[i] || counts[i] < share * 0.97 - 2 || counts[i] > share * 1.03 + 2)
			fail_msg("%u endpoints, %u of weight %u: %u slots for %.1f", n, i,
				 svcnat_list_weight(list, i), counts[i], share);
	}
	free(counts);
	pool_free(eps);
}

static void test_shares(void **state)
{
	static const u16 steps[] = { 1, 2, 4 }, ends[] = { 256, 1, 1, 1 }, odd[] = { 255, 256 };
	static const u16 lonely[] = { 256, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 };

	check_shares(2, NULL, 0);
	check_shares(3, steps, 3);
	check_shares(100, NULL, 0);
	check_shares(100, steps, 3);
	check_shares(100, ends, 4);
	check_shares(100, odd, 2);
	check_shares(1000, lonely, ARRAY_SIZE(lonely));
	check_shares(2000, ends, 4);
	(void)state;
}

/* As many as there may be: the indices do not run over, nobody is left out. */
static void test_most(void **state)
{
	check_shares(SVCNAT_ENDPOINTS_MAX, NULL, 0);
	(void)state;
}

/* ---- the time it takes */

/* All want the same slots in the same order: each walk is as long as it can be. */
static void check_bound(const struct svcnat_list *list, u64 probes, u64 least_left)
{
	struct svcnat_maglev_build b = {
		.size = list->maglev_size, .probes = probes,
		.table = calloc(list->maglev_size, sizeof(u16)),
		.taken = calloc(BITS_TO_LONGS(list->maglev_size), sizeof(long)),
		.walks = calloc(list->n, sizeof(struct svcnat_maglev_walk)),
	};
	u32 *counts = calloc(list->n, sizeof(*counts)), i;

	assert_true(b.table && b.taken && b.walks && counts);
	svcnat_maglev_start(&b, list);
	for (i = 0; i < list->n; i++) {
		b.walks[i].slot = 5;
		b.walks[i].skip = 1;
	}
	svcnat_maglev_fill(&b, list);
	assert_true(b.probes >= least_left && b.probes < probes);
	assert_int_equal(b.filled, b.size);
	for (i = 0; i < b.size; i++) {
		assert_true(test_bit(i, b.taken));
		counts[b.table[i]]++;
	}
	for (i = 0; i < list->n; i++)
		assert_in_range(counts[i], b.size / list->n, b.size / list->n + 1);
	free(b.table);
	free(b.taken);
	free(b.walks);
	free(counts);
}

static void test_bound(void **state)
{
	struct svcnat_endpoints *eps = pool(NFPROTO_IPV4, 80, MAGLEV, NULL, 0);
	u64 size = eps->cluster.maglev_size;

	/* enough for all walks from end to end: 80 a slot */
	check_bound(&eps->cluster, size * 80, 1);
	/* what there is is not: they stop, and all slots have an owner all the same */
	check_bound(&eps->cluster, size * SVCNAT_MAGLEV_PROBES, 0);
	check_bound(&eps->cluster, 1, 0);
	pool_free(eps);
	(void)state;
}

static struct svcnat_endpoints *make_one_heavy(u32 n)
{
	struct svcnat_spec_endpoint *spec = pool_specs(NFPROTO_IPV4, 0, n);
	struct svcnat_endpoints *eps;

	spec[n / 2].weight = 256;
	eps = pool_make(spec, n, MAGLEV);
	free(spec);
	return eps;
}

/*
 * What a turn costs: as much as the heaviest weighs, so that it has one a round;
 * but one heavy among many light does not make for rounds that are its own.
 */
static void test_unit(void **state)
{
	static const u16 plain[] = { 1, 2, 4 }, lonely[] = { 256, 1, 1, 1, 1, 1, 1, 1, 1, 1 };
	struct svcnat_endpoints *eps = pool(NFPROTO_IPV4, 30, MAGLEV, plain, 3);
	const struct svcnat_list *list;

	assert_int_equal(svcnat_maglev_unit(&eps->cluster), 4);
	pool_free(eps);
	eps = pool(NFPROTO_IPV4, 30, MAGLEV, lonely, 10);
	assert_int_equal(svcnat_maglev_unit(&eps->cluster), 256);
	pool_free(eps);

	eps = pool(NFPROTO_IPV4, 255, MAGLEV, NULL, 0);
	assert_int_equal(svcnat_maglev_unit(&eps->cluster), 1);
	pool_free(eps);

	eps = pool(NFPROTO_IPV4, 20, MAGLEV, lonely, 1);
	assert_int_equal(svcnat_maglev_unit(&eps->cluster), 1);
	pool_free(eps);

	eps = make_one_heavy(1000);
	list = &eps->cluster;
	assert_int_equal(svcnat_maglev_unit(list), 16);
	assert_true(svcnat_maglev_unit(list) * list->n <= 16 * list->weight);
	pool_free(eps);
	(void)state;
}

/* Ordinary sets are far from it. */
static void test_probes(void **state)
{
	static const u32 sizes[] = { 2, 10, 81, 100, 1000, 10000 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct svcnat_endpoints *eps = pool(NFPROTO_IPV4, sizes[i], MAGLEV, NULL, 0);
		struct svcnat_maglev_build b = {
			.size = eps->cluster.maglev_size,
			.probes = (u64)eps->cluster.maglev_size * SVCNAT_MAGLEV_PROBES,
			.table = calloc(eps->cluster.maglev_size, sizeof(u16)),
			.taken = calloc(BITS_TO_LONGS(eps->cluster.maglev_size), sizeof(long)),
			.walks = calloc(sizes[i], sizeof(struct svcnat_maglev_walk)),
		};

		assert_true(b.table && b.taken && b.walks);
		svcnat_maglev_start(&b, &eps->cluster);
		svcnat_maglev_fill(&b, &eps->cluster);
		assert_true(b.probes > (u64)b.size * (SVCNAT_MAGLEV_PROBES - 16));
		free(b.table);
		free(b.taken);
		free(b.walks);
		pool_free(eps);
	}
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_siphash),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_for_good),
		cmocka_unit_test(test_removal),
		cmocka_unit_test(test_removal_weighted),
		cmocka_unit_test(test_remainder_moves),
		cmocka_unit_test(test_removal_connections),
		cmocka_unit_test(test_reweighing),
		cmocka_unit_test(test_shares),
		cmocka_unit_test(test_most),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_unit),
		cmocka_unit_test(test_probes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
