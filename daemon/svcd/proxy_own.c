// SPDX-License-Identifier: GPL-2.0
/*
 * A Service that the node itself is behind, such as that of names: on each node it leads to
 * this very node. As EndpointSlices of the API it could not be said: they are the same for all
 * nodes, and have neither link-local addresses nor nodes that nobody has told of.
 */
#include "proxy_entry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static void touch(struct proxy *p, const char *key)
{
	struct proxy_entry *n = key ? strmap_find(&p->by_key, key) : NULL;

	if (!n)
		return;
	n->changed = true;
	proxy_entry_pend(p, n);
}

void proxy_own_clear(struct proxy_own *own)
{
	free(own->key);
	free(own->v);
	*own = (struct proxy_own){ NULL };
}

static bool is_same(const struct proxy_own *own, const char *key, uint16_t port,
		    const struct proxy_socket *v, size_t n)
{
	size_t i;

	if (own->n != n || own->port != port || (n && strcmp(own->key, key)))
		return false;
	for (i = 0; i < n; i++)
		if (!ip_addr_equal(&own->v[i].addr, &v[i].addr) || own->v[i].port != v[i].port)
			return false;
	return true;
}

int proxy_set_own(struct proxy *p, const char *key, uint16_t port, const struct proxy_socket *v,
		  size_t n)
{
	struct proxy_own own = { .port = port, .n = n };

	if (!n)
		own = (struct proxy_own){ NULL };
	if (is_same(&p->own, key, own.port, v, n))
		return 0;
	if (n) {
		own.key = strdup(key);
		own.v = calloc(n, sizeof(*v));
		if (!own.key || !own.v) {
			proxy_own_clear(&own);
			return -ENOMEM;
		}
		memcpy(own.v, v, n * sizeof(*v));
	}
	touch(p, p->own.key);
	touch(p, own.key);
	proxy_own_clear(&p->own);
	p->own = own;
	return 1;
}

/* --- as slices --- */

/* The Service's ports of that number; they are told apart by their names. */
static json_t *make_ports(const struct proxy_own *own, const struct proxy_socket *s,
			  const json_t *service)
{
	const json_t *list = json_object_get(json_object_get(service, "spec"), "ports");
	json_t *ports = json_array(), *port;
	uint8_t proto;
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		port = json_array_get(list, i);
		proto = compile_proto(port);
		if (compile_port_number(port, "port") != own->port ||
		    (proto != IPPROTO_TCP && proto != IPPROTO_UDP))
			continue;
		json_array_append_new(ports, json_pack("{s:s, s:s, s:i}", "name",
						       compile_text(port, "name"), "protocol",
						       proto == IPPROTO_TCP ? "TCP" : "UDP",
						       "port", s->port));
	}
	return ports;
}

/* NULL: no memory. */
static json_t *make_slice(const struct proxy *p, const struct proxy_socket *s,
			  const json_t *service)
{
	char addr[INET6_ADDRSTRLEN];

	return json_pack("{s:s, s:[{s:[s], s:s}], s:o}", "addressType",
			 s->addr.family == AF_INET ? "IPv4" : "IPv6", "endpoints", "addresses",
			 ip_addr_print(&s->addr, addr), "nodeName", p->node_name, "ports",
			 make_ports(&p->own, s, service));
}

void proxy_own_slices_free(json_t **v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		json_decref(v[i]);
	free(v);
}

int proxy_own_slices(const struct proxy *p, const struct proxy_entry *entry, json_t ***out,
		     size_t *n)
{
	json_t **v;

	*out = NULL;
	*n = 0;
	if (!p->own.n || strcmp(p->own.key, entry->key))
		return 0;
	v = calloc(p->own.n, sizeof(*v));
	if (!v)
		return -ENOMEM;
	for (; *n < p->own.n; ++*n) {
		v[*n] = make_slice(p, &p->own.v[*n], entry->service);
		if (!v[*n]) {
			proxy_own_slices_free(v, *n);
			*n = 0;
			return -ENOMEM;
		}
	}
	*out = v;
	return 0;
}
