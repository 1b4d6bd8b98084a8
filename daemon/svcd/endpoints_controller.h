/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A Service with a selector owns the Endpoints object of its name: it holds
 * the addresses of the pods that the selector picks. Changes of Services and
 * Pods are followed in the very transaction that makes them.
 */
#ifndef SVCNAT_ENDPOINTS_CONTROLLER_H
#define SVCNAT_ENDPOINTS_CONTROLLER_H

#include "touched.h"

/* Stage what follows for the Services that are touched. */
void endpoints_controller_run(struct txn *t, const struct touched_list *l);

/* Stage the end of those that the controller made for Services that are gone. */
void endpoints_controller_drop_orphans(struct txn *t);

/* endpoints_subsets.c: a new array, the subsets of svc; pods are those that it selects. */
json_t *endpoints_subsets(const json_t *svc, json_t *const *pods, size_t n);
/*
 * The same when one pod changed: a new array made from subsets, which shares
 * what is the same. uid: the pod's, whose addresses go; pod: as it is now if
 * svc selects it, else NULL. It costs what copying a list of pointers costs.
 * NULL: that is not the short way; there are several subsets, before or after.
 */
json_t *endpoints_subsets_change(const json_t *subsets, const json_t *svc, const char *uid,
				 const json_t *pod);

/* endpoints_repack.c: a new array that says the same in the one form; addresses are shared. */
json_t *endpoints_repack(const json_t *subsets);
int endpoints_port_cmp(const json_t *a, const json_t *b);

/*
 * endpoints_capacity.c: leave at most max addresses, those that are ready
 * first. subsets and their lists are the caller's own, the addresses may be
 * shared. Were there more?
 */
bool endpoints_truncate(json_t *subsets, size_t max);

#endif
