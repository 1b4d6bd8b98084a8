/* SPDX-License-Identifier: GPL-2.0 */
/* A set of addresses, each with a number: a port, a prefix. */
#ifndef SVCNAT_ADDRSET_H
#define SVCNAT_ADDRSET_H

#include "kservice.h"

struct addrset_slot {
	struct ip_addr addr;	/* family 0: empty */
	uint32_t number;
};

/* Zero it to start with. */
struct addrset {
	struct addrset_slot *slots;
	size_t size;		/* 0 or a power of two */
	size_t n;
};

/* 1: it is there now; 0: it was there already; -ENOMEM: as before. The address has a family. */
int addrset_add(struct addrset *s, const struct ip_addr *a, uint32_t number);
void addrset_clear(struct addrset *s);

#endif
