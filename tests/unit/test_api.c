// SPDX-License-Identifier: GPL-2.0
#include "http_fixture.h"

#include "api_body.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define SERVICES	"/api/v1/namespaces/default/services"
#define WEB                                                                            \
	"{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"web\"}," \
	"\"spec\":{\"ports\":[{\"port\":80}],\"selector\":{\"app\":\"web\"}}}"

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

static const char *text_at(const json_t *o, const char *name)
{
	const char *text = json_string_value(json_object_get(o, name));

	return text ? text : "";
}

/* Requests that get a Status, or text, before or without any object. */
static const struct {
	const char *method, *path, *headers, *body;
	int status;
	const char *answer;	/* whole, without the newline at its end */
} fixed[] = {
	{ "GET", "/livez", "", NULL, 200, "ok" },
	{ "GET", "/healthz", "Accept: text/html\r\n", NULL, 200, "ok" },
	{ "GET", "/readyz", "", NULL, 200, "ok" },
	{ "GET", "/readyz?verbose", "", NULL, 200,
	  "[+]ping ok\n[+]kernel ok\nreadyz check passed" },
	{ "GET", "/nonsense", "", NULL, 404, "404 page not found" },
	{ "GET", "/apis/nope/v1/things", "", NULL, 404, "404 page not found" },
	{ "GET", "/api/v1/things", "", NULL, 404,
	  "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","
	  "\"message\":\"the server could not find the requested resource\",\"reason\":"
	  "\"NotFound\",\"details\":{},\"code\":404}" },
	{ "GET", SERVICES "/absent", "", NULL, 404,
	  "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","
	  "\"message\":\"services \\\"absent\\\" not found\",\"reason\":\"NotFound\","
	  "\"details\":{\"name\":\"absent\",\"kind\":\"services\"},\"code\":404}" },
	{ "POST", "/api/v1/services", "", NULL, 405,
	  "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","
	  "\"message\":\"the server does not allow this method on the requested resource\","
	  "\"reason\":\"MethodNotAllowed\",\"details\":{},\"code\":405}" },
	{ "GET", "/api/v1/services", "Accept: text/html\r\n", NULL, 406,
	  "{\n  \"kind\": \"Status\",\n  \"apiVersion\": \"v1\",\n  \"metadata\": {},\n"
	  "  \"status\": \"Failure\",\n  \"message\": \"406: Not Acceptable\\n\\n"
	  "Available representations: application/json, application/yaml, "
	  "application/json;stream=watch\",\n"
	  "  \"reason\": \"NotAcceptable\",\n  \"details\": {},\n  \"code\": 406\n}" },
	{ "POST", SERVICES, "Content-Type: application/json\r\n",
	  "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":", 400,
	  "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","
	  "\"message\":\"the object provided is unrecognized (must be of type Service): couldn't "
	  "get version/kind; json parse error: unexpected end of JSON input "
	  "({\\\"apiVersion\\\":\\\"v1\\\",\\\"kind\\\":\\\"Ser ...)\",\"reason\":\"BadRequest\","
	  "\"code\":400}" },
	{ "POST", SERVICES, "Content-Type: text/plain\r\n", "x", 415,
	  "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","
	  "\"message\":\"the body of the request was in an unknown format - accepted media types "
	  "include: application/json, application/yaml, application/vnd.kubernetes.protobuf\","
	  "\"reason\":\"UnsupportedMediaType\",\"code\":415}" },
	{ "PATCH", SERVICES "/web", "Content-Type: application/json\r\n", "{}", 415,
	  "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","
	  "\"message\":\"the body of the request was in an unknown format - accepted media types "
	  "include: application/merge-patch+json, application/strategic-merge-patch+json, "
	  "application/json-patch+json, application/apply-patch+yaml\",\"reason\":"
	  "\"UnsupportedMediaType\",\"code\":415}" },
	{ "PATCH", SERVICES "/web", "Content-Type: application/json-patch+json\r\n", "{}", 400,
	  "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","
	  "\"message\":\"a JSON patch must be a list of operations\",\"reason\":\"BadRequest\","
	  "\"code\":400}" },
	{ "PATCH", SERVICES "/web", "Content-Type: application/merge-patch+json\r\n", "[]", 400,
	  "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","
	  "\"message\":\"a merge patch must be a JSON object\",\"reason\":\"BadRequest\","
	  "\"code\":400}" },
	{ "PATCH", SERVICES "/web", "Content-Type: application/json-patch+json\r\n",
	  "[{\"op\":\"remove\",\"path\":\"/spec/x\"}]", 422,
	  "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","
	  "\"message\":\"the server rejected our request due to an error in our request: operation "
	  "0: the path \\\"/spec/x\\\" is not in the object\",\"reason\":\"Invalid\",\"details\":"
	  "{},\"code\":422}" },
	{ "GET", "/api/v1/services?watch=true&resourceVersion=abc", "", NULL, 500,
	  "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","
	  "\"message\":\"resourceVersion: Invalid value: \\\"abc\\\": strconv.ParseUint: parsing "
	  "\\\"abc\\\": invalid syntax\",\"code\":500}" },
	{ "GET", "/api/v1/services?watch=true&sendInitialEvents=true&resourceVersion=", "", NULL,
	  422,
	  "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","
	  "\"message\":\"ListOptions.meta.k8s.io \\\"\\\" is invalid: resourceVersionMatch: "
	  "Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan\","
	  "\"reason\":\"Invalid\",\"details\":{\"group\":\"meta.k8s.io\",\"kind\":\"ListOptions\","
	  "\"causes\":[{\"reason\":\"FieldValueForbidden\",\"message\":\"Forbidden: "
	  "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan\",\"field\":"
	  "\"resourceVersionMatch\"}]},\"code\":422}" },
	{ "GET", "/api/v1/services?resourceVersion=2&resourceVersionMatch=Exact", "", NULL, 410,
	  "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","
	  "\"message\":\"The resourceVersion for the provided list is too old.\",\"reason\":"
	  "\"Expired\",\"code\":410}" },
};

/* All over one connection: an answer of any kind leaves it usable. */
static void test_fixed(void **state)
{
	struct http_fixture *f = *state;
	struct http_answer a;
	struct http_peer p;
	size_t i;

	/* So that version 2 is the past. */
	assert_int_equal(http_do(f, "POST", SERVICES, WEB), 201);
	http_peer_open(&p, f->socket);
	for (i = 0; i < sizeof(fixed) / sizeof(*fixed); i++) {
		http_peer_sendf(&p, "%s %s HTTP/1.1\r\nHost: x\r\n%sContent-Length: %zu\r\n\r\n%s",
				fixed[i].method, fixed[i].path, fixed[i].headers,
				fixed[i].body ? strlen(fixed[i].body) : 0,
				fixed[i].body ? fixed[i].body : "");
		http_peer_answer(f, &p, &a);
		assert_int_equal(a.status, fixed[i].status);
		if (a.len && a.body[a.len - 1] == '\n')
			a.body[--a.len] = '\0';
		assert_string_equal(a.body, fixed[i].answer);
		assert_non_null(strstr(a.head, a.json ? "Content-Type: application/json\r\n" :
				       "Content-Type: text/plain; charset=utf-8\r\n"));
		http_answer_clear(&a);
	}
	http_peer_close(&p);
}

static void test_not_ready(void **state)
{
	struct http_fixture *f = *state;
	struct http_answer a;

	f->ready = false;
	http_ask(f, "GET", "/readyz", NULL, NULL, &a);
	assert_int_equal(a.status, 500);
	assert_string_equal(a.body, "[+]ping ok\n[-]kernel failed: the test says so\n"
			    "readyz check failed\n");
	http_answer_clear(&a);
	assert_int_equal(http_do(f, "GET", "/livez", NULL), 200);
	assert_int_equal(http_do(f, "POST", "/livez", NULL), 405);
}

static void test_objects(void **state)
{
	struct http_fixture *f = *state;
	struct http_answer a;

	http_ask(f, "POST", SERVICES, "application/json", WEB, &a);
	assert_int_equal(a.status, 201);
	assert_string_equal(text_at(a.json, "kind"), "Service");
	assert_string_equal(text_at(json_object_get(a.json, "metadata"), "namespace"), "default");
	assert_int_equal(a.body[a.len - 1], '\n');
	http_answer_clear(&a);
	assert_int_equal(http_do(f, "POST", SERVICES, WEB), 409);
	assert_int_equal(http_do(f, "GET", SERVICES "/web", NULL), 200);

	http_ask(f, "GET", "/api/v1/services?limit=1", NULL, NULL, &a);
	assert_string_equal(text_at(a.json, "kind"), "ServiceList");
	assert_int_equal(json_array_size(json_object_get(a.json, "items")), 1);
	http_answer_clear(&a);

	http_ask(f, "PATCH", SERVICES "/web", "application/merge-patch+json",
		 "{\"metadata\":{\"labels\":{\"tier\":\"front\"}}}", &a);
	assert_int_equal(a.status, 200);
	assert_string_equal(text_at(json_object_get(json_object_get(a.json, "metadata"), "labels"),
				    "tier"), "front");
	http_answer_clear(&a);
	http_ask(f, "GET", "/api/v1/services?labelSelector=tier%3Dback", NULL, NULL, &a);
	assert_int_equal(json_array_size(json_object_get(a.json, "items")), 0);
	http_answer_clear(&a);
	assert_int_equal(http_do(f, "DELETE", SERVICES "/web", NULL), 200);
	assert_int_equal(http_do(f, "DELETE", SERVICES "/web", NULL), 404);
}

/* The three types of patch, one after the other, on the same object. */
static void test_patches(void **state)
{
	struct http_fixture *f = *state;
	struct http_answer a;

	assert_int_equal(http_do(f, "POST", SERVICES, WEB), 201);
	http_ask(f, "PATCH", SERVICES "/web", "application/strategic-merge-patch+json",
		 "{\"spec\":{\"ports\":[{\"port\":443,\"name\":\"s\"},"
		 "{\"port\":80,\"name\":\"h\"}]}}", &a);
	assert_int_equal(a.status, 200);
	assert_non_null(strstr(a.body, "\"ports\":[{\"name\":\"s\",\"protocol\":\"TCP\","
			       "\"port\":443,\"targetPort\":443},{\"name\":\"h\","));
	http_answer_clear(&a);
	http_ask(f, "PATCH", SERVICES "/web", "application/json-patch+json",
		 "[{\"op\":\"test\",\"path\":\"/spec/ports/0/port\",\"value\":443},"
		 "{\"op\":\"remove\",\"path\":\"/spec/ports/0\"}]", &a);
	assert_int_equal(a.status, 200);
	assert_null(strstr(a.body, "\"port\":443"));
	http_answer_clear(&a);
	/* What comes out is checked like any object. */
	http_ask(f, "PATCH", SERVICES "/web", "application/json-patch+json",
		 "[{\"op\":\"replace\",\"path\":\"/spec/ports\",\"value\":[]}]", &a);
	assert_int_equal(a.status, 422);
	assert_non_null(strstr(a.body, "spec.ports: Required value"));
	http_answer_clear(&a);
	/* A version in a patch must be the present one. */
	http_ask(f, "PATCH", SERVICES "/web", "application/strategic-merge-patch+json",
		 "{\"metadata\":{\"resourceVersion\":\"1\",\"labels\":{\"a\":\"b\"}}}", &a);
	assert_int_equal(a.status, 409);
	http_answer_clear(&a);
}

static void test_update(void **state)
{
	struct http_fixture *f = *state;
	struct http_answer a;
	char *body;

	http_ask(f, "POST", SERVICES, "application/json", WEB, &a);
	json_object_set_new(json_object_get(a.json, "metadata"), "labels",
			    json_pack("{s:s}", "a", "b"));
	body = json_dumps(a.json, 0);
	http_answer_clear(&a);
	assert_int_equal(http_do(f, "PUT", SERVICES "/web", body), 200);
	/* That version is the past now. */
	assert_int_equal(http_do(f, "PUT", SERVICES "/web", body), 409);
	assert_int_equal(http_do(f, "PUT", SERVICES "/absent", body) / 100, 4);
	free(body);
}

static void test_flags(void **state)
{
	struct http_fixture *f = *state;
	struct http_answer a;

	assert_int_equal(http_do(f, "POST", SERVICES "?dryRun=All", WEB), 201);
	assert_int_equal(http_do(f, "GET", SERVICES "/web", NULL), 404);
	http_ask(f, "POST", SERVICES "?fieldValidation=Strict", "application/json",
		 "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"web\"},"
		 "\"spec\":{\"foo\":1,\"ports\":[{\"port\":80}]}}", &a);
	assert_int_equal(a.status, 400);
	assert_non_null(strstr(a.body, "strict decoding error: unknown field \\\"spec.foo\\\""));
	http_answer_clear(&a);
	assert_int_equal(http_do(f, "POST", SERVICES "?fieldValidation=Maybe", WEB), 422);
	assert_int_equal(http_do(f, "GET", SERVICES "/web", NULL), 404);
	assert_int_equal(http_do(f, "GET", SERVICES "?labelSelector=a%20b", NULL), 400);
}

static void test_delete_options(void **state)
{
	struct http_fixture *f = *state;
	struct http_answer a;

	assert_int_equal(http_do(f, "POST", SERVICES, WEB), 201);
	http_ask(f, "DELETE", SERVICES "/web", "application/json",
		 "{\"preconditions\":{\"uid\":\"another\"}}", &a);
	assert_int_equal(a.status, 409);
	assert_non_null(strstr(a.body, "Precondition failed: UID in precondition: another"));
	http_answer_clear(&a);
	assert_int_equal(http_do(f, "DELETE", SERVICES "/web", "{\"dryRun\":[\"All\"]}"), 200);
	assert_int_equal(http_do(f, "DELETE", SERVICES "/web", "nonsense"), 400);
	assert_int_equal(http_do(f, "GET", SERVICES "/web", NULL), 200);
	assert_int_equal(http_do(f, "DELETE", SERVICES "/web",
				 "{\"kind\":\"DeleteOptions\",\"apiVersion\":\"v1\"}"), 200);
}

/* Nothing is deleted when the options make no sense. */
static const struct {
	const char *options;
	int status;
	const char *says;
} delete_options[] = {
	{ "{\"preconditions\":{\"resourceVersion\":\"1\"}}", 409,
	  "ResourceVersion in precondition: 1" },
	{ "{\"preconditions\":7}", 400, "of type v1.Preconditions" },
	{ "{\"gracePeriodSeconds\":\"1\"}", 400, "of type int64" },
	{ "{\"propagationPolicy\":\"Maybe\"}", 422, "supported values: \\\"Background\\\"" },
	{ "{\"propagationPolicy\":\"Orphan\",\"orphanDependents\":false}", 422,
	  "DeleteOptions.meta.k8s.io \\\"\\\" is invalid: propagationPolicy: Invalid value: "
	  "orphanDependents and deletionPropagation cannot be both set" },
	{ "{\"dryRun\":[\"Some\"]}", 422, "dryRun: Unsupported value" },
	{ "[]", 400, "it is no object" },
};

static void test_delete_refused(void **state)
{
	struct http_fixture *f = *state;
	struct http_answer a;
	size_t i;

	assert_int_equal(http_do(f, "POST", SERVICES, WEB), 201);
	for (i = 0; i < sizeof(delete_options) / sizeof(*delete_options); i++) {
		http_ask(f, "DELETE", SERVICES "/web", "application/json",
			 delete_options[i].options, &a);
		if (a.status != delete_options[i].status || !strstr(a.body, delete_options[i].says))
			fail_msg("%s: %d %s", delete_options[i].options, a.status, a.body);
		http_answer_clear(&a);
	}
	assert_int_equal(http_do(f, "GET", SERVICES "/web", NULL), 200);
	assert_int_equal(http_do(f, "DELETE", SERVICES "/web",
				 "{\"propagationPolicy\":\"Background\",\"gracePeriodSeconds\":0}"),
			 200);
}

/* By either word. */
static void test_delete_orphans(void **state)
{
	static const char *const options[] = {
		"{\"propagationPolicy\":\"Orphan\"}", "{\"orphanDependents\":true}",
		"{\"propagationPolicy\":\"Foreground\"}", "{\"orphanDependents\":false}", NULL,
	};
	struct http_fixture *f = *state;
	struct http_answer a;
	char body[512];

	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		http_ask(f, "POST", SERVICES, "application/json", WEB, &a);
		snprintf(body, sizeof(body), "{\"metadata\":{\"name\":\"of-web\","
			 "\"ownerReferences\":[{\"apiVersion\":\"v1\",\"kind\":\"Service\","
			 "\"name\":\"web\",\"uid\":\"%s\"}]},\"spec\":{\"ports\":[{\"port\":80}]}}",
			 json_string_value(json_object_get(json_object_get(a.json, "metadata"),
							   "uid")));
		http_answer_clear(&a);
		assert_int_equal(http_do(f, "POST", SERVICES, body), 201);
		assert_int_equal(http_do(f, "DELETE", SERVICES "/web", options[i]), 200);
		assert_int_equal(http_do(f, "GET", SERVICES "/of-web", NULL), i < 2 ? 200 : 404);
		if (i < 2)
			assert_int_equal(http_do(f, "DELETE", SERVICES "/of-web", NULL), 200);
	}
}

/* A pod with time to end is there until that is over, or until it is deleted for good. */
static void test_delete_grace(void **state)
{
	static const char pod[] = "{\"metadata\":{\"name\":\"p\"},\"spec\":{\"nodeName\":\"n\","
				  "\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}";
	struct http_fixture *f = *state;
	struct http_answer a;

	assert_int_equal(http_do(f, "POST", "/api/v1/namespaces/default/pods", pod), 201);
	http_ask(f, "DELETE", "/api/v1/namespaces/default/pods/p", "application/json",
		 "{\"gracePeriodSeconds\":30}", &a);
	assert_int_equal(a.status, 200);
	assert_non_null(strstr(a.body, "\"deletionGracePeriodSeconds\":30"));
	http_answer_clear(&a);
	assert_int_equal(http_do(f, "GET", "/api/v1/namespaces/default/pods/p", NULL), 200);
	assert_int_equal(http_do(f, "DELETE", "/api/v1/namespaces/default/pods",
				 "{\"gracePeriodSeconds\":0}"), 200);
	assert_int_equal(http_do(f, "GET", "/api/v1/namespaces/default/pods/p", NULL), 404);
}

static void add_service(struct http_fixture *f, const char *name, const char *label)
{
	char body[256];

	snprintf(body, sizeof(body), "{\"metadata\":{\"name\":\"%s\",\"labels\":{\"l\":\"%s\"}},"
		 "\"spec\":{\"ports\":[{\"port\":80}]}}", name, label);
	assert_int_equal(http_do(f, "POST", SERVICES, body), 201);
}

static void test_delete_collection(void **state)
{
	struct http_fixture *f = *state;
	struct http_answer a;

	add_service(f, "a", "x");
	add_service(f, "b", "x");
	add_service(f, "c", "y");
	http_ask(f, "DELETE", SERVICES "?labelSelector=l%3Dx&dryRun=All", NULL, NULL, &a);
	assert_int_equal(a.status, 200);
	assert_string_equal(text_at(a.json, "kind"), "ServiceList");
	assert_int_equal(json_array_size(json_object_get(a.json, "items")), 2);
	http_answer_clear(&a);
	assert_int_equal(http_do(f, "GET", SERVICES "/a", NULL), 200);
	assert_int_equal(http_do(f, "DELETE", SERVICES "?labelSelector=l%3Dx", NULL), 200);
	assert_int_equal(http_do(f, "GET", SERVICES "/a", NULL), 404);
	assert_int_equal(http_do(f, "GET", SERVICES "/b", NULL), 404);
	assert_int_equal(http_do(f, "GET", SERVICES "/c", NULL), 200);
	/* A wrong selector is not none. */
	assert_int_equal(http_do(f, "DELETE", SERVICES "?labelSelector=%3D", NULL), 400);
	assert_int_equal(http_do(f, "DELETE", SERVICES, "{\"dryRun\":[\"Some\"]}"), 422);
	assert_int_equal(http_do(f, "GET", SERVICES "/c", NULL), 200);
	/* Not everywhere at once, and no namespaces by the dozen. */
	assert_int_equal(http_do(f, "DELETE", "/api/v1/services", NULL), 405);
	assert_int_equal(http_do(f, "DELETE", "/api/v1/namespaces", NULL), 405);
}

static void test_pod_subresources(void **state)
{
	static const char pod[] =
		"{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":"
		"\"p\"},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}";
	static const char binding[] =
		"{\"apiVersion\":\"v1\",\"kind\":\"Binding\",\"metadata\":"
		"{\"name\":\"p\"},\"target\":{\"kind\":\"Node\",\"name\":\"n\"}}";
	struct http_fixture *f = *state;
	struct http_answer a;

	assert_int_equal(http_do(f, "POST", "/api/v1/namespaces/default/pods", pod), 201);
	assert_int_equal(http_do(f, "POST", "/api/v1/namespaces/default/pods/p/binding", binding),
			 201);
	assert_int_equal(http_do(f, "GET", "/api/v1/namespaces/default/pods/p/binding", NULL), 405);
	assert_int_equal(http_do(f, "PATCH", "/api/v1/namespaces/default/pods/p/status",
				 "{\"status\":{\"phase\":\"Running\",\"podIP\":\"10.244.1.10\"}}"),
			 200);
	http_ask(f, "GET", "/api/v1/namespaces/default/pods/p/status", NULL, NULL, &a);
	assert_string_equal(text_at(json_object_get(a.json, "status"), "podIP"), "10.244.1.10");
	assert_string_equal(text_at(json_object_get(a.json, "spec"), "nodeName"), "n");
	http_answer_clear(&a);
	assert_int_equal(http_do(f, "GET", "/api/v1/namespaces/default/pods/p/log", NULL), 404);
}

static void test_list_from_the_future(void **state)
{
	struct http_fixture *f = *state;
	struct http_answer a;

	http_ask(f, "GET", "/api/v1/services?resourceVersion=9000000000000000000&"
		 "resourceVersionMatch=NotOlderThan", NULL, NULL, &a);
	assert_int_equal(a.status, 504);
	assert_non_null(strstr(a.head, "Retry-After: 1\r\n"));
	assert_non_null(strstr(
		a.body, "\"details\":{\"causes\":[{\"reason\":"
			"\"ResourceVersionTooLarge\",\"message\":\"Too large resource version\"}],"
			"\"retryAfterSeconds\":1},\"code\":504}"));
	http_answer_clear(&a);
}

/* A body is taken whole or not at all, in whatever way it comes. */
static void test_bodies(void **state)
{
	struct http_fixture *f = *state;
	struct http_answer a;
	struct http_peer p;

	http_peer_open(&p, f->socket);
	http_peer_sendf(
		&p,
		"POST " SERVICES " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json"
		"\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n%.16s\r\n%zx\r\n%s\r\n0\r\n\r\n",
		WEB, strlen(WEB) - 16, &WEB[16]);
	http_peer_answer(f, &p, &a);
	assert_int_equal(a.status, 201);
	http_answer_clear(&a);
	/* Two requests at once, the second cut in its head. */
	http_peer_sendf(&p, "GET /livez HTTP/1.1\r\nHost: x\r\n\r\nGET " SERVICES "/web HT");
	http_peer_answer(f, &p, &a);
	assert_string_equal(a.body, "ok");
	http_answer_clear(&a);
	http_peer_sendf(&p, "TP/1.1\r\nHost: x\r\n\r\n");
	http_peer_answer(f, &p, &a);
	assert_string_equal(text_at(a.json, "kind"), "Service");
	http_answer_clear(&a);
	http_peer_close(&p);
}

struct upload {
	struct http_fixture *f;
	struct http_peer *p;
	size_t left;
};

static bool uploaded(void *ctx)
{
	static const char zeros[65536];
	struct upload *u = ctx;
	ssize_t n;

	while (u->left) {
		n = send(u->p->fd, zeros, u->left < sizeof(zeros) ? u->left : sizeof(zeros),
			 MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0)
			return errno != EAGAIN;
		u->left -= n;
	}
	return true;
}

static void test_too_large(void **state)
{
	struct http_fixture *f = *state;
	struct http_answer a;
	struct http_peer p;
	struct upload u = { f, &p, API_BODY_MAX + 1 };

	http_peer_open(&p, f->socket);
	http_peer_sendf(&p, "POST " SERVICES " HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n",
			API_BODY_MAX + 1);
	assert_true(http_wait(f->base, uploaded, &u));
	http_peer_answer(f, &p, &a);
	assert_int_equal(a.status, 413);
	assert_non_null(strstr(a.body, "\"message\":\"Request entity too large: limit is 3145728\","
			       "\"reason\":\"RequestEntityTooLarge\",\"code\":413}"));
	http_answer_clear(&a);
	http_peer_close(&p);
	/* Ten times that is not even read. */
	http_peer_open(&p, f->socket);
	http_peer_sendf(&p, "POST " SERVICES " HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n",
			10 * API_BODY_MAX);
	http_peer_answer(f, &p, &a);
	assert_int_equal(a.status, 413);
	http_answer_clear(&a);
	http_peer_close(&p);
}

/* A body of so many levels in all; the ones too many are in a field that nobody knows. */
static void expect_depth(struct http_fixture *f, const char *method, const char *path,
			 size_t levels, int status)
{
	char open[2048] = "", close[2048] = "", body[5000];
	struct http_answer a;

	assert_in_range(levels, 3, sizeof(open));
	memset(open, '[', levels - 2);
	memset(close, ']', levels - 2);
	snprintf(body, sizeof(body), "{\"metadata\":{\"name\":\"deep%zu\"},\"spec\":{\"ports\":"
		 "[{\"port\":80}],\"x\":%s%s}}", levels, open, close);
	http_ask(f, method, path, strcmp(method, "PATCH") ? "application/json" :
		 "application/merge-patch+json", body, &a);
	assert_int_equal(a.status, status);
	if (status == 400)
		assert_non_null(strstr(a.body, "\"message\":\"the object provided is nested too "
				       "deeply: at most 100 levels\",\"reason\":\"BadRequest\","
				       "\"code\":400}"));
	http_answer_clear(&a);
}

static void test_too_deep(void **state)
{
	struct http_fixture *f = *state;

	expect_depth(f, "POST", SERVICES, 100, 201);
	expect_depth(f, "POST", SERVICES, 101, 400);
	expect_depth(f, "POST", SERVICES, 2000, 400);
	expect_depth(f, "PATCH", SERVICES "/deep100", 100, 200);
	expect_depth(f, "PATCH", SERVICES "/deep100", 101, 400);
	expect_depth(f, "PUT", SERVICES "/deep100", 101, 400);
	assert_int_equal(http_do(f, "GET", SERVICES "/deep101", NULL), 404);
}

static void test_follower_has_no_objects(void **state)
{
	struct http_fixture *f = *state;
	struct registry *registry = f->api.registry;
	struct http_answer a;

	f->api.registry = NULL;
	f->api.authority = "unix:///run/other.sock";
	http_ask(f, "GET", "/api/v1/services", NULL, NULL, &a);
	assert_int_equal(a.status, 503);
	assert_non_null(strstr(a.body, "it follows unix:///run/other.sock: ask there\",\"reason\":"
			       "\"ServiceUnavailable\",\"code\":503}"));
	http_answer_clear(&a);
	assert_int_equal(http_do(f, "GET", "/api", NULL), 503);
	assert_int_equal(http_do(f, "GET", "/version", NULL), 200);
	assert_int_equal(http_do(f, "GET", "/readyz", NULL), 200);
	f->api.registry = registry;
}

static json_t *tell_status(void *ctx)
{
	return json_pack("{s:s}", "kind", ctx);
}

/* Of a follower, too; and where nobody tells it, there is no such page. */
static void test_node_status(void **state)
{
	struct http_fixture *f = *state;
	struct registry *registry = f->api.registry;
	struct http_answer a;

	assert_int_equal(http_do(f, "GET", API_NODE_STATUS, NULL), 404);
	f->api.status = tell_status;
	f->api.status_ctx = (void *)"NodeStatus";
	f->api.registry = NULL;
	http_ask(f, "GET", API_NODE_STATUS, NULL, NULL, &a);
	assert_int_equal(a.status, 200);
	assert_string_equal(json_string_value(json_object_get(a.json, "kind")), "NodeStatus");
	http_answer_clear(&a);
	assert_int_equal(http_do(f, "POST", API_NODE_STATUS, "{}"), 405);
	f->api.registry = registry;
}

static void ignore(struct evhttp_request *req, void *ctx)
{
	(void)req;
	(void)ctx;
}

static void test_socket(void **state)
{
	struct http_fixture *f = *state;
	struct server *second = NULL;
	struct err e = { "" };
	struct stat st;

	assert_return_code(stat(f->socket, &st), errno);
	assert_int_equal(st.st_mode, S_IFSOCK | 0660);
	/* One that lives is not replaced. */
	assert_int_equal(server_open(&second, f->base, f->socket, ignore, NULL, &e), -EADDRINUSE);
	assert_non_null(strstr(e.text, f->socket));
	assert_int_equal(http_do(f, "GET", "/livez", NULL), 200);
	/* Nor is it removed by the one that came to replace it, nor one's own forgotten. */
	http_fixture_stop_server(f);
	assert_int_equal(access(f->socket, F_OK), -1);
	http_fixture_start_server(f);
	assert_int_equal(http_do(f, "GET", "/livez", NULL), 200);
}

static void leave_dead_socket(const char *path, bool listening, int *fd)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_return_code(bind(*fd, (struct sockaddr *)&sun, sizeof(sun)), errno);
	if (listening)
		assert_return_code(listen(*fd, 1), errno);
}

static void test_socket_left_behind(void **state)
{
	struct http_fixture *f = *state;
	struct server *s = NULL;
	struct err e = { "" };
	int fd;

	http_fixture_stop_server(f);
	/* Another program that lives there and knows nothing of our lock. */
	leave_dead_socket(f->socket, true, &fd);
	assert_int_equal(server_open(&s, f->base, f->socket, ignore, NULL, &e), -EADDRINUSE);
	close(fd);
	/* The same, dead. */
	http_fixture_start_server(f);
	assert_int_equal(http_do(f, "GET", "/livez", NULL), 200);
	http_fixture_stop_server(f);
	/* Not a socket at all. */
	fd = open(f->socket, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	close(fd);
	assert_int_equal(server_open(&s, f->base, f->socket, ignore, NULL, &e), -EEXIST);
	assert_return_code(unlink(f->socket), errno);
	http_fixture_start_server(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_fixed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_not_ready, setup, teardown),
		cmocka_unit_test_setup_teardown(test_objects, setup, teardown),
		cmocka_unit_test_setup_teardown(test_patches, setup, teardown),
		cmocka_unit_test_setup_teardown(test_update, setup, teardown),
		cmocka_unit_test_setup_teardown(test_flags, setup, teardown),
		cmocka_unit_test_setup_teardown(test_delete_options, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pod_subresources, setup, teardown),
		cmocka_unit_test_setup_teardown(test_delete_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_delete_orphans, setup, teardown),
		cmocka_unit_test_setup_teardown(test_delete_grace, setup, teardown),
		cmocka_unit_test_setup_teardown(test_delete_collection, setup, teardown),
		cmocka_unit_test_setup_teardown(test_list_from_the_future, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bodies, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_large, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_deep, setup, teardown),
		cmocka_unit_test_setup_teardown(test_follower_has_no_objects, setup, teardown),
		cmocka_unit_test_setup_teardown(test_node_status, setup, teardown),
		cmocka_unit_test_setup_teardown(test_socket, setup, teardown),
		cmocka_unit_test_setup_teardown(test_socket_left_behind, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
