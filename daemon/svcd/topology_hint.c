// SPDX-License-Identifier: GPL-2.0
/*
 * Which zone each endpoint is for. The rules, and the words that say why there
 * are no hints, are those of k8s.io/endpointslice/topologycache. Where it
 * leaves the order of zones to chance, they are taken by their names here.
 */
#include "topology.h"

#include "jx.h"
#include "slice_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* No endpoint shall have to do more than this above its share. */
#define OVERLOAD	0.2

/* What a zone shall have, and has. */
struct share {
	const char *zone;
	size_t minimum, maximum, hints;
	double desired;
	double give, take;		/* more, or less, than desired */
	size_t gives, takes;		/* in whole endpoints */
};

/* An endpoint that gets a hint. */
struct chosen {
	struct slice_part *part;
	size_t place;
	const char *own, *zone;
};

struct hinting {
	struct slice_plan *p;
	struct share *v;
	size_t n;
	struct chosen *chosen;
	size_t nchosen;
};

static bool is_ready(const json_t *endpoint)
{
	return jx_bool(endpoint, "conditions.ready");
}

static size_t count_ready(const struct slice_plan *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		for (size_t j = 0; j < json_array_size(p->v[i].endpoints); j++)
			n += is_ready(json_array_get(p->v[i].endpoints, j));
	return n;
}

/* --- what is fair */

static size_t round_up(double x)
{
	size_t n = (size_t)x;

	return (double)n < x ? n + 1 : n;
}

/* false, and why: it cannot be done. */
static bool share_out(struct hinting *h, const struct topology *topo, size_t endpoints, char *why)
{
	size_t minima = 0;

	if (topo->n < 2) {
		snprintf(why, TOPOLOGY_WHY_MAX, "Insufficient Node information: allocatable CPU or "
			 "zone not specified on one or more nodes");
		return false;
	}
	if (topo->n > endpoints) {
		snprintf(why, TOPOLOGY_WHY_MAX, "Insufficient number of endpoints (%zu endpoints, "
			 "%zu zones)", endpoints, topo->n);
		return false;
	}
	h->n = topo->n;
	h->v = jx_must(calloc(h->n, sizeof(*h->v)));
	for (size_t i = 0; i < h->n; i++) {
		struct share *s = &h->v[i];

		s->zone = topo->v[i].name;
		s->desired = topo->v[i].ratio * (double)endpoints;
		s->minimum = round_up(s->desired * (1 / (1 + OVERLOAD)));
		if (s->desired < (double)s->minimum)
			s->desired = (double)s->minimum;
		minima += s->minimum;
	}
	if (minima > endpoints) {
		snprintf(why, TOPOLOGY_WHY_MAX, "Unable to allocate minimum required endpoints to "
			 "each zone without exceeding overload threshold (%zu endpoints, %zu "
			 "zones)", endpoints, h->n);
		return false;
	}
	for (size_t i = 0; i < h->n; i++)
		h->v[i].maximum = h->v[i].minimum + endpoints - minima;
	return true;
}

static struct share *find_share(const struct hinting *h, const char *zone)
{
	for (size_t i = 0; i < h->n; i++)
		if (!strcmp(h->v[i].zone, zone))
			return &h->v[i];
	return NULL;
}

/* --- slices that stay as they are */

static bool count_hints(const struct hinting *h, const json_t *endpoint, size_t *counted)
{
	const json_t *zones = jx_get(endpoint, "hints.forZones");

	for (size_t i = 0; i < json_array_size(zones); i++) {
		struct share *s = find_share(h, jx_str(json_array_get(zones, i), "name"));

		if (!s)
			return false;
		counted[s - h->v]++;
	}
	return json_array_size(zones);
}

/* Has each endpoint a hint for a zone that there is, and no zone too many of them? */
static bool is_fair(struct hinting *h, const struct slice_part *part)
{
	size_t *counted = jx_must(calloc(h->n, sizeof(*counted)));
	bool fair = true;

	for (size_t i = 0; fair && i < json_array_size(part->endpoints); i++) {
		const json_t *e = json_array_get(part->endpoints, i);

		fair = !is_ready(e) || count_hints(h, e, counted);
	}
	for (size_t i = 0; fair && i < h->n; i++)
		fair = !counted[i] || h->v[i].hints + counted[i] <= h->v[i].maximum;
	for (size_t i = 0; fair && i < h->n; i++)
		h->v[i].hints += counted[i];
	free(counted);
	return fair;
}

/* --- the others */

/* zone "": none. What is shared with the slice as it was is copied before. */
static void set_hint(struct slice_part *part, size_t place, const char *zone)
{
	json_t *e = json_array_get(part->endpoints, place);
	json_t *hints = *zone ? jx_must(json_pack("{s:[{s:s}]}", "forZones", "name", zone)) : NULL;

	if (hints ? json_equal(json_object_get(e, "hints"), hints) :
		    !json_object_get(e, "hints")) {
		json_decref(hints);
		return;
	}
	e = jx_must(json_copy(e));
	json_object_del(e, "hints");
	if (hints)
		jx_set(e, "hints", hints);
	if (json_array_set_new(part->endpoints, place, e))
		jx_must(NULL);
	part->changed = true;
}

static void set_none(struct slice_plan *p)
{
	for (size_t i = 0; i < p->n; i++)
		for (size_t j = 0; j < json_array_size(p->v[i].endpoints); j++)
			set_hint(&p->v[i], j, "");
}

/* Each for its own zone, to begin with. false: the zone of one is not known. */
static bool choose(struct hinting *h, struct slice_part *part)
{
	for (size_t i = 0; i < json_array_size(part->endpoints); i++) {
		const json_t *e = json_array_get(part->endpoints, i);
		const char *zone = jx_str(e, "zone");
		struct share *s = find_share(h, zone);

		if (!is_ready(e)) {
			set_hint(part, i, "");
			continue;
		}
		if (!*zone)
			return false;
		if (s)
			s->hints++;
		h->chosen[h->nchosen++] = (struct chosen){ part, i, zone, zone };
	}
	return true;
}

/* The slices that change get theirs last, and make up for what the others have. */
static bool choose_all(struct hinting *h)
{
	bool *fair = jx_must(calloc(h->p->n + 1, sizeof(*fair)));
	bool known = true;

	for (size_t i = 0; i < h->p->n; i++)
		fair[i] = h->p->v[i].gone || (!h->p->v[i].changed && is_fair(h, &h->p->v[i]));
	for (size_t i = 0; known && i < h->p->n; i++)
		known = fair[i] || choose(h, &h->p->v[i]);
	free(fair);
	return known;
}

static struct share *most(const struct hinting *h, bool giving)
{
	struct share *best = NULL;
	double n = 0;

	for (size_t i = 0; i < h->n; i++) {
		double x = giving ? h->v[i].give : h->v[i].take;

		if (x > n) {
			best = &h->v[i];
			n = x;
		}
	}
	return best;
}

/* How many go from whom to whom: whole ones, while that is nearer to what is fair. */
static void balance(struct hinting *h)
{
	struct share *from, *to;

	for (size_t i = 0; i < h->n; i++) {
		h->v[i].give = (double)h->v[i].hints - h->v[i].desired;
		h->v[i].take = -h->v[i].give;
	}
	while ((from = most(h, true)) && (to = most(h, false))) {
		if ((from->give < 1 && to->take < 1) || from->give < 0.5 || to->take < 0.5)
			break;
		from->gives++;
		from->give--;
		to->takes++;
		to->take--;
	}
}

static void redistribute(struct hinting *h)
{
	size_t next = 0;

	for (size_t i = 0; i < h->nchosen; i++) {
		struct share *from = find_share(h, h->chosen[i].own);

		if (!from || !from->gives)
			continue;
		while (next < h->n && !h->v[next].takes)
			next++;
		if (next == h->n)
			return;
		h->chosen[i].zone = h->v[next].zone;
		h->v[next].takes--;
		from->gives--;
	}
}

bool topology_hint(const struct topology *topo, struct slice_plan *p, char why[TOPOLOGY_WHY_MAX])
{
	size_t endpoints = count_ready(p);
	struct hinting h = { .p = p };
	bool done = share_out(&h, topo, endpoints, why);

	if (done) {
		h.chosen = jx_must(calloc(endpoints + 1, sizeof(*h.chosen)));
		done = choose_all(&h);
		if (!done)
			snprintf(why, TOPOLOGY_WHY_MAX, "One or more endpoints do not have a zone "
				 "specified");
	}
	if (done) {
		balance(&h);
		redistribute(&h);
		for (size_t i = 0; i < h.nchosen; i++)
			set_hint(h.chosen[i].part, h.chosen[i].place, h.chosen[i].zone);
	} else {
		set_none(p);
	}
	free(h.chosen);
	free(h.v);
	return done;
}
