/* SPDX-License-Identifier: GPL-2.0 */
/* The objects that one file of the folder of manifests asks for, found by their names. */
#ifndef SVCNAT_MANIFEST_SET_H
#define SVCNAT_MANIFEST_SET_H

#include "manifest.h"
#include "strmap.h"

struct manifest_set {
	struct manifest m;
	struct strmap names;	/* key to its struct manifest_object */
	char **keys;		/* of m.v */
};

/*
 * Either all of it is good, as far as the text alone tells, or *s is empty and e says
 * "NAME:LINE:COLUMN: what".
 */
int manifest_set_read(struct manifest_set *s, const char *name, const char *text, size_t len,
		      struct err *e);
void manifest_set_clear(struct manifest_set *s);

/* "services default/web": a name for all types and namespaces; to be freed. */
char *manifest_set_key(const struct resource *res, const char *ns, const char *name);
/* Where the object belongs; NULL: its type has no namespaces. */
const char *manifest_set_namespace(const struct manifest_object *o);

/* e is "FILE:LINE:COLUMN: text", of a field of the object. -EINVAL. */
int manifest_set_fail(const struct manifest_object *o, const char *field, struct err *e,
		      const char *fmt, ...) __attribute__((format(printf, 4, 5)));

#endif
