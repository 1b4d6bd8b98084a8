// SPDX-License-Identifier: GPL-2.0
#include "dns_metrics.h"

#include "dns_wire.h"

#define QUERIES		"svcnat_dns_queries_total"
#define FORWARDS	"svcnat_dns_forwards_total"
#define DURATION	"svcnat_dns_query_duration_seconds"

/* Clients choose what they ask: only these are told apart. */
static const struct {
	const char *name;
	uint16_t type;
} types[DNS_METRICS_TYPES] = {
	{ "A", LDNS_RR_TYPE_A },
	{ "AAAA", LDNS_RR_TYPE_AAAA },
	{ "SRV", LDNS_RR_TYPE_SRV },
	{ "PTR", LDNS_RR_TYPE_PTR },
	{ "CNAME", LDNS_RR_TYPE_CNAME },
	{ "TXT", LDNS_RR_TYPE_TXT },
	{ "SOA", LDNS_RR_TYPE_SOA },
	{ "NS", LDNS_RR_TYPE_NS },
	{ "MX", LDNS_RR_TYPE_MX },
	{ "HTTPS", LDNS_RR_TYPE_HTTPS },
	{ "ANY", LDNS_RR_TYPE_ANY },
	{ "other", 0 },
};

static const struct {
	const char *name;
	unsigned int rcode;
} rcodes[DNS_METRICS_RCODES] = {
	{ "NOERROR", LDNS_RCODE_NOERROR },
	{ "FORMERR", LDNS_RCODE_FORMERR },
	{ "SERVFAIL", LDNS_RCODE_SERVFAIL },
	{ "NXDOMAIN", LDNS_RCODE_NXDOMAIN },
	{ "NOTIMP", LDNS_RCODE_NOTIMPL },
	{ "REFUSED", LDNS_RCODE_REFUSED },
	{ "BADVERS", DNS_RCODE_BADVERS },
	{ "other", 0 },
};

static const char *const results[DNS_FORWARD_RESULTS] = {
	[DNS_FORWARD_ANSWERED] = "answered",
	[DNS_FORWARD_ERROR] = "error",
	[DNS_FORWARD_BROKEN] = "broken",
	[DNS_FORWARD_SILENT] = "silent",
	[DNS_FORWARD_UNREACHABLE] = "unreachable",
};

void dns_metrics_init(struct dns_metrics *m)
{
	*m = (struct dns_metrics){ .cut = 0 };
	/* From an eighth of a millisecond, which is what is known here, to eight seconds. */
	metrics_buckets_exponential(&m->buckets, 0.000125, 2, 17);
	m->duration.buckets = &m->buckets;
}

void dns_metrics_answered(struct dns_metrics *m, uint16_t type, unsigned int rcode, double seconds)
{
	size_t t = 0, r = 0;

	while (t < DNS_METRICS_TYPES - 1 && types[t].type != type)
		t++;
	while (r < DNS_METRICS_RCODES - 1 && rcodes[r].rcode != rcode)
		r++;
	m->queries[t][r]++;
	metrics_observe(&m->duration, seconds);
}

static void print_queries(const struct dns_metrics *m, struct evbuffer *out)
{
	struct metrics_labels labels;
	size_t t, r;

	metrics_text_family(out, QUERIES, METRICS_COUNTER, "Queries that were answered.");
	for (t = 0; t < DNS_METRICS_TYPES; t++)
		for (r = 0; r < DNS_METRICS_RCODES; r++) {
			if (!m->queries[t][r])
				continue;
			labels.len = 0;
			metrics_labels_add(&labels, "type", types[t].name);
			metrics_labels_add(&labels, "rcode", rcodes[r].name);
			metrics_text_count(out, QUERIES, &labels, m->queries[t][r]);
		}
}

static void print_forwards(const struct dns_metrics *m, struct evbuffer *out)
{
	struct metrics_labels labels;
	size_t i;

	metrics_text_family(out, FORWARDS, METRICS_COUNTER,
			    "Questions to upstreams, by how they ended.");
	for (i = 0; i < DNS_FORWARD_RESULTS; i++) {
		labels.len = 0;
		metrics_labels_add(&labels, "result", results[i]);
		metrics_text_count(out, FORWARDS, &labels, m->forwards[i]);
	}
}

static void print_one(struct evbuffer *out, const char *name, const char *help, uint64_t count)
{
	metrics_text_family(out, name, METRICS_COUNTER, help);
	metrics_text_count(out, name, NULL, count);
}

void dns_metrics_print(const struct dns_metrics *m, struct evbuffer *out)
{
	print_queries(m, out);
	metrics_text_family(out, DURATION, METRICS_HISTOGRAM,
			    "From a query until it was answered.");
	metrics_text_histogram(out, DURATION, &m->duration);
	print_forwards(m, out);
	print_one(out, "svcnat_dns_dropped_total",
		  "What came and is no query; it got no answer.", m->dropped);
	print_one(out, "svcnat_dns_loops_total",
		  "Questions of svcd's own that an upstream has sent back.", m->loops);
	print_one(out, "svcnat_dns_refused_clients_total",
		  "Queries from addresses that may not ask.", m->refused_clients);
	print_one(out, "svcnat_dns_truncated_total",
		  "Answers that were cut, so that clients ask again by TCP.", m->cut);
}
