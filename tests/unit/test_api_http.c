// SPDX-License-Identifier: GPL-2.0
/* What clients of Kubernetes ask beside the objects, and how: paths, headers, parameters. */
#include "http_fixture.h"
#include "jx.h"

#include <stdio.h>
#include <string.h>

#define NS		"/api/v1/namespaces/default/"
#define PERSON		"User-Agent: curl/8.0\r\n"
#define JSON		"Content-Type: application/json\r\n"
#define PATCH(type)	"Content-Type: application/" type "-patch+json\r\n"
#define SERVICE		"{\"metadata\":{\"name\":\"web\"},\"spec\":{\"ports\":[{\"port\":80}]}}"
#define LOOKED_FOR	"the server could not find the requested resource"

static int setup(void **state)
{
	*state = http_fixture_open(NULL);
	assert_int_equal(http_do(*state, "POST", NS "services", SERVICE), 201);
	return 0;
}

static int teardown(void **state)
{
	http_fixture_close(*state);
	return 0;
}

struct asked {
	const char *method, *path, *headers, *body;
	int status;
	const char *says;
};

static void check(struct http_fixture *f, const struct asked *q, size_t n)
{
	struct http_answer a;

	for (; n; n--, q++) {
		http_ask_with(f, q->method, q->path, q->headers, q->body, &a);
		if (a.status != q->status || !strstr(a.body, q->says))
			fail_msg("%s %s: %d %s", q->method, q->path, a.status, a.body);
		http_answer_clear(&a);
	}
}

static void test_paths(void **state)
{
	static const struct asked q[] = {
		{ "GET", "/", "", NULL, 200, "{\n  \"paths\": [\n    \"/api\",\n    \"/apis\",\n"
		  "    \"/api/v1\",\n    \"/apis/discovery.k8s.io\",\n" },
		{ "POST", "/", "", "{}", 405, "MethodNotAllowed" },
		{ "GET", "/livez?verbose", "", NULL, 200, "[+]ping ok\nlivez check passed\n" },
		{ "GET", "/healthz?verbose", "", NULL, 200, "[+]ping ok\nhealthz check passed\n" },
		{ "GET", "/api/v1//services", "", NULL, 404, LOOKED_FOR },
		{ "GET", NS "services//web", "", NULL, 404, LOOKED_FOR },
		{ "GET", NS "services/w%65b", "", NULL, 200, "\"name\":\"web\"" },
		{ "GET", NS "services/web/", "", NULL, 200, "\"name\":\"web\"" },
		/* Somebody else runs the Pods. */
		{ "GET", NS "pods/a/log", "", NULL, 404, "svcd runs no Pods: \\\"log\\\" is not "
		  "served, ask whoever runs this one\",\"reason\":\"NotFound\",\"details\":{}" },
		{ "POST", NS "pods/a/exec?command=ls", "", "", 404, "\\\"exec\\\" is not served" },
		{ "GET", NS "pods/a/ephemeralcontainers", "", NULL, 404, LOOKED_FOR },
		{ "GET", NS "services/web/log", "", NULL, 404, LOOKED_FOR },
		{ "GET", NS "services/web/scale", "", NULL, 404, LOOKED_FOR },
	};

	check(*state, q, sizeof(q) / sizeof(*q));
}

/* Each path of the index leads somewhere. */
static void test_index(void **state)
{
	struct http_answer a;
	json_t *path;
	size_t i;

	http_ask(*state, "GET", "/", NULL, NULL, &a);
	assert_true(json_array_size(json_object_get(a.json, "paths")) > 10);
	json_array_foreach(json_object_get(a.json, "paths"), i, path)
		if (http_do(*state, "GET", json_string_value(path), NULL) != 200)
			fail_msg("%s", json_string_value(path));
	http_answer_clear(&a);
}

static void test_readers(void **state)
{
	static const struct asked q[] = {
		{ "GET", NS "services/web", PERSON, NULL, 200, "{\n  \"kind\": \"Service\",\n" },
		{ "GET", NS "services/none", PERSON, NULL, 404, "{\n  \"kind\": \"Status\",\n" },
		{ "GET", NS "services/web?pretty=false", PERSON, NULL, 200, "{\"kind\":" },
		{ "GET", NS "services/web", "User-Agent: kubectl/1\r\n", NULL, 200, "{\"kind\":" },
		{ "GET", NS "services/web?pretty=true", "", NULL, 200, "{\n  \"kind\":" },
		{ "GET", NS "services?watch=1", "Accept: application/yaml\r\n", NULL, 406,
		  "Not Acceptable" },
		{ "GET", NS "services?watch=0", "Accept: application/yaml\r\n", NULL, 200,
		  "kind: ServiceList\n" },
		{ "DELETE", NS "services?watch=1&dryRun=All", "Accept: application/yaml\r\n", NULL,
		  200, "kind: ServiceList\n" },
	};

	check(*state, q, sizeof(q) / sizeof(*q));
}

static void test_patches(void **state)
{
	static const struct asked q[] = {
		{ "PATCH", NS "services/web", PATCH("merge"), "garbage", 400,
		  "\"error decoding patch: json parse error: " },
		{ "PATCH", NS "services/web", PATCH("json"), "[{", 400,
		  "\"error decoding patch: json parse error: unexpected end of JSON input ([{)" },
		{ "PATCH", NS "services/web?fieldManager=me",
		  "Content-Type: application/apply-patch+yaml\r\n", "a: [", 400,
		  "\"error decoding patch: yaml: body:" },
	};

	check(*state, q, sizeof(q) / sizeof(*q));
}

/* Without a body the options of a deletion may stand in the query. */
static void test_deletion(void **state)
{
	static const struct asked q[] = {
		{ "DELETE", NS "services/web?propagationPolicy=Maybe", "", NULL, 422,
		  "propagationPolicy: Unsupported value: \\\"Maybe\\\"" },
		{ "DELETE", NS "services/web?propagationPolicy=Orphan&orphanDependents=true", "",
		  NULL, 422, "cannot be both set" },
		{ "DELETE", NS "services/web?gracePeriodSeconds=1s", "", NULL, 400,
		  "gracePeriodSeconds: Invalid value: \\\"1s\\\"" },
		{ "DELETE", NS "services?propagationPolicy=Maybe", "", NULL, 422, "Maybe" },
		{ "DELETE", NS "services/web?gracePeriodSeconds=0&dryRun=All", "", NULL, 200,
		  "\"name\":\"web\"" },
		{ "DELETE", NS "services/web?propagationPolicy=Maybe&dryRun=All", JSON, "{}", 200,
		  "\"name\":\"web\"" },
		{ "GET", NS "services/web", "", NULL, 200, "\"name\":\"web\"" },
		{ "DELETE", NS "services/web?propagationPolicy=Background&gracePeriodSeconds=", "",
		  NULL, 200, "\"name\":\"web\"" },
		{ "GET", NS "services/web", "", NULL, 404, "NotFound" },
	};

	check(*state, q, sizeof(q) / sizeof(*q));
}

#define POD "{\"metadata\":{\"name\":\"p\"},\"spec\":{\"terminationGracePeriodSeconds\":600," \
	"\"nodeName\":\"n\",\"containers\":[{\"name\":\"a\",\"image\":\"b\"}]}}"
#define OWNED "{\"metadata\":{\"name\":\"owned\",\"ownerReferences\":[{\"apiVersion\":" \
	"\"v1\",\"kind\":\"Service\",\"name\":\"web\",\"uid\":\"%s\"}]}," \
	"\"spec\":{\"ports\":[{\"port\":1}]}}"

static void test_deletion_takes(void **state)
{
	struct http_fixture *f = *state;
	struct http_answer a;
	char body[512];

	assert_int_equal(http_do(f, "POST", NS "pods", POD), 201);
	http_ask(f, "DELETE", NS "pods/p?gracePeriodSeconds=77", NULL, NULL, &a);
	assert_int_equal(json_integer_value(jx_get(a.json, "metadata.deletionGracePeriodSeconds")),
			 77);
	http_answer_clear(&a);
	http_ask(f, "GET", NS "services/web", NULL, NULL, &a);
	snprintf(body, sizeof(body), OWNED, jx_str(a.json, "metadata.uid"));
	http_answer_clear(&a);
	assert_int_equal(http_do(f, "POST", NS "services", body), 201);
	assert_int_equal(http_do(f, "DELETE", NS "services/web?orphanDependents=true", NULL), 200);
	assert_int_equal(http_do(f, "GET", NS "services/owned", NULL), 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_paths, setup, teardown),
		cmocka_unit_test_setup_teardown(test_index, setup, teardown),
		cmocka_unit_test_setup_teardown(test_readers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_patches, setup, teardown),
		cmocka_unit_test_setup_teardown(test_deletion, setup, teardown),
		cmocka_unit_test_setup_teardown(test_deletion_takes, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
