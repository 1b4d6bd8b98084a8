/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The fields of a type and their JSON types: what an object may contain at
 * all, before its rules are asked. schema_clean() makes the copy that the
 * rules then work on: fields in the type's own order, nulls and empty values
 * dropped as the API never shows them, unknown fields left out and named. Its objects and
 * lists are its own, to be changed; strings and numbers are those of what it was made of.
 */
#ifndef SVCNAT_SCHEMA_H
#define SVCNAT_SCHEMA_H

#include <jansson.h>

enum schema_type {
	SCHEMA_STRING,
	SCHEMA_INT,		/* 32 bit */
	SCHEMA_LONG,
	SCHEMA_BOOL,
	SCHEMA_INT_OR_STRING,
	SCHEMA_QUANTITY,	/* an amount of a resource: a string, or a number */
	SCHEMA_MAP,		/* of strings */
	SCHEMA_QUANTITIES,	/* a map of such amounts */
	SCHEMA_OBJECT,		/* of: its fields */
	SCHEMA_LIST,		/* of: its element */
	SCHEMA_ANY,
};

#define SCHEMA_FIELDS_MAX	64	/* in one table: no type has as many */

#define SCHEMA_KEEP	0x1	/* an empty value is not the same as none */
#define SCHEMA_NULLS	0x2	/* a map's nulls stay, for the rules to refuse */
#define SCHEMA_ALWAYS	0x4	/* shown as null when it is empty or absent */

struct schema {
	const char *key;	/* NULL: the end of a table */
	enum schema_type type;
	unsigned int flags;
	const struct schema *of;
	const char *type_name;	/* an object's, in messages: "ServicePort" */
};

struct schema_report {
	char field[256];	/* of the first value of a wrong type: "spec.ports[0].port" */
	char message[512];	/* what is wrong with it */
	json_t *unknown;	/* an array of paths; NULL: none */
};

/*
 * A new object, or NULL: a value has a wrong type and report says which. An
 * object that was clean before needs no report: what an earlier table took and
 * this one does not is left out, and NULL is never answered.
 */
json_t *schema_clean(const struct schema *s, const json_t *in, struct schema_report *report);
void schema_report_clear(struct schema_report *report);

/* What the types share. How a table is written: schema_table.h. */
extern const struct schema schema_string;		/* the item of a list */
extern const struct schema schema_meta[];		/* ObjectMeta */
extern const struct schema schema_reference[];		/* ObjectReference */
extern const struct schema schema_selector[];		/* LabelSelector */
extern const struct schema schema_condition[];		/* Condition */

#define SCHEMA_TOP \
	{ "kind", SCHEMA_STRING, 0, NULL, NULL }, \
	{ "apiVersion", SCHEMA_STRING, 0, NULL, NULL }, \
	{ "metadata", SCHEMA_OBJECT, SCHEMA_KEEP, schema_meta, "ObjectMeta" }

#endif
