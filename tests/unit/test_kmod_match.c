// SPDX-License-Identifier: GPL-2.0
/*
 * What a destination is: whose frontend, a NodePort, a service's address with another
 * port, one of a service CIDR, nobody's; and what comes of it. Each case in both
 * families. The very files of the module, compiled for this process, with a kernel
 * that knows one address of the node.
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
#include "match.c"
#include "select.c"

#include "world.h"

struct claim {
	int kind;
	enum who who;			/* not of a NodePort */
	u16 port;			/* 0: no claim */
};

enum { WIDE = 1 << 16, CHOSEN = 1 << 17, OTHERS_CHOSEN = 1 << 18, IN_VRF = 1 << 19,
       VRF_ASKED = 1 << 20 };

struct match_case {
	const char *name;
	struct claim claims[3];
	enum who dst;
	u16 port;			/* 0: ping */
	enum fakenet_where where;	/* has the node dst? */
	/* WIDE: the service CIDR has dst too; CHOSEN: nodeport-cidrs has it */
	unsigned int with;
	int claim;			/* which one it is; -1: none */
	enum svcnat_place place;
	enum svcnat_reason reason;	/* if it is none */
};

#define NONE(place, reason)	-1, SVCNAT_PLACE_##place, SVCNAT_REASON_##reason
#define NO_SERVICE_AT_ALL	NONE(NONE, NO_SERVICE)

static const struct match_case exact_cases[] = {
	{ "nothing", { { 0 } }, PUBLIC, 80, ELSEWHERE, 0, NO_SERVICE_AT_ALL },
	{ "a ClusterIP", { { CLUSTER, VIP, 80 } }, VIP, 80, ELSEWHERE, 0, 0, 0, 0 },
	{ "another's port of it", { { CLUSTER, VIP, 80 }, { CLUSTER, VIP, 81 } }, VIP, 81,
	  ELSEWHERE, 0, 1, 0, 0 },
	{ "nobody's port of it", { { CLUSTER, VIP, 80 }, { CLUSTER, VIP, 81 } }, VIP, 82,
	  ELSEWHERE, 0, NONE(CLUSTER, UNDEFINED_PORT) },
	{ "an external address that is a ClusterIP: its port",
	  { { CLUSTER, VIP, 80 }, { EXTERNAL, VIP, 81 } }, VIP, 81, ELSEWHERE, 0, 1, 0, 0 },
	{ "the next port", { { CLUSTER, VIP, 80 }, { EXTERNAL, VIP, 81 } }, VIP, 82, ELSEWHERE, 0,
	  NONE(CLUSTER, UNDEFINED_PORT) },
	{ "an external address alone", { { EXTERNAL, PUBLIC, 81 } }, PUBLIC, 82, ELSEWHERE, 0,
	  NONE(ADDRESS, NO_SERVICE) },
	{ "a LoadBalancer address that is not announced here", { { BALANCER, PUBLIC, 80 } },
	  PUBLIC, 82, ELSEWHERE, 0, NONE(ADDRESS, NO_SERVICE) },
	{ "one that is", { { BALANCER, PUBLIC, 80 } }, PUBLIC, 82, ROUTED, 0,
	  NONE(ANNOUNCED, UNDEFINED_PORT) },
	{ "one that an interface has", { { BALANCER, PUBLIC, 80 } }, PUBLIC, 82, ON_INTERFACE, 0,
	  NONE(ADDRESS, NO_SERVICE) },
	{ "an external address that is announced", { { EXTERNAL, PUBLIC, 80 } }, PUBLIC, 82,
	  ROUTED, 0, NONE(ADDRESS, NO_SERVICE) },
	{ "both kinds, announced", { { EXTERNAL, PUBLIC, 81 }, { BALANCER, PUBLIC, 80 } }, PUBLIC,
	  82, ROUTED, 0, NONE(ANNOUNCED, UNDEFINED_PORT) },
	{ "both kinds, announced: a port that it has",
	  { { EXTERNAL, PUBLIC, 81 }, { BALANCER, PUBLIC, 80 } }, PUBLIC, 81, ROUTED, 0, 0, 0, 0 },
	{ "announced in a VRF, which is asked", { { BALANCER, PUBLIC, 80 } }, PUBLIC, 82, ROUTED,
	  IN_VRF | VRF_ASKED, NONE(ANNOUNCED, UNDEFINED_PORT) },
	{ "announced in a VRF, outside of it", { { BALANCER, PUBLIC, 80 } }, PUBLIC, 82, ROUTED,
	  IN_VRF, NONE(ADDRESS, NO_SERVICE) },
};

static const struct match_case nodeport_cases[] = {
	{ "the node's address", { { NODEPORT, 0, 80 } }, NODE, 80, ON_INTERFACE, 0, 0, 0, 0 },
	{ "another port", { { NODEPORT, 0, 80 } }, NODE, 81, ON_INTERFACE, 0, NO_SERVICE_AT_ALL },
	{ "not the node's", { { NODEPORT, 0, 80 } }, OUTSIDE, 80, ELSEWHERE, 0,
	  NO_SERVICE_AT_ALL },
	{ "chosen", { { NODEPORT, 0, 80 } }, NODE, 80, ON_INTERFACE, CHOSEN, 0, 0, 0 },
	{ "not chosen", { { NODEPORT, 0, 80 } }, NODE, 80, ON_INTERFACE, OTHERS_CHOSEN,
	  NO_SERVICE_AT_ALL },
	{ "chosen, but not the node's", { { NODEPORT, 0, 80 } }, OUTSIDE, 80, ELSEWHERE, CHOSEN,
	  NO_SERVICE_AT_ALL },
	{ "in its VRF", { { NODEPORT, 0, 80 } }, NODE, 80, ON_INTERFACE, IN_VRF | VRF_ASKED,
	  0, 0, 0 },
	{ "outside of its VRF", { { NODEPORT, 0, 80 } }, NODE, 80, ON_INTERFACE, IN_VRF,
	  NO_SERVICE_AT_ALL },
	{ "an external address of the node has it: the exact one",
	  { { NODEPORT, 0, 80 }, { EXTERNAL, NODE, 80 } }, NODE, 80, ON_INTERFACE, 0, 1, 0, 0 },
	{ "the exact one is no matter of chosen addresses",
	  { { NODEPORT, 0, 80 }, { EXTERNAL, NODE, 80 } }, NODE, 80, ON_INTERFACE, OTHERS_CHOSEN,
	  1, 0, 0 },
	{ "beside an external address of the node",
	  { { NODEPORT, 0, 80 }, { EXTERNAL, NODE, 81 } }, NODE, 80, ON_INTERFACE, 0, 0, 0, 0 },
	{ "beside a LoadBalancer address that an interface has",
	  { { NODEPORT, 0, 80 }, { BALANCER, NODE, 81 } }, NODE, 80, ON_INTERFACE, 0, 0, 0, 0 },
	{ "not at an announced LoadBalancer address",
	  { { NODEPORT, 0, 80 }, { BALANCER, PUBLIC, 81 } }, PUBLIC, 80, ROUTED, 0,
	  NONE(ANNOUNCED, UNDEFINED_PORT) },
	{ "not at a ClusterIP", { { NODEPORT, 0, 80 }, { CLUSTER, VIP, 81 } }, VIP, 80,
	  ON_INTERFACE, 0, NONE(CLUSTER, UNDEFINED_PORT) },
	/* where they are kept */
	{ "not at the zero address", { { NODEPORT, 0, 80 } }, ANY, 80, ELSEWHERE, 0,
	  NO_SERVICE_AT_ALL },
	{ "nor if all addresses are chosen", { { NODEPORT, 0, 80 } }, ANY, 80, ELSEWHERE, CHOSEN,
	  NO_SERVICE_AT_ALL },
	{ "nor if a service CIDR has it", { { NODEPORT, 0, 80 } }, ANY, 80, ELSEWHERE, WIDE,
	  NO_SERVICE_AT_ALL },
};

static const struct match_case cidr_cases[] = {
	{ "nobody's", { { 0 } }, FREE, 80, ELSEWHERE, 0, NONE(CIDR, UNALLOCATED) },
	{ "nobody's, armed", { { 0 } }, FREE, 80, ELSEWHERE, ARMED, NONE(CIDR, NOT_LOADED) },
	{ "outside of it, armed", { { 0 } }, PUBLIC, 80, ELSEWHERE, ARMED, NO_SERVICE_AT_ALL },
	{ "a NodePort's number", { { NODEPORT, 0, 80 } }, FREE, 80, ELSEWHERE, 0,
	  NONE(CIDR, UNALLOCATED) },
	{ "an external address in it", { { EXTERNAL, FREE, 81 } }, FREE, 80, ELSEWHERE, 0,
	  NONE(ADDRESS, NO_SERVICE) },
	{ "an external address in it, armed", { { EXTERNAL, FREE, 81 } }, FREE, 80, ELSEWHERE,
	  ARMED, NONE(ADDRESS, NOT_LOADED) },
	{ "the node in it", { { 0 } }, NODE, 22, ON_INTERFACE, WIDE, NO_SERVICE_AT_ALL },
	{ "the node in it, armed", { { 0 } }, NODE, 22, ON_INTERFACE, WIDE | ARMED,
	  NO_SERVICE_AT_ALL },
	{ "the node in it, ping, armed", { { 0 } }, NODE, 0, ON_INTERFACE, WIDE | ARMED | PING,
	  NO_SERVICE_AT_ALL },
	{ "a neighbour in it", { { 0 } }, OUTSIDE, 22, ELSEWHERE, WIDE, NONE(CIDR, UNALLOCATED) },
	{ "the node, whose address a service has too", { { EXTERNAL, NODE, 80 } }, NODE, 22,
	  ON_INTERFACE, WIDE, NO_SERVICE_AT_ALL },
	{ "the same, armed", { { EXTERNAL, NODE, 80 } }, NODE, 22, ON_INTERFACE, WIDE | ARMED,
	  NO_SERVICE_AT_ALL },
	{ "the same, a LoadBalancer address, armed", { { BALANCER, NODE, 80 } }, NODE, 22,
	  ON_INTERFACE, WIDE | ARMED, NO_SERVICE_AT_ALL },
	{ "the same, ping, armed", { { EXTERNAL, NODE, 80 } }, NODE, 0, ON_INTERFACE,
	  WIDE | ARMED | PING, NO_SERVICE_AT_ALL },
	{ "a NodePort there, armed", { { NODEPORT, 0, 80 }, { EXTERNAL, NODE, 81 } }, NODE, 80,
	  ON_INTERFACE, WIDE | ARMED, 0, 0, 0 },
	{ "announced, in it, armed", { { BALANCER, PUBLIC, 80 } }, PUBLIC, 82, ROUTED,
	  WIDE | ARMED, NONE(ANNOUNCED, NOT_LOADED) },
};

/* ---- the tables of frontends, and of addresses */

static const struct match_case *scene;
static struct world *world;

/* As the module keeps them: a NodePort under a zero address. */
static struct svcnat_key claim_key(const struct claim *claim)
{
	bool v6 = world->q.flow.family == NFPROTO_IPV6;
	struct svcnat_key key = {
		.port = htons(claim->port), .proto = IPPROTO_TCP,
		.family = world->q.flow.family,
	};

	if (claim->kind != NODEPORT)
		key.addr = addr(claim->who, v6);
	return key;
}

bool svcnat_frontend_lookup(struct svcnat_net *sn, const struct svcnat_key *key,
			    struct svcnat_match *match)
{
	size_t i;

	(void)sn;
	for (i = 0; i < ARRAY_SIZE(scene->claims); i++) {
		struct svcnat_key has = claim_key(&scene->claims[i]);

		if (!scene->claims[i].port || memcmp(&has, key, sizeof(has)))
			continue;
		match->service = (struct svcnat_service *)&scene->claims[i];
		match->state = &world->state;
		match->kind = scene->claims[i].kind;
		return true;
	}
	return false;
}

/* The field of bits knows all claims, and more than these. */
bool svcnat_frontend_maybe_address(const struct svcnat_net *sn, const struct svcnat_key *key)
{
	(void)sn;
	(void)key;
	return true;
}

bool svcnat_frontend_maybe_nodeport(const struct svcnat_net *sn, const struct svcnat_key *key)
{
	(void)sn;
	(void)key;
	return true;
}

const struct svcnat_address *svcnat_address_lookup(struct svcnat_net *sn, u8 family,
						   const union nf_inet_addr *daddr)
{
	static struct svcnat_address found;
	bool any = false;
	size_t i;

	(void)sn;
	memset(&found, 0, sizeof(found));
	for (i = 0; i < ARRAY_SIZE(scene->claims); i++) {
		const struct claim *claim = &scene->claims[i];
		union nf_inet_addr has = addr(claim->who, family == NFPROTO_IPV6);

		if (!claim->port || claim->kind == NODEPORT || !svcnat_addr_equal(&has, daddr))
			continue;
		svcnat_address_force(&found, claim->kind, 1);
		any = true;
	}
	return any ? &found : NULL;
}

/* ---- the cases */

static void set_scene(const struct match_case *c, bool v6)
{
	struct svcnat_settings *set;

	scene = c;
	world = world_make(OUTSIDE, c->dst, NO_SERVICE, c->with, v6);
	world->q.flow.dport = htons(c->port);
	set = &world->settings;
	if (c->with & WIDE) {
		kvfree(set->services);
		set->services = cidrs(true, true, "0.0.0.0", 0, "::", 0);
	}
	if (c->with & CHOSEN)
		set->nodeports = cidrs(true, true, "0.0.0.0", 0, "::", 0);
	else if (c->with & OTHERS_CHOSEN)
		set->nodeports = cidrs(true, true, POD_CIDRS);
	else
		set->nodeports = cidrs(v6, !v6, POD_CIDRS);	/* of the other family */
	fakenet_addr = addr(c->dst, v6);
	fakenet_where = c->where;
	fakenet_vrf = c->with & IN_VRF ? 7 : 0;
}

static void check_match(const struct match_case *c, bool v6)
{
	const struct net_device dev = { .vrf = c->with & VRF_ASKED ? 7 : 0 };
	struct svcnat_match match = { 0 };
	struct svcnat_query *q;
	int got = -1;

	set_scene(c, v6);
	q = &world->q;
	if (svcnat_match(NULL, &dev, NULL, q, &match))
		got = (const struct claim *)match.service - c->claims;
	if (got != c->claim || (got < 0) != !q->state)
		fail_msg("%s, IPv%d: claim %d", c->name, v6 ? 6 : 4, got);
	if (got >= 0 && q->kind != (enum svcnat_kind)c->claims[got].kind)
		fail_msg("%s, IPv%d: kind %d", c->name, v6 ? 6 : 4, q->kind);
	if (got < 0 && (q->place != c->place || svcnat_decide(q).reason != c->reason))
		fail_msg("%s, IPv%d: place %d, reason %d", c->name, v6 ? 6 : 4, q->place,
			 svcnat_decide(q).reason);
	kvfree(world->settings.nodeports);
	world_free(world);
}

static void check_matches(const struct match_case *c, size_t n)
{
	for (; n--; c++) {
		check_match(c, false);
		check_match(c, true);
	}
}

static void test_exact(void **state)
{
	check_matches(exact_cases, ARRAY_SIZE(exact_cases));
	(void)state;
}

static void test_nodeports(void **state)
{
	check_matches(nodeport_cases, ARRAY_SIZE(nodeport_cases));
	(void)state;
}

static void test_cidrs(void **state)
{
	check_matches(cidr_cases, ARRAY_SIZE(cidr_cases));
	(void)state;
}

/* ipv6.disable=1: the kernel's tables of addresses are not there to be asked. */
static void test_without_ipv6(void **state)
{
	static const struct match_case c = {
		"a NodePort", { { NODEPORT, 0, 80 } }, NODE, 80, ON_INTERFACE, 0,
		NO_SERVICE_AT_ALL
	};

	fakenet_ipv6 = false;
	check_match(&c, true);
	fakenet_ipv6 = true;
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exact),
		cmocka_unit_test(test_nodeports),
		cmocka_unit_test(test_cidrs),
		cmocka_unit_test(test_without_ipv6),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
