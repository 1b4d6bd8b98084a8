// SPDX-License-Identifier: GPL-2.0
#include "field.h"

#include <stdlib.h>
#include <string.h>

json_t *field_get(const json_t *object, const char *path)
{
	const char *dot;

	while ((dot = strchr(path, '.'))) {
		object = json_object_getn(object, path, (size_t)(dot - path));
		path = dot + 1;
	}
	return json_object_get(object, path);
}

const char *field_string(const json_t *object, const char *path)
{
	const char *s = json_string_value(field_get(object, path));

	return s ? s : "";
}

json_int_t field_int(const json_t *object, const char *path, json_int_t otherwise)
{
	const json_t *v = field_get(object, path);

	return json_is_integer(v) ? json_integer_value(v) : otherwise;
}

void field_print(FILE *f, const json_t *value)
{
	char *text;

	if (json_is_string(value)) {
		fputs(json_string_value(value), f);
		return;
	}
	text = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
	fputs(text ? text : "", f);
	free(text);
}

static int compare_keys(const void *a, const void *b)
{
	return strcmp(*(const char * const *)a, *(const char * const *)b);
}

const char **field_keys(const json_t *map)
{
	const char **keys = calloc(json_object_size(map) + 1, sizeof(*keys));
	json_t *m = (json_t *)map, *value;
	const char *key;
	size_t n = 0;

	if (!keys)
		return NULL;
	json_object_foreach(m, key, value)
		keys[n++] = key;
	if (n)
		qsort(keys, n, sizeof(*keys), compare_keys);
	return keys;
}

size_t field_print_map(FILE *f, const json_t *map, const char *sep)
{
	const char **keys = field_keys(map);
	size_t i;

	if (!keys)
		return 0;
	for (i = 0; keys[i]; i++) {
		fprintf(f, "%s%s=", i ? sep : "", keys[i]);
		field_print(f, json_object_get(map, keys[i]));
	}
	free(keys);
	return i;
}

size_t field_print_list(FILE *f, const json_t *list, const char *sep)
{
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item) {
		fputs(i ? sep : "", f);
		field_print(f, item);
	}
	return json_array_size(list);
}
