// SPDX-License-Identifier: GPL-2.0
/* What a client may do, and who it is: asked of the API, and found in its discovery. */
#include "http_fixture.h"
#include "jx.h"
#include "proto.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ACCESS	"/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
#define RULES	"/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
#define WHO	"/apis/authentication.k8s.io/v1/selfsubjectreviews"
#define JSON	"Content-Type: application/json\r\n"
#define WHOLE	"Accept: application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList\r\n"

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

static const struct {
	const char *method, *path, *body;
	int status;
	const char *says;
} asked[] = {
	{ "POST", ACCESS, "{\"kind\":\"SelfSubjectAccessReview\",\"apiVersion\":"
	  "\"authorization.k8s.io/v1\",\"metadata\":{\"creationTimestamp\":null},\"spec\":"
	  "{\"resourceAttributes\":{\"verb\":\"get\",\"resource\":\"pods\"}}}", 201,
	  "{\"kind\":\"SelfSubjectAccessReview\",\"apiVersion\":\"authorization.k8s.io/v1\","
	  "\"metadata\":{\"creationTimestamp\":null},\"spec\":{\"resourceAttributes\":{\"verb\":"
	  "\"get\",\"resource\":\"pods\"}},\"status\":{\"allowed\":true," },
	{ "POST", RULES, "{\"spec\":{\"namespace\":\"default\"}}", 201,
	  "\"spec\":{\"namespace\":\"default\"},\"status\":{\"resourceRules\":[{\"verbs\":[\"*\"],"
	  "\"apiGroups\":[\"*\"],\"resources\":[\"*\"]}],\"nonResourceRules\":[{\"verbs\":[\"*\"],"
	  "\"nonResourceURLs\":[\"*\"]}],\"incomplete\":false}}" },
	{ "POST", WHO, "{}", 201,
	  "{\"kind\":\"SelfSubjectReview\",\"apiVersion\":\"authentication.k8s.io/v1\","
	  "\"metadata\":{},\"status\":{\"userInfo\":{\"username\":\"system:unsecured\","
	  "\"groups\":[\"system:masters\",\"system:authenticated\"]}}}" },
	{ "POST", ACCESS, "{\"kind\":\"SelfSubjectRulesReview\"}", 400,
	  "SelfSubjectRulesReview in version \\\"\\\" cannot be handled as a "
	  "SelfSubjectAccessReview" },
	{ "POST", WHO, "{\"apiVersion\":\"authentication.k8s.io/v1beta1\"}", 400,
	  "cannot be handled as a SelfSubjectReview" },
	{ "POST", ACCESS, "[]", 400, "it is no object" },
	{ "POST", ACCESS, "{", 400, "(must be of type SelfSubjectAccessReview)" },
	{ "GET", ACCESS, NULL, 405, "MethodNotAllowed" },
	{ "PUT", RULES, "{}", 405, "MethodNotAllowed" },
	{ "POST", ACCESS "/x", "{}", 404, "NotFound" },
	{ "POST", "/apis/authorization.k8s.io/v1/selfsubjectreviews", "{}", 404, "NotFound" },
};

static void test_asked(void **state)
{
	struct http_answer a;
	size_t i;

	for (i = 0; i < sizeof(asked) / sizeof(*asked); i++) {
		http_ask(*state, asked[i].method, asked[i].path, "application/json",
			 asked[i].body, &a);
		if (a.status != asked[i].status || !strstr(a.body, asked[i].says))
			fail_msg("%s %s: %d %s", asked[i].method, asked[i].path, a.status, a.body);
		http_answer_clear(&a);
	}
	http_ask_with(*state, "POST", WHO, "Accept: text/html\r\n" JSON, "{}", &a);
	assert_int_equal(a.status, 406);
	http_answer_clear(&a);
}

/* A node without objects leaves this to the one that has them, too. */
static void test_follower(void **state)
{
	struct http_fixture *f = *state;
	struct registry *r = f->api.registry;

	f->api.registry = NULL;
	f->api.authority = "unix:///there";
	assert_int_equal(http_do(f, "POST", ACCESS, "{}"), 503);
	f->api.registry = r;
}

static void put(FILE *f, unsigned int number, char **text, size_t *len, FILE *inner)
{
	fclose(inner);
	proto_put_bytes(f, number, *text, *len);
	free(*text);
}

/* "May I get pods?", as kubectl 1.33 sends it. */
static char *as_protobuf(size_t *len)
{
	char *text[4], *whole;
	size_t n[4];
	FILE *all = open_memstream(&whole, len), *raw = open_memstream(&text[0], &n[0]);
	FILE *spec = open_memstream(&text[1], &n[1]), *what = open_memstream(&text[2], &n[2]);
	FILE *type = open_memstream(&text[3], &n[3]);

	fwrite("k8s", 1, 4, all);
	proto_put_string(type, 1, "authorization.k8s.io/v1");
	proto_put_string(type, 2, "SelfSubjectAccessReview");
	put(all, 1, &text[3], &n[3], type);
	proto_put_string(what, 1, "default");
	proto_put_string(what, 2, "get");
	proto_put_string(what, 5, "pods");
	put(spec, 1, &text[2], &n[2], what);
	put(raw, 2, &text[1], &n[1], spec);
	put(all, 2, &text[0], &n[0], raw);
	fclose(all);
	return whole;
}

static void test_protobuf(void **state)
{
	struct http_fixture *f = *state;
	struct http_answer a;
	struct http_peer p;
	size_t len;
	char *body = as_protobuf(&len);

	http_peer_open(&p, f->socket);
	http_peer_sendf(&p, "POST " ACCESS " HTTP/1.1\r\nHost: x\r\nContent-Type: application/"
			"vnd.kubernetes.protobuf\r\nContent-Length: %zu\r\n\r\n", len);
	http_peer_send(&p, body, len);
	http_peer_answer(f, &p, &a);
	assert_int_equal(a.status, 201);
	assert_string_equal(jx_str(a.json, "spec.resourceAttributes.verb"), "get");
	assert_string_equal(jx_str(a.json, "spec.resourceAttributes.resource"), "pods");
	assert_true(jx_bool(a.json, "status.allowed"));
	http_answer_clear(&a);
	http_peer_close(&p);
	free(body);
}

static void expect_in(struct http_fixture *f, const char *path, const char *headers,
		      const char *text)
{
	struct http_answer a;

	http_ask_with(f, "GET", path, headers, NULL, &a);
	if (a.status != 200 || !strstr(a.body, text))
		fail_msg("%s: %d %s", path, a.status, a.body);
	http_answer_clear(&a);
}

static void test_discovery(void **state)
{
	struct http_fixture *f = *state;

	expect_in(f, "/apis", "", "{\"name\":\"authorization.k8s.io\",\"versions\":[{"
		  "\"groupVersion\":\"authorization.k8s.io/v1\",\"version\":\"v1\"}]");
	expect_in(f, "/apis/authentication.k8s.io", "", "\"kind\":\"APIGroup\"");
	expect_in(f, "/apis/authorization.k8s.io/v1", "",
		  "{\"name\":\"selfsubjectaccessreviews\",\"singularName\":"
		  "\"selfsubjectaccessreview\",\"namespaced\":false,\"kind\":"
		  "\"SelfSubjectAccessReview\",\"verbs\":[\"create\"]}");
	expect_in(f, "/apis", WHOLE, "{\"resource\":\"selfsubjectreviews\",\"responseKind\":{"
		  "\"group\":\"authentication.k8s.io\",\"version\":\"v1\",\"kind\":"
		  "\"SelfSubjectReview\"},\"scope\":\"Cluster\"");
	/* There are no schemas of them. */
	assert_int_equal(http_do(f, "GET", "/openapi/v3/apis/authorization.k8s.io/v1", NULL), 404);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_asked, setup, teardown),
		cmocka_unit_test_setup_teardown(test_follower, setup, teardown),
		cmocka_unit_test_setup_teardown(test_protobuf, setup, teardown),
		cmocka_unit_test_setup_teardown(test_discovery, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
