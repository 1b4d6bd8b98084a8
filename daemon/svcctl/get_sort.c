// SPDX-License-Identifier: GPL-2.0
/* --sort-by: the order of what a list has, by one field. */
#include "field.h"
#include "get.h"
#include "jsonpath.h"
#include "sorted.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* kubectl lets the dot in front go. */
static char *path_of(const char *text)
{
	char *path;

	if (*text == '{' || *text == '.' || *text == '[')
		return strdup(text);
	return asprintf(&path, ".%s", text) < 0 ? NULL : path;
}

static const json_t *value_of(const json_t *item, const char *path)
{
	const json_t *value = NULL;

	jsonpath_get(item, path, &value, NULL);
	return json_is_null(value) ? NULL : value;
}

/* As kubectl does it: numbers by their value, text by its bytes: web-10, web-2. */
static int compare(const json_t *a, const json_t *b, const void *path)
{
	const json_t *x = value_of(a, path), *y = value_of(b, path);

	if (!x || !y)
		return !!x - !!y;
	if (json_is_number(x) && json_is_number(y))
		return (json_number_value(x) > json_number_value(y)) -
		       (json_number_value(x) < json_number_value(y));
	if (json_is_string(x) && json_is_string(y))
		return strcmp(json_string_value(x), json_string_value(y));
	return json_is_true(x) - json_is_true(y);
}

int get_sort_check(const char *text, struct err *e)
{
	char *path = path_of(text);
	const json_t *ignored;
	int ret;

	ret = path ? jsonpath_get(NULL, path, &ignored, e) : err_set(e, ENOMEM, "out of memory");
	free(path);
	return ret;
}

static bool any_has(const json_t *items, const char *path)
{
	json_t *item;
	size_t i;

	json_array_foreach(items, i, item)
		if (value_of(item, path))
			return true;
	return !json_array_size(items);
}

static int put_in_order(json_t *items, const char *path, struct err *e)
{
	json_t **order = sorted_items(items, compare, path), *copy = json_array();
	size_t i;
	int ret = 0;

	for (i = 0; order && order[i] && copy; i++)
		ret |= json_array_append(copy, order[i]);
	if (!order || !copy || ret || json_array_clear(items) || json_array_extend(items, copy))
		ret = err_set(e, ENOMEM, "out of memory");
	json_decref(copy);
	free(order);
	return ret;
}

int get_sort(json_t *items, const char *text, struct err *e)
{
	char *path = path_of(text);
	int ret;

	if (!path)
		return err_set(e, ENOMEM, "out of memory");
	if (any_has(items, path))
		ret = put_in_order(items, path, e);
	else
		ret = err_set(e, ENOENT, "couldn't find any field with path \"%s\" in the list of "
			      "objects", path);
	free(path);
	return ret;
}
