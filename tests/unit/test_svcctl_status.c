// SPDX-License-Identifier: GPL-2.0
/* "status": what svcd says, for people; and by the exit code, for scripts. */
#include "api_script.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PATH "/svcd/v1/status"
#define COUNTS(n) "\"counts\":{\"objects\":2,\"services\":{\"desired\":3,\"kernel\":" #n "}," \
	"\"frontends\":{\"desired\":4,\"kernel\":4},\"endpoints\":{\"desired\":9,\"kernel\":9}}"
#define LISTS "\"lists\":{\"services\":true,\"endpointSlices\":true,\"nodes\":true}"
#define VERSION "\"version\":\"" SVCNAT_VERSION "\","
#define MODULE "\"module\":{\"loaded\":true,\"version\":\"1.2.3\"}"

static const char well[] =
	"{\"kind\":\"NodeStatus\"," VERSION "\"node\":\"n1\",\"ready\":true,"
	"\"ok\":true,\"since\":\"2025-12-31T23:55:00Z\"," MODULE "," LISTS "," COUNTS(3) ","
	"\"source\":{\"role\":\"authority\",\"socket\":\"/run/s\"},"
	"\"passes\":{\"count\":7,\"last\":\"2025-12-31T23:59:50Z\",\"lastSuccess\":"
	"\"2025-12-31T23:59:50Z\"},\"stuck\":[],\"foreignChanges\":{\"count\":0}}";

static const char stuck[] =
	"{\"kind\":\"NodeStatus\"," VERSION "\"node\":\"n2\",\"ready\":true,"
	"\"ok\":false," MODULE "," LISTS "," COUNTS(2) ","
	"\"source\":{\"role\":\"follower\",\"url\":\"unix:///run/a\",\"kinds\":["
	"{\"kind\":\"Service\",\"connected\":true,\"since\":\"2025-12-31T23:58:00Z\"},"
	"{\"kind\":\"Endpoints\",\"connected\":false,\"lastError\":{\"message\":"
	"\"unix:///run/a is silent\",\"time\":\"2025-12-31T23:59:00Z\"}}]},"
	"\"passes\":{\"count\":7,\"lastSuccess\":\"2025-12-31T23:59:50Z\",\"lastError\":{"
	"\"message\":\"no buffer space\",\"time\":\"2025-12-31T22:00:00Z\"}},"
	"\"stuck\":[{\"service\":\"default/web:http\",\"protocol\":\"TCP\",\"family\":\"IPv4\","
	"\"reason\":\"AddressConflict\",\"message\":\"the frontend 192.0.2.1:80/TCP is taken by "
	"service 'mine' of owner 'hand', which has had it for a very long time\","
	"\"since\":\"2025-12-31T23:57:00Z\",\"nextTry\":\"2026-01-01T00:00:12Z\"},"
	"{\"service\":\"default/db\",\"reason\":\"AddressConflict\",\"message\":\"it is used\","
	"\"since\":\"2025-12-31T23:59:55Z\"}],"
	"\"foreignChanges\":{\"count\":2,\"last\":\"2025-12-31T23:50:00Z\"}}";

static const char not_ready[] =
	"{\"kind\":\"NodeStatus\"," VERSION "\"node\":\"n1\",\"ready\":false,"
	"\"ok\":false,\"message\":\"the svcnat module is not loaded in this kernel: run "
	"\\\"modprobe svcnat\\\" as root (or install it: see README)\","
	"\"module\":{\"loaded\":false,\"message\":\"x\"},"
	"\"lists\":{\"services\":false,\"endpointSlices\":false,\"nodes\":false}," COUNTS(0) ","
	"\"source\":{\"role\":\"authority\"},\"passes\":{\"count\":0},\"stuck\":[],"
	"\"foreignChanges\":{\"count\":0}}";

static void says(const char *line, const char *answer, int code, const char *out)
{
	const struct step steps[] = { { "GET", PATH, 200, answer, 0 }, { 0 } };

	script_assert(line, "", steps, code, out, "");
}

static void test_well(void **state)
{
	(void)state;
	says("status", well, 0,
	     "svcd " SVCNAT_VERSION " on node n1: all is in the kernel, for 5m\n"
	     "module      1.2.3\n"
	     "objects     its own, it is the authority\n"
	     "lists       complete\n"
	     "services    3 desired, 3 in the kernel, of 2 Services\n"
	     "frontends   4 desired, 4 in the kernel\n"
	     "endpoints   9 desired, 9 in the kernel\n"
	     "pass        10s ago, the last that was well; 7 in all\n");
}

static void test_stuck(void **state)
{
	(void)state;
	says("status", stuck, 1,
	     "svcd " SVCNAT_VERSION " on node n2: 2 stuck, for 3m\n"
	     "do          look whether svcd runs there; services stay as they are meanwhile\n"
	     "module      1.2.3\n"
	     "follows     unix:///run/a\n"
	     "            Service: connected for 2m\n"
	     "            Endpoints: not connected\n"
	     "last error  60s ago: unix:///run/a is silent\n"
	     "lists       complete\n"
	     "services    3 desired, 2 in the kernel, of 2 Services\n"
	     "frontends   4 desired, 4 in the kernel\n"
	     "endpoints   9 desired, 9 in the kernel\n"
	     "pass        10s ago, the last that was well; 7 in all\n"
	     "last error  120m ago: no buffer space\n"
	     "others      2 changes in the kernel by others, the last 10m ago\n"
	     "\n"
	     "default/web:http TCP IPv4: AddressConflict\n"
	     "  the frontend 192.0.2.1:80/TCP is taken by service 'mine' of owner 'hand',\n"
	     "  which has had it for a very long time\n"
	     "  for 3m, tried again in 12s\n"
	     "  do: give one of the two another address, or delete it\n"
	     "  see: svcctl describe service web -n default\n"
	     "\n"
	     "default/db: AddressConflict\n"
	     "  it is used\n"
	     "  for 5s\n"
	     "  do: give one of the two another address, or delete it\n"
	     "  see: svcctl describe service db -n default\n");
}

#define AND(ok, more) "{\"kind\":\"NodeStatus\"," VERSION "\"node\":\"n1\"," \
	"\"ready\":true,\"ok\":" ok ",\"since\":\"2025-12-31T23:55:00Z\"," MODULE "," LISTS "," \
	COUNTS(3) ",\"source\":{\"role\":\"authority\",\"socket\":\"/run/s\"},\"passes\":" \
	"{\"count\":0},\"stuck\":[],\"foreignChanges\":{\"count\":0}," more "}"
#define ANNOUNCE(ok, more) AND(ok, "\"announce\":{" more "}")
#define FASTPATH(ok, more) AND(ok, "\"fastPath\":{" more "}")
#define DNS(ok, more) AND(ok, "\"dns\":{\"domain\":\"cluster.local\"," more "}")
/* What stands between the first line of these and their last ones. */
#define BETWEEN "module      1.2.3\n" \
	"objects     its own, it is the authority\n" \
	"lists       complete\n" \
	"services    3 desired, 3 in the kernel, of 2 Services\n" \
	"frontends   4 desired, 4 in the kernel\n" \
	"endpoints   9 desired, 9 in the kernel\n"

static void test_announce(void **state)
{
	(void)state;
	says("status", ANNOUNCE("true", "\"mode\":\"layer2\",\"addresses\":5,\"announced\":2,"
				"\"otherNodes\":2,\"otherNodesUp\":1,\"waiting\":true"), 0,
	     "svcd " SVCNAT_VERSION " on node n1: all is in the kernel, for 5m\n" BETWEEN
	     "announced   2 of 5 addresses, by layer2; 1 of 2 other nodes announce; it waits\n"
	     "            to see what they do\n");
	says("status", ANNOUNCE("false", "\"mode\":\"route\",\"addresses\":1,\"announced\":0,"
				"\"message\":\"announce: no way\""), 1,
	     "svcd " SVCNAT_VERSION " on node n1: addresses are not announced as they should be\n"
	     BETWEEN
	     "announced   0 of 1 addresses, by route\n"
	     "            announce: no way\n");
}

static void test_fastpath(void **state)
{
	(void)state;
	says("status", FASTPATH("true", "\"devices\":12,\"left\":0,\"flows\":345"), 0,
	     "svcd " SVCNAT_VERSION " on node n1: all is in the kernel, for 5m\n" BETWEEN
	     "fast path   12 devices; taken 345 times\n");
	says("status", FASTPATH("false", "\"devices\":1,\"left\":9,\"flows\":0,"
				"\"message\":\"fast path: no way\""), 1,
	     "svcd " SVCNAT_VERSION " on node n1: the fast path is not as it should be\n" BETWEEN
	     "fast path   1 device, and 9 too many for it; taken 0 times\n"
	     "            fast path: no way\n");
}

static void test_dns(void **state)
{
	(void)state;
	says("status", DNS("true", "\"ready\":true,\"listens\":[\"192.0.2.1:53\","
			   "\"[2001:db8::1]:53\"],\"upstreams\":2"), 0,
	     "svcd " SVCNAT_VERSION " on node n1: all is in the kernel, for 5m\n" BETWEEN
	     "names       of cluster.local; others by 2 upstreams\n"
	     "            at 192.0.2.1:53\n"
	     "            at [2001:db8::1]:53\n");
	says("status", DNS("false", "\"ready\":false,\"listens\":[],\"upstreams\":0,"
			   "\"message\":\"DNS: no way\""), 1,
	     "svcd " SVCNAT_VERSION " on node n1: names are not answered as they should be\n"
	     BETWEEN
	     "names       of cluster.local; no others\n"
	     "            not all are known yet: they wait for the lists\n"
	     "            DNS: no way\n");
}

static void ends(const char *line, const char *answer, int code)
{
	const struct step steps[] = { { "GET", PATH, 200, answer, 0 }, { 0 } };
	struct script s = { .step = steps };
	struct result r = script_run(&s, line, "");

	assert_int_equal(r.code, code);
	free(r.out);
	free(r.err);
}

/* For probes: what single Services lack is no reason. */
static void test_ready(void **state)
{
	(void)state;
	ends("status", stuck, 1);
	ends("status --ready", stuck, 0);
	ends("status -j --ready", stuck, 0);
	ends("status --ready", well, 0);
	ends("status --ready", not_ready, 1);
	ends("status --ready=yes", well, 1);
}

static void test_not_heard(void **state)
{
	static const char answer[] =
		"{" VERSION "\"node\":\"n2\",\"ready\":true,\"ok\":false," MODULE ","
		LISTS "," COUNTS(3) ",\"source\":{\"role\":\"authority\"},\"stuck\":[],"
		"\"events\":{\"heard\":false,\"message\":\"what others change in the kernel is not "
		"heard of, and not put right: cannot read the events: Input/output error\"}}";

	(void)state;
	says("status", answer, 1,
	     "svcd " SVCNAT_VERSION " on node n2: changes by others are not heard of\n"
	     "module      1.2.3\n"
	     "objects     its own, it is the authority\n"
	     "lists       complete\n"
	     "services    3 desired, 3 in the kernel, of 2 Services\n"
	     "frontends   4 desired, 4 in the kernel\n"
	     "endpoints   9 desired, 9 in the kernel\n"
	     "events      what others change in the kernel is not heard of, and not put right:\n"
	     "            cannot read the events: Input/output error\n");
}

/* svcd says it of the module, and svcctl of svcd. */
static void test_versions_differ(void **state)
{
	static const char answer[] =
		"{\"version\":\"0.0.7\",\"node\":\"n2\",\"ready\":true,\"ok\":true,"
		"\"since\":\"2025-12-31T23:55:00Z\",\"module\":"
		"{\"loaded\":true,\"version\":\"1.2.3\",\"message\":\"of another release\"},"
		LISTS "," COUNTS(3) ",\"source\":{\"role\":\"authority\"},\"stuck\":[]}";
	const struct step steps[] = { { "GET", PATH, 200, answer, 0 }, { 0 } };

	(void)state;
	script_assert("status", "", steps, 0,
		      "svcd 0.0.7 on node n2: all is in the kernel, for 5m\n"
		      "module      1.2.3\n"
		      "            of another release\n"
		      "objects     its own, it is the authority\n"
		      "lists       complete\n"
		      "services    3 desired, 3 in the kernel, of 2 Services\n"
		      "frontends   4 desired, 4 in the kernel\n"
		      "endpoints   9 desired, 9 in the kernel\n",
		      "svcctl: warning: svcd is of version 0.0.7, and this svcctl of "
		      SVCNAT_VERSION ": install both from one release, and run \"systemctl "
		      "restart svcd\"\n");
}

static void test_manifests(void **state)
{
	static const char answer[] =
		"{" VERSION "\"node\":\"n2\",\"ready\":true,\"ok\":false," MODULE ","
		LISTS "," COUNTS(3) ",\"source\":{\"role\":\"authority\"},\"stuck\":[],"
		"\"manifests\":{\"folder\":\"/etc/svcd/manifests\",\"files\":2,\"refused\":["
		"{\"file\":\"web.yaml\",\"message\":\"web.yaml:9:11: it is wrong\","
		"\"since\":\"2025-12-31T23:57:00Z\"}]}}";
	static const char gone[] =
		"{" VERSION "\"node\":\"n2\",\"ready\":true,\"ok\":false," MODULE ","
		LISTS "," COUNTS(3) ",\"source\":{\"role\":\"authority\"},\"stuck\":[],"
		"\"manifests\":{\"folder\":\"/m\",\"files\":0,\"refused\":[],"
		"\"message\":\"there is no folder of manifests /m\"}}";

	(void)state;
	says("status", answer, 1,
	     "svcd " SVCNAT_VERSION " on node n2: not all manifests are taken\n"
	     "module      1.2.3\n"
	     "objects     its own, it is the authority\n"
	     "manifests   /etc/svcd/manifests: 2 files\n"
	     "lists       complete\n"
	     "services    3 desired, 3 in the kernel, of 2 Services\n"
	     "frontends   4 desired, 4 in the kernel\n"
	     "endpoints   9 desired, 9 in the kernel\n"
	     "\n"
	     "web.yaml: refused\n"
	     "  web.yaml:9:11: it is wrong\n"
	     "  for 3m\n"
	     "  do: change the file; what it had before stays as it is until then\n");
	says("status", gone, 1,
	     "svcd " SVCNAT_VERSION " on node n2: the folder of manifests cannot be read\n"
	     "module      1.2.3\n"
	     "objects     its own, it is the authority\n"
	     "manifests   there is no folder of manifests /m\n"
	     "lists       complete\n"
	     "services    3 desired, 3 in the kernel, of 2 Services\n"
	     "frontends   4 desired, 4 in the kernel\n"
	     "endpoints   9 desired, 9 in the kernel\n");
}

/* What the file says is not in force. */
static void test_options(void **state)
{
	static const char answer[] =
		"{" VERSION "\"node\":\"n1\",\"ready\":true,\"ok\":false," MODULE ","
		LISTS "," COUNTS(3) ",\"source\":{\"role\":\"authority\"},\"stuck\":[],"
		"\"options\":{\"file\":\"/c.yaml\",\"read\":\"2025-12-31T23:55:00Z\","
		"\"message\":\"/c.yaml:1:1: x: there is no such key\"}}";

	(void)state;
	says("status", answer, 1,
	     "svcd " SVCNAT_VERSION " on node n1: its options are not those of its file\n"
	     "options     /c.yaml:1:1: x: there is no such key\n"
	     "do          put that right, and have them read again: systemctl reload svcd;\n"
	     "            until then all stay as they are\n"
	     "module      1.2.3\n"
	     "objects     its own, it is the authority\n"
	     "lists       complete\n"
	     "services    3 desired, 3 in the kernel, of 2 Services\n"
	     "frontends   4 desired, 4 in the kernel\n"
	     "endpoints   9 desired, 9 in the kernel\n");
}

static void test_not_connected(void **state)
{
	static const char answer[] =
		"{" VERSION "\"node\":\"n2\",\"ready\":true,\"ok\":false," MODULE ","
		LISTS "," COUNTS(3) ",\"source\":{\"role\":\"follower\",\"url\":\"unix:///a\","
		"\"kinds\":[{\"kind\":\"Service\",\"connected\":false}]},\"stuck\":[]}";

	(void)state;
	says("status", answer, 1,
	     "svcd " SVCNAT_VERSION " on node n2: its authority does not answer\n"
	     "do          look whether svcd runs there; services stay as they are meanwhile\n"
	     "module      1.2.3\n"
	     "follows     unix:///a\n"
	     "            Service: not connected\n"
	     "lists       complete\n"
	     "services    3 desired, 3 in the kernel, of 2 Services\n"
	     "frontends   4 desired, 4 in the kernel\n"
	     "endpoints   9 desired, 9 in the kernel\n");
}

static void test_not_ready(void **state)
{
	(void)state;
	says("status", not_ready, 1,
	     "svcd " SVCNAT_VERSION " on node n1: not ready\n"
	     "why         the svcnat module is not loaded in this kernel: run \"modprobe\n"
	     "            svcnat\" as root (or install it: see README)\n"
	     "module      not loaded\n"
	     "objects     its own, it is the authority\n"
	     "lists       not read so far\n"
	     "services    3 desired, 0 in the kernel, of 2 Services\n"
	     "frontends   4 desired, 4 in the kernel\n"
	     "endpoints   9 desired, 9 in the kernel\n");
}

/* A follower whose authority has answered in part. */
static void test_some_lists(void **state)
{
	(void)state;
	says("status", "{" VERSION "\"node\":\"n2\",\"ready\":false,\"ok\":false,"
	     "\"message\":\"x\",\"module\":{\"loaded\":true,\"version\":\"1.2.3\"},"
	     "\"lists\":{\"services\":true,\"endpointSlices\":false,\"nodes\":true},"
	     COUNTS(0) ",\"source\":{\"role\":\"authority\"},\"passes\":{\"count\":0},"
	     "\"stuck\":[],\"foreignChanges\":{\"count\":0}}", 1,
	     "svcd " SVCNAT_VERSION " on node n2: not ready\n"
	     "why         x\n"
	     "module      1.2.3\n"
	     "objects     its own, it is the authority\n"
	     "lists       Services, Nodes only\n"
	     "services    3 desired, 0 in the kernel, of 2 Services\n"
	     "frontends   4 desired, 4 in the kernel\n"
	     "endpoints   9 desired, 9 in the kernel\n");
}

/* What a program reads is what svcd said, and the exit code is the same. */
static void test_json(void **state)
{
	static const char *const lines[] = { "status -j", "status -o json", "status --json" };
	const struct step steps[] = { { "GET", PATH, 200, stuck, 0 }, { 0 } };
	json_t *want = json_loads(stuck, 0, NULL), *got;
	struct result r;
	struct script s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		s = (struct script){ .step = steps };
		r = script_run(&s, lines[i], "");
		got = json_loads(r.out, 0, NULL);
		assert_int_equal(r.code, 1);
		assert_true(json_equal(want, got));
		json_decref(got);
		free(r.out);
		free(r.err);
	}
	json_decref(want);
}

static void test_no_answer(void **state)
{
	static const struct step down[] = { { "GET", PATH, 0, "", -ECONNREFUSED }, { 0 } };
	static const struct step old[] = { { "GET", PATH, 404, "404 page not found\n", 0 }, { 0 } };
	static const struct step odd[] = {
		{ "GET", PATH, 500, STATUS(500, "InternalError", "out of memory", ""), 0 }, { 0 },
	};
	static const struct step none[] = { { 0 } };

	(void)state;
	script_assert("status", "", down, 1, "", "svcctl: the script says no\n"
		      "What is in the kernel goes on without svcd (svcctl show), but does not "
		      "change.\nWhy it does not run: systemctl status svcd\n");
	script_assert("status", "", old, 1, "",
		      "svcctl: the svcd behind /run/svcd/svcd.sock is too old to tell its "
		      "status\n");
	script_assert("status", "", odd, 1, "",
		      "svcctl: svcd does not tell its status (HTTP code 500): out of memory\n");
	script_assert("status now", "", none, 1, "", "error: unexpected argument 'now'\n"
		      "See 'svcctl status --help' for usage.\n");
	script_assert("status -o wide", "", none, 1, "",
		      "error: no such output format: -o 'wide' (one of: json, yaml)\n"
		      "See 'svcctl status --help' for usage.\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_well),
		cmocka_unit_test(test_stuck),
		cmocka_unit_test(test_announce),
		cmocka_unit_test(test_fastpath),
		cmocka_unit_test(test_dns),
		cmocka_unit_test(test_ready),
		cmocka_unit_test(test_not_heard),
		cmocka_unit_test(test_versions_differ),
		cmocka_unit_test(test_manifests),
		cmocka_unit_test(test_options), cmocka_unit_test(test_not_connected),
		cmocka_unit_test(test_not_ready),
		cmocka_unit_test(test_some_lists),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
