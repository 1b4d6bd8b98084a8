// SPDX-License-Identifier: GPL-2.0
/* A PUT of what is not there: it makes it, of some types, as in Kubernetes. */
#include "http_fixture.h"
#include "jx.h"

#include <stdio.h>
#include <string.h>

#define NS	"/api/v1/namespaces/default/"
#define SPEC	"\"spec\":{\"ports\":[{\"port\":80}]}"

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
	const char *path, *body;
	int status;
	const char *says;
} cases[] = {
	{ NS "services/a", "{\"metadata\":{\"name\":\"a\"}," SPEC "}", 201,
	  "\"metadata\":{\"name\":\"a\",\"namespace\":\"default\",\"uid\":" },
	{ NS "services/a", "{\"metadata\":{\"name\":\"a\",\"labels\":{\"x\":\"y\"}}," SPEC "}", 200,
	  "\"labels\":{\"x\":\"y\"}" },
	/* The name may be left to the URL, and an old version is none. */
	{ NS "services/b", "{\"metadata\":{\"resourceVersion\":\"7\"}," SPEC "}", 201,
	  "\"name\":\"b\"" },
	{ NS "services/c?dryRun=All", "{" SPEC "}", 201, "\"name\":\"c\"" },
	{ NS "services/c", "{\"metadata\":{\"uid\":\"1-2\"}," SPEC "}", 409,
	  "Precondition failed: UID in precondition: 1-2, UID in object meta: \"" },
	{ NS "services/c", "{\"metadata\":{\"name\":\"d\"}," SPEC "}", 400,
	  "the name of the object (d) does not match the name on the URL (c)" },
	{ NS "services/c", "{\"metadata\":{\"namespace\":\"other\"}," SPEC "}", 400,
	  "the namespace of the object (other) does not match" },
	{ NS "services/c", "{\"metadata\":{\"resourceVersion\":\"x\"}," SPEC "}", 400,
	  "must be a number" },
	{ NS "services/c", "{}", 422, "spec.ports: Required value" },
	{ NS "services/c?fieldValidation=Strict", "{\"foo\":1," SPEC "}", 400, "strict decoding" },
	{ NS "services/c/status", "{" SPEC "}", 404, "services \\\"c\\\" not found" },
	{ "/api/v1/namespaces/none/services/c", "{" SPEC "}", 404,
	  "namespaces \\\"none\\\" not found" },
	{ NS "services/c", "{\"kind\":\"Pod\"}", 400, "cannot be handled as a Service" },
	{ NS "endpoints/c", "{}", 201, "\"kind\":\"Endpoints\"" },
	{ NS "events/c", "{\"reason\":\"Test\"}", 201, "\"kind\":\"Event\"" },
	{ NS "pods/c", "{\"spec\":{\"containers\":[{\"name\":\"a\",\"image\":\"b\"}]}}", 404,
	  "pods \\\"c\\\" not found" },
	{ "/api/v1/nodes/c", "{}", 404, "nodes \\\"c\\\" not found" },
	{ "/api/v1/namespaces/c", "{}", 404, "namespaces \\\"c\\\" not found" },
	{ "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/c",
	  "{\"addressType\":\"IPv4\",\"endpoints\":[]}", 404,
	  "endpointslices.discovery.k8s.io \\\"c\\\" not found" },
};

static void test_put(void **state)
{
	struct http_answer a;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		http_ask(*state, "PUT", cases[i].path, "application/json", cases[i].body, &a);
		if (a.status != cases[i].status || !strstr(a.body, cases[i].says))
			fail_msg("%s %s: %d %s", cases[i].path, cases[i].body, a.status, a.body);
		http_answer_clear(&a);
	}
	assert_int_equal(http_do(*state, "GET", NS "services/c", NULL), 404);
	assert_int_equal(http_do(*state, "GET", NS "services/b", NULL), 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_put, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
