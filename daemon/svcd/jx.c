// SPDX-License-Identifier: GPL-2.0
#include "jx.h"

#include "field.h"
#include "json_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *jx_must(void *p)
{
	if (!p) {
		fputs("svcd: out of memory\n", stderr);
		abort();
	}
	return p;
}

json_t *jx_get(const json_t *o, const char *path)
{
	return field_get(o, path);
}

const char *jx_str(const json_t *o, const char *path)
{
	const char *s = json_string_value(jx_get(o, path));

	return s ? s : "";
}

json_int_t jx_int(const json_t *o, const char *path)
{
	return json_integer_value(jx_get(o, path));
}

bool jx_bool(const json_t *o, const char *path)
{
	return json_is_true(jx_get(o, path));
}

bool jx_is(const json_t *o, const char *path, const char *value)
{
	return !strcmp(jx_str(o, path), value);
}

void jx_set(json_t *o, const char *path, json_t *value)
{
	const char *dot;

	jx_must(value);
	while ((dot = strchr(path, '.'))) {
		size_t n = (size_t)(dot - path);
		json_t *down = json_object_getn(o, path, n);

		if (!json_is_object(down)) {
			down = jx_must(json_object());
			if (json_object_setn_new(o, path, n, down))
				jx_must(NULL);
		}
		o = down;
		path = dot + 1;
	}
	if (json_object_set_new(o, path, value))
		jx_must(NULL);
}

json_t *jx_string(const char *s)
{
	json_t *v = json_string(s);
	char *ascii;

	if (v)
		return v;
	/* Not UTF-8, such as a name out of a URL or a text that was cut: jansson refuses it. */
	ascii = jx_must(strdup(s));
	for (char *p = ascii; *p; p++)
		if (*p & 0x80)
			*p = '?';
	v = jx_must(json_string(ascii));
	free(ascii);
	return v;
}

void jx_set_str(json_t *o, const char *path, const char *value)
{
	jx_set(o, path, jx_string(value));
}

void jx_set_int(json_t *o, const char *path, json_int_t value)
{
	jx_set(o, path, json_integer(value));
}

void jx_del(json_t *o, const char *path)
{
	const char *dot = strrchr(path, '.');
	char up[64];

	if (!dot) {
		json_object_del(o, path);
		return;
	}
	snprintf(up, sizeof(up), "%.*s", (int)(dot - path), path);
	json_object_del(jx_get(o, up), dot + 1);
}

void jx_append(json_t *array, json_t *value)
{
	if (json_array_append_new(array, jx_must(value)))
		jx_must(NULL);
}

json_t *jx_copy(const json_t *o)
{
	return jx_must(json_deep_copy(o));
}

char *jx_print(const json_t *o)
{
	return jx_must(json_text(o, 0, NULL));
}

bool jx_depth_fits(const json_t *o, size_t left)
{
	const char *key;
	json_t *v;
	size_t i;

	if (!json_is_object(o) && !json_is_array(o))
		return true;
	if (!left)
		return false;
	json_array_foreach(o, i, v)
		if (!jx_depth_fits(v, left - 1))
			return false;
	json_object_foreach((json_t *)o, key, v)
		if (!jx_depth_fits(v, left - 1))
			return false;
	return true;
}
