/* SPDX-License-Identifier: GPL-2.0 */
/* The objects that a command line is about, by its words or by -f. */
#ifndef SVCNAT_SVCCTL_CHOSEN_H
#define SVCNAT_SVCCTL_CHOSEN_H

#include "args.h"
#include "manifest.h"
#include "selection.h"

struct ctx;

struct chosen {
	struct scope scope;
	const char **words, **files;	/* filled while the options are parsed */
	size_t nwords, nfiles;
	bool recursive;
	struct selection selection;
	struct manifest manifest;
};

enum {
	CHOSEN_OPT_FILE = ARGS_WORD + 1, CHOSEN_OPT_RECURSIVE, CHOSEN_OPT_NAMESPACE,
	CHOSEN_OPT_ALL_NAMESPACES, CHOSEN_OPT_LABELS, CHOSEN_OPT_FIELDS, CHOSEN_OPT_LAST,
};

#define CHOSEN_OPTIONS \
	{ "filename", 'f', ARGS_VALUE, CHOSEN_OPT_FILE }, \
	{ "recursive", 'R', ARGS_FLAG, CHOSEN_OPT_RECURSIVE }, \
	{ "namespace", 'n', ARGS_VALUE, CHOSEN_OPT_NAMESPACE }, \
	{ "selector", 'l', ARGS_VALUE, CHOSEN_OPT_LABELS }

/* For argc words. -ENOMEM. */
int chosen_init(struct chosen *c, int argc, struct err *e);
void chosen_clear(struct chosen *c);

/* Take one of the options above, or a word. Other ids: it is not ours, which is 1. */
int chosen_option(struct chosen *c, int id, const char *value, struct err *e);

/* Do words, names, selectors and -f go together? -EINVAL. */
int chosen_check(const struct chosen *c, struct err *e);
bool chosen_is_named(const struct chosen *c);	/* by the words: "svc web", "svc/web" */

/* Fill the selection. -EINVAL: there is none, and the user was told. */
int chosen_find(struct chosen *c, struct ctx *ctx);

#endif
