// SPDX-License-Identifier: GPL-2.0
#include "facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void facts_say(struct facts *f, const char *fmt, ...)
{
	va_list ap;

	assert_true(f->n < sizeof(f->v) / sizeof(f->v[0]));
	va_start(ap, fmt);
	assert_true(vasprintf(&f->v[f->n++], fmt, ap) >= 0);
	va_end(ap);
}

static int cmp(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void facts_sort(struct facts *f)
{
	size_t i, n = 0;

	qsort(f->v, f->n, sizeof(f->v[0]), cmp);
	for (i = 0; i < f->n; i++) {
		if (n && !strcmp(f->v[n - 1], f->v[i]))
			free(f->v[i]);
		else
			f->v[n++] = f->v[i];
	}
	f->n = n;
}

void facts_clear(struct facts *f)
{
	while (f->n)
		free(f->v[--f->n]);
}

void facts_join(struct facts *f, char *out, size_t size)
{
	size_t i, n = 0;

	facts_sort(f);
	*out = '\0';
	for (i = 0; i < f->n; i++) {
		n += snprintf(out + n, size - n, "%s%s", i ? " " : "", f->v[i]);
		assert_true(n < size);
	}
	facts_clear(f);
}

void facts_diff(const struct facts *a, const char *a_name, const struct facts *b,
		const char *b_name, struct facts *out)
{
	size_t i = 0, j = 0;
	int c;

	while (i < a->n || j < b->n) {
		c = i == a->n ? 1 : j == b->n ? -1 : strcmp(a->v[i], b->v[j]);
		if (c < 0)
			facts_say(out, "%s only: %s", a_name, a->v[i]);
		else if (c > 0)
			facts_say(out, "%s only: %s", b_name, b->v[j]);
		i += c <= 0;
		j += c >= 0;
	}
}
