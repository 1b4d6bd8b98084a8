/* SPDX-License-Identifier: GPL-2.0 */
/* What a Service says of its load balancer's address: whose it is, and what is wished for. */
#ifndef SVCNAT_LB_SERVICE_H
#define SVCNAT_LB_SERVICE_H

#include "kservice.h"

#include <jansson.h>

/* Of spec.loadBalancerClass: what a Service without a class gets, too. */
#define LB_CLASS	"svcnat/pool"

/* Annotations: those of MetalLB, with our name in front. */
#define LB_POOL		"svcnat/address-pool"
#define LB_IPS		"svcnat/loadBalancerIPs"		/* commas between them */
#define LB_SHARED	"svcnat/allow-shared-ip"	/* the same text, the same address */
#define LB_FROM		"svcnat/ip-allocated-from-pool"	/* ours: the address is from there */

const char *lb_service_note(const json_t *svc, const char *annotation);	/* "" when absent */
/* Is it for a load balancer at all, is that ours, and is it not on its way out? */
bool lb_service_ours(const json_t *svc);

/* spec.ipFamilies: how many, at most two; families is filled. */
size_t lb_service_families(const json_t *svc, int families[2]);

struct lb_wish {
	struct ip_addr ip[2];
	size_t n;			/* 0: any */
	const char *pool;		/* "": any; borrowed */
};

/* -EINVAL: what it says makes no sense. */
int lb_service_wish(const json_t *svc, struct lb_wish *w, struct err *e);
/* NULL: any will do. */
const struct ip_addr *lb_wish_of(const struct lb_wish *w, int family);

/* May both have one address? NULL; else why not, for a person. */
const char *lb_service_apart(const json_t *a, const json_t *b);

/* Was a made before b? */
bool lb_service_older(const json_t *a, const json_t *b);

#endif
