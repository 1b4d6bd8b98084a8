// SPDX-License-Identifier: GPL-2.0
/* Where the default route leads, and which addresses are routers': as the kernel has it. */
#include "announce_links.h"

#include "err.h"
#include "lan_help.h"
#include "rtnl.h"

#include <stdarg.h>
#include <stdlib.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

struct fixture {
	struct lan lan;
	struct nl_sock *rt;
	struct announce_links links;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	*state = f;
	if (lan_open(&f->lan))
		assert_int_equal(rtnl_open(&f->rt, NULL, NULL), 0);
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	announce_links_clear(&f->links);
	rtnl_close(f->rt);
	lan_close(&f->lan);
	free(f);
	return 0;
}

static void look(struct fixture *f)
{
	struct err e = { "" };

	if (announce_links_read(f->rt, &f->links, &e))
		fail_msg("%s", e.text);
}

static bool is_router(const struct fixture *f, const char *text)
{
	struct ip_addr a;

	assert_int_equal(ip_addr_parse(text, &a, NULL), 0);
	return announce_links_gateway(&f->links, &a);
}

static void test_no_routes(void **state)
{
	struct fixture *f = *state;

	if (!f->rt)
		skip();
	look(f);
	assert_int_equal(f->links.ngateways, 0);
	assert_int_equal(f->links.defaults[0], 0);
	assert_int_equal(f->links.defaults[1], 0);
	assert_true(f->links.nlinks >= 1);
}

static void test_gateways(void **state)
{
	struct fixture *f = *state;

	if (!f->rt)
		skip();
	lan_do("ip route add default via 192.0.2.254 metric 20");
	lan_do("ip route add default via 192.0.2.253 dev lan0 metric 30 proto dhcp");
	lan_do("ip route add 10.9.0.0/16 via 192.0.2.252 proto static");
	lan_do("ip route add 10.7.0.0/16 proto static nexthop via 192.0.2.11 "
	       "nexthop via 192.0.2.12");
	lan_do("ip -6 route add default via fd70::fe proto ra");
	look(f);
	assert_int_equal(f->links.defaults[0], f->lan.link.index);
	assert_int_equal(f->links.defaults[1], f->lan.link.index);
	assert_true(is_router(f, "192.0.2.254"));
	assert_true(is_router(f, "192.0.2.253"));
	assert_true(is_router(f, "192.0.2.252"));
	assert_true(is_router(f, "192.0.2.11"));
	assert_true(is_router(f, "192.0.2.12"));
	assert_true(is_router(f, "fd70::fe"));
	assert_false(is_router(f, "192.0.2.1"));
	assert_int_equal(f->links.ngateways, 6);
	lan_do("ip route del 10.9.0.0/16");
	look(f);
	assert_false(is_router(f, "192.0.2.252"));
}

/* Of what a daemon has learned only where it all leads to; there may be a million of it. */
static void test_what_daemons_have_made(void **state)
{
	struct fixture *f = *state;

	if (!f->rt)
		skip();
	lan_do("ip route add 10.8.0.0/16 via 192.0.2.251 proto bird");
	lan_do("ip -6 route add fd08::/64 via fd70::fb proto 186");
	look(f);
	assert_int_equal(f->links.ngateways, 0);
	assert_int_equal(f->links.defaults[0], 0);
	lan_do("ip route add default via 192.0.2.250 proto bird");
	lan_do("ip -6 route add default proto 186 nexthop via fd70::fa nexthop via fd70::f9");
	look(f);
	assert_int_equal(f->links.defaults[0], f->lan.link.index);
	assert_int_equal(f->links.defaults[1], f->lan.link.index);
	assert_true(is_router(f, "192.0.2.250"));
	assert_true(is_router(f, "fd70::fa"));
	assert_true(is_router(f, "fd70::f9"));
	assert_int_equal(f->links.ngateways, 3);
	lan_do("ip route del default; ip -6 route del default");
	lan_do("ip route add 0.0.0.0/1 via 192.0.2.249 proto bird");
	lan_do("ip -6 route add 2000::/3 via fd70::f8 proto bird");
	look(f);
	assert_true(is_router(f, "192.0.2.249"));
	assert_true(is_router(f, "fd70::f8"));
	lan_do("ip route del 0.0.0.0/1; ip route add unreachable default proto bird");
	look(f);
	assert_int_equal(f->links.defaults[0], 0);
}

#define CASE(test)	cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_no_routes),
		CASE(test_gateways),
		CASE(test_what_daemons_have_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
