/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Services of type LoadBalancer get addresses from the pools, in the very
 * transaction that asks for them, and keep them: they stand in the status, and an
 * annotation says that they are ours. What somebody else put there is left alone.
 * Who lacks one waits, the oldest first, until a transaction sets one free.
 */
#ifndef SVCNAT_LB_CONTROLLER_H
#define SVCNAT_LB_CONTROLLER_H

#include "txn.h"

/* Stage what follows from changes of Services. */
void lb_controller_run(struct txn *t);

/*
 * After a start, and when the pools are others: take back what is in none of them
 * any more, then give to those who wait. What fails is due, for the registry's tick.
 */
int lb_controller_resync(struct registry *r, struct err *e);

#endif
