/* SPDX-License-Identifier: GPL-2.0 */
/* "get", once (get.c) and for as long as it takes (get_watch.c). */
#ifndef SVCNAT_SVCCTL_GET_H
#define SVCNAT_SVCCTL_GET_H

#include "chosen.h"
#include "getter.h"
#include "output.h"
#include "table.h"

#include <time.h>

struct get {
	struct ctx *ctx;
	struct client client;
	struct chosen chosen;
	enum output_format format;
	struct table_layout layout;	/* what the options say of it */
	const char *sort_by;		/* NULL: in svcd's order */
	bool watch, watch_only, ignore_not_found;
};

struct table *get_alloc_table(const struct get *g, const struct resource *res);
time_t get_now(const struct get *g);

/* Is it a path that can be sorted by? -EINVAL. */
int get_sort_check(const char *path, struct err *e);

/* Items without the field come first. -ENOENT: none of them has it. */
int get_sort(json_t *items, const char *path, struct err *e);

/*
 * Print the objects of the selection's only target, unless it is the changes
 * only that are wanted, then each change of them as it comes. Ends when svcd
 * cannot be asked any more, with an exit code.
 */
int get_watch(struct get *g);

#endif
