// SPDX-License-Identifier: GPL-2.0
#include "txn.h"

#include "controllers.h"
#include "events.h"
#include "jx.h"
#include "meta.h"
#include "version.h"

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
	*t = (struct txn){ .r = r, .version = version_base(r) };
}

static const char *ns_of(const json_t *object)
{
	return jx_str(object, "metadata.namespace");
}

static const char *name_of(const json_t *object)
{
	return jx_str(object, "metadata.name");
}

/* FNV-1a */
static size_t hash(const struct resource *res, const char *ns, const char *name)
{
	uint64_t h = 14695981039346656037u ^ (uintptr_t)res;

	for (; *ns; ns++)
		h = (h ^ (unsigned char)*ns) * 1099511628211u;
	h *= 1099511628211u;
	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * 1099511628211u;
	return h ^ h >> 32;
}

/* Where the object's last staged change is noted, or belongs. */
static size_t *slot(const struct txn *t, const struct resource *res, const char *ns,
		    const char *name)
{
	size_t i = hash(res, ns, name);

	for (;; i++) {
		size_t *at = &t->index[i & (t->index_size - 1)];
		const struct registry_event *ev = *at ? &t->v[*at - 1] : NULL;

		if (!ev || (ev->res == res && !strcmp(name_of(ev->object), name) &&
			    !strcmp(ns_of(ev->object), ns)))
			return at;
	}
}

static void note(struct txn *t, size_t i)
{
	const struct registry_event *ev = &t->v[i];

	*slot(t, ev->res, ns_of(ev->object), name_of(ev->object)) = i + 1;
}

static void grow(struct txn *t)
{
	t->room = t->room ? 2 * t->room : 8;
	t->v = jx_must(realloc(t->v, t->room * sizeof(*t->v)));
	free(t->index);
	t->index_size = 2 * t->room;
	t->index = jx_must(calloc(t->index_size, sizeof(*t->index)));
	for (size_t i = 0; i < t->n; i++)
		note(t, i);
}

/* now takes the place of what was staged of the object so far; NULL: it is deleted. */
static void index_staged(struct txn *t, const struct registry_event *ev, json_t *now)
{
	const char *ns = ns_of(ev->object), *name = name_of(ev->object);
	const json_t *before;
	struct objects *o;

	if (!t->staged)
		t->staged = jx_must(calloc(t->r->ntypes, sizeof(*t->staged)));
	o = &t->staged[ev->res - resource_at(0)];
	before = objects_find(o, ns, name);
	selecting_commit(&t->selecting, ev->res, before, now);
	event_index_commit(&t->events, ev->res, before, now);
	ingress_index_commit(&t->ingress, ev->res, before, now);
	if (now)
		objects_put(o, now);
	else
		objects_del(o, ns, name);
}

/* Takes object over. */
static void stage(struct txn *t, enum registry_change change, const struct resource *res,
		  json_t *object, const json_t *old)
{
	if (t->n == t->room)
		grow(t);
	t->v[t->n++] = (struct registry_event){ change, res, object, json_incref((json_t *)old),
						t->version };
	note(t, t->n - 1);
	index_staged(t, &t->v[t->n - 1], change == REGISTRY_DELETED ? NULL : object);
}

void txn_put(struct txn *t, const struct resource *res, json_t *object, const json_t *old)
{
	char version[24];

	snprintf(version, sizeof(version), "%" PRIu64, ++t->version);
	jx_set_str(object, "metadata.resourceVersion", version);
	stage(t, old ? REGISTRY_MODIFIED : REGISTRY_ADDED, res, object, old);
}

const json_t *txn_del(struct txn *t, const struct resource *res, const json_t *old)
{
	json_t *last = meta_at_version(old, ++t->version);

	stage(t, REGISTRY_DELETED, res, last, old);
	return last;
}

const struct registry_event *txn_change(const struct txn *t, const struct resource *res,
					const char *ns, const char *name)
{
	size_t i = t->n ? *slot(t, res, ns, name) : 0;

	return i ? &t->v[i - 1] : NULL;
}

json_t *txn_find(const struct txn *t, const struct resource *res, const char *ns,
		 const char *name)
{
	const struct registry_event *ev = txn_change(t, res, ns ? ns : "", name);

	if (ev)
		return ev->change == REGISTRY_DELETED ? NULL : (json_t *)ev->object;
	return objects_find(txn_objects(t->r, res), ns ? ns : "", name);
}

typedef bool visitor(void *ctx, json_t *object);

/*
 * Among these objects, but for those that t has changed; NULL: for none. Until visit
 * says true. Answers whether it did.
 */
static bool find_among(const struct objects *o, const struct txn *t, const struct resource *res,
		       const char *ns, const char *prefix, visitor *visit, void *ctx)
{
	size_t len = strlen(prefix);

	for (size_t i = objects_from(o, ns, prefix);
	     i < o->n && !strcmp(o->v[i].ns, ns) && !strncmp(o->v[i].name, prefix, len); i++)
		if (!(t && txn_change(t, res, ns, o->v[i].name)) && visit(ctx, o->v[i].object))
			return true;
	return false;
}

static bool find_named(const struct txn *t, const struct resource *res, const char *ns,
		       const char *prefix, visitor *visit, void *ctx)
{
	if (find_among(txn_objects(t->r, res), t, res, ns, prefix, visit, ctx))
		return true;
	return t->staged && find_among(&t->staged[res - resource_at(0)], NULL, res, ns, prefix,
				       visit, ctx);
}

struct each {
	void (*fn)(void *ctx, json_t *object);
	void *ctx;
};

static bool visit_each(void *ctx, json_t *object)
{
	const struct each *each = ctx;

	each->fn(each->ctx, object);
	return false;
}

void txn_each_named(const struct txn *t, const struct resource *res, const char *ns,
		    const char *prefix, void (*fn)(void *ctx, json_t *object), void *ctx)
{
	struct each each = { fn, ctx };

	find_named(t, res, ns, prefix, visit_each, &each);
}

void txn_each(const struct txn *t, const struct resource *res, const char *ns,
	      void (*fn)(void *ctx, json_t *object), void *ctx)
{
	txn_each_named(t, res, ns, "", fn, ctx);
}

static bool visit_first(void *ctx, json_t *object)
{
	(void)ctx;
	(void)object;
	return true;
}

bool txn_any(const struct txn *t, const struct resource *res, const char *ns)
{
	return find_named(t, res, ns, "", visit_first, NULL);
}

static int write_one(struct store *s, const struct registry_event *ev, size_t *bytes,
		     struct err *e)
{
	if (ev->change == REGISTRY_DELETED)
		return store_del(s, ev->res->plural, ns_of(ev->object), name_of(ev->object),
				 ev->version, bytes, e);
	return store_put(s, ev->res->plural, ev->object, bytes, e);
}

/* bytes: of each change, what the history needs for it. */
static int write_all(struct txn *t, size_t *bytes, struct err *e)
{
	struct store *s = t->r->store;
	int rc = store_begin(s, e);

	for (size_t i = 0; !rc && i < t->n; i++)
		rc = write_one(s, &t->v[i], &bytes[i], e);
	if (rc)
		return rc;
	return store_commit(s, t->version, history_floor(&t->r->history, t->v, bytes, t->n), e);
}

void txn_keep(struct registry *r, const struct resource *res, json_t *object, bool gone)
{
	const char *ns = ns_of(object), *name = name_of(object);
	struct objects *o = txn_objects(r, res);
	const json_t *old = objects_find(o, ns, name);

	if (!strcmp(res->plural, "services"))
		service_alloc_commit(&r->alloc, old, gone ? NULL : object);
	selecting_commit(&r->selecting, res, old, gone ? NULL : object);
	dependents_commit(&r->dependents, res, old, gone ? NULL : object);
	event_index_commit(&r->events, res, old, gone ? NULL : object);
	ingress_index_commit(&r->ingress, res, old, gone ? NULL : object);
	if (gone)
		objects_del(o, ns, name);
	else
		objects_put(o, object);
}

/* Cannot fail: it is on the disk. */
static void apply(struct registry *r, const struct registry_event *ev, size_t bytes)
{
	txn_keep(r, ev->res, (json_t *)ev->object, ev->change == REGISTRY_DELETED);
	history_add(&r->history, ev, bytes);
	if (r->nqueue == r->queue_room) {
		r->queue_room = r->queue_room ? 2 * r->queue_room : 16;
		r->queue = jx_must(realloc(r->queue, r->queue_room * sizeof(*r->queue)));
	}
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

static int commit(struct txn *t, struct err *e)
{
	size_t *bytes = jx_must(calloc(t->n, sizeof(*bytes)));
	struct registry *r = t->r;
	int rc = write_all(t, bytes, e);

	if (!rc) {
		r->version = t->version;
		r->step = 0;
		for (size_t i = 0; i < t->n; i++)
			apply(r, &t->v[i], bytes[i]);
	}
	free(bytes);
	return rc;
}

int txn_commit(struct txn *t, struct err *e)
{
	controllers_run(t);
	return txn_write(t, e);
}

int txn_write(struct txn *t, struct err *e)
{
	struct registry *r = t->r;
	int rc = 0;

	events_sweep(t);
	if (t->n)
		rc = commit(t, e);
	txn_abort(t);
	/* Who waits for an address was noted as if it had been written. */
	if (rc)
		r->pools_due = true;
	else
		tell(r);
	return rc;
}

void txn_abort(struct txn *t)
{
	selecting_clear(&t->selecting);
	event_index_clear(&t->events);
	ingress_index_clear(&t->ingress);
	for (size_t i = 0; t->staged && i < t->r->ntypes; i++)
		objects_clear(&t->staged[i]);
	free(t->staged);
	for (size_t i = 0; i < t->n; i++)
		history_drop(&t->v[i]);
	free(t->v);
	free(t->index);
	*t = (struct txn){ .r = t->r };
}
