// SPDX-License-Identifier: GPL-2.0
#include "dns_peer.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>

int dns_peer_parse(const char *text, struct dns_peer *out, struct err *e)
{
	int ret;

	*out = (struct dns_peer){ .port = 0 };
	ret = addrport_parse_optional(text, &out->addr, &out->port, e);
	out->port = out->port ? out->port : DNS_PORT;
	return ret;
}

bool dns_peer_equal(const struct dns_peer *a, const struct dns_peer *b)
{
	return ip_addr_equal(&a->addr, &b->addr) && a->port == b->port && a->scope == b->scope;
}

const char *dns_peer_print(const struct dns_peer *p, char buf[ADDRPORT_STRLEN])
{
	return addrport_print(&p->addr, p->port, buf);
}

static bool is_of_device(const struct ifaddrs *a, const struct ip_addr *addr)
{
	struct sockaddr_storage sa = { .ss_family = AF_UNSPEC };
	struct dns_peer own;

	if (!a->ifa_addr || a->ifa_addr->sa_family != addr->family)
		return false;
	memcpy(&sa, a->ifa_addr, addr->family == AF_INET ? sizeof(struct sockaddr_in) :
							   sizeof(struct sockaddr_in6));
	dns_peer_from(&own, &sa);
	return ip_addr_equal(&own.addr, addr);
}

bool dns_peer_is_here(const struct dns_peer *p)
{
	struct ifaddrs *all, *a;
	bool found = false;

	if (p->addr.family == AF_INET && ntohl(p->addr.v4.s_addr) >> 24 == IN_LOOPBACKNET)
		return true;
	if (getifaddrs(&all) < 0)
		return false;
	for (a = all; a && !found; a = a->ifa_next)
		found = is_of_device(a, &p->addr);
	freeifaddrs(all);
	return found;
}

socklen_t dns_peer_sockaddr(const struct dns_peer *p, struct sockaddr_storage *out)
{
	struct sockaddr_in6 *v6 = (void *)out;
	struct sockaddr_in *v4 = (void *)out;

	memset(out, 0, sizeof(*out));
	out->ss_family = p->addr.family;
	if (p->addr.family == AF_INET) {
		v4->sin_port = htons(p->port);
		v4->sin_addr = p->addr.v4;
		return sizeof(*v4);
	}
	v6->sin6_port = htons(p->port);
	v6->sin6_addr = p->addr.v6;
	v6->sin6_scope_id = p->scope;
	return sizeof(*v6);
}

void dns_peer_from(struct dns_peer *p, const struct sockaddr_storage *sa)
{
	const struct sockaddr_in6 *v6 = (const void *)sa;
	const struct sockaddr_in *v4 = (const void *)sa;

	*p = (struct dns_peer){ .addr.family = (uint8_t)sa->ss_family };
	if (sa->ss_family == AF_INET) {
		p->addr.v4 = v4->sin_addr;
		p->port = ntohs(v4->sin_port);
	} else {
		p->addr.v6 = v6->sin6_addr;
		p->port = ntohs(v6->sin6_port);
		p->scope = v6->sin6_scope_id;
	}
}
