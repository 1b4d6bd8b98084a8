// SPDX-License-Identifier: GPL-2.0
/* Whole command lines of the verbs that talk to the kernel, against the fake. */
#include "client.h"
#include "err.h"
#include "svcctl_env.h"
#include "verbs.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* --- what is wrong --- */

#define ADD	"add service web tcp --frontend 10.96.0.1:80 "
#define NO_FAMILY	"no address says the family of the service: give --family 4 or --family 6"
#define NO_KIND		" is not a kind (cluster, external, loadbalancer, nodeport; " \
			"IPv6 as [ADDR]:PORT)"
#define TOO_LONG	"[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000]" \
			":80/SCTP"
#define USAGE(verb)	"(usage: svcctl " verb " service NAME PROTO ..., or svcctl " verb \
			" endpoint NAME PROTO ADDR:PORT ...)"
#define NO_OPTION	" is not an option of an endpoint (local, local-only, drain, weight=N)"
#define NO_PROTO	" is not a protocol (TCP, UDP, SCTP, icmp, or 0 to 255)"
#define SETTINGS	"pod-cidrs, service-cidrs, nodeport-cidrs, external-cidrs, " \
			"loopback-nodeports, masquerade-all, echo, armed, max-services, " \
			"max-frontends, max-endpoints, max-ranges, max-affinity, max-connections"
#define UDP_TURN	": with this scheduler two first packets of one UDP socket may get two " \
			"endpoints, and one be lost: use hash, source or maglev"
#define WHICH_PORT	" is not a port (1 to 65535)"

static const struct ctl_wrong wrongs[] = {
	{ 2, "add", "add what? (usage: svcctl add service NAME PROTO ...)" },
	{ 2, "add frontend web tcp", "cannot add a 'frontend' " USAGE("add") },
	{ 2, "add service", "the service's name is missing" },
	{ 2, "add service web", "the protocol is missing: TCP, UDP or SCTP" },
	{ 2, "add service web icmp", "'icmp' is not a protocol (TCP, UDP, SCTP)" },
	{ 2, "add service '' tcp", "the service's name is empty" },
	{ 2, "add service web tcp more", "unexpected argument 'more'" },
	{ 2, "add service web tcp", NO_FAMILY },
	{ 2, "add service web tcp --frontend nodeport:30080", NO_FAMILY },
	{ 2, "add service web tcp --frontend", "flag needs an argument: --frontend" },
	{ 2, "add service web tcp --front 10.96.0.1:80", "unknown flag: --front" },
	{ 2, "add service web tcp -x", "unknown shorthand flag: 'x' in -x" },
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
	{ 2, ADD "--family", "flag needs an argument: --family" },
	{ 2, ADD "--owner ''", "--owner : the owner is empty" },
	{ 2, ADD "--owner xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	  "--owner xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx: the owner has 32 bytes, 31 are allowed: "
	  "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'" },
	{ 2, ADD "--replace=yes", "--replace takes no value" },
	{ 2, ADD "--endpoint 10.244.1.1:80,",
	  "--endpoint 10.244.1.1:80,: ''" NO_OPTION },
	{ 2, ADD "--endpoint 10.244.1.1,local:80",
	  "--endpoint 10.244.1.1,local:80: the port is missing (write ADDR:PORT)" },
	{ 2, ADD "--endpoint 10.244.1.1:80,Local",
	  "--endpoint 10.244.1.1:80,Local: 'Local'" NO_OPTION },
	{ 2, ADD "--endpoint 10.244.1.1:80,local,drain",
	  "--endpoint 10.244.1.1:80,local,drain: drain does not go with local" },
	{ 2, ADD "--endpoint 10.244.1.1:80,local-only,local-only",
	  "--endpoint 10.244.1.1:80,local-only,local-only: local-only is given twice" },
	{ 2, ADD "--endpoint 10.244.1.1:80,weight=1,weight=1",
	  "--endpoint 10.244.1.1:80,weight=1,weight=1: weight is given twice" },
	{ 2, ADD "--endpoint 10.244.1.1:80,weight=257",
	  "--endpoint 10.244.1.1:80,weight=257: weight: '257' is not a number from 0 to 256" },
	{ 2, ADD "--endpoint 10.244.1.1:80,weight=",
	  "--endpoint 10.244.1.1:80,weight=: weight: '' is not a number from 0 to 256" },
	{ 2, ADD "--endpoint 10.244.1.1:80,weight",
	  "--endpoint 10.244.1.1:80,weight: 'weight'" NO_OPTION },
	{ 2, ADD "--scheduler lc",
	  "--scheduler lc: there is no such scheduler (hash, source, maglev, rr, leastconn)" },
	{ 2, ADD "--scheduler", "flag needs an argument: --scheduler" },
	{ 2, "add service web udp --frontend 10.96.0.1:80 --scheduler rr",
	  "--scheduler rr" UDP_TURN },
	{ 2, "add service web udp --frontend 10.96.0.1:80 --scheduler leastconn",
	  "--scheduler leastconn" UDP_TURN },
	{ 2, ADD "--affinity 0", "--affinity 0: '0' is not a number from 1 to 86400" },
	{ 2, ADD "--affinity 86401", "--affinity 86401: '86401' is not a number from 1 to 86400" },
	{ 2, ADD "--affinity 5s", "--affinity 5s: '5s' is not a number from 1 to 86400" },
	{ 2, ADD "--internal-local=yes", "--internal-local takes no value" },
	{ 2, ADD "--source-range 192.0.2.1",
	  "--source-range 192.0.2.1: '192.0.2.1' is not ADDRESS/PREFIX" },
	{ 2, ADD "--source-range 192.0.2.1/24",
	  "--source-range 192.0.2.1/24: '192.0.2.1/24' has bits set past its prefix: write it "
	  "as 192.0.2.0/24" },
	{ 2, ADD "--source-range 2001:db8::/32",
	  "--source-range 2001:db8::/32: is IPv6, but --frontend 10.96.0.1:80 is IPv4: a service "
	  "has one family" },
	{ 1, ADD "--source-range 192.0.2.0/24 --source-range 192.0.2.0/24",
	  "cannot add service 'web' (TCP): a source range stands twice" },

	{ 2, "add endpoint", "the service's name is missing" },
	{ 2, "add endpoint there", "the protocol is missing: TCP, UDP or SCTP" },
	{ 2, "add endpoint there tcp", "the endpoint is missing: ADDR:PORT" },
	{ 2, "add endpoint there icmp 10.244.1.2:80",
	  "'icmp' is not a protocol (TCP, UDP, SCTP)" },
	{ 2, "add endpoint there tcp 10.244.1.2",
	  "endpoint 10.244.1.2: the port is missing (write ADDR:PORT)" },
	{ 2, "add endpoint there tcp 10.244.1.2:80,none",
	  "endpoint 10.244.1.2:80,none: 'none'" NO_OPTION },
	{ 2, "add endpoint there tcp 10.244.1.2:80 [fd00::2]:80",
	  "endpoint [fd00::2]:80: is IPv6, but endpoint 10.244.1.2:80 is IPv4: a service has one "
	  "family" },
	{ 2, "add endpoint there tcp 10.244.1.2:80 --family 6",
	  "--family 6: is IPv6, but endpoint 10.244.1.2:80 is IPv4: a service has one family" },
	{ 2, "add endpoint there tcp 10.244.1.2:80 --weight 0", "unknown flag: --weight" },
	{ 2, "add endpoint there tcp 10.244.1.2:80 --replace", "unknown flag: --replace" },
	{ 2, "add endpoint there tcp 10.244.1.2:80 --owner x --any-owner",
	  "--any-owner does not go with --owner x" },
	{ 1, "add endpoint absent tcp 10.244.1.2:80",
	  "cannot add endpoints to service 'absent' (TCP): there is no such service" },
	{ 1, "add endpoint there tcp [fd00::2]:80",
	  "cannot add endpoints to service 'there' (TCP): there is no such service" },
	{ 1, "add endpoint svcds tcp 10.244.1.2:80",
	  "cannot add endpoints to service 'svcds' (TCP): the service belongs to owner 'svcd'" },
	{ 1, "add endpoint there tcp 10.244.1.2:80 10.244.1.2:80,drain",
	  "cannot add endpoints to service 'there' (TCP): the endpoint 10.244.1.2:80 stands "
	  "twice" },

	{ 2, "del endpoint there tcp", "the endpoint is missing: ADDR:PORT" },
	{ 2, "del endpoint there tcp 10.244.1.1:8080,drain",
	  "endpoint 10.244.1.1:8080,drain: options have no meaning here (write ADDR:PORT)" },
	{ 1, "del endpoint there tcp 10.244.1.1:80",
	  "cannot delete endpoints of service 'there' (TCP): the service has no endpoint "
	  "10.244.1.1:80/TCP" },
	{ 1, "del endpoint there tcp 10.244.1.1:8080 10.244.1.1:80",
	  "cannot delete endpoints of service 'there' (TCP): the service has no endpoint "
	  "10.244.1.1:80/TCP" },
	{ 1, "del endpoint there tcp 10.244.1.1:8080 --owner me",
	  "cannot delete endpoints of service 'there' (TCP): the service belongs to owner "
	  "'hand'" },
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
	{ 2, "del there tcp", "cannot del a 'there' " USAGE("del") },
	{ 2, "del service there", "the protocol is missing: TCP, UDP or SCTP" },
	{ 2, "del service there tcp udp", "unexpected argument 'udp'" },
	{ 2, "del service there tcp --family 7", "--family 7: '7' is not 4 or 6" },
	{ 2, "del service there tcp --any", "unknown flag: --any" },
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
	{ 2, "show --owner", "flag needs an argument: --owner" },
	{ 2, "show --owner ''", "--owner : the owner is empty" },
	{ 2, "show -jx", "unknown shorthand flag: 'x' in -jx" },
	{ 1, "show absent", "there is no such service: 'absent'" },
	{ 1, "show both --owner nobody", "there is no such service: 'both'" },

	{ 2, "flush all", "unexpected argument 'all'" },
	{ 2, "flush --owner ''", "--owner : the owner is empty" },

	{ 2, "resolve", "the source is missing: SRC[:PORT]" },
	{ 2, "resolve 10.1.1.1", "the destination is missing: DST:PORT[/PROTO]" },
	{ 2, "resolve 10.1.1.1 10.96.0.1:80 -i no-such0",
	  "there is no interface 'no-such0' here" },
	{ 2, "resolve x 10.96.0.1:80", "source x: 'x' is not an IP address" },
	{ 2, "resolve 10.1.1.1:x 10.96.0.1:80", "source 10.1.1.1:x: 'x'" WHICH_PORT },
	{ 2, "resolve 10.1.1.1 10.96.0.1",
	  "destination 10.96.0.1: the port is missing (write ADDR:PORT)" },
	{ 2, "resolve 10.1.1.1 10.96.0.1:80/icmp",
	  "destination 10.96.0.1:80/icmp: 'icmp' has no ports (write ADDR/icmp)" },
	{ 2, "resolve 10.1.1.1 10.96.0.1:80/47",
	  "destination 10.96.0.1:80/47: '47' has no ports (write ADDR/47)" },
	{ 2, "resolve 10.1.1.1:7 10.96.0.1/icmp",
	  "source 10.1.1.1:7: the protocol of the destination 10.96.0.1/icmp has no ports" },
	{ 2, "resolve 10.1.1.1 10.96.0.1/6",
	  "destination 10.96.0.1/6: the port is missing (write ADDR:PORT)" },
	{ 2, "resolve 10.1.1.1 10.96.0.1/256", "destination 10.96.0.1/256: '256'" NO_PROTO },
	{ 2, "resolve 10.1.1.1 10.96.0.1/ip", "destination 10.96.0.1/ip: 'ip'" NO_PROTO },
	{ 2, "resolve 10.1.1.1 10.96.0.1:80/", "destination 10.96.0.1:80/: ''" NO_PROTO },
	{ 2, "resolve 10.1.1.1 [fd00::1]:80",
	  "destination [fd00::1]:80: is not of the source's family (IPv4)" },
	{ 2, "resolve 10.1.1.1 10.96.0.1:80 more", "unexpected argument 'more'" },
	{ 2, "resolve 10.1.1.1 " TOO_LONG,
	  "destination " TOO_LONG ": this is too long for ADDR:PORT/PROTO" },

	{ 2, "settings nonsense 1",
	  "'nonsense' is not a setting (" SETTINGS ")" },
	{ 2, "settings --pod-cidrs none", "unknown flag: --pod-cidrs" },
	{ 2, "settings max-services", "max-services needs a value" },
	{ 2, "settings max-services 0",
	  "max-services 0: '0' is not a number from 1 to 4294967295" },
	{ 2, "settings max-endpoints -1", "unknown shorthand flag: '1' in -1" },
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
	{ 2, "settings echo yes", "echo yes: 'yes' is not on or off" },
	{ 2, "settings echo on armed", "armed needs a value" },
	{ 2, "settings echo off echo off", "echo is given twice" },
	{ 2, "settings external-cidrs none,none",
	  "external-cidrs none,none: 'none' is not ADDRESS/PREFIX" },
	{ 1, "settings external-cidrs 198.51.100.0/24",
	  "service 'there' of owner 'hand' has the external address 192.0.2.1" },
	{ 2, "settings max-services 5 -j", "--json does not go with a change: nothing is shown" },

	{ 2, "stats there",
	  "unexpected argument 'there' (of a service: svcctl stats services there)" },
	{ 2, "stats services there more", "unexpected argument 'more'" },
	{ 2, "stats --owner hand", "--owner is for services (svcctl stats services --owner ...)" },
	{ 2, "stats --family=4", "--family is for services (svcctl stats services --family ...)" },
	{ 2, "stats services --proto icmp",
	  "--proto icmp: 'icmp' is not a protocol (TCP, UDP, SCTP)" },
	{ 2, "stats services --owner ''", "--owner : the owner is empty" },
	{ 2, "stats services -v", "unknown shorthand flag: 'v' in -v" },
	{ 1, "stats services absent", "there is no such service: 'absent'" },
	{ 1, "stats services there --proto udp", "there is no such service: 'there'" },

	{ 2, "affinity", "show or flush? (usage: svcctl affinity show|flush [NAME])" },
	{ 2, "affinity there",
	  "'there' is not show or flush (usage: svcctl affinity show|flush [NAME])" },
	{ 2, "affinity show there more", "unexpected argument 'more'" },
	{ 2, "affinity flush --client there", "--client there: 'there' is not an IP address" },
	{ 2, "affinity flush --client fd00::1 --family 4",
	  "--family 4: is IPv4, but --client fd00::1 is IPv6: a service has one family" },
	{ 2, "affinity flush --any", "unknown flag: --any" },
	{ 1, "affinity show absent", "there is no such service: 'absent'" },
	{ 1, "affinity flush absent", "there is no such service: 'absent'" },
	{ 1, "affinity show there --family 6", "there is no such service: 'there'" },

	{ 2, "monitor there", "unexpected argument 'there'" },
	{ 2, "monitor -x", "unknown shorthand flag: 'x' in -x" },
	{ 2, "save there", "unexpected argument 'there'" },
	{ 2, "save --owner ''", "--owner : the owner is empty" },
	{ 2, "save -j", "unknown shorthand flag: 'j' in -j" },
	{ 2, "restore a b", "unexpected argument 'b'" },
	{ 2, "restore --owner hand", "unknown flag: --owner" },
	{ 2, "restore /nowhere/at/all", "/nowhere/at/all: No such file or directory" },
	{ 2, "version x", "unexpected argument 'x'" },
};

static void fill(struct ctl_env *env)
{
	ctl_ok(env, "add service there tcp --frontend 10.96.0.2:80 "
	       "--frontend external:192.0.2.1:80 "
	       "--frontend nodeport:30080 --endpoint 10.244.1.1:8080");
	ctl_ok(env, "add service both tcp --frontend 10.96.0.3:80");
	ctl_ok(env, "add service both tcp --frontend [fd00::3]:80");
	ctl_ok(env, "add service svcds tcp --frontend 10.96.0.9:80 --owner svcd");
}

static void test_wrong_lines(void **state)
{
	struct ctl_env *env = *state;

	fill(env);
	ctl_all_wrong(env, wrongs, sizeof(wrongs) / sizeof(wrongs[0]));
}

static void test_name_length(void **state)
{
	struct ctl_env *env = *state;
	char line[512], name[SVCNAT_NAME_MAX + 2];

	memset(name, 'n', sizeof(name));
	name[SVCNAT_NAME_MAX] = '\0';
	snprintf(line, sizeof(line), "add service %s tcp --family 4", name);
	ctl_ok(env, line);
	name[SVCNAT_NAME_MAX] = 'n';
	name[SVCNAT_NAME_MAX + 1] = '\0';
	snprintf(line, sizeof(line), "add service %s tcp --family 4", name);
	assert_int_equal(ctl_run(env, line), 2);
	assert_non_null(strstr(env->err, "has 256 bytes, 255 are allowed"));
}

/* Each verb that asks the kernel: its refusal, and a kernel without the module. */
static void test_kernel_refuses(void **state)
{
	static const char *const lines[] = {
		ADD, "del service there tcp", "del service there tcp --family 4", "show", "show -j",
		"flush", "resolve 10.1.1.1 10.96.0.2:80", "settings", "settings max-services 5",
		"add endpoint there tcp 10.244.1.2:80", "del endpoint there tcp 10.244.1.2:80",
		"stats", "stats services", "affinity show", "affinity flush", "monitor", "save",
		"save --owner hand", "restore",
	};
	struct ctl_env *env = *state;
	char line[256];
	size_t i;

	env->in = "settings echo on\n";
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		snprintf(line, sizeof(line), "%.*s", (int)(strlen(lines[i]) - (i == 0)), lines[i]);
		env->open_code = 0;
		kernel_fake_break(env->k, EPERM);
		assert_int_equal(ctl_run(env, line), 1);
		assert_non_null(strstr(env->err, "the test asked for this"));
		assert_string_equal(env->out, "");
		env->open_code = ENOENT;
		assert_int_equal(ctl_run(env, line), 1);
		assert_string_equal(env->err, "svcctl: the svcnat module is not loaded\n");
	}
}

/* --- what is right --- */

static void test_add_forms(void **state)
{
	struct ctl_env *env = *state;
	const struct kservice *s;

	ctl_ok(env, "add --endpoint=10.244.1.1:8080 service --frontend=external:10.96.0.1:80 web "
	       "--replace SCTP --owner=me");
	s = kernel_fake_find(env->k, "web", AF_INET, IPPROTO_SCTP);
	assert_non_null(s);
	assert_string_equal(s->owner, "me");
	assert_int_equal(s->frontends[0].kind, SVCNAT_KIND_EXTERNAL);
	assert_int_equal(s->endpoints[0].port, 8080);
	ctl_ok(env, "add service web SCTP --frontend 10.96.0.1:81 --replace --owner me");
	s = kernel_fake_find(env->k, "web", AF_INET, IPPROTO_SCTP);
	assert_int_equal(s->frontends[0].kind, SVCNAT_KIND_CLUSTER);
	assert_int_equal(s->frontends[0].port, 81);
	assert_int_equal(s->nendpoints, 0);
	ctl_ok(env, "add service --family 6 --frontend nodeport:30080 -- --name udp");
	s = kernel_fake_find(env->k, "--name", AF_INET6, IPPROTO_UDP);
	assert_int_equal(s->frontends[0].addr.family, AF_INET6);
	/* The family may come behind the node port that needs it. */
	ctl_ok(env, "add service late udp --frontend nodeport:30081 --endpoint [fd00::1]:53");
	s = kernel_fake_find(env->k, "late", AF_INET6, IPPROTO_UDP);
	assert_int_equal(s->frontends[0].addr.family, AF_INET6);
}

static void test_del(void **state)
{
	struct ctl_env *env = *state;

	fill(env);
	ctl_ok(env, "del service there tcp");
	assert_null(kernel_fake_find(env->k, "there", AF_INET, IPPROTO_TCP));
	ctl_ok(env, "del service both tcp --family=6");
	ctl_ok(env, "del service both tcp");
	ctl_ok(env, "del service svcds tcp --owner svcd");
	fill(env);
	ctl_ok(env, "del service svcds tcp --any-owner");
	assert_int_equal(kernel_fake_services(env->k)->n, 3);
}

static void test_show(void **state)
{
	struct ctl_env *env = *state;

	ctl_prints(env, "show", "");
	fill(env);
	ctl_ok(env, "add service many udp --frontend loadbalancer:192.0.2.7:53 "
	       "--endpoint 10.244.1.1:53 --endpoint 10.244.1.2:53 --endpoint 10.244.1.3:53 "
	       "--endpoint 10.244.1.4:53 --endpoint 10.244.1.5:53");
	ctl_prints(env, "show many",
		   "many UDP IPv4 owner hand\n"
		   "  loadbalancer 192.0.2.7:53\n"
		   "  endpoints    10.244.1.1:53, 10.244.1.2:53, 10.244.1.3:53 + 2 more\n");
	ctl_prints(env, "show -v many",
		   "many UDP IPv4 owner hand\n"
		   "  loadbalancer 192.0.2.7:53\n"
		   "  endpoints    10.244.1.1:53, 10.244.1.2:53, 10.244.1.3:53, 10.244.1.4:53, "
		   "10.244.1.5:53\n");
	ctl_prints(env, "show -6", "both TCP IPv6 owner hand\n"
				   "  cluster      [fd00::3]:80\n"
				   "  endpoints    none, connections are refused\n");
	ctl_prints(env, "show there", "there TCP IPv4 owner hand\n"
				      "  cluster      10.96.0.2:80\n"
				      "  external     192.0.2.1:80\n"
				      "  nodeport     30080\n"
				      "  endpoints    10.244.1.1:8080\n");
	ctl_prints(env, "show --owner svcd", "svcds TCP IPv4 owner svcd\n"
					     "  cluster      10.96.0.9:80\n"
					     "  endpoints    none, connections are refused\n");
	ctl_prints(env, "show -4 both", "both TCP IPv4 owner hand\n"
					"  cluster      10.96.0.3:80\n"
					"  endpoints    none, connections are refused\n");
}

static void test_show_json(void **state)
{
	struct ctl_env *env = *state;

	ctl_prints(env, "show -j", "[]\n");
	fill(env);
	ctl_prints_json(env, "show there -j",
			"[{'name': 'there', 'family': 'IPv4', 'protocol': 'TCP', 'owner': 'hand',"
			"  'frontends': [{'kind': 'cluster', 'address': '10.96.0.2', 'port': 80},"
			"                {'kind': 'external', 'address': '192.0.2.1', 'port': 80},"
			"                {'kind': 'nodeport', 'port': 30080}],"
			"  'endpoints': [{'address': '10.244.1.1', 'port': 8080}]}]");
	assert_int_equal(ctl_run(env, "show absent -j"), 1);
	assert_string_equal(env->out, "[]\n");
}

static void test_flush(void **state)
{
	struct ctl_env *env = *state;

	fill(env);
	ctl_prints(env, "flush --owner svcd", "1 service deleted\n");
	ctl_prints(env, "flush", "3 services deleted\n");
	ctl_prints(env, "flush", "0 services deleted\n");
}

static void test_settings(void **state)
{
	struct ctl_env *env = *state;

	ctl_prints(env, "settings pod-cidrs 10.244.0.0/16,fd00:244::/56 max-services 5 "
		   "max-endpoints 4294967295", "");
	ctl_prints(env, "settings", "version             1.2.3\n"
				    "enabled             yes\n"
				    "pod-cidrs           10.244.0.0/16,fd00:244::/56\n"
				    "service-cidrs       none\n"
				    "nodeport-cidrs      none\n"
				    "external-cidrs      none\n"
				    "loopback-nodeports  off\n"
				    "masquerade-all      off\n"
				    "echo                on\n"
				    "armed               off\n"
				    "max-services        5\n"
				    "max-frontends       262144\n"
				    "max-endpoints       4294967295\n"
				    "max-ranges          1048576\n"
				    "max-affinity        1048576\n"
				    "max-connections     1048576\n"
				    "services            0\n"
				    "frontends           0\n"
				    "endpoints           0\n"
				    "ranges              0\n"
				    "affinity            0\n"
				    "connections         0\n");
	ctl_ok(env, "settings max-frontends 7 echo off armed on");
	assert_int_equal(kernel_fake_settings(env->k)->pod_cidrs.n, 2);
	ctl_ok(env, "settings pod-cidrs none service-cidrs 10.96.0.0/12 loopback-nodeports on "
	       "masquerade-all on");
	ctl_ok(env, "settings nodeport-cidrs 192.0.2.0/24 external-cidrs 198.51.100.0/24 "
	       "max-ranges 8 max-affinity 9 max-connections 10");
	ctl_ok(env, "add service web tcp --frontend 10.96.0.1:80 --source-range 10.0.0.0/8 "
	       "--endpoint 10.244.1.1:80");
	ctl_prints_json(env, "settings --json",
			"{'version': '1.2.3', 'enabled': true, 'podCIDRs': [],"
			" 'serviceCIDRs': ['10.96.0.0/12'], 'nodePortCIDRs': ['192.0.2.0/24'],"
			" 'externalCIDRs': ['198.51.100.0/24'], 'loopbackNodePorts': true,"
			" 'masqueradeAll': true, 'echo': false, 'armed': true, 'maxServices': 5,"
			" 'maxFrontends': 7, 'maxEndpoints': 4294967295, 'maxRanges': 8,"
			" 'maxAffinity': 9, 'maxConnections': 10, 'services': 1, 'frontends': 1,"
			" 'endpoints': 1, 'ranges': 1, 'affinity': 0, 'connections': 0}");
	ctl_ok(env, "settings armed off echo on");
	assert_false(kernel_fake_settings(env->k)->armed);
	assert_true(kernel_fake_settings(env->k)->echo);
	assert_true(kernel_fake_settings(env->k)->masquerade_all);
}

#define NO_SVCD		"svcd           does not answer\n"
#define NO_SVCD_JSON	", 'svcd': null}"

static void test_version(void **state)
{
	struct ctl_env *env = *state;

	kernel_fake_set_version(env->k, SVCNAT_VERSION);
	ctl_prints(env, "version", "svcctl         " SVCNAT_VERSION "\nsvcnat module  "
				   SVCNAT_VERSION "\n" NO_SVCD);
	ctl_prints(env, "--version", "svcctl         " SVCNAT_VERSION "\nsvcnat module  "
				     SVCNAT_VERSION "\n" NO_SVCD);
	ctl_prints_json(env, "version -j", "{'svcctl': '" SVCNAT_VERSION "', 'module': '"
					   SVCNAT_VERSION "'" NO_SVCD_JSON);
	kernel_fake_break(env->k, EPERM);
	assert_int_equal(ctl_run(env, "version"), 1);
	assert_string_equal(env->out, "svcctl         " SVCNAT_VERSION "\n");
	assert_non_null(strstr(env->err, "cannot ask the svcnat module for its version"));
	env->open_code = ENOENT;
	ctl_prints(env, "version", "svcctl         " SVCNAT_VERSION "\n"
				   "svcnat module  not loaded: run \"modprobe svcnat\" as root\n"
				   NO_SVCD);
	ctl_prints_json(env, "version -j", "{'svcctl': '" SVCNAT_VERSION "', 'module': null"
					   NO_SVCD_JSON);
}

/* arg: the body */
static int answer(void *arg, const struct client_request *req, client_sink *sink, void *sink_arg,
		  long *code, struct err *e)
{
	(void)e;
	assert_string_equal(req->path, "/version");
	*code = strstr(arg, "Failure") ? 403 : 200;
	sink(sink_arg, arg, strlen(arg));
	return 0;
}

static void close_nothing(void *arg)
{
	(void)arg;
}

#define OF_SVCD(v)	"{\"major\": \"1\", \"gitVersion\": \"v1.36.0" v "\"}"
#define VERSIONS(module, svcd)	"svcctl         " SVCNAT_VERSION "\nsvcnat module  " module \
				"\nsvcd           " svcd "\n"

static void test_versions_differ(void **state)
{
	static const struct client_transport transport = { .request = answer,
							   .close = close_nothing };
	struct ctl_env *env = *state;

	env->transport = &transport;
	kernel_fake_set_version(env->k, SVCNAT_VERSION);
	env->transport_arg = (void *)OF_SVCD("+svcd-" SVCNAT_VERSION);
	ctl_prints(env, "version", VERSIONS(SVCNAT_VERSION, SVCNAT_VERSION));
	/* A server of another kind, and one that refuses. */
	env->transport_arg = (void *)OF_SVCD("");
	ctl_prints(env, "version", VERSIONS(SVCNAT_VERSION, "does not answer"));
	env->transport_arg = (void *)"{\"kind\": \"Status\", \"status\": \"Failure\"}";
	ctl_prints(env, "version", VERSIONS(SVCNAT_VERSION, "does not answer"));

	env->transport_arg = (void *)OF_SVCD("+svcd-0.0.7");
	assert_int_equal(ctl_run(env, "version"), 0);
	assert_string_equal(env->out, VERSIONS(SVCNAT_VERSION, "0.0.7"));
	assert_string_equal(env->err, "svcctl: warning: svcd is of version 0.0.7, and this svcctl "
			    "of " SVCNAT_VERSION ": install both from one release, and run "
			    "\"systemctl restart svcd\"\n");
	kernel_fake_set_version(env->k, "1.2.3");
	env->transport_arg = (void *)OF_SVCD("+svcd-" SVCNAT_VERSION);
	assert_int_equal(ctl_run(env, "version -j"), 0);
	assert_non_null(strstr(env->out, "\"svcd\": \"" SVCNAT_VERSION "\""));
	assert_string_equal(env->err, "svcctl: warning: the svcnat module that is loaded is of "
			    "version 1.2.3, and this svcctl of " SVCNAT_VERSION ": what the older "
			    "one does not know it refuses; install both from one release, and run "
			    "\"svcctl upgrade\"\n");
}

static void test_help(void **state)
{
	static const char *const verbs[] = {
		"add", "del", "show", "flush", "resolve", "settings", "version", "create", "get",
		"describe", "delete", "stats", "affinity", "monitor", "save", "restore", "top",
		"upgrade", "apply", "replace", "patch", "label", "annotate", "wait", "status",
		"expose",
	};
	struct ctl_env *env = *state;
	char line[64], usage[64];
	char *help;
	size_t i;

	env->open_code = EIO;	/* help needs no kernel */
	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		snprintf(line, sizeof(line), "help %s", verbs[i]);
		ctl_ok(env, line);
		snprintf(usage, sizeof(usage), "usage: svcctl %s", verbs[i]);
		assert_ptr_equal(strstr(env->out, usage), env->out);
		help = strdup(env->out);
		snprintf(line, sizeof(line), "%s nonsense --help", verbs[i]);
		ctl_prints(env, line, help);
		snprintf(line, sizeof(line), "\nExample: svcctl %s", verbs[i]);
		assert_non_null(strstr(help, line));
		free(help);
		ctl_ok(env, "--help");
		snprintf(line, sizeof(line), "\n  %s ", verbs[i]);
		assert_non_null(strstr(env->out, line));
	}
	assert_int_equal(ctl_run(env, ""), 1);
	assert_non_null(strstr(env->err, "usage: svcctl"));
	ctl_ok(env, "--socket /nowhere help");
}

/* Only what changes a namespace holds its connections, and failing to is no failure. */
static void test_hold(void **state)
{
	static const char line[] = "add service web tcp --replace --frontend 10.96.0.1:80";
	struct ctl_env *env = *state;

	ctl_ok(env, "show");
	ctl_ok(env, "settings");
	assert_int_equal(ctl_run(env, "del service web tcp"), 1);
	assert_int_equal(kernel_fake_calls(env->k, KERNEL_FAKE_HOLD), 0);
	ctl_ok(env, line);
	ctl_ok(env, "settings max-services 5");
	assert_int_equal(kernel_fake_calls(env->k, KERNEL_FAKE_HOLD), 2);

	kernel_fake_fail(env->k, KERNEL_FAKE_HOLD, 1, EIO);
	assert_int_equal(ctl_run(env, line), 0);
	assert_string_equal(env->err, "svcctl: warning: connections will not outlive the module: "
			    "nothing can be held\n");
}

#define CASE(fn)	cmocka_unit_test_setup_teardown(fn, ctl_setup, ctl_teardown)

#define SEE	"See 'svcctl help' for usage.\n"

/* Before it is known which verb it is: as kubectl says it. */
static void test_no_verb(void **state)
{
	static const struct ctl_wrong rows[] = {
		{ 1, "nonsense", "error: unknown command \"nonsense\" for \"svcctl\"\n" SEE },
		{ 1, "ad service web tcp", "error: unknown command \"ad\" for \"svcctl\"\n\n"
		  "Did you mean this?\n\tadd\n\n" SEE },
		{ 1, "gett svc", "error: unknown command \"gett\" for \"svcctl\"\n\n"
		  "Did you mean this?\n\tget\n\n" SEE },
		{ 1, "a-verb-that-is-longer-than-any-other-one-could-ever-be",
		  "error: unknown command "
		  "\"a-verb-that-is-longer-than-any-other-one-could-ever-be\" for \"svcctl\"\n"
		  SEE },
		{ 1, "--nonsense show", "error: unknown flag: --nonsense\n" SEE },
		{ 1, "--socket", "error: --socket needs a path\n" SEE },
		{ 1, "--socket= show", "error: --socket needs a path\n" SEE },
		{ 1, "help nonsense", "error: unknown command \"nonsense\" for \"svcctl\"\n" SEE },
		{ 1, "help add del",
		  "error: unexpected argument 'del' (usage: svcctl help [VERB])\n" SEE },
		{ 1, "show --color=red",
		  "error: --color=red: must be auto, always or never\n" SEE },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ctl_fails(*state, rows[i].line, rows[i].code, rows[i].err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_no_verb),
		CASE(test_wrong_lines),
		CASE(test_name_length),
		CASE(test_kernel_refuses),
		CASE(test_add_forms),
		CASE(test_del),
		CASE(test_show),
		CASE(test_show_json),
		CASE(test_flush),
		CASE(test_settings),
		CASE(test_version),
		CASE(test_versions_differ),
		CASE(test_help),
		CASE(test_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
