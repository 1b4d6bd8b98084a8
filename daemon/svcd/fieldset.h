/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which fields of an object somebody has set: FieldsV1 of Kubernetes'
 * managedFields, a JSON object whose keys are the steps to them:
 *
 *	f:NAME		a field
 *	k:{"port":80}	the item of a list that has these keys
 *	v:"text"	the value in a list of values
 *	.		this very place, where there are others below it
 *
 * A step with nothing below it is a field that is owned as a whole.
 */
#ifndef SVCNAT_FIELDSET_H
#define SVCNAT_FIELDSET_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct err;

/*
 * The fields of config, an object of this kind; those by which it is found are
 * left out. sub: NULL, or "status" for the fields of the status alone. NULL and
 * e: an item of a list lacks its key.
 */
json_t *fieldset_of(const char *kind, const json_t *config, const char *sub, struct err *e);

/*
 * Where steps lead to in one value, an object or a list: the items of a list are
 * looked at once, however many steps there are. Zero it, but for value, which must
 * not change meanwhile.
 */
struct fieldset_places {
	const json_t *value;		/* borrowed; NULL: nothing is there */
	json_t *by_step;		/* the places in a list; NULL: not asked for so far */
	json_t *shapes;			/* sets of keys whose items are in by_step */
};

/* One step further down; borrowed. NULL: not there. *at, unless NULL: the place in a list. */
json_t *fieldset_find(struct fieldset_places *p, const char *step, size_t *at);
void fieldset_places_clear(struct fieldset_places *p);

/* Is this place itself in the set? */
bool fieldset_has_self(const json_t *set);

/* Take out of set what is not the same in both values. */
void fieldset_keep_same(json_t *set, const json_t *was, const json_t *is);

/* Take out of from what is in what. */
void fieldset_subtract(json_t *from, const json_t *what);

/* The step that leads to an item of a list by its keys; to be freed. NULL: it lacks one. */
char *fieldset_item_step(const char *const *keys, const json_t *item);

#endif
