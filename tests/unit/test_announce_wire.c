// SPDX-License-Identifier: GPL-2.0
/* What goes over a LAN, on sockets that are real. */
#include "announce_wire.h"

#include "lan_help.h"
#include "log.h"

#include <stdarg.h>
#include <stdlib.h>
#include <setjmp.h>
#include <stdint.h>
#include <sys/resource.h>

#include <cmocka.h>

struct fixture {
	struct lan lan;
	struct event_base *base;
	struct announce_wire *wire;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	log_init(LOG_LEVEL_ERROR, stderr, LOG_FORMAT_TEXT);
	*state = f;
	if (!lan_open(&f->lan))
		return 0;
	f->base = event_base_new();
	assert_int_equal(announce_wire_open(&f->wire, f->base, NULL), 0);
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	announce_wire_close(f->wire);
	lan_close(&f->lan);
	if (f->base)
		event_base_free(f->base);
	free(f);
	return 0;
}

static struct ip_addr addr(const char *text)
{
	struct ip_addr a;

	assert_int_equal(ip_addr_parse(text, &a, NULL), 0);
	return a;
}

static void add(struct fixture *f, const char *text, bool said)
{
	struct ip_addr a = addr(text);

	announce_wire_add(f->wire, &a, &f->lan.link, said);
}

/* Turn the loop until the counter has n; not for longer than it takes. */
static bool comes_to(struct fixture *f, const uint64_t *counter, uint64_t n)
{
	const struct timeval tv = { .tv_usec = 20000 };
	int i;

	for (i = 0; i < 500 && *counter < n; i++) {
		event_base_loopexit(f->base, &tv);
		event_base_dispatch(f->base);
	}
	return *counter == n;
}

/* Frames that are sent in the turn that has just begun. */
static void turn(struct fixture *f)
{
	event_base_loop(f->base, EVLOOP_NONBLOCK);
}

static void test_who_has_come_says_so(void **state)
{
	struct fixture *f = *state;
	const struct announce_wire_counts *c;

	if (!f->wire)
		skip();
	c = announce_wire_counts(f->wire);
	add(f, "192.0.2.240", false);
	add(f, "fd70::240", false);
	assert_true(comes_to(f, &c->arp, 1));
	assert_true(comes_to(f, &c->na, 1));
	/* It was there before: nobody has to be told. */
	add(f, "192.0.2.241", true);
	add(f, "192.0.2.240", false);
	turn(f);
	assert_int_equal(c->arp, 1);
	assert_int_equal(c->failed, 0);
}

/* Another node may have said meanwhile that it has what this one kept. */
static void test_again(void **state)
{
	struct fixture *f = *state;
	const struct announce_wire_counts *c;

	if (!f->wire)
		skip();
	c = announce_wire_counts(f->wire);
	announce_wire_again(f->wire);
	turn(f);
	add(f, "192.0.2.240", true);
	add(f, "fd70::240", true);
	turn(f);
	assert_int_equal(c->arp + c->na, 0);
	announce_wire_again(f->wire);
	turn(f);
	assert_int_equal(c->arp, 1);
	assert_int_equal(c->na, 1);
	/* All of the rounds, from the first one on. */
	assert_true(comes_to(f, &c->arp, 2));
	announce_wire_again(f->wire);
	assert_true(comes_to(f, &c->arp, 2 + ANNOUNCE_ROUNDS));
	assert_int_equal(c->na, c->arp);
}

static void test_solicitations(void **state)
{
	struct ip_addr ours = addr("fd70::240"), other = addr("fd70::1:240");
	struct fixture *f = *state;
	const struct announce_wire_counts *c;

	if (!f->wire)
		skip();
	c = announce_wire_counts(f->wire);
	add(f, "fd70::240", true);
	lan_solicit(&f->lan, &other);	/* of the same group */
	lan_solicit(&f->lan, &ours);
	assert_true(comes_to(f, &c->answers, 1));
	announce_wire_del(f->wire, &ours, f->lan.link.index);
	add(f, "fd70::2:240", true);
	other = addr("fd70::2:240");
	lan_solicit(&f->lan, &ours);
	lan_solicit(&f->lan, &other);
	assert_true(comes_to(f, &c->answers, 2));
	assert_int_equal(c->failed, 0);
}

static void set_files(rlim_t n)
{
	struct rlimit r;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &r), 0);
	r.rlim_cur = n ? n : r.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &r), 0);
}

/* Nothing can be heard at first; whoever looks again later hears. */
static void test_a_group_is_joined_later(void **state)
{
	struct ip_addr ours = addr("fd70::240");
	struct fixture *f = *state;
	const struct announce_wire_counts *c;

	if (!f->wire)
		skip();
	c = announce_wire_counts(f->wire);
	log_init(LOG_LEVEL_ERROR, stderr, LOG_FORMAT_TEXT);
	set_files(3);
	add(f, "fd70::240", true);
	set_files(0);
	lan_solicit(&f->lan, &ours);
	turn(f);
	assert_int_equal(c->answers, 0);
	add(f, "fd70::240", true);
	lan_solicit(&f->lan, &ours);
	assert_true(comes_to(f, &c->answers, 1));
}

#define CASE(test)	cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_who_has_come_says_so),
		CASE(test_again),
		CASE(test_solicitations),
		CASE(test_a_group_is_joined_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
