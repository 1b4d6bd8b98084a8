// SPDX-License-Identifier: GPL-2.0
#include "endpoints.h"
#include "fill.h"
#include "netlink.h"
#include "netns.h"
#include "service.h"
#include "settings.h"
#include "state.h"

static int svcnat_fill_addr(struct sk_buff *skb, int type, u8 family,
			    const union nf_inet_addr *addr)
{
	return nla_put(skb, type, family == NFPROTO_IPV4 ? sizeof(addr->ip) :
							   sizeof(addr->ip6), addr);
}

static int svcnat_fill_frontend(struct sk_buff *skb, const struct svcnat_slot *slot)
{
	const struct svcnat_key *key = &slot->frontend->key;
	struct nlattr *nest;

	nest = nla_nest_start(skb, SVCNAT_A_SERVICE_FRONTEND);
	if (!nest)
		return -EMSGSIZE;

	if (nla_put_u8(skb, SVCNAT_A_FRONTEND_KIND, slot->kind) ||
	    (slot->kind != SVCNAT_KIND_NODEPORT &&
	     svcnat_fill_addr(skb, SVCNAT_A_FRONTEND_ADDR, key->family, &key->addr)) ||
	    nla_put_be16(skb, SVCNAT_A_FRONTEND_PORT, key->port)) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

static int svcnat_fill_endpoint(struct sk_buff *skb, u8 family,
				const struct svcnat_endpoint *ep)
{
	struct nlattr *nest;

	nest = nla_nest_start(skb, SVCNAT_A_SERVICE_ENDPOINT);
	if (!nest)
		return -EMSGSIZE;

	if (svcnat_fill_addr(skb, SVCNAT_A_ENDPOINT_ADDR, family, &ep->addr) ||
	    nla_put_be16(skb, SVCNAT_A_ENDPOINT_PORT, ep->port)) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

static int svcnat_fill_header(struct sk_buff *skb, const struct svcnat_service *svc,
			      const struct svcnat_state *state)
{
	if (nla_put_string(skb, SVCNAT_A_SERVICE_NAME, svc->name) ||
	    nla_put_u8(skb, SVCNAT_A_SERVICE_FAMILY, svc->family) ||
	    nla_put_u8(skb, SVCNAT_A_SERVICE_PROTO, svc->proto) ||
	    nla_put_string(skb, SVCNAT_A_SERVICE_OWNER, svc->owner) ||
	    nla_put_u32(skb, SVCNAT_A_SERVICE_FLAGS, state->flags))
		return -EMSGSIZE;
	return 0;
}

/* The pos-th member: first the slots, free ones included, then the endpoints. */
static int svcnat_fill_member(struct sk_buff *skb, u8 family,
			      const struct svcnat_state *state, unsigned long pos)
{
	if (pos >= state->nslots)
		return svcnat_fill_endpoint(skb, family,
					    &state->endpoints->v[pos - state->nslots]);
	if (!state->slots[pos].frontend)
		return 0;
	return svcnat_fill_frontend(skb, &state->slots[pos]);
}

/* As many members as fit, with room left to say that there are more. */
static void svcnat_fill_members(struct sk_buff *skb, u8 family,
				const struct svcnat_state *state, unsigned long *pos)
{
	unsigned long end = (unsigned long)state->nslots + state->endpoints->n;

	while (*pos < end) {
		unsigned char *before = skb_tail_pointer(skb);

		if (svcnat_fill_member(skb, family, state, *pos))
			return;
		if (skb_tailroom(skb) < nla_total_size(0)) {
			nlmsg_trim(skb, before);
			return;
		}
		(*pos)++;
	}
}

int svcnat_fill_service(struct sk_buff *skb, struct netlink_callback *cb,
			const struct svcnat_service *svc,
			const struct svcnat_state *state, unsigned long *pos)
{
	unsigned long end = (unsigned long)state->nslots + state->endpoints->n;
	unsigned long start = *pos;
	void *hdr;

	hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			  &svcnat_netlink_family, NLM_F_MULTI,
			  SVCNAT_CMD_SERVICE_GET);
	if (!hdr)
		return -EMSGSIZE;

	genl_dump_check_consistent(cb, hdr);
	if (nla_put_u32(skb, SVCNAT_A_SERVICE_ID, svc->id) ||
	    (!start && svcnat_fill_header(skb, svc, state)))
		goto err_cancel;

	svcnat_fill_members(skb, svc->family, state, pos);
	if (*pos < end) {
		if (*pos == start ||
		    nla_put_flag(skb, SVCNAT_A_SERVICE_MORE))
			goto err_cancel;
	}
	genlmsg_end(skb, hdr);
	return *pos < end;

err_cancel:
	genlmsg_cancel(skb, hdr);
	*pos = start;
	return -EMSGSIZE;
}

static int svcnat_fill_cidrs(struct sk_buff *skb, const struct svcnat_settings *set)
{
	struct nlattr *list, *nest;
	u32 i;

	list = nla_nest_start(skb, SVCNAT_A_SETTINGS_POD_CIDRS);
	if (!list)
		return -EMSGSIZE;

	for (i = 0; i < set->npod_cidrs; i++) {
		const struct svcnat_cidr *cidr = &set->pod_cidrs[i];

		nest = nla_nest_start(skb, SVCNAT_A_CIDR);
		if (!nest ||
		    nla_put_u8(skb, SVCNAT_A_CIDR_FAMILY, cidr->family) ||
		    svcnat_fill_addr(skb, SVCNAT_A_CIDR_ADDR, cidr->family,
				     &cidr->addr) ||
		    nla_put_u8(skb, SVCNAT_A_CIDR_PREFIX, cidr->prefix))
			return -EMSGSIZE;
		nla_nest_end(skb, nest);
	}
	nla_nest_end(skb, list);
	return 0;
}

int svcnat_fill_settings(struct sk_buff *skb, const struct svcnat_net *sn,
			 const struct svcnat_settings *set)
{
	if (nla_put_string(skb, SVCNAT_A_SETTINGS_VERSION, SVCNAT_VERSION) ||
	    nla_put_u8(skb, SVCNAT_A_SETTINGS_ENABLED, sn->enabled) ||
	    svcnat_fill_cidrs(skb, set) ||
	    nla_put_u32(skb, SVCNAT_A_SETTINGS_MAX_SERVICES, set->max_services) ||
	    nla_put_u32(skb, SVCNAT_A_SETTINGS_MAX_FRONTENDS, set->max_frontends) ||
	    nla_put_u32(skb, SVCNAT_A_SETTINGS_MAX_ENDPOINTS, set->max_endpoints) ||
	    nla_put_u32(skb, SVCNAT_A_SETTINGS_SERVICES, sn->nservices) ||
	    nla_put_u32(skb, SVCNAT_A_SETTINGS_FRONTENDS, sn->nfrontends) ||
	    nla_put_u32(skb, SVCNAT_A_SETTINGS_ENDPOINTS, sn->nendpoints))
		return -EMSGSIZE;
	return 0;
}

static int svcnat_fill_flow(struct sk_buff *skb, const struct svcnat_resolution *r)
{
	const struct svcnat_flow *flow = &r->flow;

	if (nla_put_u8(skb, SVCNAT_A_RESOLVE_FAMILY, flow->family) ||
	    nla_put_u8(skb, SVCNAT_A_RESOLVE_PROTO, flow->proto) ||
	    svcnat_fill_addr(skb, SVCNAT_A_RESOLVE_SRC, flow->family, &flow->saddr) ||
	    (r->sport_known &&
	     nla_put_be16(skb, SVCNAT_A_RESOLVE_SRC_PORT, flow->sport)) ||
	    svcnat_fill_addr(skb, SVCNAT_A_RESOLVE_DST, flow->family, &flow->daddr) ||
	    nla_put_be16(skb, SVCNAT_A_RESOLVE_DST_PORT, flow->dport))
		return -EMSGSIZE;
	return 0;
}

int svcnat_fill_resolution(struct sk_buff *skb, const struct svcnat_resolution *r)
{
	const struct svcnat_decision *d = &r->decision;
	const struct svcnat_match *match = &r->match;

	if (svcnat_fill_flow(skb, r) ||
	    nla_put_u8(skb, SVCNAT_A_RESOLVE_ORIGIN, r->origin) ||
	    nla_put_u8(skb, SVCNAT_A_RESOLVE_VERDICT, d->verdict) ||
	    nla_put_u8(skb, SVCNAT_A_RESOLVE_REASON, d->reason))
		return -EMSGSIZE;

	if (d->reason != SVCNAT_REASON_NO_SERVICE &&
	    (nla_put_string(skb, SVCNAT_A_RESOLVE_SERVICE, match->service->name) ||
	     nla_put_string(skb, SVCNAT_A_RESOLVE_OWNER, match->service->owner) ||
	     nla_put_u8(skb, SVCNAT_A_RESOLVE_KIND, match->kind) ||
	     nla_put_u32(skb, SVCNAT_A_RESOLVE_ENDPOINTS, match->state->endpoints->n)))
		return -EMSGSIZE;

	if (d->verdict != SVCNAT_VERDICT_DNAT)
		return 0;

	if (r->sport_known &&
	    (svcnat_fill_addr(skb, SVCNAT_A_RESOLVE_ENDPOINT_ADDR, r->flow.family,
			      &d->endpoint->addr) ||
	     nla_put_be16(skb, SVCNAT_A_RESOLVE_ENDPOINT_PORT, d->endpoint->port)))
		return -EMSGSIZE;
	return nla_put_u8(skb, SVCNAT_A_RESOLVE_MASQUERADE, r->masquerade);
}
