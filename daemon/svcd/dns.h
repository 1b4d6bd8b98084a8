/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DNS on this node: names of Services for its pods and itself, and the way to other names.
 *
 *	dns.c		what the options want, and when
 *	dns_zone.h	what the names are
 *	dns_answer.c	who answers a query
 *	dns_server.h	sockets
 *	dns_lead.h	the Service whose ClusterIP leads to them
 *	dns_forward.c	other servers
 *	dns_wire.h	messages
 */
#ifndef SVCNAT_DNS_H
#define SVCNAT_DNS_H

#include "node.h"
#include "options.h"

#include <event2/buffer.h>

struct dns;

struct dns_config {
	struct event_base *base;	/* borrowed, as is node */
	struct node *node;
	unsigned int retry_ms;		/* what cannot be opened is tried again; 0: 5 s */
	unsigned int look_ms;		/* at resolv.conf, and at the node's addresses; 0: 5 s */
	unsigned int check_ms;		/* as of dns_forward.h */
	/* Is an address the node's own, and news of these; NULL: as addresses.h has them. */
	int (*is_local)(void *ctx, const struct ip_addr *addr, struct err *e);
	int (*watch)(struct err *e);
	void *ctx;			/* of is_local */
};

/* o stays where it is until dns_set() or dns_close(). Without an address nothing is done. */
int dns_open(struct dns **out, const struct dns_config *c, const struct options *o, struct err *e);
/* From now on so. What fails is in the log, and as before. */
void dns_set(struct dns *d, const struct options *o);
void dns_close(struct dns *d);

/* Adds "dns" to status, if there is any. true: nothing is wrong. */
bool dns_status(const struct dns *d, json_t *status);
/* svcnat_dns_*, if there is any. */
void dns_print_metrics(const struct dns *d, struct evbuffer *out);

#endif
