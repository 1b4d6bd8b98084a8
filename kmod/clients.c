// SPDX-License-Identifier: GPL-2.0
#include <linux/bitops.h>
#include <linux/bottom_half.h>
#include <linux/jhash.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/preempt.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "clients.h"
#include "key.h"

/* Orders of the number of buckets. */
#define SVCNAT_CLIENTS_LEAST	6
#define SVCNAT_CLIENTS_GROWN	10	/* at least, when the first ones were too few */
#define SVCNAT_CLIENTS_MOST	22
/* Until a worker has made room, or as long as memory is short: clients to a bucket. */
#define SVCNAT_CLIENTS_CROWD	64
/* A table is shrunk when not one bucket in so many has a client. */
#define SVCNAT_CLIENTS_SPARSE	16

/* Of a bucket's word. */
#define SVCNAT_CLIENTS_LOCK_BIT	0
#define SVCNAT_CLIENTS_LOCKED	BIT(SVCNAT_CLIENTS_LOCK_BIT)
#define SVCNAT_CLIENTS_MOVED	BIT(1)	/* for good, and nobody is here any more */
#define SVCNAT_CLIENTS_BITS	(SVCNAT_CLIENTS_LOCKED | SVCNAT_CLIENTS_MOVED)

/* Buckets that move while no packet comes to this CPU; of any table a whole share. */
#define SVCNAT_CLIENTS_MOVES	32

/* Buckets between two pauses of a walk. */
#define SVCNAT_CLIENTS_BATCH	256

struct svcnat_clients_table {
	struct rcu_head rcu;
	struct svcnat_clients_table __rcu *next;	/* to which buckets have moved */
	u32 size;
	u32 shift;					/* of a hash, to a bucket's number */
	unsigned long buckets[];
};

/* ---- words and chains */

static struct svcnat_client *svcnat_clients_first(unsigned long head)
{
	return (struct svcnat_client *)(head & ~SVCNAT_CLIENTS_BITS);
}

/* A service has one family only, and few clients of IPv6 are like this. */
static u32 svcnat_clients_hash(const struct svcnat_clients *cs, u32 service,
			       const union nf_inet_addr *addr)
{
	if (!(addr->all[1] | addr->all[2] | addr->all[3]))
		return jhash_2words((__force u32)addr->ip, service, cs->seed);
	return jhash2(addr->all, ARRAY_SIZE(addr->all), cs->seed ^ service);
}

static bool svcnat_client_is(const struct svcnat_client *c, u32 hash, u32 service,
			     const union nf_inet_addr *addr)
{
	return c->hash == hash && c->service == service && svcnat_addr_equal(&c->addr, addr);
}

static struct svcnat_client *svcnat_clients_scan(unsigned long head, u32 hash, u32 service,
						 const union nf_inet_addr *addr)
{
	struct svcnat_client *c = svcnat_clients_first(head);

	while (c && !svcnat_client_is(c, hash, service, addr))
		c = rcu_dereference(c->next);
	return c;
}

static unsigned long *svcnat_clients_bucket(struct svcnat_clients_table *t, u32 hash)
{
	return &t->buckets[hash >> t->shift];
}

/*
 * Its word is the holder's alone then: the others' compare-and-swaps expect the bit not to
 * be there. Not a lock of the kernel's: those by a bit are none where there is one CPU only.
 */
static void svcnat_clients_lock_bucket(unsigned long *bucket)
{
	preempt_disable();
	while (test_and_set_bit_lock(SVCNAT_CLIENTS_LOCK_BIT, bucket))
		cpu_relax();
}

static void svcnat_clients_unlock_bucket(unsigned long *bucket)
{
	clear_bit_unlock(SVCNAT_CLIENTS_LOCK_BIT, bucket);
	preempt_enable();
}

/* The bucket that the hash has by now. No packets come to this CPU meanwhile. RCU. */
static unsigned long *svcnat_clients_lock(struct svcnat_clients *cs, u32 hash)
{
	struct svcnat_clients_table *t = rcu_dereference(cs->table);
	unsigned long *bucket;

	local_bh_disable();
	for (;;) {
		bucket = svcnat_clients_bucket(t, hash);
		svcnat_clients_lock_bucket(bucket);
		if (!(READ_ONCE(*bucket) & SVCNAT_CLIENTS_MOVED))
			return bucket;
		svcnat_clients_unlock_bucket(bucket);
		t = rcu_dereference(t->next);
	}
}

static void svcnat_clients_unlock(unsigned long *bucket)
{
	svcnat_clients_unlock_bucket(bucket);
	local_bh_enable();
}

/* The first one of a locked bucket. */
static void svcnat_clients_set_first(unsigned long *bucket, const struct svcnat_client *c)
{
	/* After what c has was written: readers come to it by this word. */
	smp_store_release(bucket, (unsigned long)c | SVCNAT_CLIENTS_LOCKED);
}

/* Under the lock of its bucket, other comes where c is in the chain. false: it is not. */
static bool svcnat_clients_exchange(unsigned long *bucket, const struct svcnat_client *c,
				    struct svcnat_client *other)
{
	struct svcnat_client *at = svcnat_clients_first(*bucket);

	if (at == c) {
		svcnat_clients_set_first(bucket, other);
		return true;
	}
	while (at && rcu_access_pointer(at->next) != c)
		at = rcu_dereference_protected(at->next, true);
	if (!at)
		return false;
	rcu_assign_pointer(at->next, other);
	return true;
}

/* ---- what packets do */

/* Where a look without the lock cannot tell. */
static noinline struct svcnat_client *
svcnat_clients_find_locked(struct svcnat_clients *cs, u32 hash, u32 service,
			   const union nf_inet_addr *addr)
{
	unsigned long *bucket = svcnat_clients_lock(cs, hash);
	struct svcnat_client *c = svcnat_clients_scan(*bucket, hash, service, addr);

	svcnat_clients_unlock(bucket);
	return c;
}

/*
 * A client may be overlooked while its bucket moves, and a reader may be led from one
 * chain into another: but only if the word changes, or has a bit.
 */
struct svcnat_client *svcnat_clients_find(struct svcnat_clients *cs, u32 service,
					  const union nf_inet_addr *addr,
					  struct svcnat_clients_place *place)
{
	struct svcnat_client *c;

	place->hash = svcnat_clients_hash(cs, service, addr);
	place->bucket = svcnat_clients_bucket(rcu_dereference(cs->table), place->hash);
	place->head = READ_ONCE(*place->bucket);
	c = svcnat_clients_scan(place->head, place->hash, service, addr);
	if (c)
		return c;

	smp_rmb();	/* the chain, then whether it was whole */
	if (likely(!(place->head & SVCNAT_CLIENTS_BITS) &&
		   READ_ONCE(*place->bucket) == place->head))
		return NULL;
	place->bucket = NULL;
	return svcnat_clients_find_locked(cs, place->hash, service, addr);
}

void svcnat_clients_unreserve(struct svcnat_clients *cs)
{
	atomic_dec(&cs->n);
}

bool svcnat_clients_reserve(struct svcnat_clients *cs, u32 max)
{
	u32 n = atomic_inc_return(&cs->n);

	if (likely(n <= max && n <= READ_ONCE(cs->most)))
		return true;
	svcnat_clients_unreserve(cs);
	return false;
}

int svcnat_clients_add(const struct svcnat_clients_place *place, struct svcnat_client *c)
{
	RCU_INIT_POINTER(c->next, svcnat_clients_first(place->head));
	return cmpxchg(place->bucket, place->head, (unsigned long)c) == place->head ?
		       0 : -EAGAIN;
}

int svcnat_clients_insert(struct svcnat_clients *cs, struct svcnat_client *c)
{
	unsigned long *bucket = svcnat_clients_lock(cs, c->hash);
	bool there = svcnat_clients_scan(*bucket, c->hash, c->service, &c->addr);

	if (!there) {
		RCU_INIT_POINTER(c->next, svcnat_clients_first(*bucket));
		svcnat_clients_set_first(bucket, c);
	}
	svcnat_clients_unlock(bucket);
	return there ? -EAGAIN : 0;
}

int svcnat_clients_replace(struct svcnat_clients *cs, struct svcnat_client *old,
			   struct svcnat_client *c)
{
	unsigned long *bucket = svcnat_clients_lock(cs, c->hash);
	bool done;

	RCU_INIT_POINTER(c->next, rcu_dereference_protected(old->next, true));
	done = svcnat_clients_exchange(bucket, old, c);
	svcnat_clients_unlock(bucket);
	return done ? 0 : -EAGAIN;
}

bool svcnat_clients_remove(struct svcnat_clients *cs, struct svcnat_client *c)
{
	unsigned long *bucket = svcnat_clients_lock(cs, c->hash);
	bool done;

	done = svcnat_clients_exchange(bucket, c, rcu_dereference_protected(c->next, true));
	svcnat_clients_unlock(bucket);
	if (done)
		svcnat_clients_unreserve(cs);
	return done;
}

/* ---- another number of buckets */

static struct svcnat_clients_table *svcnat_clients_present(struct svcnat_clients *cs)
{
	return rcu_dereference_protected(cs->table, lockdep_is_held(&cs->lock));
}

static struct svcnat_clients_table *svcnat_clients_table_alloc(u32 order)
{
	struct svcnat_clients_table *t;

	t = kvzalloc(struct_size(t, buckets, BIT(order)), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!t)
		return NULL;
	t->size = BIT(order);
	t->shift = 32 - order;
	return t;
}

/* From now on, or soon, packets have this one. */
static void svcnat_clients_publish(struct svcnat_clients *cs, struct svcnat_clients_table *t)
{
	bool last = t->size == BIT(SVCNAT_CLIENTS_MOST);

	WRITE_ONCE(cs->many, last ? U32_MAX : t->size);
	WRITE_ONCE(cs->most, last ? U32_MAX : t->size * SVCNAT_CLIENTS_CROWD);
	rcu_assign_pointer(cs->table, t);
}

/* Packets may be adding others there, and may have it locked for a moment. */
static void svcnat_clients_push(struct svcnat_clients_table *to, struct svcnat_client *c)
{
	unsigned long *bucket = svcnat_clients_bucket(to, c->hash);
	unsigned long head;

	for (;;) {
		head = READ_ONCE(*bucket) & ~SVCNAT_CLIENTS_LOCKED;
		rcu_assign_pointer(c->next, svcnat_clients_first(head));
		if (cmpxchg(bucket, head, (unsigned long)c) == head)
			return;
		cpu_relax();
	}
}

/* Who reads a chain of it, or waits for its lock, will find the bits. */
static void svcnat_clients_move_bucket(unsigned long *bucket, struct svcnat_clients_table *to)
{
	struct svcnat_client *c;

	svcnat_clients_lock_bucket(bucket);
	while ((c = svcnat_clients_first(*bucket))) {
		svcnat_clients_set_first(bucket, rcu_dereference_protected(c->next, true));
		svcnat_clients_push(to, c);
	}
	WRITE_ONCE(*bucket, SVCNAT_CLIENTS_LOCKED | SVCNAT_CLIENTS_MOVED);
	svcnat_clients_unlock_bucket(bucket);
}

/* Who has from then is a reader: it may be behind by several tables. */
static void svcnat_clients_move(struct svcnat_clients *cs, struct svcnat_clients_table *from,
				struct svcnat_clients_table *to)
{
	u32 i, end;

	rcu_assign_pointer(from->next, to);
	for (i = 0; i < from->size; cond_resched()) {
		local_bh_disable();
		for (end = i + SVCNAT_CLIENTS_MOVES; i < end; i++)
			svcnat_clients_move_bucket(&from->buckets[i], to);
		local_bh_enable();
	}
	svcnat_clients_publish(cs, to);
	kvfree_rcu(from, rcu);
}

/* The order that n want, who have now a table of size. */
static u32 svcnat_clients_wanted(u32 n, u32 size)
{
	u32 order = order_base_2(n) + 1;

	if (n > size)
		return clamp_t(u32, order, SVCNAT_CLIENTS_GROWN, SVCNAT_CLIENTS_MOST);
	if (n < size / SVCNAT_CLIENTS_SPARSE)
		return max_t(u32, order, SVCNAT_CLIENTS_LEAST);
	return order_base_2(size);
}

void svcnat_clients_resize(struct svcnat_clients *cs)
{
	struct svcnat_clients_table *from, *to;
	u32 n, order;

	mutex_lock(&cs->lock);
	from = svcnat_clients_present(cs);
	n = atomic_read(&cs->n);
	order = svcnat_clients_wanted(n, from->size);
	if (BIT(order) != from->size) {
		to = svcnat_clients_table_alloc(order);
		if (to)
			svcnat_clients_move(cs, from, to);
		else if (n > from->size)
			WRITE_ONCE(cs->many, 2 * n);	/* not for each packet anew */
	}
	mutex_unlock(&cs->lock);
}

/* ---- walks */

static void svcnat_clients_pause(u32 bucket)
	__must_hold(RCU)
{
	if (bucket % SVCNAT_CLIENTS_BATCH != SVCNAT_CLIENTS_BATCH - 1)
		return;
	rcu_read_unlock();
	cond_resched();
	rcu_read_lock();
}

void svcnat_clients_walk(struct svcnat_clients *cs,
			 void (*visit)(struct svcnat_client *c, void *arg), void *arg)
{
	struct svcnat_clients_table *t;
	struct svcnat_client *c;
	u32 i;

	mutex_lock(&cs->lock);
	t = svcnat_clients_present(cs);
	rcu_read_lock();
	for (i = 0; i < t->size; i++) {
		c = svcnat_clients_first(READ_ONCE(t->buckets[i]));
		for (; c; c = rcu_dereference(c->next))
			visit(c, arg);
		svcnat_clients_pause(i);
	}
	rcu_read_unlock();
	mutex_unlock(&cs->lock);
}

/* By their hashes first, as buckets are. */
static int svcnat_client_cmp(const struct svcnat_client *a, const struct svcnat_client *b)
{
	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	if (a->service != b->service)
		return a->service < b->service ? -1 : 1;
	return memcmp(&a->addr, &b->addr, sizeof(a->addr));
}

/* Of one bucket. */
static struct svcnat_client *
svcnat_clients_after_here(unsigned long head, const struct svcnat_clients_cursor *cursor)
{
	struct svcnat_client *c = svcnat_clients_first(head);
	struct svcnat_client *least = NULL;

	for (; c; c = rcu_dereference(c->next)) {
		if (cursor->begun && svcnat_client_cmp(c, &cursor->last) <= 0)
			continue;
		if (!least || svcnat_client_cmp(c, least) < 0)
			least = c;
	}
	return least;
}

struct svcnat_client *svcnat_clients_after(struct svcnat_clients *cs,
					   const struct svcnat_clients_cursor *cursor)
{
	struct svcnat_clients_table *t = svcnat_clients_present(cs);
	u32 i = cursor->begun ? cursor->last.hash >> t->shift : 0;
	struct svcnat_client *c;

	lockdep_assert_held(&cs->lock);
	for (; i < t->size; i++) {
		c = svcnat_clients_after_here(READ_ONCE(t->buckets[i]), cursor);
		if (c)
			return c;
		svcnat_clients_pause(i);
	}
	return NULL;
}

void svcnat_clients_visited(struct svcnat_clients_cursor *cursor,
			    const struct svcnat_client *c)
{
	svcnat_client_set(&cursor->last, c->service, &c->addr, c->hash);
	cursor->begun = true;
}

/* ---- with the namespace */

int svcnat_clients_init(struct svcnat_clients *cs)
{
	struct svcnat_clients_table *t = svcnat_clients_table_alloc(SVCNAT_CLIENTS_LEAST);

	if (!t)
		return -ENOMEM;
	cs->seed = get_random_u32();
	atomic_set(&cs->n, 0);
	mutex_init(&cs->lock);
	svcnat_clients_publish(cs, t);
	return 0;
}

void svcnat_clients_exit(struct svcnat_clients *cs, void (*free)(struct svcnat_client *c))
{
	struct svcnat_clients_table *t = rcu_dereference_protected(cs->table, true);
	struct svcnat_client *c, *next;
	u32 i;

	for (i = 0; i < t->size; i++) {
		for (c = svcnat_clients_first(t->buckets[i]); c; c = next) {
			next = rcu_dereference_protected(c->next, true);
			free(c);
		}
		cond_resched();
	}
	kvfree(t);
	mutex_destroy(&cs->lock);
}
