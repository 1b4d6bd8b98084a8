// SPDX-License-Identifier: GPL-2.0
/* What all types have in common: metadata, namespaces, conflicts, patches, dry runs. */
#include "registry_help.h"

#include "mergepatch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SERVICE "{'metadata':{'name':'raw'},'spec':{'ports':[{'port':80}]}}"

/* The Status as it goes over the wire. */
static void expect_body(const struct registry_help *h, const char *want)
{
	char *text = json_dumps(h->reply.body, JSON_COMPACT);

	assert_string_equal(text, want);
	free(text);
}

static int create_in(struct registry_help *h, const char *plural, const char *ns, const char *json,
		     unsigned int flags)
{
	json_t *body = registry_help_json("%s", json);

	json_decref(h->reply.body);
	registry_create(h->r, registry_help_type(plural), ns, body, flags, &h->reply);
	json_decref(body);
	return h->reply.code;
}

static void test_recorded_statuses(void **state)
{
	struct registry_help *h = *state;

	assert_int_equal(registry_help_create(h, "services", SERVICE), 201);
	assert_int_equal(registry_help_create(h, "services", SERVICE), 409);
	expect_body(h, "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":"
		       "\"Failure\",\"message\":\"services \\\"raw\\\" already "
		       "exists\",\"reason\":\"AlreadyExists\",\"details\":{\"name\":\"raw\","
		       "\"kind\":\"services\"},\"code\":409}");
	assert_int_equal(registry_help_get(h, "services", "absent"), 404);
	expect_body(h, "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":"
		       "\"Failure\",\"message\":\"services \\\"absent\\\" not "
		       "found\",\"reason\":\"NotFound\",\"details\":{\"name\":\"absent\",\"kind\":"
		       "\"services\"},\"code\":404}");
	assert_int_equal(registry_help_update(h, "services", "raw",
					      "{'metadata':{'name':'raw','resourceVersion':'1'},'"
					      "spec':{'ports':[{'port':80}]}}"),
			 409);
	expect_body(h, "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":"
		       "\"Failure\",\"message\":\"Operation cannot be fulfilled on services "
		       "\\\"raw\\\": the object has been modified; please apply your changes to "
		       "the latest version and try again\",\"reason\":\"Conflict\",\"details\":"
		       "{\"name\":\"raw\",\"kind\":\"services\"},\"code\":409}");
	assert_int_equal(registry_help_patch(h, "services", "raw", NULL,
		"{'spec':{'clusterIP':'10.96.7.7','clusterIPs':['10.96.7.7']}}"), 422);
	expect_body(h, "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":"
		       "\"Failure\",\"message\":\"Service \\\"raw\\\" is invalid: "
		       "spec.clusterIPs[0]: Invalid value: [\\\"10.96.7.7\\\"]: may not change "
		       "once set\",\"reason\":\"Invalid\",\"details\":{\"name\":\"raw\",\"kind\":"
		       "\"Service\",\"causes\":[{\"reason\":\"FieldValueInvalid\",\"message\":"
		       "\"Invalid value: [\\\"10.96.7.7\\\"]: may not change once "
		       "set\",\"field\":\"spec.clusterIPs[0]\"}]},\"code\":422}");
	assert_int_equal(registry_help_delete(h, "services", "raw"), 200);
	assert_string_equal(registry_help_value(h, "kind"), "Service");
	assert_int_equal(registry_help_delete(h, "services", "raw"), 404);
}

static void test_bodies(void **state)
{
	static const char *const bad[][2] = {
		{ "[]", "the object provided is unrecognized (must be of type Service)" },
		{ "{'kind':'Pod'}", "Pod in version \"v1\" cannot be handled as a Service" },
		{ "{'apiVersion':'v2'}", "the API version in the data (v2) does not match" },
		{ "{'metadata':{'name':1}}", "ObjectMeta.metadata.name of type string" },
		{ "{'metadata':{'name':'a','namespace':'other'}}", "the namespace of the provided "
			"object does not match the namespace sent on the request" },
		{ "{'metadata':{'name':'a','resourceVersion':'5'}}", "resourceVersion should not "
								     "be set" },
		{ "{'metadata':{'name':'a','lables':{}}}", "unknown field \"metadata.lables\"" },
		{ "{'metadata':{'name':'a','labels':{'a':1}}}", "ObjectMeta.metadata.labels of "
								"type string" },
	};
	struct registry_help *h = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(registry_help_create(h, "services", bad[i][0]), 400);
		if (!strstr(registry_help_message(h), bad[i][1]))
			fail_msg("%s: %s", bad[i][0], registry_help_message(h));
	}
	/* Not strict: an unknown field is left out. */
	assert_int_equal(create_in(h, "services", "default",
		"{'metadata':{'name':'a'},'spec':{'foo':1,'ports':[{'port':80}]}}", 0), 201);
	assert_string_equal(registry_help_value(h, "spec.foo"), "");
}

static void test_metadata(void **state)
{
	struct registry_help *h = *state;
	char uid[40], created[24];

	assert_int_equal(registry_help_create(h, "services",
					      "{'metadata':{'name':'a','uid':'mine','"
					      "creationTimestamp':'2020-01-01T00:00:00Z',"
					      "'managedFields':[{}],'labels':{'k8s.io/"
					      "a':'B_c.d'}},'spec':{'ports':[{'port':80}]}}"),
			 201);
	strcpy(uid, registry_help_value(h, "metadata.uid"));
	assert_int_equal(strlen(uid), 36);
	assert_int_equal(uid[14], '4');
	strcpy(created, registry_help_value(h, "metadata.creationTimestamp"));
	assert_string_equal(created, "2023-11-14T22:13:20Z");
	assert_null(json_object_get(json_object_get(h->reply.body, "metadata"), "managedFields"));

	h->now += 100;
	assert_int_equal(registry_help_update(h, "services", "a",
		"{'metadata':{'annotations':{'n':'v'}},'spec':{'ports':[{'port':81}]}}"), 200);
	assert_string_equal(registry_help_value(h, "metadata.uid"), uid);
	assert_string_equal(registry_help_value(h, "metadata.name"), "a");
	assert_string_equal(registry_help_value(h, "metadata.creationTimestamp"), created);
	assert_string_equal(registry_help_value(h, "metadata.annotations.n"), "v");
	assert_null(json_object_get(json_object_get(h->reply.body, "metadata"), "labels"));

	assert_int_equal(registry_help_update(h, "services", "a",
		"{'metadata':{'uid':'other'},'spec':{'ports':[{'port':81}]}}"), 409);
	assert_int_equal(registry_help_update(h, "services", "a",
		"{'metadata':{'resourceVersion':'x'},'spec':{'ports':[{'port':81}]}}"), 400);
	assert_int_equal(registry_help_update(h, "services", "a",
					      "{'metadata':{'creationTimestamp':'2020-01-01T00:00:"
					      "00Z'},'spec':{'ports':[{'port':81}]}}"),
			 422);
	assert_int_equal(registry_help_update(h, "services", "absent", SERVICE), 400);
	assert_int_equal(registry_help_update(h, "nodes", "absent", "{}"), 404);
}

static void test_bad_metadata(void **state)
{
	static const char *const bad[][2] = {
		{ "'labels':{'a b':'c'}", "metadata.labels: Invalid value: \"a b\": name part must "
					  "consist" },
		{ "'labels':{'/b':'c'}", "metadata.labels: Invalid value: \"/b\": prefix part must "
					 "be non-empty" },
		{ "'labels':{'a':'b c'}", "metadata.labels: Invalid value: \"b c\": a valid label "
					  "must" },
		{ "'annotations':{'a b':'c'}", "metadata.annotations: Invalid value: \"a b\"" },
	};
	struct registry_help *h = *state;
	char body[256], *big;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(body, sizeof(body),
			 "{'metadata':{'name':'x',%s},'spec':{'ports':[{'port':80}]}}", bad[i][0]);
		assert_int_equal(registry_help_create(h, "services", body), 422);
		if (!strstr(registry_help_message(h), bad[i][1]))
			fail_msg("%s: %s", bad[i][0], registry_help_message(h));
	}
	big = malloc(300000);
	assert_non_null(big);
	sprintf(big,
		"{'spec':{'ports':[{'port':80}]},'metadata':{'name':'x','annotations':{'a':'%"
		"0270000d'}}}",
		0);
	assert_int_equal(registry_help_create(h, "services", big), 422);
	assert_non_null(strstr(registry_help_message(h), "metadata.annotations: Too long: may not "
		"be more than 262144 bytes"));
	free(big);
}

static void test_namespaces(void **state)
{
	struct registry_help *h = *state;
	struct reply list;

	assert_int_equal(create_in(h, "services", "absent", SERVICE, 0), 404);
	assert_string_equal(registry_help_message(h), "namespaces \"absent\" not found");
	assert_string_equal(registry_help_value(h, "details.kind"), "namespaces");
	assert_int_equal(create_in(h, "namespaces", NULL, "{'metadata':{'name':'Bad'}}", 0), 422);
	assert_int_equal(create_in(h, "namespaces", NULL, "{'metadata':{'name':'team'}}", 0), 201);
	assert_string_equal(registry_help_value(h, "status.phase"), "Active");
	assert_int_equal(create_in(h, "services", "team",
				   "{'metadata':{'name':'raw'},'spec':{'clusterIP':'10.96.0.9','"
				   "selector':{'a':'b'},'ports':"
				   "[{'port':80}]}}",
				   0),
			 201);
	assert_int_equal(create_in(h, "services", "default", SERVICE, 0), 201);

	/* With a namespace goes what is in it, and only that. */
	json_decref(h->reply.body);
	registry_delete(h->r, registry_help_type("namespaces"), NULL, "default", 0, &h->reply);
	assert_int_equal(h->reply.code, 403);
	json_decref(h->reply.body);
	registry_delete(h->r, registry_help_type("namespaces"), NULL, "team", 0, &h->reply);
	assert_int_equal(h->reply.code, 200);
	registry_help_reopen(h);
	registry_list(h->r, registry_help_type("services"), NULL, NULL, &list);
	assert_int_equal(json_array_size(json_object_get(list.body, "items")), 1);
	json_decref(list.body);
	registry_list(h->r, registry_help_type("endpoints"), NULL, NULL, &list);
	assert_int_equal(json_array_size(json_object_get(list.body, "items")), 0);
	json_decref(list.body);
	assert_int_equal(create_in(h, "services", "default",
				   "{'metadata':{'name':'heir'},'spec':{'clusterIP':'10.96.0.9','"
				   "ports':[{'port':80}]}}",
				   0),
			 201);
}

static void test_dry_run(void **state)
{
	static const char wish[] = "{'metadata':{'name':'a'},'spec':{'type':'NodePort','clusterIP':"
				   "'10.96.0.9','ports':[{'port':80,'nodePort':30001}]}}";
	struct registry_help *h = *state;
	uint64_t version = registry_version(h->r);
	struct reply reply;
	json_t *patch;

	assert_int_equal(create_in(h, "services", "default", wish, REGISTRY_DRY_RUN), 201);
	assert_string_equal(registry_help_value(h, "spec.clusterIP"), "10.96.0.9");
	assert_string_equal(registry_help_value(h, "metadata.resourceVersion"), "");
	assert_int_equal(create_in(h, "services", "default", "{'metadata':{'name':'B'}}",
				   REGISTRY_DRY_RUN), 422);
	assert_int_equal(registry_version(h->r), version);
	assert_int_equal(registry_help_create(h, "services", wish), 201);
	version = registry_version(h->r);

	patch = registry_help_json("{'spec':{'type':'ClusterIP'}}");
	registry_patch(h->r, registry_help_type("services"), "default", "a", NULL, patch,
		       REGISTRY_DRY_RUN, &reply);
	assert_int_equal(reply.code, 200);
	json_decref(patch);
	json_decref(reply.body);
	registry_delete(h->r, registry_help_type("services"), "default", "a", REGISTRY_DRY_RUN,
			&reply);
	assert_int_equal(reply.code, 200);
	json_decref(reply.body);
	assert_int_equal(registry_version(h->r), version);
	assert_int_equal(registry_help_get(h, "services", "a"), 200);
	assert_string_equal(registry_help_value(h, "spec.type"), "NodePort");
}

static void test_subresources(void **state)
{
	struct registry_help *h = *state;

	assert_int_equal(registry_help_create(h, "services", SERVICE), 201);
	assert_int_equal(registry_help_patch(h, "services", "raw", "scale", "{}"), 404);
	assert_int_equal(registry_help_patch(h, "services", "raw", NULL, "[]"), 400);
	assert_int_equal(registry_help_patch(h, "services", "absent", NULL, "{}"), 404);
	assert_int_equal(registry_help_patch(h, "endpoints", "raw", "status", "{}"), 404);
}

/* The examples of RFC 7386, appendix A. */
static void test_merge_patch(void **state)
{
	static const char *const cases[][3] = {
		{ "{'a':'b'}", "{'a':'c'}", "{'a':'c'}" },
		{ "{'a':'b'}", "{'b':'c'}", "{'a':'b','b':'c'}" },
		{ "{'a':'b'}", "{'a':null}", "{}" },
		{ "{'a':'b','b':'c'}", "{'a':null}", "{'b':'c'}" },
		{ "{'a':['b']}", "{'a':'c'}", "{'a':'c'}" },
		{ "{'a':'c'}", "{'a':['b']}", "{'a':['b']}" },
		{ "{'a':{'b':'c'}}", "{'a':{'b':'d','c':null}}", "{'a':{'b':'d'}}" },
		{ "{'a':[{'b':'c'}]}", "{'a':[1]}", "{'a':[1]}" },
		{ "['a','b']", "['c','d']", "['c','d']" },
		{ "{'a':'b'}", "['c']", "['c']" },
		{ "{'e':null}", "{'a':1}", "{'e':null,'a':1}" },
		{ "[1,2]", "{'a':'b','c':null}", "{'a':'b'}" },
		{ "{}", "{'a':{'bb':{'ccc':null}}}", "{'a':{'bb':{}}}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *target = registry_help_json("%s", cases[i][0]);
		json_t *patch = registry_help_json("%s", cases[i][1]);
		json_t *want = registry_help_json("%s", cases[i][2]);
		json_t *was = json_deep_copy(target), *got = mergepatch_apply(target, patch);

		if (!json_equal(got, want))
			fail_msg("%s + %s", cases[i][0], cases[i][1]);
		assert_true(json_equal(target, was));
		json_decref(was);
		json_decref(got);
		json_decref(want);
		json_decref(patch);
		json_decref(target);
	}
}

/* The field's path is cut within a character. */
static void test_long_path(void **state)
{
	struct registry_help *h = *state;
	char key[241] = "", body[512];

	while (strlen(key) < 240)
		strcat(key, "\303\251");
	snprintf(body, sizeof(body), "{'metadata':{'name':'x','labels':{'%s':1}}}", key);
	assert_int_equal(registry_help_create(h, "services", body), 400);
	assert_int_equal(strncmp(registry_help_value(h, "details.causes.0.field"),
				 "metadata.labels.", 16), 0);
}

/* Each is a header of the answer. */
static void test_warnings(void **state)
{
	struct registry_help *h = *state;
	char *body = malloc(64 + 16 * 1000), *p = body;

	p += sprintf(p, "{'metadata':{'name':'x'},'spec':{'ports':[{'port':80}]");
	for (int i = 0; i < 1000; i++)
		p += sprintf(p, ",'field%03d':1", i);
	strcpy(p, "}}");
	assert_int_equal(create_in(h, "services", "default", body, REGISTRY_WARN), 201);
	/* 4096 bytes of: unknown field "spec.field000" */
	assert_int_equal(json_array_size(h->reply.warnings), 4096 / 29);
	json_decref(h->reply.warnings);
	h->reply.warnings = NULL;
	free(body);
}

static int apply_status(struct registry_help *h, const char *json)
{
	json_t *body = registry_help_json("%s", json);
	const struct registry_apply a = { .config = body, .manager = "me" };

	json_decref(h->reply.body);
	registry_apply(h->r, registry_help_type("pods"), "default", "x", "status", &a, 0,
		       &h->reply);
	json_decref(body);
	return h->reply.code;
}

/* Many bytes between the two. To be freed. */
static char *big(const char *before, size_t n, const char *after)
{
	char *text = NULL;

	assert_true(asprintf(&text, "%s%*s%s", before, (int)n, "x", after) > 0);
	return text;
}

/* Whichever way it is written, and not only by bodies that are too large themselves. */
static void test_size(void **state)
{
	char *pod = big("{'metadata':{'name':'x'},'spec':{'containers':[{'name':'c','image':'i',"
			"'workingDir':'", 3 << 20, "'}]}}");
	char *first = big("{'status':{'message':'", 2 << 20, "'}}");
	char *second = big("{'status':{'reason':'", 2 << 20, "'}}");
	struct registry_help *h = *state;

	assert_int_equal(registry_help_create(h, "pods", pod), 413);
	assert_int_equal(registry_help_get(h, "pods", "x"), 404);
	assert_int_equal(registry_help_create(h, "pods", "{'metadata':{'name':'x'},'spec':{"
					      "'containers':[{'name':'c','image':'i'}]}}"), 201);
	assert_int_equal(registry_help_patch(h, "pods", "x", "status", first), 200);
	assert_int_equal(registry_help_patch(h, "pods", "x", "status", second), 413);
	assert_string_equal(registry_help_value(h, "reason"), "RequestEntityTooLarge");
	assert_int_equal(apply_status(h, second), 413);
	assert_string_equal(registry_help_message(h), "the object would be too large: limit is "
			    "3145728 bytes");
	assert_int_equal(apply_status(h, "{'status':{'reason':'x'}}"), 200);
	free(second);
	free(first);
	free(pod);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, registry_help_setup, registry_help_teardown)
		T(test_recorded_statuses), T(test_bodies), T(test_metadata), T(test_bad_metadata),
		T(test_namespaces), T(test_dry_run), T(test_subresources),
		T(test_long_path), T(test_warnings), T(test_size),
		cmocka_unit_test(test_merge_patch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
