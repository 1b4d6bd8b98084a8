// SPDX-License-Identifier: GPL-2.0
#include "service.h"

#include "jx.h"

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

void service_init_cluster_ips(json_t *svc)
{
	json_t *one = jx_get(svc, "spec.clusterIP");

	if (one && !jx_get(svc, "spec.clusterIPs"))
		jx_set(svc, "spec.clusterIPs", json_pack("[O]", one));
}
