/* SPDX-License-Identifier: GPL-2.0 */
/* What Services see of a Pod. */
#ifndef SVCNAT_PODVIEW_H
#define SVCNAT_PODVIEW_H

#include "kservice.h"

#include <jansson.h>

bool podview_terminal(const json_t *pod);	/* Succeeded or Failed: it serves no more */
bool podview_ready(const json_t *pod);		/* its condition Ready */
/* The pod's first address of the family; 0: of any. */
bool podview_ip(const json_t *pod, int family, struct ip_addr *ip);
/* The number that the targetPort of a Service's port has on the pod; 0: it has none. */
json_int_t podview_target_port(const json_t *pod, const json_t *port);
/* Is what Services see of it the same? Either may be NULL: no such pod. */
bool podview_same(const json_t *a, const json_t *b);

#endif
