// SPDX-License-Identifier: GPL-2.0
/* Deleting: at once, or as soon as nothing holds the object any more. */
#include "registry.h"

#include "batch.h"
#include "err.h"
#include "garbage.h"
#include "jx.h"
#include "lb_controller.h"
#include "managed.h"
#include "meta.h"
#include "namespace.h"
#include "rules.h"
#include "status.h"
#include "termination.h"
#include "txn.h"

#include <stdlib.h>

/* Stage it. Answers the object as it is then; borrowed. *later: it stays for now. */
static const json_t *stage(struct txn *t, const struct resource *res, const json_t *object,
			   json_int_t seconds, bool *later)
{
	json_t *marked;

	*later |= seconds || termination_held(object);
	if (!*later)
		return txn_del(t, res, object);
	marked = termination_mark(res, object, txn_now(t->r), seconds);
	if (!marked)
		return object;
	txn_put(t, res, marked, object);
	return marked;
}

static uint64_t version_of(const json_t *object)
{
	return strtoull(jx_str(object, "metadata.resourceVersion"), NULL, 10);
}

/*
 * Stage all that the deletion of object means; out says why it is refused: NULL, and
 * nothing is staged. *later: it stays for now.
 */
static const json_t *stage_whole(struct txn *t, const struct resource *res, json_t *object,
				 long long seconds, unsigned int flags, bool *later,
				 struct reply *out)
{
	const struct rules *rules = rules_of(res);
	int rc;

	if (managed_check(t->r, res, object, flags, out) ||
	    managed_check_contents(t->r, object, flags, out))
		return NULL;
	rc = rules->remove ? rules->remove(t, object, out) : 0;
	if (rc < 0)
		return NULL;
	*later = rc > 0;
	if (flags & REGISTRY_ORPHAN)
		garbage_orphan(t, object);
	return stage(t, res, object, termination_grace(res, object, seconds), later);
}

static int end(struct txn *t, unsigned int flags, struct err *e)
{
	if (!(flags & REGISTRY_DRY_RUN))
		return batch_leave(t->r, t, e);
	txn_abort(t);
	return 0;
}

void registry_delete_within(struct registry *r, const struct resource *res, const char *ns,
			    const char *name, long long seconds, unsigned int flags,
			    struct reply *out)
{
	json_t *object = batch_find(r, res, res->namespaced ? ns : NULL, name);
	struct err e = { "" };
	struct txn own, *t;
	const json_t *now;
	bool later;
	int rc;

	*out = (struct reply){ 0 };
	if (!object) {
		status_not_found(out, res, name);
		return;
	}
	t = batch_join(r, &own);
	now = stage_whole(t, res, object, seconds, flags, &later, out);
	if (!now) {
		/* A batch is aborted by whoever began it. */
		if (t == &own)
			txn_abort(t);
		return;
	}
	now = flags & REGISTRY_DRY_RUN ? meta_at_version(now, version_of(object)) :
					 json_incref((json_t *)now);
	rc = end(t, flags, &e);
	if (rc)
		status_store(out, rc, &e);
	else if (rules_of(res)->delete_returns_object || later)
		status_object(out, 200, jx_must(json_copy((json_t *)now)));
	else
		status_success(out, 200, res, now);
	json_decref((json_t *)now);
}

void registry_delete(struct registry *r, const struct resource *res, const char *ns,
		     const char *name, unsigned int flags, struct reply *out)
{
	registry_delete_within(r, res, ns, name, -1, flags, out);
}

/* Of many. */
struct deletion {
	struct registry *r;
	const struct resource *res;
	const json_t *objects;
	long long seconds;
	unsigned int flags;
	struct reply *out;
	bool refused;			/* out says why it ends */
};

/* Those from *i on in one transaction, at most so many. What the store says. */
static int delete_some(struct deletion *d, size_t *i, size_t most, struct err *e)
{
	size_t n = json_array_size(d->objects), end_at = most < n - *i ? *i + most : n;
	struct txn t;
	bool later;

	txn_begin(&t, d->r);
	for (; *i < end_at && t.n < TERMINATION_BATCH && !d->refused; ++*i) {
		const json_t *o = json_array_get(d->objects, *i);
		/* As it will be: what went before may have taken it along. */
		json_t *object = txn_find(&t, d->res, jx_str(o, "metadata.namespace"),
					  jx_str(o, "metadata.name"));

		d->refused = object && !stage_whole(&t, d->res, object, d->seconds, d->flags,
						    &later, d->out);
	}
	/* What was not refused goes. */
	return end(&t, d->flags, e);
}

static int delete_all(struct deletion *d, struct err *e)
{
	size_t i = 0, n = json_array_size(d->objects), most = TERMINATION_BATCH, from, failed = 0;
	int rc = 0;

	for (from = 0; !d->refused && i < n; from = i) {
		rc = delete_some(d, &i, most, e);
		if (rc && i - from == 1)
			break;
		/* What does not go together may go one by one, as far as that is possible. */
		if (rc) {
			json_decref(d->out->body);
			*d->out = (struct reply){ 0 };
			d->refused = false;
			failed = i;
			i = from;
			most = 1;
		} else if (i >= failed) {
			most = TERMINATION_BATCH;
		}
	}
	return rc;
}

int registry_delete_all(struct registry *r, const struct resource *res, const json_t *objects,
			long long seconds, unsigned int flags, struct reply *out)
{
	struct deletion d = { r, res, objects, seconds, flags, out, false };
	struct err e = { "" };
	int rc;

	*out = (struct reply){ 0 };
	rc = delete_all(&d, &e);
	if (!rc)
		return d.refused ? -1 : 0;
	json_decref(out->body);
	*out = (struct reply){ 0 };
	return status_store(out, rc, &e);
}

/* What does not go together may go in smaller parts. */
static void set_room(struct registry *r, bool failed)
{
	r->room = failed ? 1 : 2 * r->room;
	if (r->room > TERMINATION_BATCH)
		r->room = TERMINATION_BATCH;
}

int registry_tick(struct registry *r, struct err *e)
{
	size_t room = r->room;
	struct txn t;
	int rc = 0;

	txn_begin(&t, r);
	termination_end_pods(&t, &room);
	namespace_end(&t, &room);
	if (t.n) {
		rc = txn_commit(&t, e);
		set_room(r, rc);
	} else {
		txn_abort(&t);
	}
	if (!rc && r->pools_due)
		rc = lb_controller_resync(r, e);
	if (!rc)
		rc = registry_write_events(r, e);
	return rc ? rc : !room;
}
