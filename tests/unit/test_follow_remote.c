// SPDX-License-Identifier: GPL-2.0
/* An svcd that follows a Kubernetes API server, as one was recorded. */
#include "follow.h"
#include "http_fixture.h"
#include "kernel_fake.h"
#include "log.h"
#include "node.h"
#include "replay.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct remote_fixture {
	struct event_base *base;
	struct kernel *kernel;
	struct node *node;
	struct replay *replay;
	struct replay_tls *tls;
	struct upstream upstream;
	struct follow *follow;
	FILE *log;
	char *said;
	size_t said_len;
};

static int open_fake(struct kernel **out, void *ctx, struct err *e)
{
	struct remote_fixture *f = ctx;

	(void)e;
	*out = f->kernel;
	return 0;
}

static int setup(void **state)
{
	struct remote_fixture *f = calloc(1, sizeof(*f));
	struct node_config c = { .node_name = "n1", .open = open_fake, .open_ctx = f };

	f->base = event_base_new();
	f->kernel = kernel_fake_open();
	c.base = f->base;
	assert_int_equal(node_alloc(&f->node, &c, NULL), 0);
	node_start(f->node);
	f->log = open_memstream(&f->said, &f->said_len);
	log_init(LOG_LEVEL_INFO, f->log, LOG_FORMAT_TEXT);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct remote_fixture *f = *state;

	follow_stop(f->follow);
	replay_close(f->replay);
	replay_tls_free(f->tls);
	upstream_clear(&f->upstream);
	node_free(f->node);
	kernel_fake_free(f->kernel);
	event_base_free(f->base);
	log_init(LOG_LEVEL_ERROR, NULL, LOG_FORMAT_TEXT);
	fclose(f->log);
	free(f->said);
	free(f);
	return 0;
}

static void start(struct remote_fixture *f, unsigned int initial_ms)
{
	const struct follow_config c = {
		.base = f->base,
		.upstream = &f->upstream,
		.node = f->node,
		.node_name = "n1",
		.initial_ms = initial_ms,
		.retry_min_ms = 5,
		.retry_max_ms = 50,
	};
	struct err e = { "" };

	assert_int_equal(follow_start(&f->follow, &c, &e), 0);
}

static void serve(struct remote_fixture *f, const struct replay_step *steps, size_t n,
		  size_t piece)
{
	struct err e = { "" };

	f->replay = replay_open(f->base, steps, n, piece, f->tls);
	if (upstream_set_url(&f->upstream, replay_url(f->replay), &e))
		fail_msg("%s", e.text);
}

#define SERVE(f, steps, piece)	serve(f, steps, sizeof(steps) / sizeof(*(steps)), piece)

struct wanted {
	struct remote_fixture *f;
	const char *text;
	bool there;
	unsigned int n;
};

static bool kernel_is_so(void *ctx)
{
	struct wanted *w = ctx;

	return !!kernel_fake_find(w->f->kernel, w->text, AF_INET, IPPROTO_TCP) == w->there;
}

static void expect(struct remote_fixture *f, const char *name, bool there)
{
	struct wanted w = { .f = f, .text = name, .there = there };

	if (!http_wait(f->base, kernel_is_so, &w))
		fail_msg("%s is %sin the kernel", name, there ? "not " : "");
}

static bool was_asked(void *ctx)
{
	struct wanted *w = ctx;

	return replay_count(w->f->replay, w->text) >= w->n;
}

static void expect_asked(struct remote_fixture *f, const char *text, unsigned int n)
{
	struct wanted w = { .f = f, .text = text, .n = n };

	if (!http_wait(f->base, was_asked, &w))
		fail_msg("asked for %s %u times", text, replay_count(f->replay, text));
}

static bool was_said(void *ctx)
{
	struct wanted *w = ctx;

	fflush(w->f->log);
	return strstr(w->f->said, w->text);
}

static void expect_said(struct remote_fixture *f, const char *text)
{
	struct wanted w = { .f = f, .text = text };

	if (!http_wait(f->base, was_said, &w))
		fail_msg("not \"%s\", but: %s", text, f->said);
}

static bool is_ready(void *ctx)
{
	struct remote_fixture *f = ctx;

	return node_ready(f->node, NULL);
}

#define SERVICES	"/api/v1/services?"
#define SLICES		"/apis/discovery.k8s.io/v1/endpointslices?"
#define NODES		"/api/v1/nodes?"

/* Without a length: it ends with the connection. */
#define LIST(kind, version)                                                                     \
	"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"           \
	"{\"kind\":\"" kind "List\",\"metadata\":{\"resourceVersion\":\"" version "\"}," \
	"\"items\":null}"

/* What all have: no initial events, slices and nodes as recorded, watches of them without news. */
#define NO_INITIAL	{ .request = "sendInitialEvents", .reply = "watch-initialevents-bad" }
#define OTHERS	{ .request = SLICES, .without = "watch=1", .reply = "list-endpointslices" },       \
		{ .request = NODES, .without = "watch=1", .reply = "list-nodes" },                 \
		{ .request = SLICES }, { .request = NODES }

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
	start(f, 0);
	expect(f, "default/web-np:http", true);
	assert_true(http_wait(f->base, is_ready, f));
	expect(f, "default/dns:dns-tcp", true);
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
	expect_asked(f, "watch=1&allowWatchBookmarks=true&resourceVersion=631&", 1);
	assert_int_equal(replay_count(f->replay, "Authorization"), 0);
	assert_int_equal(replay_count(f->replay, "Accept-Encoding: gzip"), i);
}

/* The token of the second page is too old: all at once then, which has one version. */
static void test_page_expired(void **state)
{
	static const struct replay_step steps[] = {
		NO_INITIAL,
		{ .request = "&continue=", .reply = "410-continue-expired" },
		{ .request = "&limit=500", .without = SLICES, .reply = "page-services-0",
		  .times = 1 },
		{ .request = SERVICES, .without = "watch=1", .reply = "list-services" },
		{ .request = SERVICES },
		OTHERS,
	};
	struct remote_fixture *f = *state;

	SERVE(f, steps, 1000);
	start(f, 0);
	expect(f, "default/web-np:http", true);
	assert_int_equal(replay_count(f->replay, "&continue="), 1);
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
		{ .request = "&limit=500", .without = SLICES, .reply = "page-services-0",
		  .times = 2 },
		{ .request = SERVICES },
		OTHERS,
	};
	struct remote_fixture *f = *state;

	SERVE(f, steps, 1000);
	start(f, 0);
	expect(f, "default/web-np:http", true);
	assert_int_equal(replay_count(f->replay, "&continue="), 3);
	expect_said(f, "answers with HTTP status 500");
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
	start(f, 0);
	expect(f, "default/web-np:http", true);
	/* Its body ends, and the next watch goes on where it was. */
	expect_asked(f, SERVICES, 2);
	assert_int_equal(replay_count(f->replay, "sendInitialEvents"), 3);
	assert_int_equal(replay_count(f->replay, "&limit="), 2);
}

/* A server from before initial events watches from now on, and says nothing. */
static void test_initial_events_never_come(void **state)
{
	static const struct replay_step steps[] = {
		{ .request = "sendInitialEvents" },
		{ .request = SERVICES, .without = "watch=1", .reply = "list-services" },
		{ .request = SERVICES },
		OTHERS,
	};
	struct remote_fixture *f = *state;

	SERVE(f, steps, 1000);
	start(f, 20);
	expect(f, "default/web-np:http", true);
	assert_true(http_wait(f->base, is_ready, f));
	fflush(f->log);
	assert_null(strstr(f->said, "following"));
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
	start(f, 0);
	for (i = 0; i < sizeof(recorded) / sizeof(*recorded); i++)
		if (strcmp(recorded[i], "default/dns:dns"))
			expect(f, recorded[i], true);
	/* From its last bookmark on. */
	expect_asked(f, "resourceVersion=646&", 1);
	expect(f, "default/kubernetes:https", false);
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
	start(f, 0);
	expect(f, "default/web", true);
	expect_asked(f, "resourceVersion=631&", 2);
	/* The one that was told to end has said how far it came. */
	expect_asked(f, "resourceVersion=744&", 1);
	expect(f, "default/web", true);
	expect_said(f, "broke the connection off; the node stays as it is meanwhile");
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
	start(f, 0);
	expect(f, "default/web-np:http", true);
	expect(f, "default/dns:dns-tcp", true);
	fflush(f->log);
	assert_null(strstr(f->said, "following"));
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
	start(f, 0);
	expect_said(f, "does not know us (401): is the token still valid?");
	assert_false(node_ready(f->node, NULL));
	put(path, "new\n");
	expect(f, "default/web", true);
	expect_said(f, "the authority answers again");
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
	start(f, 0);
	expect_said(f, "does not let us list and watch Services: services is forbidden: User "
		    "\"nobody\" cannot list");
	/* The others are listed all the same. */
	expect_asked(f, NODES, 2);
	assert_false(node_ready(f->node, NULL));
}

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
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
	long long began = now_ms();

	SERVE(f, steps, 1000);
	start(f, 0);
	expect_asked(f, "&limit=500", 2);
	assert_false(kernel_fake_find(f->kernel, "default/web", AF_INET, IPPROTO_TCP));
	expect(f, "default/web", true);
	assert_true(now_ms() - began >= 1000);
	expect_said(f, "answers with HTTP status 429");
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
	start(f, 0);
	expect_said(f, "status 504: Timeout: Too large resource version");
	expect(f, "default/web", true);
	expect_said(f, "answers with HTTP status 503");
	expect_said(f, "not JSON");
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
	start(f, 0);
	assert_true(http_wait(f->base, is_ready, f));
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
	start(f, 0);
	expect(f, "default/web", true);
	assert_true(replay_count(f->replay, "Authorization: Bearer abc\r\n") >= 6);
}

static void test_tls_of_somebody_else(void **state)
{
	struct remote_fixture *f = *state;

	start_tls(f, "IP:127.0.0.1", false);
	f->upstream.token = strdup("abc");
	start(f, 0);
	expect_said(f, "certificate");
	assert_null(replay_request(f->replay, 0));
}

static void test_tls_of_another_name(void **state)
{
	struct remote_fixture *f = *state;

	start_tls(f, "DNS:kubernetes", true);
	start(f, 0);
	expect_said(f, "SSL: no alternative certificate subject name matches");
	assert_null(replay_request(f->replay, 0));
}

static void test_tls_server_name(void **state)
{
	struct remote_fixture *f = *state;

	start_tls(f, "DNS:kubernetes", true);
	f->upstream.server_name = strdup("kubernetes");
	start(f, 0);
	expect(f, "default/web", true);
}

static void test_tls_insecure(void **state)
{
	struct remote_fixture *f = *state;

	start_tls(f, "DNS:kubernetes", false);
	f->upstream.insecure = true;
	start(f, 0);
	expect(f, "default/web", true);
}

static void test_client_certificate(void **state)
{
	struct remote_fixture *f = *state;

	start_tls(f, "IP:127.0.0.1", true);
	replay_tls_require_client(f->tls);
	f->upstream.cert.text = strdup(replay_tls_client_cert(f->tls));
	f->upstream.key.text = strdup(replay_tls_client_key(f->tls));
	start(f, 0);
	expect(f, "default/web", true);
}

static void test_no_client_certificate(void **state)
{
	struct remote_fixture *f = *state;

	start_tls(f, "IP:127.0.0.1", true);
	replay_tls_require_client(f->tls);
	start(f, 0);
	expect_said(f, "following: https://127.0.0.1:");
	assert_null(replay_request(f->replay, 0));
	assert_false(node_ready(f->node, NULL));
}

#define CASE(test)	cmocka_unit_test_setup_teardown(test, setup, teardown)

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
