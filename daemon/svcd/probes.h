/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /healthz and /livez of the node's proxy, on a TCP port, as kube-proxy answers
 * them: load balancers ask the former, a service manager the latter. (Those on
 * the API's socket are Kubernetes' API server's: see health.h.)
 */
#ifndef SVCNAT_PROBES_H
#define SVCNAT_PROBES_H

#include "http_port.h"
#include "node.h"

#include <time.h>

/* Times that something was answered; for the metrics. */
struct probe_counts {
	unsigned long long ok, failed;	/* 200, 503 */
};

struct announce;

struct probes {
	/* how the node is; ctx is the node */
	void (*health)(const struct node *n, struct node_health *out);
	const struct node *node;
	/* the time of day, and nanoseconds since svcd began */
	void (*now)(void *ctx, struct timespec *wall, int64_t *run_ns);
	void *now_ctx;
	/* what it does is told by /healthz, too; NULL: there is none */
	const struct announce *announce;
	struct probe_counts healthz, livez;
};

/* An http_port_handler; ctx is a struct probes. */
void probes_handle(struct http_call *call, void *ctx);

#endif
