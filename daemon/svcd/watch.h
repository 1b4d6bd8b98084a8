/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Watches: requests that stay open and are told of each change of a type, in
 * order, from a version on.
 *
 * The memory that a watcher can take is bounded: one that does not read what
 * is sent to it loses its connection, and can resume from its last version.
 */
#ifndef SVCNAT_WATCH_H
#define SVCNAT_WATCH_H

#include "api_query.h"

#include <event2/event.h>
#include <event2/http.h>

struct watch_hub;

struct watch_config {
	struct event_base *base;
	struct registry *registry;
	size_t max_pending;		/* bytes, besides what the watch began with; 0: 16 MiB */
	unsigned int bookmark_ms;	/* between bookmarks; 0: one minute */
};

/* base and registry are borrowed and outlive the hub. */
int watch_hub_alloc(struct watch_hub **out, const struct watch_config *c, struct err *e);
/* After the server was closed: no request may be left. */
void watch_hub_free(struct watch_hub *hub);

/* Answer req with a stream. What is wrong with q was answered with a Status. */
void watch_start(struct watch_hub *hub, struct evhttp_request *req, const struct resource *res,
		 const char *ns, const struct api_query *q);

/* End every stream properly. */
void watch_end_all(struct watch_hub *hub);

/* How many there are. */
size_t watch_count(const struct watch_hub *hub);

#endif
