// SPDX-License-Identifier: GPL-2.0
#include <linux/inetdevice.h>
#include <linux/netfilter.h>
#include <net/addrconf.h>
#include <net/netfilter/nf_nat.h>

#include "echo.h"
#include "key.h"

/* An address of the node, on the side of the client. */
static bool svcnat_echo_addr(const struct svcnat_flow *flow,
			     const struct nf_hook_state *state,
			     union nf_inet_addr *addr)
{
	if (flow->local) {
		*addr = flow->saddr;
		return true;
	}
	if (flow->family == NFPROTO_IPV4) {
		addr->ip = inet_select_addr(state->in, flow->saddr.ip, RT_SCOPE_UNIVERSE);
		return addr->ip;
	}
	return !ipv6_dev_get_saddr(state->net, state->in, &flow->saddr.in6, 0,
				   &addr->in6);
}

unsigned int svcnat_echo(struct nf_conn *ct, const struct svcnat_flow *flow,
			 const struct nf_hook_state *state)
{
	struct nf_nat_range2 range = { .flags = NF_NAT_RANGE_MAP_IPS };

	if (!svcnat_echo_addr(flow, state, &range.min_addr))
		return NF_DROP;
	range.max_addr = range.min_addr;
	return nf_nat_setup_info(ct, &range, NF_NAT_MANIP_DST);
}
