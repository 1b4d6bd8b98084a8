// SPDX-License-Identifier: GPL-2.0
#include "taint.h"

#include "format.h"
#include "jx.h"

#define TAINTS_MAX	1000

const char *const taint_effects[] = { "NoSchedule", "PreferNoSchedule", "NoExecute", NULL };

static bool repeats(const json_t *list, size_t i)
{
	const json_t *a = json_array_get(list, i);

	for (size_t j = 0; j < i; j++) {
		const json_t *b = json_array_get(list, j);

		if (jx_is(b, "key", jx_str(a, "key")) && jx_is(b, "effect", jx_str(a, "effect")))
			return true;
	}
	return false;
}

static void validate(struct field_errors *errs, const json_t *list, size_t i)
{
	const json_t *taint = json_array_get(list, i), *effect = json_object_get(taint, "effect");
	const json_t *value = json_object_get(taint, "value");
	json_t *key = jx_string(jx_str(taint, "key"));
	const char *bad = format_qualified_name(json_string_value(key));

	/* The path is the one that Kubernetes gives, though they are in the spec. */
	if (bad)
		field_invalid(errs, key, bad, "metadata.taints[%zu].key", i);
	bad = value ? format_label_value(json_string_value(value)) : NULL;
	if (bad)
		field_invalid(errs, value, bad, "metadata.taints[%zu].value", i);
	if (!json_string_length(effect))
		field_required(errs, "", "metadata.taints[%zu].effect", i);
	else if (!format_one_of(taint_effects, json_string_value(effect)))
		field_unsupported(errs, effect, taint_effects, "metadata.taints[%zu].effect", i);
	if (repeats(list, i))
		field_duplicate(errs, taint, "metadata.taints[%zu]", i);
	json_decref(key);
}

void taint_validate(struct field_errors *errs, const json_t *taints)
{
	size_t n = json_array_size(taints);

	/* Each is compared with all others. */
	if (n > TAINTS_MAX) {
		field_too_many(errs, n, TAINTS_MAX, "metadata.taints");
		return;
	}
	for (size_t i = 0; i < n; i++)
		validate(errs, taints, i);
}
