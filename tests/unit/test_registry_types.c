// SPDX-License-Identifier: GPL-2.0
/* EndpointSlices and Nodes: defaults, shapes, sizes, and which Nodes are refused. */
#include "registry_help.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* An object that is refused with 422, and the whole list of what is wrong with it. */
struct refused {
	const char *object, *message;
};

static void refuse(struct registry_help *h, const char *plural, const struct refused *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *words;

		if (registry_help_create(h, plural, v[i].object) != 422)
			fail_msg("%s: %d %s", v[i].object, h->reply.code, registry_help_message(h));
		words = strstr(registry_help_message(h), " is invalid: ");
		assert_non_null(words);
		assert_string_equal(words + strlen(" is invalid: "), v[i].message);
	}
}

#define SLICE(type, rest) "{'metadata':{'name':'x'},'addressType':'" type "'," rest "}"
#define ONE(type, address) SLICE(type, "'endpoints':[{'addresses':['" address "']}]")
static json_t *repeat(const char *item, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, registry_help_json("%s", item));
	return list;
}

static int create_with(struct registry_help *h, const char *key, json_t *list)
{
	json_t *slice = registry_help_json(SLICE("IPv4", "'kind':'EndpointSlice'"));
	struct reply reply;

	json_object_set_new(slice, key, list);
	registry_create(h->r, registry_help_type("endpointslices"), "default", slice,
			REGISTRY_DRY_RUN, &reply);
	json_decref(slice);
	json_decref(h->reply.body);
	h->reply = reply;
	return reply.code;
}

static void test_sizes(void **state)
{
	static const char endpoint[] = "{'addresses':['10.0.0.1']}";
	struct registry_help *h = *state;
	json_t *many;

	assert_int_equal(create_with(h, "endpoints", repeat(endpoint, 1000)), 201);
	assert_int_equal(create_with(h, "endpoints", repeat(endpoint, 1001)), 422);
	assert_string_equal(registry_help_message(h), "EndpointSlice.discovery.k8s.io \"x\" is "
			    "invalid: endpoints: Too many: 1001: must have at most 1000 items");
	assert_int_equal(create_with(h, "ports", repeat("{}", 20001)), 422);
	many = json_array();
	json_array_append_new(many, json_pack("{s:o}", "addresses", json_array()));
	for (size_t i = 0; i < 101; i++)
		json_array_append_new(json_object_get(json_array_get(many, 0), "addresses"),
				      json_string("10.0.0.1"));
	assert_int_equal(create_with(h, "endpoints", many), 422);
	assert_non_null(strstr(registry_help_message(h), "endpoints[0].addresses: Too many: 101"));
}

/* Everything but the metadata, as it is sent. */
static void expect_body(struct registry_help *h, const char *want)
{
	json_t *o = json_copy(h->reply.body), *w = registry_help_json("%s", want);
	char *got, *expected = json_dumps(w, JSON_COMPACT);

	json_object_del(o, "kind");
	json_object_del(o, "apiVersion");
	json_object_del(o, "metadata");
	got = json_dumps(o, JSON_COMPACT);
	assert_string_equal(got, expected);
	free(got);
	free(expected);
	json_decref(o);
	json_decref(w);
}

/* The shapes that were recorded: manual-1, and the slices of Services without pods. */
static void test_slice_shape(void **state)
{
	struct registry_help *h = *state;

	assert_int_equal(registry_help_create(h, "endpointslices",
		"{'apiVersion':'discovery.k8s.io/v1','kind':'EndpointSlice','metadata':{'name':"
		"'manual-1'},'ports':[{'name':'db','port':5432,'protocol':'TCP'},{'port':80}],"
		"'addressType':'IPv4','endpoints':[{'addresses':['192.0.2.20']},{'conditions':"
		"{'ready':false},'addresses':['192.0.2.21'],'zone':'a','nodeName':'n',"
		"'hints':{'forNodes':[{'name':'n'}],'forZones':[{'name':'a'}]}}]}"), 201);
	expect_body(h, "{'addressType':'IPv4','endpoints':[{'addresses':['192.0.2.20'],"
		    "'conditions':{}},{'addresses':['192.0.2.21'],'conditions':{'ready':false},"
		    "'nodeName':'n','zone':'a','hints':{'forZones':[{'name':'a'}],'forNodes':"
		    "[{'name':'n'}]}}],'ports':[{'name':'db','protocol':'TCP','port':5432},"
		    "{'name':'','protocol':'TCP','port':80}]}");
	assert_string_equal(registry_help_value(h, "metadata.generation"), "1");

	assert_int_equal(registry_help_create(h, "endpointslices",
		"{'metadata':{'generateName':'none-'},'addressType':'IPv6','ports':[]}"), 201);
	expect_body(h, "{'addressType':'IPv6','endpoints':null,'ports':null}");
	assert_int_equal(strlen(registry_help_value(h, "metadata.name")), strlen("none-xxxxx"));
}

/* The generation counts; annotations are not what it counts. */
static void test_slice_update(void **state)
{
	struct registry_help *h = *state;

	assert_int_equal(registry_help_create(h, "endpointslices", ONE("IPv4", "10.0.0.1")), 201);
	assert_int_equal(registry_help_patch(h, "endpointslices", "x", NULL,
					     "{'addressType':'IPv6'}"), 422);
	assert_non_null(strstr(registry_help_message(h), "addressType: Invalid value: \"IPv6\": "
			       "field is immutable"));
	assert_int_equal(registry_help_patch(h, "endpointslices", "x", NULL,
					     "{'metadata':{'annotations':{'a':'b'}}}"), 200);
	assert_string_equal(registry_help_value(h, "metadata.generation"), "1");
	assert_int_equal(registry_help_patch(h, "endpointslices", "x", NULL,
					     "{'metadata':{'labels':{'a':'b'}}}"), 200);
	assert_string_equal(registry_help_value(h, "metadata.generation"), "2");
	assert_int_equal(registry_help_patch(h, "endpointslices", "x", NULL, "{'endpoints':null}"),
			 200);
	expect_body(h, "{'addressType':'IPv4','endpoints':null,'ports':null}");
	assert_string_equal(registry_help_value(h, "metadata.generation"), "3");
	assert_int_equal(registry_help_patch(h, "endpointslices", "x", NULL, "{'endpoints':[]}"),
			 200);
	assert_string_equal(registry_help_value(h, "metadata.generation"), "3");
	assert_int_equal(registry_help_delete(h, "endpointslices", "x"), 200);
	assert_string_equal(registry_help_value(h, "kind"), "Status");
}

#define NODE(spec) "{'metadata':{'name':'x'},'spec':" spec "}"

static const struct refused bad_nodes[] = {
	{ "{'metadata':{'name':'N1'}}",
	  "metadata.name: Invalid value: \"N1\": a lowercase RFC 1123 subdomain must consist of "
	  "lower case alphanumeric characters, '-' or '.', and must start and end with an "
	  "alphanumeric character (e.g. 'example.com', regex used for validation is "
	  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')" },
	{ NODE("{'podCIDR':'10.0.0.0'}"),
	  "spec.podCIDRs[0]: Invalid value: \"10.0.0.0\": must be a valid CIDR value, (e.g. "
	  "10.9.8.0/24 or 2001:db8::/64)" },
	{ NODE("{'podCIDRs':['10.0.0.1/24','x','fd00::/64']}"),
	  "[spec.podCIDRs[0]: Invalid value: \"10.0.0.1/24\": must not have bits set beyond the "
	  "prefix length, spec.podCIDRs[1]: Invalid value: \"x\": must be a valid CIDR value, "
	  "(e.g. 10.9.8.0/24 or 2001:db8::/64)]" },
	{ NODE("{'taints':[{'key':'a','effect':'NoSchedule'},{'effect':'No'},{'key':'b','value':"
	       "'c d'},{'key':'a','value':'x','effect':'NoSchedule'}]}"),
	  "[metadata.taints[1].key: Invalid value: \"\": name part must be non-empty, "
	  "metadata.taints[1].effect: Unsupported value: \"No\": supported values: "
	  "\"NoSchedule\", \"PreferNoSchedule\", \"NoExecute\", "
	  "metadata.taints[2].value: Invalid value: \"c d\": a valid label must be an empty "
	  "string or consist of alphanumeric characters, '-', '_' or '.', and must start and end "
	  "with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used "
	  "for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?'), "
	  "metadata.taints[2].effect: Required value, "
	  "metadata.taints[3]: Duplicate value: {\"key\":\"a\",\"value\":\"x\",\"effect\":"
	  "\"NoSchedule\"}]" },
	{ NODE("{'podCIDRs':['10.0.0.0/24','10.0.1.0/24']}"),
	  "spec.podCIDRs: Invalid value: [\"10.0.0.0/24\",\"10.0.1.0/24\"]: may specify no more "
	  "than one CIDR for each IP family" },
	{ "{'metadata':{'name':'x'},'status':{'addresses':[{'type':'InternalIP','address':'1.2.3.4'"
	  "},{'type':'InternalIP','address':'1.2.3.4'}]}}",
	  "status.addresses[1]: Duplicate value: {\"type\":\"InternalIP\",\"address\":"
	  "\"1.2.3.4\"}" },
};

static void test_refused_nodes(void **state)
{
	refuse(*state, "nodes", bad_nodes, sizeof(bad_nodes) / sizeof(bad_nodes[0]));
}

/* What kubelets say, and what they do not. */
static void test_node_fields(void **state)
{
	static const char *const unknown[][2] = {
		{ NODE("{'podCidr':'10.0.0.0/24'}"), "unknown field \"spec.podCidr\"" },
		{ NODE("{'taints':[{'Key':'a'}]}"), "unknown field \"spec.taints[0].Key\"" },
		{ "{'metadata':{'name':'x'},'status':{'nodeInfo':{'os':'x'}}}",
		  "unknown field \"status.nodeInfo.os\"" },
		{ "{'metadata':{'name':'x'},'status':{'capacity':{'cpu':'two'}}}",
		  "quantities must match the regular expression" },
		{ NODE("{'unschedulable':'yes'}"), "NodeSpec.spec.unschedulable of type bool" },
	};
	struct registry_help *h = *state;

	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		assert_int_equal(registry_help_create(h, "nodes", unknown[i][0]), 400);
		if (!strstr(registry_help_message(h), unknown[i][1]))
			fail_msg("%s: %s", unknown[i][0], registry_help_message(h));
	}
	assert_int_equal(registry_help_create(h, "nodes",
		"{'metadata':{'name':'x'},'spec':{'podCIDR':'10.0.0.0/24','podCIDRs':["
		"'10.0.0.0/24'],'providerID':'a://b','unschedulable':true,'taints':[{'key':"
		"'node.kubernetes.io/unschedulable','effect':'NoSchedule','timeAdded':"
		"'2026-01-01T00:00:00Z'}]},'status':{'capacity':{'cpu':4,'memory':'4026008Ki',"
		"'pods':'110'},'allocatable':{'cpu':'3500m'},'conditions':["
		"{'type':'Ready','status':"
		"'True','lastHeartbeatTime':'2026-01-01T00:00:00Z','lastTransitionTime':"
		"'2026-01-01T00:00:00Z','reason':'KubeletReady','message':'m'}],'addresses':[{"
		"'type':'InternalIP','address':'10.1.0.1'}],'daemonEndpoints':{'kubeletEndpoint':{"
		"'Port':10250}},'nodeInfo':{'machineID':'m','kubeletVersion':'v1.36.0','swap':"
		"{'capacity':0}},'images':[{'names':['a'],'sizeBytes':5}],'volumesInUse':['v'],"
		"'volumesAttached':[{'name':'v','devicePath':''}],'runtimeHandlers':[{'name':'',"
		"'features':{'userNamespaces':true}}],'features':{'supplementalGroupsPolicy':true"
		"},'declaredFeatures':['A']}}"), 201);
	assert_string_equal(registry_help_value(h, "status.capacity.cpu"), "4");
	assert_string_equal(registry_help_value(h, "status.daemonEndpoints.kubeletEndpoint.Port"),
			    "10250");
	assert_string_equal(registry_help_value(h, "status.images.0.sizeBytes"), "5");
}

static void test_node_shape(void **state)
{
	struct registry_help *h = *state;

	assert_int_equal(registry_help_create(h, "nodes",
		"{'metadata':{'name':'n1'},'spec':{'podCIDRs':['10.244.0.0/24','fd00::/64']},"
		"'status':{'capacity':{'cpu':'2'},'addresses':[{'type':'Hostname',"
		"'address':'n1'}]}}"), 201);
	expect_body(h, "{'spec':{'podCIDR':'10.244.0.0/24','podCIDRs':['10.244.0.0/24',"
		    "'fd00::/64']},'status':{'capacity':{'cpu':'2'},'allocatable':{'cpu':'2'},"
		    "'addresses':[{'type':'Hostname','address':'n1'}],'daemonEndpoints':"
		    "{'kubeletEndpoint':{'Port':0}},'nodeInfo':{'machineID':'','systemUUID':'',"
		    "'bootID':'','kernelVersion':'','osImage':'','containerRuntimeVersion':'',"
		    "'kubeletVersion':'','kubeProxyVersion':'','operatingSystem':'',"
		    "'architecture':''}}}");
	assert_string_equal(registry_help_value(h, "metadata.namespace"), "");
}

/* The status is written alone; the spec of a node that has its networks keeps them. */
static void test_node_update(void **state)
{
	struct registry_help *h = *state;

	assert_int_equal(registry_help_create(h, "nodes", "{'metadata':{'name':'n1'}}"), 201);
	assert_int_equal(registry_help_patch(h, "nodes", "n1", NULL,
		"{'spec':{'podCIDR':'10.244.0.0/24'},'status':{'phase':'Running'}}"), 200);
	assert_string_equal(registry_help_value(h, "spec.podCIDRs.0"), "10.244.0.0/24");
	assert_string_equal(registry_help_value(h, "status.phase"), "");
	assert_int_equal(registry_help_patch(h, "nodes", "n1", "status",
		"{'spec':{'podCIDR':null},'status':{'addresses':[{'type':'InternalIP',"
		"'address':'10.0.0.1'}]}}"), 200);
	assert_string_equal(registry_help_value(h, "spec.podCIDR"), "10.244.0.0/24");
	assert_string_equal(registry_help_value(h, "status.addresses.0.address"), "10.0.0.1");
	assert_int_equal(registry_help_patch(h, "nodes", "n1", NULL,
		"{'spec':{'podCIDR':'10.244.1.0/24'}}"), 422);
	assert_non_null(strstr(registry_help_message(h), "spec.podCIDRs: Forbidden: node updates "
			       "may not change podCIDR except from \"\" to valid"));
	assert_int_equal(registry_help_patch(h, "nodes", "n1", NULL,
					     "{'spec':{'providerID':'a://b'}}"), 200);
	assert_int_equal(registry_help_patch(h, "nodes", "n1", NULL,
					     "{'spec':{'providerID':null}}"), 422);
	assert_int_equal(registry_help_delete(h, "nodes", "n1"), 200);
	assert_int_equal(registry_help_get(h, "nodes", "n1"), 404);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_sizes, registry_help_setup,
						registry_help_teardown),
		cmocka_unit_test_setup_teardown(test_slice_shape, registry_help_setup,
						registry_help_teardown),
		cmocka_unit_test_setup_teardown(test_slice_update, registry_help_setup,
						registry_help_teardown),
		cmocka_unit_test_setup_teardown(test_refused_nodes, registry_help_setup,
						registry_help_teardown),
		cmocka_unit_test_setup_teardown(test_node_fields, registry_help_setup,
						registry_help_teardown),
		cmocka_unit_test_setup_teardown(test_node_shape, registry_help_setup,
						registry_help_teardown),
		cmocka_unit_test_setup_teardown(test_node_update, registry_help_setup,
						registry_help_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
