// SPDX-License-Identifier: GPL-2.0
#include "list_reader.h"

#include "err.h"
#include "json_read.h"
#include "jx.h"

#include <errno.h>
#include <string.h>

/* Nothing real is near these; they only keep a wrong peer from eating the memory. */
#define AROUND_MAX	((size_t)1 << 20)
#define ITEM_MAX	((size_t)64 << 20)

/* Brackets that are open: of the list, of its items, of an item, of an item's metadata. */
#define DEPTH_LIST	1
#define DEPTH_ITEMS	2
#define DEPTH_ITEM	3
#define DEPTH_METADATA	4

void list_reader_init(struct list_reader *r, const struct list_reader_ops *ops, void *ctx)
{
	*r = (struct list_reader){ .ops = ops, .ctx = ctx };
}

void list_reader_clear(struct list_reader *r)
{
	bytes_clear(&r->around);
	bytes_clear(&r->item);
	list_reader_init(r, r->ops, r->ctx);
}

static int keep(struct list_reader *r, const char *data, size_t len, struct err *e)
{
	if (r->skip)
		return 0;
	if (r->depth >= DEPTH_ITEM && r->items)
		return bytes_append(&r->item, data, len, ITEM_MAX, e);
	if (!r->items)
		return bytes_append(&r->around, data, len, AROUND_MAX, e);
	return 0;
}

/* Whoever may write an annotation may write a NUL: that is no reason to hear of nothing. */
static json_t *parse(const char *text, size_t len, struct err *e)
{
	json_error_t error;
	json_t *value;

	value = json_read(text, len, JSON_ALLOW_NUL, &error);
	if (!value)
		err_set(e, EPROTO, "the authority's list is not JSON: %s", error.text);
	return value;
}

/* What was read so far, and an end. */
static int tell_head(struct list_reader *r, struct err *e)
{
	size_t len = r->around.len;
	json_t *head;
	int ret;

	ret = bytes_append(&r->around, "]}", 2, AROUND_MAX, e);
	if (ret)
		return ret;
	r->around.len = len;
	head = parse(r->around.v, len + 2, e);
	if (!head)
		return -EPROTO;
	r->begun = true;
	ret = r->ops->head(r->ctx, head, e);
	json_decref(head);
	return ret;
}

static int tell_item(struct list_reader *r, struct err *e)
{
	json_t *item = parse(r->item.v, r->item.len, e);
	int ret;

	if (!item)
		return -EPROTO;
	/* It is null since its value was skipped. */
	json_object_del(json_object_get(item, "metadata"), "managedFields");
	ret = r->ops->item(r->ctx, item, e);
	json_decref(item);
	r->item.len = 0;
	return ret;
}

static int opened(struct list_reader *r, char c, struct err *e)
{
	int ret;

	/* An item is an object; whatever else there is falls to the parser. */
	if (r->items && r->depth == DEPTH_ITEMS && c != '{')
		return err_set(e, EPROTO, "the authority's list has an item that is no object");
	if (r->depth >= DEPTH_METADATA + JX_DEPTH_MAX)
		return err_set(e, EPROTO, "the authority's list is nested too deep");
	r->depth++;
	if (r->depth == DEPTH_METADATA && r->items)
		r->metadata = r->metadata_key && c == '{';
	ret = keep(r, &c, 1, e);
	if (ret || r->depth != DEPTH_ITEMS || c != '[' || !r->items_key || r->items)
		return ret;
	if (r->begun)
		return err_set(e, EPROTO, "the authority's list has items twice");
	ret = tell_head(r, e);
	r->items = true;
	return ret;
}

static int closed(struct list_reader *r, char c, struct err *e)
{
	int ret;

	if (!r->depth)
		return err_set(e, EPROTO, "the authority's list ends more often than it begins");
	if (r->depth == DEPTH_METADATA)
		r->metadata = false;
	if (r->items && r->depth == DEPTH_ITEMS)
		r->items = r->items_key = false;
	ret = keep(r, &c, 1, e);
	r->depth--;
	if (!ret && r->items && r->depth == DEPTH_ITEMS)
		ret = tell_item(r, e);
	return ret;
}

static bool word_is(const struct list_reader *r, const char *key)
{
	return r->word_len == strlen(key) && memcmp(r->word, key, r->word_len) == 0;
}

/* The last string was a key. */
static int colon(struct list_reader *r, struct err *e)
{
	int ret = keep(r, ":", 1, e);

	if (ret || r->skip)
		return ret;
	if (r->depth == DEPTH_LIST) {
		r->items_key = word_is(r, "items");
	} else if (r->items && r->depth == DEPTH_ITEM) {
		r->metadata_key = word_is(r, "metadata");
	} else if (r->metadata && r->depth == DEPTH_METADATA && word_is(r, "managedFields")) {
		ret = keep(r, "null", 4, e);
		r->skip = true;
	}
	return ret;
}

static int outside(struct list_reader *r, char c, struct err *e)
{
	/* The end of what is skipped belongs to what is not. */
	if (r->skip && r->depth == DEPTH_METADATA && (c == ',' || c == '}'))
		r->skip = false;
	switch (c) {
	case '{':
	case '[':
		return opened(r, c, e);
	case '}':
	case ']':
		return closed(r, c, e);
	case ':':
		return colon(r, e);
	case '"':
		r->string = true;
		r->word_len = 0;
		break;
	}
	if (r->items && r->depth == DEPTH_ITEMS && (!c || !strchr(", \t\r\n", c)))
		return err_set(e, EPROTO, "the authority's list has an item that is no object");
	return keep(r, &c, 1, e);
}

/* As much of data as is inside of one string, its end included. */
static size_t string_part(struct list_reader *r, const char *data, size_t len)
{
	size_t i;

	for (i = 0; i < len && r->string; i++) {
		if (r->escape)
			r->escape = false;
		else if (data[i] == '\\')
			r->escape = true;
		else if (data[i] == '"')
			r->string = false;
		/* What is longer is none of the words that are looked for. */
		if (r->string && r->word_len < sizeof(r->word))
			r->word[r->word_len++] = data[i];
	}
	return i;
}

int list_reader_bytes(struct list_reader *r, const char *data, size_t len, struct err *e)
{
	size_t i = 0, n;
	int ret = 0;

	while (i < len && !ret) {
		n = r->string ? string_part(r, data + i, len - i) : 0;
		if (n)
			ret = keep(r, data + i, n, e);
		else
			ret = outside(r, data[i], e);
		i += n ? n : 1;
	}
	return ret;
}

int list_reader_end(struct list_reader *r, json_t **around, struct err *e)
{
	int ret = 0;

	*around = parse(r->around.v ? r->around.v : "", r->around.len, e);
	if (!*around)
		return -EPROTO;
	if (!json_is_object(*around))
		ret = err_set(e, EPROTO, "the authority's list is not an object");
	else if (!r->begun)
		/* A list of nothing may have no items, or null: so Go prints it at times. */
		ret = r->ops->head(r->ctx, *around, e);
	if (ret) {
		json_decref(*around);
		*around = NULL;
	}
	return ret;
}
