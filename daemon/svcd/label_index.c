// SPDX-License-Identifier: GPL-2.0
#include "label_index.h"

#include "jx.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Neither a namespace nor a label's key has a "=", and only the key has a "/". To be freed. */
static char *key_of(const char *ns, const char *key, const char *value)
{
	char *text;

	if (asprintf(&text, "%s/%s=%s", ns, key, value) < 0)
		jx_must(NULL);
	return text;
}

static struct label_bucket *find(const struct label_index *x, const char *ns, const char *key,
				 const char *value)
{
	struct label_bucket *b;
	char *text;

	/* Another type is no label, and has no bucket. */
	if (!value)
		return NULL;
	text = key_of(ns, key, value);
	b = strmap_find(&x->map, text);
	free(text);
	return b;
}

const struct label_bucket *label_index_find(const struct label_index *x, const char *ns,
					    const char *key, const char *value)
{
	return find(x, ns, key, value);
}

static struct label_bucket *make(struct label_index *x, const char *ns, const char *key,
				 const char *value)
{
	struct label_bucket *b = jx_must(calloc(1, sizeof(*b)));

	b->key = key_of(ns, key, value);
	if (strmap_add(&x->map, b->key, b))
		jx_must(NULL);
	return b;
}

static void put(struct label_index *x, const char *ns, const char *key, const char *value,
		json_t *object)
{
	struct label_bucket *b = find(x, ns, key, value);

	if (!value)
		return;
	if (!b)
		b = make(x, ns, key, value);
	if (b->n == b->room) {
		b->room = b->room ? 2 * b->room : 2;
		b->v = jx_must(realloc(b->v, b->room * sizeof(*b->v)));
	}
	b->v[b->n++] = object;
}

void label_index_add(struct label_index *x, const char *ns, const json_t *labels,
		     json_t *object)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)labels, key, value)
		put(x, ns, key, json_string_value(value), object);
}

void label_index_add_once(struct label_index *x, const char *ns, const json_t *labels,
			  json_t *object)
{
	const char *key, *best = NULL;
	size_t least = SIZE_MAX;
	json_t *value;

	json_object_foreach((json_t *)labels, key, value) {
		const struct label_bucket *b = find(x, ns, key, json_string_value(value));
		size_t n = b ? b->n : 0;

		if (n >= least)
			continue;
		least = n;
		best = key;
	}
	if (best)
		put(x, ns, best, json_string_value(json_object_get(labels, best)), object);
}

static void drop(struct label_index *x, struct label_bucket *b)
{
	strmap_del(&x->map, b->key);
	free(b->key);
	free(b->v);
	free(b);
}

static void take(struct label_index *x, struct label_bucket *b, const json_t *object)
{
	for (size_t i = 0; i < b->n; i++) {
		if (b->v[i] != object)
			continue;
		b->v[i] = b->v[--b->n];
		if (!b->n)
			drop(x, b);
		return;
	}
}

void label_index_del(struct label_index *x, const char *ns, const json_t *labels,
		     const json_t *object)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)labels, key, value) {
		struct label_bucket *b = find(x, ns, key, json_string_value(value));

		if (b)
			take(x, b, object);
	}
}

void label_index_clear(struct label_index *x)
{
	for (size_t i = 0; i < x->map.size; i++) {
		struct label_bucket *b = x->map.slots[i].value;

		if (!b)
			continue;
		free(b->key);
		free(b->v);
		free(b);
	}
	strmap_clear(&x->map);
}
