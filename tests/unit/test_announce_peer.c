// SPDX-License-Identifier: GPL-2.0
#include "announce_peer.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#define WELL	ANNOUNCE_ANSWER_WELL
#define HOLDS	ANNOUNCE_HOLDS_WELL

/* One that says each half second from `from` to `to`, both of them, that it holds. */
static void answers(struct announce_peer *p, int64_t from, int64_t to)
{
	int64_t t;

	for (t = from; t <= to; t += 500)
		announce_peer_heard(p, HOLDS, t);
}

/* It has its addresses: whoever has not heard it so far lets go of them at once. */
static void test_who_takes_its_part_counts_at_once(void **state)
{
	struct announce_peer p = { 0 };

	(void)state;
	announce_peer_asked(&p, 1000);
	assert_false(announce_peer_known(&p, 1000));
	announce_peer_heard(&p, WELL, 1010);
	assert_true(announce_peer_known(&p, 1010));
	assert_int_equal(announce_peer_grade(&p, 1010), ANNOUNCE_WELL);
	assert_int_equal(announce_peer_grade(&p, 9000), ANNOUNCE_GONE);
	announce_peer_heard(&p, WELL, 9010);
	assert_int_equal(announce_peer_grade(&p, 9010), ANNOUNCE_WELL);
}

/* It has nothing yet: who counted it at once would leave its addresses to nobody. */
static void test_who_holds_has_to_answer_for_a_while(void **state)
{
	struct announce_peer p = { 0 };

	(void)state;
	answers(&p, 1000, 5500);
	assert_true(announce_peer_known(&p, 5500));
	assert_int_equal(announce_peer_grade(&p, 5500), ANNOUNCE_GONE);
	announce_peer_heard(&p, HOLDS, 6000);
	assert_int_equal(announce_peer_grade(&p, 6000), ANNOUNCE_WELL);
	announce_peer_heard(&p, ANNOUNCE_HOLDS_ILL, 6500);
	assert_int_equal(announce_peer_grade(&p, 6500), ANNOUNCE_ILL);
}

/* One that was there and starts again, so fast that nobody has noticed, is not lost. */
static void test_who_holds_and_was_not_lost_counts(void **state)
{
	struct announce_peer p = { 0 };

	(void)state;
	announce_peer_heard(&p, WELL, 1000);
	announce_peer_heard(&p, HOLDS, 1500);
	assert_int_equal(announce_peer_grade(&p, 1500), ANNOUNCE_WELL);
}

static void test_silence(void **state)
{
	struct announce_peer p = { 0 };

	(void)state;
	announce_peer_heard(&p, WELL, 1000);
	announce_peer_heard(&p, ANNOUNCE_SILENT, 1500);
	assert_int_equal(announce_peer_grade(&p, 1000 + ANNOUNCE_DEAD_MS - 1), ANNOUNCE_WELL);
	assert_int_equal(announce_peer_grade(&p, 1000 + ANNOUNCE_DEAD_MS), ANNOUNCE_GONE);
	/* It is no news that it is back, before it has lasted. */
	answers(&p, 4000, 8500);
	assert_int_equal(announce_peer_grade(&p, 8500), ANNOUNCE_GONE);
	answers(&p, 9000, 9000);
	assert_int_equal(announce_peer_grade(&p, 9000), ANNOUNCE_WELL);
}

/* One that starts again and again counts for gone all the time, and moves nothing. */
static void test_flapping(void **state)
{
	struct announce_peer p = { 0 };
	int64_t t;

	(void)state;
	announce_peer_heard(&p, WELL, 1000);
	for (t = 10000; t < 100000; t += 8000) {
		answers(&p, t, t + 4000);
		assert_int_equal(announce_peer_grade(&p, t + 4000), ANNOUNCE_GONE);
	}
}

/* Nobody looked meanwhile: that it was silent is found out by the next answer. */
static void test_silence_that_nobody_saw(void **state)
{
	struct announce_peer p = { 0 };

	(void)state;
	announce_peer_heard(&p, WELL, 1000);
	announce_peer_heard(&p, HOLDS, 1000 + ANNOUNCE_DEAD_MS);
	assert_int_equal(announce_peer_grade(&p, 1000 + ANNOUNCE_DEAD_MS), ANNOUNCE_GONE);
}

/* A lost answer, or two, are none. */
static void test_patience(void **state)
{
	struct announce_peer p = { 0 };

	(void)state;
	announce_peer_heard(&p, WELL, 1000);
	announce_peer_heard(&p, WELL, 3000);
	assert_int_equal(announce_peer_grade(&p, 3000), ANNOUNCE_WELL);
}

static void test_declined_is_at_once(void **state)
{
	struct announce_peer p = { 0 };

	(void)state;
	announce_peer_heard(&p, WELL, 1000);
	announce_peer_heard(&p, ANNOUNCE_DECLINED, 1500);
	assert_int_equal(announce_peer_grade(&p, 1500), ANNOUNCE_GONE);
	assert_true(announce_peer_known(&p, 1500));
}

/* It is not counted, and not taken for one that will not come; until it falls silent. */
static void test_returns(void **state)
{
	struct announce_peer p = { 0 };

	(void)state;
	announce_peer_heard(&p, WELL, 1000);
	announce_peer_heard(&p, ANNOUNCE_RETURNS, 1500);
	assert_int_equal(announce_peer_grade(&p, 1500), ANNOUNCE_GONE);
	assert_true(announce_peer_known(&p, 1500));
	assert_true(announce_peer_lives(&p));
	announce_peer_heard(&p, HOLDS, 2000);
	assert_int_equal(announce_peer_grade(&p, 2000), ANNOUNCE_GONE);
	announce_peer_heard(&p, ANNOUNCE_RETURNS, 2500);
	announce_peer_grade(&p, 2500 + ANNOUNCE_DEAD_MS - 1);
	assert_true(announce_peer_lives(&p));
	announce_peer_grade(&p, 2500 + ANNOUNCE_DEAD_MS);
	assert_false(announce_peer_lives(&p));
	announce_peer_heard(&p, ANNOUNCE_DECLINED, 9000);
	assert_false(announce_peer_lives(&p));
}

static void test_ill_is_what_it_says(void **state)
{
	struct announce_peer p = { 0 };

	(void)state;
	announce_peer_heard(&p, WELL, 1000);
	announce_peer_heard(&p, ANNOUNCE_ANSWER_ILL, 1500);
	assert_int_equal(announce_peer_grade(&p, 1500), ANNOUNCE_ILL);
	announce_peer_heard(&p, WELL, 2000);
	assert_int_equal(announce_peer_grade(&p, 2000), ANNOUNCE_WELL);
}

static void test_never_an_answer_is_known_too(void **state)
{
	struct announce_peer p = { 0 };

	(void)state;
	announce_peer_asked(&p, 1000);
	announce_peer_asked(&p, 2000);
	announce_peer_heard(&p, ANNOUNCE_SILENT, 2100);
	assert_false(announce_peer_known(&p, 1000 + ANNOUNCE_DEAD_MS - 1));
	assert_true(announce_peer_known(&p, 1000 + ANNOUNCE_DEAD_MS));
	assert_int_equal(announce_peer_grade(&p, 9000), ANNOUNCE_GONE);
}

/* It is there as any other, and says that this node is not: for long only if nothing else comes. */
static void test_without(void **state)
{
	struct announce_peer p = { 0 };

	(void)state;
	announce_peer_heard(&p, ANNOUNCE_WITHOUT_ILL, 1000);
	assert_int_equal(announce_peer_grade(&p, 1000), ANNOUNCE_ILL);
	assert_int_equal(announce_peer_without(&p, 1000), ANNOUNCE_WITHOUT);
	announce_peer_heard(&p, ANNOUNCE_WITHOUT_WELL, 3000);
	assert_int_equal(announce_peer_grade(&p, 3000), ANNOUNCE_WELL);
	assert_int_equal(announce_peer_without(&p, 1000 + ANNOUNCE_DEAD_MS - 1), ANNOUNCE_WITHOUT);
	assert_int_equal(announce_peer_without(&p, 1000 + ANNOUNCE_DEAD_MS), ANNOUNCE_INSISTS);
	announce_peer_heard(&p, ANNOUNCE_SILENT, 3500);
	assert_int_equal(announce_peer_without(&p, 3500), ANNOUNCE_INSISTS);
	announce_peer_heard(&p, WELL, 4000);
	assert_int_equal(announce_peer_without(&p, 9000), ANNOUNCE_WITH);
	/* It dies, and what it has is there for anybody. */
	announce_peer_heard(&p, ANNOUNCE_WITHOUT_WELL, 4500);
	assert_int_equal(announce_peer_grade(&p, 4500 + ANNOUNCE_DEAD_MS), ANNOUNCE_GONE);
	assert_int_equal(announce_peer_without(&p, 4500 + ANNOUNCE_DEAD_MS), ANNOUNCE_WITH);
}

/* This node has no descriptors left, say. */
static void test_who_cannot_be_asked_is_not_gone(void **state)
{
	struct announce_peer p = { 0 }, never = { 0 };

	(void)state;
	announce_peer_heard(&p, WELL, 1000);
	announce_peer_unasked(&p, 3000);
	assert_int_equal(announce_peer_grade(&p, 5000), ANNOUNCE_WELL);
	assert_int_equal(announce_peer_grade(&p, 3000 + ANNOUNCE_DEAD_MS), ANNOUNCE_GONE);
	announce_peer_asked(&never, 1000);
	announce_peer_unasked(&never, 1000);
	assert_false(announce_peer_known(&never, 9000));
}

static const struct {
	const char *text;
	bool whole;
	enum announce_answer answer;
} answered[] = {
	{ "HTTP/1.1 200 OK\r\nSvcnat-Announce: layer2\r\n\r\n{", true, WELL },
	{ "HTTP/1.0 200 OK\r\nDate: x\r\nsvcnat-announce:layer2\r\nA: b\r\n\r\n", true, WELL },
	{ "HTTP/1.1 503 No\r\nSvcnat-Announce: layer2\r\n\r\n", true, ANNOUNCE_ANSWER_ILL },
	{ "HTTP/1.1 200\r\nSvcnat-Announce: layer2\r\n\r\n", true, WELL },
	{ "HTTP/1.1 200 OK\r\nSvcnat-Announce: none\r\n\r\n", true, ANNOUNCE_DECLINED },
	{ "HTTP/1.1 200 OK\r\nSvcnat-Announce: none; returning\r\n\r\n", true,
	  ANNOUNCE_RETURNS },
	{ "HTTP/1.1 200 OK\r\nSvcnat-Announce: layer2; holding\r\n\r\n", true, HOLDS },
	{ "HTTP/1.1 503 No\r\nSvcnat-Announce: layer2; holding\r\n\r\n", true,
	  ANNOUNCE_HOLDS_ILL },
	{ "HTTP/1.1 200 OK\r\nSvcnat-Announce: layer2; without you\r\n\r\n", true,
	  ANNOUNCE_WITHOUT_WELL },
	{ "HTTP/1.1 503 No\r\nSvcnat-Announce: layer2; without you\r\n\r\n", true,
	  ANNOUNCE_WITHOUT_ILL },
	/* kube-proxy, or a svcd that is not ready */
	{ "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", true, ANNOUNCE_SILENT },
	{ "HTTP/1.1 200 OK\r\nSvcnat-Announce: layer23\r\n\r\n", true, ANNOUNCE_SILENT },
	{ "HTTP/1.1 200 OK\r\nX-Svcnat-Announce: layer2\r\n\r\n", true, ANNOUNCE_SILENT },
	{ "HTTP/1.1 200 OK\r\nSvcnat-Announce\r\n\r\n", true, ANNOUNCE_SILENT },
	{ "HTTP/1.1 200 OK\r\n\r\nSvcnat-Announce: layer2\r\n\r\n", true, ANNOUNCE_SILENT },
	{ "HTTP/1.1 404 Not\r\nSvcnat-Announce: layer2\r\n\r\n", true, ANNOUNCE_SILENT },
	{ "HTTP/1.1 2000\r\nSvcnat-Announce: layer2\r\n\r\n", true, ANNOUNCE_SILENT },
	{ "SSH-2.0-OpenSSH\r\n\r\n", true, ANNOUNCE_SILENT },
	{ "\r\n\r\n", true, ANNOUNCE_SILENT },
	{ "HTTP/1.1 200 OK\r\nSvcnat-Announce: layer2\r\n", false, ANNOUNCE_SILENT },
	{ "", false, ANNOUNCE_SILENT },
};

static void test_answers(void **state)
{
	enum announce_answer a;
	size_t i, len;
	char *copy;

	(void)state;
	for (i = 0; i < sizeof(answered) / sizeof(*answered); i++) {
		/* Without an end: the sanitizer sees who reads on. */
		len = strlen(answered[i].text);
		copy = malloc(len + !len);
		memcpy(copy, answered[i].text, len);
		assert_int_equal(announce_answer_parse(copy, len, &a), answered[i].whole);
		assert_int_equal(a, answered[i].answer);
		free(copy);
	}
}

/* Whatever comes, in whatever pieces. */
static void test_mutations(void **state)
{
	const char *base = answered[1].text;
	size_t len = strlen(base), n, i;
	enum announce_answer a;
	char *copy;

	(void)state;
	srandom(1);
	for (i = 0; i < 20000; i++) {
		n = (size_t)random() % (len + 1);
		copy = malloc(n + !n);
		memcpy(copy, base, n);
		if (n)
			copy[(size_t)random() % n] = (char)("\r\n: 2/"[random() % 6]);
		announce_answer_parse(copy, n, &a);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_takes_its_part_counts_at_once),
		cmocka_unit_test(test_who_holds_has_to_answer_for_a_while),
		cmocka_unit_test(test_who_holds_and_was_not_lost_counts),
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_flapping),
		cmocka_unit_test(test_silence_that_nobody_saw),
		cmocka_unit_test(test_patience),
		cmocka_unit_test(test_declined_is_at_once),
		cmocka_unit_test(test_ill_is_what_it_says),
		cmocka_unit_test(test_never_an_answer_is_known_too),
		cmocka_unit_test(test_who_cannot_be_asked_is_not_gone),
		cmocka_unit_test(test_returns),
		cmocka_unit_test(test_without),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_mutations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
