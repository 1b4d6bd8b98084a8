// SPDX-License-Identifier: GPL-2.0
/*
 * The endpoints of a service port, merged from all slices of the Service, and
 * who of them gets new connections on this node. The rules are those of
 * kube-proxy 1.36: CategorizeEndpoints() in its pkg/proxy/topology.go, and
 * addEndpoints() in endpointslicecache.go for what stands in several slices.
 *
 *	cluster list	those that are ready, near ones only if the hints say so
 *	local list	those that are ready on this node, whatever the hints say
 *
 * A list in which nobody is has those instead that terminate and serve still.
 * Who is ready or serves and stands in no list drains: its connections go on,
 * and the UDP flows to it are not stale. Who neither is ready nor serves is no
 * endpoint; kube-proxy ends its UDP flows, too.
 */
#include "addrport.h"
#include "compile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define READY		(1u << 0)
#define SERVING		(1u << 1)
#define TERMINATING	(1u << 2)
#define LOCAL		(1u << 3)
#define NODE_HINTS	(1u << 4)	/* it has some */
#define FOR_NODE	(1u << 5)	/* one of them is for this node */
#define ZONE_HINTS	(1u << 6)
#define FOR_ZONE	(1u << 7)

#define ALL_HINTS	(NODE_HINTS | ZONE_HINTS)

struct candidate {
	struct ip_addr addr;
	uint16_t port;
	unsigned int traits;
};

struct candidates {
	struct candidate *v;
	size_t n, room;
};

/* Who has all traits of a mask is in that list. */
struct lists {
	unsigned int cluster, local;
};

/* --- one endpoint of a slice --- */

/*
 * What is unset is true for ready and serving, false for terminating; with two
 * exceptions. Ready and yet terminating and not serving is only who says so: that
 * is what publishNotReadyAddresses asks for. And who is not ready, though it does
 * not terminate, does not serve: so are the addresses of Endpoints mirrored.
 */
static unsigned int conditions(const json_t *endpoint)
{
	const json_t *all = json_object_get(endpoint, "conditions");
	const json_t *serving = json_object_get(all, "serving");
	const json_t *ready = json_object_get(all, "ready");
	unsigned int traits = 0;

	if (json_is_true(json_object_get(all, "terminating")))
		traits |= TERMINATING;
	if (json_is_true(serving) ||
	    (!json_is_false(serving) && (traits & TERMINATING || !json_is_false(ready))))
		traits |= SERVING;
	if (json_is_true(ready) || (!json_is_false(ready) && traits != TERMINATING))
		traits |= READY;
	return traits;
}

bool compile_is_ready(const json_t *endpoint)
{
	return conditions(endpoint) & READY;
}

/* some: there are hints of this kind; ours: one of them has this name. */
static unsigned int hints_of(const json_t *hints, const char *kind, const char *name,
			     unsigned int some, unsigned int ours)
{
	const json_t *list = json_object_get(hints, kind);
	unsigned int traits = json_array_size(list) ? some : 0;
	size_t i;

	for (i = 0; name && *name && i < json_array_size(list); i++)
		if (!strcmp(compile_text(json_array_get(list, i), "name"), name))
			traits |= ours;
	return traits;
}

static unsigned int traits_of(const json_t *endpoint, const struct compile_node *node)
{
	const json_t *hints = json_object_get(endpoint, "hints");
	unsigned int traits = conditions(endpoint);

	if (node->name && *node->name && !strcmp(compile_text(endpoint, "nodeName"), node->name))
		traits |= LOCAL;
	if (!hints)
		return traits;
	return traits | hints_of(hints, "forNodes", node->name, NODE_HINTS, FOR_NODE) |
	       hints_of(hints, "forZones", node->zone, ZONE_HINTS, FOR_ZONE);
}

static int add_candidate(struct candidates *all, const struct candidate *c)
{
	size_t room = all->room ? 2 * all->room : 16;
	struct candidate *v = all->v;

	if (all->n == all->room) {
		v = reallocarray(v, room, sizeof(*v));
		if (!v)
			return -ENOMEM;
		all->v = v;
		all->room = room;
	}
	v[all->n++] = *c;
	return 0;
}

/* --- slices --- */

/* The number that the Service's port has in this slice. 0: none; or all, which is none here. */
static uint16_t find_port(const json_t *slice, const char *name, uint8_t proto)
{
	const json_t *list = json_object_get(slice, "ports");
	const json_t *port;
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		port = json_array_get(list, i);
		if (!strcmp(compile_text(port, "name"), name) && compile_proto(port) == proto)
			return compile_port_number(port, "port");
	}
	return 0;
}

/* Of several addresses the first one counts, as in Kubernetes. */
static int add_slice(struct candidates *all, const json_t *slice, const char *port_name,
		     const struct compile_node *node, const struct kservice *s)
{
	const char *type = s->family == AF_INET ? "IPv4" : "IPv6";
	const json_t *list = json_object_get(slice, "endpoints"), *endpoint;
	struct candidate c = { .port = find_port(slice, port_name, s->proto) };
	const char *text;
	size_t i;
	int err = 0;

	if (!c.port || strcmp(compile_text(slice, "addressType"), type))
		return 0;
	for (i = 0; !err && i < json_array_size(list); i++) {
		endpoint = json_array_get(list, i);
		text = json_string_value(json_array_get(json_object_get(endpoint, "addresses"), 0));
		if (!text || ip_addr_parse(text, &c.addr, NULL) || c.addr.family != s->family ||
		    addrport_special(&c.addr))
			continue;
		c.traits = traits_of(endpoint, node);
		err = add_candidate(all, &c);
	}
	return err;
}

/* --- all of them --- */

static int cmp(const void *x, const void *y)
{
	const struct candidate *a = x, *b = y;
	int c = memcmp(&a->addr.v6, &b->addr.v6, ip_addr_len(&a->addr));

	return c ? c : (int)a->port - (int)b->port;
}

/*
 * A pod that moves from slice to slice is in two of them for a while, and so is
 * the address of one that terminates and of the one that has it next.
 */
static unsigned int rank(unsigned int traits)
{
	return (traits & READY ? 4 : 0) + (traits & TERMINATING ? 0 : 2) +
	       (traits & SERVING ? 1 : 0);
}

/* Whatever the order of the slices. */
static unsigned int merge_traits(unsigned int a, unsigned int b)
{
	if (rank(a) != rank(b))
		return rank(a) > rank(b) ? a : b;
	return ((a | b) & ~ALL_HINTS) | (a & b & ALL_HINTS);
}

/* Sorted and each one once: all nodes agree, and the kernel takes no duplicates. */
static void merge(struct candidates *all)
{
	struct candidate *v = all->v;
	size_t i, n = 0;

	if (!all->n)
		return;
	qsort(v, all->n, sizeof(*v), cmp);
	for (i = 1; i < all->n; i++) {
		if (cmp(&v[n], &v[i]))
			v[++n] = v[i];
		else
			v[n].traits = merge_traits(v[n].traits, v[i].traits);
	}
	all->n = n + 1;
}

static struct lists eligible(const struct candidates *all)
{
	const unsigned int fallback = SERVING | TERMINATING;
	unsigned int any = 0, each = ~0u, topology = 0;
	bool local = false;
	size_t i;

	for (i = 0; i < all->n; i++) {
		if (!(all->v[i].traits & READY))
			continue;
		any |= all->v[i].traits;
		each &= all->v[i].traits;
		local = local || all->v[i].traits & LOCAL;
	}
	if (each & NODE_HINTS && any & FOR_NODE)
		topology = FOR_NODE;
	else if (each & ZONE_HINTS && any & FOR_ZONE)
		topology = FOR_ZONE;
	return (struct lists){
		.cluster = any ? READY | topology : fallback,
		.local = LOCAL | (local ? READY : fallback),
	};
}

static bool has(unsigned int traits, unsigned int mask)
{
	return (traits & mask) == mask;
}

static int add_endpoints(const struct candidates *all, struct kservice *s)
{
	const struct lists lists = eligible(all);
	size_t i;
	int err = 0;

	for (i = 0; !err && i < all->n; i++) {
		const struct candidate *c = &all->v[i];
		const struct kendpoint p = {
			.addr = c->addr,
			.port = c->port,
			.lists = (has(c->traits, lists.cluster) ? SVCNAT_LIST_CLUSTER : 0) |
				 (has(c->traits, lists.local) ? SVCNAT_LIST_LOCAL : 0),
			.weight = 1,
		};

		if (c->traits & (READY | SERVING))
			err = kservice_add_endpoint(s, &p);
	}
	/* More than the kernel takes of one service: those are served. */
	return err == -ENOSPC ? 0 : err;
}

int compile_endpoints(const struct compile_slices *slices, const char *port_name,
		      const struct compile_node *node, struct kservice *s)
{
	struct candidates all = { 0 };
	size_t i;
	int err = 0;

	for (i = 0; !err && i < slices->n; i++)
		err = add_slice(&all, slices->v[i], port_name, node, s);
	merge(&all);
	if (!err)
		err = add_endpoints(&all, s);
	free(all.v);
	return err;
}

bool compile_needs_zone(const json_t *slice)
{
	const json_t *list = json_object_get(slice, "endpoints"), *hints;
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		hints = json_object_get(json_array_get(list, i), "hints");
		if (hints_of(hints, "forZones", NULL, ZONE_HINTS, 0))
			return true;
	}
	return false;
}
