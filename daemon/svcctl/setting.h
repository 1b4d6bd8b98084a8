/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The settings by name, and their values as words: what "settings" shows and
 * takes, and what "save" prints.
 */
#ifndef SVCNAT_SVCCTL_SETTING_H
#define SVCNAT_SVCCTL_SETTING_H

#include "err.h"
#include "kservice.h"

#include <stdio.h>

enum setting_type {
	SETTING_CIDRS,		/* CIDR,CIDR or none */
	SETTING_SWITCH,		/* on or off */
	SETTING_LIMIT,		/* a number, 1 at least */
};

struct setting {
	const char *name;	/* "pod-cidrs" */
	const char *json;	/* "podCIDRs" */
	enum setting_type type;
	unsigned int what;	/* KSETTINGS_* */
	size_t at;		/* its place in struct ksettings */
};

/* Those that can be written; the last one has no name. */
extern const struct setting settings_list[];

/* The names of the present numbers, by enum klimit. */
extern const char *const setting_numbers[KLIMIT_N];

/* s's own; only for its type. */
const struct kcidrs *setting_cidrs(const struct setting *setting, const struct ksettings *s);
bool setting_switch(const struct setting *setting, const struct ksettings *s);
uint32_t setting_limit(const struct setting *setting, const struct ksettings *s);

/* Its value, without a newline. */
void setting_print(FILE *f, const struct setting *setting, const struct ksettings *s);

/* Settings to be written; zero it, and clear s. */
struct setting_changes {
	struct ksettings s;
	unsigned int what;	/* KSETTINGS_* */
};

/* "settings KEY VALUE [KEY VALUE]...", argv[0] being the verb; json NULL: only that, no -j. */
int setting_parse(struct setting_changes *c, bool *json, int argc, char **argv, struct err *e);

#endif
