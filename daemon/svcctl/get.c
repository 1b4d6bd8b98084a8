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
	"       svcctl get -f FILE [-f ...] [OPTIONS]\n"
	"\n"
	"List objects. TYPE is services (svc), pods (po), endpointslices, endpoints (ep), nodes\n"
	"(no), namespaces (ns), events (ev), or all for services and pods.\n"
	"\n"
	"  -n, --namespace NAME    where (default: default)\n"
	"  -A, --all-namespaces    everywhere\n"
	"  -f, --filename FILE     the objects that a manifest names; -R: with its folders\n"
	"  -o, --output FORMAT     wide, name, json or yaml\n"
	"  -l, --selector SEL      those with these labels: app=web,tier!=test or\n"
	"                          'tier in (front,back),app,!old'\n"
	"  --field-selector SEL    those with these fields: metadata.name=web\n"
	"  -w, --watch             then print each change, until interrupted\n"
	"  --watch-only            only the changes\n"
	"  --sort-by PATH          in the order of a field: .metadata.creationTimestamp\n"
	"  --show-labels           a column with all labels\n"
	"  -L, --label-columns KEY[,KEY]   a column for each of these labels\n"
	"  --no-headers            no line with the columns' names\n"
	"  --ignore-not-found      what is not there is no error\n"
	"\n"
	"Example: svcctl get services -o wide\n";

enum {
	OPT_OUTPUT = CHOSEN_OPT_LAST, OPT_WATCH, OPT_WATCH_ONLY, OPT_NO_HEADERS, OPT_SHOW_LABELS,
	OPT_LABEL_COLUMNS, OPT_IGNORE, OPT_SORT,
};

static const struct args_option options[] = {
	CHOSEN_OPTIONS,
	{ "all-namespaces", 'A', ARGS_OPTIONAL, CHOSEN_OPT_ALL_NAMESPACES },
	{ "field-selector", 0, ARGS_VALUE, CHOSEN_OPT_FIELDS },
	{ "output", 'o', ARGS_VALUE, OPT_OUTPUT },
	{ "watch", 'w', ARGS_OPTIONAL, OPT_WATCH },
	{ "watch-only", 0, ARGS_OPTIONAL, OPT_WATCH_ONLY },
	{ "no-headers", 0, ARGS_OPTIONAL, OPT_NO_HEADERS },
	{ "show-labels", 0, ARGS_OPTIONAL, OPT_SHOW_LABELS },
	{ "label-columns", 'L', ARGS_VALUE, OPT_LABEL_COLUMNS },
	{ "ignore-not-found", 0, ARGS_OPTIONAL, OPT_IGNORE },
	{ "sort-by", 0, ARGS_VALUE, OPT_SORT },
	{ 0 },
};

static int set_option(struct get *g, const struct args *a, int id, const char *value,
		      struct err *e)
{
	switch (id) {
	case OPT_OUTPUT:
		return output_parse(value, ~0u, &g->format, e);
	case OPT_WATCH:
		return args_bool(a, value, &g->watch, e);
	case OPT_WATCH_ONLY:
		return args_bool(a, value, &g->watch_only, e);
	case OPT_NO_HEADERS:
		return args_bool(a, value, &g->layout.no_headers, e);
	case OPT_SHOW_LABELS:
		return args_bool(a, value, &g->layout.show_labels, e);
	case OPT_LABEL_COLUMNS:
		g->layout.label_columns = value;
		return 0;
	case OPT_IGNORE:
		return args_bool(a, value, &g->ignore_not_found, e);
	case OPT_SORT:
		g->sort_by = value;
		return get_sort_check(value, e);
	case CHOSEN_OPT_ALL_NAMESPACES:
		return args_bool(a, value, &g->chosen.scope.all_namespaces, e);
	default:
		return chosen_option(&g->chosen, id, value, e);
	}
}

static int parse(struct get *g, int argc, char **argv, struct err *e)
{
	const char *value;
	struct args args;
	int id, ret;

	args_init(&args, options, argc, argv);
	while ((id = args_next(&args, &value, e)) != ARGS_END) {
		ret = id < 0 ? id : set_option(g, &args, id, value, e);
		if (ret)
			return ret;
	}
	return chosen_check(&g->chosen, e);
}

struct table *get_alloc_table(const struct get *g, const struct resource *res)
{
	struct table_layout layout = g->layout;

	layout.wide = g->format == OUTPUT_WIDE;
	layout.color = g->ctx->color;
	layout.with_namespace = g->chosen.scope.all_namespaces && res->namespaced;
	layout.with_kind = g->chosen.selection.n > 1;
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

	if (selection_names(&g->chosen.selection) == 1) {
		for (i = 0; i < g->chosen.selection.n; i++)
			if (json_array_size(r[i].items))
				return output_object(g->ctx->out, g->format,
						     json_array_get(r[i].items, 0)) ?
					err_set(e, EIO, "cannot print the object") : 0;
		return 0;
	}
	all = json_array();
	for (i = 0; i < g->chosen.selection.n; i++)
		json_array_extend(all, r[i].items);
	list = json_pack("{s:s, s:s, s:{s:s}, s:o}", "apiVersion", "v1", "kind", "List",
			 "metadata", "resourceVersion", "", "items", all);
	ret = list ? output_object(g->ctx->out, g->format, list) : -ENOMEM;
	json_decref(list);
	return ret ? err_set(e, -ret, "cannot print the objects") : 0;
}

static int print_tables(const struct get *g, const struct getter_result *r, struct err *e)
{
	const struct selection *s = &g->chosen.selection;
	size_t i, shown = 0, refused = 0;
	int ret = 0;

	for (i = 0; i < s->n && !ret; i++) {
		refused += json_array_size(r[i].refusals);
		if (!json_array_size(r[i].items))
			continue;
		if (g->format == OUTPUT_NAME) {
			print_names(g, s->v[i].res, r[i].items);
		} else {
			if (shown && !g->layout.no_headers)
				fputc('\n', g->ctx->out);
			ret = print_table(g, s->v[i].res, r[i].items, e);
		}
		shown++;
	}
	if (!shown && !refused && g->format != OUTPUT_NAME)
		getter_print_none(g->ctx->err, &g->chosen.scope, s->v[0].res);
	return ret;
}

static bool print_refusals(const struct get *g, const struct getter_result *r)
{
	bool any = false;
	json_t *status;
	size_t i, j;

	/* What was found stands before what was not, also on a terminal that gets both. */
	fflush(g->ctx->out);
	for (i = 0; i < g->chosen.selection.n; i++)
		json_array_foreach(r[i].refusals, j, status) {
			if (g->ignore_not_found && refusal_is(status, "NotFound"))
				continue;
			refusal_print(g->ctx->err, status, NULL, NULL);
			any = true;
		}
	return any;
}

static int get_once(struct get *g, struct getter_result *r, struct err *e)
{
	size_t i;
	int ret;

	for (i = 0; i < g->chosen.selection.n; i++) {
		ret = getter_fetch(&g->client, &g->chosen.scope, &g->chosen.selection.v[i], &r[i],
				   e);
		if (!ret && g->sort_by)
			ret = get_sort(r[i].items, g->sort_by, e);
		/* Of several types, some may have no such field. */
		if (ret == -ENOENT && g->chosen.selection.n > 1)
			ret = 0;
		if (ret)
			return ret;
	}
	if (g->format == OUTPUT_JSON || g->format == OUTPUT_YAML)
		return print_objects(g, r, e);
	return print_tables(g, r, e);
}

static int run_once(struct get *g)
{
	struct getter_result *r = calloc(g->chosen.selection.n, sizeof(*r));
	struct err e;
	bool refused;
	size_t i;
	int ret;

	ret = r ? get_once(g, r, &e) : err_set(&e, ENOMEM, "out of memory");
	refused = r && !ret && print_refusals(g, r);
	for (i = 0; r && i < g->chosen.selection.n; i++)
		getter_clear(&r[i]);
	free(r);
	if (ret)
		return verbs_refused(g->ctx, &e);
	return refused ? VERB_REFUSED : VERB_OK;
}

static int run(struct get *g)
{
	const struct selection *s = &g->chosen.selection;
	struct err e;
	int ret;

	if (chosen_find(&g->chosen, g->ctx))
		return VERB_REFUSED;
	if ((g->watch || g->watch_only) && (s->n > 1 || selection_names(s) > 1))
		ret = verbs_usage(g->ctx, "--watch can watch one type, or one object of it");
	else if ((g->watch || g->watch_only) && g->sort_by)
		ret = verbs_usage(g->ctx, "--sort-by is for what is there, not for --watch");
	else if (client_open(&g->client, g->ctx, &e))
		ret = verbs_refused(g->ctx, &e);
	else
		ret = g->watch || g->watch_only ? get_watch(g) : run_once(g);
	client_close(&g->client);
	return ret;
}

int verb_get(struct ctx *ctx, int argc, char **argv)
{
	struct get g = { .ctx = ctx };
	struct err e;
	int ret;

	ret = chosen_init(&g.chosen, argc, &e);
	if (ret) {
		ret = verbs_refused(ctx, &e);
	} else {
		ret = parse(&g, argc, argv, &e);
		ret = ret ? verbs_usage(ctx, "%s", e.text) : run(&g);
	}
	chosen_clear(&g.chosen);
	return ret;
}
