// SPDX-License-Identifier: GPL-2.0
#include "event_index.h"

#include "jx.h"
#include "resource.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	char *key;
	json_t *event;		/* borrowed */
};

/* To be freed. */
static char *key_of(const char *ns, const char *uid, const char *reason, const char *message)
{
	char *key;

	if (asprintf(&key, "%s\n%s\n%s\n%s", ns, uid, reason, message) < 0)
		jx_must(NULL);
	return key;
}

static char *key_of_event(const json_t *ev)
{
	return key_of(jx_str(ev, "metadata.namespace"), jx_str(ev, "involvedObject.uid"),
		      jx_str(ev, "reason"), jx_str(ev, "message"));
}

static void add(struct event_index *x, json_t *ev)
{
	char *key = key_of_event(ev);
	struct entry *n;

	/* Clients may make several that say the same: one of them is enough. */
	if (strmap_find(&x->map, key)) {
		free(key);
		return;
	}
	n = jx_must(malloc(sizeof(*n)));
	*n = (struct entry){ key, ev };
	if (strmap_add(&x->map, key, n))
		jx_must(NULL);
}

static void drop(struct event_index *x, const json_t *ev)
{
	char *key = key_of_event(ev);
	struct entry *n = strmap_find(&x->map, key);

	if (n && n->event == ev) {
		strmap_del(&x->map, key);
		free(n->key);
		free(n);
	}
	free(key);
}

void event_index_commit(struct event_index *x, const struct resource *res, const json_t *old,
			json_t *now)
{
	if (strcmp(res->plural, "events"))
		return;
	if (old)
		drop(x, old);
	if (now)
		add(x, now);
}

json_t *event_index_find(const struct event_index *x, const char *ns, const char *uid,
			 const char *reason, const char *message)
{
	char *key = key_of(ns, uid, reason, message);
	const struct entry *n = strmap_find(&x->map, key);

	free(key);
	return n ? n->event : NULL;
}

void event_index_clear(struct event_index *x)
{
	for (size_t i = 0; i < x->map.size; i++) {
		struct entry *n = x->map.slots[i].value;

		if (!n)
			continue;
		free(n->key);
		free(n);
	}
	strmap_clear(&x->map);
}
