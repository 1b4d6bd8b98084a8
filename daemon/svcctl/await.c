// SPDX-License-Identifier: GPL-2.0
#include "await.h"
#include "field.h"
#include "getter.h"
#include "verbs.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PAUSE_MS	500	/* after a watch that ended at once */
#define WATCH_MAX_S	3600	/* of one watch */

struct follow {
	struct await *a;
	struct scope scope;		/* the name is a field selector here */
	char fields[512];
	char *version;
	bool done;
};

time_t await_clock(const struct ctx *ctx)
{
	struct timespec t;

	if (ctx->now)
		return ctx->now();
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

/* A negative number of seconds is for ever. */
static long seconds_left(const struct await *a, time_t start, long seconds)
{
	return seconds < 0 ? LONG_MAX : seconds - (long)(await_clock(a->ctx) - start);
}

static void see(struct follow *f, const json_t *object)
{
	json_decref(f->a->last);
	f->a->last = json_incref((json_t *)object);
	f->done = f->a->judge(f->a->arg, object);
}

static int look(struct follow *f, struct err *e)
{
	char *path = scope_path(&f->scope, f->a->res, NULL);
	struct getter_result r;
	int ret;

	if (!path)
		return err_set(e, ENOMEM, "out of memory");
	ret = getter_list(f->a->client, path, f->a->res, &r, e);
	free(path);
	if (ret)
		return ret;
	free(f->version);
	f->version = r.version;
	r.version = NULL;
	if (json_array_size(r.refusals))
		ret = err_set(e, EPROTO, "%s",
			      field_string(json_array_get(r.refusals, 0), "message"));
	else
		see(f, json_array_get(r.items, 0));
	getter_clear(&r);
	return ret;
}

/* Not 0: stop the watch. */
static int on_event(void *arg, const json_t *event)
{
	const char *type = field_string(event, "type");
	struct follow *f = arg;

	/* Whatever it is: look again. */
	if (!strcmp(type, "ERROR"))
		return 1;
	if (!strcmp(type, "BOOKMARK"))
		return 0;
	see(f, strcmp(type, "DELETED") ? json_object_get(event, "object") : NULL);
	return f->done;
}

static int watch(struct follow *f, long seconds, struct err *e)
{
	char *path = scope_path(&f->scope, f->a->res, NULL), number[24];
	json_t *refused;
	int ret;

	snprintf(number, sizeof(number), "%ld", seconds < WATCH_MAX_S ? seconds : WATCH_MAX_S);
	if (!path || client_add_query(&path, "watch", "true") ||
	    client_add_query(&path, "timeoutSeconds", number) ||
	    client_add_query(&path, "resourceVersion", f->version ? f->version : "")) {
		free(path);
		return err_set(e, ENOMEM, "out of memory");
	}
	ret = client_watch(f->a->client, path, on_event, f, &refused, e);
	free(path);
	json_decref(refused);
	return ret;
}

static bool may_come_back(int ret)
{
	return ret == -ECONNREFUSED || ret == -ENOENT || ret == -ECONNRESET || ret == -EPIPE;
}

static int run(struct follow *f, long seconds, struct err *e)
{
	time_t start = await_clock(f->a->ctx);
	long left;
	int ret;

	for (;;) {
		ret = look(f, e);
		if (f->done || (ret && !may_come_back(ret)))
			return ret;
		left = seconds_left(f->a, start, seconds);
		if (left <= 0)
			return err_set(e, ETIMEDOUT, "timed out");
		if (!ret)
			ret = watch(f, left, e);
		if (f->done || (ret < 0 && !may_come_back(ret)))
			return f->done ? 0 : ret;
		if (seconds_left(f->a, start, seconds) > 0)
			f->a->client->transport->pause(f->a->client->arg, PAUSE_MS);
	}
}

int await_object(struct await *a, long seconds, struct err *e)
{
	struct follow f = { .a = a, .scope = *a->scope };
	int ret;

	snprintf(f.fields, sizeof(f.fields), "metadata.name=%s", a->name);
	f.scope.fields = f.fields;
	f.scope.labels = NULL;
	ret = run(&f, seconds, e);
	free(f.version);
	return ret;
}
