// SPDX-License-Identifier: GPL-2.0
#include <linux/bitmap.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/siphash.h>
#include <linux/slab.h>

#include "endpoint.h"
#include "key.h"
#include "list.h"
#include "maglev.h"

/* Part of what nodes agree on, as the sizes are: a change moves connections. */
static const siphash_key_t svcnat_maglev_flow_key = {
	{ 0x7376636e61742f66ULL, 0x6c6f772f6d61676cULL }
};

static const siphash_key_t svcnat_maglev_endpoint_key = {
	{ 0x7376636e61742f65ULL, 0x702f2f2f6d61676cULL }
};

/*
 * Where the number of endpoints passes from one size to the next, all slots are
 * dealt anew: so the sizes are few, and 16381 slots do for 2 endpoints as for 81.
 * With 200 for each, the most that an endpoint that goes moves of the others'
 * slots is 1.5 %, and 0.7 % of 100 endpoints, 0.1 % of 10,000. Two bytes a slot.
 */
#define SVCNAT_MAGLEV_SLOTS	200

static const u32 svcnat_maglev_sizes[] = { 16381, 65521, 262139, 1000003 };

/* How many wanted slots are looked at, a slot of the table; usual are 14. */
#define SVCNAT_MAGLEV_PROBES	64

/* In how many rounds an endpoint of average weight gets a turn, at most. */
#define SVCNAT_MAGLEV_ROUNDS	16

struct svcnat_maglev_walk {
	u32 slot;			/* the next that it wants */
	u32 skip;			/* from there to the one after */
	u32 credit;			/* a turn costs a unit */
};

struct svcnat_maglev_build {
	u16 *table;
	u32 size;
	u32 filled;
	u32 unit;
	u32 spare;			/* no free slot is below this one */
	u64 probes;			/* left */
	unsigned long *taken;
	struct svcnat_maglev_walk *walks;
};

static u32 svcnat_maglev_size(u32 n)
{
	unsigned int i = 0;

	while (i < ARRAY_SIZE(svcnat_maglev_sizes) - 1 &&
	       (u64)n * SVCNAT_MAGLEV_SLOTS > svcnat_maglev_sizes[i])
		i++;
	return svcnat_maglev_sizes[i];
}

/*
 * The heaviest gets a turn a round; but if that left most rounds to it alone,
 * it gets several in one. A power of two apart, so that it seldom changes.
 */
static u32 svcnat_maglev_unit(const struct svcnat_list *list)
{
	u32 i, unit = 1;

	for (i = 0; i < list->n; i++)
		unit = max(unit, svcnat_list_weight(list, i));
	while ((u64)unit * list->n > (u64)list->weight * SVCNAT_MAGLEV_ROUNDS)
		unit = DIV_ROUND_UP(unit, 2);
	return unit;
}

static void svcnat_maglev_start(struct svcnat_maglev_build *b,
				const struct svcnat_list *list)
{
	u32 i;

	b->unit = svcnat_maglev_unit(list);
	for (i = 0; i < list->n; i++) {
		const struct svcnat_key *key = &list->choices[i].endpoint->key;
		u64 hash = siphash(key, sizeof(*key), &svcnat_maglev_endpoint_key);
		u32 weight = svcnat_list_weight(list, i);

		b->walks[i].slot = lower_32_bits(hash) % b->size;
		b->walks[i].skip = upper_32_bits(hash) % (b->size - 1) + 1;
		/* In the first round everybody has a turn: the lightest gets a slot. */
		b->walks[i].credit = b->unit > weight ? b->unit - weight : 0;
		cond_resched();
	}
}

/* The next free slot of a walk; of all, if it was looked for too long. */
static u32 svcnat_maglev_slot(struct svcnat_maglev_build *b,
			      struct svcnat_maglev_walk *walk)
{
	while (test_bit(walk->slot, b->taken)) {
		if (!b->probes) {
			b->spare = find_next_zero_bit(b->taken, b->size, b->spare);
			return b->spare;
		}
		b->probes--;
		walk->slot += walk->skip;
		if (walk->slot >= b->size)
			walk->slot -= b->size;
	}
	return walk->slot;
}

static void svcnat_maglev_turns(struct svcnat_maglev_build *b, u32 i, u32 weight)
{
	struct svcnat_maglev_walk *walk = &b->walks[i];

	walk->credit += weight;
	while (walk->credit >= b->unit && b->filled < b->size) {
		u32 slot = svcnat_maglev_slot(b, walk);

		walk->credit -= b->unit;
		__set_bit(slot, b->taken);
		b->table[slot] = i;
		b->filled++;
	}
}

static void svcnat_maglev_fill(struct svcnat_maglev_build *b,
			       const struct svcnat_list *list)
{
	u32 i;

	while (b->filled < b->size) {
		for (i = 0; i < list->n; i++) {
			svcnat_maglev_turns(b, i, svcnat_list_weight(list, i));
			cond_resched();
		}
	}
}

int svcnat_maglev_init(struct svcnat_list *list)
{
	struct svcnat_maglev_build b = { .size = svcnat_maglev_size(list->n) };
	int err = -ENOMEM;

	if (list->n == 1)
		return 0;

	b.probes = (u64)b.size * SVCNAT_MAGLEV_PROBES;
	b.table = kvmalloc_array(b.size, sizeof(b.table[0]), GFP_KERNEL_ACCOUNT);
	b.walks = kvmalloc_array(list->n, sizeof(b.walks[0]), GFP_KERNEL);
	b.taken = kvcalloc(BITS_TO_LONGS(b.size), sizeof(long), GFP_KERNEL);
	if (!b.table || !b.walks || !b.taken)
		goto out_free;

	svcnat_maglev_start(&b, list);
	svcnat_maglev_fill(&b, list);
	list->maglev_size = b.size;
	list->maglev = b.table;
	b.table = NULL;
	err = 0;

out_free:
	kvfree(b.taken);
	kvfree(b.walks);
	kvfree(b.table);
	return err;
}

/* In bytes that are the same on every node, and none of them padding. */
u32 svcnat_maglev_choice(const struct svcnat_list *list, const struct svcnat_flow *flow)
{
	struct {
		union nf_inet_addr saddr, daddr;
		__be16 sport, dport;
		u8 proto, family, zero[2];
	} __aligned(SIPHASH_ALIGNMENT) tuple = {
		.saddr	= flow->saddr,
		.daddr	= flow->daddr,
		.sport	= flow->sport,
		.dport	= flow->dport,
		.proto	= flow->proto,
		.family	= flow->family,
	};
	u32 hash = siphash(&tuple, sizeof(tuple), &svcnat_maglev_flow_key);

	return list->maglev[reciprocal_scale(hash, list->maglev_size)];
}
