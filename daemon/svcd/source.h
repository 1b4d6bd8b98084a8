/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the node's objects come from: the registry of this svcd, with all that feeds it and
 * serves it, or the authority that it follows. Two may be open at once, so that one takes the
 * other's place only when it is sure to work.
 */
#ifndef SVCNAT_SOURCE_H
#define SVCNAT_SOURCE_H

#include "api.h"
#include "node.h"
#include "options.h"

#include <event2/event.h>

struct source;

struct source_config {
	struct event_base *base;		/* borrowed, as is all of this */
	const struct options *options;		/* may change: see source_set() */
	struct node *node;
};

/*
 * All that may fail. Of an authority the files' objects are in the registry when this returns;
 * the node is not told of anything before source_start().
 */
int source_open(struct source **out, const struct source_config *c, struct err *e);
/* Of a follower the lists come when the authority answers; it is not waited for. */
int source_start(struct source *s, struct err *e);
void source_close(struct source *s);

/* Is it an authority? */
bool source_is_own(const struct source *s);
/* What the API serves of it: registry, watches, authority. */
void source_serve(const struct source *s, struct api *api);
/* End every stream properly. */
void source_end_watches(struct source *s);

/* The options changed, in what (OPTIONS_*) of them. Not for OPTIONS_SOURCE. */
void source_set(struct source *s, unsigned int what);

/* What the node has to say of a Service; and that this was all for now. */
void source_warn(struct source *s, const json_t *service, const char *reason,
		 const char *message);
void source_warned(struct source *s);
/* Likewise, what is no trouble. */
void source_note(struct source *s, const json_t *service, const char *reason,
		 const char *message);

/* Adds "source" and "manifests" to the status of the node. true: nothing is wrong. */
bool source_status(const struct source *s, json_t *status);

#endif
