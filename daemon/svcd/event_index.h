/* SPDX-License-Identifier: GPL-2.0 */
/* Events by what they say, and of whom: another occurrence finds the one that it is counted in. */
#ifndef SVCNAT_EVENT_INDEX_H
#define SVCNAT_EVENT_INDEX_H

#include "strmap.h"

#include <jansson.h>

struct resource;

/* Zero it to start with. */
struct event_index {
	struct strmap map;
};

/* old, which is still held, makes place for now; either may be NULL. Other types are ignored. */
void event_index_commit(struct event_index *x, const struct resource *res, const json_t *old,
			json_t *now);
/* Borrowed; NULL: none. uid: of the object that it happened to. */
json_t *event_index_find(const struct event_index *x, const char *ns, const char *uid,
			 const char *reason, const char *message);
void event_index_clear(struct event_index *x);

#endif
