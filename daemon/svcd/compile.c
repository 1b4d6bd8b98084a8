// SPDX-License-Identifier: GPL-2.0
#include "compile.h"

#include "addrport.h"
#include "addrset.h"
#include "cidr.h"
#include "jx.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whoever sets one of these says that this object is not for the node's proxy. */
static const char *const not_ours[] = {
	"service.kubernetes.io/service-proxy-name",
	"service.kubernetes.io/headless",
};

#define SERVICE_LABEL	"kubernetes.io/service-name"

/* Kubernetes' own, for who did not say. */
#define AFFINITY_DEFAULT	10800

/* What is being compiled; everything borrowed. */
struct source {
	const json_t *service, *spec;
	const struct compile_slices *slices;
	const struct compile_node *node;
	struct addrset *taken;		/* the frontends of all its ports so far */
	struct kservices *out;
};

const char *compile_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

uint16_t compile_port_number(const json_t *object, const char *key)
{
	json_int_t port = json_integer_value(json_object_get(object, key));

	return port > 0 && port <= 65535 ? (uint16_t)port : 0;
}

uint8_t compile_proto(const json_t *port)
{
	const char *text = compile_text(port, "protocol");

	return *text ? ip_proto_parse(text) : IPPROTO_TCP;
}

static bool is_ours(const json_t *labels)
{
	size_t i;

	for (i = 0; i < sizeof(not_ours) / sizeof(not_ours[0]); i++)
		if (json_object_get(labels, not_ours[i]))
			return false;
	return true;
}

static const json_t *labels_of(const json_t *object)
{
	return json_object_get(json_object_get(object, "metadata"), "labels");
}

const char *compile_slice_service(const json_t *slice)
{
	const json_t *labels = labels_of(slice);
	const char *name = compile_text(labels, SERVICE_LABEL);

	return *name && is_ours(labels) ? name : NULL;
}

/* --- frontends --- */

/* More than the kernel takes of one service: what came first is served. */
static bool is_full(const struct kservice *s)
{
	return s->nfrontends >= SVCNAT_FRONTENDS_MAX;
}

/* Within one Service an address stands once: an externalIP may well be the load balancer's. */
static int add_frontend(const struct source *src, struct kservice *s, const struct kfrontend *f)
{
	uint32_t nodeport = f->kind == SVCNAT_KIND_NODEPORT;
	int added;

	if (is_full(s))
		return 0;
	added = addrset_add(src->taken, &f->addr,
			    nodeport << 24 | (uint32_t)s->proto << 16 | f->port);
	return added > 0 ? kservice_add_frontend(s, f) : added;
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
		out[n++] = compile_text(spec, "clusterIP");
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

bool compile_disallows(const struct compile_node *node, const char *external_ip)
{
	struct ip_addr a;

	return node->external_cidrs.n && !ip_addr_parse(external_ip, &a, NULL) &&
	       !cidrs_have(&node->external_cidrs, &a);
}

static int add_external_ips(const struct source *src, struct kservice *s, uint16_t port)
{
	const json_t *list = json_object_get(src->spec, "externalIPs");
	const char *text;
	size_t i;
	int err = 0;

	for (i = 0; !err && i < json_array_size(list) && !is_full(s); i++) {
		text = json_string_value(json_array_get(list, i));
		if (text && !compile_disallows(src->node, text))
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

	if (strcmp(compile_text(src->spec, "type"), "LoadBalancer"))
		return 0;
	for (i = 0; !err && i < json_array_size(list) && !is_full(s); i++) {
		ingress = json_array_get(list, i);
		if (strcmp(compile_text(ingress, "ipMode"), "Proxy"))
			err = add_address(src, s, SVCNAT_KIND_LOADBALANCER,
					  compile_text(ingress, "ip"), port);
	}
	return err;
}

static int add_node_port(const struct source *src, struct kservice *s, const json_t *port)
{
	const char *type = compile_text(src->spec, "type");
	struct kfrontend f = { .kind = SVCNAT_KIND_NODEPORT };

	f.addr.family = s->family;
	f.port = compile_port_number(port, "nodePort");
	if (!f.port || (strcmp(type, "NodePort") && strcmp(type, "LoadBalancer")))
		return 0;
	return add_frontend(src, s, &f);
}

/* --- policies --- */

/* As in Kubernetes: a policy for what comes from outside needs a way in from there. */
static bool is_external(const json_t *spec)
{
	const char *type = compile_text(spec, "type");

	return !strcmp(type, "NodePort") || !strcmp(type, "LoadBalancer") ||
	       json_array_size(json_object_get(spec, "externalIPs"));
}

static uint32_t flags_of(const json_t *spec)
{
	uint32_t flags = 0;

	if (!strcmp(compile_text(spec, "internalTrafficPolicy"), "Local"))
		flags |= SVCNAT_F_INTERNAL_LOCAL;
	if (is_external(spec) && !strcmp(compile_text(spec, "externalTrafficPolicy"), "Local"))
		flags |= SVCNAT_F_EXTERNAL_LOCAL;
	return flags;
}

static uint32_t affinity_of(const json_t *spec)
{
	json_int_t seconds = jx_int(spec, "sessionAffinityConfig.clientIP.timeoutSeconds");

	if (strcmp(compile_text(spec, "sessionAffinity"), "ClientIP"))
		return 0;
	return seconds > 0 && seconds <= SVCNAT_AFFINITY_MAX ? (uint32_t)seconds :
							       AFFINITY_DEFAULT;
}

/* --- services --- */

static bool make_key(const struct source *src, struct kservice *s, const json_t *port)
{
	const json_t *meta = json_object_get(src->service, "metadata");
	const char *ns = compile_text(meta, "namespace");
	const char *name = compile_text(port, "name");
	size_t i;
	int n;

	n = snprintf(s->name, sizeof(s->name), "%s/%s%s%s", *ns ? ns : "default",
		     compile_text(meta, "name"), *name ? ":" : "", name);
	if (n < 0 || (size_t)n >= sizeof(s->name))
		return false;
	snprintf(s->owner, sizeof(s->owner), "%s", src->node->owner);
	for (i = 0; i < src->out->n; i++)
		if (!kservice_key_cmp(&src->out->v[i], s))
			return false;
	return true;
}

static int fill(const struct source *src, struct kservice *s, const json_t *port)
{
	uint16_t number = compile_port_number(port, "port");
	int err;

	s->flags = flags_of(src->spec);
	s->affinity = affinity_of(src->spec);
	err = add_cluster_ips(src, s, number);
	/* Ahead of the externalIPs: an address that is both is guarded by the source ranges. */
	if (!err)
		err = add_load_balancer(src, s, number);
	if (!err)
		err = add_external_ips(src, s, number);
	if (!err)
		err = add_node_port(src, s, port);
	if (!err)
		err = compile_ranges(src->service, src->node, s);
	if (!err)
		err = compile_endpoints(src->slices, compile_text(port, "name"), src->node, s);
	return err;
}

static int compile_port(const struct source *src, const json_t *port, uint8_t family)
{
	struct kservice s = { .family = family, .proto = compile_proto(port) };
	int err;

	if (!s.proto || !compile_port_number(port, "port") || !make_key(src, &s, port))
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

bool compile_is_served(const json_t *service)
{
	const char *type = compile_text(json_object_get(service, "spec"), "type");

	return service && is_ours(labels_of(service)) && strcmp(type, "ExternalName");
}

int compile_service(const json_t *service, const struct compile_slices *slices,
		    const struct compile_node *node, struct kservices *out)
{
	struct addrset taken = { 0 };
	const struct source src = {
		.service = service,
		.spec = json_object_get(service, "spec"),
		.slices = slices,
		.node = node,
		.taken = &taken,
		.out = out,
	};
	const json_t *ports = json_object_get(src.spec, "ports");
	size_t i;
	int err = 0;

	if (!compile_is_served(service))
		return 0;
	for (i = 0; !err && i < json_array_size(ports); i++)
		err = compile_families(&src, json_array_get(ports, i));
	addrset_clear(&taken);
	return err;
}
