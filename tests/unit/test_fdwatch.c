// SPDX-License-Identifier: GPL-2.0
/* A descriptor that fails does not keep the loop busy, and is used again when it is well. */
#include "fdwatch.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

struct broken {
	int fd;
	bool bad_open, bad_read;
	unsigned int opened, read, closed, reopened;
};

/* Readable for good. */
static int open_it(void *ctx, struct err *e)
{
	struct broken *b = ctx;

	b->opened++;
	if (b->bad_open)
		return err_set(e, EPERM, "not allowed");
	b->fd = eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC);
	assert_true(b->fd >= 0);
	return b->fd;
}

static int read_it(void *ctx, struct err *e)
{
	struct broken *b = ctx;
	eventfd_t value;

	b->read++;
	if (b->bad_read)
		return err_set(e, EIO, "broken");
	eventfd_read(b->fd, &value);
	return 0;
}

static void close_it(void *ctx)
{
	struct broken *b = ctx;

	b->closed++;
	close(b->fd);
}

static void note_reopened(void *ctx)
{
	struct broken *b = ctx;

	b->reopened++;
}

static const struct fdwatch_ops ops = {
	.trouble = "no news", .open = open_it, .read = read_it, .close = close_it,
	.reopened = note_reopened,
};

static void test_well(void **state)
{
	struct event_base *base = event_base_new();
	struct broken b = { .fd = -1 };
	struct fdwatch *w;

	(void)state;
	assert_int_equal(fdwatch_alloc(&w, base, &ops, &b), 0);
	event_base_loop(base, EVLOOP_ONCE);
	assert_null(fdwatch_trouble(w));
	assert_int_equal(b.read, 1);
	eventfd_write(b.fd, 1);
	event_base_loop(base, EVLOOP_ONCE);
	assert_int_equal(b.read, 2);
	fdwatch_free(w);
	assert_int_equal(b.opened, 1);
	assert_int_equal(b.closed, 1);
	assert_int_equal(b.reopened, 0);
	event_base_free(base);
}

/* Each turn of the loop is one try: it sleeps in between, and is not woken for nothing. */
static void test_broken(void **state)
{
	struct event_base *base = event_base_new();
	struct broken b = { .fd = -1, .bad_read = true };
	struct fdwatch *w;

	(void)state;
	assert_int_equal(fdwatch_alloc(&w, base, &ops, &b), 0);
	for (int i = 0; i < 5; i++)
		event_base_loop(base, EVLOOP_ONCE);
	/* Read, opened, read, opened, read. */
	assert_int_equal(b.read, 3);
	assert_int_equal(b.opened, 3);
	assert_int_equal(b.closed, 3);
	assert_string_equal(fdwatch_trouble(w), "no news: broken");
	b.bad_read = false;
	while (b.read < 4)
		event_base_loop(base, EVLOOP_ONCE);
	assert_null(fdwatch_trouble(w));
	assert_int_equal(b.reopened, 3);
	fdwatch_free(w);
	assert_int_equal(b.closed, 4);
	event_base_free(base);
}

static void test_cannot_be_opened(void **state)
{
	struct event_base *base = event_base_new();
	struct broken b = { .fd = -1, .bad_open = true };
	struct fdwatch *w;

	(void)state;
	assert_int_equal(fdwatch_alloc(&w, base, &ops, &b), 0);
	assert_string_equal(fdwatch_trouble(w), "no news: not allowed");
	event_base_loop(base, EVLOOP_ONCE);
	assert_int_equal(b.opened, 2);
	b.bad_open = false;
	event_base_loop(base, EVLOOP_ONCE);
	assert_null(fdwatch_trouble(w));
	assert_int_equal(b.reopened, 1);
	fdwatch_free(w);
	assert_int_equal(b.closed, 1);
	event_base_free(base);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_well), cmocka_unit_test(test_broken),
		cmocka_unit_test(test_cannot_be_opened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
