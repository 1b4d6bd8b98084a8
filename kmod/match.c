// SPDX-License-Identifier: GPL-2.0
#include <linux/inetdevice.h>
#include <linux/ipv6.h>
#include <net/addrconf.h>
#include <net/ip6_route.h>
#include <net/ip_fib.h>
#include <net/l3mdev.h>
#include <net/route.h>

#include "address.h"
#include "decide.h"
#include "match.h"
#include "settings.h"

/* On an interface? That one device is asked: there may be very many. */
static bool svcnat_match_ipv4_interface(struct net *net, const union nf_inet_addr *addr)
{
	const struct net_device *dev = __ip_dev_find(net, addr->ip, false);
	struct in_device *in_dev = dev ? __in_dev_get_rcu(dev) : NULL;

	return in_dev && inet_confirm_addr(net, in_dev, 0, addr->ip, RT_SCOPE_HOST);
}

/* On an interface, in dev's VRF? With ipv6.disable=1 there is no table of addresses. */
static bool svcnat_match_ipv6_interface(struct net *net, const struct net_device *dev,
					const union nf_inet_addr *addr)
{
	return ipv6_mod_enabled() &&
	       ipv6_chk_addr_and_flags(net, &addr->in6, dev, true, 0, IFA_F_TENTATIVE);
}

/* Routed to this node without being on an interface, as "ip route add local" does. */
static bool svcnat_match_ipv6_routed(struct net *net, const struct net_device *dev,
				     const union nf_inet_addr *addr)
{
	struct flowi6 fl6 = {
		.daddr		= addr->in6,
		.flowi6_iif	= LOOPBACK_IFINDEX,
		.flowi6_l3mdev	= dev ? l3mdev_master_ifindex_rcu(dev) : 0,
	};
	struct dst_entry *dst;
	bool local;

	if (!ipv6_mod_enabled())
		return false;

	dst = ip6_route_lookup(net, &fl6, NULL, 0);
	local = !dst->error && ((struct rt6_info *)dst)->rt6i_flags & RTF_LOCAL;
	dst_release(dst);
	return local;
}

bool svcnat_match_local(struct net *net, const struct net_device *dev, u8 family,
			const union nf_inet_addr *addr)
{
	if (family == NFPROTO_IPV4)
		return inet_addr_type_dev_table(net, dev, addr->ip) == RTN_LOCAL;
	return svcnat_match_ipv6_interface(net, dev, addr);
}

/* Is a LoadBalancer address announced here, so that the node's own servers listen on it? */
static bool svcnat_match_announced(struct net *net, const struct net_device *dev, u8 family,
				   const union nf_inet_addr *addr)
{
	if (family == NFPROTO_IPV4)
		return svcnat_match_local(net, dev, family, addr) &&
		       !svcnat_match_ipv4_interface(net, addr);
	return !svcnat_match_ipv6_interface(net, dev, addr) &&
	       svcnat_match_ipv6_routed(net, dev, addr);
}

static bool svcnat_match_frontend(struct svcnat_net *sn, struct svcnat_query *q,
				  const struct svcnat_key *key, struct svcnat_match *match)
{
	if (!svcnat_frontend_lookup(sn, key, match))
		return false;
	q->state = match->state;
	q->kind = match->kind;
	return true;
}

/* The address is a service's, but not with this port. */
static enum svcnat_place svcnat_match_place(struct net *net, const struct net_device *dev,
					    const struct svcnat_address *address,
					    const struct svcnat_flow *flow)
{
	if (svcnat_address_is(address, SVCNAT_KIND_CLUSTER))
		return SVCNAT_PLACE_CLUSTER;
	if (svcnat_address_is(address, SVCNAT_KIND_LOADBALANCER) &&
	    svcnat_match_announced(net, dev, flow->family, &flow->daddr))
		return SVCNAT_PLACE_ANNOUNCED;
	if (svcnat_address_is(address, SVCNAT_KIND_LOADBALANCER) ||
	    svcnat_address_is(address, SVCNAT_KIND_EXTERNAL))
		return SVCNAT_PLACE_ADDRESS;
	return SVCNAT_PLACE_NONE;
}

/* The port first: asking the routing table costs more, and hardly ever is it one. */
static bool svcnat_match_nodeport(struct net *net, const struct net_device *dev,
				  struct svcnat_net *sn, struct svcnat_query *q,
				  struct svcnat_match *match)
{
	const struct svcnat_cidrs *chosen = q->settings->nodeports;
	const struct svcnat_flow *flow = &q->flow;
	struct svcnat_key key = {
		.port	= flow->dport,
		.proto	= flow->proto,
		.family	= flow->family,
	};

	if (!flow->dport || !svcnat_frontend_maybe_nodeport(sn, &key) ||
	    !svcnat_match_frontend(sn, q, &key, match))
		return false;
	if (svcnat_match_local(net, dev, flow->family, &flow->daddr) &&
	    (!svcnat_cidrs_know(chosen, flow->family) ||
	     svcnat_cidrs_contain(chosen, flow->family, &flow->daddr)))
		return true;
	q->state = NULL;
	return false;
}

/* In a service CIDR: whose address is it, if it is no ClusterIP? */
static enum svcnat_place svcnat_match_cidr(struct net *net, const struct net_device *dev,
					   const struct svcnat_query *q)
{
	const struct svcnat_flow *flow = &q->flow;

	if ((q->place != SVCNAT_PLACE_NONE && q->place != SVCNAT_PLACE_ADDRESS) ||
	    !svcnat_cidrs_contain(q->settings->services, flow->family, &flow->daddr))
		return q->place;

	/* A CIDR that covers the node by mistake must not cut it off, armed or not. */
	if (svcnat_match_local(net, dev, flow->family, &flow->daddr))
		return SVCNAT_PLACE_NONE;
	return q->place == SVCNAT_PLACE_NONE ? SVCNAT_PLACE_CIDR : q->place;
}

/* No frontend has just this address and port. */
static noinline bool svcnat_match_elsewhere(struct net *net, const struct net_device *dev,
					    struct svcnat_net *sn, struct svcnat_query *q,
					    struct svcnat_match *match)
{
	const struct svcnat_flow *flow = &q->flow;
	const struct svcnat_address *address = NULL;

	if (ipv6_addr_any(&flow->daddr.in6))
		return false;

	if (svcnat_frontend_maybe_address(sn, &flow->dst))
		address = svcnat_address_lookup(sn, flow->family, &flow->daddr);
	if (address)
		q->place = svcnat_match_place(net, dev, address, flow);
	if (q->place != SVCNAT_PLACE_CLUSTER && q->place != SVCNAT_PLACE_ANNOUNCED &&
	    svcnat_match_nodeport(net, dev, sn, q, match))
		return true;

	q->place = svcnat_match_cidr(net, dev, q);
	return false;
}

bool svcnat_match(struct net *net, const struct net_device *dev, struct svcnat_net *sn,
		  struct svcnat_query *q, struct svcnat_match *match)
{
	q->place = SVCNAT_PLACE_NONE;
	if (q->flow.dport && svcnat_match_frontend(sn, q, &q->flow.dst, match)) {
		if (likely(match->kind != SVCNAT_KIND_NODEPORT))
			return true;
		/* Kept at the zero address, which no packet shall find them by. */
		q->state = NULL;
		return false;
	}
	return svcnat_match_elsewhere(net, dev, sn, q, match);
}
