// SPDX-License-Identifier: GPL-2.0
#include "node_priv.h"

#include "addresses.h"

#include <errno.h>

static bool is_healthy(void *ctx)
{
	struct node_health h;

	node_health(ctx, &h);
	return h.ok;
}

int node_health_open(struct node *n, struct err *e)
{
	const struct health_ports_config c = {
		.base = n->config.base,
		.cidrs = proxy_nodeport_cidrs(n->proxy),
		.addresses = n->config.addresses ? n->config.addresses : addresses_read,
		.addresses_ctx = n->config.addresses_ctx,
		.healthy = is_healthy,
		.warn = node_warn,
		.ctx = n,
	};

	sync_metrics_init(&n->metrics);
	if (!n->config.health_ports)
		return 0;
	n->health_ports = health_ports_alloc(&c);
	return n->health_ports ? 0 : err_set(e, ENOMEM, "out of memory");
}

void node_health_updated(struct node *n)
{
	/* Objects that were told wait for the rest of their lists. */
	if (!proxy_listed(n->proxy) &&
	    (n->metrics.services_pending || n->metrics.endpoints_pending))
		return;
	liveness_updated(&n->liveness, node_now(n));
	sync_metrics_updated(&n->metrics, n->proxy);
	if (proxy_health_news(n->proxy))
		n->health_todo = true;
	if (n->health_ports && n->health_todo && proxy_listed(n->proxy))
		n->health_todo = health_ports_sync(n->health_ports, n->proxy) < 0;
}

void node_health(const struct node *n, struct node_health *out)
{
	*out = (struct node_health){ .now = node_now(n) };
	out->ok = liveness_ok(&n->liveness, out->now);
	out->eligible = proxy_eligible(n->proxy);
	out->queued = n->liveness.queued;
	out->updated = n->liveness.updated;
}

const struct sync_metrics *node_sync_metrics(const struct node *n)
{
	return &n->metrics;
}

const struct proxy *node_proxy(const struct node *n)
{
	return n->proxy;
}

struct kernel *node_kernel(const struct node *n, unsigned long *generation)
{
	*generation = n->generation;
	return n->kernel;
}
