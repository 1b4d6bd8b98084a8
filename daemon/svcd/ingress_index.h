/* SPDX-License-Identifier: GPL-2.0 */
/* Which Services have which load balancer's address in their status, by address. */
#ifndef SVCNAT_INGRESS_INDEX_H
#define SVCNAT_INGRESS_INDEX_H

#include "kservice.h"

#include <jansson.h>

struct resource;

struct ingress_use {
	struct ip_addr ip;
	const json_t *service;		/* borrowed */
};

/* Zero it to start with. */
struct ingress_index {
	struct ingress_use *v;		/* sorted by address */
	size_t n, room;
};

/* old, which is still held, makes place for now; either may be NULL. Other types are ignored. */
void ingress_index_commit(struct ingress_index *x, const struct resource *res, const json_t *old,
			  const json_t *now);
/* How many have ip; *v is theirs until the next commit. */
size_t ingress_index_find(const struct ingress_index *x, const struct ip_addr *ip,
			  const struct ingress_use **v);
void ingress_index_clear(struct ingress_index *x);

#endif
