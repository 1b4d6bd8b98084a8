// SPDX-License-Identifier: GPL-2.0
/* What the API says of itself: groups, types, verbs, and schemas. */
#include "http_fixture.h"
#include "jx.h"
#include "proto.h"
#include "resource.h"
#include "rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WHOLE(v) "Accept: application/json;g=apidiscovery.k8s.io;v=" v \
	";as=APIGroupDiscoveryList,application/json\r\n"
#define SLICES	"discovery.k8s.io/v1"

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

/* The item of a list that has this value under this key. NULL: none. */
static const json_t *item(const json_t *list, const char *key, const char *value)
{
	json_t *v;
	size_t i;

	json_array_foreach(list, i, v)
		if (jx_is(v, key, value))
			return v;
	return NULL;
}

static void expect_verbs(const json_t *entry, const char *verbs)
{
	char text[256] = "";
	json_t *v;
	size_t i;

	assert_non_null(entry);
	json_array_foreach(json_object_get(entry, "verbs"), i, v)
		sprintf(text + strlen(text), "%s%s", i ? " " : "", json_string_value(v));
	assert_string_equal(text, verbs);
}

#define ALL	"create delete deletecollection get list patch update watch"

static void test_resources(void **state)
{
	const json_t *list, *entry;
	struct http_answer a;

	http_ask(*state, "GET", "/api/v1", NULL, NULL, &a);
	assert_string_equal(jx_str(a.json, "kind"), "APIResourceList");
	list = json_object_get(a.json, "resources");
	entry = item(list, "name", "services");
	expect_verbs(entry, ALL);
	assert_string_equal(jx_str(entry, "singularName"), "service");
	assert_true(json_is_true(json_object_get(entry, "namespaced")));
	assert_string_equal(json_string_value(json_array_get(json_object_get(entry, "shortNames"),
							     0)), "svc");
	assert_string_equal(json_string_value(json_array_get(json_object_get(entry, "categories"),
							     0)), "all");
	expect_verbs(item(list, "name", "services/status"), "get patch update");
	expect_verbs(item(list, "name", "pods/binding"), "create");
	expect_verbs(item(list, "name", "namespaces"), "create delete get list patch update watch");
	assert_null(item(list, "name", "endpoints/status"));
	assert_null(item(list, "name", "services/binding"));
	assert_null(item(list, "name", "endpointslices"));
	http_answer_clear(&a);
	http_ask(*state, "GET", "/apis/" SLICES "/", NULL, NULL, &a);
	assert_string_equal(jx_str(a.json, "groupVersion"), SLICES);
	expect_verbs(item(json_object_get(a.json, "resources"), "name", "endpointslices"), ALL);
	http_answer_clear(&a);
}

static void test_groups(void **state)
{
	struct http_answer a;

	http_ask(*state, "GET", "/apis", NULL, NULL, &a);
	assert_string_equal(jx_str(a.json, "kind"), "APIGroupList");
	assert_string_equal(jx_str(item(json_object_get(a.json, "groups"), "name",
					"discovery.k8s.io"), "preferredVersion.groupVersion"),
			    SLICES);
	http_answer_clear(&a);
	http_ask(*state, "GET", "/apis/discovery.k8s.io", NULL, NULL, &a);
	assert_string_equal(jx_str(a.json, "kind"), "APIGroup");
	assert_string_equal(jx_str(a.json, "name"), "discovery.k8s.io");
	http_answer_clear(&a);
	assert_int_equal(http_do(*state, "GET", "/apis/nope", NULL), 404);
	assert_int_equal(http_do(*state, "GET", "/apis/nope/v1", NULL), 404);
	assert_int_equal(http_do(*state, "POST", "/apis", "{}"), 405);
}

static const json_t *whole_resource(const json_t *list, const char *plural)
{
	const json_t *group = json_array_get(json_object_get(list, "items"), 0);
	const json_t *version = json_array_get(json_object_get(group, "versions"), 0);

	assert_string_equal(jx_str(version, "version"), "v1");
	assert_string_equal(jx_str(version, "freshness"), "Current");
	return item(json_object_get(version, "resources"), "resource", plural);
}

static void test_whole(void **state)
{
	const json_t *entry, *part;
	struct http_answer a;

	http_ask_with(*state, "GET", "/api", WHOLE("v2"), NULL, &a);
	assert_non_null(strstr(a.head, "Content-Type: application/json;g=apidiscovery.k8s.io;v=v2;"
			       "as=APIGroupDiscoveryList\r\n"));
	assert_string_equal(jx_str(a.json, "kind"), "APIGroupDiscoveryList");
	assert_string_equal(jx_str(a.json, "apiVersion"), "apidiscovery.k8s.io/v2");
	entry = whole_resource(a.json, "services");
	expect_verbs(entry, ALL);
	assert_string_equal(jx_str(entry, "scope"), "Namespaced");
	assert_string_equal(jx_str(entry, "responseKind.kind"), "Service");
	part = item(json_object_get(entry, "subresources"), "subresource", "status");
	expect_verbs(part, "get patch update");
	assert_string_equal(jx_str(whole_resource(a.json, "nodes"), "scope"), "Cluster");
	http_answer_clear(&a);
	http_ask_with(*state, "GET", "/apis", WHOLE("v2beta1"), NULL, &a);
	assert_string_equal(jx_str(a.json, "apiVersion"), "apidiscovery.k8s.io/v2beta1");
	assert_string_equal(jx_str(whole_resource(a.json, "endpointslices"), "responseKind.group"),
			    "discovery.k8s.io");
	http_answer_clear(&a);
	http_ask_with(*state, "GET", "/apis", WHOLE("v3"), NULL, &a);
	assert_string_equal(jx_str(a.json, "kind"), "APIGroupList");
	http_answer_clear(&a);
}

/* Follow a reference, which may stand in an allOf. */
static const json_t *follow(const json_t *doc, const json_t *v)
{
	const json_t *first = json_array_get(json_object_get(v, "allOf"), 0);
	const char *to = jx_str(first ? first : v, "$ref");
	char copy[512], *key, *rest = copy;

	if (!*to)
		return v;
	assert_int_equal(strncmp(to, "#/", 2), 0);
	snprintf(copy, sizeof(copy), "%s", to + 2);
	for (v = doc; v && (key = strsep(&rest, "/"));)
		v = json_object_get(v, key);
	if (!v)
		fail_msg("%s leads nowhere", to);
	return v;
}

/* Whatever the document says of a field is what the schema says, and nothing is left out. */
static void compare(const json_t *doc, const json_t *v, const struct schema *s)
{
	static const char *const types[] = {
		[SCHEMA_STRING] = "string", [SCHEMA_INT] = "integer", [SCHEMA_LONG] = "integer",
		[SCHEMA_BOOL] = "boolean", [SCHEMA_MAP] = "object", [SCHEMA_OBJECT] = "object",
		[SCHEMA_LIST] = "array", [SCHEMA_ANY] = "object",
	};
	const json_t *fields;

	v = follow(doc, v);
	if (s->type == SCHEMA_INT_OR_STRING) {
		assert_string_equal(jx_str(v, "format"), "int-or-string");
		return;
	}
	if (s->type == SCHEMA_QUANTITIES) {
		v = follow(doc, json_object_get(v, "additionalProperties"));
		assert_non_null(v);
	}
	if (s->type == SCHEMA_QUANTITIES || s->type == SCHEMA_QUANTITY) {
		if (json_object_get(doc, "swagger"))
			assert_string_equal(jx_str(v, "type"), "string");
		else
			assert_int_equal(json_array_size(json_object_get(v, "oneOf")), 2);
		return;
	}
	assert_string_equal(jx_str(v, "type"), types[s->type]);
	if (s->type == SCHEMA_LIST)
		compare(doc, json_object_get(v, "items"), s->of);
	if (s->type != SCHEMA_OBJECT)
		return;
	fields = json_object_get(v, "properties");
	for (const struct schema *f = s->of; f->key; f++) {
		if (!json_object_get(fields, f->key))
			fail_msg("%s has no %s", s->type_name, f->key);
		compare(doc, json_object_get(fields, f->key), f);
	}
}

static const json_t *definition(const json_t *all, const struct resource *res)
{
	const json_t *kinds;
	const char *name;
	json_t *v;

	json_object_foreach((json_t *)all, name, v) {
		kinds = json_object_get(v, "x-kubernetes-group-version-kind");
		if (jx_is(json_array_get(kinds, 0), "kind", res->kind))
			return v;
	}
	return NULL;
}

static void check_all_types(const json_t *doc, const json_t *all, const char *version)
{
	const struct resource *res;
	const json_t *v;
	size_t i, n = 0;

	for (i = 0; (res = resource_at(i)); i++) {
		if (version && strcmp(version, res->api_version))
			continue;
		v = definition(all, res);
		if (!v)
			fail_msg("no definition of %s", res->kind);
		compare(doc, v, &rules_of(res)->schema);
		n++;
	}
	assert_true(n);
}

static void test_openapi_v3(void **state)
{
	const json_t *ports, *op;
	struct http_answer a;
	const char *path;
	json_t *index, *v;

	http_ask(*state, "GET", "/openapi/v3", NULL, NULL, &a);
	index = json_incref(json_object_get(a.json, "paths"));
	http_answer_clear(&a);
	assert_non_null(json_object_get(index, "api/v1"));
	assert_non_null(json_object_get(index, "apis/" SLICES));
	json_object_foreach(index, path, v) {
		http_ask(*state, "GET", jx_str(v, "serverRelativeURL"), NULL, NULL, &a);
		assert_int_equal(a.status, 200);
		assert_string_equal(jx_str(a.json, "openapi"), "3.0.0");
		check_all_types(a.json, jx_get(a.json, "components.schemas"),
				strchr(path, '/') + 1);
		http_answer_clear(&a);
	}
	json_decref(index);
	http_ask(*state, "GET", "/openapi/v3/api/v1", NULL, NULL, &a);
	v = jx_get(a.json, "components.schemas");
	ports = jx_get(json_object_get(v, "io.k8s.api.core.v1.ServiceSpec"), "properties.ports");
	assert_string_equal(jx_str(ports, "x-kubernetes-patch-merge-key"), "port");
	assert_string_equal(jx_str(ports, "x-kubernetes-list-type"), "map");
	assert_int_equal(json_array_size(json_object_get(ports, "x-kubernetes-list-map-keys")), 2);
	/* By this clients find out that the server validates fields. */
	op = json_object_get(json_object_get(json_object_get(a.json, "paths"),
			     "/api/v1/namespaces/{namespace}/services/{name}"), "patch");
	assert_string_equal(jx_str(op, "x-kubernetes-group-version-kind.kind"), "Service");
	assert_non_null(item(json_object_get(op, "parameters"), "name", "fieldValidation"));
	assert_non_null(item(json_object_get(op, "parameters"), "name", "force"));
	assert_null(item(json_object_get(op, "parameters"), "name", "labelSelector"));
	http_answer_clear(&a);
	assert_int_equal(http_do(*state, "GET", "/openapi/v3/api/v2", NULL), 404);
	assert_int_equal(http_do(*state, "GET", "/openapi/v3/apis/v1", NULL), 404);
	assert_int_equal(http_do(*state, "GET", "/openapi/v3/api/" SLICES, NULL), 404);
	assert_int_equal(http_do(*state, "GET", "/openapi/v4", NULL), 404);
}

static void test_openapi_v2(void **state)
{
	struct http_answer a;

	http_ask(*state, "GET", "/openapi/v2?timeout=32s", NULL, NULL, &a);
	assert_int_equal(a.status, 200);
	assert_string_equal(jx_str(a.json, "swagger"), "2.0");
	check_all_types(a.json, json_object_get(a.json, "definitions"), NULL);
	http_answer_clear(&a);
	http_ask_with(*state, "GET", "/openapi/v2", "Accept: application/other+protobuf\r\n", NULL,
		      &a);
	assert_int_equal(a.status, 406);
	http_answer_clear(&a);
	assert_int_equal(http_do(*state, "PUT", "/openapi/v2", "{}"), 405);
}

#define STRING(n, k) { n, k, PROTO_STRING, NULL }
#define SKIP(n, k) { n, k, PROTO_SKIP, NULL }
#define END { 0, NULL, PROTO_SKIP, NULL }

/* The document as its readers have it, as far as the definitions go. */
static const struct proto_field any[] = { STRING(2, "yaml"), END };
static const struct proto_field extension[] = {
	STRING(1, "name"), { 2, "value", PROTO_MESSAGE, any }, END
};
static const struct proto_field type_item[] = { { 1, "value", PROTO_STRINGS, NULL }, END };
static const struct proto_field property_schema[] = {
	STRING(1, "$ref"), STRING(2, "format"), STRING(4, "description"), SKIP(21, "additional"),
	{ 22, "type", PROTO_MESSAGE, type_item }, SKIP(23, "items"), SKIP(25, "properties"),
	{ 31, "extensions", PROTO_MESSAGES, extension }, END
};
static const struct proto_field property[] = {
	STRING(1, "name"), { 2, "value", PROTO_MESSAGE, property_schema }, END
};
static const struct proto_field properties[] = { { 1, "list", PROTO_MESSAGES, property }, END };
static const struct proto_field schema_fields[] = {
	STRING(1, "$ref"), STRING(2, "format"), STRING(4, "description"), SKIP(21, "additional"),
	{ 22, "type", PROTO_MESSAGE, type_item }, SKIP(23, "items"),
	{ 25, "properties", PROTO_MESSAGE, properties },
	{ 31, "extensions", PROTO_MESSAGES, extension }, END
};
static const struct proto_field named_schema[] = {
	STRING(1, "name"), { 2, "value", PROTO_MESSAGE, schema_fields }, END
};
static const struct proto_field definitions[] = {
	{ 1, "list", PROTO_MESSAGES, named_schema }, END
};
static const struct proto_field swagger[] = {
	STRING(1, "swagger"), SKIP(2, "info"), SKIP(8, "paths"),
	{ 9, "definitions", PROTO_MESSAGE, definitions }, END
};

/* Each definition and each of its fields, in both documents alike. */
static void compare_swagger(const json_t *doc, const json_t *proto)
{
	const json_t *list = jx_get(proto, "definitions.list"), *entry, *field, *type;
	const char *name, *key;
	json_t *v, *f;

	assert_int_equal(json_array_size(list), json_object_size(jx_get(doc, "definitions")));
	json_object_foreach(jx_get(doc, "definitions"), name, v) {
		entry = item(list, "name", name);
		assert_non_null(entry);
		assert_int_equal(json_array_size(jx_get(entry, "value.properties.list")),
				 json_object_size(json_object_get(v, "properties")));
		json_object_foreach(json_object_get(v, "properties"), key, f) {
			field = item(jx_get(entry, "value.properties.list"), "name", key);
			assert_non_null(field);
			field = json_object_get(field, "value");
			assert_string_equal(jx_str(field, "$ref"), jx_str(f, "$ref"));
			assert_string_equal(jx_str(field, "format"), jx_str(f, "format"));
			type = json_array_get(jx_get(field, "type.value"), 0);
			assert_string_equal(type ? json_string_value(type) : "", jx_str(f, "type"));
		}
	}
}

static void test_openapi_v2_as_protobuf(void **state)
{
	struct http_answer json, a;
	const json_t *service;
	struct err e = { "" };
	json_t *proto;

	http_ask(*state, "GET", "/openapi/v2", NULL, NULL, &json);
	http_ask_with(*state, "GET", "/openapi/v2",
		      "Accept: application/com.github.proto-openapi.spec.v2@v1.0+protobuf\r\n",
		      NULL, &a);
	assert_int_equal(a.status, 200);
	assert_non_null(strstr(a.head, "openapi.spec.v2.v1.0+protobuf\r\n"));
	proto = proto_read(swagger, a.body, a.len, &e);
	if (!proto)
		fail_msg("%s", e.text);
	assert_string_equal(jx_str(proto, "swagger"), "2.0");
	compare_swagger(json.json, proto);
	/* By these clients know what is what. */
	service = item(jx_get(proto, "definitions.list"), "name", "io.k8s.api.core.v1.Service");
	service = item(jx_get(service, "value.extensions"), "name",
		       "x-kubernetes-group-version-kind");
	assert_string_equal(jx_str(service, "value.yaml"),
			    "[{\"group\":\"\",\"kind\":\"Service\",\"version\":\"v1\"}]");
	json_decref(proto);
	http_answer_clear(&a);
	http_answer_clear(&json);
}

static void test_no_custom_types(void **state)
{
	struct http_answer a;

	http_ask(*state, "GET", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions?limit=500",
		 NULL, NULL, &a);
	assert_int_equal(a.status, 200);
	assert_int_equal(json_array_size(json_object_get(a.json, "items")), 0);
	http_answer_clear(&a);
	assert_int_equal(http_do(*state, "GET", "/apis/apiextensions.k8s.io/v1", NULL), 404);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_resources, setup, teardown),
		cmocka_unit_test_setup_teardown(test_groups, setup, teardown),
		cmocka_unit_test_setup_teardown(test_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(test_openapi_v3, setup, teardown),
		cmocka_unit_test_setup_teardown(test_openapi_v2, setup, teardown),
		cmocka_unit_test_setup_teardown(test_openapi_v2_as_protobuf, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_custom_types, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
