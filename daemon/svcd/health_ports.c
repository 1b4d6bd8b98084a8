// SPDX-License-Identifier: GPL-2.0
#include "health_ports.h"

#include "cidr.h"
#include "err.h"
#include "http_port.h"
#include "log.h"
#include "strmap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define RETRY_MS	5000
#define REASON		"FailedToStartServiceHealthcheck"	/* kube-proxy's, too */

struct health_port {
	TAILQ_ENTRY(health_port) link;
	struct health_ports *all;
	char *name;		/* namespace/name */
	json_t *service;	/* to warn about */
	uint16_t number;
	size_t endpoints;
	struct http_port *http;
	bool seen;		/* in the present sync */
	bool failed;		/* and that was said */
};

TAILQ_HEAD(health_port_list, health_port);

struct health_ports {
	struct health_ports_config config;
	struct http_limit limit;
	struct strmap by_name;
	struct health_port_list list;
	struct ip_addr *addrs;	/* where they listen */
	size_t naddrs;
	struct event *retry;
	bool no_memory;		/* in the present sync */
};

/* --- an answer */

static void handle(struct http_call *call, void *ctx)
{
	const struct health_port *hp = ctx;
	bool healthy = hp->all->config.healthy(hp->all->config.ctx);
	const int len = (int)strcspn(hp->name, "/");
	struct evbuffer *body = evbuffer_new();
	char headers[256];

	if (!body) {
		http_call_text(call, 500, "", "out of memory\n");
		return;
	}
	snprintf(headers, sizeof(headers), "Content-Type: application/json\r\n"
		 "X-Content-Type-Options: nosniff\r\n"
		 "X-Load-Balancing-Endpoint-Weight: %zu\r\n", hp->endpoints);
	evbuffer_add_printf(body, "{\n"
			    "\t\"service\": {\n"
			    "\t\t\"namespace\": \"%.*s\",\n"
			    "\t\t\"name\": \"%s\"\n"
			    "\t},\n"
			    "\t\"localEndpoints\": %zu,\n"
			    "\t\"serviceProxyHealthy\": %s\n"
			    "}", len, hp->name, hp->name + len + 1, hp->endpoints,
			    healthy ? "true" : "false");
	http_call_answer(call, hp->endpoints && healthy ? 200 : 503, headers, body);
	evbuffer_free(body);
}

/* --- addresses */

static bool has_range(const struct health_ports *h, uint8_t family)
{
	size_t i;

	for (i = 0; i < h->config.cidrs->n; i++)
		if (h->config.cidrs->v[i].addr.family == family)
			return true;
	return false;
}

/* Those of the node that are in the ranges, and all of a family that has none. */
static int read_addresses(struct health_ports *h, struct err *e)
{
	const uint8_t families[] = { AF_INET, AF_INET6 };
	struct ip_addr *own = NULL, *v;
	size_t i, n = 0, nown = 0;
	int err = 0;

	if (h->config.cidrs->n)
		err = h->config.addresses(h->config.addresses_ctx, &own, &nown, e);
	if (err)
		return err;
	v = calloc(nown + 2, sizeof(*v));
	if (!v) {
		free(own);
		return err_set(e, ENOMEM, "out of memory");
	}
	for (i = 0; i < 2; i++)
		if (!has_range(h, families[i]))
			v[n++] = (struct ip_addr){ .family = families[i] };
	for (i = 0; i < nown; i++)
		if (cidrs_have(h->config.cidrs, &own[i]))
			v[n++] = own[i];
	free(own);
	free(h->addrs);
	h->addrs = v;
	h->naddrs = n;
	return 0;
}

/* --- ports */

static void port_free(struct health_port *hp)
{
	TAILQ_REMOVE(&hp->all->list, hp, link);
	strmap_del(&hp->all->by_name, hp->name);
	http_port_free(hp->http);
	json_decref(hp->service);
	free(hp->name);
	free(hp);
}

static struct health_port *port_alloc(struct health_ports *h, const char *name)
{
	struct health_port *hp = calloc(1, sizeof(*hp));
	const struct http_port_config c = {
		.base = h->config.base, .limit = &h->limit, .handle = handle, .ctx = hp,
	};

	if (!hp)
		return NULL;
	hp->all = h;
	hp->name = strdup(name);
	hp->http = http_port_alloc(&c);
	if (!hp->name || !hp->http || strmap_add(&h->by_name, hp->name, hp)) {
		http_port_free(hp->http);
		free(hp->name);
		free(hp);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&h->list, hp, link);
	return hp;
}

static void note(void *ctx, const char *name, const json_t *service, uint16_t port,
		 size_t endpoints)
{
	struct health_ports *h = ctx;
	struct health_port *hp = strmap_find(&h->by_name, name);

	if (!hp)
		hp = port_alloc(h, name);
	if (!hp) {
		h->no_memory = true;
		return;
	}
	json_decref(hp->service);
	hp->service = json_incref((json_t *)service);
	if (hp->number != port) {
		/* Another one may have it in this very sync. */
		http_port_listen(hp->http, NULL, 0, port, NULL);
		hp->failed = false;
	}
	hp->number = port;
	hp->endpoints = endpoints;
	hp->seen = true;
}

static void close_unseen(struct health_ports *h)
{
	struct health_port *hp, *next;

	for (hp = TAILQ_FIRST(&h->list); hp; hp = next) {
		next = TAILQ_NEXT(hp, link);
		if (!hp->seen)
			port_free(hp);
	}
}

static void tell(struct health_port *hp, const struct err *why)
{
	char text[1200];

	snprintf(text, sizeof(text), "the healthCheckNodePort %u cannot be opened on this node, "
		 "and is tried again: %s", hp->number, why->text);
	hp->all->config.warn(hp->all->config.ctx, hp->service, REASON, text);
}

static void open_all(struct health_ports *h)
{
	struct health_port *hp;
	struct err e = { "" };
	bool again = false, failed;

	TAILQ_FOREACH(hp, &h->list, link) {
		failed = http_port_listen(hp->http, h->addrs, h->naddrs, hp->number, &e);
		if (failed && !hp->failed)
			tell(hp, &e);
		else if (!failed && hp->failed)
			log_info("Service %s: the healthCheckNodePort %u is open now", hp->name,
				 hp->number);
		hp->failed = failed;
		again = again || failed;
	}
	if (again) {
		const struct timeval tv = { .tv_sec = h->config.retry_ms / 1000,
					    .tv_usec = h->config.retry_ms % 1000 * 1000 };

		event_add(h->retry, &tv);
	}
}

int health_ports_sync(struct health_ports *h, const struct proxy *p)
{
	struct health_port *hp;
	struct err e = { "" };

	TAILQ_FOREACH(hp, &h->list, link)
		hp->seen = false;
	h->no_memory = false;
	proxy_health_each(p, note, h);
	close_unseen(h);
	event_del(h->retry);
	/* When they cannot be read, they are as they were. */
	if (!TAILQ_EMPTY(&h->list) && read_addresses(h, &e))
		log_error("healthCheckNodePorts: %s", e.text);
	open_all(h);
	if (!h->no_memory)
		return 0;
	log_error("out of memory: not each healthCheckNodePort is open");
	return -ENOMEM;
}

static void on_retry(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	open_all(ctx);
}

struct health_ports *health_ports_alloc(const struct health_ports_config *c)
{
	struct health_ports *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->config = *c;
	h->config.retry_ms = c->retry_ms ? c->retry_ms : RETRY_MS;
	http_limit_init(&h->limit, HEALTH_PORTS_CALLS_MAX);
	TAILQ_INIT(&h->list);
	h->retry = evtimer_new(c->base, on_retry, h);
	if (!h->retry) {
		free(h);
		return NULL;
	}
	return h;
}

void health_ports_free(struct health_ports *h)
{
	if (!h)
		return;
	while (!TAILQ_EMPTY(&h->list))
		port_free(TAILQ_FIRST(&h->list));
	strmap_clear(&h->by_name);
	event_free(h->retry);
	free(h->addrs);
	free(h);
}
