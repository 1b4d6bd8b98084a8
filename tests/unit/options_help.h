/* SPDX-License-Identifier: GPL-2.0 */
/* A file for options, and what is read from it. */
#ifndef OPTIONS_HELP_H
#define OPTIONS_HELP_H

#include "err.h"
#include "options.h"

struct options_help {
	char path[64];		/* of an empty file */
	struct options o;
	struct err e;
};

/* cmocka's setup and teardown: *state is a struct options_help. */
int options_help_setup(void **state);
int options_help_teardown(void **state);

#endif
