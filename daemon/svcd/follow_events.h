/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a follower has to say of a Service, as Events in the API that it follows. One
 * request at a time, and a bounded queue: nothing depends on an Event, and an
 * authority that is gone or says no shall not be pressed.
 */
#ifndef SVCNAT_FOLLOW_EVENTS_H
#define SVCNAT_FOLLOW_EVENTS_H

#include "http_client.h"

#include <jansson.h>

struct follow_events;

/* The first two are borrowed; node is where it is seen. NULL: no memory. */
struct follow_events *follow_events_alloc(struct event_base *base, struct http_client *client,
					  const char *node);
void follow_events_free(struct follow_events *f);

/* type: Warning or Normal */
void follow_events_add(struct follow_events *f, const json_t *service, const char *type,
		       const char *reason, const char *message);

#endif
