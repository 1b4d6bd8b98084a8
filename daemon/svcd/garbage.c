// SPDX-License-Identifier: GPL-2.0
#include "garbage.h"

#include "jx.h"
#include "termination.h"

/* The owners that are left; NULL: none of them was deleted. */
static json_t *others(const json_t *object, const struct strmap *deleted)
{
	json_t *owners = jx_get(object, "metadata.ownerReferences");
	json_t *left = jx_must(json_array()), *ref;
	size_t i;

	json_array_foreach(owners, i, ref)
		if (!strmap_find(deleted, jx_str(ref, "uid")))
			jx_append(left, json_incref(ref));
	if (json_array_size(left) != json_array_size(owners))
		return left;
	json_decref(left);
	return NULL;
}

static void release(struct txn *t, const struct dependent *d, json_t *owners)
{
	json_t *now;

	if (!json_array_size(owners)) {
		json_decref(owners);
		termination_remove(t, d->res, d->object);
		return;
	}
	now = jx_must(json_copy(d->object));
	jx_set(now, "metadata", jx_copy(jx_get(d->object, "metadata")));
	jx_set(now, "metadata.ownerReferences", owners);
	txn_put(t, d->res, now, d->object);
}

static void release_all(struct txn *t, const char *uid, const struct strmap *deleted)
{
	const struct dependent *v;
	size_t n = dependents_of(&t->r->dependents, uid, &v);

	for (size_t i = 0; i < n; i++) {
		const char *ns = jx_str(v[i].object, "metadata.namespace");
		const char *name = jx_str(v[i].object, "metadata.name");
		json_t *owners;

		/* What the transaction changes already is not looked at. */
		if (!v[i].res->namespaced || txn_find(t, v[i].res, ns, name) != v[i].object)
			continue;
		owners = others(v[i].object, deleted);
		if (owners)
			release(t, &v[i], owners);
	}
}

/* The uids of what is deleted by the changes from the first one on. */
static struct strmap collect(const struct txn *t, size_t first)
{
	struct strmap deleted = { .n = 0 };

	for (size_t i = first; i < t->n; i++) {
		const char *uid = jx_str(t->v[i].object, "metadata.uid");

		if (t->v[i].change == REGISTRY_DELETED && !strmap_find(&deleted, uid) &&
		    strmap_add(&deleted, uid, (void *)uid))
			jx_must(NULL);
	}
	return deleted;
}

void garbage_run(struct txn *t)
{
	size_t first = 0;

	/* What goes takes along what it owns, and so on. */
	while (first < t->n) {
		struct strmap deleted = collect(t, first);
		size_t end = t->n;

		for (size_t i = first; i < end; i++)
			if (t->v[i].change == REGISTRY_DELETED)
				release_all(t, jx_str(t->v[i].object, "metadata.uid"), &deleted);
		first = end;
		strmap_clear(&deleted);
	}
}
