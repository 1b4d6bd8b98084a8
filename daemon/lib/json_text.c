// SPDX-License-Identifier: GPL-2.0
#include "json_text.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST	1024

struct text {
	char *v;
	size_t n, room;
	unsigned int flags;
	bool failed;
};

static bool make_room(struct text *t, size_t len)
{
	size_t room = t->room ? t->room : ROOM_FIRST;
	char *v;

	while (room - t->n < len)
		room *= 2;
	v = t->failed ? NULL : realloc(t->v, room);
	if (!v) {
		t->failed = true;
		return false;
	}
	t->v = v;
	t->room = room;
	return true;
}

static void add(struct text *t, const char *s, size_t len)
{
	if (t->room - t->n < len && !make_room(t, len))
		return;
	memcpy(t->v + t->n, s, len);
	t->n += len;
}

static void add_char(struct text *t, char c)
{
	if (t->room == t->n && !make_room(t, 1))
		return;
	t->v[t->n++] = c;
}

static void add_escape(struct text *t, unsigned char c)
{
	static const char named[] = "\"\"\\\\\bb\ff\nn\rr\tt";	/* and what stands for it */
	char code[8];

	for (const char *p = named; *p; p += 2)
		if ((unsigned char)*p == c) {
			add_char(t, '\\');
			add_char(t, p[1]);
			return;
		}
	snprintf(code, sizeof(code), "\\u%04X", c);
	add(t, code, 6);
}

static void add_string(struct text *t, const char *s, size_t len)
{
	size_t from = 0;

	add_char(t, '"');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c >= ' ' && c != '"' && c != '\\')
			continue;
		add(t, s + from, i - from);
		add_escape(t, c);
		from = i + 1;
	}
	add(t, s + from, len - from);
	add_char(t, '"');
}

static void add_integer(struct text *t, json_int_t v)
{
	unsigned long long n = v < 0 ? 0 - (unsigned long long)v : (unsigned long long)v;
	char digits[24];
	size_t i = sizeof(digits);

	do
		digits[--i] = (char)('0' + n % 10);
	while (n /= 10);
	if (v < 0)
		digits[--i] = '-';
	add(t, digits + i, sizeof(digits) - i);
}

/* Rare, and how many digits it takes is jansson's affair. */
static void add_real(struct text *t, const json_t *v)
{
	char digits[64];
	size_t len = json_dumpb(v, digits, sizeof(digits), JSON_ENCODE_ANY);

	add(t, digits, len);
}

static void add_value(struct text *t, const json_t *v);

static void add_list(struct text *t, const json_t *list)
{
	add_char(t, '[');
	for (size_t i = 0; i < json_array_size(list); i++) {
		if (i)
			add_char(t, ',');
		add_value(t, json_array_get(list, i));
	}
	add_char(t, ']');
}

static void add_member(struct text *t, const char *key, const json_t *v, bool first)
{
	if (!first)
		add_char(t, ',');
	add_string(t, key, strlen(key));
	add_char(t, ':');
	add_value(t, v);
}

static int compare_keys(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_sorted(struct text *t, json_t *o)
{
	size_t n = json_object_size(o), i = 0;
	const char **keys = malloc(n * sizeof(*keys) + 1);

	if (!keys) {
		t->failed = true;
		return;
	}
	for (void *at = json_object_iter(o); at; at = json_object_iter_next(o, at))
		keys[i++] = json_object_iter_key(at);
	qsort(keys, n, sizeof(*keys), compare_keys);
	for (i = 0; i < n; i++)
		add_member(t, keys[i], json_object_get(o, keys[i]), !i);
	free(keys);
}

static void add_object(struct text *t, json_t *o)
{
	void *first = json_object_iter(o);

	add_char(t, '{');
	if (t->flags & JSON_TEXT_SORTED)
		add_sorted(t, o);
	else
		for (void *at = first; at; at = json_object_iter_next(o, at))
			add_member(t, json_object_iter_key(at), json_object_iter_value(at),
				   at == first);
	add_char(t, '}');
}

static void add_value(struct text *t, const json_t *v)
{
	switch (json_typeof(v)) {
	case JSON_OBJECT:
		add_object(t, (json_t *)v);
		break;
	case JSON_ARRAY:
		add_list(t, v);
		break;
	case JSON_STRING:
		add_string(t, json_string_value(v), json_string_length(v));
		break;
	case JSON_INTEGER:
		add_integer(t, json_integer_value(v));
		break;
	case JSON_REAL:
		add_real(t, v);
		break;
	case JSON_TRUE:
		add(t, "true", 4);
		break;
	case JSON_FALSE:
		add(t, "false", 5);
		break;
	default:
		add(t, "null", 4);
	}
}

char *json_text(const json_t *v, unsigned int flags, size_t *len)
{
	struct text t = { .flags = flags };

	add_value(&t, v);
	add_char(&t, '\0');
	if (t.failed) {
		free(t.v);
		return NULL;
	}
	if (len)
		*len = t.n - 1;
	return t.v;
}
