// SPDX-License-Identifier: GPL-2.0
/*
 * What is told: Services by their names, EndpointSlices by theirs and at the
 * Service that their label names, which may change and need not be there; of
 * the Nodes the own one's zone.
 */
#include "proxy_entry.h"

#include "compile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ZONE_LABEL	"topology.kubernetes.io/zone"

struct proxy_slice {
	char *key;			/* namespace/name */
	json_t *object;
	struct proxy_entry *entry;	/* of its Service; NULL: it is not for this proxy */
	unsigned int seen;		/* the list that last told of it */
	TAILQ_ENTRY(proxy_slice) in_all;
};

static void change(struct proxy *p, struct proxy_entry *n)
{
	n->changed = true;
	proxy_entry_pend(p, n);
}

static const json_t *meta_of(const json_t *object)
{
	return json_object_get(object, "metadata");
}

static const char *name_of(const json_t *object)
{
	return compile_text(meta_of(object), "name");
}

/* NULL: no memory. */
static char *make_key(const json_t *object, const char *name)
{
	const char *ns = compile_text(meta_of(object), "namespace");
	char *key;

	ns = *ns ? ns : "default";
	key = malloc(strlen(ns) + strlen(name) + sizeof("/"));
	if (key)
		strcpy(stpcpy(stpcpy(key, ns), "/"), name);
	return key;
}

/* --- Services --- */

static void set_service(struct proxy *p, struct proxy_entry *n, json_t *object)
{
	json_decref(n->service);
	n->service = object;
	p->nranged -= n->ranged;
	n->ranged = compile_needs_addrs(object);
	p->nranged += n->ranged;
	change(p, n);
}

static int tell_service(struct proxy *p, json_t *object, bool deleted)
{
	char *key = make_key(object, name_of(object));
	struct proxy_entry *n;

	if (!key)
		return -ENOMEM;
	n = deleted ? strmap_find(&p->by_key, key) : proxy_entry_get(p, key);
	free(key);
	if (!n)
		return deleted ? 0 : -ENOMEM;
	n->seen = p->list[PROXY_SERVICE];
	set_service(p, n, deleted ? NULL : json_incref(object));
	return 0;
}

static void sweep_services(struct proxy *p)
{
	struct proxy_entry *n;

	TAILQ_FOREACH(n, &p->all, in_all)
		if (n->service && n->seen != p->list[PROXY_SERVICE])
			set_service(p, n, NULL);
}

/* --- EndpointSlices --- */

static void detach(struct proxy *p, struct proxy_slice *s)
{
	struct proxy_entry *n = s->entry;
	size_t i = 0;

	if (n) {
		while (n->slices[i] != s->object)
			i++;
		n->slices[i] = n->slices[--n->nslices];
		change(p, n);
	}
	json_decref(s->object);
	s->object = NULL;
	s->entry = NULL;
}

/* It is kept for those who ask what was told. */
static void keep(struct proxy *p, struct proxy_slice *s, json_t *object)
{
	json_incref(object);
	detach(p, s);
	s->object = object;
	s->seen = p->list[PROXY_SLICE];
}

/* The object as it is now, at the Service that it names now. -ENOMEM: as it was. */
static int attach(struct proxy *p, struct proxy_slice *s, struct proxy_entry *n, json_t *object)
{
	json_t **v = reallocarray(n->slices, n->nslices + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	n->slices = v;
	v[n->nslices++] = json_incref(object);
	proxy_cause_note(p, s->entry ? s->object : NULL, object);
	detach(p, s);
	s->object = object;
	s->entry = n;
	s->seen = p->list[PROXY_SLICE];
	change(p, n);
	return 0;
}

static void slice_free(struct proxy *p, struct proxy_slice *s)
{
	detach(p, s);
	strmap_del(&p->slice_by_key, s->key);
	TAILQ_REMOVE(&p->slices, s, in_all);
	free(s->key);
	free(s);
}

/* key is taken. NULL: no memory. */
static struct proxy_slice *slice_alloc(struct proxy *p, char *key)
{
	struct proxy_slice *s = calloc(1, sizeof(*s));

	if (!s || strmap_add(&p->slice_by_key, key, s)) {
		free(key);
		free(s);
		return NULL;
	}
	s->key = key;
	TAILQ_INSERT_TAIL(&p->slices, s, in_all);
	return s;
}

static int put_slice(struct proxy *p, struct proxy_slice *s, json_t *object, const char *service)
{
	char *key = make_key(object, service);
	struct proxy_entry *n = key ? proxy_entry_get(p, key) : NULL;

	free(key);
	return n ? attach(p, s, n, object) : -ENOMEM;
}

static int tell_slice(struct proxy *p, json_t *object, bool deleted)
{
	const char *service = compile_slice_service(object);
	char *key = make_key(object, name_of(object));
	struct proxy_slice *s;
	int err = 0;

	if (!key)
		return -ENOMEM;
	s = strmap_find(&p->slice_by_key, key);
	if (s || deleted)
		free(key);
	else
		s = slice_alloc(p, key);
	if (deleted) {
		if (s)
			slice_free(p, s);
		return 0;
	}
	if (!s)
		return -ENOMEM;
	if (service)
		err = put_slice(p, s, object, service);
	else
		keep(p, s, object);
	if (!s->object)
		slice_free(p, s);
	return err;
}

static void sweep_slices(struct proxy *p)
{
	struct proxy_slice *s, *next;

	for (s = TAILQ_FIRST(&p->slices); s; s = next) {
		next = TAILQ_NEXT(s, in_all);
		if (s->seen != p->list[PROXY_SLICE])
			slice_free(p, s);
	}
}

void proxy_slices_clear(struct proxy *p)
{
	while (!TAILQ_EMPTY(&p->slices))
		slice_free(p, TAILQ_FIRST(&p->slices));
	strmap_clear(&p->slice_by_key);
}

/* --- the Node --- */

static bool needs_zone(const struct proxy_entry *n)
{
	size_t i;

	for (i = 0; i < n->nslices; i++)
		if (compile_needs_zone(n->slices[i]))
			return true;
	return false;
}

static void set_zone(struct proxy *p, const char *zone)
{
	struct proxy_entry *n;

	if (!strcmp(p->zone, zone))
		return;
	snprintf(p->zone, sizeof(p->zone), "%s", zone);
	TAILQ_FOREACH(n, &p->all, in_all)
		if (needs_zone(n))
			change(p, n);
}

static int tell_node(struct proxy *p, const json_t *object, bool deleted)
{
	const json_t *labels = json_object_get(meta_of(object), "labels");

	if (!*p->node_name || strcmp(name_of(object), p->node_name))
		return 0;
	p->node_seen = p->list[PROXY_NODE];
	p->node_told = true;
	proxy_health_node(p, deleted ? NULL : object);
	set_zone(p, deleted ? "" : compile_text(labels, ZONE_LABEL));
	return deleted ? 0 : proxy_settings_of_node(p, object);
}

int proxy_set_node_name(struct proxy *p, const char *name)
{
	char *copy = strdup(name);
	struct proxy_entry *n;

	if (!copy)
		return -ENOMEM;
	free(p->node_name);
	p->node_name = copy;
	/* What was told was of another Node. */
	p->node_seen = 0;
	p->node_told = false;
	p->node_leaves = false;
	TAILQ_FOREACH(n, &p->all, in_all)
		change(p, n);
	return 0;
}

/* A list of Nodes does not have it. */
static void lose_node(struct proxy *p)
{
	if (p->node_told)
		proxy_health_node(p, NULL);
	set_zone(p, "");
}

/* --- all kinds --- */

int proxy_object(struct proxy *p, enum proxy_kind kind, const json_t *object, bool deleted)
{
	switch (kind) {
	case PROXY_SERVICE:
		return tell_service(p, (json_t *)object, deleted);
	case PROXY_SLICE:
		return tell_slice(p, (json_t *)object, deleted);
	case PROXY_NODE:
		return tell_node(p, object, deleted);
	}
	return 0;
}

void proxy_objects_each(const struct proxy *p, enum proxy_kind kind, bool told,
			void (*tell)(void *ctx, const json_t *object), void *ctx)
{
	const unsigned int list = p->list[kind];
	const struct proxy_entry *n;
	const struct proxy_slice *s;

	if (kind == PROXY_SERVICE)
		TAILQ_FOREACH(n, &p->all, in_all)
			if (n->service && (!told || n->seen == list))
				tell(ctx, n->service);
	if (kind == PROXY_SLICE)
		TAILQ_FOREACH(s, &p->slices, in_all)
			if (!told || s->seen == list)
				tell(ctx, s->object);
}

void proxy_list_begin(struct proxy *p, enum proxy_kind kind)
{
	p->list[kind]++;
}

void proxy_list_end(struct proxy *p, enum proxy_kind kind)
{
	if (kind == PROXY_SERVICE)
		sweep_services(p);
	else if (kind == PROXY_SLICE)
		sweep_slices(p);
	else if (p->node_seen != p->list[PROXY_NODE])
		lose_node(p);
	p->complete[kind] = true;
}

void proxy_lists_void(struct proxy *p)
{
	memset(p->complete, 0, sizeof(p->complete));
}

bool proxy_has_list(const struct proxy *p, enum proxy_kind kind)
{
	return p->complete[kind];
}

bool proxy_listed(const struct proxy *p)
{
	enum proxy_kind kind;

	for (kind = PROXY_SERVICE; kind < PROXY_KINDS; kind++)
		if (!proxy_has_list(p, kind))
			return false;
	return true;
}
