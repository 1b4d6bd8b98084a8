// SPDX-License-Identifier: GPL-2.0
/*
 * The lists that endpoints are chosen from: who is in, in which order, and that
 * nothing is left when memory runs out anywhere. The very files of the module,
 * compiled for this process.
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

/* ---- who is in a list */

static const struct {
	u16 weight;
	u8 lists;
} members[] = {
	{ 1, SVCNAT_LIST_CLUSTER }, { 0, SVCNAT_LIST_ALL }, { 3, SVCNAT_LIST_ALL },
	{ 256, SVCNAT_LIST_LOCAL }, { 2, 0 }, { 5, SVCNAT_LIST_CLUSTER }, { 0, 0 },
};

static struct svcnat_endpoints *make_members(void)
{
	struct svcnat_spec_endpoint *spec = pool_specs(NFPROTO_IPV4, 0, ARRAY_SIZE(members));
	struct svcnat_endpoints *eps;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(members); i++) {
		spec[i].weight = members[i].weight;
		spec[i].lists = members[i].lists;
	}
	eps = pool_make(spec, ARRAY_SIZE(members), SVCNAT_SCHEDULER_HASH);
	free(spec);
	return eps;
}

static void check_list(const struct svcnat_endpoints *eps, const struct svcnat_list *list,
		       const u32 *indices, const u32 *sums, u32 n)
{
	u32 i, c = 0;

	assert_int_equal(list->n, n);
	assert_int_equal(list->weight, sums[n - 1]);
	assert_false(list->uniform);
	assert_null(list->maglev);
	for (i = 0; i < eps->n; i++) {
		bool in = c < n && indices[c] == i;

		if (svcnat_list_has(list, eps->v[i].endpoint) != in)
			fail_msg("member %u", i);
		if (!in)
			continue;
		assert_ptr_equal(list->choices[c].endpoint, eps->v[i].endpoint);
		assert_int_equal(list->choices[c].sum, sums[c]);
		c++;
	}
	assert_int_equal(c, n);
}

static void test_eligible(void **state)
{
	static const u32 cluster[] = { 0, 2, 5 }, cluster_sums[] = { 1, 4, 9 };
	static const u32 local[] = { 2, 3 }, local_sums[] = { 3, 259 };
	struct svcnat_endpoints *eps = make_members();
	struct svcnat_endpoint twin = { .key = eps->v[2].endpoint->key };

	check_list(eps, &eps->cluster, cluster, cluster_sums, 3);
	check_list(eps, &eps->local, local, local_sums, 2);
	/* the address alone does not make it the same */
	assert_false(svcnat_list_has(&eps->cluster, &twin));
	pool_free(eps);
	(void)state;
}

/* Where all can be chosen, the members are the choices; else a list has its own. */
static void test_borrowed(void **state)
{
	static const u16 mixed[] = { 1, 2 };
	struct svcnat_endpoints *eps = pool(NFPROTO_IPV4, 4, SVCNAT_SCHEDULER_HASH, mixed, 2);
	u32 i;

	assert_ptr_equal(eps->cluster.choices, eps->v);
	assert_ptr_equal(eps->local.choices, eps->v);
	for (i = 0; i < eps->n; i++) {
		assert_int_equal(eps->v[i].sum, i / 2 * 3 + 1 + 2 * (i % 2));
		assert_int_equal(svcnat_list_weight(&eps->local, i), 1 + i % 2);
	}
	pool_free(eps);

	eps = make_members();
	assert_true(eps->cluster.own && eps->cluster.choices != eps->v);
	assert_true(eps->local.own && eps->local.choices != eps->v);
	assert_int_equal(eps->v[2].sum, 0);
	pool_free(eps);
	(void)state;
}

/* From one to many: each is found where it is, and its neighbours are not. */
static void test_has(void **state)
{
	u32 n, i;

	for (n = 1; n < 70; n++) {
		struct svcnat_spec_endpoint *spec = pool_specs(NFPROTO_IPV6, 0, 2 * n);
		struct svcnat_endpoints *eps;

		for (i = 0; i < 2 * n; i += 2)
			spec[i].weight = 0;
		eps = pool_make(spec, 2 * n, SVCNAT_SCHEDULER_HASH);
		for (i = 0; i < 2 * n; i++)
			assert_int_equal(svcnat_list_has(&eps->cluster, eps->v[i].endpoint), i % 2);
		pool_free(eps);
		free(spec);
	}
	(void)state;
}

/* Each scheduler has what it needs and nothing else; empty lists have nothing. */
static void test_prepared(void **state)
{
	static const u16 mixed[] = { 1, 2 }, none[] = { 0 };
	int scheduler;

	for (scheduler = 0; scheduler <= SVCNAT_SCHEDULER_MAX; scheduler++) {
		bool maglev = scheduler == SVCNAT_SCHEDULER_MAGLEV;
		struct svcnat_endpoints *eps = pool(NFPROTO_IPV4, 4, scheduler, mixed, 2);

		assert_int_equal(!eps->cluster.maglev, !maglev);
		assert_int_equal(!eps->cluster.maglev_size, !maglev);
		assert_int_equal(eps->cluster.cycle, scheduler == SVCNAT_SCHEDULER_RR ? 7 : 0);
		assert_false(eps->cluster.uniform);
		assert_int_equal(eps->cluster.weight, 6);
		pool_free(eps);

		eps = pool(NFPROTO_IPV4, 4, scheduler, NULL, 0);
		assert_true(eps->cluster.uniform);
		assert_int_equal(eps->cluster.weight, 4);
		assert_int_equal(eps->cluster.cycle, 0);
		pool_free(eps);

		eps = pool(NFPROTO_IPV4, 1, scheduler, mixed, 1);
		assert_null(eps->cluster.maglev);
		assert_int_equal(eps->cluster.n, 1);
		pool_free(eps);

		eps = pool(NFPROTO_IPV4, 4, scheduler, none, 1);
		kshim_allocated = 0;
		assert_int_equal(svcnat_list_init(&eps->cluster, eps->v, eps->n,
						  SVCNAT_LIST_CLUSTER, scheduler), 0);
		assert_int_equal(kshim_allocated, 0);
		assert_int_equal(eps->cluster.n, 0);
		assert_null(eps->cluster.choices);
		assert_false(svcnat_list_has(&eps->cluster, eps->v[0].endpoint));
		pool_free(eps);
	}
	(void)state;
}

/* ---- memory */

/* How many allocations a set needs; each of them fails once, and nothing is left. */
static void test_no_memory(void **state)
{
	static const u16 mixed[] = { 1, 2 };
	struct svcnat_endpoints *eps = pool(NFPROTO_IPV4, 3, SVCNAT_SCHEDULER_MAGLEV, mixed, 2);
	struct svcnat_list list;
	u32 i, needed;

	/* or it would need no choices of its own */
	eps->v[0].lists = SVCNAT_LIST_CLUSTER;
	memset(&list, 0xa5, sizeof(list));
	kshim_allocated = 0;
	assert_int_equal(svcnat_list_init(&list, eps->v, eps->n, SVCNAT_LIST_LOCAL,
					  SVCNAT_SCHEDULER_MAGLEV), 0);
	needed = kshim_allocated;
	assert_int_equal(needed, 4);
	svcnat_list_free(&list);

	for (i = 1; i <= needed; i++) {
		memset(&list, 0xa5, sizeof(list));
		kshim_fail = i;
		assert_int_equal(svcnat_list_init(&list, eps->v, eps->n, SVCNAT_LIST_LOCAL,
						  SVCNAT_SCHEDULER_MAGLEV), -ENOMEM);
		assert_int_equal(kshim_fail, 0);
		assert_null(list.choices);
		assert_null(list.maglev);
		assert_int_equal(list.n, 0);
	}
	pool_free(eps);
	(void)state;
}

/* The same for a whole set that keeps endpoints of an old one. */
static void test_no_memory_for_set(void **state)
{
	struct svcnat_spec_endpoint *spec = pool_specs(NFPROTO_IPV4, 0, 5);
	struct svcnat_endpoints *old = pool_make(spec, 3, SVCNAT_SCHEDULER_HASH), *new;
	u32 i, needed;

	kshim_allocated = 0;
	new = svcnat_endpoints_make(&pool_net, old, spec, 5, SVCNAT_SCHEDULER_MAGLEV, true);
	assert_non_null(new);
	needed = kshim_allocated;
	assert_int_equal(pool_net.present, 5);
	svcnat_endpoints_undo(&pool_net, new, old);
	assert_int_equal(pool_net.present, 3);

	/* what is counted of the old ones stays with them, once they have it */
	for (i = 1; i <= needed - 3; i++) {
		kshim_fail = i;
		new = svcnat_endpoints_make(&pool_net, old, spec, 5, SVCNAT_SCHEDULER_MAGLEV, true);
		if (new)
			fail_msg("allocation %u of %u did not fail", i, needed);
		assert_int_equal(kshim_fail, 0);
		assert_int_equal(pool_net.present, 3);
		assert_int_equal(old->v[0].endpoint->refs.refs, 1);
	}
	pool_free(old);
	assert_int_equal(pool_net.present, 0);
	free(spec);
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_eligible),
		cmocka_unit_test(test_borrowed),
		cmocka_unit_test(test_has),
		cmocka_unit_test(test_prepared),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_no_memory_for_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
