// SPDX-License-Identifier: GPL-2.0
/* Server-side apply: the sets of fields, what becomes of an object, and the API in front. */
#include "apply.h"
#include "fieldset.h"
#include "http_fixture.h"
#include "json_help.h"
#include "jx.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SERVICES	"/api/v1/namespaces/default/services"
#define PODS		"/api/v1/namespaces/default/pods"
#define APPLY		"application/apply-patch+yaml"
#define WEB	"apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  ports:\n"

static const struct {
	const char *name, *kind, *config, *sub, *set;
} sets[] = {
	{ "names are nobody's", "Service", "{'kind':'Service','apiVersion':'v1','metadata':{"
	  "'name':'a','namespace':'b'}}", NULL, "{}" },
	{ "fields, maps and lists", "Service", "{'metadata':{'labels':{'a.b/c':'d'}},'spec':{"
	  "'externalIPs':['x'],'selector':{'a':'b'},'type':'ClusterIP'}}", NULL,
	  "{'f:metadata':{'f:labels':{'f:a.b/c':{}}},'f:spec':{'f:externalIPs':{},"
	  "'f:selector':{},'f:type':{}}}" },
	{ "values have owners of their own", "Service", "{'metadata':{'finalizers':['a']}}", NULL,
	  "{'f:metadata':{'f:finalizers':{'v:\\'a\\'':{}}}}" },
	{ "the status is another matter", "Service", "{'spec':{'type':'x'},'status':{"
	  "'conditions':[{'type':'T','status':'True'}]}}", "status",
	  "{'f:status':{'f:conditions':{'k:{\\'type\\':\\'T\\'}':{'.':{},'f:status':{},"
	  "'f:type':{}}}}}" },
	{ "and not the object's", "Service", "{'status':{'x':1}}", NULL, "{}" },
	{ "without a status", "Service", "{'spec':{}}", "status", "{}" },
};

static void test_sets(void **state)
{
	struct err e = { "" };
	json_t *config, *set;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(sets) / sizeof(*sets); i++) {
		config = json_help_parse(sets[i].config);
		set = fieldset_of(sets[i].kind, config, sets[i].sub, &e);
		json_help_equal(sets[i].name, set, sets[i].set);
		json_decref(set);
		json_decref(config);
	}
	config = json_help_parse("{'spec':{'ports':[{'port':80},{'name':'x'}]}}");
	assert_null(fieldset_of("Service", config, NULL, &e));
	assert_string_equal(e.text, ".spec.ports: element 1: associative list with keys has an "
			    "element that omits key field \"port\"");
	json_decref(config);
}

static const struct {
	const char *from, *what, *left;
} subtractions[] = {
	{ "{'f:a':{},'f:b':{}}", "{'f:a':{}}", "{'f:b':{}}" },
	{ "{'f:a':{'f:x':{},'f:y':{}}}", "{'f:a':{'f:x':{}}}", "{'f:a':{'f:y':{}}}" },
	{ "{'f:a':{'f:x':{}}}", "{'f:a':{'f:x':{}}}", "{}" },
	{ "{'f:a':{}}", "{'f:a':{'f:x':{}}}", "{'f:a':{}}" },
	{ "{'f:a':{}}", "{'f:a':{'.':{},'f:x':{}}}", "{}" },
	{ "{'f:a':{'.':{},'f:x':{}}}", "{'f:a':{}}", "{'f:a':{'f:x':{}}}" },
	{ "{'f:a':{'.':{},'f:x':{}}}", "{'f:a':{'.':{},'f:x':{}}}", "{}" },
	{ "{}", "{'f:a':{}}", "{}" },
};

static const struct {
	const char *set, *was, *is, *left;
} kept[] = {
	{ "{'f:a':{},'f:b':{}}", "{'a':1,'b':2}", "{'a':1,'b':3}", "{'f:a':{}}" },
	{ "{'f:a':{'f:x':{}}}", "{'a':{'x':1}}", "{'a':{'x':1,'y':2}}", "{'f:a':{'f:x':{}}}" },
	{ "{'f:a':{'f:x':{}}}", "{'a':{'x':1}}", "{'a':{}}", "{}" },
	{ "{'f:a':{'f:x':{}}}", "{'a':{'x':1}}", "{}", "{}" },
	{ "{'f:a':{'f:x':{}}}", "{'a':{'x':1}}", "{'a':7}", "{}" },
	{ "{'f:l':{'k:{\\'n\\':1}':{'.':{},'f:n':{},'f:x':{}}}}", "{'l':[{'n':1,'x':1}]}",
	  "{'l':[{'n':2},{'n':1,'x':2}]}", "{'f:l':{'k:{\\'n\\':1}':{'.':{},'f:n':{}}}}" },
	{ "{'f:l':{'k:{\\'n\\':1}':{'.':{},'f:n':{}}}}", "{'l':[{'n':1}]}", "{'l':[]}", "{}" },
	{ "{'f:l':{'v:\\'a\\'':{},'v:\\'b\\'':{}}}", "{'l':['a','b']}", "{'l':['b','c']}",
	  "{'f:l':{'v:\\'b\\'':{}}}" },
	/* Steps that somebody else wrote, and by other keys; a protocol that is not said. */
	{ "{'f:l':{'k:{ \\'n\\' : 1 }':{'.':{}},'k:{\\'n\\': 3}':{'.':{}}}}",
	  "{'l':[{'n':1},{'n':3}]}",
	  "{'l':[{'n':2},{'n':1}]}", "{'f:l':{'k:{ \\'n\\' : 1 }':{'.':{}}}}" },
	{ "{'f:l':{'k:{\\'n\\':1}':{'.':{}},'k:{\\'m\\':3}':{'.':{}},'k:{\\'m\\':4}':{'.':{}}}}",
	  "{'l':[{'m':3},{'n':1},{'m':4}]}", "{'l':[{'m':3,'n':2},{'n':1},7]}",
	  "{'f:l':{'k:{\\'n\\':1}':{'.':{}},'k:{\\'m\\':3}':{'.':{}}}}" },
	{ "{'f:l':{'k:{\\'port\\':1,\\'protocol\\':\\'TCP\\'}':{'.':{},'f:port':{}}}}",
	  "{'l':[{'port':1}]}", "{'l':[{'port':1,'protocol':'UDP'},{'port':1}]}",
	  "{'f:l':{'k:{\\'port\\':1,\\'protocol\\':\\'TCP\\'}':{'.':{},'f:port':{}}}}" },
	{ "{'f:l':{'k:7':{'.':{}},'k:{':{'.':{}},'v:x':{}}}", "{'l':['x']}", "{'l':['x',7]}",
	  "{}" },
};

static void test_keep_same(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(kept) / sizeof(*kept); i++) {
		json_t *set = json_help_parse(kept[i].set), *was = json_help_parse(kept[i].was);
		json_t *is = json_help_parse(kept[i].is);

		fieldset_keep_same(set, was, is);
		json_help_equal(kept[i].is, set, kept[i].left);
		json_decref(set);
		json_decref(was);
		json_decref(is);
	}
}

static void test_subtract(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(subtractions) / sizeof(*subtractions); i++) {
		json_t *from = json_help_parse(subtractions[i].from);
		json_t *what = json_help_parse(subtractions[i].what);

		fieldset_subtract(from, what);
		json_help_equal(subtractions[i].from, from, subtractions[i].left);
		json_decref(from);
		json_decref(what);
	}
}

#define ENTRY(who, set) "{'manager':'" who "','operation':'Apply','fieldsV1':" set "}"
#define LIVE(managers, spec) "{'metadata':{'name':'web','managedFields':[" managers "]}," \
	"'spec':" spec "}"

static const struct {
	const char *name, *live, *config;
	bool force;
	const char *spec;		/* what it becomes, or */
	const char *conflict;		/* the field of the first conflict */
	size_t managers;
} cases[] = {
	{ "the first word", LIVE("", "{'type':'ClusterIP'}"), "{'spec':{'x':1}}", false,
	  "{'type':'ClusterIP','x':1}", NULL, 1 },
	{ "what I no longer say goes", LIVE(ENTRY("me", "{'f:spec':{'f:x':{},'f:y':{}}}"),
	  "{'x':1,'y':2,'z':3}"), "{'spec':{'x':1}}", false, "{'x':1,'z':3}", NULL, 1 },
	{ "what somebody else says as well stays", LIVE(ENTRY("me",
	  "{'f:spec':{'f:x':{},'f:y':{}}}") "," ENTRY("you",
	  "{'f:spec':{'f:y':{}}}"), "{'x':1,'y':2}"), "{'spec':{'x':1}}", false,
	  "{'x':1,'y':2}", NULL, 2 },
	{ "a port that I no longer have goes whole", LIVE(ENTRY("me", "{'f:spec':{'f:ports':{"
	  "'k:{\\'port\\':80,\\'protocol\\':\\'TCP\\'}':{'.':{},'f:port':{}},"
	  "'k:{\\'port\\':53,\\'protocol\\':\\'UDP\\'}':{'.':{},'f:port':{}}}}}"),
	  "{'ports':[{'port':80,'protocol':'TCP','targetPort':80},{'port':53,'protocol':'UDP',"
	  "'nodePort':30053},{'port':53,'protocol':'TCP'}]}"),
	  "{'spec':{'ports':[{'port':80}]}}", false,
	  "{'ports':[{'port':80,'protocol':'TCP','targetPort':80},{'port':53,'protocol':'TCP'}]}",
	  NULL, 1 },
	{ "ports of the same number and other protocols", LIVE("",
	  "{'ports':[{'port':53,'protocol':'TCP','name':'t'}]}"),
	  "{'spec':{'ports':[{'port':53,'protocol':'UDP','name':'u'}]}}", false,
	  "{'ports':[{'port':53,'protocol':'TCP','name':'t'},{'port':53,'protocol':'UDP',"
	  "'name':'u'}]}", NULL, 1 },
	{ "two who say the same", LIVE(ENTRY("you", "{'f:spec':{'f:x':{}}}"), "{'x':1}"),
	  "{'spec':{'x':1}}", false, "{'x':1}", NULL, 2 },
	{ "two who do not", LIVE(ENTRY("you", "{'f:spec':{'f:x':{}}}"), "{'x':1}"),
	  "{'spec':{'x':2}}", false, NULL, ".spec.x", 0 },
	{ "by force, and the other says nothing any more", LIVE(ENTRY("you",
	  "{'f:spec':{'f:x':{}}}"), "{'x':1}"), "{'spec':{'x':2}}", true, "{'x':2}", NULL, 1 },
	{ "by force, and the other goes on with the rest", LIVE(ENTRY("you",
	  "{'f:spec':{'f:x':{},'f:y':{}}}"), "{'x':1,'y':1}"), "{'spec':{'x':2}}", true,
	  "{'x':2,'y':1}", NULL, 2 },
	{ "a selector is one thing", LIVE(ENTRY("you", "{'f:spec':{'f:selector':{}}}"),
	  "{'selector':{'a':'b'}}"), "{'spec':{'selector':{'c':'d'}}}", false, NULL,
	  ".spec.selector", 0 },
	{ "a field of a port", LIVE(ENTRY("you", "{'f:spec':{'f:ports':{'k:{\\'port\\':80,"
	  "\\'protocol\\':\\'TCP\\'}':{'.':{},'f:port':{},'f:name':{}}}}}"),
	  "{'ports':[{'port':80,'protocol':'TCP','name':'a'}]}"),
	  "{'spec':{'ports':[{'port':80,'name':'b'}]}}", false, NULL,
	  ".spec.ports[port=80,protocol=\"TCP\"].name", 0 },
	{ "what an update took away can be said again", LIVE(ENTRY("you",
	  "{'f:spec':{'f:x':{}}}"), "{}"), "{'spec':{'x':2}}", false, "{'x':2}", NULL, 2 },
	{ "an update's entry is nobody", LIVE("{'manager':'me','operation':'Update',"
	  "'fieldsV1':{'f:spec':{'f:y':{}}}}", "{'y':2}"), "{'spec':{'x':1}}", false,
	  "{'x':1,'y':2}", NULL, 2 },
};

static void test_apply(void **state)
{
	const struct apply me = { "Service", "v1", NULL, "me", false, 1767225600 };
	const struct apply force = { "Service", "v1", NULL, "me", true, 1767225600 };
	struct err e = { "" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		json_t *live = json_help_parse(cases[i].live);
		json_t *config = json_help_parse(cases[i].config);
		struct apply_result r;

		assert_int_equal(apply_config(cases[i].force ? &force : &me, live, config, &r, &e),
				 0);
		if (cases[i].conflict && !r.conflicts)
			fail_msg("%s: no conflict", cases[i].name);
		if (!cases[i].conflict && r.conflicts)
			fail_msg("%s: a conflict", cases[i].name);
		if (cases[i].conflict)
			assert_string_equal(jx_str(json_array_get(r.conflicts, 0), "field"),
					    cases[i].conflict);
		else
			json_help_equal(cases[i].name, json_object_get(r.object, "spec"),
				    cases[i].spec);
		assert_int_equal(json_array_size(r.managers), cases[i].managers);
		json_decref(r.object);
		json_decref(r.managers);
		json_decref(r.conflicts);
		json_help_equal(cases[i].name, live, cases[i].live);
		json_decref(live);
		json_decref(config);
	}
}

/* Of a set: what one manager says twice is there once. */
static void test_apply_set(void **state)
{
	const struct apply me = { "Service", "v1", NULL, "me", false, 1767225600 };
	json_t *live = json_help_parse("{'metadata':{'finalizers':['a.io/a']}}");
	json_t *config = json_help_parse("{'metadata':{'finalizers':"
					 "['a.io/b','a.io/a','a.io/b']}}");
	struct apply_result r;
	struct err e = { "" };

	(void)state;
	assert_int_equal(apply_config(&me, live, config, &r, &e), 0);
	json_help_equal("a set", jx_get(r.object, "metadata.finalizers"), "['a.io/a','a.io/b']");
	json_decref(r.object);
	json_decref(r.managers);
	json_decref(live);
	json_decref(config);
}

static int setup(void **state)
{
	*state = http_fixture_open(NULL);
	return 0;
}

static int teardown(void **state)
{
	http_fixture_close(*state);
	return 0;
}

/* answer: the caller's to clear. */
static void apply(struct http_fixture *f, const char *query, const char *body, int status,
		  struct http_answer *a)
{
	char path[128];

	snprintf(path, sizeof(path), SERVICES "/web%s", query);
	http_ask(f, "PATCH", path, APPLY, body, a);
	if (a->status != status)
		fail_msg("%s: %d %s", query, a->status, a->body);
}

static void expect_apply(struct http_fixture *f, const char *query, const char *body, int status,
			 const char *part)
{
	struct http_answer a;

	apply(f, query, body, status, &a);
	if (!strstr(a.body, part))
		fail_msg("%s: %s", query, a.body);
	http_answer_clear(&a);
}

static void test_http(void **state)
{
	struct http_fixture *f = *state;
	struct http_answer a;
	char *first;

	expect_apply(f, "?fieldManager=me&dryRun=All", WEB "  - port: 80\n", 201, "me");
	assert_int_equal(http_do(f, "GET", SERVICES "/web", NULL), 404);
	expect_apply(f, "?fieldManager=me", WEB "  - port: 80\n", 201,
		     "\"managedFields\":[{\"manager\":\"me\",\"operation\":\"Apply\","
		     "\"apiVersion\":\"v1\",");
	/* The same again changes nothing. */
	http_ask(f, "GET", SERVICES "/web", NULL, NULL, &a);
	first = strdup(a.body);
	http_answer_clear(&a);
	expect_apply(f, "?fieldManager=me", WEB "  - port: 80\n", 200, first);
	free(first);
	expect_apply(f, "?fieldManager=you", WEB "  - {port: 80, name: n1}\n", 200, "\"you\"");
	expect_apply(f, "?fieldManager=me", WEB "  - {port: 80, name: n2}\n", 409,
		     "\"message\":\"Apply failed with 1 conflict: conflict with \\\"you\\\": "
		     ".spec.ports[port=80,protocol=\\\"TCP\\\"].name\",\"reason\":\"Conflict\","
		     "\"details\":{\"causes\":[{\"reason\":\"FieldManagerConflict\"");
	expect_apply(f, "?fieldManager=me&force=true", WEB "  - {port: 80, name: n2}\n", 200,
		     "\"name\":\"n2\"");
	/* Other requests leave the managers alone, */
	assert_int_equal(http_do(f, "PATCH", SERVICES "/web",
				 "{\"metadata\":{\"managedFields\":null,\"labels\":"
				 "{\"a\":\"b\"}}}"), 200);
	http_ask(f, "GET", SERVICES "/web", NULL, NULL, &a);
	assert_int_equal(json_array_size(jx_get(a.json, "metadata.managedFields")), 2);
	http_answer_clear(&a);
	/* but what they change is nobody's. */
	http_ask(f, "PATCH", SERVICES "/web", "application/json-patch+json",
		 "[{\"op\":\"replace\",\"path\":\"/spec/ports/0/name\",\"value\":\"n3\"}]", &a);
	assert_int_equal(a.status, 200);
	assert_null(strstr(a.body, "f:name"));
	assert_non_null(strstr(a.body, "f:port"));
	http_answer_clear(&a);
	expect_apply(f, "?fieldManager=you", WEB "  - {port: 80, name: n4}\n", 200, "\"n4\"");
}

static void test_http_status(void **state)
{
	static const char status[] = "status: {loadBalancer: {ingress: [{ip: 203.0.113.5}]}}\n";
	struct http_fixture *f = *state;
	struct http_answer a;

	expect_apply(f, "?fieldManager=me", "spec: {type: LoadBalancer, ports: [{port: 80}]}\n"
		     "status: {loadBalancer: {ingress: [{ip: 203.0.113.9}]}}\n", 201,
		     "\"status\":{\"loadBalancer\":{}}");
	apply(f, "/status?fieldManager=lb", status, 200, &a);
	assert_non_null(strstr(a.body, "\"ip\":\"203.0.113.5\""));
	assert_non_null(strstr(a.body, "\"fieldsV1\":{\"f:status\":{\"f:loadBalancer\":"
			       "{\"f:ingress\":{}}}},\"subresource\":\"status\"}"));
	http_answer_clear(&a);
	/* The other way round the spec is as it was. */
	expect_apply(f, "/status?fieldManager=lb", "spec: {type: ClusterIP}\nstatus: {}\n", 200,
		     "\"type\":\"LoadBalancer\"");
	http_ask(f, "GET", SERVICES "/web", NULL, NULL, &a);
	assert_null(strstr(a.body, "203.0.113"));
	http_answer_clear(&a);
}

static void test_http_refused(void **state)
{
	struct http_fixture *f = *state;
	struct http_answer a;

	expect_apply(f, "", WEB "  - port: 80\n", 422,
		     "PatchOptions.meta.k8s.io \\\"\\\" is invalid: fieldManager: "
		     "Required value: is required for apply patch");
	expect_apply(f, "?fieldManager=me", WEB "  - name: x\n", 400,
		     "element 0: associative list with keys has an element that omits key field");
	expect_apply(f, "?fieldManager=me", "kind: Pod\n", 400, "cannot be handled as a Service");
	expect_apply(f, "?fieldManager=me", "metadata: {name: other}\n", 400, "on the URL (web)");
	expect_apply(f, "?fieldManager=me", "metadata: {managedFields: [{}]}\n", 400,
		     "managedFields must be nil");
	expect_apply(f, "?fieldManager=me", "spec: {ports: [{port: 0}]}\n", 422, "Service");
	expect_apply(f, "?fieldManager=%0a", WEB "  - port: 80\n", 422, "printable");
	assert_int_equal(http_do(f, "GET", SERVICES "/web", NULL), 404);
	http_ask(f, "PATCH", SERVICES "/web/status?fieldManager=me", APPLY, "status: {}\n", &a);
	assert_int_equal(a.status, 404);
	http_answer_clear(&a);
	assert_int_equal(http_do(f, "PATCH", SERVICES "/web?force=true", "{}"), 422);
}

/* n times the word. To be freed. */
static char *repeat(const char *word, size_t n)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	while (n--)
		fputs(word, f);
	fclose(f);
	return text;
}

static void expect_pod(struct http_fixture *f, const char *manager, const char *field,
		       const char *value, int status, const char *part)
{
	struct http_answer a;
	char path[128], *body;

	snprintf(path, sizeof(path), PODS "/p?fieldManager=%s", manager);
	assert_true(asprintf(&body, "spec: {containers: [{name: c, image: i}], volumes: [{name: v, "
			     "csi: {driver: d, volumeAttributes: {\"x%s\": \"%s\"}}}]}\n",
			     field, value) > 0);
	http_ask(f, "PATCH", path, APPLY, body, &a);
	if (a.status != status || !strstr(a.body, part))
		fail_msg("%s: %d %.200s", manager, a.status, a.body);
	http_answer_clear(&a);
	free(body);
}

/* A text that is no UTF-8, or is cut where it is none, ends no process. */
static void test_http_utf8(void **state)
{
	struct http_fixture *f = *state;
	char *field = repeat("\303\251", 400);

	expect_apply(f, "?fieldManager=%FF", WEB "  - port: 80\n", 400, "not UTF-8");
	expect_apply(f, "?fieldManager=%C3%A9", WEB "  - port: 80\n", 201,
		     "\"manager\":\"\303\251\"");
	expect_pod(f, "me", field, "1", 201, "\"me\"");
	expect_pod(f, "you", field, "2", 409, "volumeAttributes.x?");
	free(field);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sets),
		cmocka_unit_test(test_keep_same),
		cmocka_unit_test(test_subtract),
		cmocka_unit_test(test_apply),
		cmocka_unit_test(test_apply_set),
		cmocka_unit_test_setup_teardown(test_http, setup, teardown),
		cmocka_unit_test_setup_teardown(test_http_status, setup, teardown),
		cmocka_unit_test_setup_teardown(test_http_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_http_utf8, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
