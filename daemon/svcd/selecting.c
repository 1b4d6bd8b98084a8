// SPDX-License-Identifier: GPL-2.0
#include "selecting.h"

#include "jx.h"
#include "selector.h"
#include "txn.h"

#include <string.h>

struct search {
	const struct txn *t;
	const struct resource *res;
	const char *ns;
	const json_t *selector, *labels;	/* one of them is what is searched for */
	void (*fn)(void *ctx, json_t *object);
	void *ctx;
};

static const struct resource *pods(void)
{
	return resource_by_plural("v1", "pods");
}

static const struct resource *services(void)
{
	return resource_by_plural("v1", "services");
}

static const char *ns_of(const json_t *object)
{
	return jx_str(object, "metadata.namespace");
}

void selecting_commit(struct selecting *s, const struct resource *res, const json_t *old,
		      json_t *now)
{
	if (res == pods()) {
		label_index_del(&s->pods, ns_of(old), jx_get(old, "metadata.labels"), old);
		label_index_add(&s->pods, ns_of(now), jx_get(now, "metadata.labels"), now);
	} else if (res == services()) {
		label_index_del(&s->services, ns_of(old), jx_get(old, "spec.selector"), old);
		label_index_add_once(&s->services, ns_of(now), jx_get(now, "spec.selector"), now);
	}
}

void selecting_clear(struct selecting *s)
{
	label_index_clear(&s->pods);
	label_index_clear(&s->services);
}

static bool matches(const struct search *s, const json_t *object)
{
	const json_t *selector = s->selector, *labels = s->labels;

	if (!selector)
		selector = jx_get(object, "spec.selector");
	if (!labels)
		labels = jx_get(object, "metadata.labels");
	return selector_map_match(selector, labels);
}

/* What this transaction has changed is found among what it has staged alone. */
static bool present(const struct search *s, const json_t *object)
{
	return txn_find(s->t, s->res, s->ns, jx_str(object, "metadata.name")) == object;
}

static void look_through(const struct search *s, const struct label_bucket *b)
{
	for (size_t i = 0; b && i < b->n; i++)
		if (matches(s, b->v[i]) && present(s, b->v[i]))
			s->fn(s->ctx, b->v[i]);
}

/* The shortest list that has all of them; NULL: a pair has none. */
static const struct label_bucket *fewest(const struct label_index *x, const char *ns,
					 const json_t *selector)
{
	const struct label_bucket *best = NULL;
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)selector, key, value) {
		const struct label_bucket *b;

		b = label_index_find(x, ns, key, json_string_value(value));
		if (!b)
			return NULL;
		if (!best || b->n < best->n)
			best = b;
	}
	return best;
}

void selecting_pods(const struct txn *t, const char *ns, const json_t *selector,
		    void (*fn)(void *ctx, json_t *pod), void *ctx)
{
	const struct search s = {
		.t = t, .res = pods(), .ns = ns, .selector = selector, .fn = fn, .ctx = ctx,
	};

	if (!json_object_size(selector))
		return;
	look_through(&s, fewest(&t->r->selecting.pods, ns, selector));
	look_through(&s, fewest(&t->selecting.pods, ns, selector));
}

void selecting_services(const struct txn *t, const char *ns, const json_t *labels,
			void (*fn)(void *ctx, json_t *svc), void *ctx)
{
	const struct search s = {
		.t = t, .res = services(), .ns = ns, .labels = labels, .fn = fn, .ctx = ctx,
	};
	const char *key;
	json_t *value;

	if (!json_object_size(labels))
		return;
	/* Each Service stands under one pair, and is met once. */
	json_object_foreach((json_t *)labels, key, value) {
		const char *text = json_string_value(value);

		look_through(&s, label_index_find(&t->r->selecting.services, ns, key, text));
		look_through(&s, label_index_find(&t->selecting.services, ns, key, text));
	}
}
