// SPDX-License-Identifier: GPL-2.0
#include "http_fixture.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define DEADLINE_SECONDS	10

static bool fixture_ready(void *ctx, struct err *e)
{
	struct http_fixture *f = ctx;

	if (!f->ready)
		err_set(e, EAGAIN, "the test says so");
	return f->ready;
}

/* Makes each turn of the loop end, so that what is waited for is looked at. */
static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	(void)ctx;
}

bool http_wait(struct event_base *base, http_condition *done, void *ctx)
{
	const struct timeval moment = { .tv_usec = 100000 };
	time_t end = time(NULL) + DEADLINE_SECONDS;
	struct event *look;
	bool is_so;

	/* Where nothing happens the condition is looked at all the same. */
	look = event_new(base, -1, EV_PERSIST, on_tick, NULL);
	event_add(look, &moment);
	while (!(is_so = done(ctx)) && time(NULL) <= end)
		event_base_loop(base, EVLOOP_ONCE);
	event_free(look);
	return is_so;
}

static time_t fixture_now(void *ctx)
{
	const struct http_fixture *f = ctx;

	return f->now;
}

static void open_registry(struct http_fixture *f)
{
	struct registry_config c = {
		.nservice_cidrs = 1,
		.node_port_min = 30000,
		.node_port_max = 32767,
		.history = HTTP_FIXTURE_HISTORY,
	};
	struct err e = { "" };
	char path[128];

	if (f->now) {
		c.now = fixture_now;
		c.now_ctx = f;
	}
	assert_int_equal(ip_cidr_parse("10.96.0.0/12", &c.service_cidrs[0], &e), 0);
	snprintf(path, sizeof(path), "%s/svcd.db", f->dir);
	if (registry_open(&f->registry, path, &c, &e) < 0)
		fail_msg("%s", e.text);
}

static void open_objects(struct http_fixture *f)
{
	open_registry(f);
	f->limits.base = f->base;
	f->limits.registry = f->registry;
	assert_int_equal(watch_hub_alloc(&f->watches, &f->limits, NULL), 0);
	f->api = (struct api){
		.registry = f->registry,
		.watches = f->watches,
		.ready = fixture_ready,
		.ready_ctx = f,
	};
}

void http_fixture_wipe(struct http_fixture *f)
{
	char path[128];

	watch_hub_free(f->watches);
	registry_close(f->registry);
	snprintf(path, sizeof(path), "%s/svcd.db", f->dir);
	assert_return_code(unlink(path), errno);
	open_objects(f);
}

void http_fixture_start_server(struct http_fixture *f)
{
	struct err e = { "" };

	if (server_open(&f->server, f->base, f->socket, api_handle, &f->api, &e) < 0)
		fail_msg("%s", e.text);
}

void http_fixture_stop_server(struct http_fixture *f)
{
	server_close(f->server);
	f->server = NULL;
}

struct http_fixture *http_fixture_open(const struct watch_config *limits)
{
	return http_fixture_open_at(limits, 0);
}

struct http_fixture *http_fixture_open_at(const struct watch_config *limits, time_t now)
{
	struct http_fixture *f = calloc(1, sizeof(*f));
	const struct timeval tick = { .tv_usec = 2000 };
	const char *tmp = getenv("TMPDIR");

	assert_non_null(f);
	/* Short: the path of a socket is limited. */
	if (!tmp || strlen(tmp) > 30)
		tmp = "/tmp";
	snprintf(f->dir, sizeof(f->dir), "%s/httpXXXXXX", tmp);
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->socket, sizeof(f->socket), "%s/s", f->dir);
	f->base = event_base_new();
	f->tick = event_new(f->base, -1, EV_PERSIST, on_tick, NULL);
	event_add(f->tick, &tick);
	if (limits)
		f->limits = *limits;
	f->ready = true;
	f->now = now;
	open_objects(f);
	http_fixture_start_server(f);
	return f;
}

void http_fixture_close(struct http_fixture *f)
{
	static const char *const files[] = { "s.lock", "s", "svcd.db", "svcd.db-wal", "svcd.db-shm",
					     "svcd.db.lock" };
	char path[192];
	size_t i;

	server_close(f->server);
	watch_hub_free(f->watches);
	registry_close(f->registry);
	event_free(f->tick);
	event_base_free(f->base);
	for (i = 0; i < sizeof(files) / sizeof(*files); i++) {
		snprintf(path, sizeof(path), "%s/%s", f->dir, files[i]);
		unlink(path);
	}
	rmdir(f->dir);
	free(f);
}

void http_peer_open(struct http_peer *p, const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	*p = (struct http_peer){ .fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) };
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	assert_return_code(connect(p->fd, (struct sockaddr *)&sun, sizeof(sun)), errno);
}

bool http_peer_connect(struct http_peer *p, const char *ip, uint16_t port)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	bool is_v4 = inet_pton(AF_INET, ip, &v4.sin_addr) == 1;

	assert_true(is_v4 || inet_pton(AF_INET6, ip, &v6.sin6_addr) == 1);
	*p = (struct http_peer){
		.fd = socket(is_v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0),
	};
	if (connect(p->fd, is_v4 ? (void *)&v4 : (void *)&v6, is_v4 ? sizeof(v4) : sizeof(v6)) == 0)
		return true;
	http_peer_close(p);
	return false;
}

uint16_t http_free_port(void)
{
	struct sockaddr_in sa = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(sa);

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_return_code(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), errno);
	assert_return_code(getsockname(fd, (struct sockaddr *)&sa, &len), errno);
	close(fd);
	return ntohs(sa.sin_port);
}

void http_peer_close(struct http_peer *p)
{
	close(p->fd);
	free(p->raw);
	*p = (struct http_peer){ .fd = -1 };
}

void http_peer_send(struct http_peer *p, const char *data, size_t len)
{
	ssize_t n;

	/* The peer's buffer is larger than anything a test sends without reading. */
	n = send(p->fd, data, len, MSG_NOSIGNAL);
	assert_int_equal(n, len);
}

void http_peer_sendf(struct http_peer *p, const char *fmt, ...)
{
	char text[8192];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	assert_in_range(n, 1, sizeof(text) - 1);
	http_peer_send(p, text, n);
}

void http_peer_receive(struct http_peer *p)
{
	char buf[65536];
	ssize_t n;

	while ((n = recv(p->fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0) {
		p->raw = realloc(p->raw, p->len + n + 1);
		assert_non_null(p->raw);
		memcpy(p->raw + p->len, buf, n);
		p->len += n;
		p->raw[p->len] = '\0';
	}
	if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK))
		p->closed = true;
}

static void append(struct http_answer *a, const char *data, size_t len)
{
	a->body = realloc(a->body, a->len + len + 1);
	assert_non_null(a->body);
	if (len)
		memcpy(a->body + a->len, data, len);
	a->len += len;
	a->body[a->len] = '\0';
}

/* Returns where the answer ends. */
static const char *parse_chunks(struct http_answer *a, const char *p, const char *end)
{
	const char *line;
	char *after;
	size_t n;

	while ((line = memmem(p, end - p, "\r\n", 2))) {
		n = strtoul(p, &after, 16);
		assert_ptr_equal(after, line);
		if ((size_t)(end - line) < n + 4)
			break;
		assert_memory_equal(line + 2 + n, "\r\n", 2);
		append(a, line + 2, n);
		p = line + 2 + n + 2;
		if (n == 0) {
			a->complete = true;
			break;
		}
	}
	return p;
}

static const char *parse_answer(const struct http_peer *p, struct http_answer *a)
{
	const char *body, *end, *length;
	size_t n;

	*a = (struct http_answer){ .complete = false };
	body = p->raw ? memmem(p->raw, p->len, "\r\n\r\n", 4) : NULL;
	if (!body)
		return NULL;
	body += 4;
	end = p->raw + p->len;
	n = body - p->raw;
	assert_true(n < sizeof(a->head));
	memcpy(a->head, p->raw, n);
	assert_int_equal(sscanf(a->head, "HTTP/1.%*d %d", &a->status), 1);
	append(a, "", 0);
	if (strcasestr(a->head, "\r\nTransfer-Encoding: chunked"))
		return parse_chunks(a, body, end);
	length = strcasestr(a->head, "\r\nContent-Length: ");
	n = length ? strtoul(length + 18, NULL, 10) : 0;
	if ((size_t)(end - body) < n)
		return body;
	append(a, body, n);
	a->complete = true;
	return body + n;
}

bool http_peer_parse(const struct http_peer *p, struct http_answer *a)
{
	return parse_answer(p, a) != NULL;
}

static bool answered(void *ctx)
{
	struct http_peer *p = ctx;
	struct http_answer a;
	bool complete;

	http_peer_receive(p);
	http_peer_parse(p, &a);
	complete = a.complete && a.status != 100;
	http_answer_clear(&a);
	return complete || p->closed;
}

void http_peer_answer(struct http_fixture *f, struct http_peer *p, struct http_answer *a)
{
	const char *end;

	assert_true(http_wait(f->base, answered, p));
	end = parse_answer(p, a);
	if (!a->complete)
		fail_msg("no answer, connection %s", p->closed ? "closed" : "open");
	p->len -= end - p->raw;
	memmove(p->raw, end, p->len + 1);
	a->json = json_loadb(a->body, a->len, 0, NULL);
}

static bool is_closed(void *ctx)
{
	struct http_peer *p = ctx;

	http_peer_receive(p);
	return p->closed;
}

bool http_peer_wait_closed(struct http_fixture *f, struct http_peer *p)
{
	return http_wait(f->base, is_closed, p);
}

struct expectation {
	struct http_peer *peer;
	const char *text;
};

static bool expected(void *ctx)
{
	struct expectation *x = ctx;
	struct http_answer a;
	bool found;

	http_peer_receive(x->peer);
	found = http_peer_parse(x->peer, &a) && strstr(a.body, x->text);
	http_answer_clear(&a);
	return found;
}

bool http_peer_expect(struct http_fixture *f, struct http_peer *p, const char *text)
{
	struct expectation x = { p, text };

	return http_wait(f->base, expected, &x);
}

void http_answer_clear(struct http_answer *a)
{
	free(a->body);
	json_decref(a->json);
	*a = (struct http_answer){ .complete = false };
}

void http_ask_port(struct http_fixture *f, const char *ip, uint16_t port, const char *method,
		   const char *path, struct http_answer *a)
{
	struct http_peer p;

	assert_true(http_peer_connect(&p, ip, port));
	http_peer_sendf(&p, "%s %s HTTP/1.1\r\nHost: localhost\r\n\r\n", method, path);
	http_peer_answer(f, &p, a);
	http_peer_close(&p);
}

void http_ask(struct http_fixture *f, const char *method, const char *path, const char *type,
	      const char *body, struct http_answer *a)
{
	char header[128] = "";

	if (type)
		snprintf(header, sizeof(header), "Content-Type: %s\r\n", type);
	http_ask_with(f, method, path, header, body, a);
}

void http_ask_with(struct http_fixture *f, const char *method, const char *path,
		   const char *headers, const char *body, struct http_answer *a)
{
	struct http_peer p;

	http_peer_open(&p, f->socket);
	http_peer_sendf(&p, "%s %s HTTP/1.1\r\nHost: localhost\r\n%s", method, path, headers);
	if (body)
		http_peer_sendf(&p, "Content-Length: %zu\r\n\r\n%s", strlen(body), body);
	else
		http_peer_sendf(&p, "\r\n");
	http_peer_answer(f, &p, a);
	http_peer_close(&p);
}

int http_do(struct http_fixture *f, const char *method, const char *path, const char *body)
{
	struct http_answer a;
	int status;

	http_ask(f, method, path, strcmp(method, "PATCH") == 0 ? "application/merge-patch+json" :
		 "application/json", body, &a);
	status = a.status;
	http_answer_clear(&a);
	return status;
}
