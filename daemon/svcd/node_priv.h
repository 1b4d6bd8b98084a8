/* SPDX-License-Identifier: GPL-2.0 */
/* What node.c, node_watch.c and node_status.c share; others have node.h. */
#ifndef SVCNAT_NODE_PRIV_H
#define SVCNAT_NODE_PRIV_H

#include "err.h"
#include "fdwatch.h"
#include "kernel_news.h"
#include "kernel_watch.h"
#include "node.h"

struct node {
	struct node_config config;
	struct proxy *proxy;
	struct kernel *kernel;		/* NULL: none at present */
	struct fdwatch *module;		/* news of it; NULL: a test's, or no memory */
	struct kernel_watch *watch;	/* while that is open */
	struct fdwatch *addrs;		/* likewise of addresses */
	int addrs_fd;
	struct event *look;		/* for a kernel, while there is none */
	struct event *run;		/* changes wait for it */
	struct event *retry;		/* a run that failed waits for it */
	struct event *due;		/* single services do, or a look at the kernel */
	struct kernel_news *events;	/* NULL: no kernel, or no memory */
	unsigned int retry_ms;
	bool written;			/* everything, to this kernel, once */
	bool warned;			/* in this pass */
	struct err last;		/* what the log said last; "" after a success */
	/* for node_status.c; times by now_ms(), 0: never */
	unsigned long long passes;
	int64_t ran, succeeded;		/* the last pass, the last good one */
	int64_t well;			/* since then all that is desired is in the kernel */
	int64_t failed;
	struct err failure;
};

/* The next turn of the loop has a pass. */
void node_changed(struct node *n);

/* News of the module and of addresses, from now on. */
void node_watch_start(struct node *n);
void node_watch_stop(struct node *n);

#endif
