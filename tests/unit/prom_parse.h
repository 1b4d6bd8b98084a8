/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A strict reader of Prometheus' text format 0.0.4, as its documentation has it
 * (exposition_formats.md): each family with HELP and TYPE ahead of its samples,
 * in one piece, no sample twice, histograms that add up.
 */
#ifndef SVCNAT_PROM_PARSE_H
#define SVCNAT_PROM_PARSE_H

#include <stdbool.h>
#include <stddef.h>

struct prom_sample {
	char *key;	/* name{labels}, as written */
	char *family;
	double value;
};

struct prom {
	struct prom_sample *v;
	size_t n;
};

/* false: *why says what is wrong, and in which line. p is to be cleared in any case. */
bool prom_parse(struct prom *p, const char *text, char why[256]);
void prom_clear(struct prom *p);

/* The sample of this name and labels, as written; fails the test when there is none. */
double prom_value(const struct prom *p, const char *key);
bool prom_has(const struct prom *p, const char *key);
/* Samples whose key begins with this. */
size_t prom_count(const struct prom *p, const char *prefix);

#endif
