/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Colours, for terminals alone: what goes into a pipe or a file has none, unless
 * --color=always asks for them. A printer is told whether it may, and puts
 * color_on() and color_off() around a word; whoever counts columns counts without.
 */
#ifndef SVCNAT_SVCCTL_COLOR_H
#define SVCNAT_SVCCTL_COLOR_H

#include "err.h"
#include "resource.h"

#include <stdbool.h>
#include <stdio.h>

enum color { COLOR_NONE, COLOR_GOOD, COLOR_WARN, COLOR_BAD, COLOR_HEAD };
enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

/* What COLOR_AUTO looks at: a test has its own. */
struct color_host {
	bool (*is_terminal)(FILE *f);
	const char *no_color, *term;	/* $NO_COLOR, $TERM; or NULL */
};

/* Of this process. */
struct color_host color_process_host(void);

/* "auto", "always" or "never"; -EINVAL. */
int color_parse(const char *word, enum color_when *out, struct err *e);

/* host NULL: there is no terminal. */
bool color_wanted(enum color_when when, const struct color_host *host, FILE *f);

/* "" when colours are not wanted. */
const char *color_on(bool wanted, enum color c);
const char *color_off(bool wanted, enum color c);

/* A cell of a table that "get" prints. */
enum color color_of_cell(const struct resource *res, const char *column, const char *text);

/*
 * A stream to f on which "error:" and the like at the beginning of a line are
 * coloured. To be closed before f, which stays open. NULL: no memory.
 */
FILE *color_errors(FILE *f);

#endif
