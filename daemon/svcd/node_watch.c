// SPDX-License-Identifier: GPL-2.0
/* What a node hears of: the module that comes and goes, and the node's addresses. */
#include "node_priv.h"

#include "addresses.h"
#include "err.h"
#include "log.h"

#include <errno.h>
#include <unistd.h>

static int open_module(void *ctx, struct err *e)
{
	struct node *n = ctx;
	int err = kernel_watch_open(&n->watch, e);

	return err ? err : kernel_watch_fd(n->watch);
}

/* It may have gone and come within one piece of news. */
static int read_module(void *ctx, struct err *e)
{
	bool any = false, present = false;
	struct node *n = ctx;
	int ret;

	while ((ret = kernel_watch_read(n->watch, &present, e)) == 1)
		any = true;
	if (any && n->kernel && !present)
		log_warning("the svcnat module was removed: no service works on this node until "
			    "it is loaded again");
	if (any)
		node_kernel_changed(n);
	return ret;
}

static void close_module(void *ctx)
{
	struct node *n = ctx;

	kernel_watch_close(n->watch);
	n->watch = NULL;
}

static void module_reopened(void *ctx)
{
	node_kernel_changed(ctx);
}

static const struct fdwatch_ops module_ops = {
	.trouble = "no news of the svcnat module",
	.open = open_module,
	.read = read_module,
	.close = close_module,
	.reopened = module_reopened,
};

static int open_addrs(void *ctx, struct err *e)
{
	struct node *n = ctx;

	n->addrs_fd = addresses_watch(e);
	return n->addrs_fd;
}

/* Before the lists are complete nothing depends on them. */
static void addrs_changed(struct node *n)
{
	n->health_todo = true;
	if (proxy_listed(n->proxy))
		node_changed(n);
}

static int read_addrs(void *ctx, struct err *e)
{
	struct node *n = ctx;
	int ret = addresses_news(n->addrs_fd, e);

	if (ret > 0)
		addrs_changed(n);
	return ret < 0 ? ret : 0;
}

static void close_addrs(void *ctx)
{
	struct node *n = ctx;

	close(n->addrs_fd);
}

static void addrs_reopened(void *ctx)
{
	addrs_changed(ctx);
}

static const struct fdwatch_ops addrs_ops = {
	.trouble = "source ranges follow the next change of an object",
	.open = open_addrs,
	.read = read_addrs,
	.close = close_addrs,
	.reopened = addrs_reopened,
};

static void begin(struct node *n, struct fdwatch **out, const struct fdwatch_ops *ops)
{
	if (fdwatch_alloc(out, n->config.base, ops, n))
		log_warning("%s: out of memory", ops->trouble);
}

void node_watch_start(struct node *n)
{
	if (!n->config.addresses)
		begin(n, &n->addrs, &addrs_ops);
	if (!n->config.open)
		begin(n, &n->module, &module_ops);
}

void node_watch_stop(struct node *n)
{
	fdwatch_free(n->addrs);
	fdwatch_free(n->module);
}
