/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a uapi header defines, from its text: each enumerator and each define
 * with its value. The little C that such a header consists of; whatever else
 * stands in the text is found fault with, and not passed over.
 */
#ifndef SVCNAT_YNL_HEADER_H
#define SVCNAT_YNL_HEADER_H

#include "ynl_spec.h"

struct ynl_name {
	char name[64];
	char tag[64];		/* of its enum, "" for a define */
	char text[64];		/* of a define that is a string */
	long long value;
};

struct ynl_header {
	struct ynl_name *v;
	size_t n;
};

void ynl_header_parse(const char *text, struct ynl_header *out, struct ynl_report *r);
void ynl_header_clear(struct ynl_header *h);

/* Append. value counts unless text does. */
void ynl_header_add(struct ynl_header *h, const char *name, const char *tag, const char *text,
		    long long value);
const struct ynl_name *ynl_header_find(const struct ynl_header *h, const char *name);

/* The value of an expression of names and numbers. false: r says what is wrong. */
bool ynl_header_value(const struct ynl_header *h, const char *expression, long long *value,
		      struct ynl_report *r);

/* C without its comments, in place. */
void ynl_header_strip(char *text);

#endif
