// SPDX-License-Identifier: GPL-2.0
#include "announce_ask.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct announce_ask {
	struct bufferevent *bev;
	struct event *late;
	announce_asked *done;
	void *ctx;
};

void announce_ask_cancel(struct announce_ask *a)
{
	if (a->bev)
		bufferevent_free(a->bev);
	if (a->late)
		event_free(a->late);
	free(a);
}

static void finish(struct announce_ask *a, enum announce_answer answer)
{
	a->done(a->ctx, answer);
	announce_ask_cancel(a);
}

/* true: it is whole, or too long to become so. */
static bool read_answer(struct announce_ask *a, enum announce_answer *answer)
{
	struct evbuffer *in = bufferevent_get_input(a->bev);
	size_t len = evbuffer_get_length(in);

	if (len > ANNOUNCE_ANSWER_MAX)
		len = ANNOUNCE_ANSWER_MAX;
	return announce_answer_parse((char *)evbuffer_pullup(in, (ev_ssize_t)len), len, answer) ||
	       len == ANNOUNCE_ANSWER_MAX;
}

static void on_read(struct bufferevent *bev, void *ctx)
{
	enum announce_answer answer;

	(void)bev;
	if (read_answer(ctx, &answer))
		finish(ctx, answer);
}

static void on_event(struct bufferevent *bev, short what, void *ctx)
{
	(void)bev;
	if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
		finish(ctx, ANNOUNCE_SILENT);
}

static void on_late(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	finish(ctx, ANNOUNCE_SILENT);
}

static socklen_t address(const struct ip_addr *addr, uint16_t port, struct sockaddr_storage *out)
{
	struct sockaddr_in6 *v6 = (void *)out;
	struct sockaddr_in *v4 = (void *)out;

	memset(out, 0, sizeof(*out));
	out->ss_family = addr->family;
	if (addr->family == AF_INET) {
		v4->sin_addr = addr->v4;
		v4->sin_port = htons(port);
		return sizeof(*v4);
	}
	v6->sin6_addr = addr->v6;
	v6->sin6_port = htons(port);
	return sizeof(*v6);
}

/* Errors of connect() come by on_event(), later. */
static bool begin(struct announce_ask *a, const struct ip_addr *addr, uint16_t port,
		  const char *self)
{
	const struct timeval tv = { .tv_usec = ANNOUNCE_ASK_MS * 1000 };
	struct sockaddr_storage sa;
	socklen_t len = address(addr, port, &sa);

	bufferevent_setcb(a->bev, on_read, NULL, on_event, a);
	bufferevent_setwatermark(a->bev, EV_READ, 0, ANNOUNCE_ANSWER_MAX);
	return evbuffer_add_printf(bufferevent_get_output(a->bev), "GET /healthz?" ANNOUNCE_ASKER
				   "%s HTTP/1.0\r\n\r\n", self) > 0 &&
	       !bufferevent_enable(a->bev, EV_READ | EV_WRITE) && !event_add(a->late, &tv) &&
	       !bufferevent_socket_connect(a->bev, (struct sockaddr *)&sa, (int)len);
}

struct announce_ask *announce_ask(struct event_base *base, const struct ip_addr *addr,
				  uint16_t port, const char *self, announce_asked *done,
				  void *ctx)
{
	struct announce_ask *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->done = done;
	a->ctx = ctx;
	a->late = evtimer_new(base, on_late, a);
	a->bev = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
	if (a->late && a->bev && begin(a, addr, port, self))
		return a;
	announce_ask_cancel(a);
	return NULL;
}
