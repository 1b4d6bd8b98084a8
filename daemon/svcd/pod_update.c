// SPDX-License-Identifier: GPL-2.0
/* What may change in a Pod: next to nothing. */
#include "pod.h"

#include "jx.h"

#include <stdio.h>
#include <string.h>

#define DEADLINE "spec.activeDeadlineSeconds"
#define GRACE "spec.terminationGracePeriodSeconds"
#define UNCHANGED_WORDS "pod updates may not change fields other than " \
	"`spec.containers[*].image`,`spec.initContainers[*].image`," \
	"`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing " \
	"tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was " \
	"previously negative)"

static const char *const lists[] = { "containers", "initContainers" };

static size_t count(const json_t *pod, const char *list)
{
	return json_array_size(json_object_get(jx_get(pod, "spec"), list));
}

/* -1: there is nothing more to compare. */
static int validate_lists(struct write *w, const json_t *was)
{
	for (size_t k = 0; k < 2; k++) {
		if (count(was, lists[k]) == count(w->obj, lists[k]))
			continue;
		field_forbidden(&w->errs, "pod updates may not add or remove containers",
				"spec.%s", lists[k]);
		return -1;
	}
	return 0;
}

/* It comes, or becomes shorter. */
static int validate_deadline(struct write *w, const json_t *was)
{
	const json_t *old = jx_get(was, DEADLINE), *new = jx_get(w->obj, DEADLINE);

	if (old && !new) {
		field_invalid(&w->errs, NULL, "must not update from a positive integer to "
			      "nil value", DEADLINE);
		return 0;
	}
	if (!old || json_integer_value(new) <= json_integer_value(old))
		return 0;
	field_invalid(&w->errs, new, "must be less than or equal to previous value", DEADLINE);
	return -1;
}

static bool same_toleration(const json_t *a, const json_t *b)
{
	static const char *const keys[] = { "key", "operator", "value", "effect" };

	for (size_t i = 0; i < 4; i++)
		if (strcmp(jx_str(a, keys[i]), jx_str(b, keys[i])))
			return false;
	return true;
}

static bool tolerates(const json_t *list, const json_t *t)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (same_toleration(json_array_get(list, i), t))
			return true;
	return false;
}

static void validate_tolerations(struct write *w, const json_t *was)
{
	const json_t *old = jx_get(was, "spec.tolerations");
	const json_t *new = jx_get(w->obj, "spec.tolerations");

	for (size_t i = 0; i < json_array_size(old); i++) {
		if (tolerates(new, json_array_get(old, i)))
			continue;
		field_forbidden(&w->errs, "existing toleration can not be modified except its "
				"tolerationSeconds", "spec.tolerations");
		return;
	}
}

static bool gated(const json_t *list, const char *name)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (jx_is(json_array_get(list, i), "name", name))
			return true;
	return false;
}

static void validate_gates(struct write *w, const json_t *was)
{
	const json_t *old = jx_get(was, "spec.schedulingGates");
	const json_t *new = jx_get(w->obj, "spec.schedulingGates");
	char words[256];

	for (size_t i = 0; i < json_array_size(new); i++) {
		const char *name = jx_str(json_array_get(new, i), "name");

		if (gated(old, name))
			continue;
		snprintf(words, sizeof(words), "only deletion is allowed, but found new scheduling "
			 "gate '%s'", name);
		field_forbidden(&w->errs, words, "spec.schedulingGates[%zu].name", i);
	}
}

/* What may have changed is as it was. */
static json_t *without_changeable(const json_t *pod, const json_t *was)
{
	static const char *const may_change[] = {
		"activeDeadlineSeconds", "tolerations", "schedulingGates",
	};
	json_t *s = jx_copy(jx_get(pod, "spec")), *c;
	const json_t *grace = jx_get(was, GRACE);
	size_t i;

	for (size_t k = 0; k < sizeof(may_change) / sizeof(may_change[0]); k++)
		json_object_del(s, may_change[k]);
	for (size_t k = 0; k < 2; k++) {
		json_array_foreach(json_object_get(s, lists[k]), i, c) {
			json_object_del(c, "image");
		}
	}
	if (json_integer_value(grace) < 0 && jx_int(pod, GRACE) == 1)
		jx_set(s, "terminationGracePeriodSeconds", jx_copy(grace));
	return s;
}

void pod_validate_update(struct write *w, const json_t *was)
{
	json_t *before, *now;

	if (validate_lists(w, was) || validate_deadline(w, was))
		return;
	validate_tolerations(w, was);
	validate_gates(w, was);
	before = without_changeable(was, was);
	now = without_changeable(w->obj, was);
	if (!json_equal(before, now))
		field_forbidden(&w->errs, UNCHANGED_WORDS, "spec");
	json_decref(before);
	json_decref(now);
}
