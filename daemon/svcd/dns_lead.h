/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The Service that leads to this node's name server: to those of its addresses that are open,
 * and that the node has. What is sent to others would be lost, and not refused.
 */
#ifndef SVCNAT_DNS_LEAD_H
#define SVCNAT_DNS_LEAD_H

#include "dns_server.h"
#include "node.h"
#include "options.h"

struct dns_lead;

struct dns_lead_config {
	struct event_base *base;	/* borrowed, as is node */
	struct node *node;
	/* As addresses_local() and addresses_watch(). */
	int (*is_local)(void *ctx, const struct ip_addr *addr, struct err *e);
	int (*watch)(struct err *e);
	void *ctx;			/* of is_local */
	unsigned int look_ms;		/* that the addresses are looked at anyway */
};

/* -ENOMEM. */
int dns_lead_alloc(struct dns_lead **out, const struct dns_lead_config *c);
/* The Service leads where it led. NULL: nothing. */
void dns_lead_free(struct dns_lead *l);

/*
 * Lead to what o has and s listens to, from now on; to be told again when s listens to others.
 * Both stay where they are. o: NULL: the Service is one as any other again.
 */
void dns_lead_set(struct dns_lead *l, const struct dns_options *o, const struct dns_server *s);

/* What is wrong; "": nothing. */
const char *dns_lead_trouble(const struct dns_lead *l);

#endif
