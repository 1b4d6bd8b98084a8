// SPDX-License-Identifier: GPL-2.0
/* Questions to health ports, which may be anything that listens there. */
#include "announce_ask.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <setjmp.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	struct event_base *base;
	struct evconnlistener *listener;
	uint16_t port;
	const char *says;	/* NULL: nothing */
	bool endless, shut;
	struct bufferevent *peer;
	char asked[256];
	int answers;
	enum announce_answer answer;
};

static void on_asked(struct bufferevent *bev, void *ctx)
{
	struct fixture *f = ctx;
	size_t n = strlen(f->asked);

	bufferevent_read(bev, f->asked + n, sizeof(f->asked) - 1 - n);
	if (f->says)
		bufferevent_write(bev, f->says, strlen(f->says));
	f->says = NULL;
}

static void on_written(struct bufferevent *bev, void *ctx)
{
	struct fixture *f = ctx;
	static const char junk[4096] = "x";

	if (f->endless)
		bufferevent_write(bev, junk, sizeof(junk));
}

static void on_event(struct bufferevent *bev, short what, void *ctx)
{
	(void)bev;
	(void)what;
	(void)ctx;
}

static void on_peer(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa, int len,
		    void *ctx)
{
	struct fixture *f = ctx;

	(void)l;
	(void)sa;
	(void)len;
	if (f->shut) {
		close(fd);
		return;
	}
	f->peer = bufferevent_socket_new(f->base, fd, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(f->peer, on_asked, on_written, on_event, f);
	bufferevent_enable(f->peer, EV_READ | EV_WRITE);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(sa);

	f->base = event_base_new();
	f->listener = evconnlistener_new_bind(f->base, on_peer, f, LEV_OPT_CLOSE_ON_FREE, 8,
					      (struct sockaddr *)&sa, sizeof(sa));
	assert_non_null(f->listener);
	getsockname(evconnlistener_get_fd(f->listener), (struct sockaddr *)&sa, &len);
	f->port = ntohs(sa.sin_port);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	if (f->peer)
		bufferevent_free(f->peer);
	if (f->listener)
		evconnlistener_free(f->listener);
	event_base_free(f->base);
	free(f);
	return 0;
}

static void on_answer(void *ctx, enum announce_answer a)
{
	struct fixture *f = ctx;

	f->answers++;
	f->answer = a;
	event_base_loopbreak(f->base);
}

static const struct ip_addr loopback = { .family = AF_INET, .v4 = { 0x0100007f } };

static void ask(struct fixture *f)
{
	assert_non_null(announce_ask(f->base, &loopback, f->port, "n1", on_answer, f));
	event_base_dispatch(f->base);
	assert_int_equal(f->answers, 1);
}

static void test_answer(void **state)
{
	struct fixture *f = *state;

	f->says = "HTTP/1.1 200 OK\r\nSvcnat-Announce: layer2\r\nContent-Length: 9\r\n\r\n{";
	ask(f);
	assert_int_equal(f->answer, ANNOUNCE_ANSWER_WELL);
	assert_string_equal(f->asked, "GET /healthz?node=n1 HTTP/1.0\r\n\r\n");
}

static void test_nobody(void **state)
{
	struct fixture *f = *state;

	evconnlistener_free(f->listener);
	f->listener = NULL;
	ask(f);
	assert_int_equal(f->answer, ANNOUNCE_SILENT);
}

static void test_shut(void **state)
{
	struct fixture *f = *state;

	f->shut = true;
	ask(f);
	assert_int_equal(f->answer, ANNOUNCE_SILENT);
}

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* It is not waited for, whether it says nothing or half of something. */
static void test_late(void **state)
{
	long long began = now_ms();
	struct fixture *f = *state;

	f->says = "HTTP/1.1 200 OK\r\nSvcnat-Announce: layer2\r\n";
	ask(f);
	assert_int_equal(f->answer, ANNOUNCE_SILENT);
	assert_true(now_ms() - began >= ANNOUNCE_ASK_MS - 10);
}

/* So much is read, and not more. */
static void test_endless(void **state)
{
	long long began = now_ms();
	struct fixture *f = *state;

	f->says = "HTTP/1.1 200 OK\r\nX: ";
	f->endless = true;
	ask(f);
	assert_int_equal(f->answer, ANNOUNCE_SILENT);
	assert_true(now_ms() - began < ANNOUNCE_ASK_MS);
}

static void test_cancelled(void **state)
{
	const struct timeval tv = { .tv_usec = 50000 };
	struct fixture *f = *state;
	struct announce_ask *a;

	f->says = "HTTP/1.1 200 OK\r\nSvcnat-Announce: layer2\r\n\r\n";
	a = announce_ask(f->base, &loopback, f->port, "n1", on_answer, f);
	assert_non_null(a);
	announce_ask_cancel(a);
	event_base_loopexit(f->base, &tv);
	event_base_dispatch(f->base);
	assert_int_equal(f->answers, 0);
}

#define CASE(test)	cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_answer),
		CASE(test_nobody),
		CASE(test_shut),
		CASE(test_late),
		CASE(test_endless),
		CASE(test_cancelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
