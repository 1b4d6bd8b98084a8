// SPDX-License-Identifier: GPL-2.0
/* An svcd that follows a Kubernetes API server, as one was recorded. */
#include "remote_help.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void test_pages(void **state)
{
	static const struct replay_step steps[] = {
		NO_INITIAL,
		{ .request = SERVICES, .without = "=1&", .reply = "page-services-0", .times = 1 },
		{ .request = "&continue=", .reply = "page-services-1", .times = 1 },
		{ .request = "&continue=", .reply = "page-services-2", .times = 1 },
		{ .request = SERVICES },
		OTHERS,
	};
	struct remote_fixture *f = *state;
	size_t i, slices = 0, services = 0;
	const char *head;

	SERVE(f, steps, 100);
	remote_start(f);
	remote_expect(f, "default/web-np:http", KERNEL_ANY);
	assert_true(http_wait(f->base, remote_is_ready, f));
	remote_expect(f, "default/dns:dns-tcp", KERNEL_ANY);
	/* The label selector goes along with each page. */
	assert_int_equal(replay_count(f->replay, SERVICES "labelSelector="), 5);
	assert_int_equal(replay_count(f->replay, "&limit=500&continue="), 2);
	/* One list at a time. */
	for (i = 0; (head = replay_request(f->replay, i)); i++) {
		if (strstr(head, SERVICES) && !strstr(head, "watch=1"))
			services = i;
		if (strstr(head, SLICES) && !slices)
			slices = i;
	}
	assert_true(slices > services);
	remote_expect_asked(f, "watch=1&allowWatchBookmarks=true&resourceVersion=631&", 1);
	assert_int_equal(replay_count(f->replay, "Authorization"), 0);
	assert_int_equal(replay_count(f->replay, "Accept-Encoding: gzip"), i);
}

/* The token of the second page is too old: all at once then, which has one version. */
static void test_page_expired(void **state)
{
	static const struct replay_step steps[] = {
		NO_INITIAL,
		{ .request = "&continue=", .reply = "410-continue-expired" },
		{ .request = SERVICES, .without = "watch=1", .reply = "page-services-0",
		  .times = 1 },
		{ .request = SERVICES, .without = "watch=1", .reply = "list-services" },
		{ .request = SERVICES },
		OTHERS,
	};
	struct remote_fixture *f = *state;

	SERVE(f, steps, 1000);
	remote_start(f);
	remote_expect(f, "default/web-np:http", KERNEL_ANY);
	assert_int_equal(replay_count(f->replay, "&continue="), 1);
	remote_expect_asked(f, SERVICES, 5);
	assert_int_equal(replay_count(f->replay, SERVICES), 5);
}

/* It fails in the middle: what comes after may be another list, so it begins again. */
static void test_page_fails(void **state)
{
	static const struct replay_step steps[] = {
		NO_INITIAL,
		{ .request = "&continue=", .reply = "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
		  .times = 1 },
		{ .request = "&continue=", .reply = "page-services-1", .times = 1 },
		{ .request = "&continue=", .reply = "page-services-2", .times = 1 },
		{ .request = SERVICES, .without = "watch=1", .reply = "page-services-0",
		  .times = 2 },
		{ .request = SERVICES },
		OTHERS,
	};
	struct remote_fixture *f = *state;

	SERVE(f, steps, 1000);
	remote_start(f);
	remote_expect(f, "default/web-np:http", KERNEL_ANY);
	assert_int_equal(replay_count(f->replay, "&continue="), 3);
	remote_expect_said(f, "answers with HTTP status 500");
}

static void test_initial_events(void **state)
{
	static const struct replay_step steps[] = {
		{ .request = SLICES, .without = "resourceVersion=&",
		  .reply = "list-endpointslices" },
		{ .request = SERVICES, .reply = "watch-initialevents", .times = 1 },
		{ .request = SERVICES },
		NO_INITIAL,
		OTHERS,
	};
	struct remote_fixture *f = *state;

	SERVE(f, steps, 33);
	remote_start(f);
	remote_expect(f, "default/web-np:http", KERNEL_ANY);
	/* Its body ends, and the next watch goes on where it was. */
	remote_expect_asked(f, SERVICES, 2);
	assert_int_equal(replay_count(f->replay, "sendInitialEvents"), 3);
	assert_int_equal(replay_count(f->replay, "&limit="), 2);
}

/* A server from before initial events watches from now on, and says nothing. */
static void test_initial_events_never_come(void **state)
{
	static const struct replay_step steps[] = {
		{ .request = "sendInitialEvents", .reply = NO_NEWS },
		{ .request = SERVICES, .without = "watch=1", .reply = "list-services" },
		{ .request = SERVICES },
		OTHERS,
	};
	struct remote_fixture *f = *state;

	SERVE(f, steps, 1000);
	f->config.initial_ms = 20;
	remote_start(f);
	remote_expect(f, "default/web-np:http", KERNEL_ANY);
	assert_true(http_wait(f->base, remote_is_ready, f));
	assert_int_equal(remote_said(f, "following"), 0);
}

static const char *const recorded[] = {
	"default/dns:dns", "default/dns:dns-tcp", "default/extip", "default/itp-local",
	"default/manual:db", "default/near", "default/np-local", "default/sticky", "default/web",
	"default/web-lb:http", "default/web-lb-local", "default/web-lb-nonp", "default/web-named",
	"default/web-np:http",
};

/* A recorded watch, in which services come, change and go, in pieces of any size. */
static void watch_in_pieces(void **state, size_t piece)
{
	static const struct replay_step steps[] = {
		NO_INITIAL,
		{ .request = SERVICES, .without = "watch=1", .reply = LIST("Service", "210"),
		  .end = REPLAY_CUT },
		{ .request = "resourceVersion=210&", .without = SLICES, .reply = "watch-services" },
		{ .request = SERVICES },
		OTHERS,
	};
	struct remote_fixture *f = *state;
	size_t i;

	SERVE(f, steps, piece);
	remote_start(f);
	for (i = 0; i < sizeof(recorded) / sizeof(*recorded); i++)
		if (strcmp(recorded[i], "default/dns:dns"))
			remote_expect(f, recorded[i], KERNEL_ANY);
	/* From its last bookmark on. */
	remote_expect_asked(f, "resourceVersion=646&", 1);
	remote_expect(f, "default/kubernetes:https", KERNEL_NONE);
	assert_int_equal(replay_count(f->replay, SERVICES), 4);
}

static void test_watch_in_crumbs(void **state)
{
	watch_in_pieces(state, 13);
}

static void test_watch_in_small_pieces(void **state)
{
	watch_in_pieces(state, 1000);
}

static void test_watch_at_once(void **state)
{
	watch_in_pieces(state, 1000000);
}

/* The server is killed: its watch has no last chunk; what is known stays, and goes on. */
static void test_killed(void **state)
{
	static const struct replay_step steps[] = {
		NO_INITIAL,
		{ .request = SERVICES, .without = "watch=1", .reply = "list-services", .times = 1 },
		{ .request = SERVICES, .reply = "watch-apiserver-SIGKILL", .end = REPLAY_CUT,
		  .times = 1 },
		{ .request = SERVICES, .reply = "watch-apiserver-SIGTERM", .end = REPLAY_CUT,
		  .times = 1 },
		{ .request = SERVICES },
		OTHERS,
	};
	struct remote_fixture *f = *state;

	SERVE(f, steps, 1000);
	remote_start(f);
	remote_expect(f, "default/web", KERNEL_ANY);
	remote_expect_asked(f, "resourceVersion=631&", 2);
	/* The one that was told to end has said how far it came. */
	remote_expect_asked(f, "resourceVersion=744&", 1);
	remote_expect(f, "default/web", KERNEL_ANY);
	remote_expect_said(f, "broke the connection off; the node stays as it is meanwhile");
}

static void test_expired(void **state)
{
	static const struct replay_step steps[] = {
		NO_INITIAL,
		{ .request = SERVICES, .without = "watch=1", .reply = "page-services-2",
		  .times = 1 },
		{ .request = SERVICES, .without = "watch=1", .reply = "list-services", .times = 1 },
		{ .request = SERVICES, .reply = "watch-410-services", .times = 1 },
		{ .request = SERVICES },
		OTHERS,
	};
	struct remote_fixture *f = *state;

	SERVE(f, steps, 1000);
	remote_start(f);
	remote_expect(f, "default/web-np:http", KERNEL_ANY);
	remote_expect(f, "default/dns:dns-tcp", KERNEL_ANY);
	assert_int_equal(remote_said(f, "following"), 0);
}

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* The one that we come with is not valid any more; the next request has the new one. */
static void test_token_is_rotated(void **state)
{
	static const struct replay_step steps[] = {
		{ .request = "Bearer s3cret", .reply = "401-bad-token" },
		NO_INITIAL,
		{ .request = SERVICES, .without = "watch=1", .reply = "list-services" },
		{ .request = SERVICES },
		OTHERS,
	};
	char path[] = "/tmp/svcnat-token-XXXXXX";
	struct remote_fixture *f = *state;

	close(mkstemp(path));
	put(path, "s3cret\n");
	f->upstream.token_file = strdup(path);
	SERVE(f, steps, 1000);
	remote_start(f);
	remote_expect_said(f, "does not know us (401): is the token still valid?");
	assert_false(node_ready(f->node, NULL));
	put(path, "new\n");
	remote_expect(f, "default/web", KERNEL_ANY);
	remote_expect_said(f, "the authority answers again");
	assert_null(strstr(f->said, "s3cret"));
	unlink(path);
}

static void test_forbidden(void **state)
{
	static const struct replay_step steps[] = {
		{ .request = SERVICES, .reply = "403-nobody" },
		NO_INITIAL,
		OTHERS,
	};
	struct remote_fixture *f = *state;

	SERVE(f, steps, 1000);
	remote_start(f);
	remote_expect_said(f, "does not let us list and watch Services: services is forbidden: "
			   "User \"nobody\" cannot list");
	/* The others are listed all the same. */
	remote_expect_asked(f, NODES, 2);
	assert_false(node_ready(f->node, NULL));
}

#define BUSY(status)	"HTTP/1.1 " status "\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"

/* It asks for a second, where we would come again after some milliseconds. */
static void test_retry_after(void **state)
{
	static const struct replay_step steps[] = {
		NO_INITIAL,
		{ .request = SERVICES, .reply = BUSY("429 Too Many Requests"), .times = 1 },
		{ .request = SERVICES, .without = "watch=1", .reply = "list-services" },
		{ .request = SERVICES },
		OTHERS,
	};
	struct remote_fixture *f = *state;
	long long began = remote_now_ms();

	SERVE(f, steps, 1000);
	remote_start(f);
	remote_expect_asked(f, "&limit=500", 2);
	assert_false(kernel_fake_find(f->kernel, "default/web", AF_INET, IPPROTO_TCP));
	remote_expect(f, "default/web", KERNEL_ANY);
	assert_true(remote_now_ms() - began >= 1000);
	remote_expect_said(f, "answers with HTTP status 429");
}

/* The same of a watch, which goes on where it was; a date does as well as a number. */
static void test_retry_after_in_a_watch(void **state)
{
	char busy[200], date[64];
	const struct replay_step steps[] = {
		NO_INITIAL,
		{ .request = SERVICES, .without = "watch=1", .reply = "list-services" },
		{ .request = SERVICES, .reply = BUSY("503 Service Unavailable"), .times = 1 },
		{ .request = SERVICES, .reply = busy, .times = 1 },
		{ .request = SERVICES, .reply = NO_NEWS },
		OTHERS,
	};
	struct remote_fixture *f = *state;
	long long began;
	time_t at;

	SERVE(f, steps, 1000);
	began = remote_now_ms();
	/* By then the first wait is over; of the second one this is the end. */
	at = time(NULL) + 4;
	strftime(date, sizeof(date), "%a, %d %b %Y %T GMT", gmtime(&at));
	snprintf(busy, sizeof(busy), "HTTP/1.1 429 Too Many Requests\r\nRetry-After: %s\r\n"
		 "Content-Length: 0\r\n\r\n", date);
	remote_start(f);
	remote_expect_status(f, "Service", false, "answers with HTTP status 503");
	remote_expect_asked(f, SERVICES "labelSelector=", 4);
	assert_true(remote_now_ms() - began >= 1000);
	remote_expect_asked(f, SERVICES "labelSelector=", 5);
	assert_true(time(NULL) >= at - 1);
	remote_expect_status(f, "Service", true, "answers with HTTP status 429");
	assert_int_equal(replay_count(f->replay, "&limit=500"), 3);
	remote_expect(f, "default/web", 3);
}

/* --- silence */

/* It takes the request and says nothing, first of all, then in the middle of a list. */
static void test_silent_list(void **state)
{
	static const struct replay_step steps[] = {
		{ .request = SERVICES "labelSelector", .reply = NULL, .times = 1 },
		NO_INITIAL,
		{ .request = SERVICES, .without = "watch=1", .times = 1 },
		{ .request = SERVICES, .without = "watch=1", .reply = "list-services",
		  .only = 5000, .times = 1 },
		{ .request = SERVICES, .without = "watch=1", .reply = "list-services" },
		{ .request = SERVICES, .reply = NO_NEWS },
		OTHERS,
	};
	struct remote_fixture *f = *state;
	long long began = remote_now_ms();

	f->config.answer_ms = 300;
	SERVE(f, steps, 100000);
	remote_start(f);
	remote_expect_status(f, "Service", false, "is silent");
	remote_expect(f, "default/web", 3);
	assert_true(remote_now_ms() - began >= 900);
	remote_expect_status(f, "Service", true, "is silent");
	assert_int_equal(remote_said(f, "is silent"), 1);
	remote_expect_asked(f, SERVICES "labelSelector=", 5);
	assert_int_equal(replay_count(f->replay, SERVICES "labelSelector="), 5);
}

/* A watch that is not even answered; what is known stays, and goes on. */
static void test_watch_without_an_answer(void **state)
{
	static const struct replay_step steps[] = {
		NO_INITIAL,
		{ .request = SERVICES, .without = "watch=1", .reply = "list-services", .times = 1 },
		{ .request = SERVICES, .without = "&limit=", .times = 3 },
		{ .request = SERVICES, .reply = NO_NEWS },
		OTHERS,
	};
	struct remote_fixture *f = *state;

	f->config.answer_ms = 500;
	SERVE(f, steps, 100000);
	remote_start(f);
	remote_expect(f, "default/web", 3);
	remote_expect_status(f, "Service", false, "is silent");
	remote_expect_status(f, "Service", true, "is silent");
	/* Thrice, and no second list. */
	assert_int_equal(replay_count(f->replay, SERVICES "labelSelector="), 6);
}

/*
 * An API server with no news sends no bookmark of a version that we have already: it may be
 * silent for as long as it was asked to, but no longer.
 */
static void test_watch_without_news(void **state)
{
	static const struct replay_step steps[] = {
		NO_INITIAL,
		{ .request = SERVICES, .without = "watch=1", .reply = "list-services", .times = 1 },
		{ .request = SERVICES, .without = "&limit=", .reply = NO_NEWS },
		{ .request = SERVICES, .without = "watch=1", .reply = "list-services-empty" },
		OTHERS,
	};
	struct remote_fixture *f = *state;
	long long began = remote_now_ms();

	f->config.watch_seconds = 1;
	f->config.answer_ms = 1500;
	SERVE(f, steps, 100000);
	remote_start(f);
	remote_expect(f, "default/web", 3);
	remote_expect_status(f, "Service", true, NULL);
	remote_expect_status(f, "Service", false, "is silent");
	assert_true(remote_now_ms() - began >= 2500);
	assert_int_equal(replay_count(f->replay, SERVICES "labelSelector="), 3);
	/* Twice is once too often: a list. */
	remote_expect(f, "default/web", KERNEL_NONE);
	assert_true(replay_count(f->replay, SERVICES "labelSelector=") >= 5);
}

/* Nobody is listed twice before each was once. */
static void test_silence_in_turn(void **state)
{
	static const struct replay_step steps[] = { { .request = "GET " } };
	struct remote_fixture *f = *state;

	f->config.answer_ms = 300;
	SERVE(f, steps, 1000);
	remote_start(f);
	remote_expect_status(f, "Node", false, "is silent");
	assert_int_equal(replay_count(f->replay, SERVICES), 1);
	assert_int_equal(replay_count(f->replay, SLICES), 1);
	assert_int_equal(remote_said(f, "is silent"), 1);
}

/* A port behind which nobody speaks TLS, nor anything else. */
static void test_silent_tls(void **state)
{
	static const struct replay_step steps[] = { OTHERS };
	struct remote_fixture *f = *state;
	struct err e = { "" };
	char url[80];

	SERVE(f, steps, 1000);
	snprintf(url, sizeof(url), "https%s", strstr(replay_url(f->replay), "://"));
	assert_int_equal(upstream_set_url(&f->upstream, url, &e), 0);
	remote_start(f);
	remote_expect_said(f, "does not answer; the node stays");
	remote_expect_status(f, "Service", false, "does not answer");
	assert_false(node_ready(f->node, NULL));
}

static void test_server_is_broken(void **state)
{
	static const struct replay_step steps[] = {
		NO_INITIAL,
		{ .request = SERVICES, .reply = "list-rv-too-large-504", .times = 1 },
		{ .request = SERVICES, .reply = BUSY("503 Service Unavailable"), .times = 1 },
		{ .request = SERVICES, .reply = "HTTP/1.1 200 OK\r\nContent-Length: "
		  "9\r\n\r\n<html></h",
		  .times = 1 },
		{ .request = SERVICES, .without = "watch=1", .reply = "list-services" },
		{ .request = SERVICES },
		OTHERS,
	};
	struct remote_fixture *f = *state;

	SERVE(f, steps, 1000);
	remote_start(f);
	remote_expect_said(f, "status 504: Timeout: Too large resource version");
	remote_expect(f, "default/web", KERNEL_ANY);
	remote_expect_said(f, "answers with HTTP status 503");
	remote_expect_said(f, "not JSON");
}

/* ---- with TLS */

static const struct replay_step plain_steps[] = {
	NO_INITIAL,
	{ .request = SERVICES, .without = "watch=1", .reply = "list-services" },
	{ .request = SERVICES },
	OTHERS,
};

static void start_tls(struct remote_fixture *f, const char *names, bool trusted)
{
	f->tls = replay_tls_new(names);
	if (trusted)
		f->upstream.ca.text = strdup(replay_tls_ca(f->tls));
	SERVE(f, plain_steps, 1000);
}

/* The value of an option of each connection to the port, all of which have the same. */
static int option_of_all(int port, int level, int option)
{
	struct sockaddr_in peer;
	int fd, value = -1, found = -1;
	socklen_t len;

	for (fd = 3; fd < 1024; fd++) {
		len = sizeof(peer);
		if (getpeername(fd, (struct sockaddr *)&peer, &len) ||
		    peer.sin_family != AF_INET || ntohs(peer.sin_port) != port)
			continue;
		len = sizeof(value);
		assert_int_equal(getsockopt(fd, level, option, &value, &len), 0);
		if (found >= 0)
			assert_int_equal(value, found);
		found = value;
	}
	return found;
}

/* An authority that is gone without a word is given up after 25 seconds, idle or asked. */
static void test_gone_without_a_word(void **state)
{
	static const struct replay_step steps[] = {
		NO_INITIAL,
		{ .request = SERVICES, .without = "watch=1", .reply = "list-services" },
		{ .request = SERVICES },
		OTHERS,
	};
	struct remote_fixture *f = *state;
	int port;

	SERVE(f, steps, 1000);
	remote_start(f);
	assert_true(http_wait(f->base, remote_is_ready, f));
	port = atoi(strrchr(replay_url(f->replay), ':') + 1);
	assert_int_equal(option_of_all(port, IPPROTO_TCP, TCP_USER_TIMEOUT), 25000);
	assert_int_equal(option_of_all(port, SOL_SOCKET, SO_KEEPALIVE), 1);
	assert_int_equal(option_of_all(port, IPPROTO_TCP, TCP_KEEPIDLE), 10);
	assert_int_equal(option_of_all(port, IPPROTO_TCP, TCP_KEEPINTVL), 5);
}

static void test_tls(void **state)
{
	struct remote_fixture *f = *state;

	start_tls(f, "IP:127.0.0.1", true);
	f->upstream.token = strdup("abc");
	remote_start(f);
	remote_expect(f, "default/web", KERNEL_ANY);
	assert_true(replay_count(f->replay, "Authorization: Bearer abc\r\n") >= 6);
}

static void test_tls_of_somebody_else(void **state)
{
	struct replay_tls *another = replay_tls_new("IP:127.0.0.1");
	struct remote_fixture *f = *state;

	start_tls(f, "IP:127.0.0.1", false);
	f->upstream.ca.text = strdup(replay_tls_ca(another));
	replay_tls_free(another);
	f->upstream.token = strdup("abc");
	remote_start(f);
	remote_expect_said(f, "following: https://127.0.0.1:");
	assert_null(replay_request(f->replay, 0));
}

static void test_tls_of_another_name(void **state)
{
	struct remote_fixture *f = *state;

	start_tls(f, "DNS:kubernetes", true);
	remote_start(f);
	remote_expect_said(f, "SSL: no alternative certificate subject name matches");
	assert_null(replay_request(f->replay, 0));
}

static void test_tls_server_name(void **state)
{
	struct remote_fixture *f = *state;

	start_tls(f, "DNS:kubernetes", true);
	f->upstream.server_name = strdup("kubernetes");
	remote_start(f);
	remote_expect(f, "default/web", KERNEL_ANY);
}

static void test_tls_insecure(void **state)
{
	struct remote_fixture *f = *state;

	start_tls(f, "DNS:kubernetes", false);
	f->upstream.insecure = true;
	remote_start(f);
	remote_expect(f, "default/web", KERNEL_ANY);
}

static void test_client_certificate(void **state)
{
	struct remote_fixture *f = *state;

	start_tls(f, "IP:127.0.0.1", true);
	replay_tls_require_client(f->tls);
	f->upstream.cert.text = strdup(replay_tls_client_cert(f->tls));
	f->upstream.key.text = strdup(replay_tls_client_key(f->tls));
	remote_start(f);
	remote_expect(f, "default/web", KERNEL_ANY);
}

static void test_no_client_certificate(void **state)
{
	struct remote_fixture *f = *state;

	start_tls(f, "IP:127.0.0.1", true);
	replay_tls_require_client(f->tls);
	remote_start(f);
	remote_expect_said(f, "following: https://127.0.0.1:");
	assert_null(replay_request(f->replay, 0));
	assert_false(node_ready(f->node, NULL));
}

#define CASE(test)	cmocka_unit_test_setup_teardown(test, remote_setup, remote_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_pages),
		CASE(test_page_expired),
		CASE(test_page_fails),
		CASE(test_initial_events),
		CASE(test_initial_events_never_come),
		CASE(test_watch_in_crumbs),
		CASE(test_watch_in_small_pieces),
		CASE(test_watch_at_once),
		CASE(test_killed),
		CASE(test_expired),
		CASE(test_token_is_rotated),
		CASE(test_forbidden),
		CASE(test_retry_after),
		CASE(test_retry_after_in_a_watch),
		CASE(test_silent_list),
		CASE(test_watch_without_an_answer),
		CASE(test_watch_without_news),
		CASE(test_silence_in_turn),
		CASE(test_silent_tls),
		CASE(test_server_is_broken),
		CASE(test_gone_without_a_word),
		CASE(test_tls),
		CASE(test_tls_of_somebody_else),
		CASE(test_tls_of_another_name),
		CASE(test_tls_server_name),
		CASE(test_tls_insecure),
		CASE(test_client_certificate),
		CASE(test_no_client_certificate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
