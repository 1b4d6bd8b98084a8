/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How endpoints are spread over slices, without a look at anything else: given
 * the slices that are there and the endpoints that shall be in them, the least
 * change. An endpoint that is in a slice stays in it; new ones go into slices
 * that change anyway, the fullest first, then all into one that has the room
 * for them, then into new ones. A slice that would go becomes one that would
 * be made.
 */
#ifndef SVCNAT_SLICE_PLAN_H
#define SVCNAT_SLICE_PLAN_H

#include "strmap.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* A slice as it is and as it shall be. */
struct slice_part {
	const json_t *old;		/* borrowed; NULL: it is to be made */
	json_t *endpoints;		/* an array */
	struct slice_group *group;
	size_t next;			/* of its group; 0: the last one */
	bool changed, gone;
};

struct slice_want;

/* A list of ports, and what is behind it. */
struct slice_group {
	json_t *ports;			/* JSON null: no port */
	char *text;			/* the same, to find it by */
	size_t number;
	struct slice_want *first, *last;
	size_t first_part, last_part;	/* places in the plan's v, plus one; 0: none */
};

struct slice_plan {
	size_t max;			/* endpoints in a slice */
	/* What tells endpoints apart: a pod's uid, an address. */
	const char *(*key_of)(const json_t *endpoint);
	bool by_ports;			/* the same key behind other ports is another one */
	bool own_hints;			/* an endpoint that stays keeps the hints that it has */

	struct slice_part *v;
	size_t n;
	struct slice_group **groups;
	size_t ngroups;
	struct strmap by_text;
	struct strmap by_key;
};

/* What stands first is set. A slice that is there; borrowed until the plan is cleared. */
void slice_plan_have(struct slice_plan *p, const json_t *slice);
/* The group of these ports, which are taken over; it lasts as long as the plan. */
struct slice_group *slice_plan_group(struct slice_plan *p, json_t *ports);
/*
 * An endpoint that shall be there, in this group; it is taken over.
 * NULL: the one of that key shall not. Of two with the same key the first counts.
 * The key is copied.
 */
void slice_plan_want(struct slice_plan *p, const char *key, struct slice_group *g,
		     json_t *endpoint);
/* whole: endpoints that were not spoken of go, else they stay. placeholder: keep one at least. */
void slice_plan_run(struct slice_plan *p, bool whole, bool placeholder);
void slice_plan_clear(struct slice_plan *p);

#endif
