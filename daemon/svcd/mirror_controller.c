// SPDX-License-Identifier: GPL-2.0
#include "mirror_controller.h"

#include "events.h"
#include "jx.h"
#include "managed.h"
#include "slice.h"
#include "slice_plan.h"
#include "termination.h"
#include "touched.h"
#include "trigger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SKIP_LABEL		"endpointslice.kubernetes.io/skip-mirror"
/* Endpoints that are somebody's lock, as it was done once, and no endpoints. */
#define LEADER_ANNOTATION	"control-plane.alpha.kubernetes.io/leader"

static const struct resource *type(const char *plural)
{
	return resource_by_plural("v1", plural);
}

/* NULL: there is none to be mirrored. */
static const json_t *source(const struct txn *t, const char *ns, const char *name)
{
	const json_t *ep = txn_find(t, type("endpoints"), ns, name);
	const json_t *svc = txn_find(t, type("services"), ns, name);
	const json_t *skip = json_object_get(jx_get(ep, "metadata.labels"), SKIP_LABEL);

	if (!ep || !svc || json_object_size(jx_get(svc, "spec.selector")) ||
	    json_object_get(jx_get(ep, "metadata.annotations"), LEADER_ANNOTATION))
		return NULL;
	return skip && !strcmp(json_string_value(skip), "true") ? NULL : ep;
}

static void carry(json_t *to, const json_t *from, const char *key)
{
	json_t *v = json_object_get(from, key);

	if (v)
		jx_set(to, key, json_incref(v));
}

static json_t *make_ports(const json_t *subset)
{
	const json_t *ports = json_object_get(subset, "ports"), *port;
	json_t *list, *p;
	size_t i;

	if (!json_array_size(ports))
		return json_null();
	list = jx_must(json_array());
	json_array_foreach((json_t *)ports, i, port) {
		p = jx_must(json_object());
		jx_set_str(p, "name", jx_str(port, "name"));
		carry(p, port, "protocol");
		carry(p, port, "port");
		carry(p, port, "appProtocol");
		jx_append(list, p);
	}
	return list;
}

static json_t *make_endpoint(const json_t *address, bool ready)
{
	json_t *e = jx_must(json_pack("{s:[s], s:{s:b}}", "addresses", jx_str(address, "ip"),
				      "conditions", "ready", ready));

	carry(e, address, "hostname");
	carry(e, address, "targetRef");
	carry(e, address, "nodeName");
	return e;
}

static const char *first_address(const json_t *endpoint)
{
	const json_t *a = json_array_get(json_object_get(endpoint, "addresses"), 0);

	return a ? json_string_value(a) : "";
}

/* Up to so many addresses of the list; those of the other family count as well. */
static size_t want(struct slice_plan *p, struct slice_group *g, const json_t *subset,
		   const char *key, bool v6, size_t left)
{
	const json_t *list = json_object_get(subset, key), *a;
	size_t n = json_array_size(list), i;

	if (n > left)
		n = left;
	for (i = 0; i < n; i++) {
		a = json_array_get(list, i);
		if (!!strchr(jx_str(a, "ip"), ':') == v6)
			slice_plan_want(p, jx_str(a, "ip"), g,
					make_endpoint(a, !strcmp(key, "addresses")));
	}
	return left - n;
}

/* All its addresses are in one group: its ports are looked at once. */
static void want_subset(struct slice_plan *p, const json_t *subset, bool v6)
{
	struct slice_group *g = slice_plan_group(p, make_ports(subset));
	size_t left = want(p, g, subset, "addresses", v6, SLICE_MIRRORED);

	want(p, g, subset, "notReadyAddresses", v6, left);
}

static void mirror_family(struct txn *t, const struct slice_owner *o,
			  const struct slice_list *slices)
{
	struct slice_plan plan = { .max = SLICE_MIRRORED, .key_of = first_address,
				   .by_ports = true };
	const json_t *subsets = jx_get(o->object, "subsets"), *subset;
	bool v6 = !strcmp(o->type, "IPv6");
	size_t i;

	for (i = 0; i < slices->n; i++)
		if (jx_is(slices->v[i], "addressType", o->type))
			slice_plan_have(&plan, slices->v[i]);
	json_array_foreach((json_t *)subsets, i, subset)
		want_subset(&plan, subset, v6);
	slice_plan_run(&plan, true, false);
	slice_write(t, o, &plan);
	slice_plan_clear(&plan);
}

/* What is said of the Endpoints, but for what kubectl notes of them, and when they changed. */
static json_t *make_annotations(const json_t *ep)
{
	const json_t *own = jx_get(ep, "metadata.annotations");
	json_t *a = own ? jx_copy(own) : jx_must(json_object());

	json_object_del(a, "kubectl.kubernetes.io/last-applied-configuration");
	json_object_del(a, TRIGGER_ANNOTATION);
	json_object_del(a, MANAGED_FILE);
	json_object_del(a, MANAGED_HASH);
	return a;
}

static size_t count_skipped(const json_t *ep)
{
	const json_t *subsets = jx_get(ep, "subsets");
	size_t skipped = 0;

	for (size_t i = 0; i < json_array_size(subsets); i++) {
		const json_t *s = json_array_get(subsets, i);
		size_t n = json_array_size(json_object_get(s, "addresses")) +
			   json_array_size(json_object_get(s, "notReadyAddresses"));

		skipped += n > SLICE_MIRRORED ? n - SLICE_MIRRORED : 0;
	}
	return skipped;
}

static void tell_skipped(struct txn *t, const json_t *ep, size_t skipped)
{
	char text[128];

	snprintf(text, sizeof(text), "A max of %d addresses can be mirrored to EndpointSlices per "
		 "Endpoints subset. %zu addresses were skipped", SLICE_MIRRORED, skipped);
	events_stage(t, ep, "Warning", "TooManyAddressesToMirror", text);
}

static void mirror(struct txn *t, const json_t *ep, const struct slice_list *slices)
{
	json_t *labels = slice_labels(ep, SLICE_MIRROR), *references = slice_references(ep);
	json_t *annotations = make_annotations(ep);
	struct slice_owner o = {
		.object = ep, .labels = labels, .references = references,
		.annotations = annotations, .type = "IPv4",
	};
	size_t before = t->n, skipped = count_skipped(ep);

	mirror_family(t, &o, slices);
	o.type = "IPv6";
	mirror_family(t, &o, slices);
	if (skipped && t->n > before)
		tell_skipped(t, ep, skipped);
	json_decref(labels);
	json_decref(references);
	json_decref(annotations);
}

void mirror_controller_look_at(struct txn *t, const char *ns, const char *name)
{
	struct slice_list slices = slice_find(t, ns, name, SLICE_MIRROR);
	const json_t *ep = source(t, ns, name);

	if (ep)
		mirror(t, ep, &slices);
	for (size_t i = 0; !ep && i < slices.n; i++)
		termination_remove(t, slice_type(), slices.v[i]);
	free(slices.v);
}

static void mark_slice(struct touched_list *l, const json_t *slice)
{
	if (slice && slice_is_of(slice, SLICE_MIRROR))
		touched_mark(l, jx_str(slice, "metadata.namespace"), slice_service(slice));
}

void mirror_controller_run(struct txn *t)
{
	struct touched_list l = { .n = 0 };

	for (size_t i = 0; i < t->n; i++) {
		const struct registry_event *ev = &t->v[i];

		if (ev->res == type("services") || ev->res == type("endpoints")) {
			touched_mark(&l, jx_str(ev->object, "metadata.namespace"),
				     jx_str(ev->object, "metadata.name"));
		} else if (ev->res == slice_type()) {
			mark_slice(&l, ev->object);
			mark_slice(&l, ev->old);
		}
	}
	for (size_t i = 0; i < l.n; i++)
		mirror_controller_look_at(t, l.v[i].ns, l.v[i].name);
	touched_clear(&l);
}

void mirror_controller_drop_orphans(struct txn *t)
{
	const struct objects *o = txn_objects(t->r, slice_type());

	for (size_t i = 0; i < o->n; i++)
		if (slice_is_of(o->v[i].object, SLICE_MIRROR) &&
		    !source(t, o->v[i].ns, slice_service(o->v[i].object)))
			termination_remove(t, slice_type(), o->v[i].object);
}
