// SPDX-License-Identifier: GPL-2.0
/* The zone itself, what it is configured with, and the form of its answers. */
#include "dns_zone_help.h"
#include "dns_zone_priv.h"
#include "err.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const objects[] = {
	SERVICE("ns", "web", "'clusterIPs': ['10.96.0.1', 'fd00:96::1'],"
		    "'ports': [" PORT("http", 80) "]"),
	SERVICE("ns", "plain", "'clusterIP': '10.96.0.2', 'ports': [{'port': 70}]"),
	SERVICE("ext", "in", "'type': 'ExternalName',"
		    "'externalName': 'web.ns.svc.cluster.local'"),
};

/* --- the zone itself --- */

static void test_soa(void **state)
{
	struct dns_zone *z = dns_zone_help_new();
	static const char *const zones[] = {
		"cluster.local", "96.10.in-addr.arpa",
		"0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.9.0.0.0.0.d.f.ip6.arpa",
	};
	char expected[256];
	size_t i, serial;

	(void)state;
	for (serial = 7; serial < 9; serial++) {
		for (i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
			snprintf(expected, sizeof(expected), "answer\n%s. SOA "
				 "ns.dns.cluster.local. hostmaster.cluster.local. %zu 7200 1800 "
				 "86400 5", zones[i], serial);
			dns_zone_help_expect(z, "a zone", zones[i], "SOA", expected);
		}
		/* Each change is another one. */
		dns_zone_help_tell(z, objects[0]);
	}
	dns_zone_free(z);
}

static struct dns_reply ask(struct dns_zone *z, const char *name, ldns_rr_type type, size_t room)
{
	ldns_rdf *rdf = ldns_dname_new_frm_str(name);
	struct dns_reply r;

	assert_int_equal(dns_zone_answer(z, rdf, type, room, &r), 0);
	ldns_rdf_deep_free(rdf);
	return r;
}

static uint32_t ttl_of(const ldns_rr_list *list)
{
	assert_true(ldns_rr_list_rr_count(list) > 0);
	return ldns_rr_ttl(ldns_rr_list_rr(list, 0));
}

/* Of what is there the zone's; of what is not 5 at most. */
static void test_ttl(void **state)
{
	static const uint32_t ttls[][2] = { { 0, 0 }, { 3, 3 }, { 5, 5 }, { 3600, 5 } };
	struct dns_zone_config c = { .domain = "cluster.local" };
	struct dns_zone *z = dns_zone_help_new();
	struct dns_reply r;
	size_t i;

	(void)state;
	dns_zone_help_tell(z, objects[0]);
	for (i = 0; i < sizeof(ttls) / sizeof(ttls[0]); i++) {
		c.ttl = ttls[i][0];
		assert_int_equal(dns_zone_configure(z, &c, NULL), 0);
		r = ask(z, SVC("_http._tcp.web.ns"), LDNS_RR_TYPE_SRV, 512);
		assert_int_equal(ttl_of(r.answer), ttls[i][0]);
		assert_int_equal(ttl_of(r.additional), ttls[i][0]);
		dns_reply_clear(&r);
		r = ask(z, SVC("gone.ns"), LDNS_RR_TYPE_A, 512);
		assert_int_equal(ttl_of(r.authority), ttls[i][1]);
		assert_int_equal(ldns_rdf2native_int32(ldns_rr_rdf(ldns_rr_list_rr(r.authority, 0),
								   6)), ttls[i][1]);
		dns_reply_clear(&r);
		r = ask(z, "cluster.local", LDNS_RR_TYPE_SOA, 512);
		assert_int_equal(ttl_of(r.answer), ttls[i][0]);
		dns_reply_clear(&r);
	}
	dns_zone_free(z);
}

/* An answer is a message of its own, byte by byte. */
static void test_wire(void **state)
{
	static const uint8_t expected[] = {
		3, 'w', 'e', 'b', 2, 'n', 's', 3, 's', 'v', 'c', 7, 'c', 'l', 'u', 's', 't', 'e',
		'r', 5, 'l', 'o', 'c', 'a', 'l', 0,	/* owner */
		0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 10, 96, 0, 1,
	};
	struct dns_zone *z = dns_zone_help_new();
	struct dns_reply r;
	uint8_t *wire;
	size_t size;

	(void)state;
	dns_zone_help_tell(z, objects[0]);
	r = ask(z, SVC("web.ns"), LDNS_RR_TYPE_A, 512);
	assert_int_equal(ldns_rr2wire(&wire, ldns_rr_list_rr(r.answer, 0), LDNS_SECTION_ANSWER,
				      &size), LDNS_STATUS_OK);
	assert_int_equal(size, sizeof(expected));
	assert_memory_equal(wire, expected, size);
	free(wire);
	dns_reply_clear(&r);
	dns_zone_free(z);
}

/* What is no name on the wire is nobody's. */
static void test_no_name(void **state)
{
	static const struct {
		size_t size;
		uint8_t data[12];
	} names[] = {
		{ 0, "" }, { 3, "\3ab" }, { 4, "\3abc" }, { 2, "\300\0" }, { 3, "\100a" },
		{ 7, "\1a\0\1b\0" }, { 4, "\1a\1b" },
	};
	struct dns_zone *z = dns_zone_help_new();
	struct dns_reply r;
	ldns_rdf *rdf;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		rdf = ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, names[i].size, names[i].data);
		assert_int_equal(dns_zone_answer(z, rdf, LDNS_RR_TYPE_A, 512, &r), 0);
		assert_int_equal(r.verdict, DNS_NOT_OURS);
		dns_reply_clear(&r);
		ldns_rdf_deep_free(rdf);
	}
	dns_zone_free(z);
}

/* --- the configuration --- */

#define LONG_LABEL	"a23456789012345678901234567890123456789012345678901234567890123"
#define LONGEST		LONG_LABEL \
	".b234567890123456789012345678901234567890123456789012345.c"

static void test_domains(void **state)
{
	static const struct {
		const char *domain, *error;
	} domains[] = {
		{ "cluster.local", NULL }, { "Cluster.Local.", NULL }, { "k8s", NULL },
		{ LONGEST, NULL },
		{ LONGEST "d", "is longer than 121 characters" },
		{ "", "is not one" }, { ".", "is not one" }, { "a..b", "is not one" },
		{ "cluster.local..", "is not one" }, { "-a", "is not one" },
		{ "a_b", "is not one" }, { "a b", "is not one" },
	};
	struct dns_zone_config c = { .ttl = 5 };
	struct dns_zone *z;
	struct err e;
	size_t i;
	int ret;

	(void)state;
	assert_int_equal(strlen(LONGEST), DNS_DOMAIN_MAX);
	for (i = 0; i < sizeof(domains) / sizeof(domains[0]); i++) {
		c.domain = domains[i].domain;
		e.text[0] = '\0';
		ret = dns_zone_alloc(&z, &c, &e);
		assert_int_equal(ret, domains[i].error ? -EINVAL : 0);
		if (ret)
			assert_non_null(strstr(e.text, domains[i].error));
		else
			dns_zone_free(z);
	}
}

static void test_configure(void **state)
{
	struct dns_zone *z = dns_zone_help_new();
	struct ip_cidr cidr = { .prefix = 0 };
	struct dns_zone_config c = { .domain = "K8s.", .ttl = 9 };
	struct err e;

	(void)state;
	dns_zone_help_tell_all(z, objects, sizeof(objects) / sizeof(objects[0]));
	c.domain = "no domain";
	assert_int_equal(dns_zone_configure(z, &c, &e), -EINVAL);
	dns_zone_help_expect(z, "as before", SVC("plain.ns"), "A",
			     "answer\n" SVC("plain.ns") " A 10.96.0.2");
	dns_zone_help_expect(z, "as before", "1.1.96.10.in-addr.arpa", "PTR",
			     "nxdomain\n! 96.10.in-addr.arpa.");
	c.domain = "K8s.";
	assert_int_equal(dns_zone_configure(z, &c, &e), 0);
	dns_zone_help_expect(z, "another domain", "plain.ns.svc.k8s", "A",
			     "answer\nplain.ns.svc.k8s. A 10.96.0.2");
	dns_zone_help_expect(z, "another domain", SVC("plain.ns"), "A", "not ours");
	dns_zone_help_expect(z, "another domain", "2.0.96.10.in-addr.arpa", "PTR",
			     "answer\n2.0.96.10.in-addr.arpa. PTR plain.ns.svc.k8s.");
	dns_zone_help_expect(z, "no range", "1.1.96.10.in-addr.arpa", "PTR", "not ours");
	dns_zone_help_expect(z, "no server", "ns.dns.k8s", "A", "nodata\n! k8s.");
	dns_zone_help_expect(z, "no server", "k8s", "NS", "answer\nk8s. NS ns.dns.k8s.");
	/* An alias of what is not ours any more. */
	dns_zone_help_expect(z, "alias", "in.ext.svc.k8s", "A",
			     "answer\nin.ext.svc.k8s. CNAME " SVC("web.ns") "\n> " SVC("web.ns"));

	/* Ranges that end within a label begin with the next one. */
	assert_int_equal(ip_cidr_parse("10.96.0.0/12", &cidr, &e), 0);
	c.service_cidrs = (struct kcidrs){ &cidr, 1 };
	assert_int_equal(dns_zone_configure(z, &c, &e), 0);
	dns_zone_help_expect(z, "/12", "1.1.111.10.in-addr.arpa", "PTR",
			     "nxdomain\n! 111.10.in-addr.arpa.");
	dns_zone_help_expect(z, "/12", "1.1.112.10.in-addr.arpa", "PTR", "not ours");
	dns_zone_help_expect(z, "/12", "10.in-addr.arpa", "PTR", "not ours");
	assert_int_equal(ip_cidr_parse("0.0.0.0/0", &cidr, &e), 0);
	assert_int_equal(dns_zone_configure(z, &c, &e), 0);
	dns_zone_help_expect(z, "/0", "in-addr.arpa", "PTR", "nodata\n! in-addr.arpa.");
	dns_zone_help_expect(z, "/0", "7.in-addr.arpa", "PTR", "nodata\n! in-addr.arpa.");
	dns_zone_free(z);
}

/* In the longest domain there is room for all Services, and not for all of their endpoints. */
static void test_long_names(void **state)
{
#define LONG_SVC	"{'metadata': {'namespace': '" LONG_LABEL "', 'name': '" LONG_LABEL "'}"
	struct dns_zone *z = dns_zone_help_new();
	const struct dns_zone_config c = { .domain = LONGEST, .ttl = 9 };
	static const char name[] = LONG_LABEL "." LONG_LABEL ".svc." LONGEST;

	(void)state;
	assert_int_equal(dns_zone_configure(z, &c, NULL), 0);
	dns_zone_help_tell(z, LONG_SVC ", 'spec': {'clusterIP': 'None'}}");
	dns_zone_help_tell(z, SLICE(LONG_LABEL, "s", LONG_LABEL, "IPv4", PORT("p", 1),
				    EP("10.244.1.1")));
	dns_zone_help_expect(z, "an address", name, "A",
			     "answer\n" LONG_LABEL "." LONG_LABEL ".svc." LONGEST
			     ". A 10.244.1.1");
	dns_zone_help_expect(z, "no name to lead to", name, "SRV", "nodata\n! " LONGEST ".");
	dns_zone_help_expect(z, "no name to lead to", "1.1.244.10.in-addr.arpa", "PTR",
			     "nodata\n! 1.1.244.10.in-addr.arpa.");
	dns_zone_help_tell(z, LONG_SVC ", 'spec': {'clusterIP': '10.96.0.1'}}");
	dns_zone_help_expect(z, "a name to lead to", "1.0.96.10.in-addr.arpa", "PTR",
			     "answer\n1.0.96.10.in-addr.arpa. PTR " LONG_LABEL "." LONG_LABEL
			     ".svc." LONGEST ".");
	dns_zone_free(z);
}

/* --- room --- */

static void tell_endpoints(struct dns_zone *z, const char *slice, const char *service, int from,
			   int n)
{
	json_t *endpoints = json_array(), *object;
	int i;

	for (i = from; i < from + n; i++)
		json_array_append_new(endpoints, json_pack("{s:[o]}", "addresses",
			json_sprintf("10.%d.%d.%d", 200 + (i >> 16), (i >> 8) & 255, i & 255)));
	object = json_pack("{s:{s:s, s:s, s:{s:s}}, s:s, s:[{s:s, s:i}], s:o}", "metadata",
			   "namespace", "ns", "name", slice, "labels", "kubernetes.io/service-name",
			   service, "addressType", "IPv4", "ports", "name", "p", "port", 1,
			   "endpoints", endpoints);
	assert_int_equal(dns_zone_object(z, PROXY_SLICE, object, false), 0);
	json_decref(object);
}

static void test_room(void **state)
{
	struct dns_zone *z = dns_zone_help_new();
	struct dns_reply r;
	size_t n;

	(void)state;
	dns_zone_help_tell(z, SERVICE("ns", "big", "'clusterIP': 'None'"));
	tell_endpoints(z, "s", "big", 0, 5000);

	/* 16 bytes for each, after the header and the question. */
	r = ask(z, SVC("big.ns"), LDNS_RR_TYPE_A, 1232);
	assert_int_equal(r.verdict, DNS_ANSWERED);
	assert_true(r.cut);
	assert_int_equal(ldns_rr_list_rr_count(r.answer), (1232 - 16 - 26) / 16);
	dns_reply_clear(&r);
	r = ask(z, SVC("big.ns"), LDNS_RR_TYPE_A, 1000000);
	assert_true(r.cut);
	assert_int_equal(ldns_rr_list_rr_count(r.answer), (65535 - 16 - 26) / 16);
	dns_reply_clear(&r);
	r = ask(z, SVC("big.ns"), LDNS_RR_TYPE_A, 0);
	assert_int_equal(r.verdict, DNS_ANSWERED);
	assert_true(r.cut);
	assert_int_equal(ldns_rr_list_rr_count(r.answer), 0);
	dns_reply_clear(&r);

	/* Answers come first; what goes with them gets what is left. */
	r = ask(z, SVC("_p._tcp.big.ns"), LDNS_RR_TYPE_SRV, 512);
	assert_true(r.cut);
	assert_in_range(ldns_rr_list_rr_count(r.answer), 10, 512 / 20);
	assert_int_equal(ldns_rr_list_rr_count(r.additional), 0);
	dns_reply_clear(&r);
	tell_endpoints(z, "s", "big", 0, 20);
	r = ask(z, SVC("_p._tcp.big.ns"), LDNS_RR_TYPE_SRV, 512);
	assert_false(r.cut);
	assert_int_equal(ldns_rr_list_rr_count(r.answer), 20);
	n = ldns_rr_list_rr_count(r.additional);
	assert_in_range(n, 1, 6);
	dns_reply_clear(&r);
	r = ask(z, SVC("_p._tcp.big.ns"), LDNS_RR_TYPE_SRV, 4096);
	assert_int_equal(ldns_rr_list_rr_count(r.additional), 20);
	dns_reply_clear(&r);
	dns_zone_free(z);
}

/* --- turns --- */

/* Each endpoint is the first of an answer as often, whoever else asks for what. */
static void test_turns(void **state)
{
	static const char *const slices[] = {
		SLICE("ns", "db-1", "db", "IPv4", "", EP("10.244.2.1") "," EP("10.244.2.2")
		      "," EP("10.244.2.3")),
		SLICE("ns", "db-2", "db", "IPv6", "", EP("fd00:244::1") "," EP("fd00:244::2")),
	};
	struct dns_zone *z = dns_zone_help_new();
	size_t v4[3] = { 0 }, v6[2] = { 0 };
	char *first;
	int i;

	(void)state;
	dns_zone_help_tell(z, SERVICE("ns", "db", "'clusterIP': 'None'"));
	dns_zone_help_tell_all(z, slices, 2);
	for (i = 0; i < 6; i++) {
		first = dns_zone_help_first(z, SVC("db.ns"), "A");
		v4[first[strlen(first) - 1] - '1']++;
		free(first);
		first = dns_zone_help_first(z, SVC("db.ns"), "AAAA");
		v6[first[strlen(first) - 1] - '1']++;
		free(first);
	}
	for (i = 0; i < 3; i++)
		assert_int_equal(v4[i], 2);
	for (i = 0; i < 2; i++)
		assert_int_equal(v6[i], 3);
	dns_zone_free(z);
}

/* Who wants one name of an address takes the first one: the hostname, if there is one. */
static void test_first_pointer(void **state)
{
	static const char *const all[] = {
		SERVICE("ns", "a", "'clusterIP': 'None'"),
		SERVICE("ns", "b", "'clusterIP': 'None'"),
		SERVICE("ns", "c", "'clusterIP': '10.96.0.1', 'ports': [" PORT("p", 1) "]"),
		SLICE("ns", "a-1", "a", "IPv4", "", EP("10.244.0.1")),
		SLICE("ns", "b-1", "b", "IPv4", "", NAMED("10.244.0.1", "pod")),
		SLICE("ns", "c-1", "c", "IPv4", "", NAMED("10.244.0.1", "other")),
	};
	static const size_t orders[][6] = { { 0, 1, 2, 3, 4, 5 }, { 5, 4, 3, 2, 1, 0 } };
	struct dns_zone *z;
	char *first;
	size_t i, j;

	(void)state;
	for (i = 0; i < 2; i++) {
		z = dns_zone_help_new();
		for (j = 0; j < 6; j++)
			dns_zone_help_tell(z, all[orders[i][j]]);
		first = dns_zone_help_first(z, "1.0.244.10.in-addr.arpa", "PTR");
		assert_string_equal(first, "1.0.244.10.in-addr.arpa. PTR " SVC("pod.b.ns"));
		free(first);
		dns_zone_free(z);
	}
}

static void expect_with(struct dns_zone *z, size_t looks, const char *name, const char *type,
			const char *expected)
{
	const size_t usual = z->looks_max;

	z->looks_max = looks;
	dns_zone_help_expect(z, "few looks", name, type, expected);
	z->looks_max = usual;
}

/* Whatever stands at a name or an address, no more of it is looked at than this. */
static void test_looks(void **state)
{
	static const char *const all[] = {
		SERVICE("ns", "c", "'clusterIP': '10.96.0.1', 'ports': [" PORT("p", 1) "]"),
		SERVICE("ns", "h", "'clusterIP': 'None'"),
		SLICE("ns", "c-1", "c", "IPv4", "", EP("10.244.0.1")),
		SLICE("ns", "c-2", "c", "IPv4", "", EP("10.244.0.1")),
		SLICE("ns", "h-1", "h", "IPv4", "", EP("10.244.0.1")),
		SLICE("ns", "o-1", "nobody", "IPv4", "", EP("10.244.0.2")),
		SLICE("ns", "o-2", "nobody", "IPv4", "", EP("10.244.0.2")),
		SLICE("ns", "h-2", "h", "IPv4", "", NAMED("10.244.0.2", "x")),
		SLICE("ns", "h-3", "h", "IPv4", "", NAMED("10.244.0.3", "x")),
		SLICE("ns", "h-4", "h", "IPv6", "", NAMED("fd00::1", "x")),
	};
	struct dns_zone *z = dns_zone_help_new();

	(void)state;
	dns_zone_help_tell_all(z, all, sizeof(all) / sizeof(all[0]));
	/* Three of another kind or without a hostname, and again up to the one. */
	expect_with(z, 6, "1.0.244.10.in-addr.arpa", "PTR",
		    "answer\n1.0.244.10.in-addr.arpa. PTR 10-244-0-1." SVC("h.ns"));
	expect_with(z, 5, "1.0.244.10.in-addr.arpa", "PTR", "answer\n...");
	/* Of slices of nobody. */
	expect_with(z, 2, "2.0.244.10.in-addr.arpa", "PTR", "not ours");
	expect_with(z, 6, "2.0.244.10.in-addr.arpa", "PTR",
		    "answer\n2.0.244.10.in-addr.arpa. PTR x." SVC("h.ns"));
	/* Of the other family. */
	expect_with(z, 3, SVC("x.h.ns"), "AAAA", "answer\n" SVC("x.h.ns") " AAAA fd00::1");
	expect_with(z, 2, SVC("x.h.ns"), "AAAA", "answer\n...");
	dns_zone_free(z);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_soa),
		cmocka_unit_test(test_ttl), cmocka_unit_test(test_wire),
		cmocka_unit_test(test_no_name), cmocka_unit_test(test_domains),
		cmocka_unit_test(test_configure), cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_room), cmocka_unit_test(test_turns),
		cmocka_unit_test(test_first_pointer), cmocka_unit_test(test_looks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
