// SPDX-License-Identifier: GPL-2.0
#include "txn.h"

#include "endpoints_controller.h"
#include "events.h"
#include "jx.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

time_t txn_now(const struct registry *r)
{
	return r->config.now ? r->config.now(r->config.now_ctx) : time(NULL);
}

struct objects *txn_objects(const struct registry *r, const struct resource *res)
{
	return &r->objects[res - resource_at(0)];
}

void txn_begin(struct txn *t, struct registry *r)
{
	*t = (struct txn){ .r = r, .version = r->version };
}

/* Takes object over. */
static void stage(struct txn *t, enum registry_change change, const struct resource *res,
		  json_t *object, const json_t *old)
{
	char version[24];

	snprintf(version, sizeof(version), "%" PRIu64, ++t->version);
	jx_set_str(object, "metadata.resourceVersion", version);
	t->v = jx_must(realloc(t->v, (t->n + 1) * sizeof(*t->v)));
	t->v[t->n++] = (struct registry_event){ change, res, object, json_incref((json_t *)old),
						t->version };
}

void txn_put(struct txn *t, const struct resource *res, json_t *object, const json_t *old)
{
	stage(t, old ? REGISTRY_MODIFIED : REGISTRY_ADDED, res, object, old);
}

const json_t *txn_del(struct txn *t, const struct resource *res, const json_t *old)
{
	json_t *last = jx_must(json_copy((json_t *)old));

	jx_set(last, "metadata", json_copy(jx_get(old, "metadata")));
	stage(t, REGISTRY_DELETED, res, last, old);
	return last;
}

/* The last staged change of the object; NULL: none. */
static const struct registry_event *staged(const struct txn *t, const struct resource *res,
					   const char *ns, const char *name)
{
	for (size_t i = t->n; i-- > 0;)
		if (t->v[i].res == res && jx_is(t->v[i].object, "metadata.name", name) &&
		    jx_is(t->v[i].object, "metadata.namespace", ns))
			return &t->v[i];
	return NULL;
}

json_t *txn_find(const struct txn *t, const struct resource *res, const char *ns,
		 const char *name)
{
	const struct registry_event *ev = staged(t, res, ns ? ns : "", name);

	if (ev)
		return ev->change == REGISTRY_DELETED ? NULL : (json_t *)ev->object;
	return objects_find(txn_objects(t->r, res), ns ? ns : "", name);
}

void txn_each(const struct txn *t, const struct resource *res, const char *ns,
	      void (*fn)(void *ctx, json_t *object), void *ctx)
{
	const struct objects *o = txn_objects(t->r, res);

	for (size_t i = objects_first(o, ns); i < o->n && !strcmp(o->v[i].ns, ns); i++)
		if (!staged(t, res, ns, o->v[i].name))
			fn(ctx, o->v[i].object);
	for (size_t i = 0; i < t->n; i++) {
		const struct registry_event *ev = &t->v[i];

		if (ev->res == res && ev->change != REGISTRY_DELETED &&
		    jx_is(ev->object, "metadata.namespace", ns) &&
		    staged(t, res, ns, jx_str(ev->object, "metadata.name")) == ev)
			fn(ctx, (json_t *)ev->object);
	}
}

static int write_one(struct store *s, const struct registry_event *ev, struct err *e)
{
	if (ev->change == REGISTRY_DELETED)
		return store_del(s, ev->res->plural, jx_str(ev->object, "metadata.namespace"),
				 jx_str(ev->object, "metadata.name"), e);
	return store_put(s, ev->res->plural, ev->object, e);
}

static int write_all(struct txn *t, struct err *e)
{
	struct store *s = t->r->store;
	int rc = store_begin(s, e);

	for (size_t i = 0; !rc && i < t->n; i++)
		rc = write_one(s, &t->v[i], e);
	return rc ? rc : store_commit(s, t->version, e);
}

/* Cannot fail: it is on the disk. */
static void apply(struct registry *r, const struct registry_event *ev)
{
	bool gone = ev->change == REGISTRY_DELETED;
	struct objects *o = txn_objects(r, ev->res);

	if (!strcmp(ev->res->plural, "services"))
		service_alloc_commit(&r->alloc, ev->old, gone ? NULL : ev->object);
	if (gone)
		objects_del(o, jx_str(ev->object, "metadata.namespace"),
			    jx_str(ev->object, "metadata.name"));
	else
		objects_put(o, (json_t *)ev->object);
	history_add(&r->history, ev);
	r->queue = jx_must(realloc(r->queue, (r->nqueue + 1) * sizeof(*r->queue)));
	r->queue[r->nqueue++] = history_hold(ev);
}

static void forget_gone_listeners(struct registry *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->nlisteners; i++)
		if (r->listeners[i].fn)
			r->listeners[n++] = r->listeners[i];
	r->nlisteners = n;
}

/*
 * A listener may write events: those are queued behind what is being told, so
 * that everyone hears everything in the order of its version.
 */
static void tell(struct registry *r)
{
	if (r->telling)
		return;
	r->telling = true;
	for (size_t i = 0; i < r->nqueue; i++) {
		struct registry_event ev = r->queue[i];

		for (size_t j = 0; j < r->nlisteners; j++)
			if (r->listeners[j].fn)
				r->listeners[j].fn(r->listeners[j].ctx, &ev);
		history_drop(&ev);
	}
	r->nqueue = 0;
	r->telling = false;
	forget_gone_listeners(r);
}

int txn_commit(struct txn *t, struct err *e)
{
	struct registry *r = t->r;
	int rc = 0;

	endpoints_controller_run(t);
	events_sweep(t);
	if (t->n)
		rc = write_all(t, e);
	if (!rc) {
		r->version = t->version;
		for (size_t i = 0; i < t->n; i++)
			apply(r, &t->v[i]);
	}
	txn_abort(t);
	if (!rc)
		tell(r);
	return rc;
}

void txn_abort(struct txn *t)
{
	for (size_t i = 0; i < t->n; i++)
		history_drop(&t->v[i]);
	free(t->v);
	*t = (struct txn){ .r = t->r };
}
