// SPDX-License-Identifier: GPL-2.0
/* Which devices the fast path has, the commands of nft, and how one is made the other. */
#include "err.h"
#include "fastpath_sync.h"
#include "rtnl.h"

#include <errno.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

static struct fastpath_patterns patterns(const char *text)
{
	struct fastpath_patterns p = { 0 };
	char copy[256], *word;

	snprintf(copy, sizeof(copy), "%s", text);
	for (word = strtok(copy, " "); word; word = strtok(NULL, " "))
		assert_int_equal(fastpath_pattern_add(&p, word, NULL), 0);
	return p;
}

/* --- patterns --- */

static void test_patterns(void **state)
{
	struct fastpath_patterns p = patterns("");

	(void)state;
	assert_true(fastpath_pattern_includes(&p, "cali0123456789a"));
	assert_true(fastpath_pattern_includes(&p, "br-0a1b2c"));
	assert_true(fastpath_pattern_includes(&p, "br0"));
	assert_false(fastpath_pattern_includes(&p, "broken"));
	assert_false(fastpath_pattern_includes(&p, "eth0"));
	assert_false(fastpath_pattern_includes(&p, "lo"));
	assert_false(fastpath_pattern_excludes(&p, "eth0"));
	/* Only what is not in it: the rest is as usual. */
	p = patterns("!veth7 !br*");
	assert_true(fastpath_pattern_includes(&p, "veth7"));
	assert_true(fastpath_pattern_excludes(&p, "veth7"));
	assert_false(fastpath_pattern_excludes(&p, "veth77"));
	assert_true(fastpath_pattern_excludes(&p, "br-0a1b2c"));
	p = patterns("pod? en[op]* !eno7");
	assert_true(fastpath_pattern_includes(&p, "pod1"));
	assert_false(fastpath_pattern_includes(&p, "pod12"));
	assert_true(fastpath_pattern_includes(&p, "enp3s0"));
	assert_false(fastpath_pattern_includes(&p, "cali1"));
}

static void test_bad_patterns(void **state)
{
	static const char *const bad[] = {
		"", "!", "a b", "a/b", "a\"b", "a\\b", "a\nb", "\xc3\xa9",
		"a234567890123456789012345678901*",
	};
	struct fastpath_patterns p = { 0 };
	struct err e;
	char name[8];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (fastpath_pattern_add(&p, bad[i], &e) != -EINVAL ||
		    !strstr(e.text, "is not a pattern"))
			fail_msg("%s", bad[i]);
	assert_int_equal(p.n, 0);
	for (i = 0; i < FASTPATH_PATTERNS_MAX; i++) {
		snprintf(name, sizeof(name), "e%u", (unsigned int)i % 100);
		assert_int_equal(fastpath_pattern_add(&p, name, &e), 0);
	}
	assert_int_equal(fastpath_pattern_add(&p, "e7", &e), 0);
	assert_int_equal(fastpath_pattern_add(&p, "e99", &e), -EINVAL);
	assert_non_null(strstr(e.text, "more than 32 patterns"));
}

static void test_equal_patterns(void **state)
{
	struct fastpath_patterns a = patterns("a b !c"), b = patterns("!c a b");
	struct fastpath_patterns c = patterns("a b");

	(void)state;
	assert_true(fastpath_patterns_equal(&a, &b));
	assert_false(fastpath_patterns_equal(&a, &c));
	assert_false(fastpath_patterns_equal(&c, &a));
}

/* --- devices --- */

#define UP(i, n, k)		{ .index = (i), .name = (n), .kind = (k), .up = true, \
				  .type = ARPHRD_ETHER }
#define PORT(i, n, k, m)	{ .index = (i), .name = (n), .kind = (k), .up = true, \
				  .type = ARPHRD_ETHER, .master = (m) }

/* Their names, with a space behind each. */
static const char *chosen(struct fastpath_link *v, size_t n, const char *p)
{
	const struct fastpath_links l = { v, n };
	const struct fastpath_patterns list = patterns(p);
	struct fastpath_names out = { 0 };
	static char text[256];
	size_t i, left = 7;

	assert_int_equal(fastpath_choose(&l, &list, &out, &left), 0);
	assert_int_equal(left, 0);
	text[0] = '\0';
	for (i = 0; i < out.n; i++)
		strcat(strcat(text, out.v[i]), " ");
	fastpath_names_clear(&out);
	return text;
}
#define CHOSEN(v, p) chosen(v, sizeof(v) / sizeof(*(v)), p)

static void test_routes_and_names(void **state)
{
	struct fastpath_link v[] = {
		{ .index = 1, .name = "lo", .up = true, .type = ARPHRD_LOOPBACK, .routed = true },
		UP(2, "eth0", ""),
		UP(3, "eth1", ""),
		UP(4, "cali1", "veth"),
		{ .index = 5, .name = "cali2", .kind = "veth", .type = ARPHRD_ETHER },
		{ .index = 6, .name = "tunl0", .kind = "ipip", .up = true, .type = ARPHRD_TUNNEL },
		{ .index = 7, .name = "wg0", .kind = "wireguard", .up = true, .routed = true,
		  .type = ARPHRD_NONE },
		UP(8, "cali3", "dummy"),
		{ .index = 9, .name = "cali4", .up = true, .type = ARPHRD_IEEE802154 },
	};

	(void)state;
	v[1].routed = true;
	assert_string_equal(CHOSEN(v, ""), "cali1 eth0 tunl0 wg0 ");
	assert_string_equal(CHOSEN(v, "!wg* !cali*"), "eth0 tunl0 ");
	assert_string_equal(CHOSEN(v, "*"), "cali1 eth0 eth1 tunl0 wg0 ");
	assert_string_equal(CHOSEN(v, "nothing"), "eth0 wg0 ");
	assert_string_equal(CHOSEN(v, "!*"), "");
	assert_string_equal(chosen(v, 0, ""), "");
}

/* A packet comes in at a port first, and the flow may be known by either. */
static void test_bridges(void **state)
{
	struct fastpath_link v[] = {
		UP(2, "eth0", ""),
		PORT(3, "tap7", "tun", 5),
		PORT(4, "other", "veth", 5),
		UP(5, "cni0", "bridge"),
		PORT(6, "vethab", "veth", 7),
		UP(7, "lan", "bridge"),
		UP(8, "virbr0", "bridge"),
		PORT(9, "vnet0", "tun", 8),
		{ .index = 10, .name = "lan.7", .kind = "vlan", .up = true, .lower = 7,
		  .type = ARPHRD_ETHER },
		{ .index = 11, .name = "eth0.9", .kind = "vlan", .up = true, .lower = 2,
		  .type = ARPHRD_ETHER },
	};

	(void)state;
	assert_string_equal(CHOSEN(v, ""), "cni0 lan other tap7 vethab ");
	assert_string_equal(CHOSEN(v, "!other"), "cni0 lan tap7 vethab ");
	/* Of a bridge that is not in it, a port may be. */
	assert_string_equal(CHOSEN(v, "!cni0"), "lan vethab ");
	assert_string_equal(CHOSEN(v, "lan.7"), "lan lan.7 vethab ");
	assert_string_equal(CHOSEN(v, "eth0.*"), "eth0 eth0.9 ");
	assert_string_equal(CHOSEN(v, "vnet0"), "virbr0 vnet0 ");
	v[5].up = false;
	assert_string_equal(CHOSEN(v, "lan.7"), "lan.7 ");
	/* Nobody's: the kernel's list was not read at one moment. */
	v[4].master = 77;
	assert_string_equal(CHOSEN(v, ""), "cni0 other tap7 vethab ");
}

static void test_masters(void **state)
{
	struct fastpath_link v[] = {
		PORT(2, "eth0", "", 4),
		PORT(3, "eth1", "", 4),
		UP(4, "bond0", "bond"),
		UP(5, "red", "vrf"),
		PORT(6, "veth1", "veth", 5),
		{ .index = 7, .name = "bond0.7", .kind = "vlan", .up = true, .lower = 4,
		  .type = ARPHRD_ETHER, .routed = true },
	};

	(void)state;
	assert_string_equal(CHOSEN(v, ""), "bond0 bond0.7 ");
	assert_string_equal(CHOSEN(v, "*"), "bond0 bond0.7 ");
}

static void test_names_for_nft(void **state)
{
	struct fastpath_link v[] = {
		UP(2, "veth\"1", "veth"), UP(3, "veth\\2", "veth"), UP(4, "veth*3", "veth"),
		UP(5, "veth\xc3\xa9", "veth"), UP(6, "veth@;{}5", "veth"), UP(7, "", "veth"),
	};

	(void)state;
	assert_string_equal(CHOSEN(v, "*"), "veth@;{}5 ");
}

static void test_limit(void **state)
{
	static struct fastpath_link v[FASTPATH_DEVICES_MAX + 88];
	const struct fastpath_links l = { v, FASTPATH_DEVICES_MAX + 88 };
	const struct fastpath_patterns p = patterns("");
	struct fastpath_names out = { 0 };
	size_t i, left;

	(void)state;
	for (i = 0; i < l.n; i++) {
		v[i] = (struct fastpath_link)UP((int)i + 1, "", "veth");
		snprintf(v[i].name, sizeof(v[i].name), "veth%04u", (unsigned int)i % 1000);
	}
	/* Where connections come in from elsewhere matters most. */
	strcpy(v[599].name, "zeth0");
	v[599].routed = true;
	strcpy(v[598].name, "vethz");
	strcpy(v[598].kind, "bridge");
	assert_int_equal(fastpath_choose(&l, &p, &out, &left), 0);
	assert_int_equal(out.n, FASTPATH_DEVICES_MAX);
	assert_int_equal(left, 88);
	assert_true(fastpath_names_have(&out, "zeth0"));
	assert_true(fastpath_names_have(&out, "vethz"));
	assert_true(fastpath_names_have(&out, "veth0509"));
	assert_false(fastpath_names_have(&out, "veth0510"));
	for (i = 1; i < out.n; i++)
		assert_true(strcmp(out.v[i - 1], out.v[i]) < 0);
	fastpath_names_clear(&out);
}

/* --- texts --- */

static struct fastpath_names names(const char *text)
{
	struct fastpath_names l = { 0 };
	char copy[256], *word;

	snprintf(copy, sizeof(copy), "%s", text);
	for (word = strtok(copy, " "); word; word = strtok(NULL, " "))
		assert_int_equal(fastpath_names_add(&l, word), 0);
	return l;
}

static void says(char *text, const char *expected)
{
	if (strcmp(text, expected))
		fail_msg("%snot:\n%s", text, expected);
	free(text);
}

#define T	"inet svcnat-fastpath"
#define HEAD	"add table " T "\ndelete table " T "\nadd table " T "\n"
#define TAIL(who) \
	"add chain " T " forward { type filter hook forward priority 1000; policy accept; }\n" \
	"add rule " T " forward ct status dnat ct state established meta l4proto { tcp, udp } " \
	"flow add @f counter comment \"" who "\"\n"

static void test_make_text(void **state)
{
	struct fastpath_names l = names("eth0 br-1");

	(void)state;
	says(fastpath_nft_make_text(&l, FASTPATH_SVCD), HEAD
	     "add flowtable " T " f { hook ingress priority 0; counter; "
	     "devices = { \"br-1\", \"eth0\" }; }\n" TAIL("kept by svcd; see svcd(8)"));
	fastpath_names_clear(&l);
	says(fastpath_nft_make_text(&l, FASTPATH_SVCCTL), HEAD
	     "add flowtable " T " f { hook ingress priority 0; counter; }\n"
	     TAIL("made by svcctl; see svcctl(8)"));
}

static void test_change_text(void **state)
{
	struct fastpath_names add = names("veth1"), del = names("veth3 veth2"), none = { 0 };

	(void)state;
	says(fastpath_nft_change_text(&add, &del),
	     "add flowtable " T " f { hook ingress priority 0; counter; "
	     "devices = { \"veth1\" }; }\n"
	     "delete flowtable " T " f { hook ingress priority 0; "
	     "devices = { \"veth2\", \"veth3\" }; }\n");
	says(fastpath_nft_change_text(&none, &none), "");
	fastpath_names_clear(&add);
	fastpath_names_clear(&del);
}

/* The kernel takes 256 of them at most in one message. */
static void test_parts(void **state)
{
	struct fastpath_names l = { 0 };
	size_t n = 0, i, commas;
	char *text, *line, *rest;
	char name[16];

	(void)state;
	for (i = 0; i < FASTPATH_DEVICES_MAX; i++) {
		snprintf(name, sizeof(name), "veth%u", (unsigned int)i % 1000);
		assert_int_equal(fastpath_names_add(&l, name), 0);
	}
	text = rest = fastpath_nft_change_text(&l, &l);
	while ((line = strsep(&rest, "\n"))) {
		for (commas = 0, i = 0; line[i]; i++)
			commas += line[i] == ',';
		assert_true(commas < 256);
		n += *line ? commas + 1 : 0;
	}
	assert_int_equal(n, 2 * FASTPATH_DEVICES_MAX);
	free(text);
	fastpath_names_clear(&l);
}

/* --- what nft says --- */

#define OBJ_TABLE	"{\"table\": {\"family\": \"inet\", \"name\": \"svcnat-fastpath\"}}"
#define OBJ_FLOWTABLE(dev) \
	"{\"flowtable\": {\"family\": \"inet\", \"name\": \"f\", \"hook\": \"ingress\", " \
	"\"prio\": 0, \"dev\": " dev "}}"
#define OBJ_CHAIN(prio) \
	"{\"chain\": {\"name\": \"forward\", \"type\": \"filter\", \"hook\": \"forward\", " \
	"\"prio\": " prio ", \"policy\": \"accept\"}}"
#define OBJ_RULE(comment, what) \
	"{\"rule\": {\"chain\": \"forward\", \"comment\": \"" comment "\", \"expr\": [" \
	"{\"match\": {\"op\": \"in\", \"right\": \"dnat\"}}, " what ", " \
	"{\"counter\": {\"packets\": 42, \"bytes\": 4242}}]}}"
#define FLOW	"{\"flow\": {\"op\": \"add\", \"flowtable\": \"@f\"}}"
#define OBJ_SVCD	OBJ_RULE("kept by svcd; see svcd(8)", FLOW)
#define ALL(x)	"{\"nftables\": [{\"metainfo\": {\"version\": \"1.0.6\"}}, " OBJ_TABLE ", " x "]}"

static const struct {
	const char *json, *devices;
	bool there, whole;
	enum fastpath_keeper keeper;
} read_table[] = {
	{ ALL(OBJ_FLOWTABLE("[\"veth1\", \"eth0\"]") "," OBJ_CHAIN("1000") "," OBJ_SVCD),
	  "eth0 veth1", true, true, FASTPATH_SVCD },
	{ ALL(OBJ_FLOWTABLE("\"eth0\"") "," OBJ_CHAIN("1000") ","
	      OBJ_RULE("made by svcctl; see svcctl(8)", FLOW)), "eth0", true, true,
	  FASTPATH_SVCCTL },
	/* The last device has gone. */
	{ ALL("{\"flowtable\": {\"name\": \"f\", \"hook\": \"ingress\", \"prio\": 0}}" ","
	      OBJ_CHAIN("1000") "," OBJ_SVCD), "", true, true, FASTPATH_SVCD },
	/* Flushed. */
	{ ALL(OBJ_FLOWTABLE("\"eth0\"") "," OBJ_CHAIN("1000")), "eth0", true, false,
	  FASTPATH_NOBODY },
	{ ALL(OBJ_CHAIN("1000") "," OBJ_SVCD), "", true, false, FASTPATH_SVCD },
	{ ALL(OBJ_FLOWTABLE("\"eth0\"") "," OBJ_CHAIN("0") "," OBJ_SVCD), "eth0", true, false,
	  FASTPATH_SVCD },
	{ ALL(OBJ_FLOWTABLE("\"eth0\"") "," OBJ_CHAIN("1000") "," OBJ_SVCD "," OBJ_SVCD), "eth0",
	  true, false, FASTPATH_SVCD },
	{ ALL(OBJ_FLOWTABLE("\"eth0\"") "," OBJ_CHAIN("1000") ","
	      OBJ_RULE("kept by svcd; see svcd(8)", "{\"accept\": null}")), "eth0", true, false,
	  FASTPATH_SVCD },
	{ ALL(OBJ_FLOWTABLE("\"eth0\"") "," OBJ_CHAIN("1000") "," OBJ_RULE("mine", FLOW)), "eth0",
	  true, false, FASTPATH_NOBODY },
	{ ALL(OBJ_FLOWTABLE("\"eth0\"") "," OBJ_CHAIN("1000") "," OBJ_SVCD
	      ", {\"set\": {\"name\": \"s\"}}"), "eth0", true, false, FASTPATH_SVCD },
	{ "{\"nftables\": []}", "", false, false, FASTPATH_NOBODY },
	{ "{\"nftables\": [7, null, {\"rule\": 7}, {\"flowtable\": {\"dev\": [7]}}]}", "", false,
	  false, FASTPATH_NOBODY },
	{ "[]", "", false, false, FASTPATH_NOBODY },
	{ "no JSON", "", false, false, FASTPATH_NOBODY },
};

static void test_read(void **state)
{
	struct fastpath_table t = { 0 };
	struct fastpath_names want, add, del;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(read_table) / sizeof(*read_table); i++) {
		add = del = (struct fastpath_names){ 0 };
		want = names(read_table[i].devices);
		assert_int_equal(fastpath_nft_parse(read_table[i].json, &t), 0);
		assert_int_equal(fastpath_names_compare(&t.devices, &want, &add, &del), 0);
		if (t.there != read_table[i].there || t.whole != read_table[i].whole ||
		    t.keeper != read_table[i].keeper || add.n || del.n)
			fail_msg("%s: %d %d %d, %zu devices", read_table[i].json, t.there, t.whole,
				 t.keeper, t.devices.n);
		if (t.whole)
			assert_int_equal(t.flows, 42);
		fastpath_table_clear(&t);
		fastpath_names_clear(&want);
	}
}

/* --- making one the other --- */

/* A system of one table and a few devices. */
static struct {
	struct fastpath_link v[4];
	size_t n;
	struct fastpath_table table;
	unsigned int reads, makes, changes, links, routes;
	unsigned int vanish;	/* so many times a device goes before it is added */
	size_t added, deleted;
} sys;

static int fake_routes(struct nl_sock *sk, const struct kcidrs *pods, struct fastpath_routes *out,
		       struct err *e)
{
	(void)sk;
	(void)pods;
	(void)e;
	sys.routes++;
	out->known = true;
	return 0;
}

static int fake_links(struct nl_sock *sk, struct fastpath_links *out, struct err *e)
{
	(void)sk;
	(void)e;
	sys.links++;
	out->v = malloc(sizeof(sys.v));
	memcpy(out->v, sys.v, sizeof(sys.v));
	out->n = sys.n;
	return 0;
}

static int copy_table(struct fastpath_table *to, const struct fastpath_table *from)
{
	size_t i;

	fastpath_table_clear(to);
	for (i = 0; i < from->devices.n; i++)
		assert_int_equal(fastpath_names_add(&to->devices, from->devices.v[i]), 0);
	to->there = from->there;
	to->whole = from->whole;
	to->keeper = from->keeper;
	to->flows = from->flows;
	return 0;
}

static int fake_read(struct fastpath_table *out)
{
	sys.reads++;
	return copy_table(out, &sys.table);
}

static int vanished(struct err *e)
{
	if (!sys.vanish)
		return 0;
	sys.vanish--;
	return err_set(e, EIO, "no such device");
}

static int fake_make(const struct fastpath_names *devices, enum fastpath_keeper keeper,
		     struct err *e)
{
	const struct fastpath_table t = { true, true, keeper, *devices, 0 };

	sys.makes++;
	return vanished(e) ? -EIO : copy_table(&sys.table, &t);
}

static int fake_change(const struct fastpath_names *add, const struct fastpath_names *del,
		       struct err *e)
{
	struct fastpath_names next = { 0 };
	size_t i;

	sys.changes++;
	if (vanished(e))
		return -EIO;
	sys.added = add->n;
	sys.deleted = del->n;
	for (i = 0; i < sys.table.devices.n; i++)
		if (!fastpath_names_have(del, sys.table.devices.v[i]))
			fastpath_names_add(&next, sys.table.devices.v[i]);
	for (i = 0; i < add->n; i++)
		fastpath_names_add(&next, add->v[i]);
	fastpath_names_clear(&sys.table.devices);
	sys.table.devices = next;
	return 0;
}

static const struct fastpath_ops fake = {
	.links = fake_links, .routes = fake_routes, .read = fake_read, .make = fake_make,
	.change = fake_change,
};

static int setup(void **state)
{
	memset(&sys, 0, sizeof(sys));
	sys.v[0] = (struct fastpath_link)UP(2, "eth0", "");
	sys.v[0].routed = true;
	sys.v[1] = (struct fastpath_link)UP(3, "veth1", "veth");
	sys.v[2] = (struct fastpath_link)UP(4, "veth2", "veth");
	sys.v[3] = (struct fastpath_link)UP(5, "veth3", "veth");
	sys.n = 3;
	*state = calloc(1, sizeof(struct fastpath_state));
	return 0;
}

static int teardown(void **state)
{
	fastpath_state_clear(*state);
	free(*state);
	fastpath_table_clear(&sys.table);
	return 0;
}

static int sync_as(struct fastpath_state *s, enum fastpath_keeper keeper)
{
	const struct fastpath_patterns p = patterns("");
	const struct kcidrs pods = { 0 };
	const struct fastpath_wanted want = { .patterns = &p, .pods = &pods, .keeper = keeper };
	struct err e;

	return fastpath_sync(s, &fake, NULL, &want, &e);
}

static void heard(struct fastpath_state *s, uint16_t type)
{
	static const struct kcidrs pods;
	const struct {
		struct nlmsghdr h;
		struct ifinfomsg m;
	} news = { { .nlmsg_len = sizeof(news), .nlmsg_type = type }, { .ifi_index = 9 } };

	assert_true(fastpath_hear(s, &news.h, &pods));
}

static void assert_devices(const char *expected)
{
	char text[128] = "";
	size_t i;

	for (i = 0; i < sys.table.devices.n; i++)
		strcat(strcat(text, sys.table.devices.v[i]), " ");
	assert_string_equal(text, expected);
}

static void test_sync(void **state)
{
	struct fastpath_state *s = *state;

	assert_int_equal(sync_as(s, FASTPATH_SVCD), 0);
	assert_devices("eth0 veth1 veth2 ");
	assert_int_equal(sys.makes, 1);
	/* Nothing is new. */
	assert_int_equal(sync_as(s, FASTPATH_SVCD), 0);
	assert_int_equal(sys.makes + sys.changes, 1);
	assert_int_equal(sys.reads, 1);
	assert_int_equal(sys.links, 1);
	/* Only what differs is said. */
	sys.v[1] = sys.v[3];
	heard(s, RTM_NEWLINK);
	assert_int_equal(sync_as(s, FASTPATH_SVCD), 0);
	assert_devices("eth0 veth2 veth3 ");
	assert_int_equal(sys.added, 1);
	assert_int_equal(sys.deleted, 1);
	assert_int_equal(sys.makes, 1);
	assert_int_equal(s->changes, 2);
	assert_int_equal(s->failures, 0);
	/* There may be a million routes: once is enough. */
	assert_int_equal(sys.routes, 1);
	assert_int_equal(sys.links, 2);
}

/* What is read again after which news. */
static void test_heard(void **state)
{
	static const struct kcidrs pods;
	struct fastpath_state *s = *state;

	assert_int_equal(sync_as(s, FASTPATH_SVCD), 0);
	heard(s, RTM_NEWLINK);
	assert_int_equal(sync_as(s, FASTPATH_SVCD), 0);
	assert_int_equal(sys.links, 2);
	assert_int_equal(sys.reads, 1);
	heard(s, RTM_DELLINK);
	assert_int_equal(sync_as(s, FASTPATH_SVCD), 0);
	assert_int_equal(sys.links, 3);
	assert_int_equal(sys.reads, 2);
	assert_int_equal(sys.routes, 1);
	/* Some were lost. */
	assert_true(fastpath_hear(s, NULL, &pods));
	assert_int_equal(sync_as(s, FASTPATH_SVCD), 0);
	assert_int_equal(sys.links, 4);
	assert_int_equal(sys.reads, 3);
	assert_int_equal(sys.routes, 2);
	/* Only the table. */
	s->known = false;
	assert_int_equal(sync_as(s, FASTPATH_SVCD), 0);
	assert_int_equal(sys.links, 4);
	assert_int_equal(sys.reads, 4);
	assert_int_equal(sys.routes, 2);
	assert_int_equal(sys.makes + sys.changes, 1);
}

/* An earlier one has left it. */
static void test_found(void **state)
{
	struct fastpath_state *s = *state;

	sys.table = (struct fastpath_table){ true, true, FASTPATH_SVCD, names("eth0 gone0"), 5 };
	assert_int_equal(sync_as(s, FASTPATH_SVCD), 0);
	assert_devices("eth0 veth1 veth2 ");
	assert_int_equal(sys.makes, 0);
	assert_int_equal(s->table.flows, 5);
	/* Another one's is made anew. */
	s->known = false;
	assert_int_equal(sync_as(s, FASTPATH_SVCCTL), 0);
	assert_int_equal(sys.makes, 1);
	assert_int_equal(sys.table.keeper, FASTPATH_SVCCTL);
}

static void test_flushed(void **state)
{
	struct fastpath_state *s = *state;

	assert_int_equal(sync_as(s, FASTPATH_SVCD), 0);
	fastpath_table_clear(&sys.table);
	s->known = false;
	assert_int_equal(sync_as(s, FASTPATH_SVCD), 0);
	assert_devices("eth0 veth1 veth2 ");
	assert_int_equal(sys.makes, 2);
	sys.table.whole = false;
	s->known = false;
	assert_int_equal(sync_as(s, FASTPATH_SVCD), 0);
	assert_int_equal(sys.makes, 3);
}

static void test_vanished(void **state)
{
	struct fastpath_state *s = *state;

	sys.vanish = 1;
	assert_int_equal(sync_as(s, FASTPATH_SVCD), 0);
	assert_int_equal(sys.makes, 2);
	/* All is read anew: the device may be there no more. */
	assert_int_equal(sys.reads, 2);
	assert_int_equal(sys.links, 2);
	assert_int_equal(sys.routes, 1);
	sys.n = 4;
	heard(s, RTM_NEWLINK);
	sys.vanish = 2;
	assert_int_equal(sync_as(s, FASTPATH_SVCD), 0);
	assert_devices("eth0 veth1 veth2 veth3 ");
	assert_int_equal(sys.changes, 3);
	assert_int_equal(s->failures, 0);
	/* It ends, and the next one begins with a look. */
	sys.n = 3;
	heard(s, RTM_NEWLINK);
	sys.vanish = 1000;
	assert_int_equal(sync_as(s, FASTPATH_SVCD), -EIO);
	assert_int_equal(s->failures, 1);
	assert_int_equal(sys.vanish, 995);
	assert_false(s->known);
	sys.vanish = 0;
	assert_int_equal(sync_as(s, FASTPATH_SVCD), 0);
	assert_devices("eth0 veth1 veth2 ");
}

#define SYNC(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_bad_patterns),
		cmocka_unit_test(test_equal_patterns),
		cmocka_unit_test(test_routes_and_names),
		cmocka_unit_test(test_bridges),
		cmocka_unit_test(test_masters),
		cmocka_unit_test(test_names_for_nft),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_make_text),
		cmocka_unit_test(test_change_text),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_read),
		SYNC(test_sync),
		SYNC(test_heard),
		SYNC(test_found),
		SYNC(test_flushed),
		SYNC(test_vanished),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
