// SPDX-License-Identifier: GPL-2.0
/* What "add" can say of a service beyond its addresses, and how "show" says it again. */
#include "svcctl_env.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define FULL	"add service full tcp --frontend loadbalancer:192.0.2.7:80 " \
		"--frontend 10.96.0.7:80 --scheduler leastconn --affinity 600 --account --reset " \
		"--internal-local --external-local --source-range 198.51.100.0/24 " \
		"--source-range 203.0.113.9/32 --endpoint 10.244.1.1:80,local " \
		"--endpoint 10.244.1.2:80,weight=256,local-only --endpoint 10.244.1.3:80,drain " \
		"--endpoint 10.244.1.4:80,weight=0"

static const struct kservice *find(struct ctl_env *env, const char *name)
{
	const struct kservice *s = kernel_fake_find(env->k, name, AF_INET, IPPROTO_TCP);

	assert_non_null(s);
	return s;
}

static void assert_endpoint(const struct kservice *s, size_t i, uint16_t port, uint8_t lists,
			    uint16_t weight)
{
	assert_in_range(i, 0, s->nendpoints - 1);
	assert_int_equal(s->endpoints[i].port, port);
	assert_int_equal(s->endpoints[i].lists, lists);
	assert_int_equal(s->endpoints[i].weight, weight);
}

static void test_defaults(void **state)
{
	struct ctl_env *env = *state;
	const struct kservice *s;

	ctl_ok(env, "add service web tcp --frontend 10.96.0.1:80 --endpoint 10.244.1.1:80");
	s = find(env, "web");
	assert_int_equal(s->scheduler, SVCNAT_SCHEDULER_HASH);
	assert_int_equal(s->affinity, 0);
	assert_int_equal(s->flags, 0);
	assert_int_equal(s->nranges, 0);
	assert_endpoint(s, 0, 80, SVCNAT_LIST_CLUSTER, 1);
	/* All that may be said of it and is what it is anyway. */
	ctl_ok(env, "add service web tcp --frontend 10.96.0.1:80 --endpoint 10.244.1.1:80,weight=1 "
		    "--scheduler hash --replace");
	ctl_prints(env, "show", "web TCP IPv4 owner hand\n"
				"  cluster      10.96.0.1:80\n"
				"  endpoints    10.244.1.1:80\n");
}

static void test_all_options(void **state)
{
	struct ctl_env *env = *state;
	const struct kservice *s;

	ctl_ok(env, FULL);
	s = find(env, "full");
	assert_int_equal(s->scheduler, SVCNAT_SCHEDULER_LEASTCONN);
	assert_int_equal(s->affinity, 600);
	assert_int_equal(s->flags, SVCNAT_F_ALL);
	assert_int_equal(s->nranges, 2);
	assert_int_equal(s->ranges[0].prefix, 24);
	assert_int_equal(s->nendpoints, 4);
	assert_endpoint(s, 0, 80, SVCNAT_LIST_CLUSTER | SVCNAT_LIST_LOCAL, 1);
	assert_endpoint(s, 1, 80, SVCNAT_LIST_LOCAL, 256);
	assert_endpoint(s, 2, 80, 0, 1);
	assert_endpoint(s, 3, 80, SVCNAT_LIST_CLUSTER, 0);
}

static void test_each_flag(void **state)
{
	static const struct {
		const char *name;
		uint32_t flag;
	} flags[] = {
		{ "internal-local", SVCNAT_F_INTERNAL_LOCAL },
		{ "external-local", SVCNAT_F_EXTERNAL_LOCAL },
		{ "reset", SVCNAT_F_RESET },
		{ "account", SVCNAT_F_ACCOUNT },
	};
	struct ctl_env *env = *state;
	char line[256];
	size_t i;

	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		snprintf(line, sizeof(line),
			 "add service web tcp --replace --frontend 10.96.0.1:80 --%s",
			 flags[i].name);
		ctl_ok(env, line);
		assert_int_equal(find(env, "web")->flags, flags[i].flag);
		snprintf(line, sizeof(line), "\n  flags        %s\n", flags[i].name);
		ctl_ok(env, "show");
		assert_non_null(strstr(env->out, line));
	}
}

static void test_each_scheduler(void **state)
{
	static const char *const names[] = { "hash", "source", "maglev", "rr", "leastconn" };
	struct ctl_env *env = *state;
	char line[256];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(line, sizeof(line),
			 "add service web tcp --replace --frontend 10.96.0.1:80 --scheduler %s",
			 names[i]);
		ctl_ok(env, line);
		assert_int_equal(find(env, "web")->scheduler, i);
	}
	ctl_ok(env, "add service dns udp --frontend 10.96.0.1:53 --scheduler maglev");
}

/* The family, said by a range alone. */
static void test_range_says_family(void **state)
{
	struct ctl_env *env = *state;

	ctl_ok(env, "add service web tcp --frontend nodeport:30080 --source-range 2001:db8::/32");
	assert_non_null(kernel_fake_find(env->k, "web", AF_INET6, IPPROTO_TCP));
}

static void test_show_text(void **state)
{
	struct ctl_env *env = *state;

	ctl_ok(env, FULL);
	ctl_prints(env, "show full",
		   "full TCP IPv4 owner hand\n"
		   "  scheduler    leastconn\n"
		   "  affinity     600\n"
		   "  flags        internal-local, external-local, reset, account\n"
		   "  loadbalancer 192.0.2.7:80\n"
		   "  cluster      10.96.0.7:80\n"
		   "  source-range 198.51.100.0/24, 203.0.113.9/32\n"
		   "  endpoints    10.244.1.1:80,local, 10.244.1.2:80,local-only,weight=256, "
		   "10.244.1.3:80,drain + 1 more\n");
	ctl_ok(env, "show full --all");
	assert_non_null(strstr(env->out, "10.244.1.3:80,drain, 10.244.1.4:80,weight=0\n"));
}

/* What a service does not use has no member. */
static void test_show_json(void **state)
{
	struct ctl_env *env = *state;

	ctl_ok(env, FULL);
	ctl_prints_json(env, "show full -j",
			"[{'name': 'full', 'family': 'IPv4', 'protocol': 'TCP', 'owner': 'hand',"
			"  'scheduler': 'leastconn', 'affinity': 600,"
			"  'flags': ['internal-local', 'external-local', 'reset', 'account'],"
			"  'frontends': ["
			"    {'kind': 'loadbalancer', 'address': '192.0.2.7', 'port': 80},"
			"    {'kind': 'cluster', 'address': '10.96.0.7', 'port': 80}],"
			"  'sourceRanges': ['198.51.100.0/24', '203.0.113.9/32'],"
			"  'endpoints': ["
			"    {'address': '10.244.1.1', 'port': 80, 'lists': ['cluster', 'local']},"
			"    {'address': '10.244.1.2', 'port': 80, 'lists': ['local'],"
			"     'weight': 256},"
			"    {'address': '10.244.1.3', 'port': 80, 'lists': []},"
			"    {'address': '10.244.1.4', 'port': 80, 'weight': 0}]}]");
	ctl_ok(env, "del service full tcp");
	ctl_ok(env, "add service web tcp --frontend 10.96.0.1:80 --endpoint 10.244.1.1:80");
	ctl_prints_json(env, "show -j",
			"[{'name': 'web', 'family': 'IPv4', 'protocol': 'TCP', 'owner': 'hand',"
			"  'frontends': [{'kind': 'cluster', 'address': '10.96.0.1', 'port': 80}],"
			"  'endpoints': [{'address': '10.244.1.1', 'port': 80}]}]");
}

static void test_endpoints(void **state)
{
	struct ctl_env *env = *state;
	const struct kservice *s;

	ctl_ok(env, "add service web tcp --frontend 10.96.0.1:80 --endpoint 10.244.1.1:80");
	kernel_fake_clear_log(env->k);
	/* One is changed and two are new, in one step. */
	ctl_prints(env, "add endpoint web tcp 10.244.1.1:80,drain 10.244.1.2:81,local,weight=5 "
			"10.244.1.3:82", "");
	assert_string_equal(kernel_fake_log(env->k), "epset web");
	s = find(env, "web");
	assert_int_equal(s->nendpoints, 3);
	assert_endpoint(s, 0, 80, 0, 1);
	assert_endpoint(s, 1, 81, SVCNAT_LIST_ALL, 5);
	assert_endpoint(s, 2, 82, SVCNAT_LIST_CLUSTER, 1);
	ctl_ok(env, "del endpoint web TCP 10.244.1.1:80 10.244.1.3:82");
	s = find(env, "web");
	assert_int_equal(s->nendpoints, 1);
	assert_endpoint(s, 0, 81, SVCNAT_LIST_ALL, 5);
	assert_int_equal(kernel_fake_deferred(env->k), 0);
}

static void test_endpoints_of_others(void **state)
{
	struct ctl_env *env = *state;

	ctl_ok(env, "add service web tcp --frontend 10.96.0.1:80 --owner svcd");
	assert_int_equal(ctl_run(env, "add endpoint web tcp 10.244.1.1:80"), 1);
	ctl_ok(env, "add endpoint web tcp 10.244.1.1:80 --owner svcd");
	ctl_ok(env, "add --any-owner endpoint web tcp 10.244.1.2:80 --family 4");
	assert_int_equal(find(env, "web")->nendpoints, 2);
	assert_int_equal(ctl_run(env, "del endpoint web tcp 10.244.1.1:80"), 1);
	ctl_ok(env, "del endpoint web tcp 10.244.1.1:80 --any-owner");
	ctl_ok(env, "del --owner svcd endpoint web tcp 10.244.1.2:80");
	assert_int_equal(find(env, "web")->nendpoints, 0);
	/* A service of that name is a service still. */
	ctl_ok(env, "add service endpoint tcp --frontend 10.96.0.2:80");
	ctl_ok(env, "add endpoint endpoint tcp 10.244.1.1:80");
	assert_int_equal(find(env, "endpoint")->nendpoints, 1);
	ctl_ok(env, "del service endpoint tcp");
}

#define CASE(fn)	cmocka_unit_test_setup_teardown(fn, ctl_setup, ctl_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_defaults),
		CASE(test_all_options),
		CASE(test_each_flag),
		CASE(test_each_scheduler),
		CASE(test_range_says_family),
		CASE(test_show_text),
		CASE(test_show_json),
		CASE(test_endpoints),
		CASE(test_endpoints_of_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
