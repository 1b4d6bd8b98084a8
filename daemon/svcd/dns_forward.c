// SPDX-License-Identifier: GPL-2.0
#include "dns_forward_priv.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TRY_MS		1500
#define TOTAL_MS	4500
#define REST_MS		10000
#define CHECK_MS	60000
#define ASKS_MAX	1000
#define CLIENT_PART	8
/* A lone upstream is asked three times, and each of several once, with a share of the time. */
#define TRIES_MIN	3
/* Datagrams that are no answer to what was asked: then somebody is guessing. */
#define STRANGE_MAX	64
#define LENGTH_LEN	2

static void failed(struct dns_ask *a, enum dns_forward_result how);

int64_t dns_forward_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

void dns_forward_set_timer(struct event *timer, int64_t ms)
{
	const struct timeval tv = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

	event_add(timer, &tv);
}

/* --- asks --- */

static void end_try(struct dns_ask *a)
{
	if (a->readable)
		event_free(a->readable);
	a->readable = NULL;
	if (a->tcp)
		bufferevent_free(a->tcp);
	a->tcp = NULL;
	if (a->fd >= 0)
		close(a->fd);
	a->fd = -1;
}

static void ask_free(struct dns_ask *a)
{
	end_try(a);
	TAILQ_REMOVE(&a->forward->asks, a, link);
	a->forward->nasks -= a->kind == DNS_ASK_CLIENT;
	if (a->deadline)
		event_free(a->deadline);
	free(a);
}

void dns_ask_cancel(struct dns_ask *a)
{
	if (a)
		ask_free(a);
}

static void finish(struct dns_ask *a, enum dns_heard heard, const uint8_t *data, size_t len)
{
	if (a->kind == DNS_ASK_CLIENT)
		a->asked(a->ctx, heard, data, len);
	ask_free(a);
}

static uint16_t random_id(void)
{
	uint16_t id;

	evutil_secure_rng_get_bytes(&id, sizeof(id));
	return id;
}

/* --- what is heard --- */

/* true: a server that does not know EDNS is asked without. */
static bool is_too_old(const struct dns_ask *a, enum dns_heard heard, unsigned int rcode)
{
	return (heard == DNS_HEARD_ANSWER || heard == DNS_HEARD_BROKEN) && a->query.edns &&
	       (rcode == LDNS_RCODE_FORMERR || rcode == LDNS_RCODE_NOTIMPL);
}

static bool is_error(unsigned int rcode)
{
	return rcode == LDNS_RCODE_FORMERR || rcode == LDNS_RCODE_SERVFAIL ||
	       rcode == LDNS_RCODE_NOTIMPL || rcode == LDNS_RCODE_REFUSED;
}

static bool begin_try(struct dns_ask *a);
static bool begin_tcp(struct dns_ask *a);

static void again_without_edns(struct dns_ask *a)
{
	a->query.edns = a->query.dnssec = false;
	end_try(a);
	if (!begin_try(a))
		failed(a, DNS_FORWARD_UNREACHABLE);
}

static void heard_cut(struct dns_ask *a, const uint8_t *data, size_t len)
{
	if (!a->whole) {
		dns_forward_note(a, DNS_FORWARD_ANSWERED);
		finish(a, DNS_HEARD_CUT, data, len);
	} else if (a->tcp) {
		failed(a, DNS_FORWARD_BROKEN);
	} else {
		end_try(a);
		if (!begin_tcp(a))
			failed(a, DNS_FORWARD_UNREACHABLE);
	}
}

/* true: the try, or all of the ask, is over. */
static bool hear(struct dns_ask *a, const uint8_t *data, size_t len)
{
	unsigned int rcode = 0;
	enum dns_heard heard = dns_answer_check(&a->query, a->id, data, len, &rcode);

	if (heard == DNS_HEARD_NOTHING && !a->tcp && ++a->strange < STRANGE_MAX)
		return false;
	if (is_too_old(a, heard, rcode)) {
		again_without_edns(a);
	} else if (heard != DNS_HEARD_ANSWER && heard != DNS_HEARD_CUT) {
		failed(a, DNS_FORWARD_BROKEN);
	} else if (is_error(rcode)) {
		failed(a, DNS_FORWARD_ERROR);
	} else if (heard == DNS_HEARD_CUT) {
		heard_cut(a, data, len);
	} else {
		dns_forward_note(a, DNS_FORWARD_ANSWERED);
		finish(a, heard, data, len);
	}
	return true;
}

/* --- by UDP --- */

static void on_datagram(evutil_socket_t fd, short what, void *ctx)
{
	static uint8_t data[DNS_MESSAGE_MAX];	/* one at a time, and not on the stack */
	struct dns_ask *a = ctx;
	ssize_t len;
	int i;

	(void)what;
	for (i = 0; i < STRANGE_MAX; i++) {
		len = recv(fd, data, sizeof(data), MSG_DONTWAIT);
		if (len < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (len < 0) {
			failed(a, DNS_FORWARD_UNREACHABLE);
			return;
		}
		if (hear(a, data, (size_t)len))
			return;
	}
}

static uint16_t own_port(int fd)
{
	struct sockaddr_storage sa = { .ss_family = AF_UNSPEC };
	socklen_t len = sizeof(sa);
	struct dns_peer own;

	if (getsockname(fd, (struct sockaddr *)&sa, &len) < 0)
		return 0;
	dns_peer_from(&own, &sa);
	return own.port;
}

/* Connected: the kernel takes answers from there only, and says that nobody is there. */
static bool begin_udp(struct dns_ask *a)
{
	uint8_t request[DNS_REQUEST_MAX];
	struct sockaddr_storage sa;
	socklen_t salen = dns_peer_sockaddr(&a->peer, &sa);
	size_t len = dns_request_write(&a->query, a->id, request);

	a->fd = socket(sa.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (a->fd < 0 || connect(a->fd, (struct sockaddr *)&sa, salen) < 0)
		return false;
	a->port = own_port(a->fd);
	a->readable = event_new(a->forward->config.base, a->fd, EV_READ | EV_PERSIST, on_datagram,
				a);
	if (!a->readable || event_add(a->readable, NULL) < 0)
		return false;
	return send(a->fd, request, len, MSG_NOSIGNAL) == (ssize_t)len;
}

/* --- by TCP --- */

static void on_stream(struct bufferevent *bev, void *ctx)
{
	struct evbuffer *in = bufferevent_get_input(bev);
	size_t have = evbuffer_get_length(in), len;
	struct dns_ask *a = ctx;
	uint8_t length[LENGTH_LEN];
	const uint8_t *data;

	if (have < LENGTH_LEN)
		return;
	evbuffer_copyout(in, length, sizeof(length));
	len = ldns_read_uint16(length);
	if (have - LENGTH_LEN < len)
		return;
	data = evbuffer_pullup(in, (ev_ssize_t)(LENGTH_LEN + len));
	if (data)
		hear(a, data + LENGTH_LEN, len);
	else
		failed(a, DNS_FORWARD_BROKEN);
}

static void on_stream_event(struct bufferevent *bev, short what, void *ctx)
{
	(void)bev;
	if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
		failed(ctx, DNS_FORWARD_UNREACHABLE);
}

static bool begin_tcp(struct dns_ask *a)
{
	uint8_t request[LENGTH_LEN + DNS_REQUEST_MAX];
	struct sockaddr_storage sa;
	socklen_t salen = dns_peer_sockaddr(&a->peer, &sa);
	size_t len;

	a->id = random_id();
	len = dns_request_write(&a->query, a->id, request + LENGTH_LEN);
	ldns_write_uint16(request, (uint16_t)len);
	a->tcp = bufferevent_socket_new(a->forward->config.base, -1, BEV_OPT_CLOSE_ON_FREE |
					BEV_OPT_DEFER_CALLBACKS);
	if (!a->tcp)
		return false;
	bufferevent_setcb(a->tcp, on_stream, NULL, on_stream_event, a);
	bufferevent_setwatermark(a->tcp, EV_READ, 0, LENGTH_LEN + DNS_MESSAGE_MAX);
	bufferevent_enable(a->tcp, EV_READ | EV_WRITE);
	return bufferevent_write(a->tcp, request, LENGTH_LEN + len) == 0 &&
	       bufferevent_socket_connect(a->tcp, (struct sockaddr *)&sa, (int)salen) == 0;
}

/* --- one after the other --- */

static bool begin_try(struct dns_ask *a)
{
	a->id = random_id();
	a->strange = 0;
	return begin_udp(a);
}

/* false: nobody is left to be asked. */
static bool next_try(struct dns_ask *a)
{
	const struct dns_forward_config *c = &a->forward->config;
	const int64_t now = dns_forward_now_ms(), left = a->began + c->total_ms - now;
	const int64_t share = c->total_ms / a->tries_max;
	const int64_t ms = share < c->try_ms ? share : c->try_ms;

	while (a->tries < a->tries_max && left > 0) {
		a->peer = a->order[a->tries++ % a->n];
		a->tried = now;
		dns_forward_set_timer(a->deadline, left < ms ? left : ms);
		if (begin_try(a))
			return true;
		end_try(a);
		dns_forward_note(a, DNS_FORWARD_UNREACHABLE);
	}
	return false;
}

static void failed(struct dns_ask *a, enum dns_forward_result how)
{
	dns_forward_note(a, how);
	end_try(a);
	if (!next_try(a))
		finish(a, DNS_HEARD_NOTHING, NULL, 0);
}

static void on_deadline(evutil_socket_t fd, short what, void *ctx)
{
	struct dns_ask *a = ctx;

	(void)fd;
	(void)what;
	/* Nobody could be asked at all. */
	if (a->fd < 0 && !a->tcp)
		finish(a, DNS_HEARD_NOTHING, NULL, 0);
	else
		failed(a, DNS_FORWARD_SILENT);
}

static struct dns_ask *ask_alloc(struct dns_forward *f, enum dns_ask_kind kind,
				 const struct dns_query *q)
{
	struct dns_ask *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->forward = f;
	a->kind = kind;
	a->query = *q;
	a->fd = -1;
	a->began = dns_forward_now_ms();
	TAILQ_INSERT_TAIL(&f->asks, a, link);
	f->nasks += kind == DNS_ASK_CLIENT;
	a->deadline = evtimer_new(f->config.base, on_deadline, a);
	if (!a->deadline) {
		ask_free(a);
		return NULL;
	}
	return a;
}

bool dns_forward_ask_own(struct dns_forward *f, const struct upstream_state *u,
			 enum dns_ask_kind kind, const struct dns_query *q)
{
	struct dns_ask *a = ask_alloc(f, kind, q);

	if (!a)
		return false;
	a->order[a->n++] = u->peer;
	a->tries_max = 1;
	if (next_try(a))
		return true;
	ask_free(a);
	return false;
}

/* Who asks for what nobody answers leaves room for others. */
static bool has_room(const struct dns_forward *f, const struct ip_addr *client)
{
	const struct dns_ask *a;
	size_t n = 0;

	if (f->nasks < f->config.client_max)
		return true;
	TAILQ_FOREACH(a, &f->asks, link)
		n += a->kind == DNS_ASK_CLIENT && ip_addr_equal(&a->client, client);
	return n < f->config.client_max && f->nasks < f->config.asks_max;
}

static void suspect_all(struct dns_forward *f)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		dns_forward_loop_suspect(f, &f->v[i]);
}

int dns_forward_ask(struct dns_forward *f, const struct ip_addr *client, const struct dns_query *q,
		    bool whole, dns_asked *asked, void *ctx, struct dns_ask **out)
{
	struct dns_ask *a;

	if (!dns_forward_upstreams(f))
		return -ENOENT;
	if (!has_room(f, client)) {
		suspect_all(f);
		return -EBUSY;
	}
	dns_forward_probe_rested(f);
	a = ask_alloc(f, DNS_ASK_CLIENT, q);
	if (!a)
		return -ENOMEM;
	a->client = *client;
	a->whole = whole;
	a->asked = asked;
	a->ctx = ctx;
	dns_forward_order(f, a);
	a->tries_max = a->n < TRIES_MIN ? TRIES_MIN : (unsigned int)a->n;
	if (!next_try(a))
		dns_forward_set_timer(a->deadline, 0);
	*out = a;
	return 0;
}

struct dns_forward *dns_forward_alloc(const struct dns_forward_config *c)
{
	struct dns_forward *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->config = *c;
	f->config.try_ms = c->try_ms ? c->try_ms : TRY_MS;
	f->config.total_ms = c->total_ms ? c->total_ms : TOTAL_MS;
	f->config.rest_ms = c->rest_ms ? c->rest_ms : REST_MS;
	f->config.check_ms = c->check_ms ? c->check_ms : CHECK_MS;
	f->config.asks_max = c->asks_max ? c->asks_max : ASKS_MAX;
	f->config.client_max = c->client_max ? c->client_max :
			       (f->config.asks_max + CLIENT_PART - 1) / CLIENT_PART;
	TAILQ_INIT(&f->asks);
	if (!dns_forward_loop_init(f)) {
		free(f);
		return NULL;
	}
	return f;
}

void dns_forward_free(struct dns_forward *f)
{
	if (!f)
		return;
	while (!TAILQ_EMPTY(&f->asks))
		ask_free(TAILQ_FIRST(&f->asks));
	event_free(f->check);
	free(f);
}
