// SPDX-License-Identifier: GPL-2.0
#include "slice_plan.h"

#include "jx.h"

#include <stdio.h>
#include <stdlib.h>

struct slice_want {
	char *key;
	json_t *endpoint;		/* NULL: it shall not be there */
	size_t ports;
	bool placed;
};

/* Takes ports over. */
static size_t ports_index(struct slice_plan *p, json_t *ports)
{
	for (size_t i = 0; i < p->nports; i++) {
		if (!json_equal(p->ports[i], ports))
			continue;
		json_decref(ports);
		return i;
	}
	p->ports = jx_must(realloc(p->ports, (p->nports + 1) * sizeof(*p->ports)));
	p->ports[p->nports] = ports;
	return p->nports++;
}

static struct slice_part *add_part(struct slice_plan *p, const json_t *old, size_t ports)
{
	p->v = jx_must(realloc(p->v, (p->n + 1) * sizeof(*p->v)));
	p->v[p->n] = (struct slice_part){
		.old = old, .ports = ports, .endpoints = jx_must(json_array()), .changed = !old,
	};
	return &p->v[p->n++];
}

void slice_plan_have(struct slice_plan *p, const json_t *slice)
{
	json_t *ports = json_object_get(slice, "ports");

	add_part(p, slice, ports_index(p, ports ? json_incref(ports) : json_null()));
}

/* To be freed. */
static char *full_key(const struct slice_plan *p, const char *key, size_t ports)
{
	char *s = NULL;

	if (asprintf(&s, "%zu %s", p->by_ports ? ports : 0, key) < 0)
		s = NULL;
	return jx_must(s);
}

void slice_plan_want(struct slice_plan *p, const char *key, json_t *ports, json_t *endpoint)
{
	size_t index = ports_index(p, ports);
	char *full = full_key(p, key, index);
	struct slice_want *w;

	if (strmap_find(&p->by_key, full)) {
		free(full);
		json_decref(endpoint);
		return;
	}
	w = jx_must(malloc(sizeof(*w)));
	*w = (struct slice_want){ full, endpoint, .ports = index, .placed = !endpoint };
	p->wants = jx_must(realloc(p->wants, (p->nwants + 1) * sizeof(*p->wants)));
	p->wants[p->nwants++] = w;
	if (strmap_add(&p->by_key, full, w))
		jx_must(NULL);
}

static struct slice_want *find_want(const struct slice_plan *p, const struct slice_part *part,
				    const json_t *endpoint)
{
	char *key = full_key(p, p->key_of(endpoint), part->ports);
	struct slice_want *w = strmap_find(&p->by_key, key);

	free(key);
	return w;
}

/* What stays of an endpoint in its slice; NULL: nothing. */
static json_t *stays(const struct slice_plan *p, const struct slice_part *part, json_t *endpoint,
		     bool whole)
{
	struct slice_want *w = find_want(p, part, endpoint);

	if (!w)
		return whole ? NULL : endpoint;
	if (w->placed || w->ports != part->ports)
		return NULL;
	w->placed = true;
	return json_equal(endpoint, w->endpoint) ? endpoint : w->endpoint;
}

static void keep(struct slice_plan *p, struct slice_part *part, bool whole)
{
	const json_t *list = json_object_get(part->old, "endpoints");

	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *e = json_array_get(list, i), *left = stays(p, part, e, whole);

		part->changed |= left != e;
		if (left)
			jx_append(part->endpoints, json_incref(left));
	}
}

static size_t left_over(const struct slice_plan *p, size_t ports)
{
	size_t n = 0;

	for (size_t i = 0; i < p->nwants; i++)
		n += !p->wants[i]->placed && p->wants[i]->ports == ports;
	return n;
}

/* Put what is left over into the slice, as far as there is room. Answers how many. */
static size_t fill(struct slice_plan *p, struct slice_part *part)
{
	size_t n = 0;

	for (size_t i = 0; i < p->nwants && json_array_size(part->endpoints) < p->max; i++) {
		struct slice_want *w = p->wants[i];

		if (w->placed || w->ports != part->ports)
			continue;
		jx_append(part->endpoints, json_incref(w->endpoint));
		w->placed = true;
		n++;
	}
	part->changed |= n > 0;
	return n;
}

/* The fullest slice with these ports that has room for so many; empty ones are on their way out. */
static struct slice_part *fullest(struct slice_plan *p, size_t ports, bool changed, size_t room)
{
	struct slice_part *best = NULL;
	size_t most = 0;

	for (size_t i = 0; i < p->n; i++) {
		struct slice_part *part = &p->v[i];
		size_t n = json_array_size(part->endpoints);

		if (part->ports != ports || part->changed != changed || n <= most ||
		    n + room > p->max)
			continue;
		best = part;
		most = n;
	}
	return best;
}

static void place(struct slice_plan *p, size_t ports)
{
	size_t left = left_over(p, ports);
	struct slice_part *part;

	while (left && (part = fullest(p, ports, true, 1)))
		left -= fill(p, part);
	while (left) {
		part = left < p->max ? fullest(p, ports, false, left) : NULL;
		left -= fill(p, part ? part : add_part(p, NULL, ports));
	}
}

/* A slice without endpoints goes, or takes the place of one that would be made. */
static void reuse(struct slice_plan *p)
{
	size_t made = 0;

	for (size_t i = 0; i < p->n; i++) {
		if (json_array_size(p->v[i].endpoints))
			continue;
		p->v[i].gone = true;
		while (made < p->n && (p->v[made].old || p->v[made].gone))
			made++;
		if (made == p->n)
			continue;
		p->v[made].old = p->v[i].old;
		p->v[i].old = NULL;
	}
}

static void keep_one(struct slice_plan *p)
{
	size_t none = ports_index(p, json_null());
	struct slice_part *part = NULL;

	for (size_t i = 0; i < p->n; i++) {
		if (!p->v[i].gone)
			return;
		if (!part || p->v[i].ports == none)
			part = &p->v[i];
	}
	if (!part) {
		add_part(p, NULL, none);
		return;
	}
	part->gone = false;
	part->changed |= part->ports != none;
	part->ports = none;
}

void slice_plan_run(struct slice_plan *p, bool whole, bool placeholder)
{
	for (size_t i = 0; i < p->n; i++)
		keep(p, &p->v[i], whole);
	for (size_t i = 0; i < p->nports; i++)
		place(p, i);
	reuse(p);
	if (placeholder)
		keep_one(p);
}

void slice_plan_clear(struct slice_plan *p)
{
	for (size_t i = 0; i < p->n; i++)
		json_decref(p->v[i].endpoints);
	for (size_t i = 0; i < p->nports; i++)
		json_decref(p->ports[i]);
	for (size_t i = 0; i < p->nwants; i++) {
		json_decref(p->wants[i]->endpoint);
		free(p->wants[i]->key);
		free(p->wants[i]);
	}
	free(p->v);
	free(p->ports);
	free(p->wants);
	strmap_clear(&p->by_key);
	*p = (struct slice_plan){ .max = p->max, .key_of = p->key_of,
				  .by_ports = p->by_ports };
}
