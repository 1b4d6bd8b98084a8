// SPDX-License-Identifier: GPL-2.0
#include "metrics_text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_STRLEN	32

/* Put c, escaped if it has to be; false: it does not fit any more. */
static bool put_char(char *buf, size_t size, size_t *len, char c, const char *escaped)
{
	bool escape = strchr(escaped, c) != NULL;

	if (*len + 1 + escape >= size)
		return false;
	if (escape)
		buf[(*len)++] = '\\';
	buf[(*len)++] = c == '\n' && escape ? 'n' : c;
	buf[*len] = '\0';
	return true;
}

/* In UTF-8, not in the middle of a character. */
static size_t cut(const char *value)
{
	size_t n = strnlen(value, METRICS_VALUE_MAX + 1);

	if (n <= METRICS_VALUE_MAX)
		return n;
	for (n = METRICS_VALUE_MAX; n && (value[n] & 0xc0) == 0x80; n--)
		;
	return n;
}

void metrics_labels_add(struct metrics_labels *l, const char *name, const char *value)
{
	const size_t start = l->len, n = cut(value), size = sizeof(l->text);
	size_t i;
	int ret;

	ret = snprintf(l->text + start, size - start, "%s%s=\"", start ? "," : "", name);
	l->len += ret > 0 ? (size_t)ret : 0;
	if (l->len + 2 * n + 2 > size) {
		/* No room for all of it: rather no label than half of one. */
		l->len = start;
		return;
	}
	for (i = 0; i < n; i++)
		put_char(l->text, size, &l->len, value[i], "\\\"\n");
	l->text[l->len++] = '"';
}

static const char *const type_names[] = {
	[METRICS_COUNTER] = "counter",
	[METRICS_GAUGE] = "gauge",
	[METRICS_HISTOGRAM] = "histogram",
};

void metrics_text_family(struct evbuffer *out, const char *name, enum metrics_type type,
			 const char *help)
{
	char text[1024] = "";
	size_t len = 0;

	while (*help && put_char(text, sizeof(text), &len, *help, "\\\n"))
		help++;
	evbuffer_add_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, text, name,
			    type_names[type]);
}

/* Faster than printf(): there may be a hundred thousand of them. */
static void add_sample(struct evbuffer *out, const char *name, const char *suffix,
		       const struct metrics_labels *labels, const char *number)
{
	evbuffer_add(out, name, strlen(name));
	evbuffer_add(out, suffix, strlen(suffix));
	if (labels && labels->len) {
		evbuffer_add(out, "{", 1);
		evbuffer_add(out, labels->text, labels->len);
		evbuffer_add(out, "}", 1);
	}
	evbuffer_add(out, " ", 1);
	evbuffer_add(out, number, strlen(number));
	evbuffer_add(out, "\n", 1);
}

/* As short as it can be without being another number. */
static void print_double(double value, char buf[NUMBER_STRLEN])
{
	int digits;

	if (isnan(value)) {
		strcpy(buf, "NaN");
	} else if (isinf(value)) {
		strcpy(buf, value < 0 ? "-Inf" : "+Inf");
	} else {
		for (digits = 6; digits <= 17; digits++) {
			snprintf(buf, NUMBER_STRLEN, "%.*g", digits, value);
			if (strtod(buf, NULL) == value)
				break;
		}
	}
}

static void print_count(uint64_t value, char buf[NUMBER_STRLEN])
{
	snprintf(buf, NUMBER_STRLEN, "%" PRIu64, value);
}

void metrics_text_count(struct evbuffer *out, const char *name, const struct metrics_labels *labels,
			uint64_t value)
{
	char number[NUMBER_STRLEN];

	print_count(value, number);
	add_sample(out, name, "", labels, number);
}

void metrics_text_value(struct evbuffer *out, const char *name, const struct metrics_labels *labels,
			double value)
{
	char number[NUMBER_STRLEN];

	print_double(value, number);
	add_sample(out, name, "", labels, number);
}

/* --- histograms */

void metrics_buckets_exponential(struct metrics_buckets *b, double first, double factor, size_t n)
{
	for (; n && b->n < METRICS_BUCKETS_MAX; n--, first *= factor)
		b->bounds[b->n++] = first;
}

void metrics_buckets_linear(struct metrics_buckets *b, double first, double step, size_t n)
{
	size_t i;

	for (i = 0; i < n && b->n < METRICS_BUCKETS_MAX; i++)
		b->bounds[b->n++] = first + (double)i * step;
}

void metrics_observe(struct metrics_histogram *h, double value)
{
	size_t i = 0;

	while (i < h->buckets->n && value > h->buckets->bounds[i])
		i++;
	h->counts[i]++;
	h->count++;
	h->sum += value;
}

void metrics_text_histogram(struct evbuffer *out, const char *name,
			    const struct metrics_histogram *h)
{
	char number[NUMBER_STRLEN], bound[NUMBER_STRLEN];
	struct metrics_labels labels;
	uint64_t below = 0;
	size_t i;

	for (i = 0; i <= h->buckets->n; i++) {
		below += h->counts[i];
		print_double(i < h->buckets->n ? h->buckets->bounds[i] : INFINITY, bound);
		labels.len = 0;
		metrics_labels_add(&labels, "le", bound);
		print_count(below, number);
		add_sample(out, name, "_bucket", &labels, number);
	}
	print_double(h->sum, number);
	add_sample(out, name, "_sum", NULL, number);
	print_count(h->count, number);
	add_sample(out, name, "_count", NULL, number);
}
