// SPDX-License-Identifier: GPL-2.0
#include "endpoints_controller.h"

#include "jx.h"
#include "meta.h"
#include "selector.h"
#include "service.h"

#include <stdlib.h>
#include <string.h>

#define MANAGED_LABEL	"endpoints.kubernetes.io/managed-by"
#define MANAGED_VALUE	"endpoint-controller"
#define HEADLESS_LABEL	"service.kubernetes.io/headless"

/* At a start so many at once: a transaction looks through what is staged. */
#define RESYNC_BATCH	64

/* A Service whose Endpoints have to be looked at. All is borrowed. */
struct touched {
	const char *ns, *name;
	const json_t *before, *after;	/* the one pod that changed; both NULL: make all anew */
};

struct dirty {
	struct txn *t;
	struct touched *v;
	size_t n;
	const json_t *before, *after;	/* the pod of the change that is looked at */
};

struct pods {
	const json_t *selector;
	json_t **v;
	size_t n, room;
};

static const struct resource *type(const char *plural)
{
	return resource_by_plural("v1", plural);
}

/* o: the Service, or the Endpoints of its name. Touched twice, all is made anew. */
static void mark(struct dirty *d, const json_t *o)
{
	const char *ns = jx_str(o, "metadata.namespace"), *name = jx_str(o, "metadata.name");

	for (size_t i = 0; i < d->n; i++) {
		if (strcmp(d->v[i].ns, ns) || strcmp(d->v[i].name, name))
			continue;
		d->v[i].before = d->v[i].after = NULL;
		return;
	}
	d->v = jx_must(realloc(d->v, (d->n + 1) * sizeof(*d->v)));
	d->v[d->n++] = (struct touched){ ns, name, d->before, d->after };
}

static void mark_if_selects(void *ctx, json_t *svc)
{
	const json_t *selector = jx_get(svc, "spec.selector");
	struct dirty *d = ctx;

	if (selector_map_match(selector, jx_get(d->before, "metadata.labels")) ||
	    selector_map_match(selector, jx_get(d->after, "metadata.labels")))
		mark(d, svc);
}

static void mark_for_pod(struct dirty *d, const struct registry_event *ev)
{
	const json_t *now = ev->change == REGISTRY_DELETED ? NULL : ev->object;

	if (endpoints_same_pod(ev->old, now))
		return;
	d->before = ev->old;
	d->after = now;
	txn_each(d->t, type("services"), jx_str(ev->object, "metadata.namespace"),
		 mark_if_selects, d);
	d->before = d->after = NULL;
}

static void collect(void *ctx, json_t *pod)
{
	struct pods *p = ctx;

	if (!selector_map_match(p->selector, jx_get(pod, "metadata.labels")))
		return;
	if (p->n == p->room) {
		p->room = p->room ? 2 * p->room : 16;
		p->v = jx_must(realloc(p->v, p->room * sizeof(*p->v)));
	}
	p->v[p->n++] = pod;
}

static json_t *make_labels(const json_t *svc)
{
	const json_t *own = jx_get(svc, "metadata.labels");
	json_t *labels = own ? jx_copy(own) : jx_must(json_object());

	json_object_set_new(labels, MANAGED_LABEL, jx_string(MANAGED_VALUE));
	if (service_is_headless(svc))
		json_object_set_new(labels, HEADLESS_LABEL, jx_string(""));
	return labels;
}

static json_t *make_endpoints(const struct txn *t, const json_t *svc, const json_t *old,
			      json_t *labels, json_t *subsets)
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
	jx_set(ep, "metadata.labels", labels);
	if (json_array_size(subsets)) {
		jx_set(ep, "subsets", subsets);
	} else {
		jx_del(ep, "subsets");
		json_decref(subsets);
	}
	return ep;
}

static bool as_they_are(const json_t *ep, const json_t *labels, const json_t *subsets)
{
	const json_t *now = jx_get(ep, "subsets");

	if (!ep || !json_equal(jx_get(ep, "metadata.labels"), labels))
		return false;
	return now ? json_equal(now, subsets) : !json_array_size(subsets);
}

static json_t *all_subsets(const struct txn *t, const json_t *svc)
{
	struct pods pods = { .selector = jx_get(svc, "spec.selector") };
	json_t *subsets;

	txn_each(t, type("pods"), jx_str(svc, "metadata.namespace"), collect, &pods);
	subsets = endpoints_subsets(svc, pods.v, pods.n);
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
	json_t *labels, *subsets;

	if (!json_object_size(jx_get(svc, "spec.selector")) ||
	    service_is_type(svc, "ExternalName"))
		return;
	if (ep && (what->before || what->after))
		subsets = changed_subsets(svc, ep, what);
	else
		subsets = all_subsets(t, svc);
	labels = make_labels(svc);
	if (as_they_are(ep, labels, subsets)) {
		json_decref(labels);
		json_decref(subsets);
		return;
	}
	txn_put(t, type("endpoints"), make_endpoints(t, svc, ep, labels, subsets), ep);
}

static void look_at(struct txn *t, const struct touched *what)
{
	const json_t *svc = txn_find(t, type("services"), what->ns, what->name);
	const json_t *ep = txn_find(t, type("endpoints"), what->ns, what->name);

	if (svc)
		update(t, svc, ep, what);
	else if (ep)
		txn_del(t, type("endpoints"), ep);
}

/* Of a Service: what somebody else made of them is put right at once. */
static bool owned(const struct txn *t, const json_t *ep)
{
	return txn_find(t, type("services"), jx_str(ep, "metadata.namespace"),
			jx_str(ep, "metadata.name"));
}

void endpoints_controller_run(struct txn *t)
{
	struct dirty d = { .t = t };
	size_t n = t->n;

	for (size_t i = 0; i < n; i++) {
		const struct registry_event *ev = &t->v[i];

		if (ev->res == type("services"))
			mark(&d, ev->object);
		else if (ev->res == type("pods"))
			mark_for_pod(&d, ev);
		else if (ev->res == type("endpoints") && owned(t, ev->object))
			mark(&d, ev->object);
	}
	for (size_t i = 0; i < d.n; i++)
		look_at(t, &d.v[i]);
	free(d.v);
}

/* Those that the controller made for a Service that is gone; made by hand they stay. */
static void drop_orphans(struct txn *t)
{
	const struct objects *o = txn_objects(t->r, type("endpoints"));

	for (size_t i = 0; i < o->n; i++) {
		const json_t *labels = jx_get(o->v[i].object, "metadata.labels");
		const char *by = json_string_value(json_object_get(labels, MANAGED_LABEL));

		if (by && !strcmp(by, MANAGED_VALUE) &&
		    !txn_find(t, type("services"), o->v[i].ns, o->v[i].name))
			txn_del(t, type("endpoints"), o->v[i].object);
	}
}

int endpoints_controller_resync(struct registry *r, struct err *e)
{
	const struct objects *o = txn_objects(r, type("services"));
	struct txn t;
	int rc = 0;

	txn_begin(&t, r);
	drop_orphans(&t);
	for (size_t i = 0; i < o->n && !rc; i++) {
		look_at(&t, &(struct touched){ .ns = o->v[i].ns, .name = o->v[i].name });
		if (t.n < RESYNC_BATCH)
			continue;
		rc = txn_commit(&t, e);
		txn_begin(&t, r);
	}
	if (rc)
		txn_abort(&t);
	else
		rc = txn_commit(&t, e);
	return rc;
}
