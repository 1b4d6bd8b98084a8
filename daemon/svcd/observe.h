/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ports on which a node is watched from outside: probes, and metrics. What
 * cannot be opened is in the log once, and tried again: no packet depends on it.
 */
#ifndef SVCNAT_OBSERVE_H
#define SVCNAT_OBSERVE_H

#include "announce.h"
#include "listen_address.h"
#include "node.h"

struct dns;
struct fastpath;
struct observe;

struct observe_config {
	struct event_base *base;	/* borrowed, as is node */
	struct node *node;
	const struct announce *announce;	/* borrowed; NULL: none */
	const struct fastpath *fastpath;	/* likewise */
	const struct dns *dns;		/* likewise */
	const struct listen_address *health, *metrics;	/* copied */
	bool metrics_endpoints;		/* see metrics.h */
	unsigned int retry_ms;		/* 0: 5 s */
};

int observe_open(struct observe **out, const struct observe_config *c, struct err *e);
/* From now on there, and so; those who are connected are answered. */
void observe_set(struct observe *o, const struct listen_address *health,
		 const struct listen_address *metrics, bool metrics_endpoints);
void observe_close(struct observe *o);

#endif
