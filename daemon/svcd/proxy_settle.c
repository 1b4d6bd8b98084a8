// SPDX-License-Identifier: GPL-2.0
#include "proxy_entry.h"

#include "compile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


/* Another Service gained or lost an address, or waits for another owner now. */
static void touch(void *ctx, struct claims_user *other)
{
	struct proxy *p = ctx;
	struct proxy_entry *n = strmap_find(&p->by_key, other->name);

	n->touched = true;
	proxy_entry_pend(p, n);
}

static int compile(struct proxy *p, struct proxy_entry *n)
{
	kservices_clear(&n->compiled);
	if (!n->objects[PROXY_SERVICE])
		return 0;
	return compile_service(n->objects[PROXY_SERVICE], n->objects[PROXY_ENDPOINTS], p->owner,
			       &n->compiled);
}

static const char *created(const struct proxy_entry *n)
{
	const json_t *meta = json_object_get(n->objects[PROXY_SERVICE], "metadata");
	const char *text = json_string_value(json_object_get(meta, "creationTimestamp"));

	return text ? text : "";
}

static int claim(struct proxy *p, struct proxy_entry *n)
{
	int err = compile(p, n);

	if (!err)
		err = claims_replace(p->claims, &n->user, created(n), &n->compiled, touch, p);
	if (err)
		return err;
	n->changed = false;
	n->touched = true;
	return 0;
}

static int tell_loss(json_t *lost, const char *key, const struct claims_user *owner)
{
	json_t *text = json_sprintf("%s is used by the older service %s; it takes over when "
				    "that one is deleted", key, owner->name);

	return json_array_append_new(lost, text) ? -ENOMEM : 0;
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
	if (!slot->todo)
		return 0;
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

static bool contains(const json_t *list, const json_t *text)
{
	size_t i;

	for (i = 0; i < json_array_size(list); i++)
		if (json_equal(json_array_get(list, i), text))
			return true;
	return false;
}

/* Tell of the losses that are new; takes lost. */
static void tell(struct proxy *p, struct proxy_entry *n, json_t *lost)
{
	const json_t *text;
	size_t i;

	for (i = 0; i < json_array_size(lost); i++) {
		text = json_array_get(lost, i);
		if (!contains(n->lost, text))
			proxy_warn(p, n, "AddressConflict", json_string_value(text));
	}
	json_decref(n->lost);
	n->lost = NULL;
	if (json_array_size(lost))
		n->lost = lost;
	else
		json_decref(lost);
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
	tell(p, n, lost);
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
