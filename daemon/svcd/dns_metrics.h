/* SPDX-License-Identifier: GPL-2.0 */
/* What the DNS server counts: svcnat_dns_*. */
#ifndef SVCNAT_DNS_METRICS_H
#define SVCNAT_DNS_METRICS_H

#include "metrics_text.h"

#define DNS_METRICS_TYPES	12	/* of queries; the last: all others */
#define DNS_METRICS_RCODES	8	/* likewise */

/* How a question to an upstream ended. */
enum dns_forward_result {
	DNS_FORWARD_ANSWERED,
	DNS_FORWARD_ERROR,		/* with an rcode that says that it could not */
	DNS_FORWARD_BROKEN,		/* with something that is none */
	DNS_FORWARD_SILENT,
	DNS_FORWARD_UNREACHABLE,
	DNS_FORWARD_RESULTS
};

struct dns_metrics {
	uint64_t queries[DNS_METRICS_TYPES][DNS_METRICS_RCODES];
	uint64_t forwards[DNS_FORWARD_RESULTS];
	uint64_t dropped;		/* what came and is no query: it got no answer */
	uint64_t refused_clients;	/* of queries: for where they came from */
	uint64_t loops;			/* likewise, for being our own */
	uint64_t cut;			/* of answers */
	struct metrics_buckets buckets;
	struct metrics_histogram duration;	/* seconds, from the query to the answer */
};

void dns_metrics_init(struct dns_metrics *m);
/* A query was answered. type 0: it could not be read. */
void dns_metrics_answered(struct dns_metrics *m, uint16_t type, unsigned int rcode,
			  double seconds);
void dns_metrics_print(const struct dns_metrics *m, struct evbuffer *out);

#endif
