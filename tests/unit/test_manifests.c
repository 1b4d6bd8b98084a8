// SPDX-License-Identifier: GPL-2.0
/* What files ask for becomes what the registry holds; whose it is; and what is refused. */
#include "jx.h"
#include "managed.h"
#include "manifests_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define SERVICE(name, port) \
	"apiVersion: v1\nkind: Service\nmetadata:\n  name: " name "\nspec:\n  ports:\n" \
	"  - port: " port "\n"
#define SERVICE_IP(name, ip) \
	"apiVersion: v1\nkind: Service\nmetadata: {name: " name "}\n" \
	"spec: {clusterIP: " ip ", ports: [{port: 80}]}\n"
#define NAMESPACE(name) "apiVersion: v1\nkind: Namespace\nmetadata: {name: " name "}\n"
#define IN_NAMESPACE(ns, name) \
	"apiVersion: v1\nkind: Service\nmetadata: {name: " name ", namespace: " ns "}\n" \
	"spec: {ports: [{port: 80}]}\n"
#define POD(name, ip) \
	"apiVersion: v1\nkind: Pod\nmetadata: {name: " name ", labels: {app: x}}\n" \
	"spec: {nodeName: a, containers: [{name: c, image: i}]}\n" \
	"status: {podIP: " ip ", podIPs: [{ip: " ip "}], phase: Running," \
	" conditions: [{type: Ready, status: 'True'}]}\n"
#define AND "---\n"

#define NHAS 4

static void test_good(void **state)
{
	static const struct {
		const char *name, *text, *has[NHAS];
	} cases[] = {
		{ "a.yaml", SERVICE("a", "80"), { "services a" } },
		{ "b.yml", SERVICE("a", "80") AND AND SERVICE("b", "81"),
		  { "services a", "services b" } },
		{ "c.json", "{\"apiVersion\": \"v1\", \"kind\": \"Service\", \"metadata\": "
		  "{\"name\": \"a\"}, \"spec\": {\"ports\": [{\"port\": 80}]}}", { "services a" } },
		{ "d.yaml", "apiVersion: v1\nkind: List\nitems:\n"
		  "- {apiVersion: v1, kind: Node, metadata: {name: a}}\n"
		  "- {apiVersion: v1, kind: Namespace, metadata: {name: shop}}\n",
		  { "nodes a", "namespaces shop" } },
		{ "e.yaml", IN_NAMESPACE("shop", "a") AND NAMESPACE("shop"),
		  { "namespaces shop", "services shop/a" } },
		{ "f.yaml", SERVICE("a", "80") AND "apiVersion: v1\nkind: Endpoints\n"
		  "metadata: {name: a}\nsubsets:\n- addresses: [{ip: 192.0.2.1}]\n"
		  "  ports: [{port: 8080}]\n", { "services a", "endpoints a" } },
		{ "g.yaml", "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n"
		  "metadata: {name: s}\naddressType: IPv4\nendpoints: []\nports: []\n",
		  { "endpointslices s" } },
		{ "h.yaml", POD("p", "192.0.2.7"), { "pods p" } },
		/* What was exported. */
		{ "i.yaml", "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n  uid: x-y\n"
		  "  resourceVersion: '77'\n  creationTimestamp: '2020-01-01T00:00:00Z'\n"
		  "  annotations: {svcnat/manifest: other.yaml, a: b}\n"
		  "spec: {ports: [{port: 80}]}\nstatus: {loadBalancer: {}}\n", { "services a" } },
		{ "j.yaml", "# nothing so far\n", { NULL } },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct manifests_help *t = *state;

		manifests_help_put(t, cases[i].name, cases[i].text);
		manifests_help_restart(t);
		assert_string_equal(manifests_help_refusal(t, cases[i].name), "");
		for (size_t j = 0; j < NHAS && cases[i].has[j]; j++)
			if (!manifests_help_has(t, cases[i].has[j]))
				fail_msg("%s: no %s", cases[i].name, cases[i].has[j]);
		manifests_help_remove(t, cases[i].name);
		manifests_help_restart(t);
		for (size_t j = 0; j < NHAS && cases[i].has[j]; j++)
			if (manifests_help_has(t, cases[i].has[j]))
				fail_msg("%s: %s stays", cases[i].name, cases[i].has[j]);
	}
}

/* Each behind a good object, in line 8: nothing of the file is there then. */
static void test_bad(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "kind: [", "x.yaml:10:1: " },
		{ "a: b: c\n", "x.yaml:9:5: " },
		{ SERVICE("b", "0"), "x.yaml:15:11: Service \"b\" is invalid: [spec.ports[0].port: "
		  "Invalid value: 0: must be between 1 and 65535, inclusive, " },
		{ SERVICE("b", "http"), "x.yaml:15:11: Service in version \"v1\" cannot be handled "
		  "as a Service: " },
		{ SERVICE("b", "80") "  slector: {}\n", "x.yaml:16:3: Service in version \"v1\" "
		  "cannot be handled as a Service: strict decoding error: unknown field "
		  "\"spec.slector\"" },
		{ SERVICE("UPPER", "80"), "x.yaml:12:9: Service \"UPPER\" is invalid: "
		  "metadata.name: " },
		{ "apiVersion: v1\nkind: Sevrice\nmetadata: {name: b}\n",
		  "x.yaml:10:7: kind: there is no kind \"Sevrice\" in version \"v1\"" },
		{ "apiVersion: v1\nkind: Event\nmetadata: {name: b}\n",
		  "x.yaml:10:7: kind: Events cannot come from a file" },
		{ "apiVersion: v1\nkind: Namespace\n", "x.yaml:9:1: metadata.name: what comes from "
		  "a file needs a name of its own" },
		{ "apiVersion: v1\nkind: Namespace\nmetadata: {generateName: b-}\n",
		  "x.yaml:11:11: metadata.name: what comes from a file needs a name of its own" },
		{ "kind: Namespace\nmetadata: {name: b}\n", "x.yaml:9:1: apiVersion is not set" },
		{ SERVICE("a", "80"), "x.yaml:12:9: metadata.name: services \"a\" is in line 4 "
		  "already" },
		{ IN_NAMESPACE("nowhere", "b"), "x.yaml:11:32: namespaces \"nowhere\" not found" },
		{ SERVICE_IP("b", "10.96.77.1"), "x.yaml:12:19: Service \"b\" is invalid: "
		  "spec.clusterIPs: Invalid value: [\"10.96.77.1\"]: failed to allocate IP "
		  "10.96.77.1: provided IP is already allocated" },
		{ SERVICE("byapi", "80"), "x.yaml:12:9: metadata.name: services \"byapi\" is not "
		  "from a file: it was made through the API: delete it there, or take it out of "
		  "this file" },
		{ NAMESPACE("default"), "x.yaml:11:18: metadata.name: namespaces \"default\" is "
		  "not from a file: " },
	};
	struct manifests_help *t = *state;
	char text[1024];

	registry_help_service(t->h, "byapi", "{'clusterIP':'10.96.77.1','ports':[{'port':80}]}");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), "%s%s%s", SERVICE("a", "80"), AND, cases[i].text);
		manifests_help_put(t, "x.yaml", text);
		manifests_help_restart(t);
		if (strncmp(manifests_help_refusal(t, "x.yaml"), cases[i].want,
			    strlen(cases[i].want)))
			fail_msg("%zu: %s", i, manifests_help_refusal(t, "x.yaml"));
		assert_false(manifests_ok(t->m));
		assert_false(manifests_help_has(t, "services a"));
		if (manifests_help_has(t, "services b"))
			fail_msg("%zu: b is there", i);
	}
	assert_true(manifests_help_has(t, "services byapi"));
}

static void test_change(void **state)
{
	struct manifests_help *t = *state;
	char ip[64], uid[64], version[32];

	manifests_help_change(t, "a.yaml", SERVICE("web", "80") AND SERVICE("old", "80"));
	snprintf(ip, sizeof(ip), "%s",
		 manifests_help_value(t, "services", "web", "spec.clusterIP"));
	snprintf(uid, sizeof(uid), "%s",
		 manifests_help_value(t, "services", "web", "metadata.uid"));
	assert_non_null(strstr(ip, "10."));

	/* Broken: all stays, and is said; each text once. */
	manifests_help_change(t, "a.yaml", SERVICE("web", "0"));
	assert_non_null(strstr(manifests_help_refusal(t, "a.yaml"), "a.yaml:7:11: Service"));
	assert_true(manifests_help_has(t, "services old"));
	assert_string_equal(manifests_help_value(t, "services", "web", "spec.ports.0.port"), "80");
	manifests_help_change(t, "a.yaml", "");
	assert_string_equal(manifests_help_refusal(t, "a.yaml"),
			    "a.yaml is empty: delete it if nothing of it shall stay");
	assert_true(manifests_help_has(t, "services web"));

	/* Put right: one goes, the other keeps what it is known by. */
	manifests_help_change(t, "a.yaml", SERVICE("web", "81"));
	assert_string_equal(manifests_help_refusal(t, "a.yaml"), "");
	assert_true(manifests_ok(t->m));
	assert_false(manifests_help_has(t, "services old"));
	assert_string_equal(manifests_help_value(t, "services", "web", "spec.ports.0.port"), "81");
	assert_string_equal(manifests_help_value(t, "services", "web", "spec.clusterIP"), ip);
	assert_string_equal(manifests_help_value(t, "services", "web", "metadata.uid"), uid);

	/* What says the same in other words is no change. */
	snprintf(version, sizeof(version), "%s",
		 manifests_help_value(t, "services", "web", "metadata.resourceVersion"));
	manifests_help_change(t, "a.yaml", "# a comment\n" SERVICE("web", "81"));
	manifests_help_restart(t);
	assert_string_equal(manifests_help_value(t, "services", "web", "metadata.resourceVersion"),
			    version);
}

static int count_events(struct manifests_help *t, const char *reason)
{
	const struct registry_query all = { NULL, NULL };
	struct reply list = { 0 };
	json_t *ev;
	int n = 0;
	size_t i;

	registry_list(t->h->r, registry_help_type("events"), "default", &all, &list);
	json_array_foreach(json_object_get(list.body, "items"), i, ev) {
		if (!jx_is(ev, "reason", reason))
			continue;
		assert_string_equal(jx_str(ev, "involvedObject.kind"), "Node");
		assert_string_equal(jx_str(ev, "involvedObject.name"), "node");
		n += (int)jx_int(ev, "count");
	}
	json_decref(list.body);
	return n;
}

static void test_events(void **state)
{
	struct manifests_help *t = *state;

	manifests_help_change(t, "a.yaml", SERVICE("web", "0"));
	assert_int_equal(count_events(t, "InvalidManifest"), 1);
	manifests_help_look(t);
	manifests_help_look(t);
	assert_int_equal(count_events(t, "InvalidManifest"), 1);
	manifests_help_change(t, "a.yaml", SERVICE("web", "99999"));
	assert_int_equal(count_events(t, "InvalidManifest"), 2);
	assert_int_equal(count_events(t, "ValidManifest"), 0);
	manifests_help_change(t, "a.yaml", SERVICE("web", "80"));
	assert_int_equal(count_events(t, "InvalidManifest"), 2);
	assert_int_equal(count_events(t, "ValidManifest"), 1);
}

/* What one object of a file gives back another one may have, in the same step. */
static void test_address_changes_hands(void **state)
{
	struct manifests_help *t = *state;

	manifests_help_change(t, "a.yaml", SERVICE_IP("one", "10.96.0.77"));
	manifests_help_change(t, "a.yaml", SERVICE_IP("two", "10.96.0.77"));
	assert_string_equal(manifests_help_refusal(t, "a.yaml"), "");
	assert_false(manifests_help_has(t, "services one"));
	assert_string_equal(manifests_help_value(t, "services", "two", "spec.clusterIP"),
			    "10.96.0.77");
	/* Refused, the books are as before: the address is taken, its neighbour is not. */
	manifests_help_change(t, "a.yaml", SERVICE_IP("three", "10.96.0.78") AND SERVICE("x", "0"));
	assert_int_equal(registry_help_create(t->h, "services", "{'metadata':{'name':'api'},"
			 "'spec':{'clusterIP':'10.96.0.77','ports':[{'port':80}]}}"), 422);
	assert_int_equal(registry_help_create(t->h, "services", "{'metadata':{'name':'api'},"
			 "'spec':{'clusterIP':'10.96.0.78','ports':[{'port':80}]}}"), 201);
}

static void expect_managed(struct manifests_help *t, int code)
{
	assert_int_equal(code, 403);
	assert_string_equal(registry_help_message(t->h),
			    "services \"web\" is managed by the file web.yaml: change it there");
}

static void test_guard(void **state)
{
	struct manifests_help *t = *state;
	struct registry_help *h = t->h;
	struct reply reply = { 0 };
	json_t *object, *list;

	manifests_help_change(t, "web.yaml", SERVICE("web", "80") AND POD("p", "192.0.2.1"));
	expect_managed(t, registry_help_patch(h, "services", "web", NULL,
					      "{'metadata':{'labels':{'a':'b'}}}"));
	expect_managed(t, registry_help_patch(h, "services", "web", NULL,
					      "{'spec':{'ports':[{'port':81}]}}"));
	expect_managed(t, registry_help_patch(h, "services", "web", NULL,
					      "{'metadata':{'annotations':null}}"));
	expect_managed(t, registry_help_delete(h, "services", "web"));
	/* What changes nothing is no change. */
	assert_int_equal(registry_help_patch(h, "services", "web", NULL, "{}"), 200);
	/* A collection. */
	assert_int_equal(registry_help_get(h, "services", "web"), 200);
	list = json_pack("[O]", h->reply.body);
	assert_int_equal(registry_delete_all(h->r, registry_help_type("services"), list, -1, 0,
					     &reply), -1);
	assert_int_equal(reply.code, 403);
	json_decref(reply.body);
	json_decref(list);
	/* Where a pod runs. */
	object = registry_help_json("{'target':{'kind':'Node','name':'b'}}");
	registry_bind(h->r, "default", "p", object, 0, &reply);
	assert_int_equal(reply.code, 403);
	json_decref(reply.body);
	json_decref(object);
	/* Its status is anybody's. */
	assert_int_equal(registry_help_patch(h, "pods", "p", "status",
					     "{'status':{'podIP':'192.0.2.9',"
					     "'podIPs':[{'ip':'192.0.2.9'}]}}"), 200);
	manifests_help_restart(t);
	assert_string_equal(manifests_help_value(t, "pods", "p", "status.podIP"), "192.0.2.9");
	/* Until the file says another one. */
	manifests_help_change(t, "web.yaml", SERVICE("web", "80") AND POD("p", "192.0.2.2"));
	assert_string_equal(manifests_help_value(t, "pods", "p", "status.podIP"), "192.0.2.2");
}

static void test_mark_is_svcds(void **state)
{
	static const char *const bodies[] = {
		"{'metadata':{'name':'x','annotations':{'" MANAGED_FILE "':'a.yaml'}},"
		"'spec':{'ports':[{'port':80}]}}",
		"{'metadata':{'name':'x','annotations':{'" MANAGED_HASH "':'0'}},"
		"'spec':{'ports':[{'port':80}]}}",
	};
	const struct registry_query all = { NULL, NULL };
	struct manifests_help *t = *state;
	struct reply list = { 0 };
	json_t *slices;

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		assert_int_equal(registry_help_create(t->h, "services", bodies[i]), 422);
	registry_help_service(t->h, "x", "{'ports':[{'port':80}]}");
	assert_int_equal(registry_help_patch(t->h, "services", "x", NULL,
			 "{'metadata':{'annotations':{'" MANAGED_FILE "':'a.yaml'}}}"), 422);
	registry_help_causes(t->h, "a mark", (const char *const[REGISTRY_HELP_CAUSES]){
		"metadata.annotations[svcnat/manifest]: Forbidden: only svcd sets it, on what "
		"comes from its folder of manifests" });
	/* What was made of a file's Endpoints does not say that it is the file's. */
	manifests_help_change(t, "a.yaml", "apiVersion: v1\nkind: Endpoints\nmetadata: {name: x}\n"
			      "subsets: [{addresses: [{ip: 192.0.2.1}], ports: [{port: 1}]}]\n");
	registry_list(t->h->r, registry_help_type("endpointslices"), "default", &all, &list);
	slices = json_object_get(list.body, "items");
	assert_int_equal(json_array_size(slices), 1);
	assert_null(managed_by(json_array_get(slices, 0)));
	json_decref(list.body);
}

/* Nobody reads the folder any more: its objects are like others, and so is the mark taken off. */
static void test_released(void **state)
{
	struct manifests_help *t = *state;

	manifests_help_change(t, "a.yaml", SERVICE("a", "80") AND SERVICE("b", "80"));
	manifests_help_stop(t);
	assert_int_equal(registry_help_delete(t->h, "services", "a"), 200);
	assert_int_equal(registry_help_patch(t->h, "services", "b", NULL,
			 "{'metadata':{'annotations':null}}"), 200);
	manifests_help_start(t);
	assert_non_null(strstr(manifests_help_refusal(t, "a.yaml"), "services \"b\" is not from a "
			       "file"));
}

static void test_two_files(void **state)
{
	struct manifests_help *t = *state;
	char uid[64];

	manifests_help_put(t, "a.yaml", SERVICE("web", "80"));
	manifests_help_change(t, "b.yaml", SERVICE("web", "81") AND SERVICE("x", "80"));
	assert_string_equal(manifests_help_refusal(t, "b.yaml"), "b.yaml:4:9: metadata.name: "
			    "services \"web\" is managed by the file a.yaml: take it out of one of "
			    "the two");
	assert_false(manifests_help_has(t, "services x"));
	snprintf(uid, sizeof(uid), "%s",
		 manifests_help_value(t, "services", "web", "metadata.uid"));

	/* The first one gives it up: the second one gets it, as it is. */
	manifests_help_change(t, "a.yaml", SERVICE("other", "80"));
	assert_string_equal(manifests_help_refusal(t, "b.yaml"), "");
	assert_true(manifests_help_has(t, "services x"));
	assert_true(manifests_help_has(t, "services other"));
	assert_string_equal(manifests_help_value(t, "services", "web", "spec.ports.0.port"), "81");
	assert_string_equal(manifests_help_value(t, "services", "web", "metadata.uid"), uid);

	/* A file gets another name, an earlier or a later one, or while svcd is off. */
	manifests_help_remove(t, "b.yaml");
	manifests_help_change(t, "Z.yaml", SERVICE("web", "81") AND SERVICE("x", "80"));
	manifests_help_remove(t, "Z.yaml");
	manifests_help_put(t, "zz.yaml", SERVICE("web", "81") AND SERVICE("x", "80"));
	manifests_help_restart(t);
	assert_string_equal(manifests_help_refusal(t, "zz.yaml"), "");
	assert_string_equal(manifests_help_value(t, "services", "web", "metadata.uid"), uid);
	assert_int_equal(registry_help_delete(t->h, "services", "web"), 403);
	assert_non_null(strstr(registry_help_message(t->h), "the file zz.yaml"));
}

static void test_restart(void **state)
{
	struct manifests_help *t = *state;
	char other[128];

	manifests_help_put(t, "a.yaml", SERVICE("a", "80"));
	manifests_help_change(t, "b.yaml", SERVICE("b", "80"));
	manifests_help_stop(t);
	manifests_help_remove(t, "a.yaml");
	manifests_help_put(t, "b.yaml", SERVICE("b", "81"));
	manifests_help_start(t);
	assert_false(manifests_help_has(t, "services a"));
	assert_string_equal(manifests_help_value(t, "services", "b", "spec.ports.0.port"), "81");

	/* Broken at a start, too, it changes nothing. */
	manifests_help_put(t, "b.yaml", "kind: [");
	manifests_help_restart(t);
	assert_true(manifests_help_has(t, "services b"));
	/* Without the folder nobody knows. */
	snprintf(other, sizeof(other), "%s/n", t->h->dir);
	assert_int_equal(rename(t->dir, other), 0);
	manifests_help_restart(t);
	assert_true(manifests_help_has(t, "services b"));
	assert_false(manifests_ok(t->m));
	assert_int_equal(registry_help_delete(t->h, "services", "b"), 403);
	assert_int_equal(rename(other, t->dir), 0);
	manifests_help_remove(t, "b.yaml");
	manifests_help_look(t);
	assert_true(manifests_ok(t->m));
	assert_false(manifests_help_has(t, "services b"));
}

static int delete_namespace(struct manifests_help *t, const char *name)
{
	struct reply reply = { 0 };
	int code;

	registry_delete(t->h->r, registry_help_type("namespaces"), NULL, name, 0, &reply);
	code = reply.code;
	if (code != 200)
		assert_non_null(strstr(jx_str(reply.body, "message"), ".yaml"));
	json_decref(reply.body);
	return code;
}

static void test_namespaces(void **state)
{
	struct manifests_help *t = *state;

	/* The API's namespace, with something of a file in it. */
	assert_int_equal(registry_help_create(t->h, "namespaces",
					      "{'metadata':{'name':'api'}}"), 201);
	manifests_help_change(t, "a.yaml", IN_NAMESPACE("api", "a"));
	assert_int_equal(delete_namespace(t, "api"), 403);
	manifests_help_remove(t, "a.yaml");
	manifests_help_look(t);
	assert_int_equal(delete_namespace(t, "api"), 200);

	/* One file's namespace, and what another has in it; their names are against the order. */
	manifests_help_put(t, "z.yaml", NAMESPACE("shop"));
	manifests_help_change(t, "a.yaml", IN_NAMESPACE("shop", "a"));
	assert_true(manifests_help_has(t, "services shop/a"));
	assert_int_equal(delete_namespace(t, "shop"), 403);
	manifests_help_remove(t, "z.yaml");
	manifests_help_look(t);
	assert_string_equal(manifests_help_refusal(t, "z.yaml"), "z.yaml: namespaces \"shop\" "
			    "holds services \"a\", which is managed by the file a.yaml: delete it "
			    "there first");
	assert_true(manifests_help_has(t, "services shop/a"));
	manifests_help_remove(t, "a.yaml");
	manifests_help_look(t);
	assert_false(manifests_help_has(t, "services shop/a"));
	assert_false(manifests_help_has(t, "namespaces shop"));
	assert_true(manifests_ok(t->m));

	/* It goes out of the file in which something of it stays: no. */
	manifests_help_change(t, "a.yaml", NAMESPACE("shop") AND IN_NAMESPACE("shop", "a"));
	manifests_help_change(t, "a.yaml", IN_NAMESPACE("shop", "a"));
	assert_non_null(strstr(manifests_help_refusal(t, "a.yaml"),
			       "namespaces \"shop\" not found"));
	assert_true(manifests_help_has(t, "services shop/a"));
}

/* Held by a finalizer, it is on its way out, and whoever holds it lets go through the API. */
static void test_finalizer(void **state)
{
	struct manifests_help *t = *state;

	manifests_help_change(t, "a.yaml", "apiVersion: v1\nkind: Service\n"
			      "metadata: {name: web, finalizers: [example.com/x]}\n"
			      "spec: {ports: [{port: 80}]}\n");
	manifests_help_remove(t, "a.yaml");
	manifests_help_look(t);
	assert_true(*manifests_help_value(t, "services", "web", "metadata.deletionTimestamp"));
	assert_true(manifests_ok(t->m));
	assert_int_equal(registry_help_patch(t->h, "services", "web", NULL,
					     "{'metadata':{'finalizers':null}}"), 200);
	assert_false(manifests_help_has(t, "services web"));
}

/* The API takes away what a file waits for, or what it had. */
static void test_retry(void **state)
{
	struct manifests_help *t = *state;
	char text[512];

	registry_help_service(t->h, "web", "{'ports':[{'port':80}]}");
	manifests_help_change(t, "a.yaml", SERVICE("web", "81"));
	assert_true(*manifests_help_refusal(t, "a.yaml"));
	assert_int_equal(registry_help_delete(t->h, "services", "web"), 200);
	manifests_help_look(t);
	assert_string_equal(manifests_help_value(t, "services", "web", "spec.ports.0.port"), "81");

	assert_int_equal(registry_help_create(t->h, "services", "{'metadata':{'name':'owner'},"
					      "'spec':{'ports':[{'port':80}]}}"), 201);
	snprintf(text, sizeof(text), "apiVersion: v1\nkind: Service\nmetadata:\n  name: owned\n"
		 "  ownerReferences:\n  - {apiVersion: v1, kind: Service, name: owner, uid: %s}\n"
		 "spec: {ports: [{port: 80}]}\n", registry_help_value(t->h, "metadata.uid"));
	manifests_help_change(t, "b.yaml", text);
	assert_int_equal(registry_help_delete(t->h, "services", "owner"), 200);
	assert_false(manifests_help_has(t, "services owned"));
	manifests_help_look(t);
	assert_true(manifests_help_has(t, "services owned"));
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, manifests_help_setup, manifests_help_teardown)
	const struct CMUnitTest tests[] = {
		T(test_good), T(test_bad), T(test_change), T(test_events),
		T(test_address_changes_hands), T(test_guard), T(test_mark_is_svcds),
		T(test_released), T(test_two_files), T(test_restart), T(test_namespaces),
		T(test_finalizer), T(test_retry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
