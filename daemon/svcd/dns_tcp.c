// SPDX-License-Identifier: GPL-2.0
/* RFC 7766: several queries may be on their way in one stream, and are answered as they can be. */
#include "dns_server_priv.h"

#include "server.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BACKLOG		128
/* Queries of one stream that are being answered, and bytes that its client does not take. */
#define PIPELINE_MAX	32
#define UNSENT_MAX	((size_t)256 * 1024)
#define LENGTH_LEN	2

struct tcp_request {
	struct dns_request r;		/* first */
	struct dns_stream *stream;
	LIST_ENTRY(tcp_request) link;
};

LIST_HEAD(tcp_requests, tcp_request);

struct dns_stream {
	struct dns_server *server;
	TAILQ_ENTRY(dns_stream) link;
	struct bufferevent *bev;
	struct event *deadline;
	struct dns_peer from;
	struct tcp_requests requests;
	size_t nrequests;
	int64_t since;		/* it waits */
	bool ended;		/* the client sends nothing more */
	bool reading;		/* a query is being handed over: it must not be freed */
};

static void go_on(struct dns_stream *t);

/* --- streams --- */

static struct dns_streams *list_of(const struct dns_stream *t)
{
	return t->nrequests ? &t->server->busy : &t->server->waiting;
}

static void request_free(struct tcp_request *u)
{
	struct dns_stream *t = u->stream;

	LIST_REMOVE(u, link);
	free(u);
	if (--t->nrequests)
		return;
	TAILQ_REMOVE(&t->server->busy, t, link);
	t->since = dns_now_ns();
	TAILQ_INSERT_TAIL(&t->server->waiting, t, link);
}

static void stream_free(struct dns_stream *t)
{
	struct tcp_request *u;

	while ((u = LIST_FIRST(&t->requests))) {
		if (u->r.gone)
			u->r.gone(&u->r);
		request_free(u);
	}
	TAILQ_REMOVE(list_of(t), t, link);
	t->server->nstreams--;
	if (t->deadline)
		event_free(t->deadline);
	if (t->bev)
		bufferevent_free(t->bev);
	free(t);
}

static void set_deadline(struct dns_stream *t)
{
	const unsigned int ms = t->server->config.idle_ms;
	const struct timeval tv = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

	event_add(t->deadline, &tv);
}

static size_t unsent(const struct dns_stream *t)
{
	return evbuffer_get_length(bufferevent_get_output(t->bev));
}

static bool is_full(const struct dns_stream *t)
{
	return t->nrequests >= PIPELINE_MAX || unsent(t) >= UNSENT_MAX;
}

/* --- answers --- */

static void end(struct dns_request *r, const uint8_t *data, size_t len)
{
	struct tcp_request *u = (struct tcp_request *)r;
	struct dns_stream *t = u->stream;
	uint8_t length[LENGTH_LEN];

	request_free(u);
	if (data) {
		ldns_write_uint16(length, (uint16_t)len);
		bufferevent_write(t->bev, length, sizeof(length));
		bufferevent_write(t->bev, data, len);
		set_deadline(t);
	}
	if (!t->reading)
		go_on(t);
}

static const struct dns_request_ops ops = { .end = end };

/* --- queries --- */

static void hand_over(struct dns_stream *t, const uint8_t *data, size_t len)
{
	struct dns_server *s = t->server;
	struct tcp_request *u = calloc(1, sizeof(*u));

	if (!u)
		return;
	u->r = (struct dns_request){ .ops = &ops, .from = t->from, .tcp = true,
				     .began = dns_now_ns() };
	u->stream = t;
	LIST_INSERT_HEAD(&t->requests, u, link);
	if (!t->nrequests++) {
		TAILQ_REMOVE(&s->waiting, t, link);
		TAILQ_INSERT_TAIL(&s->busy, t, link);
	}
	s->config.handle(s->config.ctx, &u->r, data, len);
}

/* true: there was a whole one. */
static bool read_one(struct dns_stream *t)
{
	struct evbuffer *in = bufferevent_get_input(t->bev);
	size_t have = evbuffer_get_length(in), len;
	uint8_t length[LENGTH_LEN];
	const uint8_t *data;

	if (have < LENGTH_LEN)
		return false;
	evbuffer_copyout(in, length, sizeof(length));
	len = ldns_read_uint16(length);
	if (have - LENGTH_LEN < len)
		return false;
	data = evbuffer_pullup(in, (ev_ssize_t)(LENGTH_LEN + len));
	if (data)
		hand_over(t, data + LENGTH_LEN, len);
	evbuffer_drain(in, LENGTH_LEN + len);
	set_deadline(t);
	return true;
}

/* What a client does not take the answers of is not read. */
static void read_some(struct dns_stream *t)
{
	t->reading = true;
	while (!is_full(t) && read_one(t))
		;
	t->reading = false;
	if (t->ended || is_full(t))
		bufferevent_disable(t->bev, EV_READ);
	else
		bufferevent_enable(t->bev, EV_READ);
}

/* A client that has sent all may still wait for answers. */
static void go_on(struct dns_stream *t)
{
	read_some(t);
	if (t->ended && !t->nrequests && !unsent(t))
		stream_free(t);
}

static void on_readable(struct bufferevent *bev, void *ctx)
{
	(void)bev;
	go_on(ctx);
}

static void on_written(struct bufferevent *bev, void *ctx)
{
	(void)bev;
	go_on(ctx);
}

static void on_event(struct bufferevent *bev, short what, void *ctx)
{
	struct dns_stream *t = ctx;

	(void)bev;
	t->ended = true;
	if (what & BEV_EVENT_EOF)
		go_on(t);
	else
		stream_free(t);
}

static void on_deadline(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	stream_free(ctx);
}

/* Whoever has waited longest makes room. */
static bool has_room(struct dns_server *s)
{
	struct dns_stream *longest = TAILQ_FIRST(&s->waiting);
	int64_t yield = s->config.yield_ms * 1000000LL;

	if (s->nstreams >= s->config.streams_max && longest &&
	    dns_now_ns() - longest->since >= yield)
		stream_free(longest);
	return s->nstreams < s->config.streams_max;
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *sa,
		      int len, void *ctx)
{
	struct dns_server *s = ctx;
	struct dns_stream *t = NULL;
	struct dns_peer from;

	(void)listener;
	(void)len;
	dns_peer_from(&from, (const void *)sa);
	if ((!s->config.allowed || s->config.allowed(s->config.allowed_ctx, &from.addr)) &&
	    has_room(s))
		t = calloc(1, sizeof(*t));
	if (!t) {
		close(fd);
		return;
	}
	*t = (struct dns_stream){ .server = s, .from = from, .since = dns_now_ns() };
	s->nstreams++;
	TAILQ_INSERT_TAIL(&s->waiting, t, link);
	t->bev = bufferevent_socket_new(s->config.base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!t->bev)
		close(fd);
	t->deadline = evtimer_new(s->config.base, on_deadline, t);
	if (!t->bev || !t->deadline) {
		stream_free(t);
		return;
	}
	bufferevent_setcb(t->bev, on_readable, on_written, on_event, t);
	bufferevent_setwatermark(t->bev, EV_READ, 0, LENGTH_LEN + DNS_MESSAGE_MAX);
	bufferevent_enable(t->bev, EV_READ | EV_WRITE);
	set_deadline(t);
}

int dns_tcp_open(struct evconnlistener **out, struct dns_server *s, int fd)
{
	int code;

	if (listen(fd, BACKLOG) < 0) {
		code = errno;
		close(fd);
		return -code;
	}
	*out = evconnlistener_new(s->config.base, on_accept, s, LEV_OPT_CLOSE_ON_EXEC |
				  LEV_OPT_CLOSE_ON_FREE, 0, fd);
	if (!*out) {
		close(fd);
		return -ENOMEM;
	}
	evconnlistener_set_error_cb(*out, server_accept_failed);
	return 0;
}

void dns_tcp_close_all(struct dns_server *s)
{
	struct dns_stream *t;

	while ((t = TAILQ_FIRST(&s->busy)))
		stream_free(t);
	while ((t = TAILQ_FIRST(&s->waiting)))
		stream_free(t);
}
