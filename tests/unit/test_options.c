// SPDX-License-Identifier: GPL-2.0
#include "err.h"
#include "jx.h"
#include "options.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

static int parse(struct options *o, char *line, char **printed, struct err *e)
{
	char *argv[48] = { "svcd" }, *word;
	size_t size = 0;
	int argc = 1, ret;
	FILE *out;

	for (word = strtok(line, " "); word; word = strtok(NULL, " "))
		argv[argc++] = strcmp(word, "''") == 0 ? "" : word;
	out = open_memstream(printed, &size);
	ret = options_parse(o, argc, argv, NULL, out, e);
	fclose(out);
	return ret;
}

static void test_defaults(void **state)
{
	struct err e = { "" };
	char buf[INET6_ADDRSTRLEN + 4];
	char line[] = "--node-name k8node1.net";
	char *printed = NULL;
	struct options o;

	(void)state;
	assert_int_equal(parse(&o, line, &printed, &e), 0);
	assert_string_equal(o.node_name, "k8node1.net");
	assert_string_equal(o.socket, "/run/svcd/svcd.sock");
	assert_string_equal(o.data_dir, "/var/lib/svcd");
	assert_string_equal(o.manifests, "/etc/svcd/manifests");
	assert_false(o.manifests_named);
	assert_null(o.follow.name);
	assert_int_equal(o.nservice_cidrs, 1);
	/* The kernel's settings are left alone, also the service CIDRs: they are a mere default. */
	assert_int_equal(o.settings_what, 0);
	assert_string_equal(ip_cidr_print(&o.service_cidrs[0], buf), "10.96.0.0/12");
	assert_int_equal(o.node_port_min, 30000);
	assert_int_equal(o.node_port_max, 32767);
	assert_int_equal(o.log_level, LOG_LEVEL_INFO);
	assert_int_equal(o.healthz.n, 2);
	assert_int_equal(o.healthz.port, 10256);
	assert_int_equal(o.metrics.n, 1);
	assert_int_equal(ntohl(o.metrics.addrs[0].v4.s_addr), INADDR_LOOPBACK);
	assert_int_equal(o.metrics.port, 10249);
	assert_true(o.metrics_endpoints);
	assert_string_equal(printed, "");
	options_clear(&o);
	free(printed);
}

static void test_all_given(void **state)
{
	char line[] = "--node-name=n1 --socket /a/b --data-dir /c --manifests /m "
		      "--pod-cidr 10.244.0.0/16 "
		      "--pod-cidr fd00:10:244::/56 --service-cidr fd00:10:96::/112 "
		      "--service-cidr 10.97.0.0/16 --node-port-range 1-65535 "
		      "--nodeport-cidr 192.0.2.0/24 --external-cidr 203.0.113.0/24 "
		      "--external-cidr 2001:db8::/32 --external-cidr 203.0.113.0/24 "
		      "--masquerade-all --loopback-nodeports=true "
		      "--follow unix:///run/other.sock --log-level debug "
		      "--healthz-bind-address '' --metrics-bind-address [fd00::1]:9 "
		      "--metrics-endpoints=false";
	struct err e = { "" };
	char *printed = NULL;
	struct options o;

	(void)state;
	assert_int_equal(parse(&o, line, &printed, &e), 0);
	assert_string_equal(o.socket, "/a/b");
	assert_string_equal(o.data_dir, "/c");
	assert_string_equal(o.manifests, "/m");
	assert_true(o.manifests_named);
	assert_string_equal(o.follow.socket, "/run/other.sock");
	assert_int_equal(o.settings_what,
			 KSETTINGS_POD_CIDRS | KSETTINGS_SERVICE_CIDRS |
			 KSETTINGS_NODEPORT_CIDRS | KSETTINGS_EXTERNAL_CIDRS |
			 KSETTINGS_MASQUERADE_ALL | KSETTINGS_LOOPBACK_NODEPORTS);
	assert_int_equal(o.settings.pod_cidrs.n, 2);
	assert_int_equal(o.settings.pod_cidrs.v[1].prefix, 56);
	assert_int_equal(o.settings.service_cidrs.n, 2);
	assert_int_equal(o.settings.service_cidrs.v[1].prefix, 16);
	assert_int_equal(o.settings.nodeport_cidrs.n, 1);
	/* Said twice, it is one. */
	assert_int_equal(o.settings.external_cidrs.n, 2);
	assert_true(o.settings.masquerade_all);
	assert_true(o.settings.loopback_nodeports);
	assert_int_equal(o.nservice_cidrs, 2);
	assert_int_equal(o.service_cidrs[0].addr.family, AF_INET6);
	assert_int_equal(o.node_port_min, 1);
	assert_int_equal(o.node_port_max, 65535);
	assert_int_equal(o.log_level, LOG_LEVEL_DEBUG);
	assert_int_equal(o.healthz.n, 0);
	assert_int_equal(o.metrics.addrs[0].family, AF_INET6);
	assert_int_equal(o.metrics.port, 9);
	assert_false(o.metrics_endpoints);
	options_clear(&o);
	free(printed);
}

static void test_service_cidrs_in_one(void **state)
{
	char line[] = "--service-cidr 10.96.0.0/12,fd00:10:96::/112 --node-name n";
	struct err e = { "" };
	char *printed = NULL;
	struct options o;

	(void)state;
	assert_int_equal(parse(&o, line, &printed, &e), 0);
	assert_int_equal(o.nservice_cidrs, 2);
	assert_int_equal(o.service_cidrs[0].addr.family, AF_INET);
	assert_int_equal(o.service_cidrs[1].prefix, 112);
	assert_int_equal(o.settings.service_cidrs.n, 2);
	options_clear(&o);
	free(printed);
}

/* "false" is something to be told to the kernel, too. */
static void test_switches(void **state)
{
	char line[] = "--masquerade-all --masquerade-all=false --node-name n";
	struct err e = { "" };
	char *printed = NULL;
	struct options o;

	(void)state;
	assert_int_equal(parse(&o, line, &printed, &e), 0);
	assert_int_equal(o.settings_what, KSETTINGS_MASQUERADE_ALL);
	assert_false(o.settings.masquerade_all);
	options_clear(&o);
	free(printed);
}

static void test_too_many_cidrs(void **state)
{
	char *argv[2 * SVCNAT_CIDRS_MAX + 4] = { "svcd" };
	static char cidrs[SVCNAT_CIDRS_MAX + 1][24];
	struct err e = { "" };
	struct options o;
	int i, argc = 1;

	(void)state;
	for (i = 0; i <= SVCNAT_CIDRS_MAX; i++) {
		snprintf(cidrs[i], sizeof(cidrs[i]), "10.%d.%d.0/24", i / 256, i % 256);
		argv[argc++] = "--external-cidr";
		argv[argc++] = cidrs[i];
	}
	assert_int_equal(options_parse(&o, argc, argv, NULL, stdout, &e), -EINVAL);
	assert_string_equal(e.text, "--external-cidr: more than 256 ranges");
	options_clear(&o);
	assert_int_equal(options_parse(&o, argc - 2, argv, NULL, stdout, &e), 0);
	assert_int_equal(o.settings.external_cidrs.n, SVCNAT_CIDRS_MAX);
	options_clear(&o);
}

/* Each is refused in one line that names what is wrong. */
static const struct {
	const char *line;
	const char *says[2];
} wrong[] = {
	{ "--node-name Node_1", { "--node-name", "Node_1" } },
	{ "--node-name -a", { "--node-name", "-a" } },
	{ "--node-name a-", { "--node-name", "a-" } },
	{ "--node-name a.-b", { "--node-name", "a.-b" } },
	{ "--node-name a.", { "--node-name", "a." } },
	{ "--node-name a..b", { "--node-name", "a..b" } },
	{ "--node-name ''", { "--node-name", "not a node name" } },
	{ "--socket relative", { "--socket", "absolute" } },
	{ "--socket /1234567890123456789012345678901234567890123456789012345678901234567890"
	  "1234567890123456789012345678901234567890", { "--socket", "too long" } },
	{ "--data-dir x", { "--data-dir", "absolute" } },
	{ "--manifests x", { "--manifests", "absolute" } },
	{ "--pod-cidr 10.0.0.0", { "--pod-cidr", "10.0.0.0" } },
	{ "--pod-cidr 10.0.0.0/33", { "--pod-cidr", "/33" } },
	{ "--pod-cidr nonsense/8", { "--pod-cidr", "nonsense" } },
	{ "--service-cidr 10.0.0.1/8", { "--service-cidr", "10.0.0.1/8" } },
	{ "--service-cidr 10.0.0.0/30", { "--service-cidr", "too small" } },
	{ "--service-cidr fd00::/63", { "--service-cidr", "too large: at most a /64" } },
	{ "--service-cidr 10.1.0.0/16 --service-cidr 10.2.0.0/16",
	  { "--service-cidr", "10.2.0.0/16" } },
	{ "--service-cidr 10.1.0.0/16,10.2.0.0/16", { "--service-cidr", "second range" } },
	{ "--service-cidr 10.1.0.0/16,", { "--service-cidr", "not ADDRESS/PREFIX" } },
	{ "--service-cidr 10.1.0.0/16,fd00::/112,10.2.0.0/16",
	  { "--service-cidr", "fd00::/112,10.2.0.0/16" } },
	{ "--nodeport-cidr 10.0.0.1/8", { "--nodeport-cidr", "10.0.0.1/8" } },
	{ "--external-cidr 192.0.2.1", { "--external-cidr", "192.0.2.1" } },
	{ "--external-cidr", { "--external-cidr", "needs a value" } },
	{ "--masquerade-all=yes", { "--masquerade-all", "yes" } },
	{ "--masquerade-all=", { "--masquerade-all", "neither true nor false" } },
	{ "--loopback-nodeports false", { "false", "unexpected" } },
	{ "--node-port-range 30000", { "--node-port-range", "30000" } },
	{ "--node-port-range 30001-30000", { "--node-port-range", "30001-30000" } },
	{ "--node-port-range 0-5", { "--node-port-range", "0-5" } },
	{ "--node-port-range 1-65536", { "--node-port-range", "65536" } },
	{ "--node-port-range 1-2x", { "--node-port-range", "1-2x" } },
	{ "--node-port-range 5-", { "--node-port-range", "5-" } },
	{ "--node-port-range 000000080-90", { "--node-port-range", "000000080-90" } },
	{ "--node-port-range 1-2-3", { "--node-port-range", "1-2-3" } },
	{ "--node-port-range -1", { "--node-port-range", "-1" } },
	{ "--follow http://example.com", { "--follow", "not encrypted" } },
	{ "--follow https://", { "--follow", "not a URL" } },
	{ "--follow /nowhere/kubeconfig", { "--follow", "/nowhere/kubeconfig cannot be opened" } },
	{ "--follow in-cluster", { "--follow", "KUBERNETES_SERVICE_HOST" } },
	{ "--follow kubeconfig", { "--follow", "none of unix:///PATH" } },
	{ "--follow unix://relative", { "--follow", "absolute" } },
	{ "--follow unix:///a --socket /a", { "follow", "own socket" } },
	{ "--healthz-bind-address 10256", { "--healthz-bind-address", "not an IP address" } },
	{ "--healthz-bind-address :x", { "--healthz-bind-address", "not a port" } },
	{ "--metrics-bind-address localhost:1", { "--metrics-bind-address", "localhost" } },
	{ "--metrics-endpoints=1", { "--metrics-endpoints", "neither true nor false" } },
	{ "--log-level loud", { "--log-level", "loud" } },
	{ "--socket", { "--socket", "needs a value" } },
	{ "--nonsense", { "--nonsense", "not an option" } },
	{ "-x", { "-x", "not an option" } },
	{ "--socket /a word", { "word", "unexpected" } },
};

static void test_wrong(void **state)
{
	struct options o;
	char line[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct err e = { "" };
		char *printed = NULL;

		snprintf(line, sizeof(line), "%s", wrong[i].line);
		if (parse(&o, line, &printed, &e) != -EINVAL)
			fail_msg("taken: %s", wrong[i].line);
		if (!strstr(e.text, wrong[i].says[0]) || !strstr(e.text, wrong[i].says[1]) ||
		    strchr(e.text, '\n'))
			fail_msg("%s: %s", wrong[i].line, e.text);
		options_clear(&o);
		free(printed);
	}
}

static void test_help_and_version(void **state)
{
	char help[] = "--help", version[] = "--version --nonsense";
	struct err e = { "" };
	char *printed = NULL;
	struct options o;

	(void)state;
	assert_int_equal(parse(&o, help, &printed, &e), OPTIONS_DONE);
	assert_non_null(strstr(printed, "--node-port-range A-B"));
	options_clear(&o);
	free(printed);
	assert_int_equal(parse(&o, version, &printed, &e), OPTIONS_DONE);
	assert_string_equal(printed, "svcd " SVCNAT_VERSION "\n");
	options_clear(&o);
	free(printed);
}

static void test_log(void **state)
{
	char *text = NULL;
	size_t size = 0, at;
	FILE *out = open_memstream(&text, &size);
	json_t *line;

	(void)state;
	log_init(LOG_LEVEL_WARNING, out, LOG_FORMAT_TEXT);
	log_info("unseen");
	log_warning("one\nline %d", 1);
	log_init(LOG_LEVEL_INFO, out, LOG_FORMAT_JOURNAL);
	log_info("two");
	fflush(out);
	assert_string_equal(text, "svcd: warning: one line 1\n<6>two\n");
	at = size;
	log_init(LOG_LEVEL_INFO, out, LOG_FORMAT_JSON);
	log_error("a \"b\"\n\xff");
	fclose(out);
	line = json_loads(text + at, 0, NULL);
	assert_string_equal(jx_str(line, "level"), "error");
	assert_string_equal(jx_str(line, "msg"), "a \"b\"\n?");
	assert_int_equal(strlen(jx_str(line, "time")), strlen("2026-11-27T14:00:00.000000Z"));
	assert_ptr_equal(strchr(text + at, '\n'), text + size - 1);
	json_decref(line);
	log_init(LOG_LEVEL_ERROR, NULL, LOG_FORMAT_TEXT);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_all_given), cmocka_unit_test(test_service_cidrs_in_one),
		cmocka_unit_test(test_switches),
		cmocka_unit_test(test_too_many_cidrs),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_help_and_version),
		cmocka_unit_test(test_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
