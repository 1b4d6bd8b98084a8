// SPDX-License-Identifier: GPL-2.0
/* Questions to upstreams that are silent, lie, cut, send garbage, or are not there. */
#include "http_fixture.h"

#include "dns_forward.h"
#include "dns_resolv.h"
#include "dns_upstream.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PORT	5400
#define TRY_MS	300
#define TOTAL_MS	900
#define REST_MS	300
#define CHECK_MS	100

static const struct ip_addr client = { .family = AF_INET };

struct heard {
	bool done;
	enum dns_heard what;
	char text[4096];
	size_t len;
};

struct fixture {
	struct event_base *base;
	struct dns_metrics metrics;
	struct dns_forward *forward;
	struct dns_upstream v[3];
	struct dns_query query;
	struct heard heard;
	unsigned int loops_changed;
};

static void on_loops(void *ctx)
{
	struct fixture *f = ctx;

	f->loops_changed++;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct dns_forward_config c = { .metrics = &f->metrics, .try_ms = TRY_MS,
					.total_ms = TOTAL_MS, .rest_ms = REST_MS, .asks_max = 3,
					.client_max = 3, .check_ms = CHECK_MS,
					.loops_changed = on_loops, .ctx = f };
	struct dns_peer peers[3];
	struct dns_text m;
	int i;

	f->base = event_base_new();
	c.base = f->base;
	dns_metrics_init(&f->metrics);
	f->forward = dns_forward_alloc(&c);
	for (i = 0; i < 3; i++) {
		peers[i] = dns_help_place((uint8_t)(10 + i), PORT);
		f->v[i].records[0] = "www.example. 5 IN A 192.0.2.1";
		dns_upstream_open(&f->v[i], f->base, peers[i]);
	}
	dns_forward_set(f->forward, peers, 1);
	dns_help_query(&m, "www.example.", LDNS_RR_TYPE_A, 1232);
	assert_int_equal(dns_query_parse(&f->query, m.v, m.len), LDNS_RCODE_NOERROR);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	int i;

	dns_forward_free(f->forward);
	/* The other ends of its streams are told. */
	for (i = 0; i < 5; i++)
		event_base_loop(f->base, EVLOOP_NONBLOCK);
	for (i = 0; i < 3; i++)
		dns_upstream_close(&f->v[i]);
	event_base_free(f->base);
	free(f);
	return 0;
}

static void use(struct fixture *f, size_t n)
{
	struct dns_peer peers[3];
	size_t i;

	for (i = 0; i < n; i++)
		peers[i] = f->v[i].where;
	dns_forward_set(f->forward, peers, n);
}

static void on_asked(void *ctx, enum dns_heard what, const uint8_t *data, size_t len)
{
	struct heard *h = ctx;

	h->done = true;
	h->what = what;
	h->len = len;
	h->text[0] = '\0';
	if (what == DNS_HEARD_ANSWER)
		snprintf(h->text, sizeof(h->text), "%s", dns_help_say(data, len));
}

static bool is_done(void *ctx)
{
	struct heard *h = ctx;

	return h->done;
}

static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* How long it took; milliseconds. */
static long long ask(struct fixture *f, bool whole)
{
	struct dns_ask *a;
	long long began = now_ms();

	f->heard = (struct heard){ .done = false };
	assert_int_equal(dns_forward_ask(f->forward, &client, &f->query, whole, on_asked,
					 &f->heard, &a), 0);
	assert_false(f->heard.done);
	assert_true(http_wait(f->base, is_done, &f->heard));
	return now_ms() - began;
}

#define GOOD	"NOERROR ra: www.example. A 192.0.2.1"

static void assert_good(const struct fixture *f)
{
	assert_int_equal(f->heard.what, DNS_HEARD_ANSWER);
	assert_string_equal(f->heard.text, GOOD);
}

static void test_an_answer(void **state)
{
	struct fixture *f = *state;
	uint16_t id, port;

	ask(f, false);
	assert_good(f);
	assert_true(f->v[0].last.edns);
	assert_int_equal(f->v[0].last.size, DNS_UDP_MAX);
	/* Neither is used again; once in 65536 times the number is the same. */
	id = f->v[0].last.id;
	port = f->v[0].last_port;
	ask(f, false);
	assert_true(f->v[0].last.id != id || f->v[0].last_port != port);
	f->v[0].mood = UPSTREAM_DENIES;
	ask(f, false);
	assert_int_equal(f->heard.what, DNS_HEARD_ANSWER);
	assert_string_equal(f->heard.text, "NXDOMAIN ra");
	assert_int_equal(f->metrics.forwards[DNS_FORWARD_ANSWERED], 3);
}

/* The numbers and the ports of many questions are not few. */
static void test_they_cannot_be_guessed(void **state)
{
	struct fixture *f = *state;
	unsigned int i, ids = 0, ports = 0;
	uint16_t id = 0, port = 0;

	for (i = 0; i < 20; i++) {
		ask(f, false);
		ids += f->v[0].last.id != (uint16_t)(id + 1) && f->v[0].last.id != id;
		ports += f->v[0].last_port != port;
		id = f->v[0].last.id;
		port = f->v[0].last_port;
	}
	assert_true(ids >= 18);
	assert_true(ports >= 18);
}

/* Whatever the only upstream does, it is over in time, and is no answer. */
static void test_bad_ones(void **state)
{
	static const enum upstream_mood moods[] = {
		UPSTREAM_SILENT, UPSTREAM_OTHER_ID, UPSTREAM_OTHER_QUESTION, UPSTREAM_OTHER_SOURCE,
		UPSTREAM_GUESSES, UPSTREAM_NO_ANSWER, UPSTREAM_GARBAGE, UPSTREAM_BROKEN,
		UPSTREAM_REFUSES, UPSTREAM_FAILS,
	};
	struct fixture *f = *state;
	long long took;
	size_t i;

	for (i = 0; i < sizeof(moods) / sizeof(*moods); i++) {
		f->v[0].mood = moods[i];
		f->v[0].asked = 0;
		took = ask(f, false);
		if (f->heard.what != DNS_HEARD_NOTHING)
			fail_msg("mood %d: %s", moods[i], f->heard.text);
		/* A loaded machine is late, but not for seconds. */
		assert_true(took < TOTAL_MS + 3000);
		assert_in_range(f->v[0].asked, 1, 6);
	}
}

/* ... and with a second one the answer comes from there. */
static void test_the_next_one(void **state)
{
	static const enum upstream_mood moods[] = {
		UPSTREAM_SILENT, UPSTREAM_OTHER_ID, UPSTREAM_GARBAGE, UPSTREAM_BROKEN,
		UPSTREAM_REFUSES, UPSTREAM_FAILS, UPSTREAM_OTHER_SOURCE, UPSTREAM_GUESSES,
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < sizeof(moods) / sizeof(*moods); i++) {
		/* Nothing is known of either. */
		dns_forward_set(f->forward, NULL, 0);
		use(f, 2);
		f->v[0].mood = moods[i];
		f->v[0].asked = f->v[1].asked = 0;
		ask(f, false);
		assert_good(f);
		assert_in_range(f->v[0].asked, 1, 2);
		assert_int_equal(f->v[1].asked, 1);
	}
}

/* Nobody at the port: there the kernel says so, and nobody waits. */
static void test_nobody_there(void **state)
{
	struct fixture *f = *state;
	struct dns_peer peers[] = { dns_help_place(99, PORT), f->v[1].where };

	dns_forward_set(f->forward, peers, 2);
	ask(f, false);
	assert_good(f);
	assert_int_equal(f->metrics.forwards[DNS_FORWARD_UNREACHABLE], 1);
	assert_int_equal(f->metrics.forwards[DNS_FORWARD_SILENT], 0);
	dns_forward_set(f->forward, peers, 1);
	ask(f, false);
	assert_int_equal(f->heard.what, DNS_HEARD_NOTHING);
}

/* A silent one is asked last from then on, until it answers a question of our own. */
static void test_rest(void **state)
{
	struct fixture *f = *state;
	long long until;

	use(f, 2);
	f->v[0].mood = UPSTREAM_SILENT;
	ask(f, false);
	assert_int_equal(f->v[0].asked, 1);
	ask(f, false);
	assert_good(f);
	assert_int_equal(f->v[0].asked, 1);
	/* When both rest, both are asked again. */
	f->v[1].mood = UPSTREAM_SILENT;
	ask(f, false);
	assert_int_equal(f->heard.what, DNS_HEARD_NOTHING);
	assert_int_equal(f->v[0].asked, 2);
	f->v[1].mood = UPSTREAM_GOOD;
	ask(f, false);
	assert_good(f);
	/* It is well again, and after a while that is found out, by the side. */
	f->v[0].mood = UPSTREAM_GOOD;
	f->v[0].asked = 0;
	for (until = now_ms() + 10000; !f->v[0].asked; ) {
		assert_true(now_ms() < until);
		ask(f, false);
		assert_good(f);
	}
	assert_true(f->v[0].probed >= 2);
}

static bool is_probed(void *ctx)
{
	const struct dns_upstream *u = ctx;

	return u->probed > 0;
}

static void turn(struct fixture *f)
{
	int i;

	for (i = 0; i < 5; i++)
		event_base_loop(f->base, EVLOOP_NONBLOCK);
}

/* That nobody answers this question is not its fault, and it is not asked last for it. */
static void test_a_silent_question(void **state)
{
	struct fixture *f = *state;

	use(f, 2);
	f->v[0].mood = UPSTREAM_SILENT;
	f->v[0].well = true;
	ask(f, false);
	assert_good(f);
	assert_true(http_wait(f->base, is_probed, &f->v[0]));
	turn(f);
	f->v[0].mood = UPSTREAM_GOOD;
	ask(f, false);
	assert_good(f);
	assert_int_equal(f->v[0].asked, 2);
	assert_int_equal(f->v[1].asked, 1);
}

/* However many are silent, the last one is asked as well. */
static void test_many_silent_ones(void **state)
{
	struct fixture *f = *state;
	struct dns_peer peers[5];
	struct sockaddr_storage sa;
	int fds[4], i;
	socklen_t len;

	for (i = 0; i < 4; i++) {
		peers[i] = dns_help_place((uint8_t)(20 + i), PORT);
		len = dns_peer_sockaddr(&peers[i], &sa);
		fds[i] = socket(AF_INET, SOCK_DGRAM, 0);
		assert_int_equal(bind(fds[i], (struct sockaddr *)&sa, len), 0);
	}
	peers[4] = f->v[0].where;
	dns_forward_set(f->forward, peers, 5);
	ask(f, false);
	assert_good(f);
	for (i = 0; i < 4; i++)
		close(fds[i]);
}

/* --- TCP --- */

static void many_records(struct dns_upstream *u)
{
	int i;

	for (i = 0; i < 60; i++)
		u->records[i] = "www.example. 5 IN A 192.0.2.1";
}

/* By UDP the client hears that it is cut; who wants it whole is given it whole. */
static void test_cut(void **state)
{
	struct fixture *f = *state;

	many_records(&f->v[0]);
	f->v[0].mood = UPSTREAM_CUT;
	ask(f, false);
	assert_int_equal(f->heard.what, DNS_HEARD_CUT);
	assert_int_equal(f->v[0].asked_tcp, 0);
	ask(f, true);
	assert_int_equal(f->heard.what, DNS_HEARD_ANSWER);
	/* A loaded machine may be late for the first time. */
	assert_in_range(f->v[0].asked_tcp, 1, 3);
	assert_true(f->heard.len > 1500);
	f->v[0].mood = UPSTREAM_PIECES;
	ask(f, true);
	assert_int_equal(f->heard.what, DNS_HEARD_ANSWER);
	assert_true(f->heard.len > 1500);
}

static void test_bad_by_tcp(void **state)
{
	static const enum upstream_mood moods[] = { UPSTREAM_CLOSES, UPSTREAM_CUT_ALWAYS };
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < 2; i++) {
		f->v[0].mood = moods[i];
		use(f, 1);
		assert_true(ask(f, true) < TOTAL_MS + 3000);
		assert_int_equal(f->heard.what, DNS_HEARD_NOTHING);
		assert_true(f->v[0].asked_tcp > 0);
		use(f, 2);
		ask(f, true);
		assert_good(f);
	}
}

/* Who has no TCP is asked by UDP as before. */
static void test_no_tcp(void **state)
{
	struct fixture *f = *state;

	f->v[0].mood = UPSTREAM_CLOSES;
	use(f, 2);
	ask(f, true);
	assert_good(f);
	assert_int_equal(f->v[1].asked, 1);
	f->v[0].mood = UPSTREAM_GOOD;
	ask(f, false);
	assert_good(f);
	assert_int_equal(f->v[1].asked, 1);
}

/* --- the rest --- */

static void test_without_edns(void **state)
{
	struct fixture *f = *state;

	f->v[0].mood = UPSTREAM_OLD;
	ask(f, false);
	assert_good(f);
	assert_int_equal(f->v[0].asked, 2);
	assert_false(f->v[0].last.edns);
}

static void test_limits(void **state)
{
	struct fixture *f = *state;
	struct heard heard[3] = { { 0 } };
	struct dns_ask *a[3], *more;
	int i;

	f->v[0].mood = UPSTREAM_SILENT;
	for (i = 0; i < 3; i++)
		assert_int_equal(dns_forward_ask(f->forward, &client, &f->query, false, on_asked,
						 &heard[i], &a[i]), 0);
	assert_int_equal(dns_forward_ask(f->forward, &client, &f->query, false, on_asked,
					 &f->heard, &more), -EBUSY);
	dns_ask_cancel(a[1]);
	assert_int_equal(dns_forward_ask(f->forward, &client, &f->query, false, on_asked,
					 &f->heard, &more), 0);
	assert_true(http_wait(f->base, is_done, &f->heard));
	assert_true(heard[0].done && heard[2].done);
	assert_false(heard[1].done);
	use(f, 0);
	assert_int_equal(dns_forward_ask(f->forward, &client, &f->query, false, on_asked,
					 &f->heard, &more), -ENOENT);
}

static void ask_later(struct fixture *f, const struct ip_addr *from, int expected)
{
	static struct heard nobody;
	struct dns_ask *a;

	assert_int_equal(dns_forward_ask(f->forward, from, &f->query, false, on_asked, &nobody, &a),
			 expected);
}

/* Who asks for what nobody answers has a share, and others are asked for all the same. */
static void test_a_share(void **state)
{
	struct fixture *f = *state;
	const struct dns_forward_config c = { .base = f->base, .metrics = &f->metrics,
					      .asks_max = 16 };
	const struct ip_addr other = { .family = AF_INET, .v4.s_addr = 1 };
	struct dns_ask *a;

	dns_forward_free(f->forward);
	f->forward = dns_forward_alloc(&c);
	use(f, 1);
	f->v[0].mood = UPSTREAM_SILENT;
	ask_later(f, &client, 0);
	ask_later(f, &client, 0);
	ask_later(f, &client, -EBUSY);
	ask_later(f, &other, 0);
	f->v[0].mood = UPSTREAM_GOOD;
	assert_int_equal(dns_forward_ask(f->forward, &other, &f->query, false, on_asked, &f->heard,
					 &a), 0);
	ask_later(f, &other, -EBUSY);
	assert_true(http_wait(f->base, is_done, &f->heard));
	assert_good(f);
	ask_later(f, &other, 0);
}

/* With other upstreams the questions that are on their way go on. */
static void test_others_meanwhile(void **state)
{
	struct fixture *f = *state;
	struct dns_ask *a;

	f->v[0].mood = UPSTREAM_SILENT;
	assert_int_equal(dns_forward_ask(f->forward, &client, &f->query, false, on_asked,
					 &f->heard, &a), 0);
	use(f, 0);
	assert_true(http_wait(f->base, is_done, &f->heard));
	assert_int_equal(f->heard.what, DNS_HEARD_NOTHING);
	/* At its end those that are still asked are forgotten. */
	use(f, 1);
	assert_int_equal(dns_forward_ask(f->forward, &client, &f->query, false, on_asked,
					 &f->heard, &a), 0);
}

/* --- loops --- */

static void test_a_loop_is_noticed(void **state)
{
	struct fixture *f = *state;
	struct dns_peer from = dns_help_place(1, 0);
	struct dns_ask *a;

	f->v[0].mood = UPSTREAM_SILENT;
	assert_int_equal(dns_forward_ask(f->forward, &client, &f->query, false, on_asked,
					 &f->heard, &a), 0);
	while (!f->v[0].asked)
		event_base_loop(f->base, EVLOOP_ONCE);
	from.port = f->v[0].last_port;
	assert_true(dns_forward_is_own(f->forward, &f->v[0].last, &from));
	from.port++;
	assert_false(dns_forward_is_own(f->forward, &f->v[0].last, &from));
	from.port--;
	/* Somebody elsewhere may have that port, and the same question. */
	assert_int_equal(ip_addr_parse("192.0.2.1", &from.addr, NULL), 0);
	assert_false(dns_forward_is_own(f->forward, &f->v[0].last, &from));
	from = dns_help_place(1, from.port);
	f->v[0].last.question.type = LDNS_RR_TYPE_MX;
	assert_false(dns_forward_is_own(f->forward, &f->v[0].last, &from));
	assert_int_equal(f->loops_changed, 0);
}

struct checks {
	const struct dns_upstream *u;
	unsigned int n;
};

static bool are_checks(void *ctx)
{
	const struct checks *c = ctx;

	return c->u->checked >= c->n;
}

static void wait_checked(struct fixture *f, size_t i, unsigned int n)
{
	struct checks c = { &f->v[i], n };

	assert_true(http_wait(f->base, are_checks, &c));
}

static bool asks_all(void *ctx)
{
	const struct fixture *f = ctx;

	return dns_forward_upstreams(f->forward) == 2;
}

/* One that asks us what it is asked is left out until it answers without that. */
static void test_a_loop_through_a_forwarder(void **state)
{
	const struct dns_peer from = dns_help_place(77, 4711);
	struct dns_peer v[DNS_UPSTREAMS_MAX];
	struct fixture *f = *state;
	struct dns_query came, other;

	use(f, 2);
	f->v[0].mood = UPSTREAM_SILENT;
	wait_checked(f, 0, 1);
	wait_checked(f, 1, 1);
	turn(f);
	/* Its name is a random one; with other letters, and of another type, it is the same. */
	came = other = f->v[0].last_check;
	assert_memory_not_equal(came.question.wire, f->v[1].last_check.question.wire, 34);
	other.question.wire[1] = other.question.wire[1] == '0' ? '1' : '0';
	assert_false(dns_forward_is_own(f->forward, &other, &from));
	assert_int_equal(dns_forward_upstreams(f->forward), 2);
	came.question.wire[1] = (uint8_t)toupper(came.question.wire[1]);
	came.question.type = LDNS_RR_TYPE_A;
	assert_true(dns_forward_is_own(f->forward, &came, &from));
	assert_int_equal(f->loops_changed, 1);
	assert_int_equal(dns_forward_upstreams(f->forward), 1);
	assert_int_equal(dns_forward_loops(f->forward, v), 1);
	assert_true(dns_peer_equal(&v[0], &f->v[0].where));
	ask(f, false);
	assert_good(f);
	assert_int_equal(f->v[0].asked, 0);
	/* So it is with the same list, and alone nobody is left. */
	use(f, 2);
	assert_int_equal(dns_forward_upstreams(f->forward), 1);
	use(f, 1);
	assert_int_equal(dns_forward_ask(f->forward, &client, &f->query, false, on_asked,
					 &f->heard, &(struct dns_ask *){ NULL }), -ENOENT);
	use(f, 2);
	/* Silence is not enough; nor is an old question that comes late. */
	wait_checked(f, 0, 2);
	assert_int_equal(dns_forward_upstreams(f->forward), 1);
	f->v[0].mood = UPSTREAM_GOOD;
	assert_true(http_wait(f->base, asks_all, f));
	assert_int_equal(f->loops_changed, 2);
	assert_false(dns_forward_is_own(f->forward, &came, &from));
}

/* It answers, and the question comes nevertheless: it asks several. */
static void test_a_loop_that_answers(void **state)
{
	const struct dns_peer from = dns_help_place(77, 4711);
	struct fixture *f = *state;

	wait_checked(f, 0, 1);
	turn(f);
	assert_true(dns_forward_is_own(f->forward, &f->v[0].last_check, &from));
	assert_int_equal(dns_forward_upstreams(f->forward), 0);
}

/* Until it answers it is asked again, and not any more then; but for what may be a loop. */
static void test_when_loops_are_looked_for(void **state)
{
	struct fixture *f = *state;

	use(f, 2);
	f->v[1].mood = UPSTREAM_SILENT;
	wait_checked(f, 1, 3);
	assert_int_equal(f->v[0].checked, 1);
	/* The same upstreams are no news, and a refusal is an answer. */
	f->v[1].mood = UPSTREAM_REFUSES;
	use(f, 2);
	wait_checked(f, 1, 4);
	assert_int_equal(f->v[0].checked, 1);
	ask(f, false);
	assert_int_equal(f->v[0].checked, 1);
	f->v[0].mood = UPSTREAM_SILENT;
	ask(f, false);
	wait_checked(f, 0, 2);
	assert_int_equal(f->metrics.forwards[DNS_FORWARD_ERROR], 1);
}

static void test_resolv_conf(void **state)
{
	char text[] = "# nameserver 192.0.2.9\nsearch example\n nameserver\t192.0.2.1 \r\n"
		      "nameserver 2001:db8::1\nnameserver 192.0.2.1\nnameserver fe80::1%lo\n"
		      "nameserver fe80::2%no-such-device\nnameserver\nnameserver wrong\n"
		      "nameserver  192.0.2.3\nnameserver 192.0.2.4";
	char buf[ADDRPORT_STRLEN];
	struct dns_peer v[4];
	struct err e = { "" };
	size_t n = 0;

	(void)state;
	dns_resolv_parse(text, v, &n, 4);
	assert_int_equal(n, 4);
	assert_string_equal(dns_peer_print(&v[0], buf), "192.0.2.1:53");
	assert_string_equal(dns_peer_print(&v[1], buf), "[2001:db8::1]:53");
	assert_int_equal(v[2].scope, 1);
	assert_string_equal(dns_peer_print(&v[3], buf), "192.0.2.3:53");
	assert_int_equal(dns_resolv_read("/nonexistent/resolv.conf", v, &n, 4, &e), -ENOENT);
	assert_int_equal(n, 4);
	assert_non_null(strstr(e.text, "/nonexistent/resolv.conf"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_an_answer, setup, teardown),
		cmocka_unit_test_setup_teardown(test_they_cannot_be_guessed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_ones, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_next_one, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nobody_there, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rest, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_silent_question, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_silent_ones, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_by_tcp, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_tcp, setup, teardown),
		cmocka_unit_test_setup_teardown(test_without_edns, setup, teardown),
		cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_share, setup, teardown),
		cmocka_unit_test_setup_teardown(test_others_meanwhile, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_loop_is_noticed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_loop_through_a_forwarder, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_loop_that_answers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_when_loops_are_looked_for, setup, teardown),
		cmocka_unit_test(test_resolv_conf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
