// SPDX-License-Identifier: GPL-2.0
/*
 * Announcing as a whole, on a LAN, with routes and a table of nft that are real; the services'
 * kernel is a fake.
 */
#include "announce_priv.h"

#include "kernel_fake.h"
#include "lan_help.h"
#include "log.h"
#include "nft.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#define ADDRESS	"192.0.2.240"

struct fixture {
	struct lan lan;
	struct event_base *base;
	struct kernel *kernel;
	struct node *node;
	struct announce *a;
};

static int open_fake(struct kernel **out, void *ctx, struct err *e)
{
	struct fixture *f = ctx;

	(void)e;
	*out = f->kernel;
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

static void start(struct fixture *f, enum announce_mode mode)
{
	const struct announce_options o = { .mode = mode };
	const struct announce_config c = { .base = f->base, .node = f->node, .node_name = "n1",
					   .options = &o, .health_port = 10256 };
	struct err e = { "" };

	if (announce_open(&f->a, &c, &e))
		fail_msg("%s", e.text);
}

static void end(struct fixture *f)
{
	announce_close(f->a);
	f->a = NULL;
}

static void start_node(struct fixture *f)
{
	const struct node_config c = { .base = f->base, .node_name = "n1", .open = open_fake,
				       .open_ctx = f, .addresses = no_addresses };

	assert_int_equal(node_alloc(&f->node, &c, NULL), 0);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err e;

	log_init(LOG_LEVEL_ERROR, stderr, LOG_FORMAT_TEXT);
	*state = f;
	if (!lan_open(&f->lan) || announce_guard_prepare(&e))
		return 0;
	assert_int_equal(announce_guard_clear(&e), 0);
	f->base = event_base_new();
	f->kernel = kernel_fake_open();
	start_node(f);
	start(f, ANNOUNCE_LAYER2);
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	announce_close(f->a);
	if (f->base) {
		node_free(f->node);
		kernel_fake_free(f->kernel);
		event_base_free(f->base);
	}
	lan_close(&f->lan);
	free(f);
	return 0;
}

static json_t *service(void)
{
	json_t *o = json_pack("{s:s, s:s, s:{s:s, s:s, s:s}, s:{s:s, s:s, s:[s], s:[{s:i, s:s}]},"
			      " s:{s:{s:[{s:s}]}}}", "apiVersion", "v1", "kind", "Service",
			      "metadata", "name", "web", "namespace", "default", "uid", "u1",
			      "spec", "type", "LoadBalancer", "clusterIP", "10.96.0.9",
			      "clusterIPs", "10.96.0.9", "ports", "port", 80, "protocol", "TCP",
			      "status", "loadBalancer", "ingress", "ip", ADDRESS);

	assert_non_null(o);
	return o;
}

static void object(struct fixture *f, enum proxy_kind kind, json_t *o, bool deleted)
{
	node_object(f->node, kind, o, deleted);
	json_decref(o);
}

static void lists(struct fixture *f)
{
	enum proxy_kind kind;

	for (kind = PROXY_SERVICE; kind < PROXY_KINDS; kind++) {
		node_list_begin(f->node, kind);
		if (kind == PROXY_SERVICE)
			object(f, kind, service(), false);
		node_list_end(f->node, kind);
	}
}

/* Turn the loop until so many are announced; not for longer than it takes. */
static bool announces(struct fixture *f, size_t n)
{
	const struct timeval tv = { .tv_usec = 20000 };
	int i;

	for (i = 0; i < 500 && f->a->have.n != n; i++) {
		event_base_loopexit(f->base, &tv);
		event_base_dispatch(f->base);
	}
	return f->a->have.n == n;
}

static bool has_route(void)
{
	return !system("ip route show table local proto 92 | grep -q '^local " ADDRESS " '");
}

static void serve(struct fixture *f)
{
	node_start(f->node);
	lists(f);
	assert_true(announces(f, 1));
}

static void test_what_is_listed_and_served(void **state)
{
	struct fixture *f = *state;

	if (!f->a)
		skip();
	/* Without the kernel nobody is served; nor is anything known before the lists. */
	lists(f);
	event_base_loop(f->base, EVLOOP_NONBLOCK);
	assert_int_equal(f->a->have.n, 0);
	assert_string_equal(announce_header(f->a, NULL), "");
	node_start(f->node);
	assert_true(announces(f, 1));
	assert_true(has_route());
	assert_true(announce_guard_whole(false));
	assert_string_equal(announce_header(f->a, NULL), "Svcnat-Announce: layer2\r\n");
	object(f, PROXY_SERVICE, service(), true);
	assert_true(announces(f, 0));
	assert_false(has_route());
}

static void test_without_lists(void **state)
{
	struct fixture *f = *state;

	if (!f->a)
		skip();
	serve(f);
	end(f);
	assert_true(has_route());
	node_free(f->node);
	start_node(f);
	/* It is there, and nobody can have taken over: it is answered for at once. */
	start(f, ANNOUNCE_LAYER2);
	assert_int_equal(f->a->have.n, 1);
	serve(f);
	assert_true(has_route());
	/* No neighbour was told anything, for nothing is new. */
	assert_int_equal(announce_wire_counts(f->a->wire)->arp, 0);
}

static void test_no_more(void **state)
{
	const struct announce_options none = { .mode = ANNOUNCE_NONE };
	struct fixture *f = *state;

	if (!f->a)
		skip();
	serve(f);
	announce_set_options(f->a, &none, "n1", 10256, false);
	assert_int_equal(f->a->have.n, 0);
	assert_false(has_route());
	assert_false(announce_guard_there());
	end(f);
	start(f, ANNOUNCE_ROUTE);
	lists(f);
	assert_true(announces(f, 1));
	assert_true(has_route());
	end(f);
	/* Left by one that is not there any more. */
	start(f, ANNOUNCE_NONE);
	assert_false(has_route());
}

/* Somebody flushes all that nft has, and deletes the route. */
static void test_what_others_break(void **state)
{
	struct fixture *f = *state;
	int i;

	if (!f->a)
		skip();
	serve(f);
	assert_int_equal(nft_run("flush ruleset\n", "test", NULL), 0);
	lan_do("ip route del local " ADDRESS " table local");
	assert_false(announce_guard_there() || has_route());
	event_active(f->a->verify, EV_TIMEOUT, 0);
	for (i = 0; i < 500 && !has_route(); i++)
		event_base_loop(f->base, EVLOOP_ONCE);
	assert_true(has_route());
	assert_true(announce_guard_whole(false));
}

static const char *message(const struct fixture *f)
{
	static char text[512];
	json_t *o = json_object();
	const char *said;

	announce_status(f->a, o);
	said = json_string_value(json_object_get(json_object_get(o, "announce"), "message"));
	snprintf(text, sizeof(text), "%s", said ? said : "");
	json_decref(o);
	return text;
}

static void tell_node(struct fixture *f, const char *name, const char *ip)
{
	object(f, PROXY_NODE, json_pack("{s:{s:s}, s:{s:[{s:s, s:s}]}}", "metadata", "name", name,
					"status", "addresses", "type", "InternalIP", "address", ip),
	       false);
}

/* That another node leaves this one out is said when it lasts. */
static void test_left_out(void **state)
{
	struct fixture *f = *state;
	struct announce_known *k;
	int i;

	if (!f->a)
		skip();
	serve(f);
	tell_node(f, "n1", "192.0.2.1");
	tell_node(f, "n2", "192.0.2.2");
	for (i = 0; i < 500 && !f->a->peers.n; i++)
		event_base_loop(f->base, EVLOOP_ONCE);
	k = strmap_find(&f->a->peers.by_name, "n2");
	assert_non_null(k);
	announce_peer_heard(&k->state, ANNOUNCE_WITHOUT_WELL, announce_now());
	event_active(f->a->verify, EV_TIMEOUT, 0);
	event_base_loop(f->base, EVLOOP_NONBLOCK);
	assert_string_equal(message(f), "");
	k->state.without -= 2 * announce_hold_ms(f->a);
	event_active(f->a->verify, EV_TIMEOUT, 0);
	event_base_loop(f->base, EVLOOP_NONBLOCK);
	assert_non_null(strstr(message(f), "node n2 announces as if this node were not there"));
	k->state.without = 0;
	event_active(f->a->verify, EV_TIMEOUT, 0);
	event_base_loop(f->base, EVLOOP_NONBLOCK);
	assert_string_equal(message(f), "");
}

#define CASE(test)	cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_what_is_listed_and_served),
		CASE(test_without_lists),
		CASE(test_no_more),
		CASE(test_what_others_break),
		CASE(test_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
