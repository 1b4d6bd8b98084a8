// SPDX-License-Identifier: GPL-2.0
#include "service.h"

#include "jx.h"

#include <string.h>

static bool same(const json_t *a, const json_t *b, const char *path)
{
	const json_t *x = jx_get(a, path), *y = jx_get(b, path);

	return x == y || json_equal(x, y);
}

static void copy(json_t *svc, const json_t *old, const char *path)
{
	json_t *v = jx_get(old, path);

	if (v)
		jx_set(svc, path, jx_copy(v));
}

/*
 * clusterIP and clusterIPs say the same twice. A client that knows only the
 * first one changes it alone: then the second follows.
 */
static void sync_cluster_ips(json_t *svc, const json_t *old)
{
	bool one = !same(svc, old, "spec.clusterIP"), all = !same(svc, old, "spec.clusterIPs");

	if (one && !all && !jx_get(svc, "spec.clusterIP"))
		jx_del(svc, "spec.clusterIPs");
	else if (one && (!all || !jx_get(svc, "spec.clusterIPs")) && jx_get(svc, "spec.clusterIP"))
		jx_set(svc, "spec.clusterIPs", json_pack("[s]", jx_str(svc, "spec.clusterIP")));
	else if (!one && !jx_get(svc, "spec.clusterIPs"))
		copy(svc, old, "spec.clusterIPs");
}

static void carry_cluster_ip(json_t *svc, const json_t *old)
{
	if (!jx_get(svc, "spec.clusterIP")) {
		copy(svc, old, "spec.clusterIP");
		if (!jx_get(svc, "spec.clusterIPs"))
			copy(svc, old, "spec.clusterIPs");
	}
	if (!jx_get(svc, "spec.ipFamilies"))
		copy(svc, old, "spec.ipFamilies");
	if (!jx_get(svc, "spec.ipFamilyPolicy"))
		copy(svc, old, "spec.ipFamilyPolicy");
}

/* The port of that name in ports; NULL: none. */
static const json_t *named(const json_t *ports, const char *name)
{
	for (size_t i = 0; i < json_array_size(ports); i++)
		if (jx_is(json_array_get(ports, i), "name", name))
			return json_array_get(ports, i);
	return NULL;
}

static bool uses(const json_t *ports, json_int_t node_port)
{
	for (size_t i = 0; i < json_array_size(ports); i++)
		if (jx_int(json_array_get(ports, i), "nodePort") == node_port)
			return true;
	return false;
}

/* A port without a node port keeps the one that its name had, unless another port took it. */
static void carry_node_ports(json_t *svc, const json_t *old)
{
	const json_t *before = jx_get(old, "spec.ports");
	json_t *ports = jx_get(svc, "spec.ports"), *port;
	size_t i;

	json_array_foreach(ports, i, port) {
		json_int_t was = jx_int(named(before, jx_str(port, "name")), "nodePort");

		if (!jx_int(port, "nodePort") && was && !uses(ports, was))
			jx_set_int(port, "nodePort", was);
	}
}

static bool same_node_ports(const json_t *svc, const json_t *old)
{
	const json_t *ports = jx_get(svc, "spec.ports"), *before = jx_get(old, "spec.ports");

	for (size_t i = 0; i < json_array_size(ports); i++) {
		json_int_t n = jx_int(json_array_get(ports, i), "nodePort");

		if (n && !uses(before, n))
			return false;
	}
	return true;
}

static void drop_node_ports(json_t *svc)
{
	json_t *ports = jx_get(svc, "spec.ports"), *port;
	size_t i;

	json_array_foreach(ports, i, port) {
		json_object_del(port, "nodePort");
	}
}

static void drop_if_same(json_t *svc, const json_t *old, const char *path)
{
	if (jx_get(svc, path) && same(svc, old, path))
		jx_del(svc, path);
}

/*
 * A change of type drops what the new type has no use for, as long as the
 * client did not change it too: then it is an error.
 */
static void drop_for_type(json_t *svc, const json_t *old)
{
	if (service_has_cluster_ip(old) && !service_has_cluster_ip(svc)) {
		drop_if_same(svc, old, "spec.clusterIP");
		drop_if_same(svc, old, "spec.clusterIPs");
		drop_if_same(svc, old, "spec.ipFamilies");
		drop_if_same(svc, old, "spec.ipFamilyPolicy");
	}
	if (service_has_node_ports(old) && !service_has_node_ports(svc) &&
	    same_node_ports(svc, old))
		drop_node_ports(svc);
	if (service_is_type(old, "LoadBalancer") && !service_is_type(svc, "LoadBalancer")) {
		drop_if_same(svc, old, "spec.allocateLoadBalancerNodePorts");
		drop_if_same(svc, old, "spec.loadBalancerClass");
	}
	if (service_is_external(old) && !service_is_external(svc))
		drop_if_same(svc, old, "spec.externalTrafficPolicy");
	if (service_has_health_port(old) && !service_has_health_port(svc))
		drop_if_same(svc, old, "spec.healthCheckNodePort");
	if (jx_is(svc, "spec.sessionAffinity", "None"))
		drop_if_same(svc, old, "spec.sessionAffinityConfig");
}

void service_carry_over(json_t *svc, const json_t *old)
{
	if (service_has_cluster_ip(old)) {
		sync_cluster_ips(svc, old);
		if (service_has_cluster_ip(svc))
			carry_cluster_ip(svc, old);
	} else if (jx_get(svc, "spec.clusterIP") && !jx_get(svc, "spec.clusterIPs")) {
		jx_set(svc, "spec.clusterIPs", json_pack("[s]", jx_str(svc, "spec.clusterIP")));
	}
	if (service_has_node_ports(old) && service_has_node_ports(svc))
		carry_node_ports(svc, old);
	if (service_has_health_port(old) && service_has_health_port(svc) &&
	    !jx_get(svc, "spec.healthCheckNodePort"))
		copy(svc, old, "spec.healthCheckNodePort");
	drop_for_type(svc, old);
}

static void validate_cluster_ips(struct write *w)
{
	const json_t *was = jx_get(w->old, "spec.clusterIPs");
	const json_t *now = jx_get(w->obj, "spec.clusterIPs");
	static const char once[] = "may not change once set";

	if (!service_has_cluster_ip(w->old) || !service_has_cluster_ip(w->obj))
		return;
	if (!json_equal(json_array_get(was, 0), json_array_get(now, 0)))
		field_invalid(&w->errs, now ? now : json_null(), once, "spec.clusterIPs[0]");
	else if (json_array_size(was) > 1 && json_array_size(now) > 1 &&
		 !json_equal(json_array_get(was, 1), json_array_get(now, 1)))
		field_invalid(&w->errs, now, once, "spec.clusterIPs[1]");
	else if (json_array_size(was) > 1 && json_array_size(now) == 1 &&
		 !jx_is(w->obj, "spec.ipFamilyPolicy", "SingleStack"))
		field_invalid(&w->errs, jx_get(w->obj, "spec.ipFamilyPolicy"),
			      "must be set to 'SingleStack' when releasing the secondary clusterIP",
			      "spec.ipFamilyPolicy");
}

void service_validate_update(struct write *w)
{
	validate_cluster_ips(w);
	if (service_is_type(w->old, "LoadBalancer") && service_is_type(w->obj, "LoadBalancer") &&
	    !same(w->obj, w->old, "spec.loadBalancerClass")) {
		json_t *class = jx_get(w->obj, "spec.loadBalancerClass");

		field_invalid(&w->errs, class ? class : json_null(), "may not change once set",
			      "spec.loadBalancerClass");
	}
	if (service_has_health_port(w->old) && service_has_health_port(w->obj) &&
	    !same(w->obj, w->old, "spec.healthCheckNodePort"))
		field_forbidden(&w->errs, "field is immutable", "spec.healthCheckNodePort");
}
