/* SPDX-License-Identifier: GPL-2.0 */
/* What follows from changes: the controllers in their order. */
#ifndef SVCNAT_CONTROLLERS_H
#define SVCNAT_CONTROLLERS_H

#include "txn.h"

/* Stage what follows from the changes that are staged. */
void controllers_run(struct txn *t);

/* Make everything that is derived whole, after a start. */
int controllers_resync(struct registry *r, struct err *e);

#endif
