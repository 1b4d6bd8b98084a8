// SPDX-License-Identifier: GPL-2.0
#include <linux/ip.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/tcp.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_core.h>
#include <net/netfilter/nf_conntrack_zones.h>

#include "count.h"
#include "endpoint.h"
#include "guard.h"
#include "netns.h"
#include "stale.h"

/*
 * Would the packet have been translated, if conntrack had taken it? Where it
 * knows no such connection, that is to be assumed of what comes in from an
 * endpoint. What the node itself sends, such as a reset that answers a stray
 * packet, is then no service's. One that was an endpoint (not known any more) may
 * still have connections of its service.
 */
static bool svcnat_guard_translated(struct svcnat_net *sn,
				    const struct nf_conntrack_tuple *tuple,
				    bool known, bool local)
{
	const struct nf_conntrack_tuple_hash *h;
	struct nf_conn *ct;
	bool translated;

	h = nf_conntrack_find_get(sn->net, &nf_ct_zone_dflt, tuple);
	if (!h)
		return known && !local;

	ct = nf_ct_tuplehash_to_ctrack(h);
	translated = NF_CT_DIRECTION(h) == IP_CT_DIR_REPLY &&
		     test_bit(IPS_DST_NAT_BIT, &ct->status) &&
		     (known || svcnat_stale_through(sn, ct));
	nf_ct_put(ct);
	return translated;
}

/*
 * A TCP packet that conntrack calls INVALID, out of the window for example, is
 * not translated. From an endpoint it would reach the client as a packet of a
 * stranger, whom the client answers with a reset: the connection's end.
 */
static noinline unsigned int svcnat_guard_invalid(const struct sk_buff *skb,
						  const struct nf_hook_state *state)
{
	struct svcnat_net *sn = svcnat_netns(state->net);
	struct nf_conntrack_tuple tuple;
	struct svcnat_key key;

	if (!nf_ct_get_tuplepr(skb, skb_network_offset(skb), state->pf, state->net, &tuple) ||
	    tuple.dst.protonum != IPPROTO_TCP)
		return NF_ACCEPT;

	key = (struct svcnat_key){
		.addr	= tuple.src.u3,
		.port	= tuple.src.u.tcp.port,
		.proto	= IPPROTO_TCP,
		.family	= state->pf,
	};
	if (!svcnat_guard_translated(sn, &tuple, svcnat_endpoint_known(sn, &key),
				     state->hook == NF_INET_LOCAL_OUT))
		return NF_ACCEPT;

	svcnat_count(sn->counts, SVCNAT_COUNT_INVALID);
	return NF_DROP;
}

/* Sent by the client on a translated TCP connection that is being closed? */
static bool svcnat_guard_closing(const struct nf_conn *ct, enum ip_conntrack_info ctinfo)
{
	u8 state;

	if (!test_bit(IPS_DST_NAT_BIT, &ct->status) ||
	    CTINFO2DIR(ctinfo) != IP_CT_DIR_ORIGINAL || nf_ct_protonum(ct) != IPPROTO_TCP)
		return false;

	state = READ_ONCE(ct->proto.tcp.state);
	return state >= TCP_CONNTRACK_FIN_WAIT && state <= TCP_CONNTRACK_CLOSE;
}

static bool svcnat_guard_syn(const struct sk_buff *skb, u8 family)
{
	unsigned int off = skb_network_offset(skb);
	const struct tcphdr *th;
	struct tcphdr _th;

	if (family == NFPROTO_IPV4)
		off += ip_hdrlen(skb);
	else if (ipv6_find_hdr(skb, &off, IPPROTO_TCP, NULL, NULL) < 0)
		return false;

	th = skb_header_pointer(skb, off, sizeof(_th), &_th);
	return th && th->syn && !th->ack && !th->rst && !th->fin;
}

static unsigned int svcnat_guard_restart(struct sk_buff *skb, struct nf_conn *ct,
					 const struct nf_hook_state *state)
{
	bool zone = nf_ct_zone(ct)->id != NF_CT_DEFAULT_ZONE_ID;
	struct svcnat_net *sn = svcnat_netns(state->net);

	/* If somebody else is about to end it: the client sends again. */
	if (!nf_ct_kill(ct))
		return NF_DROP;

	svcnat_count(sn->counts, SVCNAT_COUNT_RESCHEDULED);

	/* The rule that gave it its zone does so again for the next SYN only. */
	if (zone)
		return NF_DROP;

	nf_reset_ct(skb);
	return nf_conntrack_in(skb, state);
}

/*
 * The client uses a port again before conntrack has forgotten the connection
 * that had it, and would be led to an endpoint that is gone or drains. Conntrack itself
 * starts anew only when it has seen both sides close.
 */
static noinline unsigned int svcnat_guard_closed(struct sk_buff *skb, struct nf_conn *ct,
						 const struct nf_hook_state *state)
{
	if (!svcnat_guard_syn(skb, state->pf) ||
	    !svcnat_stale_left(svcnat_netns(state->net), state->in ?: state->out, ct))
		return NF_ACCEPT;
	return svcnat_guard_restart(skb, ct, state);
}

/* Each packet of the node comes through here: what is rare stands elsewhere. */
static unsigned int svcnat_guard_hook(void *priv, struct sk_buff *skb,
				      const struct nf_hook_state *state)
{
	enum ip_conntrack_info ctinfo;
	struct nf_conn *ct = nf_ct_get(skb, &ctinfo);

	if (unlikely(!ct))
		return ctinfo == IP_CT_UNTRACKED ? NF_ACCEPT :
						   svcnat_guard_invalid(skb, state);
	if (unlikely(svcnat_guard_closing(ct, ctinfo)))
		return svcnat_guard_closed(skb, ct, state);
	return NF_ACCEPT;
}

/*
 * Before all who mark new connections, so that they see one that starts anew
 * as what it is.
 */
#define SVCNAT_GUARD(_pf, _hooknum, _conntrack) {	\
	.hook		= svcnat_guard_hook,		\
	.pf		= (_pf),			\
	.hooknum	= (_hooknum),			\
	.priority	= (_conntrack) + 1,		\
}

static const struct nf_hook_ops svcnat_guard_ops[] = {
	SVCNAT_GUARD(NFPROTO_IPV4, NF_INET_PRE_ROUTING, NF_IP_PRI_CONNTRACK),
	SVCNAT_GUARD(NFPROTO_IPV4, NF_INET_LOCAL_OUT, NF_IP_PRI_CONNTRACK),
	SVCNAT_GUARD(NFPROTO_IPV6, NF_INET_PRE_ROUTING, NF_IP6_PRI_CONNTRACK),
	SVCNAT_GUARD(NFPROTO_IPV6, NF_INET_LOCAL_OUT, NF_IP6_PRI_CONNTRACK),
};

int svcnat_guard_register(struct net *net)
{
	return nf_register_net_hooks(net, svcnat_guard_ops, ARRAY_SIZE(svcnat_guard_ops));
}

void svcnat_guard_unregister(struct net *net)
{
	nf_unregister_net_hooks(net, svcnat_guard_ops, ARRAY_SIZE(svcnat_guard_ops));
}
