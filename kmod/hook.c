// SPDX-License-Identifier: GPL-2.0
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_nat.h>
#include <net/netfilter/nf_nat_masquerade.h>
#include <net/sock.h>

#include "decide.h"
#include "endpoints.h"
#include "hook.h"
#include "masquerade.h"
#include "match.h"
#include "netns.h"
#include "reject.h"
#include "select.h"
#include "settings.h"
#include "state.h"

/* A transparent proxy or a BPF program has given the packet to a socket: leave it there. */
static bool svcnat_hook_taken(const struct sk_buff *skb,
			      const struct nf_hook_state *state)
{
	return state->hook == NF_INET_PRE_ROUTING && skb->sk &&
	       (skb_sk_is_prefetched((struct sk_buff *)skb) ||
		skb->destructor == sock_edemux);
}

/* Where the packet came in or, made here, goes out. */
static const struct net_device *svcnat_hook_dev(const struct nf_hook_state *state)
{
	return state->in ?: state->out;
}

/*
 * Only NEW: a reset or ICMP error that nf_reject made hangs on the very
 * connection that is refused, as RELATED, and comes through LOCAL_OUT; and
 * what a helper expected is bound by its master.
 */
static bool svcnat_hook_flow(struct svcnat_flow *flow, const struct nf_conn *ct,
			     enum ip_conntrack_info ctinfo,
			     const struct nf_hook_state *state)
{
	const struct nf_conntrack_tuple *t;

	if (!ct || ctinfo != IP_CT_NEW)
		return false;

	t = &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	switch (t->dst.protonum) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_SCTP:
		break;
	default:
		return false;
	}

	flow->saddr = t->src.u3;
	flow->daddr = t->dst.u3;
	flow->sport = t->src.u.all;
	flow->dport = t->dst.u.all;
	flow->proto = t->dst.protonum;
	flow->family = t->src.l3num;
	flow->local = state->hook == NF_INET_LOCAL_OUT;
	return true;
}

static unsigned int svcnat_hook_dnat(struct nf_conn *ct,
				     const struct svcnat_endpoint *ep)
{
	struct nf_nat_range2 range = {
		.flags = NF_NAT_RANGE_MAP_IPS | NF_NAT_RANGE_PROTO_SPECIFIED,
		.min_addr = ep->addr,
		.max_addr = ep->addr,
		.min_proto.all = ep->port,
		.max_proto.all = ep->port,
	};

	return nf_nat_setup_info(ct, &range, NF_NAT_MANIP_DST);
}

/* PRE_ROUTING and LOCAL_OUT: where shall the connection go? */
static unsigned int svcnat_hook_dst(void *priv, struct sk_buff *skb,
				    const struct nf_hook_state *state)
{
	struct svcnat_net *sn = svcnat_netns(state->net);
	enum ip_conntrack_info ctinfo;
	struct svcnat_decision d;
	struct svcnat_match match;
	struct svcnat_flow flow;
	struct nf_conn *ct;

	ct = nf_ct_get(skb, &ctinfo);
	if (!svcnat_hook_flow(&flow, ct, ctinfo, state) ||
	    svcnat_hook_taken(skb, state) ||
	    !svcnat_match_flow(state->net, svcnat_hook_dev(state), sn, &flow, &match))
		return NF_ACCEPT;

	d = svcnat_decide(&flow, match.state->endpoints,
			  svcnat_select_hash(&flow, &sn->hash_key));
	switch (d.verdict) {
	case SVCNAT_VERDICT_DNAT:
		return svcnat_hook_dnat(ct, d.endpoint);
	case SVCNAT_VERDICT_REJECT:
		return svcnat_reject(skb, &flow, state);
	default:
		return NF_ACCEPT;
	}
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
 * Was it this module that translated the connection? Somebody else may have
 * been first, or may have been left what is not ours, such as loopback: then
 * the connection does not lead to an endpoint of the service. Neither does it
 * when that one went away since, a few instructions ago.
 */
static bool svcnat_hook_ours(const struct svcnat_flow *flow,
			     const struct svcnat_endpoints *eps,
			     const struct nf_conn *ct)
{
	const struct nf_conntrack_tuple *reply = &ct->tuplehash[IP_CT_DIR_REPLY].tuple;
	const struct svcnat_endpoint ep = {
		.addr = reply->src.u3,
		.port = reply->src.u.all,
	};

	return svcnat_decide(flow, eps, 0).verdict == SVCNAT_VERDICT_DNAT &&
	       svcnat_endpoints_has(eps, &ep);
}

/* POST_ROUTING: shall the endpoint see the node's address instead of the client's? */
static unsigned int svcnat_hook_src(void *priv, struct sk_buff *skb,
				    const struct nf_hook_state *state)
{
	struct svcnat_net *sn = svcnat_netns(state->net);
	const union nf_inet_addr *endpoint;
	enum ip_conntrack_info ctinfo;
	enum svcnat_masquerade m;
	struct svcnat_match match;
	struct svcnat_flow flow;
	struct nf_conn *ct;

	ct = nf_ct_get(skb, &ctinfo);
	if (!svcnat_hook_flow(&flow, ct, ctinfo, state) ||
	    !(ct->status & IPS_DST_NAT) ||
	    !svcnat_match_flow(state->net, svcnat_hook_dev(state), sn, &flow, &match) ||
	    !svcnat_hook_ours(&flow, match.state->endpoints, ct))
		return NF_ACCEPT;

	endpoint = &ct->tuplehash[IP_CT_DIR_REPLY].tuple.src.u3;
	m = svcnat_masquerade_decide(&flow, match.kind, endpoint,
				     rcu_dereference(sn->settings));
	if (!svcnat_masquerade_wanted(m))
		return NF_ACCEPT;
	return svcnat_hook_masquerade(skb, flow.proto, state);
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
