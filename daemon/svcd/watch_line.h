/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One event of a watch as it goes over the wire: a JSON object and a newline,
 * made once and shared by all that it is sent to.
 */
#ifndef SVCNAT_WATCH_LINE_H
#define SVCNAT_WATCH_LINE_H

#include "registry.h"

#include <event2/buffer.h>

struct watch_line;

/* {"type":type,"object":object}; object is borrowed. NULL: no memory. With one reference. */
struct watch_line *watch_line_alloc(const char *type, const json_t *object);
struct watch_line *watch_line_get(struct watch_line *line);	/* NULL is fine, as below */
void watch_line_put(struct watch_line *line);

/* Append without copying; buf holds a reference of its own. -ENOMEM. */
int watch_line_add(struct watch_line *line, struct evbuffer *buf);

/* The forms that one change can take, depending on what a watcher's selector saw before. */
struct watch_lines {
	const struct registry_event *ev;
	struct watch_line *as[3];	/* by enum registry_change; made when first asked for */
};

/* Borrowed from l. NULL: no memory. */
struct watch_line *watch_lines_get(struct watch_lines *l, enum registry_change change);
void watch_lines_clear(struct watch_lines *l);

/*
 * The object that belongs to the event; the caller's. Whoever watches with a
 * selector and sees an object leave it, is told of a deletion of what it last
 * saw, at the version at which that happened. NULL: no memory.
 */
json_t *watch_line_object(const struct registry_event *ev, enum registry_change change);

/* An empty object with only a version; initial_end: with the mark that ends a first list. */
json_t *watch_line_bookmark(const struct resource *res, uint64_t version, bool initial_end);

extern const char *const watch_line_types[];	/* by enum registry_change */

#endif
