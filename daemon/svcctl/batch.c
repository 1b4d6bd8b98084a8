// SPDX-License-Identifier: GPL-2.0
#include "batch.h"
#include "field.h"
#include "refusal.h"
#include "selection.h"
#include "verbs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct args_option options[] = {
	BATCH_OPTIONS,
	{ 0 },
};

static int set_validation(struct batch *b, const char *word, struct err *e)
{
	static const struct { const char *word, *validation; } words[] = {
		{ "strict", "Strict" }, { "true", "Strict" }, { "warn", "Warn" },
		{ "ignore", "Ignore" }, { "false", "Ignore" },
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!word || !strcmp(word, words[i].word)) {
			b->validation = words[i].validation;
			return 0;
		}
	return err_set(e, EINVAL, "--validate=%s: must be strict (or true), warn or ignore (or "
		       "false)", word);
}

static int set_option(struct batch *b, int id, const char *value, struct err *e)
{
	switch (id) {
	case BATCH_OPT_FILE:
		b->files[b->nfiles++] = value;
		return 0;
	case BATCH_OPT_RECURSIVE:
		b->recursive = true;
		return 0;
	case BATCH_OPT_NAMESPACE:
		b->ns = value;
		return selection_check_name("namespace", value, e);
	case BATCH_OPT_OUTPUT:
		return report_parse_output(value, &b->report, e);
	case BATCH_OPT_DRY_RUN:
		return dry_run_parse(value, &b->report.dry, e);
	case BATCH_OPT_VALIDATE:
		return set_validation(b, value, e);
	default:
		return err_set(e, EINVAL, "unexpected argument '%s'", value);
	}
}

static int parse(struct batch *b, int argc, char **argv, struct err *e)
{
	const char *value;
	struct args args;
	int id, ret;

	args_init(&args, options, argc, argv);
	while ((id = args_next(&args, &value, e)) != ARGS_END) {
		ret = id < 0 ? id : set_option(b, id, value, e);
		if (ret)
			return ret;
	}
	if (!b->nfiles)
		return err_set(e, EINVAL, "-f FILE is missing");
	return 0;
}

static struct scope object_scope(const struct batch *b, const struct manifest_object *o)
{
	return (struct scope){ .ns = *o->ns ? o->ns : b->ns };
}

const char *batch_ns(const struct batch *b, const struct manifest_object *o)
{
	struct scope scope = object_scope(b, o);

	return scope_ns(&scope, o->res);
}

char *batch_path(const struct batch *b, const struct manifest_object *o, bool named, bool dry)
{
	struct scope scope = object_scope(b, o);
	char *path = scope_path(&scope, o->res, named ? o->name : NULL);

	if (!path)
		return NULL;
	if (client_add_query(&path, "fieldValidation", b->validation) ||
	    (dry && client_add_query(&path, "dryRun", "All"))) {
		free(path);
		return NULL;
	}
	return path;
}

static int take(const struct client_reply *reply, const char *done, struct batch_answer *out)
{
	out->refused = client_failed(reply);
	out->done = out->refused ? NULL : done;
	out->body = reply->body;
	return 0;
}

int batch_ask(struct batch *b, const char *method, const char *path, const json_t *body,
	      const char *done, struct batch_answer *out, struct err *e)
{
	struct client_reply reply;
	int ret = client_do(&b->client, method, path, body, &reply, e);

	return ret ? ret : take(&reply, done, out);
}

int batch_patch(struct batch *b, const char *path, const json_t *patch, const char *done,
		struct batch_answer *out, struct err *e)
{
	struct client_reply reply;
	int ret = client_patch(&b->client, path, CLIENT_MERGE_PATCH, patch, &reply, e);

	return ret ? ret : take(&reply, done, out);
}

static void refused(const struct batch *b, const struct manifest_object *o, const json_t *status)
{
	/* What was done stands before what was not, also where both go to one place. */
	fflush(b->ctx->out);
	refusal_print(b->ctx->err, status, b->verb->doing, o->file);
	refusal_print_places(b->ctx->err, status, o);
}

/* A namespace that is missing now, but that these manifests make. */
static bool comes_with_it(const struct batch *b, const json_t *status)
{
	const char *ns = field_string(status, "details.name");
	size_t i;

	if (!refusal_is(status, "NotFound") ||
	    strcmp(field_string(status, "details.kind"), "namespaces"))
		return false;
	for (i = 0; i < b->manifest.n; i++)
		if (!strcmp(b->manifest.v[i].kind, "Namespace") &&
		    !strcmp(b->manifest.v[i].name, ns))
			return true;
	return false;
}

static bool is_tolerated(const struct batch *b, const json_t *status)
{
	return b->verb->tolerated && refusal_is(status, b->verb->tolerated);
}

/*
 * Only with those that are going to be created: what exists already takes
 * nothing more. That one name stands twice is wrong where it is refused.
 */
static int check_sisters(struct batch *b, const struct manifest_object *o, struct err *e)
{
	json_t *status;
	int ret;

	ret = manifest_conflict_add(&b->conflict, o, batch_ns(b, o), &status, e);
	if (ret > 0 && refusal_is(status, "AlreadyExists") && !is_tolerated(b, status))
		ret = 0;
	if (ret > 0)
		refused(b, o, status);
	json_decref(status);
	return ret;
}

/* 1: it cannot go on as it stands, and the user was told. */
static int judge(struct batch *b, const struct manifest_object *o,
		 const struct batch_answer *answer, struct err *e)
{
	bool comes = answer->refused && comes_with_it(b, answer->body);

	if (comes || (!answer->refused && !strcmp(answer->done, "created")))
		return check_sisters(b, o, e);
	/* One that exists already is no reason to leave the others out. */
	if (!answer->refused || is_tolerated(b, answer->body))
		return 0;
	refused(b, o, answer->body);
	return 1;
}

static int check_object(struct batch *b, const struct manifest_object *o, struct err *e)
{
	struct batch_answer answer = { NULL, false, NULL };
	int ret;

	if (refusal_of_kind(b->ctx->err, o) || refusal_of_namespace(b->ctx->err, o, b->ns) ||
	    (b->verb->named && refusal_of_name(b->ctx->err, o)))
		return 1;
	if (b->report.dry == DRY_RUN_CLIENT)
		return 0;
	b->checking = true;
	ret = b->verb->send(b, o, true, &answer, e);
	b->checking = false;
	if (!ret)
		ret = judge(b, o, &answer, e);
	json_decref(answer.body);
	return ret;
}

/* 1: refused after all, by what happened since the check. */
static int send_object(struct batch *b, const struct manifest_object *o, struct err *e)
{
	struct batch_answer answer = { NULL, false, NULL };
	int ret;

	ret = b->verb->send(b, o, b->report.dry != DRY_RUN_NONE, &answer, e);
	if (!ret && answer.refused) {
		refused(b, o, answer.body);
		ret = 1;
	} else if (!ret) {
		ret = report_object(&b->report, o->res, answer.body, answer.done, e);
	}
	json_decref(answer.body);
	return ret;
}

static int for_all(struct batch *b,
		   int (*fn)(struct batch *, const struct manifest_object *, struct err *),
		   struct err *e)
{
	bool bad = false;
	size_t i;
	int ret;

	for (i = 0; i < b->manifest.n; i++) {
		ret = fn(b, &b->manifest.v[i], e);
		if (ret < 0)
			return ret;
		bad |= ret;
	}
	return bad;
}

static int run(struct batch *b)
{
	struct err e;
	int ret;

	if (manifest_load(&b->manifest, b->files, b->nfiles, b->recursive, b->ctx->in, &e)) {
		fprintf(b->ctx->err, "error: %s\n", e.text);
		return VERB_REFUSED;
	}
	ret = client_open(&b->client, b->ctx, &e);
	if (!ret)
		ret = for_all(b, check_object, &e);
	if (!ret)
		ret = for_all(b, send_object, &e);
	if (ret < 0)
		verbs_refused(b->ctx, &e);
	client_close(&b->client);
	manifest_conflict_clear(&b->conflict);
	manifest_clear(&b->manifest);
	return ret ? VERB_REFUSED : VERB_OK;
}

int batch_run(struct ctx *ctx, const struct batch_verb *verb, int argc, char **argv)
{
	struct batch b = { .ctx = ctx, .verb = verb, .validation = "Strict" };
	struct err e;
	int ret;

	b.report.out = ctx->out;
	b.files = calloc((size_t)argc + 1, sizeof(*b.files));
	if (!b.files) {
		err_set(&e, ENOMEM, "out of memory");
		return verbs_refused(ctx, &e);
	}
	ret = parse(&b, argc, argv, &e);
	ret = ret ? verbs_usage(ctx, "%s", e.text) : run(&b);
	free(b.files);
	return ret;
}
