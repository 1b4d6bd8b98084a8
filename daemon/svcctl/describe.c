// SPDX-License-Identifier: GPL-2.0
#include "chosen.h"
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
	"       svcctl describe -f FILE [-f ...] [OPTIONS]\n"
	"\n"
	"Show objects in detail, with their events: a service with its endpoints, a pod with\n"
	"its containers, a node with its pods. A NAME that is none stands for those that begin\n"
	"with it.\n"
	"\n"
	"  -n, --namespace NAME    where (default: default)\n"
	"  -A, --all-namespaces    everywhere\n"
	"  -f, --filename FILE     the objects that a manifest names; -R: with its folders\n"
	"  -l, --selector SEL      those with these labels\n"
	"\n"
	"Example: svcctl describe service web\n";

struct describe {
	struct ctx *ctx;
	struct client client;
	struct chosen chosen;
	size_t shown;
	bool failed;
};

static const struct args_option options[] = {
	CHOSEN_OPTIONS,
	{ "all-namespaces", 'A', ARGS_FLAG, CHOSEN_OPT_ALL_NAMESPACES },
	{ 0 },
};

static int parse(struct describe *d, int argc, char **argv, struct err *e)
{
	const char *value;
	struct args args;
	int id, ret;

	args_init(&args, options, argc, argv);
	while ((id = args_next(&args, &value, e)) != ARGS_END) {
		ret = id < 0 ? id : chosen_option(&d->chosen, id, value, e);
		if (ret)
			return ret;
	}
	return chosen_check(&d->chosen, e);
}

/* What belongs to an object but cannot be had is left out: the object itself is here. */
static int fetch(struct describe *d, const struct scope *scope, const struct resource *res,
		 json_t **out, struct err *e)
{
	char *path = scope_path(scope, res, NULL);
	struct getter_result r;
	int ret;

	if (!path)
		return err_set(e, ENOMEM, "out of memory");
	ret = getter_list(&d->client, path, res, &r, e);
	free(path);
	if (ret)
		return ret;
	*out = json_incref(r.items);
	getter_clear(&r);
	return 0;
}

static int fetch_events(struct describe *d, const struct resource *res, const json_t *object,
			json_t **out, struct err *e)
{
	const char *ns = field_string(object, "metadata.namespace");
	char fields[1024];
	struct scope scope = { .ns = *ns ? ns : NULL, .fields = fields };

	snprintf(fields, sizeof(fields), "involvedObject.kind=%s,involvedObject.name=%s,"
		 "involvedObject.uid=%s", res->kind, field_string(object, "metadata.name"),
		 field_string(object, "metadata.uid"));
	return fetch(d, &scope, resource_by_kind("v1", "Event"), out, e);
}

static int fetch_slices(struct describe *d, const json_t *service, json_t **out, struct err *e)
{
	char labels[512];
	struct scope scope = { .ns = field_string(service, "metadata.namespace"),
			       .labels = labels };

	snprintf(labels, sizeof(labels), "kubernetes.io/service-name=%s",
		 field_string(service, "metadata.name"));
	return fetch(d, &scope, resource_by_kind("discovery.k8s.io/v1", "EndpointSlice"), out, e);
}

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

/* Those that have not come to their end. */
static int fetch_pods(struct describe *d, const json_t *node, json_t **out, struct err *e)
{
	char fields[512];
	struct scope scope = { .all_namespaces = true, .fields = fields };

	snprintf(fields, sizeof(fields),
		 "spec.nodeName=%s,status.phase!=Failed,status.phase!=Succeeded",
		 field_string(node, "metadata.name"));
	return fetch(d, &scope, resource_by_kind("v1", "Pod"), out, e);
}

/* What is fetched beside an object; each may stay NULL. */
struct beside {
	json_t *slices, *endpoints, *pods, *events;
};

static int fetch_beside(struct describe *d, const struct resource *res, const json_t *object,
			struct beside *b, struct err *e)
{
	int ret = 0;

	if (!strcmp(res->kind, "Service")) {
		ret = fetch_slices(d, object, &b->slices, e);
		if (!ret && !json_array_size(b->slices))
			ret = fetch_endpoints(d, object, &b->endpoints, e);
	}
	if (!strcmp(res->kind, "Node"))
		ret = fetch_pods(d, object, &b->pods, e);
	if (!ret && strcmp(res->kind, "Event") && strcmp(res->kind, "Namespace"))
		ret = fetch_events(d, res, object, &b->events, e);
	return ret;
}

static int show(struct describe *d, const struct resource *res, const json_t *object,
		struct err *e)
{
	struct describe_about a = { .object = object };
	struct beside b = { NULL };
	int ret;

	ret = fetch_beside(d, res, object, &b, e);
	a.now = d->ctx->now ? d->ctx->now() : time(NULL);
	a.slices = b.slices;
	a.endpoints = b.endpoints;
	a.pods = b.pods;
	a.events = b.events;
	if (!ret && d->shown++)
		fputs("\n\n", d->ctx->out);
	if (!ret && describe_print(d->ctx->out, res, &a))
		ret = err_set(e, ENOMEM, "out of memory");
	json_decref(b.slices);
	json_decref(b.endpoints);
	json_decref(b.pods);
	json_decref(b.events);
	return ret;
}

static int show_items(struct describe *d, const struct resource *res, const json_t *items,
		      struct err *e)
{
	json_t *item;
	size_t i;
	int ret;

	json_array_foreach(items, i, item) {
		ret = show(d, res, item, e);
		if (ret)
			return ret;
	}
	return 0;
}

/* A name that is none may be the beginning of some. 1: of none. */
static int show_prefix(struct describe *d, const struct scope *scope, const struct resource *res,
		       const char *prefix, struct err *e)
{
	json_t *all = NULL, *item;
	int ret, found = 1;
	size_t i;

	ret = fetch(d, scope, res, &all, e);
	json_array_foreach(all, i, item) {
		if (ret || strncmp(field_string(item, "metadata.name"), prefix, strlen(prefix)))
			continue;
		ret = show(d, res, item, e);
		found = 0;
	}
	json_decref(all);
	return ret ? ret : found;
}

static int show_refused(struct describe *d, const struct selection_target *t,
			const json_t *status, struct err *e)
{
	const char *name = field_string(status, "details.name");
	int ret = 1;

	if (refusal_is(status, "NotFound") && chosen_is_named(&d->chosen) && *name)
		ret = show_prefix(d, &d->chosen.scope, t->res, name, e);
	if (ret <= 0)
		return ret;
	refusal_print(d->ctx->err, status, NULL, NULL);
	d->failed = true;
	return 0;
}

static int show_target(struct describe *d, const struct selection_target *t, struct err *e)
{
	struct getter_result r;
	json_t *status;
	size_t i;
	int ret;

	ret = getter_fetch(&d->client, &d->chosen.scope, t, &r, e);
	if (ret)
		return ret;
	ret = show_items(d, t->res, r.items, e);
	fflush(d->ctx->out);
	json_array_foreach(r.refusals, i, status)
		if (!ret)
			ret = show_refused(d, t, status, e);
	getter_clear(&r);
	return ret;
}

static int run(struct describe *d)
{
	const struct selection *s = &d->chosen.selection;
	struct err e;
	size_t i;
	int ret;

	if (chosen_find(&d->chosen, d->ctx))
		return VERB_REFUSED;
	ret = client_open(&d->client, d->ctx, &e);
	for (i = 0; i < s->n && !ret; i++)
		ret = show_target(d, &s->v[i], &e);
	if (!ret && !d->shown && !d->failed)
		getter_print_none(d->ctx->err, &d->chosen.scope, s->v[0].res);
	client_close(&d->client);
	if (ret)
		return verbs_refused(d->ctx, &e);
	return d->failed ? VERB_REFUSED : VERB_OK;
}

int verb_describe(struct ctx *ctx, int argc, char **argv)
{
	struct describe d = { .ctx = ctx };
	struct err e;
	int ret;

	ret = chosen_init(&d.chosen, argc, &e);
	if (ret) {
		ret = verbs_refused(ctx, &e);
	} else {
		ret = parse(&d, argc, argv, &e);
		ret = ret ? verbs_usage(ctx, "%s", e.text) : run(&d);
	}
	chosen_clear(&d.chosen);
	return ret;
}
