/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who may ask: the node itself, its pods, and those that the options name; else those with
 * private addresses. Everybody would be a means to flood somebody else.
 */
#ifndef SVCNAT_DNS_ACCESS_H
#define SVCNAT_DNS_ACCESS_H

#include "dns_peer.h"
#include "proxy.h"

struct dns_access {
	const struct kcidrs *allow;	/* none: private addresses */
	const struct kcidrs *pods;
	const struct dns_peer *listen;	/* what the node itself comes from when it asks these */
	size_t nlisten;
	proxy_addresses *addresses;	/* the node's own */
	void *addresses_ctx;
	/* what was read of these */
	struct ip_addr *own;
	size_t nown;
	int64_t read;			/* nanoseconds of CLOCK_MONOTONIC; 0: never */
};

bool dns_access_allows(struct dns_access *a, const struct ip_addr *from);
void dns_access_clear(struct dns_access *a);

#endif
