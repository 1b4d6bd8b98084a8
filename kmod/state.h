/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The state of a service: everything of it that a packet may see. Immutable;
 * a change publishes a new one, by one pointer in the service.
 *
 * A frontend is in force while the present state has it in its slot. So new
 * frontends can be put into the table, which may fail, while nobody sees them;
 * the swap of the state brings them in and the dropped ones out in one step.
 */
#ifndef SVCNAT_STATE_H
#define SVCNAT_STATE_H

#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/svcnat.h>
#include <linux/types.h>

struct svcnat_cidrs;
struct svcnat_endpoints;
struct svcnat_frontend;

struct svcnat_slot {
	struct svcnat_frontend *frontend;	/* NULL: free */
	u8 kind;
};

struct svcnat_state {
	u32 flags;				/* SVCNAT_F_* */
	u32 affinity;				/* seconds; 0: none */
	u8 scheduler;
	bool records;				/* connection records are kept */
	u32 nfrontends;				/* slots that are not free */
	u32 nslots;
	struct svcnat_cidrs *ranges;		/* owned; NULL: all sources */
	struct svcnat_endpoints *endpoints;	/* owned */
	struct list_head retired;		/* stale.c */
	struct rcu_head rcu;
	struct svcnat_slot slots[];
};

/* With nslots free slots and nothing else yet. NULL: no memory. */
struct svcnat_state *svcnat_state_alloc(u32 nslots);

/* For a state that no reader can have any more; NULL is fine. */
void svcnat_state_free(struct svcnat_state *state);

/* Free after a grace period. */
void svcnat_state_retire(struct svcnat_state *state);

/* Is the frontend in force? */
static inline bool svcnat_state_has(const struct svcnat_state *state, u32 slot,
				    const struct svcnat_frontend *frontend)
{
	return slot < state->nslots && state->slots[slot].frontend == frontend;
}

#endif /* SVCNAT_STATE_H */
