// SPDX-License-Identifier: GPL-2.0
/*
 * JSON writes a character past U+FFFF as two escapes, \ud83d\ude00, YAML as
 * one, \U0001f600. Everything else of JSON is YAML.
 */
#include "yaml_node.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAIR	12	/* bytes of the two escapes */

static bool begins_json(const char *text, size_t len)
{
	size_t i = 0;

	while (i < len && strchr(" \t\r\n", text[i]))
		i++;
	return i < len && (text[i] == '{' || text[i] == '[');
}

/* The value of \uXXXX at s, when it lies within [low, low + 0x400); else -1. */
static long half(const char *s, long low)
{
	char hex[5];
	size_t i;
	long v;

	if (s[0] != '\\' || s[1] != 'u')
		return -1;
	for (i = 0; i < 4; i++)
		if (!isxdigit((unsigned char)s[2 + i]))
			return -1;
	memcpy(hex, s + 2, 4);
	hex[4] = '\0';
	v = strtol(hex, NULL, 16);
	return v >= low && v < low + 0x400 ? v - low : -1;
}

/* -1: s, which has PAIR bytes, is no pair. */
static long pair(const char *s)
{
	long high = half(s, 0xd800), low = half(s + PAIR / 2, 0xdc00);

	return high < 0 || low < 0 ? -1 : 0x10000 + (high << 10) + low;
}

char *yaml_join_escapes(const char *text, size_t *len)
{
	size_t from = 0, to = 0, n = *len;
	char *out = malloc(n + 1);
	long c;

	if (!out)
		return NULL;
	while (from < n) {
		c = n - from >= PAIR && text[from] == '\\' ? pair(text + from) : -1;
		if (c >= 0) {
			to += (size_t)sprintf(out + to, "\\U%08lx", c);
			from += PAIR;
			continue;
		}
		/* "\\ud83d": the second backslash begins no escape. */
		if (text[from] == '\\' && from + 1 < n)
			out[to++] = text[from++];
		out[to++] = text[from++];
	}
	*len = to;
	return out;
}

bool yaml_has_json_escapes(const char *text, size_t len)
{
	const char *at = text;

	if (!begins_json(text, len))
		return false;
	while ((at = memchr(at, '\\', len - (size_t)(at - text)))) {
		if (len - (size_t)(at - text) >= PAIR && pair(at) >= 0)
			return true;
		at++;
	}
	return false;
}
