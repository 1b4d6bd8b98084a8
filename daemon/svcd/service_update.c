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

/*
 * Can port have the node port of was, the port that had its name before? Ports
 * of different protocols, such as DNS, may have one in common.
 */
static bool may_keep(const struct write *w, const json_t *port, const json_t *was)
{
	uint8_t protocol = alloc_port_protocol(jx_str(port, "protocol"));
	json_int_t n = jx_int(was, "nodePort");

	if (!n || (service_alloc_node_port(jx_get(w->obj, "spec.ports"), n) & protocol))
		return false;
	/* With another protocol it may be somebody else's. */
	return jx_is(was, "protocol", jx_str(port, "protocol")) ||
	       !alloc_port_taken(&w->alloc->port, n, protocol);
}

/*
 * A port without a node port keeps the one that its name had, unless another
 * port took it. That is for those that are given out: where they are not, leaving
 * one away means giving it back.
 */
static void carry_node_ports(const struct write *w)
{
	const json_t *before = jx_get(w->old, "spec.ports");
	json_t *ports = jx_get(w->obj, "spec.ports"), *port;
	size_t i;

	json_array_foreach(ports, i, port) {
		const json_t *was = named(before, jx_str(port, "name"));

		if (!jx_int(port, "nodePort") && may_keep(w, port, was))
			jx_set_int(port, "nodePort", jx_int(was, "nodePort"));
	}
}

/* With too many ports it will be refused, and what it would keep need not be looked for. */
static bool may_carry_ports(const json_t *svc)
{
	return json_array_size(jx_get(svc, "spec.ports")) <= SERVICE_PORTS_MAX;
}

static bool same_node_ports(const json_t *svc, const json_t *old)
{
	const json_t *ports = jx_get(svc, "spec.ports"), *before = jx_get(old, "spec.ports");

	for (size_t i = 0; i < json_array_size(ports); i++) {
		json_int_t n = jx_int(json_array_get(ports, i), "nodePort");

		if (n && !service_alloc_node_port(before, n))
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
	if (service_has_node_ports(old) && !service_has_node_ports(svc) && may_carry_ports(svc) &&
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

void service_carry_over(struct write *w)
{
	const json_t *old = w->old;
	json_t *svc = w->obj;

	if (service_has_cluster_ip(old)) {
		sync_cluster_ips(svc, old);
		if (service_has_cluster_ip(svc))
			carry_cluster_ip(svc, old);
	} else {
		service_init_cluster_ips(svc);
	}
	if (service_wants_node_ports(old) && service_wants_node_ports(svc) && may_carry_ports(svc))
		carry_node_ports(w);
	if (service_has_health_port(old) && service_has_health_port(svc) &&
	    !jx_get(svc, "spec.healthCheckNodePort"))
		copy(svc, old, "spec.healthCheckNodePort");
	drop_for_type(svc, old);
}

/* A second one may come and, with SingleStack, go; service_families.c sees to that. */
static void validate_cluster_ips(struct write *w)
{
	const json_t *was = jx_get(w->old, "spec.clusterIPs");
	const json_t *now = jx_get(w->obj, "spec.clusterIPs");

	if (!service_has_cluster_ip(w->old) || !service_has_cluster_ip(w->obj))
		return;
	for (size_t i = 0; i < json_array_size(was) && i < json_array_size(now); i++)
		if (!json_equal(json_array_get(was, i), json_array_get(now, i)))
			field_invalid(&w->errs, now, "may not change once set",
				      "spec.clusterIPs[%zu]", i);
}

void service_validate_update(struct write *w)
{
	static const char class[] = "spec.loadBalancerClass";

	validate_cluster_ips(w);
	if (service_is_type(w->old, "LoadBalancer") && service_is_type(w->obj, "LoadBalancer") &&
	    !same(w->obj, w->old, class))
		field_invalid(&w->errs, jx_get(w->obj, class), "may not change once set", class);
	if (service_has_health_port(w->old) && service_has_health_port(w->obj) &&
	    !same(w->obj, w->old, "spec.healthCheckNodePort"))
		field_forbidden(&w->errs, "field is immutable", "spec.healthCheckNodePort");
}
