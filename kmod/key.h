/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a packet is looked up by, and what is known of it. Plain data, shared
 * by the tables, the decision and the hooks.
 */
#ifndef SVCNAT_KEY_H
#define SVCNAT_KEY_H

#include <linux/netfilter.h>
#include <linux/string.h>
#include <linux/types.h>

/*
 * The place of a frontend or an endpoint. Hashed and compared as bytes: no
 * padding, and for IPv4 the rest of addr is zero. A NodePort has a zero
 * address, which no other frontend may have.
 */
struct svcnat_key {
	union nf_inet_addr addr;
	__be16 port;
	u8 proto;
	u8 family;	/* NFPROTO_IPV4 or NFPROTO_IPV6 */
};

/* The first packet of a connection, as conntrack sees it, before any NAT. */
struct svcnat_flow {
	union nf_inet_addr saddr;
	union nf_inet_addr daddr;
	__be16 sport;	/* 0 where the protocol has none */
	__be16 dport;
	u8 proto;	/* any */
	u8 family;
	bool local;	/* made on this node */
	bool echo;	/* a ping */
};

static inline bool svcnat_addr_equal(const union nf_inet_addr *a,
				     const union nf_inet_addr *b)
{
	return !((a->all[0] ^ b->all[0]) | (a->all[1] ^ b->all[1]) |
		 (a->all[2] ^ b->all[2]) | (a->all[3] ^ b->all[3]));
}

/* To an IPv6 address, for who shows both: IPv4 becomes the mapped one. */
static inline void svcnat_addr_map(u8 to[16], const union nf_inet_addr *addr, u8 family)
{
	const __be32 mapped[4] = { 0, 0, htonl(0xffff), addr->ip };

	memcpy(to, family == NFPROTO_IPV4 ? mapped : addr->ip6, sizeof(mapped));
}

#endif /* SVCNAT_KEY_H */
