/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which addresses of a service CIDR are taken. It only keeps the books: an
 * address is marked when the Service that has it is committed, so that nothing
 * has to be given back when a write fails.
 *
 * The lowest addresses are for those who ask for one by name; the others are
 * chosen from above them as long as there are any.
 */
#ifndef SVCNAT_ALLOC_IP_H
#define SVCNAT_ALLOC_IP_H

#include "kservice.h"

struct alloc_ip {
	struct ip_cidr cidr;
	uint64_t last;		/* the highest offset that may be given out; the lowest is 1 */
	uint64_t band;		/* dynamic allocation starts at this offset */
	uint64_t *used;		/* offsets, sorted */
	size_t n, room;
};

/* -EINVAL: the CIDR is too small (no address), or of IPv6 and larger than a /64. */
int alloc_ip_init(struct alloc_ip *a, const struct ip_cidr *cidr, struct err *e);
void alloc_ip_exit(struct alloc_ip *a);

bool alloc_ip_contains(const struct alloc_ip *a, const struct ip_addr *ip);
bool alloc_ip_taken(const struct alloc_ip *a, const struct ip_addr *ip);

/* Choose a free one by a random number; it is not marked. -ENOSPC: the range is full. */
int alloc_ip_choose(const struct alloc_ip *a, uint64_t random, struct ip_addr *out);

/* Out of range is ignored: an object may be older than the configured range. */
void alloc_ip_take(struct alloc_ip *a, const struct ip_addr *ip);
void alloc_ip_release(struct alloc_ip *a, const struct ip_addr *ip);

#endif
