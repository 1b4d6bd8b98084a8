// SPDX-License-Identifier: GPL-2.0
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "address.h"
#include "filter.h"
#include "frontend.h"
#include "netns.h"
#include "service.h"
#include "state.h"

static __always_inline int svcnat_frontend_cmp(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct svcnat_frontend *fe = obj;

	return !svcnat_key_equal(arg->key, &fe->key);
}

static const struct rhashtable_params svcnat_frontend_params = {
	.head_offset		= offsetof(struct svcnat_frontend, node),
	.key_offset		= offsetof(struct svcnat_frontend, key),
	.key_len		= sizeof(struct svcnat_key),
	.hashfn			= svcnat_key_hash,
	.obj_cmpfn		= svcnat_frontend_cmp,
	.automatic_shrinking	= true,
};

int svcnat_frontend_table_init(struct svcnat_net *sn)
{
	/* Hashed as words. */
	BUILD_BUG_ON(sizeof(struct svcnat_key) != 20);

	return rhashtable_init(&sn->frontends, &svcnat_frontend_params);
}

void svcnat_frontend_table_exit(struct svcnat_net *sn)
{
	rhashtable_destroy(&sn->frontends);
}

struct svcnat_frontend *
svcnat_frontend_add(struct svcnat_net *sn, const struct svcnat_key *key,
		    struct svcnat_service *service, u32 slot)
{
	bool nodeport = !memchr_inv(&key->addr, 0, sizeof(key->addr));
	struct svcnat_frontend *fe;
	int err;

	lockdep_assert_held(&sn->lock);

	fe = kzalloc(sizeof(*fe), GFP_KERNEL_ACCOUNT);
	if (!fe)
		return ERR_PTR(-ENOMEM);

	fe->key = *key;
	fe->service = service;
	fe->slot = slot;
	if (!nodeport) {
		fe->address = svcnat_address_get(sn, key);
		if (!fe->address) {
			err = -ENOMEM;
			goto err_free;
		}
	}

	svcnat_filter_add(sn, key);
	err = rhashtable_lookup_insert_fast(&sn->frontends, &fe->node,
					    svcnat_frontend_params);
	if (err) {
		/* -EBUSY and -E2BIG: the table cannot grow as fast as it should. */
		err = err == -EEXIST ? err : -ENOMEM;
		goto err_address;
	}
	return fe;

err_address:
	if (fe->address)
		svcnat_address_put(sn, fe->address);
err_free:
	kfree(fe);
	return ERR_PTR(err);
}

void svcnat_frontend_remove(struct svcnat_net *sn, struct svcnat_frontend *fe)
{
	lockdep_assert_held(&sn->lock);
	rhashtable_remove_fast(&sn->frontends, &fe->node, svcnat_frontend_params);
	if (fe->address)
		svcnat_address_put(sn, fe->address);
}

void svcnat_frontend_free(struct svcnat_frontend *fe)
{
	kfree_rcu(fe, rcu);
}

struct svcnat_frontend *svcnat_frontend_find(struct svcnat_net *sn,
					     const struct svcnat_key *key)
{
	lockdep_assert_held(&sn->lock);
	return rhashtable_lookup_fast(&sn->frontends, key, svcnat_frontend_params);
}

bool svcnat_frontend_lookup(struct svcnat_net *sn, const struct svcnat_key *key,
			    struct svcnat_match *match)
{
	const struct svcnat_frontend *fe;
	const struct svcnat_state *state;

	fe = rhashtable_lookup(&sn->frontends, key, svcnat_frontend_params);
	if (!fe)
		return false;

	state = rcu_dereference(fe->service->state);
	if (!state || !svcnat_state_has(state, fe->slot, fe))
		return false;

	match->service = fe->service;
	match->state = state;
	match->kind = state->slots[fe->slot].kind;
	return true;
}
