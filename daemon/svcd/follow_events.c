// SPDX-License-Identifier: GPL-2.0
#include "follow_events.h"

#include "err.h"
#include "event_make.h"
#include "jx.h"
#include "log.h"

#include <event2/http.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>

#define EVENTS_MAX	64
/* After one that was not taken: nobody waits for an Event. */
#define PAUSE_SECONDS	5
#define PAUSE_SECONDS_MAX	300
#define TRIES_MAX	10

struct pending {
	TAILQ_ENTRY(pending) link;
	char *path, *body;
	unsigned int tries;
};

TAILQ_HEAD(pendings, pending);

struct follow_events {
	struct http_client *client;
	char *node;
	struct pendings queue;
	size_t n;
	struct http_get *post;		/* of the first of them; NULL: none is on its way */
	struct event *next;
};

static void drop_first(struct follow_events *f)
{
	struct pending *p = TAILQ_FIRST(&f->queue);

	TAILQ_REMOVE(&f->queue, p, link);
	f->n--;
	free(p->path);
	free(p->body);
	free(p);
}

static void next_after(struct follow_events *f, unsigned int seconds)
{
	const struct timeval tv = { .tv_sec = seconds };

	if (f->n)
		event_add(f->next, &tv);
}

static void pause_after(struct follow_events *f, unsigned int asked)
{
	if (asked > PAUSE_SECONDS_MAX)
		asked = PAUSE_SECONDS_MAX;
	next_after(f, asked > PAUSE_SECONDS ? asked : PAUSE_SECONDS);
}

static int on_data(void *ctx, long status, const char *data, size_t len)
{
	(void)ctx;
	(void)status;
	(void)data;
	(void)len;
	return 0;
}

/* One that was refused would be again; one that nobody heard waits. */
static void on_done(void *ctx, const struct http_end *end, int ret, const struct err *e)
{
	struct follow_events *f = ctx;

	f->post = NULL;
	if (end->status == 201) {
		drop_first(f);
		next_after(f, 0);
		return;
	}
	if (ret)
		log_debug("following: an Event has to wait: %s", e->text);
	else
		log_debug("following: an Event is refused: HTTP status %ld", end->status);
	if (!ret && end->status < 500 && end->status != 429)
		drop_first(f);
	pause_after(f, end->retry_after);
}

static const struct http_get_ops post_ops = { .data = on_data, .done = on_done };

static void on_next(evutil_socket_t fd, short what, void *ctx)
{
	struct follow_events *f = ctx;
	struct pending *p = TAILQ_FIRST(&f->queue);
	struct err e = { "" };

	(void)fd;
	(void)what;
	if (!p || f->post)
		return;
	if (p->tries++ >= TRIES_MAX) {
		drop_first(f);
		next_after(f, 0);
		return;
	}
	if (http_client_post(&f->post, f->client, p->path, p->body, &post_ops, f, &e))
		next_after(f, PAUSE_SECONDS);
}

void follow_events_add(struct follow_events *f, const json_t *service, const char *type,
		       const char *reason, const char *message)
{
	struct pending *p;
	json_t *ev;
	char *ns;

	/* Those that came first say most. */
	if (f->n >= EVENTS_MAX)
		return;
	ev = event_make(service, type, reason, message, f->node, time(NULL));
	/* An item of a list leaves its kind to the list. */
	jx_set_str(ev, "involvedObject.kind", "Service");
	jx_set_str(ev, "involvedObject.apiVersion", "v1");
	p = jx_must(calloc(1, sizeof(*p)));
	ns = jx_must(evhttp_encode_uri(jx_str(ev, "metadata.namespace")));
	if (asprintf(&p->path, "/api/v1/namespaces/%s/events", ns) < 0)
		p->path = NULL;
	jx_must(p->path);
	free(ns);
	p->body = jx_print(ev);
	json_decref(ev);
	TAILQ_INSERT_TAIL(&f->queue, p, link);
	f->n++;
	if (!f->post && !event_pending(f->next, EV_TIMEOUT, NULL))
		next_after(f, 0);
}

void follow_events_free(struct follow_events *f)
{
	if (!f)
		return;
	http_client_cancel(f->post);
	while (f->n)
		drop_first(f);
	if (f->next)
		event_free(f->next);
	free(f->node);
	free(f);
}

struct follow_events *follow_events_alloc(struct event_base *base, struct http_client *client,
					  const char *node)
{
	struct follow_events *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	TAILQ_INIT(&f->queue);
	f->client = client;
	f->next = evtimer_new(base, on_next, f);
	f->node = strdup(node ? node : "");
	if (!f->next || !f->node) {
		follow_events_free(f);
		return NULL;
	}
	return f;
}
