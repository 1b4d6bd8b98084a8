// SPDX-License-Identifier: GPL-2.0
#include "soak_objects.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PODS_PER_SERVICE	3
#define NODES			3

unsigned int soak_below(unsigned int n)
{
	return (unsigned int)rand() % n;
}

static const char *pick(const char *const *words, size_t n)
{
	return words[soak_below((unsigned int)n)];
}

#define PICK(...) pick((const char *const[]){ __VA_ARGS__ }, \
		       sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static const struct resource *type(const char *plural)
{
	const struct resource *core = resource_by_plural("v1", plural);

	return core ? core : resource_by_plural("discovery.k8s.io/v1", plural);
}

/* --- writes --- */

static void done(struct soak_objects *o, struct reply *r)
{
	if (r->code < 300)
		o->written++;
	else
		o->refused++;
	json_decref(r->body);
	json_decref(r->warnings);
}

static void create(struct soak_objects *o, const char *plural, json_t *body)
{
	const struct resource *res = type(plural);
	struct reply r = { 0 };

	registry_create(o->r, res, res->namespaced ? "default" : NULL, body, 0, &r);
	json_decref(body);
	done(o, &r);
}

static void change(struct soak_objects *o, const char *plural, const char *name, const char *sub,
		   json_t *patch)
{
	const struct resource *res = type(plural);
	struct reply r = { 0 };

	registry_patch(o->r, res, res->namespaced ? "default" : NULL, name, sub, patch, 0, &r);
	json_decref(patch);
	done(o, &r);
}

static void destroy(struct soak_objects *o, const char *plural, const char *name)
{
	const struct resource *res = type(plural);
	struct reply r = { 0 };

	registry_delete(o->r, res, res->namespaced ? "default" : NULL, name, 0, &r);
	done(o, &r);
}

/* The caller's; NULL: there is none. */
static json_t *find(struct soak_objects *o, const char *plural, const char *name)
{
	const struct resource *res = type(plural);
	struct reply r = { 0 };

	registry_get(o->r, res, res->namespaced ? "default" : NULL, name, &r);
	if (r.code == 200)
		return r.body;
	json_decref(r.body);
	return NULL;
}

static json_t *named(const char *name, json_t *spec)
{
	return json_pack("{s:{s:s}, s:o}", "metadata", "name", name, "spec", spec);
}

/* --- Services --- */

static json_t *ports(void)
{
	json_t *list = json_array();
	unsigned int i, n = 1 + soak_below(3);
	char name[16];

	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "p%u", i);
		json_array_append_new(list, json_pack(
			"{s:s, s:i, s:s, s:i}", "name", name, "port", 80 + i, "protocol",
			PICK("TCP", "TCP", "UDP", "SCTP"), "targetPort", 8080 + soak_below(3)));
	}
	return list;
}

/* Few enough that many want the same one. */
static json_t *external_ips(void)
{
	unsigned int i, n = soak_below(3);
	json_t *list = json_array();
	char ip[32];

	for (i = 0; i < n; i++) {
		snprintf(ip, sizeof(ip), "192.0.2.%u", 1 + 20 * i + soak_below(20));
		json_array_append_new(list, json_string(ip));
	}
	return list;
}

static json_t *selector(const char *name)
{
	return soak_below(5) ? json_pack("{s:s}", "app", name) : json_null();
}

static json_t *new_service(const char *name)
{
	return named(name, json_pack("{s:s, s:o, s:o, s:o, s:s}", "type",
				     PICK("ClusterIP", "ClusterIP", "NodePort", "LoadBalancer"),
				     "ports", ports(), "selector", selector(name), "externalIPs",
				     external_ips(), "ipFamilyPolicy",
				     PICK("SingleStack", "SingleStack", "PreferDualStack")));
}

static json_t *new_spec(const char *name)
{
	switch (soak_below(9)) {
	case 0:
		return json_pack("{s:s}", "type", PICK("ClusterIP", "NodePort", "LoadBalancer"));
	case 1:
		return json_pack("{s:o}", "ports", ports());
	case 2:
		return json_pack("{s:s}", "externalTrafficPolicy", PICK("Cluster", "Local"));
	case 3:
		return json_pack("{s:s}", "internalTrafficPolicy", PICK("Cluster", "Local"));
	case 4:
		return json_pack("{s:s}", "sessionAffinity", PICK("None", "ClientIP"));
	case 5:
		return json_pack("{s:o}", "selector", selector(name));
	case 6:
		return json_pack("{s:s}", "trafficDistribution",
				 PICK("PreferSameZone", "PreferSameNode"));
	case 7:
		return json_pack("{s:b}", "publishNotReadyAddresses", (int)soak_below(2));
	default:
		return json_pack("{s:o}", "externalIPs", external_ips());
	}
}

static void step_service(struct soak_objects *o)
{
	char name[32];
	json_t *have;

	snprintf(name, sizeof(name), "s%u", soak_below(o->services));
	have = find(o, "services", name);
	if (!have)
		create(o, "services", new_service(name));
	else if (!soak_below(4))
		destroy(o, "services", name);
	else
		change(o, "services", name, NULL, json_pack("{s:o}", "spec", new_spec(name)));
	json_decref(have);
}

/* A label by which it is somebody else's, and an address of a load balancer. */
static void step_rare(struct soak_objects *o)
{
	char name[32], ip[32];

	snprintf(name, sizeof(name), "s%u", soak_below(o->services));
	snprintf(ip, sizeof(ip), "203.0.113.%u", soak_below(100));
	if (soak_below(2))
		change(o, "services", name, NULL, json_pack(
			"{s:{s:{s:o}}}", "metadata", "labels",
			"service.kubernetes.io/service-proxy-name",
			soak_below(4) ? json_null() : json_string("other")));
	else
		change(o, "services", name, "status", json_pack(
			"{s:{s:{s:[{s:s}]}}}", "status", "loadBalancer", "ingress", "ip", ip));
}

/* --- what is behind them --- */

static json_t *pod_status(unsigned int i)
{
	char ip[32];

	snprintf(ip, sizeof(ip), "10.244.%u.%u", i / 250, 1 + i % 250);
	return json_pack("{s:{s:s, s:s, s:[{s:s}], s:[{s:s, s:s}]}}", "status", "phase", "Running",
			 "podIP", ip, "podIPs", "ip", ip, "conditions", "type", "Ready", "status",
			 PICK("True", "True", "True", "False"));
}

static void step_pod(struct soak_objects *o)
{
	unsigned int i = soak_below(o->services * PODS_PER_SERVICE);
	char name[32], app[32];
	json_t *have;

	snprintf(name, sizeof(name), "pod%u", i);
	snprintf(app, sizeof(app), "s%u", i / PODS_PER_SERVICE);
	have = find(o, "pods", name);
	if (!have)
		create(o, "pods", json_pack(
			"{s:{s:s, s:{s:s}}, s:{s:s, s:[{s:s, s:s}]}}", "metadata", "name", name,
			"labels", "app", app, "spec", "nodeName", PICK("n1", "n2", "n3"),
			"containers", "name", "c", "image", "i"));
	else if (!soak_below(6))
		destroy(o, "pods", name);
	if (!have || soak_below(6))
		change(o, "pods", name, "status", pod_status(i));
	json_decref(have);
}

static json_t *subsets(void)
{
	unsigned int i, n = soak_below(12);
	json_t *list = json_array();
	char ip[32];

	for (i = 0; i < n; i++) {
		snprintf(ip, sizeof(ip), "10.245.%u.%u", i, 1 + soak_below(3));
		json_array_append_new(list, json_pack("{s:s, s:s}", "ip", ip, "nodeName",
						      PICK("n1", "n2")));
	}
	if (n)
		return json_pack("[{s:o, s:[{s:s, s:i}]}]", "addresses", list, "ports", "name",
				 PICK("p0", "p1"), "port", 8080);
	json_decref(list);
	return json_array();
}

/* By hand, for a Service without a selector. */
static void step_endpoints(struct soak_objects *o)
{
	json_t *service, *have;
	char name[32];

	snprintf(name, sizeof(name), "s%u", soak_below(o->services));
	service = find(o, "services", name);
	have = find(o, "endpoints", name);
	if (json_object_get(json_object_get(service, "spec"), "selector"))
		;	/* a controller's */
	else if (!have)
		create(o, "endpoints", json_pack("{s:{s:s}, s:o}", "metadata", "name", name,
						 "subsets", subsets()));
	else if (!soak_below(5))
		destroy(o, "endpoints", name);
	else
		change(o, "endpoints", name, NULL, json_pack("{s:o}", "subsets", subsets()));
	json_decref(service);
	json_decref(have);
}

static json_t *slice_endpoints(void)
{
	unsigned int i, n = soak_below(12);
	json_t *list = json_array();
	char ip[32];

	for (i = 0; i < n; i++) {
		snprintf(ip, sizeof(ip), "10.246.%u.%u", i, 1 + soak_below(3));
		json_array_append_new(list, json_pack(
			"{s:[s], s:s, s:s, s:{s:b, s:b, s:b}}", "addresses", ip, "nodeName",
			PICK("n1", "n2"), "zone", PICK("z1", "z2"), "conditions",
			"ready", (int)soak_below(3), "serving", (int)soak_below(4),
			"terminating", !soak_below(4)));
	}
	return list;
}

/* Likewise; two of one Service, which may have the same endpoints. */
static void step_slice(struct soak_objects *o)
{
	char name[32], service[32];
	json_t *have;

	snprintf(service, sizeof(service), "s%u", soak_below(o->services));
	snprintf(name, sizeof(name), "%.16s-by-hand-%u", service, soak_below(2));
	have = find(o, "endpointslices", name);
	if (!have)
		create(o, "endpointslices", json_pack(
			"{s:{s:s, s:{s:s}}, s:s, s:[{s:s, s:i, s:s}], s:o}", "metadata", "name",
			name, "labels", "kubernetes.io/service-name", service, "addressType",
			"IPv4", "ports", "name", PICK("p0", "p1"), "port", 8080, "protocol", "TCP",
			"endpoints", slice_endpoints()));
	else if (!soak_below(5))
		destroy(o, "endpointslices", name);
	else
		change(o, "endpointslices", name, NULL,
		       json_pack("{s:o}", "endpoints", slice_endpoints()));
	json_decref(have);
}

static void step_node(struct soak_objects *o)
{
	char name[32];
	json_t *have;

	snprintf(name, sizeof(name), "n%u", 1 + soak_below(NODES));
	have = find(o, "nodes", name);
	if (!have)
		create(o, "nodes", named(name, json_object()));
	else if (!soak_below(4))
		destroy(o, "nodes", name);
	else
		change(o, "nodes", name, NULL, json_pack(
			"{s:{s:{s:s}}}", "metadata", "labels", "topology.kubernetes.io/zone",
			PICK("z1", "z2")));
	json_decref(have);
}

void soak_objects_step(struct soak_objects *o)
{
	unsigned int n = soak_below(100);

	if (n < 30)
		step_service(o);
	else if (n < 35)
		step_rare(o);
	else if (n < 75)
		step_pod(o);
	else if (n < 88)
		step_slice(o);
	else if (n < 98)
		step_endpoints(o);
	else
		step_node(o);
}
