// SPDX-License-Identifier: GPL-2.0
/* The answer of RESOLVE: every input of the decision, and what came of it. */
#include "cidr.h"
#include "endpoint.h"
#include "endpoints.h"
#include "fill.h"
#include "service.h"
#include "state.h"

static int svcnat_fill_flow(struct sk_buff *skb, const struct svcnat_resolution *r)
{
	const struct svcnat_flow *flow = &r->query.flow;

	if (nla_put_u8(skb, SVCNAT_A_RESOLVE_FAMILY, flow->family) ||
	    nla_put_u8(skb, SVCNAT_A_RESOLVE_PROTO, flow->proto) ||
	    svcnat_fill_addr(skb, SVCNAT_A_RESOLVE_SRC, flow->family, &flow->saddr) ||
	    (r->sport_known &&
	     nla_put_be16(skb, SVCNAT_A_RESOLVE_SRC_PORT, flow->sport)) ||
	    svcnat_fill_addr(skb, SVCNAT_A_RESOLVE_DST, flow->family, &flow->daddr) ||
	    (flow->dport && nla_put_be16(skb, SVCNAT_A_RESOLVE_DST_PORT, flow->dport)) ||
	    (r->ifindex && nla_put_u32(skb, SVCNAT_A_RESOLVE_IFINDEX, r->ifindex)))
		return -EMSGSIZE;
	return 0;
}

static int svcnat_fill_frontend_of(struct sk_buff *skb, const struct svcnat_resolution *r)
{
	const struct svcnat_state *state = r->query.state;

	if (nla_put_string(skb, SVCNAT_A_RESOLVE_SERVICE, r->match.service->name) ||
	    nla_put_string(skb, SVCNAT_A_RESOLVE_OWNER, r->match.service->owner) ||
	    nla_put_u8(skb, SVCNAT_A_RESOLVE_KIND, r->query.kind) ||
	    nla_put_u32(skb, SVCNAT_A_RESOLVE_FLAGS, state->flags) ||
	    nla_put_u32(skb, SVCNAT_A_RESOLVE_RANGES,
			state->ranges ? state->ranges->n : 0) ||
	    nla_put_u8(skb, SVCNAT_A_RESOLVE_LIST, svcnat_decide_list(&r->query)) ||
	    nla_put_u32(skb, SVCNAT_A_RESOLVE_CLUSTER, state->endpoints->cluster.n) ||
	    nla_put_u32(skb, SVCNAT_A_RESOLVE_LOCAL, state->endpoints->local.n) ||
	    nla_put_u8(skb, SVCNAT_A_RESOLVE_SCHEDULER, state->scheduler) ||
	    nla_put_u32(skb, SVCNAT_A_RESOLVE_AFFINITY, state->affinity) ||
	    (r->query.kept &&
	     nla_put_u32(skb, SVCNAT_A_RESOLVE_AFFINITY_AGE, r->kept_age)))
		return -EMSGSIZE;
	return 0;
}

static int svcnat_fill_endpoint_of(struct sk_buff *skb, const struct svcnat_resolution *r)
{
	const struct svcnat_key *key = &r->decision.endpoint->key;

	if (r->sport_known && nla_put_u32(skb, SVCNAT_A_RESOLVE_HASH, r->hash))
		return -EMSGSIZE;
	if (r->chosen &&
	    (svcnat_fill_addr(skb, SVCNAT_A_RESOLVE_ENDPOINT_ADDR, key->family,
			      &key->addr) ||
	     nla_put_be16(skb, SVCNAT_A_RESOLVE_ENDPOINT_PORT, key->port)))
		return -EMSGSIZE;
	return nla_put_u8(skb, SVCNAT_A_RESOLVE_MASQUERADE, r->masquerade);
}

int svcnat_fill_resolution(struct sk_buff *skb, const struct svcnat_resolution *r)
{
	const struct svcnat_query *q = &r->query;

	if (svcnat_fill_flow(skb, r) ||
	    nla_put_u8(skb, SVCNAT_A_RESOLVE_ORIGIN, q->origin) ||
	    nla_put_u8(skb, SVCNAT_A_RESOLVE_ARMED, q->settings->armed) ||
	    nla_put_u8(skb, SVCNAT_A_RESOLVE_VERDICT, r->decision.verdict) ||
	    nla_put_u8(skb, SVCNAT_A_RESOLVE_REASON, r->decision.reason))
		return -EMSGSIZE;

	if (q->state && svcnat_fill_frontend_of(skb, r))
		return -EMSGSIZE;
	return r->decision.endpoint ? svcnat_fill_endpoint_of(skb, r) : 0;
}
