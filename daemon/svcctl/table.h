/* SPDX-License-Identifier: GPL-2.0 */
/* Objects as lines: what "get" prints. The columns of each type are in lib/rows.h. */
#ifndef SVCNAT_SVCCTL_TABLE_H
#define SVCNAT_SVCCTL_TABLE_H

#include "resource.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

struct table;

struct table_layout {
	bool wide;
	bool with_namespace;
	bool with_kind;			/* service/web instead of web */
	bool color;			/* states that are good or bad show it */
	bool no_headers;
	bool show_labels;		/* all of them, in a column at the end */
	const char *label_columns;	/* keys, joined by commas: a column each; or NULL */
};

/* NULL: no memory. */
struct table *table_alloc(const struct resource *res, const struct table_layout *layout);
void table_free(struct table *t);

void table_add(struct table *t, const json_t *object, time_t now);

/*
 * Print the lines added since the last time, the headers before the first
 * ones. Columns never get narrower, so that the lines of a watch stay under
 * each other. -ENOMEM: some are missing.
 */
int table_flush(struct table *t, FILE *f);
bool table_is_empty(const struct table *t);	/* nothing was ever added */

#endif
