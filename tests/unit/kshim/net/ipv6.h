/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSHIM_NET_IPV6_H
#define KSHIM_NET_IPV6_H

#include <linux/types.h>
#include <netinet/in.h>
#include <string.h>

static inline bool ipv6_addr_equal(const struct in6_addr *a, const struct in6_addr *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static inline bool ipv6_addr_any(const struct in6_addr *a)
{
	static const struct in6_addr any;

	return ipv6_addr_equal(a, &any);
}

static inline u32 ipv6_addr_hash(const struct in6_addr *a)
{
	return a->s6_addr32[0] ^ a->s6_addr32[1] ^ a->s6_addr32[2] ^ a->s6_addr32[3];
}

#endif
