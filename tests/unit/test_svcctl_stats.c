// SPDX-License-Identifier: GPL-2.0
/* "stats" and "affinity": what packets have left behind in the kernel. */
#include "svcctl_env.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void fill(struct ctl_env *env)
{
	ctl_ok(env, "add service web tcp --frontend 10.96.0.1:80 --endpoint 10.244.1.1:80 "
		    "--endpoint 10.244.1.20:80 --affinity 600");
	ctl_ok(env, "add service web tcp --frontend [fd00::1]:80 --endpoint [fd00::9]:80");
	ctl_ok(env, "add service acc udp --frontend 10.96.0.1:53 --account "
		    "--endpoint 10.244.1.1:53 --owner svcd");
	ctl_ok(env, "add service none tcp --frontend 10.96.0.2:80");
}

static struct kservice *counters(struct ctl_env *env, const char *name, uint8_t proto)
{
	struct kservice *s = kernel_fake_counters(env->k, name, AF_INET, proto);

	assert_non_null(s);
	return s;
}

static void count(struct ctl_env *env)
{
	struct kservice *s = counters(env, "web", IPPROTO_TCP);

	s->counts[SVCNAT_REASON_ENDPOINT] = 12;
	s->counts[SVCNAT_REASON_AFFINITY] = 3;
	s->endpoints[0].connections = 14;
	s->endpoints[1].connections = 1;
	s = counters(env, "acc", IPPROTO_UDP);
	s->counts[SVCNAT_REASON_ENDPOINT] = 7;
	s->endpoints[0].connections = 7;
	s->endpoints[0].active = 2;
	s->endpoints[0].packets_to = 100;
	s->endpoints[0].bytes_to = 5000000000;
	s->endpoints[0].packets_from = 90;
	s->endpoints[0].bytes_from = 4096;
	s = counters(env, "none", IPPROTO_TCP);
	s->counts[SVCNAT_REASON_NO_ENDPOINTS] = 5;
}

static void test_namespace(void **state)
{
	struct kstats s = {
		.masqueraded = 101, .nat_failed = 102, .invalid = 103, .stale_udp = 104,
		.stale_tcp = 105, .stale_walks = 106, .rescheduled = 107, .affinity_full = 108,
		.connections_full = 10000000000,
	};
	struct ctl_env *env = *state;
	uint64_t i;

	for (i = 0; i <= SVCNAT_REASON_MAX; i++)
		s.counts[i] = i + 1;
	kernel_fake_set_stats(env->k, &s);
	ctl_prints(env, "stats",
		   "no-service          1\n"
		   "loopback            2\n"
		   "endpoint            3\n"
		   "affinity            4\n"
		   "no-endpoints        5\n"
		   "undefined-port      6\n"
		   "no-local            7\n"
		   "source-range        8\n"
		   "unallocated         9\n"
		   "not-loaded          10\n"
		   "martian             11\n"
		   "echo                12\n"
		   "masqueraded         101\n"
		   "nat-failed          102\n"
		   "invalid             103\n"
		   "stale-udp           104\n"
		   "stale-tcp           105\n"
		   "stale-walks         106\n"
		   "rescheduled         107\n"
		   "affinity-full       108\n"
		   "connections-full    10000000000\n");
	ctl_prints_json(env, "stats -j",
			"{'no-service': 1, 'loopback': 2, 'endpoint': 3, 'affinity': 4,"
			" 'no-endpoints': 5, 'undefined-port': 6, 'no-local': 7,"
			" 'source-range': 8, 'unallocated': 9, 'not-loaded': 10, 'martian': 11,"
			" 'echo': 12, 'masqueraded': 101, 'nat-failed': 102, 'invalid': 103,"
			" 'stale-udp': 104, 'stale-tcp': 105, 'stale-walks': 106,"
			" 'rescheduled': 107, 'affinity-full': 108,"
			" 'connections-full': 10000000000}");
}

static void test_services(void **state)
{
	struct ctl_env *env = *state;

	ctl_prints(env, "stats services", "");
	fill(env);
	count(env);
	ctl_prints(env, "stats services web --family 4",
		   "web TCP IPv4 owner hand\n"
		   "  endpoint      12\n"
		   "  affinity      3\n"
		   "  no-endpoints  0\n"
		   "  no-local      0\n"
		   "  source-range  0\n"
		   "  ENDPOINT        CONNECTIONS\n"
		   "  10.244.1.1:80   14\n"
		   "  10.244.1.20:80  1\n");
	ctl_prints(env, "stats services --owner svcd",
		   "acc UDP IPv4 owner svcd\n"
		   "  endpoint      7\n"
		   "  affinity      0\n"
		   "  no-endpoints  0\n"
		   "  no-local      0\n"
		   "  source-range  0\n"
		   "  ENDPOINT       CONNECTIONS  ACTIVE  PACKETS-TO  BYTES-TO    PACKETS-FROM  "
		   "BYTES-FROM\n"
		   "  10.244.1.1:53  7            2       100         5000000000  90            "
		   "4096\n");
	ctl_prints(env, "stats services none", "none TCP IPv4 owner hand\n"
					       "  endpoint      0\n"
					       "  affinity      0\n"
					       "  no-endpoints  5\n"
					       "  no-local      0\n"
					       "  source-range  0\n");
}

static void test_services_json(void **state)
{
	struct ctl_env *env = *state;

	ctl_prints_json(env, "stats services -j", "[]");
	fill(env);
	count(env);
	ctl_prints_json(env, "stats services --proto udp -j",
			"[{'name': 'acc', 'family': 'IPv4', 'protocol': 'UDP', 'owner': 'svcd',"
			"  'counts': {'endpoint': 7, 'affinity': 0, 'no-endpoints': 0,"
			"             'no-local': 0, 'source-range': 0},"
			"  'endpoints': [{'address': '10.244.1.1', 'port': 53, 'connections': 7,"
			"    'active': 2, 'packetsTo': 100, 'bytesTo': 5000000000,"
			"    'packetsFrom': 90, 'bytesFrom': 4096}]}]");
	ctl_prints_json(env, "stats services web --family 6 -j",
			"[{'name': 'web', 'family': 'IPv6', 'protocol': 'TCP', 'owner': 'hand',"
			"  'counts': {'endpoint': 0, 'affinity': 0, 'no-endpoints': 0,"
			"             'no-local': 0, 'source-range': 0},"
			"  'endpoints': [{'address': 'fd00::9', 'port': 80, 'connections': 0}]}]");
	/* Sorted, and all of them. */
	ctl_ok(env, "stats services");
	assert_true(strstr(env->out, "acc UDP") < strstr(env->out, "none TCP"));
	assert_true(strstr(env->out, "web TCP IPv4") < strstr(env->out, "web TCP IPv6"));
}

/* --- affinity --- */

static void remember(struct ctl_env *env, const char *name, const char *client,
		     const char *endpoint, uint32_t age)
{
	struct kaffinity a = { .proto = IPPROTO_TCP, .port = 80, .age = age, .timeout = 600 };

	strcpy(a.name, name);
	ip_addr_parse(client, &a.client, NULL);
	ip_addr_parse(endpoint, &a.endpoint, NULL);
	a.family = a.client.family;
	kernel_fake_add_affinity(env->k, &a);
}

static void fill_affinity(struct ctl_env *env)
{
	fill(env);
	remember(env, "web", "192.0.2.77", "10.244.1.20", 599);
	remember(env, "web", "fd00::5", "fd00::9", 1);
	remember(env, "web", "192.0.2.8", "10.244.1.1", 0);
	remember(env, "other", "192.0.2.8", "10.244.1.1", 2);
}

static void test_affinity_show(void **state)
{
	struct ctl_env *env = *state;

	ctl_prints(env, "affinity show", "");
	ctl_prints(env, "affinity show -j", "[]\n");
	fill_affinity(env);
	ctl_prints(env, "affinity show",
		   "SERVICE  PROTO  CLIENT      ENDPOINT        AGE  TIMEOUT\n"
		   "other    TCP    192.0.2.8   10.244.1.1:80   2    600\n"
		   "web      TCP    192.0.2.8   10.244.1.1:80   0    600\n"
		   "web      TCP    192.0.2.77  10.244.1.20:80  599  600\n"
		   "web      TCP    fd00::5     [fd00::9]:80    1    600\n");
	ctl_prints_json(env, "affinity show web --client 192.0.2.8 -j",
			"[{'name': 'web', 'family': 'IPv4', 'protocol': 'TCP',"
			"  'client': '192.0.2.8',"
			"  'endpoint': {'address': '10.244.1.1', 'port': 80},"
			"  'age': 0, 'timeout': 600}]");
	ctl_prints(env, "affinity show --family 6",
		   "SERVICE  PROTO  CLIENT   ENDPOINT      AGE  TIMEOUT\n"
		   "web      TCP    fd00::5  [fd00::9]:80  1    600\n");
	/* There is such a service, and nobody keeps anything of it. */
	ctl_prints(env, "affinity show none", "");
	ctl_prints(env, "affinity show --proto udp", "");
}

static void test_affinity_flush(void **state)
{
	struct ctl_env *env = *state;

	fill_affinity(env);
	ctl_prints(env, "affinity flush none", "0 entries deleted\n");
	ctl_prints(env, "affinity flush --client fd00::5", "1 entry deleted\n");
	ctl_prints(env, "affinity flush other", "1 entry deleted\n");
	ctl_prints_json(env, "affinity flush web --proto tcp --family 4 -j", "{'deleted': 2}");
	ctl_prints(env, "affinity flush", "0 entries deleted\n");
}

#define CASE(fn)	cmocka_unit_test_setup_teardown(fn, ctl_setup, ctl_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_namespace),
		CASE(test_services),
		CASE(test_services_json),
		CASE(test_affinity_show),
		CASE(test_affinity_flush),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
