/* SPDX-License-Identifier: GPL-2.0 */
/* The ready addresses of a service in one line: three, then " + N more...". */
#ifndef SVCNAT_EPFORMAT_H
#define SVCNAT_EPFORMAT_H

#include <jansson.h>

/*
 * Of an Endpoints object. port_name: only ports of this name ("" is a name); NULL: all.
 * To be freed; NULL: no memory.
 */
char *epformat(const json_t *endpoints, const char *port_name);

/* The same of an array of EndpointSlices, in their order. */
char *epformat_slices(const json_t *slices, const char *port_name);

#endif
