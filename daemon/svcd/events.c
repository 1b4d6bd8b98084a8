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
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].old == ev)
			return true;
	return false;
}

static void sweep_old(struct txn *t, const struct objects *o, time_t now)
{
	for (size_t i = 0; i < o->n; i++) {
		const json_t *ev = o->v[i].object;

		if (last_seen(ev) + EVENTS_SECONDS <= now && !staged_already(t, ev))
			txn_del(t, events(), ev);
	}
}

static void sweep_oldest(struct txn *t, const struct objects *o)
{
	const json_t *oldest = NULL;

	for (size_t i = 0; i < o->n; i++) {
		const json_t *ev = o->v[i].object;

		if (!staged_already(t, ev) && (!oldest || version_of(ev) < version_of(oldest)))
			oldest = ev;
	}
	if (oldest)
		txn_del(t, events(), oldest);
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
	for (; n > EVENTS_MAX; n--)
		sweep_oldest(t, o);
}

static json_t *find_same(const struct objects *o, const char *ns, const json_t *object,
			 const char *reason, const char *message)
{
	for (size_t i = objects_first(o, ns); i < o->n && !strcmp(o->v[i].ns, ns); i++) {
		json_t *ev = o->v[i].object;

		if (jx_is(ev, "involvedObject.uid", jx_str(object, "metadata.uid")) &&
		    jx_is(ev, "reason", reason) && jx_is(ev, "message", message))
			return ev;
	}
	return NULL;
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
	old = find_same(txn_objects(t->r, events()), ns, object, reason, message);
	if (old) {
		ev = repeat(old, now);
	} else {
		ev = event_make(object, type, reason, message, txn_now(t->r));
		meta_create(ev, ns, txn_now(t->r));
	}
	txn_put(t, events(), ev, old);
}

void registry_record_event(struct registry *r, const json_t *object, const char *type,
			   const char *reason, const char *message)
{
	struct txn t;

	txn_begin(&t, r);
	events_stage(&t, object, type, reason, message);
	/* What cannot be written is lost: nothing depends on an event. */
	txn_commit(&t, NULL);
}
