/* SPDX-License-Identifier: GPL-2.0 */
/* What main.c and reload.c share: a svcd that runs. */
#ifndef SVCNAT_SVCD_H
#define SVCNAT_SVCD_H

#include "announce.h"
#include "api.h"
#include "dns.h"
#include "err.h"
#include "fastpath.h"
#include "node.h"
#include "observe.h"
#include "options.h"
#include "server.h"
#include "source.h"

#include <event2/event.h>
#include <time.h>

#define SVCD_USUAL_CONFIG	"/etc/svcd/svcd.yaml"
#define SVCD_NSIGNALS		3

struct svcd {
	int argc;
	char **argv;
	struct options slots[2];
	struct options *options;	/* those in force: one of the slots */
	struct event_base *base;
	struct event *signals[SVCD_NSIGNALS], *watchdog;
	struct node *node;
	struct source *source;
	struct announce *announce;	/* NULL: a test's */
	struct fastpath *fastpath;	/* NULL: likewise */
	struct dns *dns;
	struct observe *observe;
	struct server *server;
	struct api api;
	bool failed;			/* it cannot go on: the loop ends, and not in good order */
	/* reload.c */
	time_t read;			/* when the options in force were read */
	struct err refused;		/* why later ones are not; "": there are none */
	struct server *retired;		/* its last answers are on their way; NULL: none is */
	struct event *retire;
};

/* The answers that are on their way get a moment to leave. */
extern const struct timeval svcd_moment;

void svcd_open_log(const struct options *o);

/* Read the options again. All of them are in force when this returns, or all is as it was. */
void svcd_reload(struct svcd *d);
/* At the end. */
void svcd_reload_stop(struct svcd *d);
/* Adds "options" to the status. true: what the file says is in force. */
bool svcd_reload_status(const struct svcd *d, json_t *status);

#endif
