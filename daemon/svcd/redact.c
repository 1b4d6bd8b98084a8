// SPDX-License-Identifier: GPL-2.0
#include "redact.h"

#include <string.h>

#define HIDDEN	"(hidden)"

/* Behind each of them is a JSON value. */
static const char *const introductions[] = {
	"Invalid value: ", "Duplicate value: ", "Unsupported value: ", "Not found: ",
	"cannot unmarshal number ",
};

/* Behind the string that begins at p. The text may have been cut within it. */
static const char *skip_string(const char *p)
{
	for (p++; *p && *p != '"'; p++)
		if (*p == '\\' && p[1])
			p++;
	return *p ? p + 1 : p;
}

static const char *skip_list(const char *p)
{
	size_t depth = 0;

	while (*p) {
		if (*p == '"') {
			p = skip_string(p);
			continue;
		}
		if (*p == '[' || *p == '{')
			depth++;
		else if ((*p == ']' || *p == '}') && !--depth)
			return p + 1;
		p++;
	}
	return p;
}

static const char *skip_value(const char *p)
{
	if (*p == '"')
		return skip_string(p);
	if (*p == '[' || *p == '{')
		return skip_list(p);
	/* A number, or one of three words. */
	return p + strcspn(p, ":,] ");
}

/* How long the introduction is that stands at p; 0: none does. */
static size_t introduced(const char *p)
{
	for (size_t i = 0; i < sizeof(introductions) / sizeof(*introductions); i++) {
		size_t n = strlen(introductions[i]);

		if (strncmp(p, introductions[i], n) == 0)
			return n;
	}
	return 0;
}

static size_t put(char *buf, size_t size, size_t at, const char *text, size_t len)
{
	if (len > size - at - 1)
		len = size - at - 1;
	memcpy(buf + at, text, len);
	return at + len;
}

void redact_values(const char *text, char *buf, size_t size)
{
	size_t at = 0, n;

	while (*text) {
		n = introduced(text);
		at = put(buf, size, at, text, n ? n : 1);
		text += n ? n : 1;
		if (!n)
			continue;
		text = skip_value(text);
		at = put(buf, size, at, HIDDEN, strlen(HIDDEN));
	}
	buf[at] = '\0';
}
