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
/* Of all streams, in one turn of the loop; whatever else svcd has to do is done in between. */
#define TURN_QUERIES	32
#define TURN_BYTES	((size_t)64 * 1024)

struct tcp_request {
	struct dns_request r;		/* first */
	struct dns_stream *stream;
	LIST_ENTRY(tcp_request) link;
};

LIST_HEAD(tcp_requests, tcp_request);

struct dns_stream {
	struct dns_server *server;
	const struct evconnlistener *listener;	/* by which it came */
	TAILQ_ENTRY(dns_stream) link, in_ready;
	struct bufferevent *bev;
	struct event *deadline;
	struct dns_peer from;
	struct tcp_requests requests;
	size_t nrequests;
	int64_t since;		/* it waits */
	bool ended;		/* the client sends nothing more */
	bool ready;		/* it is among those */
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

static void unqueue(struct dns_stream *t)
{
	if (t->ready)
		TAILQ_REMOVE(&t->server->ready, t, in_ready);
	t->ready = false;
}

static void stream_free(struct dns_stream *t)
{
	struct tcp_request *u;

	while ((u = LIST_FIRST(&t->requests))) {
		if (u->r.gone)
			u->r.gone(&u->r);
		request_free(u);
	}
	unqueue(t);
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
	t->server->taken += len;
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

/* A whole one, that may be taken now. */
static bool has_query(const struct dns_stream *t)
{
	struct evbuffer *in = bufferevent_get_input(t->bev);
	uint8_t length[LENGTH_LEN];

	return !is_full(t) && evbuffer_copyout(in, length, sizeof(length)) == LENGTH_LEN &&
	       evbuffer_get_length(in) - LENGTH_LEN >= ldns_read_uint16(length);
}

static void take_query(struct dns_stream *t)
{
	struct evbuffer *in = bufferevent_get_input(t->bev);
	uint8_t length[LENGTH_LEN];
	const uint8_t *data;
	size_t len;

	evbuffer_copyout(in, length, sizeof(length));
	len = ldns_read_uint16(length);
	data = evbuffer_pullup(in, (ev_ssize_t)(LENGTH_LEN + len));
	t->reading = true;
	if (data)
		hand_over(t, data + LENGTH_LEN, len);
	t->reading = false;
	evbuffer_drain(in, LENGTH_LEN + len);
	set_deadline(t);
}

/* --- turns: streams take them, a query each --- */

static void take_more(struct dns_server *s)
{
	const struct timeval now = { 0 };

	/* Not event_active(): that would go on before anything else is looked at. */
	if (!TAILQ_EMPTY(&s->ready))
		event_add(s->more, &now);
}

static void queue(struct dns_stream *t)
{
	struct dns_server *s = t->server;

	if (t->ready)
		return;
	t->ready = true;
	TAILQ_INSERT_TAIL(&s->ready, t, in_ready);
	/* It does not wait for its client any more. */
	if (!t->nrequests) {
		TAILQ_REMOVE(&s->waiting, t, link);
		t->since = dns_now_ns();
		TAILQ_INSERT_TAIL(&s->waiting, t, link);
	}
	take_more(s);
}

/*
 * What a client does not take the answers of is not read. A client that has sent all may still
 * wait for answers.
 */
static void go_on(struct dns_stream *t)
{
	if (has_query(t))
		queue(t);
	if (t->ended || is_full(t))
		bufferevent_disable(t->bev, EV_READ);
	else
		bufferevent_enable(t->bev, EV_READ);
	if (t->ended && !t->ready && !t->nrequests && !unsent(t))
		stream_free(t);
}

static void on_more(evutil_socket_t fd, short what, void *ctx)
{
	struct dns_server *s = ctx;
	struct dns_stream *t;
	unsigned int n;

	(void)fd;
	(void)what;
	s->taken = 0;
	for (n = 0; n < TURN_QUERIES && s->taken < TURN_BYTES; n++) {
		t = TAILQ_FIRST(&s->ready);
		if (!t)
			break;
		unqueue(t);
		if (has_query(t))
			take_query(t);
		go_on(t);
	}
	take_more(s);
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

/* --- who comes --- */

static size_t count_of(const struct dns_streams *list, const struct ip_addr *client)
{
	const struct dns_stream *t;
	size_t n = 0;

	TAILQ_FOREACH(t, list, link)
		n += ip_addr_equal(&t->from.addr, client);
	return n;
}

/* Of a client; NULL: of all. */
static struct dns_stream *longest_waiting(const struct dns_server *s, const struct ip_addr *client)
{
	struct dns_stream *t;

	TAILQ_FOREACH(t, &s->waiting, link)
		if (!client || ip_addr_equal(&t->from.addr, client))
			break;
	return t;
}

/* Whoever has waited longest makes room; for a client that has its share, one of its own. */
static bool make_room(struct dns_server *s, const struct ip_addr *client)
{
	const size_t n = count_of(&s->waiting, client) + count_of(&s->busy, client);
	const bool has_share = n >= s->config.client_max;
	const int64_t yield = s->config.yield_ms * 1000000LL;
	struct dns_stream *longest;

	if (!has_share && s->nstreams < s->config.streams_max)
		return true;
	longest = longest_waiting(s, has_share ? client : NULL);
	if (!longest || dns_now_ns() - longest->since < yield)
		return false;
	stream_free(longest);
	return true;
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *sa,
		      int len, void *ctx)
{
	struct dns_server *s = ctx;
	struct dns_stream *t = NULL;
	struct dns_peer from;

	(void)len;
	dns_peer_from(&from, (const void *)sa);
	if ((!s->config.allowed || s->config.allowed(s->config.allowed_ctx, &from.addr)) &&
	    make_room(s, &from.addr))
		t = calloc(1, sizeof(*t));
	if (!t) {
		close(fd);
		return;
	}
	*t = (struct dns_stream){ .server = s, .listener = listener, .from = from,
				  .since = dns_now_ns() };
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

bool dns_tcp_init(struct dns_server *s)
{
	TAILQ_INIT(&s->waiting);
	TAILQ_INIT(&s->busy);
	TAILQ_INIT(&s->ready);
	s->more = evtimer_new(s->config.base, on_more, s);
	return s->more;
}

static void free_streams(struct dns_streams *list, const struct evconnlistener *listener)
{
	struct dns_stream *t = TAILQ_FIRST(list), *next;

	for (; t; t = next) {
		next = TAILQ_NEXT(t, link);
		if (t->listener == listener)
			stream_free(t);
	}
}

void dns_tcp_close(struct dns_server *s, struct evconnlistener *listener)
{
	if (!listener)
		return;
	free_streams(&s->waiting, listener);
	free_streams(&s->busy, listener);
	evconnlistener_free(listener);
}
