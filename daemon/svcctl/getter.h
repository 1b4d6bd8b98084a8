/* SPDX-License-Identifier: GPL-2.0 */
/* Fetching what a selection means: shared by get and describe. */
#ifndef SVCNAT_SVCCTL_GETTER_H
#define SVCNAT_SVCCTL_GETTER_H

#include "client.h"
#include "selection.h"

/* Objects of one type, whole: with their kind, also where the API leaves it out. */
struct getter_result {
	json_t *items;		/* array */
	json_t *refusals;	/* array of Status, one for each name or list that failed */
	char *version;		/* to watch from; NULL after a refusal */
};

/* Named ones in the order of the names. 0 also after refusals; negative: no answer. */
int getter_fetch(struct client *c, const struct scope *scope, const struct selection_target *t,
		 struct getter_result *out, struct err *e);
void getter_clear(struct getter_result *r);

/* The list at path. A refusal is in the result. */
int getter_list(struct client *c, const char *path, const struct resource *res,
		struct getter_result *out, struct err *e);

/* "No resources found in default namespace." */
void getter_print_none(FILE *f, const struct scope *scope, const struct resource *res);

#endif
