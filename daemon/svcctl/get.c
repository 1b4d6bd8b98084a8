// SPDX-License-Identifier: GPL-2.0
#include "args.h"
#include "field.h"
#include "get.h"
#include "refusal.h"
#include "verbs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char verb_get_usage[] =
	"usage: svcctl get TYPE[,TYPE] [NAME ...] [OPTIONS]\n"
	"       svcctl get TYPE/NAME ... [OPTIONS]\n"
	"\n"
	"List objects. TYPE is services (svc), pods (po), endpoints (ep), namespaces (ns),\n"
	"events (ev), or all for services and pods.\n"
	"\n"
	"  -n, --namespace NAME    where (default: default)\n"
	"  -A, --all-namespaces    everywhere\n"
	"  -o, --output FORMAT     wide, name, json or yaml\n"
	"  -l, --selector SEL      those with these labels: app=web,tier!=test\n"
	"  --field-selector SEL    those with these fields: metadata.name=web\n"
	"  -w, --watch             then print each change, until interrupted\n"
	"  --no-headers            no line with the columns' names\n";

enum {
	OPT_NAMESPACE = ARGS_WORD + 1, OPT_ALL, OPT_OUTPUT, OPT_LABELS, OPT_FIELDS, OPT_WATCH,
	OPT_NO_HEADERS,
};

static const struct args_option options[] = {
	{ "namespace", 'n', true, OPT_NAMESPACE },
	{ "all-namespaces", 'A', false, OPT_ALL },
	{ "output", 'o', true, OPT_OUTPUT },
	{ "selector", 'l', true, OPT_LABELS },
	{ "field-selector", 0, true, OPT_FIELDS },
	{ "watch", 'w', false, OPT_WATCH },
	{ "no-headers", 0, false, OPT_NO_HEADERS },
	{ 0 },
};

static int set_option(struct get *g, int id, const char *value, struct err *e)
{
	switch (id) {
	case OPT_NAMESPACE:
		g->scope.ns = value;
		return selection_check_name("namespace", value, e);
	case OPT_ALL:
		g->scope.all_namespaces = true;
		return 0;
	case OPT_OUTPUT:
		return output_parse(value, ~0u, &g->format, e);
	case OPT_LABELS:
		g->scope.labels = value;
		return 0;
	case OPT_FIELDS:
		g->scope.fields = value;
		return 0;
	case OPT_WATCH:
		g->watch = true;
		return 0;
	case OPT_NO_HEADERS:
		g->no_headers = true;
		return 0;
	default:
		g->words[g->nwords++] = value;
		return 0;
	}
}

static int parse(struct get *g, int argc, char **argv, struct err *e)
{
	bool named;
	const char *value;
	struct args args;
	int id, ret;

	args_init(&args, options, argc, argv);
	while ((id = args_next(&args, &value, e)) != ARGS_END) {
		ret = id < 0 ? id : set_option(g, id, value, e);
		if (ret)
			return ret;
	}
	named = g->nwords > 1 || (g->nwords && strchr(g->words[0], '/'));
	if (named && (g->scope.labels || g->scope.fields))
		return err_set(e, EINVAL, "a name cannot be given beside a selector");
	if (named && g->scope.all_namespaces)
		return err_set(e, EINVAL, "a name cannot be looked for in all namespaces");
	if (!g->nwords)
		return err_set(e, EINVAL, "a type is missing (see: svcctl help get)");
	return 0;
}

struct table *get_alloc_table(const struct get *g, const struct resource *res)
{
	struct table_layout layout = {
		.wide = g->format == OUTPUT_WIDE,
		.with_namespace = g->scope.all_namespaces && res->namespaced,
		.with_kind = g->selection.n > 1,
		.no_headers = g->no_headers,
	};

	return table_alloc(res, &layout);
}

time_t get_now(const struct get *g)
{
	return g->ctx->now ? g->ctx->now() : time(NULL);
}

static int print_table(const struct get *g, const struct resource *res, const json_t *items,
		       struct err *e)
{
	struct table *t = get_alloc_table(g, res);
	json_t *item;
	size_t i;
	int ret;

	if (!t)
		return err_set(e, ENOMEM, "out of memory");
	json_array_foreach(items, i, item)
		table_add(t, item, get_now(g));
	ret = table_flush(t, g->ctx->out);
	table_free(t);
	return ret ? err_set(e, ENOMEM, "out of memory") : 0;
}

static void print_names(const struct get *g, const struct resource *res, const json_t *items)
{
	json_t *item;
	size_t i;

	json_array_foreach(items, i, item) {
		output_name(g->ctx->out, res, field_string(item, "metadata.name"));
		fputc('\n', g->ctx->out);
	}
}

/* One object that was named is printed itself, anything else as a List. */
static int print_objects(const struct get *g, const struct getter_result *r, struct err *e)
{
	json_t *list, *all;
	size_t i;
	int ret;

	if (selection_names(&g->selection) == 1) {
		for (i = 0; i < g->selection.n; i++)
			if (json_array_size(r[i].items))
				return output_object(g->ctx->out, g->format,
						     json_array_get(r[i].items, 0)) ?
					err_set(e, EIO, "cannot print the object") : 0;
		return 0;
	}
	all = json_array();
	for (i = 0; i < g->selection.n; i++)
		json_array_extend(all, r[i].items);
	list = json_pack("{s:s, s:s, s:{s:s}, s:o}", "apiVersion", "v1", "kind", "List",
			 "metadata", "resourceVersion", "", "items", all);
	ret = list ? output_object(g->ctx->out, g->format, list) : -ENOMEM;
	json_decref(list);
	return ret ? err_set(e, -ret, "cannot print the objects") : 0;
}

static int print_tables(const struct get *g, const struct getter_result *r, struct err *e)
{
	const struct selection *s = &g->selection;
	size_t i, shown = 0, refused = 0;
	int ret = 0;

	for (i = 0; i < s->n && !ret; i++) {
		refused += json_array_size(r[i].refusals);
		if (!json_array_size(r[i].items))
			continue;
		if (g->format == OUTPUT_NAME) {
			print_names(g, s->v[i].res, r[i].items);
		} else {
			if (shown)
				fputc('\n', g->ctx->out);
			ret = print_table(g, s->v[i].res, r[i].items, e);
		}
		shown++;
	}
	if (!shown && !refused && g->format != OUTPUT_NAME)
		getter_print_none(g->ctx->err, &g->scope, s->v[0].res);
	return ret;
}

static bool print_refusals(const struct get *g, const struct getter_result *r)
{
	bool any = false;
	json_t *status;
	size_t i, j;

	/* What was found stands before what was not, also on a terminal that gets both. */
	fflush(g->ctx->out);
	for (i = 0; i < g->selection.n; i++)
		json_array_foreach(r[i].refusals, j, status) {
			refusal_print(g->ctx->err, status, NULL, NULL);
			any = true;
		}
	return any;
}

static int get_once(struct get *g, struct getter_result *r, struct err *e)
{
	size_t i;
	int ret;

	for (i = 0; i < g->selection.n; i++) {
		ret = getter_fetch(&g->client, &g->scope, &g->selection.v[i], &r[i], e);
		if (ret)
			return ret;
	}
	if (g->format == OUTPUT_JSON || g->format == OUTPUT_YAML)
		return print_objects(g, r, e);
	return print_tables(g, r, e);
}

static int run_once(struct get *g)
{
	struct getter_result *r = calloc(g->selection.n, sizeof(*r));
	struct err e;
	bool refused;
	size_t i;
	int ret;

	ret = r ? get_once(g, r, &e) : err_set(&e, ENOMEM, "out of memory");
	refused = r && !ret && print_refusals(g, r);
	for (i = 0; r && i < g->selection.n; i++)
		getter_clear(&r[i]);
	free(r);
	if (ret)
		return verbs_refused(g->ctx, &e);
	return refused ? VERB_REFUSED : VERB_OK;
}

static int run(struct get *g)
{
	struct err e;
	int ret;

	if (selection_parse(&g->selection, g->words, g->nwords, &e)) {
		fprintf(g->ctx->err, "error: %s\n", e.text);
		return VERB_REFUSED;
	}
	if (g->watch && (g->selection.n > 1 || selection_names(&g->selection) > 1))
		ret = verbs_usage(g->ctx, "--watch can watch one type, or one object of it");
	else if (client_open(&g->client, g->ctx, &e))
		ret = verbs_refused(g->ctx, &e);
	else
		ret = g->watch ? get_watch(g) : run_once(g);
	client_close(&g->client);
	selection_clear(&g->selection);
	return ret;
}

int verb_get(struct ctx *ctx, int argc, char **argv)
{
	struct get g = { .ctx = ctx };
	struct err e;
	int ret;

	g.words = calloc((size_t)argc + 1, sizeof(*g.words));
	if (!g.words) {
		err_set(&e, ENOMEM, "out of memory");
		return verbs_refused(ctx, &e);
	}
	ret = parse(&g, argc, argv, &e);
	ret = ret ? verbs_usage(ctx, "%s", e.text) : run(&g);
	free(g.words);
	return ret;
}
