/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the family's commands take, as include/uapi/linux/svcnat.yaml says it: what is
 * added there is fuzzed from then on.
 */
#ifndef SVCNAT_FUZZ_GRAMMAR_H
#define SVCNAT_FUZZ_GRAMMAR_H

#include "ynl_spec.h"

enum { GRAMMAR_ATTRS = 40, GRAMMAR_SETS = 24, GRAMMAR_OPS = 24 };

struct grammar_set;

struct grammar_attr {
	struct ynl_attr is;
	const struct grammar_set *nested;	/* NULL: no nest */
};

struct grammar_set {
	const char *name;
	struct grammar_attr attrs[GRAMMAR_ATTRS];
	unsigned int n;
};

struct grammar_op {
	const char *name;
	unsigned int cmd;
	bool dump;
	const struct grammar_attr *attrs[GRAMMAR_ATTRS];
	unsigned int n;
};

struct grammar {
	struct grammar_set sets[GRAMMAR_SETS];
	unsigned int nsets;
	struct grammar_op ops[GRAMMAR_OPS];
	unsigned int nops;
};

/* Ends the program with what is wrong with the specification. It is never freed. */
const struct grammar *grammar_load(void);

#endif
