/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Several writes as one transaction. While a batch is open, each write of the
 * registry is staged in it, sees what was staged before, and changes nothing else;
 * what the books of addresses and ports are told meanwhile is taken back before the
 * end, whatever that is. Nobody else may write in between.
 */
#ifndef SVCNAT_BATCH_H
#define SVCNAT_BATCH_H

#include "txn.h"

struct batch {
	struct txn txn;
	size_t booked;			/* staged changes that the books know of */
};

/* b lives until the end. */
void batch_begin(struct batch *b, struct registry *r);
/* The end. How many changes were staged, without what the controllers add. */
int batch_commit(struct batch *b, size_t *changes, struct err *e);
void batch_abort(struct batch *b);

/* For a write: the batch's transaction, or own, which is begun; and what is done at its end. */
struct txn *batch_join(struct registry *r, struct txn *own);
int batch_leave(struct registry *r, struct txn *t, struct err *e);
/* As the object will be; borrowed. */
json_t *batch_find(const struct registry *r, const struct resource *res, const char *ns,
		   const char *name);

#endif
