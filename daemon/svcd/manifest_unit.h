/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One file and the registry: all that the file asks for, and the end of what it asks
 * for no more, in one transaction; or nothing.
 */
#ifndef SVCNAT_MANIFEST_UNIT_H
#define SVCNAT_MANIFEST_UNIT_H

#include "err.h"
#include "manifest_owned.h"
#include "manifest_set.h"

struct manifest_unit {
	struct registry *registry;
	const char *file;
	const struct manifest_set *set;		/* NULL: the file is gone */
	const struct owned_file *owned;		/* what it had; NULL: nothing */
	/* Does the file from, which had the object so named, give it away? */
	bool (*gives)(void *ctx, const char *from, const char *key);
	void *ctx;
};

/* *changes: how many objects it made of it. Else e says which place of the file is why. */
int manifest_unit_apply(const struct manifest_unit *u, size_t *changes, struct err *e);

#endif
