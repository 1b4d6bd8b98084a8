// SPDX-License-Identifier: GPL-2.0
#include "service.h"

#include "jx.h"

#include <string.h>

#define AFFINITY_TIMEOUT	10800

static void set_if_absent(json_t *o, const char *path, json_t *value)
{
	if (jx_get(o, path))
		json_decref(value);
	else
		jx_set(o, path, value);
}

static void port_defaults(json_t *port)
{
	json_t *target = json_object_get(port, "targetPort");

	if (!json_object_get(port, "port"))
		jx_set_int(port, "port", 0);
	set_if_absent(port, "protocol", json_string("TCP"));
	if (!target || (json_is_string(target) && !json_string_length(target)) ||
	    (json_is_integer(target) && !json_integer_value(target)))
		jx_set(port, "targetPort", json_incref(json_object_get(port, "port")));
}

void service_set_defaults(json_t *svc)
{
	json_t *ports = jx_get(svc, "spec.ports"), *port;
	size_t i;

	set_if_absent(svc, "spec.type", json_string("ClusterIP"));
	set_if_absent(svc, "spec.sessionAffinity", json_string("None"));
	if (jx_is(svc, "spec.sessionAffinity", "ClientIP"))
		set_if_absent(svc, "spec.sessionAffinityConfig.clientIP.timeoutSeconds",
			      json_integer(AFFINITY_TIMEOUT));
	json_array_foreach(ports, i, port) {
		port_defaults(port);
	}
	if (service_has_cluster_ip(svc))
		set_if_absent(svc, "spec.internalTrafficPolicy", json_string("Cluster"));
	if (service_is_external(svc))
		set_if_absent(svc, "spec.externalTrafficPolicy", json_string("Cluster"));
	if (service_is_type(svc, "LoadBalancer"))
		set_if_absent(svc, "spec.allocateLoadBalancerNodePorts", json_true());
}

static json_t *list_of(json_t *svc, const char *path)
{
	json_t *list = jx_get(svc, path);

	if (!list) {
		list = jx_must(json_array());
		jx_set(svc, path, list);
	}
	return list;
}

static bool has(const json_t *list, const char *s)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!strcmp(json_string_value(json_array_get(list, i)), s))
			return true;
	return false;
}

/* Families that follow from the addresses that were asked for. */
static void families_of_ips(json_t *svc, json_t *families)
{
	const json_t *ips = jx_get(svc, "spec.clusterIPs");

	for (size_t i = json_array_size(families); i < json_array_size(ips); i++) {
		struct ip_addr ip;

		if (ip_addr_parse(json_string_value(json_array_get(ips, i)), &ip, NULL))
			return;
		jx_append(families, json_string(ip.family == AF_INET ? "IPv4" : "IPv6"));
	}
}

static void add_other_family(const struct service_alloc *a, json_t *families)
{
	for (size_t i = 0; i < a->nip; i++) {
		const char *name = service_alloc_family_name(&a->ip[i]);

		if (!has(families, name))
			jx_append(families, json_string(name));
	}
}

static void check_families(struct write *w, const json_t *families)
{
	const json_t *policy = jx_get(w->obj, "spec.ipFamilyPolicy");

	if (jx_is(w->obj, "spec.ipFamilyPolicy", "RequireDualStack") && w->alloc->nip < 2 &&
	    !(service_is_headless(w->obj) && !jx_get(w->obj, "spec.selector")))
		field_invalid(&w->errs, policy, "this cluster is not configured for dual-stack "
			      "services", "spec.ipFamilyPolicy");
	if (json_array_size(families) > 1 &&
	    jx_is(w->obj, "spec.ipFamilyPolicy", "SingleStack"))
		field_invalid(&w->errs, policy,
			      "must be 'RequireDualStack' or 'PreferDualStack' when "
			      "multiple IP families or cluster IPs are specified",
			      "spec.ipFamilyPolicy");
	for (size_t i = 0; i < json_array_size(families); i++)
		if (!service_alloc_family(w->alloc, json_string_value(json_array_get(families, i))))
			field_invalid(&w->errs, json_array_get(families, i),
				      "not configured on this cluster", "spec.ipFamilies[%zu]", i);
}

/* A headless Service without selector may have endpoints of any family: it asks for both. */
static void default_policy(json_t *svc)
{
	bool both = service_is_headless(svc) && !jx_get(svc, "spec.selector");

	set_if_absent(svc, "spec.ipFamilyPolicy",
		      json_string(both ? "RequireDualStack" : "SingleStack"));
}

/* Going from two families to one: what was not changed loses its second. */
static void trim_second(json_t *svc, const json_t *old, const char *path)
{
	json_t *now = jx_get(svc, path);

	if (json_array_size(now) != 2 || !json_equal(now, jx_get(old, path)))
		return;
	now = jx_copy(now);
	json_array_remove(now, 1);
	jx_set(svc, path, now);
}

static bool families_unchanged(const struct write *w)
{
	return w->old && service_has_cluster_ip(w->old) &&
	       json_equal(jx_get(w->obj, "spec.ipFamilies"), jx_get(w->old, "spec.ipFamilies")) &&
	       json_equal(jx_get(w->obj, "spec.clusterIPs"), jx_get(w->old, "spec.clusterIPs")) &&
	       jx_is(w->obj, "spec.ipFamilyPolicy", jx_str(w->old, "spec.ipFamilyPolicy"));
}

void service_set_families(struct write *w)
{
	size_t before = json_array_size(w->errs.causes);
	json_t *svc = w->obj, *families;

	if (!service_has_cluster_ip(svc) || families_unchanged(w))
		return;
	if (w->old && jx_is(svc, "spec.ipFamilyPolicy", "SingleStack")) {
		trim_second(svc, w->old, "spec.ipFamilies");
		trim_second(svc, w->old, "spec.clusterIPs");
	}
	service_validate_cluster_ips(w);
	if (json_array_size(w->errs.causes) > before)
		return;
	families = list_of(svc, "spec.ipFamilies");
	families_of_ips(svc, families);
	default_policy(svc);
	if (!json_array_size(families))
		jx_append(families, json_string(service_alloc_family_name(&w->alloc->ip[0])));
	check_families(w, families);
	if (!jx_is(svc, "spec.ipFamilyPolicy", "SingleStack"))
		add_other_family(w->alloc, families);
}
