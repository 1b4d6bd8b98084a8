/* SPDX-License-Identifier: GPL-2.0 */
/*
 * healthCheckNodePort: on a port of each Service that wants it, load balancers
 * ask whether this node has endpoints. The answers are those of kube-proxy's
 * pkg/proxy/healthcheck/service_health.go, byte for byte.
 */
#ifndef SVCNAT_HEALTH_PORTS_H
#define SVCNAT_HEALTH_PORTS_H

#include "proxy.h"

#include <event2/event.h>

/* Connections to all of them together. */
#define HEALTH_PORTS_CALLS_MAX	512

struct health_ports;

struct health_ports_config {
	struct event_base *base;
	/* which addresses of this node, as KSETTINGS_NODEPORT_CIDRS; borrowed */
	const struct kcidrs *cidrs;
	proxy_addresses *addresses;
	void *addresses_ctx;
	bool (*healthy)(void *ctx);	/* is the rest of svcd? */
	/* see proxy_config; a port that cannot be opened */
	void (*warn)(void *ctx, const json_t *service, const char *reason, const char *message);
	void *ctx;			/* of these two */
	unsigned int retry_ms;		/* 0: 5 s */
};

/* NULL: no memory. */
struct health_ports *health_ports_alloc(const struct health_ports_config *c);
void health_ports_free(struct health_ports *h);

/*
 * Make it what p says, on the addresses that the node has now. What cannot be
 * opened is warned of once and tried again; all else works. -ENOMEM: call it again.
 */
int health_ports_sync(struct health_ports *h, const struct proxy *p);

#endif
