// SPDX-License-Identifier: GPL-2.0
/*
 * svcd: options, log, load, listen, program, ready, serve; and all of it undone
 * in reverse, but for the kernel, which goes on without us.
 */
#include "api.h"
#include "authority.h"
#include "complaint.h"
#include "err.h"
#include "follow.h"
#include "log.h"
#include "manifests.h"
#include "node.h"
#include "observe.h"
#include "options.h"
#include "server.h"
#include "watchdog.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#define NSIGNALS	3
#define USUAL_CONFIG	"/etc/svcd/svcd.yaml"

struct svcd {
	int argc;
	char **argv;
	struct options options;
	struct event_base *base;
	struct event *signals[NSIGNALS], *tick, *watchdog;
	struct err tick_failure;	/* of the last one; "": it went well */
	struct node *node;
	struct registry *registry;	/* NULL: this node follows */
	struct manifests *manifests;	/* NULL: none are read */
	struct watch_hub *watches;
	struct follow *follow;		/* NULL: this node is the authority */
	struct observe *observe;
	struct server *server;
	struct api api;
};

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

static int start_follow(struct svcd *d, struct err *e)
{
	const struct follow_config c = {
		.base = d->base,
		.upstream = &d->options.follow,
		.node = d->node,
		.node_name = d->options.node_name,
	};

	return follow_start(&d->follow, &c, e);
}

static struct registry_config registry_config(const struct options *o)
{
	struct registry_config c = {
		.nservice_cidrs = o->nservice_cidrs,
		.node_port_min = o->node_port_min,
		.node_port_max = o->node_port_max,
	};

	memcpy(c.service_cidrs, o->service_cidrs, sizeof(c.service_cidrs));
	return c;
}

static void open_log(const struct options *o)
{
	enum log_format text = log_to_journal() ? LOG_FORMAT_JOURNAL : LOG_FORMAT_TEXT;

	log_init(o->log_level, stderr, o->log_json ? LOG_FORMAT_JSON : text);
}

/* What the files ask for is there before anybody is served, or the kernel is written. */
static int open_manifests(struct svcd *d, struct err *e)
{
	const struct options *o = &d->options;
	const struct manifests_config c = {
		.base = d->base,
		.registry = d->registry,
		.node_name = o->node_name,
		.folder = o->manifests,
		.expected = o->manifests_named,
	};

	if (!*o->manifests)
		return 0;
	if (d->registry)
		return manifests_open(&d->manifests, &c, e);
	if (o->manifests_named)
		log_info("manifests: %s is not read: who follows takes all objects from its "
			 "authority", o->manifests);
	return 0;
}

static void set_ranges(struct svcd *d)
{
	const struct registry_config c = registry_config(&d->options);
	struct err e = { "" };

	if (registry_set_ranges(d->registry, &c, &e))
		log_error("addresses and ports are given out as before: %s", e.text);
}

static void set_manifests(struct svcd *d)
{
	const struct options *o = &d->options;
	struct err e = { "" };

	if (d->manifests && *o->manifests) {
		manifests_set_folder(d->manifests, o->manifests, o->manifests_named);
		return;
	}
	manifests_close(d->manifests);
	d->manifests = NULL;
	if (open_manifests(d, &e))
		log_error("manifests: %s", e.text);
}

static void set_node_name(struct svcd *d)
{
	struct err e = { "" };

	node_set_name(d->node, d->options.node_name);
	if (d->manifests)
		manifests_set_node_name(d->manifests, d->options.node_name);
	if (d->registry && authority_tell_nodes(d->registry, d->node, &e))
		log_error("%s", e.text);
	log_info("this is node %s now", d->options.node_name);
}

/* A follower starts over with its lists; until they are complete everything stays as it is. */
static void change(struct svcd *d, unsigned int what)
{
	struct err e = { "" };

	if (what & OPTIONS_LOG)
		open_log(&d->options);
	if (what & OPTIONS_NODE_NAME)
		set_node_name(d);
	if (what & OPTIONS_RANGES)
		set_ranges(d);
	if (what & OPTIONS_MANIFESTS)
		set_manifests(d);
	else if (d->manifests)
		manifests_look(d->manifests);
	if (what & OPTIONS_SETTINGS)
		node_set_settings(d->node, &d->options.settings, d->options.settings_what);
	if (what & OPTIONS_OBSERVE)
		observe_set(d->observe, &d->options.healthz, &d->options.metrics,
			    d->options.metrics_endpoints);
	if (!(what & OPTIONS_FOLLOW))
		return;
	node_lists_void(d->node);
	if (start_follow(d, &e)) {
		log_error("%s", e.text);
		event_base_loopbreak(d->base);
	}
}

static void reload(struct svcd *d)
{
	struct options next;
	struct err e = { "" };
	const char *fixed;
	unsigned int what;

	if (options_parse(&next, d->argc, d->argv, USUAL_CONFIG, stdout, &e)) {
		log_error("the options stay as they are: %s", e.text);
		options_clear(&next);
		return;
	}
	what = options_changes(&d->options, &next);
	fixed = options_fixed(&d->options, &next);
	if (fixed)
		log_warning("%s stays as it is: restart svcd to change it, which traffic does not "
			    "notice", fixed);
	/* The old authority is not needed by anybody before it is cleared. */
	if (what & OPTIONS_FOLLOW) {
		follow_stop(d->follow);
		d->follow = NULL;
	}
	options_take(&d->options, &next);
	d->api.authority = d->options.follow.name;
	options_clear(&next);
	log_info("the options were read again%s", what ? "" : ": nothing is new");
	change(d, what);
}

static void on_hangup(struct svcd *d)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld",
		   now.tv_sec * 1000000LL + now.tv_nsec / 1000);
	reload(d);
	sd_notify(0, "READY=1");
}

/* The answers that are on their way get a moment to leave. */
static void on_signal(evutil_socket_t number, short what, void *ctx)
{
	const struct timeval moment = { .tv_usec = 100 * 1000 };
	struct svcd *d = ctx;

	(void)what;
	if (number == SIGHUP) {
		on_hangup(d);
		return;
	}
	log_info("%s: stopping; the kernel keeps its services", strsignal(number));
	sd_notify(0, "STOPPING=1");
	server_stop(d->server);
	if (d->watches)
		watch_end_all(d->watches);
	event_base_loopexit(d->base, &moment);
}

static int open_loop(struct svcd *d, struct err *e)
{
	static const int numbers[NSIGNALS] = { SIGTERM, SIGINT, SIGHUP };
	size_t i;

	raise_limits();
	event_set_log_callback(libevent_log);
	signal(SIGPIPE, SIG_IGN);
	/* A limit on the size of files is a full disk to the store, and no end. */
	signal(SIGXFSZ, SIG_IGN);
	d->base = event_base_new();
	if (!d->base)
		return err_set(e, ENOMEM, "cannot make an event loop");
	for (i = 0; i < NSIGNALS; i++) {
		d->signals[i] = evsignal_new(d->base, numbers[i], on_signal, d);
		if (!d->signals[i] || event_add(d->signals[i], NULL) < 0)
			return err_set(e, ENOMEM, "cannot wait for signals");
	}
	return 0;
}

static int open_registry(struct svcd *d, struct err *e)
{
	const struct options *o = &d->options;
	const struct registry_config c = registry_config(o);
	char path[4096];

	if (mkdir(o->data_dir, 0700) < 0 && errno != EEXIST)
		return err_set(e, errno, "--data-dir: cannot make %s: %m", o->data_dir);
	snprintf(path, sizeof(path), "%s/svcd.db", o->data_dir);
	return registry_open(&d->registry, path, &c, e);
}

static int next_tick(struct svcd *d, unsigned int seconds)
{
	const struct timeval tv = { .tv_sec = seconds };

	return evtimer_add(d->tick, &tv);
}

static void on_tick(int fd, short what, void *ctx)
{
	struct err e = { "" };
	struct svcd *d = ctx;
	int ret;

	(void)fd;
	(void)what;
	/* It is tried again, and those who write are told the same. */
	ret = registry_tick(d->registry, &e);
	complaint(&d->tick_failure, LOG_LEVEL_ERROR, &e);
	/* With more to do, others have their turn in between. */
	next_tick(d, ret > 0 ? 0 : 1);
}

static int start_clock(struct svcd *d, struct err *e)
{
	d->tick = evtimer_new(d->base, on_tick, d);
	if (!d->tick || next_tick(d, 1) < 0)
		return err_set(e, ENOMEM, "out of memory");
	return 0;
}

static int open_watches(struct svcd *d, struct err *e)
{
	const struct watch_config c = { .base = d->base, .registry = d->registry };

	return watch_hub_alloc(&d->watches, &c, e);
}

static void warn(void *ctx, const json_t *service, const char *reason, const char *message)
{
	struct svcd *d = ctx;

	if (d->registry)
		authority_warn(d->registry, service, reason, message);
	else if (d->follow)
		follow_warn(d->follow, service, reason, message);
}

static void warned(void *ctx)
{
	struct svcd *d = ctx;

	if (d->registry)
		authority_warned(d->registry);
}

static int open_node(struct svcd *d, struct err *e)
{
	const struct node_config c = {
		.base = d->base,
		.node_name = d->options.node_name,
		.settings = &d->options.settings,
		.settings_what = d->options.settings_what,
		.warn = warn,
		.warned = warned,
		.warn_ctx = d,
		.health_ports = true,
	};

	return node_alloc(&d->node, &c, e);
}

static json_t *status(void *ctx)
{
	struct svcd *d = ctx;
	json_t *o = node_status(d->node), *source;

	if (!o)
		return NULL;
	/* What it does not hear of may be missing. */
	if (d->follow && !follow_connected(d->follow))
		json_object_set_new(o, "ok", json_false());
	source = d->follow ? follow_status(d->follow) :
			     json_pack("{s:s, s:s}", "role", "authority", "socket",
				       d->options.socket);
	if (d->manifests && !manifests_ok(d->manifests))
		json_object_set_new(o, "ok", json_false());
	json_object_set_new(o, "node", json_string(d->options.node_name));
	json_object_set_new(o, "source", source);
	if (d->manifests)
		json_object_set_new(o, "manifests", manifests_status(d->manifests));
	return o;
}

static int open_server(struct svcd *d, struct err *e)
{
	d->api = (struct api){
		.registry = d->registry,
		.watches = d->watches,
		.authority = d->options.follow.name,
		.ready = node_ready,
		.ready_ctx = d->node,
		.status = status,
		.status_ctx = d,
	};
	return server_open(&d->server, d->base, d->options.socket, api_handle, &d->api, e);
}

static int open_observe(struct svcd *d, struct err *e)
{
	const struct observe_config c = {
		.base = d->base,
		.node = d->node,
		.health = &d->options.healthz,
		.metrics = &d->options.metrics,
		.metrics_endpoints = d->options.metrics_endpoints,
	};

	return observe_open(&d->observe, &c, e);
}

/* Of a follower the lists come when the authority answers; it is not waited for. */
static int start_node(struct svcd *d, struct err *e)
{
	int ret;

	node_start(d->node);
	if (d->options.follow.name)
		return start_follow(d, e);
	ret = authority_start(d->registry, d->node, e);
	if (!ret)
		node_run(d->node);
	return ret;
}

static int start(struct svcd *d, struct err *e)
{
	int ret;

	ret = open_loop(d, e);
	if (!ret && !d->options.follow.name)
		ret = open_registry(d, e);
	if (!ret)
		ret = open_manifests(d, e);
	if (!ret && d->registry)
		ret = open_watches(d, e);
	if (!ret && d->registry)
		ret = start_clock(d, e);
	if (!ret)
		ret = open_node(d, e);
	if (!ret)
		ret = open_server(d, e);
	if (!ret)
		ret = watchdog_start(&d->watchdog, d->base, e);
	if (!ret)
		ret = open_observe(d, e);
	return ret ? ret : start_node(d, e);
}

static void stop(struct svcd *d)
{
	size_t i;

	observe_close(d->observe);
	server_close(d->server);
	follow_stop(d->follow);
	if (d->registry && d->node)
		authority_stop(d->registry, d->node);
	node_free(d->node);
	watch_hub_free(d->watches);
	if (d->tick)
		event_free(d->tick);
	if (d->watchdog)
		event_free(d->watchdog);
	manifests_close(d->manifests);
	if (d->registry)
		registry_close(d->registry);
	for (i = 0; i < NSIGNALS; i++)
		if (d->signals[i])
			event_free(d->signals[i]);
	if (d->base)
		event_base_free(d->base);
}

static int serve(struct svcd *d)
{
	const struct options *o = &d->options;
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
	return ret < 0 ? 1 : 0;
}

int main(int argc, char **argv)
{
	struct svcd d = { .argc = argc, .argv = argv };
	struct err e = { "" };
	int ret;

	ret = options_parse(&d.options, argc, argv, USUAL_CONFIG, stdout, &e);
	if (ret == 0) {
		open_log(&d.options);
		ret = serve(&d);
	} else if (ret == OPTIONS_DONE) {
		ret = 0;
	} else {
		fprintf(stderr, "svcd: %s\n", e.text);
		ret = 2;
	}
	options_clear(&d.options);
	return ret;
}
