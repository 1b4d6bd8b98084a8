/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which objects have which owner, by metadata.ownerReferences: what a deletion
 * takes along is found without a look at all objects.
 */
#ifndef SVCNAT_DEPENDENTS_H
#define SVCNAT_DEPENDENTS_H

#include "resource.h"
#include "strmap.h"

#include <jansson.h>

struct dependent {
	const struct resource *res;
	json_t *object;			/* borrowed */
};

/* Zero it to start with. */
struct dependents {
	struct strmap owners;		/* by uid */
};

/* old, which is still held, makes place for now; either may be NULL. */
void dependents_commit(struct dependents *d, const struct resource *res, const json_t *old,
		       json_t *now);
/* How many there are; *v is theirs until the next commit. */
size_t dependents_of(const struct dependents *d, const char *uid, const struct dependent **v);
void dependents_clear(struct dependents *d);

#endif
