/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An endpoint set: all endpoints of a service, and the two lists that a
 * connection's endpoint is chosen from. Sorted, and immutable once made; it
 * belongs to one state (state.h), which frees it after a grace period.
 */
#ifndef SVCNAT_ENDPOINTS_H
#define SVCNAT_ENDPOINTS_H

#include <linux/types.h>

#include "key.h"
#include "list.h"

struct svcnat_endpoint;
struct svcnat_net;

/* May it be given new connections, by one of the policies? Else it drains. */
static inline bool svcnat_member_chosen(const struct svcnat_member *m)
{
	return m->lists && m->weight;
}

struct svcnat_endpoints {
	struct svcnat_list cluster;
	struct svcnat_list local;
	u32 n;
	struct svcnat_member v[];
};

/* What an endpoint shall be; key first, as in struct svcnat_endpoint. */
struct svcnat_spec_endpoint {
	struct svcnat_key key;
	u16 weight;
	u8 lists;
};

/*
 * The set that spec (sorted) describes: endpoints of old (NULL: none) are kept,
 * new ones are made, with room for traffic if records says so. NULL: no memory,
 * nothing was changed. Lock held; sleeps.
 */
struct svcnat_endpoints *svcnat_endpoints_make(struct svcnat_net *sn,
					       const struct svcnat_endpoints *old,
					       const struct svcnat_spec_endpoint *spec,
					       u32 n, enum svcnat_scheduler scheduler,
					       bool records);

/* For a set that never was published: take its new endpoints back. Lock held. */
void svcnat_endpoints_undo(struct svcnat_net *sn, struct svcnat_endpoints *eps,
			   const struct svcnat_endpoints *old);

/*
 * Who of old is not in new (NULL: none) leaves the table of the namespace. After
 * new was published; old is freed later, by svcnat_endpoints_free(). Lock held.
 */
void svcnat_endpoints_leave(struct svcnat_net *sn, const struct svcnat_endpoints *old,
			    const struct svcnat_endpoints *new);

void svcnat_endpoints_free(struct svcnat_endpoints *eps);

/* NULL: not a member. Takes as long as the logarithm of their number. */
const struct svcnat_member *svcnat_endpoints_find(const struct svcnat_endpoints *eps,
						  const struct svcnat_key *key);

/* Does the set have exactly these endpoints, lists and weights? */
bool svcnat_endpoints_match(const struct svcnat_endpoints *eps,
			    const struct svcnat_spec_endpoint *spec, u32 n);

/* Put into the one order that equal sets share. Returns one that stands twice, or NULL. */
const struct svcnat_spec_endpoint *
svcnat_endpoints_sort(struct svcnat_spec_endpoint *spec, u32 n);

#endif /* SVCNAT_ENDPOINTS_H */
