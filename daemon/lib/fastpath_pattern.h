/* SPDX-License-Identifier: GPL-2.0 */
/* Names of devices for the fast path, as patterns of a shell: "cali*", and "!wg0" for all but. */
#ifndef SVCNAT_FASTPATH_PATTERN_H
#define SVCNAT_FASTPATH_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

struct err;

#define FASTPATH_PATTERNS_MAX	32
#define FASTPATH_PATTERN_LEN	32	/* with its end */

/* Zero it to start with. */
struct fastpath_patterns {
	char v[FASTPATH_PATTERNS_MAX][FASTPATH_PATTERN_LEN];
	size_t n;
};

/* One that is there already is not added again. -EINVAL. */
int fastpath_pattern_add(struct fastpath_patterns *p, const char *text, struct err *e);
bool fastpath_patterns_equal(const struct fastpath_patterns *a, const struct fastpath_patterns *b);

/* Is it one of those with a "!"? */
bool fastpath_pattern_excludes(const struct fastpath_patterns *p, const char *name);
/*
 * Is it one of the others? Where none of them was given, the names that the common networks
 * of containers give their bridges, tunnels and ends of pods are meant.
 */
bool fastpath_pattern_includes(const struct fastpath_patterns *p, const char *name);

#endif
