// SPDX-License-Identifier: GPL-2.0
/* Services: their shape, defaults, names, status, and fields of a wrong type. */
#include "registry_help.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The whole object as the real thing answered it, but for what is given by chance. */
static void test_created_shape(void **state)
{
	struct registry_help *h = *state;
	char *text;

	registry_help_service(h, "raw",
			      "{'selector':{'app':'web'},'ports':[{'port':80,'targetPort':8080}]}");
	json_object_del(json_object_get(h->reply.body, "metadata"), "uid");
	text = json_dumps(h->reply.body, JSON_COMPACT);
	assert_non_null(strstr(text, "{\"kind\":\"Service\",\"apiVersion\":\"v1\",\"metadata\":"
				     "{\"name\":\"raw\",\"namespace\":\"default\","
				     "\"resourceVersion\":\"1700000000000002\","
				     "\"creationTimestamp\":"
				     "\"2023-11-14T22:13:20Z\"},\"spec\":{\"ports\":[{\"protocol\":"
				     "\"TCP\",\"port\":80,\"targetPort\":8080}],\"selector\":"
				     "{\"app\":\"web\"},\"clusterIP\":\"10."));
	assert_non_null(strstr(text, "\"],\"type\":\"ClusterIP\",\"sessionAffinity\":\"None\","
		"\"ipFamilies\":[\"IPv4\"],\"ipFamilyPolicy\":\"SingleStack\","
		"\"internalTrafficPolicy\":\"Cluster\"},\"status\":{\"loadBalancer\":{}}}"));
	free(text);
	assert_string_equal(registry_help_value(h, "spec.clusterIP"),
			    registry_help_value(h, "spec.clusterIPs.0"));
}

static void test_defaults_by_type(void **state)
{
	struct registry_help *h = *state;
	int n;

	registry_help_service(h, "lb",
	       "{'type':'LoadBalancer','externalTrafficPolicy':'Local','ports':[{'port':80}]}");
	assert_true(json_is_true(json_object_get(json_object_get(h->reply.body, "spec"),
						 "allocateLoadBalancerNodePorts")));
	n = atoi(registry_help_value(h, "spec.ports.0.nodePort"));
	assert_in_range(n, 30086, 32767);
	assert_in_range(atoi(registry_help_value(h, "spec.healthCheckNodePort")), 30086, 32767);
	assert_int_not_equal(atoi(registry_help_value(h, "spec.healthCheckNodePort")), n);

	registry_help_service(h, "nonp", "{'type':'LoadBalancer','allocateLoadBalancerNodePorts':"
			      "false,'ports':[{'port':80}]}");
	assert_string_equal(registry_help_value(h, "spec.ports.0.nodePort"), "");

	registry_help_service(h, "ext", "{'type':'ExternalName','externalName':'db.example.com.'}");
	assert_string_equal(registry_help_value(h, "spec.clusterIP"), "");
	assert_string_equal(registry_help_value(h, "spec.internalTrafficPolicy"), "");

	registry_help_service(h, "headless", "{'clusterIP':'None','selector':{'a':'b'}}");
	assert_string_equal(registry_help_value(h, "spec.clusterIPs.0"), "None");
	assert_string_equal(registry_help_value(h, "spec.ipFamilies.0"), "IPv4");

	registry_help_service(h, "sticky", "{'sessionAffinity':'ClientIP','ports':[{'port':80}]}");
	assert_string_equal(registry_help_value(h,
		"spec.sessionAffinityConfig.clientIP.timeoutSeconds"), "10800");

	registry_help_service(h, "extip",
	       "{'externalIPs':['198.51.100.7'],'ports':[{'port':80,'targetPort':'http'}]}");
	assert_string_equal(registry_help_value(h, "spec.externalTrafficPolicy"), "Cluster");
	assert_string_equal(registry_help_value(h, "spec.ports.0.targetPort"), "http");

	/* One number, two protocols: one node port serves both. */
	registry_help_service(h, "dns", "{'type':'NodePort','ports':[{'name':'u','port':53,"
			      "'protocol':'UDP'},{'name':'t','port':53}]}");
	n = atoi(registry_help_value(h, "spec.ports.0.nodePort"));
	assert_int_equal(atoi(registry_help_value(h, "spec.ports.1.nodePort")), n);
}

static void test_names(void **state)
{
	static const char *const bad[] = { "Bad_Name", "1web", "-a", "a-", "a.b",
		"a123456789012345678901234567890123456789012345678901234567890123" };
	struct registry_help *h = *state;
	char body[256];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(body, sizeof(body),
			 "{'metadata':{'name':'%s'},'spec':{'ports':[{'port':80}]}}", bad[i]);
		assert_int_equal(registry_help_create(h, "services", body), 422);
		assert_string_equal(registry_help_value(h, "details.causes.0.field"), "metadata."
										      "name");
	}
	assert_int_equal(registry_help_create(h, "services", "{'spec':{'ports':[{'port':80}]}}"),
			 422);
	assert_non_null(strstr(registry_help_message(h), "metadata.name: Required value: name or "
			       "generateName is required"));
	assert_int_equal(registry_help_create(h, "services",
		"{'metadata':{'generateName':'web-'},'spec':{'ports':[{'port':80}]}}"), 201);
	assert_memory_equal(registry_help_value(h, "metadata.name"), "web-", 4);
	assert_int_equal(strlen(registry_help_value(h, "metadata.name")), 9);
}

static void test_too_many_ports(void **state)
{
	struct registry_help *h = *state;
	char *body = malloc(64 * 1100), *p;

	assert_non_null(body);
	p = body + sprintf(body, "{'metadata':{'name':'many'},'spec':{'ports':[");
	for (int i = 1; i <= 1001; i++)
		p += sprintf(p, "%s{'name':'p%d','port':%d}", i > 1 ? "," : "", i, i);
	strcpy(p, "]}}");
	assert_int_equal(registry_help_create(h, "services", body), 422);
	assert_non_null(strstr(registry_help_message(h),
			       "spec.ports: Too many: 1001: must have at most 1000 items"));
	free(body);
}

struct bound {
	const char *fields, *end, *entry, *words;
	int n, status;
};

#define RANGES "service.beta.kubernetes.io/load-balancer-source-ranges"
#define RANGES_IN "'spec':{'type':'LoadBalancer','ports':[{'port':80}],'loadBalancerSourceRanges':["

/* What the kernel would leave out without a word. */
static const struct bound bounds[] = {
	{ "'spec':{'ports':[{'port':80}],'externalIPs':[", "]}", "%s'192.0.%d.%d'", NULL, 1000,
	  201 },
	{ "'spec':{'ports':[{'port':80}],'externalIPs':[", "]}", "%s'192.0.%d.%d'",
	  "spec.externalIPs: Too many: 1001: must have at most 1000 items", 1001, 422 },
	{ RANGES_IN, "]}", "%s'10.%d.%d.0/24'", NULL, 1024, 201 },
	{ RANGES_IN, "]}", "%s'10.%d.%d.0/24'",
	  "spec.LoadBalancerSourceRanges: Too many: 1025: must have at most 1024 items", 1025,
	  422 },
	{ "'spec':{'type':'LoadBalancer','ports':[{'port':80}]},'metadata':{'name':'many',"
	  "'annotations':{'" RANGES "':'", "'}}", "%s10.%d.%d.0/24", NULL, 1024, 201 },
	{ "'spec':{'type':'LoadBalancer','ports':[{'port':80}]},'metadata':{'name':'many',"
	  "'annotations':{'" RANGES "':'", "'}}", "%s10.%d.%d.0/24",
	  "metadata.annotations[" RANGES "]: Too many: 1025: must have at most 1024 items", 1025,
	  422 },
};

static void test_bounds(void **state)
{
	struct registry_help *h = *state;
	char *body = malloc(64 * 1100), *p;

	assert_non_null(body);
	for (size_t k = 0; k < sizeof(bounds) / sizeof(bounds[0]); k++) {
		const struct bound *b = &bounds[k];

		p = body + sprintf(body, "{%s%s", strstr(b->fields, "metadata") ? "" :
				   "'metadata':{'name':'many'},", b->fields);
		for (int i = 0; i < b->n; i++)
			p += sprintf(p, b->entry, i ? "," : "", i / 250, i % 250);
		sprintf(p, "%s}", b->end);
		assert_int_equal(registry_help_create(h, "services", body), b->status);
		if (b->words)
			assert_non_null(strstr(registry_help_message(h), b->words));
		else
			registry_help_delete(h, "services", "many");
	}
	free(body);
}

#define INGRESS "status.loadBalancer.ingress"
#define SUBDOMAIN "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric " \
	"characters, '-' or '.', and must start and end with an alphanumeric character (e.g. " \
	"'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]" \
	"([-a-z0-9]*[a-z0-9])?)*')"

static void test_status(void **state)
{
	static const char *const causes[REGISTRY_HELP_CAUSES] = {
		INGRESS "[0].ip: Invalid value: \"10.0.0.01\": must not have leading 0s",
		INGRESS "[0].ipMode: Unsupported value: \"Direct\": supported values: \"Proxy\", "
		"\"VIP\"",
		INGRESS "[1].ipMode: Forbidden: may not be specified when `ip` is not set",
		INGRESS "[1].hostname: Invalid value: \"A.b\": " SUBDOMAIN,
		INGRESS "[2].hostname: Invalid value: \"::1\": " SUBDOMAIN,
		INGRESS "[2].hostname: Invalid value: \"::1\": must be a DNS name, not an IP "
		"address",
		INGRESS "[3].hostname: Invalid value: \"10.0.0.1\": must be a DNS name, not an IP "
		"address",
	};
	struct registry_help *h = *state;

	registry_help_service(h, "web", "{'ports':[{'port':80}]}");
	registry_help_service(h, "lb", "{'type':'LoadBalancer','ports':[{'port':80}]}");
	assert_int_equal(registry_help_patch(h, "services", "web", "status",
		"{'status':{'loadBalancer':{'ingress':[{'ip':'203.0.113.99'}]}}}"), 422);
	assert_string_equal(registry_help_message(h), "Service \"web\" is invalid: "
		"status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is "
		"'LoadBalancer'");
	registry_help_patch(h, "services", "lb", "status",
			    "{'status':{'loadBalancer':{'ingress':[{'ip':'10.0.0.01','ipMode':"
			    "'Direct'},{'ipMode':'VIP','hostname':'A.b'},{'ip':'','hostname':"
			    "'::1'},{'hostname':'10.0.0.1'}]}}}");
	registry_help_causes(h, "status", causes);
	assert_int_equal(registry_help_patch(h, "services", "lb", "status",
		"{'spec':{'type':'ClusterIP'},'status':{'loadBalancer':{'ingress':[{'ip':"
		"'203.0.113.99'}]}}}"), 200);
	assert_string_equal(registry_help_value(h, "status.loadBalancer.ingress.0.ipMode"), "VIP");
	assert_string_equal(registry_help_value(h, "spec.type"), "LoadBalancer");
	/* A write of the object itself leaves the status, a change of type ends it. */
	assert_int_equal(registry_help_patch(h, "services", "lb", NULL,
		"{'status':{'loadBalancer':null},'metadata':{'labels':{'a':'b'}}}"), 200);
	assert_string_equal(registry_help_value(h, "status.loadBalancer.ingress.0.ip"), "203.0.113."
											"99");
	assert_int_equal(registry_help_patch(h, "services", "lb", NULL,
					     "{'spec':{'type':'NodePort'}}"),
			 200);
	assert_string_equal(registry_help_value(h, "status.loadBalancer.ingress.0.ip"), "");
}

static void test_types_of_fields(void **state)
{
	static const char *const bad[][2] = {
		{ "{'ports':[{'port':'80'}]}", "cannot unmarshal string into Go struct field "
					       "ServicePort.spec.ports.port of type int32" },
		{ "{'ports':[{'port':80.5}]}", "cannot unmarshal number 80.5 into Go struct field "
					       "ServicePort.spec.ports.port of type int32" },
		{ "{'ports':[{'port':99999999999}]}", "cannot unmarshal number 99999999999 into" },
		{ "{'ports':{'port':80}}", "ServiceSpec.spec.ports of type []v1.ServicePort" },
		{ "{'selector':'app=web'}", "ServiceSpec.spec.selector of type map[string]string" },
		{ "{'selector':{'app':1}}", "cannot unmarshal number into Go struct field "
					 "ServiceSpec.spec.selector of type string" },
		{ "{'externalIPs':[1]}", "ServiceSpec.spec.externalIPs of type string" },
		{ "{'ports':[{'port':80,'targetPort':true}]}", "cannot unmarshal bool into Go "
			"struct field ServicePort.spec.ports.targetPort of type int32" },
		{ "{'ports':[{'port':80,'targetPort':80.5}]}", "cannot unmarshal number 80.5" },
		{ "{'ports':[{'port':80,'nodePort':'30080'}]}", "cannot unmarshal string into Go "
			"struct field ServicePort.spec.ports.nodePort of type int32" },
		{ "{'ports':[{'port':2147483648}]}", "cannot unmarshal number 2147483648 into" },
		{ "{'ports':['http']}", "cannot unmarshal string into Go struct field "
			"ServiceSpec.spec.ports of type v1.ServicePort" },
		{ "{'clusterIP':10.5}", "cannot unmarshal number into Go struct field "
			"ServiceSpec.spec.clusterIP of type string" },
		{ "{'publishNotReadyAddresses':'yes'}", "cannot unmarshal string into Go struct "
			"field ServiceSpec.spec.publishNotReadyAddresses of type bool" },
		{ "{'externalIPs':'198.51.100.7'}", "cannot unmarshal string into Go struct field "
			"ServiceSpec.spec.externalIPs of type []string" },
		{ "{'sessionAffinityConfig':{'clientIP':10}}", "cannot unmarshal number into Go "
			"struct field SessionAffinityConfig.spec.sessionAffinityConfig.clientIP "
			"of type "
			"v1.ClientIPConfig" },
		{ "[]", "cannot unmarshal array into Go struct field Service.spec of type "
			"v1.ServiceSpec" },
	};
	struct registry_help *h = *state;
	char body[256];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(body, sizeof(body), "{'metadata':{'name':'bad'},'spec':%s}", bad[i][0]);
		assert_int_equal(registry_help_create(h, "services", body), 400);
		if (!strstr(registry_help_message(h), bad[i][1]))
			fail_msg("%s: %s", bad[i][0], registry_help_message(h));
	}
	assert_int_equal(registry_help_create(h, "services",
					      "{'metadata':{'name':'bad'},'spec':{'foo':1,'ports':["
					      "{'port':80,'prot':'TCP'}]}}"),
			 400);
	assert_non_null(strstr(registry_help_message(h), "strict decoding error: "));
	assert_non_null(strstr(registry_help_message(h), "unknown field \"spec.foo\""));
	assert_non_null(strstr(registry_help_message(h), "unknown field \"spec.ports[0].prot\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, registry_help_setup, registry_help_teardown)
		T(test_created_shape), T(test_defaults_by_type), T(test_names),
		T(test_too_many_ports), T(test_bounds), T(test_status), T(test_types_of_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
