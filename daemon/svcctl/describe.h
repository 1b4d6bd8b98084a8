/* SPDX-License-Identifier: GPL-2.0 */
/*
 * "describe": one object on many lines. Each type has its words in a file of
 * its own, describe_<type>.c; the rest have name, labels and events. What is
 * printed goes through columns.h: a tab ends a cell.
 */
#ifndef SVCNAT_SVCCTL_DESCRIBE_H
#define SVCNAT_SVCCTL_DESCRIBE_H

#include "resource.h"

#include <jansson.h>
#include <stdio.h>
#include <time.h>

struct describe_about {
	const json_t *object;
	const json_t *slices;		/* of a service: array of its EndpointSlices */
	const json_t *endpoints;	/* of one without: the Endpoints of its name, or NULL */
	const json_t *pods;		/* of a node: array of the pods there, or NULL */
	const json_t *events;		/* array; NULL: this type has none */
	time_t now;
};

struct describe_type {
	const char *plural;
	void (*print)(FILE *f, const struct describe_about *a);
};

extern const struct describe_type describe_service, describe_pod, describe_endpoints,
	describe_endpointslice, describe_node;

/* Into f as it will stand on the terminal. -ENOMEM. */
int describe_print(FILE *f, const struct resource *res, const struct describe_about *a);

/* The pieces that all types share. */
void describe_identity(FILE *f, const json_t *object);	/* Name, Namespace */
void describe_labels(FILE *f, const json_t *object);	/* Labels, Annotations */
void describe_map(FILE *f, const char *title, const json_t *map, const char *joint);
void describe_events(FILE *f, const struct describe_about *a);

/* "Title:  value", unless there is none. */
void describe_optional(FILE *f, const char *title, const json_t *object, const char *path);

/* Amounts of resources, by name, below a title of their own; nothing when there are none. */
void describe_quantities(FILE *f, const char *indent, const char *title, const json_t *map);

/* On one line, and nothing that talks to the terminal. */
void describe_text(FILE *f, const char *text);

/* As mail has it; "" when stamp is no time. */
#define DESCRIBE_DATE_SIZE	40
const char *describe_date(const char *stamp, char buf[DESCRIBE_DATE_SIZE]);

/* Of a pod: list and statuses are paths in it. */
void describe_containers(FILE *f, const char *title, const json_t *pod, const char *list,
			 const char *statuses);
void describe_volumes(FILE *f, const json_t *volumes);

#endif
