/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Is a frontend of this address known, or a NodePort of this port? A field of bits
 * that says no for certain, and a yes that is wrong for one in eight at worst: what is
 * no service's is dismissed without a look into the tables. Bits only come: of
 * frontends that are gone they stay until the owner (frontend.c) makes a new field.
 * Pure.
 */
#ifndef SVCNAT_FILTER_H
#define SVCNAT_FILTER_H

#include <linux/rcupdate.h>
#include <linux/types.h>

#include "key.h"

struct svcnat_filter {
	struct rcu_head rcu;
	u32 order;			/* of its size in bits */
	u32 left;			/* bits until it is dense; lock */
	unsigned long bits[];
};

/* For so many frontends and several times as many. NULL: no memory. Free with kvfree(). */
struct svcnat_filter *svcnat_filter_alloc(u32 frontends);

/* A frontend's address, or its port if it is a NodePort. Readers may be looking. */
void svcnat_filter_set(struct svcnat_filter *filter, const struct svcnat_key *frontend);

/* Time for a new one. */
static inline bool svcnat_filter_dense(const struct svcnat_filter *filter)
{
	return !filter->left;
}

/* It stays as it is, and becomes denser: count anew. */
void svcnat_filter_put_up_with(struct svcnat_filter *filter);

bool svcnat_filter_has_address(const struct svcnat_filter *filter,
			       const struct svcnat_key *key);
/* Of key's port, protocol and family. */
bool svcnat_filter_has_nodeport(const struct svcnat_filter *filter,
				const struct svcnat_key *key);

#endif /* SVCNAT_FILTER_H */
