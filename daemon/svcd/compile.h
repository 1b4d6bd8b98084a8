/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One Service and its EndpointSlices, as Kubernetes writes them, to the services
 * of the kernel: one for each port and IP family. Pure. What an API server would
 * have refused is left out.
 *
 *	compile.c		ports, addresses, policies
 *	compile_endpoints.c	slices: who is an endpoint, and who gets new connections
 *	compile_ranges.c	loadBalancerSourceRanges
 *	compile_health.c	healthCheckNodePort
 */
#ifndef SVCNAT_COMPILE_H
#define SVCNAT_COMPILE_H

#include "kservice.h"

#include <jansson.h>

/* The node that it is compiled for; all borrowed. */
struct compile_node {
	const char *owner;		/* of the kernel services */
	const char *name;		/* an endpoint there is a local one; NULL: none is */
	const char *zone;		/* of the hints for zones; NULL or "": in none */
	const struct ip_addr *addrs;	/* the node's own */
	size_t naddrs;
	/* externalIPs outside of these are left out; empty: any is fine */
	struct kcidrs external_cidrs;
};

/* Those of one Service, in any order; all borrowed. */
struct compile_slices {
	json_t *const *v;
	size_t n;
};

/*
 * Append to out, whose members are then named NAMESPACE/NAME:PORT, or
 * NAMESPACE/NAME for a port without a name. service may be NULL. Nothing comes
 * of a headless service, an ExternalName, or one that another proxy serves.
 * -ENOMEM.
 */
int compile_service(const json_t *service, const struct compile_slices *slices,
		    const struct compile_node *node, struct kservices *out);

/* Is it a Service, for this proxy, and more than a name of something elsewhere? */
bool compile_is_served(const json_t *service);

/* What a load balancer's health check is told of the Service by this node. */
struct compile_health {
	uint16_t port;		/* 0: nothing */
	size_t endpoints;	/* ready ones on this node */
};

/* compile_health.c: service may be NULL. -ENOMEM. */
int compile_health(const json_t *service, const struct compile_slices *slices,
		   const struct compile_node *node, struct compile_health *out);

/* The name of the Service that it belongs to, inside slice; NULL: it is not for this proxy. */
const char *compile_slice_service(const json_t *slice);

/* Does what comes of the slice depend on the zone of the node? */
bool compile_needs_zone(const json_t *slice);

/* Would an externalIP of this text be left out for external_cidrs? */
bool compile_disallows(const struct compile_node *node, const char *external_ip);

/* Does what comes of the Service depend on the addresses of the node? */
bool compile_needs_addrs(const json_t *service);

/*
 * compile_endpoints.c: add the endpoints of s, whose family and protocol are
 * set, to a port of this name. -ENOMEM.
 */
int compile_endpoints(const struct compile_slices *slices, const char *port_name,
		      const struct compile_node *node, struct kservice *s);

/* compile_endpoints.c: an endpoint of a slice that gets new connections */
bool compile_is_ready(const json_t *endpoint);

/* compile.c: a field; "", 0 or 0 if it is absent or nonsense. */
const char *compile_text(const json_t *object, const char *key);
uint16_t compile_port_number(const json_t *object, const char *key);
uint8_t compile_proto(const json_t *port);

/*
 * compile_ranges.c: add the source ranges of s, whose frontends are complete.
 * None are added when everybody is let in. -ENOMEM.
 */
int compile_ranges(const json_t *service, const struct compile_node *node, struct kservice *s);

#endif
