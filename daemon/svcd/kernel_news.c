// SPDX-License-Identifier: GPL-2.0
#include "kernel_news.h"

#include "err.h"
#include "fdwatch.h"
#include "log.h"

#include <errno.h>
#include <stdlib.h>

#define BURST_MAX	1000	/* events, before others have their turn */

struct kernel_news {
	struct kernel *k;
	struct proxy *proxy;
	struct fdwatch *watch;
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
static int take_one(struct kernel_news *n, struct err *e)
{
	struct kevent part = { 0 };
	int ret;

	ret = n->k->ops->events_read(n->k, &part, e);
	if (ret == 1) {
		ret = kevent_join(&n->whole, &part);
		if (ret == 1)
			proxy_kernel_event(n->proxy, &n->whole);
		else if (ret < 0)
			err_set(e, ENOMEM, "out of memory");
		ret = ret < 0 ? ret : 1;
	}
	if (ret < 0)
		lose(n, e);
	return ret;
}

static int open_events(void *ctx, struct err *e)
{
	struct kernel_news *n = ctx;
	int err = n->k->ops->events_open(n->k, e);

	return err ? err : n->k->ops->events_fd(n->k);
}

static int read_events(void *ctx, struct err *e)
{
	struct kernel_news *n = ctx;
	int i, ret = 1;

	for (i = 0; i < BURST_MAX && (ret == 1 || ret == -ENOBUFS); i++)
		ret = take_one(n, e);
	n->told(n->ctx);
	return ret < 0 && ret != -ENOBUFS ? ret : 0;
}

static void close_events(void *ctx)
{
	struct kernel_news *n = ctx;

	n->k->ops->events_close(n->k);
	kevent_clear(&n->whole);
}

static void reopened(void *ctx)
{
	struct kernel_news *n = ctx;

	proxy_kernel_lost(n->proxy);
	n->told(n->ctx);
}

static const struct fdwatch_ops ops = {
	.trouble = "what others change in the kernel is not heard of, and not put right",
	.open = open_events,
	.read = read_events,
	.close = close_events,
	.reopened = reopened,
};

int kernel_news_open(struct kernel_news **out, struct event_base *base, struct kernel *k,
		     struct proxy *p, void (*told)(void *ctx), void *ctx)
{
	struct kernel_news *n = calloc(1, sizeof(*n));

	if (!n)
		return -ENOMEM;
	*n = (struct kernel_news){ .k = k, .proxy = p, .told = told, .ctx = ctx };
	if (fdwatch_alloc(&n->watch, base, &ops, n)) {
		free(n);
		return -ENOMEM;
	}
	*out = n;
	return 0;
}

void kernel_news_close(struct kernel_news *n)
{
	if (!n)
		return;
	fdwatch_free(n->watch);
	free(n);
}

const char *kernel_news_trouble(const struct kernel_news *n)
{
	return fdwatch_trouble(n->watch);
}
