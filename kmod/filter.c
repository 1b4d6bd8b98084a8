// SPDX-License-Identifier: GPL-2.0
#include <linux/bitops.h>
#include <linux/hash.h>
#include <linux/log2.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <net/ipv6.h>

#include "filter.h"
#include "frontend.h"
#include "netns.h"

#define SVCNAT_FILTER_LEAST	10	/* an order: 128 bytes */
#define SVCNAT_FILTER_MOST	24	/* 2 MiB */
#define SVCNAT_FILTER_SPARE	5	/* at first 32 bits or more for each frontend */
#define SVCNAT_FILTER_DENSE	3	/* 8 of them when it has become full */

struct svcnat_filter {
	struct rcu_head rcu;
	u32 shift;			/* 32 less its order */
	u32 left;			/* lock; frontends until it is full */
	unsigned long bits[];
};

static u32 svcnat_filter_hash_address(const struct svcnat_key *key)
{
	if (key->family == NFPROTO_IPV4)
		return (__force u32)key->addr.ip * GOLDEN_RATIO_32;
	return ipv6_addr_hash(&key->addr.in6) * GOLDEN_RATIO_32;
}

static u32 svcnat_filter_hash_nodeport(const struct svcnat_key *key)
{
	return key->rest * GOLDEN_RATIO_32;
}

static u32 svcnat_filter_hash(const struct svcnat_key *frontend)
{
	return ipv6_addr_any(&frontend->addr.in6) ? svcnat_filter_hash_nodeport(frontend) :
						    svcnat_filter_hash_address(frontend);
}

static struct svcnat_filter *svcnat_filter_alloc(u32 frontends)
{
	u32 order = clamp_t(u32, order_base_2(frontends + 1) + SVCNAT_FILTER_SPARE,
			    SVCNAT_FILTER_LEAST, SVCNAT_FILTER_MOST);
	struct svcnat_filter *filter;

	filter = kvzalloc(struct_size(filter, bits, BITS_TO_LONGS(BIT(order))),
			  GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!filter)
		return NULL;
	filter->shift = 32 - order;
	/* The greatest one has no successor that would be better. */
	filter->left = order < SVCNAT_FILTER_MOST ? BIT(order) >> SVCNAT_FILTER_DENSE : U32_MAX;
	return filter;
}

static struct svcnat_filter *svcnat_filter(struct svcnat_net *sn)
{
	return rcu_dereference_protected(sn->filter, lockdep_is_held(&sn->lock));
}

static void svcnat_filter_set(struct svcnat_filter *filter, const struct svcnat_key *frontend)
{
	set_bit(svcnat_filter_hash(frontend) >> filter->shift, filter->bits);
}

/* All that are in the table; while it is growing some come twice. */
static void svcnat_filter_fill(struct svcnat_net *sn, struct svcnat_filter *filter)
{
	const struct svcnat_frontend *fe;
	struct rhashtable_iter iter;

	rhashtable_walk_enter(&sn->frontends, &iter);
	rhashtable_walk_start(&iter);
	while ((fe = rhashtable_walk_next(&iter))) {
		if (!IS_ERR(fe)) {
			svcnat_filter_set(filter, &fe->key);
			filter->left -= filter->left > 0;
		}
	}
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
}

static void svcnat_filter_renew(struct svcnat_net *sn)
{
	struct svcnat_filter *old = svcnat_filter(sn);
	struct svcnat_filter *new = svcnat_filter_alloc(atomic_read(&sn->frontends.nelems));

	if (!new) {
		/* Not at once again. */
		old->left = BIT(32 - old->shift) >> SVCNAT_FILTER_DENSE;
		return;
	}
	svcnat_filter_fill(sn, new);
	rcu_assign_pointer(sn->filter, new);
	kvfree_rcu(old, rcu);
}

void svcnat_filter_add(struct svcnat_net *sn, const struct svcnat_key *frontend)
{
	struct svcnat_filter *filter;

	lockdep_assert_held(&sn->lock);
	if (!svcnat_filter(sn)->left)
		svcnat_filter_renew(sn);
	filter = svcnat_filter(sn);
	svcnat_filter_set(filter, frontend);
	filter->left -= filter->left > 0;
}

int svcnat_filter_init(struct svcnat_net *sn)
{
	struct svcnat_filter *filter = svcnat_filter_alloc(0);

	if (!filter)
		return -ENOMEM;
	RCU_INIT_POINTER(sn->filter, filter);
	return 0;
}

void svcnat_filter_exit(struct svcnat_net *sn)
{
	kvfree(rcu_dereference_protected(sn->filter, true));
	RCU_INIT_POINTER(sn->filter, NULL);
}

static bool svcnat_filter_test(const struct svcnat_net *sn, u32 hash)
{
	const struct svcnat_filter *filter = rcu_dereference(sn->filter);

	return test_bit(hash >> filter->shift, filter->bits);
}

bool svcnat_filter_address(const struct svcnat_net *sn, const struct svcnat_key *key)
{
	return svcnat_filter_test(sn, svcnat_filter_hash_address(key));
}

bool svcnat_filter_nodeport(const struct svcnat_net *sn, const struct svcnat_key *key)
{
	return svcnat_filter_test(sn, svcnat_filter_hash_nodeport(key));
}
