// SPDX-License-Identifier: GPL-2.0
#include "http_fixture.h"

#include "http_head.h"
#include "http_port.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- the head of a request */

static const struct {
	const char *head;
	const char *method, *path;	/* NULL: refused */
	const char *query;
} heads[] = {
	{ "GET / HTTP/1.1", "GET", "/", NULL },
	{ "GET /healthz?x=1 HTTP/1.0\r\nHost: a", "GET", "/healthz", "x=1" },
	{ "GET /? HTTP/1.0", "GET", "/", "" },
	{ "M-SEARCH * HTTP/1.1", "M-SEARCH", "*", NULL },
	{ "CONNECT a:80 HTTP/1.1", "CONNECT", "a:80", NULL },
	{ "GET http://a:1/b/c?d HTTP/1.1", "GET", "/b/c", "d" },
	{ "GET http://a HTTP/1.1", "GET", "http://a", NULL },
	{ "0123456789012345678901234567890 / HTTP/1.1", "0123456789012345678901234567890", "/",
	  NULL },
	{ "01234567890123456789012345678901 / HTTP/1.1", NULL, NULL, NULL },
	{ "", NULL, NULL, NULL },
	{ "GET", NULL, NULL, NULL },
	{ "GET /", NULL, NULL, NULL },
	{ "GET / ", NULL, NULL, NULL },
	{ "GET  HTTP/1.1", NULL, NULL, NULL },
	{ " / HTTP/1.1", NULL, NULL, NULL },
	{ "GET / HTTP/2.0", NULL, NULL, NULL },
	{ "GET / HTTP/1.x", NULL, NULL, NULL },
	{ "GET / HTTP/1.1 ", NULL, NULL, NULL },
	{ "GET / a HTTP/1.1", NULL, NULL, NULL },
	{ "G(T / HTTP/1.1", NULL, NULL, NULL },
	{ "GET /\001 HTTP/1.1", NULL, NULL, NULL },
	{ "GET /\xc3\xa4 HTTP/1.1", NULL, NULL, NULL },
	{ "\r\nGET / HTTP/1.1", NULL, NULL, NULL },
};

static void test_heads(void **state)
{
	struct http_head h;
	size_t i;
	int ret;

	(void)state;
	for (i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		ret = http_head_parse(heads[i].head, strlen(heads[i].head), &h);
		if (ret != (heads[i].method ? 0 : -EINVAL))
			fail_msg("'%s': %d", heads[i].head, ret);
		if (!ret) {
			assert_string_equal(h.method, heads[i].method);
			assert_string_equal(h.path, heads[i].path);
			assert_int_equal(!h.query, !heads[i].query);
			assert_true(!h.query || !strcmp(h.query, heads[i].query));
		}
		http_head_clear(&h);
	}
	/* No NUL is looked for. */
	assert_int_equal(http_head_parse("GET /\0 HTTP/1.1", 15, &h), -EINVAL);
}

/* --- a port */

struct port_fixture {
	struct http_fixture *http;
	struct http_limit limit;
	struct http_port *port;
	struct ip_addr addr;
	uint16_t number;
	unsigned int asked, gone;
	char method[HTTP_METHOD_MAX + 1], path[64];
	struct http_call *kept;		/* of the path /later */
};

static void on_gone(void *ctx)
{
	struct port_fixture *f = ctx;

	f->gone++;
	f->kept = NULL;
}

static void handle(struct http_call *call, void *ctx)
{
	struct port_fixture *f = ctx;
	struct evbuffer *body;

	f->asked++;
	snprintf(f->method, sizeof(f->method), "%s", http_call_method(call));
	snprintf(f->path, sizeof(f->path), "%s", http_call_path(call));
	if (strcmp(f->path, "/later") == 0) {
		f->kept = call;
		http_call_gone(call, on_gone, f);
		return;
	}
	body = evbuffer_new();
	evbuffer_add_printf(body, "hello\n");
	http_call_answer(call, 200, "X-Test: 1\r\n", body);
	assert_int_equal(evbuffer_get_length(body), 0);
	evbuffer_free(body);
}

static int setup(void **state)
{
	struct port_fixture *f = calloc(1, sizeof(*f));
	struct http_port_config c = { .handle = handle, .ctx = f, .limit = &f->limit,
				      .request_ms = 200, .answer_ms = 300 };

	f->http = http_fixture_open(NULL);
	http_limit_init(&f->limit, 3);
	c.base = f->http->base;
	f->port = http_port_alloc(&c);
	assert_int_equal(ip_addr_parse("127.0.0.1", &f->addr, NULL), 0);
	f->number = http_free_port();
	assert_int_equal(http_port_listen(f->port, &f->addr, 1, f->number, NULL), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct port_fixture *f = *state;

	http_port_free(f->port);
	assert_int_equal(f->limit.now, 0);
	http_fixture_close(f->http);
	free(f);
	return 0;
}

static void connect_to(struct port_fixture *f, struct http_peer *p)
{
	assert_true(http_peer_connect(p, "127.0.0.1", f->number));
}

static bool nobody_is_there(void *ctx)
{
	return ((struct port_fixture *)ctx)->limit.now == 0;
}

static void test_answer(void **state)
{
	struct port_fixture *f = *state;
	struct http_answer a;
	struct http_peer p;

	connect_to(f, &p);
	/* In pieces, and with a body that nobody wants. */
	http_peer_sendf(&p, "BREW /a?b=c HT");
	http_peer_sendf(&p, "TP/1.1\r\nContent-Length: 3\r\n\r");
	http_peer_sendf(&p, "\nabc");
	http_peer_answer(f->http, &p, &a);
	assert_int_equal(a.status, 200);
	assert_string_equal(a.body, "hello\n");
	assert_non_null(strstr(a.head, "\r\nX-Test: 1\r\n"));
	assert_non_null(strstr(a.head, "\r\nConnection: close\r\n"));
	assert_string_equal(f->method, "BREW");
	assert_string_equal(f->path, "/a");
	http_answer_clear(&a);
	assert_true(http_peer_wait_closed(f->http, &p));
	http_peer_close(&p);
	assert_true(http_wait(f->http->base, nobody_is_there, f));
}

static void test_head_has_no_body(void **state)
{
	struct port_fixture *f = *state;
	struct http_peer p;

	connect_to(f, &p);
	http_peer_sendf(&p, "HEAD / HTTP/1.0\r\n\r\n");
	assert_true(http_peer_wait_closed(f->http, &p));
	assert_non_null(strstr(p.raw, "\r\nContent-Length: 6\r\n"));
	assert_string_equal(strstr(p.raw, "\r\n\r\n"), "\r\n\r\n");
	http_peer_close(&p);
}

static void expect_refused(struct port_fixture *f, const char *request, int status)
{
	struct http_answer a;
	struct http_peer p;

	connect_to(f, &p);
	http_peer_send(&p, request, strlen(request));
	http_peer_answer(f->http, &p, &a);
	assert_int_equal(a.status, status);
	http_answer_clear(&a);
	assert_true(http_peer_wait_closed(f->http, &p));
	http_peer_close(&p);
}

static void test_refused(void **state)
{
	char large[HTTP_PORT_HEAD_MAX + 100];
	struct port_fixture *f = *state;

	expect_refused(f, "hello\r\n\r\n", 400);
	memset(large, 'x', sizeof(large));
	memcpy(large, "GET / HTTP/1.1\r\nX: ", 19);
	strcpy(large + sizeof(large) - 5, "\r\n\r\n");
	expect_refused(f, large, 431);
	assert_int_equal(f->asked, 0);
}

/* Who says nothing, or not all, is not waited for; nor who does not take the answer. */
static void test_deadline(void **state)
{
	struct port_fixture *f = *state;
	struct http_peer p, q;

	connect_to(f, &p);
	connect_to(f, &q);
	http_peer_sendf(&q, "GET / HTTP/1.1\r\n");
	assert_true(http_peer_wait_closed(f->http, &p));
	assert_true(http_peer_wait_closed(f->http, &q));
	assert_int_equal(f->asked, 0);
	http_peer_close(&p);
	http_peer_close(&q);
}

static void test_limit(void **state)
{
	struct port_fixture *f = *state;
	struct http_answer a;
	struct http_peer p[4];
	size_t i;

	for (i = 0; i < 4; i++)
		connect_to(f, &p[i]);
	assert_true(http_peer_wait_closed(f->http, &p[3]));
	assert_int_equal(f->limit.now, 3);
	http_peer_close(&p[3]);
	http_peer_close(&p[0]);
	http_peer_sendf(&p[1], "GET / HTTP/1.1\r\n\r\n");
	http_peer_answer(f->http, &p[1], &a);
	assert_int_equal(a.status, 200);
	http_answer_clear(&a);
	http_peer_close(&p[1]);
	http_peer_close(&p[2]);
	assert_true(http_wait(f->http->base, nobody_is_there, f));
	http_ask_port(f->http, "127.0.0.1", f->number, "GET", "/", &a);
	assert_int_equal(a.status, 200);
	http_answer_clear(&a);
}

static bool was_kept(void *ctx)
{
	return ((struct port_fixture *)ctx)->kept;
}

static void ask_later(struct port_fixture *f, struct http_peer *p)
{
	f->kept = NULL;
	connect_to(f, p);
	http_peer_sendf(p, "GET /later HTTP/1.1\r\n\r\n");
	assert_true(http_wait(f->http->base, was_kept, f));
}

static bool is_full(void *ctx)
{
	const struct port_fixture *f = ctx;

	return f->limit.now == f->limit.max;
}

/* Who sleeps makes room for who asks, and who waits for us does not. */
static void test_sleepers(void **state)
{
	const struct timespec moment = { .tv_nsec = 5000000 };
	struct port_fixture *f = *state;
	struct http_port_config c = { .base = f->http->base, .handle = handle, .ctx = f,
				      .limit = &f->limit, .yield_ms = 100000 };
	struct http_peer waits, silent, slow, p;
	uint16_t number = http_free_port();
	struct http_port *impatient;
	struct http_answer a;

	http_port_free(f->port);
	f->port = http_port_alloc(&c);
	assert_int_equal(http_port_listen(f->port, &f->addr, 1, f->number, NULL), 0);
	c.yield_ms = 1;
	impatient = http_port_alloc(&c);
	assert_int_equal(http_port_listen(impatient, &f->addr, 1, number, NULL), 0);
	ask_later(f, &waits);
	connect_to(f, &silent);
	connect_to(f, &slow);
	http_peer_sendf(&slow, "GET /");
	assert_true(http_wait(f->http->base, is_full, f));
	/* For this port it was not long. */
	connect_to(f, &p);
	assert_true(http_peer_wait_closed(f->http, &p));
	http_peer_close(&p);
	nanosleep(&moment, NULL);
	http_ask_port(f->http, "127.0.0.1", number, "GET", "/", &a);
	assert_int_equal(a.status, 200);
	http_answer_clear(&a);
	assert_true(http_peer_wait_closed(f->http, &silent));
	http_peer_sendf(&slow, "a HTTP/1.1\r\n\r\n");
	http_peer_answer(f->http, &slow, &a);
	assert_string_equal(f->path, "/a");
	http_answer_clear(&a);
	assert_int_equal(f->gone, 0);
	http_peer_close(&waits);
	http_peer_close(&silent);
	http_peer_close(&slow);
	http_port_free(impatient);
}

static bool knows(void *ctx, const struct ip_addr *from)
{
	return *(bool *)ctx && from->family == AF_INET && from->v4.s_addr == htonl(0x7f000001);
}

/* Strangers that keep all places busy, however new they are, do not keep out who is known. */
static void test_known(void **state)
{
	struct port_fixture *f = *state;
	bool known = false;
	struct http_port_config c = { .base = f->http->base, .handle = handle, .ctx = f,
				      .limit = &f->limit, .yield_ms = 100000, .known = knows,
				      .known_ctx = &known };
	struct http_peer stranger[3], mine[2], p;
	struct http_answer a;
	size_t i;

	http_port_free(f->port);
	f->port = http_port_alloc(&c);
	assert_int_equal(http_port_listen(f->port, &f->addr, 1, f->number, NULL), 0);
	for (i = 0; i < 3; i++)
		connect_to(f, &stranger[i]);
	assert_true(http_wait(f->http->base, is_full, f));
	connect_to(f, &p);
	assert_true(http_peer_wait_closed(f->http, &p));
	http_peer_close(&p);
	known = true;
	http_ask_port(f->http, "127.0.0.1", f->number, "GET", "/", &a);
	assert_int_equal(a.status, 200);
	http_answer_clear(&a);
	assert_true(http_peer_wait_closed(f->http, &stranger[0]));
	/* But not each other. */
	for (i = 0; i < 2; i++)
		ask_later(f, &mine[i]);
	connect_to(f, &p);
	assert_true(http_peer_wait_closed(f->http, &stranger[1]));
	assert_true(http_wait(f->http->base, is_full, f));
	assert_int_equal(f->gone, 0);
	for (i = 0; i < 3; i++)
		http_peer_close(&stranger[i]);
	for (i = 0; i < 2; i++)
		http_peer_close(&mine[i]);
	http_peer_close(&p);
}

/* All wait for us: there is no room. */
static void test_all_wait(void **state)
{
	struct port_fixture *f = *state;
	struct http_peer p[3], q;
	size_t i;

	for (i = 0; i < 3; i++)
		ask_later(f, &p[i]);
	connect_to(f, &q);
	assert_true(http_peer_wait_closed(f->http, &q));
	assert_int_equal(f->limit.now, 3);
	assert_int_equal(f->gone, 0);
	http_peer_close(&q);
	for (i = 0; i < 3; i++)
		http_peer_close(&p[i]);
}

static bool was_lost(void *ctx)
{
	return ((struct port_fixture *)ctx)->gone > 0;
}

static void test_later(void **state)
{
	struct port_fixture *f = *state;
	struct http_answer a;
	struct http_peer p;

	connect_to(f, &p);
	http_peer_sendf(&p, "GET /later HTTP/1.1\r\n\r\n");
	/* A client that has said all it has to say still waits. */
	shutdown(p.fd, SHUT_WR);
	assert_true(http_wait(f->http->base, was_kept, f));
	http_call_text(f->kept, 503, "", "later\n");
	http_peer_answer(f->http, &p, &a);
	assert_int_equal(a.status, 503);
	assert_string_equal(a.body, "later\n");
	http_answer_clear(&a);
	http_peer_close(&p);
	assert_int_equal(f->gone, 0);
}

/* The time is over, or the port is closed: nobody is to answer any more. */
static void test_gone(void **state)
{
	struct port_fixture *f = *state;
	struct http_peer p;

	connect_to(f, &p);
	http_peer_sendf(&p, "GET /later HTTP/1.1\r\n\r\n");
	assert_true(http_wait(f->http->base, was_lost, f));
	http_peer_close(&p);
	connect_to(f, &p);
	http_peer_sendf(&p, "GET /later HTTP/1.1\r\n\r\n");
	assert_true(http_wait(f->http->base, was_kept, f));
	http_port_free(f->port);
	f->port = NULL;
	assert_int_equal(f->gone, 2);
	assert_true(http_peer_wait_closed(f->http, &p));
	http_peer_close(&p);
	assert_false(http_peer_connect(&p, "127.0.0.1", f->number));
}

/* What stays is not closed, what goes is, and what somebody else has is an error. */
static void test_addresses(void **state)
{
	struct port_fixture *f = *state;
	struct http_port_config c = { .base = f->http->base, .handle = handle, .ctx = f,
				      .limit = &f->limit };
	struct http_port *other = http_port_alloc(&c);
	struct ip_addr two[2] = { f->addr };
	struct err e = { "" };
	struct http_peer p, q;
	char expected[128];

	assert_int_equal(ip_addr_parse("127.0.0.2", &two[1], NULL), 0);
	assert_int_equal(http_port_listen(other, two, 2, f->number, &e), -EADDRINUSE);
	snprintf(expected, sizeof(expected), "127.0.0.1:%u: cannot listen: %s", f->number,
		 strerror(EADDRINUSE));
	assert_string_equal(e.text, expected);
	/* The other address it has. */
	assert_true(http_peer_connect(&q, "127.0.0.2", f->number));
	connect_to(f, &p);
	assert_int_equal(http_port_listen(f->port, &two[1], 1, f->number, &e), -EADDRINUSE);
	assert_int_equal(http_port_listen(other, two, 2, f->number, &e), 0);
	assert_int_equal(http_port_listen(other, two, 1, f->number, &e), 0);
	assert_int_equal(http_port_listen(f->port, &two[1], 1, f->number, &e), 0);
	http_peer_close(&p);
	http_peer_close(&q);
	http_port_free(other);
	assert_false(http_peer_connect(&p, "127.0.0.1", f->number));
	assert_true(http_peer_connect(&p, "127.0.0.2", f->number));
	http_peer_close(&p);
}

static void test_both_families(void **state)
{
	struct port_fixture *f = *state;
	struct ip_addr all[2] = { { .family = AF_INET }, { .family = AF_INET6 } };
	int fd = socket(AF_INET6, SOCK_STREAM, 0);
	struct sockaddr_in6 loopback = { .sin6_family = AF_INET6,
					 .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	uint16_t number = http_free_port();
	struct http_answer a;

	assert_int_equal(http_port_listen(f->port, all, 2, number, NULL), 0);
	http_ask_port(f->http, "127.0.0.1", number, "GET", "/", &a);
	assert_int_equal(a.status, 200);
	http_answer_clear(&a);
	if (fd >= 0 && bind(fd, (struct sockaddr *)&loopback, sizeof(loopback)) == 0) {
		http_ask_port(f->http, "::1", number, "GET", "/", &a);
		assert_int_equal(a.status, 200);
		http_answer_clear(&a);
	}
	if (fd >= 0)
		close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_heads),
		cmocka_unit_test_setup_teardown(test_answer, setup, teardown),
		cmocka_unit_test_setup_teardown(test_head_has_no_body, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_deadline, setup, teardown),
		cmocka_unit_test_setup_teardown(test_limit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sleepers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_known, setup, teardown),
		cmocka_unit_test_setup_teardown(test_all_wait, setup, teardown),
		cmocka_unit_test_setup_teardown(test_later, setup, teardown),
		cmocka_unit_test_setup_teardown(test_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_addresses, setup, teardown),
		cmocka_unit_test_setup_teardown(test_both_families, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
