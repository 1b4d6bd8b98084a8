// SPDX-License-Identifier: GPL-2.0
#include "dependents.h"

#include "jx.h"

#include <stdlib.h>
#include <string.h>

/* Whose uid stands in a reference, be it there or not. */
struct owner {
	struct dependent *v;
	size_t n;
	char uid[];
};

static struct owner *owner_of(struct dependents *d, const char *uid)
{
	struct owner *o = strmap_find(&d->owners, uid);

	if (o)
		return o;
	o = jx_must(calloc(1, sizeof(*o) + strlen(uid) + 1));
	strcpy(o->uid, uid);
	if (strmap_add(&d->owners, o->uid, o))
		jx_must(NULL);
	return o;
}

static void add(struct dependents *d, const char *uid, const struct resource *res, json_t *object)
{
	struct owner *o = owner_of(d, uid);

	o->v = jx_must(realloc(o->v, (o->n + 1) * sizeof(*o->v)));
	o->v[o->n++] = (struct dependent){ res, object };
}

static void drop(struct dependents *d, const char *uid, const json_t *object)
{
	struct owner *o = strmap_find(&d->owners, uid);

	for (size_t i = 0; o && i < o->n; i++) {
		if (o->v[i].object != object)
			continue;
		o->v[i] = o->v[--o->n];
		break;
	}
	if (!o || o->n)
		return;
	strmap_del(&d->owners, uid);
	free(o->v);
	free(o);
}

void dependents_commit(struct dependents *d, const struct resource *res, const json_t *old,
		       json_t *now)
{
	const json_t *ref;
	size_t i;

	json_array_foreach(jx_get(old, "metadata.ownerReferences"), i, ref)
		drop(d, jx_str(ref, "uid"), old);
	json_array_foreach(jx_get(now, "metadata.ownerReferences"), i, ref)
		add(d, jx_str(ref, "uid"), res, now);
}

size_t dependents_of(const struct dependents *d, const char *uid, const struct dependent **v)
{
	const struct owner *o = strmap_find(&d->owners, uid);

	*v = o ? o->v : NULL;
	return o ? o->n : 0;
}

void dependents_clear(struct dependents *d)
{
	for (size_t i = 0; i < d->owners.size; i++) {
		struct owner *o = d->owners.slots[i].value;

		if (!o)
			continue;
		free(o->v);
		free(o);
	}
	strmap_clear(&d->owners);
}
