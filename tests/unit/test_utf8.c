// SPDX-License-Identifier: GPL-2.0
#include "utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

static void test_repair(void **state)
{
	static const char *const rows[][2] = {
		{ "", "" },
		{ "a b", "a b" },
		{ "\303\244\342\202\254\360\237\230\200", "\303\244\342\202\254\360\237\230\200" },
		{ "\303", "?" },			/* cut */
		{ "a\342\202", "a??" },
		{ "\360\237\230x", "???x" },
		{ "\244a", "?a" },			/* no beginning */
		{ "\300\200", "??" },			/* longer than it need be */
		{ "\340\200\200", "???" },
		{ "\355\240\200", "???" },		/* half a pair of UTF-16 */
		{ "\364\220\200\200", "????" },	/* past U+10FFFF */
		{ "\377\303\244\376", "?\303\244?" },
	};
	char text[32];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		strcpy(text, rows[i][0]);
		utf8_repair(text);
		assert_string_equal(text, rows[i][1]);
	}
}

/* libjansson has its own opinion of what is UTF-8: after a repair it agrees. */
static void test_all_pairs(void **state)
{
	char text[8], before[8];
	json_t *j;
	int a, b;

	(void)state;
	for (a = 1; a < 256; a++)
		for (b = 1; b < 256; b++) {
			snprintf(text, sizeof(text), "%c%c\202\254", a, b);
			strcpy(before, text);
			j = json_string(text);
			utf8_repair(text);
			if (j)
				assert_string_equal(text, before);
			json_decref(j);
			j = json_string(text);
			assert_non_null(j);
			json_decref(j);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_repair),
		cmocka_unit_test(test_all_pairs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
