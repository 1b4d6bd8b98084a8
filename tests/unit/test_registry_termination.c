// SPDX-License-Identifier: GPL-2.0
/* What does not go at once: pods that take their time, and what finalizers hold. */
#include "registry_help.h"

#include "jx.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CONTAINER "'containers':[{'name':'c','image':'x'}]"

static void make(struct registry_help *h, const char *plural, const char *body)
{
	if (registry_help_create(h, plural, body) != 201)
		fail_msg("%s: %s", body, registry_help_message(h));
}

static void patch(struct registry_help *h, const char *plural, const char *name, const char *sub,
		  const char *body)
{
	if (registry_help_patch(h, plural, name, sub, body) != 200)
		fail_msg("%s: %s", body, registry_help_message(h));
}

static int end(struct registry_help *h, const char *plural, const char *name, long long seconds)
{
	struct reply reply;

	registry_delete_within(h->r, registry_help_type(plural), "default", name, seconds, 0,
			       &reply);
	json_decref(h->reply.body);
	h->reply = reply;
	return reply.code;
}

static void tick(struct registry_help *h, int seconds)
{
	struct err e = { "" };

	h->now += seconds;
	assert_int_equal(registry_tick(h->r, &e), 0);
}

/* A pod on a node, and how long it takes to end; -1: that is not said. */
struct grace_case {
	const char *spec, *phase;
	long long asked;
	int seconds;		/* 0: it is gone */
};

static const struct grace_case graces[] = {
	{ "{'nodeName':'n1'," CONTAINER "}", "Running", -1, 0 },
	{ "{'nodeName':'n1'," CONTAINER "}", "Running", 20, 20 },
	{ "{'nodeName':'n1','terminationGracePeriodSeconds':30," CONTAINER "}", "Running", -1, 30 },
	{ "{'nodeName':'n1','terminationGracePeriodSeconds':30," CONTAINER "}", "Running", 0, 0 },
	{ "{'nodeName':'n1','terminationGracePeriodSeconds':30," CONTAINER "}", "Running", 5, 5 },
	{ "{'nodeName':'n1','terminationGracePeriodSeconds':30," CONTAINER "}", "Failed", -1, 0 },
	{ "{'nodeName':'n1','terminationGracePeriodSeconds':-7," CONTAINER "}", "Running", -1, 1 },
	{ "{'terminationGracePeriodSeconds':30," CONTAINER "}", "Pending", -1, 0 },
};

static void test_grace(void **state)
{
	struct registry_help *h = *state;
	char body[512], seconds[16];

	for (size_t i = 0; i < sizeof(graces) / sizeof(graces[0]); i++) {
		const struct grace_case *c = &graces[i];

		snprintf(body, sizeof(body), "{'metadata':{'name':'p'},'spec':%s}", c->spec);
		make(h, "pods", body);
		snprintf(body, sizeof(body), "{'status':{'phase':'%s'}}", c->phase);
		patch(h, "pods", "p", "status", body);
		assert_int_equal(end(h, "pods", "p", c->asked), 200);
		assert_string_equal(registry_help_value(h, "kind"), "Pod");
		snprintf(seconds, sizeof(seconds), c->seconds ? "%d" : "", c->seconds);
		assert_string_equal(registry_help_value(h, "metadata.deletionGracePeriodSeconds"),
				    seconds);
		assert_int_equal(registry_help_get(h, "pods", "p"), c->seconds ? 200 : 404);
		tick(h, c->seconds - 1);
		assert_int_equal(registry_help_get(h, "pods", "p"), c->seconds ? 200 : 404);
		tick(h, 1);
		assert_int_equal(registry_help_get(h, "pods", "p"), 404);
	}
}

/* A second request can only make it shorter; an update changes nothing of it. */
static void test_grace_shortened(void **state)
{
	struct registry_help *h = *state;

	make(h, "pods", "{'metadata':{'name':'p'},'spec':{'nodeName':'n1'," CONTAINER "}}");
	assert_int_equal(end(h, "pods", "p", 60), 200);
	assert_string_equal(registry_help_value(h, "metadata.deletionTimestamp"),
			    "2023-11-14T22:14:20Z");
	assert_int_equal(end(h, "pods", "p", 90), 200);
	assert_string_equal(registry_help_value(h, "metadata.deletionGracePeriodSeconds"), "60");
	patch(h, "pods", "p", NULL, "{'metadata':{'deletionTimestamp':null,"
	      "'deletionGracePeriodSeconds':0}}");
	assert_string_equal(registry_help_value(h, "metadata.deletionGracePeriodSeconds"), "60");
	h->now += 10;
	assert_int_equal(end(h, "pods", "p", 20), 200);
	assert_string_equal(registry_help_value(h, "metadata.deletionTimestamp"),
			    "2023-11-14T22:13:40Z");
	/* It holds over a restart. */
	registry_help_reopen(h);
	tick(h, 9);
	assert_int_equal(registry_help_get(h, "pods", "p"), 200);
	assert_int_equal(end(h, "pods", "p", 0), 200);
	assert_int_equal(registry_help_get(h, "pods", "p"), 404);
}

/* "ready serving terminating" of the only endpoint of web's only slice; "" none. */
static void expect_slice(struct registry_help *h, const char *want)
{
	static const char *const keys[] = { "ready", "serving", "terminating" };
	struct registry_query all = { NULL, NULL };
	const json_t *e;
	struct reply list;
	char got[4] = "";

	registry_list(h->r, registry_help_type("endpointslices"), "default", &all, &list);
	e = json_array_get(json_object_get(json_array_get(json_object_get(list.body, "items"), 0),
					   "endpoints"), 0);
	for (int i = 0; e && i < 3; i++)
		strcat(got, json_is_true(json_object_get(json_object_get(e, "conditions"),
							 keys[i])) ? "1" : "0");
	json_decref(list.body);
	assert_string_equal(got, want);
}

static void test_endpoint_terminates(void **state)
{
	struct registry_help *h = *state;

	make(h, "services", "{'metadata':{'name':'web'},'spec':{'selector':{'app':'web'},'ports':"
	     "[{'port':80}]}}");
	make(h, "pods", "{'metadata':{'name':'p','labels':{'app':'web'}},'spec':{'nodeName':'n1',"
	     "'terminationGracePeriodSeconds':30," CONTAINER "}}");
	patch(h, "pods", "p", "status", "{'status':{'phase':'Running','podIP':'10.244.0.1',"
	      "'conditions':[{'type':'Ready','status':'True'}]}}");
	expect_slice(h, "110");
	assert_int_equal(registry_help_delete(h, "pods", "p"), 200);
	expect_slice(h, "011");
	assert_int_equal(registry_help_get(h, "endpoints", "web"), 200);
	assert_string_equal(registry_help_value(h, "subsets.0.addresses.0.ip"), "");
	patch(h, "pods", "p", "status", "{'status':{'conditions':[{'type':'Ready','status':"
	      "'False'}]}}");
	expect_slice(h, "001");
	tick(h, 30);
	expect_slice(h, "");
}

static void test_finalizers(void **state)
{
	struct registry_help *h = *state;

	make(h, "services", "{'metadata':{'name':'a','finalizers':['x.io/one','x.io/two']},"
	     "'spec':{'clusterIP':'10.96.0.9','ports':[{'port':80}]}}");
	assert_int_equal(registry_help_delete(h, "services", "a"), 200);
	assert_string_equal(registry_help_value(h, "metadata.deletionTimestamp"),
			    "2023-11-14T22:13:20Z");
	assert_string_equal(registry_help_value(h, "metadata.deletionGracePeriodSeconds"), "0");
	/* Again: it is as it was. */
	assert_int_equal(registry_help_delete(h, "services", "a"), 200);
	assert_int_equal(registry_help_patch(h, "services", "a", NULL,
					     "{'metadata':{'finalizers':['x.io/three']}}"), 422);
	assert_non_null(strstr(registry_help_message(h), "metadata.finalizers: Forbidden: no new "
			       "finalizers can be added if the object is being deleted"));
	patch(h, "services", "a", NULL, "{'metadata':{'finalizers':['x.io/two']}}");
	assert_int_equal(registry_help_get(h, "services", "a"), 200);
	/* Its address is its own until it goes. */
	assert_int_equal(registry_help_create(h, "services", "{'metadata':{'name':'b'},'spec':{"
					      "'clusterIP':'10.96.0.9','ports':[{'port':80}]}}"),
			 422);
	patch(h, "services", "a", NULL, "{'metadata':{'finalizers':null}}");
	assert_int_equal(registry_help_get(h, "services", "a"), 404);
	make(h, "services", "{'metadata':{'name':'b'},'spec':{'clusterIP':'10.96.0.9','ports':"
	     "[{'port':80}]}}");
	/* Of one that is not deleted they come and go. */
	patch(h, "services", "b", NULL, "{'metadata':{'finalizers':['x.io/one']}}");
	patch(h, "services", "b", NULL, "{'metadata':{'finalizers':null}}");
	assert_int_equal(registry_help_get(h, "services", "b"), 200);
	assert_int_equal(registry_help_patch(h, "services", "b", NULL,
					     "{'metadata':{'finalizers':['one']}}"), 422);
	assert_non_null(strstr(registry_help_message(h), "metadata.finalizers[0]: Invalid "
			       "value: \"one\": name is neither a standard finalizer name nor is "
			       "it "
			       "fully qualified"));
}

/* First its time, then its finalizers; and what owned it waits for neither. */
static void test_both(void **state)
{
	struct registry_help *h = *state;
	char body[512];

	make(h, "services", "{'metadata':{'name':'a'},'spec':{'ports':[{'port':80}]}}");
	snprintf(body, sizeof(body), "{'metadata':{'name':'p','finalizers':['x.io/one'],"
		 "'ownerReferences':[{'apiVersion':'v1','kind':'Service','name':'a','uid':'%s'}]},"
		 "'spec':{'nodeName':'n1'," CONTAINER "}}",
		 registry_help_value(h, "metadata.uid"));
	make(h, "pods", body);
	assert_int_equal(end(h, "pods", "p", 10), 200);
	tick(h, 10);
	assert_int_equal(registry_help_get(h, "pods", "p"), 200);
	assert_string_equal(registry_help_value(h, "metadata.deletionGracePeriodSeconds"), "0");
	assert_int_equal(registry_help_delete(h, "services", "a"), 200);
	assert_int_equal(registry_help_get(h, "pods", "p"), 200);
	patch(h, "pods", "p", NULL, "{'metadata':{'finalizers':null}}");
	assert_int_equal(registry_help_get(h, "pods", "p"), 404);
}

static int in_namespace(struct registry_help *h, const char *plural, const char *name,
			const char *patch_with)
{
	const struct resource *res = registry_help_type(plural);
	json_t *body = registry_help_json("%s", patch_with ? patch_with : "{'metadata':{'name':"
					  "'x'},'spec':{'ports':[{'port':80}]}}");
	struct reply reply;

	if (patch_with)
		registry_patch(h->r, res, "other", name, NULL, body, 0, &reply);
	else
		registry_create(h->r, res, "other", body, 0, &reply);
	json_decref(body);
	json_decref(h->reply.body);
	h->reply = reply;
	return reply.code;
}

static void test_namespace(void **state)
{
	struct registry_help *h = *state;

	make(h, "namespaces", "{'metadata':{'name':'other'}}");
	assert_int_equal(in_namespace(h, "services", "x", NULL), 201);
	assert_int_equal(in_namespace(h, "services", "x",
				      "{'metadata':{'finalizers':['x.io/one']},'spec':{'selector':"
				      "{'a':'b'}}}"), 200);
	assert_int_equal(registry_help_delete(h, "namespaces", "other"), 200);
	assert_string_equal(registry_help_value(h, "status.phase"), "Terminating");
	assert_int_equal(registry_help_get(h, "namespaces", "other"), 200);
	assert_int_equal(in_namespace(h, "services", "y", NULL), 403);
	assert_string_equal(registry_help_message(h), "services \"x\" is forbidden: unable to "
			    "create new content in namespace other because it is being "
			    "terminated");
	assert_int_equal(registry_help_delete(h, "namespaces", "other"), 200);
	assert_int_equal(in_namespace(h, "services", "x", "{'metadata':{'finalizers':null}}"),
			 200);
	assert_int_equal(registry_help_get(h, "namespaces", "other"), 404);
	/* One with nothing that holds it goes at once. */
	make(h, "namespaces", "{'metadata':{'name':'other'}}");
	assert_int_equal(in_namespace(h, "services", "x", NULL), 201);
	assert_int_equal(registry_help_delete(h, "namespaces", "other"), 200);
	assert_int_equal(registry_help_get(h, "namespaces", "other"), 404);
}

static unsigned long long version_after_tick(struct registry_help *h)
{
	tick(h, 1);
	return registry_version(h->r);
}

/* While a finalizer of a Service holds it, what went is not made again, tick by tick. */
static void test_namespace_waits(void **state)
{
	struct registry_help *h = *state;
	unsigned long long version;

	make(h, "namespaces", "{'metadata':{'name':'other'}}");
	assert_int_equal(in_namespace(h, "services", "x", NULL), 201);
	assert_int_equal(in_namespace(h, "services", "x",
				      "{'metadata':{'finalizers':['x.io/one']},'spec':{'selector':"
				      "{'a':'b'}}}"), 200);
	assert_int_equal(registry_help_delete(h, "namespaces", "other"), 200);
	version = version_after_tick(h);
	assert_int_equal(version_after_tick(h), version);
	/* A start leaves it as it is, too. */
	registry_help_reopen(h);
	assert_int_equal(version_after_tick(h), version);
	assert_int_equal(in_namespace(h, "services", "x", "{'metadata':{'finalizers':null}}"),
			 200);
	assert_int_equal(registry_help_get(h, "namespaces", "other"), 404);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, registry_help_setup, registry_help_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_grace), TEST(test_grace_shortened), TEST(test_endpoint_terminates),
		TEST(test_finalizers), TEST(test_both), TEST(test_namespace),
		TEST(test_namespace_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
