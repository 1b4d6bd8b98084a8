// SPDX-License-Identifier: GPL-2.0
/* The Service's schema and the order of its rules. */
#include "service.h"

#include "jx.h"
#include "schema_table.h"

#include <string.h>

static const struct schema port_fields[] = {
	STRING("name", 0), STRING("protocol", 0), STRING("appProtocol", KEEP),
	INT("port", KEEP), INT_OR_STRING("targetPort", KEEP),
	INT("nodePort", 0), END
};

static const struct schema client_ip_fields[] = { INT("timeoutSeconds", KEEP), END };
static const struct schema affinity_fields[] = {
	OBJECT("clientIP", client_ip_fields, "ClientIPConfig"), END
};

static const struct schema spec_fields[] = {
	LIST_OF("ports", port_fields, "ServicePort"),
	{ "selector", SCHEMA_MAP, SCHEMA_NULLS, NULL, NULL },
	STRING("clusterIP", 0),
	STRINGS("clusterIPs"),
	STRING("type", 0),
	STRINGS("externalIPs"),
	STRING("sessionAffinity", 0),
	STRING("loadBalancerIP", 0),
	STRINGS("loadBalancerSourceRanges"),
	STRING("externalName", 0),
	STRING("externalTrafficPolicy", 0),
	INT("healthCheckNodePort", 0),
	BOOL("publishNotReadyAddresses", 0),
	OBJECT("sessionAffinityConfig", affinity_fields, "SessionAffinityConfig"),
	STRINGS("ipFamilies"),
	STRING("ipFamilyPolicy", KEEP),
	BOOL("allocateLoadBalancerNodePorts", KEEP),
	STRING("loadBalancerClass", KEEP),
	STRING("internalTrafficPolicy", KEEP),
	STRING("trafficDistribution", KEEP),
	END
};

static const struct schema port_status_fields[] = {
	INT("port", KEEP), STRING("protocol", KEEP), STRING("error", 0), END
};
static const struct schema ingress_fields[] = {
	STRING("ip", 0), STRING("hostname", 0), STRING("ipMode", KEEP),
	LIST_OF("ports", port_status_fields, "PortStatus"), END
};
static const struct schema balancer_fields[] = {
	LIST_OF("ingress", ingress_fields, "LoadBalancerIngress"), END
};
static const struct schema status_fields[] = {
	OBJECT("loadBalancer", balancer_fields, "LoadBalancerStatus"),
	LIST_OF("conditions", schema_condition, "Condition"), END
};

static const struct schema service_fields[] = {
	SCHEMA_TOP,
	OBJECT("spec", spec_fields, "ServiceSpec"),
	OBJECT("status", status_fields, "ServiceStatus"),
	END
};

bool service_is_type(const json_t *svc, const char *type)
{
	return jx_is(svc, "spec.type", type);
}

bool service_is_headless(const json_t *svc)
{
	const json_t *ips = jx_get(svc, "spec.clusterIPs");
	const char *first = json_string_value(json_array_get(ips, 0));

	return first ? !strcmp(first, "None") : jx_is(svc, "spec.clusterIP", "None");
}

bool service_has_cluster_ip(const json_t *svc)
{
	return service_is_type(svc, "ClusterIP") || service_has_node_ports(svc);
}

bool service_has_node_ports(const json_t *svc)
{
	return service_is_type(svc, "NodePort") || service_is_type(svc, "LoadBalancer");
}

bool service_wants_node_ports(const json_t *svc)
{
	return service_has_node_ports(svc) &&
	       !(service_is_type(svc, "LoadBalancer") &&
		 json_is_false(jx_get(svc, "spec.allocateLoadBalancerNodePorts")));
}

bool service_is_external(const json_t *svc)
{
	return service_has_node_ports(svc) ||
	       (service_is_type(svc, "ClusterIP") &&
		json_array_size(jx_get(svc, "spec.externalIPs")));
}

bool service_has_health_port(const json_t *svc)
{
	return service_is_type(svc, "LoadBalancer") &&
	       jx_is(svc, "spec.externalTrafficPolicy", "Local");
}

/* An address of a load balancer goes when the type that had it does. */
static void set_status(struct write *w)
{
	if (!jx_get(w->obj, "status.loadBalancer") || !service_is_type(w->obj, "LoadBalancer"))
		jx_set(w->obj, "status.loadBalancer", json_object());
}

static void prepare(struct write *w)
{
	if (!jx_get(w->obj, "spec"))
		jx_set(w->obj, "spec", json_object());
	service_set_defaults(w->obj);
	if (w->old)
		service_carry_over(w);
	else
		service_init_cluster_ips(w->obj);
	service_set_families(w);
	set_status(w);
}

static void validate(struct write *w)
{
	if (w->old)
		service_validate_update(w);
	service_validate(w);
	if (!w->taken)
		service_alloc_check(w);
}

static void finish(struct write *w)
{
	/* A name has no use for it; it was looked at, and is not shown. */
	if (service_is_type(w->obj, "ExternalName"))
		jx_del(w->obj, "spec.internalTrafficPolicy");
}

static void prepare_status(struct write *w)
{
	json_t *list, *ing;
	size_t i;

	if (!jx_get(w->obj, "status.loadBalancer"))
		jx_set(w->obj, "status.loadBalancer", json_object());
	list = jx_get(w->obj, "status.loadBalancer.ingress");
	json_array_foreach(list, i, ing) {
		if (*jx_str(ing, "ip") && !jx_get(ing, "ipMode"))
			jx_set_str(ing, "ipMode", "VIP");
	}
}

static void validate_ingress(struct write *w, const json_t *ing, size_t i)
{
	static const char *const modes[] = { "Proxy", "VIP", NULL };
	static const char at[] = "status.loadBalancer.ingress[%zu].%s";
	const json_t *ip = jx_get(ing, "ip"), *host = jx_get(ing, "hostname");
	const json_t *mode = jx_get(ing, "ipMode");

	if (ip)
		field_format(&w->errs, ip, format_ip_rules, at, i, "ip");
	if (mode && !ip)
		field_forbidden(&w->errs, "may not be specified when `ip` is not set", at, i,
				"ipMode");
	else if (mode && strcmp(jx_str(ing, "ipMode"), "VIP") &&
		 strcmp(jx_str(ing, "ipMode"), "Proxy"))
		field_unsupported(&w->errs, mode, modes, at, i, "ipMode");
	if (!host)
		return;
	field_format(&w->errs, host, format_dns1123_subdomain_rules, at, i, "hostname");
	if (format_is_ip(json_string_value(host)))
		field_invalid(&w->errs, host, "must be a DNS name, not an IP address", at, i,
			      "hostname");
}

static void validate_status(struct write *w)
{
	const json_t *list = jx_get(w->obj, "status.loadBalancer.ingress");

	if (json_array_size(list) && !service_is_type(w->obj, "LoadBalancer")) {
		field_forbidden(&w->errs, "may only be used when `spec.type` is 'LoadBalancer'",
				"status.loadBalancer.ingress");
		return;
	}
	for (size_t i = 0; i < json_array_size(list); i++)
		validate_ingress(w, json_array_get(list, i), i);
}

const struct rules service_rules = {
	.plural = "services",
	.schema = OBJECT(NULL, service_fields, "Service"),
	.name_rules = format_dns1035_label_rules,
	.prepare = prepare,
	.validate = validate,
	.prepare_status = prepare_status,
	.validate_status = validate_status,
	.finish = finish,
	.allocate = service_alloc_fill,
	.delete_returns_object = true,
	.update_creates = true,
};
