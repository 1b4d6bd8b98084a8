// SPDX-License-Identifier: GPL-2.0
#include "args.h"
#include "describe.h"
#include "field.h"
#include "getter.h"
#include "refusal.h"
#include "verbs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char verb_describe_usage[] =
	"usage: svcctl describe TYPE [NAME ...] [OPTIONS]\n"
	"       svcctl describe TYPE/NAME ... [OPTIONS]\n"
	"\n"
	"Show objects in detail, with their latest events.\n"
	"\n"
	"  -n, --namespace NAME    where (default: default)\n"
	"  -A, --all-namespaces    everywhere\n"
	"  -l, --selector SEL      those with these labels\n";

struct describe {
	struct ctx *ctx;
	struct client client;
	struct scope scope;
	const char **words;
	size_t nwords, shown;
	bool failed;
};

enum { OPT_NAMESPACE = ARGS_WORD + 1, OPT_ALL, OPT_LABELS };

static const struct args_option options[] = {
	{ "namespace", 'n', true, OPT_NAMESPACE },
	{ "all-namespaces", 'A', false, OPT_ALL },
	{ "selector", 'l', true, OPT_LABELS },
	{ 0 },
};

static int set_option(struct describe *d, int id, const char *value, struct err *e)
{
	switch (id) {
	case OPT_NAMESPACE:
		d->scope.ns = value;
		return selection_check_name("namespace", value, e);
	case OPT_ALL:
		d->scope.all_namespaces = true;
		return 0;
	case OPT_LABELS:
		d->scope.labels = value;
		return 0;
	default:
		d->words[d->nwords++] = value;
		return 0;
	}
}

static int parse(struct describe *d, int argc, char **argv, struct err *e)
{
	const char *value;
	struct args args;
	bool named;
	int id, ret;

	args_init(&args, options, argc, argv);
	while ((id = args_next(&args, &value, e)) != ARGS_END) {
		ret = id < 0 ? id : set_option(d, id, value, e);
		if (ret)
			return ret;
	}
	named = d->nwords > 1 || (d->nwords && strchr(d->words[0], '/'));
	if (named && (d->scope.labels || d->scope.all_namespaces))
		return err_set(e, EINVAL, "a name cannot be given beside -l or -A");
	if (!d->nwords)
		return err_set(e, EINVAL, "a type is missing (see: svcctl help describe)");
	return 0;
}

/* What belongs to an object but cannot be had is left out: the object itself is here. */
static int fetch_endpoints(struct describe *d, const json_t *service, json_t **out,
			   struct err *e)
{
	const struct resource *res = resource_by_kind("v1", "Endpoints");
	struct client_reply reply;
	char *path;
	int ret;

	path = resource_path(res, field_string(service, "metadata.namespace"),
			     field_string(service, "metadata.name"), NULL);
	if (!path)
		return err_set(e, ENOMEM, "out of memory");
	ret = client_do(&d->client, "GET", path, NULL, &reply, e);
	free(path);
	if (ret)
		return ret;
	*out = client_failed(&reply) ? NULL : json_incref(reply.body);
	client_reply_clear(&reply);
	return 0;
}

static int fetch_events(struct describe *d, const struct resource *res, const json_t *object,
			json_t **out, struct err *e)
{
	const struct resource *events = resource_by_kind("v1", "Event");
	const char *ns = field_string(object, "metadata.namespace");
	char fields[1024];
	struct scope scope = { .ns = *ns ? ns : NULL, .fields = fields };
	struct getter_result r;
	char *path;
	int ret;

	snprintf(fields, sizeof(fields), "involvedObject.kind=%s,involvedObject.name=%s,"
		 "involvedObject.uid=%s", res->kind, field_string(object, "metadata.name"),
		 field_string(object, "metadata.uid"));
	path = scope_path(&scope, events, NULL);
	if (!path)
		return err_set(e, ENOMEM, "out of memory");
	ret = getter_list(&d->client, path, events, &r, e);
	free(path);
	if (ret)
		return ret;
	*out = json_incref(r.items);
	getter_clear(&r);
	return 0;
}

static int show(struct describe *d, const struct resource *res, const json_t *object,
		struct err *e)
{
	struct describe_about a = { .object = object };
	json_t *endpoints = NULL, *events = NULL;
	int ret = 0;

	a.now = d->ctx->now ? d->ctx->now() : time(NULL);
	if (!strcmp(res->kind, "Service"))
		ret = fetch_endpoints(d, object, &endpoints, e);
	if (!ret && res->namespaced && strcmp(res->kind, "Event"))
		ret = fetch_events(d, res, object, &events, e);
	a.endpoints = endpoints;
	a.events = events;
	if (!ret && d->shown++)
		fputs("\n\n", d->ctx->out);
	if (!ret && describe_print(d->ctx->out, res, &a))
		ret = err_set(e, ENOMEM, "out of memory");
	json_decref(endpoints);
	json_decref(events);
	return ret;
}

static int show_target(struct describe *d, const struct selection_target *t, struct err *e)
{
	struct getter_result r;
	json_t *item;
	size_t i;
	int ret;

	ret = getter_fetch(&d->client, &d->scope, t, &r, e);
	if (ret)
		return ret;
	json_array_foreach(r.items, i, item) {
		ret = show(d, t->res, item, e);
		if (ret)
			break;
	}
	fflush(d->ctx->out);
	json_array_foreach(r.refusals, i, item) {
		refusal_print(d->ctx->err, item, NULL, NULL);
		d->failed = true;
	}
	getter_clear(&r);
	return ret;
}

static int run(struct describe *d)
{
	struct selection s;
	struct err e;
	size_t i;
	int ret;

	if (selection_parse(&s, d->words, d->nwords, &e)) {
		fprintf(d->ctx->err, "error: %s\n", e.text);
		return VERB_REFUSED;
	}
	ret = client_open(&d->client, d->ctx, &e);
	for (i = 0; i < s.n && !ret; i++)
		ret = show_target(d, &s.v[i], &e);
	if (!ret && !d->shown && !d->failed)
		getter_print_none(d->ctx->err, &d->scope, s.v[0].res);
	client_close(&d->client);
	selection_clear(&s);
	if (ret)
		return verbs_refused(d->ctx, &e);
	return d->failed ? VERB_REFUSED : VERB_OK;
}

int verb_describe(struct ctx *ctx, int argc, char **argv)
{
	struct describe d = { .ctx = ctx };
	struct err e;
	int ret;

	d.words = calloc((size_t)argc + 1, sizeof(*d.words));
	if (!d.words) {
		err_set(&e, ENOMEM, "out of memory");
		return verbs_refused(ctx, &e);
	}
	ret = parse(&d, argc, argv, &e);
	ret = ret ? verbs_usage(ctx, "%s", e.text) : run(&d);
	free(d.words);
	return ret;
}
