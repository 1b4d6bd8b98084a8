// SPDX-License-Identifier: GPL-2.0
/*
 * From a name to what it stands for. A name exists if there is a record of any type at
 * it or below it (RFC 8020).
 */
#include "dns_zone_priv.h"

#include "cidr.h"
#include "format.h"

#include <stdio.h>
#include <string.h>

#define NS_AND_NAME	128
#define PORT_AND_PROTO	128

/* --- Services --- */

static bool exists(const struct dns_service *s)
{
	return s->told.kind == DNS_KIND_HEADLESS ? s->families[0].n + s->families[1].n > 0 :
						   s->told.kind != DNS_KIND_NONE;
}

static void find_below_service(const struct dns_labels *l, size_t below, struct dns_node *out)
{
	const struct dns_service *s = out->service;
	const bool headless = s->told.kind == DNS_KIND_HEADLESS;
	const size_t *protos = headless ? s->protos : s->told.protos;
	const uint8_t proto = dns_proto_parse(l->v[below - 1]);
	char key[PORT_AND_PROTO];

	if (!dns_service_has_endpoints(s) || below > 2)
		return;
	if (below == 2) {
		snprintf(key, sizeof(key), "%s.%s", l->v[0], l->v[1]);
		out->ports = headless ? strmap_find(&s->ports, key) : NULL;
		out->port = headless ? NULL : strmap_find(&s->told.port_by_key, key);
		if (out->ports || out->port)
			out->kind = DNS_NODE_PORT;
		return;
	}
	out->host = strmap_find(&s->hosts, l->v[0]);
	if (out->host)
		out->kind = DNS_NODE_HOST;
	else if (proto && protos[dns_proto_index(proto)])
		out->kind = DNS_NODE_EMPTY;
}

/* Of the first n labels the last one is "svc". */
static void find_service(const struct dns_zone *z, const struct dns_labels *l, size_t n,
			 struct dns_node *out)
{
	char key[NS_AND_NAME];

	if (n == 1) {
		out->kind = DNS_NODE_EMPTY;
		return;
	}
	if (!strmap_find(&z->namespaces, l->v[n - 2]))
		return;
	if (n == 2) {
		out->kind = DNS_NODE_EMPTY;
		return;
	}
	snprintf(key, sizeof(key), "%s/%s", l->v[n - 2], l->v[n - 3]);
	out->service = strmap_find(&z->by_key, key);
	if (!out->service || !exists(out->service))
		return;
	if (n == 3)
		out->kind = DNS_NODE_SERVICE;
	else
		find_below_service(l, n - 3, out);
}

/* --- the rest of the domain --- */

/*
 * Whatever the address: the specification demands it, and so does kubeadm's configuration
 * of CoreDNS ("pods insecure"). Which namespaces there are is not known here.
 */
static void find_pod(const struct dns_labels *l, size_t n, struct dns_node *out)
{
	if (n > 3 || (n > 1 && format_dns1123_label(l->v[n - 2])))
		return;
	if (n < 3)
		out->kind = DNS_NODE_EMPTY;
	else if (dns_dashed_parse(l->v[0], &out->addr))
		out->kind = DNS_NODE_POD;
}

static void find_server(const struct dns_labels *l, size_t n, struct dns_node *out)
{
	if (n == 1)
		out->kind = DNS_NODE_EMPTY;
	else if (n == 2 && !strcmp(l->v[0], "ns"))
		out->kind = DNS_NODE_SERVER;
}

/* n labels stand in front of the domain. */
static void find_in_domain(const struct dns_zone *z, const struct dns_labels *l, size_t n,
			   struct dns_node *out)
{
	const char *top = n ? l->v[n - 1] : "";

	out->kind = DNS_NODE_NONE;
	out->apex = l->at[n];
	if (!n)
		out->kind = DNS_NODE_APEX;
	else if (!strcmp(top, "svc"))
		find_service(z, l, n, out);
	else if (!strcmp(top, "pod"))
		find_pod(l, n, out);
	else if (!strcmp(top, "dns"))
		find_server(l, n, out);
	else if (!strcmp(top, "dns-version") && n == 1)
		out->kind = DNS_NODE_VERSION;
}

/* --- reverse names --- */

static struct dns_address *find_address(const struct dns_zone *z, const struct ip_addr *addr)
{
	struct dns_address *a = dns_address_find(z, addr);
	const struct dns_endpoint *e;
	size_t looks = z->looks_max;

	if (!a || !TAILQ_EMPTY(&a->claims))
		return a;
	TAILQ_FOREACH(e, &a->endpoints, in_address) {
		if (!looks--)
			break;
		if (dns_service_has_endpoints(e->slice->service))
			return a;
	}
	return NULL;
}

/*
 * The bits of the zone that a name belongs to: those of a service CIDR, and what is
 * missing to the end of a label. -1: it is in no service CIDR.
 */
static int zone_bits(const struct dns_zone *z, const struct dns_reverse *r)
{
	const struct ip_cidr *c;
	unsigned int bits;
	size_t i;

	for (i = 0; i < z->service_cidrs.n; i++) {
		c = &z->service_cidrs.v[i];
		bits = (c->prefix + r->step - 1) / r->step * r->step;
		if (r->bits >= bits && cidr_has(c, &r->addr))
			return (int)bits;
	}
	return -1;
}

static void find_reverse(const struct dns_zone *z, const struct dns_labels *l,
			 const struct dns_reverse *r, struct dns_node *out)
{
	const bool whole = r->bits == 8 * ip_addr_len(&r->addr);
	const int bits = zone_bits(z, r);

	if (whole && !r->below)
		out->address = find_address(z, &r->addr);
	if (bits >= 0) {
		out->apex = l->at[l->n - 2 - (unsigned int)bits / r->step];
		out->kind = DNS_NODE_NONE;
	}
	if (out->address)
		out->kind = DNS_NODE_ADDRESS;
	else if (bits >= 0 && !r->below && r->bits == (unsigned int)bits)
		out->kind = DNS_NODE_APEX;
	else if (bits >= 0 && !r->below && !whole)
		out->kind = DNS_NODE_EMPTY;
}

struct dns_node dns_zone_find(const struct dns_zone *z, const struct dns_labels *l)
{
	struct dns_node out = { .kind = DNS_NODE_FOREIGN };
	const int before = dns_name_before(&z->name, l);
	struct dns_reverse r;

	if (before >= 0)
		find_in_domain(z, l, (size_t)before, &out);
	else if (dns_reverse_parse(l, &r))
		find_reverse(z, l, &r, &out);
	return out;
}
