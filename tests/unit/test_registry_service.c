// SPDX-License-Identifier: GPL-2.0
/* Services: defaults, refusals in the words of Kubernetes, and what a change of type does. */
#include "registry_help.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define IP_WORDS "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
#define PORT_WORDS "must be between 1 and 65535, inclusive"

/* A spec that is refused with 422, and every cause, as "field: message". */
struct refused {
	const char *spec;
	const char *causes[6];
};

static const struct refused specs[] = {
	{ "{'sessionAffinity':'ClientIP','sessionAffinityConfig':{'clientIP':{'timeoutSeconds':"
	  "90000}},'selector':{'app':'web'},'ports':[{'port':80}]}",
	  { "spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 90000: must be "
	    "greater than 0 and less than 86400" } },
	{ "{'sessionAffinity':'ClientIP','sessionAffinityConfig':{'clientIP':{'timeoutSeconds':0}},"
	  "'ports':[{'port':80}]}",
	  { "spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 0: must be greater "
	    "than 0 and less than 86400" } },
	{ "{'sessionAffinity':'Cookie','ports':[{'port':80}]}",
	  { "spec.sessionAffinity: Unsupported value: \"Cookie\": supported values: \"ClientIP\", "
	    "\"None\"" } },
	{ "{'sessionAffinityConfig':{'clientIP':{'timeoutSeconds':5}},'ports':[{'port':80}]}",
	  { "spec.sessionAffinityConfig: Forbidden: must not be set when session affinity is "
	    "None" } },
	{ "{'clusterIP':'10.200.0.1','ports':[{'port':80}]}",
	  { "spec.clusterIPs: Invalid value: [\"10.200.0.1\"]: failed to allocate IP 10.200.0.1: "
	    "the provided IP (10.200.0.1) is not in the valid range. The range of valid IPs is "
	    "10.96.0.0/12" } },
	{ "{'clusterIP':'10.96.0','ports':[{'port':80}]}",
	  { "spec.clusterIPs[0]: Invalid value: \"10.96.0\": " IP_WORDS } },
	{ "{'clusterIP':'10.96.0.10','ports':[{'port':80}]}",
	  { "spec.clusterIPs: Invalid value: [\"10.96.0.10\"]: failed to allocate IP 10.96.0.10: "
	    "provided IP is already allocated" } },
	{ "{'clusterIPs':['10.96.7.7'],'ports':[{'port':80}]}",
	  { "spec.clusterIPs: Invalid value: [\"10.96.7.7\"]: must be empty when `clusterIP` is "
	    "not specified" } },
	{ "{'type':'LoadBalancer','clusterIP':'None','ports':[{'port':80}]}",
	  { "spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for "
	    "LoadBalancer services" } },
	{ "{'externalTrafficPolicy':'Local','ports':[{'port':80}]}",
	  { "spec.externalTrafficPolicy: Invalid value: \"Local\": may only be set for "
	    "externally-accessible services" } },
	{ "{'type':'NodePort','externalTrafficPolicy':'Near','ports':[{'port':80}]}",
	  { "spec.externalTrafficPolicy: Unsupported value: \"Near\": supported values: "
	    "\"Cluster\", \"Local\"" } },
	{ "{'internalTrafficPolicy':'','ports':[{'port':80}]}",
	  { "spec.internalTrafficPolicy: Unsupported value: \"\": supported values: \"Cluster\", "
	    "\"Local\"" } },
	{ "{'type':'ExternalName'}", { "spec.externalName: Required value" } },
	{ "{'type':'ExternalName','externalName':'db.example.com','clusterIP':'10.96.7.7',"
	  "'ipFamilyPolicy':'SingleStack'}",
	  { "spec.clusterIPs: Forbidden: may not be set for ExternalName services", "spec."
										    "ipFamilyPolicy"
										    ": Forbidden: "
										    "may not be "
										    "set for "
										    "ExternalName "
										    "services" } },
	{ "{'type':'NodePort','ports':[{'port':80,'nodePort':30080}]}",
	  { "spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated" } },
	{ "{'type':'ClusterIP','ports':[{'port':80,'nodePort':30091}]}",
	  { "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'" } },
	{ "{'type':'NodePort','ports':[{'port':80,'nodePort':29999}]}",
	  { "spec.ports[0].nodePort: Invalid value: 29999: provided port is not in the valid "
	    "range. The range of valid ports is 30000-32767" } },
	{ "{'selector':{'app':'web'}}", { "spec.ports: Required value" } },
	{ "{'ports':[{'name':'a','port':80},{'name':'b','port':80}]}",
	  { "spec.ports[1]: Duplicate value: "
	    "{\"Name\":\"\",\"Protocol\":\"TCP\",\"AppProtocol\":null,"
	    "\"Port\":80,\"TargetPort\":0,\"NodePort\":0}" } },
	{ "{'ports':[{'name':'a','port':80},{'name':'a','port':81}]}",
	  { "spec.ports[1].name: Duplicate value: \"a\"" } },
	{ "{'ports':[{'port':65536}]}",
	  { "spec.ports[0].port: Invalid value: 65536: " PORT_WORDS, "spec.ports[0].targetPort: "
								     "Invalid value: "
								     "65536: " PORT_WORDS } },
	{ "{'ports':[{'port':0}]}",
	  { "spec.ports[0].port: Invalid value: 0: " PORT_WORDS, "spec.ports[0].targetPort: "
								 "Invalid value: "
								 "0: " PORT_WORDS } },
	{ "{'ports':[{'port':80,'protocol':'ICMP'}]}",
	  { "spec.ports[0].protocol: Unsupported value: \"ICMP\": supported values: \"SCTP\", "
	    "\"TCP\", \"UDP\"" } },
	{ "{'ports':[{'port':80,'targetPort':'not_a_port!'}]}",
	  { "spec.ports[0].targetPort: Invalid value: \"not_a_port!\": must contain only "
	    "alpha-numeric characters (a-z, 0-9), and hyphens (-)" } },
	{ "{'ports':[{'port':80,'targetPort':'a-name-of-sixteen'}]}",
	  { "spec.ports[0].targetPort: Invalid value: \"a-name-of-sixteen\": must be no more than "
	    "15 bytes" } },
	{ "{'type':'Router','ports':[{'port':80}]}",
	  { "spec.type: Unsupported value: \"Router\": supported values: \"ClusterIP\", "
	    "\"ExternalName\", \"LoadBalancer\", \"NodePort\"" } },
	{ "{'selector':{'app':null},'ports':[{'port':80}]}",
	  { "spec.selector.app: Required value: a label's value is missing" } },
	{ "{'externalIPs':['127.0.0.1','169.254.1.1','0.0.0.0','::1','x'],'ports':[{'port':80}]}",
	  { "spec.externalIPs[0]: Invalid value: \"127.0.0.1\": may not be in the loopback range "
	    "(127.0.0.0/8, ::1/128)",
	    "spec.externalIPs[1]: Invalid value: \"169.254.1.1\": may not be in the link-local "
	    "range (169.254.0.0/16, fe80::/10)",
	    "spec.externalIPs[2]: Invalid value: \"0.0.0.0\": may not be unspecified (0.0.0.0)",
	    "spec.externalIPs[3]: Invalid value: \"::1\": may not be in the loopback range "
	    "(127.0.0.0/8, ::1/128)",
	    "spec.externalIPs[4]: Invalid value: \"x\": " IP_WORDS } },
	{ "{'loadBalancerSourceRanges':['10.0.0.0/8'],'allocateLoadBalancerNodePorts':false,"
	  "'loadBalancerClass':'a/b','healthCheckNodePort':30999,'ports':[{'port':80}]}",
	  { "spec.loadBalancerSourceRanges: Forbidden: may only be used when `type` is "
	    "'LoadBalancer'",
	    "spec.allocateLoadBalancerNodePorts: Forbidden: may only be used when `type` is "
	    "'LoadBalancer'",
	    "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
	    "spec.healthCheckNodePort: Invalid value: 30999: may only be set when `type` is "
	    "'LoadBalancer' and `externalTrafficPolicy` is 'Local'" } },
	{ "{'type':'LoadBalancer','loadBalancerSourceRanges':['10.0.0.0/"
	  "33'],'ports':[{'port':80}]}",
	  { "spec.loadBalancerSourceRanges[0]: Invalid value: \"10.0.0.0/33\": must be a valid "
	    "CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)" } },
	{ "{'ipFamilies':['IPv6'],'ports':[{'port':80}]}",
	  { "spec.ipFamilies[0]: Invalid value: \"IPv6\": not configured on this cluster" } },
	{ "{'ipFamilyPolicy':'RequireDualStack','ports':[{'port':80}]}",
	  { "spec.ipFamilyPolicy: Invalid value: \"RequireDualStack\": this cluster is not "
	    "configured for dual-stack services" } },
	{ "{'ipFamilies':['IPv4','IPv5','IPv4'],'ports':[{'port':80}]}",
	  { "spec.ipFamilies[1]: Unsupported value: \"IPv5\": supported values: \"IPv4\", \"IPv6\"",
	    "spec.ipFamilies[2]: Duplicate value: \"IPv4\"" } },
	{ "{'trafficDistribution':'Far','ports':[{'port':80}]}",
	  { "spec.trafficDistribution: Unsupported value: \"Far\": supported values: "
	    "\"PreferClose\", "
	    "\"PreferSameNode\", \"PreferSameZone\"" } },
	/* Everything that is wrong is said at once, allocation included. */
	{ "{'type':'NodePort','ports':[{'port':80,'nodePort':29999},{'port':81}]}",
	  { "spec.ports[0].name: Required value", "spec.ports[1].name: Required value",
	    "spec.ports[0].nodePort: Invalid value: 29999: provided port is not in the valid "
	    "range. The range of valid ports is 30000-32767" } },
};

static void expect_causes(const struct registry_help *h, const struct refused *c)
{
	const json_t *causes = json_object_get(json_object_get(h->reply.body, "details"), "causes");
	size_t n = 0;

	for (; n < 6 && c->causes[n]; n++) {
		const json_t *cause = json_array_get(causes, n);
		char text[1024];

		snprintf(text, sizeof(text), "%s: %s",
			 json_string_value(json_object_get(cause, "field")),
			 json_string_value(json_object_get(cause, "message")));
		assert_string_equal(text, c->causes[n]);
		assert_non_null(strstr(registry_help_message(h), c->causes[n]));
	}
	if (json_array_size(causes) != n)
		fail_msg("%s: %s", c->spec, registry_help_message(h));
}

static void create(struct registry_help *h, const char *name, const char *spec)
{
	char body[1024];

	snprintf(body, sizeof(body), "{'kind':'Service','apiVersion':'v1','metadata':{'name':'%s'},"
		 "'spec':%s}", name, spec);
	if (registry_help_create(h, "services", body) != 201)
		fail_msg("%s: %s", body, registry_help_message(h));
}

static void test_bad_specs(void **state)
{
	struct registry_help *h = *state;
	uint64_t before;

	create(h, "web-np", "{'type':'NodePort','ports':[{'port':80,'nodePort':30080}]}");
	create(h, "dns", "{'clusterIP':'10.96.0.10','ports':[{'port':53,'protocol':'UDP'}]}");
	before = registry_version(h->r);
	for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
		char body[1024];

		snprintf(body, sizeof(body), "{'metadata':{'name':'bad'},'spec':%s}",
			 specs[i].spec);
		if (registry_help_create(h, "services", body) != 422)
			fail_msg("%s: not refused", specs[i].spec);
		assert_string_equal(registry_help_value(h, "reason"), "Invalid");
		assert_string_equal(registry_help_value(h, "details.kind"), "Service");
		expect_causes(h, &specs[i]);
	}
	assert_int_equal(registry_version(h->r), before);
	assert_int_equal(registry_help_get(h, "services", "bad"), 404);
}

/* The whole object as the real thing answered it, but for what is given by chance. */
static void test_created_shape(void **state)
{
	struct registry_help *h = *state;
	char *text;

	create(h, "raw", "{'selector':{'app':'web'},'ports':[{'port':80,'targetPort':8080}]}");
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

	create(h, "lb",
	       "{'type':'LoadBalancer','externalTrafficPolicy':'Local','ports':[{'port':80}]}");
	assert_true(json_is_true(json_object_get(json_object_get(h->reply.body, "spec"),
						 "allocateLoadBalancerNodePorts")));
	n = atoi(registry_help_value(h, "spec.ports.0.nodePort"));
	assert_in_range(n, 30086, 32767);
	assert_in_range(atoi(registry_help_value(h, "spec.healthCheckNodePort")), 30086, 32767);
	assert_int_not_equal(atoi(registry_help_value(h, "spec.healthCheckNodePort")), n);

	create(h, "nonp", "{'type':'LoadBalancer','allocateLoadBalancerNodePorts':false,"
			  "'ports':[{'port':80}]}");
	assert_string_equal(registry_help_value(h, "spec.ports.0.nodePort"), "");

	create(h, "ext", "{'type':'ExternalName','externalName':'db.example.com.'}");
	assert_string_equal(registry_help_value(h, "spec.clusterIP"), "");
	assert_string_equal(registry_help_value(h, "spec.internalTrafficPolicy"), "");

	create(h, "headless", "{'clusterIP':'None','selector':{'a':'b'}}");
	assert_string_equal(registry_help_value(h, "spec.clusterIPs.0"), "None");
	assert_string_equal(registry_help_value(h, "spec.ipFamilies.0"), "IPv4");

	create(h, "sticky", "{'sessionAffinity':'ClientIP','ports':[{'port':80}]}");
	assert_string_equal(registry_help_value(h,
		"spec.sessionAffinityConfig.clientIP.timeoutSeconds"), "10800");

	create(h, "extip",
	       "{'externalIPs':['198.51.100.7'],'ports':[{'port':80,'targetPort':'http'}]}");
	assert_string_equal(registry_help_value(h, "spec.externalTrafficPolicy"), "Cluster");
	assert_string_equal(registry_help_value(h, "spec.ports.0.targetPort"), "http");

	/* One number, two protocols: one node port serves both. */
	create(h, "dns", "{'type':'NodePort','ports':[{'name':'u','port':53,'protocol':'UDP'},"
			 "{'name':'t','port':53}]}");
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

/* A patch of "web", and the one cause of its refusal. */
struct patch {
	const char *name, *patch, *cause;
};

static void test_immutable(void **state)
{
	static const struct patch patches[] = {
		{ "web", "{'spec':{'clusterIP':'10.96.7.7'}}",
		  "spec.clusterIPs[0]: Invalid value: [\"10.96.7.7\"]: may not change once set" },
		{ "web", "{'spec':{'clusterIP':'10.96.7.7','clusterIPs':['10.96.7.7']}}",
		  "spec.clusterIPs[0]: Invalid value: [\"10.96.7.7\"]: may not change once set" },
		{ "web", "{'spec':{'ipFamilies':['IPv6']}}",
		  "spec.clusterIPs[0]: Invalid value: \"10.96.0.5\": expected an IPv6 value as "
		  "indicated by `ipFamilies[0]`" },
		{ "web", "{'spec':{'ports':[]}}", "spec.ports: Required value" },
		{ "web", "{'spec':{'ports':null}}", "spec.ports: Required value" },
		{ "web", "{'spec':{'type':'ExternalName'}}", "spec.externalName: Required value" },
		{ "web", "{'spec':{'selector':{'app':'not a label!'}}}",
		  "spec.selector: Invalid value: \"not a label!\": a valid label must be an empty "
		  "string or consist of alphanumeric characters, '-', '_' or '.', and must start "
		  "and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or "
		  "'12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
		  ")?')" },
		{ "lb", "{'spec':{'loadBalancerClass':'other/lb'}}",
		  "spec.loadBalancerClass: Invalid value: \"other/lb\": may not change once set" },
		{ "lb", "{'spec':{'healthCheckNodePort':31999}}",
		  "spec.healthCheckNodePort: Forbidden: field is immutable" },
		{ "lb", "{'spec':{'ports':[{'port':80,'nodePort':29999}]}}",
		  "spec.ports[0].nodePort: Invalid value: 29999: provided port is not in the valid "
		  "range. The range of valid ports is 30000-32767" },
		{ "lb", "{'spec':{'ports':[{'port':80,'nodePort':30080}]}}",
		  "spec.ports[0].nodePort: Invalid value: 30080: provided port is already "
		  "allocated" },
	};
	struct registry_help *h = *state;

	create(h, "web",
	       "{'clusterIP':'10.96.0.5','selector':{'app':'web'},'ports':[{'port':80}]}");
	create(h, "np", "{'type':'NodePort','ports':[{'port':80,'nodePort':30080}]}");
	create(h, "lb", "{'type':'LoadBalancer','externalTrafficPolicy':'Local',"
			"'loadBalancerClass':'a/lb','ports':[{'port':80}]}");
	for (size_t i = 0; i < sizeof(patches) / sizeof(patches[0]); i++) {
		const struct refused one = { patches[i].patch, { patches[i].cause } };

		assert_int_equal(registry_help_patch(h, "services", patches[i].name, NULL,
						     patches[i].patch), 422);
		expect_causes(h, &one);
	}
	assert_int_equal(
		registry_help_patch(h, "services", "web", NULL, "{'metadata':{'name':'x'}}"), 400);
	assert_string_equal(registry_help_message(h),
			    "the name of the object (x) does not match the name on the URL (web)");
}

static void test_type_changes(void **state)
{
	struct registry_help *h = *state;
	char ip[64], port[16];

	create(h, "web", "{'selector':{'a':'b'},'ports':[{'port':80}]}");
	strcpy(ip, registry_help_value(h, "spec.clusterIP"));
	assert_int_equal(registry_help_patch(h, "services", "web", NULL,
					     "{'spec':{'type':'NodePort'}}"),
			 200);
	assert_string_equal(registry_help_value(h, "spec.clusterIP"), ip);
	assert_string_equal(registry_help_value(h, "spec.externalTrafficPolicy"), "Cluster");
	strcpy(port, registry_help_value(h, "spec.ports.0.nodePort"));
	assert_in_range(atoi(port), 30086, 32767);

	/* A replace that says nothing of them keeps address and port. */
	assert_int_equal(registry_help_update(h, "services", "web",
					      "{'metadata':{'name':'web'},'spec':{'type':'"
					      "LoadBalancer','ports':[{'port':81}]}}"),
			 200);
	assert_string_equal(registry_help_value(h, "spec.clusterIP"), ip);
	assert_string_equal(registry_help_value(h, "spec.ports.0.nodePort"), port);

	assert_int_equal(registry_help_patch(h, "services", "web", NULL,
					     "{'spec':{'type':'ClusterIP'}}"),
			 200);
	assert_string_equal(registry_help_value(h, "spec.ports.0.nodePort"), "");
	assert_string_equal(registry_help_value(h, "spec.externalTrafficPolicy"), "");

	assert_int_equal(registry_help_patch(h, "services", "web", NULL,
		"{'spec':{'type':'ExternalName','externalName':'x.example'}}"), 200);
	assert_string_equal(registry_help_value(h, "spec.clusterIP"), "");

	/* What was given back can be had by name. */
	{
		char spec[160];

		snprintf(spec, sizeof(spec),
			 "{'type':'NodePort','clusterIP':'%s','ports':[{'port':80,"
			 "'nodePort':%s}]}",
			 ip, port);
		create(h, "heir", spec);
	}
	assert_int_equal(registry_help_patch(h, "services", "web", NULL,
					     "{'spec':{'type':'ClusterIP'}}"),
			 200);
	assert_string_not_equal(registry_help_value(h, "spec.clusterIP"), "");
	assert_string_not_equal(registry_help_value(h, "spec.clusterIP"), ip);
}

static void test_node_ports_kept(void **state)
{
	struct registry_help *h = *state;

	create(h, "two", "{'type':'NodePort','ports':[{'name':'a','port':80,'nodePort':30001},"
			 "{'name':'b','port':81,'nodePort':30002}]}");
	/* By the port's name, wherever it stands and whatever else of it changes. */
	assert_int_equal(registry_help_patch(h, "services", "two", NULL,
		"{'spec':{'ports':[{'name':'b','port':91},{'name':'a','port':90}]}}"), 200);
	assert_string_equal(registry_help_value(h, "spec.ports.0.nodePort"), "30002");
	assert_string_equal(registry_help_value(h, "spec.ports.1.nodePort"), "30001");
	/* Not if another port of the Service takes it. */
	assert_int_equal(registry_help_patch(h, "services", "two", NULL,
		"{'spec':{'ports':[{'name':'a','port':80,'nodePort':30002},{'name':'b',"
		"'port':81}]}}"),
		200);
	assert_string_equal(registry_help_value(h, "spec.ports.0.nodePort"), "30002");
	assert_in_range(atoi(registry_help_value(h, "spec.ports.1.nodePort")), 30086, 32767);
	create(h, "heir", "{'type':'NodePort','ports':[{'port':80,'nodePort':30001}]}");
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

static void test_status(void **state)
{
	struct registry_help *h = *state;

	create(h, "web", "{'ports':[{'port':80}]}");
	create(h, "lb", "{'type':'LoadBalancer','ports':[{'port':80}]}");
	assert_int_equal(registry_help_patch(h, "services", "web", "status",
		"{'status':{'loadBalancer':{'ingress':[{'ip':'203.0.113.99'}]}}}"), 422);
	assert_string_equal(registry_help_message(h), "Service \"web\" is invalid: "
		"status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is "
		"'LoadBalancer'");
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
					       "ServicePort.spec.ports[0].port of type int32" },
		{ "{'ports':[{'port':80.5}]}", "cannot unmarshal number 80.5 into Go struct field "
					       "ServicePort.spec.ports[0].port of type int32" },
		{ "{'ports':[{'port':99999999999}]}", "cannot unmarshal number 99999999999 into" },
		{ "{'ports':{'port':80}}", "ServiceSpec.spec.ports of type []v1.ServicePort" },
		{ "{'selector':'app=web'}", "ServiceSpec.spec.selector of type map[string]string" },
		{ "{'selector':{'app':1}}", "ServiceSpec.spec.selector.app of type string" },
		{ "{'externalIPs':[1]}", "ServiceSpec.spec.externalIPs[0] of type string" },
		{ "{'ports':[{'port':80,'targetPort':true}]}", "spec.ports[0].targetPort of type "
							       "int32" },
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

static void test_dual_stack(void **state)
{
	struct registry_help *h = *state;

	registry_close(h->r);
	h->config.nservice_cidrs = 2;
	assert_int_equal(ip_cidr_parse("fd00:10:96::/108", &h->config.service_cidrs[1], NULL), 0);
	registry_help_open(h);

	create(h, "dual", "{'ipFamilyPolicy':'PreferDualStack','ports':[{'port':80}]}");
	assert_memory_equal(registry_help_value(h, "spec.clusterIPs.1"), "fd00:10:96::", 12);
	assert_string_equal(registry_help_value(h, "spec.ipFamilies.1"), "IPv6");
	create(h, "v6", "{'ipFamilies':['IPv6'],'ports':[{'port':80}]}");
	assert_memory_equal(registry_help_value(h, "spec.clusterIP"), "fd00:10:96::", 12);
	create(h, "wish", "{'clusterIP':'fd00:10:96::7','ports':[{'port':80}]}");
	assert_string_equal(registry_help_value(h, "spec.ipFamilies.0"), "IPv6");
	assert_int_equal(registry_help_create(h, "services",
		"{'metadata':{'name':'bad'},'spec':{'ipFamilies':['IPv4','IPv6'],'ipFamilyPolicy':"
		"'SingleStack','ports':[{'port':80}]}}"), 422);

	/* Down to one family and up again. */
	assert_int_equal(registry_help_patch(h, "services", "dual", NULL,
		"{'spec':{'ipFamilyPolicy':'SingleStack'}}"), 200);
	assert_string_equal(registry_help_value(h, "spec.clusterIPs.1"), "");
	assert_string_equal(registry_help_value(h, "spec.ipFamilies.1"), "");
	assert_int_equal(registry_help_patch(h, "services", "dual", NULL,
		"{'spec':{'ipFamilyPolicy':'RequireDualStack'}}"), 200);
	assert_string_equal(registry_help_value(h, "spec.ipFamilies.1"), "IPv6");
	assert_memory_equal(registry_help_value(h, "spec.clusterIPs.1"), "fd00:10:96::", 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, registry_help_setup, registry_help_teardown)
		T(test_bad_specs), T(test_created_shape), T(test_defaults_by_type), T(test_names),
		T(test_immutable), T(test_type_changes),
		T(test_node_ports_kept), T(test_too_many_ports), T(test_status),
		T(test_types_of_fields),
		T(test_dual_stack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
