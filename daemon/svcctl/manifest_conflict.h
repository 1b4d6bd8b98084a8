/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Objects of one load that exclude each other: a name, node port or cluster IP
 * that two of them ask for. svcd judges each by what exists, and so could only
 * refuse the second when the first is created already.
 */
#ifndef SVCNAT_SVCCTL_MANIFEST_CONFLICT_H
#define SVCNAT_SVCCTL_MANIFEST_CONFLICT_H

#include "manifest.h"

/* What the objects so far take. Starts as {NULL}, ends with manifest_conflict_clear(). */
struct manifest_conflict {
	json_t *taken;		/* a set, by what claim() calls them */
};

/*
 * Add the next object, of a type that svcd has; ns is where it goes, NULL for
 * a type without. 0: it goes well with those before. 1: it does not, it takes
 * nothing, and *status (to be freed) is the Status with which svcd would
 * refuse it after them. -ENOMEM.
 */
int manifest_conflict_add(struct manifest_conflict *c, const struct manifest_object *o,
			  const char *ns, json_t **status, struct err *e);
void manifest_conflict_clear(struct manifest_conflict *c);

#endif
