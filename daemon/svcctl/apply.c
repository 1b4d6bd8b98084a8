// SPDX-License-Identifier: GPL-2.0
#include "batch.h"
#include "field.h"
#include "last_applied.h"
#include "merge3.h"
#include "refusal.h"
#include "verbs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TRIES	5	/* when somebody else changes the object at the same time, as kubectl */

const char verb_apply_usage[] =
	"usage: svcctl apply -f FILE [-f ...] [OPTIONS]\n"
	"\n"
	"Make objects what manifests say: create those that are not there, change the\n"
	"others. What the manifest that was applied last said, and this one says no longer,\n"
	"is taken away; what others set, such as addresses, stays. kubectl and svcctl may\n"
	"take turns. All objects are checked by svcd before the first one is changed.\n"
	"\n"
	BATCH_HELP
	"\n"
	"Example: svcctl apply -f web.yaml\n";

static void warn(const struct batch *b, const struct manifest_object *o)
{
	fprintf(b->ctx->err, "Warning: resource %s/%s is missing the " LAST_APPLIED " annotation "
		"which is required by svcctl apply. svcctl apply should only be used on resources "
		"created declaratively by svcctl apply. The missing annotation will be patched "
		"automatically.\n", o->res->plural, o->name);
}

/* What makes merged of live; {}: it is so already. NULL: no memory. */
static json_t *make_patch(const json_t *live, const json_t *merged)
{
	const char *version = field_string(live, "metadata.resourceVersion");
	json_t *patch = merge3_diff(live, merged), *meta;

	if (!json_object_size(patch) || field_get(patch, "metadata.resourceVersion"))
		return patch;
	/* Lists are sent whole: they must still be those that were merged. */
	meta = json_object_get(patch, "metadata");
	meta = meta ? json_incref(meta) : json_object();
	if (!json_object_set_new(meta, "resourceVersion", json_string(version)) &&
	    !json_object_set_new(patch, "metadata", meta))
		return patch;
	json_decref(patch);
	return NULL;
}

static int send_patch(struct batch *b, const struct manifest_object *o, const json_t *patch,
		      bool dry, struct batch_answer *out, struct err *e)
{
	char *path = batch_path(b, o, true, dry);
	int ret;

	if (!path)
		return err_set(e, ENOMEM, "out of memory");
	ret = batch_patch(b, path, patch, "configured", out, e);
	free(path);
	return ret;
}

static int change_to(struct batch *b, const struct manifest_object *o, json_t *live,
		     json_t *merged, bool dry, struct batch_answer *out, struct err *e)
{
	json_t *patch = merged ? make_patch(live, merged) : NULL;
	int ret = 0;

	if (!patch)
		return err_set(e, ENOMEM, "out of memory");
	if (!json_object_size(patch))
		*out = (struct batch_answer){ json_incref(live), false, "unchanged" };
	else if (b->report.dry == DRY_RUN_CLIENT)
		*out = (struct batch_answer){ json_incref(merged), false, "configured" };
	else
		ret = send_patch(b, o, patch, dry, out, e);
	json_decref(patch);
	return ret;
}

static int change(struct batch *b, const struct manifest_object *o, const json_t *now, json_t *live,
		  bool dry, struct batch_answer *out, struct err *e)
{
	json_t *last, *merged;
	int ret;

	if (last_applied_read(live, &last, e)) {
		fprintf(b->ctx->err, "error: %s \"%s\": %s\n", o->res->plural, o->name, e->text);
		return 1;
	}
	if (!last && !b->checking)
		warn(b, o);
	merged = merge3(o->kind, last, now, live);
	ret = change_to(b, o, live, merged, dry, out, e);
	json_decref(merged);
	json_decref(last);
	return ret;
}

static int add(struct batch *b, const struct manifest_object *o, json_t *now, bool dry,
	       struct batch_answer *out, struct err *e)
{
	char *path;
	int ret;

	if (b->report.dry == DRY_RUN_CLIENT) {
		*out = (struct batch_answer){ json_incref(now), false, "created" };
		return 0;
	}
	path = batch_path(b, o, false, dry);
	if (!path)
		return err_set(e, ENOMEM, "out of memory");
	ret = batch_ask(b, "POST", path, now, "created", out, e);
	free(path);
	return ret;
}

/* Once: as the object stands at this moment. */
static int try(struct batch *b, const struct manifest_object *o, json_t *now, bool dry,
	       struct batch_answer *out, struct err *e)
{
	char *path = resource_path(o->res, batch_ns(b, o), o->name, NULL);
	struct batch_answer live = { NULL, false, NULL };
	int ret;

	if (!path)
		return err_set(e, ENOMEM, "out of memory");
	ret = batch_ask(b, "GET", path, NULL, "", &live, e);
	free(path);
	if (ret)
		return ret;
	if (!live.refused) {
		ret = change(b, o, now, live.body, dry, out, e);
	} else if (refusal_is(live.body, "NotFound")) {
		ret = add(b, o, now, dry, out, e);
	} else {
		*out = live;
		return 0;
	}
	json_decref(live.body);
	return ret;
}

/* Somebody changed, made or deleted it between our look and our request. */
static bool was_overtaken(const struct batch_answer *out, const struct manifest_object *o)
{
	/* A manifest that says which version it is for shall meet that one or none. */
	if (!out->refused || *field_string(o->value, "metadata.resourceVersion"))
		return false;
	return refusal_is(out->body, "Conflict") || refusal_is(out->body, "AlreadyExists") ||
	       (refusal_is(out->body, "NotFound") &&
		!strcmp(field_string(out->body, "details.kind"), o->res->plural));
}

static int send(struct batch *b, const struct manifest_object *o, bool dry,
		struct batch_answer *out, struct err *e)
{
	json_t *now;
	int i, ret;

	now = last_applied_add(o->value, batch_ns(b, o));
	if (!now)
		return err_set(e, ENOMEM, "out of memory");
	ret = try(b, o, now, dry, out, e);
	for (i = 1; i < TRIES && !ret && was_overtaken(out, o); i++) {
		json_decref(out->body);
		out->body = NULL;
		ret = try(b, o, now, dry, out, e);
	}
	json_decref(now);
	return ret;
}

static const struct batch_verb apply = {
	.name = "apply",
	.doing = "applying",
	.named = true,
	.send = send,
};

int verb_apply(struct ctx *ctx, int argc, char **argv)
{
	return batch_run(ctx, &apply, argc, argv);
}
