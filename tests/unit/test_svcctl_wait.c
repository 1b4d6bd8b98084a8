// SPDX-License-Identifier: GPL-2.0
/* wait and delete, when what is waited for comes later; and the paths and durations they take. */
#include "api_script.h"
#include "args.h"
#include "jsonpath.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NAMED NS "pods?fieldSelector=metadata.name%3Dp"
#define WATCH(version, seconds) NAMED "&watch=true&timeoutSeconds=" seconds \
	"&resourceVersion=" version
#define POD(uid, ready) "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\"," \
	"\"namespace\":\"default\",\"uid\":\"" uid "\"},\"status\":{\"conditions\":[{" \
	"\"type\":\"Ready\",\"status\":\"" ready "\"}]}}"
#define LEAVING(uid) "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\",\"namespace\":\"default\"," \
	"\"uid\":\"" uid "\",\"deletionTimestamp\":\"2026-01-01T00:00:30Z\"}}"
#define EVENT(type, object) "{\"type\":\"" type "\",\"object\":" object "}\n"
#define READY "wait pod/p --for=condition=Ready --timeout=60s"

static void test_condition(void **state)
{
	static const struct step steps[] = {
		{ "GET", NS "pods/p", 200, POD("u", "False"), 0 },
		{ "GET", NAMED, 200, LIST("9", POD("u", "False")), 0 },
		{ "GET", WATCH("9", "60"), 200, EVENT("MODIFIED", POD("u", "Unknown"))
		  EVENT("BOOKMARK", "{}") EVENT("MODIFIED", POD("u", "True"))
		  EVENT("MODIFIED", POD("u", "False")), 0 },
		{ 0 },
	};

	(void)state;
	script_assert(READY, "", steps, 0, "pod/p condition met\n", "");
}

/* The watch ends, breaks off, svcd is restarted, the version is too old: we look again. */
static void test_resumed(void **state)
{
	static const struct step steps[] = {
		{ "GET", NS "pods/p", 200, POD("u", "False"), 0 },
		{ "GET", NAMED, 200, LIST("9", POD("u", "False")), 0 },
		{ "GET", WATCH("9", "60"), 200, "", -EPIPE },
		{ "GET", NAMED, 0, NULL, -ECONNREFUSED },
		{ "GET", NAMED, 200, LIST("20", POD("u", "False")), 0 },
		{ "GET", WATCH("20", "60"), 200, EVENT("ERROR", STATUS(410, "Expired", "", "")),
		  0 },
		{ "GET", NAMED, 200, LIST("30", POD("u", "False")), 0 },
		{ "GET", WATCH("30", "60"), 410, STATUS(410, "Expired", "", ""), 0 },
		{ "GET", NAMED, 200, LIST("40", POD("u", "True")), 0 },
		{ 0 },
	};
	static const struct step lost[] = {
		{ "GET", NS "pods/p", 200, POD("u", "False"), 0 },
		{ "GET", NAMED, 0, NULL, -EACCES },
		{ 0 },
	};
	static const struct step refused[] = {
		{ "GET", NS "pods/p", 200, POD("u", "False"), 0 },
		{ "GET", NAMED, 403, STATUS(403, "Forbidden", "not you", ""), 0 },
		{ 0 },
	};

	(void)state;
	script_assert(READY, "", steps, 0, "pod/p condition met\n", "");
	script_assert(READY, "", lost, 1, "", "svcctl: the script says no\n");
	script_assert(READY, "", refused, 1, "", "svcctl: not you\n");
}

static void test_gone(void **state)
{
	static const struct step by_name[] = {
		{ "GET", NAMED, 200, LIST("9", POD("u", "True")), 0 },
		{ "GET", WATCH("9", "60"), 200, EVENT("DELETED", POD("u", "True")), 0 },
		{ 0 },
	};
	/* It went and came while nobody looked. */
	static const struct step another[] = {
		{ "GET", NAMED, 200, LIST("9", POD("u", "True")), 0 },
		{ "GET", WATCH("9", "60"), 200, EVENT("MODIFIED", POD("u", "False")), -EPIPE },
		{ "GET", NAMED, 200, LIST("20", POD("v", "True")), 0 },
		{ 0 },
	};
	/* Of those that are listed, one of the same name is another one. */
	static const struct step by_label[] = {
		{ "GET", NS "pods?labelSelector=a%3Db", 200, LIST("9", POD("u", "True")), 0 },
		{ "GET", NAMED, 200, LIST("10", POD("v", "True")), 0 },
		{ 0 },
	};

	(void)state;
	script_assert("wait pod p --for=delete --timeout=1m", "", by_name, 0,
		      "pod/p condition met\n", "");
	script_assert("wait pod p --for=delete --timeout=1m", "", another, 0,
		      "pod/p condition met\n", "");
	script_assert("wait pod -l a=b --for=delete --timeout=1m", "", by_label, 0,
		      "pod/p condition met\n", "");
}

/* delete waits for what says that it takes its time, and for nothing else. */
static void test_delete_waits(void **state)
{
	static const struct step steps[] = {
		{ "DELETE", NS "pods/p", 200, LEAVING("u"), 0 },
		{ "DELETE", NS "pods/q", 404, ABSENT("pods", "q"), 0 },
		{ "GET", NAMED, 200, LIST("9", LEAVING("u")), 0 },
		{ "GET", WATCH("9", "60"), 200, EVENT("MODIFIED", LEAVING("u"))
		  EVENT("DELETED", LEAVING("u")), 0 },
		{ 0 },
	};
	static const struct step at_once[] = {
		{ "DELETE", NS "pods/p", 200, LEAVING("u"), 0 }, { 0 },
	};
	static const struct step dry[] = {
		{ "DELETE", NS "pods/p?dryRun=All", 200, LEAVING("u"), 0 }, { 0 },
	};
	static const struct step late[] = {
		{ "DELETE", NS "pods/p", 200, LEAVING("u"), 0 },
		{ "GET", NAMED, 200, LIST("9", LEAVING("u")), 0 },
		{ 0 },
	};
	static const char deleted[] = "pod \"p\" deleted from default namespace\n";

	(void)state;
	script_assert("delete pod p q --timeout=60s", "", steps, 1, deleted,
		      "Error from server (NotFound): pods \"q\" not found\n");
	script_assert("delete pod p --wait=false", "", at_once, 0, deleted, "");
	script_assert("delete pod p --dry-run=server", "", dry, 0,
		      "pod \"p\" deleted (server dry run) from default namespace\n", "");
	script_assert("delete pod p --timeout=0s", "", late, 1, deleted,
		      "error: timed out waiting for the condition on pods/p\n");
}

static void test_jsonpath(void **state)
{
	static const struct { const char *path, *expected; } rows[] = {
		{ "{.a}", "1" }, { ".a", "1" }, { "{.b.c[1]}", "3" }, { "{.b['c'][0]}", "2" },
		{ "{.b.x\\.y/z}", "4" }, { "{.b['x.y/z']}", "4" }, { "{.absent.x[3]}", NULL },
		{ "{.b.c[9]}", NULL }, { "{.a.b}", NULL },
	};
	static const char *const wrong[] = {
		"", "{}", "a", "{a}", "{.}", "{..a}", "{.a[}", "{.a[]}", "{.a[x]}", "{.a[*]}",
		"{.a['b'}", "{.a['b]}", "{.a[1}", "{.a}{.b}", "{.*}", "{.a[-1]}",
	};
	json_t *value = json_loads("{\"a\":1,\"b\":{\"c\":[2,3],\"x.y/z\":4}}", 0, NULL);
	const json_t *out;
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		out = value;
		if (jsonpath_get(value, rows[i].path, &out, &e))
			fail_msg("%s", e.text);
		if (rows[i].expected)
			assert_int_equal(json_integer_value(out), atoi(rows[i].expected));
		else
			assert_null(out);
	}
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (!jsonpath_get(value, wrong[i], &out, &e))
			fail_msg("'%s' was taken", wrong[i]);
	json_decref(value);
}

static void test_durations(void **state)
{
	static const struct { const char *text; long seconds; } rows[] = {
		{ "0", 0 }, { "0s", 0 }, { "90", 90 }, { "90s", 90 }, { "5m", 300 },
		{ "1h30m5s", 5405 }, { "-1s", -1 }, { "-5", -1 },
	};
	static const char *const wrong[] = {
		"", "-", "s", "5x", "5m3", "5 m", "+5", "1.5s", "99999999999999s",
	};
	struct err e;
	long seconds;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (args_duration(rows[i].text, &seconds, &e))
			fail_msg("%s", e.text);
		assert_int_equal(seconds, rows[i].seconds);
	}
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (!args_duration(wrong[i], &seconds, &e))
			fail_msg("'%s' was taken", wrong[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_condition),
		cmocka_unit_test(test_resumed),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_delete_waits),
		cmocka_unit_test(test_jsonpath),
		cmocka_unit_test(test_durations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
