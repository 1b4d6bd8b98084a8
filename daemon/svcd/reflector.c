// SPDX-License-Identifier: GPL-2.0
#include "reflector.h"

#include "err.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Nothing real is near these; they only keep a wrong peer from eating the memory. */
#define REFLECTOR_LIST_MAX	((size_t)1 << 30)
#define REFLECTOR_EVENT_MAX	((size_t)64 << 20)

void reflector_init(struct reflector *r, const char *kind, const struct reflector_ops *ops,
		    void *ctx)
{
	*r = (struct reflector){ .kind = kind, .ops = ops, .ctx = ctx };
}

void reflector_exit(struct reflector *r)
{
	free(r->bytes);
	r->bytes = NULL;
}

void reflector_restart(struct reflector *r)
{
	r->len = 0;
	r->seen = 0;
}

static int append(struct reflector *r, const char *data, size_t len, size_t max, struct err *e)
{
	size_t size = r->size ? r->size : 4096;
	char *more;

	if (len > max - r->len)
		return err_set(e, EFBIG, "the authority sends more than %zu bytes in one piece",
			       max);
	while (size < r->len + len)
		size *= 2;
	if (size != r->size) {
		more = realloc(r->bytes, size);
		if (!more)
			return err_set(e, ENOMEM, "out of memory");
		r->bytes = more;
		r->size = size;
	}
	if (len)
		memcpy(r->bytes + r->len, data, len);
	r->len += len;
	return 0;
}

int reflector_list_bytes(struct reflector *r, const char *data, size_t len, struct err *e)
{
	return append(r, data, len, REFLECTOR_LIST_MAX, e);
}

static const char *field(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

/* It goes into a URL again: nothing but what every server uses for it. */
static bool version_valid(const char *version)
{
	const char *p;

	for (p = version; *p; p++)
		if (!isalnum((unsigned char)*p))
			return false;
	return p > version && p - version < (ptrdiff_t)sizeof(((struct reflector *)0)->version);
}

static int take_version(struct reflector *r, const json_t *object, struct err *e)
{
	const char *version = field(json_object_get(object, "metadata"), "resourceVersion");

	if (!version_valid(version))
		return err_set(e, EPROTO, "the authority sends a %s without a resourceVersion",
			       r->kind);
	snprintf(r->version, sizeof(r->version), "%s", version);
	return 0;
}

/* A name is all that we need of each; the rest is judged where it is used. */
static bool items_valid(const json_t *items)
{
	const json_t *item;
	size_t i;

	if (json_is_null(items))	/* how Go prints an empty list at times */
		return true;
	if (!json_is_array(items))
		return false;
	json_array_foreach(items, i, item)
		if (!*field(json_object_get(item, "metadata"), "name"))
			return false;
	return true;
}

static int tell_list(struct reflector *r, const json_t *list, struct err *e)
{
	const json_t *items = json_object_get(list, "items"), *item;
	const char *kind = field(list, "kind");
	size_t n = strlen(r->kind), i;
	int ret;

	if (strncmp(kind, r->kind, n) != 0 || strcmp(kind + n, "List") != 0 || !items_valid(items))
		return err_set(e, EPROTO, "the authority's answer is not a %sList", r->kind);
	ret = take_version(r, list, e);
	if (ret)
		return ret;
	r->ops->list_begin(r->ctx);
	json_array_foreach(items, i, item)
		r->ops->object(r->ctx, item, false);
	r->ops->list_end(r->ctx);
	return 0;
}

int reflector_list_end(struct reflector *r, struct err *e)
{
	json_error_t error;
	json_t *list;
	int ret;

	list = json_loadb(r->bytes ? r->bytes : "", r->len, 0, &error);
	if (list)
		ret = tell_list(r, list, e);
	else
		ret = err_set(e, EPROTO, "the authority's list is not JSON: %s", error.text);
	json_decref(list);
	/* A list is large once; the events after it are small. */
	free(r->bytes);
	r->bytes = NULL;
	r->size = 0;
	reflector_restart(r);
	return ret;
}

static int tell_error(const json_t *status, struct err *e)
{
	json_int_t code = json_integer_value(json_object_get(status, "code"));

	return err_set(e, code == 410 ? ESTALE : EPROTO, "the authority ends the watch: %s",
		       field(status, "message"));
}

/*
 * Versions only grow. One that is smaller than ours comes from an authority
 * that lost its objects and started anew, which must not pass for news.
 */
static int take_bookmark(struct reflector *r, const json_t *object, struct err *e)
{
	unsigned long long had = strtoull(r->version, NULL, 10);
	int ret;

	ret = take_version(r, object, e);
	if (!ret && strtoull(r->version, NULL, 10) < had)
		ret = err_set(e, ESTALE,
			      "the authority's objects are older than what is known here");
	return ret;
}

static int tell_event(struct reflector *r, const json_t *event, struct err *e)
{
	const json_t *object = json_object_get(event, "object");
	const char *type = field(event, "type");
	bool deleted = strcmp(type, "DELETED") == 0;
	int ret;

	if (strcmp(type, "ERROR") == 0)
		return tell_error(object, e);
	if (strcmp(type, "BOOKMARK") == 0)
		return take_bookmark(r, object, e);
	if (!deleted && strcmp(type, "ADDED") != 0 && strcmp(type, "MODIFIED") != 0)
		return err_set(e, EPROTO, "the authority sends an event of unknown type");
	if (strcmp(field(object, "kind"), r->kind) != 0 ||
	    !*field(json_object_get(object, "metadata"), "name"))
		return err_set(e, EPROTO, "the authority sends an event that is not of a %s",
			       r->kind);
	ret = take_version(r, object, e);
	if (!ret)
		r->ops->object(r->ctx, object, deleted);
	return ret;
}

static int take_line(struct reflector *r, const char *line, size_t len, struct err *e)
{
	json_error_t error;
	json_t *event;
	int ret;

	event = json_loadb(line, len, 0, &error);
	if (event)
		ret = tell_event(r, event, e);
	else
		ret = err_set(e, EPROTO, "the authority's event is not JSON: %s", error.text);
	json_decref(event);
	return ret;
}

int reflector_watch_bytes(struct reflector *r, const char *data, size_t len, struct err *e)
{
	size_t start = 0;
	char *end;
	int ret;

	ret = append(r, data, len, REFLECTOR_EVENT_MAX, e);
	while (!ret && (end = memchr(r->bytes + r->seen, '\n', r->len - r->seen))) {
		if (end > r->bytes + start)
			ret = take_line(r, r->bytes + start, end - (r->bytes + start), e);
		start = end + 1 - r->bytes;
		r->seen = start;
	}
	if (ret) {
		reflector_restart(r);
		return ret;
	}
	memmove(r->bytes, r->bytes + start, r->len - start);
	r->len -= start;
	r->seen = r->len;
	return 0;
}
