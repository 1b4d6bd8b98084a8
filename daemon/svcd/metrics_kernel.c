// SPDX-License-Identifier: GPL-2.0
#include "metrics.h"

#include "addrport.h"
#include "metrics_text.h"
#include "words.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static void one(struct evbuffer *out, const char *name, enum metrics_type type, const char *help,
		uint64_t value)
{
	metrics_text_family(out, name, type, help);
	metrics_text_count(out, name, NULL, value);
}

/* --- the network namespace */

static const struct {
	const char *name, *help;
	size_t at;
} counters[] = {
	{ "svcnat_masqueraded_total",
	  "New connections that got the node's address as their source.",
	  offsetof(struct kstats, masqueraded) },
	{ "svcnat_nat_failed_total", "First packets that no free tuple was found for.",
	  offsetof(struct kstats, nat_failed) },
	{ "svcnat_invalid_dropped_total",
	  "Packets of endpoints that conntrack took for no part of a connection.",
	  offsetof(struct kstats, invalid) },
	{ "svcnat_stale_udp_total",
	  "UDP connections ended because they led elsewhere than new ones.",
	  offsetof(struct kstats, stale_udp) },
	{ "svcnat_stale_tcp_total", "TCP connections ended for the same reason.",
	  offsetof(struct kstats, stale_tcp) },
	{ "svcnat_stale_walks_total", "Walks through the connection table for that.",
	  offsetof(struct kstats, stale_walks) },
	{ "svcnat_rescheduled_total",
	  "New connections over a closing one to an endpoint that is gone.",
	  offsetof(struct kstats, rescheduled) },
	{ "svcnat_affinity_full_total", "New connections without affinity: its table was full.",
	  offsetof(struct kstats, affinity_full) },
	{ "svcnat_connections_full_total",
	  "New connections without a record: their table was full.",
	  offsetof(struct kstats, connections_full) },
};

static void print_reasons(struct evbuffer *out, const struct kstats *s)
{
	static const char name[] = "svcnat_verdicts_total";
	struct metrics_labels labels;
	unsigned int i;

	metrics_text_family(out, name, METRICS_COUNTER,
			    "New connections by what became of them, and why, in the whole network "
			    "namespace.");
	for (i = 0; i <= SVCNAT_REASON_MAX; i++) {
		labels.len = 0;
		metrics_labels_add(&labels, "verdict", words_verdict(words_verdict_of(i))->name);
		metrics_labels_add(&labels, "reason", words_reason(i)->name);
		metrics_text_count(out, name, &labels, s->counts[i]);
	}
}

static void print_stats(struct evbuffer *out, struct kernel *k)
{
	struct kstats s;
	size_t i;

	if (k->ops->stats_get(k, &s, NULL))
		return;
	print_reasons(out, &s);
	for (i = 0; i < sizeof(counters) / sizeof(*counters); i++)
		one(out, counters[i].name, METRICS_COUNTER, counters[i].help,
		    *(const uint64_t *)(const void *)((const char *)&s + counters[i].at));
}

/* --- tables, and who tells all this */

static void print_table(struct evbuffer *out, const char *name, const char *help,
			const uint32_t v[KLIMIT_N])
{
	static const char *const tables[KLIMIT_N] = {
		[KLIMIT_SERVICES] = "services",
		[KLIMIT_FRONTENDS] = "frontends",
		[KLIMIT_ENDPOINTS] = "endpoints",
		[KLIMIT_RANGES] = "ranges",
		[KLIMIT_AFFINITY] = "affinity",
		[KLIMIT_CONNECTIONS] = "connections",
	};
	struct metrics_labels labels;
	size_t i;

	metrics_text_family(out, name, METRICS_GAUGE, help);
	for (i = 0; i < KLIMIT_N; i++) {
		labels.len = 0;
		metrics_labels_add(&labels, "table", tables[i]);
		metrics_text_count(out, name, &labels, v[i]);
	}
}

static void print_build(struct evbuffer *out, const char *module)
{
	static const char name[] = "svcnat_build_info";
	struct metrics_labels labels = { .len = 0 };

	metrics_text_family(out, name, METRICS_GAUGE,
			    "Always 1; the labels are the versions of svcd and of the module.");
	metrics_labels_add(&labels, "version", SVCNAT_VERSION);
	metrics_labels_add(&labels, "module", module);
	metrics_text_count(out, name, &labels, 1);
}

static void print_settings(struct evbuffer *out, struct kernel *k)
{
	struct ksettings s = { 0 };
	bool loaded = k && !k->ops->settings_get(k, &s, NULL);

	print_build(out, s.version);
	one(out, "svcnat_module_loaded", METRICS_GAUGE, "Whether the module is in the kernel.",
	    loaded);
	if (!loaded)
		return;
	print_table(out, "svcnat_table_entries", "What there is, of all owners.", s.now);
	print_table(out, "svcnat_table_limit", "What there may be.", s.max);
	ksettings_clear(&s);
}

void metrics_print_kernel(struct evbuffer *out, const struct node *n, struct kernel *k)
{
	const struct proxy *p = node_proxy(n);

	print_settings(out, k);
	one(out, "svcnat_stuck", METRICS_GAUGE,
	    "Services and addresses that are desired and cannot be had now: see svcctl status.",
	    proxy_stuck(p));
	one(out, "svcnat_foreign_changes_total", METRICS_COUNTER,
	    "Changes by others to services and settings of svcd's, which were put right.",
	    proxy_foreign(p)->changes);
	if (k)
		print_stats(out, k);
}

/* --- services */

static const struct {
	const char *name, *help;
	enum metrics_type type;
} families[METRICS_FAMILIES] = {
	[METRICS_CONNECTIONS] = { "svcnat_service_connections_total",
		"New connections of a service port that went to an endpoint.", METRICS_COUNTER },
	[METRICS_REJECTED] = { "svcnat_service_rejected_total",
		"New connections of a service port that were refused at once.", METRICS_COUNTER },
	[METRICS_DROPPED] = { "svcnat_service_dropped_total",
		"New connections of a service port that were dropped.", METRICS_COUNTER },
	[METRICS_ENDPOINT_CONNECTIONS] = { "svcnat_endpoint_connections_total",
		"New connections that went to this endpoint.", METRICS_COUNTER },
	[METRICS_ENDPOINT_ACTIVE] = { "svcnat_endpoint_active_connections",
		"Connections that are not closing, where the service counts them.",
		METRICS_GAUGE },
	[METRICS_ENDPOINT_PACKETS] = { "svcnat_endpoint_packets_total",
		"Packets to and from the endpoint, where the service counts them.",
		METRICS_COUNTER },
	[METRICS_ENDPOINT_BYTES] = { "svcnat_endpoint_bytes_total",
		"Bytes to and from the endpoint, where the service counts them.",
		METRICS_COUNTER },
};

/* What can become of a connection to a service, and in which family that is. */
static const struct {
	enum metrics_family family;
	enum svcnat_reason reason;
} reasons[] = {
	{ METRICS_CONNECTIONS, SVCNAT_REASON_ENDPOINT },
	{ METRICS_CONNECTIONS, SVCNAT_REASON_AFFINITY },
	{ METRICS_REJECTED, SVCNAT_REASON_NO_ENDPOINTS },
	{ METRICS_DROPPED, SVCNAT_REASON_NO_LOCAL },
	{ METRICS_DROPPED, SVCNAT_REASON_SOURCE_RANGE },
};

int metrics_services_init(struct metrics_services *s, bool endpoints)
{
	size_t i;

	s->endpoints = endpoints;
	for (i = 0; i < METRICS_FAMILIES; i++) {
		s->families[i] = evbuffer_new();
		if (!s->families[i])
			return -ENOMEM;
	}
	return 0;
}

void metrics_services_clear(struct metrics_services *s)
{
	size_t i;

	for (i = 0; i < METRICS_FAMILIES; i++)
		if (s->families[i])
			evbuffer_free(s->families[i]);
	memset(s, 0, sizeof(*s));
}

/* A port without a name is the only one of its Service: its number says which one it is. */
static void add_port(struct metrics_labels *l, const struct kservice *s, const char *name)
{
	char number[8] = "";
	size_t i;

	for (i = 0; !*name && !*number && i < s->nfrontends; i++)
		if (s->frontends[i].kind != SVCNAT_KIND_NODEPORT)
			snprintf(number, sizeof(number), "%u", s->frontends[i].port);
	metrics_labels_add(l, "port", *name ? name : number);
}

/* The name is namespace/name:port; what svcd did not name so has no namespace. */
static void label_service(struct metrics_labels *l, const struct kservice *s)
{
	char name[SVCNAT_NAME_MAX + 1], *slash, *colon;

	strcpy(name, s->name);
	colon = strchr(name, ':');
	if (colon)
		*colon = '\0';
	slash = strchr(name, '/');
	if (slash)
		*slash = '\0';
	l->len = 0;
	metrics_labels_add(l, "namespace", slash ? name : "");
	metrics_labels_add(l, "service", slash ? slash + 1 : name);
	add_port(l, s, colon ? colon + 1 : "");
	metrics_labels_add(l, "protocol", ip_proto_name(s->proto));
	metrics_labels_add(l, "family", s->family == AF_INET ? "IPv4" : "IPv6");
}

static void add_sample(struct metrics_services *s, enum metrics_family family,
		       struct metrics_labels *l, const char *label, const char *value, uint64_t n)
{
	const size_t len = l->len;

	if (label)
		metrics_labels_add(l, label, value);
	metrics_text_count(s->families[family], families[family].name, l, n);
	l->len = len;
}

static void add_endpoint(struct metrics_services *s, struct metrics_labels *l,
			 const struct kendpoint *e)
{
	const size_t len = l->len;
	char text[ADDRPORT_STRLEN];

	metrics_labels_add(l, "endpoint", addrport_print(&e->addr, e->port, text));
	add_sample(s, METRICS_ENDPOINT_CONNECTIONS, l, NULL, NULL, e->connections);
	if (e->has_records) {
		add_sample(s, METRICS_ENDPOINT_ACTIVE, l, NULL, NULL, e->active);
		add_sample(s, METRICS_ENDPOINT_PACKETS, l, "direction", "to", e->packets_to);
		add_sample(s, METRICS_ENDPOINT_PACKETS, l, "direction", "from", e->packets_from);
		add_sample(s, METRICS_ENDPOINT_BYTES, l, "direction", "to", e->bytes_to);
		add_sample(s, METRICS_ENDPOINT_BYTES, l, "direction", "from", e->bytes_from);
	}
	l->len = len;
}

void metrics_services_add(struct metrics_services *s, const struct kservice *service)
{
	struct metrics_labels l;
	size_t i;

	label_service(&l, service);
	for (i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
		add_sample(s, reasons[i].family, &l, "reason",
			   words_reason(reasons[i].reason)->name,
			   service->counts[reasons[i].reason]);
	for (i = 0; s->endpoints && i < service->nendpoints; i++)
		add_endpoint(s, &l, &service->endpoints[i]);
}

void metrics_services_print(struct metrics_services *s, struct evbuffer *out)
{
	size_t i;

	for (i = 0; i < METRICS_FAMILIES; i++) {
		if (!evbuffer_get_length(s->families[i]))
			continue;
		metrics_text_family(out, families[i].name, families[i].type, families[i].help);
		evbuffer_add_buffer(out, s->families[i]);
	}
}
