/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How a table of fields is written: a row a field, in the order in which the
 * API shows them. KEEP is what Go has as a pointer, or shows in any case.
 */
#ifndef SVCNAT_SCHEMA_TABLE_H
#define SVCNAT_SCHEMA_TABLE_H

#include "schema.h"

#define KEEP			SCHEMA_KEEP

#define STRING(k, f)		{ k, SCHEMA_STRING, f, NULL, NULL }
#define INT(k, f)		{ k, SCHEMA_INT, f, NULL, NULL }
#define LONG(k, f)		{ k, SCHEMA_LONG, f, NULL, NULL }
#define BOOL(k, f)		{ k, SCHEMA_BOOL, f, NULL, NULL }
#define INT_OR_STRING(k, f)	{ k, SCHEMA_INT_OR_STRING, f, NULL, NULL }
#define QUANTITY(k)		{ k, SCHEMA_QUANTITY, KEEP, NULL, NULL }
#define QUANTITIES(k)		{ k, SCHEMA_QUANTITIES, 0, NULL, NULL }
#define MAP(k)			{ k, SCHEMA_MAP, 0, NULL, NULL }
#define ANY(k)			{ k, SCHEMA_ANY, 0, NULL, NULL }
#define OBJECT(k, of, type)	{ k, SCHEMA_OBJECT, KEEP, of, type }
#define LIST(k, item)		{ k, SCHEMA_LIST, 0, item, NULL }
#define STRINGS(k)		LIST(k, &schema_string)
/* A list of objects that have these fields. */
#define LIST_OF(k, of, type) \
	LIST(k, (&(const struct schema){ NULL, SCHEMA_OBJECT, 0, of, type }))
#define END			{ NULL, SCHEMA_ANY, 0, NULL, NULL }

#endif
