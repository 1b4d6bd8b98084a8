// SPDX-License-Identifier: GPL-2.0
#include <linux/gcd.h>
#include <linux/hash.h>
#include <linux/jhash.h>
#include <linux/kernel.h>
#include <linux/math64.h>

#include "endpoint.h"
#include "maglev.h"
#include "select.h"

/* How many endpoints LEASTCONN looks at for one connection. */
#define SVCNAT_SELECT_WINDOW	256

/* One word more. What its high bits have changed comes down to the low ones. */
static inline u64 svcnat_select_mix(u64 hash, u64 word)
{
	hash = (hash ^ word) * GOLDEN_RATIO_64;
	return hash ^ hash >> 32;
}

u32 svcnat_select_hash(const struct svcnat_flow *flow, u32 key)
{
	const u32 *s = flow->saddr.all, *d = flow->daddr.all;
	u64 hash = key;

	hash = svcnat_select_mix(hash, (u64)d[0] << 32 | s[0]);
	if (flow->family == NFPROTO_IPV6) {
		hash = svcnat_select_mix(hash, (u64)d[1] << 32 | s[1]);
		hash = svcnat_select_mix(hash, (u64)d[2] << 32 | s[2]);
		hash = svcnat_select_mix(hash, (u64)d[3] << 32 | s[3]);
	}
	hash = svcnat_select_mix(hash, (u64)flow->dst.rest << 32 | (__force u16)flow->sport);
	/* Once more, or one client's ports in their order would spread evener than chance. */
	return hash * GOLDEN_RATIO_64 >> 32;
}

static u32 svcnat_select_source_hash(const struct svcnat_flow *flow, u32 key)
{
	if (flow->family == NFPROTO_IPV4)
		return jhash_1word((__force u32)flow->saddr.ip, key);
	return jhash2(flow->saddr.all, ARRAY_SIZE(flow->saddr.all), key);
}

/* Whose position is this, of as many as the list weighs? */
static u32 svcnat_select_position(const struct svcnat_list *list, u32 position)
{
	u32 low = 0, high = list->n - 1;

	if (list->uniform)
		return position;
	while (low < high) {
		u32 i = low + (high - low) / 2;

		if (position < list->choices[i].sum)
			high = i;
		else
			low = i + 1;
	}
	return low;
}

static u32 svcnat_select_by_hash(const struct svcnat_list *list, u32 hash)
{
	return svcnat_select_position(list, reciprocal_scale(hash, list->weight));
}

/* The golden ratio's part of cycle, to the nearest. */
static u32 svcnat_select_stride(u32 cycle)
{
	return ((u64)cycle * GOLDEN_RATIO_32 + BIT_ULL(31)) >> 32;
}

u32 svcnat_select_cycle(u32 weight)
{
	u32 cycle = weight;

	while (gcd(cycle, svcnat_select_stride(cycle)) != 1)
		cycle++;
	return cycle;
}

static u32 svcnat_select_spot(u32 cycle, u32 turn)
{
	u32 spot;

	div_u64_rem((u64)turn * svcnat_select_stride(cycle), cycle, &spot);
	return spot;
}

/*
 * The cycle ends after weight-many turns; what the few after that would have
 * reached is left out of the positions, which then have no gaps.
 */
static u32 svcnat_select_turn(const struct svcnat_list *list, u32 turn)
{
	u32 i, spot, below = 0;

	turn %= list->weight;
	if (list->uniform)
		return turn;
	spot = svcnat_select_spot(list->cycle, turn);
	for (i = list->weight; i < list->cycle; i++)
		below += svcnat_select_spot(list->cycle, i) < spot;
	return svcnat_select_position(list, spot - below);
}

/* As if the new connection were its own already. */
static u64 svcnat_select_active(const struct svcnat_list *list, u32 i)
{
	return (u64)(u32)atomic_read(&list->choices[i].endpoint->active) + 1;
}

/*
 * The fewest connections for its weight. Of a list that is longer than the window
 * only a part is looked at, so that no packet takes longer. Where it begins jumps
 * all over the list from turn to turn; that also spreads the ties, which the first
 * one wins.
 */
static u32 svcnat_select_least(const struct svcnat_list *list, u32 turn)
{
	u32 i = reciprocal_scale(turn * GOLDEN_RATIO_32, list->n);
	u32 left = min_t(u32, list->n, SVCNAT_SELECT_WINDOW) - 1;
	u64 least_active = svcnat_select_active(list, i);
	u32 least_weight = svcnat_list_weight(list, i);
	u32 least = i;

	while (left--) {
		u64 active;
		u32 weight;

		if (++i == list->n)
			i = 0;
		active = svcnat_select_active(list, i);
		weight = svcnat_list_weight(list, i);
		if (active * least_weight < least_active * weight) {
			least_active = active;
			least_weight = weight;
			least = i;
		}
	}
	return least;
}

/* But for HASH, which is the most common one by far. */
static noinline u32 svcnat_select_index(const struct svcnat_list *list,
					enum svcnat_scheduler scheduler,
					const struct svcnat_flow *flow, u32 key, u32 turn)
{
	switch (scheduler) {
	case SVCNAT_SCHEDULER_SOURCE:
		return svcnat_select_by_hash(list, svcnat_select_source_hash(flow, key));
	case SVCNAT_SCHEDULER_MAGLEV:
		return svcnat_maglev_choice(list, flow);
	case SVCNAT_SCHEDULER_RR:
		return svcnat_select_turn(list, turn);
	case SVCNAT_SCHEDULER_LEASTCONN:
		return svcnat_select_least(list, turn);
	default:
		return 0;
	}
}

struct svcnat_endpoint *
svcnat_select_endpoint(const struct svcnat_list *list,
		       enum svcnat_scheduler scheduler,
		       const struct svcnat_flow *flow,
		       u32 key, u32 turn)
{
	u32 i = 0;

	if (list->n > 1)
		i = scheduler == SVCNAT_SCHEDULER_HASH ?
		    svcnat_select_by_hash(list, svcnat_select_hash(flow, key)) :
		    svcnat_select_index(list, scheduler, flow, key, turn);
	return list->choices[i].endpoint;
}
