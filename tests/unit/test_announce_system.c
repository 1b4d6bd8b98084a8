// SPDX-License-Identifier: GPL-2.0
/* What is done to the system: where, by which routes, and by which commands of nft. */
#include "announce_arp.h"
#include "announce_guard.h"
#include "announce_links.h"
#include "announce_routes.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct ip_addr addr(const char *text)
{
	struct ip_addr a;

	assert_int_equal(ip_addr_parse(text, &a, NULL), 0);
	return a;
}

/* --- where --- */

static struct announce_link links[] = {
	{ .index = 2, .name = "eth0" },
	{ .index = 3, .name = "eth1" },
	{ .index = 4, .name = "br0" },
};

/* The tunnel 9 is no link that frames go over. */
static struct announce_links lan(void)
{
	static struct announce_prefix p[6];

	p[0] = (struct announce_prefix){ .index = 9, .addr = addr("10.9.9.9"), .len = 32 };
	p[1] = (struct announce_prefix){ .index = 2, .addr = addr("192.168.56.1"), .len = 24 };
	p[2] = (struct announce_prefix){ .index = 3, .addr = addr("10.1.0.1"), .len = 16 };
	p[3] = (struct announce_prefix){ .index = 4, .addr = addr("192.168.56.2"), .len = 24 };
	p[4] = (struct announce_prefix){ .index = 2, .addr = addr("fd00::1"), .len = 64 };
	p[5] = (struct announce_prefix){ .index = 3, .addr = addr("fd00:7::1"), .len = 64,
						 .unusable = true };
	return (struct announce_links){ links, 3, p, 6, { 3, 2 }, NULL, 0 };
}

/* The names of the links, with a space behind each. */
static const char *on(const struct announce_options *o, const char *text)
{
	const struct announce_link *v[ANNOUNCE_ON_MAX];
	struct announce_links l = lan();
	struct ip_addr a = addr(text);
	static char names[128];
	size_t i, n = announce_links_for(&l, o, &a, v);

	names[0] = '\0';
	for (i = 0; i < n; i++)
		strcat(strcat(names, v[i]->name), " ");
	return names;
}

static void test_links_of_an_address(void **state)
{
	struct announce_options o = { 0 };

	(void)state;
	assert_string_equal(on(&o, "192.168.56.240"), "eth0 br0 ");
	assert_string_equal(on(&o, "10.1.2.3"), "eth1 ");
	assert_string_equal(on(&o, "fd00::240"), "eth0 ");
	/* In no network of theirs: whoever asks does so where the default route leads. */
	assert_string_equal(on(&o, "203.0.113.9"), "eth1 ");
	assert_string_equal(on(&o, "fd01::1"), "eth0 ");
	assert_string_equal(on(&o, "fd00:7::240"), "eth0 ");
	announce_add_interface(&o, "br0", NULL);
	announce_add_interface(&o, "gone0", NULL);
	assert_string_equal(on(&o, "10.1.2.3"), "br0 ");
	o.ninterfaces = 0;
	announce_add_interface(&o, "gone0", NULL);
	assert_string_equal(on(&o, "10.1.2.3"), "");
}

static const char *source(const char *text)
{
	static char buf[INET6_ADDRSTRLEN];
	struct announce_options o = { 0 };
	struct announce_links l = lan();
	struct ip_addr a = addr(text);

	a = announce_links_source(&l, &o, &a);
	return a.family ? ip_addr_print(&a, buf) : "none";
}

static void test_source(void **state)
{
	struct announce_options o = { 0 };
	struct announce_links none = { 0 };
	struct ip_addr a = addr("192.168.56.240");

	(void)state;
	assert_string_equal(source("192.168.56.240"), "192.168.56.1");
	assert_string_equal(source("203.0.113.9"), "10.1.0.1");
	assert_string_equal(source("fd00:5::1"), "fd00::1");
	/* Nor does a deprecated one speak to its own network. */
	assert_string_equal(source("fd00:7::240"), "fd00::1");
	assert_int_equal(announce_links_source(&none, &o, &a).family, 0);
}

static void test_own(void **state)
{
	struct announce_links l = lan();
	struct ip_addr a = addr("10.9.9.9"), b = addr("10.9.9.8");

	(void)state;
	assert_true(announce_links_own(&l, &a));
	assert_false(announce_links_own(&l, &b));
	a = addr("fd00:7::1");
	assert_true(announce_links_own(&l, &a));
}

static const char *taken(struct announce_links l, const char *text)
{
	static char out[ANNOUNCE_TAKEN_STRLEN];
	struct ip_addr a = addr(text);

	announce_links_taken(&l, &a, out);
	return out;
}

static struct announce_links one_prefix(const char *text, uint8_t len)
{
	static struct announce_prefix p;

	p = (struct announce_prefix){ .index = 2, .addr = addr(text), .len = len };
	return (struct announce_links){ .prefixes = &p, .nprefixes = 1 };
}

/* What all in a network have is nobody's; at the ends of links of two there is no such thing. */
static void test_taken(void **state)
{
	struct ip_addr gateway = addr("192.168.56.254");
	struct announce_links l = lan();

	(void)state;
	assert_string_equal(taken(l, "192.168.56.255"),
			    "the broadcast address of the network of 192.168.56.1/24");
	assert_string_equal(taken(l, "10.1.255.255"),
			    "the broadcast address of the network of 10.1.0.1/16");
	assert_string_equal(taken(l, "192.168.56.254"), "");
	assert_string_equal(taken(l, "192.168.56.0"), "");
	assert_string_equal(taken(l, "10.1.0.255"), "");
	assert_string_equal(taken(l, "192.168.57.255"), "");
	assert_string_equal(taken(l, "fd00::"),
			    "the routers' anycast address of the network of fd00::1/64");
	assert_string_equal(taken(l, "fd00::ffff:ffff:ffff:ffff"), "");
	assert_string_equal(taken(one_prefix("10.0.0.0", 31), "10.0.0.1"), "");
	assert_string_equal(taken(one_prefix("10.0.0.1", 30), "10.0.0.3"),
			    "the broadcast address of the network of 10.0.0.1/30");
	assert_string_equal(taken(one_prefix("10.0.0.1", 0), "255.255.255.255"),
			    "the broadcast address of the network of 10.0.0.1/0");
	assert_string_equal(taken(one_prefix("fd00::1", 127), "fd00::"), "");
	assert_string_equal(taken(one_prefix("fd00::1", 126), "fd00::"),
			    "the routers' anycast address of the network of fd00::1/126");
	l.gateways = &gateway;
	l.ngateways = 1;
	assert_string_equal(taken(l, "192.168.56.254"), "the gateway of a route");
}

/* --- routes --- */

static void add(struct announce_routes *l, const char *text, bool passed_on, const char *from)
{
	struct announce_route r = { .addr = addr(text), .passed_on = passed_on };

	if (from)
		r.source = addr(from);
	announce_routes_add(l, &r);
}

static void assert_route(const struct announce_routes *l, size_t i, const char *text,
			 bool passed_on)
{
	char buf[INET6_ADDRSTRLEN];

	assert_true(i < l->n);
	assert_string_equal(ip_addr_print(&l->v[i].addr, buf), text);
	assert_int_equal(l->v[i].passed_on, passed_on);
}

static void test_plan(void **state)
{
	struct announce_routes have = { 0 }, want = { 0 }, more = { 0 }, less = { 0 };

	(void)state;
	add(&have, "fd00::1", false, "fd00::9");
	add(&have, "10.0.0.3", false, NULL);
	add(&have, "10.0.0.1", false, "10.0.0.9");
	add(&have, "10.0.0.1", true, NULL);
	add(&have, "10.0.0.2", false, "10.0.0.9");
	add(&want, "10.0.0.2", false, "10.0.0.8");	/* from another source */
	add(&want, "10.0.0.1", false, "10.0.0.9");
	add(&want, "10.0.0.4", true, NULL);
	add(&want, "10.0.0.4", false, NULL);
	add(&want, "fd00::1", false, "fd00::9");
	announce_routes_plan(&have, &want, &more, &less);
	assert_int_equal(less.n, 3);
	assert_route(&less, 0, "10.0.0.1", true);
	assert_route(&less, 1, "10.0.0.2", false);
	assert_route(&less, 2, "10.0.0.3", false);
	assert_int_equal(more.n, 3);
	assert_route(&more, 0, "10.0.0.2", false);
	assert_route(&more, 1, "10.0.0.4", false);
	assert_route(&more, 2, "10.0.0.4", true);
	announce_routes_clear(&more);
	announce_routes_clear(&less);
	announce_routes_plan(&want, &want, &more, &less);
	assert_int_equal(more.n + less.n, 0);
	announce_routes_clear(&have);
	announce_routes_clear(&want);
}

/* --- the guard --- */

#define ELEMENT	"add element arp svcnat-announce "

static bool has(const char *text, const char *line)
{
	return strstr(text, line) != NULL;
}

static void test_guard(void **state)
{
	const struct announce_guarded v[] = {
		{ { inet_addr("192.168.56.240") }, "eth0" },
		{ { inet_addr("192.168.56.240") }, "br0" },
		{ { inet_addr("192.168.56.241") }, "" },
	};
	char *text = announce_guard_text(v, 3, true);

	(void)state;
	assert_true(has(text, ELEMENT "announced { 192.168.56.240 }\n"));
	assert_true(has(text, ELEMENT "on { \"eth0\" . 192.168.56.240 }\n"));
	assert_true(has(text, ELEMENT "on { \"br0\" . 192.168.56.240 }\n"));
	/* On no interface: it is answered for nowhere. */
	assert_true(has(text, ELEMENT "announced { 192.168.56.241 }\n"));
	assert_false(has(text, ". 192.168.56.241"));
	assert_true(has(text, "arp operation != @alive drop\n"));
	assert_true(has(text, ELEMENT "alive { request timeout 1500ms }\n"));
	free(text);
	/* A name that nft would not take for one. */
	text = announce_guard_text(&(struct announce_guarded){ v[0].addr, "a\"}b" }, 1, true);
	assert_true(has(text, "announced { 192.168.56.240 }\n"));
	assert_false(has(text, "}b"));
	free(text);
	/* Nobody could take over: it answers for good. */
	text = announce_guard_text(v, 3, false);
	assert_false(has(text, "@alive"));
	assert_false(has(text, "timeout 1"));
	free(text);
}

/* --- whether the kernel answers ARP --- */

static void put(const char *root, const char *interface, const char *value)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", root, interface);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/%s/arp_ignore", root, interface);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(value, f);
	fclose(f);
}

static void test_arp_ignored(void **state)
{
	char root[] = "/tmp/svcnat-arp-XXXXXX", command[64];

	(void)state;
	assert_non_null(mkdtemp(root));
	assert_false(announce_arp_ignored(root, "eth0"));
	put(root, "all", "0\n");
	put(root, "eth0", "0\n");
	assert_false(announce_arp_ignored(root, "eth0"));
	put(root, "eth0", "1\n");
	assert_true(announce_arp_ignored(root, "eth0"));
	assert_false(announce_arp_ignored(root, "eth1"));
	put(root, "all", "2\n");
	assert_true(announce_arp_ignored(root, "eth1"));
	snprintf(command, sizeof(command), "rm -r %s", root);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_links_of_an_address),
		cmocka_unit_test(test_source),
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_plan),
		cmocka_unit_test(test_guard),
		cmocka_unit_test(test_arp_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
