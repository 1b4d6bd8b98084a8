// SPDX-License-Identifier: GPL-2.0
/* Sessions of svcctl with a whole API server; most follow the recordings of kubectl. */
#include "transcript.h"

#include <stdlib.h>
#include <string.h>

static void test_session(void **state)
{
	transcript_run(*state);
}

static void test_matches(void **state)
{
	(void)state;
	assert_true(transcript_matches("a @@ c\n", "a bb c\n"));
	assert_true(transcript_matches("@@\nx", "\nx"));
	assert_true(transcript_matches("a @@", "a b"));
	assert_false(transcript_matches("a @@ c\n", "a b\nb c\n"));
	assert_false(transcript_matches("a", "ab"));
	assert_false(transcript_matches("ab", "a"));
}

#define SESSION(name) { #name, test_session, NULL, NULL, (void *)#name }

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matches),
		SESSION(apply),
		SESSION(create),
		SESSION(delete),
		SESSION(describe),
		SESSION(endpoints),
		SESSION(expose),
		SESSION(get),
		SESSION(invalid),
		SESSION(label),
		SESSION(patch),
		SESSION(types),
		SESSION(wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
