// SPDX-License-Identifier: GPL-2.0
#include "rtnl_hops.h"

#include "rtnl.h"

#include <linux/rtnetlink.h>
#include <string.h>

/* Of another family than the route's, it stands in an attribute of its own. */
static void take_gateway(struct nlattr **a, uint8_t family, struct ip_addr *out)
{
	const struct rtvia *via = a[RTA_VIA] ? nla_data(a[RTA_VIA]) : NULL;
	struct ip_addr addr = { .family = AF_INET6 };

	if (rtnl_addr(a[RTA_GATEWAY], family, out) || !via ||
	    nla_len(a[RTA_VIA]) != (int)(sizeof(*via) + sizeof(addr.v6)) ||
	    via->rtvia_family != AF_INET6)
		return;
	memcpy(&addr.v6, via->rtvia_addr, sizeof(addr.v6));
	*out = addr;
}

struct rtnl_hops rtnl_hops(struct nlattr **a, uint8_t family)
{
	struct rtnl_hops h = {
		.a = a, .family = family,
		.alone = a[RTA_OIF] || a[RTA_GATEWAY] || a[RTA_VIA],
	};

	if (a[RTA_MULTIPATH]) {
		h.next = nla_data(a[RTA_MULTIPATH]);
		h.left = nla_len(a[RTA_MULTIPATH]);
	}
	return h;
}

static void take_alone(struct nlattr **a, uint8_t family, struct rtnl_hop *out)
{
	if (a[RTA_OIF] && nla_len(a[RTA_OIF]) >= (int)sizeof(uint32_t))
		out->device = (int)nla_get_u32(a[RTA_OIF]);
	take_gateway(a, family, &out->gateway);
}

bool rtnl_hops_next(struct rtnl_hops *h, struct rtnl_hop *out)
{
	const struct rtnexthop *hop = h->next;
	struct nlattr *a[RTA_MAX + 1];

	*out = (struct rtnl_hop){ 0 };
	if (h->alone) {
		h->alone = false;
		take_alone(h->a, h->family, out);
		return true;
	}
	if (h->left < (int)sizeof(*hop) || !RTNH_OK(hop, h->left))
		return false;
	out->device = hop->rtnh_ifindex;
	if (nla_parse(a, RTA_MAX, (struct nlattr *)RTNH_DATA(hop),
		      hop->rtnh_len - (int)sizeof(*hop), NULL) >= 0)
		take_gateway(a, h->family, &out->gateway);
	h->left -= RTNH_ALIGN(hop->rtnh_len);
	h->next = RTNH_NEXT(hop);
	return true;
}
