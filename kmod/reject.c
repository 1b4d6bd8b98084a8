// SPDX-License-Identifier: GPL-2.0
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/netfilter.h>
#include <net/dst_metadata.h>
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

	svcnat_reject_send(skb, flow, state);
	return NF_DROP;
}
