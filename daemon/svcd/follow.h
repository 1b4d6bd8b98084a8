/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A node that is not the authority: it lists and watches the Services and
 * EndpointSlices of one that is, and its own Node there, and tells its node of
 * them. While the authority cannot be reached, everything stays as it is.
 *
 * The authority is another svcd or a Kubernetes API server. Lists come as a watch's
 * initial events where it has them, else in pages; one list at a time.
 */
#ifndef SVCNAT_FOLLOW_H
#define SVCNAT_FOLLOW_H

#include "node.h"
#include "upstream.h"

#include <event2/event.h>

struct follow;

struct follow_config {
	struct event_base *base;	/* borrowed, as is node */
	const struct upstream *upstream;	/* the authority; borrowed */
	struct node *node;
	const char *node_name;		/* of its Node; used by follow_start() only */
	bool all_nodes;			/* of the Nodes not only that one */
	unsigned int watch_seconds;	/* a watch lasts so long, up to twice; 0: five minutes */
	/*
	 * Of silence, then the connection counts as lost. In a watch, 0: two bookmarks' time on a
	 * socket; else as long as it may last, for an API server may have nothing to say. Ahead
	 * of an answer and in a list, 0: half a minute; no watch outlasts its time by more.
	 */
	unsigned int silence_ms, answer_ms;
	unsigned int initial_ms; /* then it is asked for a list instead; 0: ten seconds */
	unsigned int retry_min_ms, retry_max_ms;	/* 0: 100 ms, 5 s or 30 s (https) */
};

int follow_start(struct follow **out, const struct follow_config *c, struct err *e);
void follow_stop(struct follow *f);

/* Tell the authority what is to be said of a Service, as an Event: a warning, or none. */
void follow_warn(struct follow *f, const json_t *service, const char *reason,
		 const char *message);
void follow_note(struct follow *f, const json_t *service, const char *reason,
		 const char *message);

/* Does the authority answer, for all that is followed? */
bool follow_connected(const struct follow *f);

/* For people to look at: what is followed, and since when it answers. NULL: no memory. */
json_t *follow_status(const struct follow *f);

#endif
