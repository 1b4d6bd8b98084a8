// SPDX-License-Identifier: GPL-2.0
/* The Service's fields but for its addresses, in the order in which users know the errors. */
#include "service.h"

#include "jx.h"
#include "meta.h"

#include <string.h>

#define AFFINITY_TIMEOUT_MAX	86400
#define TOPOLOGY_HINTS		"service.kubernetes.io/topology-aware-hints"
#define TOPOLOGY_MODE		"service.kubernetes.io/topology-mode"

static const char *const types[] = { "ClusterIP", "ExternalName", "LoadBalancer", "NodePort",
				     NULL };
static const char *const protocols[] = { "SCTP", "TCP", "UDP", NULL };
static const char *const affinities[] = { "ClientIP", "None", NULL };
static const char *const policies[] = { "Cluster", "Local", NULL };
static const char *const distributions[] = { "PreferClose", "PreferSameZone", "PreferSameNode",
					     NULL };

/* Is the string at path one of list? An absent one is not asked. */
static void one_of(struct write *w, const char *path, const char *const *list)
{
	const json_t *v = jx_get(w->obj, path);

	if (v && !format_one_of(list, json_string_value(v)))
		field_unsupported(&w->errs, v, list, "%s", path);
}

/* Is the number of the port at index i one that a port can have? */
static void validate_number(struct write *w, const json_t *number, const char *at, size_t i)
{
	const char *bad = format_port(json_integer_value(number));

	if (bad)
		field_invalid(&w->errs, number, bad, at, i);
}

static void validate_target(struct write *w, const json_t *port, size_t i)
{
	const json_t *target = json_object_get(port, "targetPort");
	static const char at[] = "spec.ports[%zu].targetPort";

	if (json_is_string(target))
		field_format(&w->errs, target, format_port_name_rules, at, i);
	else
		validate_number(w, target, at, i);
}

static void validate_port_name(struct write *w, const json_t *ports, const json_t *port, size_t i)
{
	const json_t *name = json_object_get(port, "name");

	if (!name) {
		if (json_array_size(ports) > 1)
			field_required(&w->errs, "", "spec.ports[%zu].name", i);
		return;
	}
	field_format(&w->errs, name, format_dns1123_label_rules, "spec.ports[%zu].name", i);
	for (size_t j = 0; j < i; j++) {
		if (!json_equal(name, json_object_get(json_array_get(ports, j), "name")))
			continue;
		field_duplicate(&w->errs, name, "spec.ports[%zu].name", i);
		break;
	}
}

static void validate_port(struct write *w, const json_t *ports, size_t i)
{
	const json_t *port = json_array_get(ports, i);
	const json_t *app = json_object_get(port, "appProtocol");

	validate_port_name(w, ports, port, i);
	validate_number(w, json_object_get(port, "port"), "spec.ports[%zu].port", i);
	if (!format_one_of(protocols, jx_str(port, "protocol")))
		field_unsupported(&w->errs, json_object_get(port, "protocol"), protocols,
				  "spec.ports[%zu].protocol", i);
	validate_target(w, port, i);
	if (app)
		field_format(&w->errs, app, format_qualified_name_rules,
			     "spec.ports[%zu].appProtocol", i);
}

/* Does an earlier port have the same protocol and the same key? */
static bool seen(const json_t *ports, size_t i, const char *key)
{
	const json_t *port = json_array_get(ports, i);

	for (size_t j = 0; j < i; j++) {
		const json_t *other = json_array_get(ports, j);

		if (jx_int(other, key) == jx_int(port, key) &&
		    jx_is(other, "protocol", jx_str(port, "protocol")))
			return true;
	}
	return false;
}

static void forbid_node_ports(struct write *w, const json_t *ports)
{
	if (!service_is_type(w->obj, "ClusterIP"))
		return;
	for (size_t i = 0; i < json_array_size(ports); i++)
		if (json_object_get(json_array_get(ports, i), "nodePort"))
			field_forbidden(&w->errs, "may not be used when `type` is 'ClusterIP'",
					"spec.ports[%zu].nodePort", i);
}

static void validate_duplicates(struct write *w, const json_t *ports)
{
	for (size_t i = 0; i < json_array_size(ports); i++) {
		const json_t *port = json_array_get(ports, i);

		if (jx_int(port, "nodePort") && seen(ports, i, "nodePort"))
			field_duplicate(&w->errs, json_object_get(port, "nodePort"),
					"spec.ports[%zu].nodePort", i);
	}
	for (size_t i = 0; i < json_array_size(ports); i++) {
		const json_t *port = json_array_get(ports, i);
		json_t *key;

		if (!seen(ports, i, "port"))
			continue;
		key = jx_must(json_pack("{s:s, s:s, s:n, s:I, s:i, s:i}", "Name", "", "Protocol",
					jx_str(port, "protocol"), "AppProtocol", "Port",
					jx_int(port, "port"), "TargetPort", 0, "NodePort", 0));
		field_duplicate(&w->errs, key, "spec.ports[%zu]", i);
		json_decref(key);
	}
}

static bool too_many_ports(struct write *w, const json_t *ports)
{
	if (json_array_size(ports) <= SERVICE_PORTS_MAX)
		return false;
	field_too_many(&w->errs, json_array_size(ports), SERVICE_PORTS_MAX, "spec.ports");
	return true;
}

static void validate_selector(struct write *w)
{
	const json_t *selector = jx_get(w->obj, "spec.selector");
	const char *key;
	json_t *v;

	/* "app:" with nothing behind it is a slip, and would select what has an empty label. */
	json_object_foreach((json_t *)selector, key, v) {
		if (json_is_null(v))
			field_required(&w->errs, "a label's value is missing", "spec.selector.%s",
				       key);
	}
	meta_validate_labels(selector, "spec.selector", &w->errs);
}

static void validate_affinity(struct write *w)
{
	static const char path[] = "spec.sessionAffinityConfig.clientIP.timeoutSeconds";
	const json_t *timeout = jx_get(w->obj, path);
	json_int_t n = json_integer_value(timeout);

	one_of(w, "spec.sessionAffinity", affinities);
	if (jx_is(w->obj, "spec.sessionAffinity", "ClientIP") &&
	    (n <= 0 || n > AFFINITY_TIMEOUT_MAX))
		field_invalid(&w->errs, timeout, "must be greater than 0 and less than 86400",
			      path);
	if (jx_is(w->obj, "spec.sessionAffinity", "None") &&
	    jx_get(w->obj, "spec.sessionAffinityConfig"))
		field_forbidden(&w->errs, "must not be set when session affinity is None",
				"spec.sessionAffinityConfig");
}

static void validate_external_name(struct write *w)
{
	static const char *const unwanted[] = { "clusterIPs", "ipFamilies", "ipFamilyPolicy" };
	const char *name = jx_str(w->obj, "spec.externalName");
	size_t n = strlen(name);
	json_t *bare;

	for (size_t i = 0; i < sizeof(unwanted) / sizeof(unwanted[0]); i++)
		if (json_object_get(jx_get(w->obj, "spec"), unwanted[i]))
			field_forbidden(&w->errs, "may not be set for ExternalName services",
					"spec.%s", unwanted[i]);
	/* A trailing dot only says that the name is complete. */
	bare = jx_must(json_stringn(name, n && name[n - 1] == '.' ? n - 1 : n));
	if (json_string_length(bare))
		field_format(&w->errs, bare, format_dns1123_subdomain_rules, "spec.externalName");
	else
		field_required(&w->errs, "", "spec.externalName");
	json_decref(bare);
}

static void validate_by_type(struct write *w)
{
	if (service_is_type(w->obj, "ExternalName"))
		validate_external_name(w);
	else if (service_has_node_ports(w->obj) && service_is_headless(w->obj))
		field_invalid(&w->errs, json_array_get(jx_get(w->obj, "spec.clusterIPs"), 0),
			      service_is_type(w->obj, "NodePort") ?
			      "may not be set to 'None' for NodePort services" :
			      "may not be set to 'None' for LoadBalancer services",
			      "spec.clusterIPs[0]");
}

static void balancer_only(struct write *w, const char *path)
{
	if (jx_get(w->obj, path))
		field_forbidden(&w->errs, "may only be used when `type` is 'LoadBalancer'", "%s",
				path);
}

static void validate_balancer(struct write *w)
{
	const json_t *class = jx_get(w->obj, "spec.loadBalancerClass");
	const json_t *wish = jx_get(w->obj, "spec.loadBalancerIP");

	service_validate_source_ranges(w);
	if (!service_is_type(w->obj, "LoadBalancer")) {
		balancer_only(w, "spec.allocateLoadBalancerNodePorts");
		balancer_only(w, "spec.loadBalancerClass");
		return;
	}
	if (class)
		field_format(&w->errs, class, format_qualified_name_rules,
			     "spec.loadBalancerClass");
	/* What it means to somebody else's class is not ours to say. */
	else if (wish)
		field_format(&w->errs, wish, format_ip_rules, "spec.loadBalancerIP");
}

static void validate_policies(struct write *w)
{
	const json_t *external = jx_get(w->obj, "spec.externalTrafficPolicy");
	const json_t *port = jx_get(w->obj, "spec.healthCheckNodePort");

	if (external && !service_is_external(w->obj))
		field_invalid(&w->errs, external,
			      "may only be set for externally-accessible services",
			      "spec.externalTrafficPolicy");
	else
		one_of(w, "spec.externalTrafficPolicy", policies);
	if (port && !service_has_health_port(w->obj))
		field_invalid(&w->errs, port, "may only be set when `type` is 'LoadBalancer' and "
			      "`externalTrafficPolicy` is 'Local'", "spec.healthCheckNodePort");
	one_of(w, "spec.internalTrafficPolicy", policies);
	one_of(w, "spec.trafficDistribution", distributions);
}

/* The older and the newer name of one wish. */
static void validate_topology(struct write *w)
{
	const json_t *annotations = jx_get(w->obj, "metadata.annotations");
	const json_t *hints = json_object_get(annotations, TOPOLOGY_HINTS);
	const json_t *mode = json_object_get(annotations, TOPOLOGY_MODE);

	if (hints && mode && !json_equal(hints, mode))
		field_invalid(&w->errs, mode,
			      "must match annotations[" TOPOLOGY_HINTS "] when both are specified",
			      "metadata.annotations[%s]", TOPOLOGY_MODE);
}

/* The order is the one in which users of Kubernetes see the errors. */
void service_validate(struct write *w)
{
	const json_t *ports = jx_get(w->obj, "spec.ports");
	bool many = too_many_ports(w, ports);

	validate_topology(w);
	if (!json_array_size(ports) && !service_is_headless(w->obj) &&
	    !service_is_type(w->obj, "ExternalName"))
		field_required(&w->errs, "", "spec.ports");
	validate_by_type(w);
	for (size_t i = 0; !many && i < json_array_size(ports); i++)
		validate_port(w, ports, i);
	validate_selector(w);
	validate_affinity(w);
	/* Of the types that have them, service_set_families() has asked. */
	if (!format_one_of(types, jx_str(w->obj, "spec.type")))
		service_validate_cluster_ips(w);
	service_validate_external_ips(w);
	one_of(w, "spec.type", types);
	if (!many) {
		forbid_node_ports(w, ports);
		validate_duplicates(w, ports);
	}
	validate_balancer(w);
	validate_policies(w);
}
