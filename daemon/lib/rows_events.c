// SPDX-License-Identifier: GPL-2.0
#include "eventview.h"
#include "field.h"
#include "rows.h"

#include <ctype.h>

static void print_object(FILE *f, const json_t *event)
{
	const char *kind;

	for (kind = field_string(event, "involvedObject.kind"); *kind; kind++)
		fputc(tolower((unsigned char)*kind), f);
	fprintf(f, "/%s", field_string(event, "involvedObject.name"));
}

static void fill(json_t *cells, const json_t *event, time_t now)
{
	rows_put_since(cells, eventview_last_seen(event), now);
	rows_put_field(cells, event, "type", "");
	rows_put_field(cells, event, "reason", "");
	rows_put_printed(cells, print_object, event);
	rows_put_field(cells, event, "involvedObject.fieldPath", "");
	rows_put(cells, eventview_source(event));
	rows_put_field(cells, event, "message", "");
	rows_put_since(cells, eventview_first_seen(event), now);
	json_array_append_new(cells, json_integer(eventview_count(event)));
	rows_put_name(cells, event);
}

static const struct rows_column columns[] = {
	ROWS_STRING("Last Seen", 0, "How long ago it happened last."),
	ROWS_STRING("Type", 0, "Normal or Warning."),
	ROWS_STRING("Reason", 0, "Why the event was written, in one word."),
	ROWS_STRING("Object", 0, "The object that it happened to."),
	ROWS_STRING("Subobject", 1, "The part of the object that it is about."),
	ROWS_STRING("Source", 1, "The program that wrote it."),
	ROWS_STRING("Message", 0, "What happened, for people."),
	ROWS_STRING("First Seen", 1, "How long ago it happened first."),
	{ "Count", "integer", "", 1, "How often it happened." },
	{ "Name", "string", "name", 1, "What the event is called." },
	ROWS_END
};

const struct rows_type rows_events = { "events", columns, fill };
