// SPDX-License-Identifier: GPL-2.0
/*
 * Services that are refused: every rule of the object, in the words and the
 * order of Kubernetes 1.36 (its recorded answers where there is one), and all
 * that is wrong with one object at once.
 */
#include "registry_help.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>

#include <cmocka.h>

#define IP_WORDS "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
#define CIDR_WORDS "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"
#define PORT_WORDS "must be between 1 and 65535, inclusive"
#define LOOPBACK "may not be in the loopback range (127.0.0.0/8, ::1/128)"
#define LINK_LOCAL "may not be in the link-local range (169.254.0.0/16, fe80::/10)"
#define MULTICAST "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"
#define LABEL_WORDS "a valid label must be an empty string or consist of alphanumeric " \
	"characters, '-', '_' or '.', and must start and end with an alphanumeric character " \
	"(e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is " \
	"'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
#define KEY_WORDS "must consist of alphanumeric characters, '-', '_' or '.', and must start and " \
	"end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex " \
	"used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
#define NAME_PART "name part " KEY_WORDS
#define DNS1123_LABEL "a lowercase RFC 1123 label must consist of lower case alphanumeric " \
	"characters or '-', and must start and end with an alphanumeric character (e.g. " \
	"'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
#define SUBDOMAIN "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric " \
	"characters, '-' or '.', and must start and end with an alphanumeric character (e.g. " \
	"'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]" \
	"([-a-z0-9]*[a-z0-9])?)*')"
#define NAME_64 "a123456789012345678901234567890123456789012345678901234567890123"
#define NODE_PORT_RANGE "provided port is not in the valid range. The range of valid ports is " \
	"30000-32767"
#define BALANCER_ONLY "Forbidden: may only be used when `type` is 'LoadBalancer'"
#define NOT_EXTERNAL "may only be set for externally-accessible services"
#define NO_HEALTH_PORT "may only be set when `type` is 'LoadBalancer' and " \
	"`externalTrafficPolicy` is 'Local'"
#define RANGES "spec.LoadBalancerSourceRanges"
#define TIMEOUT "spec.sessionAffinityConfig.clientIP.timeoutSeconds"
#define NOT_EXTERNAL_NAME "Forbidden: may not be set for ExternalName services"
#define ANNOTATION_RANGES "metadata.annotations[service.beta.kubernetes.io/" \
	"load-balancer-source-ranges]"

/* A spec, and every cause of its refusal as "field: message". */
struct refused {
	const char *name, *spec;
	const char *causes[REGISTRY_HELP_CAUSES];
};

static const struct refused ports[] = {
	{ "no ports", "{'selector':{'app':'web'}}", { "spec.ports: Required value" } },
	{ "no ports of an empty list", "{'ports':[]}", { "spec.ports: Required value" } },
	{ "no spec at all", "{}", { "spec.ports: Required value" } },
	{ "port above 65535", "{'ports':[{'port':65536}]}",
	  { "spec.ports[0].port: Invalid value: 65536: " PORT_WORDS,
	    "spec.ports[0].targetPort: Invalid value: 65536: " PORT_WORDS } },
	{ "port 0", "{'ports':[{'port':0}]}",
	  { "spec.ports[0].port: Invalid value: 0: " PORT_WORDS,
	    "spec.ports[0].targetPort: Invalid value: 0: " PORT_WORDS } },
	{ "port below 0", "{'ports':[{'port':-1,'targetPort':80}]}",
	  { "spec.ports[0].port: Invalid value: -1: " PORT_WORDS } },
	{ "port left out", "{'ports':[{'targetPort':'http'}]}",
	  { "spec.ports[0].port: Invalid value: 0: " PORT_WORDS } },
	{ "target port above 65535", "{'ports':[{'port':80,'targetPort':70000}]}",
	  { "spec.ports[0].targetPort: Invalid value: 70000: " PORT_WORDS } },
	{ "unknown protocol", "{'ports':[{'port':80,'protocol':'ICMP'}]}",
	  { "spec.ports[0].protocol: Unsupported value: \"ICMP\": supported values: \"SCTP\", "
	    "\"TCP\", \"UDP\"" } },
	{ "protocol in lower case", "{'ports':[{'port':80,'protocol':'tcp'}]}",
	  { "spec.ports[0].protocol: Unsupported value: \"tcp\": supported values: \"SCTP\", "
	    "\"TCP\", \"UDP\"" } },
	{ "target port with strange letters", "{'ports':[{'port':80,'targetPort':'not_a_port!'}]}",
	  { "spec.ports[0].targetPort: Invalid value: \"not_a_port!\": must contain only "
	    "alpha-numeric characters (a-z, 0-9), and hyphens (-)" } },
	{ "target port name of sixteen", "{'ports':[{'port':80,'targetPort':'a-name-of-sixteen'}]}",
	  { "spec.ports[0].targetPort: Invalid value: \"a-name-of-sixteen\": must be no more than "
	    "15 bytes" } },
	{ "target port of digits in quotes", "{'ports':[{'port':80,'targetPort':'8080'}]}",
	  { "spec.ports[0].targetPort: Invalid value: \"8080\": must contain at least one letter "
	    "(a-z)" } },
	{ "target port of many faults", "{'ports':[{'port':80,'targetPort':"
	  "'-Not--a_port-at-all-'}]}",
	  { "spec.ports[0].targetPort: Invalid value: \"-Not--a_port-at-all-\": must be no more "
	    "than 15 bytes",
	    "spec.ports[0].targetPort: Invalid value: \"-Not--a_port-at-all-\": must contain "
	    "only alpha-numeric characters (a-z, 0-9), and hyphens (-)",
	    "spec.ports[0].targetPort: Invalid value: \"-Not--a_port-at-all-\": must not contain "
	    "consecutive hyphens",
	    "spec.ports[0].targetPort: Invalid value: \"-Not--a_port-at-all-\": must not begin "
	    "or end with a hyphen" } },
	{ "target port below 0", "{'ports':[{'port':80,'targetPort':-1}]}",
	  { "spec.ports[0].targetPort: Invalid value: -1: " PORT_WORDS } },
	{ "target port 0 in quotes", "{'ports':[{'port':80,'targetPort':'0'}]}",
	  { "spec.ports[0].targetPort: Invalid value: \"0\": must contain at least one letter "
	    "(a-z)" } },
	{ "the largest numbers", "{'ports':[{'port':2147483647,'targetPort':-2147483648}]}",
	  { "spec.ports[0].port: Invalid value: 2147483647: " PORT_WORDS,
	    "spec.ports[0].targetPort: Invalid value: -2147483648: " PORT_WORDS } },
	{ "target port with two hyphens", "{'ports':[{'port':80,'targetPort':'a--b'}]}",
	  { "spec.ports[0].targetPort: Invalid value: \"a--b\": must not contain consecutive "
	    "hyphens" } },
	{ "target port that ends in a hyphen", "{'ports':[{'port':80,'targetPort':'a-'}]}",
	  { "spec.ports[0].targetPort: Invalid value: \"a-\": must not begin or end with a "
	    "hyphen" } },
	{ "two ports without names", "{'ports':[{'port':80},{'port':81}]}",
	  { "spec.ports[0].name: Required value", "spec.ports[1].name: Required value" } },
	{ "one of two without a name", "{'ports':[{'name':'a','port':80},{'port':81}]}",
	  { "spec.ports[1].name: Required value" } },
	{ "one name twice", "{'ports':[{'name':'a','port':80},{'name':'a','port':81}]}",
	  { "spec.ports[1].name: Duplicate value: \"a\"" } },
	{ "one name three times", "{'ports':[{'name':'a','port':80},{'name':'a','port':81},"
	  "{'name':'a','port':82}]}",
	  { "spec.ports[1].name: Duplicate value: \"a\"",
	    "spec.ports[2].name: Duplicate value: \"a\"" } },
	{ "name in upper case", "{'ports':[{'name':'HTTP','port':80}]}",
	  { "spec.ports[0].name: Invalid value: \"HTTP\": " DNS1123_LABEL } },
	{ "name with a dot", "{'ports':[{'name':'a.b','port':80}]}",
	  { "spec.ports[0].name: Invalid value: \"a.b\": must not contain dots" } },
	{ "name of 65 with a capital", "{'ports':[{'name':'" NAME_64 "X','port':80}]}",
	  { "spec.ports[0].name: Invalid value: \"" NAME_64 "X\": must be no more than 63 bytes",
	    "spec.ports[0].name: Invalid value: \"" NAME_64 "X\": " DNS1123_LABEL } },
	{ "a bad name twice", "{'ports':[{'name':'A','port':80},{'name':'A','port':81}]}",
	  { "spec.ports[0].name: Invalid value: \"A\": " DNS1123_LABEL,
	    "spec.ports[1].name: Invalid value: \"A\": " DNS1123_LABEL,
	    "spec.ports[1].name: Duplicate value: \"A\"" } },
	{ "an empty name of two", "{'ports':[{'name':'','port':80},{'name':'b','port':81}]}",
	  { "spec.ports[0].name: Required value" } },
	{ "name of 64", "{'ports':[{'name':'" NAME_64 "','port':80}]}",
	  { "spec.ports[0].name: Invalid value: \"" NAME_64 "\": must be no more than 63 "
	    "bytes" } },
	{ "one port twice", "{'ports':[{'name':'a','port':80},{'name':'b','port':80}]}",
	  { "spec.ports[1]: Duplicate value: "
	    "{\"Name\":\"\",\"Protocol\":\"TCP\",\"AppProtocol\":null,"
	    "\"Port\":80,\"TargetPort\":0,\"NodePort\":0}" } },
	{ "one port three times", "{'ports':[{'name':'a','port':80},{'name':'b','port':80,"
	  "'nodePort':0,'targetPort':1},{'name':'c','port':80,'protocol':'TCP'},{'name':'d',"
	  "'port':80,'protocol':'UDP'}]}",
	  { "spec.ports[1]: Duplicate value: "
	    "{\"Name\":\"\",\"Protocol\":\"TCP\",\"AppProtocol\":null,"
	    "\"Port\":80,\"TargetPort\":0,\"NodePort\":0}",
	    "spec.ports[2]: Duplicate value: "
	    "{\"Name\":\"\",\"Protocol\":\"TCP\",\"AppProtocol\":null,"
	    "\"Port\":80,\"TargetPort\":0,\"NodePort\":0}" } },
	{ "application protocol", "{'ports':[{'port':80,'appProtocol':'a b'}]}",
	  { "spec.ports[0].appProtocol: Invalid value: \"a b\": " NAME_PART } },
	{ "empty application protocol", "{'ports':[{'port':80,'appProtocol':''}]}",
	  { "spec.ports[0].appProtocol: Invalid value: \"\": name part must be non-empty",
	    "spec.ports[0].appProtocol: Invalid value: \"\": " NAME_PART } },
	{ "application protocol without prefix", "{'ports':[{'port':80,'appProtocol':'/h2c'}]}",
	  { "spec.ports[0].appProtocol: Invalid value: \"/h2c\": prefix part must be "
	    "non-empty" } },
};

static const struct refused node_ports[] = {
	{ "taken", "{'type':'NodePort','ports':[{'port':80,'nodePort':30080}]}",
	  { "spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated" } },
	{ "below the range", "{'type':'NodePort','ports':[{'port':80,'nodePort':29999}]}",
	  { "spec.ports[0].nodePort: Invalid value: 29999: " NODE_PORT_RANGE } },
	{ "above the range", "{'type':'LoadBalancer','ports':[{'port':80,'nodePort':32768}]}",
	  { "spec.ports[0].nodePort: Invalid value: 32768: " NODE_PORT_RANGE } },
	{ "negative", "{'type':'NodePort','ports':[{'port':80,'nodePort':-30080}]}",
	  { "spec.ports[0].nodePort: Invalid value: -30080: " NODE_PORT_RANGE } },
	{ "no port at all", "{'type':'NodePort','ports':[{'port':80,'nodePort':95616}]}",
	  { "spec.ports[0].nodePort: Invalid value: 95616: " NODE_PORT_RANGE } },
	{ "of a ClusterIP service", "{'ports':[{'port':80,'nodePort':30091}]}",
	  { "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'" } },
	{ "one twice", "{'type':'NodePort','ports':[{'name':'a','port':80,'nodePort':30091},"
	  "{'name':'b','port':81,'nodePort':30091}]}",
	  { "spec.ports[1].nodePort: Duplicate value: 30091" } },
	{ "one three times", "{'type':'LoadBalancer','ports':[{'name':'a','port':80,'nodePort':"
	  "30091},{'name':'b','port':81,'nodePort':30091},{'name':'c','port':82,'nodePort':30091,"
	  "'protocol':'UDP'},{'name':'d','port':83,'nodePort':30091}]}",
	  { "spec.ports[1].nodePort: Duplicate value: 30091",
	    "spec.ports[3].nodePort: Duplicate value: 30091" } },
	{ "one twice, of a name", "{'type':'ExternalName','externalName':'a.b','ports':[{'name':"
	  "'a','port':80,'nodePort':5},{'name':'b','port':81,'nodePort':5}]}",
	  { "spec.ports[1].nodePort: Duplicate value: 5" } },
	{ "health check of no port at all", "{'type':'LoadBalancer','externalTrafficPolicy':"
	  "'Local','healthCheckNodePort':-1,'ports':[{'port':80}]}",
	  { "spec.healthCheckNodePort: Invalid value: -1: " NODE_PORT_RANGE } },
	{ "health check of no balancer", "{'type':'NodePort','externalTrafficPolicy':'Local',"
	  "'healthCheckNodePort':30999,'ports':[{'port':80}]}",
	  { "spec.healthCheckNodePort: Invalid value: 30999: " NO_HEALTH_PORT } },
	{ "health check of policy Cluster", "{'type':'LoadBalancer','healthCheckNodePort':30999,"
	  "'ports':[{'port':80}]}",
	  { "spec.healthCheckNodePort: Invalid value: 30999: " NO_HEALTH_PORT } },
	{ "health check taken", "{'type':'LoadBalancer','externalTrafficPolicy':'Local',"
	  "'healthCheckNodePort':30080,'ports':[{'port':80}]}",
	  { "spec.healthCheckNodePort: Invalid value: 30080: provided port is already "
	    "allocated" } },
	{ "health check out of range", "{'type':'LoadBalancer','externalTrafficPolicy':'Local',"
	  "'healthCheckNodePort':8080,'ports':[{'port':80}]}",
	  { "spec.healthCheckNodePort: Invalid value: 8080: " NODE_PORT_RANGE } },
	{ "health check on a node port of its own", "{'type':'LoadBalancer',"
	  "'externalTrafficPolicy':'Local','healthCheckNodePort':30999,'ports':[{'port':80,"
	  "'nodePort':30999}]}",
	  { "spec.healthCheckNodePort: Invalid value: 30999: provided port is already "
	    "allocated" } },
};

static const struct refused addresses[] = {
	{ "out of the range", "{'clusterIP':'10.200.0.1','ports':[{'port':80}]}",
	  { "spec.clusterIPs: Invalid value: [\"10.200.0.1\"]: failed to allocate IP 10.200.0.1: "
	    "the provided IP (10.200.0.1) is not in the valid range. The range of valid IPs is "
	    "10.96.0.0/12" } },
	{ "the network's address", "{'clusterIP':'10.96.0.0','ports':[{'port':80}]}",
	  { "spec.clusterIPs: Invalid value: [\"10.96.0.0\"]: failed to allocate IP 10.96.0.0: "
	    "the provided IP (10.96.0.0) is not in the valid range. The range of valid IPs is "
	    "10.96.0.0/12" } },
	{ "the broadcast address", "{'clusterIP':'10.111.255.255','ports':[{'port':80}]}",
	  { "spec.clusterIPs: Invalid value: [\"10.111.255.255\"]: failed to allocate IP "
	    "10.111.255.255: the provided IP (10.111.255.255) is not in the valid range. The "
	    "range of valid IPs is 10.96.0.0/12" } },
	{ "no address", "{'clusterIP':'10.96.0','ports':[{'port':80}]}",
	  { "spec.clusterIPs[0]: Invalid value: \"10.96.0\": " IP_WORDS } },
	{ "none in lower case", "{'clusterIP':'none','ports':[{'port':80}]}",
	  { "spec.clusterIPs[0]: Invalid value: \"none\": " IP_WORDS } },
	{ "mapped into IPv6", "{'clusterIP':'::ffff:10.96.0.7','ports':[{'port':80}]}",
	  { "spec.clusterIPs[0]: Invalid value: \"::ffff:10.96.0.7\": must not be an IPv4-mapped "
	    "IPv6 address" } },
	{ "with leading zeros", "{'clusterIP':'10.096.0.7','ports':[{'port':80}]}",
	  { "spec.clusterIPs[0]: Invalid value: \"10.096.0.7\": must not have leading 0s" } },
	{ "of an interface", "{'clusterIP':'fd00::7%eth0','ports':[{'port':80}]}",
	  { "spec.clusterIPs[0]: Invalid value: \"fd00::7%eth0\": " IP_WORDS } },
	{ "bad ones of an unknown type", "{'type':'Router','clusterIP':'x','ipFamilies':['IPv5'],"
	  "'ports':[{'port':80}]}",
	  { "spec.ipFamilies[0]: Unsupported value: \"IPv5\": supported values: \"IPv4\", "
	    "\"IPv6\"",
	    "spec.clusterIPs[0]: Invalid value: \"x\": " IP_WORDS,
	    "spec.type: Unsupported value: \"Router\": supported values: \"ClusterIP\", "
	    "\"ExternalName\", \"LoadBalancer\", \"NodePort\"" } },
	{ "taken", "{'clusterIP':'10.96.0.10','ports':[{'port':80}]}",
	  { "spec.clusterIPs: Invalid value: [\"10.96.0.10\"]: failed to allocate IP 10.96.0.10: "
	    "provided IP is already allocated" } },
	{ "the list alone", "{'clusterIPs':['10.96.7.7'],'ports':[{'port':80}]}",
	  { "spec.clusterIPs: Invalid value: [\"10.96.7.7\"]: must be empty when `clusterIP` is "
	    "not specified" } },
	{ "a list that begins otherwise", "{'clusterIP':'10.96.7.7','clusterIPs':['10.96.7.8'],"
	  "'ports':[{'port':80}]}",
	  { "spec.clusterIPs: Invalid value: [\"10.96.7.8\"]: first value must match "
	    "`clusterIP`" } },
	{ "None and another", "{'clusterIP':'None','clusterIPs':['None','10.96.7.8'],'ports':"
	  "[{'port':80}]}",
	  { "spec.clusterIPs: Invalid value: [\"None\",\"10.96.7.8\"]: 'None' must be the first "
	    "and only value" } },
	{ "None as the second", "{'clusterIP':'10.96.7.8','clusterIPs':['10.96.7.8','None'],"
	  "'ports':[{'port':80}]}",
	  { "spec.clusterIPs[1]: Invalid value: \"None\": " IP_WORDS } },
	{ "three", "{'clusterIP':'10.96.7.8','clusterIPs':['10.96.7.8','fd00::1','fd00::2'],"
	  "'ports':[{'port':80}]}",
	  { "spec.clusterIPs: Invalid value: [\"10.96.7.8\",\"fd00::1\",\"fd00::2\"]: may only "
	    "hold up to 2 values" } },
	{ "three of one family, twice", "{'clusterIP':'10.96.7.8','clusterIPs':['10.96.7.8',"
	  "'10.96.7.9','10.96.7.8'],'ipFamilies':['IPv4','IPv4','IPv4'],'ipFamilyPolicy':"
	  "'PreferDualStack','ports':[{'port':80}]}",
	  { "spec.ipFamilies[1]: Duplicate value: \"IPv4\"",
	    "spec.ipFamilies[2]: Duplicate value: \"IPv4\"",
	    "spec.clusterIPs: Invalid value: [\"10.96.7.8\",\"10.96.7.9\",\"10.96.7.8\"]: "
	    "may only hold up to 2 values",
	    "spec.clusterIPs: Invalid value: [\"10.96.7.8\",\"10.96.7.9\",\"10.96.7.8\"]: "
	    "may specify no more than one IP for each IP family" } },
	{ "two of one family", "{'clusterIP':'10.96.7.8','clusterIPs':['10.96.7.8','10.96.7.9'],"
	  "'ipFamilyPolicy':'PreferDualStack','ports':[{'port':80}]}",
	  { "spec.clusterIPs: Invalid value: [\"10.96.7.8\",\"10.96.7.9\"]: may specify no more "
	    "than one IP for each IP family" } },
	{ "headless balancer", "{'type':'LoadBalancer','clusterIP':'None','ports':[{'port':80}]}",
	  { "spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for "
	    "LoadBalancer services" } },
	{ "headless node port", "{'type':'NodePort','clusterIP':'None','ports':[{'port':80}]}",
	  { "spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for NodePort "
	    "services" } },
	{ "special external addresses", "{'externalIPs':['127.0.0.1','169.254.1.1','0.0.0.0',"
	  "'::1','x','fe80::1','224.0.0.5'],'ports':[{'port':80}]}",
	  { "spec.externalIPs[0]: Invalid value: \"127.0.0.1\": " LOOPBACK,
	    "spec.externalIPs[1]: Invalid value: \"169.254.1.1\": " LINK_LOCAL,
	    "spec.externalIPs[2]: Invalid value: \"0.0.0.0\": may not be unspecified (0.0.0.0)",
	    "spec.externalIPs[3]: Invalid value: \"::1\": " LOOPBACK,
	    "spec.externalIPs[4]: Invalid value: \"x\": " IP_WORDS,
	    "spec.externalIPs[5]: Invalid value: \"fe80::1\": " LINK_LOCAL,
	    "spec.externalIPs[6]: Invalid value: \"224.0.0.5\": " MULTICAST } },
	{ "strange external addresses", "{'externalIPs':['198.51.100.07','::ffff:198.51.100.7',"
	  "'[2001:db8::1]','','ff02::1','host.example',' 198.51.100.7'],'ports':[{'port':80}]}",
	  { "spec.externalIPs[0]: Invalid value: \"198.51.100.07\": must not have leading 0s",
	    "spec.externalIPs[1]: Invalid value: \"::ffff:198.51.100.7\": must not be an "
	    "IPv4-mapped IPv6 address",
	    "spec.externalIPs[2]: Invalid value: \"[2001:db8::1]\": " IP_WORDS,
	    "spec.externalIPs[3]: Invalid value: \"\": " IP_WORDS,
	    "spec.externalIPs[4]: Invalid value: \"ff02::1\": " MULTICAST,
	    "spec.externalIPs[5]: Invalid value: \"host.example\": " IP_WORDS,
	    "spec.externalIPs[6]: Invalid value: \" 198.51.100.7\": " IP_WORDS } },
	{ "external range", "{'externalIPs':['198.51.100.0/24'],'ports':[{'port':80}]}",
	  { "spec.externalIPs[0]: Invalid value: \"198.51.100.0/24\": " IP_WORDS } },
};

static const struct refused balancers[] = {
	{ "its fields without it", "{'loadBalancerSourceRanges':['10.0.0.0/8'],"
	  "'allocateLoadBalancerNodePorts':false,'loadBalancerClass':'a/b',"
	  "'healthCheckNodePort':30999,'ports':[{'port':80}]}",
	  { RANGES ": " BALANCER_ONLY,
	    "spec.allocateLoadBalancerNodePorts: " BALANCER_ONLY,
	    "spec.loadBalancerClass: " BALANCER_ONLY,
	    "spec.healthCheckNodePort: Invalid value: 30999: " NO_HEALTH_PORT } },
	{ "node ports, even if wanted", "{'type':'NodePort','allocateLoadBalancerNodePorts':true,"
	  "'ports':[{'port':80}]}",
	  { "spec.allocateLoadBalancerNodePorts: " BALANCER_ONLY } },
	{ "source ranges", "{'type':'LoadBalancer','loadBalancerSourceRanges':['10.0.0.0/33',"
	  "'10.0.0.0/8','10.0.0.1','10.0.0.1/8','','fd00::/129'],'ports':[{'port':80}]}",
	  { RANGES "[0]: Invalid value: \"10.0.0.0/33\": " CIDR_WORDS,
	    RANGES "[2]: Invalid value: \"10.0.0.1\": " CIDR_WORDS,
	    RANGES "[3]: Invalid value: \"10.0.0.1/8\": must not have "
	    "bits set beyond the prefix length",
	    RANGES "[4]: Invalid value: \"\": " CIDR_WORDS,
	    RANGES "[5]: Invalid value: \"fd00::/129\": " CIDR_WORDS } },
	{ "strange source ranges", "{'type':'LoadBalancer','loadBalancerSourceRanges':["
	  "'10.0.00.0/8','10.0.0.0/08','::ffff:10.0.0.0/104','2001:db8::1/32','10.0.0.0/-8',"
	  "'10.0.0.0/8/9','10.0.0.0/8,11.0.0.0/8'],'ports':[{'port':80}]}",
	  { RANGES "[0]: Invalid value: \"10.0.00.0/8\": must not have leading 0s in IP or "
	    "prefix length",
	    RANGES "[1]: Invalid value: \"10.0.0.0/08\": must not have leading 0s in IP or "
	    "prefix length",
	    RANGES "[2]: Invalid value: \"::ffff:10.0.0.0/104\": must not have an IPv4-mapped "
	    "IPv6 address",
	    RANGES "[3]: Invalid value: \"2001:db8::1/32\": must not have bits set beyond the "
	    "prefix length",
	    RANGES "[4]: Invalid value: \"10.0.0.0/-8\": " CIDR_WORDS,
	    RANGES "[5]: Invalid value: \"10.0.0.0/8/9\": " CIDR_WORDS,
	    RANGES "[6]: Invalid value: \"10.0.0.0/8,11.0.0.0/8\": " CIDR_WORDS } },
	{ "bad ranges of no balancer", "{'loadBalancerSourceRanges':['all'],'ports':[{'port':80}]}",
	  { RANGES ": " BALANCER_ONLY,
	    RANGES "[0]: Invalid value: \"all\": " CIDR_WORDS } },
	{ "class", "{'type':'LoadBalancer','loadBalancerClass':'a b/c','ports':[{'port':80}]}",
	  { "spec.loadBalancerClass: Invalid value: \"a b/c\": prefix part " SUBDOMAIN } },
	{ "class of two slashes", "{'type':'LoadBalancer','loadBalancerClass':'a/b/c','ports':"
	  "[{'port':80}]}",
	  { "spec.loadBalancerClass: Invalid value: \"a/b/c\": a valid label key " KEY_WORDS
	    " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')" } },
	{ "empty class", "{'type':'LoadBalancer','loadBalancerClass':'','ports':[{'port':80}]}",
	  { "spec.loadBalancerClass: Invalid value: \"\": name part must be non-empty",
	    "spec.loadBalancerClass: Invalid value: \"\": " NAME_PART } },
	{ "wish for an address", "{'type':'LoadBalancer','loadBalancerIP':'some.host','ports':"
	  "[{'port':80}]}",
	  { "spec.loadBalancerIP: Invalid value: \"some.host\": " IP_WORDS } },
};

static const struct refused others[] = {
	{ "type", "{'type':'Router','ports':[{'port':80}]}",
	  { "spec.type: Unsupported value: \"Router\": supported values: \"ClusterIP\", "
	    "\"ExternalName\", \"LoadBalancer\", \"NodePort\"" } },
	{ "affinity too long", "{'sessionAffinity':'ClientIP','sessionAffinityConfig':"
	  "{'clientIP':{'timeoutSeconds':90000}},'ports':[{'port':80}]}",
	  { TIMEOUT ": Invalid value: 90000: must be greater than 0 and less than 86400" } },
	{ "affinity of no time", "{'sessionAffinity':'ClientIP','sessionAffinityConfig':"
	  "{'clientIP':{'timeoutSeconds':0}},'ports':[{'port':80}]}",
	  { TIMEOUT ": Invalid value: 0: must be greater than 0 and less than 86400" } },
	{ "unknown affinity", "{'sessionAffinity':'Cookie','ports':[{'port':80}]}",
	  { "spec.sessionAffinity: Unsupported value: \"Cookie\": supported values: \"ClientIP\", "
	    "\"None\"" } },
	{ "a time without affinity", "{'sessionAffinityConfig':{'clientIP':{'timeoutSeconds':5}},"
	  "'ports':[{'port':80}]}",
	  { "spec.sessionAffinityConfig: Forbidden: must not be set when session affinity is "
	    "None" } },
	{ "external policy of a ClusterIP", "{'externalTrafficPolicy':'Local','ports':"
	  "[{'port':80}]}",
	  { "spec.externalTrafficPolicy: Invalid value: \"Local\": " NOT_EXTERNAL } },
	{ "external policy of a name", "{'type':'ExternalName','externalName':'a.b',"
	  "'externalTrafficPolicy':'Cluster'}",
	  { "spec.externalTrafficPolicy: Invalid value: \"Cluster\": " NOT_EXTERNAL } },
	{ "unknown external policy", "{'type':'NodePort','externalTrafficPolicy':'Near','ports':"
	  "[{'port':80}]}",
	  { "spec.externalTrafficPolicy: Unsupported value: \"Near\": supported values: "
	    "\"Cluster\", \"Local\"" } },
	{ "empty internal policy", "{'internalTrafficPolicy':'','ports':[{'port':80}]}",
	  { "spec.internalTrafficPolicy: Unsupported value: \"\": supported values: \"Cluster\", "
	    "\"Local\"" } },
	{ "unknown distribution", "{'trafficDistribution':'Far','ports':[{'port':80}]}",
	  { "spec.trafficDistribution: Unsupported value: \"Far\": supported values: "
	    "\"PreferClose\", \"PreferSameZone\", \"PreferSameNode\"" } },
	{ "empty distribution", "{'trafficDistribution':'','ports':[{'port':80}]}",
	  { "spec.trafficDistribution: Unsupported value: \"\": supported values: "
	    "\"PreferClose\", \"PreferSameZone\", \"PreferSameNode\"" } },
	{ "affinity below no time", "{'sessionAffinity':'ClientIP','sessionAffinityConfig':"
	  "{'clientIP':{'timeoutSeconds':-1}},'ports':[{'port':80}]}",
	  { TIMEOUT ": Invalid value: -1: must be greater than 0 and less than 86400" } },
	{ "affinity of a second more than a day", "{'sessionAffinity':'ClientIP',"
	  "'sessionAffinityConfig':{'clientIP':{'timeoutSeconds':86401}},'ports':[{'port':80}]}",
	  { TIMEOUT ": Invalid value: 86401: must be greater than 0 and less than 86400" } },
	{ "an empty configuration without affinity", "{'sessionAffinity':'None',"
	  "'sessionAffinityConfig':{},'ports':[{'port':80}]}",
	  { "spec.sessionAffinityConfig: Forbidden: must not be set when session affinity is "
	    "None" } },
	{ "selector's value", "{'selector':{'app':'not a label!'},'ports':[{'port':80}]}",
	  { "spec.selector: Invalid value: \"not a label!\": " LABEL_WORDS } },
	{ "selector's key", "{'selector':{'a b':'c'},'ports':[{'port':80}]}",
	  { "spec.selector: Invalid value: \"a b\": " NAME_PART } },
	{ "selector of many faults", "{'selector':{'A b/':'-" NAME_64 "'},'ports':[{'port':80}]}",
	  { "spec.selector: Invalid value: \"A b/\": prefix part " SUBDOMAIN,
	    "spec.selector: Invalid value: \"A b/\": name part must be non-empty",
	    "spec.selector: Invalid value: \"A b/\": " NAME_PART,
	    "spec.selector: Invalid value: \"-" NAME_64 "\": must be no more than 63 bytes",
	    "spec.selector: Invalid value: \"-" NAME_64 "\": " LABEL_WORDS } },
	{ "selector without a value", "{'selector':{'app':null},'ports':[{'port':80}]}",
	  { "spec.selector.app: Required value: a label's value is missing" } },
	{ "no external name", "{'type':'ExternalName'}",
	  { "spec.externalName: Required value" } },
	{ "an external name of a dot", "{'type':'ExternalName','externalName':'.'}",
	  { "spec.externalName: Required value" } },
	{ "external name in upper case", "{'type':'ExternalName','externalName':'DB.example'}",
	  { "spec.externalName: Invalid value: \"DB.example\": " SUBDOMAIN } },
	{ "external name with two dots", "{'type':'ExternalName','externalName':'db..'}",
	  { "spec.externalName: Invalid value: \"db.\": " SUBDOMAIN } },
	{ "external name with an unknown policy", "{'type':'ExternalName','externalName':'a.b',"
	  "'internalTrafficPolicy':'Near'}",
	  { "spec.internalTrafficPolicy: Unsupported value: \"Near\": supported values: "
	    "\"Cluster\", \"Local\"" } },
	{ "external name with a star", "{'type':'ExternalName','externalName':'*.example.com'}",
	  { "spec.externalName: Invalid value: \"*.example.com\": " SUBDOMAIN } },
	{ "external name that begins with a dot", "{'type':'ExternalName','externalName':'.a'}",
	  { "spec.externalName: Invalid value: \".a\": " SUBDOMAIN } },
	{ "external name of a URL", "{'type':'ExternalName','externalName':'http://a.b/'}",
	  { "spec.externalName: Invalid value: \"http://a.b/\": " SUBDOMAIN } },
	{ "external name with addresses", "{'type':'ExternalName','externalName':'db.example.com',"
	  "'clusterIP':'10.96.7.7','ipFamilies':['IPv4'],'ipFamilyPolicy':'SingleStack'}",
	  { "spec.clusterIPs: " NOT_EXTERNAL_NAME, "spec.ipFamilies: " NOT_EXTERNAL_NAME,
	    "spec.ipFamilyPolicy: " NOT_EXTERNAL_NAME } },
	{ "external name, headless", "{'type':'ExternalName','externalName':'a.b','clusterIP':"
	  "'None'}",
	  { "spec.clusterIPs: " NOT_EXTERNAL_NAME } },
	/* Everything that is wrong is said at once, allocation included. */
	{ "much", "{'type':'NodePort','ports':[{'port':80,'nodePort':29999},{'port':0,"
	  "'targetPort':1}],'selector':{'a':'b c'},'sessionAffinity':'x','externalIPs':['::'],"
	  "'internalTrafficPolicy':'y'}",
	  { "spec.ports[0].name: Required value", "spec.ports[1].name: Required value",
	    "spec.ports[1].port: Invalid value: 0: " PORT_WORDS,
	    "spec.selector: Invalid value: \"b c\": " LABEL_WORDS,
	    "spec.sessionAffinity: Unsupported value: \"x\": supported values: \"ClientIP\", "
	    "\"None\"",
	    "spec.externalIPs[0]: Invalid value: \"::\": may not be unspecified (::)",
	    "spec.internalTrafficPolicy: Unsupported value: \"y\": supported values: "
	    "\"Cluster\", \"Local\"",
	    "spec.ports[0].nodePort: Invalid value: 29999: " NODE_PORT_RANGE } },
};

/* metadata without its name, of an otherwise good Service. */
static const struct refused metadata[] = {
	{ "label's value", "'labels':{'a':'b/c'}",
	  { "metadata.labels: Invalid value: \"b/c\": " LABEL_WORDS } },
	{ "label's key", "'labels':{'-a':'b'}",
	  { "metadata.labels: Invalid value: \"-a\": " NAME_PART } },
	{ "label's key with two slashes", "'labels':{'a/b/c':'d'}",
	  { "metadata.labels: Invalid value: \"a/b/c\": a valid label key " KEY_WORDS " with an "
	    "optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')" } },
	{ "label's key and value, too long", "'labels':{'" NAME_64 "':'" NAME_64 "'}",
	  { "metadata.labels: Invalid value: \"" NAME_64 "\": name part must be no more than 63 "
	    "bytes",
	    "metadata.labels: Invalid value: \"" NAME_64 "\": must be no more than 63 bytes" } },
	{ "label's empty key", "'labels':{'':'b'}",
	  { "metadata.labels: Invalid value: \"\": name part must be non-empty",
	    "metadata.labels: Invalid value: \"\": " NAME_PART } },
	{ "annotation's key of two faults", "'annotations':{'A b/c d':'x'}",
	  { "metadata.annotations: Invalid value: \"A b/c d\": prefix part " SUBDOMAIN,
	    "metadata.annotations: Invalid value: \"A b/c d\": " NAME_PART } },
	{ "annotation's key", "'annotations':{'a b':'c'}",
	  { "metadata.annotations: Invalid value: \"a b\": " NAME_PART } },
	{ "ranges in an annotation, of no balancer", "'annotations':{'service.beta.kubernetes.io/"
	  "load-balancer-source-ranges':'10.0.0.0/8, nowhere'}",
	  { ANNOTATION_RANGES ": " BALANCER_ONLY,
	    ANNOTATION_RANGES ": Invalid value: \"nowhere\": " CIDR_WORDS } },
	{ "two wishes for topology", "'annotations':{'service.kubernetes.io/topology-aware-hints':"
	  "'auto','service.kubernetes.io/topology-mode':'Disabled'}",
	  { "metadata.annotations[service.kubernetes.io/topology-mode]: Invalid value: "
	    "\"Disabled\": must match annotations[service.kubernetes.io/topology-aware-hints] "
	    "when both are specified" } },
};

static void refuse(struct registry_help *h, const struct refused *c, const char *fmt)
{
	uint64_t before = registry_version(h->r);
	char body[1024];

	snprintf(body, sizeof(body), fmt, c->spec);
	registry_help_create(h, "services", body);
	registry_help_causes(h, c->name, c->causes);
	assert_string_equal(registry_help_value(h, "reason"), "Invalid");
	assert_string_equal(registry_help_value(h, "details.kind"), "Service");
	assert_int_equal(registry_version(h->r), before);
	assert_int_equal(registry_help_get(h, "services", "bad"), 404);
}

static void refuse_all(void **state, const struct refused *v, size_t n)
{
	struct registry_help *h = *state;

	registry_help_service(h, "web-np",
			      "{'type':'NodePort','ports':[{'port':80,'nodePort':30080}]}");
	registry_help_service(h, "dns", "{'clusterIP':'10.96.0.10','ports':[{'port':53}]}");
	for (size_t i = 0; i < n; i++)
		refuse(h, &v[i], "{'metadata':{'name':'bad'},'spec':%s}");
}

#define REFUSED(table) \
	static void test_##table(void **state) \
	{ \
		refuse_all(state, table, sizeof(table) / sizeof(table[0])); \
	}

REFUSED(ports)
REFUSED(node_ports)
REFUSED(addresses)
REFUSED(balancers)
REFUSED(others)

static void test_metadata(void **state)
{
	for (size_t i = 0; i < sizeof(metadata) / sizeof(metadata[0]); i++)
		refuse(*state, &metadata[i], "{'metadata':{'name':'bad',%s},'spec':{'ports':"
		       "[{'port':80}]}}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, registry_help_setup, registry_help_teardown)
		T(test_ports), T(test_node_ports), T(test_addresses), T(test_balancers),
		T(test_others), T(test_metadata),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
