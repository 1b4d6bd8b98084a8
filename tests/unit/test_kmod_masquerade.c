// SPDX-License-Identifier: GPL-2.0
/*
 * Who gets the node's source address: the table of semantics with its rows and
 * columns, in both families, and what overrides it. The very files of the
 * module, compiled for this process.
 */
#include <linux/types.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cidr.c"
#include "decide.c"
#include "list.c"
#include "maglev.c"
#include "masquerade.c"
#include "select.c"

#include "world.h"

/* ---- masquerade: the table of semantics, its rows and its columns */

struct masquerade_row {
	const char *name;
	enum who src;
	unsigned int with;
	bool cluster;			/* to a ClusterIP, or to each of the others */
	struct masquerade_cell {
		u8 list;
		enum svcnat_masquerade m;
	} plain, etp, itp;
};

#define CELL(list, m)	{ SVCNAT_LIST_##list, SVCNAT_MASQUERADE_##m }

static const struct masquerade_row masquerade_rows[] = {
	{ "pod to ClusterIP", POD, 0, true,
	  CELL(CLUSTER, NO_POD), CELL(CLUSTER, NO_POD), CELL(LOCAL, NO_POD) },
	{ "pod to another", POD, 0, false,
	  CELL(CLUSTER, EXTERNAL), CELL(CLUSTER, NO_SHORT), CELL(CLUSTER, EXTERNAL) },
	{ "node to ClusterIP", NODE, HERE, true,
	  CELL(CLUSTER, OFF_CLUSTER), CELL(CLUSTER, OFF_CLUSTER), CELL(LOCAL, OFF_CLUSTER) },
	{ "node to another", NODE, HERE, false,
	  CELL(CLUSTER, EXTERNAL), CELL(CLUSTER, EXTERNAL), CELL(CLUSTER, EXTERNAL) },
	{ "outside to ClusterIP", OUTSIDE, 0, true,
	  CELL(CLUSTER, OFF_CLUSTER), CELL(CLUSTER, OFF_CLUSTER), CELL(LOCAL, OFF_CLUSTER) },
	{ "outside to another", OUTSIDE, 0, false,
	  CELL(CLUSTER, EXTERNAL), CELL(LOCAL, NO_LOCAL), CELL(CLUSTER, EXTERNAL) },

	{ "masqueradeAll, pod to ClusterIP", POD, ALL, true,
	  CELL(CLUSTER, ALL), CELL(CLUSTER, ALL), CELL(LOCAL, ALL) },
	{ "masqueradeAll, pod to another", POD, ALL, false,
	  CELL(CLUSTER, EXTERNAL), CELL(CLUSTER, NO_SHORT), CELL(CLUSTER, EXTERNAL) },
	{ "masqueradeAll, outside to another", OUTSIDE, ALL, false,
	  CELL(CLUSTER, EXTERNAL), CELL(LOCAL, NO_LOCAL), CELL(CLUSTER, EXTERNAL) },
	{ "masqueradeAll, no pod CIDR, pod to ClusterIP", POD, ALL | NO_PODS, true,
	  CELL(CLUSTER, ALL), CELL(CLUSTER, ALL), CELL(LOCAL, ALL) },

	{ "no pod CIDR, pod to ClusterIP", POD, NO_PODS, true,
	  CELL(CLUSTER, NO_CIDR), CELL(CLUSTER, NO_CIDR), CELL(LOCAL, NO_CIDR) },
	{ "no pod CIDR, pod to another", POD, NO_PODS, false,
	  CELL(CLUSTER, EXTERNAL), CELL(LOCAL, NO_LOCAL), CELL(CLUSTER, EXTERNAL) },
	{ "no pod CIDR, node to ClusterIP", NODE, HERE | NO_PODS, true,
	  CELL(CLUSTER, NO_CIDR), CELL(CLUSTER, NO_CIDR), CELL(LOCAL, NO_CIDR) },
	{ "no pod CIDR, node to another", NODE, HERE | NO_PODS, false,
	  CELL(CLUSTER, EXTERNAL), CELL(CLUSTER, EXTERNAL), CELL(CLUSTER, EXTERNAL) },
	{ "no pod CIDR, outside to ClusterIP", OUTSIDE, NO_PODS, true,
	  CELL(CLUSTER, NO_CIDR), CELL(CLUSTER, NO_CIDR), CELL(LOCAL, NO_CIDR) },
	{ "no pod CIDR, outside to another", OUTSIDE, NO_PODS, false,
	  CELL(CLUSTER, EXTERNAL), CELL(LOCAL, NO_LOCAL), CELL(CLUSTER, EXTERNAL) },

	/* without a masquerade the answer would go to the node itself */
	{ "NodePort on loopback", LOOP, HERE | LO_NODEPORTS | V4, false,
	  CELL(CLUSTER, EXTERNAL), CELL(CLUSTER, EXTERNAL), CELL(CLUSTER, EXTERNAL) },
	{ "a pod of this node's own network", POD, HERE, true,
	  CELL(CLUSTER, NO_POD), CELL(CLUSTER, NO_POD), CELL(LOCAL, NO_POD) },
	{ "a pod that is no endpoint", PEER, 0, true,
	  CELL(CLUSTER, NO_POD), CELL(CLUSTER, NO_POD), CELL(LOCAL, NO_POD) },

	/* an endpoint itself: to the other one as any pod, to itself see below */
	{ "hairpin to ClusterIP", LOCAL, 0, true,
	  CELL(CLUSTER, NO_POD), CELL(CLUSTER, NO_POD), CELL(LOCAL, NO_POD) },
	{ "hairpin to another", LOCAL, 0, false,
	  CELL(CLUSTER, EXTERNAL), CELL(CLUSTER, NO_SHORT), CELL(CLUSTER, EXTERNAL) },
	{ "hairpin, no pod CIDR", LOCAL, NO_PODS, true,
	  CELL(CLUSTER, NO_CIDR), CELL(CLUSTER, NO_CIDR), CELL(LOCAL, NO_CIDR) },
	{ "hairpin, no pod CIDR, to another", LOCAL, NO_PODS, false,
	  CELL(CLUSTER, EXTERNAL), CELL(LOCAL, NO_LOCAL), CELL(CLUSTER, EXTERNAL) },
	{ "hairpin, masqueradeAll", LOCAL, ALL, true,
	  CELL(CLUSTER, ALL), CELL(CLUSTER, ALL), CELL(LOCAL, ALL) },
};

/* To the endpoint that is itself, whatever stands in the table: a masquerade. */
static void check_masquerade(const struct masquerade_row *row, struct world *w, u32 flags,
			     const struct masquerade_cell *cell)
{
	const struct svcnat_endpoint *ep;
	enum svcnat_masquerade m;
	u8 list;

	w->state.flags = flags;
	list = svcnat_decide_list(&w->q);
	m = svcnat_masquerade_decide(&w->q, NULL);
	if (list != cell->list || m != cell->m)
		fail_msg("%s, kind %d, flags %#x: list %d masquerade %d", row->name, w->q.kind,
			 flags, list, m);

	m = svcnat_masquerade_decide(&w->q, &w->remote.key.addr);
	if (m != cell->m)
		fail_msg("%s, kind %d, flags %#x: not its own: %d", row->name, w->q.kind, flags,
			 m);

	m = svcnat_masquerade_decide(&w->q, &w->local.key.addr);
	if (m != (row->src == LOCAL ? SVCNAT_MASQUERADE_HAIRPIN : cell->m))
		fail_msg("%s, kind %d, flags %#x: its own: %d", row->name, w->q.kind, flags, m);

	/* The endpoint is really one of the list that the row names. */
	ep = svcnat_decide(&w->q).endpoint;
	if (!ep || (cell->list == SVCNAT_LIST_LOCAL && ep != &w->local))
		fail_msg("%s, kind %d, flags %#x: endpoint", row->name, w->q.kind, flags);
}

static void check_masquerade_row(const struct masquerade_row *row, bool v6)
{
	static const enum svcnat_kind others[] = { NODEPORT, EXTERNAL, BALANCER };
	enum who dst = row->cluster ? VIP : PUBLIC;
	struct world *w = world_make(row->src, dst, BOTH, row->with, v6);
	size_t i, n = row->cluster || row->src == LOOP ? 1 : ARRAY_SIZE(others);

	world_lists(w, SVCNAT_SCHEDULER_HASH);
	for (i = 0; i < n; i++) {
		w->q.kind = row->cluster ? CLUSTER : others[i];
		check_masquerade(row, w, 0, &row->plain);
		check_masquerade(row, w, ETP, &row->etp);
		check_masquerade(row, w, ITP, &row->itp);
		/* one says nothing about the other's frontends */
		check_masquerade(row, w, ETP | ITP, row->cluster ? &row->itp : &row->etp);
	}
	world_free(w);
}

static void test_masquerade(void **state)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(masquerade_rows); i++) {
		check_masquerade_row(&masquerade_rows[i], false);
		if (!(masquerade_rows[i].with & V4))
			check_masquerade_row(&masquerade_rows[i], true);
	}
	(void)state;
}

static void test_masquerade_wanted(void **state)
{
	static const bool wanted[] = {
		[SVCNAT_MASQUERADE_NO_POD] = false, [SVCNAT_MASQUERADE_NO_CIDR] = false,
		[SVCNAT_MASQUERADE_NO_LOCAL] = false, [SVCNAT_MASQUERADE_NO_SHORT] = false,
		[SVCNAT_MASQUERADE_OFF_CLUSTER] = true, [SVCNAT_MASQUERADE_ALL] = true,
		[SVCNAT_MASQUERADE_EXTERNAL] = true, [SVCNAT_MASQUERADE_HAIRPIN] = true,
	};
	int m;

	assert_int_equal(ARRAY_SIZE(wanted), SVCNAT_MASQUERADE_MAX + 1);
	for (m = 0; m <= SVCNAT_MASQUERADE_MAX; m++)
		assert_int_equal(svcnat_masquerade_wanted(m), wanted[m]);
	(void)state;
}

/* ---- origin */

static const struct {
	const char *name;
	enum who src;
	unsigned int with;
	enum svcnat_origin origin;
} origin_cases[] = {
	{ "pod", POD, 0, SVCNAT_ORIGIN_POD },
	{ "first address of the CIDR", FIRST_POD, 0, SVCNAT_ORIGIN_POD },
	{ "last address of the CIDR", LAST_POD, 0, SVCNAT_ORIGIN_POD },
	{ "before the CIDR", BEFORE_PODS, 0, SVCNAT_ORIGIN_OUTSIDE },
	{ "past the CIDR", PAST_PODS, 0, SVCNAT_ORIGIN_OUTSIDE },
	{ "made here, with a pod's address", POD, HERE, SVCNAT_ORIGIN_POD },
	{ "node", NODE, HERE, SVCNAT_ORIGIN_NODE },
	{ "the node's address, from outside", NODE, 0, SVCNAT_ORIGIN_OUTSIDE },
	{ "outside", OUTSIDE, 0, SVCNAT_ORIGIN_OUTSIDE },
	{ "pod, no CIDR", POD, NO_PODS, SVCNAT_ORIGIN_OUTSIDE },
	{ "node, no CIDR", NODE, HERE | NO_PODS, SVCNAT_ORIGIN_NODE },
};

static void test_origin(void **state)
{
	size_t i;
	int v6;

	for (i = 0; i < ARRAY_SIZE(origin_cases); i++) {
		for (v6 = 0; v6 < 2; v6++) {
			struct world *w = world_make(origin_cases[i].src, VIP, NO_SERVICE,
						     origin_cases[i].with, v6);

			if (w->q.origin != origin_cases[i].origin)
				fail_msg("%s, IPv%d: %d", origin_cases[i].name, v6 ? 6 : 4,
					 w->q.origin);
			world_free(w);
		}
	}
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_masquerade),
		cmocka_unit_test(test_masquerade_wanted),
		cmocka_unit_test(test_origin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
