// SPDX-License-Identifier: GPL-2.0
/* The copy that a type's rules work on, and what is said of what does not fit. */
#include "jx.h"
#include "resource.h"
#include "rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct schema *schema_of(const char *version, const char *plural)
{
	return &rules_of(resource_by_plural(version, plural))->schema;
}

static json_t *parse(const char *text)
{
	json_error_t error;
	json_t *v = json_loads(text, 0, &error);

	if (!v)
		fail_msg("%s: %s", text, error.text);
	return v;
}

static void check_table(const struct schema *s, int depth)
{
	size_t n = 0;

	assert_in_range(depth, 0, 30);
	if (s->type == SCHEMA_LIST)
		check_table(s->of, depth + 1);
	if (s->type != SCHEMA_OBJECT)
		return;
	for (const struct schema *f = s->of; f->key; f++, n++)
		check_table(f, depth + 1);
	assert_in_range(n, 1, SCHEMA_FIELDS_MAX);
}

static void test_tables(void **state)
{
	const struct resource *res;

	(void)state;
	for (size_t i = 0; (res = resource_at(i)); i++)
		check_table(&rules_of(res)->schema, 0);
}

static void check_clean(const char *plural, const char *in, const char *out)
{
	const char *version = strcmp(plural, "endpointslices") ? "v1" : "discovery.k8s.io/v1";
	struct schema_report report = { "", "", NULL };
	json_t *v = parse(in), *clean;
	char *text;

	clean = schema_clean(schema_of(version, plural), v, &report);
	if (!clean)
		fail_msg("%s: %s", in, report.message);
	text = jx_print(clean);
	assert_string_equal(text, out);
	free(text);
	json_decref(clean);
	json_decref(v);
	schema_report_clear(&report);
}

/* In the order of the table, whatever the order was; without what is empty. */
static void test_order(void **state)
{
	(void)state;
	check_clean("services",
		    "{\"spec\":{\"type\":\"NodePort\",\"clusterIP\":\"\",\"ports\":[{\"port\":80,"
		    "\"name\":\"a\"}]},\"metadata\":{\"labels\":{\"b\":\"1\",\"a\":null},"
		    "\"name\":\"x\",\"finalizers\":[]},\"kind\":\"Service\"}",
		    "{\"kind\":\"Service\",\"metadata\":{\"name\":\"x\",\"labels\":{\"b\":\"1\","
		    "\"a\":\"\"}},\"spec\":{\"ports\":[{\"name\":\"a\",\"port\":80}],"
		    "\"type\":\"NodePort\"}}");
	check_clean("endpointslices", "{\"metadata\":{\"name\":\"x\"}}",
		    "{\"metadata\":{\"name\":\"x\"},\"endpoints\":null,\"ports\":null}");
}

static void check_unknown(const char *in, const char *paths)
{
	struct schema_report report = { "", "", NULL };
	json_t *v = parse(in), *clean = schema_clean(schema_of("v1", "services"), v, &report);
	char *text;

	assert_non_null(clean);
	text = report.unknown ? jx_print(report.unknown) : jx_must(strdup("null"));
	assert_string_equal(text, paths);
	free(text);
	json_decref(clean);
	json_decref(v);
	schema_report_clear(&report);
}

/* Inner ones first, and each object's as they came. */
static void test_unknown(void **state)
{
	char in[2048], port[] = "{},", paths[128];
	size_t n;

	(void)state;
	check_unknown("{\"metadata\":{\"name\":\"x\"}}", "null");
	check_unknown("{\"z\":1,\"spec\":{\"kind\":\"\",\"ports\":[{\"y\":1},{\"x\":1,\"w\":1}],"
		      "\"v\":1},\"a\":1}",
		      "[\"spec.ports[0].y\",\"spec.ports[1].x\",\"spec.ports[1].w\",\"spec.kind\","
		      "\"spec.v\",\"z\",\"a\"]");
	n = (size_t)snprintf(in, sizeof(in), "{\"spec\":{\"ports\":[");
	for (int i = 0; i < 123; i++)
		n += (size_t)snprintf(in + n, sizeof(in) - n, "%s", port);
	snprintf(in + n, sizeof(in) - n, "{\"u\":1}]}}");
	snprintf(paths, sizeof(paths), "[\"spec.ports[123].u\"]");
	check_unknown(in, paths);
}

static void check_refused(const char *in, const char *field, const char *message)
{
	struct schema_report report = { "", "", NULL };
	json_t *v = parse(in);

	assert_null(schema_clean(schema_of("v1", "services"), v, &report));
	assert_string_equal(report.field, field);
	assert_string_equal(report.message, message);
	json_decref(v);
	schema_report_clear(&report);
}

static void test_types(void **state)
{
	(void)state;
	check_refused("{\"spec\":{\"ports\":[{\"port\":1},{\"port\":\"x\"}]}}",
		      "spec.ports[1].port", "json: cannot unmarshal string into Go struct field "
		      "ServicePort.spec.ports.port of type int32");
	check_refused("{\"metadata\":{\"labels\":{\"a\":\"1\",\"b.c\":2}}}",
		      "metadata.labels.b.c", "json: cannot unmarshal number into Go struct field "
		      "ObjectMeta.metadata.labels of type string");
	check_refused("{\"spec\":{\"clusterIPs\":[\"10.0.0.1\",[]]}}", "spec.clusterIPs[1]",
		      "json: cannot unmarshal array into Go struct field "
		      "ServiceSpec.spec.clusterIPs of type string");
}

/* A path is cut where there is no more room for it. */
static void test_long_path(void **state)
{
	struct schema_report report = { "", "", NULL };
	json_t *v = json_object(), *clean;
	char key[400];

	(void)state;
	memset(key, 'k', sizeof(key));
	key[sizeof(key) - 1] = '\0';
	jx_set(v, "metadata", json_object());
	json_object_set_new(jx_get(v, "metadata"), key, json_integer(1));
	json_object_set_new(v, "zz", json_integer(1));
	clean = schema_clean(schema_of("v1", "services"), v, &report);
	assert_int_equal(json_array_size(report.unknown), 2);
	assert_int_equal(json_string_length(json_array_get(report.unknown, 0)), 255);
	assert_string_equal(json_string_value(json_array_get(report.unknown, 1)), "zz");
	json_decref(clean);
	json_decref(v);
	schema_report_clear(&report);
}

/* The rules write into the copy: nothing of that is in what it was made of. */
static void test_own(void **state)
{
	static const char in[] = "{\"metadata\":{\"labels\":{\"a\":\"1\"}},"
				 "\"spec\":{\"ports\":[{\"port\":80}]}}";
	json_t *v = parse(in), *clean;
	char *text;

	(void)state;
	clean = schema_clean(schema_of("v1", "services"), v, NULL);
	jx_set_str(clean, "metadata.labels.a", "2");
	jx_set_int(json_array_get(jx_get(clean, "spec.ports"), 0), "port", 90);
	jx_append(jx_get(clean, "spec.ports"), json_object());
	text = jx_print(v);
	assert_string_equal(text, in);
	free(text);
	json_decref(clean);
	json_decref(v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_long_path),
		cmocka_unit_test(test_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
