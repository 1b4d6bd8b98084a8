// SPDX-License-Identifier: GPL-2.0
#include "chosen.h"
#include "refusal.h"
#include "verbs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int chosen_init(struct chosen *c, int argc, struct err *e)
{
	c->words = calloc((size_t)argc + 1, sizeof(*c->words));
	c->files = calloc((size_t)argc + 1, sizeof(*c->files));
	return c->words && c->files ? 0 : err_set(e, ENOMEM, "out of memory");
}

void chosen_clear(struct chosen *c)
{
	selection_clear(&c->selection);
	manifest_clear(&c->manifest);
	free(c->words);
	free(c->files);
}

int chosen_option(struct chosen *c, int id, const char *value, struct err *e)
{
	switch (id) {
	case ARGS_WORD:
		c->words[c->nwords++] = value;
		return 0;
	case CHOSEN_OPT_FILE:
		c->files[c->nfiles++] = value;
		return 0;
	case CHOSEN_OPT_RECURSIVE:
		c->recursive = true;
		return 0;
	case CHOSEN_OPT_NAMESPACE:
		c->scope.ns = value;
		return selection_check_name("namespace", value, e);
	case CHOSEN_OPT_ALL_NAMESPACES:
		c->scope.all_namespaces = true;
		return 0;
	case CHOSEN_OPT_LABELS:
		c->scope.labels = value;
		return 0;
	case CHOSEN_OPT_FIELDS:
		c->scope.fields = value;
		return 0;
	default:
		return 1;
	}
}

bool chosen_is_named(const struct chosen *c)
{
	return c->nwords > 1 || (c->nwords && strchr(c->words[0], '/'));
}

int chosen_check(const struct chosen *c, struct err *e)
{
	bool selectors = c->scope.labels || c->scope.fields;

	if (c->nfiles && (c->nwords || selectors || c->scope.all_namespaces))
		return err_set(e, EINVAL, "-f says which objects: leave out the type, selectors "
			       "and -A");
	if (c->nfiles)
		return 0;
	if (!c->nwords)
		return err_set(e, EINVAL, SELECTION_NO_TYPE);
	if (chosen_is_named(c) && selectors)
		return err_set(e, EINVAL, "a name cannot be given beside a selector");
	if (chosen_is_named(c) && c->scope.all_namespaces)
		return err_set(e, EINVAL, "a name cannot be looked for in all namespaces");
	return 0;
}

static int find_by_files(struct chosen *c, struct ctx *ctx, struct err *e)
{
	const struct manifest_object *o;
	int ret = 0;
	size_t i;

	if (manifest_load(&c->manifest, c->files, c->nfiles, c->recursive, ctx->in, e))
		return -EINVAL;
	e->text[0] = '\0';
	for (i = 0; i < c->manifest.n; i++) {
		o = &c->manifest.v[i];
		if (refusal_of_kind(ctx->err, o) ||
		    refusal_of_namespace(ctx->err, o, c->scope.ns) || refusal_of_name(ctx->err, o))
			ret = -EINVAL;
	}
	return ret ? ret : selection_of_manifest(&c->selection, &c->manifest, e);
}

int chosen_find(struct chosen *c, struct ctx *ctx)
{
	struct err e;
	int ret;

	if (c->nfiles)
		ret = find_by_files(c, ctx, &e);
	else
		ret = selection_parse(&c->selection, c->words, c->nwords, &e);
	if (!ret)
		return 0;
	if (*e.text)
		fprintf(ctx->err, "error: %s\n", e.text);
	return -EINVAL;
}
