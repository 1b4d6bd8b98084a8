// SPDX-License-Identifier: GPL-2.0
/* What is answered, and what is counted. */
#include "dns_fixture.h"

#include "prom_parse.h"

#include <event2/buffer.h>
#include <stdio.h>

static void test_names_follow_objects(void **state)
{
	struct fixture *f = *state;

	/* Nothing is known not to be there before the lists are complete. */
	assert_string_equal(fixture_ask(f, WEB, A), "SERVFAIL ra");
	fixture_lists_done(f);
	assert_string_equal(fixture_ask(f, WEB, A), "NXDOMAIN aa ra" SOA);
	fixture_service(f, "web", "10.96.0.1", false);
	assert_string_equal(fixture_ask(f, WEB, A), "NOERROR aa ra: " WEB " A 10.96.0.1");
	assert_string_equal(fixture_ask_tcp(f, WEB, A), "NOERROR aa ra: " WEB " A 10.96.0.1");
	assert_string_equal(fixture_ask(f, WEB, LDNS_RR_TYPE_AAAA), "NOERROR aa ra" SOA);
	fixture_service(f, "web", "10.96.0.2", false);
	assert_string_equal(fixture_ask(f, WEB, A), "NOERROR aa ra: " WEB " A 10.96.0.2");
	fixture_service(f, "web", "10.96.0.2", true);
	assert_string_equal(fixture_ask(f, WEB, A), "NXDOMAIN aa ra" SOA);
	/* The upstreams are not asked for what is ours. */
	assert_int_equal(f->upstream.asked, 0);
}

static void test_other_names(void **state)
{
	struct fixture *f = *state;

	fixture_lists_done(f);
	assert_string_equal(fixture_ask(f, "www.example.", A),
			    "NOERROR ra: www.example. A 192.0.2.1");
	f->upstream.mood = UPSTREAM_DENIES;
	assert_string_equal(fixture_ask(f, "www.example.", A), "NXDOMAIN ra");
	f->upstream.mood = UPSTREAM_BROKEN;
	assert_string_equal(fixture_ask(f, "www.example.", A), "SERVFAIL ra");
	f->upstream.mood = UPSTREAM_REFUSES;
	assert_string_equal(fixture_ask(f, "www.example.", A), "SERVFAIL ra");
	f->upstream.mood = UPSTREAM_CUT;
	assert_string_equal(fixture_ask(f, "www.example.", A),
			    "NOERROR tc ra: www.example. A 192.0.2.1");
	assert_string_equal(fixture_ask_tcp(f, "www.example.", A),
			    "NOERROR ra: www.example. A 192.0.2.1");
	assert_int_equal(f->upstream.asked_tcp, 1);
	fixture_set(f, WORDS("--node-name=n1", "--dns-listen=@l", "--dns-upstream=none"));
	assert_string_equal(fixture_ask(f, "www.example.", A), "REFUSED");
}

/*
 * The answer has the addresses as well, whatever else the upstream adds; or the alias alone. A
 * failure is one: that there is no address would be final.
 */
static void test_an_alias(void **state)
{
	struct fixture *f = *state;

	fixture_lists_done(f);
	fixture_alias(f, "ext", "www.example");
	f->upstream.records[0] = "www.example. 5 IN CNAME x.example.";
	f->upstream.records[1] = "other.example. 5 IN A 192.0.2.66";
	f->upstream.records[2] = "x.example. 5 IN A 192.0.2.1";
	f->upstream.records[3] = "x.example. 5 IN TXT \"more\"";
	f->upstream.records[4] = "X.example. 5 IN A 192.0.2.2";
	assert_string_equal(fixture_ask(f, EXT, A), "NOERROR aa ra: " EXT " CNAME www.example.; "
			    "www.example. CNAME x.example.; x.example. A 192.0.2.1; "
			    "x.example. A 192.0.2.2");
	assert_string_equal(fixture_ask(f, EXT, LDNS_RR_TYPE_CNAME), "NOERROR aa ra: " EXT
			    " CNAME www.example.");
	/* The upstream has nothing of that type. */
	assert_string_equal(fixture_ask(f, EXT, LDNS_RR_TYPE_AAAA), "NOERROR aa ra: " EXT
			    " CNAME www.example.; www.example. CNAME x.example.");
	f->upstream.mood = UPSTREAM_UNREADABLE;
	assert_string_equal(fixture_ask(f, EXT, A), "SERVFAIL ra");
	f->upstream.mood = UPSTREAM_DENIES;
	assert_string_equal(fixture_ask(f, EXT, A), "NXDOMAIN aa ra: " EXT " CNAME www.example.");
	f->upstream.mood = UPSTREAM_GARBAGE;
	assert_string_equal(fixture_ask(f, EXT, A), "SERVFAIL ra");
	f->upstream.mood = UPSTREAM_FAILS;
	assert_string_equal(fixture_ask(f, EXT, A), "SERVFAIL ra");
	assert_string_equal(fixture_ask(f, EXT, LDNS_RR_TYPE_CNAME), "NOERROR aa ra: " EXT
			    " CNAME www.example.");
	f->upstream.mood = UPSTREAM_PIECES;
	assert_non_null(strstr(fixture_ask(f, EXT, A), "x.example. A 192.0.2.2"));
	/* An alias of itself, and one without an end. */
	f->upstream.mood = UPSTREAM_GOOD;
	f->upstream.records[0] = "www.example. 5 IN CNAME WWW.example.";
	assert_string_equal(fixture_ask(f, EXT, A), "NOERROR aa ra: " EXT " CNAME www.example.");
	fixture_set(f, WORDS("--node-name=n1", "--dns-listen=@l", "--dns-upstream=none"));
	assert_string_equal(fixture_ask(f, EXT, A), "NOERROR aa: " EXT " CNAME www.example.");
}

/* What there is not can be kept by who asks, as long as the zone at the end says (RFC 2308). */
static void test_an_alias_of_nothing(void **state)
{
	struct fixture *f = *state;

	fixture_lists_done(f);
	fixture_alias(f, "ext", "www.example");
	f->upstream.soa = "example. 5 IN SOA ns.example. host.example. 1 2 3 4 5";
	f->upstream.records[0] = "www.example. 5 IN CNAME x.example.";
	f->upstream.records[1] = "x.example. 5 IN A 192.0.2.1";
	assert_string_equal(fixture_ask(f, EXT, LDNS_RR_TYPE_AAAA), "NOERROR aa ra: " EXT " CNAME "
			    "www.example.; www.example. CNAME x.example. | example. SOA");
	/* Where there is something it does not matter. */
	assert_string_equal(fixture_ask(f, EXT, A), "NOERROR aa ra: " EXT " CNAME www.example.; "
			    "www.example. CNAME x.example.; x.example. A 192.0.2.1");
	f->upstream.mood = UPSTREAM_DENIES;
	assert_string_equal(fixture_ask(f, EXT, A), "NXDOMAIN aa ra: " EXT
			    " CNAME www.example. | example. SOA");
	f->upstream.soa = "www.example. 5 IN SOA ns.example. host.example. 1 2 3 4 5";
	assert_string_equal(fixture_ask(f, EXT, A), "NXDOMAIN aa ra: " EXT
			    " CNAME www.example. | www.example. SOA");
	f->upstream.soa = ". 5 IN SOA ns.example. host.example. 1 2 3 4 5";
	assert_string_equal(fixture_ask(f, EXT, A), "NXDOMAIN aa ra: " EXT
			    " CNAME www.example. | . SOA");
	/* Another zone can say nothing of it, and least of all ours. */
	f->upstream.soa = "a.www.example. 5 IN SOA ns.example. host.example. 1 2 3 4 5";
	assert_string_equal(fixture_ask(f, EXT, A), "NXDOMAIN aa ra: " EXT " CNAME www.example.");
	f->upstream.soa = "ww.example. 5 IN SOA ns.example. host.example. 1 2 3 4 5";
	assert_string_equal(fixture_ask(f, EXT, A), "NXDOMAIN aa ra: " EXT " CNAME www.example.");
}

static void test_refused(void **state)
{
	struct fixture *f = *state;
	static struct dns_text m;

	fixture_lists_done(f);
	fixture_service(f, "web", "10.96.0.1", false);
	assert_string_equal(fixture_ask(f, WEB, LDNS_RR_TYPE_ANY), "REFUSED ra");
	assert_string_equal(fixture_ask_tcp(f, "cluster.local.", LDNS_RR_TYPE_AXFR), "REFUSED ra");
	assert_string_equal(fixture_ask(f, "www.example.", LDNS_RR_TYPE_ANY), "REFUSED ra");
	dns_help_query(&m, "version.bind.", LDNS_RR_TYPE_TXT, 0);
	m.v[m.len - 1] = LDNS_RR_CLASS_CH;
	assert_string_equal(fixture_ask_raw(f, &m, false), "REFUSED ra");
	dns_help_query(&m, WEB, A, 0);
	m.v[2] = 5 << 3;
	assert_string_equal(fixture_ask_raw(f, &m, false), "NOTIMP ra");
	dns_help_query(&m, WEB, A, 4096);
	m.v[m.len - 5] = 3;
	assert_string_equal(fixture_ask_raw(f, &m, false), "BADVERS ra");
	dns_help_query(&m, WEB, A, 0);
	m.len -= 2;
	assert_string_equal(fixture_ask_raw(f, &m, false), "FORMERR ra");
	assert_int_equal(f->upstream.asked, 0);
}

/* A headless Service of many: by UDP as many as fit, and by TCP all of them. */
static void test_many_endpoints(void **state)
{
	struct fixture *f = *state;
	const char *said;
	char last[64];

	fixture_lists_done(f);
	fixture_headless(f, "many", 200);
	said = fixture_ask(f, "many.default.svc.cluster.local.", A);
	assert_true(strncmp(said, "NOERROR aa tc ra: many.default.svc.cluster.local. A ", 52) == 0);
	said = fixture_ask_tcp(f, "many.default.svc.cluster.local.", A);
	assert_true(strncmp(said, "NOERROR aa ra: many.default.svc.cluster.local. A ", 49) == 0);
	snprintf(last, sizeof(last), "10.244.0.%d", 42);
	assert_non_null(strstr(said, last));
}

static void test_metrics(void **state)
{
	struct evbuffer *out = evbuffer_new();
	struct fixture *f = *state;
	struct prom p = { 0 };
	char why[256];

	fixture_lists_done(f);
	fixture_service(f, "web", "10.96.0.1", false);
	fixture_ask(f, WEB, A);
	fixture_ask(f, WEB, A);
	fixture_ask(f, "nobody.default.svc.cluster.local.", A);
	fixture_ask(f, WEB, 12345);
	fixture_ask(f, "www.example.", A);
	dns_print_metrics(f->dns, out);
	evbuffer_add(out, "", 1);
	if (!prom_parse(&p, (char *)evbuffer_pullup(out, -1), why))
		fail_msg("%s", why);
#define assert_metric(key, value)	assert_true(prom_value(&p, key) == (value))
	assert_metric("svcnat_dns_queries_total{type=\"A\",rcode=\"NOERROR\"}", 3);
	assert_metric("svcnat_dns_queries_total{type=\"A\",rcode=\"NXDOMAIN\"}", 1);
	assert_metric("svcnat_dns_queries_total{type=\"other\",rcode=\"NOERROR\"}", 1);
	assert_metric("svcnat_dns_forwards_total{result=\"answered\"}", 1);
	assert_metric("svcnat_dns_query_duration_seconds_count", 5);
	prom_clear(&p);
	fixture_set(f, WORDS("--node-name=n1"));
	evbuffer_drain(out, evbuffer_get_length(out));
	dns_print_metrics(f->dns, out);
	assert_int_equal(evbuffer_get_length(out), 0);
	evbuffer_free(out);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_names_follow_objects),
		TEST(test_other_names),
		TEST(test_an_alias),
		TEST(test_an_alias_of_nothing),
		TEST(test_refused),
		TEST(test_many_endpoints),
		TEST(test_metrics),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
