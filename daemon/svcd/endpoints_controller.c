// SPDX-License-Identifier: GPL-2.0
#include "endpoints_controller.h"

#include "jx.h"
#include "meta.h"
#include "selector.h"
#include "service.h"
#include "termination.h"
#include "trigger.h"

#include <stdlib.h>
#include <string.h>

#define MANAGED_LABEL	"endpoints.kubernetes.io/managed-by"
#define MANAGED_VALUE	"endpoint-controller"
#define HEADLESS_LABEL	"service.kubernetes.io/headless"
#define CAPACITY	1000
#define CAPACITY_NOTE	"endpoints.kubernetes.io/over-capacity"

/* What an Endpoints object shall have. */
struct wish {
	json_t *labels, *subsets;
	bool truncated;
	time_t trigger;			/* of a change of these */
};

static const struct resource *type(const char *plural)
{
	return resource_by_plural("v1", plural);
}

static json_t *make_labels(const json_t *svc)
{
	const json_t *own = jx_get(svc, "metadata.labels");
	json_t *labels = own ? jx_copy(own) : jx_must(json_object());

	json_object_set_new(labels, MANAGED_LABEL, jx_string(MANAGED_VALUE));
	json_object_del(labels, HEADLESS_LABEL);
	if (service_is_headless(svc))
		json_object_set_new(labels, HEADLESS_LABEL, jx_string(""));
	return labels;
}

static const char *note_of(const json_t *ep)
{
	const json_t *annotations = jx_get(ep, "metadata.annotations");

	return json_string_value(json_object_get(annotations, CAPACITY_NOTE));
}

static void put_note(json_t *ep, bool truncated)
{
	json_t *annotations = jx_get(ep, "metadata.annotations");

	if (!truncated) {
		json_object_del(annotations, CAPACITY_NOTE);
		if (annotations && !json_object_size(annotations))
			jx_del(ep, "metadata.annotations");
		return;
	}
	if (!annotations) {
		annotations = jx_must(json_object());
		jx_set(ep, "metadata.annotations", annotations);
	}
	json_object_set_new(annotations, CAPACITY_NOTE, jx_string("truncated"));
}

/* Takes over what is wished. */
static json_t *make_endpoints(const struct txn *t, const json_t *svc, const json_t *old,
			      const struct wish *w)
{
	json_t *ep = jx_must(old ? json_copy((json_t *)old) : json_object());

	if (old) {
		jx_set(ep, "metadata", jx_copy(jx_get(old, "metadata")));
	} else {
		jx_set_str(ep, "kind", "Endpoints");
		jx_set_str(ep, "apiVersion", "v1");
		jx_set_str(ep, "metadata.name", jx_str(svc, "metadata.name"));
		meta_create(ep, jx_str(svc, "metadata.namespace"), txn_now(t->r));
	}
	jx_set(ep, "metadata.labels", w->labels);
	put_note(ep, w->truncated);
	trigger_note(ep, w->trigger);
	if (json_array_size(w->subsets)) {
		jx_set(ep, "subsets", w->subsets);
	} else {
		jx_del(ep, "subsets");
		json_decref(w->subsets);
	}
	return ep;
}

static bool as_they_are(const json_t *ep, const struct wish *w)
{
	const json_t *now = jx_get(ep, "subsets");
	const char *note = note_of(ep);

	if (!ep || !json_equal(jx_get(ep, "metadata.labels"), w->labels) ||
	    (w->truncated ? !note || strcmp(note, "truncated") : !!note))
		return false;
	return now ? json_equal(now, w->subsets) : !json_array_size(w->subsets);
}

static json_t *all_subsets(const struct txn *t, const json_t *svc)
{
	struct touched_pods pods = touched_pods(t, svc);
	json_t *subsets = endpoints_subsets(svc, pods.v, pods.n);

	free(pods.v);
	return subsets;
}

static json_t *changed_subsets(const json_t *svc, const json_t *ep, const struct touched *what)
{
	const json_t *pod = what->after, *labels = jx_get(pod, "metadata.labels");

	return endpoints_subsets_change(jx_get(ep, "subsets"), svc,
		jx_str(pod ? pod : what->before, "metadata.uid"),
		selector_map_match(jx_get(svc, "spec.selector"), labels) ? pod : NULL);
}

static void update(struct txn *t, const json_t *svc, const json_t *ep, const struct touched *what)
{
	struct wish w = { .trigger = what->trigger };

	if (!json_object_size(jx_get(svc, "spec.selector")) ||
	    service_is_type(svc, "ExternalName"))
		return;
	/* As with slices: what goes along with a Service that is going is not made again. */
	if (!ep && termination_begun(svc))
		return;
	/* What was left out before may have its turn now. */
	if (ep && !note_of(ep) && (what->before || what->after))
		w.subsets = changed_subsets(svc, ep, what);
	if (!w.subsets)
		w.subsets = all_subsets(t, svc);
	w.truncated = endpoints_truncate(w.subsets, CAPACITY);
	w.labels = make_labels(svc);
	if (as_they_are(ep, &w)) {
		json_decref(w.labels);
		json_decref(w.subsets);
		return;
	}
	txn_put(t, type("endpoints"), make_endpoints(t, svc, ep, &w), ep);
}

static void look_at(struct txn *t, const struct touched *what)
{
	const json_t *svc = txn_find(t, type("services"), what->ns, what->name);
	const json_t *ep = txn_find(t, type("endpoints"), what->ns, what->name);

	if (svc)
		update(t, svc, ep, what);
	else if (ep)
		termination_remove(t, type("endpoints"), ep);
}

void endpoints_controller_run(struct txn *t, const struct touched_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		look_at(t, &l->v[i]);
}

/* Those that the controller made for a Service that is gone; made by hand they stay. */
void endpoints_controller_drop_orphans(struct txn *t)
{
	const struct objects *o = txn_objects(t->r, type("endpoints"));

	for (size_t i = 0; i < o->n; i++) {
		const json_t *labels = jx_get(o->v[i].object, "metadata.labels");
		const char *by = json_string_value(json_object_get(labels, MANAGED_LABEL));

		if (by && !strcmp(by, MANAGED_VALUE) &&
		    !txn_find(t, type("services"), o->v[i].ns, o->v[i].name))
			termination_remove(t, type("endpoints"), o->v[i].object);
	}
}
