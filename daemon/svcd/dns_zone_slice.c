// SPDX-License-Identifier: GPL-2.0
/*
 * EndpointSlices. What one says is read whole, with all that it takes hold of, before it
 * takes the place of what it said before: what can fail comes first.
 */
#include "addrport.h"
#include "compile.h"
#include "dns_zone_priv.h"
#include "format.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SERVICE_LABEL	"kubernetes.io/service-name"

static size_t family_index(const struct ip_addr *a)
{
	return a->family == AF_INET6;
}

/* --- reading --- */

static void content_clear(struct dns_zone *z, struct dns_service *s, struct dns_content *c)
{
	size_t i;

	for (i = 0; i < c->nendpoints; i++) {
		dns_address_put(z, c->endpoints[i].address);
		dns_host_put(c->endpoints[i].host);
	}
	for (i = 0; i < c->nports; i++)
		dns_ports_put(s, c->ports[i].ports);
	free(c->endpoints);
	free(c->ports);
	*c = (struct dns_content){ 0 };
}

/* Of several addresses the first one counts, as for the proxy. */
static bool read_address(const json_t *endpoint, const char *type, struct ip_addr *out)
{
	const json_t *list = json_object_get(endpoint, "addresses");
	const char *text = json_string_value(json_array_get(list, 0));

	return text && !ip_addr_parse(text, out, NULL) && !addrport_special(out) &&
	       !strcmp(type, out->family == AF_INET ? "IPv4" : "IPv6");
}

/* Is it a hostname? */
static bool label_of(const json_t *endpoint, const struct ip_addr *a, char out[64])
{
	const char *name = compile_text(endpoint, "hostname");
	size_t i;

	if (*name && strlen(name) < 64) {
		for (i = 0; name[i]; i++)
			out[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] | 0x20 :
									   name[i]);
		out[i] = '\0';
		if (!format_dns1123_label(out))
			return true;
	}
	dns_dashed_print(a, out);
	return false;
}

static int read_endpoint(struct dns_zone *z, struct dns_service *s, const json_t *endpoint,
			 const struct ip_addr *a, struct dns_content *c)
{
	struct dns_endpoint *e = &c->endpoints[c->nendpoints++];
	char label[64];

	e->named = label_of(endpoint, a, label);
	e->address = dns_address_get(z, a);
	e->host = dns_host_get(s, label);
	return e->address && e->host ? 0 : -ENOMEM;
}

static int read_endpoints(struct dns_zone *z, struct dns_service *s, const json_t *slice,
			  bool publish, struct dns_content *c)
{
	const json_t *list = json_object_get(slice, "endpoints"), *endpoint;
	const char *type = compile_text(slice, "addressType");
	size_t i, n = json_array_size(list);
	struct ip_addr a;
	int err = 0;

	c->endpoints = n ? calloc(n, sizeof(*c->endpoints)) : NULL;
	if (n && !c->endpoints)
		return -ENOMEM;
	for (i = 0; !err && i < n; i++) {
		endpoint = json_array_get(list, i);
		if (read_address(endpoint, type, &a) && (publish || compile_is_ready(endpoint)))
			err = read_endpoint(z, s, endpoint, &a, c);
	}
	return err;
}

static int read_port(struct dns_service *s, const json_t *port, struct dns_content *c)
{
	const uint16_t number = compile_port_number(port, "port");
	const char *name = compile_text(port, "name");
	const uint8_t proto = compile_proto(port);
	struct dns_port *p;

	if (!number || !proto)
		return 0;
	p = &c->ports[c->nports++];
	p->number = number;
	if (!*name)
		return 0;
	p->ports = dns_ports_get(s, name, proto);
	return p->ports ? 0 : -ENOMEM;
}

static int read_ports(struct dns_service *s, const json_t *slice, struct dns_content *c)
{
	const json_t *list = json_object_get(slice, "ports");
	size_t i, n = json_array_size(list);
	int err = 0;

	c->ports = n ? calloc(n, sizeof(*c->ports)) : NULL;
	if (n && !c->ports)
		return -ENOMEM;
	for (i = 0; !err && i < n; i++)
		err = read_port(s, json_array_get(list, i), c);
	return err;
}

/* -ENOMEM: there is nothing in it. */
static int content_read(struct dns_zone *z, struct dns_service *s, const json_t *slice,
			bool publish, struct dns_content *c)
{
	int err = read_endpoints(z, s, slice, publish, c);

	/* Ports that nobody has are no names. */
	if (!err && c->nendpoints)
		err = read_ports(s, slice, c);
	if (err)
		content_clear(z, s, c);
	return err;
}

/* --- in effect --- */

static void count(const struct dns_content *c, size_t n[2])
{
	size_t i;

	for (i = 0; i < c->nendpoints; i++)
		n[family_index(&c->endpoints[i].address->addr)]++;
}

/* Room for so many more. */
static int reserve(struct dns_service *s, const size_t n[2])
{
	struct dns_endpoint **v;
	struct dns_family *f;
	size_t i, room;

	for (i = 0; i < 2; i++) {
		f = &s->families[i];
		if (f->n + n[i] <= f->room)
			continue;
		room = 2 * f->room > f->n + n[i] ? 2 * f->room : f->n + n[i];
		v = reallocarray(f->v, room, sizeof(*v));
		if (!v)
			return -ENOMEM;
		f->v = v;
		f->room = room;
	}
	return 0;
}

static void link_content(struct dns_slice *slice)
{
	struct dns_content *c = &slice->content;
	struct dns_endpoint *e;
	struct dns_family *f;
	size_t i;

	for (i = 0; i < c->nendpoints; i++) {
		e = &c->endpoints[i];
		f = &slice->service->families[family_index(&e->address->addr)];
		e->slice = slice;
		e->at = f->n;
		f->v[f->n++] = e;
		TAILQ_INSERT_TAIL(&e->host->endpoints, e, in_host);
		TAILQ_INSERT_TAIL(&e->address->endpoints, e, in_address);
	}
	for (i = 0; i < c->nports; i++) {
		c->ports[i].slice = slice;
		if (c->ports[i].ports)
			TAILQ_INSERT_TAIL(&c->ports[i].ports->ports, &c->ports[i], in_ports);
	}
}

static void unlink_content(struct dns_slice *slice)
{
	struct dns_content *c = &slice->content;
	struct dns_endpoint *e;
	struct dns_family *f;
	size_t i;

	for (i = 0; i < c->nendpoints; i++) {
		e = &c->endpoints[i];
		f = &slice->service->families[family_index(&e->address->addr)];
		f->v[e->at] = f->v[--f->n];
		f->v[e->at]->at = e->at;
		TAILQ_REMOVE(&e->host->endpoints, e, in_host);
		TAILQ_REMOVE(&e->address->endpoints, e, in_address);
	}
	for (i = 0; i < c->nports; i++)
		if (c->ports[i].ports)
			TAILQ_REMOVE(&c->ports[i].ports->ports, &c->ports[i], in_ports);
}

/* --- slices --- */

/* What it says is gone; its Service stays. */
static void drop_content(struct dns_zone *z, struct dns_slice *slice)
{
	unlink_content(slice);
	content_clear(z, slice->service, &slice->content);
}

static void leave(struct dns_zone *z, struct dns_slice *slice)
{
	struct dns_service *s = slice->service;

	if (!s)
		return;
	drop_content(z, slice);
	TAILQ_REMOVE(&s->slices, slice, in_service);
	slice->service = NULL;
	dns_service_tidy(z, s);
}

/* The object as it is now, at the Service that it names now. -ENOMEM: as it was. */
static int put(struct dns_zone *z, struct dns_slice *slice, struct dns_service *s,
	       json_t *object)
{
	struct dns_content c = { 0 };
	size_t n[2] = { 0 };
	int err = content_read(z, s, object, s->publish, &c);

	if (err)
		return err;
	count(&c, n);
	err = reserve(s, n);
	if (err) {
		content_clear(z, s, &c);
		return err;
	}
	/* Cannot fail from here on. */
	if (slice->service == s) {
		drop_content(z, slice);
	} else {
		leave(z, slice);
		TAILQ_INSERT_TAIL(&s->slices, slice, in_service);
		slice->service = s;
	}
	json_incref(object);
	json_decref(slice->object);
	slice->object = object;
	slice->content = c;
	link_content(slice);
	return 0;
}

static void slice_free(struct dns_zone *z, struct dns_slice *slice)
{
	leave(z, slice);
	strmap_del(&z->slice_by_key, slice->key);
	TAILQ_REMOVE(&z->slices, slice, in_all);
	json_decref(slice->object);
	free(slice->key);
	free(slice);
}

/* NULL: no memory. */
static struct dns_slice *slice_get(struct dns_zone *z, const char *key)
{
	struct dns_slice *slice = strmap_find(&z->slice_by_key, key);

	if (slice)
		return slice;
	slice = calloc(1, sizeof(*slice));
	if (!slice)
		return NULL;
	slice->key = strdup(key);
	if (!slice->key || strmap_add(&z->slice_by_key, slice->key, slice)) {
		free(slice->key);
		free(slice);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&z->slices, slice, in_all);
	return slice;
}

static int tell(struct dns_zone *z, const char *key, const char *service, json_t *object)
{
	struct dns_slice *slice = slice_get(z, key);
	struct dns_service *s = slice ? dns_service_get(z, service) : NULL;
	int err = s ? put(z, slice, s, object) : -ENOMEM;

	if (!err)
		slice->seen = z->list[PROXY_SLICE];
	if (s)
		dns_service_tidy(z, s);
	if (slice && !slice->service)
		slice_free(z, slice);
	return err;
}

/* "": it is of none. NULL: no memory. */
static char *service_of(const json_t *object, bool deleted)
{
	const json_t *meta = json_object_get(object, "metadata");
	const char *name = compile_text(json_object_get(meta, "labels"), SERVICE_LABEL);

	if (deleted || format_dns1123_label(name))
		return strdup("");
	return dns_key(object, name);
}

int dns_slice_tell(struct dns_zone *z, json_t *object, bool deleted)
{
	const char *name = compile_text(json_object_get(object, "metadata"), "name");
	char *service = service_of(object, deleted);
	char *key = dns_key(object, name);
	struct dns_slice *slice;
	int err = 0;

	if (!key || !service) {
		err = -ENOMEM;
	} else if (*key && *service) {
		err = tell(z, key, service, object);
	} else {
		slice = strmap_find(&z->slice_by_key, key);
		if (slice)
			slice_free(z, slice);
	}
	free(service);
	free(key);
	z->serial += !err;
	return err;
}

void dns_slice_sweep(struct dns_zone *z)
{
	struct dns_slice *slice, *next;

	for (slice = TAILQ_FIRST(&z->slices); slice; slice = next) {
		next = TAILQ_NEXT(slice, in_all);
		if (slice->seen == z->list[PROXY_SLICE])
			continue;
		slice_free(z, slice);
		z->serial++;
	}
}

void dns_slice_clear(struct dns_zone *z)
{
	while (!TAILQ_EMPTY(&z->slices))
		slice_free(z, TAILQ_FIRST(&z->slices));
}

/* --- all slices of a Service --- */

struct contents {
	struct dns_content *v;
	size_t n;
};

static void contents_clear(struct dns_zone *z, struct dns_service *s, struct contents *all)
{
	size_t i;

	for (i = 0; i < all->n; i++)
		content_clear(z, s, &all->v[i]);
	free(all->v);
}

static int contents_read(struct dns_zone *z, struct dns_service *s, bool publish,
			 struct contents *all)
{
	struct dns_slice *slice;
	size_t n[2] = { 0 }, slices = 0;
	int err = 0;

	TAILQ_FOREACH(slice, &s->slices, in_service)
		slices++;
	all->v = slices ? calloc(slices, sizeof(*all->v)) : NULL;
	if (slices && !all->v)
		return -ENOMEM;
	TAILQ_FOREACH(slice, &s->slices, in_service) {
		err = content_read(z, s, slice->object, publish, &all->v[all->n]);
		if (err)
			return err;
		count(&all->v[all->n++], n);
	}
	return reserve(s, n);
}

int dns_slice_republish(struct dns_zone *z, struct dns_service *s, bool publish)
{
	struct contents all = { 0 };
	int err = contents_read(z, s, publish, &all);
	struct dns_slice *slice;
	size_t i = 0;

	if (err) {
		contents_clear(z, s, &all);
		return err;
	}
	TAILQ_FOREACH(slice, &s->slices, in_service) {
		drop_content(z, slice);
		slice->content = all.v[i++];
		link_content(slice);
	}
	free(all.v);
	s->publish = publish;
	return 0;
}
