/* SPDX-License-Identifier: GPL-2.0 */
/* An array's items in another order; the array itself stays as it is. */
#ifndef SVCNAT_SVCCTL_SORTED_H
#define SVCNAT_SVCCTL_SORTED_H

#include <jansson.h>

typedef int sorted_fn(const json_t *a, const json_t *b, const void *arg);

/*
 * What compares equal stays in the order that it had. The end is a NULL; the
 * items are borrowed, the list is to be freed. NULL: no memory.
 */
json_t **sorted_items(const json_t *array, sorted_fn *compare, const void *arg);

/* arg: the path of a field whose text decides. */
sorted_fn sorted_by_text;

#endif
