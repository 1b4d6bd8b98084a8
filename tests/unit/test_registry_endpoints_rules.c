// SPDX-License-Identifier: GPL-2.0
/*
 * Endpoints and EndpointSlices made by hand: what is taken, and what is refused with
 * which words. Facts: Kubernetes 1.36, validateEndpointSubsets() and the validation of
 * discovery.k8s.io/v1.
 */
#include "registry_help.h"
#include "txn.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define INVALID ": Invalid value: "
#define IP_WORDS "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
#define NO_IP "must be a valid IP address"
#define ZEROS "must not have leading 0s"
#define MAPPED "must not be an IPv4-mapped IPv6 address"
#define PORT_WORDS "must be between 1 and 65535, inclusive"
#define LOOPBACK "may not be in the loopback range (127.0.0.0/8, ::1/128)"
#define LINK_LOCAL "may not be in the link-local range (169.254.0.0/16, fe80::/10)"
#define MULTICAST "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"
#define LABEL "a lowercase RFC 1123 label must consist of lower case alphanumeric characters " \
	"or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or " \
	"'123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
#define SUBDOMAIN "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric " \
	"characters, '-' or '.', and must start and end with an alphanumeric character (e.g. " \
	"'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]" \
	"([-a-z0-9]*[a-z0-9])?)*')"
#define KEY "must consist of alphanumeric characters, '-', '_' or '.', and must start and end " \
	"with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex " \
	"used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
#define VALUE "a valid label must be an empty string or consist of alphanumeric characters, " \
	"'-', '_' or '.', and must start and end with an alphanumeric character (e.g. " \
	"'MyValue',  or 'my_value',  or '12345', regex used for validation is " \
	"'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
#define PROTOCOLS "supported values: \"SCTP\", \"TCP\", \"UDP\""
#define NAME_63 "a12345678901234567890123456789012345678901234567890123456789012"

struct row {
	const char *name, *json;	/* what stands beside the metadata */
	const char *causes[REGISTRY_HELP_CAUSES];	/* none: it is taken */
};

static void run(struct registry_help *h, const char *plural, const struct row *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char body[1024];

		snprintf(body, sizeof(body), "{'metadata':{'name':'x'},%s}", v[i].json);
		registry_help_create(h, plural, body);
		if (v[i].causes[0]) {
			registry_help_causes(h, v[i].name, v[i].causes);
			assert_int_equal(registry_help_get(h, plural, "x"), 404);
			continue;
		}
		if (h->reply.code != 201)
			fail_msg("%s: %s", v[i].name, registry_help_message(h));
		assert_int_equal(registry_help_delete(h, plural, "x"), 200);
	}
}

#define RUN(plural, table) run(*state, plural, table, sizeof(table) / sizeof(table[0]))

#define SUBSET(rest) "'subsets':[{" rest "}]"
#define ADDRESS(rest) SUBSET("'addresses':[{" rest "}]")
#define ON(rest) SUBSET("'addresses':[{'ip':'192.0.2.1'}],'ports':[" rest "]")
#define FIRST "subsets[0].addresses[0]"
#define PORT "subsets[0].ports[0]"

static const struct row endpoints[] = {
	{ "no subsets", "'subsets':[]", { NULL } },
	{ "null for subsets", "'subsets':null", { NULL } },
	{ "not a word of subsets", "'kind':'Endpoints'", { NULL } },
	{ "of both families", SUBSET("'addresses':[{'ip':'192.0.2.1','nodeName':'n.a',"
	  "'hostname':'h'},{'ip':'2001:db8::1'}],'notReadyAddresses':[{'ip':'192.0.2.2'}],"
	  "'ports':[{'port':80}]"), { NULL } },
	{ "IPv6 in another form", ADDRESS("'ip':'2001:DB8:0::1'"), { NULL } },
	{ "no ports, as for headless Services", ADDRESS("'ip':'192.0.2.1'"), { NULL } },
	{ "a port without a name", ON("{'port':65535,'protocol':'UDP'}"), { NULL } },
	{ "two ports", SUBSET("'notReadyAddresses':[{'ip':'192.0.2.1'}],'ports':[{'name':'a',"
	  "'port':80,'appProtocol':'kubernetes.io/h2c'},{'name':'b','port':80,'protocol':'SCTP'}"
	  "]"), { NULL } },
	{ "one name for two ports", ON("{'name':'a','port':1},{'name':'a','port':2}"), { NULL } },
	{ "empty names", SUBSET("'addresses':[{'ip':'192.0.2.1','hostname':''}],'ports':[{'name':"
	  "'','port':80,'protocol':''}]"), { NULL } },
	{ "no address", "'subsets':[{'ports':[{'port':80}]},{'addresses':[]},{'notReadyAddresses':"
	  "null}]",
	  { "subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`",
	    "subsets[1]: Required value: must specify `addresses` or `notReadyAddresses`",
	    "subsets[2]: Required value: must specify `addresses` or `notReadyAddresses`" } },
	{ "addresses without an IP", SUBSET("'addresses':[{},{'ip':null}],'notReadyAddresses':["
	  "{'ip':''}]"),
	  { "subsets[0].addresses[0].ip" INVALID "\"\": " IP_WORDS,
	    "subsets[0].addresses[0].ip" INVALID "\"\": " NO_IP,
	    "subsets[0].addresses[1].ip" INVALID "\"\": " IP_WORDS,
	    "subsets[0].addresses[1].ip" INVALID "\"\": " NO_IP,
	    "subsets[0].notReadyAddresses[0].ip" INVALID "\"\": " IP_WORDS,
	    "subsets[0].notReadyAddresses[0].ip" INVALID "\"\": " NO_IP } },
	{ "what is no IP", SUBSET("'addresses':[{'ip':'[2001:db8::1]'},{'ip':'192.0.2.01'},{'ip':"
	  "'::ffff:192.0.2.1'},{'ip':'::ffff:127.0.0.1'}],'notReadyAddresses':[{'ip':'10.0.0'}]"),
	  { "subsets[0].addresses[0].ip" INVALID "\"[2001:db8::1]\": " IP_WORDS,
	    "subsets[0].addresses[0].ip" INVALID "\"[2001:db8::1]\": " NO_IP,
	    "subsets[0].addresses[1].ip" INVALID "\"192.0.2.01\": " ZEROS,
	    "subsets[0].addresses[2].ip" INVALID "\"::ffff:192.0.2.1\": " MAPPED,
	    "subsets[0].addresses[3].ip" INVALID "\"::ffff:127.0.0.1\": " MAPPED,
	    "subsets[0].addresses[3].ip" INVALID "\"::ffff:127.0.0.1\": " LOOPBACK,
	    "subsets[0].notReadyAddresses[0].ip" INVALID "\"10.0.0\": " IP_WORDS,
	    "subsets[0].notReadyAddresses[0].ip" INVALID "\"10.0.0\": " NO_IP } },
	{ "addresses that lead nowhere", SUBSET("'addresses':[{'ip':'127.0.0.1'},{'ip':'0.0.0.0'},"
	  "{'ip':'169.254.169.254'},{'ip':'fe80::1'},{'ip':'::'}],'notReadyAddresses':[{'ip':"
	  "'::1'},{'ip':'ff02::1'},{'ip':'224.0.0.1'}]"),
	  { "subsets[0].addresses[0].ip" INVALID "\"127.0.0.1\": " LOOPBACK,
	    "subsets[0].addresses[1].ip" INVALID "\"0.0.0.0\": may not be unspecified (0.0.0.0)",
	    "subsets[0].addresses[2].ip" INVALID "\"169.254.169.254\": " LINK_LOCAL,
	    "subsets[0].addresses[3].ip" INVALID "\"fe80::1\": " LINK_LOCAL,
	    "subsets[0].addresses[4].ip" INVALID "\"::\": may not be unspecified (::)",
	    "subsets[0].notReadyAddresses[0].ip" INVALID "\"::1\": " LOOPBACK,
	    "subsets[0].notReadyAddresses[1].ip" INVALID "\"ff02::1\": " MULTICAST,
	    "subsets[0].notReadyAddresses[2].ip" INVALID "\"224.0.0.1\": " MULTICAST } },
	{ "names, between the two looks at the IP", ADDRESS("'ip':'127.0.0.1','hostname':'A.b',"
	  "'nodeName':'N'"),
	  { FIRST ".hostname" INVALID "\"A.b\": " LABEL,
	    FIRST ".nodeName" INVALID "\"N\": " SUBDOMAIN,
	    FIRST ".ip" INVALID "\"127.0.0.1\": " LOOPBACK } },
	{ "more names", ADDRESS("'ip':'192.0.2.1','hostname':'a.b','nodeName':''"),
	  { FIRST ".hostname" INVALID "\"a.b\": must not contain dots",
	    FIRST ".nodeName" INVALID "\"\": " SUBDOMAIN } },
	{ "ports", ON("{'port':0},{'name':'A','port':65536,'protocol':'tcp','appProtocol':'/x'}"),
	  { PORT ".name: Required value", PORT ".port" INVALID "0: " PORT_WORDS,
	    "subsets[0].ports[1].name" INVALID "\"A\": " LABEL,
	    "subsets[0].ports[1].port" INVALID "65536: " PORT_WORDS,
	    "subsets[0].ports[1].protocol: Unsupported value: \"tcp\": " PROTOCOLS,
	    "subsets[0].ports[1].appProtocol" INVALID "\"/x\": prefix part must be "
	    "non-empty" } },
	{ "a port of nothing", ON("{}"), { PORT ".port" INVALID "0: " PORT_WORDS } },
	{ "a port of many faults", ON("{'name':'" NAME_63 "4_','port':-1,'appProtocol':''}"),
	  { PORT ".name" INVALID "\"" NAME_63 "4_\": must be no more than 63 bytes",
	    PORT ".name" INVALID "\"" NAME_63 "4_\": " LABEL,
	    PORT ".port" INVALID "-1: " PORT_WORDS,
	    PORT ".appProtocol" INVALID "\"\": name part must be non-empty",
	    PORT ".appProtocol" INVALID "\"\": name part " KEY } },
};

static void test_endpoints(void **state)
{
	RUN("endpoints", endpoints);
}

#define SLICE(type, rest) "'addressType':'" type "'," rest
#define OF(type, addresses) SLICE(type, "'endpoints':[{'addresses':[" addresses "]}]")
#define ENDPOINT(rest) SLICE("IPv4", "'endpoints':[{'addresses':['192.0.2.1']," rest "}]")
#define PORTS(list) SLICE("IPv4", "'ports':[" list "]")
#define A(n) "endpoints[0].addresses[" #n "]"
#define TYPES "supported values: \"FQDN\", \"IPv4\", \"IPv6\""
#define EIGHT "{'name':'1'},{'name':'2'},{'name':'3'},{'name':'4'},{'name':'5'},{'name':'6'}," \
	"{'name':'7'},{'name':'8'}"

static const struct row slices[] = {
	{ "nothing in it", "'addressType':'IPv4'", { NULL } },
	{ "empty lists", SLICE("IPv4", "'endpoints':[],'ports':[]"), { NULL } },
	{ "nulls", SLICE("IPv6", "'endpoints':null,'ports':null"), { NULL } },
	{ "a name", ENDPOINT("'hostname':'valid-123','nodeName':'n.example','zone':'z/1'"),
	  { NULL } },
	{ "IPv6", OF("IPv6", "'a00:100::4','2001:db8::1'"), { NULL } },
	{ "domains", OF("FQDN", "'foo.example.com','example.com','example.com.','a-b.c'"),
	  { NULL } },
	{ "all protocols", PORTS("{'name':'t','protocol':'TCP'},{'name':'u','protocol':'UDP'},"
	  "{'name':'s','protocol':'SCTP'}"), { NULL } },
	{ "application protocols", PORTS("{'name':'1','appProtocol':'HTTP'},{'name':'2',"
	  "'appProtocol':'my-protocol'},{'name':'3','appProtocol':'example.com/custom'}"),
	  { NULL } },
	{ "an empty name and another", PORTS("{'name':''},{'name':'http','port':80}"), { NULL } },
	{ "a name of 63", PORTS("{'name':'" NAME_63 "'}"), { NULL } },
	{ "eight hints of each kind", ENDPOINT("'hints':{'forZones':[" EIGHT "],'forNodes':["
	  EIGHT "]}"), { NULL } },
	{ "conditions of nothing", ENDPOINT("'conditions':{'ready':null}"), { NULL } },
	{ "a topology of v1beta1", ENDPOINT("'deprecatedTopology':{'--INVALID':'x'}"), { NULL } },
	{ "no type", "'endpoints':[{}]",
	  { "addressType: Required value",
	    "endpoints[0].addresses: Required value: must contain at least 1 address" } },
	{ "an unknown type, whose addresses are not looked at", OF("IPv5", "'127.0.0.1'"),
	  { "addressType: Unsupported value: \"IPv5\": " TYPES } },
	{ "a type of v1beta1", OF("IP", "'192.0.2.1'"),
	  { "addressType: Unsupported value: \"IP\": " TYPES } },
	{ "ports before endpoints", SLICE("IPv4", "'endpoints':[{'addresses':[]}],'ports':["
	  "{'protocol':'x'}]"),
	  { "ports[0].protocol: Unsupported value: \"x\": " PROTOCOLS,
	    "endpoints[0].addresses: Required value: must contain at least 1 address" } },
	{ "what is no IPv4", OF("IPv4", "'123.456.789.012','2001:4860:4860::8888','10.0.0',"
	  "'192.0.2.01','::ffff:192.0.2.1',''"),
	  { A(0) INVALID "\"123.456.789.012\": " IP_WORDS,
	    "endpoints[0].addresses" INVALID "\"2001:4860:4860::8888\": must be an IPv4 address",
	    A(2) INVALID "\"10.0.0\": " IP_WORDS, A(3) INVALID "\"192.0.2.01\": " ZEROS,
	    A(4) INVALID "\"::ffff:192.0.2.1\": " MAPPED, A(5) INVALID "\"\": " IP_WORDS } },
	{ "what is no IPv6", OF("IPv6", "'123.456.789.012','2001:4860:4860:defg','192.0.2.1',"
	  "'2001:DB8::1','2001:db8:0::1','::ffff:192.0.2.1'"),
	  { A(0) INVALID "\"123.456.789.012\": " IP_WORDS,
	    A(1) INVALID "\"2001:4860:4860:defg\": " IP_WORDS,
	    "endpoints[0].addresses" INVALID "\"192.0.2.1\": must be an IPv6 address",
	    A(3) INVALID "\"2001:DB8::1\": must be in canonical form (\"2001:db8::1\")",
	    A(4) INVALID "\"2001:db8:0::1\": must be in canonical form (\"2001:db8::1\")",
	    A(5) INVALID "\"::ffff:192.0.2.1\": " MAPPED } },
	{ "special IPv4", OF("IPv4", "'127.0.0.1','0.0.0.0','169.254.169.254','224.0.0.1'"),
	  { A(0) INVALID "\"127.0.0.1\": " LOOPBACK,
	    A(1) INVALID "\"0.0.0.0\": may not be unspecified (0.0.0.0)",
	    A(2) INVALID "\"169.254.169.254\": " LINK_LOCAL,
	    A(3) INVALID "\"224.0.0.1\": " MULTICAST } },
	{ "special IPv6", OF("IPv6", "'fe80::9656:d028:8652:66b6','::1','ff02::1','::'"),
	  { A(0) INVALID "\"fe80::9656:d028:8652:66b6\": " LINK_LOCAL,
	    A(1) INVALID "\"::1\": " LOOPBACK, A(2) INVALID "\"ff02::1\": " MULTICAST,
	    A(3) INVALID "\"::\": may not be unspecified (::)" } },
	{ "special, and of the other family", OF("IPv4", "'::1'"),
	  { "endpoints[0].addresses" INVALID "\"::1\": must be an IPv4 address",
	    A(0) INVALID "\"::1\": " LOOPBACK } },
	{ "what is no domain", OF("FQDN", "'foo.*','FOO.example.com','a_b.example.com','local','',"
	  "'local.','" NAME_63 "4.example.com','.'"),
	  { A(0) INVALID "\"foo.*\": " SUBDOMAIN, A(1) INVALID "\"FOO.example.com\": " SUBDOMAIN,
	    A(2) INVALID "\"a_b.example.com\": " SUBDOMAIN,
	    A(3) INVALID "\"local\": should be a domain with at least two segments separated by "
	    "dots", A(4) ": Required value",
	    A(5) INVALID "\"local\": should be a domain with at least two segments separated by "
	    "dots", A(6) INVALID "\"" NAME_63 "4\": must be no more than 63 bytes",
	    A(7) INVALID "\"\": " SUBDOMAIN } },
	{ "names", ENDPOINT("'hostname':'--INVALID','nodeName':'N'"),
	  { "endpoints[0].nodeName" INVALID "\"N\": " SUBDOMAIN,
	    "endpoints[0].hostname" INVALID "\"--INVALID\": " LABEL } },
	{ "empty names", ENDPOINT("'hostname':'','nodeName':''"),
	  { "endpoints[0].nodeName" INVALID "\"\": " SUBDOMAIN,
	    "endpoints[0].hostname" INVALID "\"\": " LABEL } },
	{ "a hint that is no label", ENDPOINT("'hints':{'forZones':[{'name':'inv@lid'}],"
	  "'forNodes':[{'name':'inv@lid'},{}]}"),
	  { "endpoints[0].hints.forZones[0].name" INVALID "\"inv@lid\": " VALUE,
	    "endpoints[0].hints.forNodes[0].name" INVALID "\"inv@lid\": " SUBDOMAIN,
	    "endpoints[0].hints.forNodes[1].name" INVALID "\"\": " SUBDOMAIN } },
	{ "a hint twice", ENDPOINT("'hints':{'forZones':[{'name':'a'},{'name':'b'},{'name':'a'}],"
	  "'forNodes':[{'name':'A'},{'name':'A'}]}"),
	  { "endpoints[0].hints.forZones[2].name: Duplicate value: \"a\"",
	    "endpoints[0].hints.forNodes[0].name" INVALID "\"A\": " SUBDOMAIN,
	    "endpoints[0].hints.forNodes[1].name: Duplicate value: \"A\"",
	    "endpoints[0].hints.forNodes[1].name" INVALID "\"A\": " SUBDOMAIN } },
	{ "nine nodes", ENDPOINT("'hints':{'forNodes':[" EIGHT ",{'name':'9'}]}"),
	  { "endpoints[0].hints.forNodes: Too many: 9: must have at most 8 items" } },
	{ "nine zones, and then nothing of nodes", ENDPOINT("'hints':{'forZones':[" EIGHT
	  ",{'name':'9'}],'forNodes':[{'name':'N'}]}"),
	  { "endpoints[0].hints.forZones: Too many: 9: must have at most 8 items" } },
	{ "names of ports", PORTS("{'name':'aCapital'},{'name':'almost_valid'},{'name':'a.b'},"
	  "{'name':'" NAME_63 "4'}"),
	  { "ports[0].name" INVALID "\"aCapital\": " LABEL,
	    "ports[1].name" INVALID "\"almost_valid\": " LABEL,
	    "ports[2].name" INVALID "\"a.b\": must not contain dots",
	    "ports[3].name" INVALID "\"" NAME_63 "4\": must be no more than 63 bytes" } },
	{ "a name of ports twice", PORTS("{'port':1},{'port':2,'name':''},{'name':'a'},{'name':"
	  "'a'}"),
	  { "ports[1].name: Duplicate value: \"\"", "ports[3].name: Duplicate value: \"a\"" } },
	{ "numbers of ports", PORTS("{'name':'a','port':0},{'name':'b','port':65536}"),
	  { "ports[0].port" INVALID "0: " PORT_WORDS, "ports[1].port" INVALID "65536: "
	    PORT_WORDS } },
	{ "protocols", PORTS("{'name':'a','protocol':'tcp'},{'name':'b','protocol':''}"),
	  { "ports[0].protocol: Unsupported value: \"tcp\": " PROTOCOLS,
	    "ports[1].protocol: Unsupported value: \"\": " PROTOCOLS } },
	{ "bad application protocols", PORTS("{'name':'a','appProtocol':'--'},{'name':'b',"
	  "'appProtocol':'a/b/c'}"),
	  { "ports[0].appProtocol" INVALID "\"--\": name part " KEY,
	    "ports[1].appProtocol" INVALID "\"a/b/c\": a valid label key " KEY " with an optional "
	    "DNS subdomain prefix and '/' (e.g. 'example.com/MyName')" } },
};

static void test_slices(void **state)
{
	RUN("endpointslices", slices);
}

/* What stays as it is is not asked again; the type of the addresses never changes. */
static void test_other_type(void **state)
{
	struct registry_help *h = *state;
	const char *immutable[REGISTRY_HELP_CAUSES] = {
		"addressType" INVALID "\"IPv6\": field is immutable",
	};
	const char *none[REGISTRY_HELP_CAUSES] = {
		"addressType: Required value", "addressType" INVALID "\"\": field is immutable",
	};
	const char *both[REGISTRY_HELP_CAUSES] = {
		"endpoints[0].addresses" INVALID "\"192.0.2.2\": must be an IPv6 address",
		"addressType" INVALID "\"IPv6\": field is immutable",
	};

	assert_int_equal(registry_help_create(h, "endpointslices", "{'metadata':{'name':'x'},"
					      OF("IPv4", "'192.0.2.1'") "}"), 201);
	registry_help_patch(h, "endpointslices", "x", NULL, "{'addressType':'IPv6'}");
	registry_help_causes(h, "another type", immutable);
	registry_help_patch(h, "endpointslices", "x", NULL, "{'addressType':null}");
	registry_help_causes(h, "no type", none);
	registry_help_patch(h, "endpointslices", "x", NULL, "{" OF("IPv6", "'192.0.2.2'") "}");
	registry_help_causes(h, "another type and another address", both);
}

static json_t *with_ports(int n)
{
	json_t *ep = registry_help_json("{'kind':'Endpoints','apiVersion':'v1','metadata':{'name':"
					"'x','namespace':'default','creationTimestamp':"
					"'2026-01-01T00:00:00Z'}," ON("") "}");
	json_t *ports = json_object_get(json_array_get(json_object_get(ep, "subsets"), 0), "ports");

	for (int i = 1; i <= n; i++)
		json_array_append_new(ports, registry_help_json("{'name':'p%d','port':%d,"
								"'protocol':'TCP'}", i, i));
	return ep;
}

static int write_ports(struct registry_help *h, bool update, int n)
{
	const struct resource *res = registry_help_type("endpoints");
	json_t *ep = with_ports(n);

	/* It is the server's. */
	json_object_del(json_object_get(ep, "metadata"), "creationTimestamp");
	json_decref(h->reply.body);
	if (update)
		registry_update(h->r, res, "default", "x", NULL, ep, 0, &h->reply);
	else
		registry_create(h->r, res, "default", ep, 0, &h->reply);
	json_decref(ep);
	return h->reply.code;
}

/* As many as a slice may have; more only where there were more before. */
static void test_many_ports(void **state)
{
	static const char *const many[REGISTRY_HELP_CAUSES] = {
		"subsets[0].ports: Too many: 20001: must have at most 20000 items",
	};
	struct registry_help *h = *state;
	struct txn t;

	write_ports(h, false, 20001);
	registry_help_causes(h, "a new one", many);
	assert_int_equal(write_ports(h, false, 20000), 201);
	write_ports(h, true, 20001);
	registry_help_causes(h, "a changed one", many);
	assert_int_equal(registry_help_delete(h, "endpoints", "x"), 200);

	txn_begin(&t, h->r);
	txn_put(&t, registry_help_type("endpoints"), with_ports(20002), NULL);
	assert_int_equal(txn_commit(&t, NULL), 0);
	assert_int_equal(registry_help_patch(h, "endpoints", "x", NULL,
					     "{'metadata':{'labels':{'a':'b'}}}"), 200);
	assert_int_equal(write_ports(h, true, 20003), 422);
	assert_int_equal(write_ports(h, true, 20001), 200);
	assert_int_equal(registry_help_delete(h, "endpoints", "x"), 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, registry_help_setup, registry_help_teardown)
		T(test_endpoints), T(test_slices), T(test_other_type), T(test_many_ports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
