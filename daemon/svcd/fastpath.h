/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The fast path: connections to services that are established, and that the node forwards, go
 * from device to device by a flowtable of the kernel. svcd keeps its devices what they should
 * be, as they come and go. It stays when svcd ends: traffic does not notice.
 *
 *	fastpath.c		when what is due
 *	../lib/fastpath_*.c	which devices, and the table
 */
#ifndef SVCNAT_FASTPATH_H
#define SVCNAT_FASTPATH_H

#include "fastpath_pattern.h"
#include "fastpath_sync.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <jansson.h>

struct fastpath;

/* Zero: off. */
struct fastpath_options {
	bool on;
	struct fastpath_patterns devices;
};

struct fastpath_config {
	struct event_base *base;	/* borrowed */
	const struct fastpath_options *options;	/* copied, as are pods */
	const struct kcidrs *pods;
	const struct fastpath_ops *ops;	/* NULL: the system */
	unsigned int verify_ms;		/* from look to look whether it is still there; 0: 10 s */
};

/* Can it be done here as the options say? */
int fastpath_check(const struct fastpath_options *o, struct err *e);

/* One of an earlier svcd that this one shall not have is deleted. */
int fastpath_open(struct fastpath **out, const struct fastpath_config *c, struct err *e);
/* From now on so. Out of memory ends the process. */
void fastpath_set(struct fastpath *f, const struct fastpath_options *o,
		  const struct kcidrs *pods);
/* What is in the kernel stays there. */
void fastpath_close(struct fastpath *f);

/* Adds "fastPath" to the status, if it is on. true: nothing is wrong. */
bool fastpath_status(const struct fastpath *f, json_t *status);
/* The families of /metrics. */
void fastpath_print(const struct fastpath *f, struct evbuffer *out);

#endif
