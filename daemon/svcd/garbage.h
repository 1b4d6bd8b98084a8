/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is deleted takes along what it owns, by metadata.ownerReferences, as
 * Kubernetes' garbage collection in the background does. An object with other
 * owners loses the reference only; an owner of a type that is not served here
 * is taken for alive. A Pod that has time to end is given it.
 */
#ifndef SVCNAT_GARBAGE_H
#define SVCNAT_GARBAGE_H

#include "txn.h"

/* Stage what follows from the deletions that are staged. */
void garbage_run(struct txn *t);
/* Stage that what owner owns stays, and forgets it. Before owner itself is deleted. */
void garbage_orphan(struct txn *t, const json_t *owner);

#endif
