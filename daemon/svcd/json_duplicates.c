// SPDX-License-Identifier: GPL-2.0
/*
 * One more walk through the text, for errors only: which of two equal keys it was
 * is nothing that the parsed value knows. The text is known to be JSON.
 */
#include "json_duplicates.h"

#include "jx.h"

#include <stdio.h>
#include <string.h>

#define FOUND_MAX	15	/* each may be a header of an answer */

struct walk {
	const char *p, *end;
	char path[256];
	json_t *seen;		/* paths that are in found, as keys */
	json_t *found;
};

static void walk_value(struct walk *w);

static void skip_space(struct walk *w)
{
	while (w->p < w->end && strchr(" \t\r\n", *w->p))
		w->p++;
}

/* From behind the opening quotes to behind the closing ones. */
static void skip_string(struct walk *w)
{
	for (; w->p < w->end && *w->p != '"'; w->p++)
		if (*w->p == '\\')
			w->p++;
	w->p++;
}

/* Go down one level; where the path ended before is where to cut it later. */
static size_t down(struct walk *w, const char *key, size_t index)
{
	size_t n = strlen(w->path);

	if (key)
		snprintf(w->path + n, sizeof(w->path) - n, "%s%s", n ? "." : "", key);
	else
		snprintf(w->path + n, sizeof(w->path) - n, "[%zu]", index);
	return n;
}

static void note(struct walk *w)
{
	/* What was cut may have been cut within a character. */
	json_t *path = jx_string(w->path);

	if (json_array_size(w->found) < FOUND_MAX &&
	    !json_object_get(w->seen, json_string_value(path))) {
		if (json_object_set_new(w->seen, json_string_value(path), json_true()))
			jx_must(NULL);
		jx_append(w->found, json_incref(path));
	}
	json_decref(path);
}

/* The key without its escapes. */
static json_t *read_key(struct walk *w)
{
	const char *from = w->p++;

	skip_string(w);
	return json_loadb(from, w->p - from, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
}

static void walk_member(struct walk *w, json_t *keys)
{
	json_t *key = read_key(w);
	const char *name = json_string_value(key);
	size_t n = down(w, name ? name : "", 0);

	if (name && json_object_get(keys, name))
		note(w);
	else if (name && json_object_set_new(keys, name, json_true()))
		jx_must(NULL);
	skip_space(w);
	w->p++;		/* : */
	walk_value(w);
	w->path[n] = '\0';
	json_decref(key);
}

static void walk_item(struct walk *w, size_t i)
{
	size_t n = down(w, NULL, i);

	walk_value(w);
	w->path[n] = '\0';
}

/* keys: of an object; NULL: it is an array. */
static void walk_members(struct walk *w, json_t *keys)
{
	char close = keys ? '}' : ']';

	w->p++;
	skip_space(w);
	for (size_t i = 0; w->p < w->end && *w->p != close; i++) {
		if (keys)
			walk_member(w, keys);
		else
			walk_item(w, i);
		skip_space(w);
		if (w->p < w->end && *w->p == ',')
			w->p++;
		skip_space(w);
	}
	w->p++;
}

static void walk_value(struct walk *w)
{
	json_t *keys;

	skip_space(w);
	if (w->p >= w->end)
		return;
	if (*w->p == '{') {
		keys = jx_must(json_object());
		walk_members(w, keys);
		json_decref(keys);
	} else if (*w->p == '[') {
		walk_members(w, NULL);
	} else if (*w->p == '"') {
		w->p++;
		skip_string(w);
	} else {
		while (w->p < w->end && !strchr(",]} \t\r\n", *w->p))
			w->p++;
	}
}

json_t *json_duplicates(const char *text, size_t len)
{
	struct walk w = {
		.p = text,
		.end = text + len,
		.seen = jx_must(json_object()),
		.found = jx_must(json_array()),
	};

	walk_value(&w);
	json_decref(w.seen);
	return w.found;
}
