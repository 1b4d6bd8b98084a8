// SPDX-License-Identifier: GPL-2.0
/* What the proxy writes that does not come from objects, or depends on the node. */
#include "proxy_env.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A proxy of these settings, all of them meant that are there. */
static struct env *env_of(void **state, const char *service, const char *external)
{
	struct ksettings s = { 0 };
	unsigned int what = 0;

	if (service) {
		s.service_cidrs = env_cidr(service);
		what |= KSETTINGS_SERVICE_CIDRS;
	}
	if (external) {
		s.external_cidrs = env_cidr(external);
		what |= KSETTINGS_EXTERNAL_CIDRS;
	}
	*state = env_open(&s, what);
	ksettings_clear(&s);
	return *state;
}

static int close_env(void **state)
{
	env_close(*state);
	return 0;
}

static const struct ksettings *settings(const struct env *env)
{
	return kernel_fake_settings(env->k);
}

static void test_only_what_was_given(void **state)
{
	struct ksettings s = { .masquerade_all = true, .loopback_nodeports = true };
	struct env *env;

	*state = env = env_open(NULL, 0);
	env->k->ops->settings_set(env->k, &s, KSETTINGS_MASQUERADE_ALL, NULL);
	env_log(env);
	proxy_attach(env->p, env->k);
	env_lists_done(env);
	env_run(env);
	assert_log(env, "sync_begin; sync_end");
	assert_true(settings(env)->masquerade_all);
	env_close(env);

	s.masquerade_all = false;
	s.nodeport_cidrs = env_cidr("192.0.2.0/24");
	*state = env = env_open(&s, KSETTINGS_MASQUERADE_ALL | KSETTINGS_LOOPBACK_NODEPORTS |
				KSETTINGS_NODEPORT_CIDRS);
	/* The proxy has copies. */
	ksettings_clear(&s);
	proxy_attach(env->p, env->k);
	env_lists_done(env);
	env_run(env);
	assert_log(env, "settings nodeport loopback masquerade; sync_begin; sync_end");
	assert_false(settings(env)->masquerade_all);
	assert_true(settings(env)->loopback_nodeports);
	assert_int_equal(settings(env)->nodeport_cidrs.n, 1);
	assert_int_equal(settings(env)->nodeport_cidrs.v[0].prefix, 24);
}

/* --- pod CIDRs of the Node --- */

static json_t *node_with(const char *name, const char *cidrs)
{
	return env_load("{'metadata': {'name': '%s'}, 'spec': {'podCIDRs': [%s]}}", name, cidrs);
}

static void test_pod_cidrs_of_the_node(void **state)
{
	struct ksettings given = { .masquerade_all = true };
	struct env *env;

	*state = env = env_open(&given, KSETTINGS_MASQUERADE_ALL);
	proxy_attach(env->p, env->k);
	env_lists_done(env);
	env_run(env);
	assert_log(env, "settings masquerade; sync_begin; sync_end");
	env_tell(env, PROXY_NODE, node_with("n2", "'10.244.2.0/24'"), false);
	env_run(env);
	assert_log(env, "");
	env_tell(env, PROXY_NODE, node_with("n1", "'10.244.1.0/24', 'fd44:1::/64', 'x', 5"), false);
	env_run(env);
	assert_log(env, "settings pod masquerade");
	assert_int_equal(settings(env)->pod_cidrs.n, 2);
	/* The same again, in another order, is nothing; and neither is none. */
	env_tell(env, PROXY_NODE, node_with("n1", "'fd44:1::/64', '10.244.1.0/24'"), false);
	env_tell(env, PROXY_NODE, node_with("n1", ""), false);
	env_tell(env, PROXY_NODE, node_with("n1", ""), true);
	env_run(env);
	assert_log(env, "");
	env_tell(env, PROXY_NODE, node_with("n1", "'10.245.1.0/24'"), false);
	env_run(env);
	assert_log(env, "settings pod masquerade");
	assert_int_equal(settings(env)->pod_cidrs.n, 1);
}

/* What svcd is told wins, also when it is told later; and when it is not any more, the Node's. */
static void test_pod_cidrs_that_are_given(void **state)
{
	struct ksettings given = { .pod_cidrs = env_cidr("10.0.0.0/8") };
	struct env *env;

	*state = env = env_open(&given, KSETTINGS_POD_CIDRS);
	proxy_attach(env->p, env->k);
	env_tell(env, PROXY_NODE, node_with("n1", "'10.244.1.0/24'"), false);
	env_lists_done(env);
	env_run(env);
	assert_log(env, "settings pod; sync_begin; sync_end");
	assert_int_equal(settings(env)->pod_cidrs.v[0].prefix, 8);
	assert_int_equal(proxy_set_settings(env->p, &given, 0), 0);
	env_run(env);
	assert_int_equal(settings(env)->pod_cidrs.v[0].prefix, 24);
	assert_int_equal(proxy_set_settings(env->p, &given, KSETTINGS_POD_CIDRS), 0);
	env_run(env);
	assert_int_equal(settings(env)->pod_cidrs.v[0].prefix, 8);
	ksettings_clear(&given);
}

/* --- armed until the first load --- */

static void test_armed_for_the_first_load(void **state)
{
	struct env *env = env_of(state, "10.96.0.0/12", NULL);

	proxy_attach(env->p, env->k);
	env_run(env);
	/* Nothing passes by while the authority is waited for. */
	assert_log(env, "settings service armed");
	assert_true(settings(env)->armed);
	env_run(env);
	assert_log(env, "");
	env_tell(env, PROXY_SERVICE, env_service("a", "10.96.0.1", NULL, 1), false);
	env_lists_done(env);
	env_run(env);
	assert_log(env, "sync_begin; set default/a+defer; sync_end");
	assert_false(settings(env)->armed);
	assert_int_equal(settings(env)->service_cidrs.n, 1);
}

/* Somebody else's services say nothing of ours. */
static void test_armed_beside_others(void **state)
{
	struct env *env = env_of(state, "10.96.0.0/12", NULL);

	env_put_by_hand(env, "mine", "hand", "192.0.2.1");
	proxy_attach(env->p, env->k);
	env_run(env);
	assert_log(env, "settings service armed");
}

static void test_not_armed_after_a_restart(void **state)
{
	struct env *env = env_of(state, "10.96.0.0/12", NULL);

	env_put_by_hand(env, "default/a", "svcd", "192.0.2.1");
	proxy_attach(env->p, env->k);
	env_run(env);
	assert_log(env, "settings service");
	assert_false(settings(env)->armed);
}

static void test_not_armed_without_service_cidrs(void **state)
{
	struct env *env = env_of(state, NULL, "192.0.2.0/24");

	proxy_attach(env->p, env->k);
	env_run(env);
	assert_log(env, "settings external");
}

/* The module goes and comes: armed again, and disarmed again. */
static void test_armed_when_the_module_comes_back(void **state)
{
	struct env *env = env_of(state, "10.96.0.0/12", NULL);

	env_start(env);
	env_tell(env, PROXY_SERVICE, env_service("a", "10.96.0.1", NULL, 1), false);
	env_run(env);
	env_log(env);
	kernel_fake_reset(env->k);
	proxy_attach(env->p, env->k);
	env_run(env);
	assert_log(env, "settings service armed; sync_begin; set default/a+defer; sync_end");
	assert_false(settings(env)->armed);
}

static void test_settings_are_tried_again(void **state)
{
	struct env *env = env_of(state, "10.96.0.0/12", NULL);
	struct err e;

	proxy_attach(env->p, env->k);
	env_lists_done(env);
	kernel_fake_fail(env->k, KERNEL_FAKE_SETTINGS_SET, 1, EINVAL);
	assert_int_equal(proxy_run(env->p, &e), -EINVAL);
	/* No service without them: pods would be masqueraded, for one. */
	assert_log(env, "");
	kernel_fake_fail(env->k, KERNEL_FAKE_LIST, 1, ENOBUFS);
	assert_int_equal(proxy_run(env->p, &e), -ENOBUFS);
	assert_log(env, "");
	env_run(env);
	assert_log(env, "settings service armed; sync_begin; sync_end");
}

/* --- external CIDRs --- */

static void test_external_cidrs(void **state)
{
	struct env *env = env_of(state, NULL, "192.0.2.0/24");

	env_start(env);
	env_tell(env, PROXY_SERVICE, env_service("a", "10.96.0.1", "192.0.2.1", 2), false);
	env_tell(env, PROXY_SERVICE, env_service("b", "10.96.0.2", "198.51.100.1", 1), false);
	env_run(env);
	env_assert_frontends(env, "default/a", "10.96.0.1 192.0.2.1");
	env_assert_frontends(env, "default/b", "10.96.0.2");
	assert_string_equal(env->warnings,
			    "b AddressNotAllowed: the externalIP 198.51.100.1 is in none of the "
			    "ranges that svcd allows (--external-cidr)\n");
	env_tell(env, PROXY_SLICE, env_slice("b", ENV_ENDPOINT), false);
	env_run(env);
	assert_int_equal(env_find(env, "default/b")->nendpoints, 1);
	assert_int_equal(strlen(env->warnings), strcspn(env->warnings, "\n") + 1);
}

/* Others, while it runs: what is allowed no more goes first, and what is now comes. */
static void test_other_external_cidrs(void **state)
{
	struct env *env = env_of(state, NULL, "192.0.2.0/24");
	struct ksettings s = { .external_cidrs = env_cidr("198.51.100.0/24") };
	struct err e = { "" };

	env_start(env);
	env_tell(env, PROXY_SERVICE, env_service("a", "10.96.0.1", "192.0.2.1", 2), false);
	env_tell(env, PROXY_SERVICE, env_service("b", "10.96.0.2", "198.51.100.1", 1), false);
	env_run(env);
	env_assert_frontends(env, "default/a", "10.96.0.1 192.0.2.1");
	env_assert_frontends(env, "default/b", "10.96.0.2");
	assert_int_equal(proxy_set_settings(env->p, &s, KSETTINGS_EXTERNAL_CIDRS), 0);
	/* The kernel has the ranges once nobody has an address outside of them. */
	assert_int_equal(proxy_run(env->p, &e), -EACCES);
	env_assert_frontends(env, "default/a", "10.96.0.1");
	assert_true(kcidrs_equal(&settings(env)->external_cidrs, &s.external_cidrs));
	/* What was refused before that is tried again. */
	env_run(env);
	env_assert_frontends(env, "default/b", "10.96.0.2 198.51.100.1");
	ksettings_clear(&s);
}

/* What nobody may have is nobody's: it does not stand in a younger one's way. */
static void test_disallowed_is_not_claimed(void **state)
{
	struct env *env = env_of(state, NULL, "192.0.2.0/24");
	json_t *s = env_load("{'metadata': {'name': 'lb', 'namespace': 'default',"
			     " 'creationTimestamp': '2026-01-01T00:00:09Z'},"
			     " 'spec': {'type': 'LoadBalancer', 'clusterIP': '10.96.0.2',"
			     " 'ports': [{'port': 80}]}, 'status': {'loadBalancer':"
			     " {'ingress': [{'ip': '198.51.100.1'}]}}}");

	env_start(env);
	env_tell(env, PROXY_SERVICE, env_service("a", "10.96.0.1", "198.51.100.1", 1), false);
	env_tell(env, PROXY_SERVICE, s, false);
	env_run(env);
	env_assert_frontends(env, "default/lb", "10.96.0.2 198.51.100.1");
	env_assert_frontends(env, "default/a", "10.96.0.1");
}

/* Left by a run that was allowed more: the load has to take it away before they can be set. */
static void test_narrower_external_cidrs(void **state)
{
	struct env *env = env_of(state, "10.96.0.0/12", "192.0.2.0/24");

	env_put_by_hand(env, "default/a", "svcd", "198.51.100.1");
	proxy_attach(env->p, env->k);
	env_tell(env, PROXY_SERVICE, env_service("a", "10.96.0.1", "198.51.100.1", 1), false);
	env_run(env);
	assert_log(env, "settings service");
	env_lists_done(env);
	env_run(env);
	assert_log(env, "sync_begin; set default/a+defer; sync_end; settings external");
	env_assert_frontends(env, "default/a", "10.96.0.1");
	assert_int_equal(settings(env)->external_cidrs.n, 1);
	env_run(env);
	assert_log(env, "");
}

/* What somebody has by hand stays, and it is said; all else is written. */
static void test_external_cidrs_against_another(void **state)
{
	struct env *env = env_of(state, NULL, "192.0.2.0/24");
	struct err e = { "" };

	env_put_by_hand(env, "mine", "hand", "198.51.100.1");
	proxy_attach(env->p, env->k);
	env_tell(env, PROXY_SERVICE, env_service("a", "10.96.0.1", NULL, 1), false);
	env_lists_done(env);
	assert_int_equal(proxy_run(env->p, &e), -EBUSY);
	assert_non_null(strstr(e.text, "--external-cidr"));
	assert_non_null(strstr(e.text, "mine"));
	env_assert_frontends(env, "default/a", "10.96.0.1");
	assert_int_equal(settings(env)->external_cidrs.n, 0);
	env_log(env);
	assert_int_equal(env->fake_ops->service_del(env->k, "mine", AF_INET, IPPROTO_TCP, NULL, 0,
						    NULL), 0);
	env_run(env);
	assert_log(env, "settings external");
	assert_int_equal(settings(env)->external_cidrs.n, 1);
}

/* --- the addresses of the node --- */

#define BALANCER(name, n) \
	"{'metadata': {'name': '" name "', 'namespace': 'default'}, 'spec': {" \
	"'type': 'LoadBalancer', 'clusterIP': '10.96.0." n "', 'ports': [{'port': 80}]," \
	"'loadBalancerSourceRanges': ['192.0.2.0/24']}, 'status': {'loadBalancer': {" \
	"'ingress': [{'ip': '203.0.113." n "'}]}}}"

static void set_addr(struct env *env, const char *ip)
{
	env->naddrs = ip ? 1 : 0;
	if (ip)
		assert_int_equal(ip_addr_parse(ip, &env->addrs[0], NULL), 0);
}

static void test_ranges_follow_the_node(void **state)
{
	struct env *env = *state = env_open(NULL, 0);

	env_start(env);
	env_tell(env, PROXY_SERVICE, env_load(BALANCER("a", "1")), false);
	env_tell(env, PROXY_SERVICE, env_service("b", "10.96.0.2", NULL, 1), false);
	env_run(env);
	env_assert_ranges(env, "default/a", "192.0.2.0/24");
	env_log(env);
	/* An address comes, and no object changes. */
	set_addr(env, "192.0.2.7");
	env_run(env);
	assert_log(env, "set default/a");
	env_assert_ranges(env, "default/a", "192.0.2.0/24 203.0.113.1/32");
	env_run(env);
	assert_log(env, "");
	set_addr(env, "192.0.3.7");
	env_run(env);
	assert_log(env, "set default/a");
	env_assert_ranges(env, "default/a", "192.0.2.0/24");
	/* From none of the ranges to another one outside: nothing to write. */
	set_addr(env, NULL);
	env_run(env);
	assert_log(env, "");
}

/* Hundreds of devices are not read for nobody. */
static void test_addresses_only_where_they_matter(void **state)
{
	struct env *env = *state = env_open(NULL, 0);

	env_start(env);
	env_tell(env, PROXY_SERVICE, env_service("a", "10.96.0.1", NULL, 1), false);
	env_run(env);
	assert_int_equal(env->addrs_read, 0);
	env_tell(env, PROXY_SERVICE, env_load(BALANCER("a", "1")), false);
	env_run(env);
	assert_int_equal(env->addrs_read, 1);
	env_tell(env, PROXY_SERVICE, env_load(BALANCER("a", "1")), true);
	env_run(env);
	env_tell(env, PROXY_SERVICE, env_load(BALANCER("b", "2")), false);
	proxy_list_begin(env->p, PROXY_SERVICE);
	proxy_list_end(env->p, PROXY_SERVICE);
	env_run(env);
	assert_int_equal(env->addrs_read, 1);
}

/* They are as they were, services are written, and the run is not a good one. */
static void test_addresses_cannot_be_read(void **state)
{
	struct env *env = *state = env_open(NULL, 0);
	struct err e = { "" };

	set_addr(env, "192.0.2.7");
	env_start(env);
	env_tell(env, PROXY_SERVICE, env_load(BALANCER("a", "1")), false);
	env_run(env);
	env->addrs_fail = EMFILE;
	env_tell(env, PROXY_SERVICE, env_load(BALANCER("b", "2")), false);
	assert_int_equal(proxy_run(env->p, &e), -EMFILE);
	assert_string_equal(e.text, "the test asked for this");
	env_assert_ranges(env, "default/b", "192.0.2.0/24 203.0.113.2/32");
	env->addrs_fail = 0;
	set_addr(env, NULL);
	env_run(env);
	env_assert_ranges(env, "default/a", "192.0.2.0/24");
	env_assert_ranges(env, "default/b", "192.0.2.0/24");
}

#define CASE(fn)	cmocka_unit_test_teardown(fn, close_env)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_only_what_was_given),
		CASE(test_armed_for_the_first_load),
		CASE(test_armed_beside_others),
		CASE(test_not_armed_after_a_restart),
		CASE(test_not_armed_without_service_cidrs),
		CASE(test_armed_when_the_module_comes_back),
		CASE(test_settings_are_tried_again),
		CASE(test_pod_cidrs_of_the_node),
		CASE(test_pod_cidrs_that_are_given),
		CASE(test_external_cidrs),
		CASE(test_other_external_cidrs),
		CASE(test_disallowed_is_not_claimed),
		CASE(test_narrower_external_cidrs),
		CASE(test_external_cidrs_against_another),
		CASE(test_ranges_follow_the_node),
		CASE(test_addresses_only_where_they_matter),
		CASE(test_addresses_cannot_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
