// SPDX-License-Identifier: GPL-2.0
#include "garbage.h"

#include "jx.h"
#include "termination.h"

#include <string.h>

struct deleted {
	struct strmap uids;
	const char *ns;			/* where all of them were; NULL: in several, or in none */
};

/* Of the changes from the first one on. */
static struct deleted collect(const struct txn *t, size_t first)
{
	struct deleted d = { .ns = NULL };

	for (size_t i = first; i < t->n; i++) {
		const struct registry_event *ev = &t->v[i];
		const char *uid = jx_str(ev->object, "metadata.uid");
		const char *ns = jx_str(ev->object, "metadata.namespace");

		if (ev->change != REGISTRY_DELETED || strmap_find(&d.uids, uid))
			continue;
		if (!d.uids.n)
			d.ns = ns;
		else if (d.ns && strcmp(d.ns, ns))
			d.ns = NULL;
		if (strmap_add(&d.uids, uid, (void *)uid))
			jx_must(NULL);
	}
	if (d.ns && !*d.ns)
		d.ns = NULL;
	return d;
}

/* The owners that are left; NULL: none of them was deleted. */
static json_t *others(const json_t *object, const struct deleted *d)
{
	json_t *owners = jx_get(object, "metadata.ownerReferences"), *left, *ref;
	size_t i;

	if (!owners)
		return NULL;
	left = jx_must(json_array());
	json_array_foreach(owners, i, ref)
		if (!strmap_find(&d->uids, jx_str(ref, "uid")))
			jx_append(left, json_incref(ref));
	if (json_array_size(left) != json_array_size(owners))
		return left;
	json_decref(left);
	return NULL;
}

static void release(struct txn *t, const struct resource *res, json_t *object, json_t *owners)
{
	json_t *now;

	if (!json_array_size(owners)) {
		json_decref(owners);
		termination_remove(t, res, object);
		return;
	}
	now = jx_must(json_copy(object));
	jx_set(now, "metadata", jx_copy(jx_get(object, "metadata")));
	jx_set(now, "metadata.ownerReferences", owners);
	txn_put(t, res, now, object);
}

static void look_through(struct txn *t, const struct resource *res, const struct deleted *d)
{
	const struct objects *o = txn_objects(t->r, res);
	size_t i = d->ns ? objects_first(o, d->ns) : 0;

	for (; i < o->n && (!d->ns || !strcmp(o->v[i].ns, d->ns)); i++) {
		json_t *object = o->v[i].object, *owners = others(object, d);

		if (!owners)
			continue;
		if (txn_find(t, res, o->v[i].ns, o->v[i].name) == object)
			release(t, res, object, owners);
		else
			json_decref(owners);
	}
}

void garbage_run(struct txn *t)
{
	size_t first = 0;

	while (first < t->n) {
		struct deleted d = collect(t, first);
		const struct resource *res;

		first = t->n;
		for (size_t i = 0; d.uids.n && (res = resource_at(i)); i++)
			if (res->namespaced && strcmp(res->plural, "events"))
				look_through(t, res, &d);
		strmap_clear(&d.uids);
	}
}
