// SPDX-License-Identifier: GPL-2.0
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

const char verb_patch_usage[] =
	"usage: svcctl patch TYPE NAME ... -p PATCH [OPTIONS]\n"
	"       svcctl patch TYPE/NAME ... -p PATCH [OPTIONS]\n"
	"       svcctl patch -f FILE -p PATCH [OPTIONS]\n"
	"\n"
	"Change fields of objects. PATCH is JSON or YAML.\n"
	"\n"
	"  -p, --patch PATCH       what to change, such as '{\"spec\":{\"type\":\"NodePort\"}}'\n"
	"  --patch-file FILE       the same in a file, or - for standard input\n"
	"  --type TYPE             strategic (lists merge by their keys; the default), merge\n"
	"                          (lists are replaced, RFC 7396) or json (a list of changes,\n"
	"                          RFC 6902)\n"
	"  --subresource=status    the status, not the rest\n"
	"  -n, --namespace NAME    where (default: default)\n"
	"  -f, --filename FILE     the objects that a manifest names; -R: with its folders\n"
	"  -o, --output FORMAT     name, json or yaml\n"
	"  --dry-run=server        svcd checks, and changes nothing\n"
	"\n"
	"Example: svcctl patch service web -p '{\"spec\":{\"externalTrafficPolicy\":\"Local\"}}'\n";

struct patch {
	struct ctx *ctx;
	struct client client;
	struct chosen chosen;
	struct report report;
	const char *text, *file;
	const char *type;		/* the media type */
	const char *sub;
	json_t *value;
	bool failed;
};

enum { OPT_PATCH = CHOSEN_OPT_LAST, OPT_PATCH_FILE, OPT_TYPE, OPT_SUB, OPT_OUTPUT, OPT_DRY_RUN };

static const struct args_option options[] = {
	CHOSEN_OPTIONS,
	{ "patch", 'p', ARGS_VALUE, OPT_PATCH },
	{ "patch-file", 0, ARGS_VALUE, OPT_PATCH_FILE },
	{ "type", 0, ARGS_VALUE, OPT_TYPE },
	{ "subresource", 0, ARGS_VALUE, OPT_SUB },
	{ "output", 'o', ARGS_VALUE, OPT_OUTPUT },
	{ "dry-run", 0, ARGS_VALUE, OPT_DRY_RUN },
	{ 0 },
};

static int set_type(struct patch *p, const char *word, struct err *e)
{
	static const struct { const char *word, *type; } types[] = {
		{ "strategic", CLIENT_STRATEGIC_PATCH }, { "merge", CLIENT_MERGE_PATCH },
		{ "json", CLIENT_JSON_PATCH },
	};
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(word, types[i].word)) {
			p->type = types[i].type;
			return 0;
		}
	return err_set(e, EINVAL, "--type must be one of json, merge or strategic, not '%s'", word);
}

static int set_option(struct patch *p, int id, const char *value, struct err *e)
{
	switch (id) {
	case OPT_PATCH:
		p->text = value;
		return 0;
	case OPT_PATCH_FILE:
		p->file = value;
		return 0;
	case OPT_TYPE:
		return set_type(p, value, e);
	case OPT_SUB:
		p->sub = value;
		return strcmp(value, "status") ?
			err_set(e, EINVAL, "--subresource=%s: only status is possible", value) : 0;
	case OPT_OUTPUT:
		return report_parse_output(value, &p->report, e);
	case OPT_DRY_RUN:
		if (dry_run_parse(value, &p->report.dry, e))
			return -EINVAL;
		return p->report.dry == DRY_RUN_CLIENT ?
			err_set(e, EINVAL, "--dry-run=client: svcd makes the patched object; say "
				"server") : 0;
	default:
		return chosen_option(&p->chosen, id, value, e);
	}
}

static int parse(struct patch *p, int argc, char **argv, struct err *e)
{
	const char *value;
	struct args args;
	int id, ret;

	args_init(&args, options, argc, argv);
	while ((id = args_next(&args, &value, e)) != ARGS_END) {
		ret = id < 0 ? id : set_option(p, id, value, e);
		if (ret)
			return ret;
	}
	if (!p->text == !p->file)
		return err_set(e, EINVAL, "must specify --patch or --patch-file, one of them");
	if (!p->chosen.nfiles && !chosen_is_named(&p->chosen))
		return err_set(e, EINVAL, "which one? TYPE NAME or -f FILE");
	return chosen_check(&p->chosen, e);
}

/* YAML is more than JSON: that does for both. */
static int read_patch(struct patch *p, struct err *e)
{
	bool list = !strcmp(p->type, CLIENT_JSON_PATCH);
	struct yaml_docs docs;
	int ret;

	if (p->text)
		ret = yaml_read("--patch", p->text, strlen(p->text), &docs, e);
	else
		ret = manifest_read_yaml(p->file, p->ctx->in, &docs, e);
	if (ret)
		return ret;
	if (docs.n == 1)
		p->value = json_incref(docs.v[0].value);
	yaml_docs_clear(&docs);
	if (list ? json_is_array(p->value) : json_is_object(p->value))
		return 0;
	return err_set(e, EINVAL, "the patch must be one %s", list ? "list of changes" : "map");
}

static void refused(struct patch *p, const json_t *status)
{
	fflush(p->ctx->out);
	refusal_print(p->ctx->err, status, NULL, NULL);
	p->failed = true;
}

static int send(struct patch *p, const struct resource *res, const json_t *before, struct err *e)
{
	const char *ns = field_string(before, "metadata.namespace");
	char *path = resource_path(res, *ns ? ns : NULL, field_string(before, "metadata.name"),
				   p->sub);
	struct client_reply reply;
	int ret;

	if (!path || (p->report.dry && client_add_query(&path, "dryRun", "All"))) {
		free(path);
		return err_set(e, ENOMEM, "out of memory");
	}
	ret = client_patch(&p->client, path, p->type, p->value, &reply, e);
	free(path);
	if (ret)
		return ret;
	if (client_failed(&reply))
		refused(p, reply.body);
	else
		ret = report_object(&p->report, res, reply.body, json_equal(before, reply.body) ?
				    "patched (no change)" : "patched", e);
	client_reply_clear(&reply);
	return ret;
}

static int patch_target(struct patch *p, const struct selection_target *t, struct err *e)
{
	struct getter_result r;
	json_t *item;
	size_t i;
	int ret;

	ret = getter_fetch(&p->client, &p->chosen.scope, t, &r, e);
	if (ret)
		return ret;
	json_array_foreach(r.items, i, item)
		if (!ret)
			ret = send(p, t->res, item, e);
	json_array_foreach(r.refusals, i, item)
		refused(p, item);
	getter_clear(&r);
	return ret;
}

static int run(struct patch *p)
{
	struct err e;
	size_t i;
	int ret;

	if (read_patch(p, &e)) {
		fprintf(p->ctx->err, "error: %s\n", e.text);
		return VERB_REFUSED;
	}
	if (chosen_find(&p->chosen, p->ctx))
		return VERB_REFUSED;
	ret = client_open(&p->client, p->ctx, &e);
	for (i = 0; i < p->chosen.selection.n && !ret; i++)
		ret = patch_target(p, &p->chosen.selection.v[i], &e);
	client_close(&p->client);
	if (ret)
		return verbs_refused(p->ctx, &e);
	return p->failed ? VERB_REFUSED : VERB_OK;
}

int verb_patch(struct ctx *ctx, int argc, char **argv)
{
	struct patch p = { .ctx = ctx, .type = CLIENT_STRATEGIC_PATCH };
	struct err e;
	int ret;

	p.report.out = ctx->out;
	ret = chosen_init(&p.chosen, argc, &e);
	if (ret) {
		ret = verbs_refused(ctx, &e);
	} else {
		ret = parse(&p, argc, argv, &e);
		ret = ret ? verbs_usage(ctx, "%s", e.text) : run(&p);
	}
	json_decref(p.value);
	chosen_clear(&p.chosen);
	return ret;
}
