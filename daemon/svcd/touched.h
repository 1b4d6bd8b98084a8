/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which Services are touched by the changes of a transaction, so that what is
 * derived from them has to be looked at: the first question of the controllers.
 */
#ifndef SVCNAT_TOUCHED_H
#define SVCNAT_TOUCHED_H

#include "strmap.h"
#include "txn.h"

#include <time.h>

/* All is borrowed from the transaction. */
struct touched {
	const char *ns, *name;		/* of the Service, which may be gone */
	const json_t *before, *after;	/* the one pod that changed; both NULL: look at all */
	time_t trigger;			/* when what happened happened; 0: that is not known */
};

struct touched_list {
	struct touched *v;
	size_t n, room;
	struct strmap places;		/* "namespace/name" to the place in v, plus one */
};

/* By changes of itself, of its pods, and of what the controllers made of it. */
struct touched_list touched_collect(const struct txn *t);
void touched_clear(struct touched_list *l);

/* Add a Service to the list, all of which is to be looked at. */
void touched_mark(struct touched_list *l, const char *ns, const char *name);

struct touched_pods {
	json_t **v;			/* to be freed; the pods are borrowed */
	size_t n;
};

/* The pods that svc selects, as they will be, in the order of their names. */
struct touched_pods touched_pods(const struct txn *t, const json_t *svc);

#endif
