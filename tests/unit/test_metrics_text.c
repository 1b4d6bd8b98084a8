// SPDX-License-Identifier: GPL-2.0
#include "metrics_text.h"

#include "prom_parse.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The text of out, which is emptied. */
static const char *text_of(struct evbuffer *out)
{
	static char text[65536];
	int n = evbuffer_remove(out, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void test_samples(void **state)
{
	struct evbuffer *out = evbuffer_new();
	struct metrics_labels l = { .len = 0 };
	size_t len;

	(void)state;
	metrics_text_family(out, "a_total", METRICS_COUNTER, "Help with \\ and\nline.");
	metrics_text_count(out, "a_total", NULL, UINT64_MAX);
	metrics_labels_add(&l, "x", "plain");
	len = l.len;
	metrics_labels_add(&l, "y", "\"\\\n\xc3\xa4");
	metrics_text_count(out, "a_total", &l, 0);
	l.len = len;
	metrics_labels_add(&l, "z", "");
	metrics_text_count(out, "a_total", &l, 1);
	assert_string_equal(text_of(out),
			    "# HELP a_total Help with \\\\ and\\nline.\n"
			    "# TYPE a_total counter\n"
			    "a_total 18446744073709551615\n"
			    "a_total{x=\"plain\",y=\"\\\"\\\\\\n\xc3\xa4\"} 0\n"
			    "a_total{x=\"plain\",z=\"\"} 1\n");
	evbuffer_free(out);
}

static const struct {
	double value;
	const char *text;
} numbers[] = {
	{ 0, "0" }, { 1, "1" }, { -1.5, "-1.5" }, { 0.001, "0.001" }, { 0.1, "0.1" },
	{ 1e21, "1e+21" }, { 1795369318.25, "1795369318.25" }, { 0.1 + 0.2, "0.30000000000000004" },
	{ INFINITY, "+Inf" }, { -INFINITY, "-Inf" }, { NAN, "NaN" },
};

static void test_numbers(void **state)
{
	struct evbuffer *out = evbuffer_new();
	char expected[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		metrics_text_value(out, "a", NULL, numbers[i].value);
		snprintf(expected, sizeof(expected), "a %s\n", numbers[i].text);
		assert_string_equal(text_of(out), expected);
	}
	evbuffer_free(out);
}

/* Too long a value is cut, not in the middle of a character; a label without room is left out. */
static void test_long_labels(void **state)
{
	char value[METRICS_VALUE_MAX + 10];
	struct metrics_labels l = { .len = 0 };
	size_t i, len = 0;

	(void)state;
	memset(value, 'x', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	memcpy(value + METRICS_VALUE_MAX - 1, "\xc3\xa4", 2);
	metrics_labels_add(&l, "a", value);
	assert_int_equal(l.len, strlen("a=\"\"") + METRICS_VALUE_MAX - 1);
	memset(value, '"', sizeof(value) - 1);
	for (i = 0; i < 10; i++) {
		len = l.len;
		metrics_labels_add(&l, "b", value);
	}
	assert_int_equal(l.len, len);
	assert_in_range(l.len, 3000, sizeof(l.text));
	assert_int_equal(l.text[l.len - 1], '"');
}

static void test_histogram(void **state)
{
	struct metrics_buckets b = { .n = 0 };
	struct metrics_histogram h = { .buckets = &b };
	struct evbuffer *out = evbuffer_new();
	struct prom p;
	char why[256];
	const char *text;

	(void)state;
	metrics_buckets_exponential(&b, 0.001, 2, 3);
	metrics_buckets_linear(&b, 1, 0.5, 2);
	metrics_observe(&h, 0.001);	/* a bound is in its bucket */
	metrics_observe(&h, 0.0011);
	metrics_observe(&h, 1.2);
	metrics_observe(&h, 7);
	metrics_text_family(out, "h_seconds", METRICS_HISTOGRAM, "Test.");
	metrics_text_histogram(out, "h_seconds", &h);
	text = text_of(out);
	assert_string_equal(text,
			    "# HELP h_seconds Test.\n# TYPE h_seconds histogram\n"
			    "h_seconds_bucket{le=\"0.001\"} 1\n"
			    "h_seconds_bucket{le=\"0.002\"} 2\n"
			    "h_seconds_bucket{le=\"0.004\"} 2\n"
			    "h_seconds_bucket{le=\"1\"} 2\n"
			    "h_seconds_bucket{le=\"1.5\"} 3\n"
			    "h_seconds_bucket{le=\"+Inf\"} 4\n"
			    "h_seconds_sum 8.2021\n"
			    "h_seconds_count 4\n");
	assert_true(prom_parse(&p, text, why));
	prom_clear(&p);
	metrics_buckets_linear(&b, 10, 1, 1000);
	assert_int_equal(b.n, METRICS_BUCKETS_MAX);
	evbuffer_free(out);
}

/* The reader that other tests trust. */
static const char *const bad[] = {
	"a 1\n",
	"# HELP a b\na 1\n",
	"# TYPE a gauge\na 1\n",
	"# HELP a b\n# TYPE a gauge\na 1",
	"# HELP a b\n# TYPE a gauge\nb 1\n",
	"# HELP a b\n# TYPE a gauge\na 1\na 2\n",
	"# HELP a b\n# TYPE a gauge\na{x=\"1\"} 1\na{x=\"1\"} 2\n",
	"# HELP a b\n# TYPE a gauge\n# HELP a b\n# TYPE a gauge\n",
	"# HELP a b\n# TYPE a thing\na 1\n",
	"# HELP a b\n# TYPE a counter\na -1\n",
	"# HELP a b\n# TYPE a gauge\na x\n",
	"# HELP a b\n# TYPE a gauge\na  1\n",
	"# HELP a b\n# TYPE a gauge\na{x=\"1} 1\n",
	"# HELP a b\n# TYPE a gauge\na{x=\"\\t\"} 1\n",
	"# HELP a b\n# TYPE a gauge\na{x:y=\"1\"} 1\n",
	"# HELP a b\n# TYPE a gauge\na{} 1\n",
	"# HELP a b\n# TYPE a gauge\na{x=\"1\",} 1\n",
	"# HELP a b\n# TYPE a histogram\na_bucket{le=\"1\"} 1\na_sum 1\na_count 1\n",
	"# HELP a b\n# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\na_sum 1\n"
	"a_count 1\n",
	"# HELP a b\n# TYPE a histogram\na_bucket{le=\"+Inf\"} 2\na_sum 1\na_count 1\n",
};

static void test_reader(void **state)
{
	struct prom p;
	char why[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (prom_parse(&p, bad[i], why))
			fail_msg("taken: %s", bad[i]);
		prom_clear(&p);
	}
	assert_true(prom_parse(&p, "# HELP a b\n# TYPE a gauge\na{x=\"\\\\\\\"\\n,}\",y=\"\"} 1.5\n"
			       "# HELP c d e\n# TYPE c counter\n", why));
	assert_float_equal(prom_value(&p, "a{x=\"\\\\\\\"\\n,}\",y=\"\"}"), 1.5, 0);
	assert_int_equal(prom_count(&p, "a{"), 1);
	prom_clear(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_samples),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_long_labels),
		cmocka_unit_test(test_histogram),
		cmocka_unit_test(test_reader),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
