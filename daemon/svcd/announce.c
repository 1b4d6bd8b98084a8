// SPDX-License-Identifier: GPL-2.0
#include "announce_priv.h"

#include "complaint.h"
#include "jx.h"
#include "log.h"
#include "proxy_serves.h"
#include "rtnl.h"
#include "timer.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define VERIFY_S	10
#define LINKS_MS	100	/* interfaces come and go by the dozen */
/* After that long without a turn of the loop, others may have thought that this node is gone. */
#define STALLED_MS	1800

/* The time that a machine sleeps counts: others saw it as silent. */
int64_t announce_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000 + 1;
}

/* --- when --- */

/* Whoever is new here has nothing, and asks everybody anew. */
static void begin(struct announce *a)
{
	bool had = a->left.n || a->did;

	a->carries = false;
	a->ready = a->says = announce_now();
	if (!a->recent && had)
		a->says += announce_heard_ms(a);
	a->settled = false;
	a->ticked = 0;
	announce_peers_restart(&a->peers);
	if (!a->recent && a->peers.n)
		announce_routes_clear(&a->left);
}

/* The module has gone: nobody here is served, and what comes in would reach the node itself. */
static void lose(struct announce *a)
{
	a->ready = 0;
	announce_withdraw(a);
}

static bool is_ready(struct announce *a)
{
	struct err e;

	if (!node_ready(a->config.node, &e)) {
		if (a->ready)
			lose(a);
		return false;
	}
	if (a->ready)
		return true;
	if (!announce_set_listed(&a->set))
		return false;
	a->recent = a->options.mode == ANNOUNCE_LAYER2 && a->left.n && a->guard_ops->recent();
	if (!announce_can_guard(a))
		return false;
	begin(a);
	return true;
}

/* Others would not know of this one, and announce what it announces. */
static void look_for_own_node(struct announce *a)
{
	const struct announce_node *self = announce_set_node(&a->set, a->name);
	bool layer2 = a->options.mode == ANNOUNCE_LAYER2;
	struct err e = { "" };

	if (!self && a->set.nnodes)
		err_set(&e, ENOENT, "announce: there are Nodes, but none of this node's name, %s: "
			"nothing is announced from here", a->name);
	else if (!self && layer2 && a->follows)
		err_set(&e, ENOENT, "announce: other nodes do not know of this one: nothing is "
			"announced from here until each has a Node, this one of the name %s",
			a->name);
	else if (self && layer2 && !self->addr.family)
		err_set(&e, EDESTADDRREQ, "announce: the Node %s has no InternalIP in its status, "
			"where other nodes would ask for it: nothing is announced from here",
			a->name);
	complaint(&a->trouble[TROUBLE_NODE], LOG_LEVEL_WARNING, &e);
}

/* That it is so for a while is nothing to speak of: this node may just have come. */
static void look_at_others(struct announce *a)
{
	const char *name = announce_peers_without(&a->peers, 2 * announce_hold_ms(a));
	struct err e = { "" };

	if (name)
		err_set(&e, EHOSTUNREACH, "announce: node %s announces as if this node were not "
			"there, and is left what it has: it does not know this Node, or cannot "
			"reach its health port", name);
	complaint(&a->trouble[TROUBLE_OTHERS], LOG_LEVEL_WARNING, &e);
}

static void decide(struct announce *a)
{
	struct announce_claims want;

	look_for_own_node(a);
	look_at_others(a);
	if (!a->routes_stale) {
		a->held = announce_holds(a);
		a->grade = announce_own_grade(a);
		announce_decide(a, &want);
		a->waits = want.waits;
		complaint(&a->trouble[TROUBLE_TAKEN], LOG_LEVEL_WARNING, &want.taken);
		announce_apply(a, &want);
		a->did = a->did || (a->options.mode == ANNOUNCE_LAYER2 && a->wire);
		if (!a->held) {
			a->settled = true;
			announce_routes_clear(&a->left);
		}
	}
	a->moved = false;
}

static void update(struct announce *a)
{
	if (a->options.mode == ANNOUNCE_NONE)
		return;
	event_del(a->soon);
	a->moved = !a->set.changed;
	announce_set_build(&a->set, &a->options);
	if (a->options.mode == ANNOUNCE_LAYER2)
		announce_peers_sync(&a->peers, &a->set, a->name);
	else
		announce_peers_clear(&a->peers);
	/* While the lists come from elsewhere all stays as it is. */
	if (is_ready(a) && announce_set_listed(&a->set)) {
		announce_look(a);
		decide(a);
	}
	if (!a->ready || a->peers.n)
		timer_soon(a->tick, ANNOUNCE_TICK_MS);
}

static void on_soon(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	update(ctx);
}

static void changed(struct announce *a)
{
	timer_soon(a->soon, 0);
}

static bool stalled(struct announce *a, int64_t now)
{
	int64_t was = a->ticked;

	a->ticked = now;
	if (!was || now - was < STALLED_MS)
		return false;
	log_warning("announce: svcd stood still for %lld ms; other nodes may have taken over",
		    (long long)(now - was));
	a->recent = false;
	begin(a);
	return true;
}

static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
	struct announce *a = ctx;

	(void)fd;
	(void)what;
	if (!a->ready) {
		announce_carry(a);
		update(a);
		return;
	}
	if (!a->peers.n) {
		a->ticked = 0;
		return;
	}
	if (stalled(a, announce_now()) || announce_peers_tick(&a->peers) || announce_is_due(a))
		update(a);
	/* Who was not heard may have announced what this one kept all the time. */
	if (announce_peers_came(&a->peers) && a->wire)
		announce_wire_again(a->wire);
	announce_beat(a);
	timer_soon(a->tick, ANNOUNCE_TICK_MS);
}

static void start(struct announce *a);

/* Others may have deleted routes; what has failed is tried again. */
static void on_verify(evutil_socket_t fd, short what, void *ctx)
{
	struct announce *a = ctx;

	(void)fd;
	(void)what;
	a->links_stale = a->routes_stale = true;
	if (a->options.mode == ANNOUNCE_NONE) {
		start(a);
	} else {
		announce_check_guard(a);
		update(a);
	}
}

/* --- what is heard --- */

static void on_list_begin(void *ctx, enum proxy_kind kind)
{
	struct announce *a = ctx;

	announce_set_list_begin(&a->set, kind);
}

static void on_object(void *ctx, enum proxy_kind kind, const json_t *object, bool deleted)
{
	struct announce *a = ctx;

	announce_set_object(&a->set, kind, object, deleted);
	if (a->set.changed)
		changed(a);
}

static void on_list_end(void *ctx, enum proxy_kind kind)
{
	struct announce *a = ctx;

	announce_set_list_end(&a->set, kind);
	changed(a);
}

static void on_lists_void(void *ctx)
{
	struct announce *a = ctx;

	announce_set_lists_void(&a->set);
}

/* What has gone is not announced any more before the kernel refuses it. */
static void on_writes(void *ctx)
{
	struct announce *a = ctx;

	if (a->ready && a->set.changed)
		update(a);
}

/* What has come may be announced now that the kernel holds it. */
static void on_wrote(void *ctx)
{
	struct announce *a = ctx;
	struct err e;

	if (a->waits || !a->ready != !node_ready(a->config.node, &e))
		changed(a);
}

static const struct node_listener_ops listener_ops = {
	.list_begin = on_list_begin,
	.object = on_object,
	.list_end = on_list_end,
	.lists_void = on_lists_void,
	.writes = on_writes,
	.wrote = on_wrote,
};

static int open_news(void *ctx, struct err *e)
{
	static const int groups[] = { RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, 0 };
	struct announce *a = ctx;
	int ret = rtnl_open(&a->news, groups, e);

	return ret ? ret : nl_socket_get_fd(a->news);
}

static void links_changed(void *ctx)
{
	struct announce *a = ctx;

	/* A route goes along with the address that it has as its source. */
	a->links_stale = a->routes_stale = true;
	timer_soon(a->soon, LINKS_MS);
}

static int read_news(void *ctx, struct err *e)
{
	struct announce *a = ctx;
	int ret = rtnl_news(a->news, e);

	if (ret > 0)
		links_changed(a);
	return ret < 0 ? ret : 0;
}

static void close_news(void *ctx)
{
	struct announce *a = ctx;

	rtnl_close(a->news);
	a->news = NULL;
}

static const struct fdwatch_ops news_ops = {
	.trouble = "announcements follow interfaces late",
	.open = open_news,
	.read = read_news,
	.close = close_news,
	.reopened = links_changed,
};

/* --- open and close --- */

int announce_check(const struct announce_options *o, struct err *e)
{
	struct announce_wire *w = NULL;
	struct event_base *base;
	int ret;

	if (o->mode != ANNOUNCE_LAYER2)
		return 0;
	base = event_base_new();
	if (!base)
		return err_set(e, ENOMEM, "out of memory");
	ret = announce_wire_open(&w, base, e);
	announce_wire_close(w);
	event_base_free(base);
	return ret;
}

/* Whoever may write a status can say there that a printer is a load balancer. */
static void look_at_limits(const struct announce *a)
{
	if (a->options.mode != ANNOUNCE_NONE && !announce_options_say(&a->options))
		log_warning("announce: any address that a Service's status names may be announced "
			    "from here, but for those of Nodes and routers: say which by "
			    "announceCIDRs, or by the pools of the authority");
}

/* What an earlier svcd announced, and this one shall not. */
static void start(struct announce *a)
{
	const struct timeval tv = { .tv_sec = VERIFY_S };

	announce_carry_begin(a);
	if (a->options.mode != ANNOUNCE_NONE) {
		event_add(a->verify, &tv);
		if (!a->watch && fdwatch_alloc(&a->watch, a->config.base, &news_ops, a))
			jx_must(NULL);
		changed(a);
		return;
	}
	announce_peers_clear(&a->peers);
	event_del(a->verify);
	fdwatch_free(a->watch);
	a->watch = NULL;
	a->routes_stale = true;
	announce_look(a);
	announce_withdraw(a);
	if (!a->unguarded)
		event_add(a->verify, &tv);
}

static int open_all(struct announce *a, struct err *e)
{
	struct event_base *base = a->config.base;
	int ret = rtnl_open(&a->rt, NULL, e);

	if (ret)
		return ret;
	a->soon = jx_must(evtimer_new(base, on_soon, a));
	a->tick = jx_must(evtimer_new(base, on_tick, a));
	a->verify = jx_must(event_new(base, -1, EV_PERSIST, on_verify, a));
	a->links_stale = a->routes_stale = true;
	return announce_routes_read(a->rt, &a->left, e);
}

int announce_open(struct announce **out, const struct announce_config *c, struct err *e)
{
	struct announce *a = jx_must(calloc(1, sizeof(*a)));
	int ret;

	a->config = *c;
	a->guard_ops = &announce_guard_nft;
	a->serves = proxy_serves;
	a->name = jx_must(strdup(c->node_name));
	a->follows = c->follows;
	if (announce_options_copy(&a->options, c->options))
		jx_must(NULL);
	announce_set_init(&a->set);
	announce_peers_init(&a->peers, c->base, c->health_port, announce_now);
	ret = open_all(a, e);
	if (ret) {
		announce_close(a);
		return ret;
	}
	a->listener = (struct node_listener){ .ops = &listener_ops, .ctx = a };
	node_listen(c->node, &a->listener);
	look_at_limits(a);
	start(a);
	*out = a;
	return 0;
}

void announce_set_options(struct announce *a, const struct announce_options *o,
			  const char *node_name, uint16_t health_port, bool follows)
{
	bool other = o->mode != a->options.mode || strcmp(a->name, node_name);

	if (announce_options_copy(&a->options, o))
		jx_must(NULL);
	look_at_limits(a);
	free(a->name);
	a->name = jx_must(strdup(node_name));
	a->peers.port = health_port;
	a->follows = follows;
	a->set.changed = true;
	if (other) {
		/* As one that has just come. */
		a->ready = 0;
		announce_routes_clear(&a->left);
	}
	start(a);
}

void announce_close(struct announce *a)
{
	if (!a)
		return;
	if (a->listener.ops)
		node_unlisten(a->config.node, &a->listener);
	/* Who comes back at once has the most time for it. */
	a->beat = 0;
	if (a->rt && a->ready)
		announce_beat(a);
	else if (a->rt)
		announce_carry(a);
	announce_peers_clear(&a->peers);
	fdwatch_free(a->watch);
	announce_wire_close(a->wire);
	announce_set_clear(&a->set);
	announce_links_clear(&a->links);
	announce_routes_clear(&a->routes);
	announce_routes_clear(&a->left);
	announce_claims_clear(&a->have);
	rtnl_close(a->rt);
	if (a->soon)
		event_free(a->soon);
	if (a->tick)
		event_free(a->tick);
	if (a->verify)
		event_free(a->verify);
	announce_options_clear(&a->options);
	free(a->guard);
	free(a->name);
	free(a);
}
