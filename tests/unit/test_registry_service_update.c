// SPDX-License-Identifier: GPL-2.0
/*
 * Services that change: what an update keeps, gives back and gets, what may
 * not change, and that what was given back is there for the next.
 */
#include "registry_help.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LABEL_WORDS "a valid label must be an empty string or consist of alphanumeric " \
	"characters, '-', '_' or '.', and must start and end with an alphanumeric character " \
	"(e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is " \
	"'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
#define NODE_PORT_RANGE "provided port is not in the valid range. The range of valid ports is " \
	"30000-32767"

/* What a Service is like before a change. */
#define CLUSTER "{'clusterIP':'10.96.0.5','selector':{'app':'web'},'ports':[{'port':80}]}"
#define NODE "{'type':'NodePort','clusterIP':'10.96.0.5','ports':[{'name':'a','port':80," \
	"'nodePort':30001},{'name':'b','port':81,'nodePort':30002}]}"
#define BALANCER "{'type':'LoadBalancer','clusterIP':'10.96.0.5','externalTrafficPolicy':" \
	"'Local','healthCheckNodePort':30009,'loadBalancerClass':'a/lb','ports':[{'port':80," \
	"'nodePort':30001}]}"
#define DNS "{'type':'NodePort','clusterIP':'10.96.0.5','ports':[{'name':'dns','protocol':'UDP'," \
	"'port':53,'nodePort':30053},{'name':'dns-tcp','port':53,'nodePort':30053}]}"
#define NAME "{'type':'ExternalName','externalName':'a.example'}"

/* Other Services, to ask for what must be free afterwards. */
#define IP_FREE "{'clusterIP':'10.96.0.5','ports':[{'port':1}]}"
#define PORT_FREE(n) "{'type':'NodePort','ports':[{'port':1,'nodePort':" #n "}]}"

struct change {
	const char *name, *from;
	const char *patch;	/* a merge patch of spec; NULL: to replaces it */
	const char *to;
	struct registry_help_want wants[REGISTRY_HELP_WANTS];
	const char *heirs[3];	/* specs that can be created then */
};

static const struct change types[] = {
	{ "ClusterIP to NodePort", CLUSTER, "{'type':'NodePort'}", NULL,
	  { { "spec.clusterIP", "10.96.0.5" }, { "spec.ports.0.nodePort", "3????" },
	    { "spec.externalTrafficPolicy", "Cluster" } }, { NULL } },
	{ "ClusterIP to LoadBalancer", CLUSTER, "{'type':'LoadBalancer'}", NULL,
	  { { "spec.clusterIP", "10.96.0.5" }, { "spec.ports.0.nodePort", "3????" },
	    { "spec.allocateLoadBalancerNodePorts", "true" },
	    { "spec.externalTrafficPolicy", "Cluster" } }, { NULL } },
	{ "ClusterIP to ExternalName", CLUSTER, "{'type':'ExternalName','externalName':'x.y'}",
	  NULL,
	  { { "spec.clusterIP", "" }, { "spec.clusterIPs.0", "" }, { "spec.ipFamilies.0", "" },
	    { "spec.ipFamilyPolicy", "" }, { "spec.selector.app", "web" },
	    { "spec.internalTrafficPolicy", "" } }, { IP_FREE } },
	{ "ClusterIP to ExternalName, replaced", CLUSTER, NULL,
	  "{'type':'ExternalName','externalName':'x.y'}",
	  { { "spec.clusterIP", "" }, { "spec.ports.0.port", "" } }, { IP_FREE } },
	{ "NodePort to ClusterIP", NODE, "{'type':'ClusterIP'}", NULL,
	  { { "spec.clusterIP", "10.96.0.5" }, { "spec.ports.0.nodePort", "" },
	    { "spec.ports.1.nodePort", "" }, { "spec.externalTrafficPolicy", "" } },
	  { PORT_FREE(30001), PORT_FREE(30002) } },
	{ "NodePort to ClusterIP with a port less", NODE,
	  "{'type':'ClusterIP','ports':[{'name':'b','port':81,'nodePort':30002}]}", NULL,
	  { { "spec.ports.0.nodePort", "" } }, { PORT_FREE(30001), PORT_FREE(30002) } },
	{ "NodePort to LoadBalancer", NODE, NULL,
	  "{'type':'LoadBalancer','ports':[{'name':'a','port':80},{'name':'b','port':81}]}",
	  { { "spec.clusterIP", "10.96.0.5" }, { "spec.ports.0.nodePort", "30001" },
	    { "spec.ports.1.nodePort", "30002" } }, { NULL } },
	{ "NodePort to LoadBalancer without node ports, patched", NODE,
	  "{'type':'LoadBalancer','allocateLoadBalancerNodePorts':false}", NULL,
	  { { "spec.ports.0.nodePort", "30001" } }, { NULL } },
	{ "NodePort to LoadBalancer without node ports, replaced", NODE, NULL,
	  "{'type':'LoadBalancer','allocateLoadBalancerNodePorts':false,'ports':[{'name':'a',"
	  "'port':80,'nodePort':30001},{'name':'b','port':81}]}",
	  { { "spec.ports.0.nodePort", "30001" }, { "spec.ports.1.nodePort", "" } },
	  { PORT_FREE(30002) } },
	{ "NodePort to ExternalName", NODE, "{'type':'ExternalName','externalName':'x.y'}", NULL,
	  { { "spec.clusterIP", "" }, { "spec.ports.0.nodePort", "" },
	    { "spec.externalTrafficPolicy", "" } },
	  { IP_FREE, PORT_FREE(30001), PORT_FREE(30002) } },
	{ "LoadBalancer to ClusterIP", BALANCER, "{'type':'ClusterIP'}", NULL,
	  { { "spec.ports.0.nodePort", "" }, { "spec.healthCheckNodePort", "" },
	    { "spec.loadBalancerClass", "" }, { "spec.allocateLoadBalancerNodePorts", "" },
	    { "spec.externalTrafficPolicy", "" }, { "spec.clusterIP", "10.96.0.5" } },
	  { PORT_FREE(30001), PORT_FREE(30009) } },
	{ "LoadBalancer to NodePort", BALANCER, "{'type':'NodePort'}", NULL,
	  { { "spec.ports.0.nodePort", "30001" }, { "spec.healthCheckNodePort", "" },
	    { "spec.loadBalancerClass", "" }, { "spec.allocateLoadBalancerNodePorts", "" },
	    { "spec.externalTrafficPolicy", "Local" } }, { PORT_FREE(30009) } },
	{ "LoadBalancer to ExternalName", BALANCER, "{'type':'ExternalName','externalName':'x.y'}",
	  NULL,
	  { { "spec.clusterIP", "" }, { "spec.healthCheckNodePort", "" },
	    { "spec.loadBalancerClass", "" } },
	  { IP_FREE, PORT_FREE(30001), PORT_FREE(30009) } },
	{ "ExternalName to ClusterIP", NAME, "{'type':'ClusterIP','ports':[{'port':80}]}", NULL,
	  { { "spec.clusterIP", "10.*" }, { "spec.ipFamilies.0", "IPv4" },
	    { "spec.ipFamilyPolicy", "SingleStack" }, { "spec.externalName", "a.example" } },
	  { NULL } },
	{ "ExternalName to ClusterIP by address", NAME,
	  "{'type':'ClusterIP','clusterIP':'10.96.0.9','ports':[{'port':80}]}", NULL,
	  { { "spec.clusterIPs.0", "10.96.0.9" } }, { NULL } },
	{ "ExternalName to headless", NAME, NULL,
	  "{'clusterIP':'None','selector':{'a':'b'}}",
	  { { "spec.clusterIPs.0", "None" }, { "spec.externalName", "" } }, { NULL } },
	{ "ExternalName to NodePort", NAME, "{'type':'NodePort','ports':[{'port':80,'nodePort':"
	  "30001}]}", NULL,
	  { { "spec.clusterIP", "10.*" }, { "spec.ports.0.nodePort", "30001" } }, { NULL } },
	{ "headless to ExternalName", "{'clusterIP':'None'}",
	  "{'type':'ExternalName','externalName':'x.y'}", NULL,
	  { { "spec.clusterIP", "" }, { "spec.ipFamilies.0", "" } }, { NULL } },
};

static const struct change policies[] = {
	{ "Local to Cluster gives the health check's port back", BALANCER,
	  "{'externalTrafficPolicy':'Cluster'}", NULL,
	  { { "spec.healthCheckNodePort", "" }, { "spec.ports.0.nodePort", "30001" } },
	  { PORT_FREE(30009) } },
	{ "the health check's port becomes a node port", BALANCER,
	  "{'externalTrafficPolicy':'Cluster','ports':[{'port':80,'nodePort':30009}]}", NULL,
	  { { "spec.healthCheckNodePort", "" }, { "spec.ports.0.nodePort", "30009" } },
	  { PORT_FREE(30001) } },
	{ "Cluster to Local gets one", "{'type':'LoadBalancer','ports':[{'port':80}]}",
	  "{'externalTrafficPolicy':'Local'}", NULL,
	  { { "spec.healthCheckNodePort", "3????" } }, { NULL } },
	{ "Cluster to Local by number", "{'type':'LoadBalancer','ports':[{'port':80}]}",
	  "{'externalTrafficPolicy':'Local','healthCheckNodePort':30010}", NULL,
	  { { "spec.healthCheckNodePort", "30010" } }, { NULL } },
	{ "a replace keeps it", BALANCER, NULL,
	  "{'type':'LoadBalancer','externalTrafficPolicy':'Local','loadBalancerClass':'a/lb',"
	  "'ports':[{'port':80}]}",
	  { { "spec.healthCheckNodePort", "30009" }, { "spec.ports.0.nodePort", "30001" },
	    { "spec.clusterIP", "10.96.0.5" } }, { NULL } },
	{ "node ports stay when none are given out any more", BALANCER,
	  "{'allocateLoadBalancerNodePorts':false}", NULL,
	  { { "spec.ports.0.nodePort", "30001" } }, { NULL } },
	{ "and go when they are left out", BALANCER,
	  "{'allocateLoadBalancerNodePorts':false,'ports':[{'port':80}]}", NULL,
	  { { "spec.ports.0.nodePort", "" } }, { PORT_FREE(30001) } },
	{ "one that was asked for goes when it is left out", "{'type':'LoadBalancer',"
	  "'allocateLoadBalancerNodePorts':false,'ports':[{'port':80,'nodePort':30001}]}",
	  "{'allocateLoadBalancerNodePorts':true,'ports':[{'port':80}]}", NULL,
	  { { "spec.ports.0.nodePort", "3????" } }, { PORT_FREE(30001) } },
	{ "and come again", "{'type':'LoadBalancer','allocateLoadBalancerNodePorts':false,"
	  "'ports':[{'port':80}]}",
	  "{'allocateLoadBalancerNodePorts':true}", NULL,
	  { { "spec.ports.0.nodePort", "3????" } }, { NULL } },
	{ "affinity to None", "{'sessionAffinity':'ClientIP','ports':[{'port':80}]}",
	  "{'sessionAffinity':'None'}", NULL,
	  { { "spec.sessionAffinityConfig.clientIP.timeoutSeconds", "" } }, { NULL } },
	{ "external addresses go, and the policy with them", "{'externalIPs':['192.0.2.1'],"
	  "'ports':[{'port':80}]}",
	  "{'externalIPs':null}", NULL, { { "spec.externalTrafficPolicy", "" } }, { NULL } },
	{ "external addresses come, and the policy with them", CLUSTER,
	  "{'externalIPs':['192.0.2.1']}", NULL, { { "spec.externalTrafficPolicy", "Cluster" } },
	  { NULL } },
	{ "a selector goes", CLUSTER, "{'selector':null}", NULL,
	  { { "spec.selector.app", "" }, { "spec.clusterIP", "10.96.0.5" } }, { NULL } },
	{ "a cleared address is not given back", CLUSTER, "{'clusterIP':null}", NULL,
	  { { "spec.clusterIP", "10.96.0.5" }, { "spec.clusterIPs.0", "10.96.0.5" } },
	  { NULL } },
	{ "nor is an empty list of them", CLUSTER, "{'clusterIPs':[]}", NULL,
	  { { "spec.clusterIPs.0", "10.96.0.5" } }, { NULL } },
};

static const struct change ports[] = {
	{ "one node port of two protocols", DNS, NULL,
	  "{'type':'NodePort','ports':[{'name':'dns','protocol':'UDP','port':53},"
	  "{'name':'dns-tcp','port':53}]}",
	  { { "spec.ports.0.nodePort", "30053" }, { "spec.ports.1.nodePort", "30053" } },
	  { NULL } },
	{ "one node port of two protocols, of which one is said", DNS, NULL,
	  "{'type':'NodePort','ports':[{'name':'dns','protocol':'UDP','port':53,"
	  "'nodePort':30053},{'name':'dns-tcp','port':53}]}",
	  { { "spec.ports.0.nodePort", "30053" }, { "spec.ports.1.nodePort", "30053" } },
	  { NULL } },
	{ "one node port of two protocols, of which one has another name", DNS, NULL,
	  "{'type':'NodePort','ports':[{'name':'x','port':53},"
	  "{'name':'dns','protocol':'UDP','port':53}]}",
	  { { "spec.ports.0.nodePort", "30053" }, { "spec.ports.1.nodePort", "30053" } },
	  { NULL } },
	{ "one node port of two protocols that become one", DNS,
	  "{'ports':[{'name':'dns','protocol':'SCTP','port':53},"
	  "{'name':'dns-tcp','protocol':'SCTP','port':54}]}", NULL,
	  { { "spec.ports.0.nodePort", "30053" }, { "spec.ports.1.nodePort", "3????" } },
	  { PORT_FREE(30053) } },
	{ "in another order", NODE,
	  "{'ports':[{'name':'b','port':91},{'name':'a','port':90}]}", NULL,
	  { { "spec.ports.0.nodePort", "30002" }, { "spec.ports.1.nodePort", "30001" } },
	  { NULL } },
	{ "one more", NODE,
	  "{'ports':[{'name':'c','port':82},{'name':'a','port':80},{'name':'b','port':81}]}", NULL,
	  { { "spec.ports.0.nodePort", "3????" }, { "spec.ports.1.nodePort", "30001" },
	    { "spec.ports.2.nodePort", "30002" } }, { NULL } },
	{ "one less", NODE, "{'ports':[{'name':'b','port':81}]}", NULL,
	  { { "spec.ports.0.nodePort", "30002" }, { "spec.ports.1.port", "" } },
	  { PORT_FREE(30001) } },
	{ "one with another name", NODE,
	  "{'ports':[{'name':'x','port':80,'nodePort':30001},{'name':'b','port':81}]}", NULL,
	  { { "spec.ports.0.nodePort", "30001" }, { "spec.ports.1.nodePort", "30002" } },
	  { NULL } },
	{ "one takes the other's node port", NODE,
	  "{'ports':[{'name':'a','port':80,'nodePort':30002},{'name':'b','port':81}]}", NULL,
	  { { "spec.ports.0.nodePort", "30002" }, { "spec.ports.1.nodePort", "3????" } },
	  { PORT_FREE(30001) } },
	{ "both change theirs", NODE,
	  "{'ports':[{'name':'a','port':80,'nodePort':30002},{'name':'b','port':81,'nodePort':"
	  "30001}]}", NULL,
	  { { "spec.ports.0.nodePort", "30002" }, { "spec.ports.1.nodePort", "30001" } },
	  { NULL } },
	{ "another node port", NODE,
	  "{'ports':[{'name':'a','port':80,'nodePort':30003},{'name':'b','port':81}]}", NULL,
	  { { "spec.ports.0.nodePort", "30003" } }, { PORT_FREE(30001) } },
	{ "another protocol", NODE, "{'ports':[{'name':'a','port':80,'protocol':'UDP'}]}", NULL,
	  { { "spec.ports.0.nodePort", "30001" } }, { PORT_FREE(30001) } },
	{ "another protocol whose port is taken", NODE,
	  "{'ports':[{'name':'b','port':81,'protocol':'SCTP'}]}", NULL,
	  { { "spec.ports.0.nodePort", "3????" } }, { PORT_FREE(30002) } },
	{ "a second protocol on the same node port", NODE,
	  "{'ports':[{'name':'a','port':80,'nodePort':30001},{'name':'u','port':80,'protocol':"
	  "'UDP'}]}", NULL,
	  { { "spec.ports.1.nodePort", "30001" } }, { PORT_FREE(30002) } },
};

static void apply(struct registry_help *h, const struct change *c)
{
	char body[1024];

	if (c->patch)
		snprintf(body, sizeof(body), "{'spec':%s}", c->patch);
	else
		snprintf(body, sizeof(body), "{'metadata':{'name':'web'},'spec':%s}", c->to);
	if (c->patch)
		registry_help_patch(h, "services", "web", NULL, body);
	else
		registry_help_update(h, "services", "web", body);
	if (h->reply.code != 200)
		fail_msg("%s: %s", c->name, registry_help_message(h));
}

static void apply_all(void **state, const struct change *v, size_t n)
{
	struct registry_help *h = *state;

	registry_help_service(h, "other", "{'type':'NodePort','ports':[{'port':80,'protocol':"
			      "'SCTP','nodePort':30002}]}");
	for (size_t i = 0; i < n; i++) {
		registry_help_service(h, "web", v[i].from);
		apply(h, &v[i]);
		registry_help_wants(h, v[i].name, v[i].wants);
		for (size_t j = 0; j < 3 && v[i].heirs[j]; j++) {
			registry_help_service(h, "heir", v[i].heirs[j]);
			registry_help_delete(h, "services", "heir");
		}
		assert_int_equal(registry_help_delete(h, "services", "web"), 200);
	}
}

#define CHANGED(table) \
	static void test_##table(void **state) \
	{ \
		apply_all(state, table, sizeof(table) / sizeof(table[0])); \
	}

CHANGED(types)
CHANGED(policies)
CHANGED(ports)

/* A merge patch of spec that is refused. */
struct refused {
	const char *name, *from, *patch;
	const char *causes[REGISTRY_HELP_CAUSES];
};

static const struct refused refusals[] = {
	{ "another address", CLUSTER, "{'clusterIP':'10.96.7.7'}",
	  { "spec.clusterIPs[0]: Invalid value: [\"10.96.7.7\"]: may not change once set" } },
	{ "another address, twice", CLUSTER,
	  "{'clusterIP':'10.96.7.7','clusterIPs':['10.96.7.7']}",
	  { "spec.clusterIPs[0]: Invalid value: [\"10.96.7.7\"]: may not change once set" } },
	{ "an address that could not be had either", CLUSTER, "{'clusterIP':'192.0.2.1'}",
	  { "spec.clusterIPs[0]: Invalid value: [\"192.0.2.1\"]: may not change once set" } },
	{ "to headless", CLUSTER, "{'clusterIP':'None'}",
	  { "spec.clusterIPs[0]: Invalid value: [\"None\"]: may not change once set" } },
	{ "from headless", "{'clusterIP':'None','selector':{'a':'b'},'ports':[{'port':80}]}",
	  "{'clusterIP':'10.96.7.7'}",
	  { "spec.clusterIPs[0]: Invalid value: [\"10.96.7.7\"]: may not change once set" } },
	{ "another family", CLUSTER, "{'ipFamilies':['IPv6']}",
	  { "spec.clusterIPs[0]: Invalid value: \"10.96.0.5\": expected an IPv6 value as "
	    "indicated by `ipFamilies[0]`" } },
	{ "no ports", CLUSTER, "{'ports':[]}", { "spec.ports: Required value" } },
	{ "ports cleared", CLUSTER, "{'ports':null}", { "spec.ports: Required value" } },
	{ "to ExternalName without one", CLUSTER, "{'type':'ExternalName'}",
	  { "spec.externalName: Required value" } },
	{ "to ExternalName with another address", CLUSTER,
	  "{'type':'ExternalName','externalName':'x.y','clusterIP':'10.96.0.6'}",
	  { "spec.clusterIPs: Forbidden: may not be set for ExternalName services" } },
	{ "to ExternalName with another policy", CLUSTER,
	  "{'type':'ExternalName','externalName':'x.y','ipFamilyPolicy':'PreferDualStack'}",
	  { "spec.ipFamilyPolicy: Forbidden: may not be set for ExternalName services" } },
	{ "ExternalName to ClusterIP without ports", NAME, "{'type':'ClusterIP'}",
	  { "spec.ports: Required value" } },
	{ "ExternalName to a taken address", NAME,
	  "{'type':'ClusterIP','clusterIP':'10.96.0.4','ports':[{'port':80}]}",
	  { "spec.clusterIPs: Invalid value: [\"10.96.0.4\"]: failed to allocate IP 10.96.0.4: "
	    "provided IP is already allocated" } },
	{ "headless to NodePort", "{'clusterIP':'None','ports':[{'port':80}]}",
	  "{'type':'NodePort'}",
	  { "spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for NodePort "
	    "services" } },
	{ "selector", CLUSTER, "{'selector':{'app':'not a label!'}}",
	  { "spec.selector: Invalid value: \"not a label!\": " LABEL_WORDS } },
	{ "another class", BALANCER, "{'loadBalancerClass':'other/lb'}",
	  { "spec.loadBalancerClass: Invalid value: \"other/lb\": may not change once set" } },
	{ "no class any more", BALANCER, "{'loadBalancerClass':null}",
	  { "spec.loadBalancerClass: Invalid value: \"null\": may not change once set" } },
	{ "a class later", "{'type':'LoadBalancer','ports':[{'port':80}]}",
	  "{'loadBalancerClass':'a/lb'}",
	  { "spec.loadBalancerClass: Invalid value: \"a/lb\": may not change once set" } },
	{ "another type and another class", BALANCER,
	  "{'type':'NodePort','loadBalancerClass':'b/lb'}",
	  { "spec.loadBalancerClass: Forbidden: may only be used when `type` is "
	    "'LoadBalancer'" } },
	{ "another health check", BALANCER, "{'healthCheckNodePort':31999}",
	  { "spec.healthCheckNodePort: Forbidden: field is immutable" } },
	{ "the health check without the policy", BALANCER,
	  "{'externalTrafficPolicy':'Cluster','healthCheckNodePort':31999}",
	  { "spec.healthCheckNodePort: Invalid value: 31999: may only be set when `type` is "
	    "'LoadBalancer' and `externalTrafficPolicy` is 'Local'" } },
	{ "a node port out of range", NODE,
	  "{'ports':[{'name':'a','port':80,'nodePort':29999}]}",
	  { "spec.ports[0].nodePort: Invalid value: 29999: " NODE_PORT_RANGE } },
	{ "a node port that is taken", NODE,
	  "{'ports':[{'name':'a','port':80,'nodePort':30004}]}",
	  { "spec.ports[0].nodePort: Invalid value: 30004: provided port is already "
	    "allocated" } },
	{ "a node port for the type that it leaves", NODE,
	  "{'type':'ClusterIP','ports':[{'name':'a','port':80,'nodePort':30003}]}",
	  { "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'" } },
	{ "ranges that the type has no use for", "{'type':'LoadBalancer',"
	  "'loadBalancerSourceRanges':['10.0.0.0/8'],'ports':[{'port':80}]}",
	  "{'type':'ClusterIP'}",
	  { "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is "
	    "'LoadBalancer'" } },
	{ "immutable and invalid, at once", BALANCER,
	  "{'healthCheckNodePort':31999,'loadBalancerClass':'b/lb','sessionAffinity':'x'}",
	  { "spec.loadBalancerClass: Invalid value: \"b/lb\": may not change once set",
	    "spec.healthCheckNodePort: Forbidden: field is immutable",
	    "spec.sessionAffinity: Unsupported value: \"x\": supported values: \"ClientIP\", "
	    "\"None\"" } },
};

static void test_refusals(void **state)
{
	struct registry_help *h = *state;

	registry_help_service(h, "other", "{'type':'NodePort','clusterIP':'10.96.0.4','ports':"
			      "[{'port':80,'nodePort':30004}]}");
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		uint64_t before;
		char body[1024];

		registry_help_service(h, "web", refusals[i].from);
		before = registry_version(h->r);
		snprintf(body, sizeof(body), "{'spec':%s}", refusals[i].patch);
		registry_help_patch(h, "services", "web", NULL, body);
		registry_help_causes(h, refusals[i].name, refusals[i].causes);
		assert_int_equal(registry_version(h->r), before);
		registry_help_delete(h, "services", "web");
	}
}

static void test_other_names(void **state)
{
	struct registry_help *h = *state;

	registry_help_service(h, "web", CLUSTER);
	assert_int_equal(registry_help_patch(h, "services", "web", NULL,
					     "{'metadata':{'name':'x'}}"), 400);
	assert_string_equal(registry_help_message(h),
			    "the name of the object (x) does not match the name on the URL (web)");
}

/* What a balancer was given belongs to the type: it goes with it, and does not come back. */
static void test_status_of_balancer(void **state)
{
	struct registry_help *h = *state;

	registry_help_service(h, "web", BALANCER);
	assert_int_equal(registry_help_patch(h, "services", "web", "status",
		"{'status':{'loadBalancer':{'ingress':[{'ip':'203.0.113.9'}]}}}"), 200);
	assert_int_equal(registry_help_patch(h, "services", "web", NULL,
					     "{'spec':{'ports':[{'port':81}]}}"), 200);
	assert_string_equal(registry_help_value(h, "status.loadBalancer.ingress.0.ip"),
			    "203.0.113.9");
	assert_int_equal(registry_help_patch(h, "services", "web", NULL,
					     "{'spec':{'type':'NodePort'}}"), 200);
	assert_string_equal(registry_help_value(h, "status.loadBalancer.ingress.0.ip"), "");
	assert_int_equal(registry_help_patch(h, "services", "web", NULL,
					     "{'spec':{'type':'LoadBalancer'}}"), 200);
	assert_string_equal(registry_help_value(h, "status.loadBalancer.ingress.0.ip"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, registry_help_setup, registry_help_teardown)
		T(test_types), T(test_policies), T(test_ports), T(test_refusals),
		T(test_other_names), T(test_status_of_balancer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
