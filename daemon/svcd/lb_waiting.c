// SPDX-License-Identifier: GPL-2.0
#include "lb_waiting.h"

#include "jx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	char *key, *message;
};

/* To be freed. */
static char *key_of(const char *ns, const char *name)
{
	char *key;

	if (asprintf(&key, "%s/%s", ns, name) < 0)
		jx_must(NULL);
	return key;
}

/* NULL: not there. */
static struct entry *find(const struct lb_waiting *w, const char *ns, const char *name)
{
	char *key = key_of(ns, name);
	struct entry *n = strmap_find(&w->map, key);

	free(key);
	return n;
}

bool lb_waiting_put(struct lb_waiting *w, const char *ns, const char *name, const char *message)
{
	struct entry *n = find(w, ns, name);
	bool other;

	if (!n) {
		n = jx_must(calloc(1, sizeof(*n)));
		n->key = key_of(ns, name);
		if (strmap_add(&w->map, n->key, n))
			jx_must(NULL);
	}
	other = message && (!n->message || strcmp(n->message, message));
	free(n->message);
	n->message = message ? jx_must(strdup(message)) : NULL;
	return other;
}

static void free_entry(struct entry *n)
{
	free(n->key);
	free(n->message);
	free(n);
}

void lb_waiting_del(struct lb_waiting *w, const char *ns, const char *name)
{
	struct entry *n = find(w, ns, name);

	if (!n)
		return;
	strmap_del(&w->map, n->key);
	free_entry(n);
}

bool lb_waiting_has(const struct lb_waiting *w, const char *ns, const char *name)
{
	return find(w, ns, name);
}

void lb_waiting_clear(struct lb_waiting *w)
{
	for (size_t i = 0; i < w->map.size; i++)
		if (w->map.slots[i].key)
			free_entry(w->map.slots[i].value);
	strmap_clear(&w->map);
}

size_t lb_waiting_list(const struct lb_waiting *w, char ***v)
{
	size_t n = 0;

	*v = jx_must(calloc(w->map.n + 1, sizeof(**v)));
	for (size_t i = 0; i < w->map.size; i++)
		if (w->map.slots[i].key)
			(*v)[n++] = jx_must(strdup(w->map.slots[i].key));
	return n;
}
