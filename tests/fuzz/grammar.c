// SPDX-License-Identifier: GPL-2.0
#include "grammar.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static void set_fill(struct grammar_set *set, const json_t *spec, const json_t *from,
		     struct ynl_report *r)
{
	const json_t *attr;
	size_t i;

	set->name = text_of(from, "name");
	json_array_foreach(json_object_get(from, "attributes"), i, attr) {
		struct grammar_attr *a = &set->attrs[set->n];

		if (set->n == GRAMMAR_ATTRS)
			errx(2, "more than %d attributes: %s", GRAMMAR_ATTRS, set->name);
		if (ynl_attr_read(spec, attr, &a->is, r) && a->is.kind != YNL_NONE)
			set->n++;
	}
}

static const struct grammar_set *set_find(const struct grammar *g, const char *name)
{
	unsigned int i;

	for (i = 0; i < g->nsets; i++)
		if (!strcmp(g->sets[i].name, name))
			return &g->sets[i];
	errx(2, "there is no set of attributes %s", name);
}

static const struct grammar_attr *attr_find(const struct grammar_set *set, const char *name)
{
	unsigned int i;

	for (i = 0; i < set->n; i++)
		if (!strcmp(set->attrs[i].is.name, name))
			return &set->attrs[i];
	errx(2, "%s has no attribute %s", set->name, name);
}

static void op_fill(struct grammar *g, const json_t *from)
{
	struct grammar_op *op = &g->ops[g->nops++];
	const json_t *name;
	size_t i;

	op->name = text_of(from, "name");
	op->cmd = json_integer_value(json_object_get(from, "value"));
	op->dump = json_object_get(from, "dump");
	json_array_foreach(ynl_request(from), i, name)
		op->attrs[op->n++] = attr_find(set_find(g, text_of(from, "attribute-set")),
					       json_string_value(name));
}

static void sets_read(struct grammar *g, const json_t *spec, struct ynl_report *r)
{
	const json_t *set;
	unsigned int k;
	size_t i;

	json_array_foreach(json_object_get(spec, "attribute-sets"), i, set) {
		if (g->nsets == GRAMMAR_SETS)
			errx(2, "more than %d sets of attributes", GRAMMAR_SETS);
		set_fill(&g->sets[g->nsets++], spec, set, r);
	}
	for (i = 0; i < g->nsets; i++)
		for (k = 0; k < g->sets[i].n; k++)
			if (g->sets[i].attrs[k].is.kind == YNL_NEST)
				g->sets[i].attrs[k].nested =
					set_find(g, g->sets[i].attrs[k].is.nested);
}

const struct grammar *grammar_load(void)
{
	struct grammar *g = calloc(1, sizeof(*g));
	struct ynl_report r = { 0 };
	json_t *spec = ynl_load();
	const json_t *op;
	size_t i;

	if (!g)
		err(2, "memory");
	ynl_resolve(spec, &r);
	sets_read(g, spec, &r);
	json_array_foreach(json_object_get(json_object_get(spec, "operations"), "list"), i, op) {
		if (!json_object_get(op, "do") && !json_object_get(op, "dump"))
			continue;
		if (g->nops == GRAMMAR_OPS)
			errx(2, "more than %d commands", GRAMMAR_OPS);
		op_fill(g, op);
	}
	if (r.n)
		errx(2, "%s", r.text);
	if (!g->nops || !g->ops[0].n)
		errx(2, "the specification has no commands, or none with attributes");
	return g;
}
