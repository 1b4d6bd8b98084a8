// SPDX-License-Identifier: GPL-2.0
#include <linux/bug.h>
#include <linux/list.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "stock.h"

#define SVCNAT_STOCK_BLOCK	4096	/* bytes, and so aligned */
/* The first piece's place is the block's own. */
#define SVCNAT_STOCK_PIECES	(SVCNAT_STOCK_BLOCK / SVCNAT_STOCK_PIECE - 1)

/* Where the kernel watches who uses what is freed, each piece is an allocation of its own. */
#define SVCNAT_STOCK_WATCHED	IS_ENABLED(CONFIG_KASAN)

/* A piece that nobody has. */
struct svcnat_spare {
	struct svcnat_spare *next;
};

struct svcnat_block {
	struct list_head node;		/* in svcnat_stock_blocks, if it has spares */
	struct svcnat_spare *spares;
	u32 n;				/* of them; those ready on a CPU are not here */
};

static_assert(sizeof(struct svcnat_block) <= SVCNAT_STOCK_PIECE);

/*
 * A chain of pieces of one block. Taken without a lock: whoever comes in between has
 * changed the first one. It is the same again only if it was given back, which takes a
 * grace period, and who compares is a reader.
 */
static DEFINE_PER_CPU(struct svcnat_spare *, svcnat_stock_ready);

static DEFINE_SPINLOCK(svcnat_stock_lock);
static LIST_HEAD(svcnat_stock_blocks);	/* svcnat_stock_lock */

static struct svcnat_block *svcnat_stock_block(void *piece)
{
	return (void *)((unsigned long)piece & ~(SVCNAT_STOCK_BLOCK - 1UL));
}

/* All spares of a block that has some, or NULL. */
static struct svcnat_spare *svcnat_stock_old(void)
{
	struct svcnat_spare *spares = NULL;
	struct svcnat_block *block;

	spin_lock_bh(&svcnat_stock_lock);
	block = list_first_entry_or_null(&svcnat_stock_blocks, struct svcnat_block, node);
	if (block) {
		list_del(&block->node);
		spares = block->spares;
		block->spares = NULL;
		block->n = 0;
	}
	spin_unlock_bh(&svcnat_stock_lock);
	return spares;
}

/* All pieces of a new block. NULL: no memory. */
static struct svcnat_spare *svcnat_stock_new(void)
{
	struct svcnat_spare *spares = NULL, *spare;
	struct svcnat_block *block;
	u32 i;

	/* Which the allocator aligns, being a power of two. */
	block = kmalloc(SVCNAT_STOCK_BLOCK, GFP_ATOMIC | __GFP_NOWARN);
	if (!block)
		return NULL;
	block->spares = NULL;
	block->n = 0;
	for (i = SVCNAT_STOCK_PIECES; i > 0; i--) {
		spare = (void *)block + i * SVCNAT_STOCK_PIECE;
		spare->next = spares;
		spares = spare;
	}
	return spares;
}

static void svcnat_stock_put(struct svcnat_spare *spare)
{
	struct svcnat_block *block = svcnat_stock_block(spare);

	spare->next = block->spares;
	block->spares = spare;
	if (!block->n++)
		list_add(&block->node, &svcnat_stock_blocks);
	if (block->n == SVCNAT_STOCK_PIECES) {
		list_del(&block->node);
		kfree(block);
	}
}

static void svcnat_stock_put_all(struct svcnat_spare *spare)
{
	struct svcnat_spare *next;

	spin_lock_bh(&svcnat_stock_lock);
	for (; spare; spare = next) {
		next = spare->next;
		svcnat_stock_put(spare);
	}
	spin_unlock_bh(&svcnat_stock_lock);
}

/* Nothing is ready. */
static noinline void *svcnat_stock_refill(void)
{
	struct svcnat_spare *first = svcnat_stock_old() ?: svcnat_stock_new();
	struct svcnat_spare *rest;

	if (!first)
		return NULL;
	rest = first->next;
	/* Somebody else was faster, or this is another CPU now: nobody has seen these. */
	if (rest && this_cpu_cmpxchg(svcnat_stock_ready, NULL, rest))
		svcnat_stock_put_all(rest);
	return first;
}

void *svcnat_stock_take(void)
{
	struct svcnat_spare *spare;

	if (SVCNAT_STOCK_WATCHED)
		return kmalloc(SVCNAT_STOCK_PIECE, GFP_ATOMIC | __GFP_NOWARN);
	do {
		spare = this_cpu_read(svcnat_stock_ready);
		if (unlikely(!spare))
			return svcnat_stock_refill();
	} while (unlikely(this_cpu_cmpxchg(svcnat_stock_ready, spare,
					   READ_ONCE(spare->next)) != spare));
	return spare;
}

void svcnat_stock_give(void *piece)
{
	struct svcnat_spare *spare = piece;

	if (SVCNAT_STOCK_WATCHED) {
		kfree(piece);
		return;
	}
	spare->next = NULL;
	svcnat_stock_put_all(spare);
}

void svcnat_stock_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		svcnat_stock_put_all(per_cpu(svcnat_stock_ready, cpu));
		per_cpu(svcnat_stock_ready, cpu) = NULL;
	}
	WARN_ON_ONCE(!list_empty(&svcnat_stock_blocks));
}
