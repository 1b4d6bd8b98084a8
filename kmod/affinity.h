/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Session affinity: which endpoint a client of a service keeps. An entry holds
 * a reference to its endpoint, so that one which left and came back is another
 * one: the entry died when it left. Where entries are: clients.h and stock.h.
 */
#ifndef SVCNAT_AFFINITY_H
#define SVCNAT_AFFINITY_H

#include <linux/workqueue.h>

#include "clients.h"
#include "key.h"

struct svcnat_affinity_entry;
struct svcnat_endpoint;
struct svcnat_net;
struct svcnat_query;
struct svcnat_service;
struct svcnat_state;

struct svcnat_affinity {
	struct svcnat_clients clients;
	struct delayed_work gc;
	struct work_struct resize;
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

/* What is remembered of the client, or NULL: then place is for _keep(). RCU. */
struct svcnat_affinity_entry *
svcnat_affinity_find(struct svcnat_net *sn, const struct svcnat_service *svc,
		     const union nf_inet_addr *client, struct svcnat_clients_place *place);

/*
 * The endpoint that the entry (may be NULL) says; NULL: none, or timed out. Whether
 * it can still be chosen is for the decision to say. *age (may be NULL): in seconds.
 * RCU.
 */
struct svcnat_endpoint *svcnat_affinity_kept(const struct svcnat_affinity_entry *e,
					     const struct svcnat_state *state, u32 *age);

/*
 * The source of q's flow gets ep, which was chosen by q: remember it, from now on. found,
 * place: what svcnat_affinity_find() said just before, and q->kept what _kept() said of
 * that. Returns what this connection shall have: ep, or what a first packet that raced
 * with it got, if q may choose that. When the table is full, or memory, it is ep, and
 * counted. RCU, any context.
 */
struct svcnat_endpoint *
svcnat_affinity_keep(struct svcnat_net *sn, const struct svcnat_service *svc,
		     const struct svcnat_query *q, struct svcnat_affinity_entry *found,
		     const struct svcnat_clients_place *place, struct svcnat_endpoint *ep);

/* How many entries there are. */
u32 svcnat_affinity_entries(const struct svcnat_net *sn);

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
 * A walk through all entries that are in force: between _begin() and _end(), where it may
 * pause and RCU holds, _next() says of the next one after cursor, until false. It may end
 * anywhere, and go on later: who is there all the time comes exactly once.
 */
void svcnat_affinity_walk_begin(struct svcnat_net *sn)
	__acquires(RCU);
void svcnat_affinity_walk_end(struct svcnat_net *sn)
	__releases(RCU);
bool svcnat_affinity_walk_next(struct svcnat_net *sn, struct svcnat_clients_cursor *cursor,
			       struct svcnat_affinity_view *view);

#endif /* SVCNAT_AFFINITY_H */
