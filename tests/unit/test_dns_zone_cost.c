// SPDX-License-Identifier: GPL-2.0
/*
 * What changes and questions cost among many Services and endpoints, by counting: looks into
 * JSON objects and arrays, records made, and memory asked for.
 */
#include "dns_zone_help.h"
#include "memory_fault.h"
#include "steps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define SERVICES	10000
#define SLICES		1000	/* of one of these, and of SLICE_SIZE endpoints each */
#define SLICE_SIZE	100
#define FEW		50
#define MANY		(4 * FEW)
#define TOO_MUCH	6	/* times */
#define RECORDS_MAX	74	/* in a message of 1232 bytes */
#define REQUESTS	16	/* for memory, of a record */

static int tell(struct dns_zone *z, enum proxy_kind kind, json_t *object, bool deleted)
{
	int err = dns_zone_object(z, kind, object, deleted);

	json_decref(object);
	return err;
}

static json_t *service(int i, const char *address)
{
	return json_pack("{s:{s:o, s:o}, s:{s:s, s:[{s:s, s:i}]}}", "metadata", "namespace",
			 json_sprintf("ns%d", i % 10), "name", json_sprintf("s%d", i), "spec",
			 "clusterIP", address, "ports", "name", "http", "port", 80);
}

static json_t *cluster_service(int i)
{
	char address[32];

	snprintf(address, sizeof(address), "10.96.%d.%d", i >> 8, i & 255);
	return service(i, address);
}

/* Slice i of headless service 0 of ns0, from 10.0.0.0 on. */
static json_t *slice(int i, int n)
{
	json_t *endpoints = json_array();
	int j, at;

	for (j = 0; j < n; j++) {
		at = i * SLICE_SIZE + j;
		json_array_append_new(endpoints, json_pack("{s:[o], s:o}", "addresses",
			json_sprintf("10.%d.%d.%d", at >> 16, at >> 8 & 255, at & 255),
			"hostname", json_sprintf("h%d", at)));
	}
	return json_pack("{s:{s:s, s:o, s:{s:s}}, s:s, s:[{s:s, s:i}], s:o}", "metadata",
			 "namespace", "ns0", "name", json_sprintf("s0-%d", i), "labels",
			 "kubernetes.io/service-name", "s0", "addressType", "IPv4", "ports", "name",
			 "p", "port", 1, "endpoints", endpoints);
}

static void fill(struct dns_zone *z, int services, int slices)
{
	int i;

	assert_int_equal(tell(z, PROXY_SERVICE, service(0, "None"), false), 0);
	for (i = 1; i < services; i++)
		assert_int_equal(tell(z, PROXY_SERVICE, cluster_service(i), false), 0);
	for (i = 0; i < slices; i++)
		assert_int_equal(tell(z, PROXY_SLICE, slice(i, SLICE_SIZE), false), 0);
}

static size_t cost(struct dns_zone *z, enum proxy_kind kind, json_t *object, bool deleted)
{
	size_t before = steps;

	memory_requests = 0;
	assert_int_equal(tell(z, kind, object, deleted), 0);
	return steps - before + memory_requests;
}

/* One object, whatever else there is. */
static size_t cost_of_changes(struct dns_zone *z)
{
	size_t sum = 0;

	sum += cost(z, PROXY_SERVICE, service(1, "10.97.0.1"), false);
	sum += cost(z, PROXY_SERVICE, service(1, "None"), false);
	/* Whose slices stay as they are, however many. */
	sum += cost(z, PROXY_SERVICE, service(0, "None"), false);
	sum += cost(z, PROXY_SLICE, slice(0, 1), false);
	sum += cost(z, PROXY_SLICE, slice(0, 2), false);
	sum += cost(z, PROXY_SLICE, slice(0, 1), true);
	sum += cost(z, PROXY_SERVICE, service(1, "None"), true);
	return sum;
}

static size_t cost_of_answer(struct dns_zone *z, const char *name, const char *type)
{
	ldns_rdf *rdf = ldns_dname_new_frm_str(name);
	struct dns_reply r;

	memory_requests = 0;
	assert_int_equal(dns_zone_answer(z, rdf, ldns_get_rr_type_by_name(type), 1232, &r), 0);
	dns_reply_clear(&r);
	ldns_rdf_deep_free(rdf);
	return memory_requests;
}

static void test_many(void **state)
{
	static const char *const questions[][2] = {
		{ SVC("s7.ns7"), "A" }, { SVC("_http._tcp.s7.ns7"), "SRV" }, { SVC("s0.ns0"), "A" },
		{ SVC("s0.ns0"), "SRV" }, { SVC("_p._tcp.s0.ns0"), "SRV" },
		{ SVC("h99.s0.ns0"), "A" }, { SVC("h0.s0.ns0"), "A" }, { SVC("x.s0.ns0"), "A" },
		{ SVC("_x._tcp.s0.ns0"), "SRV" }, { SVC("_udp.s0.ns0"), "SRV" },
		{ "7.0.96.10.in-addr.arpa", "PTR" }, { "99.0.0.10.in-addr.arpa", "PTR" },
	};
	struct dns_zone *few = dns_zone_help_new(), *many = dns_zone_help_new();
	size_t i, a, b;

	(void)state;
	fill(few, SERVICES / 100, SLICES / 100);
	fill(many, SERVICES, SLICES);
	for (i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		a = cost_of_answer(few, questions[i][0], questions[i][1]);
		b = cost_of_answer(many, questions[i][0], questions[i][1]);
		print_message("# %s %s: %zu, among many %zu\n", questions[i][0], questions[i][1],
			      a, b);
		assert_true(b <= a + 1);
		assert_true(b < RECORDS_MAX * REQUESTS);
	}
	a = cost_of_changes(few);
	b = cost_of_changes(many);
	print_message("# changes: %zu, among many %zu\n", a, b);
	assert_true(b <= a + 8);
	dns_zone_free(few);
	dns_zone_free(many);
}

/* What has much in it costs more, and no square of it. */
static size_t cost_of_slice(int n, bool same_name)
{
	struct dns_zone *z = dns_zone_help_new();
	json_t *object = slice(0, n), *list = json_object_get(object, "endpoints");
	size_t sum;
	int i;

	fill(z, 2, 0);
	for (i = 0; same_name && i < n; i++)
		json_object_set_new(json_array_get(list, (size_t)i), "hostname",
				    json_string("same"));
	sum = cost(z, PROXY_SLICE, json_incref(object), false);
	sum += cost(z, PROXY_SLICE, json_incref(object), false);
	sum += cost_of_answer(z, SVC("_p._tcp.s0.ns0"), "SRV");
	sum += cost(z, PROXY_SLICE, object, true);
	dns_zone_free(z);
	return sum;
}

static size_t cost_of_service(int n)
{
	struct dns_zone *z = dns_zone_help_new();
	json_t *object = cluster_service(1);
	json_t *ports = json_object_get(json_object_get(object, "spec"), "ports");
	size_t sum;
	int i;

	for (i = 0; i < n; i++)
		json_array_append_new(ports, json_pack("{s:o, s:i}", "name",
						       json_sprintf("p%d", i), "port", i + 1));
	sum = cost(z, PROXY_SERVICE, json_incref(object), false);
	sum += cost(z, PROXY_SERVICE, object, false);
	dns_zone_free(z);
	return sum;
}

static void test_large_objects(void **state)
{
	size_t few = cost_of_slice(FEW, false), many = cost_of_slice(MANY, false);

	(void)state;
	print_message("# %d endpoints: %zu, %d: %zu\n", FEW, few, MANY, many);
	assert_true(many < TOO_MUCH * few);
	few = cost_of_slice(FEW, true);
	many = cost_of_slice(MANY, true);
	print_message("# %d of one name: %zu, %d: %zu\n", FEW, few, MANY, many);
	assert_true(many < TOO_MUCH * few);
	few = cost_of_service(FEW);
	many = cost_of_service(MANY);
	print_message("# %d ports: %zu, %d: %zu\n", FEW, few, MANY, many);
	assert_true(many < TOO_MUCH * few);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many), cmocka_unit_test(test_large_objects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
