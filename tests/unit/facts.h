/* SPDX-License-Identifier: GPL-2.0 */
/* What two sides are expected to agree on, said as lines of text. */
#ifndef SVCNAT_TESTS_FACTS_H
#define SVCNAT_TESTS_FACTS_H

#include <stddef.h>

struct facts {
	char *v[256];
	size_t n;
};

/* All of these fail the test when there is no room. */
void facts_say(struct facts *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Sorted, and each once. */
void facts_sort(struct facts *f);
/* "a b c", sorted; clears f. */
void facts_join(struct facts *f, char *out, size_t size);
/* "A only: FACT" and "B only: FACT", in the order of the facts; a and b are sorted. */
void facts_diff(const struct facts *a, const char *a_name, const struct facts *b,
		const char *b_name, struct facts *out);
void facts_clear(struct facts *f);

#endif
