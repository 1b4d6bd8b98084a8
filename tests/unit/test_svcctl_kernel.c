// SPDX-License-Identifier: GPL-2.0
/* Whole command lines of the verbs that talk to the kernel, against the fake. */
#include "err.h"
#include "kernel_fake.h"
#include "verbs.h"

#include <errno.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct env {
	struct kernel *k;
	int open_code;		/* what opening the kernel fails with; 0: it does not */
	unsigned int opened;
	char *out, *err;	/* of the last command */
};

static int open_fake(struct ctx *ctx, struct kernel **out, struct err *e)
{
	struct env *env = ctx->kernel_arg;

	if (env->open_code)
		return err_set(e, env->open_code, "the svcnat module is not loaded");
	env->opened++;
	*out = env->k;
	return 0;
}

static int setup(void **state)
{
	struct env *env = calloc(1, sizeof(*env));

	env->k = kernel_fake_open();
	*state = env;
	return 0;
}

static void clear_output(struct env *env)
{
	free(env->out);
	free(env->err);
	env->out = env->err = NULL;
}

static int teardown(void **state)
{
	struct env *env = *state;

	clear_output(env);
	kernel_fake_free(env->k);
	free(env);
	return 0;
}

/* Words are split at spaces; '' is an empty one. */
static int run(struct env *env, const char *line)
{
	char *copy = strdup(line), *rest = copy, *word;
	char *argv[64] = { (char *)"svcctl" };
	struct ctx ctx = { .open_kernel = open_fake, .kernel_arg = env };
	size_t out_len, err_len;
	int argc = 1, code;

	clear_output(env);
	ctx.out = open_memstream(&env->out, &out_len);
	ctx.err = open_memstream(&env->err, &err_len);
	while ((word = strsep(&rest, " ")) && argc < 63)
		argv[argc++] = strcmp(word, "''") ? word : word + 2;
	if (!*line)
		argc = 1;
	code = verbs_run(&ctx, argc, argv);
	fclose(ctx.out);
	fclose(ctx.err);
	free(copy);
	/* Whatever is opened is closed, on every way out. */
	assert_int_equal(env->opened, kernel_fake_closed(env->k));
	return code;
}

static void ok(struct env *env, const char *line)
{
	int code = run(env, line);

	if (code || *env->err)
		fail_msg("svcctl %s: exit %d, %s", line, code, env->err);
}

static void prints(struct env *env, const char *line, const char *expected)
{
	ok(env, line);
	if (strcmp(env->out, expected))
		fail_msg("svcctl %s printed:\n%s", line, env->out);
}

/* expected: with ' for " */
static void prints_json(struct env *env, const char *line, const char *expected)
{
	char *text = strdup(expected), *c;
	json_t *want, *got;

	for (c = text; *c; c++)
		if (*c == '\'')
			*c = '"';
	ok(env, line);
	want = json_loads(text, 0, NULL);
	got = json_loads(env->out, 0, NULL);
	assert_non_null(want);
	if (!json_equal(want, got))
		fail_msg("svcctl %s printed:\n%s", line, env->out);
	json_decref(want);
	json_decref(got);
	free(text);
}

/* --- what is wrong --- */

struct wrong {
	int code;
	const char *line;
	const char *err;	/* "svcctl: " in front of it, and a newline behind */
};

#define ADD	"add service web tcp --frontend 10.96.0.1:80 "
#define NO_FAMILY	"no address says the family of the service: give --family 4 or --family 6"
#define NO_KIND		" is not a kind (cluster, external, loadbalancer, nodeport; " \
			"IPv6 as [ADDR]:PORT)"
#define TOO_LONG	"[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000]" \
			":80/SCTP"
#define WHICH_PORT	" is not a port (1 to 65535)"

static const struct wrong wrongs[] = {
	{ 2, "nonsense", "no such verb: 'nonsense' (see: svcctl help)" },
	{ 2, "ad service web tcp", "no such verb: 'ad' (see: svcctl help)" },
	{ 2, "--nonsense show", "no such option: '--nonsense' (see: svcctl help)" },
	{ 2, "--socket", "--socket needs a path" },
	{ 2, "--socket= show", "--socket needs a path" },
	{ 2, "help nonsense", "no such verb: 'nonsense' (see: svcctl help)" },
	{ 2, "help add del", "unexpected argument 'del' (usage: svcctl help [VERB])" },

	{ 2, "add", "add what? (usage: svcctl add service NAME PROTO ...)" },
	{ 2, "add endpoint web tcp",
	  "cannot add a 'endpoint' (usage: svcctl add service NAME PROTO ...)" },
	{ 2, "add service", "the service's name is missing" },
	{ 2, "add service web", "the protocol is missing: TCP, UDP or SCTP" },
	{ 2, "add service web icmp", "'icmp' is not a protocol (TCP, UDP, SCTP)" },
	{ 2, "add service '' tcp", "the service's name is empty" },
	{ 2, "add service web tcp more", "unexpected argument 'more'" },
	{ 2, "add service web tcp", NO_FAMILY },
	{ 2, "add service web tcp --frontend nodeport:30080", NO_FAMILY },
	{ 2, "add service web tcp --frontend", "--frontend needs a value" },
	{ 2, "add service web tcp --front 10.96.0.1:80", "no such option: '--front'" },
	{ 2, "add service web tcp -x", "no such option: '-x'" },
	{ 2, "add service web tcp --frontend 10.96.0.1",
	  "--frontend 10.96.0.1: the port is missing (write ADDR:PORT)" },
	{ 2, "add service web tcp --frontend [fd00::1]",
	  "--frontend [fd00::1]: the port is missing (write [ADDR]:PORT)" },
	{ 2, "add service web tcp --frontend ''", "--frontend : '' is not an IP address" },
	{ 2, "add service web tcp --frontend 10.96.0.1:0",
	  "--frontend 10.96.0.1:0: '0'" WHICH_PORT },
	{ 2, "add service web tcp --frontend=10.96.0.1:65536",
	  "--frontend 10.96.0.1:65536: '65536'" WHICH_PORT },
	{ 2, "add service web tcp --frontend 10.96.0.1:http",
	  "--frontend 10.96.0.1:http: 'http'" WHICH_PORT },
	{ 2, "add service web tcp --frontend 10.96.0.300:80",
	  "--frontend 10.96.0.300:80: '10.96.0.300' is not an IP address" },
	{ 2, "add service web tcp --frontend 0.0.0.0:80",
	  "--frontend 0.0.0.0:80: an unspecified address cannot be used" },
	{ 2, "add service web tcp --frontend 127.0.0.1:80",
	  "--frontend 127.0.0.1:80: a loopback address cannot be used" },
	{ 2, "add service web tcp --frontend [ff02::1]:80",
	  "--frontend [ff02::1]:80: a multicast address cannot be used" },
	{ 2, "add service web tcp --frontend fd00::1:80", "--frontend fd00::1:80: 'fd00'" NO_KIND },
	{ 2, "add service web tcp --frontend inner:10.96.0.1:80",
	  "--frontend inner:10.96.0.1:80: 'inner'" NO_KIND },
	{ 2, "add service web tcp --frontend loadbalancers:10.96.0.1:80",
	  "--frontend loadbalancers:10.96.0.1:80: 'loadbalancers'" NO_KIND },
	{ 2, "add service web tcp --frontend nodeport:10.96.0.1:80",
	  "--frontend nodeport:10.96.0.1:80: a nodeport has no address (write nodeport:PORT)" },
	{ 2, "add service web tcp --frontend nodeport:0", "--frontend nodeport:0: '0'" WHICH_PORT },
	{ 2, "add service web tcp --frontend nodeport:", "--frontend nodeport:: ''" WHICH_PORT },
	{ 2, ADD "--endpoint 10.244.1.1",
	  "--endpoint 10.244.1.1: the port is missing (write ADDR:PORT)" },
	{ 2, ADD "--endpoint 10.244.1.01:80",
	  "--endpoint 10.244.1.01:80: '10.244.1.01' is not an IP address" },
	{ 2, ADD "--endpoint [10.244.1.1]:80",
	  "--endpoint [10.244.1.1]:80: '[10.244.1.1]:80': brackets are for IPv6" },
	{ 2, ADD "--endpoint 10.244.1.1:99999", "--endpoint 10.244.1.1:99999: '99999'" WHICH_PORT },
	{ 2, ADD "--endpoint 255.255.255.255:80",
	  "--endpoint 255.255.255.255:80: the broadcast address cannot be used" },
	{ 2, ADD "--endpoint [fd00::1]:80",
	  "--endpoint [fd00::1]:80: is IPv6, but --frontend 10.96.0.1:80 is IPv4: a service "
	  "has one family" },
	{ 2, ADD "--frontend [fd00::1]:80",
	  "--frontend [fd00::1]:80: is IPv6, but --frontend 10.96.0.1:80 is IPv4: a service "
	  "has one family" },
	{ 2, ADD "--family 6",
	  "--family 6: is IPv6, but --frontend 10.96.0.1:80 is IPv4: a service has one family" },
	{ 2, ADD "--family 5", "--family 5: '5' is not 4 or 6" },
	{ 2, ADD "--family", "--family needs a value" },
	{ 2, ADD "--owner ''", "--owner : the owner is empty" },
	{ 2, ADD "--owner xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	  "--owner xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx: the owner has 32 bytes, 31 are allowed: "
	  "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'" },
	{ 2, ADD "--replace=yes", "--replace takes no value" },
	{ 1, "add service there tcp --frontend 10.96.0.2:80",
	  "cannot add service 'there' (TCP): the service exists" },
	{ 1, ADD "--frontend 192.0.2.1:80",
	  "cannot add service 'web' (TCP): the frontend 192.0.2.1:80/TCP is taken by service "
	  "'there' of owner 'hand'" },
	{ 1, ADD "--frontend nodeport:30080",
	  "cannot add service 'web' (TCP): the frontend nodeport 30080/TCP is taken by "
	  "service 'there' of owner 'hand'" },
	{ 1, ADD "--frontend external:10.96.0.1:80",
	  "cannot add service 'web' (TCP): the frontend 10.96.0.1:80/TCP stands twice" },
	{ 1, ADD "--endpoint 10.244.1.1:80 --endpoint 10.244.1.1:80",
	  "cannot add service 'web' (TCP): the endpoint 10.244.1.1:80 stands twice" },
	{ 1, "add service svcds tcp --frontend 10.96.0.9:80 --replace",
	  "cannot add service 'svcds' (TCP): the service belongs to owner 'svcd'" },

	{ 2, "del", "del what? (usage: svcctl del service NAME PROTO ...)" },
	{ 2, "del there tcp", "cannot del a 'there' (usage: svcctl del service NAME PROTO ...)" },
	{ 2, "del service there", "the protocol is missing: TCP, UDP or SCTP" },
	{ 2, "del service there tcp udp", "unexpected argument 'udp'" },
	{ 2, "del service there tcp --family 7", "--family 7: '7' is not 4 or 6" },
	{ 2, "del service there tcp --any", "no such option: '--any'" },
	{ 2, "del service there tcp --any-owner --owner x",
	  "--any-owner does not go with --owner x" },
	{ 1, "del service absent tcp", "cannot delete service 'absent' (TCP): it does not exist" },
	{ 1, "del service there udp", "cannot delete service 'there' (UDP): it does not exist" },
	{ 1, "del service there tcp --family 6",
	  "cannot delete service 'there' (TCP): there is no such service" },
	{ 1, "del service svcds tcp",
	  "cannot delete service 'svcds' (TCP): the service belongs to owner 'svcd'" },
	{ 1, "del service both tcp",
	  "cannot delete service 'both' (TCP): it exists for IPv4 and for IPv6: give "
	  "--family 4 or --family 6" },

	{ 2, "show -4 -6", "-4 does not go with -6" },
	{ 2, "show a b", "unexpected argument 'b'" },
	{ 2, "show ''", "the service's name is empty" },
	{ 2, "show --owner", "--owner needs a value" },
	{ 2, "show --owner ''", "--owner : the owner is empty" },
	{ 2, "show -jx", "no such option: '-x'" },
	{ 1, "show absent", "there is no such service: 'absent'" },
	{ 1, "show both --owner nobody", "there is no such service: 'both'" },

	{ 2, "flush all", "unexpected argument 'all'" },
	{ 2, "flush --owner ''", "--owner : the owner is empty" },

	{ 2, "resolve", "the source is missing: SRC[:PORT]" },
	{ 2, "resolve 10.1.1.1", "the destination is missing: DST:PORT[/PROTO]" },
	{ 2, "resolve x 10.96.0.1:80", "source x: 'x' is not an IP address" },
	{ 2, "resolve 10.1.1.1:x 10.96.0.1:80", "source 10.1.1.1:x: 'x'" WHICH_PORT },
	{ 2, "resolve 10.1.1.1 10.96.0.1",
	  "destination 10.96.0.1: the port is missing (write ADDR:PORT)" },
	{ 2, "resolve 10.1.1.1 10.96.0.1:80/icmp",
	  "destination 10.96.0.1:80/icmp: 'icmp' is not a protocol (TCP, UDP, SCTP)" },
	{ 2, "resolve 10.1.1.1 [fd00::1]:80",
	  "destination [fd00::1]:80: is not of the source's family (IPv4)" },
	{ 2, "resolve 10.1.1.1 10.96.0.1:80 more", "unexpected argument 'more'" },
	{ 2, "resolve 10.1.1.1 " TOO_LONG,
	  "destination " TOO_LONG ": this is too long for ADDR:PORT/PROTO" },

	{ 2, "settings nonsense 1",
	  "'nonsense' is not a setting (pod-cidrs, max-services, max-frontends, max-endpoints)" },
	{ 2, "settings max-services", "max-services needs a value" },
	{ 2, "settings max-services 0",
	  "max-services 0: '0' is not a number from 1 to 4294967295" },
	{ 2, "settings max-endpoints -1", "no such option: '-1'" },
	{ 2, "settings max-endpoints 4294967296",
	  "max-endpoints 4294967296: '4294967296' is not a number from 1 to 4294967295" },
	{ 2, "settings max-frontends 5x",
	  "max-frontends 5x: '5x' is not a number from 1 to 4294967295" },
	{ 2, "settings max-services 5 max-services 6", "max-services is given twice" },
	{ 2, "settings pod-cidrs none pod-cidrs none", "pod-cidrs is given twice" },
	{ 2, "settings pod-cidrs 10.244.0.0",
	  "pod-cidrs 10.244.0.0: '10.244.0.0' is not ADDRESS/PREFIX" },
	{ 2, "settings pod-cidrs 10.244.0.0/16,",
	  "pod-cidrs 10.244.0.0/16,: '' is not ADDRESS/PREFIX" },
	{ 2, "settings pod-cidrs 10.244.0.1/16",
	  "pod-cidrs 10.244.0.1/16: '10.244.0.1/16' has bits set past its prefix: write it "
	  "as 10.244.0.0/16" },
	{ 2, "settings max-services 5 -j", "--json does not go with a change: nothing is shown" },
	{ 2, "version x", "unexpected argument 'x'" },
};

static void fill(struct env *env)
{
	ok(env, "add service there tcp --frontend 10.96.0.2:80 --frontend external:192.0.2.1:80 "
		"--frontend nodeport:30080 --endpoint 10.244.1.1:8080");
	ok(env, "add service both tcp --frontend 10.96.0.3:80");
	ok(env, "add service both tcp --frontend [fd00::3]:80");
	ok(env, "add service svcds tcp --frontend 10.96.0.9:80 --owner svcd");
}

static void test_wrong_lines(void **state)
{
	struct env *env = *state;
	char expected[512], *before;
	size_t i;
	int code;

	fill(env);
	ok(env, "show -j");
	before = strdup(env->out);
	for (i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
		code = run(env, wrongs[i].line);
		snprintf(expected, sizeof(expected), "svcctl: %s\n", wrongs[i].err);
		if (code != wrongs[i].code || strcmp(env->err, expected) || *env->out)
			fail_msg("svcctl %s: exit %d, not %d\n%snot\n%soutput:\n%s", wrongs[i].line,
				 code, wrongs[i].code, env->err, expected, env->out);
	}
	prints(env, "show -j", before);
	free(before);
}

static void test_name_length(void **state)
{
	struct env *env = *state;
	char line[512], name[SVCNAT_NAME_MAX + 2];

	memset(name, 'n', sizeof(name));
	name[SVCNAT_NAME_MAX] = '\0';
	snprintf(line, sizeof(line), "add service %s tcp --family 4", name);
	ok(env, line);
	name[SVCNAT_NAME_MAX] = 'n';
	name[SVCNAT_NAME_MAX + 1] = '\0';
	snprintf(line, sizeof(line), "add service %s tcp --family 4", name);
	assert_int_equal(run(env, line), 2);
	assert_non_null(strstr(env->err, "has 256 bytes, 255 are allowed"));
}

/* Each verb that asks the kernel: its refusal, and a kernel without the module. */
static void test_kernel_refuses(void **state)
{
	static const char *const lines[] = {
		ADD, "del service there tcp", "del service there tcp --family 4", "show", "show -j",
		"flush", "resolve 10.1.1.1 10.96.0.2:80", "settings", "settings max-services 5",
	};
	struct env *env = *state;
	char line[256];
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		snprintf(line, sizeof(line), "%.*s", (int)(strlen(lines[i]) - (i == 0)), lines[i]);
		env->open_code = 0;
		kernel_fake_break(env->k, EPERM);
		assert_int_equal(run(env, line), 1);
		assert_non_null(strstr(env->err, "the test asked for this"));
		assert_string_equal(env->out, "");
		env->open_code = ENOENT;
		assert_int_equal(run(env, line), 1);
		assert_string_equal(env->err, "svcctl: the svcnat module is not loaded\n");
	}
}

/* --- what is right --- */

static void test_add_forms(void **state)
{
	struct env *env = *state;
	const struct kservice *s;

	ok(env, "add --endpoint=10.244.1.1:8080 service --frontend=external:10.96.0.1:80 web "
		"--replace SCTP --owner=me");
	s = kernel_fake_find(env->k, "web", AF_INET, IPPROTO_SCTP);
	assert_non_null(s);
	assert_string_equal(s->owner, "me");
	assert_int_equal(s->frontends[0].kind, SVCNAT_KIND_EXTERNAL);
	assert_int_equal(s->endpoints[0].port, 8080);
	ok(env, "add service web SCTP --frontend 10.96.0.1:81 --replace --owner me");
	s = kernel_fake_find(env->k, "web", AF_INET, IPPROTO_SCTP);
	assert_int_equal(s->frontends[0].kind, SVCNAT_KIND_CLUSTER);
	assert_int_equal(s->frontends[0].port, 81);
	assert_int_equal(s->nendpoints, 0);
	ok(env, "add service --family 6 --frontend nodeport:30080 -- --name udp");
	s = kernel_fake_find(env->k, "--name", AF_INET6, IPPROTO_UDP);
	assert_int_equal(s->frontends[0].addr.family, AF_INET6);
	/* The family may come behind the node port that needs it. */
	ok(env, "add service late udp --frontend nodeport:30081 --endpoint [fd00::1]:53");
	s = kernel_fake_find(env->k, "late", AF_INET6, IPPROTO_UDP);
	assert_int_equal(s->frontends[0].addr.family, AF_INET6);
}

static void test_del(void **state)
{
	struct env *env = *state;

	fill(env);
	ok(env, "del service there tcp");
	assert_null(kernel_fake_find(env->k, "there", AF_INET, IPPROTO_TCP));
	ok(env, "del service both tcp --family=6");
	ok(env, "del service both tcp");
	ok(env, "del service svcds tcp --owner svcd");
	fill(env);
	ok(env, "del service svcds tcp --any-owner");
	assert_int_equal(kernel_fake_services(env->k)->n, 3);
}

static void test_show(void **state)
{
	struct env *env = *state;

	prints(env, "show", "");
	fill(env);
	ok(env, "add service many udp --frontend loadbalancer:192.0.2.7:53 "
		"--endpoint 10.244.1.1:53 --endpoint 10.244.1.2:53 --endpoint 10.244.1.3:53 "
		"--endpoint 10.244.1.4:53 --endpoint 10.244.1.5:53");
	prints(env, "show many",
	       "many UDP IPv4 owner hand\n"
	       "  loadbalancer 192.0.2.7:53\n"
	       "  endpoints    10.244.1.1:53, 10.244.1.2:53, 10.244.1.3:53 + 2 more\n");
	prints(env, "show -v many",
	       "many UDP IPv4 owner hand\n"
	       "  loadbalancer 192.0.2.7:53\n"
	       "  endpoints    10.244.1.1:53, 10.244.1.2:53, 10.244.1.3:53, 10.244.1.4:53, "
	       "10.244.1.5:53\n");
	prints(env, "show -6", "both TCP IPv6 owner hand\n"
			       "  cluster      [fd00::3]:80\n"
			       "  endpoints    none, connections are refused\n");
	prints(env, "show there", "there TCP IPv4 owner hand\n"
				  "  cluster      10.96.0.2:80\n"
				  "  external     192.0.2.1:80\n"
				  "  nodeport     30080\n"
				  "  endpoints    10.244.1.1:8080\n");
	prints(env, "show --owner svcd", "svcds TCP IPv4 owner svcd\n"
					 "  cluster      10.96.0.9:80\n"
					 "  endpoints    none, connections are refused\n");
	prints(env, "show -4 both", "both TCP IPv4 owner hand\n"
				    "  cluster      10.96.0.3:80\n"
				    "  endpoints    none, connections are refused\n");
}

static void test_show_json(void **state)
{
	struct env *env = *state;

	prints(env, "show -j", "[]\n");
	fill(env);
	prints_json(env, "show there -j",
		    "[{'name': 'there', 'family': 'IPv4', 'protocol': 'TCP', 'owner': 'hand',"
		    "  'frontends': [{'kind': 'cluster', 'address': '10.96.0.2', 'port': 80},"
		    "                {'kind': 'external', 'address': '192.0.2.1', 'port': 80},"
		    "                {'kind': 'nodeport', 'port': 30080}],"
		    "  'endpoints': [{'address': '10.244.1.1', 'port': 8080}]}]");
	assert_int_equal(run(env, "show absent -j"), 1);
	assert_string_equal(env->out, "[]\n");
}

static void test_flush(void **state)
{
	struct env *env = *state;

	fill(env);
	prints(env, "flush --owner svcd", "1 service deleted\n");
	prints(env, "flush", "3 services deleted\n");
	prints(env, "flush", "0 services deleted\n");
}

static void test_resolve(void **state)
{
	struct env *env = *state;

	fill(env);
	prints(env, "resolve 10.1.1.1:4000 10.96.0.2:80",
	       "connection     10.1.1.1:4000 -> 10.96.0.2:80/TCP\n"
	       "origin         outside: it comes in, from no pod CIDR\n"
	       "verdict        DNAT: the service has endpoints\n"
	       "service        there owner hand\n"
	       "frontend       cluster\n"
	       "endpoint       10.244.1.1:8080, one of 1\n"
	       "masquerade     no: to a cluster address, and no pod CIDR is set\n");
	ok(env, "settings pod-cidrs 10.244.0.0/16");
	prints(env, "resolve 10.244.1.1 192.0.2.1:80/tcp",
	       "connection     10.244.1.1 -> 192.0.2.1:80/TCP\n"
	       "origin         pod: the source is inside a pod CIDR\n"
	       "verdict        DNAT: the service has endpoints\n"
	       "service        there owner hand\n"
	       "frontend       external\n"
	       "endpoint       one of 1: the source port decides\n"
	       "masquerade     yes: not through a cluster address\n");
	prints(env, "resolve [fd00::9]:7 [fd00::3]:80",
	       "connection     [fd00::9]:7 -> [fd00::3]:80/TCP\n"
	       "origin         outside: it comes in, from no pod CIDR\n"
	       "verdict        REJECT: the service has no endpoints\n"
	       "service        both owner hand\n"
	       "frontend       cluster\n");
	prints(env, "resolve 10.1.1.1 10.96.0.2:80/UDP",
	       "connection     10.1.1.1 -> 10.96.0.2:80/UDP\n"
	       "origin         outside: it comes in, from no pod CIDR\n"
	       "verdict        PASS: no service has this destination\n");
	prints_json(env, "resolve -j 10.244.1.1:5 10.96.0.2:80",
		    "{'family': 'IPv4', 'protocol': 'TCP',"
		    " 'source': {'address': '10.244.1.1', 'port': 5},"
		    " 'destination': {'address': '10.96.0.2', 'port': 80}, 'origin': 'pod',"
		    " 'verdict': 'dnat', 'reason': 'endpoint', 'service': 'there',"
		    " 'owner': 'hand', 'frontend': 'cluster', 'endpoints': 1,"
		    " 'endpoint': {'address': '10.244.1.1', 'port': 8080},"
		    " 'masquerade': true, 'masqueradeReason': 'hairpin'}");
	prints_json(env, "resolve -j 10.1.1.1 10.96.0.2:81",
		    "{'family': 'IPv4', 'protocol': 'TCP', 'source': {'address': '10.1.1.1'},"
		    " 'destination': {'address': '10.96.0.2', 'port': 81}, 'origin': 'outside',"
		    " 'verdict': 'pass', 'reason': 'no-service'}");
}

static void test_settings(void **state)
{
	struct env *env = *state;

	prints(env, "settings pod-cidrs 10.244.0.0/16,fd00:244::/56 max-services 5 "
		    "max-endpoints 4294967295", "");
	prints(env, "settings", "version        1.2.3\n"
				"enabled        yes\n"
				"pod-cidrs      10.244.0.0/16,fd00:244::/56\n"
				"max-services   5\n"
				"max-frontends  262144\n"
				"max-endpoints  4294967295\n"
				"services       0\n"
				"frontends      0\n"
				"endpoints      0\n");
	ok(env, "settings max-frontends 7");
	assert_int_equal(kernel_fake_settings(env->k)->npod_cidrs, 2);
	ok(env, "settings pod-cidrs none");
	prints_json(env, "settings --json",
		    "{'version': '1.2.3', 'enabled': true, 'podCIDRs': [], 'maxServices': 5,"
		    " 'maxFrontends': 7, 'maxEndpoints': 4294967295, 'services': 0,"
		    " 'frontends': 0, 'endpoints': 0}");
}

static void test_version(void **state)
{
	struct env *env = *state;

	prints(env, "version", "svcctl         " SVCNAT_VERSION "\nsvcnat module  1.2.3\n");
	prints(env, "--version", "svcctl         " SVCNAT_VERSION "\nsvcnat module  1.2.3\n");
	prints_json(env, "version -j", "{'svcctl': '" SVCNAT_VERSION "', 'module': '1.2.3'}");
	kernel_fake_break(env->k, EPERM);
	assert_int_equal(run(env, "version"), 1);
	assert_string_equal(env->out, "svcctl         " SVCNAT_VERSION "\n");
	assert_non_null(strstr(env->err, "cannot ask the svcnat module for its version"));
	env->open_code = ENOENT;
	prints(env, "version", "svcctl         " SVCNAT_VERSION "\n"
			       "svcnat module  not loaded: run \"modprobe svcnat\" as root\n");
	prints_json(env, "version -j", "{'svcctl': '" SVCNAT_VERSION "', 'module': null}");
}

static void test_help(void **state)
{
	static const char *const verbs[] = {
		"add", "del", "show", "flush", "resolve", "settings", "version", "create", "get",
		"describe", "delete",
	};
	struct env *env = *state;
	char line[64], usage[64];
	char *help;
	size_t i;

	env->open_code = EIO;	/* help needs no kernel */
	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		snprintf(line, sizeof(line), "help %s", verbs[i]);
		ok(env, line);
		snprintf(usage, sizeof(usage), "usage: svcctl %s", verbs[i]);
		assert_ptr_equal(strstr(env->out, usage), env->out);
		help = strdup(env->out);
		snprintf(line, sizeof(line), "%s nonsense --help", verbs[i]);
		prints(env, line, help);
		free(help);
		ok(env, "--help");
		snprintf(line, sizeof(line), "\n  %s ", verbs[i]);
		assert_non_null(strstr(env->out, line));
	}
	assert_int_equal(run(env, ""), 2);
	assert_non_null(strstr(env->err, "usage: svcctl"));
	ok(env, "--socket /nowhere help");
}

/* Only what changes a namespace holds its connections, and failing to is no failure. */
static void test_hold(void **state)
{
	static const char line[] = "add service web tcp --replace --frontend 10.96.0.1:80";
	struct env *env = *state;

	ok(env, "show");
	ok(env, "settings");
	assert_int_equal(run(env, "del service web tcp"), 1);
	assert_int_equal(kernel_fake_calls(env->k, KERNEL_FAKE_HOLD), 0);
	ok(env, line);
	ok(env, "settings max-services 5");
	assert_int_equal(kernel_fake_calls(env->k, KERNEL_FAKE_HOLD), 2);

	kernel_fake_fail(env->k, KERNEL_FAKE_HOLD, 1, EIO);
	assert_int_equal(run(env, line), 0);
	assert_string_equal(env->err, "svcctl: warning: connections will not outlive the module: "
			    "nothing can be held\n");
}

#define CASE(fn)	cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_wrong_lines),
		CASE(test_name_length),
		CASE(test_kernel_refuses),
		CASE(test_add_forms),
		CASE(test_del),
		CASE(test_show),
		CASE(test_show_json),
		CASE(test_flush),
		CASE(test_resolve),
		CASE(test_settings),
		CASE(test_version),
		CASE(test_help),
		CASE(test_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
