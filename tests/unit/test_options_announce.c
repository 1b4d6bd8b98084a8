// SPDX-License-Identifier: GPL-2.0
/* svcd.yaml's announce, announceInterfaces and announceCIDRs, and their options. */
#include "err.h"
#include "options_help.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

/* The file says text; line: what the command line says. */
static int parse(struct options_help *f, const char *text, const char *line)
{
	char copy[256], *argv[16] = { "svcd" }, *word;
	FILE *out = fopen(f->path, "w");
	int argc = 1;

	assert_non_null(out);
	fputs(text, out);
	fclose(out);
	options_clear(&f->o);
	f->e.text[0] = '\0';
	snprintf(copy, sizeof(copy), "--config=%s --node-name=n %s", f->path, line);
	for (word = strtok(copy, " "); word; word = strtok(NULL, " "))
		argv[argc++] = strcmp(word, "''") ? word : "";
	return options_parse(&f->o, argc, argv, NULL, stdout, &f->e);
}

static void test_defaults(void **state)
{
	struct options_help *f = *state;

	assert_int_equal(parse(f, "", ""), 0);
	assert_int_equal(f->o.announce.mode, ANNOUNCE_NONE);
	assert_int_equal(f->o.announce.ninterfaces, 0);
	assert_int_equal(f->o.announce.cidrs.n, 0);
}

static const char all[] =
	"announce: layer2\n"
	"announceInterfaces: [eth0, br-lan, eth0]\n"
	"announceCIDRs: [192.168.56.240/28, fd00::/64]\n";

static void test_file(void **state)
{
	struct options_help *f = *state;
	struct ip_addr a;

	assert_int_equal(parse(f, all, ""), 0);
	assert_int_equal(f->o.announce.mode, ANNOUNCE_LAYER2);
	assert_int_equal(f->o.announce.ninterfaces, 2);
	assert_string_equal(f->o.announce.interfaces[1], "br-lan");
	assert_int_equal(f->o.announce.cidrs.n, 2);
	/* They are nothing to the kernel. */
	assert_int_equal(f->o.settings_what, 0);
	assert_int_equal(ip_addr_parse("192.168.56.241", &a, NULL), 0);
	assert_true(announce_options_have(&f->o.announce, &a));
	assert_int_equal(ip_addr_parse("192.168.57.241", &a, NULL), 0);
	assert_false(announce_options_have(&f->o.announce, &a));
}

static void test_command_line_wins(void **state)
{
	struct options_help *f = *state;

	assert_int_equal(parse(f, all, "--announce=route --announce-interface eth7 "
			       "--announce-cidr 10.0.0.0/8"), 0);
	assert_int_equal(f->o.announce.mode, ANNOUNCE_ROUTE);
	assert_int_equal(f->o.announce.ninterfaces, 1);
	assert_string_equal(f->o.announce.interfaces[0], "eth7");
	assert_int_equal(f->o.announce.cidrs.n, 1);
}

static void test_copy(void **state)
{
	struct announce_options copy = { 0 };
	struct options_help *f = *state;

	assert_int_equal(parse(f, all, ""), 0);
	assert_false(announce_options_equal(&copy, &f->o.announce));
	assert_int_equal(announce_options_copy(&copy, &f->o.announce), 0);
	assert_true(announce_options_equal(&copy, &f->o.announce));
	announce_options_clear(&copy);
}

#define POOLS	"pools:\n- name: b\n  addresses: [192.168.56.240-192.168.56.250, fd00::/126]\n" \
		"- name: a\n  addresses: [10.1.0.0/30]\n"

static bool may_be(struct options_help *f, const char *text)
{
	struct ip_addr a;

	assert_int_equal(ip_addr_parse(text, &a, NULL), 0);
	return announce_options_have(&f->o.announce, &a);
}

/* What nothing is said of is not announced where there are pools, whoever follows whom. */
static void test_pools(void **state)
{
	struct options_help *f = *state;

	assert_int_equal(parse(f, "announce: layer2\n", ""), 0);
	assert_false(announce_options_say(&f->o.announce));
	assert_true(may_be(f, "192.168.56.1"));
	assert_int_equal(parse(f, "announce: layer2\n" POOLS, ""), 0);
	assert_true(announce_options_say(&f->o.announce));
	assert_false(may_be(f, "192.168.56.239"));
	assert_true(may_be(f, "192.168.56.240"));
	assert_true(may_be(f, "192.168.56.250"));
	assert_false(may_be(f, "192.168.56.251"));
	assert_true(may_be(f, "10.1.0.3"));
	assert_false(may_be(f, "10.1.0.4"));
	assert_true(may_be(f, "fd00::3"));
	assert_false(may_be(f, "fd00::4"));
	assert_false(may_be(f, "::1:0"));
	/* What is said is what counts. */
	assert_int_equal(parse(f, "announceCIDRs: [10.1.0.3/32]\nannounce: route\n" POOLS, ""), 0);
	assert_true(may_be(f, "10.1.0.3"));
	assert_false(may_be(f, "192.168.56.240"));
	assert_int_equal(parse(f, "announce: layer2\nfollow: unix:///a\n" POOLS, ""), 0);
	assert_false(may_be(f, "192.168.56.239"));
}

static void test_copy_of_pools(void **state)
{
	struct announce_options copy = { 0 };
	struct options_help *f = *state;

	assert_int_equal(parse(f, "announce: layer2\n" POOLS, ""), 0);
	assert_int_equal(announce_options_copy(&copy, &f->o.announce), 0);
	assert_true(announce_options_equal(&copy, &f->o.announce));
	copy.pools[1].last = copy.pools[1].first;
	assert_false(announce_options_equal(&copy, &f->o.announce));
	assert_int_equal(announce_options_copy(&copy, &f->o.announce), 0);
	assert_true(announce_options_equal(&copy, &f->o.announce));
	announce_options_clear(&copy);
}

static const struct {
	const char *text, *line, *why;
} bad[] = {
	{ "announce: bgp\n", "", ":1:11: announce: \"bgp\" is no way to announce: layer2, route" },
	{ "announce: [layer2]\n", "", ":1:11: announce: this has to be one value" },
	{ "announceInterfaces: [a/b]\n", "", ":1:22: announceInterfaces[0]: \"a/b\" is not the" },
	{ "announceInterfaces: [eth0, 0123456789abcdef]\n", "", "announceInterfaces[1]: " },
	{ "announceInterfaces: ['a\"b']\n", "", "is not the name of an interface" },
	{ "announceInterfaces: []\n", "", "this list is empty: leave the key out" },
	{ "announceCIDRs: [10.0.0.0/33]\n", "", ":1:17: announceCIDRs[0]: " },
	{ "", "--announce on", "--announce: \"on\" is no way to announce" },
	{ "", "--announce-interface ''", "--announce-interface: \"\" is not the name" },
	{ "announce: layer2\nhealthzBindAddress: ''\n", "", "layer2 needs healthzBindAddress" },
};

static void test_bad(void **state)
{
	struct options_help *f = *state;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (parse(f, bad[i].text, bad[i].line) != -EINVAL ||
		    !strstr(f->e.text, bad[i].why))
			fail_msg("%s%s: %s", bad[i].text, bad[i].line, f->e.text);
}

static void test_too_many_interfaces(void **state)
{
	char text[512] = "announceInterfaces: [e0";
	struct options_help *f = *state;
	size_t i;

	for (i = 1; i <= ANNOUNCE_INTERFACES_MAX; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), ", e%zu", i);
	strcat(text, "]\n");
	assert_int_equal(parse(f, text, ""), -EINVAL);
	assert_non_null(strstr(f->e.text, "more than 16 interfaces"));
}

#define FOLLOW	"follow: unix:///a\n"

static const struct {
	const char *now, *next;
	unsigned int what;
} changes[] = {
	{ all, all, 0 },
	{ "announceInterfaces: [a, b]\n", "announceInterfaces: [b, a]\n", 0 },
	{ "", "announce: none\n", 0 },
	{ "", "announce: layer2\n", OPTIONS_ANNOUNCE },
	{ "announce: layer2\n", "announce: route\n", OPTIONS_ANNOUNCE },
	{ "announceInterfaces: [a]\n", "announceInterfaces: [b]\n", OPTIONS_ANNOUNCE },
	{ "announceInterfaces: [a]\n", "", OPTIONS_ANNOUNCE },
	{ "announceCIDRs: [10.0.0.0/8]\n", "", OPTIONS_ANNOUNCE },
	{ "announce: layer2\n", "announce: layer2\n" POOLS, OPTIONS_ANNOUNCE | OPTIONS_POOLS },
	{ FOLLOW "announce: layer2\n", FOLLOW "announce: layer2\n" POOLS, OPTIONS_ANNOUNCE },
	{ FOLLOW, FOLLOW POOLS, 0 },
	/* A follower has to hear of the other nodes, too, or no longer. */
	{ FOLLOW, FOLLOW "announce: layer2\n", OPTIONS_ANNOUNCE | OPTIONS_SOURCE },
	{ FOLLOW "announce: layer2\n", FOLLOW "announce: route\n",
	  OPTIONS_ANNOUNCE | OPTIONS_SOURCE },
	{ FOLLOW, FOLLOW "announce: route\n", OPTIONS_ANNOUNCE },
};

static void test_changes(void **state)
{
	struct options_help *f = *state;
	struct options now;
	unsigned int what;
	size_t i;

	for (i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		assert_int_equal(parse(f, changes[i].now, ""), 0);
		now = f->o;
		f->o = (struct options){ 0 };
		assert_int_equal(parse(f, changes[i].next, ""), 0);
		what = options_changes(&now, &f->o);
		if (what != changes[i].what)
			fail_msg("%s to %s: %x", changes[i].now, changes[i].next, what);
		options_clear(&now);
	}
}

#define CASE(test) \
	cmocka_unit_test_setup_teardown(test, options_help_setup, options_help_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_defaults),
		CASE(test_file),
		CASE(test_command_line_wins),
		CASE(test_copy),
		CASE(test_pools),
		CASE(test_copy_of_pools),
		CASE(test_bad),
		CASE(test_too_many_interfaces),
		CASE(test_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
