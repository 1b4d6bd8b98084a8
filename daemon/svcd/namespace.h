/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A Namespace that is deleted while something in it is held, or when there is much in
 * it, goes when all that has gone.
 */
#ifndef SVCNAT_NAMESPACE_H
#define SVCNAT_NAMESPACE_H

#include "txn.h"

/* Stage the end of what is in those that are deleted, as far as there is room, and take it up. */
void namespace_end(struct txn *t, size_t *room);
/* Stage the end of those that are empty by now. */
void namespace_finish(struct txn *t);

#endif
