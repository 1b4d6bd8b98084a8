// SPDX-License-Identifier: GPL-2.0
/* Deleting: at once, or as soon as nothing holds the object any more. */
#include "registry.h"

#include "err.h"
#include "garbage.h"
#include "jx.h"
#include "meta.h"
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

void registry_delete_within(struct registry *r, const struct resource *res, const char *ns,
			    const char *name, long long seconds, unsigned int flags,
			    struct reply *out)
{
	const struct rules *rules = rules_of(res);
	json_t *object = objects_find(txn_objects(r, res), res->namespaced && ns ? ns : "", name);
	struct err e = { "" };
	const json_t *now;
	bool later;
	struct txn t;
	int rc = 0;

	*out = (struct reply){ 0 };
	if (!object) {
		status_not_found(out, res, name);
		return;
	}
	txn_begin(&t, r);
	if (rules->remove)
		rc = rules->remove(&t, object, out);
	if (rc < 0) {
		txn_abort(&t);
		return;
	}
	later = rc > 0;
	rc = 0;
	if (flags & REGISTRY_ORPHAN)
		garbage_orphan(&t, object);
	seconds = termination_grace(res, object, seconds);
	now = stage(&t, res, object, seconds, &later);
	now = flags & REGISTRY_DRY_RUN ? meta_at_version(now, version_of(object)) :
					 json_incref((json_t *)now);
	if (flags & REGISTRY_DRY_RUN)
		txn_abort(&t);
	else
		rc = txn_commit(&t, &e);
	if (rc)
		status_store(out, rc, &e);
	else if (rules->delete_returns_object || later)
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

int registry_tick(struct registry *r, struct err *e)
{
	struct txn t;

	txn_begin(&t, r);
	termination_end_pods(&t);
	if (t.n)
		return txn_commit(&t, e);
	txn_abort(&t);
	return 0;
}
