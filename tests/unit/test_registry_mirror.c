// SPDX-License-Identifier: GPL-2.0
/* Endpoints made by hand, mirrored into EndpointSlices. */
#include "registry_help.h"

#include "slice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void make(struct registry_help *h, const char *plural, const char *body)
{
	if (registry_help_create(h, plural, body) != 201)
		fail_msg("%s: %s", body, registry_help_message(h));
}

static void patch(struct registry_help *h, const char *plural, const char *name, const char *body)
{
	if (registry_help_patch(h, plural, name, NULL, body) != 200)
		fail_msg("%s: %s", body, registry_help_message(h));
}

static json_t *mirrors(struct registry_help *h)
{
	struct registry_query q = {
		"endpointslice.kubernetes.io/managed-by=" SLICE_MIRROR, NULL,
	};
	struct reply list;
	json_t *items;

	registry_list(h->r, registry_help_type("endpointslices"), "default", &q, &list);
	items = json_incref(json_object_get(list.body, "items"));
	json_decref(list.body);
	return items;
}

/* "IPv4 a:1/TCP 192.0.2.1 192.0.2.2!;" in the order of the families and the ports. */
static int print(const json_t *slice, char *out)
{
	const json_t *list = json_object_get(slice, "ports"), *o;
	char *end = out;
	size_t i;

	end += sprintf(end, "%s ", json_string_value(json_object_get(slice, "addressType")));
	json_array_foreach((json_t *)list, i, o)
		end += sprintf(end, "%s%s:%lld/%s", i ? "," : "",
			       json_string_value(json_object_get(o, "name")),
			       (long long)json_integer_value(json_object_get(o, "port")),
			       json_string_value(json_object_get(o, "protocol")));
	list = json_object_get(slice, "endpoints");
	json_array_foreach((json_t *)list, i, o) {
		const json_t *ready = json_object_get(json_object_get(o, "conditions"), "ready");

		assert_true(json_is_boolean(ready));
		end += sprintf(end, " %s%s", json_string_value(
			       json_array_get(json_object_get(o, "addresses"), 0)),
			       json_is_true(ready) ? "" : "!");
	}
	return end - out + sprintf(end, ";");
}

static int cmp(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void expect(struct registry_help *h, const char *want)
{
	json_t *list = mirrors(h), *slice;
	char v[8][512], out[2048] = "";
	size_t i, n = json_array_size(list);

	assert_true(n <= 8);
	json_array_foreach(list, i, slice)
		print(slice, v[i]);
	qsort(v, n, sizeof(v[0]), cmp);
	for (i = 0; i < n; i++)
		strcat(out, v[i]);
	json_decref(list);
	assert_string_equal(out, want);
}

#define ENDPOINTS(meta, subsets) "{'metadata':{'name':'db'" meta "},'subsets':" subsets "}"
#define TWO \
	"[{'addresses':[{'ip':'192.0.2.1','nodeName':'n1','hostname':'h'},{'ip':'2001:db8::1'}]," \
	"'notReadyAddresses':[{'ip':'192.0.2.2'}],'ports':[{'name':'a','port':1}]}," \
	"{'addresses':[{'ip':'192.0.2.1'}],'ports':[{'name':'b','port':2,'protocol':'UDP'}]}]"
#define MIRRORED \
	"IPv4 a:1/TCP 192.0.2.1 192.0.2.2!;IPv4 b:2/UDP 192.0.2.1;IPv6 a:1/TCP 2001:db8::1;"

static void test_mirrored(void **state)
{
	struct registry_help *h = *state;

	make(h, "endpoints", ENDPOINTS("", TWO));
	expect(h, "");
	make(h, "services", "{'metadata':{'name':'db'},'spec':{'ports':[{'name':'a','port':1},"
	     "{'name':'b','port':2,'protocol':'UDP'}]}}");
	expect(h, MIRRORED);
	registry_help_reopen(h);
	expect(h, MIRRORED);
	patch(h, "endpoints", "db", "{'subsets':[{'addresses':[{'ip':'192.0.2.9'}]}]}");
	expect(h, "IPv4  192.0.2.9;");
	assert_int_equal(registry_help_delete(h, "endpoints", "db"), 200);
	expect(h, "");
	make(h, "endpoints", ENDPOINTS("", TWO));
	expect(h, MIRRORED);
	assert_int_equal(registry_help_delete(h, "services", "db"), 200);
	expect(h, "");
}

static void test_shape(void **state)
{
	struct registry_help *h = *state;
	json_t *list, *slice, *want;
	char uid[64];

	make(h, "services", "{'metadata':{'name':'db'},'spec':{'ports':[{'port':1}]}}");
	make(h, "endpoints", ENDPOINTS(",'labels':{'x':'y'},'annotations':{'k':'v',"
	     "'kubectl.kubernetes.io/last-applied-configuration':'{}'}",
	     "[{'addresses':[{'ip':'192.0.2.1','nodeName':'n1','hostname':'h','targetRef':{"
	     "'kind':'Pod','name':'p'}}],'ports':[{'port':1,'appProtocol':'http'}]}]"));
	snprintf(uid, sizeof(uid), "%s", registry_help_value(h, "metadata.uid"));
	list = mirrors(h);
	assert_int_equal(json_array_size(list), 1);
	slice = json_incref(json_array_get(list, 0));
	json_decref(list);
	want = registry_help_json("{'generateName':'db-','namespace':'default','generation':1,"
				  "'labels':{'x':'y','endpointslice.kubernetes.io/managed-by':'"
				  SLICE_MIRROR "','kubernetes.io/service-name':'db'},"
				  "'annotations':{'k':'v'},'ownerReferences':[{'apiVersion':'v1',"
				  "'kind':'Endpoints','name':'db','uid':'%s','controller':true,"
				  "'blockOwnerDeletion':true}]}", uid);
	for (const char *const *k = (const char *const[]){ "name", "uid", "resourceVersion",
							   "creationTimestamp", NULL }; *k; k++)
		json_object_del(json_object_get(slice, "metadata"), *k);
	assert_true(json_equal(json_object_get(slice, "metadata"), want));
	json_decref(want);
	want = registry_help_json("[{'addresses':['192.0.2.1'],'conditions':{'ready':true},"
				  "'hostname':'h','targetRef':{'kind':'Pod','name':'p'},"
				  "'nodeName':'n1'}]");
	assert_true(json_equal(json_object_get(slice, "endpoints"), want));
	json_decref(want);
	want = registry_help_json("[{'name':'','protocol':'TCP','port':1,'appProtocol':'http'}]");
	assert_true(json_equal(json_object_get(slice, "ports"), want));
	json_decref(want);
	json_decref(slice);
}

/* With the label, as somebody's lock, or with a selector, nothing is mirrored. */
static void test_not_mirrored(void **state)
{
	struct registry_help *h = *state;

	make(h, "services", "{'metadata':{'name':'db'},'spec':{'ports':[{'port':1}]}}");
	make(h, "endpoints", ENDPOINTS(",'labels':{'endpointslice.kubernetes.io/skip-mirror':"
				       "'true'}", TWO));
	expect(h, "");
	patch(h, "endpoints", "db", "{'metadata':{'labels':null}}");
	expect(h, MIRRORED);
	patch(h, "endpoints", "db", "{'metadata':{'annotations':{"
	      "'control-plane.alpha.kubernetes.io/leader':'{}'}}}");
	expect(h, "");
	patch(h, "endpoints", "db", "{'metadata':{'annotations':null}}");
	expect(h, MIRRORED);
	patch(h, "services", "db", "{'spec':{'selector':{'app':'x'}}}");
	expect(h, "");
}

/* What somebody makes of a mirror is put right, and its name stays. */
static void test_tampered(void **state)
{
	struct registry_help *h = *state;
	json_t *list;
	char name[64];

	make(h, "services", "{'metadata':{'name':'db'},'spec':{'ports':[{'port':1}]}}");
	make(h, "endpoints", ENDPOINTS("", "[{'addresses':[{'ip':'192.0.2.1'}]}]"));
	list = mirrors(h);
	snprintf(name, sizeof(name), "%s", json_string_value(json_object_get(
		 json_object_get(json_array_get(list, 0), "metadata"), "name")));
	json_decref(list);
	patch(h, "endpointslices", name, "{'endpoints':[{'addresses':['192.0.2.3']}]}");
	expect(h, "IPv4  192.0.2.1;");
	patch(h, "endpoints", "db", "{'subsets':[{'addresses':[{'ip':'192.0.2.1'}],'ports':"
	      "[{'port':7}]}]}");
	assert_int_equal(registry_help_get(h, "endpointslices", name), 200);
	expect(h, "IPv4 :7/TCP 192.0.2.1;");
	assert_int_equal(registry_help_delete(h, "endpointslices", name), 200);
	expect(h, "IPv4 :7/TCP 192.0.2.1;");
}

static void expect_event(struct registry_help *h, const char *reason, const char *message)
{
	struct registry_query q = { NULL, "involvedObject.kind=Endpoints" };
	struct reply list;
	const json_t *o;

	registry_list(h->r, registry_help_type("events"), "default", &q, &list);
	assert_int_equal(list.code, 200);
	assert_int_equal(json_array_size(json_object_get(list.body, "items")), 1);
	o = json_array_get(json_object_get(list.body, "items"), 0);
	assert_string_equal(json_string_value(json_object_get(o, "reason")), reason);
	assert_string_equal(json_string_value(json_object_get(o, "message")), message);
	json_decref(list.body);
}

/* Of a subset a thousand are mirrored, the ready ones first. */
static void test_many(void **state)
{
	struct registry_help *h = *state;
	json_t *ep = registry_help_json(ENDPOINTS("", "[{'addresses':[],'notReadyAddresses':[]}]"));
	json_t *subset = json_array_get(json_object_get(ep, "subsets"), 0), *list;
	struct reply reply;

	make(h, "services", "{'metadata':{'name':'db'},'spec':{'ports':[{'port':1}]}}");
	for (int i = 0; i < 1200; i++)
		json_array_append_new(json_object_get(subset, i < 400 ? "notReadyAddresses" :
							      "addresses"),
				      registry_help_json("{'ip':'10.0.%d.%d'}", i / 250,
							 1 + i % 250));
	registry_create(h->r, registry_help_type("endpoints"), "default", ep, 0, &reply);
	assert_int_equal(reply.code, 201);
	json_decref(reply.body);
	json_decref(ep);
	list = mirrors(h);
	assert_int_equal(json_array_size(list), 1);
	subset = json_object_get(json_array_get(list, 0), "endpoints");
	assert_int_equal(json_array_size(subset), 1000);
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(json_is_true(json_object_get(json_object_get(
			json_array_get(subset, i), "conditions"), "ready")), i < 800);
	json_decref(list);
	expect_event(h, "TooManyAddressesToMirror", "A max of 1000 addresses can be mirrored to "
		     "EndpointSlices per Endpoints subset. 200 addresses were skipped");
}

/* Each with ports and addresses of its own, and so with a slice of its own. */
static void test_many_subsets(void **state)
{
	enum { SUBSETS = 20000 };
	struct registry_help *h = *state;
	json_t *ep = registry_help_json(ENDPOINTS("", "[]")), *list;
	json_t *subsets = json_object_get(ep, "subsets");
	struct reply reply;

	make(h, "services", "{'metadata':{'name':'db'},'spec':{'ports':[{'port':1}]}}");
	for (int i = 1; i <= SUBSETS; i++)
		json_array_append_new(subsets, registry_help_json(
			"{'addresses':[{'ip':'10.0.%d.%d'}],'ports':[{'port':%d}]}", i / 250,
			1 + i % 250, i));
	registry_create(h->r, registry_help_type("endpoints"), "default", ep, 0, &reply);
	assert_int_equal(reply.code, 201);
	json_decref(reply.body);
	json_decref(ep);
	list = mirrors(h);
	assert_int_equal(json_array_size(list), SUBSETS);
	json_decref(list);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, registry_help_setup, registry_help_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_mirrored), TEST(test_shape), TEST(test_not_mirrored),
		TEST(test_tampered), TEST(test_many), TEST(test_many_subsets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
