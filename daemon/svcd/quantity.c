// SPDX-License-Identifier: GPL-2.0
#include "quantity.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT_WORDS "quantities must match the regular expression " \
	"'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
#define SUFFIX_WORDS "unable to parse quantity's suffix"
#define NUMBER_WORDS "unable to parse numeric part of quantity"

#define DIGITS_MAX	18	/* so that the sixth power of 1024 of them fits */
#define EXPONENT_MAX	18
#define MILLI		(-3)

enum sort { DECIMAL, BINARY, EXPONENT };

struct quantity {
	bool negative;
	__int128 n;		/* the number is n * 10^exp */
	int exp;
	enum sort sort;
};

static const char decimal_suffixes[] = "num kMGTPE";	/* from 10^-9 on */
static const char binary_suffixes[] = " KMGTPE";

/* The digits, and how many of them are a fraction. -1: too many to calculate with. */
static int read_digits(struct quantity *q, const char *s, size_t len)
{
	bool fraction = false;
	int digits = 0;

	for (size_t i = 0; i < len; i++) {
		if (s[i] == '.') {
			fraction = true;
			continue;
		}
		digits += digits || s[i] != '0';
		if (digits > DIGITS_MAX || q->exp < -DIGITS_MAX)
			return -1;
		q->n = q->n * 10 + (s[i] - '0');
		q->exp -= fraction;
	}
	return 0;
}

/* false: there is no such suffix. */
static bool read_suffix(struct quantity *q, const char *s)
{
	const char *at;
	long exp;
	char *end;

	if (!*s)
		return true;
	if (s[1] == 'i' && !s[2]) {
		at = strchr(binary_suffixes, *s);
		q->sort = BINARY;
		for (; at && at > binary_suffixes; at--)
			q->n *= 1024;
		return at;
	}
	if (!s[1]) {
		at = strchr(decimal_suffixes, *s);
		q->exp += at ? 3 * (int)(at - decimal_suffixes) - 9 : 0;
		return at;
	}
	if (*s != 'e' && *s != 'E')
		return false;
	exp = strtol(s + 1, &end, 10);
	q->sort = EXPONENT;
	/* What lies beyond is kept as it is. */
	q->exp += exp > 1000 ? 1000 : exp < -1000 ? -1000 : (int)exp;
	return !*end;
}

static void round_up(struct quantity *q)
{
	while (q->exp < MILLI) {
		q->n = q->n / 10 + (q->n % 10 != 0);
		q->exp++;
	}
}

/* A number below 1024, or a fraction, is shown in thousands. */
static bool print_binary(const struct quantity *q, char buf[QUANTITY_MAX])
{
	__int128 n = q->n;
	int exp = q->exp, power = 0;

	for (; exp < 0 && n % 10 == 0; exp++)
		n /= 10;
	if (exp || n < 1024)
		return false;
	for (; n % 1024 == 0 && power < 6; power++)
		n /= 1024;
	if (n > INT64_MAX)
		return false;
	snprintf(buf, QUANTITY_MAX, "%s%lld", q->negative ? "-" : "", (long long)n);
	if (power)
		sprintf(buf + strlen(buf), "%ci", binary_suffixes[power]);
	return true;
}

static bool print_decimal(struct quantity *q, char buf[QUANTITY_MAX])
{
	for (; q->n && q->n % 10 == 0; q->exp++)
		q->n /= 10;
	for (; q->exp % 3 || q->exp > EXPONENT_MAX; q->exp--)
		q->n *= 10;
	if (q->n > INT64_MAX)
		return false;
	snprintf(buf, QUANTITY_MAX, "%s%lld", q->negative && q->n ? "-" : "", (long long)q->n);
	if (!q->n || !q->exp)
		return true;
	if (q->sort == EXPONENT)
		sprintf(buf + strlen(buf), "e%d", q->exp);
	else
		sprintf(buf + strlen(buf), "%c", decimal_suffixes[q->exp / 3 + 3]);
	return true;
}

static bool print(struct quantity *q, char buf[QUANTITY_MAX])
{
	if (q->exp > 2 * EXPONENT_MAX || q->exp < -2 * EXPONENT_MAX)
		return false;
	round_up(q);
	return (q->sort == BINARY && print_binary(q, buf)) || print_decimal(q, buf);
}

/* The length of the suffix in this form; what follows makes the whole no quantity. */
static size_t suffix_len(const char *s)
{
	size_t n = strspn(s, "eEinumkKMGTP");

	n += s[n] == '-' || s[n] == '+';
	return n + strspn(s + n, "0123456789");
}

const char *quantity_canonical(const char *s, char buf[QUANTITY_MAX])
{
	struct quantity q = { .negative = *s == '-' };
	const char *number = s + (*s == '-' || *s == '+'), *dot;
	size_t len = strspn(number, "0123456789.");
	bool fits;

	if (!len || number[len + suffix_len(number + len)])
		return FORMAT_WORDS;
	dot = memchr(number, '.', len);
	if (len == (dot != NULL) || (dot && memchr(dot + 1, '.', number + len - dot - 1)))
		return NUMBER_WORDS;
	fits = !read_digits(&q, number, len);
	if (!fits)
		q.n = 1;
	if (!read_suffix(&q, number + len))
		return SUFFIX_WORDS;
	if (!fits || !print(&q, buf))
		snprintf(buf, QUANTITY_MAX, "%s", s);
	return strlen(s) < QUANTITY_MAX ? NULL : NUMBER_WORDS;
}
