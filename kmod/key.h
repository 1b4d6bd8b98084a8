/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a packet is looked up by, and what is known of it. Plain data, shared
 * by the tables, the decision and the hooks.
 */
#ifndef SVCNAT_KEY_H
#define SVCNAT_KEY_H

#include <linux/jhash.h>
#include <linux/netfilter.h>
#include <linux/string.h>
#include <linux/types.h>
#include <net/ipv6.h>

/*
 * The place of a frontend or an endpoint. Some tables hash and compare it as bytes:
 * no padding, and for IPv4 what addr has beside it is zero. A NodePort has a zero
 * address, which no other frontend may have.
 */
struct svcnat_key {
	union nf_inet_addr addr;
	union {
		struct {
			__be16 port;
			u8 proto;
			u8 family;	/* NFPROTO_IPV4 or NFPROTO_IPV6 */
		};
		u32 rest;		/* all three, to hash and to compare */
	};
};

/* The first packet of a connection, as conntrack sees it, before any NAT. */
struct svcnat_flow {
	union nf_inet_addr saddr;
	union {
		struct svcnat_key dst;
		struct {
			union nf_inet_addr daddr;
			__be16 dport;	/* 0 where the protocol has none */
			u8 proto;	/* any */
			u8 family;
		};
	};
	__be16 sport;	/* likewise */
	bool local;	/* made on this node */
	bool echo;	/* a ping */
};

static_assert(offsetof(struct svcnat_flow, dst.port) == offsetof(struct svcnat_flow, dport) &&
	      offsetof(struct svcnat_flow, dst.proto) == offsetof(struct svcnat_flow, proto) &&
	      offsetof(struct svcnat_flow, dst.family) == offsetof(struct svcnat_flow, family));

static inline bool svcnat_addr_equal(const union nf_inet_addr *a,
				     const union nf_inet_addr *b)
{
	return ipv6_addr_equal(&a->in6, &b->in6);
}

/* Of a frontend. */
static inline bool svcnat_key_is_nodeport(const struct svcnat_key *key)
{
	return ipv6_addr_any(&key->addr.in6);
}

/* An rhashtable's hashfn for a struct svcnat_key, in line: of IPv4 two words are enough. */
static inline u32 svcnat_key_hash(const void *data, u32 len __always_unused, u32 seed)
{
	const struct svcnat_key *key = data;

	if (key->family == NFPROTO_IPV4)
		return jhash_2words((__force u32)key->addr.ip, key->rest, seed);
	return jhash2(data, sizeof(*key) / sizeof(u32), seed);
}

static inline bool svcnat_key_equal(const struct svcnat_key *a, const struct svcnat_key *b)
{
	return svcnat_addr_equal(&a->addr, &b->addr) && a->rest == b->rest;
}

/* To an IPv6 address, for who shows both: IPv4 becomes the mapped one. */
static inline void svcnat_addr_map(u8 to[16], const union nf_inet_addr *addr, u8 family)
{
	const __be32 mapped[4] = { 0, 0, htonl(0xffff), addr->ip };

	memcpy(to, family == NFPROTO_IPV4 ? mapped : addr->ip6, sizeof(mapped));
}

#endif /* SVCNAT_KEY_H */
