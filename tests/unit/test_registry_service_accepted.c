// SPDX-License-Identifier: GPL-2.0
/* Services that are taken: for each rule of the object what it allows, and what it becomes. */
#include "registry_help.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define HTTP "'ports':[{'port':80}]"
#define NAME_63 "a12345678901234567890123456789012345678901234567890123456789012"

struct accepted {
	const char *name, *spec;
	struct registry_help_want wants[REGISTRY_HELP_WANTS];
};

static const struct accepted ports[] = {
	{ "the defaults", "{" HTTP "}",
	  { { "spec.type", "ClusterIP" }, { "spec.ports.0.protocol", "TCP" },
	    { "spec.ports.0.targetPort", "80" }, { "spec.ports.0.name", "" },
	    { "spec.sessionAffinity", "None" }, { "spec.internalTrafficPolicy", "Cluster" },
	    { "spec.externalTrafficPolicy", "" }, { "spec.trafficDistribution", "" } } },
	{ "the lowest and the highest port", "{'ports':[{'name':'a','port':1,'targetPort':65535},"
	  "{'name':'b','port':65535,'targetPort':1}]}",
	  { { "spec.ports.0.targetPort", "65535" }, { "spec.ports.1.port", "65535" } } },
	{ "target port 0 is the port", "{'ports':[{'port':80,'targetPort':0}]}",
	  { { "spec.ports.0.targetPort", "80" } } },
	{ "an empty target port is the port", "{'ports':[{'port':80,'targetPort':''}]}",
	  { { "spec.ports.0.targetPort", "80" } } },
	{ "a target port's name of fifteen", "{'ports':[{'port':80,'targetPort':"
	  "'0-23456789012-x'}]}",
	  { { "spec.ports.0.targetPort", "0-23456789012-x" } } },
	{ "one port in all protocols", "{'ports':[{'name':'t','port':53},{'name':'u','port':53,"
	  "'protocol':'UDP'},{'name':'s','port':53,'protocol':'SCTP'}]}",
	  { { "spec.ports.2.protocol", "SCTP" } } },
	{ "one port with a name", "{'ports':[{'name':'" NAME_63 "','port':80}]}",
	  { { "spec.ports.0.name", NAME_63 } } },
	{ "a name of digits", "{'ports':[{'name':'80','port':80}]}",
	  { { "spec.ports.0.name", "80" } } },
	{ "application protocols", "{'ports':[{'name':'a','port':80,'appProtocol':"
	  "'kubernetes.io/h2c'},{'name':'b','port':81,'appProtocol':'HTTP'}]}",
	  { { "spec.ports.0.appProtocol", "kubernetes.io/h2c" },
	    { "spec.ports.1.appProtocol", "HTTP" } } },
	{ "no selector", "{" HTTP "}", { { "spec.selector", "" } } },
	{ "an empty value in the selector", "{'selector':{'x.y/app':''}," HTTP "}",
	  { { "spec.clusterIP", "10.*" } } },
};

static const struct accepted addresses[] = {
	{ "an address of the static band", "{'clusterIP':'10.96.0.1'," HTTP "}",
	  { { "spec.clusterIP", "10.96.0.1" }, { "spec.clusterIPs.0", "10.96.0.1" } } },
	{ "the last address", "{'clusterIP':'10.111.255.254'," HTTP "}",
	  { { "spec.clusterIPs.0", "10.111.255.254" } } },
	{ "both fields", "{'clusterIP':'10.96.0.7','clusterIPs':['10.96.0.7']," HTTP "}",
	  { { "spec.clusterIP", "10.96.0.7" } } },
	{ "an empty address is none", "{'clusterIP':''," HTTP "}",
	  { { "spec.clusterIP", "10.*" } } },
	{ "headless without ports", "{'clusterIP':'None','selector':{'a':'b'}}",
	  { { "spec.clusterIPs.0", "None" }, { "spec.ipFamilies.0", "IPv4" },
	    { "spec.ipFamilyPolicy", "SingleStack" } } },
	{ "headless with named target", "{'clusterIP':'None','selector':{'a':'b'},'ports':"
	  "[{'port':80,'targetPort':'http'}],'publishNotReadyAddresses':true}",
	  { { "spec.ports.0.targetPort", "http" },
	    { "spec.publishNotReadyAddresses", "true" } } },
	{ "headless with external addresses", "{'clusterIP':'None','externalIPs':['192.0.2.1'],"
	  "'externalTrafficPolicy':'Local'," HTTP "}",
	  { { "spec.externalTrafficPolicy", "Local" } } },
	{ "external addresses of both families", "{'externalIPs':['198.51.100.7','2001:db8::7',"
	  "'239.1.1.1']," HTTP "}",
	  { { "spec.externalIPs.1", "2001:db8::7" },
	    { "spec.externalTrafficPolicy", "Cluster" } } },
	{ "a name", "{'type':'ExternalName','externalName':'db.example.com'}",
	  { { "spec.externalName", "db.example.com" }, { "spec.clusterIP", "" },
	    { "spec.ipFamilies.0", "" }, { "spec.ipFamilyPolicy", "" },
	    { "spec.internalTrafficPolicy", "" } } },
	{ "external addresses in other forms", "{'externalIPs':['2001:DB8::7','2001:db8:0:0::8',"
	  "'0001:002:03:4::','255.255.255.255']," HTTP "}",
	  { { "spec.externalIPs.0", "2001:DB8::7" } } },
	{ "a name with a policy of no use", "{'type':'ExternalName','externalName':'a.b',"
	  "'internalTrafficPolicy':'Local'}",
	  { { "spec.externalName", "a.b" }, { "spec.internalTrafficPolicy", "" } } },
	{ "a complete name, with ports", "{'type':'ExternalName','externalName':'1.db.example.',"
	  "'selector':{'a':'b'}," HTTP "}",
	  { { "spec.externalName", "1.db.example." }, { "spec.ports.0.port", "80" } } },
	{ "a name's node port is nobody's", "{'type':'ExternalName','externalName':'a.b','ports':"
	  "[{'port':80,'nodePort':30080}]}",
	  { { "spec.ports.0.nodePort", "30080" } } },
	{ "an external name on another type", "{'externalName':'db.example.com'," HTTP "}",
	  { { "spec.clusterIP", "10.*" } } },
};

static const struct accepted node_ports[] = {
	{ "the lowest", "{'type':'NodePort','ports':[{'port':80,'nodePort':30000}]}",
	  { { "spec.ports.0.nodePort", "30000" }, { "spec.externalTrafficPolicy", "Cluster" } } },
	{ "the highest", "{'type':'NodePort','ports':[{'port':80,'nodePort':32767}]}",
	  { { "spec.ports.0.nodePort", "32767" } } },
	{ "0 is none", "{'type':'NodePort','ports':[{'port':80,'nodePort':0}]}",
	  { { "spec.ports.0.nodePort", "3????" } } },
	{ "0 on a ClusterIP service", "{'ports':[{'port':80,'nodePort':0}]}",
	  { { "spec.ports.0.nodePort", "" } } },
	{ "one number for TCP and UDP", "{'type':'NodePort','ports':[{'name':'t','port':53,"
	  "'nodePort':30053},{'name':'u','port':53,'protocol':'UDP','nodePort':30053}]}",
	  { { "spec.ports.0.nodePort", "30053" }, { "spec.ports.1.nodePort", "30053" } } },
	{ "one number for TCP and UDP of other ports", "{'type':'NodePort','ports':[{'name':'t',"
	  "'port':53,'nodePort':30053},{'name':'u','port':54,'protocol':'UDP','nodePort':30053}]}",
	  { { "spec.ports.1.nodePort", "30053" } } },
	{ "the port that the other protocol asked for", "{'type':'NodePort','ports':[{'name':'t',"
	  "'port':53},{'name':'u','port':53,'protocol':'UDP','nodePort':30053}]}",
	  { { "spec.ports.0.nodePort", "30053" } } },
	{ "a number that another service has for TCP", "{'type':'NodePort','ports':[{'port':80,"
	  "'protocol':'UDP','nodePort':30080}]}",
	  { { "spec.ports.0.nodePort", "30080" } } },
	{ "local", "{'type':'NodePort','externalTrafficPolicy':'Local'," HTTP "}",
	  { { "spec.externalTrafficPolicy", "Local" }, { "spec.healthCheckNodePort", "" } } },
};

static const struct accepted balancers[] = {
	{ "the defaults", "{'type':'LoadBalancer'," HTTP "}",
	  { { "spec.allocateLoadBalancerNodePorts", "true" },
	    { "spec.ports.0.nodePort", "3????" }, { "spec.externalTrafficPolicy", "Cluster" },
	    { "spec.healthCheckNodePort", "" }, { "spec.loadBalancerClass", "" } } },
	{ "local", "{'type':'LoadBalancer','externalTrafficPolicy':'Local'," HTTP "}",
	  { { "spec.healthCheckNodePort", "3????" } } },
	{ "a health check by number", "{'type':'LoadBalancer','externalTrafficPolicy':'Local',"
	  "'healthCheckNodePort':30001," HTTP "}",
	  { { "spec.healthCheckNodePort", "30001" } } },
	{ "a health check beside a UDP port", "{'type':'LoadBalancer','externalTrafficPolicy':"
	  "'Local','healthCheckNodePort':30001,'ports':[{'port':53,'protocol':'UDP','nodePort':"
	  "30001}]}",
	  { { "spec.healthCheckNodePort", "30001" } } },
	{ "no node ports", "{'type':'LoadBalancer','allocateLoadBalancerNodePorts':false,"
	  HTTP "}",
	  { { "spec.allocateLoadBalancerNodePorts", "false" },
	    { "spec.ports.0.nodePort", "" } } },
	{ "no node ports but the one asked for", "{'type':'LoadBalancer',"
	  "'allocateLoadBalancerNodePorts':false,'ports':[{'name':'a','port':80,'nodePort':30091},"
	  "{'name':'b','port':81}]}",
	  { { "spec.ports.0.nodePort", "30091" }, { "spec.ports.1.nodePort", "" } } },
	{ "a class and a wish", "{'type':'LoadBalancer','loadBalancerClass':'example.com/lb',"
	  "'loadBalancerIP':'whatever that class takes'," HTTP "}",
	  { { "spec.loadBalancerClass", "example.com/lb" } } },
	{ "a wish", "{'type':'LoadBalancer','loadBalancerIP':'203.0.113.7'," HTTP "}",
	  { { "spec.loadBalancerIP", "203.0.113.7" } } },
	{ "source ranges, with spaces", "{'type':'LoadBalancer','loadBalancerSourceRanges':"
	  "[' 203.0.113.0/24 ','0.0.0.0/0','2001:db8::/32']," HTTP "}",
	  { { "spec.loadBalancerSourceRanges.1", "0.0.0.0/0" } } },
	{ "the kubelet's port", "{'type':'LoadBalancer','ports':[{'port':10250}]}",
	  { { "spec.ports.0.port", "10250" } } },
};

static const struct accepted others[] = {
	{ "affinity", "{'sessionAffinity':'ClientIP'," HTTP "}",
	  { { "spec.sessionAffinityConfig.clientIP.timeoutSeconds", "10800" } } },
	{ "affinity of an empty time", "{'sessionAffinity':'ClientIP','sessionAffinityConfig':"
	  "{'clientIP':{}}," HTTP "}",
	  { { "spec.sessionAffinityConfig.clientIP.timeoutSeconds", "10800" } } },
	{ "affinity of a second", "{'sessionAffinity':'ClientIP','sessionAffinityConfig':"
	  "{'clientIP':{'timeoutSeconds':1}}," HTTP "}",
	  { { "spec.sessionAffinityConfig.clientIP.timeoutSeconds", "1" } } },
	{ "affinity of a day", "{'sessionAffinity':'ClientIP','sessionAffinityConfig':"
	  "{'clientIP':{'timeoutSeconds':86400}}," HTTP "}",
	  { { "spec.sessionAffinityConfig.clientIP.timeoutSeconds", "86400" } } },
	{ "internal policy", "{'internalTrafficPolicy':'Local'," HTTP "}",
	  { { "spec.internalTrafficPolicy", "Local" } } },
	{ "close", "{'trafficDistribution':'PreferClose'," HTTP "}",
	  { { "spec.trafficDistribution", "PreferClose" } } },
	{ "same zone", "{'trafficDistribution':'PreferSameZone'," HTTP "}",
	  { { "spec.trafficDistribution", "PreferSameZone" } } },
	{ "same node", "{'trafficDistribution':'PreferSameNode'," HTTP "}",
	  { { "spec.trafficDistribution", "PreferSameNode" } } },
};

/* metadata without its name, of an otherwise plain Service of type LoadBalancer. */
static const struct accepted metadata[] = {
	{ "labels", "'labels':{'a':'','example.com/A_b.c-d':'1.2_3-x'}", { { NULL, NULL } } },
	{ "annotations of any value", "'annotations':{'A/b':'{\\\"c\\\": 1}'}",
	  { { NULL, NULL } } },
	{ "no ranges in the annotation", "'annotations':{'service.beta.kubernetes.io/"
	  "load-balancer-source-ranges':' '}", { { NULL, NULL } } },
	{ "ranges in the annotation", "'annotations':{'service.beta.kubernetes.io/"
	  "load-balancer-source-ranges':'10.0.0.0/8, fd00::/8 '}", { { NULL, NULL } } },
	{ "one wish for topology", "'annotations':{'service.kubernetes.io/topology-aware-hints':"
	  "'auto','service.kubernetes.io/topology-mode':'auto'}", { { NULL, NULL } } },
};

static void take(struct registry_help *h, const struct accepted *c, const char *fmt)
{
	char body[1024];

	snprintf(body, sizeof(body), fmt, c->spec);
	if (registry_help_create(h, "services", body) != 201)
		fail_msg("%s: %s", c->name, registry_help_message(h));
	registry_help_wants(h, c->name, c->wants);
	/* What was taken is taken again as it stands: nothing in it is against the rules. */
	{
		char *text = json_dumps(h->reply.body, 0);

		assert_int_equal(registry_help_update(h, "services", "good", text), 200);
		free(text);
	}
	assert_int_equal(registry_help_delete(h, "services", "good"), 200);
}

static void take_all(void **state, const struct accepted *v, size_t n)
{
	struct registry_help *h = *state;

	registry_help_service(h, "web-np",
			      "{'type':'NodePort','ports':[{'port':80,'nodePort':30080}]}");
	for (size_t i = 0; i < n; i++)
		take(h, &v[i], "{'metadata':{'name':'good'},'spec':%s}");
}

#define ACCEPTED(table) \
	static void test_##table(void **state) \
	{ \
		take_all(state, table, sizeof(table) / sizeof(table[0])); \
	}

ACCEPTED(ports)
ACCEPTED(addresses)
ACCEPTED(node_ports)
ACCEPTED(balancers)
ACCEPTED(others)

static void test_metadata(void **state)
{
	for (size_t i = 0; i < sizeof(metadata) / sizeof(metadata[0]); i++)
		take(*state, &metadata[i], "{'metadata':{'name':'good',%s},'spec':{'type':"
		       "'LoadBalancer','ports':[{'port':80}]}}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, registry_help_setup, registry_help_teardown)
		T(test_ports), T(test_addresses), T(test_node_ports), T(test_balancers),
		T(test_others), T(test_metadata),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
