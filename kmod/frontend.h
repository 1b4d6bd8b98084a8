/* SPDX-License-Identifier: GPL-2.0 */
/* The table of frontends: from an address, port and protocol to a service. */
#ifndef SVCNAT_FRONTEND_H
#define SVCNAT_FRONTEND_H

#include <linux/rhashtable-types.h>
#include <linux/types.h>

#include "key.h"

struct svcnat_address;
struct svcnat_net;
struct svcnat_service;
struct svcnat_state;

struct svcnat_frontend {
	struct rhash_head node;
	struct svcnat_key key;
	u32 slot;				/* in each state that has it */
	/* Both only as long as it is in the table, and for who found it there. */
	struct svcnat_service *service;
	struct svcnat_address *address;		/* lock; NULL: a NodePort */
	struct hlist_node gone;			/* stale.c; once it is out of the table */
	unsigned long since;			/* stale.c; jiffies when it went */
	struct rcu_head rcu;
};

/* Where a packet's destination leads to. Valid inside one RCU section. */
struct svcnat_match {
	struct svcnat_service *service;
	const struct svcnat_state *state;
	u8 kind;
};

int svcnat_frontend_table_init(struct svcnat_net *sn);
void svcnat_frontend_table_exit(struct svcnat_net *sn);

/*
 * Put a new frontend into the table. It is in force once a state of service
 * has it in slot. Returns ERR_PTR(-EEXIST) when the key is taken, or -ENOMEM.
 * Lock held.
 */
struct svcnat_frontend *
svcnat_frontend_add(struct svcnat_net *sn, const struct svcnat_key *key,
		    struct svcnat_service *service, u32 slot);

/*
 * Take out of the table. It is to be freed by svcnat_frontend_free() then.
 * Lock held.
 */
void svcnat_frontend_remove(struct svcnat_net *sn, struct svcnat_frontend *fe);

/* After a grace period. */
void svcnat_frontend_free(struct svcnat_frontend *fe);

/* Whoever has the key, in force or not. Lock held. */
struct svcnat_frontend *svcnat_frontend_find(struct svcnat_net *sn,
					     const struct svcnat_key *key);

/*
 * May there be frontends of key's address, or a NodePort of its port, protocol and
 * family? No is certain. RCU.
 */
bool svcnat_frontend_maybe_address(const struct svcnat_net *sn, const struct svcnat_key *key);
bool svcnat_frontend_maybe_nodeport(const struct svcnat_net *sn, const struct svcnat_key *key);

/* The data path: the service whose frontend in force has the key. RCU. */
bool svcnat_frontend_lookup(struct svcnat_net *sn, const struct svcnat_key *key,
			    struct svcnat_match *match);

#endif /* SVCNAT_FRONTEND_H */
