// SPDX-License-Identifier: GPL-2.0
/* Services with as many ports and addresses as there can be: nothing is slow, nothing is lost. */
#include "compile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* n texts, of which each stands twice when there are more than distinct. */
static json_t *texts(const char *suffix, int n, int distinct)
{
	json_t *list = json_array();
	char text[64];

	for (int i = 0; i < n; i++) {
		int k = i % distinct;

		snprintf(text, sizeof(text), "20.%d.%d.%d%s", k >> 16, k >> 8 & 255, k & 255,
			 suffix);
		json_array_append_new(list, json_string(text));
	}
	return list;
}

static json_t *make_ports(int n)
{
	json_t *ports = json_array();
	char name[16];

	for (int i = 1; i <= n; i++) {
		snprintf(name, sizeof(name), "p%d", i);
		json_array_append_new(ports, json_pack("{s:s, s:i, s:i}", "name", name, "port", i,
						       "nodePort", 30000 + i));
	}
	return ports;
}

/* A load balancer's; both lists are taken over. */
static json_t *make_service(int ports, json_t *ips, json_t *ranges)
{
	json_t *service = json_pack(
		"{s:{s:s, s:s}, s:{s:s, s:[s], s:o, s:o, s:o}, s:{s:{s:[{s:s}]}}}",
		"metadata", "namespace", "ns", "name", "web",
		"spec", "type", "LoadBalancer", "clusterIPs", "10.96.0.1", "externalIPs", ips,
		"loadBalancerSourceRanges", ranges, "ports", make_ports(ports),
		"status", "loadBalancer", "ingress", "ip", "203.0.113.9");

	assert_non_null(service);
	return service;
}

/* Each of the kernel services has so many. */
static void check(json_t *service, size_t services, size_t frontends, size_t ranges)
{
	const struct compile_node node = { .owner = "svcd" };
	const struct compile_slices none = { .n = 0 };
	struct kservices out = { 0 };

	assert_int_equal(compile_service(service, &none, &node, &out), 0);
	assert_int_equal(out.n, services);
	for (size_t i = 0; i < out.n; i++) {
		assert_int_equal(out.v[i].nfrontends, frontends);
		assert_int_equal(out.v[i].nranges, ranges);
		assert_int_equal(out.v[i].frontends[0].kind, SVCNAT_KIND_CLUSTER);
	}
	kservices_clear(&out);
	json_decref(service);
}

/* Compared one by one they take minutes. */
static void test_many_addresses(void **state)
{
	(void)state;
	/* and the ClusterIP, the load balancer's, and the node port */
	check(make_service(1000, texts("", 2000, 1000), texts("/32", 2000, 1000)), 1000, 1003,
	      1000);
}

/* What comes first is served. */
static void test_too_many_addresses(void **state)
{
	(void)state;
	check(make_service(2, texts("", 200000, 200000), texts("/32", 200000, 200000)), 2,
	      SVCNAT_FRONTENDS_MAX, SVCNAT_RANGES_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many_addresses),
		cmocka_unit_test(test_too_many_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
