/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What work costs, as the number of looks into JSON objects and arrays. To be included
 * by a test's own file alone: it stands in front of the library's functions.
 */
#ifndef STEPS_H
#define STEPS_H

#include <dlfcn.h>
#include <jansson.h>
#include <stddef.h>

static size_t steps;

json_t *json_object_get(const json_t *object, const char *key)
{
	static json_t *(*real)(const json_t *object, const char *key);

	if (!real)
		real = dlsym(RTLD_NEXT, "json_object_get");
	steps++;
	return real(object, key);
}

json_t *json_array_get(const json_t *array, size_t i)
{
	static json_t *(*real)(const json_t *array, size_t i);

	if (!real)
		real = dlsym(RTLD_NEXT, "json_array_get");
	steps++;
	return real(array, i);
}

#endif
