// SPDX-License-Identifier: GPL-2.0
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "endpoint.h"
#include "netns.h"
#include "tally.h"

/* Several services may have the same place: each has an entry of its own. */
static const struct rhashtable_params svcnat_endpoint_params = {
	.head_offset		= offsetof(struct svcnat_endpoint, node),
	.key_offset		= offsetof(struct svcnat_endpoint, key),
	.key_len		= sizeof(struct svcnat_key),
	.automatic_shrinking	= true,
};

int svcnat_endpoint_table_init(struct svcnat_net *sn)
{
	return rhltable_init(&sn->endpoints, &svcnat_endpoint_params);
}

void svcnat_endpoint_table_exit(struct svcnat_net *sn)
{
	rhltable_destroy(&sn->endpoints);
}

static void svcnat_endpoint_free(struct svcnat_endpoint *ep)
{
	svcnat_tally_put(SVCNAT_TALLY_ENDPOINT, ep->connections);
	kfree(ep->traffic);
	kfree(ep);
}

static void svcnat_endpoint_free_rcu(struct rcu_head *rcu)
{
	svcnat_endpoint_free(container_of(rcu, struct svcnat_endpoint, rcu));
}

struct svcnat_endpoint *svcnat_endpoint_add(struct svcnat_net *sn,
					    const struct svcnat_key *key)
{
	struct svcnat_endpoint *ep;

	lockdep_assert_held(&sn->lock);

	ep = kzalloc(sizeof(*ep), GFP_KERNEL_ACCOUNT);
	if (!ep)
		return NULL;

	ep->key = *key;
	refcount_set(&ep->refs, 1);
	ep->connections = svcnat_tally_get(SVCNAT_TALLY_ENDPOINT);
	if (!ep->connections ||
	    rhltable_insert(&sn->endpoints, &ep->node, svcnat_endpoint_params)) {
		svcnat_endpoint_free(ep);
		return NULL;
	}
	return ep;
}

void svcnat_endpoint_remove(struct svcnat_net *sn, struct svcnat_endpoint *ep)
{
	lockdep_assert_held(&sn->lock);
	rhltable_remove(&sn->endpoints, &ep->node, svcnat_endpoint_params);
}

void svcnat_endpoint_put(struct svcnat_endpoint *ep)
{
	if (refcount_dec_and_test(&ep->refs))
		call_rcu(&ep->rcu, svcnat_endpoint_free_rcu);
}

bool svcnat_endpoint_known(struct svcnat_net *sn, const struct svcnat_key *key)
{
	return rhltable_lookup(&sn->endpoints, key, svcnat_endpoint_params);
}

u64 svcnat_endpoint_connections(const struct svcnat_endpoint *ep)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(*per_cpu_ptr(ep->connections, cpu));
	return sum;
}
