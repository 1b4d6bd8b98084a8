// SPDX-License-Identifier: GPL-2.0
#include "touched.h"

#include "jx.h"
#include "meta.h"
#include "podview.h"
#include "selecting.h"
#include "selector.h"
#include "slice.h"
#include "topology.h"
#include "trigger.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct collecting {
	const struct txn *t;
	struct touched_list list;
	const json_t *before, *after;	/* the pod of the change that is looked at */
};

struct picking {
	struct touched_pods pods;
	size_t room;
};

static const struct resource *type(const char *plural)
{
	return resource_by_plural("v1", plural);
}

/* Touched twice, all is looked at. */
static void add(struct touched_list *l, struct touched what)
{
	size_t place;
	char *key;

	if (asprintf(&key, "%s/%s", what.ns, what.name) < 0)
		jx_must(NULL);
	place = (uintptr_t)strmap_find(&l->places, key);
	if (place) {
		struct touched *old = &l->v[place - 1];

		old->before = old->after = NULL;
		old->trigger = trigger_min(old->trigger, what.trigger);
		free(key);
		return;
	}
	if (l->n == l->room) {
		l->room = l->room ? 2 * l->room : 8;
		l->v = jx_must(realloc(l->v, l->room * sizeof(*l->v)));
	}
	l->v[l->n++] = what;
	if (strmap_add(&l->places, key, (void *)(uintptr_t)l->n))
		jx_must(NULL);
}

void touched_clear(struct touched_list *l)
{
	for (size_t i = 0; i < l->places.size; i++)
		free((char *)l->places.slots[i].key);
	strmap_clear(&l->places);
	free(l->v);
	*l = (struct touched_list){ .n = 0 };
}

void touched_mark(struct touched_list *l, const char *ns, const char *name)
{
	add(l, (struct touched){ .ns = ns, .name = name });
}

static bool selects(const json_t *svc, const json_t *pod)
{
	return selector_map_match(jx_get(svc, "spec.selector"), jx_get(pod, "metadata.labels"));
}

/*
 * As Kubernetes' controllers count it: when the pod got ready, or stopped to be,
 * if that is later than what was known of it; its end is no such time.
 */
static time_t trigger(const json_t *svc, const json_t *before, const json_t *after)
{
	time_t since = selects(svc, after) ? trigger_of_pod(after) : 0;

	return since && (!selects(svc, before) || since > trigger_of_pod(before)) ? since : 0;
}

static void mark_selecting(void *ctx, json_t *svc)
{
	struct collecting *c = ctx;

	add(&c->list, (struct touched){ jx_str(svc, "metadata.namespace"),
					jx_str(svc, "metadata.name"), c->before, c->after,
					trigger(svc, c->before, c->after) });
}

static void mark_if_left(void *ctx, json_t *svc)
{
	struct collecting *c = ctx;

	if (!selects(svc, c->after))
		mark_selecting(c, svc);
}

static void mark_for_pod(struct collecting *c, const struct registry_event *ev)
{
	const json_t *now = ev->change == REGISTRY_DELETED ? NULL : ev->object;
	const char *ns = jx_str(ev->object, "metadata.namespace");

	if (podview_same(ev->old, now))
		return;
	c->before = ev->old;
	c->after = now;
	selecting_services(c->t, ns, jx_get(now, "metadata.labels"), mark_selecting, c);
	selecting_services(c->t, ns, jx_get(ev->old, "metadata.labels"), mark_if_left, c);
	c->before = c->after = NULL;
}

static bool same(const struct registry_event *ev, const char *path)
{
	const json_t *a = jx_get(ev->old, path), *b = jx_get(ev->object, path);

	return a == b || json_equal(a, b);
}

struct choosing {
	const json_t *old;		/* the Service as it was */
	time_t trigger;
};

static void choose(void *ctx, json_t *pod)
{
	struct choosing *c = ctx;

	if (!selects(c->old, pod))
		c->trigger = trigger_min(c->trigger, trigger_of_pod(pod));
}

/* When it was made; or, when its selector is another one, since when the new pods are ready. */
static time_t trigger_of_service(const struct txn *t, const struct registry_event *ev)
{
	struct choosing c = { .old = ev->old };

	if (ev->change == REGISTRY_ADDED)
		return meta_parse_time(jx_str(ev->object, "metadata.creationTimestamp"));
	if (ev->change == REGISTRY_MODIFIED && !same(ev, "spec.selector"))
		selecting_pods(t, jx_str(ev->object, "metadata.namespace"),
			       jx_get(ev->object, "spec.selector"), choose, &c);
	return c.trigger;
}

/* By what its endpoints depend on: its status, for one, is none of that. */
static void mark_for_service(struct collecting *c, const struct registry_event *ev)
{
	if (ev->change == REGISTRY_MODIFIED && same(ev, "spec") && same(ev, "metadata.labels") &&
	    topology_wanted(ev->old) == topology_wanted(ev->object))
		return;
	add(&c->list, (struct touched){ .ns = jx_str(ev->object, "metadata.namespace"),
					.name = jx_str(ev->object, "metadata.name"),
					.trigger = trigger_of_service(c->t, ev) });
}

/* What somebody else made of a Service's Endpoints is put right at once. */
static void mark_for_endpoints(struct collecting *c, const json_t *ep)
{
	const char *ns = jx_str(ep, "metadata.namespace"), *name = jx_str(ep, "metadata.name");

	if (txn_find(c->t, type("services"), ns, name))
		touched_mark(&c->list, ns, name);
}

/* Likewise of its slices, be it that one loses the name of its maker. */
static void mark_for_slice(struct collecting *c, const json_t *slice)
{
	if (slice && slice_is_of(slice, SLICE_CONTROLLER))
		touched_mark(&c->list, jx_str(slice, "metadata.namespace"), slice_service(slice));
}

struct touched_list touched_collect(const struct txn *t)
{
	struct collecting c = { .t = t };

	for (size_t i = 0; i < t->n; i++) {
		const struct registry_event *ev = &t->v[i];

		if (ev->res == type("services")) {
			mark_for_service(&c, ev);
		} else if (ev->res == type("pods")) {
			mark_for_pod(&c, ev);
		} else if (ev->res == type("endpoints")) {
			mark_for_endpoints(&c, ev->object);
		} else if (ev->res == slice_type()) {
			mark_for_slice(&c, ev->object);
			mark_for_slice(&c, ev->old);
		}
	}
	return c.list;
}

static void pick(void *ctx, json_t *pod)
{
	struct picking *p = ctx;
	struct touched_pods *l = &p->pods;

	if (l->n == p->room) {
		p->room = p->room ? 2 * p->room : 16;
		l->v = jx_must(realloc(l->v, p->room * sizeof(*l->v)));
	}
	l->v[l->n++] = pod;
}

static int name_cmp(const void *a, const void *b)
{
	return strcmp(jx_str(*(json_t *const *)a, "metadata.name"),
		      jx_str(*(json_t *const *)b, "metadata.name"));
}

struct touched_pods touched_pods(const struct txn *t, const json_t *svc)
{
	struct picking p = { .room = 0 };

	selecting_pods(t, jx_str(svc, "metadata.namespace"), jx_get(svc, "spec.selector"), pick,
		       &p);
	if (p.pods.n)
		qsort(p.pods.v, p.pods.n, sizeof(*p.pods.v), name_cmp);
	return p.pods;
}
