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

#include <linux/rcupdate.h>
#include <linux/types.h>

struct svcnat_endpoints;
struct svcnat_frontend;

struct svcnat_slot {
	struct svcnat_frontend *frontend;	/* NULL: free */
	u8 kind;
};

struct svcnat_state {
	struct rcu_head rcu;
	u32 flags;
	u32 nfrontends;			/* slots that are not free */
	u32 nslots;
	struct svcnat_endpoints *endpoints;	/* owned */
	struct svcnat_slot slots[];
};

/* With nslots free slots and no endpoints yet. NULL: no memory. */
struct svcnat_state *svcnat_state_alloc(u32 nslots);

/* For a state that was never published. */
void svcnat_state_free(struct svcnat_state *state);

/* Free after a grace period. NULL is fine. */
void svcnat_state_retire(struct svcnat_state *state);

/* Is the frontend in force? */
static inline bool svcnat_state_has(const struct svcnat_state *state, u32 slot,
				    const struct svcnat_frontend *frontend)
{
	return slot < state->nslots && state->slots[slot].frontend == frontend;
}

#endif /* SVCNAT_STATE_H */
