/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Prometheus' text format, version 0.0.4: families, samples, histograms. Knows
 * nothing of what is measured. When memory is out, lines are missing: who
 * scrapes an odd number now and then is better off than without svcd.
 *
 * A family is begun once, and all its samples follow it before the next one.
 */
#ifndef SVCNAT_METRICS_TEXT_H
#define SVCNAT_METRICS_TEXT_H

#include <event2/buffer.h>
#include <stdbool.h>
#include <stdint.h>

#define METRICS_TYPE	"text/plain; version=0.0.4; charset=utf-8"

/* Past this a label's value is cut: the longest are names of services. */
#define METRICS_VALUE_MAX	512

/* {name="value",...}. Zero it to start with; to take labels off again, put len back. */
struct metrics_labels {
	char text[4096];
	size_t len;
};

/* value is escaped, and cut when it is too long. */
void metrics_labels_add(struct metrics_labels *l, const char *name, const char *value);

enum metrics_type { METRICS_COUNTER, METRICS_GAUGE, METRICS_HISTOGRAM };

/* The HELP and TYPE lines. */
void metrics_text_family(struct evbuffer *out, const char *name, enum metrics_type type,
			 const char *help);

/* One sample of the family; labels may be NULL. */
void metrics_text_count(struct evbuffer *out, const char *name, const struct metrics_labels *labels,
			uint64_t value);
void metrics_text_value(struct evbuffer *out, const char *name, const struct metrics_labels *labels,
			double value);

#define METRICS_BUCKETS_MAX	96

struct metrics_buckets {
	double bounds[METRICS_BUCKETS_MAX];	/* upper ones, ascending; +Inf is not among them */
	size_t n;
};

/* buckets: set once, before the first observation; all else starts as zero. */
struct metrics_histogram {
	const struct metrics_buckets *buckets;
	uint64_t counts[METRICS_BUCKETS_MAX + 1];	/* each by itself; the last: above all */
	uint64_t count;
	double sum;
};

/* first, first * factor, ... : n of them, at most METRICS_BUCKETS_MAX in all. */
void metrics_buckets_exponential(struct metrics_buckets *b, double first, double factor, size_t n);
/* Likewise first, first + step, ... ; what is there already stays, so that series can be joined. */
void metrics_buckets_linear(struct metrics_buckets *b, double first, double step, size_t n);

void metrics_observe(struct metrics_histogram *h, double value);
void metrics_text_histogram(struct evbuffer *out, const char *name,
			    const struct metrics_histogram *h);

#endif
