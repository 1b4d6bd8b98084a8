// SPDX-License-Identifier: GPL-2.0
/* The rules of Events and Namespaces: what is refused, and what is taken. */
#include "registry_help.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define IP_WORDS "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
#define LOOPBACK "may not be in the loopback range (127.0.0.0/8, ::1/128)"

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
			continue;
		}
		if (h->reply.code != 201)
			fail_msg("%s: %s", v[i].name, registry_help_message(h));
		assert_int_equal(registry_help_delete(h, plural, "x"), 200);
	}
}

#define RUN(plural, table) run(*state, plural, table, sizeof(table) / sizeof(table[0]))

static void test_pod_status(void **state)
{
	static const struct row rows[] = {
		{ "of both families", "{'phase':'Running','podIP':'10.244.0.1','podIPs':[{'ip':"
		  "'10.244.0.1'},{'ip':'fd00::1'}],'hostIP':'192.0.2.1','conditions':[{'type':"
		  "'Ready','status':'True'}]}", { NULL } },
		{ "phase", "{'phase':'running'}",
		  { "status.phase: Unsupported value: \"running\": supported values: \"Failed\", "
		    "\"Pending\", \"Running\", \"Succeeded\", \"Unknown\"" } },
		{ "no address", "{'podIP':'10.244.0.300'}",
		  { "status.podIPs[0].ip: Invalid value: \"10.244.0.300\": " IP_WORDS } },
		{ "loopback", "{'podIP':'127.0.0.1'}",
		  { "status.podIPs[0].ip: Invalid value: \"127.0.0.1\": " LOOPBACK } },
		{ "host", "{'podIP':'10.244.0.1','hostIP':'host'}",
		  { "status.hostIP: Invalid value: \"host\": " IP_WORDS } },
		{ "two of one family", "{'podIP':'10.244.0.1','podIPs':[{'ip':'10.244.0.1'},{'ip':"
		  "'10.244.0.2'}]}",
		  { "status.podIPs: Invalid value: [{\"ip\":\"10.244.0.1\"},{\"ip\":"
		    "\"10.244.0.2\"}]: may specify no more than one IP for each IP family" } },
	};
	struct registry_help *h = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char body[512];

		registry_help_create(h, "pods", "{'metadata':{'name':'x'},'spec':{'containers':"
				     "[{'name':'c','image':'i'}]}}");
		snprintf(body, sizeof(body), "{'status':%s}", rows[i].json);
		registry_help_patch(h, "pods", "x", "status", body);
		if (rows[i].causes[0])
			registry_help_causes(h, rows[i].name, rows[i].causes);
		else if (h->reply.code != 200)
			fail_msg("%s: %s", rows[i].name, registry_help_message(h));
		registry_help_delete(h, "pods", "x");
	}
}

static void test_events(void **state)
{
	static const struct row rows[] = {
		{ "of this namespace", "'involvedObject':{'kind':'Pod','namespace':'default'}",
		  { NULL } },
		{ "of no namespace", "'involvedObject':{'kind':'Node','name':'n'}", { NULL } },
		{ "of another", "'involvedObject':{'namespace':'team'}",
		  { "involvedObject.namespace: Invalid value: \"default\": does not match "
		    "event.namespace" } },
	};

	RUN("events", rows);
}

static int in_namespace(struct registry_help *h, const char *plural, const char *json)
{
	json_t *body = registry_help_json("%s", json);

	json_decref(h->reply.body);
	registry_create(h->r, registry_help_type(plural), "team", body, 0, &h->reply);
	json_decref(body);
	return h->reply.code;
}

static size_t left_in_namespace(struct registry_help *h)
{
	const struct registry_query all = { NULL, NULL };
	const struct resource *res;
	size_t n = 0;

	for (size_t i = 0; (res = resource_at(i)); i++) {
		struct reply list;

		if (!res->namespaced)
			continue;
		registry_list(h->r, res, "team", &all, &list);
		assert_int_equal(list.code, 200);
		n += json_array_size(json_object_get(list.body, "items"));
		json_decref(list.body);
	}
	return n;
}

/* svcd itself is who finishes a namespace. */
static void test_namespace_spec(void **state)
{
	static const char *const others[REGISTRY_HELP_CAUSES] = {
		"spec.finalizers[1]: Unsupported value: \"a.io/b\": supported values: "
		"\"kubernetes\"",
	};
	struct registry_help *h = *state;

	registry_help_create(h, "namespaces", "{'metadata':{'name':'n'},'spec':{'finalizers':["
			     "'kubernetes','a.io/b']}}");
	registry_help_causes(h, "another's finalizer", others);
	assert_int_equal(registry_help_create(h, "namespaces", "{'metadata':{'name':'n'},'spec':{"
					      "'finalizer':[]}}"), 400);
	assert_int_equal(registry_help_create(h, "namespaces", "{'metadata':{'name':'n'}}"), 201);
	assert_string_equal(registry_help_value(h, "spec.finalizers.0"), "kubernetes");
	assert_string_equal(registry_help_value(h, "status.phase"), "Active");
	/* An update of the object is not the way to finish it. */
	assert_int_equal(registry_help_patch(h, "namespaces", "n", NULL, "{'spec':{'finalizers':"
					     "null},'metadata':{'labels':{'a':'b'}}}"), 200);
	assert_string_equal(registry_help_value(h, "spec.finalizers.0"), "kubernetes");
	assert_string_equal(registry_help_value(h, "metadata.labels.a"), "b");
	assert_int_equal(registry_help_delete(h, "namespaces", "n"), 200);
	assert_int_equal(registry_help_get(h, "namespaces", "n"), 404);
}

/* Everything that is in it goes with it: what was made by hand and what was derived from it. */
static void test_namespace_goes(void **state)
{
	struct registry_help *h = *state;
	json_t *service, *ns;

	ns = registry_help_json("{'metadata':{'name':'team'}}");
	json_decref(h->reply.body);
	registry_create(h->r, registry_help_type("namespaces"), NULL, ns, 0, &h->reply);
	json_decref(ns);
	assert_int_equal(h->reply.code, 201);
	assert_int_equal(in_namespace(h, "pods", "{'metadata':{'name':'p','labels':{'a':'b'}},"
				      "'spec':{'containers':[{'name':'c','image':'i'}]}}"), 201);
	assert_int_equal(in_namespace(h, "services", "{'metadata':{'name':'by-selector'},'spec':"
				      "{'type':'NodePort','clusterIP':'10.96.0.5','selector':"
				      "{'a':'b'},'ports':[{'port':80,'nodePort':30001}]}}"), 201);
	service = json_incref(h->reply.body);
	assert_int_equal(in_namespace(h, "services", "{'metadata':{'name':'by-hand'},'spec':"
				      "{'ports':[{'port':80}]}}"), 201);
	assert_int_equal(in_namespace(h, "endpoints", "{'metadata':{'name':'by-hand'},'subsets':"
				      "[{'addresses':[{'ip':'192.0.2.1'}],'ports':[{'port':80}]}]"
				      "}"), 201);
	registry_help_event(h->r, service, "Warning", "Said", "in time");
	assert_true(left_in_namespace(h) >= 6);

	json_decref(h->reply.body);
	registry_delete(h->r, registry_help_type("namespaces"), NULL, "team", 0, &h->reply);
	assert_int_equal(h->reply.code, 200);
	assert_int_equal(left_in_namespace(h), 0);
	/* What comes too late finds no place, and nothing comes back from the disk. */
	registry_help_event(h->r, service, "Warning", "Said", "too late");
	assert_int_equal(left_in_namespace(h), 0);
	registry_help_reopen(h);
	assert_int_equal(left_in_namespace(h), 0);
	json_decref(service);
	registry_help_service(h, "heir", "{'type':'NodePort','clusterIP':'10.96.0.5','ports':"
			      "[{'port':80,'nodePort':30001}]}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, registry_help_setup, registry_help_teardown)
		T(test_pod_status), T(test_events),
		T(test_namespace_spec), T(test_namespace_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
