// SPDX-License-Identifier: GPL-2.0
#include "cidr.h"

#include <string.h>

struct ip_cidr cidr_make(const struct ip_addr *addr, uint8_t prefix)
{
	struct ip_cidr c = { .addr = { .family = addr->family }, .prefix = prefix };
	const uint8_t *from = addr->v6.s6_addr;
	uint8_t *to = c.addr.v6.s6_addr;

	/* The bytes of an IPv4 address are the first four. */
	memcpy(to, from, prefix / 8);
	if (prefix % 8)
		to[prefix / 8] = from[prefix / 8] & (uint8_t)(0xff00 >> prefix % 8);
	return c;
}

struct ip_cidr cidr_host(const struct ip_addr *addr)
{
	return cidr_make(addr, (uint8_t)(ip_addr_len(addr) * 8));
}

int cidr_addr_cmp(const struct ip_addr *a, const struct ip_addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(&a->v6, &b->v6, ip_addr_len(a));
}

bool cidr_equal(const struct ip_cidr *a, const struct ip_cidr *b)
{
	return a->prefix == b->prefix && ip_addr_equal(&a->addr, &b->addr);
}

bool cidr_has(const struct ip_cidr *c, const struct ip_addr *addr)
{
	struct ip_cidr other;

	if (c->addr.family != addr->family)
		return false;
	other = cidr_make(addr, c->prefix);
	return ip_addr_equal(&c->addr, &other.addr);
}

bool cidrs_have(const struct kcidrs *l, const struct ip_addr *addr)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (cidr_has(&l->v[i], addr))
			return true;
	return false;
}
