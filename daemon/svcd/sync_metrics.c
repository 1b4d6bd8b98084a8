// SPDX-License-Identifier: GPL-2.0
#include "sync_metrics.h"

#include <stddef.h>
#include <time.h>

/* kube-proxy's buckets, so that its dashboards and alerts fit: from 1 ms to 16 s, ... */
static void make_sync_buckets(struct metrics_buckets *b)
{
	metrics_buckets_exponential(b, 0.001, 2, 15);
}

/* ... and to five minutes, finer where it matters; it has one for 0, too. */
static void make_programming_buckets(struct metrics_buckets *b)
{
	metrics_buckets_linear(b, 0, 0.25, 3);
	metrics_buckets_linear(b, 1, 1, 59);
	metrics_buckets_linear(b, 60, 5, 12);
	metrics_buckets_linear(b, 120, 30, 7);
}

void sync_metrics_init(struct sync_metrics *m)
{
	*m = (struct sync_metrics){ .services = 0 };
	make_sync_buckets(&m->sync_buckets);
	make_programming_buckets(&m->programming_buckets);
	m->all.buckets = m->full.buckets = m->partial.buckets = &m->sync_buckets;
	m->programming.buckets = &m->programming_buckets;
}

void sync_metrics_changed(struct sync_metrics *m, enum proxy_kind kind)
{
	if (kind == PROXY_SERVICE) {
		m->services++;
		m->services_pending++;
	} else if (kind == PROXY_SLICE) {
		m->endpoints++;
		m->endpoints_pending++;
	}
}

void sync_metrics_ran(struct sync_metrics *m, double seconds, bool full)
{
	metrics_observe(&m->all, seconds);
	metrics_observe(full ? &m->full : &m->partial, seconds);
}

static void observe_cause(void *ctx, double at)
{
	struct sync_metrics *m = ctx;
	struct timespec now;
	double seconds;

	clock_gettime(CLOCK_REALTIME, &now);
	seconds = (double)now.tv_sec + (double)now.tv_nsec / 1e9 - at;
	/* The clocks of two machines differ. */
	metrics_observe(&m->programming, seconds < 0 ? 0 : seconds);
}

void sync_metrics_updated(struct sync_metrics *m, struct proxy *p)
{
	m->services_pending = 0;
	m->endpoints_pending = 0;
	proxy_causes_take(p, observe_cause, m);
}

static const struct {
	const char *name, *help;
	size_t at;
} histograms[] = {
	{ "kubeproxy_sync_proxy_rules_duration_seconds",
	  "How long a pass that wrote the kernel took.", offsetof(struct sync_metrics, all) },
	{ "kubeproxy_sync_full_proxy_rules_duration_seconds",
	  "The same, of the passes that wrote all services.", offsetof(struct sync_metrics, full) },
	{ "kubeproxy_sync_partial_proxy_rules_duration_seconds",
	  "The same, of the passes that wrote what had changed.",
	  offsetof(struct sync_metrics, partial) },
	{ "kubeproxy_network_programming_duration_seconds",
	  "From what caused a change of endpoints until this node had it in its kernel.",
	  offsetof(struct sync_metrics, programming) },
};

static const struct {
	const char *name, *help;
	enum metrics_type type;
	size_t at;
} numbers[] = {
	{ "kubeproxy_sync_proxy_rules_service_changes_total", "Changes of Services seen so far.",
	  METRICS_COUNTER, offsetof(struct sync_metrics, services) },
	{ "kubeproxy_sync_proxy_rules_service_changes_pending",
	  "Changes of Services that are not in the kernel yet.", METRICS_GAUGE,
	  offsetof(struct sync_metrics, services_pending) },
	{ "kubeproxy_sync_proxy_rules_endpoint_changes_total",
	  "Changes of EndpointSlices seen so far.", METRICS_COUNTER,
	  offsetof(struct sync_metrics, endpoints) },
	{ "kubeproxy_sync_proxy_rules_endpoint_changes_pending",
	  "Changes of EndpointSlices that are not in the kernel yet.", METRICS_GAUGE,
	  offsetof(struct sync_metrics, endpoints_pending) },
};

void sync_metrics_print(const struct sync_metrics *m, struct evbuffer *out)
{
	const char *base = (const char *)m;
	size_t i;

	for (i = 0; i < sizeof(histograms) / sizeof(*histograms); i++) {
		metrics_text_family(out, histograms[i].name, METRICS_HISTOGRAM,
				    histograms[i].help);
		metrics_text_histogram(out, histograms[i].name,
				       (const void *)(base + histograms[i].at));
	}
	for (i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		metrics_text_family(out, numbers[i].name, numbers[i].type, numbers[i].help);
		metrics_text_count(out, numbers[i].name, NULL,
				   *(const uint64_t *)(const void *)(base + numbers[i].at));
	}
}
