// SPDX-License-Identifier: GPL-2.0
/* Who listens hears what the proxy hears; who comes later is told what there is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kernel_fake.h"
#include "node.h"
#include "node_listen.h"
#include "proxy_serves.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fixture {
	struct event_base *base;
	struct kernel *kernel;
	struct node *node;
};

struct ear {
	struct node_listener l;
	char text[512];
};

static const char kind_letters[PROXY_KINDS + 1] = "SEN";

static void hear(struct ear *ear, const char *fmt, ...)
{
	size_t n = strlen(ear->text);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(ear->text + n, sizeof(ear->text) - n, fmt, ap);
	va_end(ap);
}

static void on_begin(void *ctx, enum proxy_kind kind)
{
	hear(ctx, "%c( ", kind_letters[kind]);
}

static void on_end(void *ctx, enum proxy_kind kind)
{
	hear(ctx, ")%c ", kind_letters[kind]);
}

static void on_void(void *ctx)
{
	hear(ctx, "void ");
}

static void on_object(void *ctx, enum proxy_kind kind, const json_t *object, bool deleted)
{
	hear(ctx, "%s%c:%s ", deleted ? "-" : "", kind_letters[kind],
	     json_string_value(json_object_get(json_object_get(object, "metadata"), "name")));
}

static const struct node_listener_ops ops = {
	.list_begin = on_begin, .object = on_object, .list_end = on_end, .lists_void = on_void,
};

static void on_writes(void *ctx)
{
	hear(ctx, "writes ");
}

static void on_wrote(void *ctx)
{
	hear(ctx, "wrote ");
}

static const struct node_listener_ops all_ops = {
	.list_begin = on_begin, .object = on_object, .list_end = on_end, .lists_void = on_void,
	.writes = on_writes, .wrote = on_wrote,
};

static void listen_to(struct fixture *f, struct ear *ear)
{
	*ear = (struct ear){ .l = { .ops = &ops, .ctx = ear } };
	node_listen(f->node, &ear->l);
}

/* What was heard since the last call. */
#define assert_heard(ear, what)	do {			\
		assert_string_equal((ear)->text, what);	\
		(ear)->text[0] = '\0';			\
	} while (0)

static void tell(struct fixture *f, enum proxy_kind kind, const char *name, bool deleted)
{
	json_t *o = json_pack("{s:{s:s, s:s, s:{s:s}}, s:{}, s:[]}", "metadata", "namespace", "ns",
			      "name", name, "labels", "kubernetes.io/service-name", "a", "spec",
			      "endpoints");

	/* Not for the proxy. */
	if (strstr(name, "headless"))
		json_object_set_new(json_object_get(json_object_get(o, "metadata"), "labels"),
				    "service.kubernetes.io/headless", json_string(""));

	node_object(f->node, kind, o, deleted);
	json_decref(o);
}

static int open_fake(struct kernel **out, void *ctx, struct err *e)
{
	struct fixture *f = ctx;

	(void)e;
	*out = f->kernel;
	return 0;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct node_config c = { .node_name = "n1", .open = open_fake, .open_ctx = f };

	f->base = event_base_new();
	f->kernel = kernel_fake_open();
	c.base = f->base;
	assert_int_equal(node_alloc(&f->node, &c, NULL), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	node_free(f->node);
	kernel_fake_free(f->kernel);
	event_base_free(f->base);
	free(f);
	return 0;
}

static json_t *service(void)
{
	return json_pack("{s:{s:s, s:s}, s:{s:s, s:s, s:[{s:i, s:s}]}, s:{s:{s:[{s:s}]}}}",
			 "metadata", "namespace", "ns", "name", "a", "spec", "type",
			 "LoadBalancer", "clusterIP", "10.96.0.1", "ports", "port", 80, "protocol",
			 "TCP", "status", "loadBalancer", "ingress", "ip", "192.0.2.240");
}

/* What the kernel holds is known from before the one to after the other. */
static void test_writing_is_heard(void **state)
{
	struct ip_addr addr, other;
	struct fixture *f = *state;
	struct ear ear = { .l = { .ops = &all_ops, .ctx = &ear } };
	enum proxy_kind kind;
	json_t *o = service();

	assert_int_equal(ip_addr_parse("192.0.2.240", &addr, NULL), 0);
	assert_int_equal(ip_addr_parse("192.0.2.241", &other, NULL), 0);
	node_start(f->node);
	node_listen(f->node, &ear.l);
	for (kind = PROXY_SERVICE; kind < PROXY_KINDS; kind++) {
		node_list_begin(f->node, kind);
		if (kind == PROXY_SERVICE)
			node_object(f->node, kind, o, false);
		node_list_end(f->node, kind);
	}
	ear.text[0] = '\0';
	assert_false(proxy_serves(node_proxy(f->node), "ns/a", &addr));
	node_run(f->node);
	assert_heard(&ear, "writes wrote ");
	assert_true(proxy_serves(node_proxy(f->node), "ns/a", &addr));
	assert_false(proxy_serves(node_proxy(f->node), "ns/a", &other));
	assert_false(proxy_serves(node_proxy(f->node), "ns/b", &addr));
	node_object(f->node, PROXY_SERVICE, o, true);
	ear.text[0] = '\0';
	node_run(f->node);
	assert_heard(&ear, "writes wrote ");
	assert_false(proxy_serves(node_proxy(f->node), "ns/a", &addr));
	node_unlisten(f->node, &ear.l);
	json_decref(o);
}

static void test_all_is_heard(void **state)
{
	struct fixture *f = *state;
	struct ear one, two;

	listen_to(f, &one);
	assert_heard(&one, "S( E( N( ");
	listen_to(f, &two);
	node_list_begin(f->node, PROXY_SERVICE);
	tell(f, PROXY_SERVICE, "a", false);
	node_list_end(f->node, PROXY_SERVICE);
	tell(f, PROXY_SLICE, "a-x", false);
	/* Not the own one alone. */
	tell(f, PROXY_NODE, "n2", false);
	tell(f, PROXY_NODE, "n2", true);
	node_lists_void(f->node);
	assert_heard(&one, "S( S:a )S E:a-x N:n2 -N:n2 void ");
	assert_heard(&two, "S( E( N( S( S:a )S E:a-x N:n2 -N:n2 void ");
	node_unlisten(f->node, &one.l);
	tell(f, PROXY_SERVICE, "b", false);
	assert_heard(&one, "");
	assert_heard(&two, "S:b ");
	node_unlisten(f->node, &two.l);
}

static void tell_list(struct fixture *f, enum proxy_kind kind, const char *name)
{
	node_list_begin(f->node, kind);
	tell(f, kind, name, false);
	node_list_end(f->node, kind);
}

static void test_who_comes_later(void **state)
{
	struct fixture *f = *state;
	struct ear ear;

	tell_list(f, PROXY_SERVICE, "a");
	tell_list(f, PROXY_SERVICE, "b");
	tell_list(f, PROXY_SLICE, "headless-x");
	tell_list(f, PROXY_SLICE, "b-x");
	tell(f, PROXY_SLICE, "headless-y", false);
	tell_list(f, PROXY_NODE, "n1");
	tell_list(f, PROXY_NODE, "n2");
	tell(f, PROXY_NODE, "n3", false);
	listen_to(f, &ear);
	assert_heard(&ear, "S( S:b )S E( E:b-x E:headless-y )E N( N:n2 N:n3 )N ");
	node_unlisten(f->node, &ear.l);
	tell(f, PROXY_SERVICE, "b", true);
	tell(f, PROXY_SLICE, "b-x", true);
	tell(f, PROXY_SLICE, "headless-y", true);
	tell(f, PROXY_NODE, "n2", true);
	tell(f, PROXY_NODE, "n3", false);
	listen_to(f, &ear);
	assert_heard(&ear, "S( )S E( )E N( N:n3 )N ");
	node_unlisten(f->node, &ear.l);
}

/* What the list does not name goes at its end, for who came in the middle of it as well. */
static void test_in_the_middle_of_a_list(void **state)
{
	struct fixture *f = *state;
	struct ear ear;

	tell_list(f, PROXY_SERVICE, "old");
	tell_list(f, PROXY_NODE, "old");
	node_list_begin(f->node, PROXY_SERVICE);
	node_list_begin(f->node, PROXY_NODE);
	tell(f, PROXY_SERVICE, "new", false);
	tell(f, PROXY_NODE, "new", false);
	listen_to(f, &ear);
	assert_heard(&ear, "S( S:old S:new )S S( S:new E( N( N:old N:new )N N( N:new ");
	node_list_end(f->node, PROXY_SERVICE);
	node_list_end(f->node, PROXY_NODE);
	assert_heard(&ear, ")S )N ");
	node_unlisten(f->node, &ear.l);
}

/* The lists come from elsewhere now: what is known is not complete. */
static void test_void(void **state)
{
	struct fixture *f = *state;
	struct ear ear;

	tell_list(f, PROXY_SERVICE, "a");
	tell_list(f, PROXY_NODE, "n1");
	node_list_begin(f->node, PROXY_SLICE);
	node_lists_void(f->node);
	listen_to(f, &ear);
	assert_heard(&ear, "S( S:a E( N( N:n1 ");
	node_unlisten(f->node, &ear.l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_all_is_heard, setup, teardown),
		cmocka_unit_test_setup_teardown(test_writing_is_heard, setup, teardown),
		cmocka_unit_test_setup_teardown(test_who_comes_later, setup, teardown),
		cmocka_unit_test_setup_teardown(test_in_the_middle_of_a_list, setup, teardown),
		cmocka_unit_test_setup_teardown(test_void, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
