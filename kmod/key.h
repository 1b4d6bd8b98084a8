/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a packet is looked up by, and what is known of it. Plain data, shared
 * by the tables, the decision and the hooks.
 */
#ifndef SVCNAT_KEY_H
#define SVCNAT_KEY_H

#include <linux/netfilter.h>
#include <linux/types.h>

/*
 * A frontend's place. Hashed and compared as bytes: no padding, and for IPv4
 * the rest of addr is zero. A NodePort has a zero address, which no other
 * frontend may have.
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
	__be16 sport;
	__be16 dport;
	u8 proto;
	u8 family;
	bool local;	/* made on this node */
};

#endif /* SVCNAT_KEY_H */
