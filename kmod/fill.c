// SPDX-License-Identifier: GPL-2.0
/* Services, whole and in part. */
#include "cidr.h"
#include "conns.h"
#include "count.h"
#include "endpoint.h"
#include "endpoints.h"
#include "fill.h"
#include "netlink.h"
#include "netns.h"
#include "service.h"
#include "state.h"

int svcnat_fill_addr(struct sk_buff *skb, int type, u8 family,
		     const union nf_inet_addr *addr)
{
	return nla_put(skb, type, family == NFPROTO_IPV4 ? sizeof(addr->ip) :
							   sizeof(addr->ip6), addr);
}

static int svcnat_fill_frontend(struct sk_buff *skb, const struct svcnat_slot *slot)
{
	const struct svcnat_key *key = &slot->frontend->key;

	if (nla_put_u8(skb, SVCNAT_A_FRONTEND_KIND, slot->kind) ||
	    (slot->kind != SVCNAT_KIND_NODEPORT &&
	     svcnat_fill_addr(skb, SVCNAT_A_FRONTEND_ADDR, key->family, &key->addr)) ||
	    nla_put_be16(skb, SVCNAT_A_FRONTEND_PORT, key->port))
		return -EMSGSIZE;
	return 0;
}

static int svcnat_fill_range(struct sk_buff *skb, const struct svcnat_cidr *cidr)
{
	if (nla_put_u8(skb, SVCNAT_A_CIDR_FAMILY, cidr->family) ||
	    svcnat_fill_addr(skb, SVCNAT_A_CIDR_ADDR, cidr->family, &cidr->addr) ||
	    nla_put_u8(skb, SVCNAT_A_CIDR_PREFIX, cidr->prefix))
		return -EMSGSIZE;
	return 0;
}

static int svcnat_fill_count(struct sk_buff *skb, const struct svcnat_service *svc,
			     enum svcnat_service_counter counter)
{
	if (nla_put_u8(skb, SVCNAT_A_COUNT_REASON,
		       svcnat_service_counter_reason(counter)) ||
	    nla_put_u64_64bit(skb, SVCNAT_A_COUNT_N,
			      svcnat_service_count_sum(svc->counts, counter),
			      SVCNAT_A_COUNT_PAD))
		return -EMSGSIZE;
	return 0;
}

static int svcnat_fill_place(struct sk_buff *skb, const struct svcnat_key *key)
{
	if (svcnat_fill_addr(skb, SVCNAT_A_ENDPOINT_ADDR, key->family, &key->addr) ||
	    nla_put_be16(skb, SVCNAT_A_ENDPOINT_PORT, key->port))
		return -EMSGSIZE;
	return 0;
}

static int svcnat_fill_endpoint(struct sk_buff *skb, const struct svcnat_key *key,
				u8 lists, u16 weight)
{
	if (svcnat_fill_place(skb, key) ||
	    nla_put_u8(skb, SVCNAT_A_ENDPOINT_LISTS, lists) ||
	    nla_put_u16(skb, SVCNAT_A_ENDPOINT_WEIGHT, weight))
		return -EMSGSIZE;
	return 0;
}

static int svcnat_fill_u64(struct sk_buff *skb, int type, u64 value)
{
	return nla_put_u64_64bit(skb, type, value, SVCNAT_A_ENDPOINT_PAD);
}

static int svcnat_fill_traffic(struct sk_buff *skb, const struct svcnat_endpoint *ep)
{
	const struct svcnat_traffic *t = ep->traffic;

	if (nla_put_u32(skb, SVCNAT_A_ENDPOINT_ACTIVE, atomic_read(&ep->active)) ||
	    svcnat_fill_u64(skb, SVCNAT_A_ENDPOINT_PACKETS_TO,
			    READ_ONCE(t->packets[IP_CT_DIR_ORIGINAL])) ||
	    svcnat_fill_u64(skb, SVCNAT_A_ENDPOINT_BYTES_TO,
			    READ_ONCE(t->bytes[IP_CT_DIR_ORIGINAL])) ||
	    svcnat_fill_u64(skb, SVCNAT_A_ENDPOINT_PACKETS_FROM,
			    READ_ONCE(t->packets[IP_CT_DIR_REPLY])) ||
	    svcnat_fill_u64(skb, SVCNAT_A_ENDPOINT_BYTES_FROM,
			    READ_ONCE(t->bytes[IP_CT_DIR_REPLY])))
		return -EMSGSIZE;
	return 0;
}

static int svcnat_fill_member_endpoint(struct sk_buff *skb,
				       const struct svcnat_state *state,
				       const struct svcnat_member *m, bool stats)
{
	const struct svcnat_endpoint *ep = m->endpoint;

	if (svcnat_fill_endpoint(skb, &ep->key, m->lists, m->weight))
		return -EMSGSIZE;
	if (!stats)
		return 0;
	if (svcnat_fill_u64(skb, SVCNAT_A_ENDPOINT_CONNECTIONS,
			    svcnat_endpoint_connections(ep)))
		return -EMSGSIZE;
	return state->records && ep->traffic ? svcnat_fill_traffic(skb, ep) : 0;
}

/* The members of a service, one behind the other; slots that are free included. */
struct svcnat_fill_members {
	const struct svcnat_service *svc;
	const struct svcnat_state *state;
	const struct svcnat_spec *change;	/* else of a change */
	bool stats;
	bool del;				/* a change that takes endpoints away */
	unsigned long ranges, counts, endpoints, end;	/* where each begins */
};

static struct svcnat_fill_members
svcnat_fill_members(const struct svcnat_service *svc, const struct svcnat_state *state,
		    bool stats)
{
	struct svcnat_fill_members m = { .svc = svc, .state = state, .stats = stats };

	m.ranges = state->nslots;
	m.counts = m.ranges + (state->ranges ? state->ranges->n : 0);
	m.endpoints = m.counts + (stats ? SVCNAT_SERVICE_COUNTERS : 0);
	m.end = m.endpoints + state->endpoints->n;
	return m;
}

/* Which attribute the pos-th member is; 0: none, it is a free slot. */
static int svcnat_fill_type(const struct svcnat_fill_members *m, unsigned long pos)
{
	if (pos >= m->endpoints)
		return SVCNAT_A_SERVICE_ENDPOINT;
	if (pos >= m->counts)
		return SVCNAT_A_SERVICE_COUNT;
	if (pos >= m->ranges)
		return SVCNAT_A_SERVICE_RANGE;
	return m->state->slots[pos].frontend ? SVCNAT_A_SERVICE_FRONTEND : 0;
}

static int svcnat_fill_changed(struct sk_buff *skb, const struct svcnat_spec_endpoint *ep,
			       bool del)
{
	if (del)
		return svcnat_fill_place(skb, &ep->key);
	return svcnat_fill_endpoint(skb, &ep->key, ep->lists, ep->weight);
}

static int svcnat_fill_content(struct sk_buff *skb, const struct svcnat_fill_members *m,
			       unsigned long pos)
{
	const struct svcnat_state *state = m->state;

	switch (svcnat_fill_type(m, pos)) {
	case SVCNAT_A_SERVICE_ENDPOINT:
		if (m->change)
			return svcnat_fill_changed(skb, &m->change->endpoints[pos], m->del);
		return svcnat_fill_member_endpoint(skb, state,
						   &state->endpoints->v[pos - m->endpoints],
						   m->stats);
	case SVCNAT_A_SERVICE_COUNT:
		return svcnat_fill_count(skb, m->svc, pos - m->counts);
	case SVCNAT_A_SERVICE_RANGE:
		return svcnat_fill_range(skb, &state->ranges->v[pos - m->ranges]);
	default:
		return svcnat_fill_frontend(skb, &state->slots[pos]);
	}
}

static int svcnat_fill_member(struct sk_buff *skb, const struct svcnat_fill_members *m,
			      unsigned long pos)
{
	int type = svcnat_fill_type(m, pos);
	struct nlattr *nest;

	if (!type)
		return 0;

	nest = nla_nest_start(skb, type);
	if (!nest)
		return -EMSGSIZE;
	if (svcnat_fill_content(skb, m, pos)) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

/* As many members as fit, with room left to say that there are more. */
static void svcnat_fill_some(struct sk_buff *skb, const struct svcnat_fill_members *m,
			     unsigned long *pos)
{
	while (*pos < m->end) {
		unsigned char *before = skb_tail_pointer(skb);

		if (svcnat_fill_member(skb, m, *pos))
			return;
		if (skb_tailroom(skb) < nla_total_size(0)) {
			nlmsg_trim(skb, before);
			return;
		}
		(*pos)++;
	}
}

static int svcnat_fill_names(struct sk_buff *skb, const struct svcnat_service *svc)
{
	if (nla_put_string(skb, SVCNAT_A_SERVICE_NAME, svc->name) ||
	    nla_put_u8(skb, SVCNAT_A_SERVICE_FAMILY, svc->family) ||
	    nla_put_u8(skb, SVCNAT_A_SERVICE_PROTO, svc->proto) ||
	    nla_put_string(skb, SVCNAT_A_SERVICE_OWNER, svc->owner))
		return -EMSGSIZE;
	return 0;
}

static int svcnat_fill_options(struct sk_buff *skb, const struct svcnat_state *state)
{
	if (nla_put_u32(skb, SVCNAT_A_SERVICE_FLAGS, state->flags) ||
	    nla_put_u8(skb, SVCNAT_A_SERVICE_SCHEDULER, state->scheduler) ||
	    nla_put_u32(skb, SVCNAT_A_SERVICE_AFFINITY, state->affinity))
		return -EMSGSIZE;
	return 0;
}

static void *svcnat_fill_begin(struct sk_buff *skb, const struct svcnat_fill *how)
{
	void *hdr;

	hdr = genlmsg_put(skb, how->portid, how->seq, &svcnat_netlink_family, how->flags,
			  how->cmd);
	if (hdr && how->dump)
		genl_dump_check_consistent(how->dump, hdr);
	return hdr;
}

static int svcnat_fill_message(struct sk_buff *skb, const struct svcnat_fill *how,
			       const struct svcnat_fill_members *m, unsigned long *pos)
{
	unsigned long start = *pos;
	void *hdr;

	hdr = svcnat_fill_begin(skb, how);
	if (!hdr)
		return -EMSGSIZE;

	if (nla_put_u32(skb, SVCNAT_A_SERVICE_ID, m->svc->id) ||
	    (!start && (svcnat_fill_names(skb, m->svc) ||
			(!m->change && svcnat_fill_options(skb, m->state)))))
		goto err_cancel;

	svcnat_fill_some(skb, m, pos);
	if (*pos < m->end) {
		if (*pos == start ||
		    nla_put_flag(skb, SVCNAT_A_SERVICE_MORE))
			goto err_cancel;
	}
	genlmsg_end(skb, hdr);
	return *pos < m->end;

err_cancel:
	genlmsg_cancel(skb, hdr);
	*pos = start;
	return -EMSGSIZE;
}

int svcnat_fill_service(struct sk_buff *skb, const struct svcnat_fill *how,
			const struct svcnat_service *svc,
			const struct svcnat_state *state, bool stats,
			unsigned long *pos)
{
	struct svcnat_fill_members m = svcnat_fill_members(svc, state, stats);

	return svcnat_fill_message(skb, how, &m, pos);
}

int svcnat_fill_change(struct sk_buff *skb, const struct svcnat_fill *how,
		       const struct svcnat_service *svc,
		       const struct svcnat_spec *change, unsigned long *pos)
{
	struct svcnat_fill_members m = {
		.svc = svc, .change = change, .end = change->nendpoints,
		.del = how->cmd == SVCNAT_CMD_ENDPOINT_DEL,
	};

	return svcnat_fill_message(skb, how, &m, pos);
}

int svcnat_fill_key(struct sk_buff *skb, const struct svcnat_fill *how,
		    const struct svcnat_service *svc)
{
	void *hdr = svcnat_fill_begin(skb, how);

	if (!hdr)
		return -EMSGSIZE;
	if (nla_put_u32(skb, SVCNAT_A_SERVICE_ID, svc->id) ||
	    svcnat_fill_names(skb, svc)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}
