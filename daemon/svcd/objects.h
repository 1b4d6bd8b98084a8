/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The objects of one type in memory, in the order of (namespace, name). What
 * is in here is never changed in place: a change puts a new object.
 */
#ifndef SVCNAT_OBJECTS_H
#define SVCNAT_OBJECTS_H

#include <jansson.h>
#include <stddef.h>

struct objects_entry {
	const char *ns, *name;		/* inside object; ns is "" for a type without */
	json_t *object;
};

struct objects {
	struct objects_entry *v;
	size_t n, room;
};

/* Borrowed until the next change; NULL: none. */
json_t *objects_find(const struct objects *o, const char *ns, const char *name);
/* The index of the first one of ns, or of the first one after it. */
size_t objects_first(const struct objects *o, const char *ns);
/* The same, but not before name. */
size_t objects_from(const struct objects *o, const char *ns, const char *name);
/* The index of the first one after this one, which need not be there. */
size_t objects_after(const struct objects *o, const char *ns, const char *name);
/* Takes a reference; what had the name before is dropped. */
void objects_put(struct objects *o, json_t *object);
void objects_del(struct objects *o, const char *ns, const char *name);
/* Another set of the same objects. */
struct objects objects_copy(const struct objects *o);
void objects_clear(struct objects *o);

#endif
