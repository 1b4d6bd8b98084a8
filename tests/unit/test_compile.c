// SPDX-License-Identifier: GPL-2.0
#include "addrport.h"
#include "compile.h"
#include "kservice_text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A JSON text with ' for "; NULL: none. */
static json_t *load(const char *text)
{
	char *copy, *c;
	json_error_t e;
	json_t *value;

	if (!text)
		return NULL;
	copy = strdup(text);
	for (c = copy; *c; c++)
		if (*c == '\'')
			*c = '"';
	value = json_loads(copy, 0, &e);
	if (!value)
		fail_msg("%s at %d of %s", e.text, e.position, text);
	free(copy);
	return value;
}

/* NULL: an empty one. */
static json_t *load_list(const char *items)
{
	char text[4096];

	assert_true(snprintf(text, sizeof(text), "[%s]", items ? items : "") < (int)sizeof(text));
	return load(text);
}

struct example {
	const char *name;
	const char *service;
	const char *slices;	/* with commas between them; NULL: there are none */
	const char *expected;
};

#define META	"'metadata': {'namespace': 'ns', 'name': 'web'}"
#define SLICE(family, ports, endpoints) \
	"{'addressType': 'IPv" #family "', 'ports': [" ports "], 'endpoints': [" endpoints "]}"
#define PORT(n)	"{'name': '', 'protocol': 'TCP', 'port': " #n "}"
#define EP(ip)	"{'addresses': ['" ip "']}"
#define AT(ip, node)	"{'addresses': ['" ip "'], 'nodeName': '" node "'}"
#define LEAVING(ip) "{'addresses': ['" ip "'], 'conditions':" \
	" {'ready': false, 'serving': true, 'terminating': true}}"
#define READY	EP("10.244.1.2") ", " EP("10.244.1.1")

static const struct example examples[] = {
	{
		"one unnamed port",
		"{" META ", 'spec': {'clusterIP': '10.96.0.1', 'ports': [{'port': 80}]}}",
		SLICE(4, PORT(8080), READY),
		"ns/web TCP 4 cluster=10.96.0.1:80 -> 10.244.1.1:8080 10.244.1.2:8080\n",
	}, {
		"no slices yet",
		"{" META ", 'spec': {'clusterIPs': ['10.96.0.1'], 'ports': [{'port': 80}]}}",
		NULL,
		"ns/web TCP 4 cluster=10.96.0.1:80 ->\n",
	}, {
		"who is not ready is not used",
		"{" META ", 'spec': {'clusterIPs': ['10.96.0.1'], 'ports': [{'port': 80}]}}",
		SLICE(4, PORT(80), "{'addresses': ['10.244.1.1'],"
		      " 'conditions': {'ready': false, 'serving': false}}"),
		"ns/web TCP 4 cluster=10.96.0.1:80 ->\n",
	}, {
		"each kind of frontend, in order; an address counts once, under its first kind, "
		"and as the load balancer's rather than as an externalIP",
		"{" META ", 'spec': {'type': 'LoadBalancer', 'clusterIPs': ['10.96.0.1'],"
		"  'externalIPs': ['192.0.2.1', '192.0.2.2', '192.0.2.1', '10.96.0.1'],"
		"  'ports': [{'port': 80, 'nodePort': 30080, 'protocol': 'TCP', 'name': 'http'}]},"
		" 'status': {'loadBalancer': {'ingress': [{'ip': '192.0.2.2'}, {'ip': '192.0.2.9'},"
		"  {'ip': '192.0.2.10', 'ipMode': 'Proxy'}, {'ip': '192.0.2.11', 'ipMode': 'VIP'},"
		"  {'hostname': 'lb.example'}]}}}",
		NULL,
		"ns/web:http TCP 4 cluster=10.96.0.1:80 loadbalancer=192.0.2.2:80"
		" loadbalancer=192.0.2.9:80 loadbalancer=192.0.2.11:80 external=192.0.2.1:80"
		" nodeport=30080 ->\n",
	}, {
		"a ClusterIP service has no node port and no load balancer",
		"{" META ", 'spec': {'type': 'ClusterIP', 'clusterIPs': ['10.96.0.1'],"
		"  'ports': [{'port': 80, 'nodePort': 30080}]},"
		" 'status': {'loadBalancer': {'ingress': [{'ip': '192.0.2.9'}]}}}",
		NULL,
		"ns/web TCP 4 cluster=10.96.0.1:80 ->\n",
	}, {
		"ports by name and protocol; a named targetPort differs from pod to pod",
		"{" META ", 'spec': {'clusterIPs': ['10.96.0.1'], 'ports': ["
		"  {'name': 'dns', 'port': 53, 'protocol': 'UDP'},"
		"  {'name': 'dns', 'port': 53, 'protocol': 'TCP'},"
		"  {'name': 'web', 'port': 80}]}}",
		SLICE(4, "{'name': 'dns', 'port': 5353, 'protocol': 'UDP'},"
		      "{'name': 'dns', 'port': 5354}", READY) ","
		SLICE(4, "{'name': 'web', 'port': 8081}", EP("10.244.1.1")) ","
		SLICE(4, "{'name': 'other', 'port': 1}, {'name': 'web', 'port': 8082}",
		      EP("10.244.1.2")),
		"ns/web:dns UDP 4 cluster=10.96.0.1:53 -> 10.244.1.1:5353 10.244.1.2:5353\n"
		"ns/web:dns TCP 4 cluster=10.96.0.1:53 -> 10.244.1.1:5354 10.244.1.2:5354\n"
		"ns/web:web TCP 4 cluster=10.96.0.1:80 -> 10.244.1.1:8081 10.244.1.2:8082\n",
	}, {
		"two families; each with its own addresses and endpoints",
		"{" META ", 'spec': {'type': 'NodePort', 'clusterIPs': ['fd00:96::1', '10.96.0.1'],"
		"  'externalIPs': ['192.0.2.1', '2001:db8::1'],"
		"  'ports': [{'port': 9, 'nodePort': 30009, 'protocol': 'SCTP'}]}}",
		SLICE(4, "{'port': 9, 'protocol': 'SCTP'}", EP("10.244.1.1")) ","
		SLICE(6, "{'port': 9, 'protocol': 'SCTP'}", EP("fd00:244::1")),
		"ns/web SCTP 6 cluster=[fd00:96::1]:9 external=[2001:db8::1]:9 nodeport=30009"
		" -> [fd00:244::1]:9\n"
		"ns/web SCTP 4 cluster=10.96.0.1:9 external=192.0.2.1:9 nodeport=30009"
		" -> 10.244.1.1:9\n",
	}, {
		"an endpoint in several slices counts once",
		"{" META ", 'spec': {'clusterIPs': ['10.96.0.1'], 'ports': [{'port': 80}]}}",
		SLICE(4, PORT(80), READY) "," SLICE(4, PORT(80), READY) ","
		SLICE(4, PORT(81), READY ", " EP("10.244.1.2")),
		"ns/web TCP 4 cluster=10.96.0.1:80 -> 10.244.1.1:80 10.244.1.1:81 10.244.1.2:80"
		" 10.244.1.2:81\n",
	}, {
		"one family: what is of the other one is left out",
		"{" META ", 'spec': {'type': 'LoadBalancer', 'clusterIP': 'fd00:96::1',"
		"  'externalIPs': ['192.0.2.1', '2001:db8::1'],"
		"  'loadBalancerSourceRanges': [' 2001:db8::/32 ', '0.0.0.0/1'],"
		"  'ports': [{'port': 80}]}, 'status': {'loadBalancer': {'ingress':"
		"  [{'ip': '192.0.2.2'}, {'ip': '2001:db8::2'}]}}}",
		SLICE(4, PORT(80), EP("10.244.1.1")) "," SLICE(6, PORT(80), EP("fd00:244::1")),
		"ns/web TCP 6 cluster=[fd00:96::1]:80 loadbalancer=[2001:db8::2]:80"
		" external=[2001:db8::1]:80 from=2001:db8::/32 -> [fd00:244::1]:80\n",
	}, {
		"headless without ports", "{" META ", 'spec': {'clusterIP': 'None'}}",
		SLICE(4, "", READY), "",
	}, {
		"headless", "{" META ", 'spec': {'clusterIP': 'None', 'clusterIPs': ['None'],"
		" 'ports': [{'port': 80}]}}", NULL, "",
	}, {
		"no address yet", "{" META ", 'spec': {'ports': [{'port': 80}]}}", NULL, "",
	}, {
		"ExternalName",
		"{" META ", 'spec': {'type': 'ExternalName', 'clusterIP': '10.96.0.1',"
		" 'externalName': 'a.example', 'ports': [{'port': 80}]}}", NULL, "",
	}, {
		"another proxy's",
		"{'metadata': {'namespace': 'ns', 'name': 'web', 'labels':"
		" {'service.kubernetes.io/service-proxy-name': 'x'}},"
		" 'spec': {'clusterIP': '10.96.0.1', 'ports': [{'port': 80}]}}", NULL, "",
	}, {
		"labelled headless, whatever the value",
		"{'metadata': {'namespace': 'ns', 'name': 'web', 'labels':"
		" {'service.kubernetes.io/headless': ''}},"
		" 'spec': {'clusterIP': '10.96.0.1', 'ports': [{'port': 80}]}}", NULL, "",
	}, {
		"no namespace is the default one",
		"{'metadata': {'name': 'web'}, 'spec': {'clusterIP': '10.96.0.1',"
		" 'ports': [{'port': 80}]}}",
		NULL,
		"default/web TCP 4 cluster=10.96.0.1:80 ->\n",
	}, {
		"what an API server would have refused is left out",
		"{" META ", 'spec': {'clusterIPs': ['10.96.0.1', 7, 'x'], "
		"  'externalIPs': [1, 'nonsense',"
		"  '127.0.0.1', '0.0.0.0', '192.0.2.01', null], 'ports': [{'port': 0},"
		" {'port': 65536},"
		"  {'port': '80'}, {'port': 80, 'protocol': 'ICMP'}, 7, {'port': 81},"
		" {'port': 82}]}}",
		SLICE(4, PORT(8081), EP("x") ", {}, 3, {'addresses': 7}, {'addresses': []},"
		      EP("127.0.0.1") "," EP("fd00:244::1") ", {'addresses': [7]},"
		      "{'addresses': ['10.244.1.1', '10.244.1.9'], 'conditions': 1, 'hints': 2}")
		", {'endpoints': {}}, 5, [], {}," SLICE(4, PORT(70000), READY) ","
		SLICE(4, "7, {}, {'port': '8081'}", READY),
		"ns/web TCP 4 cluster=10.96.0.1:81 -> 10.244.1.1:8081\n",
	},
	{ "nothing at all", "{}", "{}", "" },
	{ "not even an object", "[]", "[]", "" },
	{ "deleted", NULL, SLICE(4, PORT(80), READY), "" },
	{
		"only what is of the family by its type, and no names",
		"{" META ", 'spec': {'clusterIPs': ['10.96.0.1'], 'ports': [{'port': 80}]}}",
		SLICE(6, PORT(80), EP("10.244.1.1")) ","
		"{'addressType': 'FQDN', 'ports': [" PORT(80) "], 'endpoints': ["
		EP("10.244.1.2") "," EP("a.example") "]},"
		"{'ports': [" PORT(80) "], 'endpoints': [" EP("10.244.1.3") "]}",
		"ns/web TCP 4 cluster=10.96.0.1:80 ->\n",
	}, {
		"a slice's port without a number is all ports, which is none here",
		"{" META ", 'spec': {'clusterIPs': ['10.96.0.1'], 'ports': [{'port': 80}]}}",
		SLICE(4, "{'name': '', 'protocol': 'TCP'}", EP("10.244.1.1")) ","
		SLICE(4, "{'name': '', 'protocol': 'TCP', 'port': null}", EP("10.244.1.2")) ","
		SLICE(4, "", EP("10.244.1.3")) ","
		"{'addressType': 'IPv4', 'ports': null, 'endpoints': null}",
		"ns/web TCP 4 cluster=10.96.0.1:80 ->\n",
	}, {
		"a name is one port, whatever the numbers are",
		"{" META ", 'spec': {'clusterIPs': ['10.96.0.1'], 'ports': ["
		"  {'name': 'a', 'port': 80, 'targetPort': 80},"
		"  {'name': 'b', 'port': 81, 'targetPort': 80}]}}",
		SLICE(4, "{'name': 'b', 'port': 80}", EP("10.244.1.1")) ","
		SLICE(4, "{'name': '', 'port': 80}, {'name': null, 'port': 80}",
		      EP("10.244.1.2")),
		"ns/web:a TCP 4 cluster=10.96.0.1:80 ->\n"
		"ns/web:b TCP 4 cluster=10.96.0.1:81 -> 10.244.1.1:80\n",
	}, {
		"a slice's port of another protocol is another port",
		"{" META ", 'spec': {'clusterIPs': ['10.96.0.1'],"
		"  'ports': [{'port': 53, 'protocol': 'UDP'}]}}",
		SLICE(4, "{'name': '', 'port': 53}", EP("10.244.1.1")) ","
		SLICE(4, "{'name': '', 'port': 53, 'protocol': 'UDP'}", EP("10.244.1.2")),
		"ns/web UDP 4 cluster=10.96.0.1:53 -> 10.244.1.2:53\n",
	}, {
		"each family and each port for itself: ready here, a fallback there",
		"{" META ", 'spec': {'clusterIPs': ['10.96.0.1', 'fd00:96::1'],"
		"  'ports': [{'name': 'a', 'port': 80}, {'name': 'b', 'port': 81}]}}",
		SLICE(4, "{'name': 'a', 'port': 80}", EP("10.244.1.1") "," LEAVING("10.244.1.2"))
		"," SLICE(4, "{'name': 'b', 'port': 81}", LEAVING("10.244.1.2")) ","
		SLICE(6, "{'name': 'a', 'port': 80}, {'name': 'b', 'port': 81}",
		      LEAVING("fd00:244::2")),
		"ns/web:a TCP 4 cluster=10.96.0.1:80 -> 10.244.1.1:80 10.244.1.2:80+drain\n"
		"ns/web:a TCP 6 cluster=[fd00:96::1]:80 -> [fd00:244::2]:80\n"
		"ns/web:b TCP 4 cluster=10.96.0.1:81 -> 10.244.1.2:81\n"
		"ns/web:b TCP 6 cluster=[fd00:96::1]:81 -> [fd00:244::2]:81\n",
	},
};

/* A Service of this type with these further fields of spec and status, and one port 80. */
#define SERVICE(type, spec, more) \
	"{" META ", 'spec': {'type': '" type "', 'clusterIPs': ['10.96.0.1']," \
	" 'ports': [{'port': 80, 'nodePort': 30080}]" spec "}" more "}"
#define ENDPOINTS SLICE(4, PORT(8080), AT("10.244.1.1", "n1") "," AT("10.244.2.1", "n2") "," \
			EP("10.244.3.1"))
#define NODEPORT	"ns/web TCP 4 cluster=10.96.0.1:80 nodeport=30080"
#define CLUSTER		"ns/web TCP 4 cluster=10.96.0.1:80"
#define ARROW		" -> 10.244.1.1:8080+local 10.244.2.1:8080 10.244.3.1:8080\n"

/* Compiled for node n1. */
static const struct example policies[] = {
	{
		"Cluster says nothing; a local endpoint is in both lists",
		SERVICE("NodePort", ", 'internalTrafficPolicy': 'Cluster',"
			" 'externalTrafficPolicy': 'Cluster', 'sessionAffinity': 'None'", ""),
		ENDPOINTS, NODEPORT ARROW,
	}, {
		"internally Local", SERVICE("ClusterIP", ", 'internalTrafficPolicy': 'Local'", ""),
		ENDPOINTS, CLUSTER " internal-local" ARROW,
	}, {
		"externally Local", SERVICE("NodePort", ", 'externalTrafficPolicy': 'Local'", ""),
		ENDPOINTS, NODEPORT " external-local" ARROW,
	}, {
		"both, and a LoadBalancer that has no address yet",
		SERVICE("LoadBalancer", ", 'externalTrafficPolicy': 'Local',"
			" 'internalTrafficPolicy': 'Local'", ""),
		ENDPOINTS, NODEPORT " internal-local external-local" ARROW,
	}, {
		"externally Local without a way in from outside",
		SERVICE("ClusterIP", ", 'externalTrafficPolicy': 'Local'", ""),
		ENDPOINTS, CLUSTER ARROW,
	}, {
		"externally Local by an externalIP",
		SERVICE("ClusterIP", ", 'externalTrafficPolicy': 'Local',"
			" 'externalIPs': ['192.0.2.1']", ""),
		ENDPOINTS, CLUSTER " external=192.0.2.1:80 external-local" ARROW,
	}, {
		"a policy that there is not",
		SERVICE("NodePort", ", 'externalTrafficPolicy': 'local',"
			" 'internalTrafficPolicy': 7", ""),
		ENDPOINTS, NODEPORT ARROW,
	}, {
		"none local",
		SERVICE("NodePort", ", 'externalTrafficPolicy': 'Local'", ""),
		SLICE(4, PORT(8080), AT("10.244.2.1", "n2") "," AT("10.244.2.2", "N1") ","
		      AT("10.244.2.3", "n11") ", {'addresses': ['10.244.2.4'], 'nodeName': 1}"),
		NODEPORT " external-local -> 10.244.2.1:8080 10.244.2.2:8080 10.244.2.3:8080"
		" 10.244.2.4:8080\n",
	}, {
		"local in one of two slices is local",
		SERVICE("ClusterIP", "", ""),
		SLICE(4, PORT(80), EP("10.244.1.1")) "," SLICE(4, PORT(80), AT("10.244.1.1", "n1")),
		CLUSTER " -> 10.244.1.1:80+local\n",
	}, {
		"the last local one terminates: it is the local one still",
		SERVICE("NodePort", ", 'externalTrafficPolicy': 'Local'", ""),
		SLICE(4, PORT(80), "{'addresses': ['10.244.1.1'], 'nodeName': 'n1', 'conditions':"
		      " {'ready': false, 'serving': true, 'terminating': true}}") ","
		SLICE(4, PORT(80), AT("10.244.2.1", "n2")),
		NODEPORT " external-local -> 10.244.1.1:80+only-local 10.244.2.1:80\n",
	}, {
		"not ready is no fallback, whoever is ready",
		SERVICE("ClusterIP", ", 'internalTrafficPolicy': 'Local'", ""),
		SLICE(4, PORT(80), "{'addresses': ['10.244.1.1'], 'nodeName': 'n1', 'conditions':"
		      " {'ready': false, 'serving': false}}") ","
		SLICE(4, PORT(80), AT("10.244.2.1", "n2")),
		CLUSTER " internal-local -> 10.244.2.1:80\n",
	}, {
		"affinity by default", SERVICE("ClusterIP", ", 'sessionAffinity': 'ClientIP'", ""),
		NULL, CLUSTER " affinity=10800 ->\n",
	}, {
		"affinity of a day",
		SERVICE("ClusterIP", ", 'sessionAffinity': 'ClientIP',"
			" 'sessionAffinityConfig': {'clientIP': {'timeoutSeconds': 86400}}", ""),
		NULL, CLUSTER " affinity=86400 ->\n",
	}, {
		"affinity out of bounds",
		SERVICE("ClusterIP", ", 'sessionAffinity': 'ClientIP',"
			" 'sessionAffinityConfig': {'clientIP': {'timeoutSeconds': 86401}}", ""),
		NULL, CLUSTER " affinity=10800 ->\n",
	}, {
		"no affinity, whatever the timeout",
		SERVICE("ClusterIP", ", 'sessionAffinity': 'None',"
			" 'sessionAffinityConfig': {'clientIP': {'timeoutSeconds': 60}}", ""),
		NULL, CLUSTER " ->\n",
	},
};

#define BALANCED(ranges) \
	SERVICE("LoadBalancer", ", 'loadBalancerSourceRanges': " ranges, \
		", 'status': {'loadBalancer': {'ingress': [{'ip': '203.0.113.9'}]}}")
#define ANNOTATED(value, spec) \
	"{'metadata': {'namespace': 'ns', 'name': 'web', 'annotations':" \
	" {'service.beta.kubernetes.io/load-balancer-source-ranges': " value "}}," \
	" 'spec': {'type': 'LoadBalancer', 'clusterIPs': ['10.96.0.1']," \
	" 'ports': [{'port': 80}]" spec "}," \
	" 'status': {'loadBalancer': {'ingress': [{'ip': '203.0.113.9'}]}}}"
#define LB	"ns/web TCP 4 cluster=10.96.0.1:80 loadbalancer=203.0.113.9:80"
#define LBNODE	LB " nodeport=30080"

static const struct example ranges[] = {
	{ "no list", BALANCED("[]"), NULL, LBNODE " ->\n" },
	{
		"a list", BALANCED("['192.0.2.0/24', '198.51.100.7/32']"), NULL,
		LBNODE " from=192.0.2.0/24,198.51.100.7/32 ->\n",
	}, {
		"everybody, said so", BALANCED("['0.0.0.0/0']"), NULL,
		LBNODE " from=0.0.0.0/0 ->\n",
	}, {
		"space, bits past the prefix, one that is said twice",
		BALANCED("[' 192.0.2.77/24', '192.0.2.0/24\\n', '10.255.255.255/9']"), NULL,
		LBNODE " from=192.0.2.0/24,10.128.0.0/9 ->\n",
	}, {
		"what is none lets nobody in, and the others still do",
		BALANCED("['192.0.2.0', 7, '192.0.2.0/33', '192.0.2.0/-1', '192.0.2.0/', '/8', '',"
			 " '192.0.2.0/8x', '192.0.2.1/32', null]"), NULL,
		LBNODE " from=192.0.2.1/32 ->\n",
	}, {
		"nothing but what is none: nobody", BALANCED("['all']"), NULL,
		LBNODE " from=0.0.0.0/32 ->\n",
	}, {
		"each family its own",
		"{" META ", 'spec': {'type': 'LoadBalancer',"
		" 'clusterIPs': ['10.96.0.1', 'fd00:96::1'], 'ports': [{'port': 80}],"
		" 'loadBalancerSourceRanges': ['2001:db8:1::/48', '192.0.2.0/24']},"
		" 'status': {'loadBalancer': {'ingress': [{'ip': '203.0.113.9'},"
		" {'ip': '2001:db8::9'}]}}}", NULL,
		LB " from=192.0.2.0/24 ->\n"
		"ns/web TCP 6 cluster=[fd00:96::1]:80 loadbalancer=[2001:db8::9]:80"
		" from=2001:db8:1::/48 ->\n",
	}, {
		"none of a family: nobody of that family",
		"{" META ", 'spec': {'type': 'LoadBalancer',"
		" 'clusterIPs': ['fd00:96::1', '10.96.0.1'], 'ports': [{'port': 80}],"
		" 'loadBalancerSourceRanges': ['192.0.2.0/24']},"
		" 'status': {'loadBalancer': {'ingress': [{'ip': '203.0.113.9'},"
		" {'ip': '2001:db8::9'}]}}}", NULL,
		"ns/web TCP 6 cluster=[fd00:96::1]:80 loadbalancer=[2001:db8::9]:80"
		" from=::/128 ->\n"
		LB " from=192.0.2.0/24 ->\n",
	}, {
		"only a load balancer's address has them",
		SERVICE("LoadBalancer", ", 'loadBalancerSourceRanges': ['192.0.2.0/24']",
			", 'status': {'loadBalancer': {'ingress': [{'ip': '203.0.113.9',"
			" 'ipMode': 'Proxy'}]}}"), NULL,
		NODEPORT " ->\n",
	}, {
		"no other type has them",
		SERVICE("NodePort", ", 'loadBalancerSourceRanges': ['192.0.2.0/24']", ""), NULL,
		NODEPORT " ->\n",
	}, {
		"an externalIP that is the load balancer's is no way around them",
		SERVICE("LoadBalancer", ", 'loadBalancerSourceRanges': ['192.0.2.0/24'],"
			" 'externalIPs': ['203.0.113.9']",
			", 'status': {'loadBalancer': {'ingress': [{'ip': '203.0.113.9'}]}}"), NULL,
		LBNODE " from=192.0.2.0/24 ->\n",
	}, {
		"the annotation", ANNOTATED("' 192.0.2.0/24 ,198.51.100.0/24,'", ""), NULL,
		LB " from=192.0.2.0/24,198.51.100.0/24 ->\n",
	}, {
		"the annotation says nothing", ANNOTATED("'  '", ""), NULL, LB " ->\n",
	}, {
		"the annotation is no text", ANNOTATED("['192.0.2.0/24']", ""), NULL, LB " ->\n",
	}, {
		"the field is newer than the annotation",
		ANNOTATED("'192.0.2.0/24'", ", 'loadBalancerSourceRanges': ['198.51.100.0/24']"),
		NULL, LB " from=198.51.100.0/24 ->\n",
	},
};

/* A load balancer at 203.0.113.9 with these ranges, on a node with these addresses. */
static const struct {
	const char *name, *service, *addrs, *expected;
} nodes[] = {
	{
		"in a range: it may come from the load balancer's address itself, too",
		BALANCED("['192.0.2.0/24']"), "10.1.2.3 192.0.2.200",
		LBNODE " from=192.0.2.0/24,203.0.113.9/32 ->\n",
	}, {
		"in none", BALANCED("['192.0.2.0/24']"), "192.0.3.1 2001:db8::1",
		LBNODE " from=192.0.2.0/24 ->\n",
	}, {
		"in a range of the other family", BALANCED("['2001:db8::/32']"),
		"192.0.2.1 2001:db8::1", LBNODE " from=0.0.0.0/32 ->\n",
	}, {
		"in a list that names the load balancer's address",
		BALANCED("['203.0.113.9/32', '10.0.0.0/8']"), "10.1.2.3",
		LBNODE " from=203.0.113.9/32,10.0.0.0/8 ->\n",
	}, {
		"without a list", BALANCED("[]"), "10.1.2.3", LBNODE " ->\n",
	},
};

static struct ip_addr *load_addrs(const char *text, size_t *n)
{
	struct ip_addr *v = calloc(8, sizeof(*v));
	char *copy = strdup(text ? text : ""), *rest = copy, *word;

	*n = 0;
	while ((word = strsep(&rest, " ")))
		if (*word)
			assert_int_equal(ip_addr_parse(word, &v[(*n)++], NULL), 0);
	free(copy);
	return v;
}

static struct kcidrs load_cidrs(const char *text)
{
	char *copy = strdup(text ? text : ""), *rest = copy, *word;
	struct kcidrs l = { 0 };
	struct ip_cidr c;

	while ((word = strsep(&rest, " "))) {
		if (!*word)
			continue;
		assert_int_equal(ip_cidr_parse(word, &c, NULL), 0);
		assert_int_equal(kcidrs_add(&l, &c), 0);
	}
	free(copy);
	return l;
}

static void compile(const json_t *service, const char *slices_text,
		    const struct compile_node *node, struct kservices *out)
{
	json_t *v[8], *list = load_list(slices_text);
	struct compile_slices slices = { .v = v };

	for (; slices.n < json_array_size(list); slices.n++)
		v[slices.n] = json_array_get(list, slices.n);
	assert_int_equal(compile_service(service, &slices, node, out), 0);
	json_decref(list);
}

static void assert_compiles(const char *name, const char *service_text,
			    const char *slices_text, const struct compile_node *node,
			    const char *expected)
{
	json_t *service = load(service_text);
	struct kservices out = { 0 };
	struct text text;
	size_t i;

	compile(service, slices_text, node, &out);
	kservice_text(&out, &text);
	if (strcmp(text.v, expected))
		fail_msg("%s:\n%s", name, text.v);
	for (i = 0; i < out.n; i++) {
		assert_string_equal(out.v[i].owner, "svcd");
		/* Who depends on the node's addresses has to say so. */
		assert_true(!out.v[i].nranges || compile_needs_addrs(service));
	}
	kservices_clear(&out);
	json_decref(service);
}

static void test_all(const struct example *x, size_t n)
{
	const struct compile_node node = { .owner = "svcd", .name = "n1" };
	size_t i;

	for (i = 0; i < n; i++)
		assert_compiles(x[i].name, x[i].service, x[i].slices, &node, x[i].expected);
}

static void test_examples(void **state)
{
	(void)state;
	test_all(examples, sizeof(examples) / sizeof(examples[0]));
}

static void test_policies(void **state)
{
	(void)state;
	test_all(policies, sizeof(policies) / sizeof(policies[0]));
}

static void test_ranges(void **state)
{
	(void)state;
	test_all(ranges, sizeof(ranges) / sizeof(ranges[0]));
}

static void test_ranges_of_nodes(void **state)
{
	struct compile_node node = { .owner = "svcd" };
	struct ip_addr *addrs;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
		addrs = load_addrs(nodes[i].addrs, &node.naddrs);
		node.addrs = addrs;
		assert_compiles(nodes[i].name, nodes[i].service, NULL, &node, nodes[i].expected);
		free(addrs);
	}
}

/* A node without a name has no local endpoints: not those of nodes without one, either. */
static void test_no_node_name(void **state)
{
	static const char *const names[] = { NULL, "" };
	struct compile_node node = { .owner = "svcd" };
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		node.name = names[i];
		assert_compiles("no node name", SERVICE("ClusterIP", "", ""),
				SLICE(4, PORT(80), EP("10.244.1.1") "," AT("10.244.1.2", "")),
				&node, CLUSTER " -> 10.244.1.1:80 10.244.1.2:80\n");
	}
}

/* A slice is of the Service that its label names, unless it is not for this proxy. */
static void test_slice_service(void **state)
{
	static const struct { const char *labels, *expected; } cases[] = {
		{ "{'kubernetes.io/service-name': 'web'}", "web" },
		{ "{'kubernetes.io/service-name': 'web', 'a': 'b'}", "web" },
		{ "{'kubernetes.io/service-name': ''}", NULL },
		{ "{'kubernetes.io/service-name': 7}", NULL },
		{ "{}", NULL },
		{ "null", NULL },
		{ "{'kubernetes.io/service-name': 'web', 'service.kubernetes.io/headless': ''}",
		  NULL },
		{ "{'kubernetes.io/service-name': 'web',"
		  " 'service.kubernetes.io/service-proxy-name': 'x'}", NULL },
	};
	const char *name;
	char text[256];
	json_t *slice;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), "{'metadata': {'name': 'x', 'labels': %s}}",
			 cases[i].labels);
		slice = load(text);
		name = compile_slice_service(slice);
		if (cases[i].expected)
			assert_string_equal(name, cases[i].expected);
		else
			assert_null(name);
		json_decref(slice);
	}
	assert_null(compile_slice_service(NULL));
}

/* More than the kernel takes: the first ones are let in, and not everybody. */
static void test_too_many_ranges(void **state)
{
	const struct compile_node node = { .owner = "svcd" };
	json_t *service = load(BALANCED("[]")), *list;
	struct kservices out = { 0 };
	char text[32];
	int i;

	(void)state;
	list = json_object_get(json_object_get(service, "spec"), "loadBalancerSourceRanges");
	for (i = 0; i < SVCNAT_RANGES_MAX + 10; i++) {
		snprintf(text, sizeof(text), "10.%d.%d.0/24", i / 256, i % 256);
		json_array_append_new(list, json_string(text));
	}
	compile(service, NULL, &node, &out);
	assert_int_equal(out.n, 1);
	assert_int_equal(out.v[0].nranges, SVCNAT_RANGES_MAX);
	kservices_clear(&out);
	json_decref(service);
}

static void test_external_cidrs(void **state)
{
	struct compile_node node = { .owner = "svcd" };

	(void)state;
	assert_false(compile_disallows(&node, "192.0.2.1"));
	node.external_cidrs = load_cidrs("192.0.2.0/25 198.51.100.7/32 2001:db8::/33");
	assert_false(compile_disallows(&node, "192.0.2.127"));
	assert_true(compile_disallows(&node, "192.0.2.128"));
	assert_false(compile_disallows(&node, "2001:db8:7fff::1"));
	assert_true(compile_disallows(&node, "2001:db8:8000::1"));
	/* No address: nobody is to be told that it is not allowed. */
	assert_false(compile_disallows(&node, "nonsense"));
	assert_compiles("a ClusterIP and a load balancer need no leave",
			SERVICE("LoadBalancer",
				", 'externalIPs': ['192.0.2.1', '198.51.100.7', '192.0.2.200']",
				", 'status': {'loadBalancer': {'ingress':"
				" [{'ip': '203.0.113.9'}]}}"),
			NULL, &node,
			CLUSTER " loadbalancer=203.0.113.9:80 external=192.0.2.1:80"
			" external=198.51.100.7:80 nodeport=30080 ->\n");
	kcidrs_clear(&node.external_cidrs);
}

static void test_name_too_long(void **state)
{
	json_t *service = load("{" META ", 'spec': {'clusterIP': '10.96.0.1',"
			       " 'ports': [{'port': 80}]}}");
	const struct compile_node node = { .owner = "svcd" };
	struct kservices out = { 0 };
	char name[SVCNAT_NAME_MAX + 1];

	(void)state;
	memset(name, 'x', sizeof(name));
	name[SVCNAT_NAME_MAX - strlen("ns/")] = '\0';
	json_object_set_new(json_object_get(service, "metadata"), "name", json_string(name));
	compile(service, NULL, &node, &out);
	assert_int_equal(out.n, 1);
	kservices_clear(&out);
	name[SVCNAT_NAME_MAX - strlen("ns/")] = 'x';
	name[SVCNAT_NAME_MAX - strlen("ns/") + 1] = '\0';
	json_object_set_new(json_object_get(service, "metadata"), "name", json_string(name));
	compile(service, NULL, &node, &out);
	assert_int_equal(out.n, 0);
	json_decref(service);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_policies),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_ranges_of_nodes),
		cmocka_unit_test(test_no_node_name),
		cmocka_unit_test(test_slice_service),
		cmocka_unit_test(test_too_many_ranges),
		cmocka_unit_test(test_external_cidrs),
		cmocka_unit_test(test_name_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
