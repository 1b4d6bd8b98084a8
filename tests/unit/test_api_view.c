// SPDX-License-Identifier: GPL-2.0
/* The forms in which the API gives its objects, and what it says beside them. */
#include "http_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SERVICES	"/api/v1/namespaces/default/services"
#define TABLE		"Accept: application/json;as=Table;v=v1;g=meta.k8s.io,application/json\r\n"
#define PARTIAL(kind)	"Accept: application/json;as=" kind ";v=v1;g=meta.k8s.io\r\n"
#define JSON		"Content-Type: application/json\r\n"
#define WEB "{\"metadata\":{\"name\":\"web\"},\"spec\":{\"clusterIP\":\"10.96.7.7\",\"ports\":" \
	"[{\"port\":80}],\"selector\":{\"app\":\"web\"}}}"

static int setup(void **state)
{
	struct http_fixture *f = http_fixture_open(NULL);

	assert_int_equal(http_do(f, "POST", SERVICES, WEB), 201);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	http_fixture_close(*state);
	return 0;
}

static const json_t *at(const json_t *o, const char *path)
{
	char copy[256], *key, *rest = copy;

	snprintf(copy, sizeof(copy), "%s", path);
	while (o && (key = strsep(&rest, ".")))
		o = json_is_array(o) ? json_array_get(o, atoi(key)) : json_object_get(o, key);
	return o;
}

/* value NULL: must not be there. Numbers in decimal, anything else as JSON. */
static void expect(const json_t *o, const char *path, const char *value)
{
	const json_t *v = at(o, path);
	char *text = NULL;

	if (json_is_string(v))
		text = strdup(json_string_value(v));
	else if (v)
		text = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
	if (!!text != !!value || (text && strcmp(text, value)))
		fail_msg("%s: %s, not %s", path, text ? text : "absent", value ? value : "absent");
	free(text);
}

static void ask(struct http_fixture *f, const char *path, const char *headers,
		struct http_answer *a)
{
	http_ask_with(f, "GET", path, headers, NULL, a);
}

static void test_table_of_list(void **state)
{
	struct http_answer a;

	ask(*state, "/api/v1/services", TABLE, &a);
	assert_int_equal(a.status, 200);
	assert_non_null(strstr(a.head, "Content-Type: application/json\r\n"));
	expect(a.json, "kind", "Table");
	expect(a.json, "apiVersion", "meta.k8s.io/v1");
	assert_true(json_is_string(at(a.json, "metadata.resourceVersion")));
	expect(a.json, "columnDefinitions.0.name", "Name");
	expect(a.json, "columnDefinitions.0.format", "name");
	expect(a.json, "columnDefinitions.4.name", "Port(s)");
	expect(a.json, "columnDefinitions.6.priority", "1");
	expect(a.json, "rows.0.cells.0", "web");
	expect(a.json, "rows.0.cells.2", "10.96.7.7");
	expect(a.json, "rows.0.cells.6", "app=web");
	expect(a.json, "rows.0.object.kind", "PartialObjectMetadata");
	expect(a.json, "rows.0.object.metadata.name", "web");
	expect(a.json, "rows.0.object.spec", NULL);
	expect(a.json, "rows.1", NULL);
	http_answer_clear(&a);
}

static void test_table_of_object(void **state)
{
	struct http_answer a;

	ask(*state, SERVICES "/web?includeObject=Object", TABLE, &a);
	expect(a.json, "kind", "Table");
	expect(a.json, "rows.0.cells.1", "ClusterIP");
	expect(a.json, "rows.0.object.kind", "Service");
	expect(a.json, "rows.0.object.spec.clusterIP", "10.96.7.7");
	http_answer_clear(&a);
	ask(*state, "/api/v1/services?includeObject=Object", TABLE, &a);
	expect(a.json, "rows.0.object.apiVersion", "v1");
	http_answer_clear(&a);
	ask(*state, SERVICES "/web?includeObject=None", TABLE, &a);
	expect(a.json, "rows.0.object", "null");
	http_answer_clear(&a);
	ask(*state, SERVICES "/web?includeObject=All", TABLE, &a);
	assert_int_equal(a.status, 400);
	http_answer_clear(&a);
	/* An error is a Status in any form. */
	ask(*state, SERVICES "/absent", TABLE, &a);
	assert_int_equal(a.status, 404);
	expect(a.json, "kind", "Status");
	http_answer_clear(&a);
}

static void test_metadata(void **state)
{
	struct http_answer a;

	ask(*state, SERVICES "/web", PARTIAL("PartialObjectMetadata"), &a);
	expect(a.json, "kind", "PartialObjectMetadata");
	expect(a.json, "metadata.name", "web");
	expect(a.json, "spec", NULL);
	http_answer_clear(&a);
	ask(*state, SERVICES, PARTIAL("PartialObjectMetadataList"), &a);
	expect(a.json, "kind", "PartialObjectMetadataList");
	expect(a.json, "items.0.kind", "PartialObjectMetadata");
	expect(a.json, "items.0.metadata.namespace", "default");
	expect(a.json, "items.0.spec", NULL);
	http_answer_clear(&a);
	ask(*state, SERVICES, PARTIAL("PartialObjectMetadata"), &a);
	assert_int_equal(a.status, 406);
	http_answer_clear(&a);
	ask(*state, SERVICES "/web", PARTIAL("PartialObjectMetadataList"), &a);
	assert_int_equal(a.status, 406);
	http_answer_clear(&a);
	ask(*state, SERVICES, "Accept: application/vnd.kubernetes.protobuf\r\n", &a);
	assert_int_equal(a.status, 406);
	expect(a.json, "reason", "NotAcceptable");
	http_answer_clear(&a);
}

/* The columns come once; a bookmark is a line as well. */
static void test_table_of_watch(void **state)
{
	struct http_fixture *f = *state;
	struct http_answer a;
	struct http_peer p;
	const char *second;

	http_peer_open(&p, f->socket);
	http_peer_sendf(&p, "GET /api/v1/services?watch=1&allowWatchBookmarks=1&sendInitialEvents=1"
			"&resourceVersionMatch=NotOlderThan HTTP/1.1\r\nHost: x\r\n" TABLE "\r\n");
	assert_true(http_peer_expect(f, &p, "k8s.io/initial-events-end"));
	assert_int_equal(http_do(f, "DELETE", SERVICES "/web", NULL), 200);
	assert_true(http_peer_expect(f, &p,
				     "{\"type\":\"DELETED\",\"object\":{\"kind\":\"Table\""));
	assert_true(http_peer_expect(f, &p, "\"app=web\"],\"object\":{\"kind\":\"PartialObject"));
	assert_true(http_peer_parse(&p, &a));
	assert_ptr_equal(strstr(a.body, "{\"type\":\"ADDED\",\"object\":{\"kind\":\"Table\""),
			 a.body);
	second = strstr(a.body, "\"columnDefinitions\":[{\"name\":\"Name\"");
	assert_non_null(second);
	assert_null(strstr(second + 1, "\"columnDefinitions\":[{"));
	assert_null(strstr(a.body, "\"spec\":"));
	http_answer_clear(&a);
	http_peer_close(&p);
}

static void test_metadata_of_watch(void **state)
{
	struct http_fixture *f = *state;
	struct http_peer p;

	http_peer_open(&p, f->socket);
	http_peer_sendf(&p, "GET /api/v1/services?watch=1 HTTP/1.1\r\nHost: x\r\n"
			PARTIAL("PartialObjectMetadata") "\r\n");
	assert_true(http_peer_expect(f, &p, "{\"type\":\"ADDED\",\"object\":{\"kind\":"
				     "\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/v1\","
				     "\"metadata\":{\"name\":\"web\""));
	http_peer_close(&p);
}

static void test_yaml(void **state)
{
	static const char yaml[] = "apiVersion: v1\nkind: Service\nmetadata:\n  name: yam\nspec:\n"
				   "  ports:\n  - port: 80\n";
	struct http_fixture *f = *state;
	struct http_answer a;

	http_ask(f, "POST", SERVICES, "application/yaml", yaml, &a);
	assert_int_equal(a.status, 201);
	http_answer_clear(&a);
	ask(f, SERVICES "/yam", "Accept: application/yaml\r\n", &a);
	assert_non_null(strstr(a.head, "Content-Type: application/yaml\r\n"));
	assert_ptr_equal(strstr(a.body, "apiVersion: v1\nkind: Service\nmetadata:\n"), a.body);
	http_answer_clear(&a);
	http_ask(f, "POST", SERVICES, "application/yaml", "a: [", &a);
	assert_int_equal(a.status, 400);
	assert_non_null(strstr(a.body, "yaml: body:"));
	http_answer_clear(&a);
	http_ask(f, "POST", SERVICES, "application/yaml", "a: 1\n---\na: 2\n", &a);
	assert_int_equal(a.status, 400);
	http_answer_clear(&a);
	http_ask(f, "POST", SERVICES, "application/yaml", "- a\n", &a);
	assert_int_equal(a.status, 400);
	http_answer_clear(&a);
}

#define ODD	"{\"metadata\":{\"name\":\"odd\"},\"spec\":{\"ports\":[{\"port\":80}]," \
	"\"a\\\"\\r\\nX: b\":1,\"foo\":2}}"

/* Unknown fields: a warning unless one asks for an error, or for silence. */
static void test_warnings(void **state)
{
	struct http_fixture *f = *state;
	struct http_answer a;

	http_ask_with(f, "POST", SERVICES "?dryRun=All", JSON, ODD, &a);
	assert_int_equal(a.status, 201);
	assert_non_null(strstr(a.head, "Warning: 299 - \"unknown field \\\"spec.foo\\\"\"\r\n"));
	assert_non_null(strstr(a.head, "unknown field \\\"spec.a\\\"  X: b\\\"\"\r\n"));
	http_answer_clear(&a);
	http_ask_with(f, "POST", SERVICES "?fieldValidation=Ignore", JSON, ODD, &a);
	assert_int_equal(a.status, 201);
	assert_null(strstr(a.head, "Warning:"));
	http_answer_clear(&a);
	http_ask_with(f, "PUT", SERVICES "/odd?fieldValidation=Warn", JSON, ODD, &a);
	assert_int_equal(a.status, 200);
	assert_non_null(strstr(a.head, "Warning:"));
	http_answer_clear(&a);
	http_ask_with(f, "PUT", SERVICES "/odd?fieldValidation=Strict", JSON, ODD, &a);
	assert_int_equal(a.status, 400);
	http_answer_clear(&a);
}

#define TWICE "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"twice\"," \
	"\"labels\":{\"a.b\":\"1\",\"a.b\":\"2\"}},\"spec\":{\"type\":\"NodePort\",\"ports\":[" \
	"{\"port\":79,\"name\":\"x\\\"\"},{\"name\":\"b\",\"port\":80 , \"p\\u006frt\" : 81," \
	"\"port\":82}],\"type\":[],\"type\":\"ClusterIP\"}}"
#define STRICTLY "Service in version \"v1\" cannot be handled as a Service: strict decoding " \
	"error: duplicate field \"metadata.labels.a.b\", duplicate field \"spec.ports[1].port\", " \
	"duplicate field \"spec.type\""

/* Fields that are there twice, likewise. The last one counts. */
static void test_duplicates(void **state)
{
	static const char *const warnings[] = { "metadata.labels.a.b", "spec.ports[1].port",
						"spec.type" };
	struct http_fixture *f = *state;
	struct http_answer a;
	char want[128];

	http_ask(f, "POST", SERVICES "?fieldValidation=Strict", "application/json", TWICE, &a);
	assert_int_equal(a.status, 400);
	assert_string_equal(json_string_value(json_object_get(a.json, "message")), STRICTLY);
	http_answer_clear(&a);
	http_ask(f, "PATCH", SERVICES "/web?fieldValidation=Strict",
		 "application/merge-patch+json", "{\"spec\":{\"type\":1,\"type\":2}}", &a);
	assert_string_equal(json_string_value(json_object_get(a.json, "message")),
			    "strict decoding error: duplicate field \"spec.type\"");
	http_answer_clear(&a);
	/* What is no JSON at all is told first. */
	http_ask(f, "POST", SERVICES "?fieldValidation=Strict", "application/json",
		 "{\"a\":1,\"a\":2,", &a);
	assert_non_null(strstr(a.body, "unexpected end of JSON input"));
	http_answer_clear(&a);
	http_ask_with(f, "POST", SERVICES "?dryRun=All", JSON, TWICE, &a);
	for (size_t i = 0; i < 3; i++) {
		snprintf(want, sizeof(want),
			 "Warning: 299 - \"duplicate field \\\"%s\\\"\"\r\n", warnings[i]);
		assert_non_null(strstr(a.head, want));
		*strstr(a.head, want) = 'w';
		assert_null(strstr(a.head, want));
	}
	assert_int_equal(a.status, 422);
	assert_non_null(strstr(a.body, "spec.ports[0].name: Invalid value: \\\"x\\\\\\\"\\\""));
	assert_null(strstr(a.body, "spec.type"));
	http_answer_clear(&a);
	http_ask_with(f, "POST", SERVICES "?dryRun=All&fieldValidation=Ignore", JSON, TWICE, &a);
	assert_null(strstr(a.head, "Warning:"));
	http_answer_clear(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_table_of_list, setup, teardown),
		cmocka_unit_test_setup_teardown(test_table_of_object, setup, teardown),
		cmocka_unit_test_setup_teardown(test_metadata, setup, teardown),
		cmocka_unit_test_setup_teardown(test_table_of_watch, setup, teardown),
		cmocka_unit_test_setup_teardown(test_metadata_of_watch, setup, teardown),
		cmocka_unit_test_setup_teardown(test_yaml, setup, teardown),
		cmocka_unit_test_setup_teardown(test_warnings, setup, teardown),
		cmocka_unit_test_setup_teardown(test_duplicates, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
