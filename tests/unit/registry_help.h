/* SPDX-License-Identifier: GPL-2.0 */
/* A registry in a folder of its own, with a clock and a seed, and short words for asking it. */
#ifndef REGISTRY_HELP_H
#define REGISTRY_HELP_H

#include "err.h"
#include "registry.h"

struct registry_help {
	char dir[64], path[96];
	struct registry_config config;
	struct registry *r;
	struct reply reply;		/* to the last request */
	time_t now;
};

/* cmocka's setup and teardown: *state is a struct registry_help. */
int registry_help_setup(void **state);
int registry_help_teardown(void **state);
void registry_help_open(struct registry_help *h);	/* asserts */
void registry_help_reopen(struct registry_help *h);

json_t *registry_help_json(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
const struct resource *registry_help_type(const char *plural);

/* Each answers the status code; the body is in h->reply until the next one. Namespace "default". */
int registry_help_create(struct registry_help *h, const char *plural, const char *json);
int registry_help_update(struct registry_help *h, const char *plural, const char *name,
			 const char *json);
int registry_help_patch(struct registry_help *h, const char *plural, const char *name,
			const char *sub, const char *json);
int registry_help_get(struct registry_help *h, const char *plural, const char *name);
int registry_help_delete(struct registry_help *h, const char *plural, const char *name);

const char *registry_help_message(const struct registry_help *h);
/*
 * A string, a number in decimal, or true or false of the last body:
 * "spec.ports.0.nodePort". "" when absent.
 */
const char *registry_help_value(const struct registry_help *h, const char *path);

/* Values that the last body has, as patterns of fnmatch(): "" is absent, "10.*", "?*". */
struct registry_help_want {
	const char *path, *value;
};

#define REGISTRY_HELP_WANTS	8
void registry_help_wants(const struct registry_help *h, const char *what,
			 const struct registry_help_want wants[REGISTRY_HELP_WANTS]);

/* An Event, at once. */
void registry_help_event(struct registry *r, const json_t *object, const char *type,
			 const char *reason, const char *message);
/* A Service of that name and spec, or the end of the test. */
void registry_help_service(struct registry_help *h, const char *name, const char *spec);
/* The last reply is a 422 with exactly these causes, "field: message", in this order. */
#define REGISTRY_HELP_CAUSES	12
void registry_help_causes(const struct registry_help *h, const char *what,
			  const char *const causes[REGISTRY_HELP_CAUSES]);

/* All objects and the version, as text to compare. To be freed. */
char *registry_help_dump(const struct registry *r);
void registry_help_copy_file(const char *from, const char *to);

#endif
