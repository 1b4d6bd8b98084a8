// SPDX-License-Identifier: GPL-2.0
#include "sorted.h"

#include "field.h"

#include <stdlib.h>
#include <string.h>

struct entry {
	json_t *item;
	size_t at;
};

struct order {
	sorted_fn *compare;
	const void *arg;
};

static int compare_entries(const void *a, const void *b, void *arg)
{
	const struct entry *x = a, *y = b;
	const struct order *o = arg;
	int ret = o->compare(x->item, y->item, o->arg);

	return ret ? ret : (x->at > y->at) - (x->at < y->at);
}

json_t **sorted_items(const json_t *array, sorted_fn *compare, const void *arg)
{
	struct order order = { compare, arg };
	size_t n = json_array_size(array), i;
	struct entry *entries = calloc(n + 1, sizeof(*entries));
	json_t **items = calloc(n + 1, sizeof(*items));

	if (entries && items) {
		for (i = 0; i < n; i++)
			entries[i] = (struct entry){ json_array_get(array, i), i };
		qsort_r(entries, n, sizeof(*entries), compare_entries, &order);
		for (i = 0; i < n; i++)
			items[i] = entries[i].item;
	} else {
		free(items);
		items = NULL;
	}
	free(entries);
	return items;
}

int sorted_by_text(const json_t *a, const json_t *b, const void *arg)
{
	return strcmp(field_string(a, arg), field_string(b, arg));
}
