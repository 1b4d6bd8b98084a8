/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whose an object is that comes from a file: the file's. It carries the file's name
 * in an annotation that only svcd sets, and the API changes no more of it than its
 * status. While no folder of manifests is read (registry_guard), there is nobody to
 * change it instead, and it is like any other object.
 */
#ifndef SVCNAT_MANAGED_H
#define SVCNAT_MANAGED_H

#include "rules.h"

#define MANAGED_FILE	"svcnat/manifest"	/* the file's name, without its folder */
#define MANAGED_HASH	"svcnat/manifest-hash"	/* of what the file says of the object */

/* The file's name; NULL: it is from the API. Borrowed. */
const char *managed_by(const json_t *object);
const char *managed_hash(const json_t *object);	/* "" when it has none */
/* object is the caller's own, down to its annotations. */
void managed_mark(json_t *object, const char *file, const char *hash);

/* May a request with these flags change or delete old? -1: out is why not. */
int managed_check(const struct registry *r, const struct resource *res, const json_t *old,
		  unsigned int flags, struct reply *out);
/* The same for all that a Namespace's deletion takes along. */
int managed_check_contents(const struct registry *r, const json_t *object, unsigned int flags,
			   struct reply *out);
/* Errors for a mark that a request sets. */
void managed_validate(const json_t *obj, const json_t *old, struct field_errors *errs);

#endif
