/* SPDX-License-Identifier: GPL-2.0 */
/* Which objects of the registry are from which file: what their marks (managed.h) say. */
#ifndef SVCNAT_MANIFEST_OWNED_H
#define SVCNAT_MANIFEST_OWNED_H

#include "registry.h"
#include "strmap.h"

struct owned_object {
	const struct resource *res;
	char *key;			/* manifest_set_key() */
	char *ns, *name;		/* ns NULL: none */
};

struct owned_file {
	char *name;
	struct owned_object *v;
	size_t n, room;
};

struct manifest_owned {
	struct strmap files;		/* name to struct owned_file */
};

/* Without those that are on their way out. */
void manifest_owned_collect(struct manifest_owned *o, const struct registry *r);
void manifest_owned_clear(struct manifest_owned *o);
/* NULL: it has none. */
const struct owned_file *manifest_owned_by(const struct manifest_owned *o, const char *file);

#endif
