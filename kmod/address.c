// SPDX-License-Identifier: GPL-2.0
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "address.h"
#include "netns.h"

static __always_inline int svcnat_address_cmp(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct svcnat_address *address = obj;

	return !svcnat_key_equal(arg->key, &address->key);
}

static const struct rhashtable_params svcnat_address_params = {
	.head_offset		= offsetof(struct svcnat_address, node),
	.key_offset		= offsetof(struct svcnat_address, key),
	.key_len		= sizeof(struct svcnat_key),
	.hashfn			= svcnat_key_hash,
	.obj_cmpfn		= svcnat_address_cmp,
	.automatic_shrinking	= true,
};

int svcnat_address_table_init(struct svcnat_net *sn)
{
	return rhashtable_init(&sn->addresses, &svcnat_address_params);
}

void svcnat_address_table_exit(struct svcnat_net *sn)
{
	rhashtable_destroy(&sn->addresses);
}

struct svcnat_address *svcnat_address_get(struct svcnat_net *sn,
					  const struct svcnat_key *frontend)
{
	struct svcnat_key key = { .addr = frontend->addr, .family = frontend->family };
	struct svcnat_address *address;

	lockdep_assert_held(&sn->lock);

	address = rhashtable_lookup_fast(&sn->addresses, &key, svcnat_address_params);
	if (address) {
		address->uses++;
		return address;
	}

	address = kzalloc(sizeof(*address), GFP_KERNEL_ACCOUNT);
	if (!address)
		return NULL;

	address->key = key;
	address->uses = 1;
	if (rhashtable_insert_fast(&sn->addresses, &address->node,
				   svcnat_address_params)) {
		kfree(address);
		return NULL;
	}
	return address;
}

void svcnat_address_put(struct svcnat_net *sn, struct svcnat_address *address)
{
	lockdep_assert_held(&sn->lock);
	if (--address->uses)
		return;
	rhashtable_remove_fast(&sn->addresses, &address->node, svcnat_address_params);
	kfree_rcu(address, rcu);
}

const struct svcnat_address *svcnat_address_lookup(struct svcnat_net *sn, u8 family,
						   const union nf_inet_addr *addr)
{
	struct svcnat_key key = { .addr = *addr, .family = family };

	return rhashtable_lookup(&sn->addresses, &key, svcnat_address_params);
}
