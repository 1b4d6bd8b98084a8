/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A Service with a selector owns EndpointSlices with the addresses of the pods
 * that the selector picks, a set for each of its families. Changes of Services,
 * Pods and Nodes are followed in the very transaction that makes them. What
 * others make of these slices is put right at once; slices that others make
 * are theirs.
 */
#ifndef SVCNAT_SLICE_CONTROLLER_H
#define SVCNAT_SLICE_CONTROLLER_H

#include "touched.h"

/* Stage what follows for the Services that are touched, and from changes of Nodes. */
void slice_controller_run(struct txn *t, const struct touched_list *l);

/* Stage the end of those that the controller made for Services that are gone. */
void slice_controller_drop_orphans(struct txn *t);

#endif
