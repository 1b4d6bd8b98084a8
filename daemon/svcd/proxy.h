/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The node's side: it is told of Services, EndpointSlices and Nodes, by the
 * registry of this very svcd or by the one that it follows, and makes the kernel
 * hold what they mean. It knows where the objects come from as little as where
 * the kernel services go to.
 *
 * Objects are only taken note of when they are told; proxy_run() compiles what
 * is touched by the changes and writes what differs. No service is written
 * before all kinds were listed completely once: a lost authority leaves the
 * node as it is. An empty list is a complete one. The settings are the node's own
 * and do not wait.
 */
#ifndef SVCNAT_PROXY_H
#define SVCNAT_PROXY_H

#include "kernel.h"

#include <jansson.h>

enum proxy_kind { PROXY_SERVICE, PROXY_SLICE, PROXY_NODE };
#define PROXY_KINDS	3

/* The addresses that the node has now; *out is to be freed. 0 or a negative errno. */
typedef int proxy_addresses(void *ctx, struct ip_addr **out, size_t *n, struct err *e);

struct proxy_config {
	const char *owner;		/* of the kernel services; copied */
	/* whose endpoints are local, whose Node has our zone; copied; NULL: nobody's */
	const char *node_name;
	/* for the kernel, of which what (a mask of KSETTINGS_*) is meant; copied; NULL: nothing */
	const struct ksettings *settings;
	unsigned int settings_what;
	proxy_addresses *addresses;	/* NULL: none are known */
	void *addresses_ctx;
	/* what a Service's owner should know, such as an address that another has; may be NULL */
	void (*warn)(void *ctx, const json_t *service, const char *reason, const char *message);
	void *ctx;
	/* milliseconds, never backwards; NULL: CLOCK_MONOTONIC */
	int64_t (*clock)(void *ctx);
	void *clock_ctx;
};

struct proxy;

int proxy_alloc(struct proxy **out, const struct proxy_config *c, struct err *e);
void proxy_free(struct proxy *p);	/* leaves the kernel as it is */

/*
 * Other settings in the place of those of proxy_config, from the next run on; what is not
 * meant any more stays in the kernel as it is. -ENOMEM: they are as before.
 */
int proxy_set_settings(struct proxy *p, const struct ksettings *settings, unsigned int what);

/*
 * The node has another name: the next run compiles everything for that one. The Nodes are to
 * be told again, as a list; until they are, the zone is as before. -ENOMEM: it is as before.
 */
int proxy_set_node_name(struct proxy *p, const char *name);

/* A socket of the node itself. */
struct proxy_socket {
	struct ip_addr addr;
	uint16_t port;
};

/*
 * The Service of that key, NAMESPACE/NAME, leads to the node itself: its TCP and UDP ports of
 * this number to these sockets, whatever its EndpointSlices say, and its others nowhere. n 0:
 * it is a Service as any other. Copied. 1: that is new; 0: it was so; -ENOMEM: as before.
 */
int proxy_set_own(struct proxy *p, const char *key, uint16_t port, const struct proxy_socket *v,
		  size_t n);

/*
 * The kernel to write to, borrowed; NULL: none at present. A new one, or the
 * same one again, gets everything at the next run.
 */
void proxy_attach(struct proxy *p, struct kernel *k);

/*
 * A complete list: whatever is not told between begin and end is gone. A second
 * begin starts over.
 */
void proxy_list_begin(struct proxy *p, enum proxy_kind kind);
void proxy_list_end(struct proxy *p, enum proxy_kind kind);

/* The lists come from elsewhere now: nothing is written before all of them are complete again. */
void proxy_lists_void(struct proxy *p);
/* Did a list of this kind end once? Of all kinds? */
bool proxy_has_list(const struct proxy *p, enum proxy_kind kind);
bool proxy_listed(const struct proxy *p);

/*
 * One object as it is now (a reference is taken), or deleted. Of the Nodes only
 * the own one matters. -ENOMEM.
 */
int proxy_object(struct proxy *p, enum proxy_kind kind, const json_t *object, bool deleted);

/*
 * Each Service or EndpointSlice that is known; told: only those that the last list that began,
 * or news since then, have named.
 */
void proxy_objects_each(const struct proxy *p, enum proxy_kind kind, bool told,
			void (*tell)(void *ctx, const json_t *object), void *ctx);

/*
 * Make the kernel equal, by the addresses that the node has now. 0: it is, or
 * there is nothing to do yet. Otherwise the first error; what failed stays
 * pending and is tried again by the next run, what could be written was.
 * -ENODEV: the module is gone; open it again and attach it.
 */
int proxy_run(struct proxy *p, struct err *e);

/* Was the last run's error of single services, and all others were written? */
bool proxy_refused(const struct proxy *p);

/* Services in the kernel, and addresses of Services, that are desired and cannot be had now. */
size_t proxy_stuck(const struct proxy *p);

/*
 * May load balancers send to this node? Not when its Node object is being
 * deleted, was deleted, or has the taint of the cluster autoscaler for that. A
 * node that has none may do without.
 */
bool proxy_eligible(const struct proxy *p);

/* Each Service with a healthCheckNodePort, and its ready endpoints on this node. */
typedef void proxy_health(void *ctx, const char *name, const json_t *service, uint16_t port,
			  size_t endpoints);
void proxy_health_each(const struct proxy *p, proxy_health *tell, void *ctx);
/* Where pods are, as far as it is known. */
const struct kcidrs *proxy_pod_cidrs(const struct proxy *p);
/* Which addresses of the node have node ports, and these ports; none of a family: all of it. */
const struct kcidrs *proxy_nodeport_cidrs(const struct proxy *p);
/* Did proxy_health_each() change since the last call of this? */
bool proxy_health_news(struct proxy *p);

/*
 * When the causes of changes that were told since the last call happened, in
 * seconds of the day's clock; see proxy_cause.c.
 */
void proxy_causes_take(struct proxy *p, void (*take)(void *ctx, double at), void *ctx);

/* Ports of Services of policy Local that have endpoints, and none on this node. */
struct proxy_no_local {
	size_t internal, external;
};

void proxy_count_no_local(const struct proxy *p, struct proxy_no_local *out);

/* Will the next run write everything, or only what changed? */
bool proxy_is_full(const struct proxy *p);

/* Adds "counts", "stuck" and "foreignChanges" to status. -ENOMEM. */
int proxy_status(const struct proxy *p, json_t *status);
/* A time of the clock as the API writes it; NULL: no memory. */
json_t *proxy_when(const struct proxy *p, int64_t t);

/* The clock of who is given none. */
int64_t proxy_clock(void *ctx);

/*
 * In how many milliseconds a run is due that no object is the cause of: for
 * what was refused, each service with its own pauses, or for what somebody else
 * did to the kernel. -1: none is.
 */
int proxy_next(const struct proxy *p);

/*
 * What the kernel tells of itself, by whoever it was done. An event is whole
 * (see kevent_join()); it is compared with what the proxy left there, so its own
 * changes are no news to it. The next run puts right what somebody else changed
 * of the proxy's services and settings, and tries again what was refused.
 */
void proxy_kernel_event(struct proxy *p, const struct kevent *ev);
/* Some events were lost: the next run reads what the kernel holds. */
void proxy_kernel_lost(struct proxy *p);

/* What somebody else did, and when: milliseconds of the clock, 0: never. */
struct proxy_foreign {
	unsigned long long changes;	/* to services or settings of the proxy's */
	int64_t last;
};

const struct proxy_foreign *proxy_foreign(const struct proxy *p);

#endif
