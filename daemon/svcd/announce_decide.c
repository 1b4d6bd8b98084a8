// SPDX-License-Identifier: GPL-2.0
/* What this node announces now. */
#include "announce_priv.h"

#include "cidr.h"
#include "jx.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int64_t announce_heard_ms(const struct announce *a)
{
	return 3 * announce_peers_period(&a->peers);
}

/* Others count a node that comes back only after that; then it may take, and they have let go. */
int64_t announce_hold_ms(const struct announce *a)
{
	return ANNOUNCE_UP_MS + announce_heard_ms(a);
}

/*
 * A node that is new says nothing before it knows what the others do. One that was away for a
 * moment only goes on with what it had. One that was away for longer, or never there, waits
 * until the others have seen it for long enough to have let go of what is its own; but not when
 * there is nobody who could have anything.
 */
bool announce_holds(const struct announce *a)
{
	int64_t since = announce_now() - a->says;
	bool known = announce_peers_known(&a->peers);

	if (a->settled || a->options.mode != ANNOUNCE_LAYER2 || !a->peers.n)
		return false;
	if (a->recent)
		return !known;
	return !(known && !announce_peers_alive(&a->peers)) && since < announce_hold_ms(a);
}

bool announce_may(const struct announce *a)
{
	const struct announce_node *self = announce_set_node(&a->set, a->name);

	if (self && self->excluded)
		return false;
	if (a->options.mode != ANNOUNCE_LAYER2)
		return self || !a->set.nnodes;
	/*
	 * Others have to know of this one. Where there are no Nodes at all, there is but this
	 * one, unless it follows another.
	 */
	return self ? self->addr.family : !a->set.nnodes && !a->follows;
}

enum announce_grade announce_own_grade(const struct announce *a)
{
	struct node_health h;

	node_health(a->config.node, &h);
	return h.ok && h.eligible ? ANNOUNCE_WELL : ANNOUNCE_ILL;
}

bool announce_is_due(const struct announce *a)
{
	return announce_holds(a) != a->held || announce_own_grade(a) != a->grade;
}

/* --- claims --- */

void announce_claims_clear(struct announce_claims *c)
{
	free(c->v);
	*c = (struct announce_claims){ 0 };
}

static int by_addr(const void *a, const void *b)
{
	return cidr_addr_cmp(&((const struct announce_claim *)a)->addr,
			     &((const struct announce_claim *)b)->addr);
}

const struct announce_claim *announce_claim_find(const struct announce_claims *c,
						 const struct ip_addr *addr)
{
	const struct announce_claim key = { .addr = *addr };

	return c->n ? bsearch(&key, c->v, c->n, sizeof(*c->v), by_addr) : NULL;
}

static void add(const struct announce *a, struct announce_claims *out, const struct ip_addr *addr,
		bool said)
{
	const struct announce_link *on[ANNOUNCE_ON_MAX];
	struct announce_claim *c;
	size_t i;

	/* A power of two: it is full. */
	if (!(out->n & (out->n - 1)))
		out->v = jx_must(realloc(out->v, (out->n ? 2 * out->n : 1) * sizeof(*out->v)));
	c = &out->v[out->n++];
	*c = (struct announce_claim){ .addr = *addr, .said = said };
	c->source = announce_links_source(&a->links, &a->options, addr);
	if (a->options.mode != ANNOUNCE_LAYER2)
		return;
	c->non = announce_links_for(&a->links, &a->options, addr, on);
	for (i = 0; i < c->non; i++)
		c->on[i] = *on[i];
}

void announce_claims_left(const struct announce *a, struct announce_claims *out)
{
	size_t i;

	*out = (struct announce_claims){ 0 };
	for (i = 0; i < a->left.n; i++)
		if (!a->left.v[i].passed_on)
			add(a, out, &a->left.v[i].addr, true);
	if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), by_addr);
}

/* --- whose it is --- */

struct nodes {
	struct announce_candidate *v;	/* the first one is this node */
	size_t n;
};

static void candidates(const struct announce *a, struct nodes *out)
{
	const struct announce_known *k;

	out->v = jx_must(calloc(a->peers.n + 1, sizeof(*out->v)));
	out->v[0] = (struct announce_candidate){ .name = a->name };
	if (announce_may(a))
		out->v[0].grade = announce_own_grade(a);
	out->n = 1;
	TAILQ_FOREACH(k, &a->peers.list, link)
		out->v[out->n++] = (struct announce_candidate){ .name = k->name,
								.grade = k->grade,
								.without = k->without };
}

static bool is_ours(struct nodes *nodes, const struct announce_addr *addr, bool alone, bool had)
{
	/* One that all nodes announce for themselves, each if it can serve it. */
	size_t n = alone ? 1 : nodes->n, i;

	for (i = 0; i < n; i++)
		nodes->v[i].local = addr->nlocal ?
				    announce_addr_local(addr, nodes->v[i].name) : 0;
	return announce_is_chosen(nodes->v, n, addr->nlocal, &addr->addr, had);
}

/* This svcd, or the one before it, announces it: nothing changes for anybody. */
static bool is_left(const struct announce *a, const struct ip_addr *addr)
{
	size_t i;

	if (announce_claim_find(&a->have, addr))
		return true;
	for (i = 0; i < a->left.n; i++)
		if (!a->left.v[i].passed_on && ip_addr_equal(&a->left.v[i].addr, addr))
			return true;
	return false;
}

/* To announce what the kernel does not hold would lead to the node's own servers. */
static bool is_served(const struct announce *a, const struct announce_addr *addr)
{
	size_t i;

	for (i = 0; i < addr->nowners; i++)
		if (a->serves(node_proxy(a->config.node), addr->owners[i]->name, &addr->addr))
			return true;
	return false;
}

/* Who claims a router's address takes the LAN's way out. */
static bool is_taken(const struct announce *a, const struct announce_addr *addr, struct err *e)
{
	char whose[ANNOUNCE_TAKEN_STRLEN], buf[INET6_ADDRSTRLEN];

	announce_links_taken(&a->links, &addr->addr, whose);
	if (*whose && !e->text[0])
		err_set(e, EADDRINUSE, "announce: %s of Service %s is %s: it is not announced; "
			"give the Service another one, and take this one out of the pools",
			ip_addr_print(&addr->addr, buf), addr->owners[0]->name, whose);
	return *whose;
}

void announce_decide(const struct announce *a, struct announce_claims *out)
{
	bool holds = announce_holds(a), left;
	const struct announce_addr *addr;
	struct nodes nodes;
	size_t i;

	*out = (struct announce_claims){ 0 };
	if (a->options.mode == ANNOUNCE_NONE)
		return;
	candidates(a, &nodes);
	for (i = 0; i < a->set.naddrs; i++) {
		addr = &a->set.addrs[i];
		/* An interface's own the kernel answers for anyway; it is no service's alone. */
		if (announce_links_own(&a->links, &addr->addr) || is_taken(a, addr, &out->taken))
			continue;
		left = is_left(a, &addr->addr);
		if (!(holds ? left && a->recent && announce_may(a) :
			      is_ours(&nodes, addr, a->options.mode == ANNOUNCE_ROUTE, left)))
			continue;
		if (!is_served(a, addr))
			out->waits = true;
		else
			add(a, out, &addr->addr, left);
	}
	free(nodes.v);
}
