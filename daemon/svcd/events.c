// SPDX-License-Identifier: GPL-2.0
#include "events.h"

#include "event_make.h"
#include "jx.h"
#include "meta.h"

#include <stdlib.h>
#include <string.h>

#define SWEEP_SECONDS	60

static const struct resource *events(void)
{
	return resource_by_plural("v1", "events");
}

static uint64_t version_of(const json_t *o)
{
	return strtoull(jx_str(o, "metadata.resourceVersion"), NULL, 10);
}

/* Of one without its own times, such as a client may make: when it was created. */
static time_t last_seen(const json_t *ev)
{
	time_t t = meta_parse_time(jx_str(ev, "lastTimestamp"));

	return t ? t : meta_parse_time(jx_str(ev, "metadata.creationTimestamp"));
}

static bool staged_already(const struct txn *t, const json_t *ev)
{
	return txn_find(t, events(), jx_str(ev, "metadata.namespace"),
			jx_str(ev, "metadata.name")) != ev;
}

static void sweep_old(struct txn *t, const struct objects *o, time_t now)
{
	for (size_t i = 0; i < o->n; i++) {
		const json_t *ev = o->v[i].object;

		if (last_seen(ev) + EVENTS_SECONDS <= now && !staged_already(t, ev))
			txn_del(t, events(), ev);
	}
}

struct aged {
	uint64_t version;
	const json_t *ev;
};

static int aged_cmp(const void *a, const void *b)
{
	const struct aged *x = a, *y = b;

	return (x->version > y->version) - (x->version < y->version);
}

/* So many of them, or as many as the transaction has not changed. */
static void sweep_oldest(struct txn *t, const struct objects *o, size_t n)
{
	struct aged *v = jx_must(malloc((o->n + 1) * sizeof(*v)));
	size_t found = 0;

	for (size_t i = 0; i < o->n; i++)
		if (!staged_already(t, o->v[i].object))
			v[found++] = (struct aged){ version_of(o->v[i].object), o->v[i].object };
	qsort(v, found, sizeof(*v), aged_cmp);
	for (size_t i = 0; i < found && i < n; i++)
		txn_del(t, events(), v[i].ev);
	free(v);
}

void events_sweep(struct txn *t)
{
	const struct objects *o = txn_objects(t->r, events());
	time_t now = txn_now(t->r);
	size_t n = o->n;

	if (t->r->swept + SWEEP_SECONDS <= now || t->r->swept > now) {
		t->r->swept = now;
		sweep_old(t, o, now);
	}
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].res == events())
			n += t->v[i].change == REGISTRY_ADDED ? 1 :
			     t->v[i].change == REGISTRY_DELETED ? -1 : 0;
	if (n > EVENTS_MAX)
		sweep_oldest(t, o, n - EVENTS_MAX);
}

/* The one of this transaction, or of those before it. */
static json_t *find_same(const struct txn *t, const char *ns, const json_t *object,
			 const char *reason, const char *message)
{
	const char *uid = jx_str(object, "metadata.uid");
	json_t *ev = event_index_find(&t->events, ns, uid, reason, message);

	if (ev)
		return ev;
	ev = event_index_find(&t->r->events, ns, uid, reason, message);
	return ev && !staged_already(t, ev) ? ev : NULL;
}

static json_t *repeat(const json_t *old, const char *now)
{
	json_t *ev = jx_copy(old);

	jx_set_int(ev, "count", jx_int(old, "count") + 1);
	jx_set_str(ev, "lastTimestamp", now);
	return ev;
}

void events_stage(struct txn *t, const json_t *object, const char *type, const char *reason,
		  const char *message)
{
	const char *ns = jx_str(object, "metadata.namespace");
	char now[META_TIME_LEN];
	json_t *old, *ev;

	if (!*ns)
		ns = "default";
	/* Who speaks of it may be late: it is gone, and nothing could be found in there. */
	if (!txn_find(t, resource_by_plural("v1", "namespaces"), "", ns))
		return;
	meta_print_time(txn_now(t->r), now);
	old = find_same(t, ns, object, reason, message);
	if (old) {
		ev = repeat(old, now);
	} else {
		ev = event_make(object, type, reason, message, NULL, txn_now(t->r));
		meta_create(ev, ns, txn_now(t->r));
	}
	txn_put(t, events(), ev, old);
}

void registry_record_event(struct registry *r, const json_t *object, const char *type,
			   const char *reason, const char *message)
{
	if (!r->notes)
		r->notes = jx_must(json_array());
	if (json_array_size(r->notes) < EVENTS_MAX)
		jx_append(r->notes, json_pack("[O, o, o, o]", object, jx_string(type),
					      jx_string(reason), jx_string(message)));
}

static const char *word(const json_t *note, size_t i)
{
	return json_string_value(json_array_get(note, i));
}

int registry_write_events(struct registry *r, struct err *e)
{
	json_t *notes = r->notes, *note;
	struct txn t;
	size_t i;
	int rc;

	if (!notes)
		return 0;
	/* Whoever hears of them may have something to say, too. */
	r->notes = NULL;
	txn_begin(&t, r);
	json_array_foreach(notes, i, note)
		events_stage(&t, json_array_get(note, 0), word(note, 1), word(note, 2),
			     word(note, 3));
	rc = txn_commit(&t, e);
	if (rc)
		r->notes = notes;
	else
		json_decref(notes);
	return rc;
}
