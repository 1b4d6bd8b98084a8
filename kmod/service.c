// SPDX-License-Identifier: GPL-2.0
#include <linux/jhash.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "address.h"
#include "cidr.h"
#include "endpoints.h"
#include "frontend.h"
#include "netns.h"
#include "service.h"
#include "settings.h"
#include "stale.h"
#include "state.h"
#include "sync.h"
#include "tally.h"

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

struct svcnat_state *svcnat_service_state(struct svcnat_net *sn,
					  const struct svcnat_service *svc)
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

struct svcnat_service *svcnat_service_find_id(struct svcnat_net *sn, u32 id)
{
	lockdep_assert_held(&sn->lock);
	return xa_load(&sn->services, id);
}

static_assert(sizeof(struct svcnat_service_counts) <= SVCNAT_TALLY_MANY * sizeof(u64));

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

	svc->counts = svcnat_tally_get(SVCNAT_TALLY_SERVICE);
	if (!svc->counts)
		goto err_free;

	err = xa_alloc_cyclic(&sn->services, &svc->id, svc, xa_limit_32b,
			      &sn->next_id, GFP_KERNEL_ACCOUNT);
	if (err < 0)
		goto err_counts;

	/* Nobody else has the key: if it fails, the table cannot grow. */
	err = rhashtable_lookup_insert_key(&sn->names, &spec->key, &svc->node,
					   svcnat_service_params);
	if (err)
		goto err_id;
	return svc;

err_id:
	xa_erase(&sn->services, svc->id);
err_counts:
	svcnat_tally_put(SVCNAT_TALLY_SERVICE, svc->counts);
err_free:
	kfree(svc);
	return ERR_PTR(-ENOMEM);
}

static void svcnat_service_free_rcu(struct rcu_head *rcu)
{
	struct svcnat_service *svc = container_of(rcu, struct svcnat_service, rcu);

	svcnat_tally_put(SVCNAT_TALLY_SERVICE, svc->counts);
	kfree(svc);
}

/* Out of the indices. Frontends and state are gone already. */
static void svcnat_service_free(struct svcnat_net *sn,
				struct svcnat_service *svc)
{
	rhashtable_remove_fast(&sn->names, &svc->node, svcnat_service_params);
	xa_erase(&sn->services, svc->id);
	call_rcu(&svc->rcu, svcnat_service_free_rcu);
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
	if (svc && spec->owner && strcmp(svc->owner, spec->owner))
		return -EBUSY;
	if (spec->sync && !svcnat_sync_valid(sn, spec->owner, spec->sync))
		return -ESTALE;
	return 0;
}

static bool svcnat_service_external_allowed(const struct svcnat_cidrs *allowed,
					    const struct svcnat_key *key, u8 kind)
{
	return kind != SVCNAT_KIND_EXTERNAL || !allowed->n ||
	       svcnat_cidrs_contain(allowed, key->family, &key->addr);
}

/* Keep those of the wanted frontends that the service has already. */
static int svcnat_service_keep(struct svcnat_net *sn,
			       const struct svcnat_service *svc,
			       struct svcnat_state *state,
			       const struct svcnat_spec *spec,
			       struct svcnat_refusal *why)
{
	const struct svcnat_settings *set = svcnat_netns_settings(sn);
	u32 i;

	for (i = 0; i < spec->nfrontends; i++) {
		const struct svcnat_spec_frontend *want = &spec->frontends[i];
		struct svcnat_frontend *fe;

		why->frontend = want;
		if (!svcnat_service_external_allowed(set->externals, &want->key,
						     want->kind))
			return -EACCES;

		fe = svcnat_frontend_find(sn, &want->key);
		if (!fe)
			continue;

		if (fe->service != svc || state->slots[fe->slot].frontend) {
			why->other = fe->service;
			return -EEXIST;
		}
		state->slots[fe->slot].frontend = fe;
		state->slots[fe->slot].kind = want->kind;
		state->nfrontends++;
	}
	why->frontend = NULL;
	return 0;
}

static u32 svcnat_service_nranges(const struct svcnat_cidrs *ranges)
{
	return ranges ? ranges->n : 0;
}

static bool svcnat_service_same_ranges(const struct svcnat_cidrs *a,
				       const struct svcnat_cidrs *b)
{
	return svcnat_service_nranges(a) == svcnat_service_nranges(b) &&
	       (!a || !b || svcnat_cidrs_equal(a, b));
}

static bool svcnat_service_unchanged(const struct svcnat_state *old,
				     const struct svcnat_state *new,
				     const struct svcnat_spec *spec)
{
	u32 i;

	if (old->flags != spec->flags || old->affinity != spec->affinity ||
	    old->scheduler != spec->scheduler ||
	    old->nfrontends != new->nfrontends ||
	    new->nfrontends != spec->nfrontends ||
	    !svcnat_service_same_ranges(old->ranges, spec->ranges) ||
	    !svcnat_endpoints_match(old->endpoints, spec->endpoints, spec->nendpoints))
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
	u32 nranges = svcnat_service_nranges(spec->ranges);

	if (svcnat_limit_reached(sn->nservices, 1, !!old, set->max_services))
		why->limit = "max-services";
	else if (svcnat_limit_reached(sn->nfrontends, spec->nfrontends,
				      old ? old->nfrontends : 0,
				      set->max_frontends))
		why->limit = "max-frontends";
	else if (svcnat_limit_reached(sn->nendpoints, spec->nendpoints,
				      old ? old->endpoints->n : 0,
				      set->max_endpoints))
		why->limit = "max-endpoints";
	else if (svcnat_limit_reached(sn->nranges, nranges,
				      old ? svcnat_service_nranges(old->ranges) : 0,
				      set->max_ranges))
		why->limit = "max-ranges";
	else
		return 0;
	return -ENOSPC;
}

/* Take those frontends of a state out of the table that the other one (NULL: none) lacks. */
static void svcnat_service_unlink(struct svcnat_net *sn,
				  const struct svcnat_state *state,
				  const struct svcnat_state *other, bool free)
{
	u32 i;

	for (i = 0; i < state->nslots; i++) {
		struct svcnat_frontend *fe = state->slots[i].frontend;

		if (!fe || (other && svcnat_state_has(other, i, fe)))
			continue;
		svcnat_frontend_remove(sn, fe);
		if (free)
			svcnat_frontend_free(fe);
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
			svcnat_service_unlink(sn, state, old, true);
			return PTR_ERR(fe);
		}
		state->slots[slot].frontend = fe;
		state->slots[slot].kind = want->kind;
		state->nfrontends++;
	}
	return 0;
}

static void svcnat_service_force(const struct svcnat_state *state, int by)
{
	u32 i;

	for (i = 0; i < state->nslots; i++) {
		const struct svcnat_frontend *fe = state->slots[i].frontend;

		if (fe && fe->address)
			svcnat_address_force(fe->address, state->slots[i].kind, by);
	}
}

/*
 * Make state (NULL: none) what packets see, and retire what they saw before.
 * Other ports of its addresses follow: those of the new state come before those
 * of the old one go, so that one that stays is never without.
 */
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
		sn->nranges += svcnat_service_nranges(state->ranges);
		svcnat_service_force(state, 1);
	}
	if (old) {
		sn->nservices--;
		sn->nfrontends -= old->nfrontends;
		sn->nendpoints -= old->endpoints->n;
		sn->nranges -= svcnat_service_nranges(old->ranges);
		svcnat_service_force(old, -1);
		svcnat_endpoints_leave(sn, old->endpoints,
				       state ? state->endpoints : NULL);
		svcnat_service_unlink(sn, old, state, false);
	}
	svcnat_stale_change(sn, svc, old, state);
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
				 struct svcnat_service **svc,
				 struct svcnat_state *state,
				 struct svcnat_spec *spec,
				 struct svcnat_refusal *why)
{
	bool new = !*svc;
	int err;

	if (new) {
		*svc = svcnat_service_alloc(sn, spec);
		if (IS_ERR(*svc))
			return PTR_ERR(*svc);
	}

	err = svcnat_service_link(sn, *svc, state, spec, why);
	if (err) {
		if (new) {
			why->other = NULL;
			svcnat_service_free(sn, *svc);
		}
		return err;
	}

	/* Cannot fail after this point. */
	state->ranges = spec->ranges;
	spec->ranges = NULL;
	svcnat_service_mark(*svc, spec);
	svcnat_service_publish(sn, *svc, state);
	return 0;
}

static struct svcnat_state *svcnat_service_prepare(const struct svcnat_spec *spec,
						   const struct svcnat_state *old)
{
	struct svcnat_state *state;

	state = svcnat_state_alloc(max(spec->nfrontends, old ? old->nslots : 0));
	if (!state)
		return NULL;

	state->flags = spec->flags;
	state->scheduler = spec->scheduler;
	state->affinity = spec->affinity;
	state->records = spec->flags & SVCNAT_F_ACCOUNT ||
			 spec->scheduler == SVCNAT_SCHEDULER_LEASTCONN;
	return state;
}

static int svcnat_service_set_endpoint_set(struct svcnat_net *sn,
					   struct svcnat_state *state,
					   const struct svcnat_state *old,
					   const struct svcnat_spec *spec)
{
	state->endpoints = svcnat_endpoints_make(sn, old ? old->endpoints : NULL,
						 spec->endpoints, spec->nendpoints,
						 spec->scheduler, state->records);
	return state->endpoints ? 0 : -ENOMEM;
}

int svcnat_service_set(struct svcnat_net *sn, struct svcnat_spec *spec,
		       struct svcnat_service **changed, struct svcnat_refusal *why)
{
	struct svcnat_state *state, *old = NULL;
	struct svcnat_service *svc;
	int err;

	lockdep_assert_held(&sn->lock);

	*changed = NULL;
	svc = svcnat_service_find(sn, &spec->key);
	err = svcnat_service_admit(sn, svc, spec, why);
	if (err)
		return err;
	if (svc)
		old = svcnat_service_state(sn, svc);

	state = svcnat_service_prepare(spec, old);
	if (!state)
		return -ENOMEM;

	err = svcnat_service_keep(sn, svc, state, spec, why);
	if (err)
		goto err_free;

	if (old && svcnat_service_unchanged(old, state, spec)) {
		svcnat_service_mark(svc, spec);
		goto err_free;
	}

	err = svcnat_service_fits(sn, old, spec, why) ?:
	      svcnat_service_set_endpoint_set(sn, state, old, spec);
	if (err)
		goto err_free;

	err = svcnat_service_change(sn, &svc, state, spec, why);
	if (err)
		goto err_endpoints;

	*changed = svc;
	return 0;

err_endpoints:
	svcnat_endpoints_undo(sn, state->endpoints, old ? old->endpoints : NULL);
	state->endpoints = NULL;
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

u32 svcnat_service_flush(struct svcnat_net *sn, const char *owner,
			 svcnat_service_tell *tell)
{
	struct svcnat_service *svc;
	unsigned long id;
	u32 n = 0;

	lockdep_assert_held(&sn->lock);
	xa_for_each(&sn->services, id, svc) {
		if (owner && strcmp(svc->owner, owner))
			continue;
		if (tell)
			tell(sn, svc);
		svcnat_service_del(sn, svc);
		n++;
		cond_resched();
	}
	return n;
}

u32 svcnat_service_sweep(struct svcnat_net *sn, const char *owner, u32 sync,
			 svcnat_service_tell *tell)
{
	struct svcnat_service *svc;
	unsigned long id;
	u32 n = 0;

	lockdep_assert_held(&sn->lock);
	xa_for_each(&sn->services, id, svc) {
		if (svc->sync == sync || strcmp(svc->owner, owner))
			continue;
		if (tell)
			tell(sn, svc);
		svcnat_service_del(sn, svc);
		n++;
		cond_resched();
	}
	return n;
}

struct svcnat_service *svcnat_service_outside(struct svcnat_net *sn,
					      const struct svcnat_cidrs *externals,
					      const struct svcnat_key **key)
{
	struct svcnat_service *svc;
	unsigned long id;
	u32 i;

	lockdep_assert_held(&sn->lock);
	xa_for_each(&sn->services, id, svc) {
		const struct svcnat_state *state = svcnat_service_state(sn, svc);

		for (i = 0; i < state->nslots; i++) {
			const struct svcnat_slot *slot = &state->slots[i];

			if (!slot->frontend ||
			    svcnat_service_external_allowed(externals,
							    &slot->frontend->key,
							    slot->kind))
				continue;
			*key = &slot->frontend->key;
			return svc;
		}
		cond_resched();
	}
	return NULL;
}
