// SPDX-License-Identifier: GPL-2.0
#include "status.h"

#include "age.h"
#include "field.h"

#include <stdbool.h>
#include <string.h>

#define WIDTH	80
#define LABEL	12

/* Words with indent in front of each line; at is the column where the first one begins. */
static void wrap(FILE *f, int at, int indent, const char *text)
{
	size_t len;

	for (; *text; text += len) {
		text += strspn(text, " \n");
		len = strcspn(text, " \n");
		if (at > indent && at + 1 + (int)len > WIDTH) {
			fprintf(f, "\n%*s", indent, "");
			at = indent;
		} else if (at > indent) {
			fputc(' ', f);
			at++;
		}
		fwrite(text, 1, len, f);
		at += (int)len;
	}
	fputc('\n', f);
}

static void line(FILE *f, const char *label, const char *text)
{
	wrap(f, fprintf(f, "%-*s", LABEL, label), LABEL, text);
}

static const char *age(const json_t *o, const char *path, time_t now, char buf[AGE_SIZE])
{
	return age_since(field_string(o, path), now, buf);
}

static bool is_connected(const json_t *s)
{
	const json_t *kinds = field_get(s, "source.kinds");
	json_t *kind;
	size_t i;

	json_array_foreach(kinds, i, kind)
		if (!json_is_true(json_object_get(kind, "connected")))
			return false;
	return true;
}

static void print_head(FILE *f, const json_t *s, time_t now)
{
	size_t stuck = json_array_size(json_object_get(s, "stuck"));
	char buf[AGE_SIZE];

	fprintf(f, "svcd %s on node %s: ", field_string(s, "version"), field_string(s, "node"));
	if (json_is_true(json_object_get(s, "ok")))
		fprintf(f, "all is in the kernel, for %s\n", age(s, "since", now, buf));
	else if (!json_is_true(json_object_get(s, "ready")))
		fputs("not ready\n", f);
	else if (stuck)
		fprintf(f, "%zu stuck\n", stuck);
	else if (!is_connected(s))
		fputs("its authority does not answer\n", f);
	else
		fputs("not all is in the kernel\n", f);
	if (*field_string(s, "message"))
		line(f, "why", field_string(s, "message"));
}

static void print_module(FILE *f, const json_t *s)
{
	if (json_is_true(field_get(s, "module.loaded")))
		line(f, "module", field_string(s, "module.version"));
	else
		line(f, "module", "not loaded");
}

static void print_error(FILE *f, const json_t *error, time_t now)
{
	char text[2048], buf[AGE_SIZE];

	if (!error)
		return;
	snprintf(text, sizeof(text), "%s ago: %s", age(error, "time", now, buf),
		 field_string(error, "message"));
	line(f, "last error", text);
}

static void print_kind(FILE *f, const json_t *kind, time_t now)
{
	char text[256], buf[AGE_SIZE];

	if (json_is_true(json_object_get(kind, "connected")))
		snprintf(text, sizeof(text), "%s: connected for %s", field_string(kind, "kind"),
			 age(kind, "since", now, buf));
	else
		snprintf(text, sizeof(text), "%s: not connected", field_string(kind, "kind"));
	line(f, "", text);
	print_error(f, json_object_get(kind, "lastError"), now);
}

static void print_source(FILE *f, const json_t *s, time_t now)
{
	const json_t *kinds = field_get(s, "source.kinds");
	json_t *kind;
	size_t i;

	if (!strcmp(field_string(s, "source.role"), "follower"))
		line(f, "follows", field_string(s, "source.url"));
	else
		line(f, "objects", "its own, it is the authority");
	json_array_foreach(kinds, i, kind)
		print_kind(f, kind, now);
}

static void print_lists(FILE *f, const json_t *s)
{
	static const char *const names[][2] = {
		{ "services", "Services" }, { "endpointSlices", "EndpointSlices" },
		{ "nodes", "Nodes" },
	};
	const json_t *lists = json_object_get(s, "lists");
	size_t i, n = 0, total = sizeof(names) / sizeof(names[0]);
	char text[64] = "";

	for (i = 0; i < total; i++) {
		if (!json_is_true(json_object_get(lists, names[i][0])))
			continue;
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s",
			 n++ ? ", " : "", names[i][1]);
	}
	if (n && n < total)
		strcat(text, " only");
	line(f, "lists", n == total ? "complete" : n ? text : "not read so far");
}

static void print_counts(FILE *f, const json_t *s)
{
	static const char *const names[] = { "services", "frontends", "endpoints" };
	const json_t *counts = json_object_get(s, "counts");
	const json_t *c;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		c = json_object_get(counts, names[i]);
		fprintf(f, "%-*s%lld desired, %lld in the kernel", LABEL, names[i],
			(long long)field_int(c, "desired", 0),
			(long long)field_int(c, "kernel", 0));
		if (!i)
			fprintf(f, ", of %lld Services",
				(long long)field_int(counts, "objects", 0));
		fputc('\n', f);
	}
}

static void print_passes(FILE *f, const json_t *s, time_t now)
{
	char text[256], buf[AGE_SIZE];

	if (*field_string(s, "passes.lastSuccess")) {
		snprintf(text, sizeof(text), "%s ago, the last that was well; %lld in all",
			 age(s, "passes.lastSuccess", now, buf),
			 (long long)field_int(s, "passes.count", 0));
		line(f, "pass", text);
	}
	print_error(f, field_get(s, "passes.lastError"), now);
	if (!field_int(s, "foreignChanges.count", 0))
		return;
	snprintf(text, sizeof(text), "%lld changes in the kernel by others, the last %s ago",
		 (long long)field_int(s, "foreignChanges.count", 0),
		 age(s, "foreignChanges.last", now, buf));
	line(f, "others", text);
}

/* How long from now; 0s: it is due. */
static const char *until(const json_t *o, const char *path, time_t now, char buf[AGE_SIZE])
{
	time_t t = now;

	age_parse(field_string(o, path), &t);
	return age_print(t > now ? t - now : 0, buf);
}

static void print_stuck(FILE *f, const json_t *s, time_t now)
{
	char buf[AGE_SIZE];

	fprintf(f, "\n%s", field_string(s, "service"));
	if (*field_string(s, "protocol"))
		fprintf(f, " %s %s", field_string(s, "protocol"), field_string(s, "family"));
	fprintf(f, ": %s\n", field_string(s, "reason"));
	wrap(f, fprintf(f, "  "), 2, field_string(s, "message"));
	fprintf(f, "  for %s", age(s, "since", now, buf));
	if (*field_string(s, "nextTry"))
		fprintf(f, ", tried again in %s", until(s, "nextTry", now, buf));
	fputc('\n', f);
}

void status_print(FILE *f, const json_t *s, time_t now)
{
	const json_t *stuck = json_object_get(s, "stuck");
	json_t *item;
	size_t i;

	print_head(f, s, now);
	print_module(f, s);
	print_source(f, s, now);
	print_lists(f, s);
	print_counts(f, s);
	print_passes(f, s, now);
	json_array_foreach(stuck, i, item)
		print_stuck(f, item, now);
}
