/* SPDX-License-Identifier: GPL-2.0 */
/* Which endpoint of a list a flow gets: the schedulers. Pure. */
#ifndef SVCNAT_SELECT_H
#define SVCNAT_SELECT_H

#include <linux/svcnat.h>

#include "key.h"
#include "list.h"

/*
 * A keyed hash of the flow's own tuple: looks random from flow to flow, yet
 * two first packets of one socket on two CPUs agree, so that conntrack merges
 * them instead of losing one.
 */
u32 svcnat_select_hash(const struct svcnat_flow *flow, u32 key);

/*
 * The endpoint of a list that is not empty. key: of this namespace, but MAGLEV
 * has one of its own, that all nodes share. turn: how many connections were
 * scheduled before, for RR and to break LEASTCONN's ties.
 */
struct svcnat_endpoint *
svcnat_select_endpoint(const struct svcnat_list *list,
		       enum svcnat_scheduler scheduler,
		       const struct svcnat_flow *flow,
		       u32 key, u32 turn);

/*
 * RR among several weights goes through the weight-many positions in strides of
 * the golden ratio, so that an endpoint's turns stand apart from each other. A
 * stride reaches all only if it has no divisor in common with their number: this
 * is the least number where that is so, weight or hardly more.
 */
u32 svcnat_select_cycle(u32 weight);

/* Do two first packets of one flow always agree? UDP needs that. */
static inline bool svcnat_scheduler_deterministic(enum svcnat_scheduler scheduler)
{
	return scheduler != SVCNAT_SCHEDULER_RR &&
	       scheduler != SVCNAT_SCHEDULER_LEASTCONN;
}

#endif /* SVCNAT_SELECT_H */
