/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A small world for the module's decisions: addresses of pods, nodes and others
 * in both families, the settings, a service with two endpoints, and a packet.
 * For a test that has included the module's pure files.
 */
#ifndef KSHIM_WORLD_H
#define KSHIM_WORLD_H

#include "cidr.h"
#include "decide.h"
#include "endpoint.h"
#include "endpoints.h"
#include "origin.h"
#include "settings.h"
#include "state.h"

/* Who is who, in both families. */
enum who {
	POD, PEER, FIRST_POD, LAST_POD, BEFORE_PODS, PAST_PODS, NODE, OUTSIDE, STRANGER,
	REMOTE, LOCAL, VIP, FREE, PUBLIC, LOOP, LOOP_FAR, PAST_LOOP, BEFORE_LOOP, LOOK_ALIKE, ANY,
};

static const char *const addresses[][2] = {
	[POD]		= { "10.244.2.20", "fd44:0:0:2::20" },
	[PEER]		= { "10.244.1.20", "fd44:0:0:1::20" },
	[FIRST_POD]	= { "10.244.0.0", "fd44::" },
	[LAST_POD]	= { "10.244.255.255", "fd44:0:0:ffff:ffff:ffff:ffff:ffff" },
	[BEFORE_PODS]	= { "10.243.255.255", "fd43:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	[PAST_PODS]	= { "10.245.0.0", "fd44:0:1::" },
	[NODE]		= { "192.168.56.151", "2001:db8:56::151" },
	[OUTSIDE]	= { "192.168.56.1", "2001:db8:56::1" },
	[STRANGER]	= { "198.51.100.7", "2001:db8:77::7" },
	[REMOTE]	= { "10.244.1.10", "fd44:0:0:1::10" },	/* an endpoint elsewhere */
	[LOCAL]		= { "10.244.2.10", "fd44:0:0:2::10" },	/* an endpoint here */
	[VIP]		= { "10.96.0.10", "fd96::10" },
	[FREE]		= { "10.96.255.255", "fd96::ffff" },
	[PUBLIC]	= { "203.0.113.5", "2001:db8:113::5" },
	[LOOP]		= { "127.0.0.1", "::1" },
	[LOOP_FAR]	= { "127.255.255.254", "::1" },
	[PAST_LOOP]	= { "128.0.0.1", "::2" },
	[BEFORE_LOOP]	= { "126.255.255.255", "1::1" },
	[LOOK_ALIKE]	= { "1.0.0.127", "7f00:1::1" },
	[ANY]		= { "0.0.0.0", "::" },
};

#define POD_CIDRS	"10.244.0.0", 16, "fd44::", 48
#define SERVICE_CIDRS	"10.96.0.0", 16, "fd96::", 64
#define RANGE		"192.168.56.0", 24, "2001:db8:56::", 48	/* node and outside */

/* Which endpoints the service has. */
enum eps {
	NO_SERVICE,
	NOTHING,		/* a service without any */
	ONLY_REMOTE, ONLY_LOCAL, BOTH,
	DRAINED,		/* both, of weight 0 */
	UNLISTED,		/* both, in no list */
	LOCAL_DRAINED,		/* the remote one is well */
	LOCAL_LISTED,		/* a local one, in the local list alone */
};

enum with {
	HERE		= 1 << 0,	/* made on this node */
	PING		= 1 << 1,
	ARMED		= 1 << 2,
	NO_ECHO		= 1 << 3,
	LO_NODEPORTS	= 1 << 4,
	NO_PODS		= 1 << 5,	/* no pod CIDR of the family, but of the other */
	ALL		= 1 << 6,	/* masqueradeAll */
	RANGES		= 1 << 7,	/* the service has source ranges */
	V4		= 1 << 8,	/* a case for IPv4 only */
	V6		= 1 << 9,
};

enum kept { KEPT_NOBODY, KEPT_LOCAL, KEPT_REMOTE, KEPT_TWIN };

#define CLUSTER		SVCNAT_KIND_CLUSTER
#define EXTERNAL	SVCNAT_KIND_EXTERNAL
#define BALANCER	SVCNAT_KIND_LOADBALANCER
#define NODEPORT	SVCNAT_KIND_NODEPORT
#define ETP		SVCNAT_F_EXTERNAL_LOCAL
#define ITP		SVCNAT_F_INTERNAL_LOCAL

static inline union nf_inet_addr addr(enum who who, bool v6)
{
	union nf_inet_addr a;

	memset(&a, 0, sizeof(a));
	assert_int_equal(inet_pton(v6 ? AF_INET6 : AF_INET, addresses[who][v6], &a), 1);
	return a;
}

static inline void fill(struct svcnat_cidrs *list, u32 i, u8 family, const char *text, u8 prefix)
{
	union nf_inet_addr a;

	memset(&a, 0, sizeof(a));
	assert_int_equal(inet_pton(family == NFPROTO_IPV4 ? AF_INET : AF_INET6, text, &a), 1);
	assert_int_equal(svcnat_cidrs_fill(list, i, family, &a, prefix), 0);
}

/* Of one family or of both. */
static inline struct svcnat_cidrs *cidrs(bool v4, bool v6, const char *text4, u8 prefix4,
				  const char *text6, u8 prefix6)
{
	struct svcnat_cidrs *list = svcnat_cidrs_alloc(v4 + v6);

	assert_non_null(list);
	if (v4)
		fill(list, 0, NFPROTO_IPV4, text4, prefix4);
	if (v6)
		fill(list, v4, NFPROTO_IPV6, text6, prefix6);
	return list;
}

struct world {
	struct svcnat_settings settings;
	struct svcnat_endpoint remote, local, twin;
	struct svcnat_endpoints *endpoints;
	struct svcnat_query q;
	struct svcnat_state state;	/* last: it has slots behind it */
};

static inline void member(struct world *w, struct svcnat_endpoint *ep, u16 weight, u8 lists)
{
	w->endpoints->v[w->endpoints->n++] = (struct svcnat_member){
		.endpoint = ep, .weight = weight, .lists = lists,
	};
}

/* In the order of their addresses: the remote one is the first. */
static inline void members(struct world *w, enum eps eps)
{
	static const struct {
		int remote, remote_lists, local, local_lists;	/* weights; -1: is not there */
	} sets[] = {
		[NOTHING]	= { -1, 0, -1, 0 },
		[ONLY_REMOTE]	= { 1, SVCNAT_LIST_CLUSTER, -1, 0 },
		[ONLY_LOCAL]	= { -1, 0, 1, SVCNAT_LIST_ALL },
		[BOTH]		= { 1, SVCNAT_LIST_CLUSTER, 1, SVCNAT_LIST_ALL },
		[DRAINED]	= { 0, SVCNAT_LIST_CLUSTER, 0, SVCNAT_LIST_ALL },
		[UNLISTED]	= { 1, 0, 1, 0 },
		[LOCAL_DRAINED]	= { 1, SVCNAT_LIST_CLUSTER, 0, SVCNAT_LIST_ALL },
		[LOCAL_LISTED]	= { -1, 0, 1, SVCNAT_LIST_LOCAL },
	};

	if (sets[eps].remote >= 0)
		member(w, &w->remote, sets[eps].remote, sets[eps].remote_lists);
	if (sets[eps].local >= 0)
		member(w, &w->local, sets[eps].local, sets[eps].local_lists);
}

static inline void world_lists(struct world *w, enum svcnat_scheduler scheduler)
{
	struct svcnat_endpoints *eps = w->endpoints;

	svcnat_list_free(&eps->cluster);
	svcnat_list_free(&eps->local);
	w->state.scheduler = scheduler;
	assert_int_equal(svcnat_list_init(&eps->cluster, eps->v, eps->n, SVCNAT_LIST_CLUSTER,
					  scheduler), 0);
	assert_int_equal(svcnat_list_init(&eps->local, eps->v, eps->n, SVCNAT_LIST_LOCAL,
					  scheduler), 0);
}

static inline void world_settings(struct svcnat_settings *set, unsigned int with, bool v6)
{
	bool none = with & NO_PODS;

	set->pods = cidrs(v6 || !none, !v6 || !none, POD_CIDRS);
	set->services = cidrs(true, true, SERVICE_CIDRS);
	set->loopback_nodeports = with & LO_NODEPORTS;
	set->masquerade_all = with & ALL;
	set->echo = !(with & NO_ECHO);
	set->armed = with & ARMED;
}

static inline struct svcnat_key endpoint_key(enum who who, bool v6)
{
	return (struct svcnat_key){
		.addr = addr(who, v6), .port = htons(8080), .proto = IPPROTO_TCP,
		.family = v6 ? NFPROTO_IPV6 : NFPROTO_IPV4,
	};
}

static inline struct world *world_make(enum who src, enum who dst, enum eps eps, unsigned int with,
				bool v6)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->endpoints = calloc(1, sizeof(*w->endpoints) + 2 * sizeof(w->endpoints->v[0]));
	assert_non_null(w->endpoints);
	w->remote.key = endpoint_key(REMOTE, v6);
	w->local.key = endpoint_key(LOCAL, v6);
	w->twin.key = w->local.key;
	world_settings(&w->settings, with, v6);
	w->state.endpoints = w->endpoints;
	if (with & RANGES)
		w->state.ranges = cidrs(!v6, v6, RANGE);
	w->q = (struct svcnat_query){
		.flow = {
			.saddr = addr(src, v6), .daddr = addr(dst, v6),
			.sport = htons(with & PING ? 0 : 40000),
			.dport = htons(with & PING ? 0 : 80),
			.proto = !(with & PING) ? IPPROTO_TCP :
				 v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP,
			.family = v6 ? NFPROTO_IPV6 : NFPROTO_IPV4,
			.local = with & HERE, .echo = with & PING,
		},
		.settings = &w->settings, .key = 1,
	};
	w->q.origin = svcnat_origin(&w->q.flow, &w->settings);
	if (eps != NO_SERVICE) {
		members(w, eps);
		w->q.state = &w->state;
	}
	return w;
}

static inline void world_free(struct world *w)
{
	svcnat_list_free(&w->endpoints->cluster);
	svcnat_list_free(&w->endpoints->local);
	kvfree(w->settings.pods);
	kvfree(w->settings.services);
	kvfree(w->state.ranges);
	free(w->endpoints);
	free(w);
}

#endif
