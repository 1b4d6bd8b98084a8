// SPDX-License-Identifier: GPL-2.0
#include "compile.h"
#include "dns_zone_priv.h"
#include "format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- keys --- */

char *dns_key(const json_t *object, const char *name)
{
	const char *ns = compile_text(json_object_get(object, "metadata"), "namespace");
	char *key;

	ns = *ns ? ns : "default";
	if (format_dns1123_label(ns) || format_dns1123_subdomain(name))
		return strdup("");
	key = malloc(strlen(ns) + strlen(name) + sizeof("/"));
	if (key)
		strcpy(stpcpy(stpcpy(key, ns), "/"), name);
	return key;
}

static void lower(char *text)
{
	for (; *text; text++)
		if (*text >= 'A' && *text <= 'Z')
			*text = (char)(*text - 'A' + 'a');
}

char *dns_port_key(const char *name, uint8_t proto)
{
	const char *proto_name = ip_proto_name(proto);
	char *key = malloc(strlen(name) + strlen(proto_name) + sizeof("_._"));

	if (!key)
		return NULL;
	strcpy(stpcpy(stpcpy(stpcpy(key, "_"), name), "._"), proto_name);
	lower(key);
	return key;
}

/* --- namespaces --- */

struct dns_namespace *dns_namespace_get(struct dns_zone *z, const char *name)
{
	struct dns_namespace *n = strmap_find(&z->namespaces, name);

	if (!n) {
		n = calloc(1, sizeof(*n));
		if (!n)
			return NULL;
		n->name = strdup(name);
		if (!n->name || strmap_add(&z->namespaces, n->name, n)) {
			free(n->name);
			free(n);
			return NULL;
		}
	}
	n->held++;
	return n;
}

void dns_namespace_put(struct dns_zone *z, struct dns_namespace *n)
{
	if (!n || --n->held)
		return;
	strmap_del(&z->namespaces, n->name);
	free(n->name);
	free(n);
}

/* --- addresses --- */

struct dns_address *dns_address_find(const struct dns_zone *z, const struct ip_addr *a)
{
	char text[INET6_ADDRSTRLEN];

	return strmap_find(&z->addresses, ip_addr_print(a, text));
}

struct dns_address *dns_address_get(struct dns_zone *z, const struct ip_addr *a)
{
	struct dns_address *found = dns_address_find(z, a);

	if (!found) {
		found = calloc(1, sizeof(*found));
		if (!found)
			return NULL;
		found->addr = *a;
		ip_addr_print(a, found->text);
		TAILQ_INIT(&found->claims);
		TAILQ_INIT(&found->endpoints);
		if (strmap_add(&z->addresses, found->text, found)) {
			free(found);
			return NULL;
		}
	}
	found->held++;
	return found;
}

void dns_address_put(struct dns_zone *z, struct dns_address *a)
{
	if (!a || --a->held)
		return;
	strmap_del(&z->addresses, a->text);
	free(a);
}

/* --- endpoints' names --- */

struct dns_host *dns_host_get(struct dns_service *s, const char *label)
{
	struct dns_host *h = strmap_find(&s->hosts, label);

	if (!h) {
		h = calloc(1, sizeof(*h));
		if (!h)
			return NULL;
		h->service = s;
		TAILQ_INIT(&h->endpoints);
		h->label = strdup(label);
		if (!h->label || strmap_add(&s->hosts, h->label, h)) {
			free(h->label);
			free(h);
			return NULL;
		}
	}
	h->held++;
	return h;
}

void dns_host_put(struct dns_host *h)
{
	if (!h || --h->held)
		return;
	strmap_del(&h->service->hosts, h->label);
	free(h->label);
	free(h);
}

/* --- ports of slices --- */

/* key is taken. NULL: no memory. */
static struct dns_ports *ports_alloc(struct dns_service *s, char *key, uint8_t proto)
{
	struct dns_ports *p = calloc(1, sizeof(*p));

	if (!p || strmap_add(&s->ports, key, p)) {
		free(key);
		free(p);
		return NULL;
	}
	p->key = key;
	p->proto = proto;
	TAILQ_INIT(&p->ports);
	s->protos[dns_proto_index(proto)]++;
	return p;
}

struct dns_ports *dns_ports_get(struct dns_service *s, const char *name, uint8_t proto)
{
	char *key = dns_port_key(name, proto);
	struct dns_ports *p;

	if (!key)
		return NULL;
	p = strmap_find(&s->ports, key);
	if (p)
		free(key);
	else
		p = ports_alloc(s, key, proto);
	if (p)
		p->held++;
	return p;
}

void dns_ports_put(struct dns_service *s, struct dns_ports *p)
{
	if (!p || --p->held)
		return;
	s->protos[dns_proto_index(p->proto)]--;
	strmap_del(&s->ports, p->key);
	free(p->key);
	free(p);
}
