// SPDX-License-Identifier: GPL-2.0
/* What an API server was recorded to say, and what a follower makes of it. */
#include "remote_help.h"

#include <netinet/in.h>
#include <string.h>

/* --- watches that bring what they should */

/* EndpointSlices of all sorts come, change and go; an empty one has "endpoints": null. */
static void test_slices(void **state)
{
	static const struct replay_step steps[] = {
		NO_INITIAL,
		{ .request = SERVICES, .without = "watch=1", .reply = "list-services" },
		{ .request = SERVICES, .reply = NO_NEWS },
		{ .request = SLICES, .without = "watch=1", .reply = LIST("EndpointSlice", "210"),
		  .end = REPLAY_CUT },
		{ .request = "resourceVersion=210&", .reply = "watch-endpointslices" },
		{ .request = SLICES, .reply = NO_NEWS },
		OTHER_NODES,
	};
	struct remote_fixture *f = *state;

	SERVE(f, steps, 5000);
	remote_start(f);
	/* From its last bookmark on. */
	remote_expect_asked(f, SLICES "labelSelector=", 4);
	remote_expect_asked(f, "resourceVersion=643&", 1);
	remote_expect(f, "default/web", 3);
	remote_expect(f, "default/web-named", 3);	/* of two slices */
	remote_expect(f, "default/web-np:http", 3);
	remote_expect(f, "default/dual", 3);		/* and as many of IPv6 */
	remote_expect(f, "default/kubernetes:https", 0);	/* was there before 210 */
	assert_int_equal(replay_count(f->replay, "/endpointslices?"), 4);
	remote_expect_status(f, "EndpointSlice", true, NULL);
}

#define BAD	"[{\"metadata\":{\"name\":\"bad\",\"namespace\":\"default\"},\"spec\":{\"ports\":" \
		"[{\"protocol\":\"TCP\",\"port\":80,\"targetPort\":80}],\"clusterIP\":"          \
		"\"10.96.0.99\",\"clusterIPs\":[\"10.96.0.99\"],\"type\":\"ClusterIP\","         \
		"\"ipFamilies\":[\"IPv4\"]}}]"

/* Those that are deleted are gone, with endpoints and without; no other is. */
static void test_slices_are_deleted(void **state)
{
	static const struct replay_step steps[] = {
		NO_INITIAL,
		{ .request = SERVICES, .without = "watch=1",
		  .reply = LIST_OF("Service", "631", BAD), .end = REPLAY_CUT },
		{ .request = SERVICES, .reply = NO_NEWS },
		{ .request = SLICES, .without = "watch=1", .reply = "list-endpointslices" },
		HOLD(SLICES),
		{ .request = SLICES, .reply = "watch-endpointslices-deleted", .times = 1 },
		{ .request = SLICES, .reply = NO_NEWS },
		OTHER_NODES,
	};
	struct remote_fixture *f = *state;

	SERVE(f, steps, 700);
	remote_start(f);
	remote_expect(f, "default/bad", 3);
	replay_end(f->replay, SLICES);
	remote_expect(f, "default/bad", 0);
	remote_expect_asked(f, "resourceVersion=703&", 1);
	assert_int_equal(replay_count(f->replay, SLICES "labelSelector="), 5);
}

static bool is_near(void *ctx)
{
	struct remote_fixture *f = ctx;
	const struct kservice *s;
	unsigned int i, far = 0;

	s = kernel_fake_find(f->kernel, "default/near", AF_INET, IPPROTO_TCP);
	for (i = 0; s && i < s->nendpoints; i++)
		far += !s->endpoints[i].lists;
	return s && s->nendpoints == 3 && far == 1;
}

/* Of the Nodes that come the own one says in which zone we are; the others say nothing. */
static void test_nodes(void **state)
{
	static const struct replay_step steps[] = {
		NO_INITIAL,
		{ .request = NODES, .without = "watch=1", .reply = LIST("Node", "210"),
		  .end = REPLAY_CUT },
		{ .request = "resourceVersion=210&", .reply = "watch-nodes" },
		{ .request = SERVICES, .without = "watch=1", .reply = "list-services" },
		{ .request = SERVICES, .reply = NO_NEWS },
		OTHERS,
	};
	struct remote_fixture *f = *state;

	SERVE(f, steps, 900);
	remote_start(f);
	assert_true(http_wait(f->base, is_near, f));
	remote_expect_asked(f, "fieldSelector=metadata.name%3Dk8master1&watch=1&"
			    "allowWatchBookmarks=true&resourceVersion=652&", 1);
	remote_expect(f, "default/web", 3);
}

/* A service that leaves what was selected is deleted, with the labels that it had. */
static void test_leaves_the_selection(void **state)
{
	static const struct replay_step steps[] = {
		NO_INITIAL,
		{ .request = SERVICES, .without = "watch=1", .reply = "list-services" },
		HOLD(SERVICES),
		{ .request = SERVICES, .reply = "watch-services-labelselector", .times = 1 },
		{ .request = SERVICES, .reply = NO_NEWS },
		OTHERS,
	};
	struct remote_fixture *f = *state;

	SERVE(f, steps, 100);
	remote_start(f);
	remote_expect(f, "default/web", 3);
	replay_end(f->replay, SERVICES);
	remote_expect(f, "default/web", KERNEL_NONE);
	remote_expect(f, "default/web-np:http", 3);
	remote_expect_asked(f, "resourceVersion=646&", 1);
}

/* --- lists as a watch's initial events */

static void test_initial_slices(void **state)
{
	static const struct replay_step steps[] = {
		{ .request = SLICES, .reply = "watch-initialevents-rv0", .times = 1 },
		{ .request = SLICES, .reply = NO_NEWS },
		NO_INITIAL,
		{ .request = SERVICES, .without = "watch=1", .reply = "list-services" },
		{ .request = SERVICES, .reply = NO_NEWS },
		OTHERS,
	};
	struct remote_fixture *f = *state;

	SERVE(f, steps, 1000);
	remote_start(f);
	remote_expect(f, "default/web", 3);
	remote_expect(f, "default/kubernetes:https", 1);
	/* Goes on from the bookmark that ended them, and was never listed. */
	remote_expect_asked(f, SLICES "labelSelector=", 2);
	remote_expect_asked(f, "resourceVersion=643&", 1);
	assert_int_equal(replay_count(f->replay, "&limit=500"), 2);
	remote_expect_status(f, "EndpointSlice", true, NULL);
}

/*
 * One that has never heard of initial events sends what there is and then what
 * is new, and no bookmark in between: that is no list.
 */
static void test_initial_events_without_end(void **state)
{
	static const struct replay_step steps[] = {
		{ .request = SERVICES, .without = "&limit=", .reply = "watch-norv",
		  .only = 19000, .times = 1 },
		NO_INITIAL,
		{ .request = SERVICES, .without = "watch=1", .reply = "list-services" },
		{ .request = SERVICES, .reply = NO_NEWS },
		OTHERS,
	};
	struct remote_fixture *f = *state;

	f->config.initial_ms = 100;
	SERVE(f, steps, 10000);
	remote_start(f);
	remote_expect(f, "default/web", 3);
	remote_expect(f, "default/web-np:http", 3);
	remote_expect_asked(f, "resourceVersion=631&", 1);
	/* It is nothing to complain of. */
	assert_int_equal(remote_said(f, "following"), 0);
	remote_expect_status(f, "Service", true, NULL);
}

/* The same, if its body ends. */
static void test_initial_events_end_early(void **state)
{
	static const struct replay_step steps[] = {
		{ .request = SERVICES, .without = "&limit=", .reply = "watch-norv", .times = 1 },
		NO_INITIAL,
		{ .request = SERVICES, .without = "watch=1", .reply = "list-services" },
		{ .request = SERVICES, .reply = NO_NEWS },
		OTHERS,
	};
	struct remote_fixture *f = *state;

	SERVE(f, steps, 10000);
	remote_start(f);
	remote_expect(f, "default/web", 3);
	remote_expect_said(f, "ends the watch before its initial events are over");
	remote_expect_status(f, "Service", true, "before its initial events are over");
}

/* --- watches that bring nothing */

/* The time that was asked for is over: the next one, and no word about it. */
static void test_time_is_over(void **state)
{
	static const struct replay_step steps[] = {
		NO_INITIAL,
		{ .request = SERVICES, .without = "watch=1", .reply = "list-services" },
		{ .request = SERVICES, .reply = "watch-timeout5", .times = 3 },
		{ .request = SERVICES, .reply = NO_NEWS },
		OTHERS,
	};
	struct remote_fixture *f = *state;

	SERVE(f, steps, 1000);
	remote_start(f);
	remote_expect_asked(f, SERVICES "labelSelector=", 6);
	remote_expect(f, "default/web", 3);
	assert_int_equal(replay_count(f->replay, SERVICES), 6);
	assert_int_equal(remote_said(f, "following"), 0);
	remote_expect_status(f, "Service", true, NULL);
}

/*
 * The authority was put back to an earlier version than ours: it says nothing, in
 * one watch after the other. A list tells.
 */
static void test_version_of_the_future(void **state)
{
	static const struct replay_step steps[] = {
		NO_INITIAL,
		{ .request = SERVICES, .without = "watch=1", .end = REPLAY_CUT, .times = 1,
		  .reply = LIST_OF("Service", "99999999", BAD) },
		{ .request = "resourceVersion=99999999&", .reply = "watch-rv-future" },
		{ .request = SERVICES, .without = "watch=1", .reply = "list-services" },
		{ .request = SERVICES, .reply = NO_NEWS },
		OTHERS,
	};
	struct remote_fixture *f = *state;

	f->config.silence_ms = 1500;
	SERVE(f, steps, 5000);
	remote_start(f);
	/* Not at once: it may be that there are no news. */
	remote_expect_asked(f, "resourceVersion=99999999&", 2);
	assert_int_equal(replay_count(f->replay, SERVICES "labelSelector=") -
			 replay_count(f->replay, "resourceVersion=99999999&"), 2);
	remote_expect(f, "default/web", 3);
	remote_expect(f, "default/bad", KERNEL_NONE);
	remote_expect_asked(f, "watch=1&allowWatchBookmarks=true&resourceVersion=631&", 1);
}

/* --- watches that are refused */

/* reply is what Services are watched with, so many times, when all is in the kernel. */
static void serve_refusal(struct remote_fixture *f, struct replay_step *steps, const char *reply,
			  unsigned int times)
{
	const struct replay_step all[] = {
		NO_INITIAL,
		{ .request = SERVICES, .without = "watch=1", .reply = "list-services",
		  .times = 1 },
		HOLD(SERVICES),
		{ .request = SERVICES, .without = "&limit=", .reply = reply, .times = times },
		{ .request = SERVICES, .without = "watch=1", .reply = "list-services-empty" },
		{ .request = SERVICES, .reply = NO_NEWS },
		OTHERS,
	};

	memcpy(steps, all, sizeof(all));
	remote_serve(f, steps, sizeof(all) / sizeof(*all), 1000);
	remote_start(f);
	remote_expect(f, "default/web", 3);
	replay_end(f->replay, SERVICES);
}

/* Too old a version: a list, at once, and no word about it. */
static void gone(void **state, const char *reply)
{
	struct replay_step steps[16];
	struct remote_fixture *f = *state;

	serve_refusal(f, steps, reply, 1);
	remote_expect(f, "default/web", KERNEL_NONE);
	remote_expect(f, "default/kubernetes:https", 1);
	remote_expect_asked(f, "watch=1&allowWatchBookmarks=true&resourceVersion=210&", 1);
	assert_int_equal(replay_count(f->replay, "&limit=500"), 4);
	assert_int_equal(remote_said(f, "following"), 0);
	remote_expect_status(f, "Service", true, NULL);
}

static void test_too_old(void **state)
{
	gone(state, "watch-410-rv1");
}

static void test_too_old_before_it_begins(void **state)
{
	gone(state, "410-list-exact-compacted");
}

/* Only the type whose version is too old is listed anew. */
static void test_slices_too_old(void **state)
{
	static const struct replay_step steps[] = {
		NO_INITIAL,
		{ .request = SERVICES, .without = "watch=1", .reply = "list-services" },
		{ .request = SERVICES, .reply = NO_NEWS },
		{ .request = SLICES, .without = "watch=1", .reply = "list-endpointslices",
		  .times = 1 },
		{ .request = SLICES, .without = "watch=1", .reply = LIST("EndpointSlice", "900"),
		  .end = REPLAY_CUT },
		HOLD(SLICES),
		{ .request = SLICES, .reply = "watch-410-endpointslices", .times = 1 },
		{ .request = SLICES, .reply = NO_NEWS },
		OTHER_NODES,
	};
	struct remote_fixture *f = *state;

	SERVE(f, steps, 1000);
	remote_start(f);
	remote_expect(f, "default/web", 3);
	replay_end(f->replay, SLICES);
	remote_expect(f, "default/web", 0);
	remote_expect_asked(f, "resourceVersion=900&", 1);
	assert_int_equal(replay_count(f->replay, SERVICES), 3);
	assert_int_equal(remote_said(f, "following"), 0);
}

/* Nobody is let in by a list: the watch is asked for again, from where we are. */
static void kept_out(void **state, const char *reply, const char *said)
{
	struct replay_step steps[16];
	struct remote_fixture *f = *state;

	serve_refusal(f, steps, reply, 4);
	remote_expect_status(f, "Service", false, said);
	remote_expect_asked(f, SERVICES "labelSelector=", 8);
	remote_expect(f, "default/web", 3);
	remote_expect_status(f, "Service", true, said);
	assert_int_equal(replay_count(f->replay, "&limit=500"), 3);
	assert_int_equal(remote_said(f, said), 1);
}

static void test_may_not_watch(void **state)
{
	kept_out(state, "403-nobody-watch", "does not let us list and watch Services: services is "
		 "forbidden: User \"nobody\" cannot watch resource \"services\"");
}

static void test_may_not_watch_any_more(void **state)
{
	kept_out(state, "401-bad-token", "does not know us (401)");
}

static void test_watch_without_a_name(void **state)
{
	kept_out(state, "403-anonymous", "User \"system:anonymous\" cannot");
}

/* What is asked for makes no sense to it. Twice is no accident: list anew. */
static void makes_no_sense(void **state, const char *reply, const char *said)
{
	struct replay_step steps[16];
	struct remote_fixture *f = *state;

	serve_refusal(f, steps, reply, 2);
	remote_expect(f, "default/web", KERNEL_NONE);
	remote_expect_status(f, "Service", true, said);
	assert_int_equal(replay_count(f->replay, "&limit=500"), 4);
	remote_expect_asked(f, "watch=1&allowWatchBookmarks=true&resourceVersion=210&", 1);
	/* Two were refused, the next one goes on from the new list. */
	assert_int_equal(replay_count(f->replay, SERVICES "labelSelector="), 7);
	assert_int_equal(remote_said(f, said), 1);
}

static void test_garbage_for_a_version(void **state)
{
	makes_no_sense(state, "watch-rv-garbage",
		       "HTTP status 500: resourceVersion: Invalid value");
}

static void test_no_such_path(void **state)
{
	makes_no_sense(state, "get-unknown-path-404", "has no Services; is it older");
}

/* --- lists that are refused, or not whole */

/* Begins anew, and never asks with that token again. */
static void test_bad_continue(void **state)
{
	static const struct replay_step steps[] = {
		NO_INITIAL,
		{ .request = "&continue=", .reply = "page-bad-continue", .times = 1 },
		{ .request = "&continue=", .reply = "x-continue-after-compaction-served-from-cache",
		  .times = 1 },
		{ .request = "&continue=", .reply = "page-services-2", .times = 1 },
		{ .request = SERVICES, .without = "watch=1", .reply = "page-services-0",
		  .times = 2 },
		{ .request = SERVICES, .reply = NO_NEWS },
		OTHERS,
	};
	struct remote_fixture *f = *state;

	SERVE(f, steps, 1000);
	remote_start(f);
	remote_expect_said(f, "HTTP status 400: invalid continue token: continue key");
	assert_false(node_ready(f->node, NULL));
	remote_expect(f, "default/dns:dns-tcp", 2);
	remote_expect(f, "default/web-np:http", 3);
	remote_expect_status(f, "Service", true, "invalid continue token");
}

/* Killed in the middle of a list, when everything was known: nothing is gone for that. */
static void test_list_is_cut(void **state)
{
	static const struct replay_step steps[] = {
		NO_INITIAL,
		{ .request = SERVICES, .without = "watch=1", .reply = "list-services", .times = 1 },
		HOLD(SERVICES),
		{ .request = SERVICES, .without = "&limit=", .reply = "watch-410-services",
		  .times = 1 },
		{ .request = SERVICES, .without = "watch=1", .reply = "list-services",
		  .only = 9000, .end = REPLAY_CUT, .times = 2 },
		{ .request = SERVICES, .without = "watch=1", .reply = "list-services-empty" },
		{ .request = SERVICES, .reply = NO_NEWS },
		OTHERS,
	};
	struct remote_fixture *f = *state;

	SERVE(f, steps, 4000);
	remote_start(f);
	remote_expect(f, "default/web-np:http", 3);
	replay_end(f->replay, SERVICES);
	remote_expect_asked(f, "limit=500", 5);
	assert_non_null(kernel_fake_find(f->kernel, "default/web-np:http", AF_INET, IPPROTO_TCP));
	remote_expect(f, "default/web-np:http", KERNEL_NONE);
	remote_expect_status(f, "Service", true, "broke the connection off");
}

/* --- a list that is packed */

static void test_gzip(void **state)
{
	static const struct replay_step steps[] = {
		NO_INITIAL,
		{ .request = SERVICES, .without = "watch=1", .reply = "list-services-gzip" },
		{ .request = SERVICES, .reply = NO_NEWS },
		OTHERS,
	};
	struct remote_fixture *f = *state;

	SERVE(f, steps, 50);
	remote_start(f);
	remote_expect(f, "default/web-np:http", 3);
	remote_expect_asked(f, "resourceVersion=631&", 1);
	assert_int_equal(remote_said(f, "following"), 0);
}

/* Packed badly in two ways, then cut: nothing changes until a whole one comes. */
static void test_broken_gzip(void **state)
{
	static const struct replay_step steps[] = {
		NO_INITIAL,
		{ .request = SERVICES, .without = "watch=1", .reply = "list-services", .times = 1 },
		HOLD(SERVICES),
		{ .request = SERVICES, .without = "&limit=", .reply = "watch-410-services",
		  .times = 1 },
		{ .request = SERVICES, .without = "watch=1", .reply = "list-services-gzip",
		  .spoil = 393, .times = 1 },
		{ .request = SERVICES, .without = "watch=1", .reply = "list-services-gzip",
		  .spoil = 1500, .times = 1 },
		{ .request = SERVICES, .without = "watch=1", .reply = "list-services-gzip",
		  .only = 2000, .end = REPLAY_CUT, .times = 1 },
		{ .request = SERVICES, .without = "watch=1", .reply = "list-services-empty" },
		{ .request = SERVICES, .reply = NO_NEWS },
		OTHERS,
	};
	struct remote_fixture *f = *state;

	SERVE(f, steps, 100);
	remote_start(f);
	remote_expect(f, "default/web-np:http", 3);
	replay_end(f->replay, SERVICES);
	remote_expect_said(f, "content unencoding");
	remote_expect_said(f, "list is not JSON");
	remote_expect_said(f, "broke the connection off");
	assert_non_null(kernel_fake_find(f->kernel, "default/web-np:http", AF_INET, IPPROTO_TCP));
	remote_expect(f, "default/web-np:http", KERNEL_NONE);
	remote_expect(f, "default/kubernetes:https", 1);
	remote_expect_asked(f, SERVICES "labelSelector=", 9);
	assert_int_equal(replay_count(f->replay, "&limit=500"), 7);
}

#define CASE(test)	cmocka_unit_test_setup_teardown(test, remote_setup, remote_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_slices),
		CASE(test_slices_are_deleted),
		cmocka_unit_test_setup_teardown(test_nodes, remote_setup_master, remote_teardown),
		CASE(test_leaves_the_selection),
		CASE(test_initial_slices),
		CASE(test_initial_events_without_end),
		CASE(test_initial_events_end_early),
		CASE(test_time_is_over),
		CASE(test_version_of_the_future),
		CASE(test_too_old),
		CASE(test_too_old_before_it_begins),
		CASE(test_slices_too_old),
		CASE(test_may_not_watch),
		CASE(test_may_not_watch_any_more),
		CASE(test_watch_without_a_name),
		CASE(test_garbage_for_a_version),
		CASE(test_no_such_path),
		CASE(test_bad_continue),
		CASE(test_list_is_cut),
		CASE(test_gzip),
		CASE(test_broken_gzip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
