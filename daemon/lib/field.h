/* SPDX-License-Identifier: GPL-2.0 */
/* Reading Kubernetes objects: each call copes with fields that are absent or of another type. */
#ifndef SVCNAT_FIELD_H
#define SVCNAT_FIELD_H

#include <jansson.h>
#include <stdio.h>

/* path: names joined by dots, "spec.type"; no lists. NULL: not there. Borrowed, as all here. */
json_t *field_get(const json_t *object, const char *path);
const char *field_string(const json_t *object, const char *path);	/* "" when not there */
json_int_t field_int(const json_t *object, const char *path, json_int_t otherwise);

/* A number or a string (a targetPort), without quotes. */
void field_print(FILE *f, const json_t *value);

/* "k=v,k2=v2" in the order of the keys; sep between pairs. Returns how many there were. */
size_t field_print_map(FILE *f, const json_t *map, const char *sep);

/* The strings of a list, joined. Returns how many there were. */
size_t field_print_list(FILE *f, const json_t *list, const char *sep);

/* The keys of map, sorted, NULL at the end; the array is to be freed. NULL: no memory. */
const char **field_keys(const json_t *map);

#endif
