/* SPDX-License-Identifier: GPL-2.0 */
/* What node.c, node_health.c, node_watch.c and node_status.c share; others have node.h. */
#ifndef SVCNAT_NODE_PRIV_H
#define SVCNAT_NODE_PRIV_H

#include "err.h"
#include "fdwatch.h"
#include "health_ports.h"
#include "kernel_news.h"
#include "kernel_watch.h"
#include "liveness.h"
#include "node.h"
#include "node_listen.h"
#include "strmap.h"
#include "sync_metrics.h"

/* All that are known: the proxy keeps but the own one. */
struct node_peer {
	char *name;
	json_t *object;
	bool told;		/* by the last list that began, or since then */
	TAILQ_ENTRY(node_peer) link;
};

TAILQ_HEAD(node_peers, node_peer);

struct node_objects {
	struct node_listeners listeners;
	struct node_peers peers;
	struct strmap peers_by_name;
	bool listing[PROXY_KINDS];	/* a list is being told */
};

struct node {
	struct node_config config;
	struct proxy *proxy;
	struct kernel *kernel;		/* NULL: none at present */
	unsigned long generation;	/* of it: counts the attached ones */
	struct fdwatch *module;		/* news of it; NULL: a test's, or no memory */
	struct kernel_watch *watch;	/* while that is open */
	struct fdwatch *addrs;		/* likewise of addresses */
	int addrs_fd;
	struct event *look;		/* for a kernel, while there is none */
	struct event *run;		/* changes wait for it */
	struct event *retry;		/* a run that failed waits for it */
	struct event *due;		/* single services do, or a look at the kernel */
	struct kernel_news *events;	/* NULL: no kernel, or no memory */
	struct health_ports *health_ports;	/* NULL: they are not wanted */
	bool health_todo;		/* they may not be what they should */
	struct liveness liveness;
	struct sync_metrics metrics;
	unsigned int retry_ms;
	bool written;			/* everything, to this kernel, once */
	bool warned;			/* in this pass */
	struct node_objects objects;
	struct err last;		/* what the log said last; "" after a success */
	/* for node_status.c; times by node_now(), 0: never */
	unsigned long long passes;
	int64_t ran, succeeded;		/* the last pass, the last good one */
	int64_t well;			/* since then all that is desired is in the kernel */
	int64_t failed;
	struct err failure;
};

static inline int64_t node_now(const struct node *n)
{
	return n->config.clock ? n->config.clock(n->config.clock_ctx) : proxy_clock(NULL);
}

/* The next turn of the loop has a pass. */
void node_changed(struct node *n);

/* News of the module and of addresses, from now on. */
void node_watch_start(struct node *n);
void node_watch_stop(struct node *n);

/* node.c: to the log, and to who was named; ctx is the node. */
void node_warn(void *ctx, const json_t *service, const char *reason, const char *message);

/* --- node_health.c */

int node_health_open(struct node *n, struct err *e);
/* The kernel holds what changed, as far as it takes it: those who ask may know. */
void node_health_updated(struct node *n);

/* --- node_listen.c: what was told to the proxy is told to all others */

void node_objects_init(struct node_objects *o);
void node_objects_clear(struct node_objects *o);
void node_tell_begin(struct node *n, enum proxy_kind kind);
void node_tell_end(struct node *n, enum proxy_kind kind);
void node_tell_void(struct node *n);
void node_tell_writes(struct node *n);
void node_tell_wrote(struct node *n);
int node_tell_object(struct node *n, enum proxy_kind kind, const json_t *object,
		     bool deleted);	/* -ENOMEM: a Node is not kept */

#endif
