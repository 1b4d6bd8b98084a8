/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One Service and its Endpoints, as Kubernetes writes them, to the services of
 * the kernel: one for each port and IP family. Pure. What an API server would
 * have refused is left out.
 *
 *	compile.c		ports, addresses, policies, endpoints
 *	compile_ranges.c	loadBalancerSourceRanges
 */
#ifndef SVCNAT_COMPILE_H
#define SVCNAT_COMPILE_H

#include "kservice.h"

#include <jansson.h>

/* The node that it is compiled for; all borrowed. */
struct compile_node {
	const char *owner;		/* of the kernel services */
	const char *name;		/* an endpoint there is a local one; NULL: none is */
	const struct ip_addr *addrs;	/* the node's own */
	size_t naddrs;
	/* externalIPs outside of these are left out; empty: any is fine */
	struct kcidrs external_cidrs;
};

/*
 * Append to out, whose members are then named NAMESPACE/NAME:PORT, or
 * NAMESPACE/NAME for a port without a name. Both objects may be NULL. Nothing
 * comes of a headless service, an ExternalName, or one that another proxy
 * serves. -ENOMEM.
 *
 * Endpoints tell ready addresses from others and nothing more: that a pod is
 * terminating and serves all the same cannot be seen in them, so there is
 * neither a fallback to such pods nor an endpoint that drains.
 */
int compile_service(const json_t *service, const json_t *endpoints,
		    const struct compile_node *node, struct kservices *out);

/* Would an externalIP of this text be left out for external_cidrs? */
bool compile_disallows(const struct compile_node *node, const char *external_ip);

/* Does what comes of the Service depend on the addresses of the node? */
bool compile_needs_addrs(const json_t *service);

/*
 * compile_ranges.c: add the source ranges of s, whose frontends are complete.
 * None are added when everybody is let in. -ENOMEM.
 */
int compile_ranges(const json_t *service, const struct compile_node *node, struct kservice *s);

#endif
