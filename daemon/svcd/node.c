// SPDX-License-Identifier: GPL-2.0
#include "node_priv.h"

#include "addresses.h"
#include "complaint.h"
#include "err.h"
#include "log.h"
#include "release.h"
#include "timer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NODE_LOOK_MS		1000
#define NODE_RETRY_MIN_MS	100
#define NODE_RETRY_MAX_MS	5000

/* The same trouble each second is one line, not one each second. */
static void complain(struct node *n, enum log_level level, const struct err *e)
{
	n->failed = node_now(n);
	n->failure = *e;
	complaint(&n->last, level, e);
}

static void detach(struct node *n)
{
	proxy_attach(n->proxy, NULL);
	event_del(n->due);
	kernel_news_close(n->events);
	n->events = NULL;
	kernel_close(n->kernel);
	n->kernel = NULL;
	n->written = false;
	n->well = 0;
	liveness_queued(&n->liveness, node_now(n));
	node_tell_wrote(n);
}

/* What is due without a change of objects. */
static void schedule(void *ctx)
{
	struct node *n = ctx;
	int ms = proxy_next(n->proxy);

	if (ms >= 0)
		timer_set(n->due, (unsigned int)ms);
}

/* Ahead of the first look at the kernel: nothing is missed in between. */
static void open_events(struct node *n)
{
	if (kernel_news_open(&n->events, n->config.base, n->kernel, n->proxy, schedule, n)) {
		n->events = NULL;
		log_warning("what others change in the kernel is not put right: out of memory");
	}
}

static void check_release(struct node *n)
{
	struct ksettings s = { 0 };
	struct err e = { "" };

	if (n->kernel->ops->settings_get(n->kernel, &s, NULL))
		return;
	if (release_module_differs("svcd", s.version, &e))
		log_warning("%s", e.text);
	ksettings_clear(&s);
}

static void attach(struct node *n)
{
	struct err e = { "" };
	int ret;

	if (n->config.open)
		ret = n->config.open(&n->kernel, n->config.open_ctx, &e);
	else
		ret = kernel_open(&n->kernel, &e);
	if (ret) {
		n->kernel = NULL;
		if (!n->liveness.pending)
			liveness_queued(&n->liveness, node_now(n));
		complain(n, LOG_LEVEL_WARNING, &e);
		timer_set(n->look, NODE_LOOK_MS);
		return;
	}
	if (n->last.text[0])
		log_info("the svcnat module is there");
	if (n->kernel->ops->hold(n->kernel, &e))
		log_warning("connections will not outlive the svcnat module: %s", e.text);
	check_release(n);
	n->last.text[0] = '\0';
	n->retry_ms = 0;
	n->generation++;
	event_del(n->look);
	open_events(n);
	proxy_attach(n->proxy, n->kernel);
	timer_set(n->run, 0);
}

static void on_look(evutil_socket_t fd, short what, void *ctx)
{
	struct node *n = ctx;

	(void)fd;
	(void)what;
	if (!n->kernel)
		attach(n);
}

void node_kernel_changed(struct node *n)
{
	detach(n);
	attach(n);
}

/* Errors that say that the module behind the handle is not there any more. */
static bool kernel_is_gone(int ret)
{
	return ret == -ENOENT || ret == -ENODEV || ret == -ENOTCONN || ret == -EBADF;
}

/* The kernel holds what it takes. */
static void note_written(struct node *n)
{
	node_health_updated(n);
	if (!proxy_listed(n->proxy) || n->written)
		return;
	n->written = true;
	log_info("the kernel holds the services of this node");
}

static void run_failed(struct node *n, int ret, struct err *e)
{
	if (!e->text[0])
		err_set(e, -ret, "the kernel could not be written: %s", strerror(-ret));
	complain(n, LOG_LEVEL_ERROR, e);
	if (kernel_is_gone(ret)) {
		detach(n);
		timer_set(n->look, NODE_RETRY_MIN_MS);
		return;
	}
	/* Only the ranges of external addresses are missing: one outside of them is in use. */
	if (ret == -EBUSY)
		note_written(n);
	n->retry_ms = n->retry_ms ? n->retry_ms * 2 : NODE_RETRY_MIN_MS;
	if (n->retry_ms > NODE_RETRY_MAX_MS)
		n->retry_ms = NODE_RETRY_MAX_MS;
	timer_set(n->retry, n->retry_ms);
}

static void run_succeeded(struct node *n)
{
	if (n->last.text[0])
		log_info("the kernel is written again");
	n->last.text[0] = '\0';
	n->retry_ms = 0;
	n->succeeded = n->ran;
	note_written(n);
	schedule(n);
}

static double now_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* A run that writes the kernel is measured. */
static int run_proxy(struct node *n, struct err *e)
{
	const bool measured = n->kernel && proxy_listed(n->proxy);
	const bool full = proxy_is_full(n->proxy);
	const double began = now_seconds();
	int ret = proxy_run(n->proxy, e);

	if (measured)
		sync_metrics_ran(&n->metrics, now_seconds() - began, full);
	return ret;
}

/* Without a kernel the proxy still settles which Service has which address. */
static void pass(struct node *n)
{
	struct err e = { "" };
	int ret;

	event_del(n->run);
	event_del(n->retry);
	event_del(n->due);
	n->passes++;
	n->ran = node_now(n);
	node_tell_writes(n);
	ret = run_proxy(n, &e);
	if (!n->kernel) {
		if (ret)
			complain(n, LOG_LEVEL_ERROR, &e);
		return;
	}
	if (ret || proxy_stuck(n->proxy))
		n->well = 0;
	else if (!n->well && proxy_listed(n->proxy))
		n->well = n->ran;
	/* What single services lack is told to their owners, and waits for itself alone. */
	if (ret && !proxy_refused(n->proxy))
		run_failed(n, ret, &e);
	else
		run_succeeded(n);
	node_tell_wrote(n);
}

void node_run(struct node *n)
{
	n->warned = false;
	pass(n);
	if (n->warned && n->config.warned)
		n->config.warned(n->config.warn_ctx);
}

static void on_run(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	node_run(ctx);
}

void node_changed(struct node *n)
{
	liveness_queued(&n->liveness, node_now(n));
	if (!event_pending(n->run, EV_TIMEOUT, NULL))
		timer_set(n->run, 0);
}

void node_list_begin(struct node *n, enum proxy_kind kind)
{
	proxy_list_begin(n->proxy, kind);
	node_tell_begin(n, kind);
}

void node_list_end(struct node *n, enum proxy_kind kind)
{
	proxy_list_end(n->proxy, kind);
	node_tell_end(n, kind);
	node_changed(n);
}

void node_lists_void(struct node *n)
{
	proxy_lists_void(n->proxy);
	node_tell_void(n);
}

void node_object(struct node *n, enum proxy_kind kind, const json_t *object, bool deleted)
{
	int err = proxy_object(n->proxy, kind, object, deleted);

	if (node_tell_object(n, kind, object, deleted) || err)
		log_error("out of memory while reading an object: it is not used");
	sync_metrics_changed(&n->metrics, kind);
	node_changed(n);
}

void node_set_settings(struct node *n, const struct ksettings *settings, unsigned int what)
{
	if (proxy_set_settings(n->proxy, settings, what) < 0)
		log_error("out of memory: the settings are as before");
	n->health_todo = true;
	node_changed(n);
}

void node_set_name(struct node *n, const char *name)
{
	if (proxy_set_node_name(n->proxy, name) < 0)
		log_error("out of memory: the name of the node is as before");
	node_changed(n);
}

void node_set_own(struct node *n, const char *key, uint16_t port, const struct proxy_socket *v,
		  size_t nv)
{
	int ret = proxy_set_own(n->proxy, key, port, v, nv);

	if (ret < 0)
		log_error("out of memory: what leads to the node itself is as before");
	else if (ret)
		node_changed(n);
}

bool node_ready(void *ctx, struct err *e)
{
	struct node *n = ctx;

	if (n->written)
		return true;
	if (n->last.text[0])
		err_set(e, EAGAIN, "%s", n->last.text);
	else if (!n->kernel)
		err_set(e, EAGAIN, "the svcnat module is not there");
	else if (!proxy_listed(n->proxy))
		err_set(e, EAGAIN, "no complete list of Services, EndpointSlices and Nodes was "
			"read so far");
	else
		err_set(e, EAGAIN, "the kernel is being written for the first time");
	return false;
}

void node_start(struct node *n)
{
	/* The news first: what comes between the two would be missed the other way. */
	node_watch_start(n);
	attach(n);
}

/* In the log as well: an Event may find nobody who keeps it. */
void node_warn(void *ctx, const json_t *service, const char *reason, const char *message)
{
	const json_t *meta = json_object_get(service, "metadata");
	const char *ns = json_string_value(json_object_get(meta, "namespace"));
	struct node *n = ctx;

	log_warning("Service %s/%s: %s: %s", ns ? ns : "default",
		    json_string_value(json_object_get(meta, "name")), reason, message);
	n->warned = true;
	if (n->config.warn)
		n->config.warn(n->config.warn_ctx, service, reason, message);
}

int node_alloc(struct node **out, const struct node_config *c, struct err *e)
{
	struct proxy_config pc = {
		.owner = NODE_OWNER,
		.node_name = c->node_name,
		.settings = c->settings,
		.settings_what = c->settings_what,
		.addresses = c->addresses ? c->addresses : addresses_read,
		.addresses_ctx = c->addresses_ctx,
		.warn = node_warn,
		.clock = c->clock,
		.clock_ctx = c->clock_ctx,
	};
	struct node *n = calloc(1, sizeof(*n));
	int ret;

	if (!n)
		return err_set(e, ENOMEM, "out of memory");
	pc.ctx = n;
	node_objects_init(&n->objects);
	n->config = *c;
	/* The proxy has its copies. */
	n->config.node_name = NULL;
	n->config.settings = NULL;
	ret = proxy_alloc(&n->proxy, &pc, e);
	if (ret) {
		n->proxy = NULL;
		goto fail;
	}
	n->look = evtimer_new(c->base, on_look, n);
	n->run = evtimer_new(c->base, on_run, n);
	n->retry = evtimer_new(c->base, on_run, n);
	n->due = evtimer_new(c->base, on_run, n);
	if (!n->look || !n->run || !n->retry || !n->due) {
		ret = err_set(e, ENOMEM, "out of memory");
		goto fail;
	}
	ret = node_health_open(n, e);
	if (ret)
		goto fail;
	*out = n;
	return 0;
fail:
	node_free(n);
	return ret;
}

static void event_put(struct event *ev)
{
	if (ev)
		event_free(ev);
}

void node_free(struct node *n)
{
	if (!n)
		return;
	node_watch_stop(n);
	event_put(n->look);
	event_put(n->run);
	event_put(n->retry);
	event_put(n->due);
	kernel_news_close(n->events);
	health_ports_free(n->health_ports);
	if (n->proxy)
		proxy_free(n->proxy);
	kernel_close(n->kernel);
	node_objects_clear(&n->objects);
	free(n);
}
