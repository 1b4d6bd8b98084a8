// SPDX-License-Identifier: GPL-2.0
/*
 * Where routes lead, as the kernel's news say it: always the same as what a look at all of them
 * says, or known to be unknown.
 */
#include "fastpath_routes.h"

#include "err.h"
#include "lan_help.h"
#include "rtnl.h"

#include <errno.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/socket.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

static struct kcidrs pods;

static void add_pods(const char *text)
{
	struct ip_cidr cidr;

	assert_int_equal(ip_cidr_parse(text, &cidr, NULL), 0);
	assert_int_equal(kcidrs_add(&pods, &cidr), 0);
}

/* --- which routes --- */

/* While they are not known, the answer is whether it is one of them. */
static bool concerns(int type, const char *to, unsigned char table, unsigned char kind)
{
	struct rtmsg m = { .rtm_table = table, .rtm_type = kind };
	struct fastpath_routes l = { 0 };
	struct ip_cidr cidr;
	struct nl_msg *msg;
	bool ret;

	assert_int_equal(ip_cidr_parse(to, &cidr, NULL), 0);
	m.rtm_family = cidr.addr.family;
	m.rtm_dst_len = cidr.prefix;
	msg = rtnl_message(type, 0, &m, sizeof(m));
	if (cidr.prefix)
		assert_int_equal(rtnl_put_addr(msg, RTA_DST, &cidr.addr), 0);
	ret = fastpath_routes_hear(&l, nlmsg_hdr(msg), &pods);
	assert_false(l.known);
	nlmsg_free(msg);
	return ret;
}
#define CONCERNS(to) concerns(RTM_NEWROUTE, to, RT_TABLE_MAIN, RTN_UNICAST)

static void test_which(void **state)
{
	(void)state;
	assert_true(CONCERNS("0.0.0.0/0"));
	assert_true(CONCERNS("::/0"));
	assert_true(CONCERNS("10.244.7.0/24"));
	assert_true(CONCERNS("10.244.7.9/32"));
	assert_true(CONCERNS("10.0.0.0/8"));
	assert_true(CONCERNS("fd44::/64"));
	assert_true(concerns(RTM_DELROUTE, "10.244.7.0/24", RT_TABLE_MAIN, RTN_UNICAST));
	assert_false(CONCERNS("10.245.0.0/16"));
	assert_false(CONCERNS("fd00::/16"));
	assert_false(concerns(RTM_NEWROUTE, "10.244.7.0/24", RT_TABLE_LOCAL, RTN_UNICAST));
	assert_false(concerns(RTM_NEWROUTE, "10.244.7.0/24", RT_TABLE_MAIN, RTN_BLACKHOLE));
	assert_false(concerns(RTM_NEWROUTE, "0.0.0.0/0", RT_TABLE_MAIN, RTN_UNREACHABLE));
}

/* Of no message more is believed than it has. */
static void test_cut(void **state)
{
	static const uint16_t types[] = {
		RTM_NEWROUTE, RTM_DELROUTE, RTM_NEWLINK, RTM_DELLINK, RTM_NEWADDR, RTM_DELADDR,
		RTM_NEWNEXTHOP, RTM_DELNEXTHOP, RTM_NEWNEIGH,
	};
	struct nlmsghdr *h = malloc(sizeof(*h));
	struct fastpath_routes l = { .known = true };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(types) / sizeof(*types); i++) {
		*h = (struct nlmsghdr){ .nlmsg_len = sizeof(*h), .nlmsg_type = types[i] };
		assert_false(fastpath_routes_hear(&l, h, &pods));
	}
	assert_true(l.known);
	assert_true(fastpath_routes_hear(&l, NULL, &pods));
	assert_false(l.known);
	free(h);
}

static void test_mark(void **state)
{
	struct fastpath_link v[] = { { .index = 2 }, { .index = 3 }, { .index = 9 } };
	struct fastpath_route r[] = {
		{ .hop.device = 9 }, { .hop.device = 2 }, { .hop.device = 7 }, { .hop.device = 9 },
	};
	struct fastpath_routes l = { .v = r, .n = 4 };
	struct fastpath_links links = { v, 3 };

	(void)state;
	fastpath_routes_mark(&l, &links);
	assert_true(v[0].routed);
	assert_false(v[1].routed);
	assert_true(v[2].routed);
}

/* --- as the kernel says it --- */

struct fixture {
	struct lan lan;
	struct nl_sock *rt, *news;
	struct fastpath_routes heard, read;
	unsigned int reads;		/* of all, because they were not known */
};

static int setup(void **state)
{
	static const int groups[] = {
		RTNLGRP_LINK, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_IFADDR,
		RTNLGRP_NEXTHOP, 0,
	};
	struct fixture *f = calloc(1, sizeof(*f));

	*state = f;
	if (lan_open(&f->lan)) {
		assert_int_equal(rtnl_open(&f->news, groups, NULL), 0);
		assert_int_equal(rtnl_open(&f->rt, NULL, NULL), 0);
	}
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	fastpath_routes_clear(&f->heard);
	fastpath_routes_clear(&f->read);
	rtnl_close(f->rt);
	rtnl_close(f->news);
	lan_close(&f->lan);
	free(f);
	return 0;
}

/* "10.244.1.0/24 0 0 dev 2 via 192.0.2.9 ..." */
static char *text_of(const struct fastpath_routes *l)
{
	char *text = NULL, to[INET6_ADDRSTRLEN + 4], via[INET6_ADDRSTRLEN];
	const struct fastpath_route *r;
	size_t size, i;
	FILE *out = open_memstream(&text, &size);

	for (i = 0; i < l->n; i++) {
		r = &l->v[i];
		fprintf(out, "%s metric %u tos %u dev %d nhid %u", ip_cidr_print(&r->to, to),
			r->metric, r->tos, r->hop.device, r->nexthop);
		if (r->hop.gateway.family)
			fprintf(out, " via %s", ip_addr_print(&r->hop.gateway, via));
		fputs("\n", out);
	}
	fclose(out);
	return text;
}

static void on_message(const struct nlmsghdr *h, void *ctx)
{
	struct fixture *f = ctx;

	fastpath_routes_hear(&f->heard, h, &pods);
}

static bool hear(struct fixture *f)
{
	struct err e = { "" };
	int ret = rtnl_hear(f->news, on_message, f, &e);

	if (ret < 0)
		fail_msg("%s", e.text);
	return ret;
}

static void read_all(struct fixture *f, struct fastpath_routes *out)
{
	struct err e = { "" };

	if (fastpath_routes_read(f->rt, &pods, out, &e))
		fail_msg("%s", e.text);
}

static void fail_after(const char *what, const char *heard, const char *read)
{
	/* It is more than fail_msg() takes. */
	print_error("after %s this is heard:\n", what);
	print_error("%s", heard);
	print_error("not this:\n");
	print_error("%s", read);
	fail();
}

/* How many hops there are; after says what was done. */
static size_t same(struct fixture *f, const char *after)
{
	char *heard, *read;

	/* The kernel does some things a little later. */
	hear(f);
	do {
		if (!f->heard.known) {
			f->reads++;
			read_all(f, &f->heard);
		}
		read_all(f, &f->read);
	} while (hear(f));
	heard = text_of(&f->heard);
	read = text_of(&f->read);
	if (strcmp(heard, read))
		fail_after(after, heard, read);
	free(heard);
	free(read);
	return f->heard.n;
}

/* Two more devices, d1 and d2: dN with 192.0.2N.1/24 and fd7N::1/64. */
static void make_devices(void)
{
	lan_do("for n in 1 2; do "
	       "ip link add d$n type veth peer name e$n && ip link set e$n up && "
	       "ip link set d$n up && ip addr add 192.0.2$n.1/24 dev d$n && "
	       "ip addr add fd7$n::1/64 dev d$n nodad || exit 1; done");
}

static bool begin(struct fixture *f)
{
	if (!f->rt)
		return false;
	make_devices();
	lan_do("ip addr add 10.244.0.1/24 dev lan0; ip addr add fd44::1/64 dev lan0 nodad");
	f->heard.known = false;
	same(f, "the beginning");
	f->reads = 0;
	return true;
}

static const struct {
	const char *command;
	size_t n;			/* hops there are then */
	bool again;			/* all has to be read for it */
} step_table[] = {
	{ "ip route add default via 192.0.21.9", 3, false },
	{ "ip route add 198.51.100.0/24 via 192.0.21.9", 3, false },
	{ "ip route add default via 192.0.22.9 metric 7", 4, false },
	{ "ip route replace default via 192.0.22.8 metric 7", 4, false },
	{ "ip route del default metric 7", 3, false },
	{ "ip route add 10.244.7.0/24 via 192.0.21.9 proto bird", 4, false },
	{ "ip route append 10.244.7.0/24 via 192.0.22.9 proto bird", 5, false },
	/* It is not said which one. */
	{ "ip route replace 10.244.7.0/24 via 192.0.22.7", 5, true },
	{ "ip route del 10.244.7.0/24 via 192.0.22.7", 4, false },
	{ "ip route del 10.244.7.0/24", 3, false },
	{ "ip route replace default nexthop via 192.0.21.9 nexthop via 192.0.22.9", 4, false },
	{ "ip link set d2 down", 4, true },
	{ "ip link set d2 up", 4, false },
	{ "ip -4 route replace default via inet6 fd71::9 dev d1", 3, true },
	/* Nobody is told of the route. */
	{ "ip link set d1 down", 2, false },
	{ "ip link set d1 up", 2, false },
	{ "ip route add default via 192.0.21.9 src 192.0.22.1", 3, false },
	{ "ip addr del 192.0.22.1/24 dev d2", 2, true },
	{ "ip addr add 192.0.22.1/24 dev d2", 2, false },
	{ "ip route add default via 192.0.22.9", 3, false },
	{ "ip addr del 192.0.22.1/24 dev d2", 2, true },
	{ "ip addr add 192.0.22.1/24 dev d2", 2, false },
	/* IPv6: one hop may go alone. */
	{ "ip -6 addr replace fd71::1/64 dev d1 nodad; "
	  "ip -6 addr replace fd72::1/64 dev d2 nodad", 2, false },
	{ "ip -6 route add default nexthop via fd71::9 nexthop via fd71::8 nexthop via fd72::9",
	  5, false },
	{ "ip -6 route del default via fd71::8", 4, false },
	/* All hops are told of again, as if there were two of each. */
	{ "ip -6 route append default via fd71::7", 5, false },
	{ "ip -6 route add fd44:0:1::/64 dev d2 metric 9", 6, false },
	{ "ip -6 route replace fd44:0:1::/64 dev d1 metric 9", 6, false },
	{ "ip -6 route del default", 3, true },
	/* Objects that routes stand for. */
	{ "ip nexthop add id 1 via 192.0.21.9 dev d1", 3, false },
	{ "ip nexthop add id 2 via 192.0.22.9 dev d2", 3, false },
	{ "ip route add 10.244.8.0/24 nhid 1", 4, false },
	{ "ip nexthop replace id 1 via 192.0.21.8 dev d1", 4, true },
	{ "ip nexthop del id 2", 4, false },
	{ "ip nexthop del id 1", 3, true },
	/* What the route leads to goes. */
	{ "ip route add 10.244.9.0/24 dev d1", 4, false },
	{ "ip route add 10.244.10.0/24 dev d2", 5, false },
	{ "ip link del d1", 3, false },
	{ "ip link del d2", 2, false },
	{ "ip link del lan0", 0, false },
};

static void test_steps(void **state)
{
	struct fixture *f = *state;
	const char *command;
	size_t i, n;

	if (!begin(f))
		skip();
	for (i = 0; i < sizeof(step_table) / sizeof(*step_table); i++) {
		command = step_table[i].command;
		f->reads = 0;
		lan_do(command);
		n = same(f, command);
		if (n != step_table[i].n || f->reads != step_table[i].again)
			fail_msg("%s: %zu hops, read %u times", command, n, f->reads);
	}
}

/* --- whatever is done --- */

static unsigned int number(unsigned int below)
{
	return (unsigned int)random() % below;
}

static const char *one_of(const char *const *v, size_t n)
{
	return v[number((unsigned int)n)];
}
#define ONE_OF(...) \
	one_of((const char *const[]){ __VA_ARGS__ }, \
	       sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static void random_v4(char *out, size_t size)
{
	snprintf(out, size, "ip route %s %s%s %s",
		 ONE_OF("add", "add", "append", "prepend", "replace", "replace", "del", "del"),
		 ONE_OF("default", "10.244.1.0/24", "10.244.2.0/24", "10.0.0.0/8",
			"198.51.100.0/24"),
		 ONE_OF("", "", "", " tos 0x10"),
		 ONE_OF("via 192.0.21.9", "via 192.0.21.8", "via 192.0.22.9", "dev d1", "dev d2",
			"via 192.0.22.9 src 192.0.21.1", "via 192.0.21.9 metric 7",
			"via 192.0.22.9 metric 7", "nhid 1", "nhid 9",
			"nexthop via 192.0.21.9 nexthop via 192.0.22.9",
			"nexthop via 192.0.21.9 nexthop via 192.0.21.8"));
}

/*
 * Those of one metric to one place are all by gateways, by devices or by objects: where they are
 * mixed, the kernel (6.18) does not tell of all of them when it is asked.
 */
static void random_v6(char *out, size_t size)
{
	const char *where = ONE_OF("dev", "nhid", "via", "via", "via", "via");

	snprintf(out, size, "ip -6 route %s %s",
		 ONE_OF("add", "add", "append", "append", "replace", "replace", "del", "del"),
		 *where == 'd' ? ONE_OF("fd44:0:3::/64 dev d1", "fd44:0:3::/64 dev d2") :
		 *where == 'n' ? "fd44:0:4::/64 nhid 2" :
				 ONE_OF("default ", "default ", "fd44:0:1::/64 ",
					"fd44:0:2::/64 ", "fd45::/64 "));
	if (*where == 'v')
		strncat(out, ONE_OF("via fd71::9", "via fd71::8", "via fd72::9",
				    "via fd71::9 metric 7", "via fd72::9 metric 7",
				    "nexthop via fd71::9 nexthop via fd72::9",
				    "nexthop via fd71::9 nexthop via fd71::8"),
			size - strlen(out) - 1);
}

static void random_else(char *out, size_t size)
{
	snprintf(out, size, "%s",
		 ONE_OF("ip link set d1 down", "ip link set d2 down", "ip link del d1",
			"ip addr del 192.0.21.1/24 dev d1", "ip addr del 192.0.22.1/24 dev d2",
			"ip addr add 192.0.23.1/24 dev d2", "ip addr del 192.0.23.1/24 dev d2",
			"ip nexthop add id 1 via 192.0.21.9 dev d1",
			"ip nexthop replace id 1 via 192.0.22.9 dev d2",
			"ip nexthop replace id 2 via fd71::9 dev d1", "ip nexthop del id 1",
			"ip nexthop add id 8 via 192.0.21.7 dev d1",
			"ip nexthop replace id 9 group 1/8", "ip nexthop del id 8"));
}

/* What may have gone is there again, if it can be. */
static void mend(void)
{
	int ret = system("{ ip link add d1 type veth peer name e1; ip link set e1 up;"
			 "ip link set d1 up; ip link set d2 up;"
			 "ip addr add 192.0.21.1/24 dev d1; ip addr add 192.0.22.1/24 dev d2;"
			 "ip addr add fd71::1/64 dev d1 nodad; ip addr add fd72::1/64 dev d2 nodad;"
			 "} 2>/dev/null");

	(void)ret;
}

/* Many of them are refused. */
static void test_random(void **state)
{
	struct fixture *f = *state;
	const char *text = getenv("SEED");
	unsigned int seed = text ? (unsigned int)atoi(text) : 1, i;
	char command[256], run[300];

	if (!begin(f))
		skip();
	srandom(seed);
	for (i = 0; i < 200; i++) {
		if (i % 10 == 9)
			random_else(command, sizeof(command));
		else if (number(2))
			random_v4(command, sizeof(command));
		else
			random_v6(command, sizeof(command));
		snprintf(run, sizeof(run), "%s 2>/dev/null", command);
		if (system(run) < 0)
			fail_msg("%s", command);
		same(f, command);
		if (i % 10 == 9) {
			mend();
			same(f, "all was mended");
		}
	}
	/* Most of it without reading. */
	assert_in_range(f->reads, 1, 100);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_which),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_mark),
		CASE(test_steps),
		CASE(test_random),
	};
	int ret;

	add_pods("10.244.0.0/16");
	add_pods("fd44::/32");
	ret = cmocka_run_group_tests(tests, NULL, NULL);
	kcidrs_clear(&pods);
	return ret;
}
