/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A descriptor that the event loop reads, such as a socket for news of the
 * kernel. One that fails would be readable for good and keep the loop busy: it is
 * closed, and opened again after a pause, from a tenth of a second to a minute.
 */
#ifndef SVCNAT_FDWATCH_H
#define SVCNAT_FDWATCH_H

#include "err.h"

#include <event2/event.h>
#include <stdbool.h>

struct fdwatch;

struct fdwatch_ops {
	/* Begins the text in the log: "what others change ... is not heard of". */
	const char *trouble;
	/* The descriptor, or a negative errno. */
	int (*open)(void *ctx, struct err *e);
	/* It is readable. Without blocking: 0, or a negative errno: it is of no use any more. */
	int (*read)(void *ctx, struct err *e);
	/* Behind each open that succeeded. */
	void (*close)(void *ctx);
	/* It is open again: who knows what was missed. */
	void (*reopened)(void *ctx);
};

/* Opens it, now or later. base, ops and ctx are borrowed. -ENOMEM. */
int fdwatch_alloc(struct fdwatch **out, struct event_base *base, const struct fdwatch_ops *ops,
		  void *ctx);
void fdwatch_free(struct fdwatch *w);

/* NULL: it is open; else why it is not. */
const char *fdwatch_trouble(const struct fdwatch *w);

#endif
