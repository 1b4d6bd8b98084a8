// SPDX-License-Identifier: GPL-2.0
#include "complaint.h"

#include "log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What happens each second, and how many lines there are then. */
static const struct {
	const char *text;
	size_t lines;
} seconds[] = {
	{ "", 0 }, { "disk full", 1 }, { "disk full", 1 }, { "disk full", 1 }, { "read only", 2 },
	{ "read only", 2 }, { "disk full", 3 }, { "", 3 }, { "", 3 }, { "disk full", 4 },
};

static void test_once_per_text(void **state)
{
	struct err last = { "" };
	char *said = NULL;
	size_t len = 0;
	FILE *log = open_memstream(&said, &len);

	(void)state;
	log_init(LOG_LEVEL_ERROR, log, LOG_FORMAT_TEXT);
	for (size_t i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++) {
		struct err e = { "" };
		size_t lines = 0;

		strcpy(e.text, seconds[i].text);
		complaint(&last, LOG_LEVEL_ERROR, &e);
		fflush(log);
		for (const char *p = said; (p = strchr(p, '\n')); p++)
			lines++;
		assert_int_equal(lines, seconds[i].lines);
	}
	log_init(LOG_LEVEL_ERROR, NULL, LOG_FORMAT_TEXT);
	fclose(log);
	assert_non_null(strstr(said, "read only"));
	free(said);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_once_per_text) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
