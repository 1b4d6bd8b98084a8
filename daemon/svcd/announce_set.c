// SPDX-License-Identifier: GPL-2.0
#include "announce_set.h"

#include "addrport.h"
#include "cidr.h"
#include "compile.h"
#include "jx.h"
#include "lb_service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Kubernetes' own label, whatever its value is. */
#define EXCLUDED	"node.kubernetes.io/exclude-from-external-load-balancers"

void announce_set_forget(struct announce_set *s)
{
	free(s->addrs);
	free(s->refs);
	s->refs = NULL;
	s->addrs = NULL;
	s->naddrs = 0;
}

static char *name_of(const json_t *object, const char *name)
{
	const char *ns = jx_str(object, "metadata.namespace");
	char *text;

	if (asprintf(&text, "%s/%s", *ns ? ns : "default", name) < 0)
		jx_must(NULL);
	return text;
}

static void map(struct strmap *m, const char *key, void *value)
{
	if (strmap_add(m, key, value))
		jx_must(NULL);
}

/* --- nodes --- */

static void node_free(struct announce_set *s, struct announce_node *n)
{
	TAILQ_REMOVE(&s->nodes, n, link);
	strmap_del(&s->nodes_by_name, n->name);
	s->nnodes--;
	s->changed = true;
	free(n->all);
	free(n->name);
	free(n);
}

static struct announce_node *node_get(struct announce_set *s, const char *name)
{
	struct announce_node *n = strmap_find(&s->nodes_by_name, name);

	if (n)
		return n;
	n = jx_must(calloc(1, sizeof(*n)));
	n->name = jx_must(strdup(name));
	map(&s->nodes_by_name, n->name, n);
	TAILQ_INSERT_TAIL(&s->nodes, n, link);
	s->nnodes++;
	s->changed = true;
	return n;
}

static struct ip_addr internal_ip(const json_t *object)
{
	const json_t *list = jx_get(object, "status.addresses"), *v;
	struct ip_addr a;
	size_t i;

	json_array_foreach(list, i, v)
		if (jx_is(v, "type", "InternalIP") &&
		    !ip_addr_parse(jx_str(v, "address"), &a, NULL) && !addrport_special(&a))
			return a;
	return (struct ip_addr){ 0 };
}

static size_t all_ips(const json_t *object, struct ip_addr **out)
{
	const json_t *list = jx_get(object, "status.addresses"), *v;
	size_t i, n = 0;

	*out = jx_must(calloc(json_array_size(list) + 1, sizeof(**out)));
	json_array_foreach(list, i, v)
		if (!ip_addr_parse(jx_str(v, "address"), &(*out)[n], NULL))
			n++;
	return n;
}

static bool take_all_ips(struct announce_node *n, const json_t *object)
{
	struct ip_addr *all;
	size_t i, nall = all_ips(object, &all);
	bool same = nall == n->nall;

	for (i = 0; same && i < nall; i++)
		same = ip_addr_equal(&all[i], &n->all[i]);
	free(n->all);
	n->all = all;
	n->nall = nall;
	return !same;
}

bool announce_set_is_node(const struct announce_set *s, const struct ip_addr *addr)
{
	const struct announce_node *n;
	size_t i;

	TAILQ_FOREACH(n, &s->nodes, link)
		for (i = 0; i < n->nall; i++)
			if (ip_addr_equal(&n->all[i], addr))
				return true;
	return false;
}

static void take_node(struct announce_set *s, const json_t *object, bool deleted)
{
	const char *name = jx_str(object, "metadata.name");
	struct announce_node *n = strmap_find(&s->nodes_by_name, name);
	const json_t *labels = jx_get(object, "metadata.labels");
	struct ip_addr addr = internal_ip(object);
	bool excluded = json_object_get(labels, EXCLUDED) ||
			jx_get(object, "metadata.deletionTimestamp");

	if (deleted) {
		if (n)
			node_free(s, n);
		return;
	}
	n = node_get(s, name);
	n->told = true;
	s->changed = take_all_ips(n, object) || s->changed;
	if (n->excluded == excluded && n->addr.family == addr.family &&
	    (!addr.family || ip_addr_equal(&n->addr, &addr)))
		return;
	n->excluded = excluded;
	n->addr = addr;
	s->changed = true;
}

const struct announce_node *announce_set_node(const struct announce_set *s, const char *name)
{
	return strmap_find(&s->nodes_by_name, name);
}

/* --- Services --- */

static void forget_nodes(struct announce_owner *o)
{
	while (o->nnodes)
		free(o->nodes[--o->nnodes]);
	free(o->nodes);
	o->nodes = NULL;
	o->nodes_known = false;
}

static struct announce_owner *owner_get(struct announce_set *s, const char *name)
{
	struct announce_owner *o = strmap_find(&s->owners_by_name, name);

	if (o)
		return o;
	o = jx_must(calloc(1, sizeof(*o)));
	o->name = jx_must(strdup(name));
	TAILQ_INIT(&o->slices);
	map(&s->owners_by_name, o->name, o);
	TAILQ_INSERT_TAIL(&s->owners, o, link);
	return o;
}

/* If nothing is known of it any more. */
static void owner_put(struct announce_set *s, struct announce_owner *o)
{
	if (o->service || !TAILQ_EMPTY(&o->slices))
		return;
	TAILQ_REMOVE(&s->owners, o, link);
	strmap_del(&s->owners_by_name, o->name);
	forget_nodes(o);
	free(o->name);
	free(o);
}

static void owner_set(struct announce_set *s, struct announce_owner *o, const json_t *service)
{
	if (o->service == service)
		return;
	s->changed = true;
	/* Nothing that points to it outlives this. */
	if (!service)
		announce_set_forget(s);
	json_decref(o->service);
	o->service = json_incref((json_t *)service);
	o->local = jx_is(service, "spec.externalTrafficPolicy", "Local");
	forget_nodes(o);
}

/* For a load balancer, and for nobody else's. */
static bool is_balanced(const json_t *service)
{
	const char *class = jx_str(service, "spec.loadBalancerClass");

	return compile_is_served(service) && jx_is(service, "spec.type", "LoadBalancer") &&
	       (!*class || !strcmp(class, LB_CLASS)) &&
	       json_array_size(jx_get(service, "status.loadBalancer.ingress"));
}

static void take_service(struct announce_set *s, const json_t *object, bool deleted)
{
	char *name = name_of(object, jx_str(object, "metadata.name"));
	struct announce_owner *o = strmap_find(&s->owners_by_name, name);

	if (!deleted && is_balanced(object)) {
		o = o ? o : owner_get(s, name);
		o->told = true;
		owner_set(s, o, object);
	} else if (o && o->service) {
		owner_set(s, o, NULL);
		owner_put(s, o);
	}
	free(name);
}

/* --- slices --- */

static void touch(struct announce_set *s, struct announce_owner *o)
{
	forget_nodes(o);
	if (o->service && o->local)
		s->changed = true;
}

static void slice_free(struct announce_set *s, struct announce_slice *sl)
{
	struct announce_owner *o = sl->owner;

	TAILQ_REMOVE(&o->slices, sl, link);
	strmap_del(&s->slices_by_name, sl->name);
	json_decref(sl->slice);
	free(sl->name);
	free(sl);
	touch(s, o);
	owner_put(s, o);
}

/* The name is taken over. */
static void slice_add(struct announce_set *s, char *name, const json_t *object)
{
	struct announce_slice *sl = jx_must(calloc(1, sizeof(*sl)));
	char *owner = name_of(object, compile_slice_service(object));

	sl->name = name;
	sl->slice = json_incref((json_t *)object);
	sl->told = true;
	sl->owner = owner_get(s, owner);
	free(owner);
	map(&s->slices_by_name, sl->name, sl);
	TAILQ_INSERT_TAIL(&sl->owner->slices, sl, link);
	touch(s, sl->owner);
}

static void take_slice(struct announce_set *s, const json_t *object, bool deleted)
{
	char *name = name_of(object, jx_str(object, "metadata.name"));
	struct announce_slice *sl = strmap_find(&s->slices_by_name, name);

	/* It may be another Service's now. */
	if (sl)
		slice_free(s, sl);
	if (!deleted && compile_slice_service(object))
		slice_add(s, name, object);
	else
		free(name);
}

/* --- lists --- */

void announce_set_init(struct announce_set *s)
{
	TAILQ_INIT(&s->nodes);
	TAILQ_INIT(&s->owners);
}

void announce_set_list_begin(struct announce_set *s, enum proxy_kind kind)
{
	struct announce_slice *sl;
	struct announce_owner *o;
	struct announce_node *n;

	if (kind == PROXY_NODE)
		TAILQ_FOREACH(n, &s->nodes, link)
			n->told = false;
	TAILQ_FOREACH(o, &s->owners, link) {
		if (kind == PROXY_SERVICE)
			o->told = false;
		if (kind == PROXY_SLICE)
			TAILQ_FOREACH(sl, &o->slices, link)
				sl->told = false;
	}
}

void announce_set_object(struct announce_set *s, enum proxy_kind kind, const json_t *object,
			 bool deleted)
{
	if (kind == PROXY_NODE)
		take_node(s, object, deleted);
	else if (kind == PROXY_SERVICE)
		take_service(s, object, deleted);
	else
		take_slice(s, object, deleted);
}

static void drop_nodes(struct announce_set *s, bool all)
{
	struct announce_node *n, *next;

	for (n = TAILQ_FIRST(&s->nodes); n; n = next) {
		next = TAILQ_NEXT(n, link);
		if (all || !n->told)
			node_free(s, n);
	}
}

static void drop_services(struct announce_set *s, bool all)
{
	struct announce_owner *o, *next;

	for (o = TAILQ_FIRST(&s->owners); o; o = next) {
		next = TAILQ_NEXT(o, link);
		if (o->service && (all || !o->told)) {
			owner_set(s, o, NULL);
			owner_put(s, o);
		}
	}
}

static void drop_slices(struct announce_set *s, bool all)
{
	struct announce_owner *o, *next_owner;
	struct announce_slice *sl, *next;

	for (o = TAILQ_FIRST(&s->owners); o; o = next_owner) {
		next_owner = TAILQ_NEXT(o, link);
		/* The last one may take its owner along. */
		for (sl = TAILQ_FIRST(&o->slices); sl; sl = next) {
			next = TAILQ_NEXT(sl, link);
			if (all || !sl->told)
				slice_free(s, sl);
		}
	}
}

static void drop(struct announce_set *s, enum proxy_kind kind, bool all)
{
	if (kind == PROXY_NODE)
		drop_nodes(s, all);
	else if (kind == PROXY_SERVICE)
		drop_services(s, all);
	else
		drop_slices(s, all);
}

void announce_set_list_end(struct announce_set *s, enum proxy_kind kind)
{
	drop(s, kind, false);
	s->listed[kind] = true;
	s->changed = true;
}

void announce_set_lists_void(struct announce_set *s)
{
	memset(s->listed, 0, sizeof(s->listed));
	s->changed = true;
}

bool announce_set_listed(const struct announce_set *s)
{
	enum proxy_kind kind;

	for (kind = PROXY_SERVICE; kind < PROXY_KINDS; kind++)
		if (!s->listed[kind])
			return false;
	return true;
}

void announce_set_clear(struct announce_set *s)
{
	enum proxy_kind kind;

	for (kind = PROXY_SERVICE; kind < PROXY_KINDS; kind++)
		drop(s, kind, true);
	announce_set_forget(s);
	strmap_clear(&s->nodes_by_name);
	strmap_clear(&s->owners_by_name);
	strmap_clear(&s->slices_by_name);
}
