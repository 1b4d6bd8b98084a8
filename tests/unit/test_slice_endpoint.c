// SPDX-License-Identifier: GPL-2.0
/*
 * What of a pod becomes an endpoint, its ports, and the labels of its slice.
 * The cases of TestPodToEndpoint, TestGetEndpointPorts, TestFindPort and
 * TestNewEndpointSlice in Kubernetes' k8s.io/endpointslice are among these.
 */
#include "registry_help.h"

#include "jx.h"
#include "slice.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* --- ports */

#define OF(proto, name, target) \
	"{'name':'" name "','port':80,'protocol':'" proto "','targetPort':" target "}"
#define TCP(name, target)	OF("TCP", name, target)
#define UDP(name, target)	OF("UDP", name, target)
#define CONTAINER(ports)	"'containers':[{'ports':[" ports "]}]"
#define SIDECAR(policy, ports)	"'initContainers':[{'ports':[" ports "]" policy "}]"
#define ALWAYS			",'restartPolicy':'Always'"
#define PORT(name, n)		"{'name':'" name "','containerPort':" #n ",'protocol':'TCP'}"

static const struct { const char *name, *ports, *pod, *want; } ports[] = {
	{ "none", "", CONTAINER(PORT("http", 8080)), "null" },
	{ "a number, whatever the pod says", TCP("a", "8080"), CONTAINER(""), "a:8080/TCP" },
	{ "a port without a name", TCP("", "8080"), CONTAINER(""), ":8080/TCP" },
	{ "with its application's protocol",
	  "{'name':'a','port':80,'protocol':'TCP','targetPort':8080,'appProtocol':'x.io/y'}",
	  CONTAINER(""), "a:8080/TCP=x.io/y" },
	{ "a name, with its application's protocol",
	  "{'name':'a','port':80,'protocol':'TCP','targetPort':'http','appProtocol':'x.io/y'}",
	  CONTAINER(PORT("http", 8080)), "a:8080/TCP=x.io/y" },
	{ "a name that the pod does not have", TCP("a", "'https'"),
	  CONTAINER(PORT("http", 8080)), "null" },
	{ "a pod that says nothing", TCP("a", "'http'"), "'x':1", "null" },
	{ "names are compared whole", TCP("a", "'http'"), CONTAINER(PORT("http2", 1)), "null" },
	{ "a name of another protocol", UDP("a", "'http'"), CONTAINER(PORT("http", 8080)), "null" },
	{ "the name of its own protocol", UDP("a", "'http'"),
	  CONTAINER(PORT("http", 1) ",{'name':'http','containerPort':2,'protocol':'UDP'}"),
	  "a:2/UDP" },
	{ "in any container", TCP("a", "'http'"),
	  "'containers':[{'name':'x'},{'ports':[" PORT("p", 1) "," PORT("http", 2) "]}]",
	  "a:2/TCP" },
	{ "the first one of that name", TCP("a", "'http'"),
	  "'containers':[{'ports':[" PORT("http", 1) "]},{'ports':[" PORT("http", 2) "]}]",
	  "a:1/TCP" },
	{ "in a sidecar", TCP("a", "'http'"), CONTAINER("") "," SIDECAR(ALWAYS, PORT("http", 3)),
	  "a:3/TCP" },
	{ "not in what runs before the others", TCP("a", "'http'"),
	  CONTAINER("") "," SIDECAR("", PORT("http", 3)), "null" },
	{ "nor in what runs until it succeeds", TCP("a", "'http'"),
	  CONTAINER("") "," SIDECAR(",'restartPolicy':'OnFailure'", PORT("http", 3)), "null" },
	{ "in a container rather than in a sidecar", TCP("a", "'http'"),
	  SIDECAR(ALWAYS, PORT("http", 3)) "," CONTAINER(PORT("http", 4)), "a:4/TCP" },
	{ "those that there are, by their names",
	  TCP("c", "3") "," TCP("b", "'absent'") "," UDP("a", "1"), CONTAINER(""),
	  "a:1/UDP c:3/TCP" },
};

static char *print_ports(const json_t *list)
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	fputs(json_is_null(list) ? "null" : "", f);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *p = json_array_get(list, i);
		const char *app = jx_str(p, "appProtocol");

		assert_true(json_is_string(json_object_get(p, "name")));
		fprintf(f, "%s%s:%d/%s%s%s", i ? " " : "", jx_str(p, "name"),
			(int)jx_int(p, "port"), jx_str(p, "protocol"), *app ? "=" : "", app);
	}
	fclose(f);
	return text;
}

static void test_ports(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
		json_t *svc = registry_help_json("{'spec':{'ports':[%s]}}", ports[i].ports);
		json_t *pod = registry_help_json("{'spec':{%s}}", ports[i].pod);
		json_t *got = slice_ports(svc, pod);
		char *text = print_ports(got);

		if (strcmp(text, ports[i].want))
			fail_msg("%s: '%s', not '%s'", ports[i].name, text, ports[i].want);
		free(text);
		json_decref(got);
		json_decref(pod);
		json_decref(svc);
	}
}

/* --- endpoints: address, node, zone, hostname */

static const struct {
	const char *name, *spec, *ips;
	int family;
	const char *zone, *want;		/* "" no endpoint */
} endpoints[] = {
	{ "as a pod is", "'nodeName':'n1'", "'podIP':'10.0.0.1'", AF_INET, "z", "10.0.0.1 n1 z -" },
	{ "without a node", "'x':1", "'podIP':'10.0.0.1'", AF_INET, "", "10.0.0.1 - - -" },
	{ "on a node of no zone", "'nodeName':'n1'", "'podIP':'10.0.0.1'", AF_INET, "",
	  "10.0.0.1 n1 - -" },
	{ "in the node's own network", "'nodeName':'n1','hostNetwork':true",
	  "'podIP':'192.0.2.1','hostIP':'192.0.2.1'", AF_INET, "", "192.0.2.1 n1 - -" },
	{ "without an address", "'nodeName':'n1'", "'hostIP':'192.0.2.1'", AF_INET, "", "" },
	{ "of both families, IPv4", "'x':1",
	  "'podIP':'10.0.0.1','podIPs':[{'ip':'10.0.0.1'},{'ip':'fd00::1'}]", AF_INET, "",
	  "10.0.0.1 - - -" },
	{ "of both families, IPv6", "'x':1",
	  "'podIP':'10.0.0.1','podIPs':[{'ip':'10.0.0.1'},{'ip':'fd00::1'}]", AF_INET6, "",
	  "fd00::1 - - -" },
	{ "of both families, IPv6 first", "'x':1",
	  "'podIP':'fd00::1','podIPs':[{'ip':'fd00::1'},{'ip':'10.0.0.1'}]", AF_INET, "",
	  "10.0.0.1 - - -" },
	{ "of the other family", "'x':1", "'podIP':'10.0.0.1'", AF_INET6, "", "" },
	{ "the one way to write it", "'x':1", "'podIPs':[{'ip':'1234::5678:0000:0000:9ABC:def0'}]",
	  AF_INET6, "", "1234::5678:0:0:9abc:def0 - - -" },
	{ "with a name", "'hostname':'h','subdomain':'web'", "'podIP':'10.0.0.1'", AF_INET, "",
	  "10.0.0.1 - - h" },
	{ "with a name in another Service", "'hostname':'h','subdomain':'web2'",
	  "'podIP':'10.0.0.1'", AF_INET, "", "10.0.0.1 - - -" },
	{ "with a name in none", "'hostname':'h'", "'podIP':'10.0.0.1'", AF_INET, "",
	  "10.0.0.1 - - -" },
	{ "of a Service, without a name", "'subdomain':'web'", "'podIP':'10.0.0.1'", AF_INET, "",
	  "10.0.0.1 - - -" },
};

static const char *or_none(const char *s)
{
	return *s ? s : "-";
}

static void test_endpoints(void **state)
{
	json_t *svc = registry_help_json("{'metadata':{'name':'web','namespace':'ns'},'spec':{}}");

	(void)state;
	for (size_t i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++) {
		json_t *pod = registry_help_json("{'metadata':{'name':'p','namespace':'ns','uid':"
						 "'u'},'spec':{%s},'status':{%s}}",
						 endpoints[i].spec, endpoints[i].ips);
		json_t *e = slice_endpoint(svc, pod, endpoints[i].family, endpoints[i].zone);
		char got[256] = "";

		if (e) {
			assert_int_equal(json_array_size(json_object_get(e, "addresses")), 1);
			assert_string_equal(jx_str(e, "targetRef.kind"), "Pod");
			assert_string_equal(jx_str(e, "targetRef.namespace"), "ns");
			assert_string_equal(jx_str(e, "targetRef.name"), "p");
			assert_string_equal(jx_str(e, "targetRef.uid"), "u");
			snprintf(got, sizeof(got), "%s %s %s %s", json_string_value(
				 json_array_get(json_object_get(e, "addresses"), 0)),
				 or_none(jx_str(e, "nodeName")), or_none(jx_str(e, "zone")),
				 or_none(jx_str(e, "hostname")));
		}
		if (strcmp(got, endpoints[i].want))
			fail_msg("%s: '%s', not '%s'", endpoints[i].name, got, endpoints[i].want);
		json_decref(e);
		json_decref(pod);
	}
	json_decref(svc);
}

/* --- labels */

#define MADE	"'endpointslice.kubernetes.io/managed-by':'" SLICE_CONTROLLER "'," \
		"'kubernetes.io/service-name':'web'"
#define MIRRORED "'endpointslice.kubernetes.io/managed-by':'" SLICE_MIRROR "'," \
		"'kubernetes.io/service-name':'web'"
#define HEADLESS "'service.kubernetes.io/headless':"

static const struct { const char *name, *maker, *labels, *ip, *want; } labels[] = {
	{ "none", SLICE_CONTROLLER, "", "10.96.0.1", MADE },
	{ "the owner's", SLICE_CONTROLLER, "'a':'b','c':'d'", "10.96.0.1",
	  "'a':'b','c':'d'," MADE },
	{ "headless", SLICE_CONTROLLER, "'a':'b'", "None", "'a':'b'," HEADLESS "''," MADE },
	{ "headless by its own word", SLICE_CONTROLLER, HEADLESS "'x'", "10.96.0.1", MADE },
	{ "headless, and by its own word", SLICE_CONTROLLER, HEADLESS "'x'", "None",
	  HEADLESS "''," MADE },
	{ "what says who made them is not the owner's", SLICE_CONTROLLER,
	  "'a':'b','kubernetes.io/service-name':'bad',"
	  "'endpointslice.kubernetes.io/managed-by':'me'", "10.96.0.1", "'a':'b'," MADE },
	{ "Endpoints by hand that are headless by their own word", SLICE_MIRROR, HEADLESS "''", "",
	  HEADLESS "''," MIRRORED },
	{ "of a mirror likewise not theirs", SLICE_MIRROR,
	  "'a':'b','kubernetes.io/service-name':'bad'", "", "'a':'b'," MIRRORED },
};

static void test_labels(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		json_t *o = registry_help_json("{'metadata':{'name':'web','labels':{%s},"
					       "'annotations':{'k':'v'}},'spec':{'clusterIP':"
					       "'%s'}}", labels[i].labels, labels[i].ip);
		json_t *want = registry_help_json("{%s}", labels[i].want);
		json_t *got = slice_labels(o, labels[i].maker);

		if (!json_equal(got, want))
			fail_msg("%s: %s", labels[i].name, json_dumps(got, 0));
		json_decref(got);
		json_decref(want);
		json_decref(o);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ports),
		cmocka_unit_test(test_endpoints),
		cmocka_unit_test(test_labels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
