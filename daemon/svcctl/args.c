// SPDX-License-Identifier: GPL-2.0
#include "args.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define DURATION_MAX	(10u * 365 * 86400)	/* in each unit */

void args_init(struct args *a, const struct args_option *options, int argc, char **argv)
{
	*a = (struct args){ .options = options, .argc = argc, .argv = argv, .at = 1 };
}

static bool is_last(const struct args_option *o)
{
	return !o->name && !o->letter;
}

static const struct args_option *find_name(const struct args *a, const char *name, size_t len)
{
	const struct args_option *o;

	for (o = a->options; !is_last(o); o++)
		if (o->name && !strncmp(o->name, name, len) && !o->name[len])
			return o;
	return NULL;
}

static const struct args_option *find_letter(const struct args *a, char letter)
{
	const struct args_option *o;

	for (o = a->options; !is_last(o); o++)
		if (o->letter && o->letter == letter)
			return o;
	return NULL;
}

/* The value is the next word. */
static int take_value(struct args *a, const char **value, struct err *e)
{
	if (a->at >= a->argc)
		return err_set(e, EINVAL, "flag needs an argument: %s", a->as_given);
	*value = a->argv[a->at++];
	return 0;
}

/* For messages; restore reads a million of them, for which printf() is too slow. */
static void keep_as_given(struct args *a, const char *word, size_t len)
{
	if (len >= sizeof(a->as_given))
		len = sizeof(a->as_given) - 1;
	memcpy(a->as_given, word, len);
	a->as_given[len] = '\0';
}

static int long_option(struct args *a, const char *word, const char **value, struct err *e)
{
	const char *equals = strchr(word, '=');
	size_t len = equals ? (size_t)(equals - word) : strlen(word);
	const struct args_option *o;

	keep_as_given(a, word, len);
	o = find_name(a, word + 2, len - 2);
	if (!o)
		return err_set(e, EINVAL, "unknown flag: %s", a->as_given);
	if (o->value == ARGS_FLAG && equals)
		return err_set(e, EINVAL, "%s takes no value", a->as_given);
	if (equals)
		*value = equals + 1;
	else if (o->value == ARGS_VALUE && take_value(a, value, e))
		return -EINVAL;
	return o->id;
}

/* a->letters is not empty. */
static int short_option(struct args *a, const char **value, struct err *e)
{
	const struct args_option *o = find_letter(a, *a->letters);

	snprintf(a->as_given, sizeof(a->as_given), "-%c", *a->letters);
	if (!o)
		return err_set(e, EINVAL, "unknown shorthand flag: '%c' in %s", *a->letters,
			       a->argv[a->at - 1]);
	a->letters++;
	if (o->value != ARGS_VALUE)
		return o->id;
	if (*a->letters)
		*value = a->letters + (*a->letters == '=');
	else if (take_value(a, value, e))
		return -EINVAL;
	a->letters = NULL;
	return o->id;
}

int args_next(struct args *a, const char **value, struct err *e)
{
	const char *word;

	*value = NULL;
	if (a->letters && *a->letters)
		return short_option(a, value, e);
	if (a->at >= a->argc)
		return ARGS_END;
	word = a->argv[a->at++];
	if (!a->only_words && !strcmp(word, "--")) {
		a->only_words = true;
		return args_next(a, value, e);
	}
	/* "-" alone is a word: standard input. */
	if (a->only_words || word[0] != '-' || !word[1]) {
		*value = word;
		return ARGS_WORD;
	}
	if (word[1] == '-')
		return long_option(a, word, value, e);
	a->letters = word + 1;
	return short_option(a, value, e);
}

const char *args_first_word(const struct args_option *options, int argc, char **argv)
{
	const char *value;
	struct args a;
	int id;

	args_init(&a, options, argc, argv);
	while ((id = args_next(&a, &value, NULL)) != ARGS_END) {
		if (id == ARGS_WORD)
			return value;
		if (id < 0)
			a.letters = NULL;
	}
	return NULL;
}

int args_bool(const struct args *a, const char *value, bool *out, struct err *e)
{
	if (value && strcmp(value, "true") && strcmp(value, "false"))
		return err_set(e, EINVAL, "%s=%s: only true and false are possible", a->as_given,
			       value);
	*out = !value || !strcmp(value, "true");
	return 0;
}

int args_number(const char *text, uint32_t min, uint32_t max, uint32_t *out, struct err *e)
{
	size_t len = strspn(text, "0123456789");
	unsigned long long n;

	/* 10 digits are enough for UINT32_MAX and too few for an overflow. */
	n = len && len <= 10 && !text[len] ? strtoull(text, NULL, 10) : UINT64_MAX;
	if (n < min || n > max)
		return err_set(e, EINVAL, "'%s' is not a number from %u to %u", text, min, max);
	*out = (uint32_t)n;
	return 0;
}

/* One "90s" of text, which is moved on; -1: it is none. */
static long duration_part(const char **text)
{
	static const struct { char unit; long seconds; } units[] = {
		{ 'h', 3600 }, { 'm', 60 }, { 's', 1 },
	};
	unsigned long n;
	char *end;
	size_t i;

	if (!isdigit((unsigned char)**text))
		return -1;
	n = strtoul(*text, &end, 10);
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (*end == units[i].unit && n <= DURATION_MAX) {
			*text = end + 1;
			return (long)n * units[i].seconds;
		}
	return -1;
}

int args_duration(const char *text, long *seconds, struct err *e)
{
	const char *at = text + (*text == '-');
	long sum = 0, part = 0;
	uint32_t n;

	if (!args_number(at, 0, DURATION_MAX, &n, NULL)) {
		sum = n;
	} else {
		do {
			part = duration_part(&at);
			sum += part;
		} while (part >= 0 && *at);
	}
	if (part < 0)
		return err_set(e, EINVAL, "'%s' is no duration such as 90s or 5m", text);
	*seconds = *text == '-' ? -1 : sum;
	return 0;
}

int args_family(const char *text, uint8_t *out, struct err *e)
{
	if (strcmp(text, "4") && strcmp(text, "6"))
		return err_set(e, EINVAL, "'%s' is not 4 or 6", text);
	*out = *text == '4' ? AF_INET : AF_INET6;
	return 0;
}
