// SPDX-License-Identifier: GPL-2.0
/* Memory runs out at each request of all that a zone does: it is as before then, and works. */
#include "dns_zone_help.h"
#include "err.h"
#include "json_help.h"
#include "memory_fault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define SOME_PORTS	PORT("p", 1) "," UDP("q", 2) "," PORT("", 3)

static const char *const objects[] = {
	SERVICE("ns", "web", "'clusterIPs': ['10.96.0.1', 'fd00:96::1'],"
		"'ports': [" SOME_PORTS "]"),
	SERVICE("ns", "db", "'clusterIP': 'None'"),
	SLICE("ns", "s1", "db", "IPv4", SOME_PORTS, NAMED("10.244.0.1", "a") ","
	      UNREADY("10.244.0.2")),
	SLICE("ns", "s2", "db", "IPv6", SOME_PORTS, NAMED("fd00:244::1", "a")),
	SERVICE("ns", "ext", "'type': 'ExternalName', 'externalName': 'db.ns.svc.cluster.local'"),
	SERVICE("ns", "away", "'type': 'ExternalName', 'externalName': 'example.com'"),
};

#define DELETED	1
#define SILENT	2	/* nothing is seen of it by itself */

static const struct change {
	const char *what, *object;
	unsigned int how;
} changes[] = {
	{ "a new Service", SERVICE("new", "x", "'clusterIP': '10.96.0.7', 'ports': ["
				   SOME_PORTS "]"), 0 },
	{ "another address", SERVICE("ns", "web", "'clusterIP': '10.96.0.8', 'ports': ["
				     PORT("z", 1) "]"), 0 },
	{ "all published", SERVICE("ns", "db", "'clusterIP': 'None',"
				   "'publishNotReadyAddresses': true"), 0 },
	{ "an alias", SERVICE("ns", "web", "'type': 'ExternalName', 'externalName': 'a.b'"), 0 },
	{ "a new slice", SLICE("ns", "s3", "db", "IPv4", SOME_PORTS, EP("10.244.0.3") ","
			       NAMED("10.244.0.4", "b")), 0 },
	{ "a slice of a new Service", SLICE("x", "s1", "y", "IPv4", SOME_PORTS,
					    EP("10.244.0.3")), SILENT },
	{ "a slice that changes", SLICE("ns", "s1", "db", "IPv4", PORT("r", 1),
					EP("10.244.0.5") "," EP("10.244.0.1")), 0 },
	{ "a slice that moves", SLICE("ns", "s1", "web", "IPv4", PORT("r", 1),
				      EP("10.244.0.1")), 0 },
	{ "a Service goes", SERVICE("ns", "db", ""), DELETED },
	{ "a slice goes", SLICE("ns", "s1", "", "", "", ""), DELETED },
};

static const char *const names[] = {
	"ns.svc.cluster.local", "new.svc.cluster.local", "x.svc.cluster.local",
	"web.ns.svc.cluster.local", "db.ns.svc.cluster.local", "x.new.svc.cluster.local",
	"a.db.ns.svc.cluster.local", "b.db.ns.svc.cluster.local",
	"10-244-0-2.db.ns.svc.cluster.local", "10-244-0-3.db.ns.svc.cluster.local",
	"_p._tcp.db.ns.svc.cluster.local", "_r._tcp.db.ns.svc.cluster.local",
	"_p._tcp.web.ns.svc.cluster.local", "_z._tcp.web.ns.svc.cluster.local",
	"ext.ns.svc.cluster.local", "1.0.96.10.in-addr.arpa", "8.0.96.10.in-addr.arpa",
	"1.0.244.10.in-addr.arpa", "2.0.244.10.in-addr.arpa", "3.0.244.10.in-addr.arpa", NULL,
};
static const char *const types[] = { "A", "AAAA", "SRV", "PTR", NULL };

static struct dns_zone *zone(void)
{
	struct dns_zone *z = dns_zone_help_new();

	dns_zone_help_tell_all(z, objects, sizeof(objects) / sizeof(objects[0]));
	return z;
}

static int change(struct dns_zone *z, const struct change *c, size_t fails_at)
{
	json_t *object = json_help_parse(c->object);
	const bool slice = json_object_get(object, "addressType");
	int err;

	memory_requests = 0;
	memory_fails_at = fails_at;
	err = dns_zone_object(z, slice ? PROXY_SLICE : PROXY_SERVICE, object, c->how & DELETED);
	memory_fails_at = 0;
	json_decref(object);
	return err;
}

static void expect(struct dns_zone *z, const char *what, size_t at, const char *expected)
{
	char *got = dns_zone_help_dump(z, names, types);

	if (strcmp(got, expected))
		fail_msg("%s, without the memory of request %zu:\n%s\nand not\n%s", what, at, got,
			 expected);
	free(got);
}

static void test_changes(void **state)
{
	const struct change *c;
	struct dns_zone *z;
	char *before, *after;
	size_t at;

	(void)state;
	for (c = changes; c < changes + sizeof(changes) / sizeof(changes[0]); c++) {
		z = zone();
		before = dns_zone_help_dump(z, names, types);
		for (at = 1; change(z, c, at); at++)
			expect(z, c->what, at, before);
		assert_true(at > 1);
		after = dns_zone_help_dump(z, names, types);
		assert_int_equal(!strcmp(before, after), !!(c->how & SILENT));
		dns_zone_free(z);
		z = zone();
		assert_int_equal(change(z, c, 0), 0);
		expect(z, c->what, 0, after);
		dns_zone_free(z);
		free(before);
		free(after);
	}
}

static const struct {
	const char *name;
	ldns_rr_type type;
} questions[] = {
	{ "web.ns.svc.cluster.local", LDNS_RR_TYPE_A },
	{ "_p._tcp.web.ns.svc.cluster.local", LDNS_RR_TYPE_SRV },
	{ "db.ns.svc.cluster.local", LDNS_RR_TYPE_A },
	{ "db.ns.svc.cluster.local", LDNS_RR_TYPE_SRV },
	{ "_p._tcp.db.ns.svc.cluster.local", LDNS_RR_TYPE_SRV },
	{ "ext.ns.svc.cluster.local", LDNS_RR_TYPE_AAAA },
	{ "away.ns.svc.cluster.local", LDNS_RR_TYPE_A }, { "gone.cluster.local", LDNS_RR_TYPE_A },
	{ "1.0.244.10.in-addr.arpa", LDNS_RR_TYPE_PTR }, { "cluster.local", LDNS_RR_TYPE_NS },
	{ "cluster.local", LDNS_RR_TYPE_SOA }, { "dns-version.cluster.local", LDNS_RR_TYPE_TXT },
};

static void test_answers(void **state)
{
	struct dns_zone *z = zone();
	struct dns_reply r;
	ldns_rdf *name;
	size_t i, at;
	int err;

	(void)state;
	for (i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		name = ldns_dname_new_frm_str(questions[i].name);
		for (err = -ENOMEM, at = 1; err; at++) {
			memory_requests = 0;
			memory_fails_at = at;
			err = dns_zone_answer(z, name, questions[i].type, 512, &r);
			memory_fails_at = 0;
			assert_int_equal(err, r.verdict == DNS_FAILED ? -ENOMEM : 0);
			/* There is nothing to free when it failed. */
			if (!err)
				dns_reply_clear(&r);
		}
		assert_true(at > 8);
		ldns_rdf_deep_free(name);
	}
	dns_zone_free(z);
}

static void test_configure(void **state)
{
	const struct ip_addr server = { .family = AF_INET };
	struct ip_cidr cidr = { .addr = { .family = AF_INET } };
	const struct dns_zone_config c = {
		.domain = "k8s", .ttl = 5, .servers = &server, .nservers = 1,
		.service_cidrs = { &cidr, 1 },
	};
	struct dns_zone *z = zone(), *other;
	struct err e;
	size_t at;
	int err;

	(void)state;
	for (err = -ENOMEM, at = 1; err; at++) {
		dns_zone_help_expect(z, "as before", "ns.svc.cluster.local", "A",
				     "nodata\n! cluster.local.");
		dns_zone_help_expect(z, "as before", "ns.svc.k8s", "A", "not ours");
		memory_requests = 0;
		memory_fails_at = at;
		err = dns_zone_configure(z, &c, &e);
		memory_fails_at = 0;
		assert_true(!err || (err == -ENOMEM && strstr(e.text, "memory")));
	}
	assert_true(at > 3);
	for (err = -ENOMEM, at = 1; err; at++) {
		memory_requests = 0;
		memory_fails_at = at;
		err = dns_zone_alloc(&other, &c, &e);
		memory_fails_at = 0;
	}
	assert_true(at > 4);
	dns_zone_free(other);
	dns_zone_free(z);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changes), cmocka_unit_test(test_answers),
		cmocka_unit_test(test_configure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
