// SPDX-License-Identifier: GPL-2.0
#include <linux/ktime.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "affinity.h"
#include "count.h"
#include "endpoint.h"
#include "endpoints.h"
#include "netns.h"
#include "service.h"
#include "settings.h"
#include "state.h"
#include "walk.h"

#define SVCNAT_AFFINITY_GC	(5 * HZ)
#define SVCNAT_AFFINITY_HURRY	HZ	/* at most so often, when the table is full */

/*
 * The gc leaves an entry alone for so many seconds after its end: a packet may
 * have found it alive just before.
 */
#define SVCNAT_AFFINITY_GRACE	2

/* How often a packet tries anew after it lost against another one. */
#define SVCNAT_AFFINITY_ROUNDS	4

/* Hashed as words. */
struct svcnat_affinity_key {
	union nf_inet_addr client;
	u32 service;
};

static_assert(sizeof(struct svcnat_affinity_key) == 20);

/* Immutable but for its time: another endpoint is another entry. */
struct svcnat_affinity_entry {
	struct rhash_head node;
	struct svcnat_affinity_key key;
	u32 epoch;				/* of the endpoint when it was chosen */
	struct svcnat_endpoint *endpoint;	/* a reference */
	u32 last;				/* second of the last new connection */
	struct rcu_head rcu;
};

/* A service has one family only, and few clients of IPv6 are like this. */
static u32 svcnat_affinity_hash(const void *data, u32 len, u32 seed)
{
	const struct svcnat_affinity_key *key = data;

	if (!(key->client.all[1] | key->client.all[2] | key->client.all[3]))
		return jhash_2words((__force u32)key->client.ip, key->service, seed);
	return jhash2(data, sizeof(*key) / sizeof(u32), seed);
}

static __always_inline int svcnat_affinity_cmp(struct rhashtable_compare_arg *arg,
					       const void *obj)
{
	const struct svcnat_affinity_key *key = arg->key;
	const struct svcnat_affinity_entry *e = obj;

	return key->service != e->key.service ||
	       !svcnat_addr_equal(&key->client, &e->key.client);
}

static const struct rhashtable_params svcnat_affinity_params = {
	.head_offset		= offsetof(struct svcnat_affinity_entry, node),
	.key_offset		= offsetof(struct svcnat_affinity_entry, key),
	.key_len		= sizeof(struct svcnat_affinity_key),
	.hashfn			= svcnat_affinity_hash,
	.obj_cmpfn		= svcnat_affinity_cmp,
	.automatic_shrinking	= true,
};

/* Only differences are looked at, and these are small. */
static u32 svcnat_affinity_now(void)
{
	return ktime_get_seconds();
}

static u32 svcnat_affinity_age(const struct svcnat_affinity_entry *e, u32 now)
{
	s32 age = now - READ_ONCE(e->last);

	return max(age, 0);	/* another CPU may be in the next second already */
}

/* Seconds are whole, and begun ones count as none: at least the timeout. */
static bool svcnat_affinity_alive(const struct svcnat_affinity_entry *e, u32 timeout,
				  u32 now)
{
	return e->epoch == READ_ONCE(e->endpoint->epoch) &&
	       svcnat_affinity_age(e, now) <= timeout;
}

static void svcnat_affinity_touch(struct svcnat_affinity_entry *e, u32 now)
{
	/* A busy client does not take the line away from other CPUs each time. */
	if (READ_ONCE(e->last) != now)
		WRITE_ONCE(e->last, now);
}

struct svcnat_affinity_entry *
svcnat_affinity_find(struct svcnat_net *sn, const struct svcnat_service *svc,
		     const union nf_inet_addr *client)
{
	const struct svcnat_affinity_key key = {
		.client		= *client,
		.service	= svc->id,
	};

	return rhashtable_lookup(&sn->affinity.table, &key, svcnat_affinity_params);
}

struct svcnat_endpoint *svcnat_affinity_kept(const struct svcnat_affinity_entry *e,
					     const struct svcnat_state *state, u32 *age)
{
	u32 now = svcnat_affinity_now();

	if (!e || !svcnat_affinity_alive(e, state->affinity, now))
		return NULL;
	if (age)
		*age = svcnat_affinity_age(e, now);
	return e->endpoint;
}

/* ---- entries */

static void svcnat_affinity_free(struct svcnat_affinity_entry *e)
{
	svcnat_endpoint_put(e->endpoint);
	kfree(e);
}

static void svcnat_affinity_free_rcu(struct rcu_head *rcu)
{
	svcnat_affinity_free(container_of(rcu, struct svcnat_affinity_entry, rcu));
}

static struct svcnat_affinity_entry *
svcnat_affinity_alloc(const struct svcnat_service *svc, const union nf_inet_addr *client,
		      struct svcnat_endpoint *ep, u32 epoch, u32 now)
{
	struct svcnat_affinity_entry *e;

	e = kmalloc(sizeof(*e), GFP_ATOMIC | __GFP_NOWARN);
	if (!e)
		return NULL;

	e->key.client = *client;
	e->key.service = svc->id;
	e->epoch = epoch;
	e->endpoint = ep;
	e->last = now;
	svcnat_endpoint_get(ep);
	return e;
}

/*
 * The epoch in which ep could be chosen, although the service may be changing
 * right now: the epoch grows after a state is published in which ep cannot be.
 * So if the published one has ep still when the epoch has been read, it fits.
 */
static bool svcnat_affinity_epoch(const struct svcnat_service *svc,
				  const struct svcnat_state *chosen_by,
				  const struct svcnat_endpoint *ep, u32 *epoch)
{
	const struct svcnat_state *state;

	/* Pairs with svcnat_endpoints_leave(). */
	*epoch = smp_load_acquire(&ep->epoch);
	state = rcu_dereference(svc->state);
	return state && (state == chosen_by ||
			 svcnat_list_has(&state->endpoints->cluster, ep) ||
			 svcnat_list_has(&state->endpoints->local, ep));
}

/* ---- what packets do */

static void svcnat_affinity_queue_gc(struct svcnat_affinity *aff)
{
	if (!delayed_work_pending(&aff->gc))
		queue_delayed_work(system_unbound_wq, &aff->gc, SVCNAT_AFFINITY_GC);
}

/* Room is made by the gc alone: a packet cannot look through a full table. */
static void svcnat_affinity_hurry_gc(struct svcnat_affinity *aff)
{
	unsigned long last = READ_ONCE(aff->hurried);
	unsigned long now = jiffies;

	if (time_in_range(now, last, last + SVCNAT_AFFINITY_HURRY) ||
	    cmpxchg(&aff->hurried, last, now) != last)
		return;
	mod_delayed_work(system_unbound_wq, &aff->gc, 0);
}

/* 0; -EAGAIN: another packet was first; anything else: there is no room. */
static int svcnat_affinity_insert(struct svcnat_net *sn,
				  struct svcnat_affinity_entry *e)
{
	u32 max = rcu_dereference(sn->settings)->max_affinity;
	struct svcnat_affinity *aff = &sn->affinity;
	void *found;

	if ((u32)atomic_inc_return(&aff->n) > max) {
		atomic_dec(&aff->n);
		svcnat_affinity_hurry_gc(aff);
		return -ENOSPC;
	}

	found = rhashtable_lookup_get_insert_fast(&aff->table, &e->node,
						  svcnat_affinity_params);
	if (found) {
		atomic_dec(&aff->n);
		return IS_ERR(found) ? PTR_ERR(found) : -EAGAIN;
	}
	svcnat_affinity_queue_gc(aff);
	return 0;
}

/* In the place of old, which is no use any more; as svcnat_affinity_insert(). */
static int svcnat_affinity_replace(struct svcnat_net *sn,
				   struct svcnat_affinity_entry *old,
				   struct svcnat_affinity_entry *e)
{
	if (rhashtable_replace_fast(&sn->affinity.table, &old->node, &e->node,
				    svcnat_affinity_params))
		return -EAGAIN;
	call_rcu(&old->rcu, svcnat_affinity_free_rcu);
	return 0;
}

/* The client's entry, if this connection may have its endpoint too. */
static struct svcnat_endpoint *
svcnat_affinity_join(struct svcnat_affinity_entry *e, const struct svcnat_state *state,
		     u8 list, const struct svcnat_endpoint *ep, u32 now)
{
	const struct svcnat_endpoints *eps = state->endpoints;

	if (!svcnat_affinity_alive(e, state->affinity, now))
		return NULL;
	if (e->endpoint != ep &&
	    !svcnat_list_has(list == SVCNAT_LIST_LOCAL ? &eps->local : &eps->cluster,
			     e->endpoint))
		return NULL;
	svcnat_affinity_touch(e, now);
	return e->endpoint;
}

struct svcnat_endpoint *
svcnat_affinity_keep(struct svcnat_net *sn, const struct svcnat_service *svc,
		     const struct svcnat_state *state, u8 list,
		     const union nf_inet_addr *client, struct svcnat_endpoint *ep,
		     struct svcnat_affinity_entry *found)
{
	struct svcnat_affinity_entry *new = NULL, *old;
	struct svcnat_endpoint *joined;
	u32 now = svcnat_affinity_now();
	int err = -EAGAIN;
	u32 epoch;
	int i;

	for (i = 0; err == -EAGAIN && i < SVCNAT_AFFINITY_ROUNDS; i++) {
		old = i ? svcnat_affinity_find(sn, svc, client) : found;
		joined = old ? svcnat_affinity_join(old, state, list, ep, now) : NULL;
		if (joined) {
			ep = joined;
			break;
		}

		if (!new) {
			/* It has left meanwhile: nothing to remember. */
			if (!svcnat_affinity_epoch(svc, state, ep, &epoch))
				return ep;
			new = svcnat_affinity_alloc(svc, client, ep, epoch, now);
			if (!new) {
				err = -ENOMEM;
				break;
			}
		}
		err = old ? svcnat_affinity_replace(sn, old, new) :
			    svcnat_affinity_insert(sn, new);
	}

	if (err && new)
		svcnat_affinity_free(new);	/* nobody has seen it */
	if (err && err != -EAGAIN)
		svcnat_count(sn->counts, SVCNAT_COUNT_AFFINITY_FULL);
	return ep;
}

/* ---- walks through the table */

static bool svcnat_affinity_remove(struct svcnat_net *sn,
				   struct svcnat_affinity_entry *e)
{
	if (rhashtable_remove_fast(&sn->affinity.table, &e->node, svcnat_affinity_params))
		return false;	/* replaced just now, or another walk was first */
	atomic_dec(&sn->affinity.n);
	call_rcu(&e->rcu, svcnat_affinity_free_rcu);
	return true;
}

typedef bool (*svcnat_affinity_match_fn)(struct svcnat_net *sn,
					 const struct svcnat_affinity_entry *e,
					 const struct svcnat_affinity_filter *f);

/* Remove all that match. Returns how many. */
static u32 svcnat_affinity_sweep(struct svcnat_net *sn, svcnat_affinity_match_fn match,
				 const struct svcnat_affinity_filter *f)
{
	struct svcnat_affinity_entry *e;
	struct rhashtable_iter iter;
	u32 seen = 0;
	u32 n = 0;

	rhashtable_walk_enter(&sn->affinity.table, &iter);
	svcnat_walk_start(&iter);
	while ((e = rhashtable_walk_next(&iter))) {
		if (IS_ERR(e))	/* a new table, from its beginning */
			continue;
		if (match(sn, e, f) && svcnat_affinity_remove(sn, e))
			n++;
		svcnat_walk_pause(&iter, ++seen);
	}
	svcnat_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
	return n;
}

/* Of no use for any packet. */
static bool svcnat_affinity_over(struct svcnat_net *sn,
				 const struct svcnat_affinity_entry *e, u32 grace)
{
	const struct svcnat_state *state;
	struct svcnat_service *svc;

	svc = xa_load(&sn->services, e->key.service);
	state = svc ? rcu_dereference(svc->state) : NULL;
	return !state || !state->affinity ||
	       !svcnat_affinity_alive(e, state->affinity + grace, svcnat_affinity_now());
}

static bool svcnat_affinity_match_over(struct svcnat_net *sn,
				       const struct svcnat_affinity_entry *e,
				       const struct svcnat_affinity_filter *f)
{
	return svcnat_affinity_over(sn, e, SVCNAT_AFFINITY_GRACE);
}

static void svcnat_affinity_gc(struct work_struct *work)
{
	struct svcnat_net *sn = container_of(to_delayed_work(work), struct svcnat_net,
					     affinity.gc);

	svcnat_affinity_sweep(sn, svcnat_affinity_match_over, NULL);
	if (atomic_read(&sn->affinity.n))
		svcnat_affinity_queue_gc(&sn->affinity);
}

bool svcnat_affinity_wanted(const struct svcnat_affinity_filter *f,
			    const struct svcnat_service *svc,
			    const union nf_inet_addr *client)
{
	return !(f->family && f->family != svc->family) &&
	       !(f->proto && f->proto != svc->proto) &&
	       !(f->name && strcmp(f->name, svc->name)) &&
	       !(f->by_client && !svcnat_addr_equal(&f->client, client));
}

/* What is left of a service that went goes when all goes. */
static bool svcnat_affinity_match_wanted(struct svcnat_net *sn,
					 const struct svcnat_affinity_entry *e,
					 const struct svcnat_affinity_filter *f)
{
	const struct svcnat_service *svc = xa_load(&sn->services, e->key.service);

	if (!svc)
		return !f->family && !f->proto && !f->name && !f->by_client;
	return svcnat_affinity_wanted(f, svc, &e->key.client);
}

u32 svcnat_affinity_flush(struct svcnat_net *sn, const struct svcnat_affinity_filter *f)
{
	lockdep_assert_held(&sn->lock);
	return svcnat_affinity_sweep(sn, svcnat_affinity_match_wanted, f);
}

/* ---- for who looks at it */

void svcnat_affinity_walk_enter(struct svcnat_net *sn, struct rhashtable_iter *iter)
{
	rhashtable_walk_enter(&sn->affinity.table, iter);
}

void svcnat_affinity_walk_exit(struct rhashtable_iter *iter)
{
	rhashtable_walk_exit(iter);
}

int svcnat_affinity_walk_next(struct svcnat_net *sn, struct rhashtable_iter *iter,
			      bool again, struct svcnat_affinity_view *view)
{
	const struct svcnat_affinity_entry *e;

	e = again ? rhashtable_walk_peek(iter) : rhashtable_walk_next(iter);
	while (!IS_ERR_OR_NULL(e) && svcnat_affinity_over(sn, e, 0))
		e = rhashtable_walk_next(iter);
	if (IS_ERR_OR_NULL(e))
		return PTR_ERR_OR_ZERO(e);

	view->service = e->key.service;
	view->client = e->key.client;
	view->endpoint = e->endpoint->key;
	view->age = svcnat_affinity_age(e, svcnat_affinity_now());
	return 1;
}

/* ---- with the namespace */

int svcnat_affinity_init(struct svcnat_net *sn)
{
	struct svcnat_affinity *aff = &sn->affinity;

	atomic_set(&aff->n, 0);
	aff->hurried = jiffies - SVCNAT_AFFINITY_HURRY - 1;
	INIT_DELAYED_WORK(&aff->gc, svcnat_affinity_gc);
	return rhashtable_init(&aff->table, &svcnat_affinity_params);
}

static void svcnat_affinity_free_one(void *ptr, void *arg)
{
	svcnat_affinity_free(ptr);
}

void svcnat_affinity_exit(struct svcnat_net *sn)
{
	cancel_delayed_work_sync(&sn->affinity.gc);
	rhashtable_free_and_destroy(&sn->affinity.table, svcnat_affinity_free_one, NULL);
}
