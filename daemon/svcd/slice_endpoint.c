// SPDX-License-Identifier: GPL-2.0
/*
 * One endpoint of a slice. The rules are those of Kubernetes' controller, but
 * for one: a pod on a node that nobody made a Node object of is an endpoint
 * like others, only without a zone.
 */
#include "slice.h"

#include "jx.h"
#include "podview.h"
#include "topology.h"

#include <stdlib.h>
#include <string.h>

static int name_cmp(const void *a, const void *b)
{
	return strcmp(jx_str(*(json_t *const *)a, "name"), jx_str(*(json_t *const *)b, "name"));
}

static json_t *make_port(const json_t *port, json_int_t number)
{
	json_t *p = jx_must(json_object());

	jx_set_str(p, "name", jx_str(port, "name"));
	jx_set_str(p, "protocol", jx_str(port, "protocol"));
	jx_set_int(p, "port", number);
	if (jx_get(port, "appProtocol"))
		jx_set_str(p, "appProtocol", jx_str(port, "appProtocol"));
	return p;
}

json_t *slice_ports(const json_t *svc, const json_t *pod)
{
	const json_t *ports = jx_get(svc, "spec.ports");
	size_t n = json_array_size(ports), k = 0;
	json_t *list, **v = jx_must(calloc(n + 1, sizeof(*v)));

	for (size_t i = 0; i < n; i++) {
		const json_t *port = json_array_get(ports, i);
		json_int_t number = podview_target_port(pod, port);

		if (number)
			v[k++] = make_port(port, number);
	}
	list = k ? jx_must(json_array()) : json_null();
	qsort(v, k, sizeof(*v), name_cmp);
	for (size_t i = 0; i < k; i++)
		jx_append(list, v[i]);
	free(v);
	return list;
}

static void set_conditions(json_t *endpoint, const json_t *svc, const json_t *pod)
{
	bool terminating = *jx_str(pod, "metadata.deletionTimestamp");
	bool serving = podview_ready(pod);
	bool ready = jx_bool(svc, "spec.publishNotReadyAddresses") || (serving && !terminating);

	jx_set(endpoint, "conditions.ready", json_boolean(ready));
	jx_set(endpoint, "conditions.serving", json_boolean(serving));
	jx_set(endpoint, "conditions.terminating", json_boolean(terminating));
}

/* KEP-2433, KEP-3015: an endpoint is for its own zone, or node. Only ready ones have hints. */
static void set_hints(json_t *endpoint, const char *distribution)
{
	const char *zone = jx_str(endpoint, "zone"), *node = jx_str(endpoint, "nodeName");
	bool same_node = !strcmp(distribution, "PreferSameNode");

	json_object_del(endpoint, "hints");
	if (!*distribution || !jx_bool(endpoint, "conditions.ready"))
		return;
	if (*zone)
		jx_set(endpoint, "hints.forZones", json_pack("[{s:s}]", "name", zone));
	if (*node && same_node)
		jx_set(endpoint, "hints.forNodes", json_pack("[{s:s}]", "name", node));
}

void slice_endpoint_set_zone(json_t *endpoint, const char *zone, const char *distribution)
{
	json_object_del(endpoint, "hints");
	json_object_del(endpoint, "zone");
	if (*zone)
		jx_set_str(endpoint, "zone", zone);
	set_hints(endpoint, distribution);
}

json_t *slice_endpoint(const json_t *svc, const json_t *pod, int family, const char *zone)
{
	const char *node = jx_str(pod, "spec.nodeName"), *host = jx_str(pod, "spec.hostname");
	char text[INET6_ADDRSTRLEN];
	struct ip_addr ip;
	json_t *e;

	if (podview_terminal(pod) || !podview_ip(pod, family, &ip))
		return NULL;
	e = jx_must(json_object());
	jx_set(e, "addresses", json_pack("[s]", ip_addr_print(&ip, text)));
	set_conditions(e, svc, pod);
	if (*host && jx_is(pod, "spec.subdomain", jx_str(svc, "metadata.name")))
		jx_set_str(e, "hostname", host);
	jx_set_str(e, "targetRef.kind", "Pod");
	jx_set_str(e, "targetRef.namespace", jx_str(pod, "metadata.namespace"));
	jx_set_str(e, "targetRef.name", jx_str(pod, "metadata.name"));
	jx_set_str(e, "targetRef.uid", jx_str(pod, "metadata.uid"));
	if (*node)
		jx_set_str(e, "nodeName", node);
	slice_endpoint_set_zone(e, zone, topology_distribution(svc));
	return e;
}
