// SPDX-License-Identifier: GPL-2.0
#include "slice_plan.h"

#include "json_text.h"
#include "jx.h"

#include <stdio.h>
#include <stdlib.h>

struct slice_want {
	struct slice_want *next;	/* of its group */
	struct slice_group *group;
	char *key;
	json_t *endpoint;		/* NULL: it shall not be there */
	bool placed;
};

/* Room for one more behind n members: it doubles when it is full. */
static void *grow(void *v, size_t n, size_t size)
{
	return n & (n - 1) ? v : jx_must(realloc(v, (n ? 2 * n : 1) * size));
}

struct slice_group *slice_plan_group(struct slice_plan *p, json_t *ports)
{
	char *text = jx_must(json_text(ports, JSON_TEXT_SORTED, NULL));
	struct slice_group *g = strmap_find(&p->by_text, text);

	if (g) {
		free(text);
		json_decref(ports);
		return g;
	}
	g = jx_must(malloc(sizeof(*g)));
	*g = (struct slice_group){ .ports = ports, .text = text, .number = p->ngroups };
	p->groups = grow(p->groups, p->ngroups, sizeof(*p->groups));
	p->groups[p->ngroups++] = g;
	if (strmap_add(&p->by_text, text, g))
		jx_must(NULL);
	return g;
}

static struct slice_part *add_part(struct slice_plan *p, const json_t *old, struct slice_group *g)
{
	p->v = grow(p->v, p->n, sizeof(*p->v));
	p->v[p->n++] = (struct slice_part){
		.old = old, .group = g, .endpoints = jx_must(json_array()), .changed = !old,
	};
	if (g->last_part)
		p->v[g->last_part - 1].next = p->n;
	else
		g->first_part = p->n;
	g->last_part = p->n;
	return &p->v[p->n - 1];
}

void slice_plan_have(struct slice_plan *p, const json_t *slice)
{
	json_t *ports = json_object_get(slice, "ports");

	add_part(p, slice, slice_plan_group(p, ports ? json_incref(ports) : json_null()));
}

/* To be freed. */
static char *full_key(const struct slice_plan *p, const char *key, const struct slice_group *g)
{
	char *s = NULL;

	if (asprintf(&s, "%zu %s", p->by_ports ? g->number : 0, key) < 0)
		s = NULL;
	return jx_must(s);
}

void slice_plan_want(struct slice_plan *p, const char *key, struct slice_group *g,
		     json_t *endpoint)
{
	char *full = full_key(p, key, g);
	struct slice_want *w;

	if (strmap_find(&p->by_key, full)) {
		free(full);
		json_decref(endpoint);
		return;
	}
	w = jx_must(malloc(sizeof(*w)));
	*w = (struct slice_want){ .group = g, .key = full, .endpoint = endpoint,
				  .placed = !endpoint };
	if (g->last)
		g->last->next = w;
	else
		g->first = w;
	g->last = w;
	if (strmap_add(&p->by_key, full, w))
		jx_must(NULL);
}

static struct slice_want *find_want(const struct slice_plan *p, const struct slice_part *part,
				    const json_t *endpoint)
{
	char *key = full_key(p, p->key_of(endpoint), part->group);
	struct slice_want *w = strmap_find(&p->by_key, key);

	free(key);
	return w;
}

static bool same(const struct slice_plan *p, json_t *endpoint, const json_t *wanted)
{
	json_t *bare;
	bool equal;

	if (!p->own_hints || !json_object_get(endpoint, "hints"))
		return json_equal(endpoint, wanted);
	bare = jx_must(json_copy(endpoint));
	json_object_del(bare, "hints");
	equal = json_equal(bare, wanted);
	json_decref(bare);
	return equal;
}

/* What stays of an endpoint in its slice; NULL: nothing. */
static json_t *stays(const struct slice_plan *p, const struct slice_part *part, json_t *endpoint,
		     bool whole)
{
	struct slice_want *w = find_want(p, part, endpoint);

	if (!w)
		return whole ? NULL : endpoint;
	if (w->placed || w->group != part->group)
		return NULL;
	w->placed = true;
	return same(p, endpoint, w->endpoint) ? endpoint : w->endpoint;
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

static size_t left_over(const struct slice_group *g)
{
	size_t n = 0;

	for (const struct slice_want *w = g->first; w; w = w->next)
		n += !w->placed;
	return n;
}

/* Put what is left over from *next on into the slice, as far as there is room. How many? */
static size_t fill(const struct slice_plan *p, struct slice_part *part, struct slice_want **next)
{
	size_t n = 0;

	for (; *next && json_array_size(part->endpoints) < p->max; *next = (*next)->next) {
		struct slice_want *w = *next;

		if (w->placed)
			continue;
		jx_append(part->endpoints, json_incref(w->endpoint));
		w->placed = true;
		n++;
	}
	part->changed |= n > 0;
	return n;
}

/* The fullest slice with these ports that has room for so many; empty ones are on their way out. */
static struct slice_part *fullest(struct slice_plan *p, const struct slice_group *g, bool changed,
				  size_t room)
{
	struct slice_part *best = NULL;
	size_t most = 0;

	for (size_t i = g->first_part; i; i = p->v[i - 1].next) {
		struct slice_part *part = &p->v[i - 1];
		size_t n = json_array_size(part->endpoints);

		if (part->changed != changed || n <= most || n + room > p->max)
			continue;
		best = part;
		most = n;
	}
	return best;
}

static void place(struct slice_plan *p, struct slice_group *g)
{
	struct slice_want *next = g->first;
	size_t left = left_over(g);
	struct slice_part *part;

	while (left && (part = fullest(p, g, true, 1)))
		left -= fill(p, part, &next);
	while (left) {
		part = left < p->max ? fullest(p, g, false, left) : NULL;
		left -= fill(p, part ? part : add_part(p, NULL, g), &next);
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
	struct slice_group *none = slice_plan_group(p, json_null());
	struct slice_part *part = NULL;

	for (size_t i = 0; i < p->n; i++) {
		if (!p->v[i].gone)
			return;
		if (!part || p->v[i].group == none)
			part = &p->v[i];
	}
	if (!part) {
		add_part(p, NULL, none);
		return;
	}
	part->gone = false;
	part->changed |= part->group != none;
	part->group = none;
}

void slice_plan_run(struct slice_plan *p, bool whole, bool placeholder)
{
	for (size_t i = 0; i < p->n; i++)
		keep(p, &p->v[i], whole);
	for (size_t i = 0; i < p->ngroups; i++)
		place(p, p->groups[i]);
	reuse(p);
	if (placeholder)
		keep_one(p);
}

static void free_group(struct slice_group *g)
{
	for (struct slice_want *w = g->first, *next; w; w = next) {
		next = w->next;
		json_decref(w->endpoint);
		free(w->key);
		free(w);
	}
	json_decref(g->ports);
	free(g->text);
	free(g);
}

void slice_plan_clear(struct slice_plan *p)
{
	for (size_t i = 0; i < p->n; i++)
		json_decref(p->v[i].endpoints);
	for (size_t i = 0; i < p->ngroups; i++)
		free_group(p->groups[i]);
	free(p->v);
	free(p->groups);
	strmap_clear(&p->by_text);
	strmap_clear(&p->by_key);
	*p = (struct slice_plan){ .max = p->max, .key_of = p->key_of,
				  .by_ports = p->by_ports, .own_hints = p->own_hints };
}
