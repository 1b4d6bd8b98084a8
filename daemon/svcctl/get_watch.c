// SPDX-License-Identifier: GPL-2.0
#include "field.h"
#include "get.h"
#include "refusal.h"
#include "verbs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define WATCH_EXPIRED	1	/* svcd no longer knows our version: list again */
#define WATCH_REFUSED	2	/* and the user was told */
#define RETRY_MS	1000	/* after a watch that brought nothing */
#define RETRIES_MAX	10	/* in a row, while svcd cannot be reached */

struct watch {
	struct get *g;
	const struct selection_target *target;
	struct scope scope;		/* a name is a field selector here */
	char fields[512];
	struct table *table;
	char *version;			/* seen last */
	json_t *known;			/* "ns/name" to the object as printed last */
	size_t printed, events;
	unsigned int retries;
	bool silent;			/* what is there at the start is not to be printed */
	struct err e;
};

static int no_memory(struct watch *w)
{
	return err_set(&w->e, ENOMEM, "out of memory");
}

static int print(struct watch *w, const json_t *object)
{
	FILE *out = w->g->ctx->out;

	if (w->silent)
		return 0;
	if (w->g->format == OUTPUT_JSON || w->g->format == OUTPUT_YAML)
		return output_next(out, w->g->format, object, &w->printed) ?
			err_set(&w->e, EIO, "cannot write the output") : 0;
	if (w->g->format == OUTPUT_NAME) {
		output_name(out, w->target->res, field_string(object, "metadata.name"));
		fputc('\n', out);
	} else {
		table_add(w->table, object, get_now(w->g));
	}
	return 0;
}

/* The lines of a list get their widths together, and who reads a pipe waits for them. */
static int flush(struct watch *w)
{
	FILE *out = w->g->ctx->out;

	if (table_flush(w->table, out) || fflush(out) || ferror(out))
		return err_set(&w->e, EIO, "cannot write the output");
	return 0;
}

static void key_of(const json_t *object, char *key, size_t size)
{
	snprintf(key, size, "%s/%s", field_string(object, "metadata.namespace"),
		 field_string(object, "metadata.name"));
}

static int set_version(struct watch *w, const char *version)
{
	char *v = strdup(version);

	if (!v)
		return no_memory(w);
	free(w->version);
	w->version = v;
	return 0;
}

/* New, changed or gone since it was printed last. */
static int show(struct watch *w, const json_t *object, bool gone)
{
	char key[600];

	key_of(object, key, sizeof(key));
	if (gone)
		json_object_del(w->known, key);
	else if (json_object_set(w->known, key, (json_t *)object))
		return no_memory(w);
	return print(w, object);
}

static bool is_known(const struct watch *w, const json_t *object)
{
	static const char version[] = "metadata.resourceVersion";
	const json_t *old;
	char key[600];

	key_of(object, key, sizeof(key));
	old = json_object_get(w->known, key);
	return old && !strcmp(field_string(old, version), field_string(object, version));
}

/* Those that were printed once and are not in the list: gone while we could not see it. */
static int show_gone(struct watch *w, const json_t *items)
{
	json_t *before = json_copy(w->known), *item, *old;
	const char *name;
	char key[600];
	int ret = 0;
	size_t i;

	if (!before)
		return no_memory(w);
	json_array_foreach(items, i, item) {
		key_of(item, key, sizeof(key));
		json_object_del(before, key);
	}
	json_object_foreach(before, name, old)
		if (!ret)
			ret = show(w, old, true);
	json_decref(before);
	return ret;
}

static int show_list(struct watch *w, const json_t *items)
{
	json_t *item;
	size_t i;
	int ret;

	ret = show_gone(w, items);
	json_array_foreach(items, i, item)
		if (!ret && !is_known(w, item))
			ret = show(w, item, false);
	return ret ? ret : flush(w);
}

/* WATCH_REFUSED: svcd said no, and so did we. */
static int list(struct watch *w)
{
	char *path = scope_path(&w->scope, w->target->res, NULL);
	struct getter_result r;
	int ret;

	if (!path)
		return no_memory(w);
	ret = getter_list(&w->g->client, path, w->target->res, &r, &w->e);
	free(path);
	if (ret)
		return ret;
	if (json_array_size(r.refusals)) {
		refusal_print(w->g->ctx->err, json_array_get(r.refusals, 0), NULL, NULL);
		ret = WATCH_REFUSED;
	} else {
		ret = show_list(w, r.items);
		if (!ret)
			ret = set_version(w, r.version ? r.version : "");
	}
	getter_clear(&r);
	return ret;
}

static int on_event(void *arg, const json_t *event)
{
	const json_t *object = json_object_get(event, "object");
	const char *type = field_string(event, "type");
	struct watch *w = arg;
	int ret;

	if (!strcmp(type, "ERROR")) {
		if (field_int(object, "code", 0) == 410)
			return WATCH_EXPIRED;
		return err_set(&w->e, EPROTO, "the watch failed: %s",
			       field_string(object, "message"));
	}
	w->events++;
	ret = set_version(w, field_string(object, "metadata.resourceVersion"));
	if (ret || !strcmp(type, "BOOKMARK"))
		return ret;
	ret = show(w, object, !strcmp(type, "DELETED"));
	return ret ? ret : flush(w);
}

static char *watch_path(struct watch *w)
{
	char *path = scope_path(&w->scope, w->target->res, NULL);

	if (!path)
		return NULL;
	if (client_add_query(&path, "watch", "true") ||
	    client_add_query(&path, "allowWatchBookmarks", "true") ||
	    client_add_query(&path, "resourceVersion", w->version)) {
		free(path);
		return NULL;
	}
	return path;
}

/* One watch, to its end: go on with the next one after 0. */
static int watch_once(struct watch *w)
{
	char *path = watch_path(w);
	json_t *refused;
	int ret;

	if (!path)
		return no_memory(w);
	w->events = 0;
	ret = client_watch(&w->g->client, path, on_event, w, &refused, &w->e);
	free(path);
	if (refused && field_int(refused, "code", 0) == 410) {
		ret = WATCH_EXPIRED;
	} else if (refused) {
		refusal_print(w->g->ctx->err, refused, NULL, NULL);
		ret = WATCH_REFUSED;
	}
	json_decref(refused);
	return ret == -EPIPE ? 0 : ret;
}

/* A svcd that is being restarted is back soon, and most often knows our version. */
static bool may_come_back(int ret)
{
	return ret == -ECONNREFUSED || ret == -ENOENT || ret == -ECONNRESET || ret == -ETIMEDOUT ||
	       ret == -EPIPE;
}

static int follow(struct watch *w)
{
	bool expired = false;
	int ret;

	for (;;) {
		ret = expired ? list(w) : watch_once(w);
		if (may_come_back(ret) && w->retries++ < RETRIES_MAX) {
			w->g->client.transport->pause(w->g->client.arg, RETRY_MS);
			continue;
		}
		if (ret && ret != WATCH_EXPIRED)
			return ret;
		w->retries = 0;
		if (!ret && !expired && !w->events)
			w->g->client.transport->pause(w->g->client.arg, RETRY_MS);
		expired = ret == WATCH_EXPIRED;
	}
}

/* A name that is not there is an error now; later it may come and go. */
static int check_name(struct watch *w)
{
	struct getter_result r;
	int ret;

	if (!w->target->nnames)
		return 0;
	ret = getter_fetch(&w->g->client, &w->g->chosen.scope, w->target, &r, &w->e);
	if (ret)
		return ret;
	if (json_array_size(r.refusals)) {
		refusal_print(w->g->ctx->err, json_array_get(r.refusals, 0), NULL, NULL);
		ret = WATCH_REFUSED;
	}
	getter_clear(&r);
	return ret;
}

static int run(struct watch *w)
{
	int ret;

	w->scope = w->g->chosen.scope;
	if (w->target->nnames) {
		w->scope = scope_of_name(&w->scope, w->target, 0);
		snprintf(w->fields, sizeof(w->fields), "metadata.name=%s", w->target->names[0]);
		w->scope.fields = w->fields;
	}
	w->known = json_object();
	w->table = get_alloc_table(w->g, w->target->res);
	if (!w->known || !w->table)
		return no_memory(w);
	w->silent = w->g->watch_only;
	ret = check_name(w);
	if (!ret)
		ret = list(w);
	w->silent = false;
	return ret ? ret : follow(w);
}

int get_watch(struct get *g)
{
	struct watch w = { .g = g, .target = &g->chosen.selection.v[0] };
	int ret = run(&w);

	table_free(w.table);
	json_decref(w.known);
	free(w.version);
	return ret < 0 ? verbs_refused(g->ctx, &w.e) : VERB_REFUSED;
}
