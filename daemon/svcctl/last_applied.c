// SPDX-License-Identifier: GPL-2.0
#include "field.h"
#include "last_applied.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* The map of that name, made when it is not there. */
static json_t *map_of(json_t *object, const char *key)
{
	json_t *map = json_object_get(object, key);

	if (json_is_object(map))
		return map;
	json_object_set_new(object, key, json_object());
	return json_object_get(object, key);
}

/* Go's encoder writes what could end a script element in HTML as \u00xx. */
static char *encode(const json_t *object)
{
	char *plain = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS), *text = NULL, *c;
	size_t len;
	FILE *f;

	f = plain ? open_memstream(&text, &len) : NULL;
	for (c = plain; f && *c; c++)
		if (*c == '<' || *c == '>' || *c == '&')
			fprintf(f, "\\u%04x", *c);
		else
			fputc(*c, f);
	free(plain);
	if (!f)
		return NULL;
	fputc('\n', f);
	if (!fclose(f))
		return text;
	free(text);
	return NULL;
}

json_t *last_applied_add(const json_t *object, const char *ns)
{
	json_t *copy = json_deep_copy(object), *meta, *annotations;
	char *text = NULL;
	int ret = -1;

	meta = copy ? map_of(copy, "metadata") : NULL;
	annotations = meta ? map_of(meta, "annotations") : NULL;
	json_object_del(annotations, LAST_APPLIED);
	if (annotations && (!ns || !json_object_set_new(meta, "namespace", json_string(ns))))
		text = encode(copy);
	if (text)
		ret = json_object_set_new(annotations, LAST_APPLIED, json_string(text));
	free(text);
	if (!ret)
		return copy;
	json_decref(copy);
	return NULL;
}

int last_applied_read(const json_t *object, json_t **out, struct err *e)
{
	const json_t *annotations = field_get(object, "metadata.annotations");
	const char *text = json_string_value(json_object_get(annotations, LAST_APPLIED));
	json_error_t je;

	*out = NULL;
	if (!text)
		return 0;
	*out = json_loads(text, 0, &je);
	if (json_is_object(*out))
		return 0;
	json_decref(*out);
	*out = NULL;
	return err_set(e, EINVAL, "the annotation " LAST_APPLIED " is no JSON object (%s): remove "
		       "it, and apply again", je.text);
}
