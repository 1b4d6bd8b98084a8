// SPDX-License-Identifier: GPL-2.0
/*
 * The module's decision, as tables of cases: what is done with a flow, and from
 * which endpoints it may have one. Each case in both families, unless it says
 * otherwise, and with every scheduler. The very files of the module, compiled
 * for this process.
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
#include "select.c"

#include "world.h"

/* ---- verdicts */

enum to { TO_NOBODY, TO_LOCAL, TO_REMOTE, TO_EITHER };

struct decide_case {
	const char *name;
	enum who src, dst;
	int where;		/* enum svcnat_kind; without a service: svcnat_place */
	enum eps eps;
	unsigned int flags, with;
	enum svcnat_verdict verdict;
	enum svcnat_reason reason;
	enum to to;
	enum kept kept;
};

#define IS(verdict)	SVCNAT_VERDICT_##verdict
#define FOR(reason)	SVCNAT_REASON_##reason
#define PLACE(place)	SVCNAT_PLACE_##place, NO_SERVICE

static const struct decide_case endpoint_cases[] = {
	{ "one elsewhere", OUTSIDE, VIP, CLUSTER, ONLY_REMOTE, 0, 0,
	  IS(DNAT), FOR(ENDPOINT), TO_REMOTE, 0 },
	{ "one here", OUTSIDE, VIP, CLUSTER, ONLY_LOCAL, 0, 0,
	  IS(DNAT), FOR(ENDPOINT), TO_LOCAL, 0 },
	{ "two", OUTSIDE, VIP, CLUSTER, BOTH, 0, 0, IS(DNAT), FOR(ENDPOINT), TO_EITHER, 0 },
	{ "two, NodePort", OUTSIDE, NODE, NODEPORT, BOTH, 0, 0,
	  IS(DNAT), FOR(ENDPOINT), TO_EITHER, 0 },
	{ "armed is no matter to a service", POD, VIP, CLUSTER, BOTH, 0, ARMED,
	  IS(DNAT), FOR(ENDPOINT), TO_EITHER, 0 },
	{ "none", OUTSIDE, VIP, CLUSTER, NOTHING, 0, 0, IS(REJECT), FOR(NO_ENDPOINTS), 0, 0 },
	{ "none, LoadBalancer", POD, PUBLIC, BALANCER, NOTHING, 0, 0,
	  IS(REJECT), FOR(NO_ENDPOINTS), 0, 0 },
	{ "none, NodePort, from the node", NODE, NODE, NODEPORT, NOTHING, 0, HERE,
	  IS(REJECT), FOR(NO_ENDPOINTS), 0, 0 },
	{ "none, armed", POD, VIP, CLUSTER, NOTHING, 0, ARMED,
	  IS(REJECT), FOR(NO_ENDPOINTS), 0, 0 },
	{ "none, internally Local: refused, not dropped", POD, VIP, CLUSTER, NOTHING, ITP, 0,
	  IS(REJECT), FOR(NO_ENDPOINTS), 0, 0 },
	{ "none, externally Local: refused, not dropped", OUTSIDE, PUBLIC, EXTERNAL, NOTHING,
	  ETP, 0, IS(REJECT), FOR(NO_ENDPOINTS), 0, 0 },
	{ "drained ones only", OUTSIDE, VIP, CLUSTER, DRAINED, 0, 0,
	  IS(REJECT), FOR(NO_ENDPOINTS), 0, 0 },
	{ "drained ones only, Local", OUTSIDE, PUBLIC, BALANCER, DRAINED, ETP, 0,
	  IS(REJECT), FOR(NO_ENDPOINTS), 0, 0 },
	{ "in no list", OUTSIDE, VIP, CLUSTER, UNLISTED, 0, 0,
	  IS(REJECT), FOR(NO_ENDPOINTS), 0, 0 },
	{ "in no list, Local", POD, VIP, CLUSTER, UNLISTED, ITP, 0,
	  IS(REJECT), FOR(NO_ENDPOINTS), 0, 0 },
	{ "the drained one is passed over", OUTSIDE, VIP, CLUSTER, LOCAL_DRAINED, 0, 0,
	  IS(DNAT), FOR(ENDPOINT), TO_REMOTE, 0 },
	{ "in the local list alone", OUTSIDE, VIP, CLUSTER, LOCAL_LISTED, 0, 0,
	  IS(REJECT), FOR(NO_ENDPOINTS), 0, 0 },
	{ "in the local list alone, Local", OUTSIDE, VIP, CLUSTER, LOCAL_LISTED, ITP, 0,
	  IS(DNAT), FOR(ENDPOINT), TO_LOCAL, 0 },
};

static const struct decide_case policy_cases[] = {
	{ "outside, external, Local", OUTSIDE, PUBLIC, EXTERNAL, BOTH, ETP, 0,
	  IS(DNAT), FOR(ENDPOINT), TO_LOCAL, 0 },
	{ "outside, LoadBalancer, Local", OUTSIDE, PUBLIC, BALANCER, BOTH, ETP, 0,
	  IS(DNAT), FOR(ENDPOINT), TO_LOCAL, 0 },
	{ "outside, NodePort, Local", OUTSIDE, NODE, NODEPORT, BOTH, ETP, 0,
	  IS(DNAT), FOR(ENDPOINT), TO_LOCAL, 0 },
	{ "outside, Local, only elsewhere", OUTSIDE, PUBLIC, EXTERNAL, ONLY_REMOTE, ETP, 0,
	  IS(DROP), FOR(NO_LOCAL), 0, 0 },
	{ "outside, NodePort, Local, only elsewhere", OUTSIDE, NODE, NODEPORT, ONLY_REMOTE, ETP,
	  0, IS(DROP), FOR(NO_LOCAL), 0, 0 },
	{ "outside, Local, the local one drained", OUTSIDE, PUBLIC, BALANCER, LOCAL_DRAINED, ETP,
	  0, IS(DROP), FOR(NO_LOCAL), 0, 0 },
	{ "outside, Cluster, only elsewhere", OUTSIDE, PUBLIC, EXTERNAL, ONLY_REMOTE, 0, 0,
	  IS(DNAT), FOR(ENDPOINT), TO_REMOTE, 0 },
	{ "outside, external, internally Local", OUTSIDE, PUBLIC, EXTERNAL, ONLY_REMOTE, ITP, 0,
	  IS(DNAT), FOR(ENDPOINT), TO_REMOTE, 0 },
	{ "outside, ClusterIP, externally Local", OUTSIDE, VIP, CLUSTER, ONLY_REMOTE, ETP, 0,
	  IS(DNAT), FOR(ENDPOINT), TO_REMOTE, 0 },
	{ "a pod is short-circuited", POD, PUBLIC, EXTERNAL, ONLY_REMOTE, ETP, 0,
	  IS(DNAT), FOR(ENDPOINT), TO_REMOTE, 0 },
	{ "a pod is short-circuited, NodePort", POD, NODE, NODEPORT, BOTH, ETP, 0,
	  IS(DNAT), FOR(ENDPOINT), TO_EITHER, 0 },
	{ "the node is short-circuited", NODE, PUBLIC, BALANCER, ONLY_REMOTE, ETP, HERE,
	  IS(DNAT), FOR(ENDPOINT), TO_REMOTE, 0 },
	{ "the node's address, from outside, is not", NODE, PUBLIC, BALANCER, ONLY_REMOTE, ETP, 0,
	  IS(DROP), FOR(NO_LOCAL), 0, 0 },
	{ "a pod is none without a pod CIDR", POD, PUBLIC, EXTERNAL, BOTH, ETP, NO_PODS,
	  IS(DNAT), FOR(ENDPOINT), TO_LOCAL, 0 },
	{ "a pod is none without a pod CIDR, only elsewhere", POD, PUBLIC, EXTERNAL, ONLY_REMOTE,
	  ETP, NO_PODS, IS(DROP), FOR(NO_LOCAL), 0, 0 },
	{ "the node is the node without a pod CIDR", NODE, PUBLIC, EXTERNAL, ONLY_REMOTE, ETP,
	  HERE | NO_PODS, IS(DNAT), FOR(ENDPOINT), TO_REMOTE, 0 },
	{ "pod, ClusterIP, internally Local", POD, VIP, CLUSTER, BOTH, ITP, 0,
	  IS(DNAT), FOR(ENDPOINT), TO_LOCAL, 0 },
	{ "node, ClusterIP, internally Local", NODE, VIP, CLUSTER, BOTH, ITP, HERE,
	  IS(DNAT), FOR(ENDPOINT), TO_LOCAL, 0 },
	{ "outside, ClusterIP, internally Local", OUTSIDE, VIP, CLUSTER, BOTH, ITP, 0,
	  IS(DNAT), FOR(ENDPOINT), TO_LOCAL, 0 },
	{ "pod, internally Local, only elsewhere", POD, VIP, CLUSTER, ONLY_REMOTE, ITP, 0,
	  IS(DROP), FOR(NO_LOCAL), 0, 0 },
	{ "node, internally Local, only elsewhere", NODE, VIP, CLUSTER, ONLY_REMOTE, ITP, HERE,
	  IS(DROP), FOR(NO_LOCAL), 0, 0 },
	{ "both policies, ClusterIP", POD, VIP, CLUSTER, BOTH, ITP | ETP, 0,
	  IS(DNAT), FOR(ENDPOINT), TO_LOCAL, 0 },
	{ "both policies, a pod from outside in", POD, PUBLIC, EXTERNAL, ONLY_REMOTE, ITP | ETP,
	  0, IS(DNAT), FOR(ENDPOINT), TO_REMOTE, 0 },
};

static const struct decide_case range_cases[] = {
	{ "inside of the range", OUTSIDE, PUBLIC, BALANCER, BOTH, 0, RANGES,
	  IS(DNAT), FOR(ENDPOINT), TO_EITHER, 0 },
	{ "outside of the range", STRANGER, PUBLIC, BALANCER, BOTH, 0, RANGES,
	  IS(DROP), FOR(SOURCE_RANGE), 0, 0 },
	{ "no range, anybody", STRANGER, PUBLIC, BALANCER, BOTH, 0, 0,
	  IS(DNAT), FOR(ENDPOINT), TO_EITHER, 0 },
	{ "a pod, outside of the range", POD, PUBLIC, BALANCER, BOTH, 0, RANGES,
	  IS(DROP), FOR(SOURCE_RANGE), 0, 0 },
	{ "the node, its address in the range", NODE, PUBLIC, BALANCER, BOTH, 0, HERE | RANGES,
	  IS(DNAT), FOR(ENDPOINT), TO_EITHER, 0 },
	{ "the node, with an address out of the range", PUBLIC, PUBLIC, BALANCER, BOTH, 0,
	  HERE | RANGES, IS(DROP), FOR(SOURCE_RANGE), 0, 0 },
	{ "a NodePort has no ranges", STRANGER, NODE, NODEPORT, BOTH, 0, RANGES,
	  IS(DNAT), FOR(ENDPOINT), TO_EITHER, 0 },
	{ "an externalIP has no ranges", STRANGER, PUBLIC, EXTERNAL, BOTH, 0, RANGES,
	  IS(DNAT), FOR(ENDPOINT), TO_EITHER, 0 },
	{ "a ClusterIP has no ranges", POD, VIP, CLUSTER, BOTH, 0, RANGES,
	  IS(DNAT), FOR(ENDPOINT), TO_EITHER, 0 },
	{ "the range comes before the endpoints", STRANGER, PUBLIC, BALANCER, NOTHING, 0, RANGES,
	  IS(DROP), FOR(SOURCE_RANGE), 0, 0 },
	{ "in the range, no endpoints", OUTSIDE, PUBLIC, BALANCER, NOTHING, 0, RANGES,
	  IS(REJECT), FOR(NO_ENDPOINTS), 0, 0 },
	{ "in the range, none local", OUTSIDE, PUBLIC, BALANCER, ONLY_REMOTE, ETP, RANGES,
	  IS(DROP), FOR(NO_LOCAL), 0, 0 },
	{ "the range comes before affinity", STRANGER, PUBLIC, BALANCER, BOTH, 0, RANGES,
	  IS(DROP), FOR(SOURCE_RANGE), 0, KEPT_LOCAL },
};

static const struct decide_case affinity_cases[] = {
	{ "kept", OUTSIDE, VIP, CLUSTER, BOTH, 0, 0, IS(DNAT), FOR(AFFINITY), TO_LOCAL,
	  KEPT_LOCAL },
	{ "the other kept", OUTSIDE, VIP, CLUSTER, BOTH, 0, 0, IS(DNAT), FOR(AFFINITY), TO_REMOTE,
	  KEPT_REMOTE },
	{ "kept, but it drains", OUTSIDE, VIP, CLUSTER, LOCAL_DRAINED, 0, 0,
	  IS(DNAT), FOR(ENDPOINT), TO_REMOTE, KEPT_LOCAL },
	{ "kept, but it is gone", OUTSIDE, VIP, CLUSTER, ONLY_LOCAL, 0, 0,
	  IS(DNAT), FOR(ENDPOINT), TO_LOCAL, KEPT_REMOTE },
	{ "kept elsewhere, but Local", OUTSIDE, PUBLIC, EXTERNAL, BOTH, ETP, 0,
	  IS(DNAT), FOR(ENDPOINT), TO_LOCAL, KEPT_REMOTE },
	{ "kept elsewhere, Local, a pod", POD, PUBLIC, EXTERNAL, BOTH, ETP, 0,
	  IS(DNAT), FOR(AFFINITY), TO_REMOTE, KEPT_REMOTE },
	{ "kept elsewhere, Local, none local", OUTSIDE, PUBLIC, EXTERNAL, ONLY_REMOTE, ETP, 0,
	  IS(DROP), FOR(NO_LOCAL), 0, KEPT_REMOTE },
	{ "kept, but all drain", OUTSIDE, VIP, CLUSTER, DRAINED, 0, 0,
	  IS(REJECT), FOR(NO_ENDPOINTS), 0, KEPT_LOCAL },
	{ "another service's, of the same address", OUTSIDE, VIP, CLUSTER, BOTH, 0, 0,
	  IS(DNAT), FOR(ENDPOINT), TO_EITHER, KEPT_TWIN },
};

static const struct decide_case place_cases[] = {
	{ "nobody's", OUTSIDE, STRANGER, PLACE(NONE), 0, 0, IS(PASS), FOR(NO_SERVICE), 0, 0 },
	{ "nobody's, ping", OUTSIDE, NODE, PLACE(NONE), 0, PING,
	  IS(PASS), FOR(NO_SERVICE), 0, 0 },
	{ "nobody's, armed", OUTSIDE, STRANGER, PLACE(NONE), 0, ARMED,
	  IS(PASS), FOR(NO_SERVICE), 0, 0 },
	{ "the node's own, in the service CIDR, armed", OUTSIDE, FREE, PLACE(NONE), 0, ARMED,
	  IS(PASS), FOR(NO_SERVICE), 0, 0 },
	{ "a ClusterIP's other port", POD, VIP, PLACE(CLUSTER), 0, 0,
	  IS(REJECT), FOR(UNDEFINED_PORT), 0, 0 },
	{ "a ClusterIP's other port, from the node", NODE, VIP, PLACE(CLUSTER), 0, HERE,
	  IS(REJECT), FOR(UNDEFINED_PORT), 0, 0 },
	{ "an announced LoadBalancer's other port", OUTSIDE, PUBLIC, PLACE(ANNOUNCED), 0, 0,
	  IS(REJECT), FOR(UNDEFINED_PORT), 0, 0 },
	{ "an externalIP's other port", OUTSIDE, PUBLIC, PLACE(ADDRESS), 0, 0,
	  IS(PASS), FOR(NO_SERVICE), 0, 0 },
	{ "in the service CIDR, nobody's", POD, FREE, PLACE(CIDR), 0, 0,
	  IS(DROP), FOR(UNALLOCATED), 0, 0 },
	{ "the same, armed", POD, FREE, PLACE(CIDR), 0, ARMED, IS(DROP), FOR(NOT_LOADED), 0, 0 },
	{ "a ClusterIP's other port, armed", POD, VIP, PLACE(CLUSTER), 0, ARMED,
	  IS(DROP), FOR(NOT_LOADED), 0, 0 },
	{ "the same, but outside of the CIDR", POD, PUBLIC, PLACE(CLUSTER), 0, ARMED,
	  IS(REJECT), FOR(UNDEFINED_PORT), 0, 0 },
	{ "another address of a service in the CIDR, armed", POD, VIP, PLACE(ADDRESS), 0, ARMED,
	  IS(DROP), FOR(NOT_LOADED), 0, 0 },
	{ "the same, not armed", POD, VIP, PLACE(ADDRESS), 0, 0,
	  IS(PASS), FOR(NO_SERVICE), 0, 0 },
	{ "the same, but outside of the CIDR, armed", POD, PUBLIC, PLACE(ADDRESS), 0, ARMED,
	  IS(PASS), FOR(NO_SERVICE), 0, 0 },
	{ "ping to a ClusterIP", POD, VIP, PLACE(CLUSTER), 0, PING, IS(ECHO), FOR(ECHO), 0, 0 },
	{ "ping to a LoadBalancer", OUTSIDE, PUBLIC, PLACE(ANNOUNCED), 0, PING,
	  IS(ECHO), FOR(ECHO), 0, 0 },
	{ "ping to an externalIP", OUTSIDE, PUBLIC, PLACE(ADDRESS), 0, PING,
	  IS(ECHO), FOR(ECHO), 0, 0 },
	{ "ping to a ClusterIP, armed", POD, VIP, PLACE(CLUSTER), 0, PING | ARMED,
	  IS(ECHO), FOR(ECHO), 0, 0 },
	{ "ping to nobody in the service CIDR", POD, FREE, PLACE(CIDR), 0, PING,
	  IS(DROP), FOR(UNALLOCATED), 0, 0 },
	{ "ping to a ClusterIP, switched off", POD, VIP, PLACE(CLUSTER), 0, PING | NO_ECHO,
	  IS(REJECT), FOR(UNDEFINED_PORT), 0, 0 },
	{ "ping to a LoadBalancer, switched off", OUTSIDE, PUBLIC, PLACE(ANNOUNCED), 0,
	  PING | NO_ECHO, IS(REJECT), FOR(UNDEFINED_PORT), 0, 0 },
	{ "ping to an externalIP, switched off", OUTSIDE, PUBLIC, PLACE(ADDRESS), 0,
	  PING | NO_ECHO, IS(PASS), FOR(NO_SERVICE), 0, 0 },
};

static const struct decide_case loopback_cases[] = {
	{ "destination", NODE, LOOP, NODEPORT, BOTH, 0, HERE, IS(PASS), FOR(LOOPBACK), 0, 0 },
	{ "all of the net", NODE, LOOP_FAR, NODEPORT, BOTH, 0, HERE,
	  IS(PASS), FOR(LOOPBACK), 0, 0 },
	{ "source", LOOP, VIP, CLUSTER, BOTH, 0, HERE, IS(PASS), FOR(LOOPBACK), 0, 0 },
	{ "is not refused", LOOP, LOOP, NODEPORT, NOTHING, 0, HERE,
	  IS(PASS), FOR(LOOPBACK), 0, 0 },
	{ "and no service", LOOP, LOOP, PLACE(NONE), 0, HERE, IS(PASS), FOR(NO_SERVICE), 0, 0 },
	{ "past it", PAST_LOOP, PAST_LOOP, EXTERNAL, BOTH, 0, 0,
	  IS(DNAT), FOR(ENDPOINT), TO_EITHER, 0 },
	{ "before it", BEFORE_LOOP, BEFORE_LOOP, EXTERNAL, BOTH, 0, 0,
	  IS(DNAT), FOR(ENDPOINT), TO_EITHER, 0 },
	{ "what looks like it", LOOK_ALIKE, LOOK_ALIKE, EXTERNAL, BOTH, 0, 0,
	  IS(DNAT), FOR(ENDPOINT), TO_EITHER, 0 },
	{ "NodePorts there", LOOP, LOOP, NODEPORT, BOTH, 0, HERE | LO_NODEPORTS | V4,
	  IS(DNAT), FOR(ENDPOINT), TO_EITHER, 0 },
	{ "NodePorts there, from the node's address", NODE, LOOP_FAR, NODEPORT, BOTH, 0,
	  HERE | LO_NODEPORTS | V4, IS(DNAT), FOR(ENDPOINT), TO_EITHER, 0 },
	{ "NodePorts there, none", LOOP, LOOP, NODEPORT, NOTHING, 0, HERE | LO_NODEPORTS | V4,
	  IS(REJECT), FOR(NO_ENDPOINTS), 0, 0 },
	{ "NodePorts there, Local", LOOP, LOOP, NODEPORT, ONLY_REMOTE, ETP,
	  HERE | LO_NODEPORTS | V4, IS(DNAT), FOR(ENDPOINT), TO_REMOTE, 0 },
	{ "NodePorts there: not for IPv6", LOOP, LOOP, NODEPORT, BOTH, 0,
	  HERE | LO_NODEPORTS | V6, IS(PASS), FOR(LOOPBACK), 0, 0 },
	{ "NodePorts there: not for others", LOOP, VIP, CLUSTER, BOTH, 0, HERE | LO_NODEPORTS,
	  IS(PASS), FOR(LOOPBACK), 0, 0 },
	{ "NodePorts there: no LoadBalancer", LOOP, LOOP, BALANCER, BOTH, 0, HERE | LO_NODEPORTS,
	  IS(PASS), FOR(LOOPBACK), 0, 0 },
	{ "NodePorts there: not for what came in", LOOP, LOOP, NODEPORT, BOTH, 0, LO_NODEPORTS,
	  IS(PASS), FOR(LOOPBACK), 0, 0 },
	{ "martian to a NodePort", OUTSIDE, LOOP, NODEPORT, BOTH, 0, LO_NODEPORTS | V4,
	  IS(DROP), FOR(MARTIAN), 0, 0 },
	{ "martian to no service", OUTSIDE, LOOP_FAR, PLACE(NONE), 0, LO_NODEPORTS | V4,
	  IS(DROP), FOR(MARTIAN), 0, 0 },
	{ "martian ping", POD, LOOP, PLACE(NONE), 0, PING | LO_NODEPORTS | V4,
	  IS(DROP), FOR(MARTIAN), 0, 0 },
	{ "no martian: the kernel drops it without route_localnet", OUTSIDE, LOOP, NODEPORT, BOTH,
	  0, 0, IS(PASS), FOR(LOOPBACK), 0, 0 },
	{ "no martian: IPv6 has no such thing", OUTSIDE, LOOP, NODEPORT, BOTH, 0,
	  LO_NODEPORTS | V6, IS(PASS), FOR(LOOPBACK), 0, 0 },
	{ "no martian: made here", NODE, LOOP, PLACE(NONE), 0, HERE | LO_NODEPORTS,
	  IS(PASS), FOR(NO_SERVICE), 0, 0 },
	{ "no martian: loopback came in again", LOOP, LOOP, PLACE(NONE), 0, LO_NODEPORTS,
	  IS(PASS), FOR(NO_SERVICE), 0, 0 },
	{ "no martian: another destination", OUTSIDE, NODE, NODEPORT, BOTH, 0, LO_NODEPORTS,
	  IS(DNAT), FOR(ENDPOINT), TO_EITHER, 0 },
};

static bool endpoint_is(const struct world *w, const struct svcnat_endpoint *ep, enum to to)
{
	switch (to) {
	case TO_LOCAL:
		return ep == &w->local;
	case TO_REMOTE:
		return ep == &w->remote;
	case TO_EITHER:
		return ep == &w->local || ep == &w->remote;
	default:
		return !ep;
	}
}

static void check_decision(const struct decide_case *c, struct world *w)
{
	u32 i;

	for (i = 0; i < 16; i++) {
		struct svcnat_decision d;

		w->q.turn = i;
		if (w->q.flow.sport)
			w->q.flow.sport = htons(40000 + i);
		d = svcnat_decide(&w->q);
		if (d.verdict != c->verdict || d.reason != c->reason)
			fail_msg("%s, IPv%d, scheduler %d: verdict %d reason %d", c->name,
				 w->q.flow.family == NFPROTO_IPV4 ? 4 : 6, w->state.scheduler,
				 d.verdict, d.reason);
		if (!endpoint_is(w, d.endpoint, c->to))
			fail_msg("%s, IPv%d, scheduler %d: the wrong endpoint", c->name,
				 w->q.flow.family == NFPROTO_IPV4 ? 4 : 6, w->state.scheduler);
	}
}

static void check_case(const struct decide_case *c, bool v6)
{
	struct world *w = world_make(c->src, c->dst, c->eps, c->with, v6);
	struct svcnat_endpoint *kept[] = { NULL, &w->local, &w->remote, &w->twin };
	int scheduler;

	w->state.flags = c->flags;
	w->q.kept = kept[c->kept];
	if (c->eps == NO_SERVICE)
		w->q.place = c->where;
	else
		w->q.kind = c->where;
	for (scheduler = 0; scheduler <= SVCNAT_SCHEDULER_MAX; scheduler++) {
		world_lists(w, scheduler);
		check_decision(c, w);
	}
	world_free(w);
}

static void check_cases(const struct decide_case *c, size_t n)
{
	for (; n--; c++) {
		if (!(c->with & V6))
			check_case(c, false);
		if (!(c->with & V4))
			check_case(c, true);
	}
}

static void test_endpoints(void **state)
{
	check_cases(endpoint_cases, ARRAY_SIZE(endpoint_cases));
	(void)state;
}

static void test_policies(void **state)
{
	check_cases(policy_cases, ARRAY_SIZE(policy_cases));
	(void)state;
}

static void test_ranges(void **state)
{
	check_cases(range_cases, ARRAY_SIZE(range_cases));
	(void)state;
}

static void test_affinity(void **state)
{
	check_cases(affinity_cases, ARRAY_SIZE(affinity_cases));
	(void)state;
}

static void test_no_frontend(void **state)
{
	check_cases(place_cases, ARRAY_SIZE(place_cases));
	(void)state;
}

static void test_loopback(void **state)
{
	check_cases(loopback_cases, ARRAY_SIZE(loopback_cases));
	(void)state;
}

/* Is there a case for every reason, and does it go with one verdict alone? */
static void test_every_reason(void **state)
{
	static const struct {
		const struct decide_case *v;
		size_t n;
	} tables[] = {
		{ endpoint_cases, ARRAY_SIZE(endpoint_cases) },
		{ policy_cases, ARRAY_SIZE(policy_cases) },
		{ range_cases, ARRAY_SIZE(range_cases) },
		{ affinity_cases, ARRAY_SIZE(affinity_cases) },
		{ place_cases, ARRAY_SIZE(place_cases) },
		{ loopback_cases, ARRAY_SIZE(loopback_cases) },
	};
	unsigned int verdicts[SVCNAT_REASON_MAX + 1] = { 0 };
	size_t t, i;

	for (t = 0; t < ARRAY_SIZE(tables); t++)
		for (i = 0; i < tables[t].n; i++)
			verdicts[tables[t].v[i].reason] |= 1 << tables[t].v[i].verdict;
	for (i = 0; i < ARRAY_SIZE(verdicts); i++)
		if (!verdicts[i] || verdicts[i] & (verdicts[i] - 1))
			fail_msg("reason %zu: verdicts %#x", i, verdicts[i]);
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_endpoints),
		cmocka_unit_test(test_policies),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_affinity),
		cmocka_unit_test(test_no_frontend),
		cmocka_unit_test(test_loopback),
		cmocka_unit_test(test_every_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
