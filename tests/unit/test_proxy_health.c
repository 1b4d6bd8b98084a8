// SPDX-License-Identifier: GPL-2.0
/* What the proxy tells those who ask from outside. */
#include "proxy_env.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* --- health checks */

static void note(void *ctx, const char *name, const json_t *service, uint16_t port,
		 size_t endpoints)
{
	char *text = ctx;

	assert_non_null(service);
	sprintf(text + strlen(text), "%s %u %zu; ", name, port, endpoints);
}

static const char *health(struct env *env)
{
	static char text[1024];

	text[0] = '\0';
	proxy_health_each(env->p, note, text);
	return text;
}

static json_t *balanced(const char *name, const char *ip, const char *policy, int port)
{
	return env_load("{'metadata': {'name': '%s', 'namespace': 'default'}, 'spec': {"
			"'type': 'LoadBalancer', 'clusterIP': '%s', 'ports': [{'port': 80}], "
			"'externalTrafficPolicy': '%s', 'healthCheckNodePort': %d}}", name, ip,
			policy, port);
}

#define HERE	"{'addresses': ['10.244.1.1'], 'nodeName': 'n1'}"
#define THERE	"{'addresses': ['10.244.2.1'], 'nodeName': 'n2'}"

static void test_health(void **state)
{
	struct env *env = *state;

	env_start(env);
	assert_false(proxy_health_news(env->p));
	env_tell(env, PROXY_SERVICE, balanced("a", "10.96.0.1", "Local", 32000), false);
	env_tell(env, PROXY_SERVICE, balanced("b", "10.96.0.2", "Cluster", 32001), false);
	env_run(env);
	assert_true(proxy_health_news(env->p));
	assert_false(proxy_health_news(env->p));
	assert_string_equal(health(env), "default/a 32000 0; ");
	env_tell(env, PROXY_SLICE, env_slice("a", HERE ", " THERE), false);
	env_run(env);
	assert_true(proxy_health_news(env->p));
	assert_string_equal(health(env), "default/a 32000 1; ");
	/* Somewhere else is no news. */
	env_tell(env, PROXY_SLICE, env_slice("a", HERE), false);
	env_run(env);
	assert_false(proxy_health_news(env->p));
	env_tell(env, PROXY_SERVICE, balanced("a", "10.96.0.1", "Local", 32005), false);
	env_run(env);
	assert_true(proxy_health_news(env->p));
	assert_string_equal(health(env), "default/a 32005 1; ");
	env_tell(env, PROXY_SERVICE, balanced("a", "10.96.0.1", "Local", 32005), true);
	env_run(env);
	assert_true(proxy_health_news(env->p));
	assert_string_equal(health(env), "");
}

/* --- the node */

static json_t *node(const char *more)
{
	return env_load("{'metadata': {'name': 'n1'%s}}", more);
}

static void test_eligible(void **state)
{
	struct env *env = *state;

	/* Nobody has to make Node objects. */
	env_start(env);
	assert_true(proxy_eligible(env->p));
	env_tell(env, PROXY_NODE, env_node("n2", "a"), true);
	assert_true(proxy_eligible(env->p));
	env_tell(env, PROXY_NODE, node(""), false);
	assert_true(proxy_eligible(env->p));
	env_tell(env, PROXY_NODE, node(", 'deletionTimestamp': '2026-11-22T17:41:58Z'"), false);
	assert_false(proxy_eligible(env->p));
	env_tell(env, PROXY_NODE, node(""), true);
	assert_false(proxy_eligible(env->p));
	env_tell(env, PROXY_NODE, node(""), false);
	assert_true(proxy_eligible(env->p));
	env_tell(env, PROXY_NODE, node("}, 'spec': {'taints': [{'key': 'x'}]"), false);
	assert_true(proxy_eligible(env->p));
	env_tell(env, PROXY_NODE, node("}, 'spec': {'taints': [{'key': 'x'}, {'key': "
				       "'ToBeDeletedByClusterAutoscaler'}]"), false);
	assert_false(proxy_eligible(env->p));
	env_tell(env, PROXY_NODE, node(""), false);
	/* Told in one list and missing in the next one. */
	proxy_list_begin(env->p, PROXY_NODE);
	proxy_list_end(env->p, PROXY_NODE);
	assert_false(proxy_eligible(env->p));
}

/* --- policies without endpoints */

static void test_no_local(void **state)
{
	struct proxy_no_local count;
	struct env *env = *state;

	env_start(env);
	env_tell(env, PROXY_SERVICE, balanced("a", "10.96.0.1", "Local", 32000), false);
	env_tell(env, PROXY_SERVICE, balanced("b", "10.96.0.2", "Local", 32001), false);
	env_tell(env, PROXY_SERVICE, balanced("c", "10.96.0.3", "Local", 32002), false);
	env_tell(env, PROXY_SERVICE, env_load("{'metadata': {'name': 'd'}, 'spec': {"
		 "'clusterIP': '10.96.0.4', 'ports': [{'port': 80}], "
		 "'internalTrafficPolicy': 'Local'}}"), false);
	env_tell(env, PROXY_SLICE, env_slice("a", HERE ", " THERE), false);
	env_tell(env, PROXY_SLICE, env_slice("b", THERE), false);
	env_tell(env, PROXY_SLICE, env_slice("d", THERE), false);
	env_run(env);
	proxy_count_no_local(env->p, &count);
	/* Not c, which has none anywhere. */
	assert_int_equal(count.external, 1);
	assert_int_equal(count.internal, 1);
}

/* --- since when a change is on its way */

static void take(void *ctx, double at)
{
	char *text = ctx;

	sprintf(text + strlen(text), "%.2f ", at);
}

static void expect_causes(struct env *env, const char *expected)
{
	char text[256] = "";

	proxy_causes_take(env->p, take, text);
	assert_string_equal(text, expected);
}

static json_t *caused(const char *time)
{
	return env_load("{'metadata': {'name': 'a-x', 'labels': {'kubernetes.io/service-name': "
			"'a'}, 'annotations': {'endpoints.kubernetes.io/last-change-trigger-time': "
			"'%s'}}, 'addressType': 'IPv4', 'ports': [{'port': 80}], "
			"'endpoints': []}", time);
}

static void test_causes(void **state)
{
	static const char *const nonsense[] = {
		"", "yesterday", "2100-01-01", "2100-01-01T00:00:00", "2100-01-01T00:00:00.5",
		"2100-01-01T00:00:00+2", "2100-01-01T00:00:00Zx", "2100-01-01T00:00:00+02:00x",
	};
	struct env *env = *state;
	size_t i;

	env_start(env);
	env_tell(env, PROXY_SLICE, env_slice("b", HERE), false);
	/* Before our time. */
	env_tell(env, PROXY_SLICE, caused("2020-01-01T00:00:00Z"), false);
	expect_causes(env, "");
	env_tell(env, PROXY_SLICE, caused("2100-01-01T00:00:00Z"), false);
	env_tell(env, PROXY_SLICE, caused("2100-01-01T00:00:01.25Z"), false);
	expect_causes(env, "4102444800.00 4102444801.25 ");
	/* The same change, told again. */
	env_tell(env, PROXY_SLICE, caused("2100-01-01T00:00:01.25Z"), false);
	expect_causes(env, "");
	env_tell(env, PROXY_SLICE, caused("2100-01-01T02:00:02+02:00"), false);
	env_tell(env, PROXY_SLICE, caused("2099-12-31T18:30:03-05:30"), false);
	expect_causes(env, "4102444802.00 4102444803.00 ");
	for (i = 0; i < sizeof(nonsense) / sizeof(*nonsense); i++)
		env_tell(env, PROXY_SLICE, caused(nonsense[i]), false);
	expect_causes(env, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_health, env_setup, env_teardown),
		cmocka_unit_test_setup_teardown(test_eligible, env_setup, env_teardown),
		cmocka_unit_test_setup_teardown(test_no_local, env_setup, env_teardown),
		cmocka_unit_test_setup_teardown(test_causes, env_setup, env_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
