/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Objects as lines: which columns each type has, and what stands in them. The
 * API's Table and "svcctl get" are made of this. Each type has its columns in
 * a file of its own, rows_<type>.c; the rest have a name and an age.
 */
#ifndef SVCNAT_ROWS_H
#define SVCNAT_ROWS_H

#include "resource.h"

#include <jansson.h>
#include <stdio.h>
#include <time.h>

struct rows_column {
	const char *name;		/* "Cluster-IP"; a terminal shows it in capitals */
	const char *type;		/* of the cells: "string" or "integer" */
	const char *format;		/* "name": the object's name; or "" */
	int priority;			/* 0: always there; 1: only where there is much room */
	const char *description;
};

#define ROWS_NAME \
	{ "Name", "string", "name", 0, "What the object is called, once in its namespace." }
#define ROWS_AGE \
	{ "Age", "string", "", 0, "How long ago the object was made." }
#define ROWS_STRING(name, priority, description) { name, "string", "", priority, description }
#define ROWS_END { NULL, NULL, NULL, 0, NULL }

struct rows_type {
	const char *plural;
	const struct rows_column *columns;	/* ended by ROWS_END */
	/* One cell for each column, in their order. */
	void (*fill)(json_t *cells, const json_t *object, time_t now);
};

const struct rows_type *rows_of(const struct resource *res);	/* never NULL */

/* An array of strings and integers; the caller's. NULL: no memory. */
json_t *rows_cells(const struct rows_type *type, const json_t *object, time_t now);

/* Of a node: "control-plane,etcd", or "<none>". */
void rows_print_roles(FILE *f, const json_t *node);

/* ---- for the files of the types */

extern const struct rows_type rows_services, rows_pods, rows_endpoints, rows_endpointslices,
	rows_nodes, rows_namespaces, rows_events;

void rows_put(json_t *cells, const char *text);
void rows_print(json_t *cells, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void rows_put_name(json_t *cells, const json_t *object);
void rows_put_since(json_t *cells, const char *stamp, time_t now);	/* an RFC 3339 time */
void rows_put_age(json_t *cells, const json_t *object, time_t now);
/* The string at path, or otherwise when it is absent or empty. */
void rows_put_field(json_t *cells, const json_t *object, const char *path, const char *otherwise);
/* What print writes of from. */
void rows_put_printed(json_t *cells, void (*print)(FILE *f, const json_t *from),
		      const json_t *from);

#endif
