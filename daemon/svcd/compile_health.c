// SPDX-License-Identifier: GPL-2.0
/*
 * What load balancers ask each node, as kube-proxy 1.36 answers it: who has a
 * healthCheckNodePort is said by NeedsHealthCheck() in pkg/api/v1/service/util.go,
 * who counts by LocalReadyEndpoints() in pkg/proxy.
 */
#include "compile.h"

#include "addrport.h"
#include "addrset.h"

#include <errno.h>
#include <string.h>

static bool has_port(const json_t *slice)
{
	const json_t *list = json_object_get(slice, "ports");
	size_t i;

	for (i = 0; i < json_array_size(list); i++)
		if (compile_port_number(json_array_get(list, i), "port"))
			return true;
	return false;
}

static bool is_local(const json_t *endpoint, const struct compile_node *node)
{
	return node->name && *node->name &&
	       !strcmp(compile_text(endpoint, "nodeName"), node->name);
}

/* An address counts once, whatever ports it has and in how many slices it is. */
static int count_slice(const json_t *slice, uint8_t family, const struct compile_node *node,
		       struct addrset *seen)
{
	const char *type = family == AF_INET ? "IPv4" : "IPv6";
	const json_t *list = json_object_get(slice, "endpoints"), *endpoint;
	struct ip_addr addr;
	const char *text;
	int added = 0;
	size_t i;

	if (strcmp(compile_text(slice, "addressType"), type) || !has_port(slice))
		return 0;
	for (i = 0; added >= 0 && i < json_array_size(list); i++) {
		endpoint = json_array_get(list, i);
		text = json_string_value(json_array_get(json_object_get(endpoint, "addresses"), 0));
		if (text && is_local(endpoint, node) && compile_is_ready(endpoint) &&
		    !ip_addr_parse(text, &addr, NULL) && addr.family == family &&
		    !addrport_special(&addr))
			added = addrset_add(seen, &addr, 0);
	}
	return added < 0 ? added : 0;
}

static int count_family(const struct compile_slices *slices, uint8_t family,
			const struct compile_node *node, size_t *n)
{
	struct addrset seen = { 0 };
	size_t i;
	int err = 0;

	for (i = 0; !err && i < slices->n; i++)
		err = count_slice(slices->v[i], family, node, &seen);
	*n = seen.n;
	addrset_clear(&seen);
	return err;
}

static uint16_t port_of(const json_t *service)
{
	const json_t *spec = json_object_get(service, "spec");

	if (!compile_is_served(service) || strcmp(compile_text(spec, "type"), "LoadBalancer") ||
	    strcmp(compile_text(spec, "externalTrafficPolicy"), "Local"))
		return 0;
	return compile_port_number(spec, "healthCheckNodePort");
}

int compile_health(const json_t *service, const struct compile_slices *slices,
		   const struct compile_node *node, struct compile_health *out)
{
	size_t v4, v6;
	int err;

	*out = (struct compile_health){ .port = port_of(service) };
	if (!out->port)
		return 0;
	err = count_family(slices, AF_INET, node, &v4);
	if (!err)
		err = count_family(slices, AF_INET6, node, &v6);
	if (err)
		return err;
	/* A pod with an address of each family is one endpoint. */
	out->endpoints = v4 > v6 ? v4 : v6;
	return 0;
}
