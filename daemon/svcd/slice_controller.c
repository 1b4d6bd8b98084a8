// SPDX-License-Identifier: GPL-2.0
#include "slice_controller.h"

#include "events.h"
#include "jx.h"
#include "selector.h"
#include "service.h"
#include "slice.h"
#include "slice_plan.h"
#include "termination.h"
#include "topology.h"
#include "trigger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ZONE_LABEL	"topology.kubernetes.io/zone"

static const struct {
	const char *type;
	int family;
} families[] = { { "IPv4", AF_INET }, { "IPv6", AF_INET6 } };

#define NFAMILIES	(sizeof(families) / sizeof(families[0]))

/* What is done for one transaction. */
struct run {
	struct txn *t;
	struct topology topo;
	bool topo_known;		/* it was read */
};

/* One Service that is looked at. */
struct view {
	struct run *run;
	struct txn *t;
	const json_t *svc;
	const struct touched *what;
	struct slice_list slices;	/* as they are */
	struct touched_pods pods;	/* all that it selects, when all are looked at */
	bool one;			/* only what->before and after are */
};

static const struct resource *type(const char *plural)
{
	return resource_by_plural("v1", plural);
}

static const char *zone_of(const json_t *node)
{
	const json_t *labels = jx_get(node, "metadata.labels");
	const char *zone = json_string_value(json_object_get(labels, ZONE_LABEL));

	return zone ? zone : "";
}

static bool has_family(const json_t *svc, const char *family)
{
	const json_t *list = jx_get(svc, "spec.ipFamilies");

	for (size_t i = 0; i < json_array_size(list); i++)
		if (!strcmp(json_string_value(json_array_get(list, i)), family))
			return true;
	return !json_array_size(list);
}

static const char *pod_uid(const json_t *endpoint)
{
	return jx_str(endpoint, "targetRef.uid");
}

static void want_pod(const struct view *v, struct slice_plan *p, const json_t *pod, int family)
{
	const json_t *node = txn_find(v->t, type("nodes"), "", jx_str(pod, "spec.nodeName"));

	slice_plan_want(p, jx_str(pod, "metadata.uid"),
			slice_plan_group(p, slice_ports(v->svc, pod)),
			slice_endpoint(v->svc, pod, family, zone_of(node)));
}

static void want_one(const struct view *v, struct slice_plan *p, int family)
{
	const json_t *pod = v->what->after, *labels = jx_get(pod, "metadata.labels");

	if (selector_map_match(jx_get(v->svc, "spec.selector"), labels))
		want_pod(v, p, pod, family);
	else
		slice_plan_want(p, jx_str(pod ? pod : v->what->before, "metadata.uid"),
				slice_plan_group(p, json_null()), NULL);
}

static bool had_hints(const struct slice_list *l, const char *address_type)
{
	for (size_t i = 0; i < l->n; i++) {
		const json_t *list = json_object_get(l->v[i], "endpoints");

		if (!jx_is(l->v[i], "addressType", address_type))
			continue;
		for (size_t j = 0; j < json_array_size(list); j++)
			if (json_object_get(json_array_get(list, j), "hints"))
				return true;
	}
	return false;
}

/* Its owner is told when hints by the annotation come and go, and if his wish brings none. */
static void tell(const struct view *v, const char *address_type, bool hinted, const char *why)
{
	const struct registry_event *ev = txn_change(v->t, type("services"), v->what->ns,
						     v->what->name);
	bool before = had_hints(&v->slices, address_type) && (!ev || topology_wanted(ev->old));
	char text[TOPOLOGY_WHY_MAX + 32];

	if (before == hinted && (hinted || !ev || !topology_wanted(v->svc)))
		return;
	snprintf(text, sizeof(text), "%s, addressType: %s", why, address_type);
	events_stage(v->t, v->svc, hinted ? "Normal" : "Warning",
		     hinted ? "TopologyAwareHintsEnabled" : "TopologyAwareHintsDisabled", text);
}

static void give_hints(const struct view *v, struct slice_plan *plan, const char *address_type)
{
	char why[TOPOLOGY_WHY_MAX] = "Topology Aware Hints has been enabled";
	struct run *run = v->run;
	bool hinted;

	if (!run->topo_known)
		run->topo = topology_read(run->t);
	run->topo_known = true;
	hinted = topology_hint(&run->topo, plan, why);
	tell(v, address_type, hinted, why);
}

static void update_family(const struct view *v, const struct slice_owner *o, int family)
{
	struct slice_plan plan = { .max = SLICE_ENDPOINTS, .key_of = pod_uid,
				   .own_hints = topology_wanted(v->svc) };

	for (size_t i = 0; i < v->slices.n; i++)
		if (jx_is(v->slices.v[i], "addressType", o->type))
			slice_plan_have(&plan, v->slices.v[i]);
	if (v->one)
		want_one(v, &plan, family);
	for (size_t i = 0; i < v->pods.n; i++)
		want_pod(v, &plan, v->pods.v[i], family);
	slice_plan_run(&plan, !v->one, true);
	if (plan.own_hints)
		give_hints(v, &plan, o->type);
	else if (!v->one)
		tell(v, o->type, false, "Topology Aware Hints has been disabled");
	slice_write(v->t, o, &plan);
	slice_plan_clear(&plan);
}

/* Slices of an address family that the Service does not have any more. */
static void drop_strangers(const struct view *v)
{
	for (size_t i = 0; i < v->slices.n; i++)
		if (!has_family(v->svc, jx_str(v->slices.v[i], "addressType")))
			termination_remove(v->t, slice_type(), v->slices.v[i]);
}

static void update(struct view *v)
{
	json_t *labels = slice_labels(v->svc, SLICE_CONTROLLER);
	json_t *references = slice_references(v->svc);

	drop_strangers(v);
	for (size_t i = 0; i < NFAMILIES; i++) {
		const struct slice_owner o = {
			.object = v->svc, .labels = labels, .references = references,
			.type = families[i].type, .trigger = v->what->trigger,
		};

		if (has_family(v->svc, families[i].type))
			update_family(v, &o, families[i].family);
	}
	json_decref(labels);
	json_decref(references);
}

static void look_at(struct run *run, const struct touched *what)
{
	struct view v = { .run = run, .t = run->t, .what = what };
	struct txn *t = run->t;

	v.svc = txn_find(t, type("services"), what->ns, what->name);
	/* As in Kubernetes, what was made stays when the selector goes. */
	if (!json_object_size(jx_get(v.svc, "spec.selector")) ||
	    service_is_type(v.svc, "ExternalName"))
		return;
	v.slices = slice_find(t, what->ns, what->name, SLICE_CONTROLLER);
	v.one = v.slices.n && (what->before || what->after);
	if (!v.one)
		v.pods = touched_pods(t, v.svc);
	update(&v);
	free(v.slices.v);
	free(v.pods.v);
}

/* The endpoints of slice in the node's present zone; NULL: none of them is on the node. */
static json_t *rezoned(const json_t *slice, const char *node, const char *zone,
		       const char *distribution)
{
	const json_t *list = json_object_get(slice, "endpoints");
	json_t *endpoints = NULL;

	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *e = json_array_get(list, i);

		if (!jx_is(e, "nodeName", node))
			continue;
		if (!endpoints)
			endpoints = jx_must(json_copy((json_t *)list));
		e = jx_copy(e);
		slice_endpoint_set_zone(e, zone, distribution);
		if (json_array_set_new(endpoints, i, e))
			jx_must(NULL);
	}
	return endpoints;
}

static void rezone(struct txn *t, const json_t *slice, const char *node, const char *zone)
{
	const char *ns = jx_str(slice, "metadata.namespace");
	const json_t *svc = txn_find(t, type("services"), ns, slice_service(slice));
	json_t *endpoints, *now;

	if (!svc || !slice_is_of(slice, SLICE_CONTROLLER) || topology_wanted(svc))
		return;
	endpoints = rezoned(slice, node, zone, topology_distribution(svc));
	if (!endpoints)
		return;
	now = jx_must(json_copy((json_t *)slice));
	jx_set(now, "metadata", jx_copy(jx_get(slice, "metadata")));
	jx_set_int(now, "metadata.generation", jx_int(slice, "metadata.generation") + 1);
	jx_set(now, "endpoints", endpoints);
	trigger_note(now, 0);
	txn_put(t, slice_type(), now, slice);
}

/* A node came, went or moved to another zone. */
static void follow_node(struct txn *t, const char *node, const char *zone)
{
	const struct objects *o = txn_objects(t->r, slice_type());

	/* One that this transaction makes has the zone as it will be already. */
	for (size_t i = 0; i < o->n; i++)
		if (txn_find(t, slice_type(), o->v[i].ns, o->v[i].name) == o->v[i].object)
			rezone(t, o->v[i].object, node, zone);
}

/* Those Services whose hints depend on what the nodes have. */
static void follow_topology(struct run *run)
{
	const struct objects *o = txn_objects(run->t->r, type("services"));

	/* One that this transaction makes or changes was looked at. */
	for (size_t i = 0; i < o->n; i++) {
		const struct touched all = { .ns = o->v[i].ns, .name = o->v[i].name };

		if (topology_wanted(o->v[i].object) &&
		    txn_find(run->t, type("services"), all.ns, all.name) == o->v[i].object)
			look_at(run, &all);
	}
}

static bool topology_changes(const struct txn *t, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct registry_event *ev = &t->v[i];

		if (ev->res == type("nodes") &&
		    topology_differs(ev->old, ev->change == REGISTRY_DELETED ? NULL : ev->object))
			return true;
	}
	return false;
}

void slice_controller_run(struct txn *t, const struct touched_list *l)
{
	struct run run = { .t = t };
	size_t n = t->n;

	for (size_t i = 0; i < l->n; i++)
		look_at(&run, &l->v[i]);
	if (topology_changes(t, n))
		follow_topology(&run);
	topology_clear(&run.topo);
	for (size_t i = 0; i < n; i++) {
		const struct registry_event ev = t->v[i];
		const char *zone = ev.change == REGISTRY_DELETED ? "" : zone_of(ev.object);

		if (ev.res == type("nodes") && strcmp(zone, zone_of(ev.old)))
			follow_node(t, jx_str(ev.object, "metadata.name"), zone);
	}
}

/* One that its Service did not take along has no owner any more. */
static bool is_left_over(const struct txn *t, const json_t *slice)
{
	return slice_is_of(slice, SLICE_CONTROLLER) &&
	       json_array_size(jx_get(slice, "metadata.ownerReferences")) &&
	       !txn_find(t, type("services"), jx_str(slice, "metadata.namespace"),
			 slice_service(slice));
}

void slice_controller_drop_orphans(struct txn *t)
{
	const struct objects *o = txn_objects(t->r, slice_type());

	for (size_t i = 0; i < o->n; i++)
		if (is_left_over(t, o->v[i].object))
			termination_remove(t, slice_type(), o->v[i].object);
}
