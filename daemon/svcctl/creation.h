/* SPDX-License-Identifier: GPL-2.0 */
/* One object that the command line made: sent, and reported. */
#ifndef SVCNAT_SVCCTL_CREATION_H
#define SVCNAT_SVCCTL_CREATION_H

#include "args.h"
#include "client.h"
#include "report.h"
#include "selection.h"

struct ctx;

struct creation {
	struct ctx *ctx;
	struct report report;
	struct scope scope;
	const char *done;		/* "created" */
	const char *failed;		/* "failed to create a service"; NULL: svcd's words */
};

enum {
	CREATION_OPT_NAMESPACE = ARGS_WORD + 1, CREATION_OPT_OUTPUT, CREATION_OPT_DRY_RUN,
	CREATION_OPT_LAST,
};

#define CREATION_OPTIONS \
	{ "output", 'o', ARGS_VALUE, CREATION_OPT_OUTPUT }, \
	{ "dry-run", 0, ARGS_VALUE, CREATION_OPT_DRY_RUN }
#define CREATION_NAMESPACE { "namespace", 'n', ARGS_VALUE, CREATION_OPT_NAMESPACE }

/* Take one of the options above; 1: it is none of them. */
int creation_option(struct creation *c, int id, const char *value, struct err *e);

/* What is no UTF-8 could not stand in an object: -EINVAL. text may be NULL. */
int creation_check_utf8(const char *text, struct err *e);

/* The object, as it is to be, or NULL: no memory. Returns an exit code. */
int creation_run(struct creation *c, const struct resource *res, const json_t *object);

#endif
