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

struct err;

/*
 * The fields of config, an object of this kind; those by which it is found are
 * left out. sub: NULL, or "status" for the fields of the status alone. NULL and
 * e: an item of a list lacks its key.
 */
json_t *fieldset_of(const char *kind, const json_t *config, const char *sub, struct err *e);

/* One step further down in an object; borrowed. NULL: not there. */
json_t *fieldset_step(const json_t *value, const char *step);
/* Is this place itself in the set? */
bool fieldset_has_self(const json_t *set);

/* Take out of set what is not the same in both values. */
void fieldset_keep_same(json_t *set, const json_t *was, const json_t *is);

/* Take out of from what is in what. */
void fieldset_subtract(json_t *from, const json_t *what);

/* The step that leads to an item of a list by its keys; to be freed. NULL: it lacks one. */
char *fieldset_item_step(const char *const *keys, const json_t *item);

#endif
