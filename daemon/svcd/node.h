/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Between the objects that this node knows of and its kernel: sees to it that
 * the kernel is written soon after a change, that a failure is tried again, and
 * that a module that comes, goes or is loaded anew is noticed.
 *
 * Changes are gathered: one run of the proxy in a turn of the event loop, after
 * the requests that made them were answered.
 */
#ifndef SVCNAT_NODE_H
#define SVCNAT_NODE_H

#include "proxy.h"

#include <event2/event.h>

/* Of the services in the kernel. */
#define NODE_OWNER	"svcd"

struct node;
struct sync_metrics;

struct node_config {
	struct event_base *base;	/* borrowed; outlives the node */
	/* for the proxy, see there; used by node_alloc() only */
	const char *node_name;
	const struct ksettings *settings;
	unsigned int settings_what;
	/* for the proxy, see there */
	void (*warn)(void *ctx, const json_t *service, const char *reason, const char *message);
	/* the warnings of one pass were all given; may be NULL */
	void (*warned)(void *ctx);
	void *warn_ctx;
	/* where the kernel is; NULL: kernel_open(). The node closes what it gives. */
	int (*open)(struct kernel **out, void *ctx, struct err *e);
	void *open_ctx;
	/* what addresses the node has; NULL: addresses_read() */
	proxy_addresses *addresses;
	void *addresses_ctx;
	/* for the proxy, see there */
	int64_t (*clock)(void *ctx);
	void *clock_ctx;
	bool health_ports;		/* open the healthCheckNodePorts; see health_ports.h */
};

int node_alloc(struct node **out, const struct node_config *c, struct err *e);
/* Leaves the kernel as it is: traffic goes on without svcd. */
void node_free(struct node *n);

/* Look for the kernel, now and from now on. That there is none is said in the log, once. */
void node_start(struct node *n);

/* The module came, went, or was loaded anew: what was attached is stale in any case. */
void node_kernel_changed(struct node *n);

/* The objects; as the proxy's functions of the same names. Out of memory is an error in the log. */
void node_list_begin(struct node *n, enum proxy_kind kind);
void node_list_end(struct node *n, enum proxy_kind kind);
void node_lists_void(struct node *n);
void node_object(struct node *n, enum proxy_kind kind, const json_t *object, bool deleted);

/* As proxy_set_settings(). Out of memory is an error in the log. */
void node_set_settings(struct node *n, const struct ksettings *settings, unsigned int what);

/* As proxy_set_node_name(). Out of memory is an error in the log. */
void node_set_name(struct node *n, const char *name);

/* As proxy_set_own(). Out of memory is an error in the log. */
void node_set_own(struct node *n, const char *key, uint16_t port, const struct proxy_socket *v,
		  size_t nv);

/* Write the kernel without waiting for the loop. */
void node_run(struct node *n);

/*
 * What there is to say of the node, for people to look at: see svcd(8) for the
 * members. NULL: no memory.
 */
json_t *node_status(struct node *n);

/* For probes and metrics; times are milliseconds of the clock, 0: never. */
struct node_health {
	bool ok;		/* what changed gets written in time: see liveness.h */
	bool eligible;		/* see proxy_eligible() */
	int64_t now;
	int64_t queued;		/* the last change */
	int64_t updated;	/* everything was written the last time */
};

void node_health(const struct node *n, struct node_health *out);

/* For metrics, to be looked at. */
const struct sync_metrics *node_sync_metrics(const struct node *n);
const struct proxy *node_proxy(const struct node *n);
/*
 * The kernel that is there now; NULL: none. Whoever keeps it looks again each time
 * that the loop has turned: another generation is another kernel.
 */
struct kernel *node_kernel(const struct node *n, unsigned long *generation);

/* Was everything written once, to the kernel that is there? A health_ready; ctx is the node. */
bool node_ready(void *ctx, struct err *e);

#endif
