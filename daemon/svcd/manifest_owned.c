// SPDX-License-Identifier: GPL-2.0
#include "manifest_owned.h"

#include "jx.h"
#include "managed.h"
#include "manifest_set.h"
#include "termination.h"

#include <stdlib.h>
#include <string.h>

static struct owned_file *find_or_add(struct manifest_owned *o, const char *name)
{
	struct owned_file *f = strmap_find(&o->files, name);

	if (f)
		return f;
	f = jx_must(calloc(1, sizeof(*f)));
	f->name = jx_must(strdup(name));
	if (strmap_add(&o->files, f->name, f))
		jx_must(NULL);
	return f;
}

static void add(struct owned_file *f, const struct resource *res, const struct objects_entry *e)
{
	if (f->n == f->room) {
		f->room = f->room ? 2 * f->room : 4;
		f->v = jx_must(realloc(f->v, f->room * sizeof(*f->v)));
	}
	f->v[f->n++] = (struct owned_object){
		.res = res,
		.key = manifest_set_key(res, e->ns, e->name),
		.ns = *e->ns ? jx_must(strdup(e->ns)) : NULL,
		.name = jx_must(strdup(e->name)),
	};
}

void manifest_owned_collect(struct manifest_owned *o, const struct registry *r)
{
	const struct resource *res;
	const char *file;

	*o = (struct manifest_owned){ .files = { .n = 0 } };
	for (size_t i = 0; (res = resource_at(i)); i++) {
		const struct objects *all = txn_objects(r, res);

		for (size_t j = 0; j < all->n; j++) {
			file = managed_by(all->v[j].object);
			if (file && !termination_begun(all->v[j].object))
				add(find_or_add(o, file), res, &all->v[j]);
		}
	}
}

static void free_file(struct owned_file *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->v[i].key);
		free(f->v[i].ns);
		free(f->v[i].name);
	}
	free(f->v);
	free(f->name);
	free(f);
}

void manifest_owned_clear(struct manifest_owned *o)
{
	for (size_t i = 0; i < o->files.size; i++)
		if (o->files.slots[i].key)
			free_file(o->files.slots[i].value);
	strmap_clear(&o->files);
}

const struct owned_file *manifest_owned_by(const struct manifest_owned *o, const char *file)
{
	return strmap_find(&o->files, file);
}
