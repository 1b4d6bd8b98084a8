// SPDX-License-Identifier: GPL-2.0
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/netfilter.h>
#include <net/dst_metadata.h>
#include <net/l3mdev.h>
#include <net/netfilter/ipv4/nf_reject.h>
#include <net/netfilter/ipv6/nf_reject.h>

#include "reject.h"

static void svcnat_reject_send(struct sk_buff *skb, const struct svcnat_flow *flow,
			       const struct nf_hook_state *state)
{
	bool tcp = flow->proto == IPPROTO_TCP;

	if (flow->family == NFPROTO_IPV4) {
		if (tcp)
			nf_send_reset(state->net, state->sk, skb, state->hook);
		else
			nf_send_unreach(skb, ICMP_PORT_UNREACH, state->hook);
	} else {
		if (tcp)
			nf_send_reset6(state->net, state->sk, skb, state->hook);
		else
			nf_send_unreach6(state->net, skb, ICMPV6_PORT_UNREACH,
					 state->hook);
	}
}

/*
 * nf_reject asks the main table for the way back. In a VRF there may be none in
 * that, or one to somebody else. False: there is none in the VRF, so nobody can
 * be told.
 */
static bool svcnat_reject_route(struct sk_buff *skb, const struct svcnat_flow *flow,
				const struct nf_hook_state *state)
{
	int vrf = l3mdev_master_ifindex_rcu(state->in);
	struct dst_entry *dst = NULL;
	struct flowi fl = {};

	if (!vrf || skb_dst(skb))
		return true;

	if (flow->family == NFPROTO_IPV4) {
		fl.u.ip4.daddr = flow->saddr.ip;
		fl.u.ip4.flowi4_l3mdev = vrf;
	} else {
		fl.u.ip6.daddr = flow->saddr.in6;
		fl.u.ip6.flowi6_l3mdev = vrf;
	}
	if (nf_route(state->net, &dst, &fl, false, flow->family))
		return false;
	skb_dst_set(skb, dst);
	return true;
}

unsigned int svcnat_reject(struct sk_buff *skb, const struct svcnat_flow *flow,
			   const struct nf_hook_state *state)
{
	/*
	 * A packet of this node: the errno reaches connect() and send() as the
	 * answer of a closed port would. SCTP does not look at it, and takes an
	 * ICMP error for what it gives up with in the end.
	 */
	if (state->hook == NF_INET_LOCAL_OUT) {
		if (flow->proto == IPPROTO_SCTP)
			svcnat_reject_send(skb, flow, state);
		return NF_DROP_ERR(-ECONNREFUSED);
	}

	/* nf_reject takes any dst for a route; a tunnel's metadata is none. */
	if (skb_dst(skb) && !skb_valid_dst(skb))
		skb_dst_drop(skb);

	if (svcnat_reject_route(skb, flow, state))
		svcnat_reject_send(skb, flow, state);
	return NF_DROP;
}
