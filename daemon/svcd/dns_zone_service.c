// SPDX-License-Identifier: GPL-2.0
/* What a Service says of itself. It is read whole before anything of it takes effect. */
#include "compile.h"
#include "dns_zone_priv.h"
#include "format.h"
#include "jx.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What came before publishNotReadyAddresses; the specification knows no other yet. */
#define TOLERATE	"service.alpha.kubernetes.io/tolerate-unready-endpoints"

#define CLUSTER_IPS	2

/* --- reading --- */

static void told_clear(struct dns_zone *z, struct dns_told *t)
{
	size_t i;

	dns_namespace_put(z, t->ns);
	for (i = 0; i < t->nclaims; i++)
		dns_address_put(z, t->claims[i].address);
	for (i = 0; i < t->nports; i++)
		free(t->ports[i].key);
	strmap_clear(&t->port_by_key);
	free(t->claims);
	free(t->ports);
	*t = (struct dns_told){ 0 };
}

static bool tolerates(const json_t *object)
{
	const json_t *meta = json_object_get(object, "metadata");

	return jx_bool(object, "spec.publishNotReadyAddresses") ||
	       !strcmp(compile_text(json_object_get(meta, "annotations"), TOLERATE), "true");
}

/* An address is no name that others would know. */
static void read_target(struct dns_told *t, const json_t *spec)
{
	const char *name = compile_text(spec, "externalName");
	size_t len = strlen(name);
	char text[DNS_NAME_MAX];

	len -= len && name[len - 1] == '.';
	if (len >= sizeof(text))
		return;
	memcpy(text, name, len);
	text[len] = '\0';
	if (format_is_ip(text) || format_dns1123_subdomain(text))
		return;
	dns_name_text(&t->target, text);
	dns_name_end(&t->target, NULL);
	if (!t->target.failed)
		t->kind = DNS_KIND_EXTERNAL;
}

static int read_claim(struct dns_zone *z, struct dns_told *t, const char *text)
{
	struct ip_addr a;

	if (!text || t->nclaims == CLUSTER_IPS || ip_addr_parse(text, &a, NULL))
		return 0;
	t->claims[t->nclaims].address = dns_address_get(z, &a);
	if (!t->claims[t->nclaims].address)
		return -ENOMEM;
	t->nclaims++;
	t->kind = DNS_KIND_CLUSTER;
	return 0;
}

static int read_claims(struct dns_zone *z, struct dns_told *t, const json_t *spec)
{
	const json_t *list = json_object_get(spec, "clusterIPs");
	size_t i;
	int err = 0;

	t->claims = calloc(CLUSTER_IPS, sizeof(*t->claims));
	if (!t->claims)
		return -ENOMEM;
	for (i = 0; !err && i < json_array_size(list) && i < CLUSTER_IPS; i++)
		err = read_claim(z, t, json_string_value(json_array_get(list, i)));
	if (!err && !t->nclaims)
		err = read_claim(z, t, compile_text(spec, "clusterIP"));
	return err;
}

static int read_port(struct dns_told *t, const json_t *port)
{
	const char *name = compile_text(port, "name");
	struct dns_service_port *p = &t->ports[t->nports];

	p->number = compile_port_number(port, "port");
	p->proto = compile_proto(port);
	if (!p->number || !p->proto)
		return 0;
	t->nports++;
	if (!*name)
		return 0;
	p->key = dns_port_key(name, p->proto);
	if (!p->key)
		return -ENOMEM;
	if (strmap_find(&t->port_by_key, p->key))
		return 0;
	t->protos[dns_proto_index(p->proto)]++;
	return strmap_add(&t->port_by_key, p->key, p);
}

static int read_ports(struct dns_told *t, const json_t *spec)
{
	const json_t *list = json_object_get(spec, "ports");
	size_t i, n = json_array_size(list);
	int err = 0;

	t->ports = n ? calloc(n, sizeof(*t->ports)) : NULL;
	if (n && !t->ports)
		return -ENOMEM;
	for (i = 0; !err && i < n; i++)
		err = read_port(t, json_array_get(list, i));
	return err;
}

static bool is_headless(const json_t *spec)
{
	const json_t *first = json_array_get(json_object_get(spec, "clusterIPs"), 0);

	return !strcmp(json_is_string(first) ? json_string_value(first) :
					       compile_text(spec, "clusterIP"), "None");
}

/* -ENOMEM: t may have some of it. */
static int read_told(struct dns_zone *z, struct dns_told *t, const char *ns, const json_t *object)
{
	const json_t *spec = json_object_get(object, "spec");
	int err;

	t->ns = dns_namespace_get(z, ns);
	if (!t->ns)
		return -ENOMEM;
	if (!strcmp(compile_text(spec, "type"), "ExternalName")) {
		read_target(t, spec);
		return 0;
	}
	if (is_headless(spec)) {
		t->kind = DNS_KIND_HEADLESS;
		return 0;
	}
	err = read_claims(z, t, spec);
	return err ? err : read_ports(t, spec);
}

/* --- Services --- */

struct dns_service *dns_service_get(struct dns_zone *z, const char *key)
{
	struct dns_service *s = strmap_find(&z->by_key, key);

	if (s)
		return s;
	s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->key = strdup(key);
	if (!s->key || strmap_add(&z->by_key, s->key, s)) {
		free(s->key);
		free(s);
		return NULL;
	}
	s->name = strchr(s->key, '/') + 1;
	TAILQ_INIT(&s->slices);
	TAILQ_INSERT_TAIL(&z->services, s, in_all);
	return s;
}

void dns_service_tidy(struct dns_zone *z, struct dns_service *s)
{
	if (s->told.ns || !TAILQ_EMPTY(&s->slices))
		return;
	TAILQ_REMOVE(&z->services, s, in_all);
	strmap_del(&z->by_key, s->key);
	strmap_clear(&s->hosts);
	strmap_clear(&s->ports);
	free(s->families[0].v);
	free(s->families[1].v);
	free(s->key);
	free(s);
}

bool dns_service_has_endpoints(const struct dns_service *s)
{
	return s->told.kind == DNS_KIND_CLUSTER || s->told.kind == DNS_KIND_HEADLESS;
}

/* Takes what t has. */
static void set_told(struct dns_zone *z, struct dns_service *s, const struct dns_told *t)
{
	struct dns_claim *c;
	size_t i;

	for (i = 0; i < s->told.nclaims; i++) {
		c = &s->told.claims[i];
		TAILQ_REMOVE(&c->address->claims, c, in_address);
	}
	told_clear(z, &s->told);
	s->told = *t;
	for (i = 0; i < t->nclaims; i++) {
		c = &t->claims[i];
		c->service = s;
		TAILQ_INSERT_TAIL(&c->address->claims, c, in_address);
	}
	z->serial++;
}

static void forget(struct dns_zone *z, struct dns_service *s)
{
	const struct dns_told nothing = { 0 };

	if (s->told.ns)
		set_told(z, s, &nothing);
	dns_service_tidy(z, s);
}

static int tell(struct dns_zone *z, struct dns_service *s, const json_t *object)
{
	const bool publish = tolerates(object);
	struct dns_told t = { 0 };
	char *ns = strndup(s->key, (size_t)(s->name - s->key - 1));
	int err = ns ? read_told(z, &t, ns, object) : -ENOMEM;

	free(ns);
	if (!err && publish != s->publish)
		err = dns_slice_republish(z, s, publish);
	if (err) {
		told_clear(z, &t);
		return err;
	}
	set_told(z, s, &t);
	s->seen = z->list[PROXY_SERVICE];
	return 0;
}

int dns_service_tell(struct dns_zone *z, const json_t *object, bool deleted)
{
	const char *name = compile_text(json_object_get(object, "metadata"), "name");
	char *key = format_dns1123_label(name) ? strdup("") : dns_key(object, name);
	struct dns_service *s;
	int err = 0;

	if (!key)
		return -ENOMEM;
	s = deleted || !*key ? strmap_find(&z->by_key, key) : dns_service_get(z, key);
	if (!s && !deleted && *key)
		err = -ENOMEM;
	free(key);
	if (!s)
		return err;
	if (deleted) {
		forget(z, s);
		return 0;
	}
	err = tell(z, s, object);
	dns_service_tidy(z, s);
	return err;
}

void dns_service_sweep(struct dns_zone *z)
{
	struct dns_service *s, *next;

	for (s = TAILQ_FIRST(&z->services); s; s = next) {
		next = TAILQ_NEXT(s, in_all);
		if (s->told.ns && s->seen != z->list[PROXY_SERVICE])
			forget(z, s);
	}
}

void dns_service_clear(struct dns_zone *z)
{
	struct dns_service *s, *next;

	for (s = TAILQ_FIRST(&z->services); s; s = next) {
		next = TAILQ_NEXT(s, in_all);
		forget(z, s);
	}
}
