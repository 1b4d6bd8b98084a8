/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a type does with a write: one table of functions a type, one row a type
 * in rules.c. A new type is a row there, a row in resource.c, and its file.
 */
#ifndef SVCNAT_RULES_H
#define SVCNAT_RULES_H

#include "fielderr.h"
#include "registry.h"
#include "schema.h"
#include "service_alloc.h"

struct txn;

/* One write on its way. */
struct write {
	const struct resource *res;
	json_t *obj;			/* the new object, ours to change */
	const json_t *old;		/* NULL: it is created */
	struct service_alloc *alloc;	/* the books: read until the commit */
	bool taken;			/* a create whose name is in use: it will fail for that */
	time_t now;
	struct field_errors errs;
};

struct rules {
	const char *plural;
	struct schema schema;		/* of the whole object */
	const struct format_rule *name_rules;

	/* Defaults, and what an update carries over from old. The status is old's already. */
	void (*prepare)(struct write *w);
	void (*validate)(struct write *w);
	/* The same for a write of the status alone. NULL: nothing to check. */
	void (*prepare_status)(struct write *w);
	void (*validate_status)(struct write *w);
	/* NULL: nothing to do. Bring what is valid into the one form in which it is kept. */
	void (*finish)(struct write *w);
	/* Choose what the object did not ask for by name. -1: out is the refusal. */
	int (*allocate)(struct write *w, struct reply *out);
	/*
	 * NULL: it may go. Stages what goes along with it. 1: some of that is held, and with
	 * it the object, whose end is then staged by others. -1: out is the refusal.
	 */
	int (*remove)(struct txn *t, const json_t *object, struct reply *out);
	bool delete_returns_object;	/* else a Success Status */
	bool update_creates;		/* a PUT of an absent one makes it */
	bool create_has_status;		/* who makes it may say its status at once */
};

const struct rules *rules_of(const struct resource *res);

extern const struct rules service_rules, pod_rules, endpoints_rules, endpointslice_rules,
	node_rules, namespace_rules, event_rules;

#endif
