/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What yaml_read.c makes of the text and its sisters turn into JSON and
 * places. An alias is one more pointer to the node of its anchor, so that
 * the tree is never larger than the text.
 */
#ifndef SVCNAT_YAML_NODE_H
#define SVCNAT_YAML_NODE_H

#include "yaml_read.h"

#include <stdint.h>

enum yaml_shape { YAML_SHAPE_SCALAR, YAML_SHAPE_LIST, YAML_SHAPE_MAP };

struct yaml_node {
	enum yaml_shape shape;
	unsigned int line, column;
	char *text;			/* of a scalar */
	size_t len;
	bool plain;			/* not in quotes: may be a number and so on */
	struct yaml_node **keys;	/* of a map, beside items */
	struct yaml_node **items;
	size_t n, room;
	struct yaml_node *next;		/* all nodes of the document: who frees them */
};

/* Fill e with "NAME:LINE:COLUMN: ..." and return -code. */
int yaml_fail(struct err *e, int code, const char *name, unsigned int line, unsigned int column,
	      const char *fmt, ...) __attribute__((format(printf, 6, 7)));

/*
 * The tree as JSON. all: the document's list of nodes. spare: how much aliases
 * may add to them, in bytes of memory, roughly.
 */
int yaml_node_json(const char *name, const struct yaml_node *root, const struct yaml_node *all,
		   size_t spare, json_t **out, struct err *e);

/*
 * What a plain scalar stands for; a new reference. NULL: *problem says why it
 * has no JSON value, or is NULL when memory ran out.
 */
json_t *yaml_scalar_json(const char *text, size_t len, const char **problem);

/* Is this JSON with characters that YAML writes another way? Then a copy without them. */
bool yaml_has_json_escapes(const char *text, size_t len);
char *yaml_join_escapes(const char *text, size_t *len);	/* to be freed; NULL: no memory */

/* Would text, written plainly, be read as this very string by any YAML reader? */
bool yaml_scalar_is_string(const char *text);

#endif
