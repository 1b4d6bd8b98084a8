// SPDX-License-Identifier: GPL-2.0
#include "dns_peer.h"

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
