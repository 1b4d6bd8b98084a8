/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Objects as lines: what "get" prints. Each type has its columns in a file of
 * its own, table_<type>.c; the rest have NAME and AGE.
 */
#ifndef SVCNAT_SVCCTL_TABLE_H
#define SVCNAT_SVCCTL_TABLE_H

#include "resource.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

struct table;

struct table_column {
	const char *name;
	bool wide;			/* only with -o wide */
};

struct table_type {
	const char *plural;
	const struct table_column *columns;	/* ended by one without a name */
	/* Calls table_cell() once for each column, in their order. */
	void (*row)(struct table *t, const json_t *object, time_t now);
};

extern const struct table_type table_services, table_pods, table_endpoints, table_namespaces,
	table_events;

struct table_layout {
	bool wide;
	bool with_namespace;
	bool with_kind;			/* service/web instead of web */
	bool no_headers;
};

/* NULL: no memory. */
struct table *table_alloc(const struct resource *res, const struct table_layout *layout);
void table_free(struct table *t);

void table_add(struct table *t, const json_t *object, time_t now);
void table_cell(struct table *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The cell that every object has: its name, with its kind when the layout wants it. */
void table_name_cell(struct table *t, const json_t *object);

/*
 * Print the lines added since the last time, the headers before the first
 * ones. Columns never get narrower, so that the lines of a watch stay under
 * each other. -ENOMEM: some are missing.
 */
int table_flush(struct table *t, FILE *f);
bool table_is_empty(const struct table *t);	/* nothing was ever added */

#endif
