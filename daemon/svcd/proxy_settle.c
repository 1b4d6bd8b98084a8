// SPDX-License-Identifier: GPL-2.0
#include "proxy_entry.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Another Service gained or lost an address, or waits for another owner now. */
static void touch(void *ctx, struct claims_user *other)
{
	struct proxy *p = ctx;
	struct proxy_entry *n = strmap_find(&p->by_key, other->name);

	proxy_retry_now(n);
	n->touched = true;
	proxy_entry_pend(p, n);
}

static struct compile_node this_node(const struct proxy *p)
{
	return (struct compile_node){
		.owner = p->owner,
		.name = p->node_name,
		.zone = p->zone,
		.addrs = p->addrs,
		.naddrs = p->naddrs,
		.external_cidrs = p->settings.external_cidrs,
	};
}

static int compile(struct proxy *p, struct proxy_entry *n)
{
	struct compile_slices slices = { n->slices, n->nslices };
	const struct compile_node node = this_node(p);
	json_t **own;
	size_t nown;
	int err;

	kservices_clear(&n->compiled);
	if (!n->service)
		return 0;
	err = proxy_own_slices(p, n, &own, &nown);
	if (err)
		return err;
	if (nown)
		slices = (struct compile_slices){ own, nown };
	err = compile_service(n->service, &slices, &node, &n->compiled);
	proxy_own_slices_free(own, nown);
	return err;
}

static int compile_all(struct proxy *p, struct proxy_entry *n)
{
	const struct compile_node node = this_node(p);
	int err = proxy_health_compile(p, n, &node);

	return err ? err : compile(p, n);
}

static const char *created(const struct proxy_entry *n)
{
	const json_t *meta = json_object_get(n->service, "metadata");
	const char *text = json_string_value(json_object_get(meta, "creationTimestamp"));

	return text ? text : "";
}

static int claim(struct proxy *p, struct proxy_entry *n)
{
	int err = compile_all(p, n);

	if (!err)
		err = claims_replace(p->claims, &n->user, created(n), &n->compiled, touch, p);
	if (err)
		return err;
	proxy_retry_now(n);
	n->changed = false;
	n->touched = true;
	return 0;
}

static int tell_loss(json_t *lost, const char *key, const struct claims_user *owner)
{
	char *text;
	int err;

	if (asprintf(&text, "%s is used by the older service %s; it takes over when that one is "
		     "deleted", key, owner->name) < 0)
		return -ENOMEM;
	err = proxy_tell_add(lost, "AddressConflict", text);
	free(text);
	return err;
}

/* The addresses that compile() left out because this svcd does not allow them. */
static int tell_disallowed(const struct proxy *p, const struct proxy_entry *n, json_t *lost)
{
	const struct compile_node node = this_node(p);
	const json_t *spec = json_object_get(n->service, "spec");
	const json_t *list = json_object_get(spec, "externalIPs");
	const char *ip;
	char text[256];
	size_t i;
	int err = 0;

	for (i = 0; !err && n->compiled.n && i < json_array_size(list); i++) {
		ip = json_string_value(json_array_get(list, i));
		if (!ip || !compile_disallows(&node, ip))
			continue;
		snprintf(text, sizeof(text), "the externalIP %s is in none of the ranges that "
			 "svcd allows (--external-cidr)", ip);
		err = proxy_tell_add(lost, "AddressNotAllowed", text);
	}
	return err;
}

/* Leave only the frontends that the Service has; lost gets a text for each other one. */
static int keep_own(struct proxy *p, const struct proxy_entry *n, struct kservice *s, json_t *lost)
{
	const struct claims_user *owner;
	char key[CLAIMS_KEYLEN];
	size_t i, kept = 0;
	int err = 0;

	for (i = 0; !err && i < s->nfrontends; i++) {
		owner = claims_owner(p->claims, claims_key(&s->frontends[i], s->proto, key));
		if (owner == &n->user)
			s->frontends[kept++] = s->frontends[i];
		else if (owner)
			err = tell_loss(lost, key, owner);
	}
	s->nfrontends = kept;
	return err;
}

/* Moves want into its slot, unless the kernel has it already. */
static int want(struct proxy_entry *n, struct kservice *s)
{
	struct proxy_slot *slot = proxy_entry_slot(n, s);

	if (!slot)
		return -ENOMEM;
	slot->wanted = true;
	kservice_clear(&slot->want);
	slot->todo = !slot->installed || !kservice_equal(&slot->have, s);
	if (!slot->todo) {
		proxy_slot_unrefuse(slot);
		return 0;
	}
	slot->want = *s;
	memset(s, 0, sizeof(*s));
	return 0;
}

static void want_nothing(struct proxy_entry *n)
{
	size_t i;

	for (i = 0; i < n->nslots; i++) {
		n->slots[i].wanted = false;
		n->slots[i].todo = false;
		n->slots[i].written = false;
		n->slots[i].refused = 0;
	}
}

static int settle(struct proxy *p, struct proxy_entry *n)
{
	json_t *lost = json_array();
	size_t i;
	int err;

	if (!lost)
		return -ENOMEM;
	err = n->compiled.n ? 0 : compile(p, n);
	want_nothing(n);
	if (!err)
		err = tell_disallowed(p, n, lost);
	for (i = 0; !err && i < n->compiled.n; i++) {
		err = keep_own(p, n, &n->compiled.v[i], lost);
		if (!err)
			err = want(n, &n->compiled.v[i]);
	}
	kservices_clear(&n->compiled);
	if (err) {
		json_decref(lost);
		return err;
	}
	proxy_entry_tidy(n);
	n->touched = false;
	if (!n->lost)
		n->lost_since = p->now;
	p->nlost -= !!n->lost;
	proxy_tell(p, n, &n->lost, lost);
	p->nlost += !!n->lost;
	return 0;
}

/* Claims first, all of them: who has an address is known only then. */
int proxy_settle(struct proxy *p)
{
	struct proxy_entry *n;
	int err = 0;

	TAILQ_FOREACH(n, &p->pending, in_pending)
		if (n->changed && !err)
			err = claim(p, n);
	TAILQ_FOREACH(n, &p->pending, in_pending)
		if (n->touched && !err)
			err = settle(p, n);
	return err;
}
