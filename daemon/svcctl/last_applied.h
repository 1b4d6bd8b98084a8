/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The annotation in which "apply" leaves the manifest that it applied, for the
 * next "apply" to know what that one said. It is kubectl's, byte for byte, so
 * that the two can take turns on an object.
 */
#ifndef SVCNAT_SVCCTL_LAST_APPLIED_H
#define SVCNAT_SVCCTL_LAST_APPLIED_H

#include "err.h"

#include <jansson.h>

#define LAST_APPLIED	"kubectl.kubernetes.io/last-applied-configuration"

/*
 * A copy of the manifest's object that has itself in the annotation. ns: where
 * it goes; NULL for a type without. NULL: no memory.
 */
json_t *last_applied_add(const json_t *object, const char *ns);

/* What the object has in the annotation; *out is NULL when it has none. -EINVAL: no JSON. */
int last_applied_read(const json_t *object, json_t **out, struct err *e);

#endif
