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
	bool watch, watch_only, ignore_not_found;
};

struct table *get_alloc_table(const struct get *g, const struct resource *res);
time_t get_now(const struct get *g);

/*
 * Print the objects of the selection's only target, unless it is the changes
 * only that are wanted, then each change of them as it comes. Ends when svcd
 * cannot be asked any more, with an exit code.
 */
int get_watch(struct get *g);

#endif
