// SPDX-License-Identifier: GPL-2.0
#include <linux/inetdevice.h>
#include <linux/ipv6.h>
#include <net/addrconf.h>
#include <net/ip_fib.h>
#include <net/route.h>

#include "match.h"

bool svcnat_match_local(struct net *net, const struct net_device *dev, u8 family,
			const union nf_inet_addr *addr)
{
	if (family == NFPROTO_IPV4)
		return inet_addr_type_dev_table(net, dev, addr->ip) == RTN_LOCAL;

	/* With ipv6.disable=1 there is no table of addresses to look into. */
	return ipv6_mod_enabled() &&
	       ipv6_chk_addr_and_flags(net, &addr->in6, dev, true, 0,
				       IFA_F_TENTATIVE);
}

bool svcnat_match_flow(struct net *net, const struct net_device *dev,
		       struct svcnat_net *sn, const struct svcnat_flow *flow,
		       struct svcnat_match *match)
{
	struct svcnat_key key = {
		.addr	= flow->daddr,
		.port	= flow->dport,
		.proto	= flow->proto,
		.family	= flow->family,
	};

	if (svcnat_frontend_lookup(sn, &key, match))
		return true;

	/* The port first: asking the routing table costs more, and hardly ever is it one. */
	memset(&key.addr, 0, sizeof(key.addr));
	return svcnat_frontend_lookup(sn, &key, match) &&
	       svcnat_match_local(net, dev, flow->family, &flow->daddr);
}
