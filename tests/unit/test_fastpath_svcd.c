// SPDX-License-Identifier: GPL-2.0
/* When svcd keeps the fast path, when it deletes it, and what it says of it. */
#include "fastpath.h"

#include "err.h"
#include "lan_help.h"
#include "log.h"

#include <errno.h>
#include <linux/if_arp.h>
#include <sched.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

/* A system of a table, and one device or none. */
static struct {
	bool there, refuses;
	enum fastpath_keeper keeper;
	size_t devices, podranges;
	unsigned int made, cleared, links, routes, reads;
	uint64_t flows;
} sys;

static int fake_routes(struct nl_sock *sk, const struct kcidrs *pods, struct fastpath_routes *out,
		       struct err *e)
{
	(void)sk;
	(void)e;
	sys.routes++;
	sys.podranges = pods->n;
	out->known = true;
	return 0;
}

static int fake_links(struct nl_sock *sk, struct fastpath_links *out, struct err *e)
{
	(void)sk;
	(void)e;
	sys.links++;
	out->v = calloc(1, sizeof(*out->v));
	out->v[0] = (struct fastpath_link){ .index = 2, .name = "eth0", .up = true,
					    .type = ARPHRD_ETHER, .routed = true };
	out->n = 1;
	return 0;
}

static int fake_read(struct fastpath_table *out)
{
	sys.reads++;
	fastpath_table_clear(out);
	out->there = out->whole = sys.there;
	out->keeper = sys.there ? sys.keeper : FASTPATH_NOBODY;
	out->flows = sys.flows;
	return sys.there && sys.devices ? fastpath_names_add(&out->devices, "eth0") : 0;
}

static int refused(struct err *e)
{
	return sys.refuses ? err_set(e, EIO, "the table cannot be made: no") : 0;
}

static int fake_make(const struct fastpath_names *devices, enum fastpath_keeper keeper,
		     struct err *e)
{
	sys.made++;
	if (refused(e))
		return -EIO;
	sys.there = true;
	sys.keeper = keeper;
	sys.devices = devices->n;
	return 0;
}

static int fake_change(const struct fastpath_names *add, const struct fastpath_names *del,
		       struct err *e)
{
	sys.devices = sys.devices + add->n - del->n;
	return refused(e);
}

static int fake_clear(struct err *e)
{
	sys.cleared++;
	if (refused(e))
		return -EIO;
	sys.there = false;
	return 0;
}

static const struct fastpath_ops fake = {
	.links = fake_links, .routes = fake_routes, .read = fake_read, .make = fake_make,
	.change = fake_change, .clear = fake_clear,
};

struct env {
	struct event_base *base;
	struct fastpath *f;
	struct fastpath_options options;
	struct kcidrs pods;
	unsigned int verify_ms;
	const struct fastpath_ops *ops;	/* NULL: all of it is fake */
};

static void open_it(struct env *env, bool on)
{
	const struct fastpath_config c = {
		.base = env->base, .options = &env->options, .pods = &env->pods,
		.ops = env->ops ? env->ops : &fake, .verify_ms = env->verify_ms,
	};
	struct err e;

	env->options.on = on;
	assert_int_equal(fastpath_open(&env->f, &c, &e), 0);
}

static void set(struct env *env, bool on)
{
	env->options.on = on;
	fastpath_set(env->f, &env->options, &env->pods);
}

static void turn(struct env *env)
{
	event_base_loop(env->base, EVLOOP_ONCE);
}

static int setup(void **state)
{
	struct env *env = calloc(1, sizeof(*env));

	log_init(LOG_LEVEL_ERROR, stderr, LOG_FORMAT_TEXT);
	memset(&sys, 0, sizeof(sys));
	env->base = event_base_new();
	*state = env;
	return 0;
}

static int teardown(void **state)
{
	struct env *env = *state;

	fastpath_close(env->f);
	event_base_free(env->base);
	kcidrs_clear(&env->pods);
	free(env);
	return 0;
}

static json_t *status(struct env *env, bool ok)
{
	json_t *o = json_object(), *part;

	assert_int_equal(fastpath_status(env->f, o), ok);
	part = json_incref(json_object_get(o, "fastPath"));
	json_decref(o);
	return part;
}

static long long count(json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static char *metrics(struct env *env)
{
	struct evbuffer *out = evbuffer_new();
	char *text;

	fastpath_print(env->f, out);
	evbuffer_add(out, "", 1);
	text = strdup((char *)evbuffer_pullup(out, -1));
	evbuffer_free(out);
	return text;
}

static void test_on(void **state)
{
	struct env *env = *state;
	struct ip_cidr cidr;
	json_t *o;
	char *text;

	assert_int_equal(ip_cidr_parse("10.244.0.0/16", &cidr, NULL), 0);
	assert_int_equal(kcidrs_add(&env->pods, &cidr), 0);
	open_it(env, true);
	turn(env);
	assert_true(sys.there);
	assert_int_equal(sys.keeper, FASTPATH_SVCD);
	assert_int_equal(sys.devices, 1);
	assert_int_equal(sys.podranges, 1);
	o = status(env, true);
	assert_int_equal(count(o, "devices"), 1);
	assert_null(json_object_get(o, "message"));
	json_decref(o);
	text = metrics(env);
	assert_non_null(strstr(text, "\nsvcnat_fastpath_devices 1\n"));
	assert_non_null(strstr(text, "\nsvcnat_fastpath_changes_total 1\n"));
	assert_non_null(strstr(text, "\nsvcnat_fastpath_failures_total 0\n"));
	free(text);
	/* It outlives svcd. */
	fastpath_close(env->f);
	env->f = NULL;
	assert_true(sys.there);
	assert_int_equal(sys.cleared, 0);
}

/* What an earlier svcd has left is taken over, with its flows. */
static void test_again(void **state)
{
	struct env *env = *state;
	json_t *o;

	sys.there = true;
	sys.keeper = FASTPATH_SVCD;
	sys.flows = 7;
	open_it(env, true);
	turn(env);
	assert_int_equal(sys.made, 0);
	assert_int_equal(sys.devices, 1);
	o = status(env, true);
	assert_int_equal(count(o, "flows"), 7);
	json_decref(o);
}

static void test_off(void **state)
{
	struct env *env = *state;
	char *text;

	sys.there = true;
	sys.keeper = FASTPATH_SVCD;
	open_it(env, false);
	assert_false(sys.there);
	assert_null(status(env, true));
	text = metrics(env);
	assert_string_equal(text, "");
	free(text);
	set(env, true);
	turn(env);
	assert_true(sys.there);
	set(env, false);
	assert_false(sys.there);
	assert_null(status(env, true));
	/* There is none: nobody is asked. */
	set(env, false);
	assert_int_equal(sys.cleared, 2);
}

/* What somebody has made by hand is his. */
static void test_off_by_hand(void **state)
{
	struct env *env = *state;

	sys.there = true;
	sys.keeper = FASTPATH_SVCCTL;
	open_it(env, false);
	assert_true(sys.there);
	set(env, true);
	turn(env);
	assert_int_equal(sys.keeper, FASTPATH_SVCD);
	set(env, false);
	assert_false(sys.there);
}

static void test_refused(void **state)
{
	struct env *env = *state;
	const char *message;
	json_t *o;

	sys.refuses = true;
	open_it(env, true);
	turn(env);
	o = status(env, false);
	message = json_string_value(json_object_get(o, "message"));
	assert_string_equal(message, "fast path: the table cannot be made: no; it is tried again");
	assert_int_equal(count(o, "devices"), 0);
	json_decref(o);
	sys.refuses = false;
	set(env, true);
	turn(env);
	o = status(env, true);
	assert_int_equal(count(o, "devices"), 1);
	json_decref(o);
	/* Nor is it forgotten when it cannot be deleted. */
	sys.refuses = true;
	set(env, false);
	o = status(env, false);
	assert_non_null(o);
	json_decref(o);
	assert_true(sys.there);
	sys.refuses = false;
	set(env, false);
	assert_false(sys.there);
	assert_null(status(env, true));
}

/* In a network namespace of its own, where no device comes and goes. */
static bool alone;

static void turn_until(struct env *env, unsigned int reads)
{
	while (sys.reads < reads)
		turn(env);
}

/* The main table may be the whole Internet: to see whether all is in place, it is not read. */
static void test_looks(void **state)
{
	struct env *env = *state;
	struct ip_cidr cidr;

	if (!alone)
		skip();
	env->verify_ms = 1;
	open_it(env, true);
	turn_until(env, 20);
	assert_int_equal(sys.routes, 1);
	assert_int_equal(sys.links, 1);
	assert_int_equal(sys.made, 1);
	/* What has been flushed is made again all the same. */
	sys.there = false;
	turn_until(env, sys.reads + 1);
	assert_true(sys.there);
	assert_int_equal(sys.made, 2);
	assert_int_equal(sys.links, 1);
	/* The options are read again: they may name other devices. */
	set(env, true);
	turn_until(env, sys.reads + 2);
	assert_int_equal(sys.links, 2);
	assert_int_equal(sys.routes, 1);
	/* Pods are elsewhere. */
	assert_int_equal(ip_cidr_parse("10.244.0.0/16", &cidr, NULL), 0);
	assert_int_equal(kcidrs_add(&env->pods, &cidr), 0);
	set(env, true);
	turn_until(env, sys.reads + 2);
	assert_int_equal(sys.routes, 2);
	assert_int_equal(sys.podranges, 1);
}

/* What cannot be done is tried again at the next look, with the devices of then. */
static void test_looks_again(void **state)
{
	struct env *env = *state;

	env->verify_ms = 1;
	sys.refuses = true;
	open_it(env, true);
	turn_until(env, 10);
	assert_false(sys.there);
	assert_true(sys.links >= 10);
	sys.refuses = false;
	turn_until(env, sys.reads + 1);
	assert_true(sys.there);
	assert_int_equal(sys.routes, 1);
}

/* The kernel's devices and routes, and a table that is none. */
static const struct fastpath_ops half = {
	.links = fastpath_links_read, .routes = fastpath_routes_read, .read = fake_read,
	.make = fake_make, .change = fake_change, .clear = fake_clear,
};

/* Without a look: by the news alone. */
static void devices_after(struct env *env, const char *command, size_t n)
{
	const struct timeval patience = { .tv_sec = 20 };
	struct timeval now, end;

	lan_do(command);
	evutil_gettimeofday(&end, NULL);
	evutil_timeradd(&end, &patience, &end);
	while (sys.devices != n) {
		event_base_loop(env->base, EVLOOP_NONBLOCK);
		evutil_gettimeofday(&now, NULL);
		if (evutil_timercmp(&now, &end, >))
			fail_msg("%s: %zu devices", command, sys.devices);
	}
}

static void test_news(void **state)
{
	struct env *env = *state;
	struct ip_cidr cidr;
	struct lan lan;

	if (!lan_open(&lan))
		skip();
	env->verify_ms = 3600 * 1000;
	env->ops = &half;
	assert_int_equal(ip_cidr_parse("10.244.0.0/16", &cidr, NULL), 0);
	assert_int_equal(kcidrs_add(&env->pods, &cidr), 0);
	open_it(env, true);
	turn_until(env, 1);
	assert_int_equal(sys.made, 1);
	assert_int_equal(sys.devices, 0);
	devices_after(env, "ip route add default via 192.0.2.2 metric 500", 1);
	devices_after(env, "ip route del default", 0);
	devices_after(env, "ip -6 route add default via fd70::2", 1);
	devices_after(env, "ip -6 route del default", 0);
	devices_after(env, "ip nexthop add id 7 via 192.0.2.2 dev lan0 &&"
			   "ip route add 10.244.7.0/24 nhid 7", 1);
	devices_after(env, "ip nexthop del id 7", 0);
	devices_after(env, "ip route add 10.244.7.0/24 via 192.0.2.2", 1);
	devices_after(env, "ip addr del 192.0.2.1/24 dev lan0", 0);
	devices_after(env, "ip addr add 10.244.8.1/24 dev lan0", 1);
	devices_after(env, "ip link set lan0 down", 0);
	devices_after(env, "ip link set lan0 up", 1);
	lan_close(&lan);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_on),
		CASE(test_again),
		CASE(test_off),
		CASE(test_off_by_hand),
		CASE(test_refused),
		CASE(test_looks),
		CASE(test_looks_again),
		CASE(test_news),
	};

	alone = !unshare(CLONE_NEWNET) || !unshare(CLONE_NEWUSER | CLONE_NEWNET);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
