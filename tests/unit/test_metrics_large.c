// SPDX-License-Identifier: GPL-2.0
/*
 * A scrape of as many services as a large cluster has: others have their turn while it
 * is made and while it leaves, also when nobody takes it.
 */
#include "http_fixture.h"

#include "kernel_fake.h"
#include "node.h"
#include "observe.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define SERVICES	10000
#define SERIES		(5 * SERVICES)
#define ENDPOINTS	(2 * SERVICES)
/* CPU time of one turn of the loop, in seconds: here everything is sanitized, and slow. */
#define TURN_MAX	0.3
#define ROOM		(16 * 1024 * 1024)

struct fixture {
	struct http_fixture *http;
	struct kernel *kernel;
	struct node *node;
	struct observe *observe;
	struct listen_address metrics;
	struct event *beat;		/* what else there is to do, in each turn */
	unsigned int beats;
};

struct scrape {
	struct http_peer peer;
	double longest, all;
	unsigned int turns;
};

static int open_fake(struct kernel **out, void *ctx, struct err *e)
{
	(void)e;
	*out = ctx;
	return 0;
}

static int no_addresses(void *ctx, struct ip_addr **out, size_t *n, struct err *e)
{
	(void)ctx;
	(void)e;
	*out = NULL;
	*n = 0;
	return 0;
}

static void put_service(struct kernel *k, unsigned int i)
{
	struct kendpoint endpoints[2] = { { .port = 8080, .weight = 1 }, { .port = 8080,
					  .weight = 1 } };
	struct kfrontend frontend = { .kind = SVCNAT_KIND_CLUSTER, .port = 80 };
	struct kservice s = { .owner = NODE_OWNER, .family = AF_INET, .proto = IPPROTO_TCP,
			      .frontends = &frontend, .nfrontends = 1, .endpoints = endpoints,
			      .nendpoints = 2 };
	char text[32];
	size_t j;

	snprintf(s.name, sizeof(s.name), "namespace-%u/service-%u:http", i % 100, i);
	snprintf(text, sizeof(text), "10.100.%u.%u", i / 250, i % 250 + 1);
	assert_int_equal(ip_addr_parse(text, &frontend.addr, NULL), 0);
	for (j = 0; j < 2; j++) {
		snprintf(text, sizeof(text), "10.%zu.%u.%u", 244 + j, i / 250, i % 250 + 1);
		assert_int_equal(ip_addr_parse(text, &endpoints[j].addr, NULL), 0);
	}
	assert_int_equal(k->ops->service_set(k, &s, KERNEL_CREATE, 0, NULL), 0);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct node_config c = { .node_name = "n1", .open = open_fake,
				 .addresses = no_addresses };
	unsigned int i;

	f->http = http_fixture_open(NULL);
	f->kernel = kernel_fake_open();
	for (i = 0; i < SERVICES; i++)
		put_service(f->kernel, i);
	c.open_ctx = f->kernel;
	c.base = f->http->base;
	assert_int_equal(node_alloc(&f->node, &c, NULL), 0);
	/* Its lists are not complete: it leaves the kernel as it is. */
	node_start(f->node);
	f->metrics = (struct listen_address){ .n = 1, .port = http_free_port() };
	assert_int_equal(ip_addr_parse("127.0.0.1", &f->metrics.addrs[0], NULL), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	node_free(f->node);
	kernel_fake_free(f->kernel);
	http_fixture_close(f->http);
	free(f);
	return 0;
}

static void open_observe(struct fixture *f, bool endpoints)
{
	static const struct listen_address nowhere = { .n = 0 };
	const struct observe_config c = {
		.base = f->http->base, .node = f->node, .health = &nowhere,
		.metrics = &f->metrics, .metrics_endpoints = endpoints,
	};

	assert_int_equal(observe_open(&f->observe, &c, NULL), 0);
}

static double cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void begin(struct fixture *f, struct scrape *s)
{
	*s = (struct scrape){ .turns = 0 };
	assert_true(http_peer_connect(&s->peer, "127.0.0.1", f->metrics.port));
	http_peer_sendf(&s->peer, "GET /metrics HTTP/1.1\r\n\r\n");
}

static void turn(struct fixture *f, struct scrape *s)
{
	const double before = cpu();
	double took;

	event_base_loop(f->http->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	took = cpu() - before;
	s->all += took;
	if (took > s->longest)
		s->longest = took;
	s->turns++;
}

/* As http_peer_receive(), which copies all that is there already, each time. */
static void take(struct http_peer *p)
{
	ssize_t n;

	if (!p->raw)
		p->raw = calloc(1, ROOM);
	assert_non_null(p->raw);
	while ((n = recv(p->fd, p->raw + p->len, ROOM - 1 - p->len, MSG_DONTWAIT)) > 0)
		p->len += (size_t)n;
	p->closed = n == 0;
	assert_true(p->len < ROOM - 1);
}

/* The lines that begin so. */
static size_t count(const char *text, const char *what)
{
	const size_t len = strlen(what);
	size_t n = 0;

	while (text) {
		n += strncmp(text, what, len) == 0;
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	return n;
}

static void check(const struct scrape *s, size_t endpoints)
{
	struct http_answer a;

	assert_true(http_peer_parse(&s->peer, &a));
	assert_true(a.complete);
	assert_int_equal(a.status, 200);
	assert_int_equal(count(a.body, "svcnat_service_"), SERIES);
	assert_int_equal(count(a.body, "svcnat_endpoint_"), endpoints);
	print_message("%zu series: %zu bytes, %.3f s of CPU in %u turns, the longest %.3f s\n",
		      SERIES + endpoints, a.len, s->all, s->turns, s->longest);
	assert_true(s->longest < TURN_MAX);
	http_answer_clear(&a);
}

static void scrape(struct fixture *f, bool endpoints)
{
	struct scrape s;

	open_observe(f, endpoints);
	begin(f, &s);
	while (!s.peer.closed) {
		turn(f, &s);
		take(&s.peer);
	}
	check(&s, endpoints ? ENDPOINTS : 0);
	assert_true(s.turns > SERVICES / KERNEL_FAKE_WALK_PART);
	http_peer_close(&s.peer);
	observe_close(f->observe);
}

static void test_with_endpoints(void **state)
{
	scrape(*state, true);
}

static void test_without_endpoints(void **state)
{
	scrape(*state, false);
}

static void on_beat(evutil_socket_t fd, short what, void *ctx)
{
	const struct timeval now = { 0 };
	struct fixture *f = ctx;

	(void)fd;
	(void)what;
	f->beats++;
	event_add(f->beat, &now);
}

/* All that may ask at a time do, and take nothing; then one of them takes its answer. */
static void test_nobody_reads(void **state)
{
	struct fixture *f = *state;
	struct scrape s[4];
	unsigned int walks;
	size_t i;

	open_observe(f, true);
	f->beat = evtimer_new(f->http->base, on_beat, f);
	on_beat(-1, 0, f);
	walks = kernel_fake_calls(f->kernel, KERNEL_FAKE_WALK_OPEN);
	for (i = 0; i < 4; i++)
		begin(f, &s[i]);
	for (i = 0; i < 2 * SERVICES; i++)
		turn(f, &s[0]);
	/* One walk for all of them, and a turn for others in each turn. */
	assert_int_equal(kernel_fake_calls(f->kernel, KERNEL_FAKE_WALK_OPEN) - walks, 1);
	assert_true(f->beats >= SERVICES);
	assert_true(s[0].longest < TURN_MAX);
	while (!s[3].peer.closed) {
		turn(f, &s[3]);
		take(&s[3].peer);
	}
	check(&s[3], ENDPOINTS);
	for (i = 0; i < 4; i++)
		http_peer_close(&s[i].peer);
	event_free(f->beat);
	observe_close(f->observe);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_with_endpoints),
		cmocka_unit_test(test_without_endpoints),
		cmocka_unit_test(test_nobody_reads),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
