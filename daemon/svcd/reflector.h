/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From the bytes of a list and of the watch that follows it to objects. It
 * knows no connection: the bytes may come in pieces of any size, for a chunk's
 * end on the wire is not an event's end.
 */
#ifndef SVCNAT_REFLECTOR_H
#define SVCNAT_REFLECTOR_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct err;

/* list_begin and list_end enclose a complete list: what is not in it is gone. */
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
	char *bytes;		/* not understood yet */
	size_t len, size;
	size_t seen;		/* of bytes: there is no end of line before */
};

/* All arguments are borrowed. */
void reflector_init(struct reflector *r, const char *kind, const struct reflector_ops *ops,
		    void *ctx);
void reflector_exit(struct reflector *r);

/* Forget the bytes of a body that broke off. What is known stays. */
void reflector_restart(struct reflector *r);

/* Keep a piece of a list's body. -ENOMEM, -EFBIG. */
int reflector_list_bytes(struct reflector *r, const char *data, size_t len, struct err *e);

/*
 * The list's body is complete: tell of it. -EPROTO: it is not a list of our
 * kind; nothing was told.
 */
int reflector_list_end(struct reflector *r, struct err *e);

/*
 * A piece of a watch's body: tell of each event that it completes. -ESTALE:
 * what happened since our version is not to be had, list again. -EPROTO: not a
 * watch; -ENOMEM, -EFBIG. After an error list again.
 */
int reflector_watch_bytes(struct reflector *r, const char *data, size_t len, struct err *e);

#endif
