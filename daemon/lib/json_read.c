// SPDX-License-Identifier: GPL-2.0
#include "json_read.h"

#include <stdbool.h>
#include <string.h>

#define DEPTH_MAX	64
#define DIGITS_MAX	18	/* so many fit into 64 bits, whatever they are */
#define ESCAPED_MAX	4096	/* bytes of a string that has escapes */

/* Each function that fails leaves the whole text to jansson. */
struct reader {
	const char *at, *end;
	char escaped[ESCAPED_MAX];
};

/* A string's bytes in the text, or in escaped. */
struct span {
	const char *s;
	size_t len;
	bool ascii;
};

static void skip_space(struct reader *r)
{
	while (r->at < r->end &&
	       (*r->at == ' ' || *r->at == '\n' || *r->at == '\t' || *r->at == '\r'))
		r->at++;
}

/* After space: is c next? Then it is behind us. */
static bool take(struct reader *r, char c)
{
	skip_space(r);
	if (r->at == r->end || *r->at != c)
		return false;
	r->at++;
	return true;
}

/* What stands behind a backslash; NUL: not here. */
static char unescape(char c)
{
	static const char codes[] = "\"\"\\\\//b\bf\fn\nr\rt\t";

	for (const char *p = codes; *p; p += 2)
		if (*p == c)
			return p[1];
	return '\0';
}

/* The text is at a string's first backslash, of which the first n bytes are in out. */
static bool read_escaped(struct reader *r, struct span *out)
{
	const char *s = out->s;
	size_t n = out->len;

	if (n >= ESCAPED_MAX)
		return false;
	memcpy(r->escaped, s, n);
	for (; r->at < r->end && n < ESCAPED_MAX; r->at++) {
		char c = *r->at;

		if (c == '"') {
			r->at++;
			*out = (struct span){ r->escaped, n, out->ascii };
			return true;
		}
		if (c == '\\') {
			c = ++r->at < r->end ? unescape(*r->at) : '\0';
			if (!c)
				return false;
		} else if ((unsigned char)c < ' ') {
			return false;
		}
		out->ascii &= !(c & 0x80);
		r->escaped[n++] = c;
	}
	return false;
}

/* Behind its first quote. */
static bool read_span(struct reader *r, struct span *out)
{
	const char *from = r->at;
	unsigned char all = 0;

	for (; r->at < r->end; r->at++) {
		unsigned char c = (unsigned char)*r->at;

		if (c < ' ')
			return false;
		if (c == '"' || c == '\\')
			break;
		all |= c;
	}
	if (r->at == r->end)
		return false;
	*out = (struct span){ from, (size_t)(r->at - from), !(all & 0x80) };
	if (*r->at == '\\')
		return read_escaped(r, out);
	r->at++;
	return true;
}

static json_t *read_string(struct reader *r)
{
	struct span s;

	if (!read_span(r, &s))
		return NULL;
	/* ASCII needs no look at what is UTF-8. */
	return s.ascii ? json_stringn_nocheck(s.s, s.len) : json_stringn(s.s, s.len);
}

static bool is_digit(const struct reader *r)
{
	return r->at < r->end && *r->at >= '0' && *r->at <= '9';
}

static json_t *read_integer(struct reader *r)
{
	bool minus = *r->at == '-';
	json_int_t v = 0;
	const char *from;

	r->at += minus;
	for (from = r->at; is_digit(r) && r->at - from < DIGITS_MAX; r->at++)
		v = v * 10 + (*r->at - '0');
	if (r->at == from || (*from == '0' && r->at - from > 1) || r->at == r->end ||
	    is_digit(r) || *r->at == '.' || *r->at == 'e' || *r->at == 'E')
		return NULL;
	return json_integer(minus ? -v : v);
}

static json_t *read_word(struct reader *r, const char *word, json_t *value)
{
	size_t len = strlen(word);

	if ((size_t)(r->end - r->at) < len || memcmp(r->at, word, len))
		return NULL;
	r->at += len;
	return value;
}

static json_t *read_value(struct reader *r, unsigned int depth);

static bool read_items(struct reader *r, unsigned int depth, json_t *list)
{
	if (take(r, ']'))
		return true;
	do {
		json_t *v = read_value(r, depth);

		if (!v || json_array_append_new(list, v))
			return false;
	} while (take(r, ','));
	return take(r, ']');
}

/* One that is there already, which json_object_set() would put aside, is not for us. */
static bool set_member(json_t *o, const struct span *key, json_t *v)
{
	size_t n = json_object_size(o);

	return !json_object_setn_new_nocheck(o, key->s, key->len, v) &&
	       json_object_size(o) == n + 1;
}

static bool read_member(struct reader *r, unsigned int depth, json_t *o)
{
	struct span key;
	json_t *v;

	/* Escapes in keys would be overwritten by those of the value; and keys are words. */
	if (!take(r, '"') || !read_span(r, &key) || !key.ascii || key.s == r->escaped ||
	    !take(r, ':'))
		return false;
	v = read_value(r, depth);
	return v && set_member(o, &key, v);
}

static bool read_members(struct reader *r, unsigned int depth, json_t *o)
{
	if (take(r, '}'))
		return true;
	do
		if (!read_member(r, depth, o))
			return false;
	while (take(r, ','));
	return take(r, '}');
}

static json_t *read_nested(struct reader *r, unsigned int depth, bool object)
{
	json_t *v = object ? json_object() : json_array();

	r->at++;
	if (v && depth < DEPTH_MAX &&
	    (object ? read_members(r, depth + 1, v) : read_items(r, depth + 1, v)))
		return v;
	json_decref(v);
	return NULL;
}

static json_t *read_value(struct reader *r, unsigned int depth)
{
	skip_space(r);
	if (r->at == r->end)
		return NULL;
	switch (*r->at) {
	case '{':
	case '[':
		return read_nested(r, depth, *r->at == '{');
	case '"':
		r->at++;
		return read_string(r);
	case 't':
		return read_word(r, "true", json_true());
	case 'f':
		return read_word(r, "false", json_false());
	case 'n':
		return read_word(r, "null", json_null());
	default:
		return read_integer(r);
	}
}

/* A whole text is one object or list. */
static json_t *read_text(const char *text, size_t len)
{
	struct reader r = { .at = text, .end = text + len };
	json_t *v;

	skip_space(&r);
	if (r.at == r.end || (*r.at != '{' && *r.at != '['))
		return NULL;
	v = read_value(&r, 0);
	skip_space(&r);
	if (r.at == r.end)
		return v;
	json_decref(v);
	return NULL;
}

json_t *json_read(const char *text, size_t len, size_t flags, json_error_t *error)
{
	json_t *v = read_text(text, len);

	return v ? v : json_loadb(text, len, flags, error);
}
