// SPDX-License-Identifier: GPL-2.0
#include "compile.h"

#include "addrport.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whoever sets one of these says that this service is not for the node's proxy. */
static const char *const not_ours[] = {
	"service.kubernetes.io/service-proxy-name",
	"service.kubernetes.io/headless",
};

/* What is being compiled; everything borrowed. */
struct source {
	const json_t *service, *spec, *endpoints;
	const char *owner;
	struct kservices *out;
};

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* 0: no port */
static uint16_t port_of(const json_t *object, const char *key)
{
	json_int_t port = json_integer_value(json_object_get(object, key));

	return port > 0 && port <= 65535 ? (uint16_t)port : 0;
}

static uint8_t proto_of(const json_t *port)
{
	const char *text = text_of(port, "protocol");

	return *text ? ip_proto_parse(text) : IPPROTO_TCP;
}

static bool is_ours(const json_t *service)
{
	const json_t *labels = json_object_get(json_object_get(service, "metadata"), "labels");
	size_t i;

	for (i = 0; i < sizeof(not_ours) / sizeof(not_ours[0]); i++)
		if (json_object_get(labels, not_ours[i]))
			return false;
	return strcmp(text_of(json_object_get(service, "spec"), "type"), "ExternalName");
}

/* --- frontends --- */

/* Within one Service an address stands once: an externalIP may well be the load balancer's. */
static bool is_taken(const struct kservices *out, const struct kservice *s,
		     const struct kfrontend *f)
{
	const struct kservice *o;
	size_t i, j;

	for (i = 0; i <= out->n; i++) {
		o = i < out->n ? &out->v[i] : s;
		if (o->family != s->family || o->proto != s->proto)
			continue;
		for (j = 0; j < o->nfrontends; j++)
			if (o->frontends[j].port == f->port &&
			    (o->frontends[j].kind == SVCNAT_KIND_NODEPORT) ==
				    (f->kind == SVCNAT_KIND_NODEPORT) &&
			    ip_addr_equal(&o->frontends[j].addr, &f->addr))
				return true;
	}
	return false;
}

static int add_frontend(const struct source *src, struct kservice *s, struct kfrontend *f)
{
	int err = is_taken(src->out, s, f) ? 0 : kservice_add_frontend(s, f);

	/* More than the kernel takes of one service: what came first is served. */
	return err == -ENOSPC ? 0 : err;
}

static int add_address(const struct source *src, struct kservice *s, enum svcnat_kind kind,
		       const char *text, uint16_t port)
{
	struct kfrontend f = { .kind = kind, .port = port };

	if (ip_addr_parse(text, &f.addr, NULL) || f.addr.family != s->family ||
	    addrport_special(&f.addr))
		return 0;
	return add_frontend(src, s, &f);
}

/* clusterIPs, or clusterIP where an object was written by hand. */
static size_t cluster_ips(const json_t *spec, const char *out[2])
{
	const json_t *list = json_object_get(spec, "clusterIPs");
	size_t i, n = 0;

	for (i = 0; i < json_array_size(list) && n < 2; i++)
		if (json_is_string(json_array_get(list, i)))
			out[n++] = json_string_value(json_array_get(list, i));
	if (!n)
		out[n++] = text_of(spec, "clusterIP");
	return n;
}

static int add_cluster_ips(const struct source *src, struct kservice *s, uint16_t port)
{
	const char *ips[2];
	size_t i, n = cluster_ips(src->spec, ips);
	int err = 0;

	for (i = 0; !err && i < n; i++)
		err = add_address(src, s, SVCNAT_KIND_CLUSTER, ips[i], port);
	return err;
}

static int add_external_ips(const struct source *src, struct kservice *s, uint16_t port)
{
	const json_t *list = json_object_get(src->spec, "externalIPs");
	const char *text;
	size_t i;
	int err = 0;

	for (i = 0; !err && i < json_array_size(list); i++) {
		text = json_string_value(json_array_get(list, i));
		if (text)
			err = add_address(src, s, SVCNAT_KIND_EXTERNAL, text, port);
	}
	return err;
}

/* An address of ipMode Proxy is the balancer's own: packets to it have to go there. */
static int add_load_balancer(const struct source *src, struct kservice *s, uint16_t port)
{
	const json_t *status = json_object_get(src->service, "status");
	const json_t *list = json_object_get(json_object_get(status, "loadBalancer"), "ingress");
	const json_t *ingress;
	size_t i;
	int err = 0;

	if (strcmp(text_of(src->spec, "type"), "LoadBalancer"))
		return 0;
	for (i = 0; !err && i < json_array_size(list); i++) {
		ingress = json_array_get(list, i);
		if (strcmp(text_of(ingress, "ipMode"), "Proxy"))
			err = add_address(src, s, SVCNAT_KIND_LOADBALANCER,
					  text_of(ingress, "ip"), port);
	}
	return err;
}

static int add_node_port(const struct source *src, struct kservice *s, const json_t *port)
{
	const char *type = text_of(src->spec, "type");
	struct kfrontend f = { .kind = SVCNAT_KIND_NODEPORT };

	f.addr.family = s->family;
	f.port = port_of(port, "nodePort");
	if (!f.port || (strcmp(type, "NodePort") && strcmp(type, "LoadBalancer")))
		return 0;
	return add_frontend(src, s, &f);
}

/* --- endpoints --- */

static int endpoint_cmp(const void *x, const void *y)
{
	const struct kendpoint *a = x, *b = y;
	int c = memcmp(&a->addr.v6, &b->addr.v6, ip_addr_len(&a->addr));

	return c ? c : (int)a->port - (int)b->port;
}

/* Sorted and each one once: all nodes agree, and the kernel takes no duplicates. */
static void sort_endpoints(struct kservice *s)
{
	size_t i, n = 0;

	if (!s->nendpoints)
		return;
	qsort(s->endpoints, s->nendpoints, sizeof(*s->endpoints), endpoint_cmp);
	for (i = 1; i < s->nendpoints; i++)
		if (endpoint_cmp(&s->endpoints[n], &s->endpoints[i]))
			s->endpoints[++n] = s->endpoints[i];
	s->nendpoints = n + 1;
}

/* The number that a Service's port has in this subset; 0: none. */
static uint16_t find_port(const json_t *subset, const char *name, uint8_t proto)
{
	const json_t *list = json_object_get(subset, "ports");
	const json_t *port;
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		port = json_array_get(list, i);
		if (!strcmp(text_of(port, "name"), name) && proto_of(port) == proto)
			return port_of(port, "port");
	}
	return 0;
}

static int add_subset(struct kservice *s, const json_t *subset, const char *name)
{
	const json_t *ready = json_object_get(subset, "addresses");
	struct kendpoint p = { .port = find_port(subset, name, s->proto) };
	size_t i;
	int err = 0;

	for (i = 0; !err && p.port && i < json_array_size(ready); i++) {
		if (ip_addr_parse(text_of(json_array_get(ready, i), "ip"), &p.addr, NULL) ||
		    p.addr.family != s->family || addrport_special(&p.addr))
			continue;
		err = kservice_add_endpoint(s, &p);
	}
	return err;
}

static int add_endpoints(const struct source *src, struct kservice *s, const char *name)
{
	const json_t *subsets = json_object_get(src->endpoints, "subsets");
	size_t i;
	int err = 0;

	for (i = 0; !err && i < json_array_size(subsets); i++)
		err = add_subset(s, json_array_get(subsets, i), name);
	sort_endpoints(s);
	return err == -ENOSPC ? 0 : err;
}

/* --- services --- */

static bool make_key(const struct source *src, struct kservice *s, const json_t *port)
{
	const json_t *meta = json_object_get(src->service, "metadata");
	const char *ns = text_of(meta, "namespace");
	const char *name = text_of(port, "name");
	size_t i;
	int n;

	n = snprintf(s->name, sizeof(s->name), "%s/%s%s%s", *ns ? ns : "default",
		     text_of(meta, "name"), *name ? ":" : "", name);
	if (n < 0 || (size_t)n >= sizeof(s->name))
		return false;
	snprintf(s->owner, sizeof(s->owner), "%s", src->owner);
	for (i = 0; i < src->out->n; i++)
		if (!kservice_key_cmp(&src->out->v[i], s))
			return false;
	return true;
}

static int fill(const struct source *src, struct kservice *s, const json_t *port)
{
	uint16_t number = port_of(port, "port");
	int err;

	err = add_cluster_ips(src, s, number);
	if (!err)
		err = add_external_ips(src, s, number);
	if (!err)
		err = add_load_balancer(src, s, number);
	if (!err)
		err = add_node_port(src, s, port);
	if (!err)
		err = add_endpoints(src, s, text_of(port, "name"));
	return err;
}

static int compile_port(const struct source *src, const json_t *port, uint8_t family)
{
	struct kservice s = { .family = family, .proto = proto_of(port) };
	int err;

	if (!s.proto || !port_of(port, "port") || !make_key(src, &s, port))
		return 0;
	err = fill(src, &s, port);
	if (!err)
		err = kservices_add(src->out, &s);
	kservice_clear(&s);
	return err;
}

/* A Service is there in those families in which it has a ClusterIP, as in Kubernetes. */
static int compile_families(const struct source *src, const json_t *port)
{
	const char *ips[2];
	size_t i, n = cluster_ips(src->spec, ips);
	struct ip_addr a;
	int err = 0;

	for (i = 0; !err && i < n; i++)
		if (!ip_addr_parse(ips[i], &a, NULL))
			err = compile_port(src, port, a.family);
	return err;
}

int compile_service(const json_t *service, const json_t *endpoints, const char *owner,
		    struct kservices *out)
{
	const struct source src = {
		.service = service,
		.spec = json_object_get(service, "spec"),
		.endpoints = endpoints,
		.owner = owner,
		.out = out,
	};
	const json_t *ports = json_object_get(src.spec, "ports");
	size_t i;
	int err = 0;

	if (!is_ours(service))
		return 0;
	for (i = 0; !err && i < json_array_size(ports); i++)
		err = compile_families(&src, json_array_get(ports, i));
	return err;
}
