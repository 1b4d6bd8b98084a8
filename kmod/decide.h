/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The decision about the first packet of a connection: one pure function of
 * what stands in struct svcnat_query. The hooks act on it, the netlink command
 * RESOLVE reports it. The cases: Kubernetes' own proxy, nftables mode.
 */
#ifndef SVCNAT_DECIDE_H
#define SVCNAT_DECIDE_H

#include <linux/svcnat.h>

#include "key.h"
#include "settings.h"

struct svcnat_endpoint;
struct svcnat_list;
struct svcnat_state;

/* What the destination is, if it is no frontend. */
enum svcnat_place {
	SVCNAT_PLACE_NONE,		/* nothing of ours */
	SVCNAT_PLACE_CLUSTER,		/* a ClusterIP, another port */
	SVCNAT_PLACE_ANNOUNCED,		/* likewise a LoadBalancer address that is
					 * routed to this node and is on no interface
					 */
	SVCNAT_PLACE_ADDRESS,		/* any other address of a service */
	SVCNAT_PLACE_CIDR,		/* in a service CIDR, nobody's */
};

struct svcnat_query {
	struct svcnat_flow flow;
	enum svcnat_origin origin;
	const struct svcnat_settings *settings;
	/* the destination */
	const struct svcnat_state *state;	/* of the frontend's service, or NULL */
	enum svcnat_kind kind;			/* of the frontend */
	enum svcnat_place place;		/* if there is none */
	/* the choice */
	u32 key;
	u32 turn;				/* see select.h */
	struct svcnat_endpoint *kept;		/* by affinity, or NULL */
};

struct svcnat_decision {
	enum svcnat_verdict verdict;
	enum svcnat_reason reason;
	struct svcnat_endpoint *endpoint;	/* if DNAT; else NULL */
};

struct svcnat_decision svcnat_decide(const struct svcnat_query *q);

/* The same without the choice of an endpoint, nor what only that depends on. */
struct svcnat_decision svcnat_decide_verdict(const struct svcnat_query *q);

/* Which endpoints it may have: SVCNAT_LIST_CLUSTER or _LOCAL. There is a state. */
u8 svcnat_decide_list(const struct svcnat_query *q);
const struct svcnat_list *svcnat_decide_choices(const struct svcnat_query *q);

#endif /* SVCNAT_DECIDE_H */
