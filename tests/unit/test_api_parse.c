// SPDX-License-Identifier: GPL-2.0
#include "api_media.h"
#include "api_query.h"
#include "api_target.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

static const struct {
	const char *path;
	int ret;
	const char *type, *ns, *name, *sub;
} targets[] = {
	{ "/api/v1", 0, NULL, NULL, NULL, NULL },
	{ "/api/v1/", 0, NULL, NULL, NULL, NULL },
	{ "/api/v1/services", 0, "services", NULL, NULL, NULL },
	{ "/api/v1/services/", 0, "services", NULL, NULL, NULL },
	{ "/api/v1/namespaces", 0, "namespaces", NULL, NULL, NULL },
	{ "/api/v1/namespaces/a", 0, "namespaces", NULL, "a", NULL },
	{ "/api/v1/namespaces/a/status", 0, "namespaces", NULL, "a", "status" },
	{ "/api/v1/namespaces/a/pods", 0, "pods", "a", NULL, NULL },
	{ "/api/v1/namespaces/a/pods/b", 0, "pods", "a", "b", NULL },
	{ "/api/v1/namespaces/a/pods/b/binding", 0, "pods", "a", "b", "binding" },
	{ "/api/v1/namespaces/a/services/b%2Fc/status", 0, "services", "a", "b/c", "status" },
	{ "/api/v1/namespaces/status/services", 0, "services", "status", NULL, NULL },
	{ "/api/v1/namespaces/a/services/b/c/d", -ESRCH, NULL, NULL, NULL, NULL },
	{ "/api/v1/namespaces/a/namespaces/b", -ESRCH, NULL, NULL, NULL, NULL },
	{ "/api/v1/namespaces/a/nonsense", -ESRCH, NULL, NULL, NULL, NULL },
	{ "/api/v1/services/b", -ESRCH, NULL, NULL, NULL, NULL },
	{ "/api/v1/nonsense", -ESRCH, NULL, NULL, NULL, NULL },
	{ "/api/v2/services", -ENOENT, NULL, NULL, NULL, NULL },
	{ "/apis/v1/services", -ENOENT, NULL, NULL, NULL, NULL },
	{ "/apis/nonsense.io/v1/things", -ENOENT, NULL, NULL, NULL, NULL },
	{ "/api/nonsense.io%2Fv1/things", -ENOENT, NULL, NULL, NULL, NULL },
	{ "/", -ENOENT, NULL, NULL, NULL, NULL },
	{ "", -ENOENT, NULL, NULL, NULL, NULL },
	{ "/a/b/c/d/e/f/g/h/i/j/k", -ENOENT, NULL, NULL, NULL, NULL },
	{ "/apis/authorization.k8s.io/v1", 0, NULL, NULL, NULL, NULL },
	{ "/apis/authorization.k8s.io/v1/services", -ESRCH, NULL, NULL, NULL, NULL },
	{ "/apis/authorization.k8s.io/v2", -ENOENT, NULL, NULL, NULL, NULL },
	{ "/api/v1//services", -ESRCH, NULL, NULL, NULL, NULL },
	{ "/api//v1/services", -ESRCH, NULL, NULL, NULL, NULL },
	{ "/api/v1/namespaces/a/services/x%00y", -EINVAL, NULL, NULL, NULL, NULL },
	{ "/api/v1/namespaces/a/services/%ff", -EINVAL, NULL, NULL, NULL, NULL },
};

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static void test_targets(void **state)
{
	struct api_target t;
	size_t i;
	int ret;

	(void)state;
	for (i = 0; i < sizeof(targets) / sizeof(*targets); i++) {
		ret = api_target_parse(&t, targets[i].path);
		if (ret != targets[i].ret)
			fail_msg("%s: %d", targets[i].path, ret);
		if (ret)
			continue;
		if (!same(t.res ? t.res->plural : NULL, targets[i].type) ||
		    !same(t.ns, targets[i].ns) || !same(t.name, targets[i].name) ||
		    !same(t.sub, targets[i].sub))
			fail_msg("%s: %s %s %s %s", targets[i].path, t.res ? t.res->plural : "-",
				 t.ns ? t.ns : "-", t.name ? t.name : "-", t.sub ? t.sub : "-");
		api_target_clear(&t);
	}
}

#define TABLE	"application/json;as=Table;v=v1;g=meta.k8s.io"

/* What is chosen among an object, a Table and a list of metadata. */
static const struct {
	const char *accept, *chosen;	/* NULL: none */
} accepts[] = {
	{ NULL, "json" },
	{ "", "json" },
	{ "*/*", "json" },
	{ "application/json", "json" },
	{ "Application/JSON; charset=utf-8", "json" },
	{ "application/*;q=0.5", "json" },
	{ "text/html, application/json;q=0.1", "json" },
	{ "application/json;stream=watch", "json" },
	{ "application/vnd.kubernetes.protobuf,application/json", "json" },
	{ TABLE ",application/json", "Table" },
	{ TABLE, "Table" },
	{ " application/json ; G=meta.k8s.io ; V=v1 ; AS=Table , application/json", "Table" },
	{ "application/json;as=Table;v=v2;g=meta.k8s.io,application/json", "json" },
	{ "application/json;as=Table;v=v1;g=other,application/json", "json" },
	{ "application/json;as=Table,application/yaml", "yaml" },
	{ "application/json;as=Table;v=v2;g=meta.k8s.io", NULL },
	{ "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io", "list" },
	{ "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io", NULL },
	{ "application/json;as=;v=v1", "json" },
	{ TABLE ";q=0.5,application/json;q=0.6", "json" },
	{ "application/json;q=0.5," TABLE ";q=0.6", "Table" },
	{ "application/json," TABLE, "json" },
	{ TABLE ";q=0,application/json;q=0.1", "json" },
	{ "application/json;q=0", NULL },
	{ "application/json;q=nan", NULL },
	{ "application/json;q", NULL },
	{ "text/html", NULL },
	{ "application/yaml", "yaml" },
	{ "application/jsonx", NULL },
	{ "application/vnd.kubernetes.protobuf", NULL },
	{ ",,;;=,", NULL },
};

static const char *choose(const char *accept)
{
	const unsigned int offered = API_FORM_BIT(API_FORM_OBJECT) | API_FORM_BIT(API_FORM_TABLE) |
				     API_FORM_BIT(API_FORM_METADATA_LIST);
	struct api_media m;

	if (!api_media_choose(accept, offered, &m))
		return "none";
	if (m.form == API_FORM_TABLE)
		return "Table";
	if (m.form == API_FORM_METADATA_LIST)
		return "list";
	return m.yaml ? "yaml" : "json";
}

static void test_media(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(accepts) / sizeof(*accepts); i++)
		if (strcmp(choose(accepts[i].accept),
			   accepts[i].chosen ? accepts[i].chosen : "none"))
			fail_msg("Accept: %s: %s", accepts[i].accept, choose(accepts[i].accept));
	assert_true(api_media_is(NULL, "application/json"));
	assert_false(api_media_is(NULL, "application/merge-patch+json"));
	assert_true(api_media_is("application/json;charset=UTF-8", "application/json"));
	assert_true(api_media_is(" APPLICATION/json ", "application/json"));
	assert_false(api_media_is("application/json-patch+json", "application/json"));
	assert_false(api_media_is("text/plain", "application/json"));
}

static int parse(struct api_query *q, const char *raw, struct reply *refused)
{
	refused->body = NULL;
	return api_query_parse(q, raw, "ListOptions", refused);
}

static void test_query(void **state)
{
	struct reply refused;
	struct api_query q;

	(void)state;
	assert_int_equal(parse(&q, "watch&labelSelector=a%3Db%2Cc+in+(d)&labelSelector=second"
			       "&timeoutSeconds=7&unknown=1&allowWatchBookmarks=true"
			       "&resourceVersion=18446744073709551615", &refused), 0);
	assert_true(q.watch);
	assert_true(q.bookmarks);
	assert_string_equal(q.label_selector, "a=b,c in (d)");
	assert_null(q.field_selector);
	assert_int_equal(q.timeout, 7);
	assert_true(q.has_version && q.version == UINT64_MAX);
	assert_int_equal(q.flags, REGISTRY_WARN);
	api_query_clear(&q);

	assert_int_equal(parse(&q, "dryRun=All&fieldValidation=Strict&limit=500&continue=&watch=0"
			       "&labelSelector=&resourceVersion=", &refused), 0);
	assert_int_equal(q.flags, REGISTRY_DRY_RUN | REGISTRY_STRICT);
	assert_false(q.watch);
	assert_false(q.has_version);
	assert_null(q.label_selector);
	api_query_clear(&q);

	assert_int_equal(parse(&q, NULL, &refused), 0);
	api_query_clear(&q);
}

static const struct {
	const char *raw;
	int code;
	const char *says;
} wrong[] = {
	{ "resourceVersion=abc", 500, "resourceVersion: Invalid value: \"abc\": "
	  "strconv.ParseUint: parsing \"abc\": invalid syntax" },
	{ "resourceVersion=-1", 500, "invalid syntax" },
	{ "resourceVersion=18446744073709551616", 500, "value out of range" },
	{ "timeoutSeconds=x", 400, "timeoutSeconds" },
	{ "timeoutSeconds=99999999999", 400, "timeoutSeconds" },
	{ "limit=-1", 400, "limit" },
	{ "limit=x", 400, "limit" },
	{ "continue=AAAA&resourceVersion=7", 400, "specifying resource version is not allowed when "
	  "using continue" },
	{ "continue=AAAA&resourceVersion=0&resourceVersionMatch=NotOlderThan", 422,
	  "resourceVersionMatch is forbidden when continue is provided" },
	{ "resourceVersion=0&resourceVersionMatch=Exact", 422, "forbidden for resourceVersion" },
	{ "dryRun=Some", 422, "dryRun: Unsupported value" },
	{ "fieldValidation=No", 422, "fieldValidation: Unsupported value: \"No\": supported "
	  "values: "
				     "\"\", \"Ignore\", \"Strict\", \"Warn\"" },
	{ "resourceVersion=1&resourceVersionMatch=Older", 422, "resourceVersionMatch: Unsupported "
	  "value: \"Older\": supported values: \"Exact\", \"NotOlderThan\", \"\"" },
	{ "watch=1&resourceVersionMatch=NotOlderThan", 422, "resourceVersionMatch is forbidden for "
	  "watch unless sendInitialEvents is provided" },
	{ "resourceVersionMatch=Exact", 422, "forbidden unless resourceVersion is provided" },
	{ "sendInitialEvents=true", 422, "forbidden for list" },
	{ "watch=1&sendInitialEvents=true", 422, "ListOptions.meta.k8s.io \"\" is invalid: "
	  "resourceVersionMatch: Forbidden: sendInitialEvents requires setting "
	  "resourceVersionMatch to NotOlderThan" },
	{ "labelSelector=%00", 400, "NUL" },
	{ "fieldManager=%FF", 400, "the query is not UTF-8" },
	{ "labelSelector=a%3D%C3", 400, "the query is not UTF-8" },
	{ "%C3=1", 400, "the query is not UTF-8" },
};

static void test_query_wrong(void **state)
{
	struct reply refused;
	struct api_query q;
	const char *message;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		if (parse(&q, wrong[i].raw, &refused) != -EINVAL)
			fail_msg("taken: %s", wrong[i].raw);
		message = json_string_value(json_object_get(refused.body, "message"));
		if (refused.code != wrong[i].code || !message || !strstr(message, wrong[i].says))
			fail_msg("%s: %d %s", wrong[i].raw, refused.code, message);
		json_decref(refused.body);
		api_query_clear(&q);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_targets),
		cmocka_unit_test(test_media),
		cmocka_unit_test(test_query),
		cmocka_unit_test(test_query_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
