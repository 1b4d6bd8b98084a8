// SPDX-License-Identifier: GPL-2.0
#include <linux/jhash.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "endpoints.h"
#include "frontend.h"
#include "netns.h"
#include "service.h"
#include "settings.h"
#include "state.h"
#include "sync.h"

static u32 svcnat_service_hash(const char *name, u8 family, u8 proto, u32 seed)
{
	return jhash(name, strlen(name), seed ^ (u32)family << 8 ^ proto);
}

static u32 svcnat_service_key_hashfn(const void *data, u32 len, u32 seed)
{
	const struct svcnat_service_key *key = data;

	return svcnat_service_hash(key->name, key->family, key->proto, seed);
}

static u32 svcnat_service_obj_hashfn(const void *data, u32 len, u32 seed)
{
	const struct svcnat_service *svc = data;

	return svcnat_service_hash(svc->name, svc->family, svc->proto, seed);
}

static int svcnat_service_cmpfn(struct rhashtable_compare_arg *arg,
				const void *obj)
{
	const struct svcnat_service_key *key = arg->key;
	const struct svcnat_service *svc = obj;

	return svc->family != key->family || svc->proto != key->proto ||
	       strcmp(svc->name, key->name);
}

static const struct rhashtable_params svcnat_service_params = {
	.head_offset		= offsetof(struct svcnat_service, node),
	.key_len		= sizeof(struct svcnat_service_key),
	.hashfn			= svcnat_service_key_hashfn,
	.obj_hashfn		= svcnat_service_obj_hashfn,
	.obj_cmpfn		= svcnat_service_cmpfn,
	.automatic_shrinking	= true,
};

int svcnat_service_table_init(struct svcnat_net *sn)
{
	return rhashtable_init(&sn->names, &svcnat_service_params);
}

void svcnat_service_table_exit(struct svcnat_net *sn)
{
	WARN_ON_ONCE(!xa_empty(&sn->services));
	rhashtable_destroy(&sn->names);
}

static struct svcnat_state *svcnat_service_state(struct svcnat_net *sn,
						 struct svcnat_service *svc)
{
	return rcu_dereference_protected(svc->state,
					 lockdep_is_held(&sn->lock));
}

struct svcnat_service *svcnat_service_find(struct svcnat_net *sn,
					   const struct svcnat_service_key *key)
{
	lockdep_assert_held(&sn->lock);
	if (!sn->enabled)
		return NULL;
	return rhashtable_lookup_fast(&sn->names, key, svcnat_service_params);
}

/* Into the indices; nobody sees it before it has a state. */
static struct svcnat_service *
svcnat_service_alloc(struct svcnat_net *sn, const struct svcnat_spec *spec)
{
	size_t len = strlen(spec->key.name);
	struct svcnat_service *svc;
	int err;

	svc = kzalloc(struct_size(svc, name, len + 1), GFP_KERNEL_ACCOUNT);
	if (!svc)
		return ERR_PTR(-ENOMEM);

	memcpy(svc->name, spec->key.name, len);
	strscpy(svc->owner, spec->owner, sizeof(svc->owner));
	svc->family = spec->key.family;
	svc->proto = spec->key.proto;

	err = xa_alloc_cyclic(&sn->services, &svc->id, svc, xa_limit_32b,
			      &sn->next_id, GFP_KERNEL_ACCOUNT);
	if (err < 0) {
		err = -ENOMEM;
		goto err_free;
	}

	err = rhashtable_lookup_insert_key(&sn->names, &spec->key, &svc->node,
					   svcnat_service_params);
	if (err) {
		err = -ENOMEM;	/* nobody else has the key: the table cannot grow */
		goto err_id;
	}
	return svc;

err_id:
	xa_erase(&sn->services, svc->id);
err_free:
	kfree(svc);
	return ERR_PTR(err);
}

/* Out of the indices. Frontends and state are gone already. */
static void svcnat_service_free(struct svcnat_net *sn,
				struct svcnat_service *svc)
{
	rhashtable_remove_fast(&sn->names, &svc->node, svcnat_service_params);
	xa_erase(&sn->services, svc->id);
	kfree_rcu(svc, rcu);
}

/* May this be done to this service (NULL: none of that key) at all? */
static int svcnat_service_admit(struct svcnat_net *sn,
				const struct svcnat_service *svc,
				const struct svcnat_spec *spec,
				struct svcnat_refusal *why)
{
	why->other = svc;
	if (!svc && !spec->create)
		return -ENOENT;
	if (svc && !spec->replace)
		return -EEXIST;
	if (svc && strcmp(svc->owner, spec->owner))
		return -EBUSY;
	if (spec->sync && !svcnat_sync_valid(sn, spec->owner, spec->sync))
		return -ESTALE;
	return 0;
}

/* Keep those of the wanted frontends that the service has already. */
static int svcnat_service_keep(struct svcnat_net *sn,
			       const struct svcnat_service *svc,
			       struct svcnat_state *state,
			       const struct svcnat_spec *spec,
			       struct svcnat_refusal *why)
{
	u32 i;

	for (i = 0; i < spec->nfrontends; i++) {
		const struct svcnat_spec_frontend *want = &spec->frontends[i];
		struct svcnat_frontend *fe;

		fe = svcnat_frontend_find(sn, &want->key);
		if (!fe)
			continue;

		if (fe->service != svc || state->slots[fe->slot].frontend) {
			why->other = fe->service;
			why->frontend = want;
			return -EEXIST;
		}
		state->slots[fe->slot].frontend = fe;
		state->slots[fe->slot].kind = want->kind;
		state->nfrontends++;
	}
	return 0;
}

static bool svcnat_service_unchanged(const struct svcnat_state *old,
				     const struct svcnat_state *new,
				     const struct svcnat_spec *spec)
{
	u32 i;

	if (old->flags != new->flags ||
	    old->nfrontends != new->nfrontends ||
	    new->nfrontends != spec->nfrontends ||
	    !svcnat_endpoints_equal(old->endpoints, spec->endpoints))
		return false;

	for (i = 0; i < old->nslots; i++) {
		if (old->slots[i].frontend && old->slots[i].kind != new->slots[i].kind)
			return false;
	}
	return true;
}

static bool svcnat_limit_reached(u32 now, u32 more, u32 less, u32 max)
{
	return more > less && (u64)now + more - less > max;
}

/* Is there room for what the spec adds to the old state (NULL: a new service)? */
static int svcnat_service_fits(struct svcnat_net *sn,
			       const struct svcnat_state *old,
			       const struct svcnat_spec *spec,
			       struct svcnat_refusal *why)
{
	const struct svcnat_settings *set = svcnat_netns_settings(sn);

	if (svcnat_limit_reached(sn->nservices, 1, !!old, set->max_services))
		why->limit = "max-services";
	else if (svcnat_limit_reached(sn->nfrontends, spec->nfrontends,
				      old ? old->nfrontends : 0,
				      set->max_frontends))
		why->limit = "max-frontends";
	else if (svcnat_limit_reached(sn->nendpoints, spec->endpoints->n,
				      old ? old->endpoints->n : 0,
				      set->max_endpoints))
		why->limit = "max-endpoints";
	else
		return 0;
	return -ENOSPC;
}

/* Take the frontends of one state out of the table, but for those of the other (may be NULL). */
static void svcnat_service_unlink(struct svcnat_net *sn,
				  const struct svcnat_state *state,
				  const struct svcnat_state *other)
{
	u32 i;

	for (i = 0; i < state->nslots; i++) {
		struct svcnat_frontend *fe = state->slots[i].frontend;

		if (fe && !(other && svcnat_state_has(other, i, fe)))
			svcnat_frontend_del(sn, fe);
	}
}

/* Add the wanted frontends that nobody has, into the free slots. */
static int svcnat_service_link(struct svcnat_net *sn,
			       struct svcnat_service *svc,
			       struct svcnat_state *state,
			       const struct svcnat_spec *spec,
			       struct svcnat_refusal *why)
{
	const struct svcnat_state *old = svcnat_service_state(sn, svc);
	u32 slot = 0;
	u32 i;

	for (i = 0; i < spec->nfrontends; i++) {
		const struct svcnat_spec_frontend *want = &spec->frontends[i];
		struct svcnat_frontend *fe;

		fe = svcnat_frontend_find(sn, &want->key);
		if (fe && old && svcnat_state_has(old, fe->slot, fe))
			continue;	/* kept */

		while (state->slots[slot].frontend)
			slot++;
		fe = svcnat_frontend_add(sn, &want->key, svc, slot);
		if (IS_ERR(fe)) {
			/* Others' were refused before: it stands twice in spec. */
			why->other = svc;
			why->frontend = want;
			svcnat_service_unlink(sn, state, old);
			return PTR_ERR(fe);
		}
		state->slots[slot].frontend = fe;
		state->slots[slot].kind = want->kind;
		state->nfrontends++;
	}
	return 0;
}

/* Make state (NULL: none) what packets see, and retire what they saw before. */
static void svcnat_service_publish(struct svcnat_net *sn,
				   struct svcnat_service *svc,
				   struct svcnat_state *state)
{
	struct svcnat_state *old = svcnat_service_state(sn, svc);

	rcu_assign_pointer(svc->state, state);
	svcnat_netns_changed(sn);

	if (state) {
		sn->nservices++;
		sn->nfrontends += state->nfrontends;
		sn->nendpoints += state->endpoints->n;
	}
	if (old) {
		sn->nservices--;
		sn->nfrontends -= old->nfrontends;
		sn->nendpoints -= old->endpoints->n;
		svcnat_service_unlink(sn, old, state);
		svcnat_state_retire(old);
	}
}

/* A mark stays: set once with the token, it survives the sync. */
static void svcnat_service_mark(struct svcnat_service *svc,
				const struct svcnat_spec *spec)
{
	if (spec->sync)
		svc->sync = spec->sync;
}

/* The service gets the frontends of spec; a new one is made if svc is NULL. */
static int svcnat_service_change(struct svcnat_net *sn,
				 struct svcnat_service *svc,
				 struct svcnat_state *state,
				 struct svcnat_spec *spec,
				 struct svcnat_refusal *why)
{
	bool new = !svc;
	int err;

	if (new) {
		svc = svcnat_service_alloc(sn, spec);
		if (IS_ERR(svc))
			return PTR_ERR(svc);
	}

	err = svcnat_service_link(sn, svc, state, spec, why);
	if (err) {
		if (new) {
			why->other = NULL;
			svcnat_service_free(sn, svc);
		}
		return err;
	}

	/* Cannot fail after this point. */
	state->endpoints = spec->endpoints;
	spec->endpoints = NULL;
	svcnat_service_mark(svc, spec);
	svcnat_service_publish(sn, svc, state);
	return 0;
}

int svcnat_service_set(struct svcnat_net *sn, struct svcnat_spec *spec,
		       struct svcnat_refusal *why)
{
	struct svcnat_state *state, *old = NULL;
	struct svcnat_service *svc;
	int err;

	lockdep_assert_held(&sn->lock);

	svc = svcnat_service_find(sn, &spec->key);
	err = svcnat_service_admit(sn, svc, spec, why);
	if (err)
		return err;
	if (svc)
		old = svcnat_service_state(sn, svc);

	state = svcnat_state_alloc(max(spec->nfrontends, old ? old->nslots : 0));
	if (!state)
		return -ENOMEM;
	state->flags = spec->flags;

	err = svcnat_service_keep(sn, svc, state, spec, why);
	if (err)
		goto err_free;

	if (old && svcnat_service_unchanged(old, state, spec)) {
		svcnat_service_mark(svc, spec);
		goto err_free;
	}

	err = svcnat_service_fits(sn, old, spec, why);
	if (err)
		goto err_free;

	err = svcnat_service_change(sn, svc, state, spec, why);
	if (err)
		goto err_free;

	return 0;

err_free:
	svcnat_state_free(state);
	return err;
}

void svcnat_service_del(struct svcnat_net *sn, struct svcnat_service *svc)
{
	lockdep_assert_held(&sn->lock);
	svcnat_service_publish(sn, svc, NULL);
	svcnat_service_free(sn, svc);
}

u32 svcnat_service_flush(struct svcnat_net *sn, const char *owner)
{
	struct svcnat_service *svc;
	unsigned long id;
	u32 n = 0;

	lockdep_assert_held(&sn->lock);
	xa_for_each(&sn->services, id, svc) {
		if (owner && strcmp(svc->owner, owner))
			continue;
		svcnat_service_del(sn, svc);
		n++;
		cond_resched();
	}
	return n;
}

u32 svcnat_service_sweep(struct svcnat_net *sn, const char *owner, u32 sync)
{
	struct svcnat_service *svc;
	unsigned long id;
	u32 n = 0;

	lockdep_assert_held(&sn->lock);
	xa_for_each(&sn->services, id, svc) {
		if (svc->sync == sync || strcmp(svc->owner, owner))
			continue;
		svcnat_service_del(sn, svc);
		n++;
		cond_resched();
	}
	return n;
}
