// SPDX-License-Identifier: GPL-2.0
#include "metrics.h"

#include "announce.h"
#include "complaint.h"
#include "dns.h"
#include "err.h"
#include "fastpath.h"
#include "metrics_text.h"
#include "strmap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

/* A service that changes while it is read makes the walk begin anew. */
#define WALK_TRIES	5

#define COMPLETE	"svcnat_scrape_complete"

struct waiter {
	TAILQ_ENTRY(waiter) link;
	struct metrics *metrics;
	struct http_call *call;
};

TAILQ_HEAD(waiters, waiter);

struct seen {
	struct seen *next;
	char key[];
};

struct metrics {
	struct metrics_config config;
	struct waiters waiters;		/* one or more: a scrape is under way */
	struct event *turn;
	struct err complained;
	double started;			/* svcd was, see metrics_process_start() */
	/* of the scrape */
	struct evbuffer *head;		/* what is not of single services */
	struct metrics_services services;
	unsigned long generation;	/* of the kernel that is walked through */
	unsigned int tries;
	struct strmap keys;		/* of the services so far */
	struct seen *seen;
};

/* --- the services */

static void forget_seen(struct metrics *m)
{
	struct seen *s;

	strmap_clear(&m->keys);
	while ((s = m->seen)) {
		m->seen = s->next;
		free(s);
	}
}

/* Deleted and made anew while the walk goes on, it would come twice, which no scraper takes. */
static bool is_new(struct metrics *m, const struct kservice *service)
{
	char key[SVCNAT_NAME_MAX + 32];
	struct seen *s;

	snprintf(key, sizeof(key), "%u/%u/%s", service->family, service->proto, service->name);
	if (strmap_find(&m->keys, key))
		return false;
	s = malloc(sizeof(*s) + strlen(key) + 1);
	if (!s)
		return false;
	strcpy(s->key, key);
	if (strmap_add(&m->keys, s->key, s)) {
		free(s);
		return false;
	}
	s->next = m->seen;
	m->seen = s;
	return true;
}

static int walk_open(struct metrics *m, struct kernel *k, struct err *e)
{
	const struct kfilter filter = { .owner = NODE_OWNER, .stats = true };
	int err;

	forget_seen(m);
	metrics_services_clear(&m->services);
	err = metrics_services_init(&m->services, m->config.endpoints);
	return err ? err_set(e, -err, "out of memory") : k->ops->walk_open(k, &filter, e);
}

/* 1: there is more. */
static int walk_some(struct metrics *m, struct kernel *k, struct err *e)
{
	struct kservices part = { 0 };
	size_t i;
	int ret;

	ret = k->ops->walk_read(k, &part, e);
	for (i = 0; ret >= 0 && i < part.n; i++)
		if (is_new(m, &part.v[i]))
			metrics_services_add(&m->services, &part.v[i]);
	kservices_clear(&part);
	if (ret != -EAGAIN || ++m->tries >= WALK_TRIES)
		return ret;
	ret = walk_open(m, k, e);
	return ret ? ret : 1;
}

/* --- a scrape */

static void waiter_free(struct waiter *w)
{
	TAILQ_REMOVE(&w->metrics->waiters, w, link);
	free(w);
}

static void end_scrape(struct metrics *m)
{
	event_del(m->turn);
	forget_seen(m);
	metrics_services_clear(&m->services);
	if (m->head)
		evbuffer_free(m->head);
	m->head = NULL;
}

/* The same bytes for each of them, not a copy for each. */
static void answer_all(struct metrics *m)
{
	struct evbuffer *body;
	struct waiter *w;

	while ((w = TAILQ_FIRST(&m->waiters))) {
		body = evbuffer_new();
		if (!body || evbuffer_add_buffer_reference(body, m->head))
			http_call_text(w->call, 500, "", "out of memory\n");
		else
			http_call_answer(w->call, 200, "Content-Type: " METRICS_TYPE "\r\n",
					 body);
		if (body)
			evbuffer_free(body);
		waiter_free(w);
	}
}

static void finish(struct metrics *m, int err, const struct err *e)
{
	complaint(&m->complained, LOG_LEVEL_WARNING, e);
	metrics_text_family(m->head, COMPLETE, METRICS_GAUGE,
			    "Whether the counters of all services could be read.");
	metrics_text_count(m->head, COMPLETE, NULL, !err);
	if (!err)
		metrics_services_print(&m->services, m->head);
	answer_all(m);
	end_scrape(m);
}

static void next_turn(struct metrics *m)
{
	const struct timeval now = { 0 };

	event_add(m->turn, &now);
}

static void on_turn(evutil_socket_t fd, short what, void *ctx)
{
	struct metrics *m = ctx;
	struct err e = { "" };
	unsigned long generation;
	struct kernel *k = node_kernel(m->config.node, &generation);
	int ret;

	(void)fd;
	(void)what;
	if (!k || generation != m->generation)
		ret = err_set(&e, ENODEV, "the module went while its counters were read");
	else
		ret = walk_some(m, k, &e);
	if (ret == 1) {
		next_turn(m);
		return;
	}
	if (k)
		k->ops->walk_close(k);
	if (ret)
		err_prefix(&e, "metrics");
	finish(m, ret, &e);
}

static void begin(struct metrics *m)
{
	struct kernel *k = node_kernel(m->config.node, &m->generation);
	struct err e = { "" };
	int err = 0;

	m->tries = 0;
	metrics_print_node(m->head, m->config.node, m->config.probes);
	if (m->config.probes->announce)
		announce_print(m->config.probes->announce, m->head);
	if (m->config.fastpath)
		fastpath_print(m->config.fastpath, m->head);
	metrics_print_process(m->head, m->started);
	metrics_print_kernel(m->head, m->config.node, k);
	if (m->config.dns)
		dns_print_metrics(m->config.dns, m->head);
	if (k)
		err = walk_open(m, k, &e);
	if (err)
		err_prefix(&e, "metrics");
	/* Without the module there is nothing to read: the log has said so. */
	if (!k || err)
		finish(m, k ? err : -ENODEV, &e);
	else
		next_turn(m);
}

/* It is gone, and with the last one the scrape. */
static void on_gone(void *ctx)
{
	struct waiter *w = ctx;
	struct metrics *m = w->metrics;
	unsigned long generation;
	struct kernel *k;

	waiter_free(w);
	if (!TAILQ_EMPTY(&m->waiters))
		return;
	end_scrape(m);
	k = node_kernel(m->config.node, &generation);
	if (k)
		k->ops->walk_close(k);
}

static void wait_for(struct metrics *m, struct http_call *call)
{
	struct waiter *w = calloc(1, sizeof(*w));

	if (w && !m->head)
		m->head = evbuffer_new();
	if (!w || !m->head) {
		free(w);
		http_call_text(call, 500, "", "out of memory\n");
		return;
	}
	*w = (struct waiter){ .metrics = m, .call = call };
	http_call_gone(call, on_gone, w);
	TAILQ_INSERT_TAIL(&m->waiters, w, link);
	if (TAILQ_FIRST(&m->waiters) == w)
		begin(m);
}

void metrics_handle(struct http_call *call, void *ctx)
{
	if (strcmp(http_call_path(call), "/metrics") != 0)
		http_call_text(call, 404, "", "404 page not found\n");
	else if (http_call_is_get(call))
		wait_for(ctx, call);
}

struct metrics *metrics_alloc(const struct metrics_config *c)
{
	struct metrics *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->config = *c;
	m->started = metrics_process_start();
	TAILQ_INIT(&m->waiters);
	m->turn = evtimer_new(c->base, on_turn, m);
	if (!m->turn) {
		free(m);
		return NULL;
	}
	return m;
}

void metrics_set_endpoints(struct metrics *m, bool endpoints)
{
	m->config.endpoints = endpoints;
}

void metrics_free(struct metrics *m)
{
	if (!m)
		return;
	end_scrape(m);
	event_free(m->turn);
	free(m);
}
