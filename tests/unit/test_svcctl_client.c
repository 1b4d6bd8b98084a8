// SPDX-License-Identifier: GPL-2.0
/* The real wire, against a server that says what it is told to. */
#include "client.h"
#include "verbs.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

/* One connection: for each answer reads a request, then gives it; closes after the last. */
struct server {
	char dir[64], path[96];
	int fd;
	pthread_t thread;
	const char *answers[4];
	size_t len;
};

static char requests[3 << 20];	/* all of them, of the server that runs */

static size_t body_length(const char *headers)
{
	const char *at = strstr(headers, "\r\nContent-Length:");

	return at ? strtoul(at + 17, NULL, 10) : 0;
}

static int read_request(struct server *s, int fd)
{
	const char *start = requests + s->len, *end;
	ssize_t n;

	for (;;) {
		end = strstr(start, "\r\n\r\n");
		if (end && strlen(end + 4) >= body_length(start))
			return 0;
		n = read(fd, requests + s->len, sizeof(requests) - 1 - s->len);
		if (n <= 0)
			return -1;
		s->len += (size_t)n;
		requests[s->len] = '\0';
	}
}

static void *serve(void *arg)
{
	struct server *s = arg;
	int fd = accept(s->fd, NULL, NULL);
	size_t i, len;

	for (i = 0; fd >= 0 && s->answers[i]; i++) {
		if (read_request(s, fd))
			break;
		len = strlen(s->answers[i]);
		if (write(fd, s->answers[i], len) != (ssize_t)len)
			break;
	}
	if (fd >= 0)
		close(fd);
	return NULL;
}

static void server_start(struct server *s, const char *first, const char *second)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	memset(s, 0, sizeof(*s));
	requests[0] = '\0';
	strcpy(s->dir, "/tmp/svcctl-client-XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	snprintf(s->path, sizeof(s->path), "%s/sock", s->dir);
	strcpy(un.sun_path, s->path);
	s->answers[0] = first;
	s->answers[1] = second;
	s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(s->fd, (struct sockaddr *)&un, sizeof(un)), 0);
	assert_int_equal(listen(s->fd, 1), 0);
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void server_stop(struct server *s)
{
	shutdown(s->fd, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->fd);
	unlink(s->path);
	rmdir(s->dir);
}

static int do_one(const char *socket, const char *method, const char *path, const json_t *body,
		  struct client_reply *reply, struct err *e)
{
	struct ctx ctx = { .socket = socket };
	struct client c;
	int ret;

	e->text[0] = '\0';
	assert_int_equal(client_open(&c, &ctx, e), 0);
	ret = client_do(&c, method, path, body, reply, e);
	client_close(&c);
	return ret;
}

#define OK(length, body) "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" \
	"Content-Length: " length "\r\n\r\n" body

static void test_get(void **state)
{
	struct client_reply reply;
	struct server s;
	struct err e;

	(void)state;
	server_start(&s, OK("7", "{\"a\":1}"), NULL);
	/* What looks like a way out of a folder must arrive as it is. */
	assert_int_equal(do_one(s.path, "GET", "/api/v1/../x?a=%2F", NULL, &reply, &e), 0);
	server_stop(&s);
	assert_int_equal(reply.code, 200);
	assert_false(client_failed(&reply));
	assert_int_equal(json_integer_value(json_object_get(reply.body, "a")), 1);
	client_reply_clear(&reply);
	assert_memory_equal(requests, "GET /api/v1/../x?a=%2F HTTP/1.1\r\n", 33);
	assert_non_null(strstr(requests, "\r\nAccept: application/json\r\n"));
}

static void test_post(void **state)
{
	json_t *body = json_pack("{s:s}", "kind", "Pod");
	struct client_reply reply;
	struct server s;
	struct err e;

	(void)state;
	server_start(&s, "HTTP/1.1 409 Conflict\r\nContent-Length: 2\r\n\r\n{}", NULL);
	assert_int_equal(do_one(s.path, "POST", "/x", body, &reply, &e), 0);
	server_stop(&s);
	assert_int_equal(reply.code, 409);
	assert_true(client_failed(&reply));
	assert_non_null(strstr(requests, "\r\nContent-Type: application/json\r\n"));
	assert_non_null(strstr(requests, "\r\n\r\n{\"kind\":\"Pod\"}"));
	assert_null(strstr(requests, "Expect:"));
	client_reply_clear(&reply);
	json_decref(body);
}

/* Large enough for libcurl to ask first whether it may send it, unless it is told not to. */
static void test_post_large(void **state)
{
	size_t len = 2 << 20;
	char *text = malloc(len + 1);
	struct client_reply reply;
	struct server s;
	json_t *body;
	struct err e;

	(void)state;
	memset(text, 'a', len);
	text[len] = '\0';
	body = json_pack("{s:s}", "a", text);
	free(text);
	server_start(&s, OK("2", "{}"), NULL);
	assert_int_equal(do_one(s.path, "POST", "/x", body, &reply, &e), 0);
	server_stop(&s);
	assert_null(strstr(requests, "Expect:"));
	assert_non_null(strstr(requests, "aaa\"}"));
	client_reply_clear(&reply);
	json_decref(body);
}

/* Two requests go over one connection: the server takes no second one. */
static void test_connection_is_kept(void **state)
{
	struct ctx ctx = { 0 };
	struct client_reply reply;
	struct client c;
	struct server s;
	struct err e;
	int i;

	(void)state;
	server_start(&s, OK("2", "{}"), OK("2", "{}"));
	ctx.socket = s.path;
	assert_int_equal(client_open(&c, &ctx, &e), 0);
	for (i = 0; i < 2; i++) {
		assert_int_equal(client_do(&c, i ? "DELETE" : "GET", "/x", NULL, &reply, &e), 0);
		client_reply_clear(&reply);
	}
	client_close(&c);
	server_stop(&s);
	assert_non_null(strstr(requests, "DELETE /x HTTP/1.1\r\n"));
}

static void assert_fails(const char *answer, int code, const char *text)
{
	struct client_reply reply;
	struct server s;
	struct err e;

	server_start(&s, answer, NULL);
	assert_int_equal(do_one(s.path, "GET", "/x", NULL, &reply, &e), -code);
	server_stop(&s);
	if (!strstr(e.text, text))
		fail_msg("%s", e.text);
	assert_null(reply.body);
}

static void test_broken_answers(void **state)
{
	(void)state;
	assert_fails("", ECONNRESET, "lost the connection to svcd at /tmp/svcctl-client-");
	assert_fails(OK("100", "{\"a\":1}"), EPIPE, "lost the connection to svcd");
	assert_fails("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{\"a", EPIPE,
		     "lost the connection to svcd");
	assert_fails(OK("6", "<html>"), EPROTO, "no answer that svcd would give (HTTP code 200)");
	assert_fails(OK("4", "[{}]"), EPROTO, "no answer that svcd would give");
	assert_fails(OK("0", ""), EPROTO, "no answer that svcd would give");
}

static void test_unreachable(void **state)
{
	struct client_reply reply;
	char long_path[200];
	struct err e;

	(void)state;
	assert_int_equal(do_one("/absent/svcd.sock", "GET", "/x", NULL, &reply, &e), -ENOENT);
	assert_string_equal(e.text, "cannot reach svcd at /absent/svcd.sock: No such file or "
		"directory "
			    "(is svcd running?)");
	assert_int_equal(do_one("/dev/null", "GET", "/x", NULL, &reply, &e), -ECONNREFUSED);
	assert_string_equal(e.text, "cannot reach svcd at /dev/null: Connection refused (is svcd "
			    "running?)");
	memset(long_path, 'a', sizeof(long_path) - 1);
	long_path[0] = '/';
	long_path[sizeof(long_path) - 1] = '\0';
	assert_true(do_one(long_path, "GET", "/x", NULL, &reply, &e) < 0);
	assert_non_null(strstr(e.text, "File name too long"));
}

static int count_to_two(void *arg, const json_t *event)
{
	int *seen = arg;

	assert_string_equal(json_string_value(json_object_get(event, "type")), "ADDED");
	return ++*seen == 2 ? 42 : 0;
}

#define EVENT "{\"type\":\"ADDED\",\"object\":{}}\n"	/* 29 bytes */

static int watch(const char *answer, int *seen, json_t **refused, struct err *e)
{
	struct ctx ctx = { 0 };
	struct client c;
	struct server s;
	int ret;

	*seen = 0;
	server_start(&s, answer, NULL);
	ctx.socket = s.path;
	assert_int_equal(client_open(&c, &ctx, e), 0);
	ret = client_watch(&c, "/x?watch=true", count_to_two, seen, refused, e);
	client_close(&c);
	server_stop(&s);
	return ret;
}

static void test_watch(void **state)
{
	static const char chunked[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
	char answer[512];
	json_t *refused;
	struct err e;
	int seen;

	(void)state;
	/* Ended properly. */
	snprintf(answer, sizeof(answer), "%s1d\r\n%s\r\n0\r\n\r\n", chunked, EVENT);
	assert_int_equal(watch(answer, &seen, &refused, &e), 0);
	assert_int_equal(seen, 1);
	/* Broken off. */
	snprintf(answer, sizeof(answer), "%s1d\r\n%s\r\n", chunked, EVENT);
	assert_int_equal(watch(answer, &seen, &refused, &e), -EPIPE);
	assert_int_equal(seen, 1);
	/* Stopped by who reads. */
	snprintf(answer, sizeof(answer), "%s3a\r\n%s%s\r\n", chunked, EVENT, EVENT);
	assert_int_equal(watch(answer, &seen, &refused, &e), 42);
	assert_int_equal(seen, 2);
	/* Refused. */
	assert_int_equal(watch("HTTP/1.1 403 Forbidden\r\nContent-Length: 12\r\n\r\n{\"code\":403}",
			       &seen, &refused, &e), 0);
	assert_int_equal(json_integer_value(json_object_get(refused, "code")), 403);
	json_decref(refused);
	/* Rubbish. */
	assert_int_equal(watch("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{\"a\""
		"\n", &seen, &refused,
			       &e), -EPROTO);
}

static void test_query(void **state)
{
	char *path = strdup("/x");

	(void)state;
	assert_int_equal(client_add_query(&path, "labelSelector", "a in (b,c)"), 0);
	assert_int_equal(client_add_query(&path, "n", "\303\244&=~-._"), 0);
	assert_string_equal(path, "/x?labelSelector=a%20in%20%28b%2Cc%29&n=%C3%A4%26%3D~-._");
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_get),
		cmocka_unit_test(test_post),
		cmocka_unit_test(test_post_large),
		cmocka_unit_test(test_connection_is_kept),
		cmocka_unit_test(test_broken_answers),
		cmocka_unit_test(test_unreachable),
		cmocka_unit_test(test_watch),
		cmocka_unit_test(test_query),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
