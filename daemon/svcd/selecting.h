/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which Pods a Service selects, and which Services select a Pod, without a look
 * at all of them: what a change costs does not depend on how many there are.
 */
#ifndef SVCNAT_SELECTING_H
#define SVCNAT_SELECTING_H

#include "label_index.h"

struct registry;
struct resource;
struct txn;

struct selecting {
	struct label_index pods;	/* by each label */
	struct label_index services;	/* by one pair of the selector */
};

/* old, which is still held, makes place for now; either may be NULL. Other types are ignored. */
void selecting_commit(struct selecting *s, const struct resource *res, const json_t *old,
		      json_t *now);
void selecting_clear(struct selecting *s);

/*
 * fn for each that matches, as it will be after the commit, in no order. fn must
 * not stage changes. An empty selector matches nothing.
 */
void selecting_pods(const struct txn *t, const char *ns, const json_t *selector,
		    void (*fn)(void *ctx, json_t *pod), void *ctx);
void selecting_services(const struct txn *t, const char *ns, const json_t *labels,
			void (*fn)(void *ctx, json_t *svc), void *ctx);

#endif
