// SPDX-License-Identifier: GPL-2.0
/* apply: what is sent, and what happens when somebody else changes the object meanwhile. */
#include "api_script.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define IN "apiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: {a: '2'}}\n"
#define LAST "{\\\"kind\\\":\\\"Pod\\\",\\\"metadata\\\":{\\\"labels\\\":{\\\"a\\\":\\\"1\\\"," \
	"\\\"b\\\":\\\"1\\\"}}}"
#define LIVE(version, last) "{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":{" \
	"\"name\":\"p\",\"namespace\":\"default\",\"resourceVersion\":\"" version "\"," \
	"\"labels\":{\"a\":\"1\",\"b\":\"1\",\"c\":\"1\"}" last "}}"
#define WITH_LAST ",\"annotations\":{\"kubectl.kubernetes.io/last-applied-configuration\":\"" \
	LAST "\"}"
#define CONFLICT STATUS(409, "Conflict", "the object has been modified", "\"kind\":\"pods\"")
#define GET(answer) { "GET", NS "pods/p", 200, answer, 0 }
#define CHECK_OK { "PATCH", NS "pods/p" DRY, 200, POD_OUT, 0 }
#define PATCH(code, answer) { "PATCH", NS "pods/p" STRICT, code, answer, 0 }

/* A JSON merge patch with the version that was merged. */
static void test_patch(void **state)
{
	static const struct step steps[] = {
		GET(LIVE("7", WITH_LAST)), CHECK_OK, GET(LIVE("8", WITH_LAST)), PATCH(200, POD_OUT),
		{ 0 },
	};
	struct script s = { .step = steps };

	(void)state;
	script_check(script_run(&s, "apply -f -", IN), 0, "pod/p configured\n", "");
	assert_string_equal(s.body, "{\"metadata\":{\"labels\":{\"b\":null,\"a\":\"2\"},"
			    "\"annotations\":{\"kubectl.kubernetes.io/last-applied-configuration\":"
			    "\"{\\\"apiVersion\\\":\\\"v1\\\",\\\"kind\\\":\\\"Pod\\\","
			    "\\\"metadata\\\":{\\\"annotations\\\":{},\\\"labels\\\":{"
			    "\\\"a\\\":\\\"2\\\"},\\\"name\\\":\\\"p\\\","
			    "\\\"namespace\\\":\\\"default\\\"}}\\n\"},"
			    "\"resourceVersion\":\"8\"}}");
}

/* What was merged is no longer what is there: once more, with what is. */
static void test_overtaken(void **state)
{
	static const struct step changed[] = {
		GET(LIVE("7", WITH_LAST)), CHECK_OK,
		GET(LIVE("7", WITH_LAST)), PATCH(409, CONFLICT),
		GET(LIVE("8", WITH_LAST)), PATCH(200, POD_OUT),
		{ 0 },
	};
	static const struct step made[] = {
		{ "GET", NS "pods/p", 404, ABSENT("pods", "p"), 0 },
		{ "POST", NS "pods" DRY, 201, POD_OUT, 0 },
		{ "GET", NS "pods/p", 404, ABSENT("pods", "p"), 0 },
		{ "POST", NS "pods" STRICT, 409, EXISTS("pods", "p"), 0 },
		GET(LIVE("8", WITH_LAST)), PATCH(200, POD_OUT),
		{ 0 },
	};
	static const struct step deleted[] = {
		GET(LIVE("7", WITH_LAST)), CHECK_OK,
		GET(LIVE("7", WITH_LAST)), PATCH(404, ABSENT("pods", "p")),
		{ "GET", NS "pods/p", 404, ABSENT("pods", "p"), 0 },
		{ "POST", NS "pods" STRICT, 201, POD_OUT, 0 },
		{ 0 },
	};

	(void)state;
	script_assert("apply -f -", IN, changed, 0, "pod/p configured\n", "");
	script_assert("apply -f -", IN, made, 0, "pod/p configured\n", "");
	script_assert("apply -f -", IN, deleted, 0, "pod/p created\n", "");
}

static void test_gives_up(void **state)
{
	static const struct step steps[] = {
		GET(LIVE("7", WITH_LAST)), CHECK_OK,
		GET(LIVE("7", WITH_LAST)), PATCH(409, CONFLICT),
		GET(LIVE("8", WITH_LAST)), PATCH(409, CONFLICT),
		GET(LIVE("9", WITH_LAST)), PATCH(409, CONFLICT),
		GET(LIVE("10", WITH_LAST)), PATCH(409, CONFLICT),
		GET(LIVE("11", WITH_LAST)), PATCH(409, CONFLICT),
		{ 0 },
	};
	/* Who names a version means that one. */
	static const struct step named[] = {
		GET(LIVE("7", WITH_LAST)), { "PATCH", NS "pods/p" DRY, 409, CONFLICT, 0 }, { 0 },
	};
	static const char err[] =
		"Error from server (Conflict): error when applying \"STDIN\": the object has "
		"been modified\n";

	(void)state;
	script_assert("apply -f -", IN, steps, 1, "", err);
	script_assert("apply -f -", "apiVersion: v1\nkind: Pod\nmetadata: {name: p, "
		      "resourceVersion: '6'}\n", named, 1, "", err);
}

/* The check says nothing of it; the dry run that was asked for does. */
static void test_warning(void **state)
{
	static const struct step steps[] = {
		GET(LIVE("7", "")), CHECK_OK, GET(LIVE("7", "")), CHECK_OK, { 0 },
	};
	static const struct step client[] = { GET(LIVE("7", "")), { 0 } };
	static const struct step broken[] = {
		GET(LIVE("7", ",\"annotations\":{\"kubectl.kubernetes.io/"
			 "last-applied-configuration\":\"x\"}")), { 0 },
	};
	static const char warning[] =
		"Warning: resource pods/p is missing the kubectl.kubernetes.io/last-applied-"
		"configuration annotation which is required by svcctl apply. svcctl "
		"apply should only be used on resources created declaratively by svcctl apply. The "
		"missing annotation will be patched automatically.\n";

	(void)state;
	script_assert("apply -f - --dry-run=server", IN, steps, 0,
		      "pod/p configured (server dry run)\n", warning);
	script_assert("apply -f - --dry-run=client", IN, client, 0, "pod/p configured (dry run)\n",
		      warning);
	script_assert("apply -f -", IN, broken, 1, "", "error: pods \"p\": the annotation "
		      "kubectl.kubernetes.io/last-applied-configuration is no JSON object ('[' or "
		      "'{' expected near 'x'): remove it, and apply again\n");
}

static void test_lost(void **state)
{
	static const struct step steps[] = {
		GET(LIVE("7", WITH_LAST)), CHECK_OK, { "GET", NS "pods/p", 0, NULL, -EPIPE }, { 0 },
	};
	static const struct step forbidden[] = {
		{ "GET", NS "pods/p", 403, STATUS(403, "Forbidden", "no", ""), 0 }, { 0 },
	};

	(void)state;
	script_assert("apply -f -", IN, steps, 1, "", "svcctl: the script says no\n");
	script_assert("apply -f -", IN, forbidden, 1, "", "Error from server (Forbidden): error "
		      "when applying \"STDIN\": no\n  STDIN:1:1: Pod \"p\"\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_patch),
		cmocka_unit_test(test_overtaken),
		cmocka_unit_test(test_gives_up),
		cmocka_unit_test(test_warning),
		cmocka_unit_test(test_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
