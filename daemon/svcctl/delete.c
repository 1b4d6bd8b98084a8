// SPDX-License-Identifier: GPL-2.0
#include "await.h"
#include "chosen.h"
#include "client.h"
#include "field.h"
#include "refusal.h"
#include "report.h"
#include "verbs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char verb_delete_usage[] =
	"usage: svcctl delete -f FILE [-f ...] [OPTIONS]\n"
	"       svcctl delete TYPE NAME ... | TYPE/NAME ... [OPTIONS]\n"
	"       svcctl delete TYPE --all | -l SELECTOR | --field-selector SELECTOR [OPTIONS]\n"
	"\n"
	"Delete objects. The addresses and ports of a service are free at once, and its\n"
	"endpoints go with it.\n"
	"\n"
	"  -f, --filename FILE     the objects of a manifest: a file, a folder or -\n"
	"  -R, --recursive         the folders in it, too\n"
	"  -n, --namespace NAME    where (default: default, or what the manifest says)\n"
	"  -A, --all-namespaces    everywhere, with --all or a selector\n"
	"  --all                   all objects of the type in the namespace\n"
	"  -l, --selector SEL      those with these labels\n"
	"  --field-selector SEL    those with these fields: metadata.name=web\n"
	"  --ignore-not-found      what is not there is no error\n"
	"  --grace-period SECONDS  how long a pod may take to end; --now: one second; --force:\n"
	"                          none at all\n"
	"  --wait=false            do not wait until what takes its time is gone\n"
	"  --timeout DURATION      wait at most so long, such as 90s (default: for ever)\n"
	"  -o, --output name       print \"service/web\"\n"
	"  --dry-run=server        svcd checks, and deletes nothing; client: not even that\n"
	"\n"
	"Example: svcctl delete service web\n";

struct delete {
	struct ctx *ctx;
	struct client client;
	struct chosen chosen;
	struct report report;
	bool all, ignore_not_found;
	long grace;		/* seconds; -1: as the object has it */
	bool force, now, wait;
	long timeout;
	bool failed;
	size_t found;		/* of those that were not named */
	json_t *services;	/* a set, "namespace/name": those that were deleted */
	json_t *leaving;	/* array of those that take their time, by version, kind, uid ... */
};

enum {
	OPT_ALL = CHOSEN_OPT_LAST, OPT_IGNORE, OPT_OUTPUT, OPT_DRY_RUN, OPT_GRACE, OPT_NOW,
	OPT_FORCE, OPT_WAIT, OPT_TIMEOUT,
};

static const struct args_option options[] = {
	CHOSEN_OPTIONS,
	{ "all-namespaces", 'A', ARGS_FLAG, CHOSEN_OPT_ALL_NAMESPACES },
	{ "field-selector", 0, ARGS_VALUE, CHOSEN_OPT_FIELDS },
	{ "all", 0, ARGS_OPTIONAL, OPT_ALL },
	{ "ignore-not-found", 0, ARGS_OPTIONAL, OPT_IGNORE },
	{ "output", 'o', ARGS_VALUE, OPT_OUTPUT },
	{ "dry-run", 0, ARGS_VALUE, OPT_DRY_RUN },
	{ "grace-period", 0, ARGS_VALUE, OPT_GRACE },
	{ "now", 0, ARGS_OPTIONAL, OPT_NOW },
	{ "force", 0, ARGS_OPTIONAL, OPT_FORCE },
	{ "wait", 0, ARGS_OPTIONAL, OPT_WAIT },
	{ "timeout", 0, ARGS_VALUE, OPT_TIMEOUT },
	{ 0 },
};

static int set_grace(struct delete *d, const char *value, struct err *e)
{
	uint32_t seconds;

	if (!strcmp(value, "-1")) {
		d->grace = -1;
		return 0;
	}
	if (args_number(value, 0, INT32_MAX, &seconds, e)) {
		err_prefix(e, "--grace-period");
		return -EINVAL;
	}
	d->grace = seconds;
	return 0;
}

static int set_option(struct delete *d, const struct args *a, int id, const char *value,
		      struct err *e)
{
	switch (id) {
	case OPT_ALL:
		return args_bool(a, value, &d->all, e);
	case OPT_IGNORE:
		return args_bool(a, value, &d->ignore_not_found, e);
	case OPT_OUTPUT:
		return output_parse(value, 1 << OUTPUT_NAME, &d->report.format, e);
	case OPT_DRY_RUN:
		return dry_run_parse(value, &d->report.dry, e);
	case OPT_GRACE:
		return set_grace(d, value, e);
	case OPT_NOW:
		return args_bool(a, value, &d->now, e);
	case OPT_FORCE:
		return args_bool(a, value, &d->force, e);
	case OPT_WAIT:
		return args_bool(a, value, &d->wait, e);
	case OPT_TIMEOUT:
		return args_duration(value, &d->timeout, e);
	default:
		return chosen_option(&d->chosen, id, value, e);
	}
}

/* Exactly one way to say what: a slip must not delete more than was meant. */
static int check_ways(const struct delete *d, struct err *e)
{
	const struct chosen *c = &d->chosen;
	bool selected = c->scope.labels || c->scope.fields;

	if (c->nfiles && (c->nwords || d->all || selected || c->scope.all_namespaces))
		return err_set(e, EINVAL, "-f says what to delete: leave out the type, --all and "
			       "-l");
	if (c->nfiles)
		return 0;
	if (!c->nwords)
		return err_set(e, EINVAL, "what to delete? -f FILE, TYPE NAME, or TYPE --all");
	if (chosen_is_named(c) && (d->all || selected))
		return err_set(e, EINVAL, "a name cannot be given beside --all or -l");
	if (chosen_is_named(c) && c->scope.all_namespaces)
		return err_set(e, EINVAL, "a name cannot be looked for in all namespaces");
	if (d->all && selected)
		return err_set(e, EINVAL, "--all and -l exclude each other");
	if (!chosen_is_named(c) && !d->all && !selected)
		return err_set(e, EINVAL, "resource(s) were provided, but no name was specified "
			       "(all of them: --all)");
	return 0;
}

/* kubectl's rules: none at all has to be said twice. */
static int settle_grace(struct delete *d, struct err *e)
{
	if (d->now && d->grace >= 0)
		return err_set(e, EINVAL, "--now and --grace-period cannot be specified together");
	if (d->force && d->grace > 0)
		return err_set(e, EINVAL, "--force and --grace-period greater than 0 cannot be "
			       "specified together");
	if (d->force)
		d->grace = 0;
	else if (d->now || !d->grace)
		d->grace = 1;
	return 0;
}

static int parse(struct delete *d, int argc, char **argv, struct err *e)
{
	const char *value;
	struct args args;
	int id, ret;

	args_init(&args, options, argc, argv);
	while ((id = args_next(&args, &value, e)) != ARGS_END) {
		ret = id < 0 ? id : set_option(d, &args, id, value, e);
		if (ret)
			return ret;
	}
	ret = settle_grace(d, e);
	return ret ? ret : check_ways(d, e);
}

static void print_deleted(const struct delete *d, const struct resource *res, const char *ns,
			  const char *name)
{
	const char *slash = strchr(res->api_version, '/');
	int group = slash ? (int)(slash - res->api_version) : 0;
	FILE *out = d->ctx->out;

	if (d->report.format == OUTPUT_NAME) {
		output_name(out, res, name);
		fputc('\n', out);
		return;
	}
	fprintf(out, "%s%s%.*s \"%s\" %s%s", res->singular, group ? "." : "", group,
		res->api_version, name, d->grace ? "deleted" : "force deleted",
		dry_run_suffix(d->report.dry));
	if (ns)
		fprintf(out, " from %s namespace", ns);
	fputc('\n', out);
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

/* A pod that ends in its own time is still there: its object says when. */
static int note_leaving(struct delete *d, const struct resource *res, const json_t *object,
			struct err *e)
{
	if (!d->wait || d->report.dry || !field_get(object, "metadata.deletionTimestamp"))
		return 0;
	return json_array_append_new(d->leaving, json_pack("{s:s, s:s, s:s, s:s, s:s}", "version",
			res->api_version, "kind", res->kind, "namespace",
			field_string(object, "metadata.namespace"), "name",
			field_string(object, "metadata.name"), "uid",
			field_string(object, "metadata.uid"))) ?
		err_set(e, ENOMEM, "out of memory") : 0;
}

static int deleted(struct delete *d, const struct resource *res, const char *ns,
		   const char *name, const json_t *object, struct err *e)
{
	int ret = note_leaving(d, res, object, e);

	print_deleted(d, res, ns, name);
	return !ret && is_type(res, "services") ? note_service(d, ns, name, e) : ret;
}

static int request(struct delete *d, const struct resource *res, const char *ns,
		   const char *name, struct client_reply *reply, struct err *e)
{
	const char *method = d->report.dry == DRY_RUN_CLIENT ? "GET" : "DELETE";
	char *path = resource_path(res, ns, name, NULL);
	json_t *options_body = NULL;
	int ret;

	if (!path ||
	    (d->report.dry == DRY_RUN_SERVER && client_add_query(&path, "dryRun", "All"))) {
		free(path);
		return err_set(e, ENOMEM, "out of memory");
	}
	if (d->grace >= 0 && d->report.dry != DRY_RUN_CLIENT)
		options_body = json_pack("{s:s, s:s, s:i}", "kind", "DeleteOptions", "apiVersion",
					 "v1", "gracePeriodSeconds", (int)d->grace);
	ret = client_do(&d->client, method, path, options_body, reply, e);
	json_decref(options_body);
	free(path);
	return ret;
}

/* file: where the object was named, or NULL. Negative: svcd cannot be asked any more. */
static int delete_one(struct delete *d, const struct resource *res, const char *ns,
		      const char *name, const char *file, struct err *e)
{
	struct client_reply reply;
	int ret;

	ret = request(d, res, ns, name, &reply, e);
	if (ret)
		return ret;
	if (!client_failed(&reply)) {
		ret = deleted(d, res, ns, name, reply.body, e);
	} else if (!refusal_is(reply.body, "NotFound") ||
		   !(d->ignore_not_found || went_along(d, res, ns, name))) {
		fflush(d->ctx->out);
		refusal_print(d->ctx->err, reply.body, file ? "deleting" : NULL, file);
		d->failed = true;
	}
	client_reply_clear(&reply);
	return ret;
}

static bool is_refused(const struct delete *d, const struct manifest_object *o)
{
	return refusal_of_kind(d->ctx->err, o) ||
	       refusal_of_namespace(d->ctx->err, o, d->chosen.scope.ns) ||
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
		const char *ns = *o->ns ? o->ns : scope_ns(&d->chosen.scope, o->res);

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

	if (manifest_load(&m, d->chosen.files, d->chosen.nfiles, d->chosen.recursive, d->ctx->in,
			  e)) {
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
	const char *ns;
	json_t *item;
	size_t i;
	int ret;

	json_array_foreach(json_object_get(list, "items"), i, item) {
		ns = field_string(item, "metadata.namespace");
		ret = delete_one(d, res, *ns ? ns : NULL, field_string(item, "metadata.name"),
				 NULL, e);
		if (ret)
			return ret;
	}
	return 0;
}

static int delete_listed(struct delete *d, const struct resource *res, struct err *e)
{
	char *path = scope_path(&d->chosen.scope, res, NULL);
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
		d->found += json_array_size(json_object_get(reply.body, "items"));
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
		ret = delete_one(d, t->res, scope_ns(&d->chosen.scope, t->res), t->names[i], NULL,
				 e);
		if (ret)
			return ret;
	}
	return 0;
}

static int delete_words(struct delete *d, struct err *e)
{
	const struct selection *s = &d->chosen.selection;
	size_t i;
	int ret = 0;

	if (chosen_find(&d->chosen, d->ctx)) {
		d->failed = true;
		return 0;
	}
	for (i = 0; i < s->n && !ret; i++)
		ret = delete_target(d, &s->v[i], e);
	if (!ret && !d->found && !d->failed && !chosen_is_named(&d->chosen))
		fputs("No resources found\n", d->ctx->err);
	return ret;
}

/* Gone, or another one of the same name. */
static bool is_gone(void *uid, const json_t *object)
{
	return !object || strcmp(field_string(object, "metadata.uid"), uid);
}

static int await_gone(struct delete *d, const json_t *one, struct err *e)
{
	const char *ns = field_string(one, "namespace"), *name = field_string(one, "name");
	struct scope scope = { .ns = *ns ? ns : NULL };
	struct await a = {
		.ctx = d->ctx, .client = &d->client, .scope = &scope, .name = name,
		.judge = is_gone,
		.res = resource_by_kind(field_string(one, "version"), field_string(one, "kind")),
		.arg = (void *)field_string(one, "uid"),
	};
	int ret = await_object(&a, d->timeout, e);

	json_decref(a.last);
	if (ret != -ETIMEDOUT)
		return ret;
	fprintf(d->ctx->err, "error: timed out waiting for the condition on %s/%s\n",
		a.res->plural, name);
	d->failed = true;
	return 0;
}

static int await_all(struct delete *d, struct err *e)
{
	json_t *one;
	size_t i;
	int ret;

	fflush(d->ctx->out);
	json_array_foreach(d->leaving, i, one) {
		ret = await_gone(d, one, e);
		if (ret)
			return ret;
	}
	return 0;
}

static int run(struct delete *d)
{
	struct err e;
	int ret;

	ret = client_open(&d->client, d->ctx, &e);
	if (!ret)
		ret = d->chosen.nfiles ? delete_files(d, &e) : delete_words(d, &e);
	if (!ret)
		ret = await_all(d, &e);
	client_close(&d->client);
	if (ret)
		return verbs_refused(d->ctx, &e);
	return d->failed ? VERB_REFUSED : VERB_OK;
}

int verb_delete(struct ctx *ctx, int argc, char **argv)
{
	struct delete d = { .ctx = ctx, .grace = -1, .wait = true, .timeout = -1 };
	struct err e;
	int ret;

	d.services = json_object();
	d.leaving = json_array();
	ret = chosen_init(&d.chosen, argc, &e);
	if (!d.services || !d.leaving)
		ret = err_set(&e, ENOMEM, "out of memory");
	if (ret) {
		ret = verbs_refused(ctx, &e);
	} else {
		ret = parse(&d, argc, argv, &e);
		ret = ret ? verbs_usage(ctx, "%s", e.text) : run(&d);
	}
	chosen_clear(&d.chosen);
	json_decref(d.services);
	json_decref(d.leaving);
	return ret;
}
