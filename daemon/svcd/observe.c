// SPDX-License-Identifier: GPL-2.0
#include "observe.h"

#include "err.h"
#include "log.h"
#include "metrics.h"
#include "probes.h"

#include <errno.h>
#include <stdlib.h>

#define RETRY_MS	5000
/* Connections at a time. An answer to a scrape may be megabytes that nobody takes. */
#define PROBES_MAX	64
#define SCRAPES_MAX	8

struct observed {
	struct listen_address where;
	const char *what;
	struct http_limit limit;
	struct http_port *port;
	bool failed;		/* and that was said */
};

struct observe {
	struct observe_config config;
	struct timespec began;		/* of CLOCK_MONOTONIC */
	struct probes probes;
	struct metrics *metrics;
	struct observed health, scrape;
	struct event *retry;
};

static void now(void *ctx, struct timespec *wall, int64_t *run_ns)
{
	const struct observe *o = ctx;
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, wall);
	clock_gettime(CLOCK_MONOTONIC, &t);
	*run_ns = (t.tv_sec - o->began.tv_sec) * 1000000000LL + t.tv_nsec - o->began.tv_nsec;
}

/* false: try again later. */
static bool listen_on(struct observed *s)
{
	struct err e = { "" };
	bool failed;

	failed = http_port_listen(s->port, s->where.addrs, s->where.n, s->where.port, &e);
	if (failed && !s->failed)
		log_warning("%s: %s; it is tried again", s->what, e.text);
	else if (!failed && s->failed)
		log_info("%s: port %u is open now", s->what, s->where.port);
	s->failed = failed;
	return !failed;
}

static void listen_all(struct observe *o)
{
	const struct timeval tv = { .tv_sec = o->config.retry_ms / 1000,
				    .tv_usec = o->config.retry_ms % 1000 * 1000 };
	bool done;

	event_del(o->retry);
	done = listen_on(&o->health);
	done = listen_on(&o->scrape) && done;
	if (!done)
		event_add(o->retry, &tv);
}

static void on_retry(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	listen_all(ctx);
}

/* What other nodes cannot ask, they take for dead. */
static bool is_node(void *ctx, const struct ip_addr *from)
{
	const struct observe *o = ctx;

	return o->config.announce && announce_knows(o->config.announce, from);
}

static bool observed_init(struct observe *o, struct observed *s, http_port_handler *handle,
			  void *ctx)
{
	const struct http_port_config c = {
		.base = o->config.base, .limit = &s->limit, .handle = handle, .ctx = ctx,
		.known = is_node, .known_ctx = o,
	};

	s->port = http_port_alloc(&c);
	return s->port;
}

static bool init(struct observe *o)
{
	const struct metrics_config c = {
		.base = o->config.base,
		.node = o->config.node,
		.fastpath = o->config.fastpath,
		.dns = o->config.dns,
		.probes = &o->probes,
		.endpoints = o->config.metrics_endpoints,
	};

	o->metrics = metrics_alloc(&c);
	o->retry = evtimer_new(o->config.base, on_retry, o);
	return o->metrics && o->retry && observed_init(o, &o->health, probes_handle, &o->probes) &&
	       observed_init(o, &o->scrape, metrics_handle, o->metrics);
}

void observe_set(struct observe *o, const struct listen_address *health,
		 const struct listen_address *metrics, bool metrics_endpoints)
{
	o->health.where = *health;
	o->scrape.where = *metrics;
	o->health.failed = o->scrape.failed = false;
	metrics_set_endpoints(o->metrics, metrics_endpoints);
	listen_all(o);
}

int observe_open(struct observe **out, const struct observe_config *c, struct err *e)
{
	struct observe *o = calloc(1, sizeof(*o));

	if (!o)
		return err_set(e, ENOMEM, "out of memory");
	o->config = *c;
	o->config.retry_ms = c->retry_ms ? c->retry_ms : RETRY_MS;
	o->health = (struct observed){ .where = *c->health, .what = "--healthz-bind-address" };
	o->scrape = (struct observed){ .where = *c->metrics, .what = "--metrics-bind-address" };
	http_limit_init(&o->health.limit, PROBES_MAX);
	http_limit_init(&o->scrape.limit, SCRAPES_MAX);
	clock_gettime(CLOCK_MONOTONIC, &o->began);
	o->probes = (struct probes){ .health = node_health, .node = c->node, .now = now,
				     .now_ctx = o, .announce = c->announce };
	if (!init(o)) {
		observe_close(o);
		return err_set(e, ENOMEM, "out of memory");
	}
	listen_all(o);
	*out = o;
	return 0;
}

void observe_close(struct observe *o)
{
	if (!o)
		return;
	/* The ports first: their calls tell the metrics that nobody waits any more. */
	http_port_free(o->health.port);
	http_port_free(o->scrape.port);
	metrics_free(o->metrics);
	if (o->retry)
		event_free(o->retry);
	free(o);
}
