/* SPDX-License-Identifier: GPL-2.0 */
/*
 * YAML (and so JSON) text to JSON values that remember where in the text each
 * of their fields stands, so that an error about "spec.ports[0].nodePort" can
 * name a line and a column.
 *
 * Plain scalars mean what they mean to Kubernetes' own tools, which follow
 * YAML 1.1 there: yes, no, on, off, y and n are booleans, 0777 is octal. A number
 * without a fraction is a whole one, however it is written. Dates stay strings.
 * Refused, each with its place: duplicate keys, keys that are neither strings nor
 * whole numbers, tags but !!str and those of maps and lists, aliases that expand
 * beyond bounds, deep nesting.
 */
#ifndef SVCNAT_YAML_READ_H
#define SVCNAT_YAML_READ_H

#include "err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define YAML_TEXT_MAX	(32u << 20)	/* bytes of one text */
#define YAML_DEPTH_MAX	100		/* of maps and lists in each other */
#define YAML_NODES_MAX	500000		/* values, keys and aliases of one document */

struct yaml_node;

struct yaml_doc {
	json_t *value;			/* null for an empty document */
	struct yaml_node *root;		/* for the places */
	struct yaml_node *all;
};

struct yaml_docs {
	struct yaml_doc *v;
	size_t n;
};

/*
 * Read all documents of text; name is what errors call it. Either all of them
 * are good, or *out is empty and e says "NAME:LINE:COLUMN: what is wrong".
 * -EINVAL, -E2BIG, -ENOMEM.
 */
int yaml_read(const char *name, const char *text, size_t len, struct yaml_docs *out,
	      struct err *e);
void yaml_docs_clear(struct yaml_docs *docs);

/* Lines and columns count from 1. */
struct yaml_place {
	unsigned int line, column;
	bool exact;		/* false: of the nearest parent that is in the text */
};

/* Where the value of a field stands; path is like "spec.ports[0].nodePort", "" the document. */
struct yaml_place yaml_find(const struct yaml_doc *doc, const char *path);
/* The same for its key: what to point at when the field itself is one too many. */
struct yaml_place yaml_find_key(const struct yaml_doc *doc, const char *path);

#endif
