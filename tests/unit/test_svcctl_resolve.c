// SPDX-License-Identifier: GPL-2.0
/* "resolve": what may be asked, every verdict and reason in words, every input. */
#include "print.h"
#include "svcctl_env.h"
#include "words.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void fill(struct ctl_env *env)
{
	ctl_ok(env, "add service there tcp --frontend 10.96.0.2:80 "
		    "--frontend external:192.0.2.1:80 "
		    "--frontend nodeport:30080 --endpoint 10.244.1.1:8080");
	ctl_ok(env, "add service none tcp --frontend [fd00::3]:80");
	ctl_ok(env, "add service full tcp --frontend loadbalancer:192.0.2.7:80 --affinity 600 "
		    "--scheduler source --external-local --source-range 198.51.100.0/24 "
		    "--endpoint 10.244.1.1:80,local --endpoint 10.244.1.2:80 "
		    "--endpoint 10.244.1.3:80,local,weight=0");
}

static void test_dnat(void **state)
{
	struct ctl_env *env = *state;

	fill(env);
	ctl_prints(env, "resolve 10.1.1.1:4000 10.96.0.2:80",
		   "connection     10.1.1.1:4000 -> 10.96.0.2:80/TCP\n"
		   "origin         outside: it comes in, from no pod CIDR\n"
		   "armed          no\n"
		   "service        there owner hand\n"
		   "frontend       cluster\n"
		   "policies       internal Cluster, external Cluster\n"
		   "source-ranges  none: all sources\n"
		   "list           cluster: 1 to choose from (local: 0)\n"
		   "scheduler      hash\n"
		   "affinity       none\n"
		   "hash           0x00000fa0\n"
		   "verdict        dnat: it goes to an endpoint\n"
		   "reason         endpoint: chosen by the scheduler\n"
		   "endpoint       10.244.1.1:8080, one of 1\n"
		   "masquerade     no, no-cidr: to a cluster address, and no pod CIDR is set\n");
	ctl_ok(env, "settings pod-cidrs 10.244.0.0/16");
	ctl_prints(env, "resolve 10.244.1.1 192.0.2.1:80/tcp",
		   "connection     10.244.1.1 -> 192.0.2.1:80/TCP\n"
		   "origin         pod: the source is inside a pod CIDR\n"
		   "armed          no\n"
		   "service        there owner hand\n"
		   "frontend       external\n"
		   "policies       internal Cluster, external Cluster\n"
		   "source-ranges  none: all sources\n"
		   "list           cluster: 1 to choose from (local: 0)\n"
		   "scheduler      hash\n"
		   "affinity       none\n"
		   "verdict        dnat: it goes to an endpoint\n"
		   "reason         endpoint: chosen by the scheduler\n"
		   "endpoint       one of 1: give the source port to see which\n"
		   "masquerade     yes, external: not through a cluster address\n");
}

static void test_others(void **state)
{
	struct ctl_env *env = *state;

	fill(env);
	ctl_prints(env, "resolve [fd00::9]:7 [fd00::3]:80",
		   "connection     [fd00::9]:7 -> [fd00::3]:80/TCP\n"
		   "origin         outside: it comes in, from no pod CIDR\n"
		   "armed          no\n"
		   "service        none owner hand\n"
		   "frontend       cluster\n"
		   "policies       internal Cluster, external Cluster\n"
		   "source-ranges  none: all sources\n"
		   "list           cluster: 0 to choose from (local: 0)\n"
		   "scheduler      hash\n"
		   "affinity       none\n"
		   "verdict        reject: the client is refused at once\n"
		   "reason         no-endpoints: the service has none to choose from\n");
	ctl_prints(env, "resolve 10.1.1.1 10.9.0.2:80/UDP",
		   "connection     10.1.1.1 -> 10.9.0.2:80/UDP\n"
		   "origin         outside: it comes in, from no pod CIDR\n"
		   "armed          no\n"
		   "verdict        pass: it is not touched\n"
		   "reason         no-service: no service has this destination\n");
	ctl_ok(env, "resolve 10.1.1.1 10.96.0.2:81");
	assert_non_null(strstr(env->out, "\nreason         undefined-port: "));
	ctl_ok(env, "settings service-cidrs 10.96.0.0/12");
	ctl_ok(env, "resolve 10.1.1.1 10.96.9.9:81");
	assert_non_null(strstr(env->out, "\nreason         unallocated: "));
	ctl_ok(env, "settings armed on");
	ctl_ok(env, "resolve 10.1.1.1 10.96.9.9:81");
	assert_non_null(strstr(env->out, "\narmed          yes\n"));
	assert_non_null(strstr(env->out, "\nreason         not-loaded: "));
}

/* Everything that the reply can carry. */
static void test_policies(void **state)
{
	struct kaffinity a = { .name = "full", .family = AF_INET, .proto = IPPROTO_TCP,
			       .port = 80, .age = 5, .timeout = 600 };
	struct ctl_env *env = *state;

	fill(env);
	ctl_ok(env, "resolve 10.1.1.1 192.0.2.7:80");
	assert_non_null(strstr(env->out, "\nsource-ranges  1\n"));
	assert_non_null(strstr(env->out, "\nverdict        drop: the client hears nothing\n"
					 "reason         source-range: "));
	assert_non_null(strstr(env->out, "\naffinity       600 s, the client has no entry\n"));
	ip_addr_parse("198.51.100.8", &a.client, NULL);
	ip_addr_parse("10.244.1.1", &a.endpoint, NULL);
	kernel_fake_add_affinity(env->k, &a);
	/* Without the source port: the endpoint is known all the same. */
	ctl_prints(env, "resolve 198.51.100.8 192.0.2.7:80",
		   "connection     198.51.100.8 -> 192.0.2.7:80/TCP\n"
		   "origin         outside: it comes in, from no pod CIDR\n"
		   "armed          no\n"
		   "service        full owner hand\n"
		   "frontend       loadbalancer\n"
		   "policies       internal Cluster, external Local\n"
		   "source-ranges  1\n"
		   "list           local: 1 to choose from (cluster: 2)\n"
		   "scheduler      source\n"
		   "affinity       600 s, the client's entry is 5 s old\n"
		   "verdict        dnat: it goes to an endpoint\n"
		   "reason         affinity: the client keeps the endpoint that it had\n"
		   "endpoint       10.244.1.1:80, one of 1\n"
		   "masquerade     no, no-local: from outside, and externally policy Local\n");
	ctl_prints_json(env, "resolve 198.51.100.8:7 192.0.2.7:80 -j",
			"{'family': 'IPv4', 'protocol': 'TCP',"
			" 'source': {'address': '198.51.100.8', 'port': 7},"
			" 'destination': {'address': '192.0.2.7', 'port': 80},"
			" 'origin': 'outside', 'armed': false, 'service': 'full',"
			" 'owner': 'hand', 'frontend': 'loadbalancer',"
			" 'flags': ['external-local'], 'sourceRangeCount': 1, 'list': 'local',"
			" 'endpoints': 1, 'clusterEndpoints': 2, 'localEndpoints': 1,"
			" 'scheduler': 'source', 'affinity': 600, 'affinityAge': 5, 'hash': 7,"
			" 'verdict': 'dnat', 'reason': 'affinity',"
			" 'endpoint': {'address': '10.244.1.1', 'port': 80},"
			" 'masquerade': false, 'masqueradeReason': 'no-local'}");
	ctl_prints_json(env, "resolve -j 10.1.1.1 10.9.0.2:81",
			"{'family': 'IPv4', 'protocol': 'TCP', 'source': {'address': '10.1.1.1'},"
			" 'destination': {'address': '10.9.0.2', 'port': 81},"
			" 'origin': 'outside', 'armed': false, 'verdict': 'pass',"
			" 'reason': 'no-service'}");
}

static void test_without_ports(void **state)
{
	struct ctl_env *env = *state;

	fill(env);
	ctl_prints(env, "resolve 10.1.1.1 10.96.0.2/icmp",
		   "connection     10.1.1.1 -> 10.96.0.2/ICMP\n"
		   "origin         outside: it comes in, from no pod CIDR\n"
		   "armed          no\n"
		   "verdict        echo: the node answers the ping\n"
		   "reason         echo: ping to a service's address\n");
	ctl_prints_json(env, "resolve fd00::9 [fd00::3]/ICMP -j",
			"{'family': 'IPv6', 'protocol': 'ICMP', 'source': {'address': 'fd00::9'},"
			" 'destination': {'address': 'fd00::3'}, 'origin': 'outside',"
			" 'armed': false, 'verdict': 'echo', 'reason': 'echo'}");
	/* By number: the same ping, and one that is none in this family. */
	ctl_ok(env, "resolve 10.1.1.1 10.96.0.2/1");
	assert_non_null(strstr(env->out, "\nverdict        echo"));
	ctl_ok(env, "resolve 10.1.1.1 10.96.0.2/58");
	assert_non_null(strstr(env->out, "-> 10.96.0.2/58\n"));
	assert_null(strstr(env->out, "\nverdict        echo"));
	ctl_prints_json(env, "resolve 10.1.1.1 10.9.0.2/47 -j",
			"{'family': 'IPv4', 'protocol': '47', 'source': {'address': '10.1.1.1'},"
			" 'destination': {'address': '10.9.0.2'}, 'origin': 'outside',"
			" 'armed': false, 'verdict': 'pass', 'reason': 'no-service'}");
	ctl_ok(env, "resolve 10.1.1.1 10.96.0.2:80/17");
	assert_non_null(strstr(env->out, "-> 10.96.0.2:80/UDP\n"));
}

/* "lo" is in each namespace, and has the index 1 there. */
static void test_interface(void **state)
{
	struct ctl_env *env = *state;

	fill(env);
	ctl_ok(env, "resolve 10.1.1.1:4000 10.96.0.2:80 -i lo");
	assert_non_null(strstr(env->out, "/TCP\ninterface      lo\norigin "));
	ctl_prints_json(env, "resolve --interface lo -j 10.1.1.1 10.9.0.2:81",
			"{'family': 'IPv4', 'protocol': 'TCP', 'source': {'address': '10.1.1.1'},"
			" 'destination': {'address': '10.9.0.2', 'port': 81}, 'interface': 'lo',"
			" 'origin': 'outside', 'armed': false, 'verdict': 'pass',"
			" 'reason': 'no-service'}");
}

/* --- each word, without a kernel that can come to it --- */

static char *printed(const struct kresolve *r, bool json)
{
	struct print p = { .json = json };
	char *text = NULL;
	size_t len;

	p.out = open_memstream(&text, &len);
	assert_int_equal(print_resolve(&p, r), 0);
	fclose(p.out);
	return text;
}

static void assert_says(const struct kresolve *r, const char *label, const char *text,
			const char *member, const char *name)
{
	char *a = printed(r, false), *b = printed(r, true);
	char line[96], json[96];

	snprintf(line, sizeof(line), "\n%-15s%s: ", label, text);
	snprintf(json, sizeof(json), "\"%s\": \"%s\"", member, name);
	if (!strstr(a, line) || strstr(a, "unknown"))
		fail_msg("no '%s' in\n%s", line, a);
	if (!strstr(b, json))
		fail_msg("no '%s' in\n%s", json, b);
	free(a);
	free(b);
}

static const struct kresolve nothing = {
	.family = AF_INET, .proto = IPPROTO_TCP, .src.family = AF_INET, .dst.family = AF_INET,
	.has_masquerade = true,
};

static void test_origins_and_verdicts(void **state)
{
	static const char *const origins[] = { "outside", "pod", "node" };
	static const char *const verdicts[] = { "pass", "dnat", "reject", "drop", "echo" };
	struct kresolve r = nothing;
	int i;

	(void)state;
	for (i = 0; i <= SVCNAT_ORIGIN_MAX; i++) {
		r.origin = (enum svcnat_origin)i;
		assert_says(&r, "origin", origins[i], "origin", origins[i]);
	}
	for (i = 0; i <= SVCNAT_VERDICT_MAX; i++) {
		r.verdict = (enum svcnat_verdict)i;
		assert_says(&r, "verdict", verdicts[i], "verdict", verdicts[i]);
	}
}

static void test_reasons(void **state)
{
	static const char *const names[] = {
		"no-service", "loopback", "endpoint", "affinity", "no-endpoints",
		"undefined-port", "no-local", "source-range", "unallocated", "not-loaded",
		"martian", "echo",
	};
	struct kresolve r = nothing;
	int i;

	(void)state;
	for (i = 0; i <= SVCNAT_REASON_MAX; i++) {
		r.reason = (enum svcnat_reason)i;
		assert_says(&r, "reason", names[i], "reason", names[i]);
	}
	assert_string_equal(words_reason((enum svcnat_reason)i)->name, "unknown");
}

static void test_masquerades(void **state)
{
	static const char *const names[] = {
		"no, no-pod", "no, no-cidr", "no, no-local", "no, no-short", "no, no-node",
		"yes, off-cluster", "yes, all", "yes, external", "yes, hairpin",
	};
	struct kresolve r = nothing;
	int i;

	(void)state;
	for (i = 0; i <= SVCNAT_MASQUERADE_MAX; i++) {
		r.masquerade = (enum svcnat_masquerade)i;
		assert_says(&r, "masquerade", names[i], "masqueradeReason",
			    strchr(names[i], ' ') + 1);
		assert_int_equal(words_masqueraded(r.masquerade), names[i][0] == 'y');
	}
}

#define CASE(fn)	cmocka_unit_test_setup_teardown(fn, ctl_setup, ctl_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_dnat),
		CASE(test_others),
		CASE(test_policies),
		CASE(test_without_ports),
		CASE(test_interface),
		cmocka_unit_test(test_origins_and_verdicts),
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_masquerades),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
