// SPDX-License-Identifier: GPL-2.0
#include <linux/slab.h>

#include "endpoints.h"
#include "state.h"

struct svcnat_state *svcnat_state_alloc(u32 nslots)
{
	struct svcnat_state *state;

	state = kvzalloc(struct_size(state, slots, nslots), GFP_KERNEL_ACCOUNT);
	if (state)
		state->nslots = nslots;
	return state;
}

void svcnat_state_free(struct svcnat_state *state)
{
	svcnat_endpoints_free(state->endpoints);
	kvfree(state);
}

static void svcnat_state_free_rcu(struct rcu_head *rcu)
{
	svcnat_state_free(container_of(rcu, struct svcnat_state, rcu));
}

void svcnat_state_retire(struct svcnat_state *state)
{
	if (state)
		call_rcu(&state->rcu, svcnat_state_free_rcu);
}
