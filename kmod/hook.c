// SPDX-License-Identifier: GPL-2.0
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_nat.h>
#include <net/netfilter/nf_nat_masquerade.h>
#include <net/sock.h>

#include "affinity.h"
#include "compat/compiler.h"
#include "compat/trace.h"
#include "conns.h"
#include "count.h"
#include "decide.h"
#include "echo.h"
#include "endpoint.h"
#include "endpoints.h"
#include "hook.h"
#include "masquerade.h"
#include "match.h"
#include "netns.h"
#include "note.h"
#include "origin.h"
#include "reject.h"
#include "select.h"
#include "service.h"
#include "settings.h"
#include "state.h"
#include "trace.h"

DEFINE_PER_CPU(unsigned long, svcnat_note_left);

/* A transparent proxy or a BPF program has given the packet to a socket: leave it there. */
static bool svcnat_hook_taken(const struct sk_buff *skb,
			      const struct nf_hook_state *state)
{
	return skb->sk && state->hook == NF_INET_PRE_ROUTING &&
	       (skb_sk_is_prefetched((struct sk_buff *)skb) ||
		skb->destructor == sock_edemux);
}

/* Where the packet came in or, made here, goes out. */
static const struct net_device *svcnat_hook_dev(const struct nf_hook_state *state)
{
	return state->in ?: state->out;
}

/* Ports, where the protocol has what a service may have; else they are 0. */
static void svcnat_hook_ports(struct svcnat_flow *flow,
			      const struct nf_conntrack_tuple *t)
{
	flow->sport = 0;
	flow->dport = 0;
	flow->echo = false;
	switch (t->dst.protonum) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_SCTP:
		flow->sport = t->src.u.all;
		flow->dport = t->dst.u.all;
		break;
	case IPPROTO_ICMP:
		flow->echo = t->dst.u.icmp.type == ICMP_ECHO;
		break;
	case IPPROTO_ICMPV6:
		flow->echo = t->dst.u.icmp.type == ICMPV6_ECHO_REQUEST;
		break;
	}
}

static void svcnat_hook_flow(struct svcnat_flow *flow, const struct nf_conn *ct, bool local)
{
	const struct nf_conntrack_tuple *t = &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;

	flow->saddr = t->src.u3;
	flow->daddr = t->dst.u3;
	flow->proto = t->dst.protonum;
	flow->family = t->src.l3num;
	flow->local = local;
	svcnat_hook_ports(flow, t);
}

/* Fill in the query but for the choice, which is none; true: match is valid. */
static __always_inline bool
svcnat_hook_match(struct svcnat_net *sn, struct svcnat_query *q, const struct nf_conn *ct,
		  bool local, const struct nf_hook_state *state, struct svcnat_match *match)
{
	svcnat_hook_flow(&q->flow, ct, local);
	q->state = NULL;
	q->kept = NULL;
	q->turn = 0;
	q->settings = rcu_dereference(sn->settings);
	q->key = sn->hash_key;
	if (!svcnat_match(state->net, svcnat_hook_dev(state), sn, q, match))
		return false;
	q->origin = svcnat_origin(&q->flow, q->settings);
	return true;
}

/*
 * What the choice depends on beside the flow, for services that want it. Returns
 * what affinity remembers of the client, or NULL, with place.
 */
static struct svcnat_affinity_entry *svcnat_hook_choice(struct svcnat_net *sn,
							struct svcnat_query *q,
							const struct svcnat_match *match,
							struct svcnat_clients_place *place)
{
	struct svcnat_affinity_entry *found = NULL;

	if (q->state->affinity) {
		found = svcnat_affinity_find(sn, match->service, &q->flow.saddr, place);
		q->kept = svcnat_affinity_kept(found, q->state, NULL);
	}
	if (!svcnat_scheduler_deterministic(q->state->scheduler) &&
	    !(q->kept && svcnat_list_has(svcnat_decide_choices(q), q->kept)))
		q->turn = atomic_fetch_inc(&match->service->turn);
	return found;
}

static void svcnat_hook_count(struct svcnat_net *sn, const struct svcnat_query *q,
			      const struct svcnat_match *match,
			      const struct svcnat_decision *d)
{
	int counter;

	svcnat_count(sn->counts, d->reason);
	if (!q->state)
		return;

	counter = svcnat_service_counter(d->reason);
	if (counter >= 0)
		svcnat_count(match->service->counts, counter);
	if (d->endpoint)
		this_cpu_inc(*d->endpoint->connections);
}

static void svcnat_hook_trace(const struct nf_hook_state *state,
			      const struct svcnat_query *q,
			      const struct svcnat_match *match,
			      const struct svcnat_decision *d)
{
	static const struct svcnat_key none;

	if (!trace_svcnat_verdict_enabled())
		return;
	trace_svcnat_verdict(state->net->ns.inum, &q->flow, d->verdict, d->reason,
			     q->state ? match->service->name : "",
			     d->endpoint ? &d->endpoint->key : &none);
}

static unsigned int svcnat_hook_dnat(struct svcnat_net *sn, struct sk_buff *skb,
				     struct nf_conn *ct, const struct svcnat_query *q,
				     struct svcnat_endpoint *ep)
{
	struct nf_nat_range2 range = {
		.flags = NF_NAT_RANGE_MAP_IPS | NF_NAT_RANGE_PROTO_SPECIFIED,
		.min_addr = ep->key.addr,
		.max_addr = ep->key.addr,
		.min_proto.all = ep->key.port,
		.max_proto.all = ep->key.port,
	};
	unsigned int verdict;

	verdict = nf_nat_setup_info(ct, &range, NF_NAT_MANIP_DST);
	if (verdict != NF_ACCEPT) {
		svcnat_count(sn->counts, SVCNAT_COUNT_NAT_FAILED);
		return verdict;
	}
	svcnat_note_leave(ct, svcnat_masquerade_wanted(svcnat_masquerade_decide(q, &ep->key.addr)));
	if (q->state->records)
		svcnat_conns_add(sn, ct, skb, ep);
	return verdict;
}

static unsigned int svcnat_hook_act(struct svcnat_net *sn, struct sk_buff *skb,
				    struct nf_conn *ct, const struct svcnat_query *q,
				    const struct svcnat_decision *d,
				    const struct nf_hook_state *state)
{
	if (likely(d->endpoint))
		return svcnat_hook_dnat(sn, skb, ct, q, d->endpoint);

	switch (d->verdict) {
	case SVCNAT_VERDICT_REJECT:
		return svcnat_reject(skb, &q->flow, state);
	case SVCNAT_VERDICT_DROP:
		return NF_DROP;
	case SVCNAT_VERDICT_ECHO:
		return svcnat_echo(ct, &q->flow, state);
	default:
		return NF_ACCEPT;
	}
}

/*
 * Only NEW: a reset or ICMP error that nf_reject made hangs on the very
 * connection that is refused, as RELATED, and comes through LOCAL_OUT; and
 * what a helper expected is bound by its master.
 */
static bool svcnat_hook_is_new(const struct nf_conn *ct, enum ip_conntrack_info ctinfo)
{
	return ct && ctinfo == IP_CT_NEW;
}

/* PRE_ROUTING and LOCAL_OUT: where shall the connection go? */
static __flatten unsigned int svcnat_hook_dst(void *priv, struct sk_buff *skb,
					      const struct nf_hook_state *state)
{
	struct svcnat_net *sn = svcnat_netns_rcu(state->net);
	struct svcnat_clients_place place __uninitialized;
	struct svcnat_affinity_entry *found = NULL;
	struct svcnat_match match __uninitialized;
	struct svcnat_query q __uninitialized;
	enum ip_conntrack_info ctinfo;
	struct svcnat_decision d;
	struct nf_conn *ct;

	ct = nf_ct_get(skb, &ctinfo);
	if (!svcnat_hook_is_new(ct, ctinfo) || svcnat_hook_taken(skb, state))
		return NF_ACCEPT;

	svcnat_note_forget();
	if (svcnat_hook_match(sn, &q, ct, state->hook == NF_INET_LOCAL_OUT, state, &match))
		found = svcnat_hook_choice(sn, &q, &match, &place);
	d = svcnat_decide(&q);
	if (d.endpoint && q.state->affinity)
		d.endpoint = svcnat_affinity_keep(sn, match.service, &q, found, &place,
						  d.endpoint);
	svcnat_hook_count(sn, &q, &match, &d);
	svcnat_hook_trace(state, &q, &match, &d);
	return svcnat_hook_act(sn, skb, ct, &q, &d, state);
}

static unsigned int svcnat_hook_masquerade(struct sk_buff *skb, u8 proto,
					   const struct nf_hook_state *state)
{
	/*
	 * Random ports keep two CPUs from choosing the same free one, and the
	 * loser's packet from being lost. For UDP they would do the opposite:
	 * racing packets of one socket are merged only if they agree.
	 */
	struct nf_nat_range2 range = {
		.flags = proto == IPPROTO_UDP ? 0 : NF_NAT_RANGE_PROTO_RANDOM_FULLY,
	};

	if (state->pf == NFPROTO_IPV4)
		return nf_nat_masquerade_ipv4(skb, state->hook, &range, state->out);
	return nf_nat_masquerade_ipv6(skb, &range, state->out);
}

/*
 * The endpoint, if it was this module that translated the connection. Somebody
 * else may have been first, or may have been left what is not ours: then it does
 * not lead to an endpoint of the service. Neither does it when that one went away
 * since, a few instructions ago.
 */
static const struct svcnat_member *svcnat_hook_member(const struct svcnat_query *q,
						      const struct nf_conn *ct)
{
	const struct nf_conntrack_tuple *reply = &ct->tuplehash[IP_CT_DIR_REPLY].tuple;
	const struct svcnat_key key = {
		.addr	= reply->src.u3,
		.port	= reply->src.u.all,
		.proto	= q->flow.proto,
		.family	= q->flow.family,
	};

	return svcnat_endpoints_find(q->state->endpoints, &key);
}

/*
 * The service may have changed since the endpoint was chosen, by other rules
 * than it has now: its answer finds the way back for certain if it goes to the
 * node.
 */
static bool svcnat_hook_overtaken(const struct svcnat_query *q,
				  const struct svcnat_decision *d,
				  const struct svcnat_member *member)
{
	return d->verdict != SVCNAT_VERDICT_DNAT ||
	       !(member->lists & svcnat_decide_list(q));
}

/* Shall the endpoint see the node's address instead of the client's? Without a note. */
static bool svcnat_hook_masquerades(struct svcnat_net *sn, const struct sk_buff *skb,
				    const struct nf_conn *ct,
				    const struct nf_hook_state *state)
{
	const struct svcnat_member *member;
	struct svcnat_query q __uninitialized;
	struct svcnat_decision d;
	struct svcnat_match match __uninitialized;

	/* What was made here never came in. */
	if (!svcnat_hook_match(sn, &q, ct, !skb->skb_iif, state, &match))
		return false;

	d = svcnat_decide_verdict(&q);
	member = d.verdict == SVCNAT_VERDICT_PASS ? NULL : svcnat_hook_member(&q, ct);
	if (!member)
		return false;
	return svcnat_hook_overtaken(&q, &d, member) ||
	       svcnat_masquerade_wanted(svcnat_masquerade_decide(&q,
								 &member->endpoint->key.addr));
}

static noinline unsigned int svcnat_hook_src_act(struct sk_buff *skb, const struct nf_conn *ct,
						 const struct nf_hook_state *state,
						 enum svcnat_note note)
{
	struct svcnat_net *sn = svcnat_netns_rcu(state->net);

	if (note == SVCNAT_NOTE_NONE && !svcnat_hook_masquerades(sn, skb, ct, state))
		return NF_ACCEPT;
	svcnat_count(sn->counts, SVCNAT_COUNT_MASQUERADED);
	return svcnat_hook_masquerade(skb, nf_ct_protonum(ct), state);
}

/* POST_ROUTING: what the hook before said, or what holds now. */
static unsigned int svcnat_hook_src(void *priv, struct sk_buff *skb,
				    const struct nf_hook_state *state)
{
	enum ip_conntrack_info ctinfo;
	enum svcnat_note note;
	struct nf_conn *ct;

	ct = nf_ct_get(skb, &ctinfo);
	if (!svcnat_hook_is_new(ct, ctinfo) || !(ct->status & IPS_DST_NAT))
		return NF_ACCEPT;

	note = svcnat_note_take(ct);
	return note == SVCNAT_NOTE_KEEP ? NF_ACCEPT :
					  svcnat_hook_src_act(skb, ct, state, note);
}

/* One before iptables' nat table and nft's dstnat and srcnat: the first to bind wins. */
#define SVCNAT_HOOK(_pf, _hooknum, _hook, _priority) {		\
	.hook		= (_hook),				\
	.pf		= (_pf),				\
	.hooknum	= (_hooknum),				\
	.priority	= (_priority) - 1,			\
}

static const struct nf_hook_ops svcnat_hook_ipv4[] = {
	SVCNAT_HOOK(NFPROTO_IPV4, NF_INET_PRE_ROUTING, svcnat_hook_dst, NF_IP_PRI_NAT_DST),
	SVCNAT_HOOK(NFPROTO_IPV4, NF_INET_LOCAL_OUT, svcnat_hook_dst, NF_IP_PRI_NAT_DST),
	SVCNAT_HOOK(NFPROTO_IPV4, NF_INET_POST_ROUTING, svcnat_hook_src, NF_IP_PRI_NAT_SRC),
};

static const struct nf_hook_ops svcnat_hook_ipv6[] = {
	SVCNAT_HOOK(NFPROTO_IPV6, NF_INET_PRE_ROUTING, svcnat_hook_dst, NF_IP6_PRI_NAT_DST),
	SVCNAT_HOOK(NFPROTO_IPV6, NF_INET_LOCAL_OUT, svcnat_hook_dst, NF_IP6_PRI_NAT_DST),
	SVCNAT_HOOK(NFPROTO_IPV6, NF_INET_POST_ROUTING, svcnat_hook_src, NF_IP6_PRI_NAT_SRC),
};

static void svcnat_hook_unregister_n(struct net *net, unsigned int n4,
				     unsigned int n6)
{
	while (n6--)
		nf_nat_ipv6_unregister_fn(net, &svcnat_hook_ipv6[n6]);
	while (n4--)
		nf_nat_ipv4_unregister_fn(net, &svcnat_hook_ipv4[n4]);
}

int svcnat_hook_register(struct net *net)
{
	unsigned int n4, n6 = 0;
	int err = 0;

	for (n4 = 0; n4 < ARRAY_SIZE(svcnat_hook_ipv4); n4++) {
		err = nf_nat_ipv4_register_fn(net, &svcnat_hook_ipv4[n4]);
		if (err)
			goto err_undo;
	}
	for (n6 = 0; n6 < ARRAY_SIZE(svcnat_hook_ipv6); n6++) {
		err = nf_nat_ipv6_register_fn(net, &svcnat_hook_ipv6[n6]);
		if (err)
			goto err_undo;
	}
	return 0;

err_undo:
	svcnat_hook_unregister_n(net, n4, n6);
	return err;
}

void svcnat_hook_unregister(struct net *net)
{
	svcnat_hook_unregister_n(net, ARRAY_SIZE(svcnat_hook_ipv4),
				 ARRAY_SIZE(svcnat_hook_ipv6));
}
