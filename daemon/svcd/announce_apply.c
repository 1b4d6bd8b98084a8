// SPDX-License-Identifier: GPL-2.0
/* What was decided is made so: routes, the guard, and what is said on the LAN. */
#include "announce_priv.h"

#include "announce_arp.h"
#include "cidr.h"
#include "complaint.h"
#include "jx.h"
#include "log.h"
#include "rtnl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void tell(struct announce *a, enum announce_trouble which, const struct err *e)
{
	struct err text = { "" };

	if (e->text[0])
		err_set(&text, EIO, "announce: %s; it is tried again", e->text);
	complaint(&a->trouble[which], LOG_LEVEL_WARNING, &text);
}

/* --- what there is --- */

void announce_look(struct announce *a)
{
	struct err e = { "" };

	if (a->links_stale && !announce_links_read(a->rt, &a->links, &e)) {
		a->links_stale = false;
		a->arp_stale = true;
	}
	if (!e.text[0] && a->routes_stale && !announce_routes_read(a->rt, &a->routes, &e))
		a->routes_stale = false;
	if (e.text[0])
		tell(a, TROUBLE_ROUTES, &e);
}

/* --- routes --- */

static void wanted_routes(const struct announce *a, const struct announce_claims *want,
			  struct announce_routes *out)
{
	struct announce_route r;
	size_t i;

	for (i = 0; i < want->n; i++) {
		r = (struct announce_route){ .addr = want->v[i].addr,
					     .source = want->v[i].source };
		announce_routes_add(out, &r);
		if (a->options.mode != ANNOUNCE_ROUTE)
			continue;
		r.passed_on = true;
		r.source = (struct ip_addr){ 0 };
		announce_routes_add(out, &r);
	}
}

/* The one that is passed on goes first and comes last: nobody is sent to what is not there. */
static void each_route(struct announce *a, const struct announce_routes *l, bool passed_on,
		       int (*act)(struct nl_sock *, const struct announce_route *, struct err *),
		       struct err *e)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (l->v[i].passed_on == passed_on && act(a->rt, &l->v[i], e))
			a->routes_stale = true;
}

struct change {
	struct announce_routes want, add, del;
};

static void plan(struct announce *a, const struct announce_claims *want, struct change *c)
{
	*c = (struct change){ 0 };
	wanted_routes(a, want, &c->want);
	announce_routes_plan(&a->routes, &c->want, &c->add, &c->del);
}

static void change_clear(struct change *c)
{
	announce_routes_clear(&c->want);
	announce_routes_clear(&c->add);
	announce_routes_clear(&c->del);
}

static void take_away(struct announce *a, const struct change *c, struct err *e)
{
	each_route(a, &c->del, true, announce_route_del, e);
	each_route(a, &c->del, false, announce_route_del, e);
}

static void bring(struct announce *a, struct change *c, struct err *e)
{
	each_route(a, &c->add, false, announce_route_add, e);
	each_route(a, &c->add, true, announce_route_add, e);
	announce_routes_clear(&a->routes);
	a->routes = c->want;
	c->want = (struct announce_routes){ 0 };
	change_clear(c);
}

/* --- the guard --- */

static size_t guarded(const struct announce_claims *want, struct announce_guarded **out)
{
	const struct announce_claim *c;
	size_t i, j, n = 0;

	*out = jx_must(calloc(want->n * ANNOUNCE_ON_MAX + 1, sizeof(**out)));
	for (i = 0; i < want->n; i++) {
		c = &want->v[i];
		if (c->addr.family != AF_INET)
			continue;
		if (!c->non)
			(*out)[n++] = (struct announce_guarded){ c->addr.v4, "" };
		for (j = 0; j < c->non; j++)
			(*out)[n++] = (struct announce_guarded){ c->addr.v4, c->on[j].name };
	}
	return n;
}

static void drop_guard(struct announce *a)
{
	struct err e = { "" };

	/* One that an earlier svcd has left goes, too. */
	if (a->guard || (!a->unguarded && a->guard_ops->there()))
		a->guard_ops->clear(&e);
	a->unguarded = !e.text[0];
	free(a->guard);
	a->guard = NULL;
	tell(a, TROUBLE_GUARD, &e);
}

/* false: others may take over, and the kernel would go on to answer. */
static bool set_guard(struct announce *a, const struct announce_claims *want)
{
	struct announce_guarded *v;
	struct err e = { "" };
	char *text;
	size_t n;

	a->shared = a->peers.n;
	if (a->options.mode != ANNOUNCE_LAYER2 || (!want->n && !a->guard)) {
		drop_guard(a);
		return true;
	}
	n = guarded(want, &v);
	text = announce_guard_text(v, n, a->shared);
	if (!a->guard || strcmp(text, a->guard)) {
		free(a->guard);
		a->guard = a->guard_ops->set(v, n, a->shared, &e) ? NULL : text;
		a->unguarded = false;
		a->beat = announce_now();
		tell(a, TROUBLE_GUARD, &e);
	}
	if (a->guard != text)
		free(text);
	free(v);
	return a->guard || !a->shared;
}

void announce_check_guard(struct announce *a)
{
	/* Where there are others, the beat notices sooner, but only that the table has gone. */
	if (!a->guard || a->guard_ops->whole(a->shared))
		return;
	free(a->guard);
	a->guard = NULL;
}

bool announce_can_guard(struct announce *a)
{
	int64_t now = announce_now();
	struct err e = { "" };

	if (a->options.mode != ANNOUNCE_LAYER2 || !a->peers.n || a->guard)
		return true;
	if (a->guard_failed && now - a->guard_failed < ANNOUNCE_GUARD_RETRY_MS)
		return false;
	a->guard_failed = a->guard_ops->prepare(&e) ? now : 0;
	a->unguarded = false;
	tell(a, TROUBLE_GUARD, &e);
	return !a->guard_failed;
}

/* Who cannot fall silent when it dies says nothing: others do. */
static void give_up(struct announce *a)
{
	a->guard_failed = announce_now();
	a->ready = 0;
}

void announce_beat(struct announce *a)
{
	int64_t now = announce_now();
	struct err e = { "" };

	if (!a->have.n || !a->shared || now - a->beat < ANNOUNCE_BEAT_MS)
		return;
	a->beat = now;
	if (a->guard && !a->guard_ops->beat(&e))
		return;
	/* Somebody has flushed the whole ruleset. */
	free(a->guard);
	a->guard = NULL;
	if (set_guard(a, &a->have))
		return;
	give_up(a);
	announce_withdraw(a);
}

/* --- the LAN --- */

static bool has_link(const struct announce_claim *c, int index)
{
	size_t i;

	for (i = 0; c && i < c->non; i++)
		if (c->on[i].index == index)
			return true;
	return false;
}

/* Where it is not announced any more. */
static void be_quiet(struct announce *a, const struct announce_claims *want)
{
	const struct announce_claim *c, *now;
	size_t i, j;

	for (i = 0; a->wire && i < a->have.n; i++) {
		c = &a->have.v[i];
		now = announce_claim_find(want, &c->addr);
		for (j = 0; j < c->non; j++)
			if (!has_link(now, c->on[j].index))
				announce_wire_del(a->wire, &c->addr, c->on[j].index);
	}
}

static void speak(struct announce *a, const struct announce_claims *want)
{
	const struct announce_claim *c;
	size_t i, j;

	for (i = 0; a->wire && i < want->n; i++) {
		c = &want->v[i];
		for (j = 0; j < c->non; j++)
			announce_wire_add(a->wire, &c->addr, &c->on[j], c->said &&
					  !announce_claim_find(&a->have, &c->addr));
	}
}

void announce_need_wire(struct announce *a, bool needed)
{
	struct err e = { "" };

	if (!needed) {
		announce_wire_close(a->wire);
		a->wire = NULL;
	} else if (!a->wire && announce_wire_open(&a->wire, a->config.base, &e)) {
		a->wire = NULL;
	}
	complaint(&a->trouble[TROUBLE_WIRE], LOG_LEVEL_ERROR, &e);
}

void announce_speak(struct announce *a, struct announce_claims *want)
{
	be_quiet(a, want);
	speak(a, want);
	announce_claims_clear(&a->have);
	a->have = *want;
}

static bool uses(const struct announce_claims *want, int index)
{
	size_t i;

	for (i = 0; i < want->n; i++)
		if (want->v[i].addr.family == AF_INET && has_link(&want->v[i], index))
			return true;
	return false;
}

static void check_arp(struct announce *a, const struct announce_claims *want)
{
	const struct announce_link *l;
	struct err e = { "" };
	size_t i;

	for (i = 0; a->arp_stale && i < a->links.nlinks; i++) {
		l = &a->links.links[i];
		if (uses(want, l->index) && announce_arp_ignored(ANNOUNCE_ARP_SYSCTLS, l->name))
			err_set(&e, EINVAL, "announce: the kernel does not answer ARP on %s: set "
				"net.ipv4.conf.all.arp_ignore and net.ipv4.conf.%s.arp_ignore to 0",
				l->name, l->name);
	}
	if (a->arp_stale)
		complaint(&a->trouble[TROUBLE_ARP], LOG_LEVEL_WARNING, &e);
	a->arp_stale = false;
}

/* --- all of it --- */

static int by_addr(const void *key, const void *v)
{
	return cidr_addr_cmp(key, &((const struct announce_addr *)v)->addr);
}

static void note(struct announce *a, const struct ip_addr *ip)
{
	const struct announce_addr *addr = a->set.naddrs ?
		bsearch(ip, a->set.addrs, a->set.naddrs, sizeof(*a->set.addrs), by_addr) : NULL;
	char text[512];
	size_t i;

	/* MetalLB's words: who looks for them finds them. */
	snprintf(text, sizeof(text), "announcing from node \"%s\" with protocol \"%s\"", a->name,
		 announce_mode_name(a->options.mode));
	for (i = 0; addr && a->config.note && i < addr->nowners; i++)
		a->config.note(a->config.note_ctx, addr->owners[i]->service, "nodeAssigned", text);
}

static void say(struct announce *a, const struct announce_claims *want)
{
	char buf[INET6_ADDRSTRLEN];
	size_t i;

	for (i = 0; i < a->have.n; i++)
		if (!announce_claim_find(want, &a->have.v[i].addr))
			log_info("announce: %s is not announced from here any more",
				 ip_addr_print(&a->have.v[i].addr, buf));
	for (i = 0; i < want->n; i++) {
		if (want->v[i].said || announce_claim_find(&a->have, &want->v[i].addr))
			continue;
		log_info("announce: %s is announced from here",
			 ip_addr_print(&want->v[i].addr, buf));
		a->takeovers += a->moved;
		note(a, &want->v[i].addr);
	}
	if (a->config.noted)
		a->config.noted(a->config.note_ctx);
}

void announce_apply(struct announce *a, struct announce_claims *want)
{
	struct err e = { "" };
	struct change c;

	announce_need_wire(a, a->options.mode == ANNOUNCE_LAYER2);
	if (a->options.mode == ANNOUNCE_LAYER2 && !a->wire)
		announce_claims_clear(want);
	plan(a, want, &c);
	/* Of what goes, the kernel is silent first; of what comes, it answers last. */
	be_quiet(a, want);
	take_away(a, &c, &e);
	if (!set_guard(a, want)) {
		give_up(a);
		announce_claims_clear(want);
		change_clear(&c);
		plan(a, want, &c);
		be_quiet(a, want);
		take_away(a, &c, &e);
	}
	bring(a, &c, &e);
	tell(a, TROUBLE_ROUTES, &e);
	speak(a, want);
	say(a, want);
	check_arp(a, want);
	announce_claims_clear(&a->have);
	a->have = *want;
}

void announce_withdraw(struct announce *a)
{
	struct announce_claims none = { 0 };

	announce_apply(a, &none);
}
