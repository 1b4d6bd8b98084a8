// SPDX-License-Identifier: GPL-2.0
#include "metrics.h"

#include "metrics_text.h"
#include "sync_metrics.h"

#include <time.h>

/* A time of the node's clock as seconds of the day's; 0: never. */
static double wall(const struct node_health *h, int64_t t)
{
	struct timespec now;

	if (!t)
		return 0;
	clock_gettime(CLOCK_REALTIME, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9 - (double)(h->now - t) / 1000;
}

static void print_times(struct evbuffer *out, const struct node *n)
{
	static const char last[] = "kubeproxy_sync_proxy_rules_last_timestamp_seconds";
	static const char queued[] = "kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds";
	struct node_health h;

	node_health(n, &h);
	metrics_text_family(out, last, METRICS_GAUGE,
			    "When the kernel was last made to hold everything, in seconds since "
			    "1970.");
	metrics_text_value(out, last, NULL, wall(&h, h.updated));
	metrics_text_family(out, queued, METRICS_GAUGE,
			    "When a change was last seen, in seconds since 1970.");
	metrics_text_value(out, queued, NULL, wall(&h, h.queued));
}

static void print_labelled(struct evbuffer *out, const char *name, const char *label,
			   const char *value, uint64_t n)
{
	struct metrics_labels labels;

	labels.len = 0;
	metrics_labels_add(&labels, label, value);
	metrics_text_count(out, name, &labels, n);
}

static void print_no_local(struct evbuffer *out, const struct node *n)
{
	static const char name[] = "kubeproxy_sync_proxy_rules_no_local_endpoints_total";
	struct proxy_no_local count;

	proxy_count_no_local(node_proxy(n), &count);
	metrics_text_family(out, name, METRICS_GAUGE,
			    "Service ports of traffic policy Local whose endpoints are all on "
			    "other nodes.");
	print_labelled(out, name, "traffic_policy", "internal", count.internal);
	print_labelled(out, name, "traffic_policy", "external", count.external);
}

static void print_probe(struct evbuffer *out, const char *name, const char *help,
			const struct probe_counts *c)
{
	metrics_text_family(out, name, METRICS_COUNTER, help);
	print_labelled(out, name, "code", "200", c->ok);
	print_labelled(out, name, "code", "503", c->failed);
}

void metrics_print_node(struct evbuffer *out, const struct node *n, const struct probes *probes)
{
	sync_metrics_print(node_sync_metrics(n), out);
	print_times(out, n);
	print_no_local(out, n);
	print_probe(out, "kubeproxy_proxy_healthz_total", "Answers of /healthz.", &probes->healthz);
	print_probe(out, "kubeproxy_proxy_livez_total", "Answers of /livez.", &probes->livez);
}
