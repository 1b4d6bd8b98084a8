// SPDX-License-Identifier: GPL-2.0
#include "controllers.h"

#include "endpoints_controller.h"
#include "garbage.h"
#include "lb_controller.h"
#include "mirror_controller.h"
#include "namespace.h"
#include "slice_controller.h"

#include <stdlib.h>

/* At a start, so many changes in one transaction: what it holds, it holds twice. */
#define RESYNC_BATCH	64

void controllers_run(struct txn *t)
{
	struct touched_list l;

	garbage_run(t);
	l = touched_collect(t);
	endpoints_controller_run(t, &l);
	slice_controller_run(t, &l);
	mirror_controller_run(t);
	lb_controller_run(t);
	namespace_finish(t);
	touched_clear(&l);
}

int controllers_resync(struct registry *r, struct err *e)
{
	const struct objects *o = txn_objects(r, resource_by_plural("v1", "services"));
	struct txn t;
	int rc = 0;

	txn_begin(&t, r);
	endpoints_controller_drop_orphans(&t);
	slice_controller_drop_orphans(&t);
	mirror_controller_drop_orphans(&t);
	for (size_t i = 0; i < o->n && !rc; i++) {
		struct touched one = { .ns = o->v[i].ns, .name = o->v[i].name };
		const struct touched_list l = { .v = &one, .n = 1 };

		endpoints_controller_run(&t, &l);
		slice_controller_run(&t, &l);
		mirror_controller_look_at(&t, one.ns, one.name);
		if (t.n < RESYNC_BATCH)
			continue;
		rc = txn_write(&t, e);
		txn_begin(&t, r);
	}
	if (rc)
		txn_abort(&t);
	else
		rc = txn_write(&t, e);
	return rc;
}
