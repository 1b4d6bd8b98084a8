// SPDX-License-Identifier: GPL-2.0
/* What debian/ has of its own is what the rest of the tree says. */
#include "err.h"
#include "options.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define CONFIG	SVCNAT_SOURCE "/debian/svcd.yaml"

/* The text between before and after, where they first stand in one line; "" if nowhere. */
static void find(const char *file, const char *before, const char *after, char *out, size_t size)
{
	char line[512], *from, *to;
	FILE *f = fopen(file, "r");

	assert_non_null(f);
	*out = 0;
	while (!*out && fgets(line, sizeof(line), f)) {
		from = strstr(line, before);
		to = from ? strstr(from + strlen(before), after) : NULL;
		if (to)
			snprintf(out, size, "%.*s", (int)(to - from - (long)strlen(before)),
				 from + strlen(before));
	}
	fclose(f);
}

static void test_versions(void **state)
{
	static const char *const places[][3] = {
		{ "/VERSION", "", "\n" },
		{ "/debian/changelog", "svcnat (", ")" },
		{ "/dkms.conf", "PACKAGE_VERSION=\"", "\"" },
		{ "/deploy/Containerfile", "-t svcd:", " " },
		{ "/deploy/svcd.yaml", "image: svcd:", "\n" },
	};
	char path[512], got[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, sizeof(path), SVCNAT_SOURCE "%s", places[i][0]);
		find(path, places[i][1], places[i][2], got, sizeof(got));
		if (strcmp(got, SVCNAT_VERSION))
			fail_msg("%s has version '%s', not " SVCNAT_VERSION, path, got);
	}
}

static int parse(struct options *o, const char *config, struct err *e)
{
	char *argv[] = { "svcd", "--node-name", "n1", "--config", (char *)config, NULL };

	return options_parse(o, config ? 5 : 3, argv, NULL, stdout, e);
}

/* Whoever installs the package has changed nothing by that. */
static void test_nothing_is_set(void **state)
{
	struct options with, without;
	struct err e = { "" };

	(void)state;
	if (parse(&with, CONFIG, &e) || parse(&without, NULL, &e))
		fail_msg("%s", e.text);
	assert_int_equal(options_changes(&without, &with), 0);
	assert_int_equal(with.settings_what, 0);
	options_clear(&with);
	options_clear(&without);
}

/* Its lines "#key: value", without the mark; but for the file that whoever follows has. */
static void write_examples(FILE *to)
{
	FILE *f = fopen(CONFIG, "r");
	char line[512];
	int n = 0;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		if (line[0] != '#' || !isalpha((unsigned char)line[1]) ||
		    !strncmp(line, "#follow:", 8))
			continue;
		fputs(line + 1, to);
		n++;
	}
	fclose(f);
	assert_int_equal(n, 3);
}

static void test_examples(void **state)
{
	char path[] = "/tmp/test_package-XXXXXX";
	int fd = mkstemp(path), ret;
	struct err e = { "" };
	struct options o;
	FILE *f;

	(void)state;
	assert_true(fd >= 0);
	f = fdopen(fd, "w");
	write_examples(f);
	fclose(f);
	ret = parse(&o, path, &e);
	unlink(path);
	if (ret)
		fail_msg("%s", e.text);
	assert_int_equal(o.settings.pod_cidrs.n, 1);
	assert_int_equal(o.settings.external_cidrs.n, 1);
	assert_int_equal(o.nservice_cidrs, 1);
	options_clear(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_nothing_is_set),
		cmocka_unit_test(test_examples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
