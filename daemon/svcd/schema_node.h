/* SPDX-License-Identifier: GPL-2.0 */
/* The tables of a Node's fields. */
#ifndef SVCNAT_SCHEMA_NODE_H
#define SVCNAT_SCHEMA_NODE_H

#include "schema.h"

extern const struct schema schema_node_spec[];
extern const struct schema schema_node_status[];

#endif
