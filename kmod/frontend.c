// SPDX-License-Identifier: GPL-2.0
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "address.h"
#include "filter.h"
#include "frontend.h"
#include "netns.h"
#include "service.h"
#include "state.h"
#include "walk.h"

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
	struct svcnat_filter *filter;
	int err;

	/* Hashed as words. */
	BUILD_BUG_ON(sizeof(struct svcnat_key) != 20);

	filter = svcnat_filter_alloc(0);
	if (!filter)
		return -ENOMEM;

	err = rhashtable_init(&sn->frontends, &svcnat_frontend_params);
	if (err) {
		kvfree(filter);
		return err;
	}
	RCU_INIT_POINTER(sn->filter, filter);
	return 0;
}

void svcnat_frontend_table_exit(struct svcnat_net *sn)
{
	/* Nobody is left who could read it, or change it. */
	kvfree(rcu_dereference_raw(sn->filter));
	RCU_INIT_POINTER(sn->filter, NULL);
	rhashtable_destroy(&sn->frontends);
}

/* ---- the filter of what is in the table */

static struct svcnat_filter *svcnat_frontend_filter(struct svcnat_net *sn)
{
	return rcu_dereference_protected(sn->filter, lockdep_is_held(&sn->lock));
}

/* Without memory the old one does, though worse. */
static void svcnat_frontend_filter_renew(struct svcnat_net *sn)
{
	struct svcnat_filter *old = svcnat_frontend_filter(sn);
	const struct svcnat_frontend *fe;
	struct rhashtable_iter iter;
	struct svcnat_filter *new;
	u32 seen = 0;

	new = svcnat_filter_alloc(atomic_read(&sn->frontends.nelems));
	if (!new) {
		svcnat_filter_put_up_with(old);
		return;
	}

	rhashtable_walk_enter(&sn->frontends, &iter);
	svcnat_walk_start(&iter);
	while ((fe = rhashtable_walk_next(&iter))) {
		if (!IS_ERR(fe))	/* else a new table, from its beginning */
			svcnat_filter_set(new, &fe->key);
		svcnat_walk_pause(&iter, ++seen);
	}
	svcnat_walk_stop(&iter);
	rhashtable_walk_exit(&iter);

	/* The greatest one may be dense from the beginning. */
	if (svcnat_filter_dense(new))
		svcnat_filter_put_up_with(new);
	rcu_assign_pointer(sn->filter, new);
	kvfree_rcu(old, rcu);
}

/* Before it is in the table. */
static void svcnat_frontend_filter_add(struct svcnat_net *sn, const struct svcnat_key *key)
{
	if (svcnat_filter_dense(svcnat_frontend_filter(sn)))
		svcnat_frontend_filter_renew(sn);
	svcnat_filter_set(svcnat_frontend_filter(sn), key);
}

bool svcnat_frontend_maybe_address(const struct svcnat_net *sn, const struct svcnat_key *key)
{
	return svcnat_filter_has_address(rcu_dereference(sn->filter), key);
}

bool svcnat_frontend_maybe_nodeport(const struct svcnat_net *sn, const struct svcnat_key *key)
{
	return svcnat_filter_has_nodeport(rcu_dereference(sn->filter), key);
}

/* ---- the table */

struct svcnat_frontend *
svcnat_frontend_add(struct svcnat_net *sn, const struct svcnat_key *key,
		    struct svcnat_service *service, u32 slot)
{
	struct svcnat_frontend *fe;
	int err;

	lockdep_assert_held(&sn->lock);

	fe = kzalloc(sizeof(*fe), GFP_KERNEL_ACCOUNT);
	if (!fe)
		return ERR_PTR(-ENOMEM);

	fe->key = *key;
	fe->service = service;
	fe->slot = slot;
	if (!svcnat_key_is_nodeport(key)) {
		fe->address = svcnat_address_get(sn, key);
		if (!fe->address) {
			err = -ENOMEM;
			goto err_free;
		}
	}

	svcnat_frontend_filter_add(sn, key);
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
