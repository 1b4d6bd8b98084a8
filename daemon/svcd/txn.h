/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The registry's state, and the one way to change it: changes are staged, the
 * controllers add what follows from them, all of it is committed to the disk
 * as one, and only then the memory, the books and the listeners hear of it.
 */
#ifndef SVCNAT_TXN_H
#define SVCNAT_TXN_H

#include "dependents.h"
#include "event_index.h"
#include "history.h"
#include "ingress_index.h"
#include "lb_waiting.h"
#include "objects.h"
#include "registry.h"
#include "selecting.h"
#include "service_alloc.h"
#include "store.h"
#include "strmap.h"

struct listener {
	registry_listener *fn;		/* NULL: gone, to be removed */
	void *ctx;
};

struct batch;

struct registry {
	struct registry_config config;
	struct store *store;
	struct objects *objects;	/* by the index of the type in the table of resources */
	size_t ntypes;
	struct service_alloc alloc;
	struct selecting selecting;
	struct dependents dependents;
	struct event_index events;
	struct ingress_index ingress;
	struct history history;
	uint64_t version;
	uint64_t step;			/* of the first change after the start, see version.h */
	time_t swept;			/* when old events were last looked for */
	json_t *notes;			/* of what happened, for events.c; NULL: none */
	size_t room;			/* objects that the next tick may end */
	struct batch *batch;		/* that is open; NULL: none */
	struct lb_waiting waiting;	/* for addresses of pools */
	bool pools_due;			/* a look at all Services for them failed */
	bool guard;			/* of what files have, see managed.h */

	struct listener *listeners;
	size_t nlisteners;
	struct registry_event *queue;	/* committed, not yet told; owns its objects */
	size_t nqueue, queue_room;
	bool telling;
};

struct txn {
	struct registry *r;
	struct registry_event *v;	/* staged, in order; owns its objects */
	size_t n, room;
	uint64_t version;
	size_t *index;			/* a hash table: places of last changes in v, plus one */
	size_t index_size;		/* 0 or a power of two */
	/* what is staged and will be there, to be searched as what is committed */
	struct objects *staged;		/* by type, as in the registry; NULL: nothing */
	struct selecting selecting;
	struct event_index events;
	struct ingress_index ingress;
};

time_t txn_now(const struct registry *r);
struct objects *txn_objects(const struct registry *r, const struct resource *res);

/* Into the objects and the books, at a start or after a commit. gone: object is what it was. */
void txn_keep(struct registry *r, const struct resource *res, json_t *object, bool gone);

void txn_begin(struct txn *t, struct registry *r);
/* object is taken over and gets its resourceVersion; old is the one it replaces, or NULL. */
void txn_put(struct txn *t, const struct resource *res, json_t *object, const json_t *old);
/* Answers the object with the version of its deletion; borrowed. */
const json_t *txn_del(struct txn *t, const struct resource *res, const json_t *old);

/* The last staged change of an object; NULL: none. Until the next one is staged. */
const struct registry_event *txn_change(const struct txn *t, const struct resource *res,
					const char *ns, const char *name);
/* As it will be after the commit; borrowed. NULL: none. ns NULL counts as "". */
json_t *txn_find(const struct txn *t, const struct resource *res, const char *ns,
		 const char *name);
/* fn for each object of ns as it will be, in no order. fn must not stage changes. */
void txn_each(const struct txn *t, const struct resource *res, const char *ns,
	      void (*fn)(void *ctx, json_t *object), void *ctx);
/* The same for those only whose names begin with prefix. */
void txn_each_named(const struct txn *t, const struct resource *res, const char *ns,
		    const char *prefix, void (*fn)(void *ctx, json_t *object), void *ctx);
/* Will there be an object of ns? */
bool txn_any(const struct txn *t, const struct resource *res, const char *ns);

/* Let the controllers add theirs, write, and tell. The transaction is over, whatever comes out. */
int txn_commit(struct txn *t, struct err *e);
/* The same without the controllers: for what they made themselves. */
int txn_write(struct txn *t, struct err *e);
void txn_abort(struct txn *t);

#endif
