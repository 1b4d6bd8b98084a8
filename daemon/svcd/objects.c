// SPDX-License-Identifier: GPL-2.0
#include "objects.h"

#include "jx.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static int cmp(const struct objects_entry *e, const char *ns, const char *name)
{
	int d = strcmp(e->ns, ns);

	return d ? d : strcmp(e->name, name);
}

/* Where (ns, name) is or belongs. */
static size_t place(const struct objects *o, const char *ns, const char *name)
{
	size_t lo = 0, hi = o->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (cmp(&o->v[mid], ns, name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool at(const struct objects *o, size_t i, const char *ns, const char *name)
{
	return i < o->n && !cmp(&o->v[i], ns, name);
}

json_t *objects_find(const struct objects *o, const char *ns, const char *name)
{
	size_t i = place(o, ns, name);

	return at(o, i, ns, name) ? o->v[i].object : NULL;
}

size_t objects_first(const struct objects *o, const char *ns)
{
	return place(o, ns, "");
}

size_t objects_from(const struct objects *o, const char *ns, const char *name)
{
	return place(o, ns, name);
}

size_t objects_after(const struct objects *o, const char *ns, const char *name)
{
	size_t i = place(o, ns, name);

	return i + at(o, i, ns, name);
}

void objects_put(struct objects *o, json_t *object)
{
	const char *name = jx_str(object, "metadata.name");
	const char *ns = jx_str(object, "metadata.namespace");
	size_t i = place(o, ns, name);

	if (at(o, i, ns, name)) {
		json_decref(o->v[i].object);
	} else {
		if (o->n == o->room) {
			o->room = o->room ? 2 * o->room : 64;
			o->v = jx_must(realloc(o->v, o->room * sizeof(*o->v)));
		}
		memmove(&o->v[i + 1], &o->v[i], (o->n - i) * sizeof(*o->v));
		o->n++;
	}
	o->v[i] = (struct objects_entry){ ns, name, json_incref(object) };
}

void objects_del(struct objects *o, const char *ns, const char *name)
{
	size_t i = place(o, ns, name);

	if (!at(o, i, ns, name))
		return;
	json_decref(o->v[i].object);
	o->n--;
	memmove(&o->v[i], &o->v[i + 1], (o->n - i) * sizeof(*o->v));
}

struct objects objects_copy(const struct objects *o)
{
	struct objects copy = { .n = o->n, .room = o->n };

	if (!o->n)
		return copy;
	copy.v = jx_must(malloc(o->n * sizeof(*copy.v)));
	for (size_t i = 0; i < o->n; i++) {
		copy.v[i] = o->v[i];
		json_incref(copy.v[i].object);
	}
	return copy;
}

void objects_clear(struct objects *o)
{
	for (size_t i = 0; i < o->n; i++)
		json_decref(o->v[i].object);
	free(o->v);
	*o = (struct objects){ 0 };
}
