// SPDX-License-Identifier: GPL-2.0
#include "await.h"
#include "chosen.h"
#include "field.h"
#include "getter.h"
#include "jsonpath.h"
#include "output.h"
#include "refusal.h"
#include "verbs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define TIMEOUT_DEFAULT_S	30

const char verb_wait_usage[] =
	"usage: svcctl wait TYPE NAME ... --for=WHAT [OPTIONS]\n"
	"       svcctl wait TYPE/NAME ... --for=WHAT [OPTIONS]\n"
	"       svcctl wait TYPE --all | -l SELECTOR --for=WHAT [OPTIONS]\n"
	"       svcctl wait -f FILE --for=WHAT [OPTIONS]\n"
	"\n"
	"Wait until objects are as they should be. WHAT is\n"
	"\n"
	"  delete                  gone\n"
	"  create                  there\n"
	"  condition=NAME[=VALUE]  the condition of that name, such as Ready, is True or VALUE\n"
	"  jsonpath=PATH[=VALUE]   the field, such as '{.status.loadBalancer.ingress[0].ip}',\n"
	"                          is there, or is VALUE\n"
	"\n"
	"  --timeout DURATION      at most so long, such as 90s or 5m (default: 30s); 0: look\n"
	"                          once; negative: for ever\n"
	"  -n, --namespace NAME    where (default: default)\n"
	"  -f, --filename FILE     the objects that a manifest names; -R: with its folders\n"
	"  -l, --selector SEL      those with these labels; --all: all of the type\n"
	"  -o, --output name       print \"service/web\"\n"
	"\n"
	"Example: svcctl wait pod web-1 --for=condition=Ready --timeout=60s\n";

enum wanted { WANT_NONE, WANT_DELETE, WANT_CREATE, WANT_CONDITION, WANT_FIELD };

struct wait {
	struct ctx *ctx;
	struct client client;
	struct chosen chosen;
	enum wanted wanted;
	char *what;			/* the condition's name, or the path */
	const char *value;		/* NULL: any, of a field */
	long seconds;
	time_t start;
	enum output_format format;
	bool all, failed;
};

enum { OPT_FOR = CHOSEN_OPT_LAST, OPT_TIMEOUT, OPT_ALL, OPT_OUTPUT };

static const struct args_option options[] = {
	CHOSEN_OPTIONS,
	{ "for", 0, ARGS_VALUE, OPT_FOR },
	{ "timeout", 0, ARGS_VALUE, OPT_TIMEOUT },
	{ "all", 0, ARGS_OPTIONAL, OPT_ALL },
	{ "all-namespaces", 'A', ARGS_FLAG, CHOSEN_OPT_ALL_NAMESPACES },
	{ "output", 'o', ARGS_VALUE, OPT_OUTPUT },
	{ 0 },
};

/* "NAME" or "NAME=VALUE" into what and value. */
static int set_what(struct wait *w, enum wanted wanted, const char *text, struct err *e)
{
	char *equals;

	free(w->what);
	w->what = strdup(text);
	if (!w->what)
		return err_set(e, ENOMEM, "out of memory");
	w->wanted = wanted;
	equals = strchr(w->what, '=');
	w->value = equals ? equals + 1 : NULL;
	if (equals)
		*equals = '\0';
	return 0;
}

static int set_for(struct wait *w, const char *text, struct err *e)
{
	const json_t *ignored;

	if (!strcmp(text, "delete") || !strcmp(text, "create")) {
		w->wanted = *text == 'd' ? WANT_DELETE : WANT_CREATE;
		return 0;
	}
	if (!strncmp(text, "condition=", 10) && text[10])
		return set_what(w, WANT_CONDITION, text + 10, e);
	if (strncmp(text, "jsonpath=", 9))
		return err_set(e, EINVAL, "--for=%s: must be delete, create, condition=NAME or "
			       "jsonpath=PATH", text);
	if (set_what(w, WANT_FIELD, text + 9, e))
		return -ENOMEM;
	return jsonpath_get(NULL, w->what, &ignored, e);
}

static int set_option(struct wait *w, const struct args *a, int id, const char *value,
		      struct err *e)
{
	switch (id) {
	case OPT_FOR:
		return set_for(w, value, e);
	case OPT_TIMEOUT:
		return args_duration(value, &w->seconds, e);
	case OPT_ALL:
		return args_bool(a, value, &w->all, e);
	case OPT_OUTPUT:
		return output_parse(value, 1 << OUTPUT_NAME, &w->format, e);
	default:
		return chosen_option(&w->chosen, id, value, e);
	}
}

static int parse(struct wait *w, int argc, char **argv, struct err *e)
{
	const struct chosen *c = &w->chosen;
	const char *value;
	struct args args;
	int id, ret;

	args_init(&args, options, argc, argv);
	while ((id = args_next(&args, &value, e)) != ARGS_END) {
		ret = id < 0 ? id : set_option(w, &args, id, value, e);
		if (ret)
			return ret;
	}
	if (!w->wanted)
		return err_set(e, EINVAL, "--for is missing");
	ret = chosen_check(c, e);
	if (!ret && !c->nfiles && !chosen_is_named(c) && !w->all && !c->scope.labels)
		ret = err_set(e, EINVAL, "resource(s) were provided, but no name was specified "
			      "(all of them: --all)");
	return ret;
}

static bool has_condition(const struct wait *w, const json_t *object)
{
	const char *value = w->value ? w->value : "True";
	json_t *c;
	size_t i;

	json_array_foreach(field_get(object, "status.conditions"), i, c)
		if (!strcasecmp(field_string(c, "type"), w->what))
			return !strcasecmp(field_string(c, "status"), value);
	return false;
}

static bool has_field(const struct wait *w, const json_t *object)
{
	const json_t *found = NULL;
	char *text;
	bool same;

	if (jsonpath_get(object, w->what, &found, NULL) || !found || json_is_null(found))
		return false;
	if (!w->value)
		return true;
	if (json_is_string(found))
		return !strcmp(json_string_value(found), w->value);
	text = json_dumps(found, JSON_ENCODE_ANY | JSON_COMPACT);
	same = text && !strcmp(text, w->value);
	free(text);
	return same;
}

/* One object that is waited for. */
struct one {
	const struct wait *w;
	char uid[64];		/* "": not seen yet */
};

/* Another one of the same name is not the one that was to go. */
static bool is_gone(struct one *one, const json_t *object)
{
	const char *uid = field_string(object, "metadata.uid");

	if (object && !*one->uid)
		snprintf(one->uid, sizeof(one->uid), "%s", uid);
	return !object || strcmp(uid, one->uid);
}

static bool judge(void *arg, const json_t *object)
{
	struct one *one = arg;

	switch (one->w->wanted) {
	case WANT_DELETE:
		return is_gone(one, object);
	case WANT_CREATE:
		return object;
	case WANT_CONDITION:
		return object && has_condition(one->w, object);
	default:
		return object && has_field(one->w, object);
	}
}

/* All objects share the time. */
static long seconds_left(const struct wait *w)
{
	long left = w->seconds - (long)(await_clock(w->ctx) - w->start);

	if (w->seconds < 0)
		return -1;
	return left > 0 ? left : 0;
}

static int wait_for(struct wait *w, const struct scope *scope, const struct resource *res,
		    const char *name, const char *uid, struct err *e)
{
	struct one one = { .w = w };
	struct await a = { w->ctx, &w->client, scope, res, name, judge, &one, NULL };
	int ret;

	snprintf(one.uid, sizeof(one.uid), "%s", uid);
	ret = await_object(&a, seconds_left(w), e);
	json_decref(a.last);
	if (ret == -ETIMEDOUT) {
		fprintf(w->ctx->err, "error: timed out waiting for the condition on %s/%s\n",
			res->plural, name);
		w->failed = true;
		return 0;
	}
	if (ret)
		return ret;
	output_name(w->ctx->out, res, name);
	fputs(w->format == OUTPUT_NAME ? "\n" : " condition met\n", w->ctx->out);
	fflush(w->ctx->out);
	return 0;
}

static int wait_for_items(struct wait *w, const struct resource *res, const json_t *items,
			  struct err *e)
{
	struct scope scope = { NULL };
	const char *ns;
	json_t *item;
	size_t i;
	int ret;

	json_array_foreach(items, i, item) {
		ns = field_string(item, "metadata.namespace");
		scope.ns = *ns ? ns : NULL;
		ret = wait_for(w, &scope, res, field_string(item, "metadata.name"),
			       field_string(item, "metadata.uid"), e);
		if (ret)
			return ret;
	}
	return 0;
}

/* What is gone already was waited for long enough, and what is to come need not be there. */
static int wait_for_names(struct wait *w, const struct selection_target *t, struct err *e)
{
	struct scope scope;
	int ret = 0;
	size_t i;

	for (i = 0; i < t->nnames && !ret; i++) {
		scope = scope_of_name(&w->chosen.scope, t, i);
		ret = wait_for(w, &scope, t->res, t->names[i], "", e);
	}
	return ret;
}

static int wait_for_target(struct wait *w, const struct selection_target *t, struct err *e)
{
	struct getter_result r;
	json_t *status;
	size_t i;
	int ret;

	if (t->nnames && (w->wanted == WANT_CREATE || w->wanted == WANT_DELETE))
		return wait_for_names(w, t, e);
	ret = getter_fetch(&w->client, &w->chosen.scope, t, &r, e);
	if (ret)
		return ret;
	json_array_foreach(r.refusals, i, status) {
		refusal_print(w->ctx->err, status, NULL, NULL);
		w->failed = true;
	}
	if (!w->failed && !json_array_size(r.items) && w->wanted != WANT_DELETE) {
		fputs("error: no matching resources found\n", w->ctx->err);
		w->failed = true;
	}
	ret = wait_for_items(w, t->res, r.items, e);
	getter_clear(&r);
	return ret;
}

static int run(struct wait *w)
{
	struct err e;
	size_t i;
	int ret;

	if (chosen_find(&w->chosen, w->ctx))
		return VERB_REFUSED;
	w->start = await_clock(w->ctx);
	ret = client_open(&w->client, w->ctx, &e);
	for (i = 0; i < w->chosen.selection.n && !ret; i++)
		ret = wait_for_target(w, &w->chosen.selection.v[i], &e);
	client_close(&w->client);
	if (ret)
		return verbs_refused(w->ctx, &e);
	return w->failed ? VERB_REFUSED : VERB_OK;
}

int verb_wait(struct ctx *ctx, int argc, char **argv)
{
	struct wait w = { .ctx = ctx, .seconds = TIMEOUT_DEFAULT_S };
	struct err e;
	int ret;

	ret = chosen_init(&w.chosen, argc, &e);
	if (ret) {
		ret = verbs_refused(ctx, &e);
	} else {
		ret = parse(&w, argc, argv, &e);
		ret = ret ? verbs_usage(ctx, "%s", e.text) : run(&w);
	}
	free(w.what);
	chosen_clear(&w.chosen);
	return ret;
}
