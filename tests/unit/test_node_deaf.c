// SPDX-License-Identifier: GPL-2.0
/* A node that does not hear what others do to the kernel: it says so, works, and hears again. */
#include "http_fixture.h"
#include "kernel_fake.h"
#include "node.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

struct fixture {
	struct event_base *base;
	struct kernel *k;
	const struct kernel_ops *fake;
	struct kernel_ops ops;		/* of k: the fake's, but for what is broken */
	struct node *node;
};

/* The events of every kernel: the functions know nothing of the fixture. */
static struct {
	const struct kernel_ops *fake;
	bool broken;
	unsigned int read;
} events;

static int read_broken(struct kernel *k, struct kevent *out, struct err *e)
{
	events.read++;
	return events.broken ? err_set(e, EIO, "the socket is broken") :
			       events.fake->events_read(k, out, e);
}

static int open_fake(struct kernel **out, void *ctx, struct err *e)
{
	struct fixture *f = ctx;

	(void)e;
	*out = f->k;
	return 0;
}

static int no_addresses(void *ctx, struct ip_addr **out, size_t *n, struct err *e)
{
	(void)ctx;
	(void)e;
	*n = 0;
	*out = calloc(1, sizeof(**out));
	return 0;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const struct node_config c = {
		.base = f->base = event_base_new(), .node_name = "n1", .open = open_fake,
		.open_ctx = f, .addresses = no_addresses,
	};

	f->k = kernel_fake_open();
	events.fake = f->k->ops;
	events.broken = false;
	events.read = 0;
	f->ops = *f->k->ops;
	f->ops.events_read = read_broken;
	f->k->ops = &f->ops;
	assert_int_equal(node_alloc(&f->node, &c, NULL), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	node_free(f->node);
	kernel_fake_free(f->k);
	event_base_free(f->base);
	free(f);
	return 0;
}

/* One Service is all that there is. */
static void start(struct fixture *f)
{
	json_t *service = json_pack("{s:{s:s, s:s}, s:{s:s, s:[s], s:[{s:i, s:s}]}}", "metadata",
				    "namespace", "default", "name", "a", "spec", "clusterIP",
				    "10.96.0.7", "clusterIPs", "10.96.0.7", "ports", "port", 80,
				    "protocol", "TCP");
	enum proxy_kind kind;

	assert_non_null(service);
	node_start(f->node);
	for (kind = 0; kind < PROXY_KINDS; kind++) {
		node_list_begin(f->node, kind);
		if (kind == PROXY_SERVICE)
			node_object(f->node, kind, service, false);
		node_list_end(f->node, kind);
	}
	json_decref(service);
}

static bool is_written(void *ctx)
{
	struct fixture *f = ctx;

	return kernel_fake_find(f->k, "default/a", AF_INET, IPPROTO_TCP);
}

static void expect_written(struct fixture *f)
{
	assert_true(http_wait(f->base, is_written, f));
}

static void delete_by_hand(struct fixture *f)
{
	assert_int_equal(f->k->ops->service_del(f->k, "default/a", AF_INET, IPPROTO_TCP, NULL, 0,
						NULL), 0);
}

/* "ok", and what is said of the events; "" when they are heard. */
static bool status(struct fixture *f, char message[256])
{
	json_t *s = node_status(f->node), *e = json_object_get(s, "events");
	const char *text = json_string_value(json_object_get(e, "message"));
	bool ok = json_is_true(json_object_get(s, "ok"));

	assert_int_equal(json_is_true(json_object_get(e, "heard")), !text);
	snprintf(message, 256, "%s", text ? text : "");
	json_decref(s);
	return ok;
}

static bool is_ok(void *ctx)
{
	char message[256];

	return status(ctx, message);
}

static bool is_deaf(void *ctx)
{
	return !is_ok(ctx);
}

#define NOT_HEARD "what others change in the kernel is not heard of, and not put right: "

static void test_cannot_be_opened(void **state)
{
	struct fixture *f = *state;
	char message[256];

	kernel_fake_fail(f->k, KERNEL_FAKE_EVENTS_OPEN, 1, EPERM);
	start(f);
	assert_false(status(f, message));
	assert_ptr_equal(strstr(message, NOT_HEARD), message);
	expect_written(f);
	/* What is done meanwhile is found as soon as that is possible. */
	delete_by_hand(f);
	expect_written(f);
	assert_true(http_wait(f->base, is_ok, f));
	assert_true(status(f, message));
	assert_string_equal(message, "");
}

/* What fails for long is read once each time that it is opened, not in each turn of the loop. */
static void test_broken(void **state)
{
	struct fixture *f = *state;
	unsigned int opened = 0;
	char message[256];

	events.broken = true;
	start(f);
	expect_written(f);
	while (opened < 4) {
		delete_by_hand(f);
		expect_written(f);
		/* Its own write is an event as well. */
		assert_true(http_wait(f->base, is_deaf, f));
		assert_false(status(f, message));
		assert_string_equal(message, NOT_HEARD "the socket is broken");
		opened = kernel_fake_calls(f->k, KERNEL_FAKE_EVENTS_OPEN);
	}
	assert_in_range(events.read, opened - 1, opened);
	events.broken = false;
	assert_true(http_wait(f->base, is_ok, f));
	delete_by_hand(f);
	expect_written(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_cannot_be_opened, setup, teardown),
		cmocka_unit_test_setup_teardown(test_broken, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
