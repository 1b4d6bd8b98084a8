/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Endpoints that were made by hand, for a Service without a selector, are
 * mirrored into EndpointSlices, for those who read only these: as Kubernetes'
 * EndpointSliceMirroring controller does, a slice for each list of ports and
 * family, with at most 1000 addresses of a subset.
 */
#ifndef SVCNAT_MIRROR_CONTROLLER_H
#define SVCNAT_MIRROR_CONTROLLER_H

#include "txn.h"

/* Stage what follows from what is staged, by clients and by the other controllers. */
void mirror_controller_run(struct txn *t);
/* The same for the Endpoints of one name. */
void mirror_controller_look_at(struct txn *t, const char *ns, const char *name);
/* Stage the end of mirrors whose Service or Endpoints are gone. */
void mirror_controller_drop_orphans(struct txn *t);

#endif
