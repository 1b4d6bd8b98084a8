/* SPDX-License-Identifier: GPL-2.0 */
/* A set of things, each with a number. */
#ifndef SVCNAT_DNS_SEEN_H
#define SVCNAT_DNS_SEEN_H

#include <stddef.h>
#include <stdint.h>

struct dns_seen_slot {
	const void *thing;	/* NULL: empty */
	size_t number;
};

/* Zero it to start with. */
struct dns_seen {
	struct dns_seen_slot *slots;
	size_t size;		/* 0 or a power of two */
	size_t n;
};

/* 1: it is there now; 0: it was there already; -ENOMEM. */
int dns_seen_add(struct dns_seen *s, const void *thing, size_t number);
void dns_seen_clear(struct dns_seen *s);

#endif
