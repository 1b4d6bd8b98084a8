// SPDX-License-Identifier: GPL-2.0
#include "ynl_header.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void ynl_header_add(struct ynl_header *h, const char *name, const char *tag, const char *text,
		    long long value)
{
	struct ynl_name *v = realloc(h->v, (h->n + 1) * sizeof(*v));

	assert_non_null(v);
	h->v = v;
	v = &v[h->n++];
	memset(v, 0, sizeof(*v));
	assert_true(strlen(name) < sizeof(v->name) && strlen(tag) < sizeof(v->tag));
	assert_true(strlen(text) < sizeof(v->text));
	strcpy(v->name, name);
	strcpy(v->tag, tag);
	strcpy(v->text, text);
	v->value = value;
}

void ynl_header_clear(struct ynl_header *h)
{
	free(h->v);
	*h = (struct ynl_header){ 0 };
}

const struct ynl_name *ynl_header_find(const struct ynl_header *h, const char *name)
{
	size_t i;

	for (i = 0; i < h->n; i++)
		if (!strcmp(h->v[i].name, name))
			return &h->v[i];
	return NULL;
}

void ynl_header_strip(char *text)
{
	char *from, *to;

	for (from = to = text; *from;) {
		if (!strncmp(from, "//", 2)) {
			from += strcspn(from, "\n");
		} else if (!strncmp(from, "/*", 2)) {
			char *end = strstr(from + 2, "*/");

			from = end ? end + 2 : from + strlen(from);
			*to++ = ' ';
		} else {
			*to++ = *from++;
		}
	}
	*to = '\0';
}

/* ---- expressions: names, numbers, parentheses, << + - | */

struct expr {
	const struct ynl_header *h;
	const char *at;
	bool bad;
};

static const char *blank(const char *p)
{
	return p + strspn(p, " \t\n");
}

static size_t word(const char *p)
{
	size_t n = 0;

	while (isalnum((unsigned char)p[n]) || p[n] == '_')
		n++;
	return n;
}

static long long sum(struct expr *x);

static long long term(struct expr *x)
{
	const struct ynl_name *known;
	char name[64], *end;
	long long v;
	size_t n;

	x->at = blank(x->at);
	if (*x->at == '(') {
		x->at++;
		v = sum(x);
		x->at = blank(x->at);
		x->bad |= *x->at != ')';
		x->at += *x->at == ')';
		return v;
	}
	if (isdigit((unsigned char)*x->at)) {
		v = strtoll(x->at, &end, 0);
		x->at = end;
		return v;
	}
	n = word(x->at);
	snprintf(name, sizeof(name), "%.*s", (int)n, x->at);
	x->at += n;
	known = ynl_header_find(x->h, name);
	x->bad |= !known || *known->text;
	return known ? known->value : 0;
}

/* No rank among the signs: C would warn where it counted. */
static long long sum(struct expr *x)
{
	long long v = term(x);

	for (;;) {
		x->at = blank(x->at);
		if (!strncmp(x->at, "<<", 2)) {
			x->at += 2;
			v <<= term(x);
		} else if (*x->at == '-') {
			x->at++;
			v -= term(x);
		} else if (*x->at == '+') {
			x->at++;
			v += term(x);
		} else if (*x->at == '|') {
			x->at++;
			v |= term(x);
		} else {
			return v;
		}
		if (x->bad)
			return v;
	}
}

bool ynl_header_value(const struct ynl_header *h, const char *expression, long long *value,
		      struct ynl_report *r)
{
	struct expr x = { h, expression, false };

	*value = sum(&x);
	if (!x.bad && !*blank(x.at))
		return true;
	ynl_say(r, "not understood: %s", expression);
	return false;
}

/* ---- the header */

/* "#define NAME VALUE", from behind the first word; returns what follows the line. */
static const char *parse_define(const char *p, struct ynl_header *h, struct ynl_report *r)
{
	size_t len = strcspn(p, "\n"), n;
	char *line = strndup(p, len), *name, *value;
	long long v;

	name = line + strspn(line, " \t");
	n = word(name);
	value = name + n;
	value += strspn(value, " \t");
	name[n] = '\0';
	if (*value == '"') {
		value[strcspn(value + 1, "\"") + 1] = '\0';
		ynl_header_add(h, name, "", value + 1, 0);
	} else if (*value && ynl_header_value(h, value, &v, r)) {
		ynl_header_add(h, name, "", "", v);
	}
	free(line);
	return p + len;
}

/* "enum TAG { NAME, ... };", from behind the first word. */
static const char *parse_enum(const char *p, struct ynl_header *h, struct ynl_report *r)
{
	char tag[64], name[64];
	long long v = 0;

	p = blank(p);
	snprintf(tag, sizeof(tag), "%.*s", (int)word(p), p);
	p = blank(p + word(p));
	if (!*tag || *p != '{') {
		ynl_say(r, "an enum without a tag, or without a body: %.30s", p);
		return p;
	}
	for (p = blank(p + 1); word(p); p = blank(p)) {
		snprintf(name, sizeof(name), "%.*s", (int)word(p), p);
		ynl_header_add(h, name, tag, "", v++);
		p = blank(p + word(p));
		p += *p == ',';
	}
	if (strncmp(p, "};", 2)) {
		ynl_say(r, "enum %s: not understood: %.30s", tag, p);
		return p + strlen(p);
	}
	return p + 2;
}

void ynl_header_parse(const char *text, struct ynl_header *out, struct ynl_report *r)
{
	char *plain = strdup(text);
	const char *p;

	*out = (struct ynl_header){ 0 };
	ynl_header_strip(plain);
	for (p = blank(plain); *p; p = blank(p)) {
		if (!strncmp(p, "#define", 7)) {
			p = parse_define(p + 7, out, r);
		} else if (!strncmp(p, "#ifndef", 7) || !strncmp(p, "#endif", 6)) {
			p += strcspn(p, "\n");
		} else if (!strncmp(p, "enum", 4)) {
			p = parse_enum(p + 4, out, r);
		} else {
			ynl_say(r, "not understood: %.30s", p);
			break;
		}
	}
	free(plain);
}
