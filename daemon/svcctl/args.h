/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A command line, word by word: --name=value, --name value, -n value, -nvalue,
 * flags (-j4 is -j -4), and plain words, in any order. "--" ends the options.
 * No abbreviations: each would be a promise.
 */
#ifndef SVCNAT_SVCCTL_ARGS_H
#define SVCNAT_SVCCTL_ARGS_H

#include "err.h"

#include <stdbool.h>
#include <stdint.h>

/* Tables may say false and true for the first two. */
enum args_value {
	ARGS_FLAG,
	ARGS_VALUE,
	ARGS_OPTIONAL,		/* --name or --name=value; never the next word */
};

struct args_option {
	const char *name;	/* without the dashes; NULL: only a letter */
	char letter;		/* 0: only a name */
	enum args_value value;
	int id;			/* what args_next() returns, > ARGS_WORD */
};

#define ARGS_END	0
#define ARGS_WORD	1	/* a plain word; it is the value */

struct args {
	const struct args_option *options;	/* the last one has neither name nor letter */
	int argc;
	char **argv;
	int at;			/* next word */
	const char *letters;	/* rest of a group of flags */
	bool only_words;	/* past "--" */
	char as_given[64];	/* the option last returned, as it was written: "--owner" */
};

/* options and argv are borrowed. argv[0] is skipped. */
void args_init(struct args *a, const struct args_option *options, int argc, char **argv);

/* An id, ARGS_WORD or ARGS_END. -EINVAL: no such option, a value is missing or not wanted. */
int args_next(struct args *a, const char **value, struct err *e);

/* The value of an option that may be given as --name, --name=true or --name=false. */
int args_bool(const struct args *a, const char *value, bool *out, struct err *e);

/* Digits only, min to max. e does not name the option. */
int args_number(const char *text, uint32_t min, uint32_t max, uint32_t *out, struct err *e);

/*
 * "90s", "5m", "1h30m", or seconds; a minus in front is -1, which is to say "for
 * ever". e does not name the option.
 */
int args_duration(const char *text, long *seconds, struct err *e);

/*
 * The first plain word: what the rest of the line is about. An option that is
 * none of these is taken for one without a value. NULL: there is none.
 */
const char *args_first_word(const struct args_option *options, int argc, char **argv);

/* "4" or "6" to AF_INET or AF_INET6. e does not name the option. */
int args_family(const char *text, uint8_t *out, struct err *e);

#endif
