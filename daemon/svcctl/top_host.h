/* SPDX-License-Identifier: GPL-2.0 */
/* What "svcctl top" has around it: a clock, and a terminal or none. */
#ifndef SVCNAT_SVCCTL_TOP_HOST_H
#define SVCNAT_SVCCTL_TOP_HOST_H

#include "err.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <termios.h>

enum top_wake {
	TOP_TIME,	/* the time is over */
	TOP_DRAW,	/* the terminal has another size, or somebody else drew on it */
	TOP_QUIT,
};

struct top_host {
	int64_t (*now)(void *arg);	/* milliseconds, never backwards */
	/* false: no terminal, the output is plain lines */
	bool (*size)(void *arg, unsigned int *columns, unsigned int *lines);
	/* Take the terminal, and give it back as it was. Without one: only what ends it. */
	int (*begin)(void *arg, struct err *e);
	void (*end)(void *arg);
	enum top_wake (*wait)(void *arg, int64_t ms);
	void *arg;
};

/* The real one. */
struct top_term {
	FILE *out;
	int signals;
	bool drawing;		/* out is a terminal, and ours */
	bool keys;		/* the standard input is one, too */
	struct termios before;	/* of the standard input */
};

/* t lives as long as the host. */
struct top_host top_term_host(struct top_term *t, FILE *out);

#endif
