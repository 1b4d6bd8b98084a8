// SPDX-License-Identifier: GPL-2.0
/* Addresses of a LAN that are nobody's to announce. */
#include "announce_links.h"

#include "cidr.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

/* RFC 919. The kernel has a route for it. */
static bool is_broadcast(const struct announce_prefix *p, const struct ip_addr *addr)
{
	uint32_t hosts = p->len < 31 ? UINT32_MAX >> p->len : 0;

	return hosts && !((addr->v4.s_addr ^ p->addr.v4.s_addr) & htonl(~hosts)) &&
	       (addr->v4.s_addr & htonl(hosts)) == htonl(hosts);
}

/* Subnet-Router anycast, RFC 4291 2.6.1; RFC 6164 for /127. All nodes that forward have it. */
static bool is_routers(const struct announce_prefix *p, const struct ip_addr *addr)
{
	struct ip_cidr net = cidr_make(&p->addr, p->len);

	return p->len < 127 && ip_addr_equal(&net.addr, addr);
}

void announce_links_taken(const struct announce_links *l, const struct ip_addr *addr,
			  char out[ANNOUNCE_TAKEN_STRLEN])
{
	const struct announce_prefix *p;
	char buf[INET6_ADDRSTRLEN];
	bool v4 = addr->family == AF_INET;

	*out = '\0';
	if (announce_links_gateway(l, addr)) {
		snprintf(out, ANNOUNCE_TAKEN_STRLEN, "the gateway of a route");
		return;
	}
	for (p = l->prefixes; p < l->prefixes + l->nprefixes; p++) {
		if (p->addr.family != addr->family ||
		    !(v4 ? is_broadcast(p, addr) : is_routers(p, addr)))
			continue;
		snprintf(out, ANNOUNCE_TAKEN_STRLEN, "the %s address of the network of %s/%u",
			 v4 ? "broadcast" : "routers' anycast", ip_addr_print(&p->addr, buf),
			 p->len);
		return;
	}
}
