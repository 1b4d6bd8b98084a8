/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /metrics: what kube-proxy tells under the same names, what the kernel counts,
 * and the process. svcd(8) has the list of them.
 *
 *	metrics.c		a scrape: the kernel's services are read in parts, a
 *				part in each turn of the loop; who asks meanwhile gets
 *				the same answer
 *	metrics_node.c		kubeproxy_*
 *	metrics_kernel.c	svcnat_*
 *	metrics_process.c	process_*
 *	dns_metrics.c		svcnat_dns_*
 *	fastpath.c		svcnat_fastpath_*
 *	metrics_text.c		how they are written
 */
#ifndef SVCNAT_METRICS_H
#define SVCNAT_METRICS_H

#include "http_port.h"
#include "node.h"
#include "probes.h"

struct dns;
struct fastpath;
struct metrics;

struct metrics_config {
	struct event_base *base;	/* borrowed, as are node and probes */
	struct node *node;
	const struct fastpath *fastpath;	/* likewise; NULL: none */
	const struct dns *dns;		/* likewise; NULL: none */
	const struct probes *probes;
	bool endpoints;			/* also a series for each endpoint */
};

struct metrics *metrics_alloc(const struct metrics_config *c);	/* NULL: no memory */
/* From the next scrape on. */
void metrics_set_endpoints(struct metrics *m, bool endpoints);
/* Nobody waits for a scrape any more. */
void metrics_free(struct metrics *m);

/* An http_port_handler; ctx is the metrics. */
void metrics_handle(struct http_call *call, void *ctx);

/* metrics_node.c */
void metrics_print_node(struct evbuffer *out, const struct node *n, const struct probes *probes);

/* metrics_process.c; what cannot be read in /proc is left out */
void metrics_print_process(struct evbuffer *out, double started);
/* To be asked once: the clocks of which it is made drift. 0: not known. */
double metrics_process_start(void);

/* --- metrics_kernel.c */

/* Of svcd and of the whole network namespace; k NULL: the module is not there. */
void metrics_print_kernel(struct evbuffer *out, const struct node *n, struct kernel *k);

/* The families of which each service has samples; the last ones are of endpoints. */
enum metrics_family {
	METRICS_CONNECTIONS,
	METRICS_REJECTED,
	METRICS_DROPPED,
	METRICS_ENDPOINT_CONNECTIONS,
	METRICS_ENDPOINT_ACTIVE,
	METRICS_ENDPOINT_PACKETS,
	METRICS_ENDPOINT_BYTES,
	METRICS_FAMILIES
};

/* The samples of all services so far: a family is of one piece. */
struct metrics_services {
	struct evbuffer *families[METRICS_FAMILIES];
	bool endpoints;
};

int metrics_services_init(struct metrics_services *s, bool endpoints);	/* -ENOMEM */
void metrics_services_add(struct metrics_services *s, const struct kservice *service);
/* Append all to out. */
void metrics_services_print(struct metrics_services *s, struct evbuffer *out);
void metrics_services_clear(struct metrics_services *s);

#endif
