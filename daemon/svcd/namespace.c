// SPDX-License-Identifier: GPL-2.0
/*
 * The rules of Namespaces: one that goes takes all that is in it along, in as many
 * transactions as that takes.
 */
#include "rules.h"

#include "format.h"
#include "jx.h"
#include "namespace.h"
#include "schema_table.h"
#include "status.h"
#include "strmap.h"
#include "termination.h"

#include <stdint.h>
#include <string.h>

#define NAME_LABEL	"kubernetes.io/metadata.name"

static const struct schema spec_fields[] = { STRINGS("finalizers"), END };
static const struct schema condition_fields[] = {
	STRING("type", KEEP), STRING("status", KEEP), STRING("lastTransitionTime", SCHEMA_ALWAYS),
	STRING("reason", 0), STRING("message", 0), END
};
static const struct schema status_fields[] = {
	STRING("phase", 0), LIST_OF("conditions", condition_fields, "NamespaceCondition"), END
};
static const struct schema fields[] = {
	SCHEMA_TOP,
	OBJECT("spec", spec_fields, "NamespaceSpec"),
	OBJECT("status", status_fields, "NamespaceStatus"),
	END
};

/* svcd itself: while it is there, what is in the namespace is being removed. */
static const char *const finalizers[] = { "kubernetes", NULL };

static void prepare(struct write *w)
{
	json_t *labels = jx_get(w->obj, "metadata.labels");
	const json_t *spec = jx_get(w->old, "spec");

	if (!labels) {
		labels = jx_must(json_object());
		jx_set(w->obj, "metadata.labels", labels);
	}
	json_object_set_new(labels, NAME_LABEL, jx_string(jx_str(w->obj, "metadata.name")));
	if (w->old)
		jx_set(w->obj, "spec", spec ? jx_copy(spec) : json_object());
	else if (!jx_get(w->obj, "spec.finalizers"))
		jx_set(w->obj, "spec.finalizers", json_pack("[s]", finalizers[0]));
	jx_set_str(w->obj, "status.phase", termination_begun(w->old) ? "Terminating" : "Active");
}

/*
 * There is no way to finish another one's work, which would hold the namespace for ever.
 * Of one that is there they are as they were: an earlier svcd took any.
 */
static void validate(struct write *w)
{
	const json_t *list = jx_get(w->obj, "spec.finalizers"), *v;
	size_t i;

	if (w->old)
		return;
	json_array_foreach((json_t *)list, i, v)
		if (!format_one_of(finalizers, json_string_value(v)))
			field_unsupported(&w->errs, v, finalizers, "spec.finalizers[%zu]", i);
}

static const struct resource *type(void)
{
	return resource_by_plural("v1", "namespaces");
}

/*
 * What nothing holds goes, as far as there is room, and takes it up. Answers whether
 * something stays for now.
 */
static bool remove_type(struct txn *t, const struct resource *res, const char *ns, size_t *room)
{
	const struct objects *o = txn_objects(t->r, res);
	bool stays = false;

	for (size_t i = objects_first(o, ns); i < o->n && !strcmp(o->v[i].ns, ns); i++) {
		const json_t *object = txn_find(t, res, ns, o->v[i].name);
		size_t before = t->n;

		if (!object)
			continue;
		if (!*room)
			return true;
		stays |= termination_remove(t, res, object);
		*room -= t->n - before;
	}
	return stays;
}

static bool remove_all(struct txn *t, const char *ns, size_t *room)
{
	const struct resource *res;
	bool stays = false;

	for (size_t i = 0; (res = resource_at(i)); i++)
		if (res->namespaced)
			stays |= remove_type(t, res, ns, room);
	return stays;
}

static int remove_contents(struct txn *t, const json_t *object, struct reply *out)
{
	const char *name = jx_str(object, "metadata.name");
	size_t room = TERMINATION_BATCH;

	if (!strcmp(name, "default"))
		return status_fail(out, 403, "Forbidden", type(), name,
				   "namespaces \"%s\" is forbidden: this namespace may not be "
				   "deleted",
				   name);
	return remove_all(t, name, &room);
}

static const struct resource *events(void)
{
	return resource_by_plural("v1", "events");
}

static void note_held(void *ctx, json_t *object)
{
	*(bool *)ctx |= termination_held(object);
}

/* But for events that nothing holds: they are of what was there. */
static bool is_empty(const struct txn *t, const char *name)
{
	const struct resource *res;
	bool held = false;

	for (size_t i = 0; (res = resource_at(i)); i++)
		if (res->namespaced && res != events() && txn_any(t, res, name))
			return false;
	txn_each(t, events(), name, note_held, &held);
	return !held;
}

static void finish(struct txn *t, const char *name)
{
	const json_t *ns = txn_find(t, type(), "", name);
	size_t room = SIZE_MAX;

	if (!termination_begun(ns) || termination_held(ns) || !is_empty(t, name))
		return;
	/* There are never very many. */
	remove_type(t, events(), name, &room);
	txn_del(t, type(), ns);
}

void namespace_end(struct txn *t, size_t *room)
{
	const struct objects *o = txn_objects(t->r, type());

	for (size_t i = 0; i < o->n; i++) {
		size_t before = t->n;

		if (!termination_begun(o->v[i].object))
			continue;
		remove_all(t, o->v[i].name, room);
		/* Else the controllers look at it, behind what follows from what goes. */
		if (t->n == before)
			finish(t, o->v[i].name);
	}
}

/* The name of the namespace that may be over by this change; "": none. */
static const char *touched(const struct registry_event *ev)
{
	if (ev->res == type())
		return jx_str(ev->object, "metadata.name");
	return ev->change == REGISTRY_DELETED ? jx_str(ev->object, "metadata.namespace") : "";
}

void namespace_finish(struct txn *t)
{
	struct strmap seen = { .n = 0 };
	size_t n = t->n;

	/* Each once, however much of it goes: a look goes over all that did. */
	for (size_t i = 0; i < n; i++) {
		const char *name = touched(&t->v[i]);

		if (!*name || strmap_find(&seen, name))
			continue;
		if (strmap_add(&seen, name, (void *)name))
			jx_must(NULL);
		finish(t, name);
	}
	strmap_clear(&seen);
}

const struct rules namespace_rules = {
	.plural = "namespaces",
	.schema = OBJECT(NULL, fields, "Namespace"),
	.name_rules = format_dns1123_label_rules,
	.prepare = prepare,
	.validate = validate,
	.remove = remove_contents,
	.delete_returns_object = true,
};
