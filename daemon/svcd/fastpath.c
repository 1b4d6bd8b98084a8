// SPDX-License-Identifier: GPL-2.0
#include "fastpath.h"

#include "complaint.h"
#include "fdwatch.h"
#include "jx.h"
#include "log.h"
#include "metrics_text.h"
#include "rtnl.h"
#include "timer.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define VERIFY_MS	10000
/* Devices come by the dozen. */
#define PAUSE_MIN_MS	100
#define PAUSE_MAX_MS	10000
/* However many devices and routes there are: most of the time is for others. */
#define PAUSE_SHARE	10

struct fastpath {
	struct event_base *base;
	const struct fastpath_ops *ops;
	struct fastpath_options options;
	struct kcidrs pods;
	struct fastpath_state state;
	bool cleared;			/* off, and nothing of ours is there */
	struct nl_sock *rt;
	struct nl_sock *news;		/* NULL: there are none */
	struct fdwatch *watch;
	struct event *soon;		/* something changed: look, and make it so */
	struct event *verify;		/* is the kernel as it should be? */
	unsigned int verify_ms;
	unsigned int pause;		/* ms, from a change to that look */
	struct err trouble, beyond;	/* "": there is none */
};

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static void tell(struct fastpath *f, const struct err *e)
{
	struct err text = { "" };

	if (e->text[0])
		err_set(&text, EIO, "fast path: %s; it is tried again", e->text);
	complaint(&f->trouble, LOG_LEVEL_WARNING, &text);
}

/* --- on --- */

static void tell_of_limit(struct fastpath *f)
{
	struct err e = { "" };

	if (f->state.left)
		err_set(&e, ENOSPC, "fast path: more than %d devices: connections by the others "
			"take the long way; fastPathDevices says which", FASTPATH_DEVICES_MAX);
	complaint(&f->beyond, LOG_LEVEL_WARNING, &e);
}

static void keep(struct fastpath *f)
{
	const struct fastpath_wanted want = {
		.patterns = &f->options.devices,
		.pods = &f->pods,
		.keeper = FASTPATH_SVCD,
	};
	bool was = f->state.table.whole;
	int64_t began = now_ms(), took;
	struct err e = { "" };

	if (!fastpath_sync(&f->state, f->ops, f->rt, &want, &e)) {
		e.text[0] = '\0';
		if (!was)
			log_info("fast path: %zu devices", f->state.table.devices.n);
		tell_of_limit(f);
	}
	tell(f, &e);
	took = (now_ms() - began) * PAUSE_SHARE;
	f->pause = took < PAUSE_MIN_MS ? PAUSE_MIN_MS :
		   took > PAUSE_MAX_MS ? PAUSE_MAX_MS : (unsigned int)took;
}

static void on_soon(evutil_socket_t fd, short what, void *ctx)
{
	struct fastpath *f = ctx;

	(void)fd;
	(void)what;
	if (f->options.on)
		keep(f);
}

/* --- what is heard --- */

static int open_news(void *ctx, struct err *e)
{
	static const int groups[] = {
		RTNLGRP_LINK, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_IFADDR,
		RTNLGRP_NEXTHOP, 0,
	};
	struct fastpath *f = ctx;
	int ret = rtnl_open(&f->news, groups, e);

	return ret ? ret : nl_socket_get_fd(f->news);
}

static void on_message(const struct nlmsghdr *h, void *ctx)
{
	struct fastpath *f = ctx;

	if (fastpath_hear(&f->state, h, &f->pods))
		timer_soon(f->soon, f->pause);
}

static void reopened(void *ctx)
{
	on_message(NULL, ctx);
}

static int read_news(void *ctx, struct err *e)
{
	struct fastpath *f = ctx;
	int ret = rtnl_hear(f->news, on_message, f, e);

	return ret < 0 ? ret : 0;
}

static void close_news(void *ctx)
{
	struct fastpath *f = ctx;

	rtnl_close(f->news);
	f->news = NULL;
}

static const struct fdwatch_ops news_ops = {
	.trouble = "the fast path follows devices late",
	.open = open_news,
	.read = read_news,
	.close = close_news,
	.reopened = reopened,
};

/* --- off --- */

/* What svcctl has made is its user's. */
static void clear(struct fastpath *f)
{
	struct err e = { "" };

	fastpath_state_clear(&f->state);
	if (f->ops->read(&f->state.table))
		jx_must(NULL);
	if (f->state.table.there && f->state.table.keeper != FASTPATH_SVCCTL)
		f->ops->clear(&e);
	f->cleared = !e.text[0];
	tell(f, &e);
	fastpath_table_clear(&f->state.table);
}

static void start(struct fastpath *f)
{
	const struct timeval tv = { .tv_sec = f->verify_ms / 1000,
				    .tv_usec = f->verify_ms % 1000 * 1000 };

	f->pause = PAUSE_MIN_MS;
	if (f->options.on) {
		f->cleared = false;
		f->state.known = f->state.chosen = false;
		event_add(f->verify, &tv);
		if (!f->watch && fdwatch_alloc(&f->watch, f->base, &news_ops, f))
			jx_must(NULL);
		event_del(f->soon);
		timer_soon(f->soon, 0);
		return;
	}
	fdwatch_free(f->watch);
	f->watch = NULL;
	event_del(f->soon);
	event_del(f->verify);
	f->beyond.text[0] = '\0';
	clear(f);
	if (!f->cleared)
		event_add(f->verify, &tv);
}

/*
 * Others may have flushed the table; what has failed is tried again. Of devices and routes
 * there is news, unless that is not to be had.
 */
static void on_verify(evutil_socket_t fd, short what, void *ctx)
{
	struct fastpath *f = ctx;

	(void)fd;
	(void)what;
	if (!f->options.on) {
		start(f);
		return;
	}
	f->state.known = false;
	if (fdwatch_trouble(f->watch))
		fastpath_hear(&f->state, NULL, &f->pods);
	event_del(f->soon);
	keep(f);
}

/* --- open and close --- */

int fastpath_check(const struct fastpath_options *o, struct err *e)
{
	int ret = o->on ? fastpath_nft_check(e) : 0;

	if (ret)
		err_prefix(e, "fastPath");
	return ret;
}

static void take(struct fastpath *f, const struct fastpath_options *o, const struct kcidrs *pods)
{
	size_t i;

	f->options = *o;
	if (kcidrs_equal(&f->pods, pods))
		return;
	/* Routes to the others are of interest. */
	f->state.routes.known = false;
	kcidrs_clear(&f->pods);
	for (i = 0; i < pods->n; i++)
		if (kcidrs_add(&f->pods, &pods->v[i]))
			jx_must(NULL);
}

int fastpath_open(struct fastpath **out, const struct fastpath_config *c, struct err *e)
{
	struct fastpath *f = jx_must(calloc(1, sizeof(*f)));
	int ret;

	f->base = c->base;
	f->ops = c->ops ? c->ops : &fastpath_system;
	f->verify_ms = c->verify_ms ? c->verify_ms : VERIFY_MS;
	f->soon = jx_must(evtimer_new(c->base, on_soon, f));
	f->verify = jx_must(event_new(c->base, -1, EV_PERSIST, on_verify, f));
	take(f, c->options, c->pods);
	ret = rtnl_open(&f->rt, NULL, e);
	if (ret) {
		fastpath_close(f);
		return ret;
	}
	start(f);
	*out = f;
	return 0;
}

void fastpath_set(struct fastpath *f, const struct fastpath_options *o,
		  const struct kcidrs *pods)
{
	take(f, o, pods);
	start(f);
}

void fastpath_close(struct fastpath *f)
{
	if (!f)
		return;
	fdwatch_free(f->watch);
	event_free(f->soon);
	event_free(f->verify);
	fastpath_state_clear(&f->state);
	kcidrs_clear(&f->pods);
	rtnl_close(f->rt);
	free(f);
}

/* --- what there is to say --- */

bool fastpath_status(const struct fastpath *f, json_t *status)
{
	const struct fastpath_table *t = &f->state.table;
	json_t *o;

	if (!f->options.on && !f->trouble.text[0])
		return true;
	o = json_pack("{s:I, s:I, s:I}", "devices", (json_int_t)(t->whole ? t->devices.n : 0),
		      "left", (json_int_t)f->state.left, "flows", (json_int_t)t->flows);
	if (f->trouble.text[0])
		json_object_set_new(o, "message", jx_string(f->trouble.text));
	json_object_set_new(status, "fastPath", o);
	return !f->trouble.text[0];
}

static void print(struct evbuffer *out, const char *name, enum metrics_type type,
		  const char *help, uint64_t n)
{
	metrics_text_family(out, name, type, help);
	metrics_text_count(out, name, NULL, n);
}

void fastpath_print(const struct fastpath *f, struct evbuffer *out)
{
	const struct fastpath_state *s = &f->state;

	if (!f->options.on)
		return;
	print(out, "svcnat_fastpath_devices", METRICS_GAUGE, "Devices of the fast path.",
	      s->table.whole ? s->table.devices.n : 0);
	print(out, "svcnat_fastpath_devices_left", METRICS_GAUGE,
	      "Devices that are not in it, because there are too many.", s->left);
	print(out, "svcnat_fastpath_flows_total", METRICS_COUNTER,
	      "Times that a connection took to the fast path, as of the last look.",
	      s->table.flows);
	print(out, "svcnat_fastpath_changes_total", METRICS_COUNTER,
	      "Changes of its devices.", s->changes);
	print(out, "svcnat_fastpath_failures_total", METRICS_COUNTER,
	      "Changes of its devices that could not be made.", s->failures);
}
