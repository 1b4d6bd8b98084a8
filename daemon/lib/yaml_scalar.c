// SPDX-License-Identifier: GPL-2.0
/* The meaning of words without quotes. */
#include "yaml_node.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EXACT_MAX	9007199254740992.0	/* 2^53: up to there a double is exact */

#define WORD_MAX	5

enum word { WORD_NULL, WORD_TRUE, WORD_FALSE, WORD_NO_JSON };

struct word_row {
	const char *lower;
	enum word means;
	bool any_case;		/* lower, Capital and UPPER */
};

static const struct word_row words[] = {
	{ "~", WORD_NULL, false },
	{ "null", WORD_NULL, true },
	{ "true", WORD_TRUE, true },
	{ "yes", WORD_TRUE, true },
	{ "on", WORD_TRUE, true },
	{ "y", WORD_TRUE, true },
	{ "false", WORD_FALSE, true },
	{ "no", WORD_FALSE, true },
	{ "off", WORD_FALSE, true },
	{ "n", WORD_FALSE, true },
	{ ".nan", WORD_NO_JSON, true },
	{ ".inf", WORD_NO_JSON, true },
	{ "+.inf", WORD_NO_JSON, true },
	{ "-.inf", WORD_NO_JSON, true },
};

/* All lower, all upper, or only the first letter upper; YAML also has .NaN. */
static bool case_is_uniform(const char *s)
{
	size_t i, letters = 0, uppers = 0;
	bool first_upper = false;

	for (i = 0; s[i]; i++) {
		if (!isalpha((unsigned char)s[i]))
			continue;
		if (isupper((unsigned char)s[i])) {
			first_upper |= !letters;
			uppers++;
		}
		letters++;
	}
	return !uppers || uppers == letters || (uppers == 1 && first_upper) ||
	       !strcmp(s, ".NaN");
}

static bool is_word(const struct word_row *w, const char *s)
{
	return w->any_case ? !strcasecmp(s, w->lower) && case_is_uniform(s) :
			     !strcmp(s, w->lower);
}

/* Of len characters. Nearly none is one: that is to be seen at once. */
static const struct word_row *find_word(const char *s, size_t len)
{
	int first = tolower((unsigned char)*s);
	size_t i;

	for (i = 0; len <= WORD_MAX && i < sizeof(words) / sizeof(words[0]); i++)
		if (*words[i].lower == first && is_word(&words[i], s))
			return &words[i];
	return NULL;
}

static size_t span_digits(const char *s)
{
	return strspn(s, "0123456789");
}

/* [-+]? ( .digits | digits [. [digits]] ) [ [eE] [-+]? digits ] */
static bool is_float(const char *s)
{
	size_t whole, part;

	s += *s == '-' || *s == '+';
	whole = span_digits(s);
	s += whole;
	if (*s == '.') {
		part = span_digits(s + 1);
		if (!whole && !part)
			return false;
		s += 1 + part;
	} else if (!whole) {
		return false;
	}
	if (*s == 'e' || *s == 'E') {
		s++;
		s += *s == '-' || *s == '+';
		part = span_digits(s);
		if (!part)
			return false;
		s += part;
	}
	return !*s;
}

/* The base that s is written in and, in *digits, its first digit; 0: not a whole number. */
static int int_base(const char *s, const char **digits)
{
	static const char * const allowed[17] = {
		[2] = "01", [8] = "01234567", [10] = "0123456789",
		[16] = "0123456789abcdefABCDEF",
	};
	int base = 10;

	s += *s == '-' || *s == '+';
	if (s[0] == '0' && s[1]) {
		int c = tolower((unsigned char)s[1]);

		base = c == 'x' ? 16 : c == 'b' ? 2 : 8;
		s += isalpha(c) && strchr("xbo", c) ? 2 : 1;
	}
	*digits = s;
	return *s && !s[strspn(s, allowed[base])] ? base : 0;
}

/* 1_000 is 1000 to YAML 1.1. */
static bool without_underscores(const char *s, size_t len, char *buf, size_t size)
{
	size_t n = 0;

	if (len >= size)
		return false;
	for (; *s; s++)
		if (*s != '_')
			buf[n++] = *s;
	buf[n] = '\0';
	return n > 0;
}

static json_t *int_json(const char *number, const char *digits, int base, const char **problem)
{
	unsigned long long v;
	bool minus = *number == '-';

	errno = 0;
	v = strtoull(digits, NULL, base);
	if (errno || v > (unsigned long long)INT64_MAX + minus) {
		*problem = "the number is too large (put it in quotes if it is a string)";
		return NULL;
	}
	/* Through the unsigned number, so that the lowest one has its place. */
	return json_integer((json_int_t)(minus ? -v : v));
}

/* A string that is no number is no problem. */
static json_t *number_json(const char *s, size_t len, const char **problem)
{
	const char *digits;
	char number[512];
	double v;
	int base;

	if (!without_underscores(s, len, number, sizeof(number)))
		return json_stringn(s, len);
	base = int_base(number, &digits);
	if (base)
		return int_json(number, digits, base, problem);
	if (!is_float(number))
		return json_stringn(s, len);
	v = strtod(number, NULL);
	/* 80.0 and 8e1 are 80, as they are when Kubernetes' own tools make JSON of them. */
	if (v == trunc(v) && fabs(v) <= EXACT_MAX)
		return json_integer((json_int_t)v);
	if (isfinite(v))
		return json_real(v);
	*problem = "the number is too large (put it in quotes if it is a string)";
	return NULL;
}

static bool may_be_number(const char *s)
{
	return isdigit((unsigned char)*s) || (*s && strchr("+-.", *s));
}

json_t *yaml_scalar_json(const char *text, size_t len, const char **problem)
{
	const struct word_row *w = len == strlen(text) ? find_word(text, len) : NULL;

	*problem = NULL;
	if (!len)
		return json_null();
	if (w && w->means == WORD_NO_JSON) {
		*problem = "this number has no place in JSON (put it in quotes if it is a string)";
		return NULL;
	}
	if (w)
		return w->means == WORD_NULL ? json_null() : json_boolean(w->means == WORD_TRUE);
	return may_be_number(text) && len == strlen(text) ? number_json(text, len, problem) :
							      json_stringn(text, len);
}

/* 2026-11-22... is a time, 1:30 a number to base 60, to some readers. */
static bool looks_like_time(const char *s)
{
	size_t n = span_digits(s + (*s == '-' || *s == '+'));

	s += *s == '-' || *s == '+';
	return (n == 4 && s[n] == '-' && isdigit((unsigned char)s[n + 1])) ||
	       (n && s[n] == ':' && isdigit((unsigned char)s[n + 1]));
}

bool yaml_scalar_is_string(const char *text)
{
	const char *problem;
	json_t *j;
	bool is;

	if (looks_like_time(text) || !strcmp(text, "<<") || !strcmp(text, "="))
		return false;
	j = yaml_scalar_json(text, strlen(text), &problem);
	is = json_is_string(j);
	json_decref(j);
	return is;
}
