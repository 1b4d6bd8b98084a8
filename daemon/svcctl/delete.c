// SPDX-License-Identifier: GPL-2.0
#include "args.h"
#include "client.h"
#include "field.h"
#include "manifest.h"
#include "output.h"
#include "refusal.h"
#include "selection.h"
#include "verbs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char verb_delete_usage[] =
	"usage: svcctl delete -f FILE [-f ...] [OPTIONS]\n"
	"       svcctl delete TYPE NAME ... | TYPE/NAME ... [OPTIONS]\n"
	"       svcctl delete TYPE --all | -l SELECTOR [OPTIONS]\n"
	"\n"
	"Delete objects. The addresses and ports of a service are free at once, and its\n"
	"endpoints go with it.\n"
	"\n"
	"  -f, --filename FILE     the objects of a manifest: a file, a folder or -\n"
	"  -n, --namespace NAME    where (default: default, or what the manifest says)\n"
	"  --all                   all objects of the type in the namespace\n"
	"  -l, --selector SEL      those with these labels\n"
	"  --ignore-not-found      what is not there is no error\n"
	"  -o, --output name       print \"service/web\"\n";

struct delete {
	struct ctx *ctx;
	struct client client;
	struct scope scope;
	const char **files, **words;
	size_t nfiles, nwords;
	enum output_format format;
	bool all, ignore_not_found;
	bool failed;
	json_t *services;	/* a set, "namespace/name": those that were deleted */
};

enum { OPT_FILE = ARGS_WORD + 1, OPT_NAMESPACE, OPT_ALL, OPT_LABELS, OPT_IGNORE, OPT_OUTPUT };

static const struct args_option options[] = {
	{ "filename", 'f', true, OPT_FILE },
	{ "namespace", 'n', true, OPT_NAMESPACE },
	{ "all", 0, false, OPT_ALL },
	{ "selector", 'l', true, OPT_LABELS },
	{ "ignore-not-found", 0, false, OPT_IGNORE },
	{ "output", 'o', true, OPT_OUTPUT },
	{ 0 },
};

static int set_option(struct delete *d, int id, const char *value, struct err *e)
{
	switch (id) {
	case OPT_FILE:
		d->files[d->nfiles++] = value;
		return 0;
	case OPT_NAMESPACE:
		d->scope.ns = value;
		return selection_check_name("namespace", value, e);
	case OPT_ALL:
		d->all = true;
		return 0;
	case OPT_LABELS:
		d->scope.labels = value;
		return 0;
	case OPT_IGNORE:
		d->ignore_not_found = true;
		return 0;
	case OPT_OUTPUT:
		return output_parse(value, 1 << OUTPUT_NAME, &d->format, e);
	default:
		d->words[d->nwords++] = value;
		return 0;
	}
}

/* Exactly one way to say what: a slip must not delete more than was meant. */
static int check_ways(const struct delete *d, struct err *e)
{
	bool named = d->nwords > 1 || (d->nwords && strchr(d->words[0], '/'));

	if (d->nfiles && (d->nwords || d->all || d->scope.labels))
		return err_set(e, EINVAL, "-f says what to delete: leave out the type, --all and "
			       "-l");
	if (d->nfiles)
		return 0;
	if (!d->nwords)
		return err_set(e, EINVAL, "what to delete? -f FILE, TYPE NAME, or TYPE --all (see: "
			       "svcctl help delete)");
	if (named && (d->all || d->scope.labels))
		return err_set(e, EINVAL, "a name cannot be given beside --all or -l");
	if (d->all && d->scope.labels)
		return err_set(e, EINVAL, "--all and -l exclude each other");
	if (!named && !d->all && !d->scope.labels)
		return err_set(e, EINVAL, "resource(s) were provided, but no name was specified "
			       "(all of them: --all)");
	return 0;
}

static int parse(struct delete *d, int argc, char **argv, struct err *e)
{
	const char *value;
	struct args args;
	int id, ret;

	args_init(&args, options, argc, argv);
	while ((id = args_next(&args, &value, e)) != ARGS_END) {
		ret = id < 0 ? id : set_option(d, id, value, e);
		if (ret)
			return ret;
	}
	return check_ways(d, e);
}

static void print_deleted(const struct delete *d, const struct resource *res, const char *ns,
			  const char *name)
{
	if (d->format == OUTPUT_NAME) {
		output_name(d->ctx->out, res, name);
		fputc('\n', d->ctx->out);
		return;
	}
	fprintf(d->ctx->out, "%s \"%s\" deleted", res->singular, name);
	if (ns)
		fprintf(d->ctx->out, " from %s namespace", ns);
	fputc('\n', d->ctx->out);
}

static bool is_type(const struct resource *res, const char *plural)
{
	return !strcmp(res->plural, plural);
}

static int note_service(struct delete *d, const char *ns, const char *name, struct err *e)
{
	json_t *key = json_sprintf("%s/%s", ns, name);
	int ret;

	ret = json_object_set_new(d->services, json_string_value(key), json_true());
	json_decref(key);
	return ret ? err_set(e, ENOMEM, "out of memory") : 0;
}

/* Endpoints go with their Service: who names both must not be told that they were not there. */
static bool went_along(const struct delete *d, const struct resource *res, const char *ns,
		       const char *name)
{
	json_t *key;
	bool ret;

	if (!is_type(res, "endpoints"))
		return false;
	key = json_sprintf("%s/%s", ns, name);
	ret = json_object_get(d->services, json_string_value(key));
	json_decref(key);
	return ret;
}

static int deleted(struct delete *d, const struct resource *res, const char *ns,
		   const char *name, struct err *e)
{
	print_deleted(d, res, ns, name);
	return is_type(res, "services") ? note_service(d, ns, name, e) : 0;
}

/* file: where the object was named, or NULL. Negative: svcd cannot be asked any more. */
static int delete_one(struct delete *d, const struct resource *res, const char *ns,
		      const char *name, const char *file, struct err *e)
{
	char *path = resource_path(res, ns, name, NULL);
	struct client_reply reply;
	int ret;

	if (!path)
		return err_set(e, ENOMEM, "out of memory");
	ret = client_do(&d->client, "DELETE", path, NULL, &reply, e);
	free(path);
	if (ret)
		return ret;
	if (!client_failed(&reply)) {
		ret = deleted(d, res, ns, name, e);
	} else if (!refusal_is(reply.body, "NotFound") ||
		   !(d->ignore_not_found || went_along(d, res, ns, name))) {
		refusal_print(d->ctx->err, reply.body, file ? "deleting" : NULL, file);
		d->failed = true;
	}
	client_reply_clear(&reply);
	return ret;
}

static bool is_refused(const struct delete *d, const struct manifest_object *o)
{
	return refusal_of_kind(d->ctx->err, o) ||
	       refusal_of_namespace(d->ctx->err, o, d->scope.ns) ||
	       refusal_of_name(d->ctx->err, o);
}

static int check_manifest(const struct delete *d, const struct manifest *m)
{
	int ret = 0;
	size_t i;

	for (i = 0; i < m->n; i++)
		if (is_refused(d, &m->v[i]))
			ret = -EINVAL;
	return ret;
}

static int delete_manifest(struct delete *d, const struct manifest *m, struct err *e)
{
	size_t i;
	int ret;

	for (i = 0; i < m->n; i++) {
		const struct manifest_object *o = &m->v[i];
		const char *ns = *o->ns ? o->ns : scope_ns(&d->scope, o->res);

		ret = delete_one(d, o->res, o->res->namespaced ? ns : NULL, o->name, o->file, e);
		if (ret)
			return ret;
	}
	return 0;
}

static int delete_files(struct delete *d, struct err *e)
{
	struct manifest m;
	int ret;

	if (manifest_load(&m, d->files, d->nfiles, false, d->ctx->in, e)) {
		fprintf(d->ctx->err, "error: %s\n", e->text);
		d->failed = true;
		return 0;
	}
	ret = 0;
	if (check_manifest(d, &m))
		d->failed = true;
	else
		ret = delete_manifest(d, &m, e);
	manifest_clear(&m);
	return ret;
}

static int delete_items(struct delete *d, const struct resource *res, const json_t *list,
			struct err *e)
{
	json_t *item;
	size_t i;
	int ret;

	json_array_foreach(json_object_get(list, "items"), i, item) {
		ret = delete_one(d, res, scope_ns(&d->scope, res),
				 field_string(item, "metadata.name"), NULL, e);
		if (ret)
			return ret;
	}
	return 0;
}

static int delete_listed(struct delete *d, const struct resource *res, struct err *e)
{
	char *path = scope_path(&d->scope, res, NULL);
	struct client_reply reply;
	int ret;

	if (!path)
		return err_set(e, ENOMEM, "out of memory");
	ret = client_do(&d->client, "GET", path, NULL, &reply, e);
	free(path);
	if (ret)
		return ret;
	if (client_failed(&reply)) {
		refusal_print(d->ctx->err, reply.body, NULL, NULL);
		d->failed = true;
	} else {
		ret = delete_items(d, res, reply.body, e);
		if (!json_array_size(json_object_get(reply.body, "items")))
			fputs("No resources found\n", d->ctx->err);
	}
	client_reply_clear(&reply);
	return ret;
}

static int delete_target(struct delete *d, const struct selection_target *t, struct err *e)
{
	size_t i;
	int ret;

	if (!t->nnames)
		return delete_listed(d, t->res, e);
	for (i = 0; i < t->nnames; i++) {
		ret = delete_one(d, t->res, scope_ns(&d->scope, t->res), t->names[i], NULL, e);
		if (ret)
			return ret;
	}
	return 0;
}

static int delete_words(struct delete *d, struct err *e)
{
	struct selection s;
	size_t i;
	int ret = 0;

	if (selection_parse(&s, d->words, d->nwords, e)) {
		fprintf(d->ctx->err, "error: %s\n", e->text);
		d->failed = true;
		return 0;
	}
	for (i = 0; i < s.n && !ret; i++)
		ret = delete_target(d, &s.v[i], e);
	selection_clear(&s);
	return ret;
}

static int run(struct delete *d)
{
	struct err e;
	int ret;

	ret = client_open(&d->client, d->ctx, &e);
	if (!ret)
		ret = d->nfiles ? delete_files(d, &e) : delete_words(d, &e);
	client_close(&d->client);
	if (ret)
		return verbs_refused(d->ctx, &e);
	return d->failed ? VERB_REFUSED : VERB_OK;
}

int verb_delete(struct ctx *ctx, int argc, char **argv)
{
	struct delete d = { .ctx = ctx };
	struct err e;
	int ret;

	d.files = calloc((size_t)argc + 1, sizeof(*d.files));
	d.words = calloc((size_t)argc + 1, sizeof(*d.words));
	d.services = json_object();
	if (!d.files || !d.words || !d.services) {
		err_set(&e, ENOMEM, "out of memory");
		ret = verbs_refused(ctx, &e);
	} else {
		ret = parse(&d, argc, argv, &e);
		ret = ret ? verbs_usage(ctx, "%s", e.text) : run(&d);
	}
	free(d.files);
	free(d.words);
	json_decref(d.services);
	return ret;
}
