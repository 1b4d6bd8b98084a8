// SPDX-License-Identifier: GPL-2.0
#include "http_port.h"

#include "addrport.h"
#include "api_status.h"
#include "err.h"
#include "http_head.h"
#include "server.h"

#include <errno.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define REQUEST_MS	10000
#define ANSWER_MS	60000
#define YIELD_MS	2000
/* For the client to take the end of the answer and to close: see linger(). */
#define LINGER_MS	1000
#define BACKLOG		128
/* In one turn of the loop: a scrape of megabytes shall not need a thousand of them. */
#define WRITE_MAX	(256 * 1024)

enum phase { HTTP_READING, HTTP_ASKED, HTTP_ANSWERED, HTTP_LINGERING };

struct http_call {
	LIST_ENTRY(http_call) link;
	struct http_port *port;
	struct bufferevent *bev;
	struct event *deadline;
	enum phase phase;
	TAILQ_ENTRY(http_call) in_waiting;	/* but not while HTTP_ASKED */
	int64_t since;		/* it is in there, milliseconds */
	bool known;		/* see http_port_config */
	bool ended;		/* the client sends nothing more */
	struct http_head head;
	void (*gone)(void *ctx);
	void *gone_ctx;
};

LIST_HEAD(http_calls, http_call);

struct http_listener {
	struct ip_addr addr;
	struct evconnlistener *listener;
	bool wanted;
};

struct http_port {
	struct http_port_config config;
	struct http_listener *v;
	size_t n;
	uint16_t number;	/* of all of them */
	struct http_calls calls;
};

/* --- the limit */

void http_limit_init(struct http_limit *l, unsigned int max)
{
	*l = (struct http_limit){ .max = max };
	TAILQ_INIT(&l->waiting);
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* From now on its client is waited for. */
static void wait_begin(struct http_call *c, enum phase phase)
{
	c->phase = phase;
	c->since = now_ms();
	TAILQ_INSERT_TAIL(&c->port->config.limit->waiting, c, in_waiting);
}

static void wait_end(struct http_call *c)
{
	if (c->phase != HTTP_ASKED)
		TAILQ_REMOVE(&c->port->config.limit->waiting, c, in_waiting);
	c->phase = HTTP_ASKED;
}

/* --- connections */

static void call_free(struct http_call *c)
{
	wait_end(c);
	LIST_REMOVE(c, link);
	c->port->config.limit->now--;
	if (c->deadline)
		event_free(c->deadline);
	if (c->bev)
		bufferevent_free(c->bev);
	http_head_clear(&c->head);
	free(c);
}

/* Whoever has it is told first. */
static void drop(struct http_call *c)
{
	if (c->phase == HTTP_ASKED && c->gone)
		c->gone(c->gone_ctx);
	call_free(c);
}

static void set_deadline(struct http_call *c, unsigned int ms)
{
	const struct timeval tv = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

	event_add(c->deadline, &tv);
}

static void on_deadline(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	drop(ctx);
}

static void discard(struct http_call *c)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);

	evbuffer_drain(in, evbuffer_get_length(in));
}

/*
 * To close while something is unread is a reset, which takes the answer away from
 * a client that has not read it yet.
 */
static void linger(struct http_call *c)
{
	if (c->ended) {
		call_free(c);
		return;
	}
	c->phase = HTTP_LINGERING;
	shutdown(bufferevent_getfd(c->bev), SHUT_WR);
	set_deadline(c, LINGER_MS);
	discard(c);
}

static void on_written(struct bufferevent *bev, void *ctx)
{
	struct http_call *c = ctx;

	(void)bev;
	if (c->phase == HTTP_ANSWERED)
		linger(c);
}

static void asked(struct http_call *c, size_t head)
{
	unsigned char *data = evbuffer_pullup(bufferevent_get_input(c->bev), (ev_ssize_t)head);
	int ret = data ? http_head_parse((char *)data, head, &c->head) : -ENOMEM;

	wait_end(c);
	discard(c);
	set_deadline(c, c->port->config.answer_ms);
	if (!ret)
		c->port->config.handle(c, c->port->config.ctx);
	else if (ret == -EINVAL)
		http_call_text(c, 400, "", "this is no HTTP/1 request\n");
	else
		drop(c);
}

static void on_readable(struct bufferevent *bev, void *ctx)
{
	struct evbuffer *in = bufferevent_get_input(bev);
	struct http_call *c = ctx;
	struct evbuffer_ptr end;

	if (c->phase != HTTP_READING) {
		discard(c);
		return;
	}
	end = evbuffer_search(in, "\r\n\r\n", 4, NULL);
	if (end.pos >= 0) {
		asked(c, (size_t)end.pos);
	} else if (evbuffer_get_length(in) >= HTTP_PORT_HEAD_MAX) {
		wait_end(c);
		discard(c);
		http_call_text(c, 431, "", "the head of the request is too long\n");
	}
}

/* A client that has sent all may still wait for the answer. */
static void on_event(struct bufferevent *bev, short what, void *ctx)
{
	struct http_call *c = ctx;

	c->ended = true;
	if (!(what & BEV_EVENT_EOF) || c->phase == HTTP_READING || c->phase == HTTP_LINGERING)
		drop(c);
	else
		bufferevent_disable(bev, EV_READ);
}

static struct http_call *first_stranger(const struct http_limit *l)
{
	struct http_call *c;

	TAILQ_FOREACH(c, &l->waiting, in_waiting)
		if (!c->known)
			break;
	return c;
}

static bool has_room(const struct http_port *p, bool known)
{
	const struct http_limit *l = p->config.limit;
	struct http_call *first = TAILQ_FIRST(&l->waiting), *stranger;

	if (l->now < l->max)
		return true;
	stranger = known ? first_stranger(l) : NULL;
	if (stranger)
		call_free(stranger);
	else if (first && now_ms() - first->since >= p->config.yield_ms)
		call_free(first);
	return l->now < l->max;
}

static bool is_known(const struct http_port *p, const struct sockaddr *sa)
{
	struct ip_addr from = { .family = (uint8_t)sa->sa_family };

	if (!p->config.known)
		return false;
	if (from.family == AF_INET)
		from.v4 = ((const struct sockaddr_in *)(const void *)sa)->sin_addr;
	else if (from.family == AF_INET6)
		from.v6 = ((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr;
	else
		return false;
	return p->config.known(p->config.known_ctx, &from);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *sa,
		      int len, void *ctx)
{
	struct http_port *p = ctx;
	struct http_call *c = NULL;
	bool known = is_known(p, sa);

	(void)listener;
	(void)len;
	if (has_room(p, known))
		c = calloc(1, sizeof(*c));
	if (!c) {
		close(fd);
		return;
	}
	c->port = p;
	c->known = known;
	p->config.limit->now++;
	LIST_INSERT_HEAD(&p->calls, c, link);
	wait_begin(c, HTTP_READING);
	c->bev = bufferevent_socket_new(p->config.base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!c->bev)
		close(fd);
	c->deadline = evtimer_new(p->config.base, on_deadline, c);
	if (!c->bev || !c->deadline) {
		call_free(c);
		return;
	}
	bufferevent_setcb(c->bev, on_readable, on_written, on_event, c);
	bufferevent_setwatermark(c->bev, EV_READ, 0, HTTP_PORT_HEAD_MAX);
	bufferevent_set_max_single_write(c->bev, WRITE_MAX);
	bufferevent_enable(c->bev, EV_READ | EV_WRITE);
	set_deadline(c, p->config.request_ms);
}

/* --- answers */

const char *http_call_method(const struct http_call *c)
{
	return c->head.method;
}

const char *http_call_path(const struct http_call *c)
{
	return c->head.path;
}

const char *http_call_query(const struct http_call *c)
{
	return c->head.query;
}

void http_call_gone(struct http_call *c, void (*gone)(void *ctx), void *ctx)
{
	c->gone = gone;
	c->gone_ctx = ctx;
}

static void print_date(char *buf, size_t size)
{
	time_t now = time(NULL);
	struct tm tm;

	/* In the C locale, which svcd never leaves: the names are English. */
	strftime(buf, size, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &tm));
}

void http_call_answer(struct http_call *c, int code, const char *headers, struct evbuffer *body)
{
	struct evbuffer *out = bufferevent_get_output(c->bev);
	size_t len = body ? evbuffer_get_length(body) : 0;
	char date[64];

	print_date(date, sizeof(date));
	wait_begin(c, HTTP_ANSWERED);
	set_deadline(c, c->port->config.answer_ms);
	if (evbuffer_add_printf(out, "HTTP/1.1 %d %s\r\n%sDate: %s\r\nContent-Length: %zu\r\n"
				"Connection: close\r\n\r\n", code, api_phrase(code), headers,
				date, len) < 0 ||
	    (len && strcmp(c->head.method, "HEAD") && evbuffer_add_buffer(out, body))) {
		call_free(c);
		return;
	}
	if (body)
		evbuffer_drain(body, evbuffer_get_length(body));
}

void http_call_text(struct http_call *c, int code, const char *headers, const char *text)
{
	struct evbuffer *body = evbuffer_new();
	char all[512];

	if (body)
		evbuffer_add(body, text, strlen(text));
	snprintf(all, sizeof(all), "%sContent-Type: text/plain; charset=utf-8\r\n"
		 "X-Content-Type-Options: nosniff\r\n", headers);
	http_call_answer(c, code, all, body);
	if (body)
		evbuffer_free(body);
}

bool http_call_is_get(struct http_call *c)
{
	if (strcmp(c->head.method, "GET") == 0 || strcmp(c->head.method, "HEAD") == 0)
		return true;
	http_call_text(c, 405, "Allow: GET, HEAD\r\n", "method not allowed\n");
	return false;
}

/* --- listeners */

static socklen_t make_sockaddr(const struct ip_addr *addr, uint16_t port,
			       struct sockaddr_storage *out)
{
	struct sockaddr_in6 *v6 = (void *)out;
	struct sockaddr_in *v4 = (void *)out;

	memset(out, 0, sizeof(*out));
	out->ss_family = addr->family;
	if (addr->family == AF_INET) {
		v4->sin_port = htons(port);
		v4->sin_addr = addr->v4;
		return sizeof(*v4);
	}
	v6->sin6_port = htons(port);
	v6->sin6_addr = addr->v6;
	return sizeof(*v6);
}

/* An address that is only being tested for duplicates (IPv6) can be bound, too. */
static int prepare(int fd, uint8_t family)
{
	const int on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof(on)) < 0)
		return -1;
	return family == AF_INET6 ?
	       setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) : 0;
}

/* A descriptor, or -errno. */
static int bind_socket(const struct ip_addr *addr, uint16_t port)
{
	struct sockaddr_storage sa;
	socklen_t len = make_sockaddr(addr, port, &sa);
	int fd = socket(addr->family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int code;

	if (fd < 0)
		return -errno;
	if (prepare(fd, addr->family) < 0 || bind(fd, (struct sockaddr *)&sa, len) < 0 ||
	    listen(fd, BACKLOG) < 0) {
		code = errno;
		close(fd);
		return -code;
	}
	return fd;
}

/* All of IPv6 on a node that has none of it. */
static bool is_nothing(const struct ip_addr *addr, int code)
{
	return addr->family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&addr->v6) &&
	       (code == -EAFNOSUPPORT || code == -EADDRNOTAVAIL);
}

static int open_listener(struct http_port *p, struct http_listener *l, struct err *e)
{
	char text[ADDRPORT_STRLEN];
	int fd = bind_socket(&l->addr, p->number);

	if (fd < 0 && is_nothing(&l->addr, fd))
		return 0;
	if (fd < 0)
		return err_set(e, -fd, "%s: cannot listen: %s",
			       addrport_print(&l->addr, p->number, text), strerror(-fd));
	l->listener = evconnlistener_new(p->config.base, on_accept, p, LEV_OPT_CLOSE_ON_EXEC |
					 LEV_OPT_CLOSE_ON_FREE, 0, fd);
	if (!l->listener) {
		close(fd);
		return err_set(e, ENOMEM, "out of memory");
	}
	evconnlistener_set_error_cb(l->listener, server_accept_failed);
	return 0;
}

static void close_listener(struct http_listener *l)
{
	if (l->listener)
		evconnlistener_free(l->listener);
	l->listener = NULL;
}

static void close_unwanted(struct http_port *p)
{
	size_t i, kept = 0;

	for (i = 0; i < p->n; i++) {
		if (p->v[i].wanted)
			p->v[kept++] = p->v[i];
		else
			close_listener(&p->v[i]);
	}
	p->n = kept;
}

static int want(struct http_port *p, const struct ip_addr *addr, struct err *e)
{
	struct http_listener *v;
	size_t i;

	for (i = 0; i < p->n; i++)
		if (ip_addr_equal(&p->v[i].addr, addr)) {
			p->v[i].wanted = true;
			return 0;
		}
	v = reallocarray(p->v, p->n + 1, sizeof(*v));
	if (!v)
		return err_set(e, ENOMEM, "out of memory");
	p->v = v;
	v[p->n++] = (struct http_listener){ .addr = *addr, .wanted = true };
	return 0;
}

int http_port_listen(struct http_port *p, const struct ip_addr *addrs, size_t n, uint16_t port,
		     struct err *e)
{
	struct err other;
	int err = 0, ret;
	size_t i;

	for (i = 0; i < p->n; i++)
		p->v[i].wanted = false;
	if (p->number != port)
		close_unwanted(p);
	p->number = port;
	for (i = 0; !err && i < n; i++)
		err = want(p, &addrs[i], e);
	close_unwanted(p);
	for (i = 0; i < p->n; i++) {
		if (p->v[i].listener)
			continue;
		ret = open_listener(p, &p->v[i], err ? &other : e);
		err = err ? err : ret;
	}
	return err;
}

struct http_port *http_port_alloc(const struct http_port_config *c)
{
	struct http_port *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->config = *c;
	p->config.request_ms = c->request_ms ? c->request_ms : REQUEST_MS;
	p->config.answer_ms = c->answer_ms ? c->answer_ms : ANSWER_MS;
	p->config.yield_ms = c->yield_ms ? c->yield_ms : YIELD_MS;
	LIST_INIT(&p->calls);
	return p;
}

void http_port_free(struct http_port *p)
{
	size_t i;

	if (!p)
		return;
	while (!LIST_EMPTY(&p->calls))
		drop(LIST_FIRST(&p->calls));
	for (i = 0; i < p->n; i++)
		close_listener(&p->v[i]);
	free(p->v);
	free(p);
}
