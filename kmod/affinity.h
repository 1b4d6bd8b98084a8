/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Session affinity: which endpoint a client of a service keeps. An entry holds
 * a reference to its endpoint, so that one which left and came back is another
 * one: the entry died when it left.
 */
#ifndef SVCNAT_AFFINITY_H
#define SVCNAT_AFFINITY_H

#include <linux/rhashtable.h>
#include <linux/workqueue.h>

#include "key.h"

struct svcnat_affinity_entry;
struct svcnat_endpoint;
struct svcnat_net;
struct svcnat_service;
struct svcnat_state;

struct svcnat_affinity {
	struct rhashtable table;
	atomic_t n;			/* entries, and those that are just being added */
	struct delayed_work gc;
	unsigned long hurried;		/* jiffies; a full table called the gc */
};

/* What an entry says, for who looks at it. */
struct svcnat_affinity_view {
	u32 service;			/* its id */
	union nf_inet_addr client;
	struct svcnat_key endpoint;
	u32 age;			/* seconds since the last new connection */
};

int svcnat_affinity_init(struct svcnat_net *sn);
void svcnat_affinity_exit(struct svcnat_net *sn);	/* no packet comes any more */

/* What is remembered of the client, or NULL. RCU. */
struct svcnat_affinity_entry *
svcnat_affinity_find(struct svcnat_net *sn, const struct svcnat_service *svc,
		     const union nf_inet_addr *client);

/*
 * The endpoint that the entry (may be NULL) says; NULL: none, or timed out. Whether
 * it can still be chosen is for the decision to say. *age (may be NULL): in seconds.
 * RCU.
 */
struct svcnat_endpoint *svcnat_affinity_kept(const struct svcnat_affinity_entry *e,
					     const struct svcnat_state *state, u32 *age);

/*
 * The client gets ep, which was chosen from list (SVCNAT_LIST_CLUSTER or _LOCAL)
 * of state: remember it, from now on. found: what svcnat_affinity_find() said
 * just before. Returns what this connection shall have:
 * ep, or what a first packet that raced with it got from that list. When the
 * table is full, or memory, it is ep, and counted. RCU, any context.
 */
struct svcnat_endpoint *
svcnat_affinity_keep(struct svcnat_net *sn, const struct svcnat_service *svc,
		     const struct svcnat_state *state, u8 list,
		     const union nf_inet_addr *client, struct svcnat_endpoint *ep,
		     struct svcnat_affinity_entry *found);

/* Which entries somebody asks for; NULL or 0: any. */
struct svcnat_affinity_filter {
	const char *name;			/* of the service */
	u8 family;
	u8 proto;
	bool by_client;
	union nf_inet_addr client;
};

bool svcnat_affinity_wanted(const struct svcnat_affinity_filter *f,
			    const struct svcnat_service *svc,
			    const union nf_inet_addr *client);

/* Forget those, by one walk. Returns how many there were. Lock held; sleeps. */
u32 svcnat_affinity_flush(struct svcnat_net *sn, const struct svcnat_affinity_filter *f);

/*
 * A walk through all entries, which may be left and taken up again, by
 * svcnat_walk_start() and _stop() of walk.h: between them next.
 * next: 1 and *view; 0: that was the last one; or -EAGAIN. -EAGAIN: the walk may
 * go on, but entries may come twice.
 */
struct rhashtable_iter;
void svcnat_affinity_walk_enter(struct svcnat_net *sn, struct rhashtable_iter *iter);
void svcnat_affinity_walk_exit(struct rhashtable_iter *iter);
/* The present one again if again is set: it was not used. */
int svcnat_affinity_walk_next(struct svcnat_net *sn, struct rhashtable_iter *iter,
			      bool again, struct svcnat_affinity_view *view);

#endif /* SVCNAT_AFFINITY_H */
