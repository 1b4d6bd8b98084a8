// SPDX-License-Identifier: GPL-2.0
#include <linux/bitops.h>
#include <linux/bug.h>
#include <linux/list.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "tally.h"

#define SVCNAT_TALLY_PLACES	64	/* in a block */

/* Aligned to its size, so that what is put back tells which one it is of. */
struct svcnat_tally_block {
	struct list_head list;		/* of those with a free place */
	void __percpu *counters;
	u64 free;			/* a bit for each place */
};

static struct svcnat_tally_pool {
	struct xarray blocks;		/* by the number that their address makes */
	struct list_head open;		/* lock of the above */
	size_t each;			/* bytes */
} svcnat_tally_pools[SVCNAT_TALLIES];

static_assert(SVCNAT_TALLY_PLACES == BITS_PER_TYPE(((struct svcnat_tally_block *)0)->free));

static size_t svcnat_tally_bytes(const struct svcnat_tally_pool *pool)
{
	return SVCNAT_TALLY_PLACES * pool->each;
}

static unsigned long svcnat_tally_number(const struct svcnat_tally_pool *pool,
					 const void __percpu *counters)
{
	return (__force unsigned long)counters / svcnat_tally_bytes(pool);
}

static void svcnat_tally_setup(struct svcnat_tally_pool *pool, size_t each)
{
	xa_init_flags(&pool->blocks, XA_FLAGS_LOCK_BH);
	INIT_LIST_HEAD(&pool->open);
	pool->each = each;
}

void svcnat_tally_init(void)
{
	svcnat_tally_setup(&svcnat_tally_pools[SVCNAT_TALLY_ENDPOINT], sizeof(u64));
	svcnat_tally_setup(&svcnat_tally_pools[SVCNAT_TALLY_SERVICE],
			   SVCNAT_TALLY_MANY * sizeof(u64));
}

void svcnat_tally_exit(void)
{
	unsigned int i;

	for (i = 0; i < SVCNAT_TALLIES; i++)
		WARN_ON_ONCE(!xa_empty(&svcnat_tally_pools[i].blocks));
}

static void svcnat_tally_free(struct svcnat_tally_block *block)
{
	if (!block)
		return;
	free_percpu(block->counters);
	kfree(block);
}

static struct svcnat_tally_block *svcnat_tally_alloc(struct svcnat_tally_pool *pool)
{
	size_t bytes = svcnat_tally_bytes(pool);
	struct svcnat_tally_block *block;

	block = kzalloc(sizeof(*block), GFP_KERNEL_ACCOUNT);
	if (!block)
		return NULL;

	block->free = U64_MAX;
	block->counters = __alloc_percpu_gfp(bytes, bytes, GFP_KERNEL_ACCOUNT);
	if (!block->counters ||
	    xa_insert_bh(&pool->blocks, svcnat_tally_number(pool, block->counters), block,
			 GFP_KERNEL_ACCOUNT)) {
		svcnat_tally_free(block);
		return NULL;
	}
	return block;
}

/* A place of an open block. Lock held. */
static void __percpu *svcnat_tally_take(struct svcnat_tally_pool *pool,
					struct svcnat_tally_block *block)
{
	unsigned int place = __ffs64(block->free);

	block->free &= ~BIT_ULL(place);
	if (!block->free)
		list_del(&block->list);
	return block->counters + place * pool->each;
}

void __percpu *svcnat_tally_get(enum svcnat_tally which)
{
	struct svcnat_tally_pool *pool = &svcnat_tally_pools[which];
	struct svcnat_tally_block *block;
	void __percpu *counters;
	int cpu;

	xa_lock_bh(&pool->blocks);
	block = list_first_entry_or_null(&pool->open, struct svcnat_tally_block, list);
	if (!block) {
		xa_unlock_bh(&pool->blocks);
		block = svcnat_tally_alloc(pool);
		if (!block)
			return NULL;
		xa_lock_bh(&pool->blocks);
		list_add(&block->list, &pool->open);
	}
	counters = svcnat_tally_take(pool, block);
	xa_unlock_bh(&pool->blocks);

	for_each_possible_cpu(cpu)
		memset(per_cpu_ptr(counters, cpu), 0, pool->each);
	return counters;
}

void svcnat_tally_put(enum svcnat_tally which, void __percpu *counters)
{
	struct svcnat_tally_pool *pool = &svcnat_tally_pools[which];
	unsigned long number = svcnat_tally_number(pool, counters);
	struct svcnat_tally_block *block;

	if (!counters)
		return;

	xa_lock_bh(&pool->blocks);
	block = xa_load(&pool->blocks, number);
	if (!block->free)
		list_add(&block->list, &pool->open);
	block->free |= BIT_ULL((counters - block->counters) / pool->each);
	if (block->free == U64_MAX) {
		list_del(&block->list);
		__xa_erase(&pool->blocks, number);
	} else {
		block = NULL;
	}
	xa_unlock_bh(&pool->blocks);
	svcnat_tally_free(block);
}
