/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Objects on their way out. One with finalizers is not deleted, but marked with
 * a deletionTimestamp, and goes when the last of them is taken off. So is a Pod
 * on a node that has time to end: by gracePeriodSeconds of the request, else by
 * spec.terminationGracePeriodSeconds. No default is put there, as Kubernetes
 * does: a Pod that does not speak of it goes at once. Whoever runs the Pod may
 * delete it with gracePeriodSeconds 0 when it has ended; else it goes when its
 * time is over.
 */
#ifndef SVCNAT_TERMINATION_H
#define SVCNAT_TERMINATION_H

#include "txn.h"

bool termination_begun(const json_t *object);	/* NULL: no */
bool termination_held(const json_t *object);	/* by finalizers */
/* It is marked, and nothing holds it any more. */
bool termination_over(const json_t *object);

/* The seconds that an object has; asked: those of the request, -1: none. */
json_int_t termination_grace(const struct resource *res, const json_t *object, json_int_t asked);
/* Marked to end in so many seconds: a new object. NULL: it is marked to end as soon already. */
json_t *termination_mark(const struct resource *res, const json_t *object, time_t now,
			 json_int_t seconds);

/* Stage the object's deletion, or its mark if finalizers hold it: true. */
bool termination_remove(struct txn *t, const struct resource *res, const json_t *object);

/* So many objects are ended in one transaction, and in one turn of the event loop, but for
 * those that they take along. */
#define TERMINATION_BATCH	500

/* Stage what becomes of Pods whose time is over, as far as there is room, and take it up. */
void termination_end_pods(struct txn *t, size_t *room);

#endif
