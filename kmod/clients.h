/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A hash table of clients of services, for affinity.c: what is remembered of each is
 * its owner's. Made for first packets of clients that nobody knows yet: the look that
 * found nothing says where the client would be, and one compare-and-swap puts it there,
 * if nobody was faster.
 *
 * A bucket is one word: the first of its chain, and two bits. New clients come in
 * front. Whoever else changes a chain locks its bucket by a bit. So one whose first
 * client is the same as before, and that is not locked, has got nobody meanwhile: a
 * client is not freed, and cannot be the first one again, as long as a reader looks.
 *
 * The table is resized by workers alone: bucket after bucket moves to a new one, and
 * says so by its other bit. Buckets are in the order of the hash, whatever their
 * number, so that a walk can go on after that.
 */
#ifndef SVCNAT_CLIENTS_H
#define SVCNAT_CLIENTS_H

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/mutex.h>
#include <linux/netfilter.h>
#include <linux/rcupdate.h>
#include <linux/types.h>

struct svcnat_clients_table;

/* Immutable but for next. */
struct svcnat_client {
	struct svcnat_client __rcu *next;
	union nf_inet_addr addr;
	u32 service;			/* its id */
	u32 hash;
};

struct svcnat_clients {
	struct svcnat_clients_table __rcu *table;	/* change: lock, read: RCU */
	u32 seed;
	u32 many;		/* more than that want a larger table */
	u32 most;		/* and more than that find no room in this one */
	/* What is above is read by each packet, and this is written by some. */
	atomic_t n ____cacheline_aligned_in_smp;	/* with those just being added */
	struct mutex lock;				/* a walk or a resize at a time */
};

/* Where a client would be that is not there. */
struct svcnat_clients_place {
	u32 hash;
	unsigned long *bucket;	/* NULL: nobody can say at the moment */
	unsigned long head;	/* what the bucket was */
};

int svcnat_clients_init(struct svcnat_clients *cs);

/* Who is left goes to free(). No reader is left. */
void svcnat_clients_exit(struct svcnat_clients *cs, void (*free)(struct svcnat_client *c));

/* ---- what packets do: RCU, any context */

/* NULL: it is not there, and *place says where it would be. Locks nothing if it is. */
struct svcnat_client *svcnat_clients_find(struct svcnat_clients *cs, u32 service,
					  const union nf_inet_addr *addr,
					  struct svcnat_clients_place *place);

/* Room for one more, of at most max; it is for _add() or _insert(), or given back. */
bool svcnat_clients_reserve(struct svcnat_clients *cs, u32 max);
void svcnat_clients_unreserve(struct svcnat_clients *cs);

/* Is it time for svcnat_clients_resize()? */
static inline bool svcnat_clients_crowded(const struct svcnat_clients *cs)
{
	return (u32)atomic_read(&cs->n) > READ_ONCE(cs->many);
}

static inline void svcnat_client_set(struct svcnat_client *c, u32 service,
				     const union nf_inet_addr *addr, u32 hash)
{
	c->addr = *addr;
	c->service = service;
	c->hash = hash;
}

/*
 * c comes where the look that found nothing of its service and address said, if it has a
 * bucket. 0, or -EAGAIN: somebody may have come since.
 */
int svcnat_clients_add(const struct svcnat_clients_place *place, struct svcnat_client *c);

/* c comes in, unless there is one of its service and address. 0 or -EAGAIN. */
int svcnat_clients_insert(struct svcnat_clients *cs, struct svcnat_client *c);

/*
 * c takes the place of old, which has the same service and address. 0, or -EAGAIN: old is
 * gone already. After that, and after _remove(), old is freed after a grace period.
 */
int svcnat_clients_replace(struct svcnat_clients *cs, struct svcnat_client *old,
			   struct svcnat_client *c);

/* false: gone already. */
bool svcnat_clients_remove(struct svcnat_clients *cs, struct svcnat_client *c);

/* ---- for who sleeps */

/* As many buckets as the clients want, if they are not. */
void svcnat_clients_resize(struct svcnat_clients *cs);

/*
 * visit() is called for each client, RCU, and may remove it. Who comes meanwhile may be
 * left out, and nobody else.
 */
void svcnat_clients_walk(struct svcnat_clients *cs,
			 void (*visit)(struct svcnat_client *c, void *arg), void *arg);

/*
 * A walk that may be left for any time: begin with zeros. Who is there all the time is
 * visited exactly once.
 */
struct svcnat_clients_cursor {
	bool begun;
	struct svcnat_client last;	/* a copy of who was visited last; no next */
};

/* Who comes after the cursor, or NULL: nobody. RCU, cs->lock held. */
struct svcnat_client *svcnat_clients_after(struct svcnat_clients *cs,
					   const struct svcnat_clients_cursor *cursor);
void svcnat_clients_visited(struct svcnat_clients_cursor *cursor,
			    const struct svcnat_client *c);

#endif /* SVCNAT_CLIENTS_H */
