// SPDX-License-Identifier: GPL-2.0
#include "kernel_news.h"

#include "err.h"
#include "log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BURST_MAX	1000	/* events, before others have their turn */

struct kernel_news {
	struct kernel *k;
	struct proxy *proxy;
	struct event *readable;
	struct kevent whole;	/* an event that comes in parts, as far as it has come */
	void (*told)(void *ctx);
	void *ctx;
};

/* Whatever went wrong, the kernel may hold anything by now. */
static void lose(struct kernel_news *n, const struct err *e)
{
	log_debug("events of the kernel: %s; it is read anew", e->text);
	kevent_clear(&n->whole);
	proxy_kernel_lost(n->proxy);
}

/* 1: there may be more. */
static int take_one(struct kernel_news *n)
{
	struct kevent part = { 0 };
	struct err e = { "" };
	int ret;

	ret = n->k->ops->events_read(n->k, &part, &e);
	if (ret == 1) {
		ret = kevent_join(&n->whole, &part);
		if (ret == 1)
			proxy_kernel_event(n->proxy, &n->whole);
		else if (ret < 0)
			err_set(&e, ENOMEM, "out of memory");
		ret = ret < 0 ? ret : 1;
	}
	if (ret < 0)
		lose(n, &e);
	return ret;
}

static void on_readable(evutil_socket_t fd, short what, void *ctx)
{
	struct kernel_news *n = ctx;
	int i, ret = 1;

	(void)fd;
	(void)what;
	/* An error but the loss of events may last: it ends the burst. */
	for (i = 0; i < BURST_MAX && (ret == 1 || ret == -ENOBUFS); i++)
		ret = take_one(n);
	n->told(n->ctx);
}

int kernel_news_open(struct kernel_news **out, struct event_base *base, struct kernel *k,
		     struct proxy *p, void (*told)(void *ctx), void *ctx, struct err *e)
{
	struct kernel_news *n;
	int err;

	err = k->ops->events_open(k, e);
	if (err)
		return err;
	n = calloc(1, sizeof(*n));
	if (!n)
		return err_set(e, ENOMEM, "out of memory");
	*n = (struct kernel_news){ .k = k, .proxy = p, .told = told, .ctx = ctx };
	n->readable = event_new(base, k->ops->events_fd(k), EV_READ | EV_PERSIST, on_readable, n);
	if (!n->readable || event_add(n->readable, NULL) < 0) {
		kernel_news_close(n);
		return err_set(e, ENOMEM, "out of memory");
	}
	*out = n;
	return 0;
}

void kernel_news_close(struct kernel_news *n)
{
	if (!n)
		return;
	if (n->readable)
		event_free(n->readable);
	kevent_clear(&n->whole);
	free(n);
}
