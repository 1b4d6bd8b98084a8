// SPDX-License-Identifier: GPL-2.0
/*
 * svcd: options, log, load, listen, program, ready, serve; and all of it undone
 * in reverse, but for the kernel, which goes on without us.
 */
#include "svcd.h"

#include "log.h"
#include "watchdog.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

/*
 * The memory holds the token of a kubeconfig, and what pods have in their environment: no core is
 * made of it, and none but root with all its rights looks into it.
 */
static void hide_memory(void)
{
	prctl(PR_SET_DUMPABLE, 0);
}

/* Each client and each watch is a descriptor. */
static void raise_limits(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static void libevent_log(int severity, const char *text)
{
	log_line(severity >= EVENT_LOG_ERR ? LOG_LEVEL_ERROR : LOG_LEVEL_DEBUG, "libevent: %s",
		 text);
}

static void on_hangup(struct svcd *d)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld",
		   now.tv_sec * 1000000LL + now.tv_nsec / 1000);
	svcd_reload(d);
	sd_notify(0, "READY=1");
}

static void on_signal(evutil_socket_t number, short what, void *ctx)
{
	struct svcd *d = ctx;

	(void)what;
	if (number == SIGHUP) {
		on_hangup(d);
		return;
	}
	log_info("%s: stopping; the kernel keeps its services", strsignal(number));
	sd_notify(0, "STOPPING=1");
	server_stop(d->server);
	source_end_watches(d->source);
	event_base_loopexit(d->base, &svcd_moment);
}

static int open_loop(struct svcd *d, struct err *e)
{
	static const int numbers[SVCD_NSIGNALS] = { SIGTERM, SIGINT, SIGHUP };
	size_t i;

	raise_limits();
	event_set_log_callback(libevent_log);
	signal(SIGPIPE, SIG_IGN);
	/* A limit on the size of files is a full disk to the store, and no end. */
	signal(SIGXFSZ, SIG_IGN);
	d->base = event_base_new();
	if (!d->base)
		return err_set(e, ENOMEM, "cannot make an event loop");
	for (i = 0; i < SVCD_NSIGNALS; i++) {
		d->signals[i] = evsignal_new(d->base, numbers[i], on_signal, d);
		if (!d->signals[i] || event_add(d->signals[i], NULL) < 0)
			return err_set(e, ENOMEM, "cannot wait for signals");
	}
	return 0;
}

static void warn(void *ctx, const json_t *service, const char *reason, const char *message)
{
	struct svcd *d = ctx;

	if (d->source)
		source_warn(d->source, service, reason, message);
}

static void warned(void *ctx)
{
	struct svcd *d = ctx;

	if (d->source)
		source_warned(d->source);
}

static int open_node(struct svcd *d, struct err *e)
{
	const struct node_config c = {
		.base = d->base,
		.node_name = d->options->node_name,
		.settings = &d->options->settings,
		.settings_what = d->options->settings_what,
		.warn = warn,
		.warned = warned,
		.warn_ctx = d,
		.health_ports = true,
	};

	return node_alloc(&d->node, &c, e);
}

static int open_source(struct svcd *d, struct err *e)
{
	const struct source_config c = {
		.base = d->base,
		.options = d->options,
		.node = d->node,
	};

	return source_open(&d->source, &c, e);
}

static json_t *status(void *ctx)
{
	struct svcd *d = ctx;
	json_t *o = node_status(d->node);
	bool ok;

	if (!o)
		return NULL;
	json_object_set_new(o, "node", json_string(d->options->node_name));
	ok = svcd_reload_status(d, o);
	ok = dns_status(d->dns, o) && ok;
	/* What it does not hear of may be missing. */
	ok = source_status(d->source, o) && ok;
	ok = announce_status(d->announce, o) && ok;
	ok = fastpath_status(d->fastpath, o) && ok;
	if (!ok)
		json_object_set_new(o, "ok", json_false());
	return o;
}

static int open_server(struct svcd *d, struct err *e)
{
	d->api = (struct api){
		.ready = node_ready,
		.ready_ctx = d->node,
		.status = status,
		.status_ctx = d,
	};
	source_serve(d->source, &d->api);
	return server_open(&d->server, d->base, d->options->socket, api_handle, &d->api, e);
}

static void note(void *ctx, const json_t *service, const char *reason, const char *message)
{
	struct svcd *d = ctx;

	source_note(d->source, service, reason, message);
}

static int open_announce(struct svcd *d, struct err *e)
{
	const struct announce_config c = {
		.base = d->base,
		.node = d->node,
		.node_name = d->options->node_name,
		.options = &d->options->announce,
		.health_port = d->options->healthz.port,
		.follows = d->options->follow.name,
		.note = note,
		.noted = warned,
		.note_ctx = d,
	};

	return announce_open(&d->announce, &c, e);
}

static int open_fastpath(struct svcd *d, struct err *e)
{
	const struct fastpath_config c = {
		.base = d->base,
		.options = &d->options->fastpath,
		.pods = &d->options->settings.pod_cidrs,
	};

	return fastpath_open(&d->fastpath, &c, e);
}

/* Ahead of the first object, so that no name is told of twice. */
static int open_dns(struct svcd *d, struct err *e)
{
	const struct dns_config c = { .base = d->base, .node = d->node };

	return dns_open(&d->dns, &c, d->options, e);
}

static int open_observe(struct svcd *d, struct err *e)
{
	const struct observe_config c = {
		.base = d->base,
		.node = d->node,
		.announce = d->announce,
		.fastpath = d->fastpath,
		.dns = d->dns,
		.health = &d->options->healthz,
		.metrics = &d->options->metrics,
		.metrics_endpoints = d->options->metrics_endpoints,
	};

	return observe_open(&d->observe, &c, e);
}

static int start_node(struct svcd *d, struct err *e)
{
	int ret;

	node_start(d->node);
	ret = source_start(d->source, e);
	if (!ret && source_is_own(d->source))
		node_run(d->node);
	return ret;
}

static int start(struct svcd *d, struct err *e)
{
	int ret;

	ret = open_loop(d, e);
	if (!ret)
		ret = open_node(d, e);
	if (!ret)
		ret = open_source(d, e);
	if (!ret)
		ret = open_server(d, e);
	if (!ret)
		ret = watchdog_start(&d->watchdog, d->base, e);
	if (!ret)
		ret = open_announce(d, e);
	if (!ret)
		ret = open_fastpath(d, e);
	if (!ret)
		ret = open_dns(d, e);
	if (!ret)
		ret = open_observe(d, e);
	return ret ? ret : start_node(d, e);
}

static void stop(struct svcd *d)
{
	size_t i;

	observe_close(d->observe);
	fastpath_close(d->fastpath);
	announce_close(d->announce);
	svcd_reload_stop(d);
	server_close(d->server);
	source_close(d->source);
	dns_close(d->dns);
	node_free(d->node);
	if (d->watchdog)
		event_free(d->watchdog);
	for (i = 0; i < SVCD_NSIGNALS; i++)
		if (d->signals[i])
			event_free(d->signals[i]);
	if (d->base)
		event_base_free(d->base);
}

static int serve(struct svcd *d)
{
	const struct options *o = d->options;
	struct err e = { "" };
	int ret;

	ret = start(d, &e);
	if (ret) {
		log_error("%s", e.text);
	} else {
		log_info("svcd %s on node %s serves %s%s%s", SVCNAT_VERSION, o->node_name,
			 o->socket, o->follow.name ? " and follows " : "",
			 o->follow.name ? o->follow.name : "");
		sd_notify(0, "READY=1");
		ret = event_base_dispatch(d->base);
	}
	stop(d);
	return ret < 0 || d->failed ? 1 : 0;
}

int main(int argc, char **argv)
{
	struct svcd d = { .argc = argc, .argv = argv, .read = time(NULL) };
	struct err e = { "" };
	int ret;

	hide_memory();
	d.options = &d.slots[0];
	ret = options_parse(d.options, argc, argv, SVCD_USUAL_CONFIG, stdout, &e);
	if (ret == 0) {
		svcd_open_log(d.options);
		ret = serve(&d);
	} else if (ret == OPTIONS_DONE) {
		ret = 0;
	} else {
		fprintf(stderr, "svcd: %s\n", e.text);
		ret = 2;
	}
	options_clear(d.options);
	return ret;
}
