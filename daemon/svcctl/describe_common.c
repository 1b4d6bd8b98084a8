// SPDX-License-Identifier: GPL-2.0
#include "age.h"
#include "columns.h"
#include "describe.h"
#include "eventview.h"
#include "field.h"
#include "last_applied.h"
#include "sorted.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void describe_text(FILE *f, const char *text)
{
	for (; *text; text++)
		fputc((unsigned char)*text < 0x20 || *text == 0x7f ? ' ' : *text, f);
}

void describe_optional(FILE *f, const char *title, const json_t *object, const char *path)
{
	const json_t *value = field_get(object, path);

	if (!value || (json_is_string(value) && !*json_string_value(value)))
		return;
	fprintf(f, "%s:\t", title);
	if (json_is_string(value))
		describe_text(f, json_string_value(value));
	else
		field_print(f, value);
	fputc('\n', f);
}

void describe_quantities(FILE *f, const char *indent, const char *title, const json_t *map)
{
	const char **keys = field_keys(map);
	size_t i;

	if (keys && keys[0])
		fprintf(f, "%s%s:\n", indent, title);
	for (i = 0; keys && keys[i]; i++) {
		fprintf(f, "%s  %s:\t", indent, keys[i]);
		field_print(f, json_object_get(map, keys[i]));
		fputc('\n', f);
	}
	free(keys);
}

const char *describe_date(const char *stamp, char buf[DESCRIBE_DATE_SIZE])
{
	struct tm tm;
	time_t t;

	buf[0] = '\0';
	if (!age_parse(stamp, &t) && gmtime_r(&t, &tm))
		strftime(buf, DESCRIBE_DATE_SIZE, "%a, %d %b %Y %H:%M:%S +0000", &tm);
	return buf;
}

static void print_pair(FILE *f, const char *key, const json_t *value, const char *joint)
{
	const char *text = json_string_value(value);

	fprintf(f, "%s%s", key, joint);
	if (!text)
		field_print(f, value);
	else
		describe_text(f, text);
	fputc('\n', f);
}

/* joint: between key and value. A line each, under each other. */
void describe_map(FILE *f, const char *title, const json_t *map, const char *joint)
{
	const char **keys = field_keys(map);
	size_t i, n = 0;

	fprintf(f, "%s:\t", title);
	for (i = 0; keys && keys[i]; i++) {
		/* A manifest in an annotation: it is what the reader sees already. */
		if (!strcmp(keys[i], LAST_APPLIED))
			continue;
		if (n++)
			fputc('\t', f);
		print_pair(f, keys[i], json_object_get(map, keys[i]), joint);
	}
	if (!n)
		fputs("<none>\n", f);
	free(keys);
}

void describe_identity(FILE *f, const json_t *object)
{
	const char *ns = field_string(object, "metadata.namespace");

	fprintf(f, "Name:\t%s\n", field_string(object, "metadata.name"));
	if (*ns)
		fprintf(f, "Namespace:\t%s\n", ns);
}

void describe_labels(FILE *f, const json_t *object)
{
	describe_map(f, "Labels", field_get(object, "metadata.labels"), "=");
	describe_map(f, "Annotations", field_get(object, "metadata.annotations"), ": ");
}

static void print_event(FILE *f, const json_t *event, time_t now)
{
	char last[AGE_SIZE], first[AGE_SIZE];

	fprintf(f, "  %s\t%s\t%s", field_string(event, "type"), field_string(event, "reason"),
		age_since(eventview_last_seen(event), now, last));
	if (eventview_count(event) > 1)
		fprintf(f, " (x%lld over %s)", eventview_count(event),
			age_since(eventview_first_seen(event), now, first));
	fprintf(f, "\t%s\t", eventview_source(event));
	describe_text(f, field_string(event, "message"));
	fputc('\n', f);
}

static int compare_events(const json_t *a, const json_t *b, const void *arg)
{
	(void)arg;
	return strcmp(eventview_last_seen(a), eventview_last_seen(b));
}

void describe_events(FILE *f, const struct describe_about *a)
{
	json_t **events;
	size_t i;

	if (!json_array_size(a->events)) {
		fputs("Events:\t<none>\n", f);
		return;
	}
	fputs("Events:\n"
	      "  Type\tReason\tAge\tFrom\tMessage\n"
	      "  ----\t------\t----\t----\t-------\n", f);
	events = sorted_items(a->events, compare_events, NULL);
	for (i = 0; events && events[i]; i++)
		print_event(f, events[i], a->now);
	free(events);
}

static void print_any(FILE *f, const struct describe_about *a)
{
	const char *phase = field_string(a->object, "status.phase");

	describe_identity(f, a->object);
	describe_labels(f, a->object);
	if (*phase)
		fprintf(f, "Status:\t%s\n", phase);
}

static void print_event_object(FILE *f, const struct describe_about *a)
{
	const json_t *o = a->object;

	describe_identity(f, o);
	describe_labels(f, o);
	fprintf(f, "Involved Object:\t%s %s\n", field_string(o, "involvedObject.kind"),
		field_string(o, "involvedObject.name"));
	fprintf(f, "Type:\t%s\nReason:\t%s\n", field_string(o, "type"), field_string(o, "reason"));
	fprintf(f, "Message:\t%s\nSource:\t%s\n", field_string(o, "message"), eventview_source(o));
	fprintf(f, "Count:\t%lld\n", eventview_count(o));
	fprintf(f, "First Seen:\t%s\nLast Seen:\t%s\n", eventview_first_seen(o),
		eventview_last_seen(o));
}

static const struct describe_type describe_event = { "events", print_event_object };

static const struct describe_type * const types[] = {
	&describe_service, &describe_pod, &describe_endpoints, &describe_endpointslice,
	&describe_node, &describe_event,
};

static void print(FILE *f, const struct resource *res, const struct describe_about *a)
{
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(types[i]->plural, res->plural))
			break;
	if (i < sizeof(types) / sizeof(types[0]))
		types[i]->print(f, a);
	else
		print_any(f, a);
	if (a->events)
		describe_events(f, a);
}

/* What an object says must not talk to the terminal. Tabs still end cells. */
static void quiet(char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (((unsigned char)text[i] < 0x20 && text[i] != '\t' && text[i] != '\n') ||
		    text[i] == 0x7f)
			text[i] = ' ';
}

int describe_print(FILE *f, const struct resource *res, const struct describe_about *a)
{
	char *text = NULL;
	size_t len;
	FILE *raw;
	int ret;

	raw = open_memstream(&text, &len);
	if (!raw)
		return -ENOMEM;
	print(raw, res, a);
	ret = fclose(raw) ? -ENOMEM : 0;
	if (!ret) {
		quiet(text, len);
		ret = columns_print(f, text, len);
	}
	free(text);
	return ret;
}
