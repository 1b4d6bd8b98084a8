// SPDX-License-Identifier: GPL-2.0
#include "reflector.h"

#include "err.h"
#include "json_read.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Nothing real is near these; they only keep a wrong peer from eating the memory. */
#define REFLECTOR_EVENT_MAX	((size_t)64 << 20)
#define REFLECTOR_NEXT_MAX	((size_t)64 << 10)

#define INITIAL_EVENTS_END	"k8s.io/initial-events-end"

static int list_head(void *ctx, const json_t *head, struct err *e);
static int list_item(void *ctx, const json_t *item, struct err *e);

static const struct list_reader_ops list_ops = {
	.head = list_head,
	.item = list_item,
};

void reflector_init(struct reflector *r, const char *kind, const struct reflector_ops *ops,
		    void *ctx)
{
	*r = (struct reflector){ .kind = kind, .ops = ops, .ctx = ctx };
	list_reader_init(&r->list, &list_ops, r);
}

void reflector_exit(struct reflector *r)
{
	list_reader_clear(&r->list);
	bytes_clear(&r->bytes);
	free(r->next);
	r->next = NULL;
}

void reflector_restart(struct reflector *r)
{
	list_reader_clear(&r->list);
	r->bytes.len = 0;
	r->seen = 0;
	r->retry_after = 0;
}

void reflector_list_begin(struct reflector *r, bool initial)
{
	free(r->next);
	r->next = NULL;
	r->listing = false;
	r->initial = initial;
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

static void listing(struct reflector *r)
{
	if (r->listing)
		return;
	r->listing = true;
	r->ops->list_begin(r->ctx);
}

static void listed(struct reflector *r)
{
	r->listing = false;
	r->ops->list_end(r->ctx);
}

static int list_head(void *ctx, const json_t *head, struct err *e)
{
	struct reflector *r = ctx;
	const char *kind = field(head, "kind");
	size_t n = strlen(r->kind);

	if (strncmp(kind, r->kind, n) != 0 || strcmp(kind + n, "List") != 0)
		return err_set(e, EPROTO, "the authority's answer is not a %sList", r->kind);
	listing(r);
	return 0;
}

/* A name is all that we need of each; the rest is judged where it is used. */
static int list_item(void *ctx, const json_t *item, struct err *e)
{
	struct reflector *r = ctx;

	if (!*field(json_object_get(item, "metadata"), "name"))
		return err_set(e, EPROTO, "the authority's %sList has an item without a name",
			       r->kind);
	r->ops->object(r->ctx, item, false);
	return 0;
}

int reflector_list_bytes(struct reflector *r, const char *data, size_t len, struct err *e)
{
	return list_reader_bytes(&r->list, data, len, e);
}

/* Each page has the version of all of them. */
static int page_end(struct reflector *r, const json_t *page, struct err *e)
{
	const char *next = field(json_object_get(page, "metadata"), "continue");
	const json_t *items = json_object_get(page, "items");

	/*
	 * null is how Go prints an empty list at times. Items that are still there were not
	 * told of, because their key was written in another way.
	 */
	if ((!json_is_array(items) && !json_is_null(items)) || json_array_size(items))
		return err_set(e, EPROTO, "the authority's answer is not a %sList", r->kind);
	free(r->next);
	r->next = NULL;
	if (!*next)
		return take_version(r, page, e);
	if (strlen(next) > REFLECTOR_NEXT_MAX)
		return err_set(e, EPROTO, "the authority's list has a continue token of more than "
			       "%zu bytes", REFLECTOR_NEXT_MAX);
	r->next = strdup(next);
	return r->next ? 1 : err_set(e, ENOMEM, "out of memory");
}

int reflector_page_end(struct reflector *r, struct err *e)
{
	json_t *page;
	int ret;

	ret = list_reader_end(&r->list, &page, e);
	if (ret)
		return ret;
	ret = page_end(r, page, e);
	json_decref(page);
	reflector_restart(r);
	if (!ret)
		listed(r);
	return ret;
}

static int error_code(json_int_t code)
{
	return code == 410 ? ESTALE : code == 429 ? EAGAIN : EPROTO;
}

static int tell_error(struct reflector *r, const json_t *status, struct err *e)
{
	const json_t *details = json_object_get(status, "details");
	json_int_t wait = json_integer_value(json_object_get(details, "retryAfterSeconds"));

	r->retry_after = wait > 0 && wait < UINT_MAX ? wait : 0;
	return err_set(e, error_code(json_integer_value(json_object_get(status, "code"))),
		       "the authority ends the watch: %s", field(status, "message"));
}

static bool ends_initial(const json_t *object)
{
	const json_t *meta = json_object_get(object, "metadata");

	return strcmp(field(json_object_get(meta, "annotations"), INITIAL_EVENTS_END),
		      "true") == 0;
}

/* The first bookmark is the end of the initial events, wherever they are known. */
static int initial_bookmark(struct reflector *r, const json_t *object, struct err *e)
{
	int ret;

	if (!ends_initial(object))
		return err_set(e, EOPNOTSUPP, "the authority knows no initial events of a watch");
	ret = take_version(r, object, e);
	if (ret)
		return ret;
	r->initial = false;
	listing(r);
	listed(r);
	return 0;
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
		return tell_error(r, object, e);
	if (strcmp(type, "BOOKMARK") == 0)
		return r->initial ? initial_bookmark(r, object, e) : take_bookmark(r, object, e);
	if (!deleted && strcmp(type, "ADDED") != 0 && strcmp(type, "MODIFIED") != 0)
		return err_set(e, EPROTO, "the authority sends an event of unknown type");
	if (strcmp(field(object, "kind"), r->kind) != 0 ||
	    !*field(json_object_get(object, "metadata"), "name"))
		return err_set(e, EPROTO, "the authority sends an event that is not of a %s",
			       r->kind);
	/* The initial events come in any order: their versions say nothing. */
	ret = r->initial ? 0 : take_version(r, object, e);
	if (ret)
		return ret;
	if (r->initial)
		listing(r);
	json_object_del(json_object_get(object, "metadata"), "managedFields");
	r->ops->object(r->ctx, object, deleted);
	return 0;
}

static int take_line(struct reflector *r, const char *line, size_t len, struct err *e)
{
	json_error_t error;
	json_t *event;
	int ret;

	event = json_read(line, len, JSON_ALLOW_NUL, &error);
	if (event)
		ret = tell_event(r, event, e);
	else
		ret = err_set(e, EPROTO, "the authority's event is not JSON: %s", error.text);
	json_decref(event);
	return ret;
}

int reflector_watch_bytes(struct reflector *r, const char *data, size_t len, struct err *e)
{
	struct bytes *b = &r->bytes;
	size_t start = 0;
	char *end;
	int ret;

	ret = bytes_append(b, data, len, REFLECTOR_EVENT_MAX, e);
	while (!ret && (end = memchr(b->v + r->seen, '\n', b->len - r->seen))) {
		if (end > b->v + start)
			ret = take_line(r, b->v + start, end - (b->v + start), e);
		start = end + 1 - b->v;
		r->seen = start;
	}
	if (ret) {
		b->len = r->seen = 0;
		return ret;
	}
	if (start)
		memmove(b->v, b->v + start, b->len - start);
	b->len -= start;
	r->seen = b->len;
	return 0;
}
