// SPDX-License-Identifier: GPL-2.0
/* Amounts of resources in the form that the API shows, and what is none. */
#include "quantity.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

static void test_form(void **state)
{
	static const char *const rows[][2] = {
		{ "0", "0" }, { "0Gi", "0" }, { "-0", "0" }, { "1", "1" }, { "+3", "3" },
		{ "007", "7" }, { "1000", "1k" }, { "1500", "1500" }, { "1000000", "1M" },
		{ "0.5", "500m" }, { ".5", "500m" }, { "5.", "5" }, { "1000m", "1" },
		{ "1500m", "1500m" }, { "-1.5", "-1500m" }, { "0.1", "100m" },
		{ "1k", "1k" }, { "1000k", "1M" }, { "1P", "1P" }, { "1E", "1E" },
		{ "1000E", "1000E" },
		/* A thousandth is the smallest. */
		{ "0.0001", "1m" }, { "100n", "1m" }, { "1u", "1m" }, { "1.0001", "1001m" },
		{ "1Ki", "1Ki" }, { "1024Mi", "1Gi" }, { "1000Ki", "1000Ki" },
		{ "1.5Gi", "1536Mi" }, { "1Ei", "1Ei" }, { "1024Ei", "1024Ei" },
		{ "0.5Ki", "512" }, { "0.3Ki", "307200m" }, { "1025Ki", "1025Ki" },
		{ "1e3", "1e3" }, { "12E6", "12e6" }, { "1e4", "10e3" }, { "1e-3", "1e-3" },
		{ "1e0", "1" },
		/* Nothing is calculated with these. */
		{ "1234567890123456789012", "1234567890123456789012" }, { "1e400", "1e400" },
		{ "0.12345678901234567890", "0.12345678901234567890" },
	};
	char buf[QUANTITY_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *bad = quantity_canonical(rows[i][0], buf);

		if (bad || strcmp(buf, rows[i][1]))
			fail_msg("%s: %s", rows[i][0], bad ? bad : buf);
	}
}

static void test_none(void **state)
{
	static const char *const rows[][2] = {
		{ "", "quantities must match the regular expression "
		  "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'" },
		{ "a", "quantities must match" }, { "-", "quantities must match" },
		{ "1 Gi", "quantities must match" }, { "1Kib", "quantities must match" },
		{ "--1", "quantities must match" }, { "1e5e", "quantities must match" },
		{ ".", "unable to parse numeric part of quantity" },
		{ "1.2.3", "unable to parse numeric part of quantity" },
		{ "1ki", "unable to parse quantity's suffix" },
		{ "1K", "unable to parse quantity's suffix" },
		{ "1e", "unable to parse quantity's suffix" },
		{ "1e+", "unable to parse quantity's suffix" },
		{ "1-5", "unable to parse quantity's suffix" },
		{ "1mm", "unable to parse quantity's suffix" },
	};
	char buf[QUANTITY_MAX], too_long[200];
	const char *bad;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bad = quantity_canonical(rows[i][0], buf);
		if (!bad || strncmp(bad, rows[i][1], strlen(rows[i][1])))
			fail_msg("%s: %s", rows[i][0], bad ? bad : buf);
	}
	memset(too_long, '1', sizeof(too_long));
	too_long[sizeof(too_long) - 1] = '\0';
	assert_non_null(quantity_canonical(too_long, buf));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_form), cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
