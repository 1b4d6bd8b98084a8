// SPDX-License-Identifier: GPL-2.0
/*
 * The module's lists of CIDRs: what is in one and what is just past its edge,
 * bits that do not belong there, order and equality. The very file of the
 * module, compiled for this process.
 */
#include <linux/types.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cidr.h"

#include "cidr.c"

static u8 family_of(const char *text)
{
	return strchr(text, ':') ? NFPROTO_IPV6 : NFPROTO_IPV4;
}

static union nf_inet_addr addr(const char *text)
{
	union nf_inet_addr a;

	memset(&a, 0, sizeof(a));
	assert_int_equal(inet_pton(strchr(text, ':') ? AF_INET6 : AF_INET, text, &a), 1);
	return a;
}

/* The i-th one of "address/prefix". */
static int fill(struct svcnat_cidrs *list, u32 i, const char *text)
{
	union nf_inet_addr a;
	char address[64];
	unsigned int prefix;

	assert_int_equal(sscanf(text, "%63[^/]/%u", address, &prefix), 2);
	a = addr(address);
	return svcnat_cidrs_fill(list, i, family_of(address), &a, prefix);
}

/* Of words that a blank stands between; to be freed. */
static struct svcnat_cidrs *cidrs(const char *words)
{
	char text[512], *save = NULL, *word;
	struct svcnat_cidrs *list;
	u32 n = 0;

	assert_true(strlen(words) < sizeof(text));
	strcpy(text, words);
	for (word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save))
		n++;
	list = svcnat_cidrs_alloc(n);
	assert_non_null(list);

	strcpy(text, words);
	n = 0;
	for (word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save))
		assert_int_equal(fill(list, n++, word), 0);
	assert_int_equal(list->n, n);
	return list;
}

/* ---- containment */

struct contain_case {
	const char *list, *addr;
	bool inside;
};

static const struct contain_case contain_cases[] = {
	{ "10.244.0.0/16", "10.244.0.0", true },
	{ "10.244.0.0/16", "10.244.255.255", true },
	{ "10.244.0.0/16", "10.243.255.255", false },
	{ "10.244.0.0/16", "10.245.0.0", false },
	{ "0.0.0.0/0", "0.0.0.0", true },
	{ "0.0.0.0/0", "255.255.255.255", true },
	{ "0.0.0.0/1", "127.255.255.255", true },
	{ "0.0.0.0/1", "128.0.0.0", false },
	{ "128.0.0.0/1", "255.255.255.255", true },
	{ "128.0.0.0/1", "127.255.255.255", false },
	{ "192.0.2.4/31", "192.0.2.5", true },
	{ "192.0.2.4/31", "192.0.2.6", false },
	{ "192.0.2.4/32", "192.0.2.4", true },
	{ "192.0.2.4/32", "192.0.2.5", false },
	{ "192.0.2.4/32", "192.0.2.3", false },
	{ "::/0", "::", true },
	{ "::/0", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true },
	{ "8000::/1", "ffff::", true },
	{ "8000::/1", "7fff:ffff::", false },
	{ "2001:db8::/31", "2001:db9::", true },
	{ "2001:db8::/31", "2001:dba::", false },
	{ "2001:db8::/32", "2001:db8:ffff::", true },
	{ "2001:db8::/32", "2001:db9::", false },
	{ "2001:db8::/33", "2001:db8:7fff:ffff::", true },
	{ "2001:db8::/33", "2001:db8:8000::", false },
	{ "fd44::/64", "fd44::ffff:ffff:ffff:ffff", true },
	{ "fd44::/64", "fd44:0:0:1::", false },
	{ "fd44::/96", "fd44::1:2", true },
	{ "fd44::/96", "fd44::1:0:0", false },
	{ "fd44::/97", "fd44::7fff:ffff", true },
	{ "fd44::/97", "fd44::8000:0", false },
	{ "fd44::2/127", "fd44::3", true },
	{ "fd44::2/127", "fd44::4", false },
	{ "fd44::2/128", "fd44::2", true },
	{ "fd44::2/128", "fd44::3", false },
	{ "fd44::2/128", "8000:fd44::2", false },
	/* each family for itself, the widest too */
	{ "0.0.0.0/0", "::", false },
	{ "0.0.0.0/0", "c000:201::", false },
	{ "::/0", "192.0.2.1", false },
	{ "192.0.2.1/32", "c000:201::", false },
	{ "c000:201::/128", "192.0.2.1", false },
	/* any one of several */
	{ "10.0.0.0/8 192.0.2.0/24 fd44::/64", "10.1.2.3", true },
	{ "10.0.0.0/8 192.0.2.0/24 fd44::/64", "192.0.2.255", true },
	{ "10.0.0.0/8 192.0.2.0/24 fd44::/64", "fd44::1", true },
	{ "10.0.0.0/8 192.0.2.0/24 fd44::/64", "11.0.0.0", false },
	{ "10.0.0.0/8 192.0.2.0/24 fd44::/64", "fd45::1", false },
	{ "", "192.0.2.1", false },
	{ "", "::", false },
};

static void test_contain(void **state)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(contain_cases); i++) {
		const struct contain_case *c = &contain_cases[i];
		struct svcnat_cidrs *list = cidrs(c->list);
		union nf_inet_addr a = addr(c->addr);

		if (svcnat_cidrs_contain(list, family_of(c->addr), &a) != c->inside)
			fail_msg("[%s] and %s", c->list, c->addr);
		kvfree(list);
	}
	(void)state;
}

static void test_know(void **state)
{
	struct svcnat_cidrs *none = cidrs(""), *v4 = cidrs("10.0.0.0/8");
	struct svcnat_cidrs *v6 = cidrs("::/0"), *both = cidrs("::/0 0.0.0.0/0");

	assert_false(svcnat_cidrs_know(none, NFPROTO_IPV4));
	assert_false(svcnat_cidrs_know(none, NFPROTO_IPV6));
	assert_true(svcnat_cidrs_know(v4, NFPROTO_IPV4));
	assert_false(svcnat_cidrs_know(v4, NFPROTO_IPV6));
	assert_false(svcnat_cidrs_know(v6, NFPROTO_IPV4));
	assert_true(svcnat_cidrs_know(v6, NFPROTO_IPV6));
	assert_true(svcnat_cidrs_know(both, NFPROTO_IPV4));
	assert_true(svcnat_cidrs_know(both, NFPROTO_IPV6));
	kvfree(none);
	kvfree(v4);
	kvfree(v6);
	kvfree(both);
	(void)state;
}

/* ---- what is no CIDR */

struct fill_case {
	const char *text;
	int err;
};

static const struct fill_case fill_cases[] = {
	{ "0.0.0.0/0", 0 },
	{ "0.0.0.1/0", -EDOM },
	{ "128.0.0.0/0", -EDOM },
	{ "128.0.0.0/1", 0 },
	{ "64.0.0.0/1", -EDOM },
	{ "10.244.0.0/16", 0 },
	{ "10.244.0.1/16", -EDOM },
	{ "10.244.128.0/16", -EDOM },
	{ "10.244.128.0/17", 0 },
	{ "192.0.2.2/31", 0 },
	{ "192.0.2.3/31", -EDOM },
	{ "192.0.2.3/32", 0 },
	{ "192.0.2.3/33", -EINVAL },
	{ "192.0.2.3/128", -EINVAL },
	{ "192.0.2.3/255", -EINVAL },
	{ "::/0", 0 },
	{ "::1/0", -EDOM },
	{ "8000::/0", -EDOM },
	{ "2001:db8::/32", 0 },
	{ "2001:db8:8000::/32", -EDOM },
	{ "2001:db8:8000::/33", 0 },
	{ "2001:db8::1/33", -EDOM },
	{ "fd44::1:0:0/64", -EDOM },
	{ "fd44::1:0:0/95", -EDOM },
	{ "fd44::1:0:0/96", 0 },
	{ "fd44::2/127", 0 },
	{ "fd44::1/127", -EDOM },
	{ "fd44::1/128", 0 },
	{ "fd44::1/129", -EINVAL },
	{ "fd44::1/255", -EINVAL },
};

static void test_fill(void **state)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fill_cases); i++) {
		struct svcnat_cidrs *list = svcnat_cidrs_alloc(1);
		int err;

		assert_non_null(list);
		err = fill(list, 0, fill_cases[i].text);
		if (err != fill_cases[i].err)
			fail_msg("%s: %d", fill_cases[i].text, err);
		kvfree(list);
	}
	(void)state;
}

/* ---- order, equality, copies */

struct sort_case {
	const char *list;
	const char *twice;		/* NULL: none */
};

static const struct sort_case sort_cases[] = {
	{ "", NULL },
	{ "10.0.0.0/8", NULL },
	{ "10.0.0.0/8 10.0.0.0/8", "10.0.0.0/8" },
	{ "10.0.0.0/8 fd44::/64 10.0.0.0/8", "10.0.0.0/8" },
	{ "10.0.0.0/8 10.0.0.0/9 10.0.0.0/16", NULL },
	{ "0.0.0.0/0 ::/0", NULL },
	{ "::/0 0.0.0.0/0 ::/0", "::/0" },
	{ "a00::/8 10.0.0.0/8", NULL },
	{ "fd44::1/128 fd44::2/128 fd44::3/128 fd44::2/128", "fd44::2/128" },
};

static void test_duplicates(void **state)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sort_cases); i++) {
		const struct sort_case *c = &sort_cases[i];
		struct svcnat_cidrs *list = cidrs(c->list);
		const struct svcnat_cidr *found = svcnat_cidrs_sort(list);

		if (!found != !c->twice)
			fail_msg("[%s]", c->list);
		if (found) {
			struct svcnat_cidrs *want = cidrs(c->twice);

			assert_memory_equal(found, &want->v[0], sizeof(*found));
			kvfree(want);
		}
		kvfree(list);
	}
	(void)state;
}

struct equal_case {
	const char *a, *b;
	bool equal;
};

static const struct equal_case equal_cases[] = {
	{ "", "", true },
	{ "", "::/0", false },
	{ "10.0.0.0/8", "10.0.0.0/8", true },
	{ "10.0.0.0/8", "10.0.0.0/9", false },
	{ "10.0.0.0/8", "11.0.0.0/8", false },
	{ "10.0.0.0/8", "10.0.0.0/8 11.0.0.0/8", false },
	{ "10.0.0.0/8", "a00::/8", false },
	{ "0.0.0.0/0", "::/0", false },
	{ "10.0.0.0/8 11.0.0.0/8", "11.0.0.0/8 10.0.0.0/8", true },
	{ "::/0 10.0.0.0/8 fd44::/64 10.0.0.0/16", "10.0.0.0/16 fd44::/64 10.0.0.0/8 ::/0", true },
	{ "::/0 10.0.0.0/8 fd44::/64 10.0.0.0/16", "10.0.0.0/16 fd44::/65 10.0.0.0/8 ::/0", false },
};

static void test_equal(void **state)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(equal_cases); i++) {
		const struct equal_case *c = &equal_cases[i];
		struct svcnat_cidrs *a = cidrs(c->a), *b = cidrs(c->b);

		assert_null(svcnat_cidrs_sort(a));
		assert_null(svcnat_cidrs_sort(b));
		if (svcnat_cidrs_equal(a, b) != c->equal || svcnat_cidrs_equal(b, a) != c->equal)
			fail_msg("[%s] and [%s]", c->a, c->b);
		kvfree(a);
		kvfree(b);
	}
	(void)state;
}

static void test_copy(void **state)
{
	struct svcnat_cidrs *list = cidrs("10.0.0.0/8 fd44::/64"), *copy;
	union nf_inet_addr a = addr("fd44::1");

	copy = svcnat_cidrs_copy(list);
	assert_non_null(copy);
	assert_true(svcnat_cidrs_equal(list, copy));
	kvfree(list);
	assert_true(svcnat_cidrs_know(copy, NFPROTO_IPV6));
	assert_true(svcnat_cidrs_contain(copy, NFPROTO_IPV6, &a));

	kshim_fail = 1;
	assert_null(svcnat_cidrs_copy(copy));
	kshim_fail = 1;
	assert_null(svcnat_cidrs_alloc(3));
	kvfree(copy);
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_contain),
		cmocka_unit_test(test_know),
		cmocka_unit_test(test_fill),
		cmocka_unit_test(test_duplicates),
		cmocka_unit_test(test_equal),
		cmocka_unit_test(test_copy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
