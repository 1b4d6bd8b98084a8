/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The authority's own node: what the registry holds goes to the node's kernel,
 * what goes wrong there comes back as Events.
 */
#ifndef SVCNAT_AUTHORITY_H
#define SVCNAT_AUTHORITY_H

#include "node.h"
#include "registry.h"

/* The functions of these names for the node; ctx is the registry. */
void authority_warn(void *ctx, const json_t *service, const char *reason, const char *message);
void authority_warned(void *ctx);
/* What is no warning. */
void authority_note(void *ctx, const json_t *service, const char *reason, const char *message);

/* Tell n of everything that r holds and of each change from now on. */
int authority_start(struct registry *r, struct node *n, struct err *e);
/* The Nodes once more: it has another name, and so another one is its own. */
void authority_tell_nodes(struct registry *r, struct node *n);
void authority_stop(struct registry *r, struct node *n);

#endif
