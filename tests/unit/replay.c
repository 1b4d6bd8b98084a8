// SPDX-License-Identifier: GPL-2.0
#include "replay.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/listener.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#define RECORDINGS	SVCNAT_SOURCE "/tests/fixtures/kube-api/http/"
#define REPLAY_PEERS	16

struct replay_peer {
	struct replay *replay;
	struct bufferevent *bev;	/* NULL: free */
	struct event *more;		/* sends the next piece */
	struct evbuffer *left;
	enum replay_end end;
	size_t piece;
	char *head;			/* of the request that came last; NULL: none did */
};

struct replay {
	struct event_base *base;
	const struct replay_step *steps;
	unsigned int *used;
	size_t nsteps, piece;
	struct replay_tls *tls;
	struct evconnlistener *listener;
	char url[64];
	struct replay_peer peers[REPLAY_PEERS];
	struct evbuffer *heads;		/* of all requests, each with a NUL behind it */
};

static void peer_close(struct replay_peer *p)
{
	if (!p->bev)
		return;
	bufferevent_free(p->bev);
	event_free(p->more);
	evbuffer_free(p->left);
	free(p->head);
	p->head = NULL;
	p->bev = NULL;
}

static void add_recording(struct evbuffer *out, const char *name)
{
	char path[512], buf[4096];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), RECORDINGS "%s.resp", name);
	f = fopen(path, "r");
	if (!f)
		fail_msg("%s cannot be read", path);
	while ((n = fread(buf, 1, sizeof(buf), f)))
		evbuffer_add(out, buf, n);
	fclose(f);
}

static const struct timeval at_once;

static const struct replay_step *find_step(struct replay *r, const char *head)
{
	const struct replay_step *s;
	size_t i;

	for (i = 0; i < r->nsteps; i++) {
		s = &r->steps[i];
		if (!strstr(head, s->request) || (s->without && strstr(head, s->without)) ||
		    (s->times && r->used[i] >= s->times))
			continue;
		r->used[i]++;
		return s;
	}
	fail_msg("nobody answers %s", head);
	return NULL;
}

static void damage(struct evbuffer *reply, const struct replay_step *s)
{
	size_t len = evbuffer_get_length(reply);
	struct evbuffer *rest = evbuffer_new();

	if (s->spoil) {
		assert_true(s->spoil < len);
		evbuffer_pullup(reply, -1)[s->spoil] ^= 0xff;
	}
	if (s->only) {
		assert_true(s->only < len);
		evbuffer_remove_buffer(reply, rest, s->only);
		evbuffer_drain(reply, len - s->only);
		evbuffer_add_buffer(reply, rest);
	}
	evbuffer_free(rest);
}

static void answer(struct replay_peer *p, const char *head)
{
	const struct replay_step *s;

	free(p->head);
	p->head = strdup(head);
	evbuffer_add(p->replay->heads, head, strlen(head) + 1);
	s = find_step(p->replay, head);
	p->end = s->end;
	p->piece = s->piece ? s->piece : p->replay->piece;
	if (!s->reply)
		return;
	if (strncmp(s->reply, "HTTP/", 5) == 0)
		evbuffer_add(p->left, s->reply, strlen(s->reply));
	else
		add_recording(p->left, s->reply);
	damage(p->left, s);
	event_add(p->more, &at_once);
}

static void on_read(struct bufferevent *bev, void *ctx)
{
	struct evbuffer *in = bufferevent_get_input(bev);
	struct evbuffer_ptr end;
	char *head;

	while ((end = evbuffer_search(in, "\r\n\r\n", 4, NULL)).pos >= 0) {
		head = calloc(1, end.pos + 5);
		evbuffer_remove(in, head, end.pos + 4);
		answer(ctx, head);
		free(head);
	}
}

/* One piece each turn of the loop, so that the other side sees them one by one. */
static void on_more(evutil_socket_t fd, short what, void *ctx)
{
	struct replay_peer *p = ctx;
	size_t n = evbuffer_get_length(p->left);

	(void)fd;
	(void)what;
	if (n) {
		evbuffer_remove_buffer(p->left, bufferevent_get_output(p->bev),
				       n < p->piece ? n : p->piece);
		event_add(p->more, &at_once);
	} else if (p->end == REPLAY_CUT) {
		if (evbuffer_get_length(bufferevent_get_output(p->bev)))
			event_add(p->more, &at_once);
		else
			peer_close(p);
	}
}

static void on_event(struct bufferevent *bev, short what, void *ctx)
{
	(void)bev;
	if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
		peer_close(ctx);
}

static void on_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *addr, int len,
		      void *ctx)
{
	struct replay_peer *p = NULL;
	struct replay *r = ctx;
	size_t i;

	(void)l;
	(void)addr;
	(void)len;
	for (i = 0; i < REPLAY_PEERS && !p; i++)
		if (!r->peers[i].bev)
			p = &r->peers[i];
	assert_non_null(p);
	p->replay = r;
	p->left = evbuffer_new();
	p->more = evtimer_new(r->base, on_more, p);
	p->bev = r->tls ? bufferevent_openssl_socket_new(r->base, fd, replay_tls_accept(r->tls),
							 BUFFEREVENT_SSL_ACCEPTING,
							 BEV_OPT_CLOSE_ON_FREE) :
		 bufferevent_socket_new(r->base, fd, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(p->bev, on_read, NULL, on_event, p);
	bufferevent_enable(p->bev, EV_READ | EV_WRITE);
}

struct replay *replay_open(struct event_base *base, const struct replay_step *steps, size_t nsteps,
			   size_t piece, struct replay_tls *tls)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	struct replay *r = calloc(1, sizeof(*r));
	socklen_t len = sizeof(addr);

	r->base = base;
	r->steps = steps;
	r->nsteps = nsteps;
	r->piece = piece;
	r->tls = tls;
	r->used = calloc(nsteps, sizeof(*r->used));
	r->heads = evbuffer_new();
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	r->listener = evconnlistener_new_bind(base, on_accept, r, LEV_OPT_CLOSE_ON_FREE, -1,
					      (struct sockaddr *)&addr, sizeof(addr));
	assert_non_null(r->listener);
	getsockname(evconnlistener_get_fd(r->listener), (struct sockaddr *)&addr, &len);
	snprintf(r->url, sizeof(r->url), "http%s://127.0.0.1:%u", tls ? "s" : "",
		 ntohs(addr.sin_port));
	return r;
}

void replay_close(struct replay *r)
{
	size_t i;

	if (!r)
		return;
	for (i = 0; i < REPLAY_PEERS; i++)
		peer_close(&r->peers[i]);
	evconnlistener_free(r->listener);
	evbuffer_free(r->heads);
	free(r->used);
	free(r);
}

void replay_end(struct replay *r, const char *text)
{
	struct replay_peer *p;
	size_t i;

	for (i = 0; i < REPLAY_PEERS; i++) {
		p = &r->peers[i];
		if (!p->bev || !p->head || !strstr(p->head, text))
			continue;
		evbuffer_add(p->left, "0\r\n\r\n", 5);
		event_add(p->more, &at_once);
	}
}

const char *replay_url(const struct replay *r)
{
	return r->url;
}

const char *replay_request(const struct replay *r, size_t at)
{
	size_t len = evbuffer_get_length(r->heads);
	const char *all = (char *)evbuffer_pullup(r->heads, -1), *p;

	for (p = all; len && p < all + len; p += strlen(p) + 1)
		if (!at--)
			return p;
	return NULL;
}

unsigned int replay_count(const struct replay *r, const char *text)
{
	unsigned int n = 0;
	const char *head;
	size_t i;

	for (i = 0; (head = replay_request(r, i)); i++)
		n += strstr(head, text) != NULL;
	return n;
}
