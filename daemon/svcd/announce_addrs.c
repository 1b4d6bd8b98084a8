// SPDX-License-Identifier: GPL-2.0
/* From what is known of Services and slices to the addresses, and who of the nodes serves them. */
#include "announce_set.h"

#include "addrport.h"
#include "cidr.h"
#include "compile.h"
#include "jx.h"

#include <stdlib.h>
#include <string.h>

/* --- on which nodes a Service has ready endpoints --- */

struct names {
	const char **v;
	size_t n, room;
};

static void add_name(struct names *l, const char *name)
{
	if (l->n == l->room) {
		l->room = l->room ? 2 * l->room : 16;
		l->v = jx_must(realloc(l->v, l->room * sizeof(*l->v)));
	}
	l->v[l->n++] = name;
}

/* As a health check counts them: see compile_health.c. */
static void collect(struct names *l, const json_t *slice)
{
	const json_t *list = json_object_get(slice, "endpoints"), *v;
	const char *node;
	size_t i;

	json_array_foreach(list, i, v) {
		node = compile_text(v, "nodeName");
		if (*node && compile_is_ready(v))
			add_name(l, node);
	}
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void know_nodes(struct announce_owner *o)
{
	struct announce_slice *sl;
	struct names l = { 0 };
	size_t i;

	if (o->nodes_known)
		return;
	o->nodes_known = true;
	TAILQ_FOREACH(sl, &o->slices, link)
		collect(&l, sl->slice);
	if (!l.n)
		return;
	qsort(l.v, l.n, sizeof(*l.v), by_text);
	o->nodes = jx_must(calloc(l.n, sizeof(*o->nodes)));
	for (i = 0; i < l.n; i++)
		if (!i || strcmp(l.v[i], l.v[i - 1]))
			o->nodes[o->nnodes++] = jx_must(strdup(l.v[i]));
	free(l.v);
}

size_t announce_addr_local(const struct announce_addr *a, const char *node)
{
	const struct announce_owner *o;
	size_t i, n = 0;

	for (i = 0; i < a->nowners; i++) {
		o = a->owners[i];
		if (o->local && o->nnodes &&
		    bsearch(&node, o->nodes, o->nnodes, sizeof(*o->nodes), by_text))
			n++;
	}
	return n;
}

/* --- addresses --- */

struct pair {
	struct ip_addr addr;
	struct announce_owner *owner;
};

struct pairs {
	struct pair *v;
	size_t n, room;
};

static void add_pair(struct pairs *l, const struct ip_addr *addr, struct announce_owner *o)
{
	if (l->n == l->room) {
		l->room = l->room ? 2 * l->room : 64;
		l->v = jx_must(realloc(l->v, l->room * sizeof(*l->v)));
	}
	l->v[l->n++] = (struct pair){ *addr, o };
}

/* Those that this node's proxy captures: what is somebody else's to answer has no ipMode VIP. */
static void add_pairs(struct pairs *l, const struct announce_set *s, struct announce_owner *o,
		      const struct announce_options *opt)
{
	const json_t *list = jx_get(o->service, "status.loadBalancer.ingress"), *v;
	struct ip_addr a;
	size_t i;

	json_array_foreach(list, i, v)
		if (!jx_is(v, "ipMode", "Proxy") && !ip_addr_parse(jx_str(v, "ip"), &a, NULL) &&
		    !addrport_special(&a) && announce_options_have(opt, &a) &&
		    !announce_set_is_node(s, &a))
			add_pair(l, &a, o);
}

static int by_addr(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	int c = cidr_addr_cmp(&x->addr, &y->addr);

	return c ? c : strcmp(x->owner->name, y->owner->name);
}

static void group(struct announce_set *s, const struct pairs *l)
{
	struct announce_addr *a = NULL;
	size_t i;

	for (i = 0; i < l->n; i++) {
		if (!a || !ip_addr_equal(&a->addr, &l->v[i].addr)) {
			a = &s->addrs[s->naddrs++];
			*a = (struct announce_addr){ .addr = l->v[i].addr, .owners = &s->refs[i] };
		} else if (l->v[i].owner == l->v[i - 1].owner) {
			continue;	/* said twice */
		}
		a->owners[a->nowners++] = l->v[i].owner;
		a->nlocal += l->v[i].owner->local;
	}
}

void announce_set_build(struct announce_set *s, const struct announce_options *o)
{
	struct announce_owner *owner;
	struct pairs l = { 0 };

	s->changed = false;
	announce_set_forget(s);
	TAILQ_FOREACH(owner, &s->owners, link) {
		if (!owner->service)
			continue;
		add_pairs(&l, s, owner, o);
		if (owner->local)
			know_nodes(owner);
	}
	if (!l.n)
		return;
	qsort(l.v, l.n, sizeof(*l.v), by_addr);
	s->addrs = jx_must(calloc(l.n, sizeof(*s->addrs)));
	s->refs = jx_must(calloc(l.n, sizeof(*s->refs)));
	group(s, &l);
	free(l.v);
}
