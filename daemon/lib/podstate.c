// SPDX-License-Identifier: GPL-2.0
#include "field.h"
#include "podstate.h"

#include <string.h>

bool podstate_condition(const json_t *pod, const char *type)
{
	json_t *c;
	size_t i;

	json_array_foreach(field_get(pod, "status.conditions"), i, c)
		if (!strcmp(field_string(c, "type"), type))
			return !strcmp(field_string(c, "status"), "True");
	return false;
}

/* Why a container does not run: its own word says more than the pod's phase. */
static const char *container_reason(const json_t *status)
{
	const char *reason = field_string(status, "state.waiting.reason");

	return *reason ? reason : field_string(status, "state.terminated.reason");
}

struct podstate podstate_of(const json_t *pod)
{
	struct podstate s = { .status = field_string(pod, "status.reason") };
	const char *reason;
	json_t *c;
	size_t i;

	s.containers = json_array_size(field_get(pod, "spec.containers"));
	if (!*s.status)
		s.status = field_string(pod, "status.phase");
	json_array_foreach(field_get(pod, "status.containerStatuses"), i, c) {
		reason = container_reason(c);
		if (*reason)
			s.status = reason;
		s.ready += json_is_true(json_object_get(c, "ready"));
		s.restarts += field_int(c, "restartCount", 0);
	}
	if (field_get(pod, "metadata.deletionTimestamp"))
		s.status = "Terminating";
	return s;
}
