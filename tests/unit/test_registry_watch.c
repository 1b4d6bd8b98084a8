// SPDX-License-Identifier: GPL-2.0
/* Who is told what and when, selectors, and events. */
#include "registry_help.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct heard {
	struct registry_help *h;
	char text[4096];
	uint64_t last;
	bool record;		/* answer an added Service with an event */
};

/* "+services/a " for added, ~ for modified, - for deleted. */
static void hear(void *ctx, const struct registry_event *ev)
{
	const json_t *meta = json_object_get(ev->object, "metadata");
	struct heard *heard = ctx;
	char version[24];

	assert_true(ev->version > heard->last);
	heard->last = ev->version;
	snprintf(version, sizeof(version), "%llu", (unsigned long long)ev->version);
	assert_string_equal(json_string_value(json_object_get(meta, "resourceVersion")), version);
	assert_int_equal(!ev->old, ev->change == REGISTRY_ADDED);
	sprintf(heard->text + strlen(heard->text), "%c%s/%s ", "+~-"[ev->change], ev->res->plural,
		json_object_get(meta, "generateName") || !strcmp(ev->res->plural, "events") ?
			"x" : json_string_value(json_object_get(meta, "name")));
	if (heard->record && ev->change == REGISTRY_ADDED && !strcmp(ev->res->plural, "services"))
		registry_help_event(heard->h->r, ev->object, "Normal", "Seen", "it came");
}

static void service(struct registry_help *h, const char *name, const char *labels)
{
	char body[256];

	snprintf(body, sizeof(body),
		 "{'metadata':{'name':'%s','labels':%s},'spec':{'selector':{'app':"
		 "'x'},'ports':[{'port':80}]}}",
		 name, labels);
	if (registry_help_create(h, "services", body) != 201)
		fail_msg("%s", registry_help_message(h));
}

static void test_listeners(void **state)
{
	struct registry_help *h = *state;
	struct heard one = { .h = h, .record = true }, two = { .h = h };

	assert_int_equal(registry_listen(h->r, hear, &one), 0);
	assert_int_equal(registry_listen(h->r, hear, &two), 0);
	service(h, "a", "{}");
	/* The event that the first one wrote comes to both behind what it answers. */
	assert_string_equal(one.text, "+services/a +endpoints/a +endpointslices/x "
			    "+events/x ");
	assert_string_equal(two.text, one.text);

	registry_unlisten(h->r, hear, &one);
	two.text[0] = '\0';
	assert_int_equal(registry_help_patch(h, "services", "a", NULL,
					     "{'spec':{'ports':[{'port':81}]}}"),
			 200);
	assert_int_equal(registry_help_delete(h, "services", "a"), 200);
	assert_string_equal(two.text, "~services/a -services/a -endpointslices/x -endpoints/a ");
	assert_string_equal(one.text, "+services/a +endpoints/a +endpointslices/x "
			    "+events/x ");
	/* A refusal is nobody's news. */
	two.text[0] = '\0';
	assert_int_equal(registry_help_create(h, "services", "{'metadata':{'name':'B'}}"), 422);
	assert_string_equal(two.text, "");
	registry_unlisten(h->r, hear, &two);
}

/* The names of all that match, or the error. */
static void expect_list(struct registry_help *h, const char *plural, const char *ns,
			const char *labels, const char *fields, const char *want)
{
	struct registry_query q = { labels, fields };
	const json_t *items;
	char text[512] = "";
	struct reply list;

	registry_list(h->r, registry_help_type(plural), ns, &q, &list);
	items = json_object_get(list.body, "items");
	if (list.code == 200)
		assert_true(json_is_array(items));
	else
		snprintf(text, sizeof(text), "%d %s", list.code,
			 json_string_value(json_object_get(list.body, "message")));
	for (size_t i = 0; i < json_array_size(items); i++) {
		const json_t *item = json_array_get(items, i);

		assert_null(json_object_get(item, "kind"));
		sprintf(text + strlen(text), "%s ", json_string_value(json_object_get(
				json_object_get(item, "metadata"), "name")));
	}
	json_decref(list.body);
	/* Of a refusal, the words that matter. */
	if (list.code == 200 ? strcmp(text, want) : !strstr(text, want))
		fail_msg("%s %s: %s", labels, fields, text);
}

static void test_selectors(void **state)
{
	static const char *const cases[][3] = {
		{ "tier=front", NULL, "a " },
		{ "tier==front,env=p", NULL, "a " },
		{ "tier!=front", NULL, "b c d " },
		{ "tier", NULL, "a b c " },
		{ "!tier", NULL, "d " },
		{ "tier in (front, back)", NULL, "a b " },
		{ "tier notin (front,back)", NULL, "c d " },
		{ "env=p, tier in (back)", NULL, "b " },
		{ "tier in ()", NULL, "c " },
		{ "tier=", NULL, "c " },
		{ "", "", "a b c d " },
		{ " ", NULL, "a b c d " },
		{ NULL, "metadata.name=b", "b " },
		{ NULL, "metadata.name!=b", "a c d " },
		{ NULL, "metadata.name==b,metadata.namespace=default", "b " },
		{ NULL, "metadata.namespace=other", "" },
		{ NULL, "spec.type=NodePort", "d " },
		{ "tier", "spec.type=NodePort", "" },
		{ "tier in front", NULL,
		  "400 unable to parse requirement: found 'front', expected: '('" },
		{ "tier in (front", NULL,
		  "400 unable to parse requirement: found '', expected: ',' or ')'" },
		{ "a b", NULL,
		  "400 unable to parse requirement: found 'b', expected: in, notin, =" },
		{ "tier=front=x", NULL,
		  "400 unable to parse requirement: found '=x', expected: ','" },
		{ "=a", NULL,
		  "400 unable to parse requirement: found '=a', expected: !, identifier" },
		{ "a,", NULL,
		  "400 unable to parse requirement: found '', expected: !, identifier" },
		{ "tier=a!b", NULL, "400 unable to parse requirement: found '!b'" },
		{ "-a=b", NULL,
		  "400 unable to parse requirement: <nil>: Invalid value: \"-a\": name part" },
		{ "a=-b", NULL, "Invalid value: \"-b\": a valid label must be an empty string" },
		{ NULL, "metadata.name",
		  "400 invalid selector: 'metadata.name'; can't understand" },
		{ NULL, "spec.foo=x", "field label not supported: spec.foo" },
		{ NULL, "spec.nodeName=x", "field label not supported: spec.nodeName" },
	};
	struct registry_help *h = *state;

	service(h, "c", "{'tier':''}");
	service(h, "b", "{'tier':'back','env':'p'}");
	service(h, "a", "{'tier':'front','env':'p'}");
	assert_int_equal(registry_help_create(h, "services",
					      "{'metadata':{'name':'d'},'spec':{'type':"
					      "'NodePort','ports':[{'port':80}]}}"),
			 201);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect_list(h, "services", NULL, cases[i][0], cases[i][1], cases[i][2]);
	expect_list(h, "services", "default", NULL, NULL, "a b c d ");
	expect_list(h, "services", "other", NULL, NULL, "");
	assert_int_equal(registry_help_create(h, "pods",
					      "{'metadata':{'name':'p'},'spec':{'nodeName':"
					      "'n1','containers':[{'name':'c','image':'i'}]}}"),
			 201);
	expect_list(h, "pods", NULL, NULL, "spec.nodeName=n1,status.phase=Pending", "p ");
	expect_list(h, "pods", NULL, NULL, "spec.nodeName=n2", "");
}

/* A boolean that is absent is false. */
static void test_select_booleans(void **state)
{
	struct registry_help *h = *state;

	registry_help_create(h, "nodes", "{'metadata':{'name':'a'},'spec':{'unschedulable':true}}");
	registry_help_create(h, "nodes", "{'metadata':{'name':'b'}}");
	expect_list(h, "nodes", NULL, NULL, "spec.unschedulable=true", "a ");
	expect_list(h, "nodes", NULL, NULL, "spec.unschedulable=false", "b ");
	expect_list(h, "nodes", NULL, NULL, "spec.unschedulable!=true", "b ");
	registry_help_create(h, "pods", "{'metadata':{'name':'a'},'spec':{'hostNetwork':true,"
			     "'containers':[{'name':'c','image':'i'}]}}");
	registry_help_create(h, "pods", "{'metadata':{'name':'b'},'spec':{"
			     "'containers':[{'name':'c','image':'i'}]}}");
	registry_help_patch(h, "pods", "b", "status", "{'status':{'nominatedNodeName':'n1'}}");
	expect_list(h, "pods", NULL, NULL, "spec.hostNetwork=true", "a ");
	expect_list(h, "pods", NULL, NULL, "spec.hostNetwork=false", "b ");
	expect_list(h, "pods", NULL, NULL, "status.nominatedNodeName=n1", "b ");
	expect_list(h, "pods", NULL, NULL, "spec.unschedulable=false",
		    "400 Unable to find \"/v1, Resource=pods\" that match");
	expect_list(h, "endpointslices", NULL, NULL, "spec.foo=x",
		    "400 Unable to find \"discovery.k8s.io/v1, Resource=endpointslices\" that");
}

static void test_match(void **state)
{
	const struct resource *res = registry_help_type("services");
	struct registry_query q = { "a=b", NULL };
	json_t *o = registry_help_json("{'metadata':{'name':'x','namespace':'n','labels':{'a':'b'}}"
				       "}");
	struct err e = { "" };

	(void)state;
	assert_int_equal(registry_match(res, NULL, &q, o, &e), 1);
	assert_int_equal(registry_match(res, "n", &q, o, &e), 1);
	assert_int_equal(registry_match(res, "m", &q, o, &e), 0);
	assert_int_equal(registry_match(res, NULL, NULL, o, &e), 1);
	q.label_selector = "a=c";
	assert_int_equal(registry_match(res, NULL, &q, o, &e), 0);
	q.label_selector = "a=(";
	assert_int_equal(registry_match(res, NULL, &q, o, &e), -EINVAL);
	assert_non_null(strstr(e.text, "unable to parse requirement"));
	json_decref(o);
}

static size_t count_events(struct registry_help *h, const char *fields)
{
	struct registry_query q = { NULL, fields };
	struct reply list;
	size_t n;

	registry_list(h->r, registry_help_type("events"), NULL, &q, &list);
	n = json_array_size(json_object_get(list.body, "items"));
	json_decref(h->reply.body);
	h->reply = list;
	return n;
}

static void test_events(void **state)
{
	struct registry_help *h = *state;
	json_t *svc;

	service(h, "web", "{}");
	svc = json_incref(h->reply.body);
	registry_help_event(h->r, svc, "Warning", "AddressTaken", "another has 192.0.2.1:80");
	h->now += 60;
	registry_help_event(h->r, svc, "Warning", "AddressTaken", "another has 192.0.2.1:80");
	assert_int_equal(count_events(h, "involvedObject.name=web,type=Warning"), 1);
	assert_string_equal(registry_help_value(h, "items.0.count"), "2");
	assert_string_equal(registry_help_value(h, "items.0.involvedObject.kind"), "Service");
	assert_string_equal(registry_help_value(h, "items.0.source.component"), "svcd");
	assert_string_equal(registry_help_value(h, "items.0.firstTimestamp"), "2023-11-14T22:13:"
									      "20Z");
	assert_string_equal(registry_help_value(h, "items.0.lastTimestamp"), "2023-11-14T22:14:"
									     "20Z");
	assert_int_equal(strlen(registry_help_value(h, "items.0.metadata.name")),
			 strlen("web.") + 16);
	registry_help_event(h->r, svc, "Warning", "AddressTaken", "another has 192.0.2.2:80");
	assert_int_equal(count_events(h, "involvedObject.name=web"), 2);
	assert_int_equal(count_events(h, "involvedObject.name=other"), 0);

	/* An hour later anything that happens drops them. */
	h->now += 3600;
	assert_int_equal(registry_help_patch(h, "services", "web", NULL,
					     "{'metadata':{'labels':{'a':'b'}}}"), 200);
	assert_int_equal(count_events(h, NULL), 0);
	json_decref(svc);
}

static void test_events_bounded(void **state)
{
	struct registry_help *h = *state;
	char message[16];
	json_t *svc;

	service(h, "web", "{}");
	svc = json_incref(h->reply.body);
	for (int i = 0; i < 1010; i++) {
		snprintf(message, sizeof(message), "n%04d", i);
		registry_help_event(h->r, svc, "Normal", "Test", message);
	}
	assert_int_equal(count_events(h, NULL), 1000);
	for (size_t i = 0; i < 1000; i++) {
		const json_t *ev = json_array_get(json_object_get(h->reply.body, "items"), i);

		assert_true(strcmp(json_string_value(json_object_get(ev, "message")), "n0010") >=
			    0);
	}
	json_decref(svc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, registry_help_setup, registry_help_teardown)
		T(test_listeners), T(test_selectors), T(test_select_booleans),
		cmocka_unit_test(test_match), T(test_events), T(test_events_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
