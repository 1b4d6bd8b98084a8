// SPDX-License-Identifier: GPL-2.0
#include "trigger.h"

#include "jx.h"
#include "meta.h"
#include "schema.h"

static const struct schema metadata = { "metadata", SCHEMA_OBJECT, SCHEMA_KEEP, schema_meta,
					"ObjectMeta" };

time_t trigger_of_pod(const json_t *pod)
{
	const json_t *conditions = jx_get(pod, "status.conditions");

	for (size_t i = 0; i < json_array_size(conditions); i++) {
		const json_t *c = json_array_get(conditions, i);

		if (jx_is(c, "type", "Ready"))
			return meta_parse_time(jx_str(c, "lastTransitionTime"));
	}
	return 0;
}

time_t trigger_min(time_t a, time_t b)
{
	return !a || (b && b < a) ? b : a;
}

void trigger_note(json_t *object, time_t trigger)
{
	json_t *annotations = jx_get(object, "metadata.annotations");
	char text[META_TIME_LEN];

	if (!trigger) {
		json_object_del(annotations, TRIGGER_ANNOTATION);
		if (annotations && !json_object_size(annotations))
			jx_del(object, "metadata.annotations");
		return;
	}
	if (!annotations) {
		annotations = jx_must(json_object());
		jx_set(object, "metadata.annotations", annotations);
	}
	meta_print_time(trigger, text);
	json_object_set_new(annotations, TRIGGER_ANNOTATION, jx_string(text));
	/* A new field came last. */
	jx_set(object, "metadata", schema_clean(&metadata, jx_get(object, "metadata"), NULL));
}
