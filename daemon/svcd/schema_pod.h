/* SPDX-License-Identifier: GPL-2.0 */
/* The tables of a Pod's fields: those of core/v1 in Kubernetes 1.36. */
#ifndef SVCNAT_SCHEMA_POD_H
#define SVCNAT_SCHEMA_POD_H

#include "schema.h"

extern const struct schema schema_pod_spec[];
extern const struct schema schema_pod_status[];
extern const struct schema schema_container[];
extern const struct schema schema_ephemeral_container[];
extern const struct schema schema_volume[];

/* Security: a Pod's and a container's. */
extern const struct schema schema_pod_security[];
extern const struct schema schema_security[];

/* Which nodes. */
extern const struct schema schema_affinity[];
extern const struct schema schema_toleration[];
extern const struct schema schema_spread[];

/* Parts that stand in several places. */
extern const struct schema schema_resources[];
extern const struct schema schema_local_reference[];
extern const struct schema schema_field_ref[];
extern const struct schema schema_resource_field_ref[];

#endif
