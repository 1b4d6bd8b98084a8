// SPDX-License-Identifier: GPL-2.0
/*
 * What pods are made of has no place in the log: not at its most talkative level, not where
 * something is wrong with it.
 */
#include "http_fixture.h"
#include "log.h"
#include "manifests_help.h"
#include "redact.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECRET	"hunter2"

struct captured {
	FILE *out;
	char *text;
	size_t size;
};

static void capture(struct captured *c)
{
	*c = (struct captured){ .out = NULL };
	c->out = open_memstream(&c->text, &c->size);
	assert_non_null(c->out);
	log_init(LOG_LEVEL_DEBUG, c->out, LOG_FORMAT_TEXT);
}

/* What was written since; to be freed. */
static char *captured(struct captured *c)
{
	fclose(c->out);
	log_init(LOG_LEVEL_ERROR, NULL, LOG_FORMAT_TEXT);
	return c->text;
}

static void test_redaction(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "" },
		{ "kind: there is no kind \"Pot\"", "kind: there is no kind \"Pot\"" },
		{ "a: Invalid value: 0: must be more", "a: Invalid value: (hidden): must be more" },
		{ "a: Invalid value: \"x\": no", "a: Invalid value: (hidden): no" },
		{ "a: Invalid value: \"x\\\": y\\\\\": no", "a: Invalid value: (hidden): no" },
		{ "a: Invalid value: {\"a\":[\"]\",{\"b\":1}]}: no",
		  "a: Invalid value: (hidden): no" },
		{ "a: Unsupported value: \"x\": supported values: \"TCP\", \"UDP\"",
		  "a: Unsupported value: (hidden): supported values: \"TCP\", \"UDP\"" },
		{ "[a: Duplicate value: {\"n\":\"x\"}, b: Not found: \"x\"]",
		  "[a: Duplicate value: (hidden), b: Not found: (hidden)]" },
		{ "[a: Duplicate value: 7]", "[a: Duplicate value: (hidden)]" },
		{ "json: cannot unmarshal number 12345.5 into Go struct field",
		  "json: cannot unmarshal number (hidden) into Go struct field" },
		{ "json: cannot unmarshal number into Go",
		  "json: cannot unmarshal number (hidden) Go" },
		/* Cut within the value. */
		{ "a: Invalid value: \"xyz\\", "a: Invalid value: (hidden)" },
		{ "a: Invalid value: [\"x\",", "a: Invalid value: (hidden)" },
		{ "a: Invalid value: ", "a: Invalid value: (hidden)" },
	};
	char buf[200];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		redact_values(cases[i].text, buf, sizeof(buf));
		assert_string_equal(buf, cases[i].want);
	}
	redact_values("a: Invalid value: 1: b", buf, 20);
	assert_string_equal(buf, "a: Invalid value: (");
	redact_values("a", buf, 1);
	assert_string_equal(buf, "");
}

#define POD(more) "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n" \
	"  containers:\n  - name: c\n    image: i\n" more

/* quoted: the words for people, which svcctl status has, show what is wrong. */
static const struct {
	const char *text;
	bool quoted;
} wrong[] = {
	{ POD("    env: [{name: '" SECRET "=x', value: z}]\n"), true },
	{ POD("    ports: [{containerPort: 80, name: '" SECRET "_'}]\n"), true },
	{ POD("    volumeMounts: [{name: " SECRET ", mountPath: /x}]\n"), true },
	{ POD("    imagePullPolicy: " SECRET "\n"), true },
	{ POD("  hostAliases: [{ip: " SECRET ", hostnames: [a]}]\n"), true },
	{ POD("    command: {" SECRET ": x}\n"), false },
	{ POD("    env: [{name: A, value: [" SECRET "]}]\n"), false },
	{ POD("    env: [{name: A, valeu: " SECRET "}]\n"), false },
	{ POD("    env: [{name: A, value: \"" SECRET "}]\n"), false },
	{ POD("    env: [{name: A, value: " SECRET ": x}]\n"), false },
	{ POD("    env:\n    - name: A\n      value: " SECRET "\n      value: " SECRET "\n"),
	  false },
};

static void test_manifests(void **state)
{
	struct manifests_help *t = *state;
	struct captured c;
	char *log;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		capture(&c);
		manifests_help_put(t, "x.yaml", wrong[i].text);
		manifests_help_restart(t);
		log = captured(&c);
		if (!strstr(log, "warning: manifests: x.yaml:") || strstr(log, SECRET))
			fail_msg("%zu: %s", i, log);
		if (!strstr(manifests_help_refusal(t, "x.yaml"), SECRET) == wrong[i].quoted)
			fail_msg("%zu: %s", i, manifests_help_refusal(t, "x.yaml"));
		free(log);
	}
}

/* What an update may not change is not shown, neither as it was nor as it would be. */
static void test_update(void **state)
{
	struct manifests_help *t = *state;
	struct captured c;
	char *log;

	manifests_help_change(t, "x.yaml", POD("    env: [{name: A, value: " SECRET "1}]\n"));
	assert_string_equal(manifests_help_refusal(t, "x.yaml"), "");
	capture(&c);
	manifests_help_change(t, "x.yaml", POD("    env: [{name: A, value: " SECRET "2}]\n"));
	log = captured(&c);
	assert_non_null(strstr(log, "warning: manifests: x.yaml:"));
	assert_null(strstr(log, SECRET));
	free(log);
}

#define PODS	"/api/v1/namespaces/default/pods"
#define AS_JSON(annotation, env) "{\"metadata\":{\"name\":\"p\",\"annotations\":{\"a\":\"" \
	annotation "\"}},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"," \
	"\"args\":[\"" env "\"],\"env\":[{\"name\":\"A\",\"value\":\"" env "\"}]}]}}"

/* Through the API: taken, refused, broken, and asked for in the query. */
static void test_api(void **state)
{
	struct http_fixture *f = http_fixture_open(NULL);
	struct captured c;
	char *log;

	(void)state;
	capture(&c);
	log_debug("begin");
	assert_int_equal(http_do(f, "POST", PODS, AS_JSON(SECRET, SECRET)), 201);
	assert_int_equal(http_do(f, "POST", PODS, AS_JSON(SECRET, SECRET)), 409);
	assert_int_equal(http_do(f, "PUT", PODS "/p", AS_JSON("x", SECRET "2")), 422);
	assert_int_equal(http_do(f, "POST", PODS, "{\"spec\": " SECRET "}"), 400);
	assert_int_equal(http_do(f, "GET", PODS "?labelSelector=a%3D" SECRET "%2C%2C", NULL), 400);
	assert_int_equal(http_do(f, "GET", PODS "/" SECRET, NULL), 404);
	log = captured(&c);
	assert_non_null(strstr(log, "svcd: debug: begin\n"));
	assert_null(strstr(log, SECRET));
	free(log);
	http_fixture_close(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_redaction),
		cmocka_unit_test_setup_teardown(test_manifests, manifests_help_setup,
						manifests_help_teardown),
		cmocka_unit_test_setup_teardown(test_update, manifests_help_setup,
						manifests_help_teardown),
		cmocka_unit_test(test_api),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
