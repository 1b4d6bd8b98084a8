// SPDX-License-Identifier: GPL-2.0
#include "args.h"
#include "client.h"
#include "field.h"
#include "manifest.h"
#include "manifest_conflict.h"
#include "output.h"
#include "refusal.h"
#include "selection.h"
#include "verbs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char verb_create_usage[] =
	"usage: svcctl create -f FILE [-f ...] [-n NAMESPACE] [-o name|json|yaml]\n"
	"                     [--dry-run=server]\n"
	"\n"
	"Create the objects of manifests. All files are read, and all objects checked by\n"
	"svcd and against each other, before the first one is created: an invalid one\n"
	"anywhere creates nothing.\n"
	"\n"
	"  -f, --filename FILE     YAML or JSON, one document or many; a folder stands for\n"
	"                          its *.yaml, *.yml and *.json; - is standard input\n"
	"  -n, --namespace NAME    for objects that do not say theirs (default: default)\n"
	"  -o, --output FORMAT     name, json or yaml instead of \"service/web created\"\n"
	"  --dry-run=server        check only\n";

struct create {
	struct ctx *ctx;
	struct client client;
	struct manifest manifest;
	struct manifest_conflict conflict;
	struct scope scope;
	const char **files;
	size_t nfiles;
	enum output_format format;
	bool dry_run;
	size_t printed;
};

enum { OPT_FILE = ARGS_WORD + 1, OPT_NAMESPACE, OPT_OUTPUT, OPT_DRY_RUN };

static const struct args_option options[] = {
	{ "filename", 'f', true, OPT_FILE },
	{ "namespace", 'n', true, OPT_NAMESPACE },
	{ "output", 'o', true, OPT_OUTPUT },
	{ "dry-run", 0, true, OPT_DRY_RUN },
	{ 0 },
};

static int set_option(struct create *c, int id, const char *value, struct err *e)
{
	switch (id) {
	case OPT_FILE:
		c->files[c->nfiles++] = value;
		return 0;
	case OPT_NAMESPACE:
		c->scope.ns = value;
		return selection_check_name("namespace", value, e);
	case OPT_OUTPUT:
		return output_parse(value, 1 << OUTPUT_NAME | 1 << OUTPUT_JSON | 1 << OUTPUT_YAML,
				    &c->format, e);
	case OPT_DRY_RUN:
		c->dry_run = true;
		return strcmp(value, "server") ?
			err_set(e, EINVAL, "--dry-run=%s: only \"server\" is possible", value) : 0;
	default:
		return err_set(e, EINVAL, "unexpected argument '%s' (see: svcctl help create)",
			       value);
	}
}

static int parse(struct create *c, int argc, char **argv, struct err *e)
{
	const char *value;
	struct args args;
	int id, ret;

	args_init(&args, options, argc, argv);
	while ((id = args_next(&args, &value, e)) != ARGS_END) {
		ret = id < 0 ? id : set_option(c, id, value, e);
		if (ret)
			return ret;
	}
	if (!c->nfiles)
		return err_set(e, EINVAL, "-f FILE is missing (see: svcctl help create)");
	return 0;
}

static struct scope object_scope(const struct create *c, const struct manifest_object *o)
{
	return (struct scope){ .ns = *o->ns ? o->ns : c->scope.ns };
}

static char *object_path(const struct create *c, const struct manifest_object *o, bool dry)
{
	struct scope scope = object_scope(c, o);
	char *path = scope_path(&scope, o->res, NULL);

	if (!path)
		return NULL;
	if (client_add_query(&path, "fieldValidation", "Strict") ||
	    (dry && client_add_query(&path, "dryRun", "All"))) {
		free(path);
		return NULL;
	}
	return path;
}

static int post(struct create *c, const struct manifest_object *o, bool dry,
		struct client_reply *reply, struct err *e)
{
	char *path = object_path(c, o, dry);
	int ret;

	if (!path)
		return err_set(e, ENOMEM, "out of memory");
	ret = client_do(&c->client, "POST", path, o->value, reply, e);
	free(path);
	return ret;
}

static void refused(const struct create *c, const struct manifest_object *o,
		    const json_t *status)
{
	refusal_print(c->ctx->err, status, "creating", o->file);
	refusal_print_places(c->ctx->err, status, o);
}

/* A namespace that is missing now, but that these manifests make. */
static bool comes_with_it(const struct create *c, const struct client_reply *reply)
{
	const char *ns = field_string(reply->body, "details.name");
	size_t i;

	if (!refusal_is(reply->body, "NotFound") ||
	    strcmp(field_string(reply->body, "details.kind"), "namespaces"))
		return false;
	for (i = 0; i < c->manifest.n; i++)
		if (!strcmp(c->manifest.v[i].kind, "Namespace") &&
		    !strcmp(c->manifest.v[i].name, ns))
			return true;
	return false;
}

/* Only with those that are going to be created: what exists already takes nothing more. */
static int check_sisters(struct create *c, const struct manifest_object *o, struct err *e)
{
	struct scope scope = object_scope(c, o);
	json_t *status;
	int ret;

	ret = manifest_conflict_add(&c->conflict, o, scope_ns(&scope, o->res), &status, e);
	if (ret > 0)
		refused(c, o, status);
	json_decref(status);
	return ret;
}

/* 1: it cannot be created as it stands, and the user was told. */
static int check_object(struct create *c, const struct manifest_object *o, struct err *e)
{
	struct client_reply reply;
	int ret;

	if (refusal_of_kind(c->ctx->err, o) ||
	    refusal_of_namespace(c->ctx->err, o, c->scope.ns))
		return 1;
	ret = post(c, o, true, &reply, e);
	if (ret)
		return ret;
	/* One that exists already is no reason to leave the others out. */
	if (!client_failed(&reply) || comes_with_it(c, &reply)) {
		ret = check_sisters(c, o, e);
	} else if (!refusal_is(reply.body, "AlreadyExists")) {
		refused(c, o, reply.body);
		ret = 1;
	}
	client_reply_clear(&reply);
	return ret;
}

static int check_all(struct create *c, struct err *e)
{
	bool bad = false;
	size_t i;
	int ret;

	for (i = 0; i < c->manifest.n; i++) {
		ret = check_object(c, &c->manifest.v[i], e);
		if (ret < 0)
			return ret;
		bad |= ret;
	}
	return bad;
}

static int print_created(struct create *c, const struct manifest_object *o, const json_t *object,
			 struct err *e)
{
	FILE *out = c->ctx->out;

	if (c->format == OUTPUT_JSON || c->format == OUTPUT_YAML)
		return output_next(out, c->format, object, &c->printed) ?
			err_set(e, EIO, "cannot print the object") : 0;
	output_name(out, o->res, field_string(object, "metadata.name"));
	if (c->format != OUTPUT_NAME)
		fputs(c->dry_run ? " created (server dry run)" : " created", out);
	fputc('\n', out);
	return 0;
}

/* 1: refused after all, by what happened since the check. */
static int create_object(struct create *c, const struct manifest_object *o, struct err *e)
{
	struct client_reply reply;
	int ret;

	ret = post(c, o, c->dry_run, &reply, e);
	if (ret)
		return ret;
	if (client_failed(&reply)) {
		refused(c, o, reply.body);
		ret = 1;
	} else {
		ret = print_created(c, o, reply.body, e);
	}
	client_reply_clear(&reply);
	return ret;
}

static int create_all(struct create *c, struct err *e)
{
	bool bad = false;
	size_t i;
	int ret;

	for (i = 0; i < c->manifest.n; i++) {
		ret = create_object(c, &c->manifest.v[i], e);
		if (ret < 0)
			return ret;
		bad |= ret;
	}
	return bad;
}

static int run(struct create *c)
{
	struct err e;
	int ret;

	if (manifest_load(&c->manifest, (char **)c->files, c->nfiles, c->ctx->in, &e)) {
		fprintf(c->ctx->err, "error: %s\n", e.text);
		return VERB_REFUSED;
	}
	ret = client_open(&c->client, c->ctx, &e);
	if (!ret)
		ret = check_all(c, &e);
	if (!ret)
		ret = create_all(c, &e);
	if (ret < 0)
		verbs_refused(c->ctx, &e);
	client_close(&c->client);
	manifest_conflict_clear(&c->conflict);
	manifest_clear(&c->manifest);
	return ret ? VERB_REFUSED : VERB_OK;
}

int verb_create(struct ctx *ctx, int argc, char **argv)
{
	struct create c = { .ctx = ctx };
	struct err e;
	int ret;

	c.files = calloc((size_t)argc + 1, sizeof(*c.files));
	if (!c.files) {
		err_set(&e, ENOMEM, "out of memory");
		return verbs_refused(ctx, &e);
	}
	ret = parse(&c, argc, argv, &e);
	ret = ret ? verbs_usage(ctx, "%s", e.text) : run(&c);
	free(c.files);
	return ret;
}
