/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The addresses that services have, whatever the port: what is sent to one of
 * them on a port that it does not have is not for anybody else either.
 */
#ifndef SVCNAT_ADDRESS_H
#define SVCNAT_ADDRESS_H

#include <linux/rhashtable-types.h>
#include <linux/svcnat.h>

#include "key.h"

struct svcnat_net;

struct svcnat_address {
	struct rhash_head node;
	struct svcnat_key key;		/* port and proto 0 */
	u32 uses;			/* lock; frontends in the table */
	u32 inforce[SVCNAT_KIND_MAX + 1];	/* change: lock, read: RCU */
	struct rcu_head rcu;
};

int svcnat_address_table_init(struct svcnat_net *sn);
void svcnat_address_table_exit(struct svcnat_net *sn);

/* Of a frontend's key: a use more. NULL: no memory. Lock held. */
struct svcnat_address *svcnat_address_get(struct svcnat_net *sn,
					  const struct svcnat_key *frontend);

/* A use less. Lock held. */
void svcnat_address_put(struct svcnat_net *sn, struct svcnat_address *address);

/* RCU. NULL: no service's. */
const struct svcnat_address *svcnat_address_lookup(struct svcnat_net *sn, u8 family,
						   const union nf_inet_addr *addr);

/* A frontend of this kind comes into force (1) or goes (-1). Lock held. */
static inline void svcnat_address_force(struct svcnat_address *address,
					enum svcnat_kind kind, int by)
{
	WRITE_ONCE(address->inforce[kind], address->inforce[kind] + by);
}

static inline bool svcnat_address_is(const struct svcnat_address *address,
				     enum svcnat_kind kind)
{
	return READ_ONCE(address->inforce[kind]);
}

#endif /* SVCNAT_ADDRESS_H */
