// SPDX-License-Identifier: GPL-2.0
#include "print.h"

#include "addrport.h"

#include <errno.h>
#include <jansson.h>
#include <stdarg.h>

#define FEW_ENDPOINTS	3

static const char *family_name(uint8_t family)
{
	return family == AF_INET ? "IPv4" : "IPv6";
}

/* Takes value, which may be NULL for a lack of memory. */
static int print_json(const struct print *p, json_t *value)
{
	if (!value)
		return -ENOMEM;
	json_dumpf(value, p->out, JSON_INDENT(2));
	fputc('\n', p->out);
	json_decref(value);
	return 0;
}

static json_t *json_addrport(const struct ip_addr *addr, uint16_t port)
{
	char buf[INET6_ADDRSTRLEN];

	return json_pack("{s:s, s:i}", "address", ip_addr_print(addr, buf), "port", port);
}

/* Both take their members; NULL: no memory. */
static json_t *append(json_t *list, json_t *member)
{
	if (!json_array_append_new(list, member))
		return list;
	json_decref(list);
	return NULL;
}

/* --- services --- */

static json_t *json_frontend(const struct kfrontend *f)
{
	const char *kind = kfrontend_kind_name(f->kind);
	char buf[INET6_ADDRSTRLEN];

	if (f->kind == SVCNAT_KIND_NODEPORT)
		return json_pack("{s:s, s:i}", "kind", kind, "port", f->port);
	return json_pack("{s:s, s:s, s:i}", "kind", kind, "address", ip_addr_print(&f->addr, buf),
			 "port", f->port);
}

static json_t *json_service(const struct kservice *s)
{
	json_t *frontends = json_array(), *endpoints = json_array();
	size_t i;

	for (i = 0; frontends && i < s->nfrontends; i++)
		frontends = append(frontends, json_frontend(&s->frontends[i]));
	for (i = 0; endpoints && i < s->nendpoints; i++)
		endpoints = append(endpoints, json_addrport(&s->endpoints[i].addr,
							    s->endpoints[i].port));
	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "name", s->name, "family",
			 family_name(s->family), "protocol", ip_proto_name(s->proto), "owner",
			 s->owner, "frontends", frontends, "endpoints", endpoints);
}

static int print_services_json(const struct print *p, const struct kservices *l)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; list && i < l->n; i++)
		list = append(list, json_service(&l->v[i]));
	return print_json(p, list);
}

static void print_endpoints(const struct print *p, const struct kservice *s)
{
	size_t shown = p->all || s->nendpoints <= FEW_ENDPOINTS ? s->nendpoints : FEW_ENDPOINTS;
	char buf[ADDRPORT_STRLEN];
	size_t i;

	fprintf(p->out, "  %-13s", "endpoints");
	if (!s->nendpoints)
		fputs("none, connections are refused", p->out);
	for (i = 0; i < shown; i++)
		fprintf(p->out, "%s%s", i ? ", " : "",
			addrport_print(&s->endpoints[i].addr, s->endpoints[i].port, buf));
	if (shown < s->nendpoints)
		fprintf(p->out, " + %zu more", s->nendpoints - shown);
	fputc('\n', p->out);
}

static void print_service(const struct print *p, const struct kservice *s)
{
	char buf[ADDRPORT_STRLEN];
	size_t i;

	fprintf(p->out, "%s %s %s owner %s\n", s->name, ip_proto_name(s->proto),
		family_name(s->family), s->owner);
	for (i = 0; i < s->nfrontends; i++) {
		const struct kfrontend *f = &s->frontends[i];

		fprintf(p->out, "  %-13s", kfrontend_kind_name(f->kind));
		if (f->kind == SVCNAT_KIND_NODEPORT)
			fprintf(p->out, "%u\n", f->port);
		else
			fprintf(p->out, "%s\n", addrport_print(&f->addr, f->port, buf));
	}
	print_endpoints(p, s);
}

int print_services(const struct print *p, const struct kservices *l)
{
	size_t i;

	if (p->json)
		return print_services_json(p, l);
	for (i = 0; i < l->n; i++)
		print_service(p, &l->v[i]);
	return 0;
}

/* --- settings, version --- */

static int print_settings_json(const struct print *p, const struct ksettings *s)
{
	json_t *cidrs = json_array();
	char buf[INET6_ADDRSTRLEN + 4];
	size_t i;

	for (i = 0; cidrs && i < s->npod_cidrs; i++)
		cidrs = append(cidrs, json_string(ip_cidr_print(&s->pod_cidrs[i], buf)));
	return print_json(p, json_pack("{s:s, s:b, s:o, s:I, s:I, s:I, s:I, s:I, s:I}",
				       "version", s->version, "enabled", s->enabled,
				       "podCIDRs", cidrs,
				       "maxServices", (json_int_t)s->max_services,
				       "maxFrontends", (json_int_t)s->max_frontends,
				       "maxEndpoints", (json_int_t)s->max_endpoints,
				       "services", (json_int_t)s->services,
				       "frontends", (json_int_t)s->frontends,
				       "endpoints", (json_int_t)s->endpoints));
}

static void line(const struct print *p, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void line(const struct print *p, const char *name, const char *fmt, ...)
{
	va_list ap;

	fprintf(p->out, "%-15s", name);
	va_start(ap, fmt);
	vfprintf(p->out, fmt, ap);
	va_end(ap);
	fputc('\n', p->out);
}

static void print_cidrs(const struct print *p, const struct ksettings *s)
{
	char buf[INET6_ADDRSTRLEN + 4];
	size_t i;

	fprintf(p->out, "%-15s%s", "pod-cidrs", s->npod_cidrs ? "" : "none");
	for (i = 0; i < s->npod_cidrs; i++)
		fprintf(p->out, "%s%s", i ? "," : "", ip_cidr_print(&s->pod_cidrs[i], buf));
	fputc('\n', p->out);
}

int print_settings(const struct print *p, const struct ksettings *s)
{
	if (p->json)
		return print_settings_json(p, s);
	line(p, "version", "%s", s->version);
	line(p, "enabled", "%s", s->enabled ? "yes" : "no");
	print_cidrs(p, s);
	line(p, "max-services", "%u", s->max_services);
	line(p, "max-frontends", "%u", s->max_frontends);
	line(p, "max-endpoints", "%u", s->max_endpoints);
	line(p, "services", "%u", s->services);
	line(p, "frontends", "%u", s->frontends);
	line(p, "endpoints", "%u", s->endpoints);
	return 0;
}

int print_version(const struct print *p, const char *tool, const struct ksettings *s)
{
	if (p->json)
		return print_json(p, json_pack("{s:s, s:s?}", "svcctl", tool, "module",
					       s ? s->version : NULL));
	line(p, "svcctl", "%s", tool);
	line(p, "svcnat module", "%s",
	     s ? s->version : "not loaded: run \"modprobe svcnat\" as root");
	return 0;
}

/* --- resolve --- */

struct words {
	const char *json, *text;
};

static const struct words origins[] = {
	[SVCNAT_ORIGIN_OUTSIDE] = { "outside", "outside: it comes in, from no pod CIDR" },
	[SVCNAT_ORIGIN_POD] = { "pod", "pod: the source is inside a pod CIDR" },
	[SVCNAT_ORIGIN_NODE] = { "node", "node: made on this node" },
};

static const struct words verdicts[] = {
	[SVCNAT_VERDICT_PASS] = { "pass", "PASS" },
	[SVCNAT_VERDICT_DNAT] = { "dnat", "DNAT" },
	[SVCNAT_VERDICT_REJECT] = { "reject", "REJECT" },
};

static const struct words reasons[] = {
	[SVCNAT_REASON_NO_SERVICE] = { "no-service", "no service has this destination" },
	[SVCNAT_REASON_LOOPBACK] = { "loopback",
				     "loopback source or destination: never touched" },
	[SVCNAT_REASON_ENDPOINT] = { "endpoint", "the service has endpoints" },
	[SVCNAT_REASON_NO_ENDPOINTS] = { "no-endpoints", "the service has no endpoints" },
};

static const struct words masquerades[] = {
	[SVCNAT_MASQUERADE_NO_POD] = { "no-pod", "no: a pod, to a cluster address" },
	[SVCNAT_MASQUERADE_NO_CIDR] = { "no-cidr",
					"no: to a cluster address, and no pod CIDR is set" },
	[SVCNAT_MASQUERADE_OFF_CLUSTER] = { "off-cluster", "yes: not a pod, to a cluster address" },
	[SVCNAT_MASQUERADE_EXTERNAL] = { "external",
					 "yes: not through a cluster address" },
	[SVCNAT_MASQUERADE_HAIRPIN] = { "hairpin", "yes: client and endpoint are one" },
};

static bool masqueraded(enum svcnat_masquerade m)
{
	return m != SVCNAT_MASQUERADE_NO_POD && m != SVCNAT_MASQUERADE_NO_CIDR;
}

/* A source without a port has none. */
static json_t *json_source(const struct kresolve *r)
{
	json_t *o = json_addrport(&r->src, r->src_port);

	if (o && !r->src_port)
		json_object_del(o, "port");
	return o;
}

static int add_service(json_t *o, const struct kresolve *r)
{
	return json_object_set_new(o, "service", json_string(r->service)) ||
	       json_object_set_new(o, "owner", json_string(r->owner)) ||
	       json_object_set_new(o, "frontend", json_string(kfrontend_kind_name(r->kind))) ||
	       json_object_set_new(o, "endpoints", json_integer(r->endpoints));
}

static int add_masquerade(json_t *o, const struct kresolve *r)
{
	return json_object_set_new(o, "masquerade", json_boolean(masqueraded(r->masquerade))) ||
	       json_object_set_new(o, "masqueradeReason",
				   json_string(masquerades[r->masquerade].json));
}

static int print_resolve_json(const struct print *p, const struct kresolve *r)
{
	json_t *o = json_pack("{s:s, s:s, s:o, s:o, s:s, s:s, s:s}", "family",
			      family_name(r->family), "protocol", ip_proto_name(r->proto),
			      "source", json_source(r), "destination",
			      json_addrport(&r->dst, r->dst_port), "origin",
			      origins[r->origin].json, "verdict", verdicts[r->verdict].json,
			      "reason", reasons[r->reason].json);

	if (o && ((r->has_service && add_service(o, r)) ||
		  (r->has_endpoint &&
		   json_object_set_new(o, "endpoint",
				       json_addrport(&r->endpoint.addr, r->endpoint.port))) ||
		  (r->has_masquerade && add_masquerade(o, r)))) {
		json_decref(o);
		o = NULL;
	}
	return print_json(p, o);
}

static void print_connection(const struct print *p, const struct kresolve *r)
{
	char src[ADDRPORT_STRLEN], dst[ADDRPORT_STRLEN];

	if (r->src_port)
		addrport_print(&r->src, r->src_port, src);
	else
		ip_addr_print(&r->src, src);
	line(p, "connection", "%s -> %s/%s", src, addrport_print(&r->dst, r->dst_port, dst),
	     ip_proto_name(r->proto));
}

static void print_endpoint(const struct print *p, const struct kresolve *r)
{
	char buf[ADDRPORT_STRLEN];

	if (r->has_endpoint)
		line(p, "endpoint", "%s, one of %u",
		     addrport_print(&r->endpoint.addr, r->endpoint.port, buf), r->endpoints);
	else if (r->verdict == SVCNAT_VERDICT_DNAT)
		line(p, "endpoint", "one of %u: the source port decides", r->endpoints);
}

int print_resolve(const struct print *p, const struct kresolve *r)
{
	if (p->json)
		return print_resolve_json(p, r);
	print_connection(p, r);
	line(p, "origin", "%s", origins[r->origin].text);
	line(p, "verdict", "%s: %s", verdicts[r->verdict].text, reasons[r->reason].text);
	if (r->has_service) {
		line(p, "service", "%s owner %s", r->service, r->owner);
		line(p, "frontend", "%s", kfrontend_kind_name(r->kind));
	}
	print_endpoint(p, r);
	if (r->has_masquerade)
		line(p, "masquerade", "%s", masquerades[r->masquerade].text);
	return 0;
}
