// SPDX-License-Identifier: GPL-2.0
#include "dns_access.h"

#include "cidr.h"
#include "dns_request.h"

#include <netinet/in.h>
#include <stdlib.h>

/* To read them for each stranger would make strangers' questions expensive. */
#define READ_NS		1000000000LL

static const struct {
	uint32_t net, mask;
} private_v4[] = {
	{ 0x0a000000, 0xff000000 },	/* 10.0.0.0/8 */
	{ 0xac100000, 0xfff00000 },	/* 172.16.0.0/12 */
	{ 0xc0a80000, 0xffff0000 },	/* 192.168.0.0/16 */
	{ 0x64400000, 0xffc00000 },	/* 100.64.0.0/10, behind providers' NAT */
	{ 0xa9fe0000, 0xffff0000 },	/* 169.254.0.0/16 */
};

static bool is_loopback(const struct ip_addr *a)
{
	return a->family == AF_INET ? ntohl(a->v4.s_addr) >> 24 == IN_LOOPBACKNET :
	       IN6_IS_ADDR_LOOPBACK(&a->v6);
}

static bool is_private(const struct ip_addr *a)
{
	size_t i;

	if (a->family == AF_INET6)
		return (a->v6.s6_addr[0] & 0xfe) == 0xfc || IN6_IS_ADDR_LINKLOCAL(&a->v6);
	for (i = 0; i < sizeof(private_v4) / sizeof(*private_v4); i++)
		if ((ntohl(a->v4.s_addr) & private_v4[i].mask) == private_v4[i].net)
			return true;
	return false;
}

static bool is_own(struct dns_access *a, const struct ip_addr *from)
{
	const int64_t now = dns_now_ns();
	struct ip_addr *own;
	size_t i, n;

	if (a->addresses && (!a->read || now - a->read >= READ_NS)) {
		a->read = now;
		if (a->addresses(a->addresses_ctx, &own, &n, NULL) == 0) {
			free(a->own);
			a->own = own;
			a->nown = n;
		}
	}
	for (i = 0; i < a->nlisten; i++)
		if (ip_addr_equal(&a->listen[i].addr, from))
			return true;
	for (i = 0; i < a->nown; i++)
		if (ip_addr_equal(&a->own[i], from))
			return true;
	return false;
}

bool dns_access_allows(struct dns_access *a, const struct ip_addr *from)
{
	if (is_loopback(from) || cidrs_have(a->pods, from) || cidrs_have(a->allow, from))
		return true;
	if (!a->allow->n && is_private(from))
		return true;
	return is_own(a, from);
}

void dns_access_clear(struct dns_access *a)
{
	free(a->own);
	a->own = NULL;
	a->nown = 0;
}
