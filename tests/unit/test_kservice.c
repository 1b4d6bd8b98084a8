// SPDX-License-Identifier: GPL-2.0
#include "addrport.h"
#include "err.h"
#include "kservice.h"
#include "strmap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* --- addresses --- */

static void test_addr_good(void **state)
{
	static const char *const same[] = {
		"0.0.0.0", "10.96.0.1", "255.255.255.255", "::", "::1", "fd00::1:2",
		"2001:db8:1:2:3:4:5:6",
	};
	char buf[INET6_ADDRSTRLEN];
	struct ip_addr a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		assert_int_equal(ip_addr_parse(same[i], &a, NULL), 0);
		assert_string_equal(ip_addr_print(&a, buf), same[i]);
		assert_int_equal(ip_addr_len(&a), strchr(same[i], ':') ? 16 : 4);
	}
	assert_int_equal(ip_addr_parse("FD00:0:0::1", &a, NULL), 0);
	assert_string_equal(ip_addr_print(&a, buf), "fd00::1");
}

static void test_addr_bad(void **state)
{
	static const char *const bad[] = {
		"", " ", "10.0.0.1 ", " 10.0.0.1", "10.0.0", "10.0.0.256", "10.0.0.01",
		"010.0.0.1", "0x0a.0.0.1", "10.0.0.1.", "10.0.0.1/32", "fe80::1%eth0", "[::1]",
		":::", "1::2::3", "12345::", "::ffff:10.0.0.1", "::ffff:a00:1", "localhost",
	};
	struct ip_addr a = { 0 };
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(ip_addr_parse(bad[i], &a, &e), -EINVAL);
		assert_non_null(strstr(e.text, bad[i]));
		assert_int_equal(a.family, 0);
	}
	ip_addr_parse("::ffff:10.0.0.1", &a, &e);
	assert_non_null(strstr(e.text, "write it as 10.0.0.1"));
}

static void test_addr_equal(void **state)
{
	struct ip_addr a, b;

	(void)state;
	/* What stands behind an IPv4 address in the union does not count. */
	memset(&a, 0xff, sizeof(a));
	memset(&b, 0, sizeof(b));
	a.family = b.family = AF_INET;
	a.v4.s_addr = b.v4.s_addr = htonl(0x0a000001);
	assert_true(ip_addr_equal(&a, &b));
	b.v4.s_addr = 0;
	assert_false(ip_addr_equal(&a, &b));
	b = a;
	b.family = AF_INET6;
	assert_false(ip_addr_equal(&a, &b));
}

static void test_cidr(void **state)
{
	static const char *const good[] = {
		"0.0.0.0/0", "10.0.0.0/8", "10.244.3.128/25", "10.0.0.1/32", "::/0", "fd00::/8",
		"fd00::8000/113", "::1/128",
	};
	static const char *const bad[] = {
		"", "/", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/08", "10.0.0.0/+8",
		"10.0.0.0/-1", "10.0.0.0/8 ", "10.0.0.0/1000", "::/129", "x/8", "10.0.0.1/31",
		"fd00::1/127", "fd00:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0/8",
	};
	char buf[INET6_ADDRSTRLEN + 4];
	struct ip_cidr c;
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(ip_cidr_parse(good[i], &c, NULL), 0);
		assert_string_equal(ip_cidr_print(&c, buf), good[i]);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(ip_cidr_parse(bad[i], &c, &e), -EINVAL);
		assert_non_null(strstr(e.text, bad[i]));
	}
	ip_cidr_parse("10.244.3.9/22", &c, &e);
	assert_non_null(strstr(e.text, "write it as 10.244.0.0/22"));
}

static void test_words(void **state)
{
	(void)state;
	assert_int_equal(ip_proto_parse("TCP"), IPPROTO_TCP);
	assert_int_equal(ip_proto_parse("udp"), IPPROTO_UDP);
	assert_int_equal(ip_proto_parse("Sctp"), IPPROTO_SCTP);
	assert_int_equal(ip_proto_parse(""), 0);
	assert_int_equal(ip_proto_parse("icmp"), 0);
	assert_string_equal(ip_proto_name(IPPROTO_SCTP), "SCTP");
	assert_null(ip_proto_name(1));
	assert_int_equal(kfrontend_kind_parse("nodeport"), SVCNAT_KIND_NODEPORT);
	assert_int_equal(kfrontend_kind_parse("Cluster"), -1);
	assert_string_equal(kfrontend_kind_name(SVCNAT_KIND_LOADBALANCER), "loadbalancer");
	assert_null(kfrontend_kind_name(99));
	assert_int_equal(kscheduler_parse("hash"), SVCNAT_SCHEDULER_HASH);
	assert_int_equal(kscheduler_parse("leastconn"), SVCNAT_SCHEDULER_LEASTCONN);
	assert_int_equal(kscheduler_parse("RR"), -1);
	assert_int_equal(kscheduler_parse(""), -1);
	assert_null(kscheduler_name(SVCNAT_SCHEDULER_MAX + 1));
}

/* Each word is read as what it was printed for. */
static void test_all_words(void **state)
{
	int i;

	(void)state;
	for (i = 0; i <= SVCNAT_KIND_MAX; i++)
		assert_int_equal(kfrontend_kind_parse(kfrontend_kind_name(i)), i);
	for (i = 0; i <= SVCNAT_SCHEDULER_MAX; i++)
		assert_int_equal(kscheduler_parse(kscheduler_name(i)), i);
}

/* What was not parsed, but came out of a message. */
static void test_cidr_valid(void **state)
{
	struct ip_cidr c;

	(void)state;
	assert_int_equal(ip_cidr_parse("10.244.0.0/16", &c, NULL), 0);
	assert_true(ip_cidr_valid(&c));
	c.prefix = 13;
	assert_false(ip_cidr_valid(&c));
	c.prefix = 33;
	assert_false(ip_cidr_valid(&c));
	/* What stands behind an IPv4 address in the union does not count. */
	c.prefix = 32;
	memset(c.addr.v6.s6_addr + 4, 0xff, 12);
	assert_true(ip_cidr_valid(&c));
	assert_int_equal(ip_cidr_parse("fd00::8000/113", &c, NULL), 0);
	assert_true(ip_cidr_valid(&c));
	c.prefix = 112;
	assert_false(ip_cidr_valid(&c));
	c.prefix = 129;
	assert_false(ip_cidr_valid(&c));
}

static void test_addrport(void **state)
{
	static const char *const good[] = { "10.0.0.1:1", "[fd00::1]:65535" };
	static const char *const bad[] = {
		"", ":80", "10.0.0.1", "10.0.0.1:", "10.0.0.1:0", "10.0.0.1:65536", "10.0.0.1:080",
		"10.0.0.1:+80", "10.0.0.1:80x", "10.0.0.1:99999999999", "[10.0.0.1]:80",
		"fd00::1:80",
		"[fd00::1]", "[fd00::1", "[fd00::1]80", "[]:80", "[fd00::1]:80:80",
	};
	char buf[ADDRPORT_STRLEN];
	struct ip_addr a;
	struct err e;
	uint16_t port;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(addrport_parse(good[i], &a, &port, NULL), 0);
		assert_string_equal(addrport_print(&a, port, buf), good[i]);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		e.text[0] = '\0';
		assert_int_equal(addrport_parse(bad[i], &a, &port, &e), -EINVAL);
		assert_true(strlen(e.text) > 0);
	}
	assert_int_equal(addrport_parse_optional("fd00::1", &a, &port, NULL), 0);
	assert_int_equal(port, 0);
	assert_int_equal(addrport_parse_optional("[fd00::1]", &a, &port, NULL), 0);
	assert_int_equal(addrport_parse_optional("10.0.0.1:7", &a, &port, NULL), 0);
	assert_int_equal(port, 7);
}

static void test_special(void **state)
{
	static const struct {
		const char *addr, *special;
	} cases[] = {
		{ "0.0.0.0", "an unspecified" }, { "0.1.2.3", "an unspecified" },
		{ "127.1.2.3", "a loopback" }, { "224.0.0.1", "a multicast" },
		{ "239.255.255.255", "a multicast" }, { "255.255.255.255", "the broadcast" },
		{ "::", "an unspecified" }, { "::1", "a loopback" }, { "ff02::1", "a multicast" },
		{ "10.0.0.1", NULL }, { "169.254.1.1", NULL }, { "240.0.0.1", NULL },
		{ "fe80::1", NULL }, { "fd00::1", NULL },
	};
	struct ip_addr a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(ip_addr_parse(cases[i].addr, &a, NULL), 0);
		if (cases[i].special)
			assert_string_equal(addrport_special(&a), cases[i].special);
		else
			assert_null(addrport_special(&a));
	}
}

/* --- services --- */

static struct kendpoint endpoint(unsigned int i)
{
	struct kendpoint p = {
		.addr.family = AF_INET, .port = 80, .lists = SVCNAT_LIST_CLUSTER, .weight = 1,
	};

	p.addr.v4.s_addr = htonl(0x0a000000 + i);
	return p;
}

static struct ip_cidr range(unsigned int i)
{
	struct ip_cidr c = { .addr.family = AF_INET, .prefix = 24 };

	c.addr.v4.s_addr = htonl(0xac100000 + (i << 8));
	return c;
}

static struct kservice make(unsigned int nendpoints, bool backwards)
{
	struct kservice s = { .name = "ns/web", .family = AF_INET, .proto = IPPROTO_TCP };
	struct kfrontend f = { .addr.family = AF_INET, .port = 80 };
	struct kendpoint p;
	struct ip_cidr c;
	unsigned int i;

	strcpy(s.owner, "hand");
	for (i = 0; i < 2; i++) {
		f.addr.v4.s_addr = htonl(0xc0000200 + (backwards ? 1 - i : i));
		assert_int_equal(kservice_add_frontend(&s, &f), 0);
		c = range(backwards ? 1 - i : i);
		assert_int_equal(kservice_add_range(&s, &c), 0);
	}
	for (i = 0; i < nendpoints; i++) {
		p = endpoint(backwards ? nendpoints - 1 - i : i);
		assert_int_equal(kservice_add_endpoint(&s, &p), 0);
	}
	return s;
}

static void test_limits(void **state)
{
	struct kfrontend f = { .addr.family = AF_INET, .port = 1 };
	struct kservice s = { 0 }, copy;
	struct kendpoint p;
	struct ip_cidr c;
	unsigned int i;

	(void)state;
	for (i = 0; i < SVCNAT_ENDPOINTS_MAX; i++) {
		p = endpoint(i);
		assert_int_equal(kservice_add_endpoint(&s, &p), 0);
	}
	assert_int_equal(kservice_add_endpoint(&s, &p), -ENOSPC);
	for (i = 0; i < SVCNAT_FRONTENDS_MAX; i++)
		assert_int_equal(kservice_add_frontend(&s, &f), 0);
	assert_int_equal(kservice_add_frontend(&s, &f), -ENOSPC);
	for (i = 0; i < SVCNAT_RANGES_MAX; i++) {
		c = range(i);
		assert_int_equal(kservice_add_range(&s, &c), 0);
	}
	assert_int_equal(kservice_add_range(&s, &c), -ENOSPC);
	assert_int_equal(s.nranges, SVCNAT_RANGES_MAX);
	assert_int_equal(kservice_copy(&copy, &s), 0);
	assert_true(kservice_equal(&copy, &s));
	kservice_clear(&copy);
	kservice_clear(&s);
	assert_int_equal(s.nendpoints, 0);
	assert_null(s.endpoints);
	assert_int_equal(s.nranges, 0);
	assert_null(s.ranges);
}

/* A copy can grow, whatever the size: around the powers of two that arrays are made in. */
static void test_copies_grow(void **state)
{
	struct kservice s, copy;
	struct kendpoint p = endpoint(9999);
	struct ip_cidr c;
	unsigned int n;

	(void)state;
	for (n = 0; n < 70; n++) {
		s = make(n, false);
		while (s.nranges < n) {
			c = range((unsigned int)s.nranges);
			assert_int_equal(kservice_add_range(&s, &c), 0);
		}
		c = range(9999);
		assert_int_equal(kservice_copy(&copy, &s), 0);
		assert_int_equal(kservice_add_endpoint(&copy, &p), 0);
		assert_int_equal(kservice_add_endpoint(&copy, &p), 0);
		assert_int_equal(kservice_add_range(&copy, &c), 0);
		assert_int_equal(kservice_add_range(&copy, &c), 0);
		assert_int_equal(copy.nendpoints, n + 2);
		assert_int_equal(s.nendpoints, n);
		assert_int_equal(copy.nranges, s.nranges + 2);
		assert_true(ip_addr_equal(&copy.ranges[1].addr, &s.ranges[1].addr));
		kservice_clear(&copy);
		kservice_clear(&s);
	}
}

static void copy_of(struct kservice *dst, const struct kservice *src)
{
	kservice_clear(dst);
	assert_int_equal(kservice_copy(dst, src), 0);
}

/* Every part that counts makes a difference, and each alone. */
static void test_differences(void **state)
{
	struct kservice a = make(5, false), b = { 0 };

	(void)state;
#define DIFFERS(change) do {				\
		copy_of(&b, &a);			\
		assert_true(kservice_equal(&a, &b));	\
		change;					\
		assert_false(kservice_equal(&a, &b));	\
		assert_false(kservice_equal(&b, &a));	\
	} while (0)
	DIFFERS(strcpy(b.name, "ns/wec"));
	DIFFERS(b.family = AF_INET6);
	DIFFERS(b.proto = IPPROTO_UDP);
	DIFFERS(strcpy(b.owner, "svcd"));
	DIFFERS(b.flags = SVCNAT_F_ACCOUNT);
	DIFFERS(b.scheduler = SVCNAT_SCHEDULER_RR);
	DIFFERS(b.affinity = 10800);
	DIFFERS(b.frontends[0].kind = SVCNAT_KIND_EXTERNAL);
	DIFFERS(b.frontends[1].port++);
	DIFFERS(b.nfrontends--);
	DIFFERS(b.ranges[1].prefix--);
	DIFFERS(b.ranges[0].addr.v4.s_addr = 0);
	DIFFERS(b.nranges--);
	DIFFERS(b.nranges = 0);
	DIFFERS(b.endpoints[3].port++);
	DIFFERS(b.endpoints[3].lists |= SVCNAT_LIST_LOCAL);
	DIFFERS(b.endpoints[4].lists = 0);
	DIFFERS(b.endpoints[0].weight = 0);
	DIFFERS(b.nendpoints--);
	/* The same weights, but not on the same endpoints. */
	a.endpoints[0].weight = 2;
	DIFFERS(b.endpoints[0].weight = 1; b.endpoints[1].weight = 2);
#undef DIFFERS
	kservice_clear(&a);
	kservice_clear(&b);
}

/* What the kernel counts and numbers is no part of it, nor is the order. */
static void test_equal(void **state)
{
	struct kservice a = make(5, false), b = make(5, true);

	(void)state;
	assert_true(kservice_equal(&a, &b));
	b.id = 7;
	b.has_counts = true;
	b.counts[SVCNAT_REASON_ENDPOINT] = 9;
	b.endpoints[2].connections = 9;
	b.endpoints[2].has_records = true;
	b.endpoints[2].active = 1;
	b.endpoints[2].bytes_to = 1000;
	assert_true(kservice_equal(&a, &b));
	kservice_clear(&a);
	kservice_clear(&b);
}

static void test_list(void **state)
{
	struct kservices l = { 0 };
	struct kservice s;
	unsigned int i;

	(void)state;
	kservices_sort(&l);
	for (i = 0; i < 100; i++) {
		s = make(i, false);
		snprintf(s.name, sizeof(s.name), "s%02u", 99 - i / 2);
		s.family = i % 2 ? AF_INET : AF_INET6;
		assert_int_equal(kservices_add(&l, &s), 0);
		kservice_clear(&s);
	}
	kservices_sort(&l);
	for (i = 1; i < l.n; i++)
		assert_true(kservice_key_cmp(&l.v[i - 1], &l.v[i]) < 0);
	kservices_clear(&l);
	assert_int_equal(l.n, 0);
	kservices_clear(&l);
}

static void test_cidrs(void **state)
{
	struct ksettings s = { .echo = true };
	struct kcidrs l = { 0 };
	struct ip_cidr c;
	unsigned int i;

	(void)state;
	for (i = 0; i < SVCNAT_CIDRS_MAX; i++) {
		c = range(i);
		assert_int_equal(kcidrs_add(&l, &c), 0);
	}
	assert_int_equal(kcidrs_add(&l, &c), -ENOSPC);
	assert_int_equal(l.n, SVCNAT_CIDRS_MAX);
	for (i = 0; i < SVCNAT_CIDRS_MAX; i++) {
		c = range(i);
		assert_true(ip_addr_equal(&l.v[i].addr, &c.addr));
	}
	kcidrs_clear(&l);
	assert_int_equal(l.n, 0);
	kcidrs_clear(&l);
	/* A leak of one of the lists is seen by the sanitizer. */
	assert_int_equal(kcidrs_add(&s.pod_cidrs, &c), 0);
	assert_int_equal(kcidrs_add(&s.service_cidrs, &c), 0);
	assert_int_equal(kcidrs_add(&s.nodeport_cidrs, &c), 0);
	assert_int_equal(kcidrs_add(&s.external_cidrs, &c), 0);
	ksettings_clear(&s);
	assert_null(s.external_cidrs.v);
	assert_false(s.echo);
}

static void test_affinities(void **state)
{
	struct kaffinity a = { .name = "ns/web", .family = AF_INET, .proto = IPPROTO_TCP };
	struct kaffinities l = { 0 };
	unsigned int i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		a.age = i;
		assert_int_equal(kaffinities_add(&l, &a), 0);
	}
	assert_int_equal(l.n, 1000);
	for (i = 0; i < 1000; i++)
		assert_int_equal(l.v[i].age, i);
	kaffinities_clear(&l);
	assert_int_equal(l.n, 0);
	assert_null(l.v);
}

/* --- strmap --- */

static void test_strmap(void **state)
{
	static char keys[1000][8];
	struct strmap m = { 0 };
	unsigned int i, round;

	(void)state;
	assert_null(strmap_find(&m, "x"));
	strmap_del(&m, "x");
	for (i = 0; i < 1000; i++)
		snprintf(keys[i], sizeof(keys[i]), "k%u", i);
	for (round = 0; round < 3; round++) {
		for (i = 0; i < 1000; i++)
			assert_int_equal(strmap_add(&m, keys[i], keys[i]), 0);
		/* Half of them go, in another order; none of the others may be lost by that. */
		for (i = 0; i < 1000; i += 2)
			strmap_del(&m, keys[i * 7 % 1000]);
		assert_int_equal(m.n, 500);
		for (i = 0; i < 1000; i++)
			assert_ptr_equal(strmap_find(&m, keys[i]), i % 2 ? keys[i] : NULL);
		for (i = 1; i < 1000; i += 2)
			strmap_del(&m, keys[i]);
		assert_int_equal(m.n, 0);
	}
	strmap_clear(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addr_good),
		cmocka_unit_test(test_addr_bad),
		cmocka_unit_test(test_addr_equal),
		cmocka_unit_test(test_cidr),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_all_words),
		cmocka_unit_test(test_cidr_valid),
		cmocka_unit_test(test_addrport),
		cmocka_unit_test(test_special),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_copies_grow),
		cmocka_unit_test(test_differences),
		cmocka_unit_test(test_equal),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_cidrs),
		cmocka_unit_test(test_affinities),
		cmocka_unit_test(test_strmap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
