// SPDX-License-Identifier: GPL-2.0
/* Pools of addresses: what they hold, how much, in which order, and for whom. */
#include "pool.h"

#include "err.h"
#include "jx.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROWS(table)	(sizeof(table) / sizeof((table)[0]))

static struct ip_addr ip(const char *text)
{
	struct ip_addr a;

	if (ip_addr_parse(text, &a, NULL))
		fail_msg("%s", text);
	return a;
}

/* ranges: with commas between them. */
static struct pool make(const char *ranges, bool avoid)
{
	struct pool p = { .name = strdup("p"), .auto_assign = true, .avoid_buggy = avoid };
	char copy[512], *save, *word;

	snprintf(copy, sizeof(copy), "%s", ranges);
	for (word = strtok_r(copy, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
		struct pool_range r;
		struct err e = { "" };

		if (pool_range_parse(word, &r, &e))
			fail_msg("%s", e.text);
		pool_add_range(&p, &r);
	}
	return p;
}

static const struct {
	const char *text, *first, *last;
} good[] = {
	{ "192.0.2.0/24", "192.0.2.0", "192.0.2.255" },
	{ "192.0.2.16/28", "192.0.2.16", "192.0.2.31" },
	{ "192.0.2.7/32", "192.0.2.7", "192.0.2.7" },
	{ "192.0.2.7-192.0.2.7", "192.0.2.7", "192.0.2.7" },
	{ "192.0.2.7 - 192.0.3.9", "192.0.2.7", "192.0.3.9" },
	{ " 192.0.2.7-192.0.3.9 ", "192.0.2.7", "192.0.3.9" },
	{ "2001:db8::/120", "2001:db8::", "2001:db8::ff" },
	{ "2001:db8::fffe-2001:db8::1:1", "2001:db8::fffe", "2001:db8::1:1" },
	{ "fd00::/8", "fd00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
};

static void test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(good); i++) {
		const struct ip_addr first = ip(good[i].first), last = ip(good[i].last);
		struct err e = { "" };
		struct pool_range r;

		if (pool_range_parse(good[i].text, &r, &e))
			fail_msg("%s", e.text);
		if (!ip_addr_equal(&r.first, &first) || !ip_addr_equal(&r.last, &last))
			fail_msg("%s", good[i].text);
		assert_string_equal(r.text, good[i].text);
		free(r.text);
	}
}

static const struct {
	const char *text, *why;
} bad[] = {
	{ "", "'' is neither ADDRESS/PREFIX nor FIRST-LAST" },
	{ "192.0.2.1", "'192.0.2.1' is neither ADDRESS/PREFIX nor FIRST-LAST" },
	{ "192.0.2.1/24", "'192.0.2.1/24' has bits set past its prefix: write it as 192.0.2.0/24" },
	{ "192.0.2.0/33", "'192.0.2.0/33': the prefix is not a number from 0 to 32" },
	{ "192.0.2.9-192.0.2.8", "'192.0.2.9-192.0.2.8' ends before it begins" },
	{ "192.0.2.9-2001:db8::1", "'192.0.2.9-2001:db8::1' goes from one family to the other" },
	{ "192.0.2.9-", "'192.0.2.9-' is no range: '' is not an IP address" },
	{ "-192.0.2.9", "'-192.0.2.9' is no range: '' is not an IP address" },
	{ "192.0.2.9-300", "'192.0.2.9-300' is no range: '300' is not an IP address" },
	{ "192.0.2.01-192.0.2.9", "'192.0.2.01-192.0.2.9' is no range: " },
	{ "192.0.2.0/28-192.0.2.99", "'192.0.2.0/28-192.0.2.99' is no range: " },
	{ "2001:db8::1-2001:0db8:0000:0000:0000:0000:0000:0000:0000:0000:0009",
	  "'2001:db8::1-2001:0db8:0000:0000:0000:0000:0000:0000:0000:0000:0009' is no range: " },
	{ "127.0.0.0/24", "'127.0.0.0/24' has addresses that are loopback (127.0.0.0/8)" },
	{ "0.0.0.0/0", "'0.0.0.0/0' has addresses that are of this network" },
	{ "126.0.0.0-128.0.0.0", "'126.0.0.0-128.0.0.0' has addresses that are loopback" },
	{ "169.254.1.1-169.254.1.2",
	  "'169.254.1.1-169.254.1.2' has addresses that are link-local" },
	{ "224.0.0.0/24", "'224.0.0.0/24' has addresses that are multicast" },
	{ "240.0.0.0-255.255.255.255",
	  "'240.0.0.0-255.255.255.255' has addresses that are broadcast" },
	{ "::/64", "'::/64' has addresses that are unspecified and loopback" },
	{ "fe80::/64", "'fe80::/64' has addresses that are link-local" },
	{ "ff02::/64", "'ff02::/64' has addresses that are multicast" },
	{ "::fffe:0:0-0:0:0:0:1::", "'::fffe:0:0-0:0:0:0:1::' has addresses that are IPv4-mapped" },
};

static void test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(bad); i++) {
		struct err e = { "" };
		struct pool_range r;

		if (pool_range_parse(bad[i].text, &r, &e) != -EINVAL ||
		    strncmp(e.text, bad[i].why, strlen(bad[i].why)))
			fail_msg("%s: %s", bad[i].text, e.text);
	}
}

static const struct {
	const char *a, *b;
	bool overlap;
} pairs[] = {
	{ "192.0.2.0/24", "192.0.2.0/24", true },
	{ "192.0.2.0/24", "192.0.2.128/25", true },
	{ "192.0.2.0/25", "192.0.2.128/25", false },
	{ "192.0.2.0-192.0.2.9", "192.0.2.9-192.0.2.20", true },
	{ "192.0.2.0-192.0.2.9", "192.0.2.10-192.0.2.20", false },
	{ "192.0.2.5-192.0.2.6", "192.0.0.0/16", true },
	/* The numbers are the same, as far as they go. */
	{ "32.1.13.184-32.1.13.200", "2001:db8::/32", false },
	{ "2001:db8::/64", "2001:db8::1-2001:db8::2", true },
	{ "2001:db8::/64", "2001:db8:0:1::/64", false },
};

static void test_overlap(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(pairs); i++) {
		struct pool_range a, b;
		struct ip_cidr c;

		assert_int_equal(pool_range_parse(pairs[i].a, &a, NULL), 0);
		assert_int_equal(pool_range_parse(pairs[i].b, &b, NULL), 0);
		if (pool_range_overlaps(&a, &b) != pairs[i].overlap ||
		    pool_range_overlaps(&b, &a) != pairs[i].overlap)
			fail_msg("%s and %s", pairs[i].a, pairs[i].b);
		if (!ip_cidr_parse(pairs[i].b, &c, NULL) &&
		    pool_range_overlaps_cidr(&a, &c) != pairs[i].overlap)
			fail_msg("%s and the CIDR %s", pairs[i].a, pairs[i].b);
		free(a.text);
		free(b.text);
	}
}

static const struct {
	const char *ranges;
	bool avoid;
	int family;
	uint64_t size;
	const char *walk;		/* the first few */
} sizes[] = {
	{ "192.0.2.0/30", false, AF_INET, 4, "192.0.2.0 192.0.2.1 192.0.2.2 192.0.2.3 end" },
	{ "192.0.2.0/30", true, AF_INET, 3, "192.0.2.1 192.0.2.2 192.0.2.3 end" },
	{ "192.0.2.254-192.0.3.1", false, AF_INET, 4,
	  "192.0.2.254 192.0.2.255 192.0.3.0 192.0.3.1 end" },
	{ "192.0.2.254-192.0.3.1", true, AF_INET, 2, "192.0.2.254 192.0.3.1 end" },
	{ "192.0.2.0/24", true, AF_INET, 254, "192.0.2.1 192.0.2.2" },
	{ "192.0.2.255/32", true, AF_INET, 0, "end" },
	{ "192.0.2.0/32,192.0.2.9/32", true, AF_INET, 1, "192.0.2.9 end" },
	{ "192.0.0.0/16", true, AF_INET, 65024, "192.0.0.1" },
	{ "192.0.2.1-192.0.2.254", true, AF_INET, 254, "192.0.2.1" },
	{ "1.0.0.0-126.255.255.255", true, AF_INET, 126u * 65536 * 254, "1.0.0.1" },
	{ "192.0.2.9/32,2001:db8::a/127,192.0.2.3/32", false, AF_INET, 2,
	  "192.0.2.9 192.0.2.3 end" },
	{ "192.0.2.9/32,2001:db8::a/127,192.0.2.3/32", false, AF_INET6, 2,
	  "2001:db8::a 2001:db8::b end" },
	{ "2001:db8::a/127", false, AF_INET, 0, "end" },
	{ "2001:db8::ffff:ffff:ffff:ffff-2001:db8:0:1::1", false, AF_INET6, UINT64_MAX,
	  "2001:db8::ffff:ffff:ffff:ffff 2001:db8:0:1:: 2001:db8:0:1::1 end" },
	{ "2001:db8::/64", false, AF_INET6, UINT64_MAX, "2001:db8:: 2001:db8::1" },
	{ "2001:db8::/65", false, AF_INET6, 1ull << 63, "2001:db8::" },
	{ "2001:db8::/65,2001:db8::8000:0:0:0/65", false, AF_INET6, UINT64_MAX, "2001:db8::" },
	/* It is about IPv4 only. */
	{ "2001:db8::/127", true, AF_INET6, 2, "2001:db8:: 2001:db8::1 end" },
};

static void test_size_and_walk(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(sizes); i++) {
		struct pool p = make(sizes[i].ranges, sizes[i].avoid);
		char want[256], text[INET6_ADDRSTRLEN], *save, *word;
		struct pool_walk w = { .range = 0 };

		if (pool_size(&p, sizes[i].family) != sizes[i].size)
			fail_msg("%s: %llu", sizes[i].ranges,
				 (unsigned long long)pool_size(&p, sizes[i].family));
		snprintf(want, sizeof(want), "%s", sizes[i].walk);
		for (word = strtok_r(want, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
			const char *is = pool_walk_next(&w, &p, sizes[i].family) ?
					 ip_addr_print(&w.ip, text) : "end";

			if (strcmp(is, word))
				fail_msg("%s: %s, not %s", sizes[i].ranges, is, word);
			if (strcmp(is, "end") && !pool_has(&p, &w.ip))
				fail_msg("%s has no %s", sizes[i].ranges, is);
		}
		pool_clear(&p);
	}
}

static const struct {
	const char *ranges;
	bool avoid;
	const char *ip;
	bool has;
} members[] = {
	{ "192.0.2.0/24", false, "192.0.2.0", true },
	{ "192.0.2.0/24", true, "192.0.2.0", false },
	{ "192.0.2.0/24", true, "192.0.2.255", false },
	{ "192.0.2.0/24", true, "192.0.2.254", true },
	{ "192.0.2.0/24", false, "192.0.3.0", false },
	{ "192.0.2.0/24", false, "2001:db8::1", false },
	{ "2001:db8::/64", true, "2001:db8::ff", true },
	{ "2001:db8::/64", true, "2001:db8::", true },
	{ "192.0.2.0/24", false, "2001:db8::", false },
	{ "192.0.2.1-192.0.2.3,192.0.2.7-192.0.2.9", false, "192.0.2.8", true },
	{ "192.0.2.1-192.0.2.3,192.0.2.7-192.0.2.9", false, "192.0.2.5", false },
};

static void test_has(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(members); i++) {
		struct pool p = make(members[i].ranges, members[i].avoid);
		const struct ip_addr a = ip(members[i].ip);

		if (pool_has(&p, &a) != members[i].has)
			fail_msg("%s and %s", members[i].ranges, members[i].ip);
		pool_clear(&p);
	}
}

static const struct {
	const char *namespaces, *selector, *second;	/* NULL: none */
	const char *ns, *labels;
	bool serves;
} rules[] = {
	{ NULL, NULL, NULL, "a", "{}", true },
	{ "a", NULL, NULL, "a", "{}", true },
	{ "a", NULL, NULL, "ab", "{}", false },
	{ NULL, "app=web", NULL, "a", "{\"app\":\"web\"}", true },
	{ NULL, "app=web", NULL, "a", "{\"app\":\"db\"}", false },
	{ NULL, "app=web", NULL, "a", "{}", false },
	{ NULL, "app=web", "app=db", "a", "{\"app\":\"db\"}", true },
	{ NULL, "app=web,tier in (a,b)", NULL, "a", "{\"app\":\"web\",\"tier\":\"b\"}", true },
	{ NULL, "app=web,tier in (a,b)", NULL, "a", "{\"app\":\"web\"}", false },
	{ NULL, "!app", NULL, "a", "{\"app\":\"web\"}", false },
	/* Both have to be met. */
	{ "a", "app=web", NULL, "a", "{\"app\":\"web\"}", true },
	{ "a", "app=web", NULL, "b", "{\"app\":\"web\"}", false },
	{ "a", "app=web", NULL, "a", "{}", false },
	/* An empty one selects all. */
	{ NULL, "", NULL, "a", "{}", true },
};

static void test_serves(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(rules); i++) {
		struct pool p = make("192.0.2.0/24", false);
		json_t *svc = json_pack("{s:{s:s, s:o}}", "metadata", "namespace", rules[i].ns,
					"labels", json_loads(rules[i].labels, 0, NULL));

		if (rules[i].namespaces)
			pool_add_namespace(&p, rules[i].namespaces);
		if (rules[i].selector)
			assert_int_equal(pool_add_selector(&p, rules[i].selector, NULL), 0);
		if (rules[i].second)
			assert_int_equal(pool_add_selector(&p, rules[i].second, NULL), 0);
		if (pool_serves(&p, svc) != rules[i].serves)
			fail_msg("row %zu", i);
		json_decref(svc);
		pool_clear(&p);
	}
}

/* Those for some come before those for all; among the former the lowest priority but 0. */
static void test_order(void **state)
{
	static const struct {
		const char *name, *range;
		bool restricted;
		unsigned int priority;
	} in[] = {
		{ "all", "192.0.2.0/28", false, 0 },
		{ "last", "192.0.2.16/28", true, 0 },
		{ "ninth", "192.0.2.32/28", true, 9 },
		{ "all2", "192.0.2.48/28", false, 0 },
		{ "first", "192.0.2.64/28", true, 1 },
		{ "ninth2", "192.0.2.80/28", true, 9 },
	};
	static const char *const out[] = { "first", "ninth", "ninth2", "last", "all", "all2" };
	const struct ip_addr inside = ip("192.0.2.40"), outside = ip("192.0.2.96");
	struct pools l = { .n = 0 }, same = { .n = 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(in); i++) {
		for (int twice = 0; twice < 2; twice++) {
			struct pool p = make(in[i].range, false);

			free(p.name);
			p.name = strdup(in[i].name);
			p.restricted = in[i].restricted;
			p.priority = in[i].priority;
			pools_add(twice ? &same : &l, &p);
		}
	}
	for (size_t i = 0; i < ROWS(out); i++)
		assert_string_equal(l.v[i].name, out[i]);
	assert_string_equal(pools_of(&l, &inside)->name, "ninth");
	assert_null(pools_of(&l, &outside));
	assert_string_equal(pools_named(&l, "all2")->name, "all2");
	assert_null(pools_named(&l, "all3"));
	assert_true(pools_equal(&l, &same));
	same.v[3].avoid_buggy = true;
	assert_false(pools_equal(&l, &same));
	pools_clear(&l);
	pools_clear(&same);
	assert_true(pools_equal(&l, &same));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_overlap),
		cmocka_unit_test(test_size_and_walk),
		cmocka_unit_test(test_has),
		cmocka_unit_test(test_serves),
		cmocka_unit_test(test_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
