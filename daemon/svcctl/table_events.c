// SPDX-License-Identifier: GPL-2.0
#include "age.h"
#include "eventview.h"
#include "field.h"
#include "table.h"

#include <ctype.h>
#include <string.h>

static void object_cell(struct table *t, const json_t *event)
{
	const char *kind = field_string(event, "involvedObject.kind");
	char lower[64];
	size_t i;

	for (i = 0; i < sizeof(lower) - 1 && kind[i]; i++)
		lower[i] = (char)tolower((unsigned char)kind[i]);
	lower[i] = '\0';
	table_cell(t, "%s/%s", lower, field_string(event, "involvedObject.name"));
}

static void row(struct table *t, const json_t *event, time_t now)
{
	char age[AGE_SIZE];

	table_cell(t, "%s", age_since(eventview_last_seen(event), now, age));
	table_cell(t, "%s", field_string(event, "type"));
	table_cell(t, "%s", field_string(event, "reason"));
	object_cell(t, event);
	table_cell(t, "%s", field_string(event, "involvedObject.fieldPath"));
	table_cell(t, "%s", eventview_source(event));
	table_cell(t, "%s", field_string(event, "message"));
	table_cell(t, "%s", age_since(eventview_first_seen(event), now, age));
	table_cell(t, "%lld", eventview_count(event));
	table_name_cell(t, event);
}

static const struct table_column columns[] = {
	{ "LAST SEEN", false }, { "TYPE", false }, { "REASON", false }, { "OBJECT", false },
	{ "SUBOBJECT", true }, { "SOURCE", true }, { "MESSAGE", false }, { "FIRST SEEN", true },
	{ "COUNT", true }, { "NAME", true }, { NULL, false },
};

const struct table_type table_events = { "events", columns, row };
