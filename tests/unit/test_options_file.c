// SPDX-License-Identifier: GPL-2.0
#include "err.h"
#include "options.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

struct file_fixture {
	char path[64];
	struct options o;
	struct err e;
};

static int setup(void **state)
{
	struct file_fixture *f = calloc(1, sizeof(*f));

	strcpy(f->path, "/tmp/svcnat-options-XXXXXX");
	close(mkstemp(f->path));
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct file_fixture *f = *state;

	unlink(f->path);
	options_clear(&f->o);
	free(f);
	return 0;
}

static void put(struct file_fixture *f, const char *text)
{
	FILE *out = fopen(f->path, "w");

	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

/* With the file as the usual one, or as --config. */
static int parse(struct file_fixture *f, bool named, const char *line)
{
	char copy[256], *argv[16] = { "svcd" }, *word;
	int argc = 1;

	options_clear(&f->o);
	f->e.text[0] = '\0';
	snprintf(copy, sizeof(copy), "%s%s %s", named ? "--config=" : "", named ? f->path : "",
		 line);
	for (word = strtok(copy, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	return options_parse(&f->o, argc, argv, named ? "/nowhere" : f->path, stdout, &f->e);
}

static const char all[] =
	"# everything\n"
	"nodeName: n1\n"
	"socket: /a/b\n"
	"dataDir: /c\n"
	"manifests: ''\n"
	"podCIDRs: [10.244.0.0/16, fd00:10:244::/56]\n"
	"serviceCIDRs:\n- fd00:10:96::/112\n- 10.97.0.0/16\n"
	"nodePortAddresses: 192.0.2.0/24\n"
	"externalCIDRs: [203.0.113.0/24]\n"
	"masqueradeAll: true\n"
	"loopbackNodePorts: no\n"
	"nodePortRange: 1-65535\n"
	"follow: unix:///run/other.sock\n"
	"healthzBindAddress: 127.0.0.1:1\n"
	"metricsBindAddress: ''\n"
	"metricsEndpoints: false\n"
	"logLevel: debug\n";

static void test_all(void **state)
{
	struct file_fixture *f = *state;
	int named;

	put(f, all);
	for (named = 0; named < 2; named++) {
		if (parse(f, named, ""))
			fail_msg("%s", f->e.text);
		assert_string_equal(f->o.config, f->path);
		assert_string_equal(f->o.node_name, "n1");
		assert_string_equal(f->o.socket, "/a/b");
		assert_string_equal(f->o.data_dir, "/c");
		assert_string_equal(f->o.manifests, "");
		assert_int_equal(f->o.settings.pod_cidrs.n, 2);
		assert_int_equal(f->o.nservice_cidrs, 2);
		assert_int_equal(f->o.service_cidrs[0].addr.family, AF_INET6);
		assert_int_equal(f->o.settings.nodeport_cidrs.n, 1);
		assert_int_equal(f->o.settings.external_cidrs.n, 1);
		assert_true(f->o.settings.masquerade_all);
		assert_false(f->o.settings.loopback_nodeports);
		assert_true(f->o.settings_what & KSETTINGS_LOOPBACK_NODEPORTS);
		assert_int_equal(f->o.node_port_min, 1);
		assert_string_equal(f->o.follow.name, "unix:///run/other.sock");
		assert_int_equal(f->o.healthz.n, 1);
		assert_int_equal(f->o.healthz.port, 1);
		assert_int_equal(f->o.metrics.n, 0);
		assert_false(f->o.metrics_endpoints);
		assert_int_equal(f->o.log_level, LOG_LEVEL_DEBUG);
	}
}

/* What is said on the command line takes the place of what the file says; lists as a whole. */
static void test_command_line_wins(void **state)
{
	struct file_fixture *f = *state;

	put(f, all);
	assert_int_equal(parse(f, true, "--node-name n2 --pod-cidr 10.1.0.0/16 --pod-cidr "
			"10.2.0.0/16 "
			       "--service-cidr 10.96.0.0/16 --log-level error"), 0);
	assert_string_equal(f->o.node_name, "n2");
	assert_string_equal(f->o.socket, "/a/b");
	assert_int_equal(f->o.settings.pod_cidrs.n, 2);
	assert_int_equal(f->o.settings.pod_cidrs.v[0].prefix, 16);
	assert_int_equal(ntohl(f->o.settings.pod_cidrs.v[1].addr.v4.s_addr), 0x0a020000);
	assert_int_equal(f->o.nservice_cidrs, 1);
	assert_int_equal(f->o.settings.service_cidrs.n, 1);
	assert_int_equal(f->o.log_level, LOG_LEVEL_ERROR);
}

static void test_nothing(void **state)
{
	static const char *const texts[] = { "", "# a comment\n", "---\n", "{}\n", "null\n" };
	struct file_fixture *f = *state;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		put(f, texts[i]);
		assert_int_equal(parse(f, true, "--node-name n1"), 0);
		assert_string_equal(f->o.socket, "/run/svcd/svcd.sock");
	}
	/* The usual one need not be there. */
	unlink(f->path);
	assert_int_equal(parse(f, false, "--node-name n1"), 0);
	assert_null(f->o.config);
	assert_int_equal(parse(f, true, "--node-name n1"), -EINVAL);
	assert_non_null(strstr(f->e.text, "cannot be opened: No such file"));
}

static const struct {
	const char *text, *why;	/* behind FILE: */
} bad[] = {
	{ "podCIDR: 10.0.0.0/8\n", ":1:1: podCIDR: there is no such key: see svcd.yaml(5)" },
	{ "a: 1\npod-cidr: 10.0.0.0/8\n", ":1:1: a: there is no such key" },
	{ "nodeName: n1\nnodeName: n2\n", ":2:1: " },
	{ "nodeName: N_1\n", ":1:11: nodeName: \"N_1\" is not a node name" },
	{ "nodeName: [n1]\n", ":1:11: nodeName: this has to be one value" },
	{ "nodeName: null\n", ":1:11: nodeName: this has to be one value" },
	{ "nodeName:\n  a: b\n", ":2:3: nodeName: this has to be one value" },
	{ "podCIDRs:\n- 10.244.0.0/16\n- 10.244.0.0/33\n", ":3:3: podCIDRs[1]: " },
	{ "podCIDRs:\n- [10.244.0.0/16]\n", ":2:3: podCIDRs[0]: this has to be a list of values" },
	{ "externalCIDRs: []\n", ":1:16: externalCIDRs: this list is empty" },
	{ "podCIDRs: {a: b}\n", ":1:11: podCIDRs: this has to be a list of values" },
	{ "serviceCIDRs: [10.96.0.0/12, 10.97.0.0/16]\n", ":1:30: serviceCIDRs[1]: " },
	{ "serviceCIDRs: [fd00::/63]\n", ":1:16: serviceCIDRs[0]: fd00::/63 is too large" },
	{ "masqueradeAll: 1\n", ":1:16: masqueradeAll: \"1\" is neither true nor false" },
	{ "nodePortRange: 30000\n", ":1:16: nodePortRange: " },
	{ "nodePortRange: 1.5\n", ":1:16: nodePortRange: this has to be one value" },
	{ "logFormat: xml\n", ":1:12: logFormat: \"xml\" is not a format" },
	{ "healthzBindAddress: 127.0.0.1\n", ":1:21: healthzBindAddress: the port is missing" },
	{ "metricsBindAddress: :0\n", ":1:21: metricsBindAddress: '0' is not a port" },
	{ "logLevel: loud\n", ":1:11: logLevel: \"loud\" is not a level" },
	{ "follow: http://10.0.0.1\n", ":1:9: follow: " },
	{ "socket: svcd.sock\n", ":1:9: socket: \"svcd.sock\" is not an absolute path" },
	{ "[]\n", ":1:1: this has to be keys and values" },
	{ "nodeName: n1\n---\nsocket: /a\n", ":3:1: this is a second document" },
	{ "nodeName: [\n", ":" },
};

static void test_bad(void **state)
{
	struct file_fixture *f = *state;
	size_t i, n = strlen(f->path);

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		put(f, bad[i].text);
		if (parse(f, false, "") != -EINVAL || strncmp(f->e.text, f->path, n) != 0 ||
		    strncmp(f->e.text + n, bad[i].why, strlen(bad[i].why)) != 0)
			fail_msg("%s: %s", bad[i].text, f->e.text);
	}
}

/* --help asks for no file, and a wrong option is told of before a wrong file. */
static void test_command_line_first(void **state)
{
	struct file_fixture *f = *state;

	put(f, "nonsense: 1\n");
	assert_int_equal(parse(f, true, "--nonsense"), -EINVAL);
	assert_non_null(strstr(f->e.text, "--nonsense is not an option"));
	assert_int_equal(parse(f, true, "--version"), OPTIONS_DONE);
}

static const struct {
	const char *now, *next;
	unsigned int what;
} changes[] = {
	{ "nodeName: n\n", "nodeName: n # the same\n", 0 },
	{ "podCIDRs: [10.1.0.0/16, 10.2.0.0/16]\n", "podCIDRs: [10.2.0.0/16, 10.1.0.0/16]\n", 0 },
	{ "podCIDRs: [10.1.0.0/16]\n", "podCIDRs: [10.2.0.0/16]\n", OPTIONS_SETTINGS },
	{ "podCIDRs: [10.1.0.0/16]\n", "", OPTIONS_SETTINGS },
	{ "", "masqueradeAll: false\n", OPTIONS_SETTINGS },
	{ "masqueradeAll: true\n", "masqueradeAll: false\n", OPTIONS_SETTINGS },
	{ "", "nodePortAddresses: [10.0.0.0/8]\n", OPTIONS_SETTINGS },
	{ "", "externalCIDRs: [10.0.0.0/8]\n", OPTIONS_SETTINGS },
	{ "", "loopbackNodePorts: true\nlogLevel: debug\n", OPTIONS_SETTINGS | OPTIONS_LOG },
	{ "", "logFormat: json\n", OPTIONS_LOG },
	{ "", "healthzBindAddress: ':10256'\nmetricsEndpoints: true\n", 0 },
	{ "", "healthzBindAddress: 0.0.0.0:10256\n", OPTIONS_OBSERVE },
	{ "", "healthzBindAddress: :10257\n", OPTIONS_OBSERVE },
	{ "", "metricsBindAddress: ''\n", OPTIONS_OBSERVE },
	{ "", "metricsEndpoints: false\n", OPTIONS_OBSERVE },
	{ "nodeName: n\n", "nodeName: m\n", OPTIONS_NODE_NAME },
	{ "follow: unix:///a\nnodeName: n\n", "follow: unix:///a\nnodeName: m\n",
	  OPTIONS_NODE_NAME | OPTIONS_SOURCE },
	{ "", "socket: /a\n", OPTIONS_SOCKET },
	{ "", "dataDir: /a\n", OPTIONS_SOURCE },
	{ "dataDir: /tmp\n", "dataDir: /tmp/.\n", 0 },
	{ "dataDir: /a\n", "dataDir: /a/.\n", OPTIONS_SOURCE },
	{ "", "manifests: /a\n", OPTIONS_MANIFESTS },
	{ "manifests: /a\n", "manifests: ''\n", OPTIONS_MANIFESTS },
	{ "", "manifests: /etc/svcd/manifests\n", OPTIONS_MANIFESTS },
	{ "follow: unix:///a\n", "follow: unix:///a\nmanifests: /a\n", 0 },
	{ "", "serviceCIDRs: [10.96.0.0/16]\n", OPTIONS_SETTINGS | OPTIONS_RANGES },
	{ "serviceCIDRs: [10.96.0.0/16, fd00::/112]\n",
	  "serviceCIDRs: [fd00::/112, 10.96.0.0/16]\n", OPTIONS_RANGES },
	{ "", "nodePortRange: 1-5\n", OPTIONS_RANGES },
	{ "", "nodePortRange: 30000-32767\nserviceCIDRs: 10.96.0.0/12\n", OPTIONS_SETTINGS },
	{ "", "follow: unix:///a\n", OPTIONS_SOURCE },
	{ "follow: unix:///a\n", "", OPTIONS_SOURCE },
	{ "follow: unix:///a\n", "follow: unix:///b\n", OPTIONS_SOURCE },
	{ "follow: unix:///a\n", "follow: https://b\ndataDir: /x\nnodePortRange: 1-5\n",
	  OPTIONS_SOURCE },
};

static void test_changes(void **state)
{
	struct file_fixture *f = *state;
	unsigned int what;
	size_t i;

	for (i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		struct options now;

		put(f, changes[i].now);
		assert_int_equal(parse(f, true, ""), 0);
		now = f->o;
		f->o = (struct options){ 0 };
		put(f, changes[i].next);
		assert_int_equal(parse(f, true, ""), 0);
		what = options_changes(&now, &f->o);
		if (what != changes[i].what)
			fail_msg("%s to %s: %x", changes[i].now, changes[i].next, what);
		assert_int_equal(options_changes(&f->o, &f->o), 0);
		options_clear(&now);
	}
}

#define CASE(test)	cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_all),
		CASE(test_command_line_wins),
		CASE(test_nothing),
		CASE(test_bad),
		CASE(test_command_line_first),
		CASE(test_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
