/* SPDX-License-Identifier: GPL-2.0 */
/* What a node counts of its passes, by kube-proxy's definitions (pkg/proxy/metrics/metrics.go). */
#ifndef SVCNAT_SYNC_METRICS_H
#define SVCNAT_SYNC_METRICS_H

#include "metrics_text.h"
#include "proxy.h"

struct sync_metrics {
	struct metrics_buckets sync_buckets, programming_buckets;
	struct metrics_histogram all, full, partial;	/* how long a pass took, seconds */
	struct metrics_histogram programming;	/* from a change's cause until it was written */
	/* changes of Services and EndpointSlices, and those that are not written */
	uint64_t services, endpoints, services_pending, endpoints_pending;
};

void sync_metrics_init(struct sync_metrics *m);
void sync_metrics_changed(struct sync_metrics *m, enum proxy_kind kind);
void sync_metrics_ran(struct sync_metrics *m, double seconds, bool full);
/* All of it was written. */
void sync_metrics_updated(struct sync_metrics *m, struct proxy *p);

/* The families kubeproxy_sync_* and kubeproxy_network_*, but for times of the day. */
void sync_metrics_print(const struct sync_metrics *m, struct evbuffer *out);

#endif
