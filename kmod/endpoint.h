/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Endpoints: one place that connections of one service are sent to, with what
 * is counted of it. It survives from set to set (endpoints.h) while it stays a
 * member. Who holds a reference may count on it; when the service has it no
 * more, it is out of the table of the namespace, and is freed a grace period
 * after the last reference went.
 */
#ifndef SVCNAT_ENDPOINT_H
#define SVCNAT_ENDPOINT_H

#include <linux/refcount.h>
#include <linux/rhashtable-types.h>

#include "key.h"

struct svcnat_net;

/* What connection records add up; conns.c is its only writer. */
struct svcnat_traffic {
	u64 packets[2];			/* by IP_CT_DIR_* */
	u64 bytes[2];
};

struct svcnat_endpoint {
	struct svcnat_key key;		/* first: sets are sorted by it */
	refcount_t refs;
	struct rhlist_head node;	/* in svcnat_net.endpoints */
	u64 __percpu *connections;	/* sent here */
	struct svcnat_traffic *traffic;	/* NULL: the service never asked for records */
	atomic_t active;		/* connections that are not closing, by records */
	u32 epoch;			/* lock to change; grows when it stops to be chosen */
	struct rcu_head rcu;
};

int svcnat_endpoint_table_init(struct svcnat_net *sn);
void svcnat_endpoint_table_exit(struct svcnat_net *sn);

/*
 * A new one, in the table, with one reference. Packets may find it before its
 * service has it: they only ask whether it is known. NULL: no memory. Lock held.
 */
struct svcnat_endpoint *svcnat_endpoint_add(struct svcnat_net *sn,
					    const struct svcnat_key *key);

/* Out of the table; the references stay. Lock held. */
void svcnat_endpoint_remove(struct svcnat_net *sn, struct svcnat_endpoint *ep);

static inline void svcnat_endpoint_get(struct svcnat_endpoint *ep)
{
	refcount_inc(&ep->refs);
}

/* From any context. */
void svcnat_endpoint_put(struct svcnat_endpoint *ep);

/* Is this an endpoint of any service? RCU. */
bool svcnat_endpoint_known(struct svcnat_net *sn, const struct svcnat_key *key);

/* New connections so far. */
u64 svcnat_endpoint_connections(const struct svcnat_endpoint *ep);

#endif /* SVCNAT_ENDPOINT_H */
