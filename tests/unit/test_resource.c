// SPDX-License-Identifier: GPL-2.0
#include "resource.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_find(void **state)
{
	(void)state;
	assert_string_equal(resource_by_word("svc")->kind, "Service");
	assert_string_equal(resource_by_word("PODS")->kind, "Pod");
	assert_string_equal(resource_by_word("endpoints")->kind, "Endpoints");
	assert_null(resource_by_word("sevrices"));
	assert_string_equal(resource_by_kind("v1", "Service")->plural, "services");
	assert_null(resource_by_kind("v1", "service"));
	assert_null(resource_by_kind("v2", "Service"));
	assert_string_equal(resource_by_plural("v1", "events")->kind, "Event");
	assert_null(resource_by_plural("v1", "Events"));
	assert_null(resource_at(1000));
	assert_false(resource_by_word("ns")->namespaced);
}

static void expect(const char *word, const char *ns, const char *name, const char *sub,
		   const char *want)
{
	char *path = resource_path(resource_by_word(word), ns, name, sub);

	assert_non_null(path);
	assert_string_equal(path, want);
	free(path);
}

static void test_paths(void **state)
{
	static const struct resource slices = { "discovery.k8s.io/v1", "EndpointSlice",
		"endpointslices", "endpointslice", NULL, true, false };
	char *path;

	(void)state;
	expect("svc", NULL, NULL, NULL, "/api/v1/services");
	expect("svc", "default", NULL, NULL, "/api/v1/namespaces/default/services");
	expect("svc", "default", "web", "status", "/api/v1/namespaces/default/services/web/status");
	expect("ns", "ignored", "default", NULL, "/api/v1/namespaces/default");
	expect("pod", "a/b", "x y%z\xc3\xa4", NULL,
	       "/api/v1/namespaces/a%2Fb/pods/x%20y%25z%C3%A4");
	path = resource_path(&slices, "n", NULL, NULL);
	assert_string_equal(path, "/apis/discovery.k8s.io/v1/namespaces/n/endpointslices");
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find), cmocka_unit_test(test_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
