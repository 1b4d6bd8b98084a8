// SPDX-License-Identifier: GPL-2.0
#include "decide.h"
#include "endpoints.h"
#include "select.h"
#include "state.h"

static bool svcnat_addr_loopback(const union nf_inet_addr *addr, u8 family)
{
	if (family == NFPROTO_IPV4)
		return (addr->ip & htonl(0xff000000)) == htonl(0x7f000000);
	return !(addr->all[0] | addr->all[1] | addr->all[2]) &&
	       addr->ip6[3] == htonl(1);
}

static struct svcnat_decision svcnat_verdict(enum svcnat_verdict verdict,
					     enum svcnat_reason reason)
{
	return (struct svcnat_decision){ .verdict = verdict, .reason = reason };
}

/*
 * Only a process of the node may use a NodePort on 127.0.0.0/8: that address
 * being routed at all, which it needs, would open it to the neighbours
 * (CVE-2020-8558).
 */
static bool svcnat_decide_loopback_nodeport(const struct svcnat_query *q)
{
	return q->settings->loopback_nodeports && q->flow.local &&
	       q->flow.family == NFPROTO_IPV4 && q->state &&
	       q->kind == SVCNAT_KIND_NODEPORT;
}

static bool svcnat_decide_martian(const struct svcnat_query *q)
{
	return q->settings->loopback_nodeports && !q->flow.local &&
	       q->flow.family == NFPROTO_IPV4 &&
	       svcnat_addr_loopback(&q->flow.daddr, NFPROTO_IPV4) &&
	       !svcnat_addr_loopback(&q->flow.saddr, NFPROTO_IPV4);
}

/* The answer would come back to a loopback address from outside: a martian. */
static bool svcnat_decide_is_loopback(const struct svcnat_query *q)
{
	return svcnat_addr_loopback(&q->flow.saddr, q->flow.family) ||
	       svcnat_addr_loopback(&q->flow.daddr, q->flow.family);
}

static struct svcnat_decision svcnat_decide_no_frontend(const struct svcnat_query *q)
{
	bool armed = q->settings->armed &&
		     svcnat_cidrs_contain(q->settings->services, q->flow.family,
					  &q->flow.daddr);

	if (q->place == SVCNAT_PLACE_NONE)
		return svcnat_verdict(SVCNAT_VERDICT_PASS, SVCNAT_REASON_NO_SERVICE);

	if (q->flow.echo && q->settings->echo && q->place != SVCNAT_PLACE_CIDR)
		return svcnat_verdict(SVCNAT_VERDICT_ECHO, SVCNAT_REASON_ECHO);

	if (armed)
		return svcnat_verdict(SVCNAT_VERDICT_DROP, SVCNAT_REASON_NOT_LOADED);

	switch (q->place) {
	case SVCNAT_PLACE_CLUSTER:
	case SVCNAT_PLACE_ANNOUNCED:
		return svcnat_verdict(SVCNAT_VERDICT_REJECT,
				      SVCNAT_REASON_UNDEFINED_PORT);
	case SVCNAT_PLACE_CIDR:
		return svcnat_verdict(SVCNAT_VERDICT_DROP, SVCNAT_REASON_UNALLOCATED);
	default:
		return svcnat_verdict(SVCNAT_VERDICT_PASS, SVCNAT_REASON_NO_SERVICE);
	}
}

u8 svcnat_decide_list(const struct svcnat_query *q)
{
	bool local;

	if (q->kind == SVCNAT_KIND_CLUSTER)
		local = q->state->flags & SVCNAT_F_INTERNAL_LOCAL;
	else	/* pods and the node are short-circuited */
		local = q->state->flags & SVCNAT_F_EXTERNAL_LOCAL &&
			q->origin == SVCNAT_ORIGIN_OUTSIDE;
	return local ? SVCNAT_LIST_LOCAL : SVCNAT_LIST_CLUSTER;
}

static bool svcnat_decide_source_allowed(const struct svcnat_query *q)
{
	return q->kind != SVCNAT_KIND_LOADBALANCER || !q->state->ranges ||
	       svcnat_cidrs_contain(q->state->ranges, q->flow.family, &q->flow.saddr);
}

const struct svcnat_list *svcnat_decide_choices(const struct svcnat_query *q)
{
	const struct svcnat_endpoints *eps = q->state->endpoints;

	return svcnat_decide_list(q) == SVCNAT_LIST_LOCAL ? &eps->local : &eps->cluster;
}

/* list: those that it may have, if the answer is DNAT. */
static struct svcnat_decision svcnat_decide_frontend(const struct svcnat_query *q,
						     const struct svcnat_list **list)
{
	const struct svcnat_endpoints *eps = q->state->endpoints;

	if (!svcnat_decide_source_allowed(q))
		return svcnat_verdict(SVCNAT_VERDICT_DROP, SVCNAT_REASON_SOURCE_RANGE);

	*list = svcnat_decide_choices(q);
	if (likely((*list)->n))
		return svcnat_verdict(SVCNAT_VERDICT_DNAT, SVCNAT_REASON_ENDPOINT);
	if (*list == &eps->local && eps->cluster.n)
		return svcnat_verdict(SVCNAT_VERDICT_DROP, SVCNAT_REASON_NO_LOCAL);
	return svcnat_verdict(SVCNAT_VERDICT_REJECT, SVCNAT_REASON_NO_ENDPOINTS);
}

static struct svcnat_decision svcnat_decide_any(const struct svcnat_query *q,
						const struct svcnat_list **list)
{
	if (svcnat_decide_martian(q))
		return svcnat_verdict(SVCNAT_VERDICT_DROP, SVCNAT_REASON_MARTIAN);

	if (!q->state)
		return svcnat_decide_no_frontend(q);

	if (svcnat_decide_is_loopback(q) && !svcnat_decide_loopback_nodeport(q))
		return svcnat_verdict(SVCNAT_VERDICT_PASS, SVCNAT_REASON_LOOPBACK);

	return svcnat_decide_frontend(q, list);
}

struct svcnat_decision svcnat_decide_verdict(const struct svcnat_query *q)
{
	const struct svcnat_list *list;

	return svcnat_decide_any(q, &list);
}

struct svcnat_decision svcnat_decide(const struct svcnat_query *q)
{
	const struct svcnat_list *list = NULL;
	struct svcnat_decision d = svcnat_decide_any(q, &list);

	if (d.verdict != SVCNAT_VERDICT_DNAT)
		return d;

	if (q->kept && svcnat_list_has(list, q->kept)) {
		d.reason = SVCNAT_REASON_AFFINITY;
		d.endpoint = q->kept;
	} else {
		d.endpoint = svcnat_select_endpoint(list, q->state->scheduler,
						    &q->flow, q->key, q->turn);
	}
	return d;
}
