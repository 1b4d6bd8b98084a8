// SPDX-License-Identifier: GPL-2.0
/* The sockets of DNS, with a handler that says the query backwards, at once or later. */
#include "http_fixture.h"

#include "dns_help.h"
#include "dns_server.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT	5300
#define HELD_MAX	64

struct fixture {
	struct event_base *base;
	struct dns_server *server;
	bool hold, silent, strangers;
	size_t answer_len;	/* of each answer; 0: as long as the query */
	struct dns_request *held[HELD_MAX];
	size_t nheld, ngone, handled;
	uint8_t last[256];	/* the last query */
	size_t last_len;
};

static void on_gone(struct dns_request *r)
{
	struct fixture *f = r->ctx;

	f->ngone++;
}

static void handle(void *ctx, struct dns_request *r, const uint8_t *data, size_t len)
{
	static const uint8_t large[DNS_MESSAGE_MAX];
	struct fixture *f = ctx;
	uint8_t answer[256];
	size_t i;

	f->handled++;
	f->last_len = len < sizeof(f->last) ? len : sizeof(f->last);
	memcpy(f->last, data, f->last_len);
	for (i = 0; i < f->last_len; i++)
		answer[i] = data[f->last_len - 1 - i];
	if (f->hold && f->nheld < HELD_MAX) {
		r->gone = on_gone;
		r->ctx = f;
		f->held[f->nheld++] = r;
	} else {
		r->ops->end(r, f->silent ? NULL : f->answer_len ? large : answer,
			    f->answer_len ? f->answer_len : f->last_len);
	}
}

static bool allowed(void *ctx, const struct ip_addr *from)
{
	struct fixture *f = ctx;

	(void)from;
	return !f->strangers;
}

static void open_server(struct fixture *f, unsigned int idle_ms, unsigned int yield_ms,
			unsigned int max)
{
	const struct dns_server_config c = {
		.base = f->base, .handle = handle, .ctx = f, .allowed = allowed, .allowed_ctx = f,
		.idle_ms = idle_ms, .yield_ms = yield_ms, .streams_max = max, .client_max = max,
	};

	dns_server_free(f->server);
	f->server = dns_server_alloc(&c);
	assert_non_null(f->server);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->base = event_base_new();
	open_server(f, 0, 0, 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	dns_server_free(f->server);
	event_base_free(f->base);
	free(f);
	return 0;
}

static void listen_at(struct fixture *f, const struct dns_peer *v, size_t n)
{
	struct err e = { "" };

	if (dns_server_listen(f->server, v, n, &e))
		fail_msg("%s", e.text);
}

static int connect_to(const struct dns_peer *where, int type)
{
	struct sockaddr_storage sa;
	socklen_t len = dns_peer_sockaddr(where, &sa);
	int fd = socket(sa.ss_family, type, 0);

	if (connect(fd, (struct sockaddr *)&sa, len) < 0) {
		close(fd);
		return -errno;
	}
	return fd;
}

struct wanted {
	int fd;
	char text[4096];
	size_t len, want;
	bool closed;
};

static bool has_come(void *ctx)
{
	struct wanted *w = ctx;
	ssize_t n = recv(w->fd, w->text + w->len, sizeof(w->text) - w->len, MSG_DONTWAIT);

	if (n > 0)
		w->len += (size_t)n;
	w->closed = n == 0 || (n < 0 && errno != EAGAIN);
	return w->closed || (w->want && w->len >= w->want);
}

/* want bytes, or 0: until it is closed. */
static struct wanted receive(struct fixture *f, int fd, size_t want)
{
	struct wanted w = { .fd = fd, .want = want };

	if (!http_wait(f->base, has_come, &w))
		fail_msg("%zu bytes of %zu came", w.len, want);
	return w;
}

static void assert_received(struct fixture *f, int fd, const char *expected, size_t len)
{
	struct wanted w = receive(f, fd, len);

	assert_int_equal(w.len, len);
	assert_memory_equal(w.text, expected, len);
}

#define assert_comes(f, fd, text)	assert_received(f, fd, text, sizeof(text) - 1)
#define send_text(fd, text) \
	assert_int_equal(send(fd, text, sizeof(text) - 1, MSG_NOSIGNAL), sizeof(text) - 1)

struct handled {
	struct fixture *f;
	size_t n;
};

static bool are_handled(void *ctx)
{
	struct handled *h = ctx;

	return h->f->handled >= h->n;
}

static void wait_handled(struct fixture *f, size_t n)
{
	struct handled h = { f, n };

	assert_true(http_wait(f->base, are_handled, &h));
}

/* --- UDP --- */

static void test_datagrams(void **state)
{
	struct fixture *f = *state;
	struct dns_peer where = dns_help_place(1, PORT);
	int fd;

	listen_at(f, &where, 1);
	assert_true(dns_server_listens(f->server, &where));
	fd = connect_to(&where, SOCK_DGRAM);
	send_text(fd, "abc");
	assert_comes(f, fd, "cba");
	f->silent = true;
	send_text(fd, "def");
	wait_handled(f, 2);
	f->silent = false;
	send_text(fd, "ghi");
	assert_comes(f, fd, "ihg");
	close(fd);
}

/* The client's socket is connected, so it takes the answer from the address that it asked only. */
static void test_the_address_that_was_asked(void **state)
{
	struct fixture *f = *state;
	struct dns_peer every = dns_help_place(0, PORT + 1), where;
	uint8_t last;
	int fd;

	every.addr.v4.s_addr = INADDR_ANY;
	listen_at(f, &every, 1);
	for (last = 1; last <= 3; last++) {
		where = dns_help_place(last, PORT + 1);
		fd = connect_to(&where, SOCK_DGRAM);
		send_text(fd, "abc");
		assert_comes(f, fd, "cba");
		close(fd);
	}
}

static void test_ipv6(void **state)
{
	struct fixture *f = *state;
	struct dns_peer where = { .addr.family = AF_INET6, .addr.v6 = in6addr_any };
	int fd;

	where.port = (uint16_t)(20000 + getpid() % 20000);
	listen_at(f, &where, 1);
	where.addr.v6 = in6addr_loopback;
	fd = connect_to(&where, SOCK_DGRAM);
	if (fd < 0)
		skip();
	send_text(fd, "abc");
	assert_comes(f, fd, "cba");
	close(fd);
	fd = connect_to(&where, SOCK_STREAM);
	send_text(fd, "\0\3abc");
	assert_comes(f, fd, "\0\3cba");
	close(fd);
}

/* An answer that is not needed any more. */
static void test_a_socket_that_closes(void **state)
{
	struct fixture *f = *state;
	struct dns_peer where = dns_help_place(1, PORT + 2);
	int fd;

	listen_at(f, &where, 1);
	f->hold = true;
	fd = connect_to(&where, SOCK_DGRAM);
	send_text(fd, "abc");
	while (!f->nheld)
		event_base_loop(f->base, EVLOOP_ONCE);
	listen_at(f, NULL, 0);
	assert_int_equal(f->ngone, 1);
	assert_false(dns_server_listens(f->server, &where));
	close(fd);
}

static void test_another_one_has_the_port(void **state)
{
	struct fixture *f = *state;
	struct dns_peer v[] = { dns_help_place(1, PORT + 3), dns_help_place(2, PORT + 3) };
	struct sockaddr_storage sa;
	socklen_t len = dns_peer_sockaddr(&v[0], &sa);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct err e = { "" };

	assert_int_equal(bind(fd, (struct sockaddr *)&sa, len), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(dns_server_listen(f->server, v, 2, &e), -EADDRINUSE);
	assert_non_null(strstr(e.text, "by TCP"));
	/* The other address is open. */
	assert_false(dns_server_listens(f->server, &v[0]));
	assert_true(dns_server_listens(f->server, &v[1]));
	close(fd);
	listen_at(f, v, 2);
	assert_true(dns_server_listens(f->server, &v[0]));
}

/* Nobody goes on asking where svcd does not listen any more. */
static void test_streams_of_a_place(void **state)
{
	struct fixture *f = *state;
	struct dns_peer v[] = { dns_help_place(1, PORT + 15), dns_help_place(2, PORT + 15) };
	int fd[2], i;

	listen_at(f, v, 2);
	f->hold = true;
	for (i = 0; i < 2; i++) {
		fd[i] = connect_to(&v[i], SOCK_STREAM);
		send_text(fd[i], "\0\1a\0\1b");
	}
	wait_handled(f, 4);
	listen_at(f, &v[1], 1);
	assert_true(receive(f, fd[0], 0).closed);
	assert_int_equal(f->ngone, 2);
	assert_int_equal(dns_server_streams(f->server), 1);
	close(fd[0]);
	close(fd[1]);
}

/* --- TCP --- */

static int open_stream(struct fixture *f, const struct dns_peer *where)
{
	int fd = connect_to(where, SOCK_STREAM);

	assert_true(fd >= 0);
	(void)f;
	return fd;
}

static void turn(struct fixture *f)
{
	int i;

	for (i = 0; i < 5; i++)
		event_base_loop(f->base, EVLOOP_NONBLOCK);
}

static void test_pieces(void **state)
{
	struct fixture *f = *state;
	struct dns_peer where = dns_help_place(1, PORT + 4);
	const char text[] = "\0\5hello\0\3abc";
	size_t i;
	int fd;

	listen_at(f, &where, 1);
	fd = open_stream(f, &where);
	for (i = 0; i < sizeof(text) - 1; i++) {
		assert_int_equal(send(fd, text + i, 1, MSG_NOSIGNAL), 1);
		turn(f);
	}
	assert_comes(f, fd, "\0\5olleh\0\3cba");
	/* Many in one piece, and the end of one. */
	send_text(fd, "\0\1a\0\2bc\0\0\0\3d");
	assert_comes(f, fd, "\0\1a\0\2cb\0\0");
	send_text(fd, "ef");
	assert_comes(f, fd, "\0\3fed");
	close(fd);
}

/* The answers come as they are ready, and after the client has said all that it has to say. */
static void test_pipeline(void **state)
{
	struct fixture *f = *state;
	struct dns_peer where = dns_help_place(1, PORT + 5);
	int fd;

	listen_at(f, &where, 1);
	f->hold = true;
	fd = open_stream(f, &where);
	send_text(fd, "\0\1a\0\1b\0\1c");
	shutdown(fd, SHUT_WR);
	wait_handled(f, 3);
	turn(f);
	f->held[2]->ops->end(f->held[2], (const uint8_t *)"C", 1);
	f->held[0]->ops->end(f->held[0], (const uint8_t *)"A", 1);
	assert_comes(f, fd, "\0\1C\0\1A");
	f->held[1]->ops->end(f->held[1], NULL, 0);
	assert_true(receive(f, fd, 0).closed);
	assert_int_equal(dns_server_streams(f->server), 0);
	close(fd);
}

/* No more than these at a time are taken; the others are when there is room. */
static void test_a_long_pipeline(void **state)
{
	struct fixture *f = *state;
	struct dns_peer where = dns_help_place(1, PORT + 6);
	char text[40 * 3], expected[40 * 3];
	size_t i;
	int fd;

	listen_at(f, &where, 1);
	f->hold = true;
	fd = open_stream(f, &where);
	for (i = 0; i < 40; i++)
		memcpy(text + 3 * i, "\0\1x", 3);
	memcpy(expected, text, sizeof(text));
	assert_int_equal(send(fd, text, sizeof(text), MSG_NOSIGNAL), sizeof(text));
	shutdown(fd, SHUT_WR);
	wait_handled(f, 32);
	turn(f);
	assert_int_equal(f->handled, 32);
	f->hold = false;
	for (i = 0; i < 32; i++)
		f->held[i]->ops->end(f->held[i], (const uint8_t *)"x", 1);
	assert_received(f, fd, expected, sizeof(expected));
	assert_true(receive(f, fd, 0).closed);
	assert_int_equal(f->handled, 40);
	close(fd);
}

static void test_a_client_that_goes(void **state)
{
	const struct linger reset = { .l_onoff = 1 };
	struct fixture *f = *state;
	struct dns_peer where = dns_help_place(1, PORT + 7);
	int fd;

	listen_at(f, &where, 1);
	f->hold = true;
	fd = open_stream(f, &where);
	send_text(fd, "\0\1a\0\1b");
	wait_handled(f, 2);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(fd);
	while (dns_server_streams(f->server))
		event_base_loop(f->base, EVLOOP_ONCE);
	assert_int_equal(f->ngone, 2);
}

/* Letter by letter is no way to stay. */
static void test_idle(void **state)
{
	struct fixture *f = *state;
	struct dns_peer where = dns_help_place(1, PORT + 8);
	int fd, other;

	open_server(f, 200, 0, 0);
	listen_at(f, &where, 1);
	fd = open_stream(f, &where);
	other = open_stream(f, &where);
	send_text(other, "\0\7a");
	assert_true(receive(f, fd, 0).closed);
	assert_true(receive(f, other, 0).closed);
	assert_int_equal(dns_server_streams(f->server), 0);
	close(fd);
	close(other);
}

/* Who has waited longest makes room for who comes; who is being answered does not. */
static void test_many_connections(void **state)
{
	struct fixture *f = *state;
	struct dns_peer where = dns_help_place(1, PORT + 9);
	int busy, v[4], late, i;

	open_server(f, 0, 1, 4);
	listen_at(f, &where, 1);
	f->hold = true;
	busy = open_stream(f, &where);
	send_text(busy, "\0\1b");
	wait_handled(f, 1);
	f->hold = false;
	for (i = 0; i < 3; i++) {
		v[i] = open_stream(f, &where);
		while (dns_server_streams(f->server) < (size_t)i + 2)
			event_base_loop(f->base, EVLOOP_ONCE);
	}
	usleep(2000);	/* the time that they have */
	late = open_stream(f, &where);
	send_text(late, "\0\1l");
	assert_comes(f, late, "\0\1l");
	assert_true(receive(f, v[0], 0).closed);
	assert_int_equal(dns_server_streams(f->server), 4);
	f->held[0]->ops->end(f->held[0], (const uint8_t *)"B", 1);
	assert_comes(f, busy, "\0\1B");
	for (i = 0; i < 3; i++)
		close(v[i]);
	close(late);
	close(busy);
}

/* With nobody who has waited long enough, the new one is turned away. */
static void test_a_burst_of_connections(void **state)
{
	struct fixture *f = *state;
	struct dns_peer where = dns_help_place(1, PORT + 10);
	int v[300], i, closed = 0;
	char c;

	open_server(f, 0, 60000, 256);
	listen_at(f, &where, 1);
	for (i = 0; i < 300; i++) {
		v[i] = open_stream(f, &where);
		event_base_loop(f->base, EVLOOP_NONBLOCK);
	}
	turn(f);
	assert_int_equal(dns_server_streams(f->server), 256);
	for (i = 0; i < 300; i++) {
		closed += recv(v[i], &c, 1, MSG_DONTWAIT) == 0;
		close(v[i]);
	}
	assert_int_equal(closed, 300 - 256);
}

static void test_a_stranger(void **state)
{
	struct fixture *f = *state;
	struct dns_peer where = dns_help_place(1, PORT + 11);
	int fd;

	listen_at(f, &where, 1);
	f->strangers = true;
	fd = open_stream(f, &where);
	assert_true(receive(f, fd, 0).closed);
	assert_int_equal(dns_server_streams(f->server), 0);
	close(fd);
}

/* A client that takes nothing makes us keep a bounded heap of answers. */
static void test_who_does_not_read(void **state)
{
	struct fixture *f = *state;
	struct dns_peer where = dns_help_place(1, PORT + 12);
	static char text[257 * 400];
	size_t i, before, at = 0;
	int fd, rounds;
	ssize_t n;

	listen_at(f, &where, 1);
	for (i = 0; i < sizeof(text); i += 257)
		memcpy(text + i, "\0\377", 2);
	fd = open_stream(f, &where);
	for (rounds = 0; rounds < 400; rounds++) {
		before = f->handled;
		n = send(fd, text + at, sizeof(text) - at, MSG_NOSIGNAL | MSG_DONTWAIT);
		at = (at + (n > 0 ? (size_t)n : 0)) % 257;
		turn(f);
		if (f->handled == before && rounds > 20)
			break;
	}
	/* It ends: neither side goes on. */
	assert_true(rounds < 400);
	close(fd);
}

/* All come from here, 300 queries each in one piece. */
static void send_many(int fd)
{
	char text[300 * 3];
	size_t i;

	for (i = 0; i < sizeof(text); i += 3)
		memcpy(text + i, "\0\1x", 3);
	assert_int_equal(send(fd, text, sizeof(text), MSG_NOSIGNAL), sizeof(text));
}

/* However much is asked, and however much there is to say, the rest of svcd has its turn. */
static void test_turns(void **state)
{
	struct fixture *f = *state;
	struct dns_peer where = dns_help_place(1, PORT + 13);
	size_t before, most = 0, want;
	int v[3], i;

	listen_at(f, &where, 1);
	for (i = 0; i < 3; i++)
		v[i] = open_stream(f, &where);
	while (dns_server_streams(f->server) < 3)
		event_base_loop(f->base, EVLOOP_ONCE);
	for (want = 900, f->answer_len = 0; ; want = f->handled + 3, f->answer_len = 60000) {
		for (i = 0; i < 3; i++)
			send_many(v[i]);
		for (most = 0; f->handled < want; most = f->handled - before > most ?
		     f->handled - before : most) {
			before = f->handled;
			event_base_loop(f->base, EVLOOP_ONCE);
		}
		assert_in_range(most, 1, f->answer_len ? 2 : 32);
		if (f->answer_len)
			break;
	}
	for (i = 0; i < 3; i++)
		close(v[i]);
}

static int open_from(uint32_t source, const struct dns_peer *where)
{
	const struct sockaddr_in from = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(source) };
	struct sockaddr_storage sa;
	socklen_t len = dns_peer_sockaddr(where, &sa);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (const struct sockaddr *)&from, sizeof(from)), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&sa, len), 0);
	return fd;
}

/* One client has a quarter, and makes room for itself; others have room all the same. */
static void test_a_share(void **state)
{
	struct fixture *f = *state;
	struct dns_peer where = dns_help_place(1, PORT + 14);
	struct dns_server_config c = { .base = f->base, .handle = handle, .ctx = f,
				       .streams_max = 8, .yield_ms = 60000 };
	int v[4];

	dns_server_free(f->server);
	f->server = dns_server_alloc(&c);
	listen_at(f, &where, 1);
	v[0] = open_from(INADDR_LOOPBACK, &where);
	v[1] = open_from(INADDR_LOOPBACK, &where);
	v[2] = open_from(INADDR_LOOPBACK, &where);
	assert_true(receive(f, v[2], 0).closed);
	v[3] = open_from(INADDR_LOOPBACK + 1, &where);
	send_text(v[3], "\0\1o");
	assert_comes(f, v[3], "\0\1o");
	send_text(v[0], "\0\1a");
	assert_comes(f, v[0], "\0\1a");
	assert_int_equal(dns_server_streams(f->server), 3);
	close(v[0]);
	close(v[1]);
	close(v[2]);
	close(v[3]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_datagrams, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_address_that_was_asked, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ipv6, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_socket_that_closes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_another_one_has_the_port, setup, teardown),
		cmocka_unit_test_setup_teardown(test_streams_of_a_place, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pieces, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pipeline, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_long_pipeline, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_client_that_goes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_idle, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_connections, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_burst_of_connections, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_stranger, setup, teardown),
		cmocka_unit_test_setup_teardown(test_who_does_not_read, setup, teardown),
		cmocka_unit_test_setup_teardown(test_turns, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_share, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
