// SPDX-License-Identifier: GPL-2.0
#include "event_make.h"

#include "jx.h"
#include "meta.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

static void set_involved(json_t *ev, const json_t *object)
{
	static const char *const fields[] = { "namespace", "name", "uid", "resourceVersion" };
	char from[64], to[64];

	jx_set_str(ev, "involvedObject.kind", jx_str(object, "kind"));
	jx_set_str(ev, "involvedObject.apiVersion", jx_str(object, "apiVersion"));
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		snprintf(from, sizeof(from), "metadata.%s", fields[i]);
		snprintf(to, sizeof(to), "involvedObject.%s", fields[i]);
		if (*jx_str(object, from))
			jx_set_str(ev, to, jx_str(object, from));
	}
}

/* As client-go's: the object's, and a number. */
static void set_name(json_t *ev, const json_t *object)
{
	uint64_t number;
	char name[300];

	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		abort();
	snprintf(name, sizeof(name), "%.230s.%016" PRIx64, jx_str(object, "metadata.name"), number);
	jx_set_str(ev, "metadata.name", name);
}

json_t *event_make(const json_t *object, const char *type, const char *reason,
		   const char *message, const char *node, time_t now)
{
	const char *ns = jx_str(object, "metadata.namespace");
	json_t *ev = jx_must(json_object());
	char when[META_TIME_LEN];

	meta_print_time(now, when);
	jx_set_str(ev, "kind", "Event");
	jx_set_str(ev, "apiVersion", "v1");
	set_name(ev, object);
	jx_set_str(ev, "metadata.namespace", *ns ? ns : "default");
	jx_set(ev, "involvedObject", json_object());
	set_involved(ev, object);
	jx_set_str(ev, "reason", reason);
	jx_set_str(ev, "message", message);
	jx_set_str(ev, "source.component", "svcd");
	if (node)
		jx_set_str(ev, "source.host", node);
	jx_set_str(ev, "firstTimestamp", when);
	jx_set_str(ev, "lastTimestamp", when);
	jx_set_int(ev, "count", 1);
	jx_set_str(ev, "type", type);
	jx_set_str(ev, "reportingComponent", "svcd");
	if (node)
		jx_set_str(ev, "reportingInstance", node);
	return ev;
}
