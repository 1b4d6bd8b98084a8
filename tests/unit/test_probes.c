// SPDX-License-Identifier: GPL-2.0
/* /healthz and /livez, byte by byte; the times and limits behind them. */
#include "http_fixture.h"

#include "announce_priv.h"
#include "gotime.h"
#include "listen_address.h"
#include "liveness.h"
#include "probes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- times */

static const struct {
	time_t seconds;
	long ns;
	int64_t run_ns;
	const char *text;
} times[] = {
	{ 0, 0, 0, "1970-01-01 00:00:00 +0000 UTC m=+0.000000000" },
	{ 1795369318, 250000000, 1500000000, "2026-11-22 17:41:58.25 +0000 UTC m=+1.500000000" },
	{ 1795369318, 123456789, 12345678901, "2026-11-22 17:41:58.123456789 +0000 UTC "
	  "m=+12.345678901" },
	{ 1795369318, 1, 5, "2026-11-22 17:41:58.000000001 +0000 UTC m=+0.000000005" },
	{ 1795369318, 100, -2500000000, "2026-11-22 17:41:58.0000001 +0000 UTC m=-2.500000000" },
};

static void test_gotime(void **state)
{
	char buf[GOTIME_STRLEN];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(times) / sizeof(*times); i++) {
		const struct timespec wall = { times[i].seconds, times[i].ns };

		assert_string_equal(gotime_print(&wall, times[i].run_ns, buf), times[i].text);
	}
	assert_string_equal(gotime_print(NULL, 5, buf), "0001-01-01 00:00:00 +0000 UTC");
}

static void test_liveness(void **state)
{
	struct liveness l = { .pending = false };

	(void)state;
	assert_true(liveness_ok(&l, 1000000));
	liveness_queued(&l, 5000);
	/* A further change does not make the first one younger. */
	liveness_queued(&l, 60000);
	assert_true(liveness_ok(&l, 5000 + LIVENESS_LIMIT_MS - 1));
	assert_false(liveness_ok(&l, 5000 + LIVENESS_LIMIT_MS));
	assert_int_equal(l.queued, 60000);
	liveness_updated(&l, 70000);
	assert_true(liveness_ok(&l, 1000000));
	assert_int_equal(l.updated, 70000);
}

/* --- where to listen */

static const struct {
	const char *text;
	size_t n;
	const char *addrs[2];
	uint16_t port;
} addresses[] = {
	{ "", 0, { NULL }, 0 },
	{ ":10256", 2, { "0.0.0.0", "::" }, 10256 },
	{ "127.0.0.1:1", 1, { "127.0.0.1" }, 1 },
	{ "0.0.0.0:65535", 1, { "0.0.0.0" }, 65535 },
	{ "[::]:80", 1, { "::" }, 80 },
	{ "[fd00::1]:80", 1, { "fd00::1" }, 80 },
};

static const char *const bad_addresses[] = {
	":", ":0", ":65536", ":x", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "localhost:80", "80",
	"::1:80", "[::1]", "[127.0.0.1]:80", ":080", " :80",
};

static void test_listen_address(void **state)
{
	struct listen_address a;
	char buf[INET6_ADDRSTRLEN];
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(addresses) / sizeof(*addresses); i++) {
		assert_int_equal(listen_address_parse(addresses[i].text, &a, NULL), 0);
		assert_int_equal(a.n, addresses[i].n);
		for (j = 0; j < a.n; j++)
			assert_string_equal(ip_addr_print(&a.addrs[j], buf),
					    addresses[i].addrs[j]);
		assert_true(!a.n || a.port == addresses[i].port);
	}
	for (i = 0; i < sizeof(bad_addresses) / sizeof(*bad_addresses); i++) {
		struct err e = { "" };

		if (listen_address_parse(bad_addresses[i], &a, &e) != -EINVAL)
			fail_msg("taken: %s", bad_addresses[i]);
		assert_true(e.text[0]);
	}
}

/* --- answers */

struct probes_fixture {
	struct http_fixture *http;
	struct http_limit limit;
	struct http_port *port;
	struct probes probes;
	uint16_t number;
};

/* What the node says, in place of one. */
static struct node_health told;

static void tell(const struct node *n, struct node_health *out)
{
	assert_null(n);
	*out = told;
}

static void now(void *ctx, struct timespec *wall, int64_t *run_ns)
{
	(void)ctx;
	*wall = (struct timespec){ 1795369318, 250000000 };
	*run_ns = 100000000000;
}

static int setup(void **state)
{
	struct probes_fixture *f = calloc(1, sizeof(*f));
	struct http_port_config c = { .handle = probes_handle, .ctx = &f->probes,
				      .limit = &f->limit };
	struct ip_addr loopback;

	f->http = http_fixture_open(NULL);
	f->probes.health = tell;
	f->probes.now = now;
	http_limit_init(&f->limit, 10);
	c.base = f->http->base;
	f->port = http_port_alloc(&c);
	f->number = http_free_port();
	assert_int_equal(ip_addr_parse("127.0.0.1", &loopback, NULL), 0);
	assert_int_equal(http_port_listen(f->port, &loopback, 1, f->number, NULL), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct probes_fixture *f = *state;

	http_port_free(f->port);
	http_fixture_close(f->http);
	free(f);
	return 0;
}

static void expect(struct probes_fixture *f, const char *path, int status, const char *body)
{
	struct http_answer a;

	http_ask_port(f->http, "127.0.0.1", f->number, "GET", path, &a);
	assert_int_equal(a.status, status);
	assert_string_equal(a.body, body);
	assert_non_null(strstr(a.head, "\r\nContent-Type: application/json\r\n"));
	assert_non_null(strstr(a.head, "\r\nX-Content-Type-Options: nosniff\r\n"));
	http_answer_clear(&a);
}

static bool says(struct probes_fixture *f, const char *path, const char *value)
{
	char header[64];
	struct http_answer a;
	bool said;

	snprintf(header, sizeof(header), "\r\n" ANNOUNCE_HEADER "%s", value);
	http_ask_port(f->http, "127.0.0.1", f->number, "GET", path, &a);
	said = strstr(a.head, header) != NULL;
	http_answer_clear(&a);
	return said;
}

#define NOW	"2026-11-22 17:41:58.25 +0000 UTC m=+100.000000000"
#define EARLIER	"2026-11-22 17:40:53 +0000 UTC m=+34.750000000"
#define NEVER	"0001-01-01 00:00:00 +0000 UTC"
#define BODY(updated, eligible) \
	"{\"lastUpdated\": \"" updated "\",\"currentTime\": \"" NOW "\"" eligible "}"
#define YES	", \"nodeEligible\": true"
#define NO	", \"nodeEligible\": false"

static void test_answers(void **state)
{
	struct probes_fixture *f = *state;

	told = (struct node_health){ .ok = true, .eligible = true, .now = 70000, .updated = 4750 };
	expect(f, "/healthz", 200, BODY(NOW, YES));
	expect(f, "/healthz?verbose", 200, BODY(NOW, YES));
	expect(f, "/livez", 200, BODY(NOW, ""));
	told.eligible = false;
	expect(f, "/healthz", 503, BODY(EARLIER, NO));
	expect(f, "/livez", 200, BODY(NOW, ""));
	told.eligible = true;
	told.ok = false;
	expect(f, "/healthz", 503, BODY(EARLIER, YES));
	expect(f, "/livez", 503, BODY(EARLIER, ""));
	told.updated = 0;
	expect(f, "/livez", 503, BODY(NEVER, ""));
	assert_int_equal(f->probes.healthz.ok, 2);
	assert_int_equal(f->probes.healthz.failed, 2);
	assert_int_equal(f->probes.livez.ok, 2);
	assert_int_equal(f->probes.livez.failed, 2);
}

static void test_others(void **state)
{
	static const struct {
		const char *method, *path;
		int status;
	} others[] = {
		{ "GET", "/", 404 }, { "GET", "/readyz", 404 }, { "GET", "/healthz/", 404 },
		{ "POST", "/x", 404 }, { "POST", "/healthz", 405 }, { "DELETE", "/livez", 405 },
		{ "X", "/livez", 405 },
	};
	struct probes_fixture *f = *state;
	struct http_answer a;
	size_t i;

	for (i = 0; i < sizeof(others) / sizeof(*others); i++) {
		http_ask_port(f->http, "127.0.0.1", f->number, others[i].method, others[i].path,
			      &a);
		if (a.status != others[i].status)
			fail_msg("%s %s: %d", others[i].method, others[i].path, a.status);
		assert_true(a.status != 405 || strstr(a.head, "\r\nAllow: GET, HEAD\r\n"));
		http_answer_clear(&a);
	}
	assert_int_equal(f->probes.healthz.ok + f->probes.livez.ok, 0);
}

/* Another node learns whether it counts here; nobody else is told of that. */
static void test_who_asks(void **state)
{
	struct announce a = { .options = { .mode = ANNOUNCE_LAYER2 }, .ready = 1, .settled = true };
	struct probes_fixture *f = *state;

	told = (struct node_health){ .ok = true, .eligible = true };
	a.wire = (struct announce_wire *)&a;
	f->probes.announce = &a;
	assert_true(says(f, "/healthz?node=n2", ": layer2; without you\r\n"));
	assert_true(says(f, "/healthz", ": layer2\r\n"));
	assert_true(says(f, "/healthz?anode=n2", ": layer2\r\n"));
	assert_false(says(f, "/livez?node=n2", ": layer2"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gotime),
		cmocka_unit_test(test_liveness),
		cmocka_unit_test(test_listen_address),
		cmocka_unit_test_setup_teardown(test_answers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_others, setup, teardown),
		cmocka_unit_test_setup_teardown(test_who_asks, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
