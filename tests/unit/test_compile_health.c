// SPDX-License-Identifier: GPL-2.0
/* healthCheckNodePort: who has one, and who counts. */
#include "compile.h"

#include "json_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define SPEC(more)	"{'metadata': {'namespace': 'ns', 'name': 'a'}, 'spec': {" \
			"'clusterIP': '10.96.0.1', 'ports': [{'port': 80}]" more "}}"
#define LOCAL(port)	", 'type': 'LoadBalancer', 'externalTrafficPolicy': 'Local', " \
			"'healthCheckNodePort': " port
#define GOOD		SPEC(LOCAL("32000"))

#define SLICE(type, ports, endpoints) \
	"{'addressType': '" type "', 'ports': [" ports "], 'endpoints': [" endpoints "]}"
#define V4(endpoints)	SLICE("IPv4", "{'port': 8080}", endpoints)
#define V6(endpoints)	SLICE("IPv6", "{'port': 8080}", endpoints)
#define EP(addr, node, conditions) \
	"{'addresses': ['" addr "'], 'nodeName': '" node "', 'conditions': {" conditions "}}"
#define READY		"'ready': true, 'serving': true, 'terminating': false"
#define UNREADY		"'ready': false, 'serving': false, 'terminating': false"
#define LEAVING		"'ready': false, 'serving': true, 'terminating': true"

#define MAX_SLICES	3

static const struct {
	const char *name, *service;	/* NULL: there is none */
	const char *slices[MAX_SLICES];
	uint16_t port;
	size_t endpoints;
} cases[] = {
	{ "one ready here", GOOD, { V4(EP("10.0.0.1", "n1", READY)) }, 32000, 1 },
	{ "one ready elsewhere", GOOD, { V4(EP("10.0.0.1", "n2", READY)) }, 32000, 0 },
	{ "nothing is said", GOOD, { V4(EP("10.0.0.1", "n1", "")) }, 32000, 1 },
	{ "on no node", GOOD, { V4("{'addresses': ['10.0.0.1']}") }, 32000, 0 },
	{ "no slice", GOOD, { NULL }, 32000, 0 },
	{ "not ready", GOOD, { V4(EP("10.0.0.1", "n1", UNREADY)) }, 32000, 0 },
	/* It gets connections, but no load balancer is to send any more. */
	{ "terminating and serving", GOOD, { V4(EP("10.0.0.1", "n1", LEAVING)) }, 32000, 0 },
	{ "one leaves, one stays", GOOD,
	  { V4(EP("10.0.0.1", "n1", LEAVING) ", " EP("10.0.0.2", "n1", READY)) }, 32000, 1 },
	{ "two ports are one endpoint", GOOD,
	  { SLICE("IPv4", "{'name': 'a', 'port': 80}, {'name': 'b', 'port': 81}",
		  EP("10.0.0.1", "n1", READY)) }, 32000, 1 },
	{ "in two slices", GOOD,
	  { V4(EP("10.0.0.1", "n1", READY)),
	    V4(EP("10.0.0.1", "n1", READY) ", " EP("10.0.0.2", "n1", READY)) }, 32000, 2 },
	{ "moves from slice to slice", GOOD,
	  { V4(EP("10.0.0.1", "n1", UNREADY)), V4(EP("10.0.0.1", "n1", READY)) }, 32000, 1 },
	{ "both families", GOOD,
	  { V4(EP("10.0.0.1", "n1", READY)), V6(EP("fd00::1", "n1", READY)) }, 32000, 1 },
	{ "more of one family", GOOD,
	  { V4(EP("10.0.0.1", "n1", READY)),
	    V6(EP("fd00::1", "n1", READY) ", " EP("fd00::2", "n1", READY)) }, 32000, 2 },
	{ "an address of the other family", GOOD, { V6(EP("10.0.0.1", "n1", READY)) }, 32000, 0 },
	{ "no address", GOOD, { V4("{'addresses': [], 'nodeName': 'n1'}") }, 32000, 0 },
	{ "a slice without ports", GOOD,
	  { SLICE("IPv4", "", EP("10.0.0.1", "n1", READY)) }, 32000, 0 },
	{ "no endpoints, as null", GOOD,
	  { "{'addressType': 'IPv4', 'ports': [{'port': 1}], 'endpoints': null}" }, 32000, 0 },

	{ "no Service", NULL, { V4(EP("10.0.0.1", "n1", READY)) }, 0, 0 },
	{ "no port for it", SPEC(", 'type': 'LoadBalancer', 'externalTrafficPolicy': 'Local'"),
	  { V4(EP("10.0.0.1", "n1", READY)) }, 0, 0 },
	{ "policy Cluster", SPEC(", 'type': 'LoadBalancer', 'externalTrafficPolicy': 'Cluster', "
				 "'healthCheckNodePort': 32000"), { NULL }, 0, 0 },
	{ "a NodePort", SPEC(", 'type': 'NodePort', 'externalTrafficPolicy': 'Local', "
			     "'healthCheckNodePort': 32000"), { NULL }, 0, 0 },
	{ "not a port", SPEC(LOCAL("70000")), { NULL }, 0, 0 },
	{ "somebody else's", "{'metadata': {'name': 'a', 'labels': "
	  "{'service.kubernetes.io/service-proxy-name': 'x'}}, 'spec': {'ports': [{'port': 80}]"
	  LOCAL("32000") "}}", { NULL }, 0, 0 },
};

static void test_cases(void **state)
{
	const struct compile_node node = { .owner = "svcd", .name = "n1" };
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		json_t *service = cases[i].service ? json_help_parse(cases[i].service) : NULL;
		json_t *v[MAX_SLICES];
		struct compile_slices slices = { v, 0 };
		struct compile_health got;

		for (j = 0; j < MAX_SLICES && cases[i].slices[j]; j++)
			v[slices.n++] = json_help_parse(cases[i].slices[j]);
		assert_int_equal(compile_health(service, &slices, &node, &got), 0);
		if (got.port != cases[i].port || got.endpoints != cases[i].endpoints)
			fail_msg("%s: port %u, %zu endpoints", cases[i].name, got.port,
				 got.endpoints);
		for (j = 0; j < slices.n; j++)
			json_decref(v[j]);
		json_decref(service);
	}
}

/* A node without a name has no endpoints of its own, not even those on no node. */
static void test_nameless(void **state)
{
	const struct compile_node node = { .owner = "svcd", .name = "" };
	json_t *service = json_help_parse(GOOD);
	json_t *slice = json_help_parse(V4("{'addresses': ['10.0.0.1']}"));
	struct compile_slices slices = { &slice, 1 };
	struct compile_health got;

	(void)state;
	assert_int_equal(compile_health(service, &slices, &node, &got), 0);
	assert_int_equal(got.port, 32000);
	assert_int_equal(got.endpoints, 0);
	json_decref(service);
	json_decref(slice);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_nameless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
