// SPDX-License-Identifier: GPL-2.0
#include "prom_parse.h"

#include <ctype.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct family {
	char name[128], type[16];
	bool typed;
};

struct reader {
	struct prom *out;
	struct family *families;
	size_t nfamilies;
	unsigned int line;
	char *why;
};

static bool wrong(struct reader *r, const char *what, const char *line)
{
	snprintf(r->why, 256, "line %u: %s: %.120s", r->line, what, line);
	return false;
}

static size_t name_length(const char *s, bool colons)
{
	size_t n = 0;

	while (isalpha((unsigned char)s[n]) || s[n] == '_' || (colons && s[n] == ':') ||
	       (n && isdigit((unsigned char)s[n])))
		n++;
	return n;
}

static struct family *last_family(struct reader *r)
{
	return r->nfamilies ? &r->families[r->nfamilies - 1] : NULL;
}

static bool begin_family(struct reader *r, const char *name, size_t len, const char *line)
{
	size_t i;

	if (!len || len >= sizeof(r->families->name) || name[len] != ' ' || !name[len + 1])
		return wrong(r, "HELP without name or text", line);
	for (i = 0; i < r->nfamilies; i++)
		if (strlen(r->families[i].name) == len && !memcmp(r->families[i].name, name, len))
			return wrong(r, "the family was there already", line);
	if (last_family(r) && !last_family(r)->typed)
		return wrong(r, "HELP without TYPE", line);
	r->families = reallocarray(r->families, r->nfamilies + 1, sizeof(*r->families));
	r->families[r->nfamilies] = (struct family){ .typed = false };
	memcpy(r->families[r->nfamilies++].name, name, len);
	return true;
}

static bool take_comment(struct reader *r, const char *line)
{
	static const char *const types[] = { "counter", "gauge", "histogram" };
	struct family *f = last_family(r);
	char name[128] = "", type[16] = "";
	size_t i;

	if (strncmp(line, "# HELP ", 7) == 0)
		return begin_family(r, line + 7, name_length(line + 7, true), line);
	if (sscanf(line, "# TYPE %127s %15s", name, type) != 2 || !f || f->typed ||
	    strcmp(f->name, name) || strlen(line) != 8 + strlen(name) + strlen(type))
		return wrong(r, "neither HELP, nor the TYPE of what HELP named", line);
	for (i = 0; i < 3; i++)
		if (strcmp(type, types[i]) == 0)
			f->typed = true;
	strcpy(f->type, type);
	return f->typed || wrong(r, "no such type", line);
}

/* Past a label's value and its quote; NULL: it is not well-formed. */
static const char *skip_value(const char *s)
{
	if (*s++ != '"')
		return NULL;
	for (; *s != '"'; s++) {
		if (!*s || (*s == '\\' && !strchr("\\\"n", *++s)) || !*s)
			return NULL;
	}
	return s + 1;
}

static const char *skip_labels(const char *s)
{
	size_t n;

	do {
		s++;
		n = name_length(s, false);
		if (!n || s[n] != '=')
			return NULL;
		s = skip_value(s + n + 1);
	} while (s && *s == ',');
	return s && *s == '}' ? s + 1 : NULL;
}

/* Does the name of a sample belong to the family? */
static bool belongs(const struct family *f, const char *name, size_t len)
{
	static const char *const parts[] = { "_bucket", "_sum", "_count" };
	size_t n = strlen(f->name), i;

	if (len < n || memcmp(f->name, name, n))
		return false;
	if (strcmp(f->type, "histogram") != 0)
		return len == n;
	for (i = 0; i < 3; i++)
		if (len - n == strlen(parts[i]) && !memcmp(name + n, parts[i], len - n))
			return true;
	return false;
}

static bool take_sample(struct reader *r, const char *line)
{
	const size_t len = name_length(line, true);
	const char *end = line[len] == '{' ? skip_labels(line + len) : line + len;
	const struct family *f = last_family(r);
	struct prom_sample s = { NULL, NULL, 0 };
	char *after;

	if (!len || !end || *end != ' ' || !end[1])
		return wrong(r, "not a sample", line);
	if (!f || !f->typed || !belongs(f, line, len))
		return wrong(r, "not of the family before it", line);
	s.value = strtod(end + 1, &after);
	if (*after || isspace((unsigned char)end[1]))
		return wrong(r, "not a number", line);
	if (!strcmp(f->type, "counter") && !(s.value >= 0))
		return wrong(r, "a counter below 0", line);
	s.key = strndup(line, (size_t)(end - line));
	s.family = strdup(f->name);
	r->out->v = reallocarray(r->out->v, r->out->n + 1, sizeof(s));
	r->out->v[r->out->n++] = s;
	return true;
}

/* Buckets ascend, the last is +Inf and equal to _count. */
static bool check_histogram(struct reader *r, const struct family *f)
{
	const size_t len = strlen(f->name);
	double below = 0, bound = -INFINITY, next;
	size_t i;

	for (i = 0; i < r->out->n; i++) {
		const struct prom_sample *s = &r->out->v[i];

		if (strcmp(s->family, f->name))
			continue;
		if (strncmp(s->key + len, "_bucket{le=\"", 12) == 0) {
			next = strtod(s->key + len + 12, NULL);
			if (next <= bound || s->value < below)
				return wrong(r, "buckets do not ascend", s->key);
			bound = next;
			below = s->value;
		} else if (strcmp(s->key + len, "_count") == 0 && s->value != below) {
			return wrong(r, "_count is not the last bucket", s->key);
		}
	}
	return isinf(bound) || wrong(r, "no bucket +Inf", f->name);
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct prom_sample *)a)->key, ((const struct prom_sample *)b)->key);
}

static bool check_all(struct reader *r)
{
	size_t i;

	for (i = 0; i < r->nfamilies; i++)
		if (!strcmp(r->families[i].type, "histogram") &&
		    !check_histogram(r, &r->families[i]))
			return false;
	if (r->out->n)
		qsort(r->out->v, r->out->n, sizeof(*r->out->v), compare);
	for (i = 1; i < r->out->n; i++)
		if (!compare(&r->out->v[i - 1], &r->out->v[i]))
			return wrong(r, "twice", r->out->v[i].key);
	return true;
}

bool prom_parse(struct prom *p, const char *text, char why[256])
{
	struct reader r = { .out = p, .why = why };
	char *copy = strdup(text), *line = copy, *end;
	bool good = true;

	*p = (struct prom){ NULL, 0 };
	for (; good && *line; line = end + 1) {
		r.line++;
		end = strchr(line, '\n');
		if (!end) {
			good = wrong(&r, "the last line has no end", line);
			break;
		}
		*end = '\0';
		good = *line == '#' ? take_comment(&r, line) : take_sample(&r, line);
	}
	good = good && check_all(&r);
	free(r.families);
	free(copy);
	return good;
}

void prom_clear(struct prom *p)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		free(p->v[i].key);
		free(p->v[i].family);
	}
	free(p->v);
	*p = (struct prom){ NULL, 0 };
}

static const struct prom_sample *find(const struct prom *p, const char *key)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (strcmp(p->v[i].key, key) == 0)
			return &p->v[i];
	return NULL;
}

bool prom_has(const struct prom *p, const char *key)
{
	return find(p, key);
}

double prom_value(const struct prom *p, const char *key)
{
	const struct prom_sample *s = find(p, key);

	if (!s)
		fail_msg("there is no %s", key);
	return s->value;
}

size_t prom_count(const struct prom *p, const char *prefix)
{
	size_t i, n = 0;

	for (i = 0; i < p->n; i++)
		n += strncmp(p->v[i].key, prefix, strlen(prefix)) == 0;
	return n;
}
