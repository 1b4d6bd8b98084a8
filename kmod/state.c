// SPDX-License-Identifier: GPL-2.0
#include <linux/slab.h>

#include "cidr.h"
#include "endpoints.h"
#include "state.h"

struct svcnat_state *svcnat_state_alloc(u32 nslots)
{
	struct svcnat_state *state;

	state = kvzalloc(struct_size(state, slots, nslots), GFP_KERNEL_ACCOUNT);
	if (!state)
		return NULL;

	state->nslots = nslots;
	INIT_LIST_HEAD(&state->retired);
	return state;
}

void svcnat_state_free(struct svcnat_state *state)
{
	if (!state)
		return;

	if (state->endpoints)
		svcnat_endpoints_free(state->endpoints);
	kvfree(state->ranges);
	kvfree(state);
}

static void svcnat_state_free_rcu(struct rcu_head *rcu)
{
	svcnat_state_free(container_of(rcu, struct svcnat_state, rcu));
}

void svcnat_state_retire(struct svcnat_state *state)
{
	call_rcu(&state->rcu, svcnat_state_free_rcu);
}
