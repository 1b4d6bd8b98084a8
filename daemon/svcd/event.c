// SPDX-License-Identifier: GPL-2.0
/* The rules of Events that clients make; svcd's own come from events.c. */
#include "rules.h"

#include "format.h"
#include "jx.h"

#include <string.h>

#define STRING(k) { k, SCHEMA_STRING, 0, NULL, NULL }
#define ANY(k) { k, SCHEMA_ANY, 0, NULL, NULL }
#define END { NULL, SCHEMA_ANY, 0, NULL, NULL }

static const struct schema ref_fields[] = {
	STRING("kind"), STRING("namespace"), STRING("name"), STRING("uid"), STRING("apiVersion"),
	STRING("resourceVersion"), STRING("fieldPath"), END
};
static const struct schema source_fields[] = { STRING("component"), STRING("host"), END };
static const struct schema fields[] = {
	SCHEMA_TOP,
	{ "involvedObject", SCHEMA_OBJECT, SCHEMA_KEEP, ref_fields, "ObjectReference" },
	STRING("reason"), STRING("message"),
	{ "source", SCHEMA_OBJECT, SCHEMA_KEEP, source_fields, "EventSource" },
	STRING("firstTimestamp"), STRING("lastTimestamp"),
	{ "count", SCHEMA_INT, 0, NULL, NULL }, STRING("type"), STRING("eventTime"), ANY("series"),
	STRING("action"),
	{ "related", SCHEMA_OBJECT, SCHEMA_KEEP, ref_fields, "ObjectReference" },
	STRING("reportingComponent"), STRING("reportingInstance"), END
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
	.schema = { NULL, SCHEMA_OBJECT, 0, fields, "Event" },
	.name_rules = format_dns1123_subdomain_rules,
	.prepare = prepare,
	.validate = validate,
	.update_creates = true,
};
