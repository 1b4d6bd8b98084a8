// SPDX-License-Identifier: GPL-2.0
/* The Endpoints controller, and Pods as far as it looks at them. */
#include "registry_help.h"

#include "endpoints_controller.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void service(struct registry_help *h, const char *name, const char *spec)
{
	char body[512];

	snprintf(body, sizeof(body), "{'metadata':{'name':'%s'},'spec':%s}", name, spec);
	if (registry_help_create(h, "services", body) != 201)
		fail_msg("%s", registry_help_message(h));
}

/* A pod of app=web with a port named http. */
static void pod(struct registry_help *h, const char *name, int http)
{
	char body[512];

	snprintf(body, sizeof(body), "{'metadata':{'name':'%s','labels':{'app':'web'}},'spec':{"
		 "'nodeName':'n1','containers':[{'name':'c','image':'x','ports':[{'name':'http',"
		 "'containerPort':%d}]}]}}", name, http);
	if (registry_help_create(h, "pods", body) != 201)
		fail_msg("%s", registry_help_message(h));
}

static void run(struct registry_help *h, const char *name, const char *ip, bool ready)
{
	char body[512];

	snprintf(body, sizeof(body),
		 "{'status':{'phase':'Running','podIP':'%s','conditions':[{'type':"
		 "'Ready','status':'%s'}]}}",
		 ip, ready ? "True" : "False");
	if (registry_help_patch(h, "pods", name, "status", body) != 200)
		fail_msg("%s", registry_help_message(h));
}

static void print_list(char *out, const json_t *subset, const char *list)
{
	const json_t *l = json_object_get(subset, list);

	for (size_t i = 0; i < json_array_size(l); i++)
		sprintf(out + strlen(out), "%s%s", i ? "," : "",
			json_string_value(json_object_get(json_array_get(l, i), "ip")));
}

/* "ready|not ready|name:port/proto,...;" for each subset. */
static void expect(struct registry_help *h, const char *name, const char *want)
{
	const json_t *subsets;
	char out[1024] = "";

	if (registry_help_get(h, "endpoints", name) != 200)
		fail_msg("%s", registry_help_message(h));
	subsets = json_object_get(h->reply.body, "subsets");
	for (size_t i = 0; i < json_array_size(subsets); i++) {
		const json_t *s = json_array_get(subsets, i), *ports = json_object_get(s, "ports");

		print_list(out, s, "addresses");
		strcat(out, "|");
		print_list(out, s, "notReadyAddresses");
		strcat(out, "|");
		for (size_t j = 0; j < json_array_size(ports); j++) {
			const json_t *p = json_array_get(ports, j);
			const char *pn = json_string_value(json_object_get(p, "name"));

			sprintf(out + strlen(out), "%s%s%s%lld/%s", j ? "," : "", pn ? pn : "",
				pn ? ":" : "",
				(long long)json_integer_value(json_object_get(p, "port")),
				json_string_value(json_object_get(p, "protocol")));
		}
		strcat(out, ";");
	}
	assert_string_equal(out, want);
}

static void test_follows_pods(void **state)
{
	struct registry_help *h = *state;

	pod(h, "web-1", 8080);
	service(h, "web", "{'selector':{'app':'web'},'ports':[{'port':80,'targetPort':8080}]}");
	expect(h, "web", "");
	run(h, "web-1", "10.244.1.10", true);
	expect(h, "web", "10.244.1.10||8080/TCP;");
	assert_string_equal(registry_help_value(h, "subsets.0.addresses.0.nodeName"), "n1");
	assert_string_equal(registry_help_value(h, "subsets.0.addresses.0.targetRef.kind"), "Pod");
	assert_string_equal(registry_help_value(h, "subsets.0.addresses.0.targetRef.name"), "web-"
											    "1");

	/* In the order of the addresses' text, whatever the names. */
	pod(h, "web-0", 8080);
	run(h, "web-0", "10.244.1.9", true);
	pod(h, "web-2", 8080);
	run(h, "web-2", "10.244.0.200", false);
	expect(h, "web", "10.244.1.10,10.244.1.9|10.244.0.200|8080/TCP;");
	run(h, "web-2", "10.244.0.200", true);
	expect(h, "web", "10.244.0.200,10.244.1.10,10.244.1.9||8080/TCP;");

	assert_int_equal(registry_help_delete(h, "pods", "web-1"), 200);
	expect(h, "web", "10.244.0.200,10.244.1.9||8080/TCP;");
	assert_int_equal(registry_help_patch(h, "pods", "web-0", NULL,
					     "{'metadata':{'labels':{'app':'other'}}}"), 200);
	expect(h, "web", "10.244.0.200||8080/TCP;");
	assert_int_equal(registry_help_patch(h, "pods", "web-2", "status",
					     "{'status':{'phase':'Succeeded'}}"), 200);
	expect(h, "web", "");
}

static void test_named_ports(void **state)
{
	struct registry_help *h = *state;

	service(h, "web",
		"{'selector':{'app':'web'},'ports':[{'name':'b','port':80,'targetPort':'http'},"
		"{'name':'a','port':81,'targetPort':9},{'name':'c','port':82,'targetPort':"
		"'absent'}]}");
	pod(h, "web-1", 8080);
	pod(h, "web-2", 8081);
	pod(h, "web-3", 8080);
	run(h, "web-1", "10.244.0.1", true);
	run(h, "web-2", "10.244.0.2", true);
	run(h, "web-3", "10.244.0.3", false);
	expect(h, "web",
	       "10.244.0.1,10.244.0.2|10.244.0.3|a:9/TCP;10.244.0.1|10.244.0.3|b:8080/TCP;"
	       "10.244.0.2||b:8081/TCP;");
	/* When their ports are the same, there is one subset, and again others. */
	assert_int_equal(registry_help_delete(h, "pods", "web-2"), 200);
	expect(h, "web", "10.244.0.1|10.244.0.3|a:9/TCP,b:8080/TCP;");
	run(h, "web-3", "10.244.0.3", true);
	expect(h, "web", "10.244.0.1,10.244.0.3||a:9/TCP,b:8080/TCP;");
	pod(h, "web-2", 8081);
	run(h, "web-2", "10.244.0.2", true);
	expect(h, "web", "10.244.0.1,10.244.0.2,10.244.0.3||a:9/TCP;"
			 "10.244.0.1,10.244.0.3||b:8080/TCP;10.244.0.2||b:8081/TCP;");
	/* The same name for another protocol is another port. */
	service(h, "udp", "{'selector':{'app':'web'},'ports':[{'port':80,'protocol':'UDP',"
			  "'targetPort':'http'}]}");
	expect(h, "udp", "");
}

static void test_not_ready_published(void **state)
{
	struct registry_help *h = *state;

	service(h, "head",
		"{'clusterIP':'None','publishNotReadyAddresses':true,'selector':{'app':'web'}}");
	pod(h, "web-1", 8080);
	run(h, "web-1", "10.244.0.1", false);
	expect(h, "head", "10.244.0.1||;");
	assert_string_equal(json_string_value(json_object_get(json_object_get(json_object_get(
		h->reply.body, "metadata"), "labels"), "service.kubernetes.io/headless")), "");
}

static void test_by_hand(void **state)
{
	static const char made[] = "{'metadata':{'name':'db'},'subsets':[{'addresses':[{'ip':"
				   "'192.0.2.20'}],'ports':[{'port':5432}]}]}";
	struct registry_help *h = *state;

	service(h, "db", "{'ports':[{'port':5432}]}");
	assert_int_equal(registry_help_get(h, "endpoints", "db"), 404);
	assert_int_equal(registry_help_create(h, "endpoints", made), 201);
	expect(h, "db", "192.0.2.20||5432/TCP;");
	pod(h, "web-1", 8080);
	run(h, "web-1", "10.244.0.1", true);
	assert_int_equal(registry_help_patch(h, "services", "db", NULL,
					     "{'metadata':{'labels':{'a':'b'}}}"), 200);
	registry_help_reopen(h);
	expect(h, "db", "192.0.2.20||5432/TCP;");
	/* A selector takes them over; its end leaves them as they are. */
	assert_int_equal(registry_help_patch(h, "services", "db", NULL,
					     "{'spec':{'selector':{'app':'web'}}}"), 200);
	expect(h, "db", "10.244.0.1||5432/TCP;");
	assert_int_equal(
		registry_help_patch(h, "services", "db", NULL, "{'spec':{'selector':null}}"), 200);
	assert_int_equal(registry_help_delete(h, "pods", "web-1"), 200);
	expect(h, "db", "10.244.0.1||5432/TCP;");
	assert_int_equal(registry_help_delete(h, "services", "db"), 200);
	assert_int_equal(registry_help_get(h, "endpoints", "db"), 404);
	/* Without any Service they are their maker's. */
	assert_int_equal(registry_help_update(h, "endpoints", "db", made), 201);
	registry_help_reopen(h);
	expect(h, "db", "192.0.2.20||5432/TCP;");
}

static void test_bad_by_hand(void **state)
{
	static const char *const bad[][2] = {
		{ "[{'addresses':[{'ip':'127.0.0.1'}]}]", "subsets[0].addresses[0].ip: Invalid "
			"value: \"127.0.0.1\": may not be in the loopback range (127.0.0.0/8, "
			"::1/128)" },
		{ "[{'notReadyAddresses':[{'ip':'fe80::1'}]}]", "subsets[0].notReadyAddresses[0].ip"
			": Invalid value: \"fe80::1\": may not be in the link-local range" },
		{ "[{'addresses':[{}]}]", "subsets[0].addresses[0].ip: Invalid value: \"\"" },
		{ "[{'ports':[{'port':1}]}]", "subsets[0]: Required value: must specify "
					      "`addresses` or "
					      "`notReadyAddresses`" },
		{ "[{'addresses':[{'ip':'192.0.2.1'}],'ports':[{'port':1},{'port':2}]}]", "subsets["
											  "0]."
											  "ports[0]"
											  ".name: "
											  "Required"
											  " valu"
											  "e" },
		{ "[{'addresses':[{'ip':'192.0.2.1'}],'ports':[{'port':0}]}]", "subsets[0].ports[0]"
									       ".port: Invalid "
									       "value: 0" },
		{ "[{'addresses':[{'ip':'192.0.2.1'}],'ports':[{'port':1,'protocol':'tcp'}]}]",
		  "subsets[0].ports[0].protocol: Unsupported value: \"tcp\"" },
	};
	struct registry_help *h = *state;
	char body[256];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(body, sizeof(body), "{'metadata':{'name':'bad'},'subsets':%s}", bad[i][0]);
		assert_int_equal(registry_help_create(h, "endpoints", body), 422);
		if (!strstr(registry_help_message(h), bad[i][1]))
			fail_msg("%s: %s", bad[i][0], registry_help_message(h));
	}
}

/* A change that no endpoint sees writes no Endpoints, and no slice. */
static void test_only_what_changed(void **state)
{
	struct registry_help *h = *state;
	uint64_t version;

	service(h, "web", "{'selector':{'app':'web'},'ports':[{'port':80}]}");
	service(h, "other", "{'selector':{'app':'other'},'ports':[{'port':80}]}");
	pod(h, "web-1", 8080);
	run(h, "web-1", "10.244.0.1", true);
	version = registry_version(h->r);
	assert_int_equal(registry_help_patch(h, "pods", "web-1", NULL,
					     "{'metadata':{'annotations':{'a':'b'}}}"), 200);
	assert_int_equal(registry_version(h->r), version + 1);
	/* Nothing at all: not even a version. */
	assert_int_equal(registry_help_patch(h, "pods", "web-1", NULL,
					     "{'metadata':{'annotations':{'a':'b'}}}"), 200);
	assert_int_equal(registry_version(h->r), version + 1);
	/* One pod and the one Service that selects it. */
	run(h, "web-1", "10.244.0.1", false);
	assert_int_equal(registry_version(h->r), version + 4);
	/* Nor at a start. */
	registry_help_reopen(h);
	assert_int_equal(registry_version(h->r), version + 4);
}

static void test_deleted_comes_back(void **state)
{
	struct registry_help *h = *state;

	service(h, "web", "{'selector':{'app':'web'},'ports':[{'port':80}]}");
	pod(h, "web-1", 8080);
	run(h, "web-1", "10.244.0.1", true);
	assert_int_equal(registry_help_delete(h, "endpoints", "web"), 200);
	assert_string_equal(registry_help_value(h, "status"), "Success");
	expect(h, "web", "10.244.0.1||80/TCP;");
}

/* What cannot be made through the API yet: a pod on its way out. */
static void test_terminating(void **state)
{
	json_t *svc = registry_help_json("{'metadata':{'name':'s'},'spec':{'ports':[{'port':80,"
					 "'protocol':'TCP','targetPort':80}]}}");
	json_t *p = registry_help_json("{'metadata':{'name':'p','namespace':'d','uid':'1',"
				       "'deletionTimestamp':'2026-01-01T00:00:00Z'},'spec':{},"
				       "'status':{'podIP':'10.244.0.1','conditions':[{'type':"
				       "'Ready','status':'True'}]}}");
	json_t *subsets = endpoints_subsets(svc, &p, 1);

	(void)state;
	assert_int_equal(json_array_size(subsets), 0);
	json_decref(subsets);
	json_object_set_new(json_object_get(svc, "spec"), "publishNotReadyAddresses", json_true());
	subsets = endpoints_subsets(svc, &p, 1);
	assert_int_equal(json_array_size(subsets), 1);
	json_decref(subsets);
	json_decref(svc);
	json_decref(p);
}

/* The short way for one pod, where there is one, and the long way for all come to the same. */
static void test_change_is_the_same(void **state)
{
	enum { PODS = 12, STEPS = 2000 };
	json_t *svc = registry_help_json("{'metadata':{'name':'s'},'spec':{'ports':[{'name':'a',"
					 "'port':80,'protocol':'TCP','targetPort':'http'},{'name':"
					 "'b','port':81,'protocol':'TCP','targetPort':81}]}}");
	json_t *pods[PODS] = { NULL }, *subsets = json_array();
	int shorter = 0;

	(void)state;
	srand(7);
	for (int step = 0; step < STEPS; step++) {
		json_t *present[PODS], *all, *changed, *pod = NULL;
		int i = rand() % PODS;
		char uid[8];
		size_t n = 0;

		snprintf(uid, sizeof(uid), "u%d", i);
		/* Ports of three kinds, a few addresses that repeat, ready or not, or no pod. */
		if (rand() % 4)
			pod = registry_help_json("{'metadata':{'uid':'%s'},'spec':{'containers':"
				"[{'ports':[{'name':'%s','containerPort':%d,'protocol':'TCP'}]}]},"
				"'status':{'podIP':'10.0.%d.%d','conditions':[{'type':'Ready',"
				"'status':'%s'}]}}", uid,
				rand() % 30 ? "http" : "none", 8080 + (rand() % 30 == 0),
				rand() % 2, rand() % 4 + 9, rand() % 2 ? "True" : "False");
		json_decref(pods[i]);
		pods[i] = pod;
		for (int k = 0; k < PODS; k++)
			if (pods[k])
				present[n++] = pods[k];
		changed = endpoints_subsets_change(subsets, svc, uid, pod);
		all = endpoints_subsets(svc, present, n);
		if (changed)
			assert_true(json_equal(changed, all));
		else
			assert_true(json_array_size(all) > 1 || json_array_size(subsets) > 1);
		shorter += !!changed;
		json_decref(changed);
		json_decref(subsets);
		subsets = all;
	}
	/* Else one of the ways was hardly gone. */
	assert_in_range(shorter, STEPS / 10, STEPS * 9 / 10);
	for (int i = 0; i < PODS; i++)
		json_decref(pods[i]);
	json_decref(subsets);
	json_decref(svc);
}

/* What another hand makes of a Service's own Endpoints does not last. */
static void test_put_right(void **state)
{
	struct registry_help *h = *state;

	service(h, "web", "{'selector':{'app':'web'},'ports':[{'port':80}]}");
	pod(h, "web-1", 8080);
	run(h, "web-1", "10.244.0.1", true);
	assert_int_equal(registry_help_update(h, "endpoints", "web",
		"{'metadata':{'name':'web'},'subsets':[{'addresses':[{'ip':'192.0.2.1'}]}]}"), 200);
	expect(h, "web", "10.244.0.1||80/TCP;");
	/* Whether it is headless is not for its labels to say. */
	assert_int_equal(registry_help_patch(h, "services", "web", NULL, "{'metadata':{'labels':{"
		"'service.kubernetes.io/headless':'','a':'b'}}}"), 200);
	expect(h, "web", "10.244.0.1||80/TCP;");
	assert_string_equal(registry_help_value(h, "metadata.labels.a"), "b");
	assert_null(json_object_get(json_object_get(json_object_get(h->reply.body, "metadata"),
						    "labels"), "service.kubernetes.io/headless"));
}

struct truncation {
	const char *name;
	int have[3][2], left[3][2];	/* ready and not ready, of each subset */
	bool truncated;
};

static const struct truncation truncations[] = {
	{ "as many as may be", { { 5, 3 }, { 2 } }, { { 5, 3 }, { 2 } }, false },
	{ "who is not ready goes first", { { 5, 4 }, { 2 } }, { { 5, 3 }, { 2 } }, true },
	{ "each by its part", { { 1, 6 }, { 1, 6 } }, { { 1, 4 }, { 1, 4 } }, true },
	{ "rounded up, the last one gets less", { { 1, 3 }, { 3, 3 }, { 1, 3 } },
	  { { 1, 2 }, { 3, 2 }, { 1, 1 } }, true },
	{ "none that is not ready", { { 8, 1 }, { 2, 1 } }, { { 8 }, { 2 } }, true },
	{ "ready ones by their part", { { 16, 5 }, { 4, 5 } }, { { 8 }, { 2 } }, true },
	{ "a subset of which nothing is left", { { 5 }, { 0, 3 }, { 5 } }, { { 5 }, { 5 } },
	  true },
};

static void fill_list(json_t *subset, const char *key, int n)
{
	json_t *list = json_array();

	for (int i = 0; i < n; i++)
		json_array_append_new(list, registry_help_json("{'ip':'%s%d'}", key, i));
	if (n)
		json_object_set(subset, key, list);
	json_decref(list);
}

static json_t *make_subsets(const int v[3][2])
{
	json_t *subsets = json_array(), *subset;

	for (int i = 0; i < 3 && v[i][0] + v[i][1]; i++) {
		subset = json_object();
		fill_list(subset, "addresses", v[i][0]);
		fill_list(subset, "notReadyAddresses", v[i][1]);
		json_array_append_new(subsets, subset);
	}
	return subsets;
}

static void test_truncation(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(truncations) / sizeof(truncations[0]); i++) {
		const struct truncation *x = &truncations[i];
		json_t *subsets = make_subsets(x->have), *want = make_subsets(x->left);

		if (endpoints_truncate(subsets, 10) != x->truncated || !json_equal(subsets, want))
			fail_msg("%s", x->name);
		json_decref(subsets);
		json_decref(want);
	}
}

/* The subsets, of which the only one has so many ready and not ready addresses. */
static json_t *counted(struct registry_help *h, size_t ready, size_t others, const char *note)
{
	const json_t *annotations, *subset, *subsets;

	assert_int_equal(registry_help_get(h, "endpoints", "web"), 200);
	annotations = json_object_get(json_object_get(h->reply.body, "metadata"), "annotations");
	subsets = json_object_get(h->reply.body, "subsets");
	subset = json_array_get(subsets, 0);
	assert_int_equal(json_array_size(subsets), 1);
	assert_int_equal(json_array_size(json_object_get(subset, "addresses")), ready);
	assert_int_equal(json_array_size(json_object_get(subset, "notReadyAddresses")), others);
	if (note)
		assert_string_equal(note, json_string_value(json_object_get(
			annotations, "endpoints.kubernetes.io/over-capacity")));
	else
		assert_null(annotations);
	return json_deep_copy(subsets);
}

/* What came step by step is what comes of all at once. */
static void expect_count(struct registry_help *h, size_t ready, size_t others, const char *note)
{
	json_t *steps = counted(h, ready, others, note), *fresh;

	assert_int_equal(registry_help_delete(h, "endpoints", "web"), 200);
	fresh = counted(h, ready, others, note);
	assert_true(json_equal(steps, fresh));
	json_decref(steps);
	json_decref(fresh);
}

static void test_over_capacity(void **state)
{
	struct registry_help *h = *state;
	char name[16], ip[32];

	for (int i = 0; i < 1003; i++) {
		snprintf(name, sizeof(name), "web-%d", i);
		snprintf(ip, sizeof(ip), "10.244.%d.%d", i / 250, 1 + i % 250);
		pod(h, name, 8080);
		run(h, name, ip, i >= 10);
	}
	service(h, "web", "{'selector':{'app':'web'},'ports':[{'port':80}]}");
	expect_count(h, 993, 7, "truncated");
	/* One that was left out gets ready, and one that was in goes. */
	run(h, "web-9", "10.244.0.10", true);
	expect_count(h, 994, 6, "truncated");
	registry_help_delete(h, "pods", "web-500");
	expect_count(h, 993, 7, "truncated");
	registry_help_delete(h, "pods", "web-501");
	expect_count(h, 992, 8, "truncated");
	registry_help_delete(h, "pods", "web-0");
	expect_count(h, 992, 8, NULL);
	run(h, "web-1", "10.244.0.2", true);
	expect_count(h, 993, 7, NULL);
	pod(h, "web-500", 8080);
	run(h, "web-500", "10.244.2.1", true);
	expect_count(h, 994, 6, "truncated");
	assert_int_equal(registry_help_delete(h, "services", "web"), 200);
}

static void test_families(void **state)
{
	json_t *svc = registry_help_json("{'spec':{'ipFamilies':['IPv6'],'ports':[{'port':80,"
					 "'protocol':'TCP','targetPort':80}]}}");
	json_t *p = registry_help_json("{'metadata':{'uid':'1'},'status':{'podIP':'10.244.0.1',"
				       "'podIPs':[{'ip':'10.244.0.1'},{'ip':'fd00::1'}]}}");
	json_t *subsets = endpoints_subsets(svc, &p, 1), *list;

	(void)state;
	list = json_object_get(json_array_get(subsets, 0), "notReadyAddresses");
	assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "ip")), "fd0"
											       "0::"
											       "1");
	json_decref(subsets);
	json_decref(svc);
	json_decref(p);
}

static void test_pods(void **state)
{
	static const char *const bad[][2] = {
		{ "{}", "spec.containers: Required value" },
		{ "{'containers':[{'image':'x'}]}", "spec.containers[0].name: Required value" },
		{ "{'containers':[{'name':'A'}]}", "spec.containers[0].name: Invalid value: "
						   "\"A\"" },
		{ "{'containers':[{'name':'a'},{'name':'a'}]}", "spec.containers[1].name: "
								"Duplicate value: \"a\"" },
		{ "{'containers':[{'name':'a','ports':[{'name':'http'}]}]}", "spec.containers[0]."
									     "ports[0]."
									     "containerPort: "
									     "Required value" },
		{ "{'containers':[{'name':'a','ports':[{'containerPort':70000}]}]}", "spec."
										     "containers[0]"
										     ".ports[0]."
										     "containerPort"
										     ": Invalid "
										     "value: "
										     "70000" },
		{ "{'containers':[{'name':'a','ports':[{'containerPort':1,'name':'Http'}]}]}",
		  "spec.containers[0].ports[0].name: Invalid value: \"Http\"" },
		{ "{'containers':[{'name':'a','ports':[{'containerPort':1,'protocol':'X'}]}]}",
		  "spec.containers[0].ports[0].protocol: Unsupported value: \"X\"" },
	};
	struct registry_help *h = *state;
	char body[256];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(body, sizeof(body), "{'metadata':{'name':'bad'},'spec':%s}", bad[i][0]);
		assert_int_equal(registry_help_create(h, "pods", body), 422);
		if (!strstr(registry_help_message(h), bad[i][1]))
			fail_msg("%s: %s", bad[i][0], registry_help_message(h));
	}
	/* It keeps what it came with, but for its status. */
	assert_int_equal(registry_help_create(h, "pods",
					      "{'metadata':{'name':'p'},'spec':{'containers':[{'"
					      "name':'c','image':'x','env':[{'name':"
					      "'SERVER_PORT','value':'8080'}]}],'priority':0},'"
					      "status':{'phase':'Running'}}"),
			 201);
	assert_string_equal(registry_help_value(h, "status.phase"), "Pending");
	assert_string_equal(registry_help_value(h, "spec.containers.0.env.0.value"), "8080");
	assert_string_equal(registry_help_value(h, "spec.priority"), "0");
	/* The status alone is taken from a write of the status. */
	assert_int_equal(registry_help_patch(h, "pods", "p", "status",
					     "{'spec':{'nodeName':'n9'},'status':{'phase':'Running'"
					     ",'podIPs':[{'ip':'10.244.0.1'}]}}"),
			 200);
	assert_string_equal(registry_help_value(h, "spec.nodeName"), "");
	assert_string_equal(registry_help_value(h, "status.podIP"), "10.244.0.1");
	assert_int_equal(registry_help_patch(h, "pods", "p", "status",
					     "{'status':{'podIP':'10.244.0.300'}}"), 422);
	assert_int_equal(registry_help_patch(h, "pods", "p", "status",
					     "{'status':{'podIP':'127.0.0.1'}}"), 422);
	assert_int_equal(registry_help_patch(h, "pods", "p", NULL,
					     "{'spec':{'containers':[{'name':'c','image':'y','env':"
					     "[{'name':'SERVER_PORT','value':"
					     "'8080'}]}]}}"),
			 200);
	assert_int_equal(registry_help_patch(h, "pods", "p", NULL, "{'spec':{'hostname':'h'}}"),
			 422);
}

static int bind_with(struct registry_help *h, const char *name, const char *json,
		     unsigned int flags)
{
	json_t *body = registry_help_json("%s", json);

	json_decref(h->reply.body);
	registry_bind(h->r, "default", name, body, flags, &h->reply);
	json_decref(body);
	return h->reply.code;
}

static int bind_pod(struct registry_help *h, const char *name, const char *json)
{
	return bind_with(h, name, json, 0);
}

static int bind_dry(struct registry_help *h, const char *name, const char *json)
{
	return bind_with(h, name, json, REGISTRY_DRY_RUN);
}

static void test_binding(void **state)
{
	struct registry_help *h = *state;

	assert_int_equal(registry_help_create(h, "pods",
					      "{'metadata':{'name':'p'},'spec':{'containers':"
					      "[{'name':'c','image':'i'}]}}"),
			 201);
	assert_int_equal(bind_pod(h, "absent", "{'target':{'name':'n1'}}"), 404);
	assert_int_equal(bind_pod(h, "p", "{'target':{'kind':'Node'}}"), 422);
	assert_int_equal(bind_pod(h, "p", "{'target':{'kind':'Pod','name':'n1'}}"), 422);
	assert_int_equal(bind_pod(h, "p", "[]"), 400);
	assert_int_equal(bind_pod(h, "p", "{'target':{'kind':'Node','name':'k8node1.net'}}"), 201);
	assert_string_equal(registry_help_value(h, "status"), "Success");
	assert_int_equal(bind_pod(h, "p", "{'target':{'kind':'Node','name':'n2'}}"), 409);
	assert_string_equal(registry_help_message(h), "Operation cannot be fulfilled on "
		"pods/binding \"p\": pod p is already assigned to node \"k8node1.net\"");
	assert_int_equal(registry_help_get(h, "pods", "p"), 200);
	assert_string_equal(registry_help_value(h, "spec.nodeName"), "k8node1.net");
	assert_string_equal(registry_help_value(h, "status.conditions.0.type"), "PodScheduled");
	assert_string_equal(registry_help_value(h, "status.conditions.0.lastTransitionTime"),
			    "2023-11-14T22:13:20Z");
}

/* A Pod that is going, or another one than the caller saw, gets no node. */
static void test_binding_refused(void **state)
{
	static const char body[] = "{'metadata':{'%s':'%s'},'target':{'name':'n1'}}";
	static const char *const keys[] = { "uid", "resourceVersion" };
	struct registry_help *h = *state;
	char right[2][256], text[256];

	assert_int_equal(registry_help_create(h, "pods",
					      "{'metadata':{'name':'p','finalizers':['x.io/one']},"
					      "'spec':{'containers':[{'name':'c','image':'i'}]}}"),
			 201);
	snprintf(right[0], sizeof(right[0]), body, "uid", registry_help_value(h, "metadata.uid"));
	snprintf(right[1], sizeof(right[1]), body, "resourceVersion",
		 registry_help_value(h, "metadata.resourceVersion"));
	for (int i = 0; i < 2; i++) {
		snprintf(text, sizeof(text), body, keys[i], "7");
		assert_int_equal(bind_pod(h, "p", text), 409);
		assert_non_null(strstr(registry_help_message(h), "in precondition: 7, "));
	}
	assert_int_equal(bind_dry(h, "p", right[0]), 201);
	assert_int_equal(bind_dry(h, "p", right[1]), 201);
	assert_int_equal(registry_help_delete(h, "pods", "p"), 200);
	assert_int_equal(bind_pod(h, "p", right[0]), 409);
	assert_string_equal(registry_help_message(h), "Operation cannot be fulfilled on "
		"pods/binding \"p\": pod p is being deleted, cannot be assigned to a host");
	assert_int_equal(registry_help_get(h, "pods", "p"), 200);
	assert_string_equal(registry_help_value(h, "spec.nodeName"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, registry_help_setup, registry_help_teardown)
		T(test_follows_pods),
		T(test_named_ports),
		T(test_not_ready_published),
		T(test_by_hand),
		T(test_bad_by_hand),
		T(test_only_what_changed),
		T(test_deleted_comes_back),
		cmocka_unit_test(test_change_is_the_same), T(test_put_right),
		cmocka_unit_test(test_terminating),
		cmocka_unit_test(test_truncation), T(test_over_capacity),
		cmocka_unit_test(test_families),
		T(test_pods),
		T(test_binding), T(test_binding_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
