// SPDX-License-Identifier: GPL-2.0
#include "target.h"

#include <ctype.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void target_fail(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fprintf(stderr, "%s:%d: ", file, line);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	abort();
}

bool target_is_utf8(const char *text)
{
	json_t *j = json_string(text);

	json_decref(j);
	return j;
}

unsigned int target_lines(const uint8_t *data, size_t len)
{
	unsigned int n = 2;
	size_t i;

	/* In UTF-16 a byte says less: whatever may be an end. */
	for (i = 0; i < len; i++)
		n += data[i] && strchr("\n\r\x85\xa8\xa9\x28\x29", data[i]) &&
		     (data[i] < 0x20 || data[i] > 0x7f || data[0] >= 0xfe);
	return n;
}

unsigned int target_line_of(const char *text, const char *name)
{
	size_t n = strlen(name);
	unsigned int line, column;
	int end = 0;

	if (strncmp(text, name, n) != 0 || text[n] != ':')
		return 0;
	if (sscanf(text + n, ":%u:%u: %n", &line, &column, &end) != 2 || !end)
		return 0;
	return column && text[n + (size_t)end] ? line : 0;
}

char *target_text(const uint8_t *data, size_t len)
{
	char *text = strndup(len ? (const char *)data : "", len);

	must(text, "out of memory");
	return text;
}
