// SPDX-License-Identifier: GPL-2.0
#include "slice.h"

#include "jx.h"
#include "meta.h"
#include "rules.h"
#include "service.h"
#include "slice_plan.h"
#include "termination.h"
#include "trigger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SERVICE_LABEL	"kubernetes.io/service-name"
#define MAKER_LABEL	"endpointslice.kubernetes.io/managed-by"
#define HEADLESS_LABEL	"service.kubernetes.io/headless"

struct finding {
	const char *service, *maker;
	struct slice_list list;
};

const struct resource *slice_type(void)
{
	return resource_by_plural("discovery.k8s.io/v1", "endpointslices");
}

static const char *label(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(jx_get(o, "metadata.labels"), key));

	return s ? s : "";
}

bool slice_is_of(const json_t *slice, const char *maker)
{
	return !strcmp(label(slice, MAKER_LABEL), maker);
}

const char *slice_service(const json_t *slice)
{
	return label(slice, SERVICE_LABEL);
}

static void find_one(void *ctx, json_t *slice)
{
	struct finding *f = ctx;
	struct slice_list *l = &f->list;

	/* One that something holds on its way out is not used again, as in Kubernetes. */
	if (strcmp(slice_service(slice), f->service) || !slice_is_of(slice, f->maker) ||
	    termination_begun(slice))
		return;
	l->v = jx_must(realloc(l->v, (l->n + 1) * sizeof(*l->v)));
	l->v[l->n++] = slice;
}

struct slice_list slice_find(const struct txn *t, const char *ns, const char *service,
			     const char *maker)
{
	struct finding f = { .service = service, .maker = maker };
	char prefix[META_PREFIX_MAX + 1];

	snprintf(prefix, sizeof(prefix), "%s-", service);
	txn_each_named(t, slice_type(), ns, prefix, find_one, &f);
	return f.list;
}

json_t *slice_labels(const json_t *object, const char *maker)
{
	const json_t *own = jx_get(object, "metadata.labels");
	json_t *labels = own ? jx_copy(own) : jx_must(json_object());

	if (!strcmp(maker, SLICE_CONTROLLER))
		json_object_del(labels, HEADLESS_LABEL);
	json_object_set_new(labels, MAKER_LABEL, jx_string(maker));
	json_object_set_new(labels, SERVICE_LABEL, jx_string(jx_str(object, "metadata.name")));
	if (service_is_headless(object))
		json_object_set_new(labels, HEADLESS_LABEL, jx_string(""));
	return labels;
}

json_t *slice_references(const json_t *object)
{
	return jx_must(json_pack("[{s:s, s:s, s:s, s:s, s:b, s:b}]", "apiVersion", "v1", "kind",
				 jx_str(object, "kind"), "name", jx_str(object, "metadata.name"),
				 "uid", jx_str(object, "metadata.uid"), "controller", 1,
				 "blockOwnerDeletion", 1));
}

/* A name that no slice has. */
static void give_name(const struct txn *t, json_t *slice, const char *ns)
{
	do
		meta_generate_name(slice);
	while (txn_find(t, slice_type(), ns, jx_str(slice, "metadata.name")));
}

static json_t *list_or_null(json_t *list)
{
	return json_array_size(list) ? json_incref(list) : json_null();
}

/* Maps and lists: an empty one is the same as none. */
static bool equal(const json_t *a, const json_t *b)
{
	size_t n = json_object_size(a) + json_array_size(a);
	size_t m = json_object_size(b) + json_array_size(b);

	return n || m ? json_equal(a, b) : true;
}

static bool same_meta(const json_t *slice, const struct slice_owner *o)
{
	return equal(jx_get(slice, "metadata.labels"), o->labels) &&
	       equal(jx_get(slice, "metadata.ownerReferences"), o->references) &&
	       (!o->annotations || equal(jx_get(slice, "metadata.annotations"), o->annotations));
}

static void set_meta(json_t *slice, const struct slice_owner *o)
{
	jx_set(slice, "metadata.labels", jx_copy(o->labels));
	if (json_object_size(o->annotations))
		jx_set(slice, "metadata.annotations", jx_copy(o->annotations));
	else if (o->annotations)
		jx_del(slice, "metadata.annotations");
	jx_set(slice, "metadata.ownerReferences", jx_copy(o->references));
	if (!o->annotations)
		trigger_note(slice, o->trigger);
}

static json_t *make(const struct txn *t, const struct slice_owner *o)
{
	const char *ns = jx_str(o->object, "metadata.namespace");
	json_t *slice = jx_must(json_object()), *clean;
	char prefix[META_PREFIX_MAX + 2];

	snprintf(prefix, sizeof(prefix), "%s-", jx_str(o->object, "metadata.name"));
	jx_set_str(slice, "kind", "EndpointSlice");
	jx_set_str(slice, "apiVersion", "discovery.k8s.io/v1");
	jx_set_str(slice, "metadata.generateName", prefix);
	give_name(t, slice, ns);
	meta_create(slice, ns, txn_now(t->r));
	jx_set_int(slice, "metadata.generation", 1);
	set_meta(slice, o);
	jx_set_str(slice, "addressType", o->type);
	/* The order of the fields, and a place for those that are to come. */
	clean = schema_clean(&endpointslice_rules.schema, slice, NULL);
	json_decref(slice);
	return clean;
}

static json_t *changed(const json_t *old, const struct slice_part *part,
		       const struct slice_owner *o)
{
	json_t *slice = jx_must(json_copy((json_t *)old));

	jx_set(slice, "metadata", jx_copy(jx_get(old, "metadata")));
	set_meta(slice, o);
	if (part->changed || !equal(jx_get(old, "metadata.labels"), o->labels))
		jx_set_int(slice, "metadata.generation", jx_int(old, "metadata.generation") + 1);
	return slice;
}

static void write_part(struct txn *t, const struct slice_owner *o,
		       const struct slice_part *part)
{
	const json_t *old = part->old;
	json_t *slice;

	if (old && !part->changed && same_meta(old, o))
		return;
	/* As in Kubernetes: what goes along with an owner that is going is not made again. */
	if (!old && *jx_str(o->object, "metadata.deletionTimestamp"))
		return;
	slice = old ? changed(old, part, o) : make(t, o);
	jx_set(slice, "endpoints", list_or_null(part->endpoints));
	jx_set(slice, "ports", json_incref(part->group->ports));
	txn_put(t, slice_type(), slice, old);
}

void slice_write(struct txn *t, const struct slice_owner *o, const struct slice_plan *p)
{
	for (size_t i = 0; i < p->n; i++) {
		if (!p->v[i].gone)
			write_part(t, o, &p->v[i]);
		else if (p->v[i].old)
			termination_remove(t, slice_type(), p->v[i].old);
	}
}
