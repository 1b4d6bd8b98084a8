// SPDX-License-Identifier: GPL-2.0
/* svcd.yaml's fastPath and fastPathDevices, and their options. */
#include "err.h"
#include "options_help.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

/* The file says text; line: what the command line says. */
static int parse(struct options_help *f, const char *text, const char *line)
{
	char copy[256], *argv[16] = { "svcd" }, *word;
	FILE *out = fopen(f->path, "w");
	int argc = 1;

	assert_non_null(out);
	fputs(text, out);
	fclose(out);
	options_clear(&f->o);
	f->e.text[0] = '\0';
	snprintf(copy, sizeof(copy), "--config=%s --node-name=n %s", f->path, line);
	for (word = strtok(copy, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	return options_parse(&f->o, argc, argv, NULL, stdout, &f->e);
}

static void test_values(void **state)
{
	struct options_help *f = *state;

	assert_int_equal(parse(f, "", ""), 0);
	assert_false(f->o.fastpath.on);
	assert_int_equal(f->o.fastpath.devices.n, 0);
	assert_int_equal(parse(f, "fastPath: auto\n", ""), 0);
	assert_true(f->o.fastpath.on);
	/* To YAML that is no word, but a value. */
	assert_int_equal(parse(f, "fastPath: off\n", ""), 0);
	assert_false(f->o.fastpath.on);
	assert_int_equal(parse(f, "fastPath: \"off\"\n", ""), 0);
	assert_false(f->o.fastpath.on);
	assert_int_equal(parse(f, "fastPath: auto\n", "--fast-path=off"), 0);
	assert_false(f->o.fastpath.on);
	assert_int_equal(parse(f, "fastPath: off\n", "--fast-path auto"), 0);
	assert_true(f->o.fastpath.on);
}

static void test_devices(void **state)
{
	struct options_help *f = *state;

	assert_int_equal(parse(f, "fastPathDevices: [\"veth*\", \"!veth7\", \"veth*\"]\n", ""), 0);
	assert_int_equal(f->o.fastpath.devices.n, 2);
	assert_string_equal(f->o.fastpath.devices.v[1], "!veth7");
	assert_int_equal(parse(f, "fastPathDevices: \"!eth1\"\n", ""), 0);
	assert_int_equal(f->o.fastpath.devices.n, 1);
	assert_int_equal(parse(f, "fastPathDevices: \"!eth1\"\n",
			       "--fast-path-device cali* --fast-path-device=en*"), 0);
	assert_int_equal(f->o.fastpath.devices.n, 2);
	assert_string_equal(f->o.fastpath.devices.v[0], "cali*");
}

static const struct {
	const char *text, *line, *why;
} bad[] = {
	{ "fastPath: on\n", "", ":1:11: fastPath: \"true\" is neither off nor auto" },
	{ "fastPath: [auto]\n", "", ":1:11: fastPath: this has to be one value" },
	{ "fastPath: 1\n", "", "fastPath: \"1\" is neither off nor auto" },
	{ "fastPathDevices: []\n", "", "this list is empty: leave the key out" },
	{ "fastPathDevices: [a, b/c]\n", "",
	  ":1:22: fastPathDevices[1]: \"b/c\" is not a pattern" },
	{ "fastPathDevices: {a: b}\n", "", "fastPathDevices: this has to be a list of values" },
	{ "", "--fast-path yes", "--fast-path: \"yes\" is neither off nor auto" },
	{ "", "--fast-path-device a\\b", "--fast-path-device: \"a\\b\" is not a pattern" },
};

static void test_bad(void **state)
{
	struct options_help *f = *state;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (parse(f, bad[i].text, bad[i].line) != -EINVAL ||
		    !strstr(f->e.text, bad[i].why))
			fail_msg("%s%s: %s", bad[i].text, bad[i].line, f->e.text);
}

static void test_too_many(void **state)
{
	char text[512] = "fastPathDevices: [e0";
	struct options_help *f = *state;
	size_t i;

	for (i = 1; i <= FASTPATH_PATTERNS_MAX; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), ", e%zu", i);
	strcat(text, "]\n");
	assert_int_equal(parse(f, text, ""), -EINVAL);
	assert_non_null(strstr(f->e.text, "more than 32 patterns"));
}

static const struct {
	const char *now, *next;
	unsigned int what;
} changes[] = {
	{ "", "fastPath: off\n", 0 },
	{ "", "fastPath: auto\n", OPTIONS_FASTPATH },
	{ "fastPath: auto\n", "", OPTIONS_FASTPATH },
	{ "fastPathDevices: [a, b]\n", "fastPathDevices: [b, a]\n", 0 },
	{ "fastPathDevices: [a, b]\n", "fastPathDevices: [b]\n", OPTIONS_FASTPATH },
	{ "fastPathDevices: [a]\n", "fastPathDevices: [\"!a\"]\n", OPTIONS_FASTPATH },
	{ "follow: unix:///a\n", "follow: unix:///a\nfastPath: auto\n", OPTIONS_FASTPATH },
};

static void test_changes(void **state)
{
	struct options_help *f = *state;
	struct options now;
	unsigned int what;
	size_t i;

	for (i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		assert_int_equal(parse(f, changes[i].now, ""), 0);
		now = f->o;
		f->o = (struct options){ 0 };
		assert_int_equal(parse(f, changes[i].next, ""), 0);
		what = options_changes(&now, &f->o);
		if (what != changes[i].what)
			fail_msg("%s to %s: %x", changes[i].now, changes[i].next, what);
		options_clear(&now);
	}
}

#define CASE(test) \
	cmocka_unit_test_setup_teardown(test, options_help_setup, options_help_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_values),
		CASE(test_devices),
		CASE(test_bad),
		CASE(test_too_many),
		CASE(test_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
