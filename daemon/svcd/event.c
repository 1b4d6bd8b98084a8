// SPDX-License-Identifier: GPL-2.0
/* The rules of Events that clients make; svcd's own come from events.c. */
#include "rules.h"

#include "format.h"
#include "jx.h"
#include "schema_table.h"

#include <string.h>

static const struct schema source_fields[] = {
	STRING("component", 0), STRING("host", 0), END
};
static const struct schema series_fields[] = {
	INT("count", 0), STRING("lastObservedTime", 0), END
};
static const struct schema fields[] = {
	SCHEMA_TOP,
	OBJECT("involvedObject", schema_reference, "ObjectReference"),
	STRING("reason", 0),
	STRING("message", 0),
	OBJECT("source", source_fields, "EventSource"),
	STRING("firstTimestamp", 0),
	STRING("lastTimestamp", 0),
	INT("count", 0),
	STRING("type", 0),
	STRING("eventTime", 0),
	OBJECT("series", series_fields, "EventSeries"),
	STRING("action", 0),
	OBJECT("related", schema_reference, "ObjectReference"),
	STRING("reportingComponent", 0),
	STRING("reportingInstance", 0),
	END
};

static void prepare(struct write *w)
{
	if (!jx_get(w->obj, "involvedObject"))
		jx_set(w->obj, "involvedObject", json_object());
	if (!jx_get(w->obj, "source"))
		jx_set(w->obj, "source", json_object());
}

static void validate(struct write *w)
{
	const char *ns = jx_str(w->obj, "involvedObject.namespace");

	if (!jx_is(w->obj, "metadata.namespace", *ns ? ns : "default"))
		field_invalid(&w->errs, jx_get(w->obj, "metadata.namespace"),
			      "does not match event.namespace", "involvedObject.namespace");
}

const struct rules event_rules = {
	.plural = "events",
	.schema = OBJECT(NULL, fields, "Event"),
	.name_rules = format_dns1123_subdomain_rules,
	.prepare = prepare,
	.validate = validate,
	.update_creates = true,
};
