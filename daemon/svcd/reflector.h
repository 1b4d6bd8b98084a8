/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From the bytes of a list and of the watch that follows it to objects. It
 * knows no connection: the bytes may come in pieces of any size, for a chunk's
 * end on the wire is not an event's end.
 *
 * A list comes in one of two ways: as lists, each a page of it; or as the
 * beginning of a watch that was asked for its initial events, which ends with
 * a bookmark that says so (KEP-3157).
 */
#ifndef SVCNAT_REFLECTOR_H
#define SVCNAT_REFLECTOR_H

#include "list_reader.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct err;

/*
 * list_begin and list_end enclose a complete list: what is not in it is gone. A
 * list that breaks off has no end; the next one begins anew.
 */
struct reflector_ops {
	void (*list_begin)(void *ctx);
	void (*object)(void *ctx, const json_t *object, bool deleted);
	void (*list_end)(void *ctx);
};

struct reflector {
	const struct reflector_ops *ops;
	void *ctx;
	const char *kind;	/* of one object; that of the list has "List" behind it */
	char version[64];	/* up to which everything is known; "": nothing is */
	char *next;		/* what the list's next page is asked for with; NULL: none */
	struct list_reader list;
	bool listing;		/* list_begin was called, list_end was not */
	bool initial;		/* the watch brings its initial events */
	struct bytes bytes;	/* of a watch, not understood yet */
	size_t seen;		/* of bytes: there is no end of line before */
	unsigned int retry_after;	/* seconds, of the error that ended the watch; 0: unsaid */
};

/* All arguments are borrowed. */
void reflector_init(struct reflector *r, const char *kind, const struct reflector_ops *ops,
		    void *ctx);
void reflector_exit(struct reflector *r);

/* Forget the bytes of a body that broke off. What is known stays. */
void reflector_restart(struct reflector *r);

/* A list is asked for from its beginning; initial: as a watch's first events. */
void reflector_list_begin(struct reflector *r, bool initial);

/*
 * A piece of a page's body; tells of each item that it completes. -EPROTO: it is not a list
 * of our kind; -ENOMEM, -EFBIG.
 */
int reflector_list_bytes(struct reflector *r, const char *data, size_t len, struct err *e);

/* A page's body is complete. 0: it was the last one; 1: next says where the next begins. */
int reflector_page_end(struct reflector *r, struct err *e);

/*
 * A piece of a watch's body: tell of each event that it completes. -ESTALE:
 * what happened since our version is not to be had, list again. -EOPNOTSUPP: the
 * authority does not know of initial events. -EAGAIN: it is too busy. -EPROTO:
 * not a watch; -ENOMEM, -EFBIG. After an error list again.
 */
int reflector_watch_bytes(struct reflector *r, const char *data, size_t len, struct err *e);

#endif
