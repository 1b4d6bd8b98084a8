// SPDX-License-Identifier: GPL-2.0
#include <linux/jiffies.h>

#include "affinity.h"
#include "clients.h"
#include "count.h"
#include "decide.h"
#include "endpoint.h"
#include "endpoints.h"
#include "netns.h"
#include "service.h"
#include "settings.h"
#include "state.h"
#include "stock.h"

#define SVCNAT_AFFINITY_GC	(5 * HZ)
#define SVCNAT_AFFINITY_HURRY	HZ	/* at most so often, when the table is full */

/*
 * The gc leaves an entry alone for so many seconds after its end: a packet may
 * have found it alive just before.
 */
#define SVCNAT_AFFINITY_GRACE	2

/* How often a packet tries anew after it lost against another one. */
#define SVCNAT_AFFINITY_ROUNDS	4

/* Immutable but for its time: another endpoint is another entry. */
struct svcnat_affinity_entry {
	struct svcnat_client client;		/* whose entry it is */
	u32 epoch;				/* of the endpoint when it was chosen */
	u32 last;				/* the last new connection, in jiffies */
	struct svcnat_endpoint *endpoint;	/* a reference */
	struct rcu_head rcu;
};

static_assert(sizeof(struct svcnat_affinity_entry) <= SVCNAT_STOCK_PIECE);

/* NULL of NULL. */
static struct svcnat_affinity_entry *svcnat_affinity_entry(const struct svcnat_client *c)
{
	BUILD_BUG_ON(offsetof(struct svcnat_affinity_entry, client));
	return (struct svcnat_affinity_entry *)c;
}

/* Only differences are looked at, and these are small. */
static s32 svcnat_affinity_idle(const struct svcnat_affinity_entry *e)
{
	return (u32)jiffies - READ_ONCE(e->last);
}

static u32 svcnat_affinity_age(const struct svcnat_affinity_entry *e)
{
	/* Another CPU may be in the next jiffy already. */
	return max(svcnat_affinity_idle(e), 0) / HZ;
}

/* Seconds are whole, and begun ones count as none: at least the timeout. */
static bool svcnat_affinity_alive(const struct svcnat_affinity_entry *e, u32 timeout)
{
	return e->epoch == READ_ONCE(e->endpoint->epoch) &&
	       svcnat_affinity_idle(e) < (s32)((timeout + 1) * HZ);
}

static void svcnat_affinity_touch(struct svcnat_affinity_entry *e)
{
	/* A busy client does not take the line away from other CPUs each time. */
	if (svcnat_affinity_idle(e) >= HZ)
		WRITE_ONCE(e->last, (u32)jiffies);
}

struct svcnat_affinity_entry *
svcnat_affinity_find(struct svcnat_net *sn, const struct svcnat_service *svc,
		     const union nf_inet_addr *client, struct svcnat_clients_place *place)
{
	return svcnat_affinity_entry(svcnat_clients_find(&sn->affinity.clients, svc->id,
							 client, place));
}

struct svcnat_endpoint *svcnat_affinity_kept(const struct svcnat_affinity_entry *e,
					     const struct svcnat_state *state, u32 *age)
{
	if (!e || !svcnat_affinity_alive(e, state->affinity))
		return NULL;
	if (age)
		*age = svcnat_affinity_age(e);
	return e->endpoint;
}

/* ---- entries */

static void svcnat_affinity_free(struct svcnat_client *c)
{
	svcnat_endpoint_put(svcnat_affinity_entry(c)->endpoint);
	svcnat_stock_give(c);
}

static void svcnat_affinity_free_rcu(struct rcu_head *rcu)
{
	svcnat_affinity_free(&container_of(rcu, struct svcnat_affinity_entry, rcu)->client);
}

/* Also if nobody has seen it: see stock.h. */
static void svcnat_affinity_retire(struct svcnat_affinity_entry *e)
{
	call_rcu(&e->rcu, svcnat_affinity_free_rcu);
}

static struct svcnat_affinity_entry *
svcnat_affinity_alloc(const struct svcnat_service *svc, const union nf_inet_addr *client,
		      u32 hash, struct svcnat_endpoint *ep, u32 epoch)
{
	struct svcnat_affinity_entry *e = svcnat_stock_take();

	if (unlikely(!e))
		return NULL;
	svcnat_client_set(&e->client, svc->id, client, hash);
	e->epoch = epoch;
	e->last = jiffies;
	e->endpoint = ep;
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

/* The workers that the table wants. */
static void svcnat_affinity_queue(struct svcnat_affinity *aff)
{
	if (!delayed_work_pending(&aff->gc))
		queue_delayed_work(system_unbound_wq, &aff->gc, SVCNAT_AFFINITY_GC);
	if (unlikely(svcnat_clients_crowded(&aff->clients)) && !work_pending(&aff->resize))
		queue_work(system_unbound_wq, &aff->resize);
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

static bool svcnat_affinity_reserve(struct svcnat_net *sn)
{
	return svcnat_clients_reserve(&sn->affinity.clients,
				      rcu_dereference(sn->settings)->max_affinity);
}

/* The client's entry, if this connection may have its endpoint too. */
static struct svcnat_endpoint *
svcnat_affinity_join(struct svcnat_affinity_entry *e, const struct svcnat_query *q,
		     const struct svcnat_endpoint *ep)
{
	if (!svcnat_affinity_alive(e, q->state->affinity))
		return NULL;
	if (e->endpoint != ep && !svcnat_list_has(svcnat_decide_choices(q), e->endpoint))
		return NULL;
	svcnat_affinity_touch(e);
	return e->endpoint;
}

/* In the place of old, if any, which is no use any more. 0; -EAGAIN: somebody was first. */
static int svcnat_affinity_enter(struct svcnat_net *sn, struct svcnat_affinity_entry *old,
				 struct svcnat_affinity_entry *e)
{
	struct svcnat_clients *cs = &sn->affinity.clients;
	int err;

	if (!old)
		return svcnat_clients_insert(cs, &e->client);
	err = svcnat_clients_replace(cs, &old->client, &e->client);
	if (!err)
		svcnat_affinity_retire(old);
	return err;
}

static void svcnat_affinity_full(struct svcnat_net *sn)
{
	svcnat_count(sn->counts, SVCNAT_COUNT_AFFINITY_FULL);
	svcnat_affinity_hurry_gc(&sn->affinity);
}

/* Whatever there is, and whoever else is about to do the same. */
static noinline struct svcnat_endpoint *
svcnat_affinity_settle(struct svcnat_net *sn, const struct svcnat_service *svc,
		       const struct svcnat_query *q, struct svcnat_endpoint *ep)
{
	struct svcnat_affinity_entry *old, *new = NULL;
	struct svcnat_clients_place place;
	struct svcnat_endpoint *joined;
	bool reserved = false;
	int err = -EAGAIN;
	u32 epoch;
	int i;

	for (i = 0; err == -EAGAIN && i < SVCNAT_AFFINITY_ROUNDS; i++) {
		old = svcnat_affinity_find(sn, svc, &q->flow.saddr, &place);
		joined = old ? svcnat_affinity_join(old, q, ep) : NULL;
		if (joined) {
			ep = joined;
			break;
		}

		if (!new && !svcnat_affinity_epoch(svc, q->state, ep, &epoch))
			break;	/* it has left meanwhile: nothing to remember */
		if (!old && !reserved)
			reserved = svcnat_affinity_reserve(sn);
		if (!new && (old || reserved))
			new = svcnat_affinity_alloc(svc, &q->flow.saddr, place.hash, ep, epoch);
		if (!new || !(old || reserved)) {
			svcnat_affinity_full(sn);
			break;
		}
		err = svcnat_affinity_enter(sn, old, new);
		if (!err && !old)
			reserved = false;	/* it has that room */
	}

	if (err && new)
		svcnat_affinity_retire(new);
	if (reserved)
		svcnat_clients_unreserve(&sn->affinity.clients);
	svcnat_affinity_queue(&sn->affinity);
	return ep;
}

/*
 * A client that nobody knows, as nearly all are that come here. Without memory it is not
 * remembered. false: it is not so simple.
 */
static bool svcnat_affinity_meet(struct svcnat_net *sn, const struct svcnat_service *svc,
				 const struct svcnat_query *q,
				 const struct svcnat_clients_place *place,
				 struct svcnat_endpoint *ep)
{
	struct svcnat_affinity *aff = &sn->affinity;
	struct svcnat_affinity_entry *e;
	u32 epoch;

	if (unlikely(!place->bucket || !svcnat_affinity_epoch(svc, q->state, ep, &epoch) ||
		     !svcnat_clients_reserve(&aff->clients, q->settings->max_affinity)))
		return false;
	e = svcnat_affinity_alloc(svc, &q->flow.saddr, place->hash, ep, epoch);
	if (likely(e) && likely(!svcnat_clients_add(place, &e->client))) {
		svcnat_affinity_queue(aff);
		return true;
	}
	svcnat_clients_unreserve(&aff->clients);
	if (!e) {
		svcnat_affinity_full(sn);
		return true;
	}
	svcnat_affinity_retire(e);
	return false;
}

struct svcnat_endpoint *
svcnat_affinity_keep(struct svcnat_net *sn, const struct svcnat_service *svc,
		     const struct svcnat_query *q, struct svcnat_affinity_entry *found,
		     const struct svcnat_clients_place *place, struct svcnat_endpoint *ep)
{
	if (!found && likely(svcnat_affinity_meet(sn, svc, q, place, ep)))
		return ep;
	if (!found || ep != q->kept)
		return svcnat_affinity_settle(sn, svc, q, ep);
	svcnat_affinity_touch(found);
	return ep;
}

/* ---- walks through the table */

typedef bool (*svcnat_affinity_match_fn)(struct svcnat_net *sn,
					 const struct svcnat_affinity_entry *e,
					 const struct svcnat_affinity_filter *f);

struct svcnat_affinity_sweep {
	struct svcnat_net *sn;
	svcnat_affinity_match_fn match;
	const struct svcnat_affinity_filter *filter;
	u32 removed;
};

static void svcnat_affinity_sweep_one(struct svcnat_client *c, void *arg)
{
	struct svcnat_affinity_entry *e = svcnat_affinity_entry(c);
	struct svcnat_affinity_sweep *sweep = arg;

	if (!sweep->match(sweep->sn, e, sweep->filter) ||
	    !svcnat_clients_remove(&sweep->sn->affinity.clients, c))
		return;		/* or replaced just now */
	svcnat_affinity_retire(e);
	sweep->removed++;
}

/* Remove all that match. Returns how many. */
static u32 svcnat_affinity_sweep(struct svcnat_net *sn, svcnat_affinity_match_fn match,
				 const struct svcnat_affinity_filter *f)
{
	struct svcnat_affinity_sweep sweep = { .sn = sn, .match = match, .filter = f };

	svcnat_clients_walk(&sn->affinity.clients, svcnat_affinity_sweep_one, &sweep);
	return sweep.removed;
}

/* Of no use for any packet. */
static bool svcnat_affinity_over(struct svcnat_net *sn,
				 const struct svcnat_affinity_entry *e, u32 grace)
{
	const struct svcnat_state *state;
	struct svcnat_service *svc;

	svc = xa_load(&sn->services, e->client.service);
	state = svc ? rcu_dereference(svc->state) : NULL;
	return !state || !state->affinity ||
	       !svcnat_affinity_alive(e, state->affinity + grace);
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
	svcnat_clients_resize(&sn->affinity.clients);
	if (svcnat_affinity_entries(sn))
		svcnat_affinity_queue(&sn->affinity);
}

static void svcnat_affinity_resize(struct work_struct *work)
{
	struct svcnat_net *sn = container_of(work, struct svcnat_net, affinity.resize);

	svcnat_clients_resize(&sn->affinity.clients);
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
	const struct svcnat_service *svc = xa_load(&sn->services, e->client.service);

	if (!svc)
		return !f->family && !f->proto && !f->name && !f->by_client;
	return svcnat_affinity_wanted(f, svc, &e->client.addr);
}

u32 svcnat_affinity_flush(struct svcnat_net *sn, const struct svcnat_affinity_filter *f)
{
	lockdep_assert_held(&sn->lock);
	return svcnat_affinity_sweep(sn, svcnat_affinity_match_wanted, f);
}

/* ---- for who looks at it */

u32 svcnat_affinity_entries(const struct svcnat_net *sn)
{
	return atomic_read(&sn->affinity.clients.n);
}

void svcnat_affinity_walk_begin(struct svcnat_net *sn)
	__acquires(RCU)
{
	mutex_lock(&sn->affinity.clients.lock);
	rcu_read_lock();
}

void svcnat_affinity_walk_end(struct svcnat_net *sn)
	__releases(RCU)
{
	rcu_read_unlock();
	mutex_unlock(&sn->affinity.clients.lock);
}

bool svcnat_affinity_walk_next(struct svcnat_net *sn, struct svcnat_clients_cursor *cursor,
			       struct svcnat_affinity_view *view)
{
	const struct svcnat_affinity_entry *e;
	struct svcnat_client *c;

	while ((c = svcnat_clients_after(&sn->affinity.clients, cursor))) {
		svcnat_clients_visited(cursor, c);
		e = svcnat_affinity_entry(c);
		if (svcnat_affinity_over(sn, e, 0))
			continue;
		view->service = c->service;
		view->client = c->addr;
		view->endpoint = e->endpoint->key;
		view->age = svcnat_affinity_age(e);
		return true;
	}
	return false;
}

/* ---- with the namespace */

int svcnat_affinity_init(struct svcnat_net *sn)
{
	struct svcnat_affinity *aff = &sn->affinity;

	aff->hurried = jiffies - SVCNAT_AFFINITY_HURRY - 1;
	INIT_DELAYED_WORK(&aff->gc, svcnat_affinity_gc);
	INIT_WORK(&aff->resize, svcnat_affinity_resize);
	return svcnat_clients_init(&aff->clients);
}

void svcnat_affinity_exit(struct svcnat_net *sn)
{
	cancel_delayed_work_sync(&sn->affinity.gc);
	cancel_work_sync(&sn->affinity.resize);
	svcnat_clients_exit(&sn->affinity.clients, svcnat_affinity_free);
}
