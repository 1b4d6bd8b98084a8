// SPDX-License-Identifier: GPL-2.0
/* "label" and "annotate": the same on two maps of an object's metadata. */
#include "chosen.h"
#include "client.h"
#include "field.h"
#include "getter.h"
#include "refusal.h"
#include "report.h"
#include "verbs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define OPTIONS_HELP \
	"  --overwrite             also where there is another value\n" \
	"  -n, --namespace NAME    where (default: default)\n" \
	"  -A, --all-namespaces    everywhere, with --all or -l\n" \
	"  -f, --filename FILE     the objects that a manifest names; -R: with its folders\n" \
	"  -l, --selector SEL      those with these labels; --all: all of the type\n" \
	"  -o, --output FORMAT     name, json or yaml\n" \
	"  --dry-run=server        svcd checks, and changes nothing\n"

const char verb_label_usage[] =
	"usage: svcctl label TYPE NAME ... KEY=VALUE ... KEY- ... [OPTIONS]\n"
	"       svcctl label TYPE/NAME ... KEY=VALUE ... KEY- ... [OPTIONS]\n"
	"       svcctl label TYPE --all | -l SELECTOR KEY=VALUE ... KEY- ... [OPTIONS]\n"
	"       svcctl label -f FILE KEY=VALUE ... KEY- ... [OPTIONS]\n"
	"\n"
	"Set labels of objects; KEY- takes one away.\n"
	"\n"
	OPTIONS_HELP
	"\n"
	"Example: svcctl label service web tier=front\n";

const char verb_annotate_usage[] =
	"usage: svcctl annotate TYPE NAME ... KEY=VALUE ... KEY- ... [OPTIONS]\n"
	"       svcctl annotate TYPE/NAME ... KEY=VALUE ... KEY- ... [OPTIONS]\n"
	"       svcctl annotate TYPE --all | -l SELECTOR KEY=VALUE ... KEY- ... [OPTIONS]\n"
	"       svcctl annotate -f FILE KEY=VALUE ... KEY- ... [OPTIONS]\n"
	"\n"
	"Set annotations of objects; KEY- takes one away.\n"
	"\n"
	OPTIONS_HELP
	"\n"
	"Example: svcctl annotate service web note='asked for by the shop' --overwrite\n";

/* The words of the two verbs are kubectl's. */
struct kind {
	const char *verb, *map;
	const char *done, *undone, *idle;
	const char *refusal;		/* of key and present value */
	bool tells_absent;		/* what was to be taken away and is not there */
};

static const struct kind label = {
	"label", "labels", "labeled", "unlabeled", "not labeled",
	"'%s' already has a value (%s), and --overwrite is false", true,
};

static const struct kind annotate = {
	"annotate", "annotations", "annotated", "annotated", "annotated",
	"--overwrite is false but found the following declared annotation(s): '%s' already has a "
	"value (%s)", false,
};

struct marking {
	struct ctx *ctx;
	const struct kind *kind;
	struct client client;
	struct chosen chosen;
	struct report report;
	json_t *marks;			/* key to value, or to null: it goes */
	size_t set;			/* how many are not null */
	bool all, overwrite, failed;
};

enum { OPT_ALL = CHOSEN_OPT_LAST, OPT_OVERWRITE, OPT_OUTPUT, OPT_DRY_RUN };

static const struct args_option options[] = {
	CHOSEN_OPTIONS,
	{ "all-namespaces", 'A', ARGS_FLAG, CHOSEN_OPT_ALL_NAMESPACES },
	{ "all", 0, ARGS_OPTIONAL, OPT_ALL },
	{ "overwrite", 0, ARGS_OPTIONAL, OPT_OVERWRITE },
	{ "output", 'o', ARGS_VALUE, OPT_OUTPUT },
	{ "dry-run", 0, ARGS_VALUE, OPT_DRY_RUN },
	{ 0 },
};

/* "key=value" and "key-" are marks; types and names are neither. */
static int add_word(struct marking *m, const char *word, struct err *e)
{
	const char *equals = strchr(word, '=');
	size_t len = strlen(word);
	int ret;

	if (equals && equals != word) {
		ret = json_object_setn_new(m->marks, word, (size_t)(equals - word),
					   json_string(equals + 1));
		m->set++;
	} else if (len > 1 && word[len - 1] == '-') {
		ret = json_object_setn_new(m->marks, word, len - 1, json_null());
	} else if (json_object_size(m->marks)) {
		return err_set(e, EINVAL, "'%s' is neither KEY=VALUE nor KEY-", word);
	} else {
		return chosen_option(&m->chosen, ARGS_WORD, word, e);
	}
	return ret ? err_set(e, EINVAL, "'%s' is no UTF-8 text", word) : 0;
}

static int set_option(struct marking *m, const struct args *a, int id, const char *value,
		      struct err *e)
{
	switch (id) {
	case ARGS_WORD:
		return add_word(m, value, e);
	case OPT_ALL:
		return args_bool(a, value, &m->all, e);
	case OPT_OVERWRITE:
		return args_bool(a, value, &m->overwrite, e);
	case OPT_OUTPUT:
		return report_parse_output(value, &m->report, e);
	case OPT_DRY_RUN:
		return dry_run_parse(value, &m->report.dry, e);
	default:
		return chosen_option(&m->chosen, id, value, e);
	}
}

static int parse(struct marking *m, int argc, char **argv, struct err *e)
{
	const struct chosen *c = &m->chosen;
	const char *value;
	struct args args;
	int id, ret;

	args_init(&args, options, argc, argv);
	while ((id = args_next(&args, &value, e)) != ARGS_END) {
		ret = id < 0 ? id : set_option(m, &args, id, value, e);
		if (ret)
			return ret;
	}
	if (!json_object_size(m->marks))
		return err_set(e, EINVAL, "at least one KEY=VALUE or KEY- is needed");
	ret = chosen_check(c, e);
	if (!ret && !c->nfiles && !chosen_is_named(c) && !m->all && !c->scope.labels)
		ret = err_set(e, EINVAL, "resource(s) were provided, but no name was specified "
			      "(all of them: --all)");
	return ret;
}

/* May all marks be set? If not, the user is told. */
static bool may_set(struct marking *m, const json_t *have)
{
	const char *key, *old, *new;
	json_t *value;

	if (m->overwrite)
		return true;
	json_object_foreach(m->marks, key, value) {
		old = json_string_value(json_object_get(have, key));
		new = json_string_value(value);
		if (!old || !new || !strcmp(old, new))
			continue;
		fputs("error: ", m->ctx->err);
		fprintf(m->ctx->err, m->kind->refusal, key, old);
		fputc('\n', m->ctx->err);
		return false;
	}
	return true;
}

static void tell_absent(const struct marking *m, const json_t *have)
{
	const char *key;
	json_t *value;

	if (!m->kind->tells_absent)
		return;
	json_object_foreach(m->marks, key, value)
		if (json_is_null(value) && !json_object_get(have, key))
			fprintf(m->ctx->err, "%s \"%s\" not found.\n", m->kind->verb, key);
}

static const char *outcome(const struct marking *m, const json_t *before, const json_t *after)
{
	/* No map at all is an empty one. */
	if (json_equal(before, after) || (!json_object_size(before) && !json_object_size(after)))
		return m->kind->idle;
	return m->set ? m->kind->done : m->kind->undone;
}

/* Shown as it would be. */
static int show(struct marking *m, const struct resource *res, const json_t *object,
		const json_t *have, struct err *e)
{
	json_t *copy = json_deep_copy(object), *map = have ? json_copy((json_t *)have) :
							      json_object(), *value;
	const char *key;
	int ret;

	json_object_foreach(m->marks, key, value) {
		if (json_is_null(value))
			json_object_del(map, key);
		else
			json_object_set(map, key, value);
	}
	json_object_set(json_object_get(copy, "metadata"), m->kind->map, map);
	ret = report_object(&m->report, res, copy, outcome(m, have, map), e);
	json_decref(map);
	json_decref(copy);
	return ret;
}

static int send(struct marking *m, const struct resource *res, const json_t *object,
		const json_t *have, struct err *e)
{
	const char *ns = field_string(object, "metadata.namespace");
	char *path = resource_path(res, *ns ? ns : NULL, field_string(object, "metadata.name"),
				   NULL);
	json_t *patch = json_pack("{s:{s:O}}", "metadata", m->kind->map, m->marks);
	struct client_reply reply;
	int ret = -ENOMEM;

	if (path && patch && (!m->report.dry || !client_add_query(&path, "dryRun", "All")))
		ret = client_patch(&m->client, path, CLIENT_MERGE_PATCH, patch, &reply, e);
	else
		err_set(e, ENOMEM, "out of memory");
	free(path);
	json_decref(patch);
	if (ret)
		return ret;
	if (client_failed(&reply)) {
		refusal_print(m->ctx->err, reply.body, NULL, NULL);
		m->failed = true;
	} else {
		const json_t *meta = json_object_get(reply.body, "metadata");

		ret = report_object(&m->report, res, reply.body,
				    outcome(m, have, json_object_get(meta, m->kind->map)), e);
	}
	client_reply_clear(&reply);
	return ret;
}

static int mark(struct marking *m, const struct resource *res, const json_t *object,
		struct err *e)
{
	const json_t *have = json_object_get(json_object_get(object, "metadata"), m->kind->map);

	if (!may_set(m, have)) {
		m->failed = true;
		return 0;
	}
	tell_absent(m, have);
	return m->report.dry == DRY_RUN_CLIENT ? show(m, res, object, have, e) :
						 send(m, res, object, have, e);
}

static int mark_target(struct marking *m, const struct selection_target *t, struct err *e)
{
	struct getter_result r;
	json_t *item;
	size_t i;
	int ret;

	ret = getter_fetch(&m->client, &m->chosen.scope, t, &r, e);
	if (ret)
		return ret;
	json_array_foreach(r.items, i, item)
		if (!ret)
			ret = mark(m, t->res, item, e);
	fflush(m->ctx->out);
	json_array_foreach(r.refusals, i, item) {
		refusal_print(m->ctx->err, item, NULL, NULL);
		m->failed = true;
	}
	if (!json_array_size(r.items) && !json_array_size(r.refusals))
		getter_print_none(m->ctx->err, &m->chosen.scope, t->res);
	getter_clear(&r);
	return ret;
}

static int run(struct marking *m)
{
	struct err e;
	size_t i;
	int ret;

	if (chosen_find(&m->chosen, m->ctx))
		return VERB_REFUSED;
	ret = client_open(&m->client, m->ctx, &e);
	for (i = 0; i < m->chosen.selection.n && !ret; i++)
		ret = mark_target(m, &m->chosen.selection.v[i], &e);
	client_close(&m->client);
	if (ret)
		return verbs_refused(m->ctx, &e);
	return m->failed ? VERB_REFUSED : VERB_OK;
}

static int parse_and_run(struct ctx *ctx, const struct kind *kind, int argc, char **argv)
{
	struct marking m = { .ctx = ctx, .kind = kind, .marks = json_object() };
	struct err e;
	int ret;

	m.report.out = ctx->out;
	ret = chosen_init(&m.chosen, argc, &e);
	if (!m.marks)
		ret = err_set(&e, ENOMEM, "out of memory");
	if (ret) {
		ret = verbs_refused(ctx, &e);
	} else {
		ret = parse(&m, argc, argv, &e);
		ret = ret ? verbs_usage(ctx, "%s", e.text) : run(&m);
	}
	json_decref(m.marks);
	chosen_clear(&m.chosen);
	return ret;
}

int verb_label(struct ctx *ctx, int argc, char **argv)
{
	return parse_and_run(ctx, &label, argc, argv);
}

int verb_annotate(struct ctx *ctx, int argc, char **argv)
{
	return parse_and_run(ctx, &annotate, argc, argv);
}
