// SPDX-License-Identifier: GPL-2.0
#include "batch.h"

#include <string.h>

void batch_begin(struct batch *b, struct registry *r)
{
	*b = (struct batch){ .booked = 0 };
	txn_begin(&b->txn, r);
	r->batch = b;
}

static void book(struct batch *b, size_t i, bool back)
{
	const struct registry_event *ev = &b->txn.v[i];
	const json_t *now = ev->change == REGISTRY_DELETED ? NULL : ev->object;

	if (strcmp(ev->res->plural, "services"))
		return;
	if (back)
		service_alloc_commit(&b->txn.r->alloc, now, ev->old);
	else
		service_alloc_commit(&b->txn.r->alloc, ev->old, now);
}

/* The commit will tell the books again, of all. */
static void end(struct batch *b)
{
	while (b->booked)
		book(b, --b->booked, true);
	b->txn.r->batch = NULL;
}

int batch_commit(struct batch *b, size_t *changes, struct err *e)
{
	end(b);
	*changes = b->txn.n;
	if (b->txn.n)
		return txn_commit(&b->txn, e);
	txn_abort(&b->txn);
	return 0;
}

void batch_abort(struct batch *b)
{
	end(b);
	txn_abort(&b->txn);
}

struct txn *batch_join(struct registry *r, struct txn *own)
{
	if (r->batch)
		return &r->batch->txn;
	txn_begin(own, r);
	return own;
}

int batch_leave(struct registry *r, struct txn *t, struct err *e)
{
	struct batch *b = r->batch;

	if (!b)
		return txn_commit(t, e);
	for (; b->booked < t->n; b->booked++)
		book(b, b->booked, false);
	return 0;
}

json_t *batch_find(const struct registry *r, const struct resource *res, const char *ns,
		   const char *name)
{
	if (r->batch)
		return txn_find(&r->batch->txn, res, ns, name);
	return objects_find(txn_objects(r, res), ns ? ns : "", name);
}
