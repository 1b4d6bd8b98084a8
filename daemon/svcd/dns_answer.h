/* SPDX-License-Identifier: GPL-2.0 */
/* Who answers a query: the zone, the upstreams, or for an alias both; or it is refused. */
#ifndef SVCNAT_DNS_ANSWER_H
#define SVCNAT_DNS_ANSWER_H

#include "dns_access.h"
#include "dns_forward.h"
#include "dns_metrics.h"
#include "dns_request.h"
#include "dns_zone.h"

struct dns_answer_config {	/* all borrowed */
	struct dns_zone *zone;
	struct dns_forward *forward;
	struct dns_access *access;
	struct dns_metrics *metrics;
};

struct dns_answerer;

/* NULL: no memory. */
struct dns_answerer *dns_answerer_alloc(const struct dns_answer_config *c);
/* Nobody waits for an answer any more. */
void dns_answerer_free(struct dns_answerer *a);

/* A dns_handler; ctx is the answerer. */
void dns_answer(void *ctx, struct dns_request *r, const uint8_t *data, size_t len);

#endif
