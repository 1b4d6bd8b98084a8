// SPDX-License-Identifier: GPL-2.0
/*
 * The schedulers: do they spread connections evenly, in proportion to weights,
 * and always in the same way where they must? All that is random here comes from
 * fixed keys: a test that passes once passes for good. The very files of the
 * module, compiled for this process.
 */
#include <linux/types.h>
#include <limits.h>
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

#define ENDPOINTS	100
#define CONNECTIONS	100000

static const char *const names[] = { "hash", "source", "maglev", "rr", "leastconn" };

/* Numbers that have nothing in common with the hash under test. */
static u32 test_key(u32 i)
{
	return (i + 1) * 0x9e3779b97f4a7c15ULL >> 32;
}

/* The stand-in is what the kernel has: the answers of include/linux/jhash.h. */
static void test_jhash(void **state)
{
	static const u32 answers[] = {
		0x7e31be72, 0x06e4cdb2, 0x0161ba29, 0xc860dd7d, 0x3ef05a2d, 0x79bee5ae, 0xe307c318,
	};
	u32 words[ARRAY_SIZE(answers)], i;

	for (i = 0; i < ARRAY_SIZE(answers); i++) {
		words[i] = 0x01020304 * (i + 1);
		assert_int_equal(jhash2(words, i + 1, 0x2a), answers[i]);
	}
	(void)state;
}

/* ---- distribution */

/* With 99 degrees of freedom: exceeded by chance once in 1000, and in 20,000 times. */
#define CHI_99_1000	148.23
#define CHI_99_20000	163.38
/* With 20 times as many: between these two but for once in 500 times. */
#define CHI_1980_LOW	1791.2
#define CHI_1980_HIGH	2180.2

static double chi_square(const u32 *counts, u32 n, u32 total)
{
	double expected = (double)total / n, chi = 0;
	u32 i;

	for (i = 0; i < n; i++)
		chi += (counts[i] - expected) * (counts[i] - expected) / expected;
	return chi;
}

/* A statistic that finds nothing would let everything pass. */
static void test_chi_square(void **state)
{
	u32 counts[ENDPOINTS], i;

	for (i = 0; i < ENDPOINTS; i++)
		counts[i] = CONNECTIONS / ENDPOINTS;
	assert_true(chi_square(counts, ENDPOINTS, CONNECTIONS) == 0);

	/* 5 % more here, 5 % less there: 100 * 50² / 1000 */
	for (i = 0; i < ENDPOINTS; i++)
		counts[i] += i % 2 ? 50 : -50;
	assert_true(chi_square(counts, ENDPOINTS, CONNECTIONS) == 250);

	/* one that gets nothing */
	for (i = 0; i < ENDPOINTS; i++)
		counts[i] = CONNECTIONS / ENDPOINTS;
	counts[3] = 0;
	counts[4] *= 2;
	assert_true(chi_square(counts, ENDPOINTS, CONNECTIONS) > CHI_99_20000);

	/* a hash of 6 bits for 100 endpoints */
	memset(counts, 0, sizeof(counts));
	for (i = 0; i < CONNECTIONS; i++)
		counts[i % 64]++;
	assert_true(chi_square(counts, ENDPOINTS, CONNECTIONS) > CHI_99_20000);
	(void)state;
}

/* How connections of the clients from the first one on spread. */
static double spread(const struct svcnat_endpoints *eps, enum svcnat_scheduler scheduler,
		     u8 family, u32 first, u32 clients, u32 key)
{
	u32 counts[ENDPOINTS] = { 0 }, i;

	for (i = 0; i < CONNECTIONS; i++) {
		struct svcnat_flow f = pool_flow(family, i, clients);

		f.saddr.all[3] ^= htonl(first);
		if (family == NFPROTO_IPV4) {
			f.saddr.ip = htonl(ntohl(f.saddr.ip) + first);
			f.saddr.all[3] = 0;
		}
		counts[pool_index(eps, svcnat_select_endpoint(&eps->cluster, scheduler, &f, key,
							      0))]++;
	}
	return chi_square(counts, ENDPOINTS, CONNECTIONS);
}

static const struct spread_case {
	const char *name;
	enum svcnat_scheduler scheduler;
	u8 family;
	u32 clients;
} spread_cases[] = {
	{ "hash, two clients", SVCNAT_SCHEDULER_HASH, NFPROTO_IPV4, 2 },
	{ "hash", SVCNAT_SCHEDULER_HASH, NFPROTO_IPV4, 100 },
	{ "hash, each its own client", SVCNAT_SCHEDULER_HASH, NFPROTO_IPV4, CONNECTIONS },
	{ "hash, IPv6", SVCNAT_SCHEDULER_HASH, NFPROTO_IPV6, 100 },
	{ "hash, each its own client, IPv6", SVCNAT_SCHEDULER_HASH, NFPROTO_IPV6, CONNECTIONS },
	{ "source", SVCNAT_SCHEDULER_SOURCE, NFPROTO_IPV4, CONNECTIONS },
	{ "source, IPv6", SVCNAT_SCHEDULER_SOURCE, NFPROTO_IPV6, CONNECTIONS },
	{ "maglev", SVCNAT_SCHEDULER_MAGLEV, NFPROTO_IPV4, 100 },
	{ "maglev, each its own client", SVCNAT_SCHEDULER_MAGLEV, NFPROTO_IPV4, CONNECTIONS },
	{ "maglev, IPv6", SVCNAT_SCHEDULER_MAGLEV, NFPROTO_IPV6, 100 },
};

static void test_spread(void **state)
{
	u32 key = test_key(0);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(spread_cases); i++) {
		const struct spread_case *c = &spread_cases[i];
		struct svcnat_endpoints *eps = pool(c->family, ENDPOINTS, c->scheduler, NULL, 0);
		double chi = spread(eps, c->scheduler, c->family, 0, c->clients, key);

		if (!(chi < CHI_99_1000))
			fail_msg("%s: %.2f", c->name, chi);
		pool_free(eps);
	}
	(void)state;
}

/*
 * Twenty keys, or other clients where there is no key. One of twenty fair ones
 * would pass 148.23 once in fifty times, so each has 163.38, once in a thousand
 * for all of them. Their sum is what is strict: a bias too small to be seen in
 * one run adds up in it, and what is evener than chance comes out below.
 */
static void test_spread_many_keys(void **state)
{
	size_t i;
	u32 k;

	for (i = 0; i < ARRAY_SIZE(spread_cases); i++) {
		const struct spread_case *c = &spread_cases[i];
		struct svcnat_endpoints *eps = pool(c->family, ENDPOINTS, c->scheduler, NULL, 0);
		double sum = 0;

		for (k = 0; k < 20; k++) {
			bool keyed = c->scheduler != SVCNAT_SCHEDULER_MAGLEV;
			u32 key = test_key(k);
			double chi = spread(eps, c->scheduler, c->family, keyed ? 0 : k << 20,
					    c->clients, key);

			if (!(chi < CHI_99_20000))
				fail_msg("%s, key %u: %.2f", c->name, k, chi);
			sum += chi;
		}
		if (!(sum > CHI_1980_LOW && sum < CHI_1980_HIGH))
			fail_msg("%s, all keys: %.2f", c->name, sum);
		pool_free(eps);
	}
	(void)state;
}

/* ---- weights */

/*
 * 1:2:4, each connection stays: within 3 % for all endpoints of a weight, and for
 * those that count, to the last connection of each.
 */
static void check_weights(enum svcnat_scheduler scheduler, u8 family, u32 n)
{
	static const u16 weights[] = { 1, 2, 4 };
	struct svcnat_endpoints *eps = pool(family, n, scheduler, weights, 3);
	u32 i, sums[3] = { 0 }, each = 210000 / n, total = each * n / 3 * 7;
	u32 key = test_key(1);

	for (i = 0; i < total; i++) {
		struct svcnat_flow f = pool_flow(family, i, total);

		f.sport = htons(1024 + i % 50000);
		svcnat_select_endpoint(&eps->cluster, scheduler, &f, key, i)->active.counter++;
	}
	for (i = 0; i < n; i++) {
		u32 count = eps->v[i].endpoint->active.counter;

		sums[i % 3] += count;
		if (!svcnat_scheduler_deterministic(scheduler))
			assert_int_equal(count, each * weights[i % 3]);
	}
	for (i = 0; i < 3; i++) {
		double share = (double)sums[i] / (each * n / 3) / weights[i];

		if (share < 0.97 || share > 1.03)
			fail_msg("%s, %u endpoints: those of weight %u have %.4f of their share",
				 names[scheduler], n, weights[i], share);
	}
	pool_free(eps);
}

static void test_weights(void **state)
{
	int scheduler;

	for (scheduler = 0; scheduler <= SVCNAT_SCHEDULER_MAX; scheduler++) {
		check_weights(scheduler, NFPROTO_IPV4, 3);
		check_weights(scheduler, NFPROTO_IPV6, 3);
		check_weights(scheduler, NFPROTO_IPV4, 30);
	}
	(void)state;
}

/* Nor what stands in the other list; and everybody else is. */
static void test_weight_zero(void **state)
{
	static const u16 weights[] = { 0, 3, 0, 256, 1, 0 };
	u32 key = test_key(2);
	int scheduler;
	u32 i;

	for (scheduler = 0; scheduler <= SVCNAT_SCHEDULER_MAX; scheduler++) {
		struct svcnat_endpoints *eps = pool(NFPROTO_IPV4, 12, scheduler, weights, 6);

		assert_int_equal(eps->cluster.n, 6);
		assert_int_equal(eps->cluster.weight, 2 * (3 + 256 + 1));
		for (i = 0; i < 20000; i++) {
			struct svcnat_flow f = pool_flow(NFPROTO_IPV4, i, 20000);

			svcnat_select_endpoint(&eps->cluster, scheduler, &f, key,
					       i)->active.counter++;
		}
		for (i = 0; i < 12; i++)
			if (!eps->v[i].endpoint->active.counter != !weights[i % 6])
				fail_msg("%s: weight %u: %d", names[scheduler], weights[i % 6],
					 eps->v[i].endpoint->active.counter);
		pool_free(eps);
	}
	(void)state;
}

/* All of one weight are all of weight one. */
static void test_weights_uniform(void **state)
{
	static const u16 weights[] = { 200 };
	u32 key = test_key(3);
	int scheduler;
	u32 i;

	for (scheduler = 0; scheduler <= SVCNAT_SCHEDULER_MAX; scheduler++) {
		struct svcnat_endpoints *plain = pool(NFPROTO_IPV4, 7, scheduler, NULL, 0);
		struct svcnat_endpoints *heavy = pool(NFPROTO_IPV4, 7, scheduler, weights, 1);

		assert_int_equal(heavy->cluster.weight, 7);
		for (i = 0; i < 1000; i++) {
			struct svcnat_flow f = pool_flow(NFPROTO_IPV4, i, 10);
			u32 a = pool_index(plain, svcnat_select_endpoint(&plain->cluster, scheduler,
									 &f, key, i));
			u32 b = pool_index(heavy, svcnat_select_endpoint(&heavy->cluster, scheduler,
									 &f, key, i));

			assert_int_equal(a, b);
		}
		pool_free(plain);
		pool_free(heavy);
	}
	(void)state;
}

/* ---- what the choice depends on */

enum part {
	SADDR = 1 << 0, DADDR = 1 << 1, SPORT = 1 << 2, DPORT = 1 << 3, PROTO = 1 << 4,
	KEY = 1 << 5, TURN = 1 << 6, MADE_HERE = 1 << 7,
};

#define TUPLE	(SADDR | DADDR | SPORT | DPORT | PROTO)

static struct svcnat_endpoint *choose_other(const struct svcnat_endpoints *eps,
					    enum svcnat_scheduler scheduler,
					    struct svcnat_flow f, u32 part)
{
	u32 key = test_key(part & KEY ? 5 : 4);

	if (part & SADDR)
		f.saddr.all[f.family == NFPROTO_IPV4 ? 0 : 2] ^= htonl(1);
	if (part & DADDR)
		f.daddr.all[f.family == NFPROTO_IPV4 ? 0 : 3] ^= htonl(1);
	if (part & SPORT)
		f.sport ^= htons(1);
	if (part & DPORT)
		f.dport ^= htons(1);
	if (part & PROTO)
		f.proto = IPPROTO_UDP;
	f.local = part & MADE_HERE;
	return svcnat_select_endpoint(&eps->cluster, scheduler, &f, key, part & TURN ? 1 : 0);
}

/* Of 500 flows, how many have another endpoint when that part is another? */
static u32 differ(const struct svcnat_endpoints *eps, enum svcnat_scheduler scheduler,
		  u8 family, u32 part)
{
	u32 i, n = 0;

	for (i = 0; i < 500; i++) {
		struct svcnat_flow f = pool_flow(family, i, 100);

		n += choose_other(eps, scheduler, f, 0) != choose_other(eps, scheduler, f, part);
	}
	return n;
}

/* A part that matters moves most of them: 99 of 100, if the hash is any good. */
static void test_parts(void **state)
{
	static const struct {
		enum svcnat_scheduler scheduler;
		u32 parts;
	} cases[] = {
		{ SVCNAT_SCHEDULER_HASH, TUPLE | KEY },
		{ SVCNAT_SCHEDULER_SOURCE, SADDR | KEY },
		{ SVCNAT_SCHEDULER_MAGLEV, TUPLE },
		{ SVCNAT_SCHEDULER_RR, TURN },
		{ SVCNAT_SCHEDULER_LEASTCONN, TURN },
	};
	size_t i;
	u32 part;
	int v6;

	assert_int_equal(ARRAY_SIZE(cases), SVCNAT_SCHEDULER_MAX + 1);
	for (i = 0; i < 2 * ARRAY_SIZE(cases); i++) {
		enum svcnat_scheduler scheduler = cases[i / 2].scheduler;
		u8 family = i % 2 ? NFPROTO_IPV6 : NFPROTO_IPV4;
		struct svcnat_endpoints *eps = pool(family, ENDPOINTS, scheduler, NULL, 0);

		for (part = 1; part <= MADE_HERE; part <<= 1) {
			u32 n = differ(eps, scheduler, family, part);

			v6 = family == NFPROTO_IPV6;
			if (cases[i / 2].parts & part ? n < 480 : n)
				fail_msg("%s, IPv%d, part %#x: %u differ", names[scheduler],
					 v6 ? 6 : 4, part, n);
		}
		pool_free(eps);
	}
	(void)state;
}

static void test_deterministic(void **state)
{
	assert_true(svcnat_scheduler_deterministic(SVCNAT_SCHEDULER_HASH));
	assert_true(svcnat_scheduler_deterministic(SVCNAT_SCHEDULER_SOURCE));
	assert_true(svcnat_scheduler_deterministic(SVCNAT_SCHEDULER_MAGLEV));
	assert_false(svcnat_scheduler_deterministic(SVCNAT_SCHEDULER_RR));
	assert_false(svcnat_scheduler_deterministic(SVCNAT_SCHEDULER_LEASTCONN));
	(void)state;
}

/* The ends of the hash are the ends of the list, with weights too. */
static void test_hash_ends(void **state)
{
	static const u16 weights[] = { 5, 1, 256 };
	struct svcnat_endpoints *plain = pool(NFPROTO_IPV4, 3, SVCNAT_SCHEDULER_HASH, NULL, 0);
	struct svcnat_endpoints *heavy = pool(NFPROTO_IPV4, 3, SVCNAT_SCHEDULER_HASH, weights, 3);
	const struct svcnat_list *list = &heavy->cluster;

	assert_int_equal(svcnat_select_by_hash(&plain->cluster, 0), 0);
	assert_int_equal(svcnat_select_by_hash(&plain->cluster, UINT_MAX), 2);
	assert_int_equal(svcnat_select_by_hash(list, 0), 0);
	assert_int_equal(svcnat_select_by_hash(list, UINT_MAX), 2);
	assert_int_equal(svcnat_select_position(list, 4), 0);
	assert_int_equal(svcnat_select_position(list, 5), 1);
	assert_int_equal(svcnat_select_position(list, 6), 2);
	assert_int_equal(svcnat_select_position(list, 261), 2);
	pool_free(plain);
	pool_free(heavy);
	(void)state;
}

/* ---- rr */

static u32 rr(const struct svcnat_endpoints *eps, u32 turn)
{
	struct svcnat_flow f = pool_flow(NFPROTO_IPV4, 0, 1);
	u32 key = test_key(6);

	return pool_index(eps, svcnat_select_endpoint(&eps->cluster, SVCNAT_SCHEDULER_RR, &f,
						      key, turn));
}

#define WEIGHTS(...)	{ __VA_ARGS__ }, sizeof((u16[]){ __VA_ARGS__ }) / sizeof(u16)

static const struct {
	u16 weights[12];
	u32 n;
} rr_cases[] = {
	{ WEIGHTS(1, 1) }, { WEIGHTS(1, 1, 1, 1, 1) }, { WEIGHTS(1, 2) }, { WEIGHTS(2, 1, 1) },
	{ WEIGHTS(1, 2, 4) }, { WEIGHTS(2, 3, 1) }, { WEIGHTS(100, 50) }, { WEIGHTS(3, 3, 2) },
	{ WEIGHTS(5, 1, 1, 1) }, { WEIGHTS(1, 1, 1, 1, 1, 1, 1, 1, 1, 4) },
	{ WEIGHTS(10, 20, 30, 40) }, { WEIGHTS(256, 1, 1) }, { WEIGHTS(5, 4, 3, 10, 5, 5) },
	{ WEIGHTS(256, 256, 256, 256, 256, 128) }, { WEIGHTS(50, 10, 4, 2, 50, 1, 10, 10, 1) },
};

/* As many turns as the weight, from wherever: each has exactly its own. */
static void check_rr_cycle(const struct svcnat_endpoints *eps, u32 from)
{
	u32 i, counts[12] = { 0 };

	for (i = 0; i < eps->cluster.weight; i++)
		counts[rr(eps, from + i)]++;
	for (i = 0; i < eps->n; i++)
		assert_int_equal(counts[i], svcnat_list_weight(&eps->cluster, i));
}

/*
 * Nobody who has no more than a third of the weight comes thrice in a row, with
 * no more than a quarter not even twice; and after any number of turns nobody is
 * off by more than a few.
 */
static void check_rr_interleaved(const struct svcnat_endpoints *eps)
{
	u32 i, t, total = eps->cluster.weight;

	for (i = 0; i < eps->n; i++) {
		u32 weight = svcnat_list_weight(&eps->cluster, i), run = 0, count = 0;

		for (t = 0; t < 2 * total; t++) {
			bool mine = rr(eps, t) == i;
			double off;

			count += mine;
			run = mine ? run + 1 : 0;
			off = count - (double)(t + 1) * weight / total;
			if (weight * 3 <= total && run > (weight * 4 <= total ? 1 : 2))
				fail_msg("weight %u of %u: turn %u is the %u. in a row", weight,
					 total, t, run);
			if (off > 3 || off < -3)
				fail_msg("weight %u of %u: turn %u: off by %f", weight, total, t,
					 off);
		}
	}
}

static void test_rr(void **state)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rr_cases); i++) {
		struct svcnat_endpoints *eps = pool(NFPROTO_IPV4, rr_cases[i].n,
						    SVCNAT_SCHEDULER_RR, rr_cases[i].weights,
						    rr_cases[i].n);

		check_rr_cycle(eps, 0);
		check_rr_cycle(eps, 1);
		check_rr_cycle(eps, 12345);
		check_rr_interleaved(eps);
		pool_free(eps);
	}
	(void)state;
}

/* Who comes when, in full. */
static void test_rr_sequence(void **state)
{
	static const struct {
		u16 weights[3];
		const char *turns;
	} cases[] = {
		{ { 1, 1, 1 }, "012012" },
		{ { 2, 1, 1 }, "01200120" },
		{ { 3, 3, 2 }, "0120120101201201" },
		{ { 1, 2, 4 }, "02212120221212" },
	};
	size_t i;
	u32 t;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct svcnat_endpoints *eps = pool(NFPROTO_IPV4, 3, SVCNAT_SCHEDULER_RR,
						    cases[i].weights, 3);

		for (t = 0; cases[i].turns[t]; t++)
			if (rr(eps, t) != (u32)(cases[i].turns[t] - '0'))
				fail_msg("%s: turn %u: %u", cases[i].turns, t, rr(eps, t));
		pool_free(eps);
	}
	(void)state;
}

/* For every weight that there can be, near enough: a stride that reaches all, soon found. */
static void test_rr_cycle(void **state)
{
	u32 weight, step = 1;

	for (weight = 1; weight <= SVCNAT_ENDPOINTS_MAX * SVCNAT_WEIGHT_MAX; weight += step) {
		u32 cycle = svcnat_select_cycle(weight);

		if (weight > 5000)
			step = 997;
		if (cycle - weight > 10 || gcd(cycle, svcnat_select_stride(cycle)) != 1)
			fail_msg("%u: %u", weight, cycle);
	}
	(void)state;
}

/* ---- leastconn */

static u32 least(const struct svcnat_endpoints *eps, u32 turn)
{
	struct svcnat_flow f = pool_flow(NFPROTO_IPV4, 0, 1);
	u32 key = test_key(7);

	return pool_index(eps, svcnat_select_endpoint(&eps->cluster, SVCNAT_SCHEDULER_LEASTCONN,
						      &f, key, turn));
}

static void test_least(void **state)
{
	static const struct {
		u16 weights[3];
		int active[3];
		u32 want;
	} cases[] = {
		{ { 1, 1, 1 }, { 3, 2, 3 }, 1 },
		{ { 1, 1, 1 }, { 0, 2, 1 }, 0 },
		{ { 1, 1, 1 }, { INT_MAX, INT_MAX, INT_MAX - 1 }, 2 },
		{ { 256, 1, 1 }, { INT_MAX, INT_MAX / 256 - 1, INT_MAX / 256 }, 1 },
		{ { 256, 1, 1 }, { INT_MAX - 256, INT_MAX / 256, INT_MAX / 256 }, 0 },
		/* idle: the heaviest */
		{ { 1, 4, 2 }, { 0, 0, 0 }, 1 },
		/* one more for each: 3/1, 8/4, 5/2; then 3/1, 10/4, 5/2 - 1 */
		{ { 1, 4, 2 }, { 2, 7, 4 }, 1 },
		{ { 1, 4, 2 }, { 2, 9, 3 }, 2 },
		{ { 1, 4, 2 }, { 0, 4, 2 }, 0 },
	};
	size_t i;
	u32 turn, e;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct svcnat_endpoints *eps = pool(NFPROTO_IPV4, 3, SVCNAT_SCHEDULER_LEASTCONN,
						    cases[i].weights, 3);

		for (e = 0; e < 3; e++)
			eps->v[e].endpoint->active.counter = cases[i].active[e];
		for (turn = 0; turn < 50; turn++)
			if (least(eps, turn) != cases[i].want)
				fail_msg("case %zu, turn %u: %u", i, turn, least(eps, turn));
		pool_free(eps);
	}
	(void)state;
}

/* Connections that are over at once leave a tie each time. */
static void test_least_ties(void **state)
{
	struct svcnat_endpoints *eps = pool(NFPROTO_IPV4, ENDPOINTS, SVCNAT_SCHEDULER_LEASTCONN,
					    NULL, 0);
	u32 counts[ENDPOINTS] = { 0 }, i;

	/* the first of those that are looked at */
	assert_int_equal(least(eps, 0), 0);
	for (i = 0; i < 100 * ENDPOINTS; i++)
		counts[least(eps, i)]++;
	for (i = 0; i < ENDPOINTS; i++)
		if (counts[i] < 95 || counts[i] > 105)
			fail_msg("endpoint %u: %u", i, counts[i]);
	pool_free(eps);
	(void)state;
}

/*
 * One idle endpoint among busy ones: it is found each time among as many as are
 * looked at, and among four times as many a quarter of the times.
 */
static void test_least_window(void **state)
{
	static const struct {
		u32 n, at_least, at_most;	/* of 1000 turns */
	} cases[] = {
		{ 256, 1000, 1000 },
		{ 257, 990, 999 },
		{ 1024, 240, 260 },
	};
	u32 i, e, turn, found;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct svcnat_endpoints *eps = pool(NFPROTO_IPV4, cases[i].n,
						    SVCNAT_SCHEDULER_LEASTCONN, NULL, 0);

		for (e = 0; e < eps->n; e++)
			eps->v[e].endpoint->active.counter = e != 77;
		for (found = turn = 0; turn < 1000; turn++)
			found += least(eps, turn) == 77;
		if (found < cases[i].at_least || found > cases[i].at_most)
			fail_msg("%u endpoints: %u times", cases[i].n, found);
		pool_free(eps);
	}
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_jhash),
		cmocka_unit_test(test_chi_square),
		cmocka_unit_test(test_spread),
		cmocka_unit_test(test_spread_many_keys),
		cmocka_unit_test(test_weights),
		cmocka_unit_test(test_weight_zero),
		cmocka_unit_test(test_weights_uniform),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_deterministic),
		cmocka_unit_test(test_hash_ends),
		cmocka_unit_test(test_rr),
		cmocka_unit_test(test_rr_sequence),
		cmocka_unit_test(test_rr_cycle),
		cmocka_unit_test(test_least),
		cmocka_unit_test(test_least_ties),
		cmocka_unit_test(test_least_window),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
