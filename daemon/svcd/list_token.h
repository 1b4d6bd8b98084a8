/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Continue tokens: where the next page of a list begins, and at which version.
 * Opaque to clients.
 */
#ifndef SVCNAT_LIST_TOKEN_H
#define SVCNAT_LIST_TOKEN_H

#include <stdint.h>

struct err;

struct list_token {
	uint64_t version;		/* 0: whatever it is by then */
	char *ns, *name;		/* the last object that was given; to be freed */
};

char *list_token_print(uint64_t version, const char *ns, const char *name);	/* to be freed */
/* -EINVAL and e, with nothing to free. */
int list_token_parse(struct list_token *t, const char *text, struct err *e);
void list_token_clear(struct list_token *t);

#endif
