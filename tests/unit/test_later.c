// SPDX-License-Identifier: GPL-2.0
/* A library that is loaded late: there, not there, and one that lacks a function. */
#include "err.h"
#include "later.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define LIBRARY	"libm.so.6"

static struct {
	typeof(&cos) cos;
	typeof(&cos) none;
} lib;

static void test_loaded(void **state)
{
	static const struct later_symbol symbols[] = { { "cos", &lib.cos }, { 0 } };
	struct err e;

	(void)state;
	assert_int_equal(later_load(LIBRARY, symbols, &e), 0);
	assert_true(lib.cos(0) == 1);
	assert_int_equal(later_load(LIBRARY, symbols, &e), 0);
}

static void assert_missing(const char *library, const struct later_symbol *symbols,
			   const char *text)
{
	struct err e;

	assert_int_equal(later_load(library, symbols, &e), -ENOENT);
	assert_non_null(strstr(e.text, library));
	assert_non_null(strstr(e.text, text));
}

static void test_missing(void **state)
{
	static const struct later_symbol symbols[] = {
		{ "cos", &lib.cos }, { "svcnat_no_such_function", &lib.none }, { 0 },
	};

	(void)state;
	assert_missing("libsvcnat-none.so.1", symbols, "is needed for this");
	assert_missing(LIBRARY, symbols, "svcnat_no_such_function");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_loaded),
		cmocka_unit_test(test_missing),
	};

	return cmocka_run_group_tests_name("later", tests, NULL, NULL);
}
