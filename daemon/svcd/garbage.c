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

/* owners is taken over. */
static void disown(struct txn *t, const struct resource *res, const json_t *object, json_t *owners)
{
	json_t *now = jx_must(json_copy((json_t *)object));

	jx_set(now, "metadata", jx_copy(jx_get(object, "metadata")));
	if (json_array_size(owners)) {
		jx_set(now, "metadata.ownerReferences", owners);
	} else {
		jx_del(now, "metadata.ownerReferences");
		json_decref(owners);
	}
	txn_put(t, res, now, object);
}

/* A Pod gets its time to end, as if somebody had deleted it. */
static void remove_one(struct txn *t, const struct resource *res, const json_t *object)
{
	json_int_t seconds = termination_grace(res, object, -1);
	json_t *marked;

	if (!seconds) {
		termination_remove(t, res, object);
		return;
	}
	marked = termination_mark(res, object, txn_now(t->r), seconds);
	if (marked)
		txn_put(t, res, marked, object);
}

/* What becomes of what one owner leaves behind. */
static void release_all(struct txn *t, const char *uid, const struct strmap *deleted, bool orphan)
{
	const struct dependent *v;
	size_t n = dependents_of(&t->r->dependents, uid, &v);

	for (size_t i = 0; i < n; i++) {
		const char *ns = jx_str(v[i].object, "metadata.namespace");
		const char *name = jx_str(v[i].object, "metadata.name");
		/* As it will be: an owner that went before may have left it to this one. */
		const json_t *object = txn_find(t, v[i].res, ns, name);
		json_t *owners = object && v[i].res->namespaced ? others(object, deleted) : NULL;

		if (!owners)
			continue;
		if (orphan || json_array_size(owners)) {
			disown(t, v[i].res, object, owners);
		} else {
			json_decref(owners);
			remove_one(t, v[i].res, object);
		}
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
				release_all(t, jx_str(t->v[i].object, "metadata.uid"), &deleted,
					    false);
		first = end;
		strmap_clear(&deleted);
	}
}

void garbage_orphan(struct txn *t, const json_t *owner)
{
	const char *uid = jx_str(owner, "metadata.uid");
	struct strmap deleted = { .n = 0 };

	if (strmap_add(&deleted, uid, (void *)uid))
		jx_must(NULL);
	release_all(t, uid, &deleted, true);
	strmap_clear(&deleted);
}
