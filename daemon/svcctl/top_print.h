/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SVCNAT_SVCCTL_TOP_PRINT_H
#define SVCNAT_SVCCTL_TOP_PRINT_H

#include "top_rates.h"

#include <stdio.h>

struct top_view {
	unsigned int columns;	/* of a line, at least */
	unsigned int lines;	/* on a terminal: no more than these; 0: all */
	bool color;
	bool all;		/* every endpoint, not just the first three */
	unsigned int interval;	/* seconds, to be said */
};

/* A table; on a terminal over what was there. */
void top_print(FILE *f, const struct top_rates *r, const struct top_view *v);

/* One line of JSON. -ENOMEM. */
int top_print_json(FILE *f, const struct top_rates *r);

#endif
