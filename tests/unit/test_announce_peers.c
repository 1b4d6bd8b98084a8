// SPDX-License-Identifier: GPL-2.0
/* The other nodes: who they are, and what is made of their answers. */
#include "announce_peers.h"

#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

struct fixture {
	struct event_base *base;
	struct announce_set set;
	struct announce_peers peers;
};

/* Nothing here waits. */
static int64_t clock_ms;

static int64_t now(void)
{
	return clock_ms;
}

static void tell_node(struct fixture *f, const char *name, const char *ip, bool deleted)
{
	json_t *o = json_pack("{s:{s:s}, s:{s:[{s:s, s:s}]}}", "metadata", "name", name, "status",
			      "addresses", "type", "InternalIP", "address", ip);

	announce_set_object(&f->set, PROXY_NODE, o, deleted);
	json_decref(o);
	announce_peers_sync(&f->peers, &f->set, "n1");
}

/* n1, which knows n2. Questions go nowhere: the loop does not turn. */
static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	log_init(LOG_LEVEL_ERROR, stderr, LOG_FORMAT_TEXT);
	clock_ms = 1000;
	f->base = event_base_new();
	announce_set_init(&f->set);
	announce_peers_init(&f->peers, f->base, 10256, now);
	tell_node(f, "n1", "192.0.2.1", false);
	tell_node(f, "n2", "192.0.2.2", false);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	announce_peers_clear(&f->peers);
	announce_set_clear(&f->set);
	event_base_free(f->base);
	free(f);
	return 0;
}

static struct announce_known *peer(struct fixture *f, const char *name)
{
	struct announce_known *k = strmap_find(&f->peers.by_name, name);

	assert_non_null(k);
	return k;
}

static void heard(struct fixture *f, enum announce_answer a)
{
	announce_peer_heard(&peer(f, "n2")->state, a, clock_ms);
}

/* Time passes, in which nobody answers. */
static bool tick(struct fixture *f, int64_t ms)
{
	clock_ms += ms;
	return announce_peers_tick(&f->peers);
}

static void test_who_they_are(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(f->peers.n, 1);
	assert_string_equal(f->peers.self, "n1");
	tell_node(f, "n3", "", false);		/* where should it be asked? */
	assert_int_equal(f->peers.n, 1);
	tell_node(f, "n3", "192.0.2.3", false);
	assert_int_equal(f->peers.n, 2);
	tell_node(f, "n2", "192.0.2.2", true);
	assert_int_equal(f->peers.n, 1);
	assert_null(strmap_find(&f->peers.by_name, "n2"));
	assert_int_equal(announce_peers_grade(&f->peers, "n2"), ANNOUNCE_GONE);
}

/* What is under way may be answered by somebody else. */
static void test_another_address(void **state)
{
	struct fixture *f = *state;

	tick(f, 0);
	assert_non_null(peer(f, "n2")->ask);
	tell_node(f, "n2", "192.0.2.2", false);
	assert_non_null(peer(f, "n2")->ask);
	tell_node(f, "n2", "192.0.2.9", false);
	assert_null(peer(f, "n2")->ask);
	tick(f, 0);
	assert_non_null(peer(f, "n2")->ask);
}

/* Only who was there before comes back: he may have told the LAN what others have. */
static void test_who_came_back(void **state)
{
	struct fixture *f = *state;

	heard(f, ANNOUNCE_ANSWER_WELL);
	assert_true(tick(f, 0));
	assert_false(announce_peers_came(&f->peers));
	assert_false(tick(f, 100));
	heard(f, ANNOUNCE_ANSWER_ILL);
	assert_true(tick(f, 0));
	assert_false(announce_peers_came(&f->peers));
	assert_true(tick(f, ANNOUNCE_DEAD_MS));
	assert_int_equal(announce_peers_grade(&f->peers, "n2"), ANNOUNCE_GONE);
	assert_false(announce_peers_came(&f->peers));
	heard(f, ANNOUNCE_ANSWER_WELL);
	assert_true(tick(f, 0));
	assert_true(announce_peers_came(&f->peers));
	/* It is said once. */
	assert_false(announce_peers_came(&f->peers));
}

/* It is a reason to decide, and when it dies what it has is free within three seconds. */
static void test_who_does_without_this_node(void **state)
{
	struct fixture *f = *state;

	heard(f, ANNOUNCE_WITHOUT_WELL);
	assert_true(tick(f, 0));
	assert_int_equal(peer(f, "n2")->without, ANNOUNCE_WITHOUT);
	assert_int_equal(announce_peers_grade(&f->peers, "n2"), ANNOUNCE_WELL);
	assert_false(tick(f, 100));
	heard(f, ANNOUNCE_WITHOUT_WELL);
	assert_true(tick(f, ANNOUNCE_DEAD_MS - 100));
	assert_int_equal(peer(f, "n2")->without, ANNOUNCE_INSISTS);
	assert_null(announce_peers_without(&f->peers, ANNOUNCE_DEAD_MS + 1));
	assert_string_equal(announce_peers_without(&f->peers, ANNOUNCE_DEAD_MS), "n2");
	heard(f, ANNOUNCE_WITHOUT_WELL);
	assert_false(tick(f, ANNOUNCE_DEAD_MS - 1));
	assert_true(tick(f, 1));
	assert_int_equal(peer(f, "n2")->without, ANNOUNCE_WITH);
	assert_int_equal(announce_peers_grade(&f->peers, "n2"), ANNOUNCE_GONE);
	heard(f, ANNOUNCE_WITHOUT_WELL);
	assert_true(tick(f, 0));
	heard(f, ANNOUNCE_ANSWER_WELL);
	assert_true(tick(f, 0));
	assert_int_equal(peer(f, "n2")->without, ANNOUNCE_WITH);
	assert_null(announce_peers_without(&f->peers, 0));
}

static void test_restart(void **state)
{
	struct fixture *f = *state;

	heard(f, ANNOUNCE_WITHOUT_WELL);
	tick(f, 0);
	assert_true(announce_peers_known(&f->peers));
	assert_true(announce_peers_alive(&f->peers));
	assert_int_equal(announce_peers_up(&f->peers), 1);
	announce_peers_restart(&f->peers);
	assert_null(peer(f, "n2")->ask);
	assert_false(announce_peers_known(&f->peers));
	assert_false(announce_peers_alive(&f->peers));
	assert_int_equal(announce_peers_up(&f->peers), 0);
	assert_int_equal(peer(f, "n2")->without, ANNOUNCE_WITH);
	/* It is asked at once. */
	tick(f, 0);
	assert_non_null(peer(f, "n2")->ask);
}

/* Of very many each is asked less often, and given as many chances. */
static void test_very_many(void **state)
{
	struct fixture *f = *state;
	char name[16], ip[32];
	int i;

	for (i = 10; i < 110; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		snprintf(ip, sizeof(ip), "192.0.2.%d", i);
		tell_node(f, name, ip, false);
	}
	assert_int_equal(announce_peers_period(&f->peers), 101 * ANNOUNCE_ASK_PACE_MS);
	heard(f, ANNOUNCE_ANSWER_WELL);
	tick(f, 0);
	assert_int_equal(peer(f, "n2")->next, clock_ms + 1010);
	tick(f, ANNOUNCE_DEAD_MS);
	assert_int_equal(announce_peers_grade(&f->peers, "n2"), ANNOUNCE_WELL);
	tick(f, 1010 * ANNOUNCE_DEAD_MS / ANNOUNCE_ASK_EACH_MS - ANNOUNCE_DEAD_MS);
	assert_int_equal(announce_peers_grade(&f->peers, "n2"), ANNOUNCE_GONE);
}

#define CASE(test)	cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_who_they_are),
		CASE(test_another_address),
		CASE(test_who_came_back),
		CASE(test_who_does_without_this_node),
		CASE(test_restart),
		CASE(test_very_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
