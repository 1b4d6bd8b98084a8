// SPDX-License-Identifier: GPL-2.0
#include "utf8.h"
#include "yaml_node.h"

#include <errno.h>
#include <search.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define ALIAS_SPARE	(4u << 20)

struct anchor {
	char *name;
	struct yaml_node *node;
};

struct reader {
	const char *name;
	const char *text;	/* all of it */
	size_t len;
	struct err *e;
	yaml_parser_t parser;
	yaml_event_t event;
	bool has_event;
	void *anchors;		/* tsearch()'s: no choice of names makes a balanced tree slow */
	struct yaml_node *all;
	size_t nodes;		/* and aliases */
};

int yaml_fail(struct err *e, int code, const char *name, unsigned int line, unsigned int column,
	      const char *fmt, ...)
{
	char text[768];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* A key of the text may have been cut. */
	utf8_repair(text);
	return err_set(e, code, "%s:%u:%u: %s", name, line, column, text);
}

static int fail_at(struct reader *r, const yaml_mark_t *mark, const char *what)
{
	return yaml_fail(r->e, EINVAL, r->name, mark->line + 1, mark->column + 1, "%s", what);
}

static int no_memory(struct reader *r)
{
	return err_set(r->e, ENOMEM, "%s: out of memory", r->name);
}

/* A byte that is no text has an offset only: the parser, which reads ahead, saw no line. */
static int fail_encoding(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	unsigned int line = 1, column = 1;
	size_t i;

	for (i = 0; i < p->problem_offset && i < r->len; i++) {
		if (r->text[i] == '\n') {
			line++;
			column = 1;
		} else if (((unsigned char)r->text[i] & 0xc0) != 0x80) {
			column++;
		}
	}
	return yaml_fail(r->e, EINVAL, r->name, line, column, "%s: the file must be UTF-8 text",
			 p->problem ? p->problem : "not readable");
}

/* The most frequent slip deserves better words than the parser's. */
static bool is_tab(const yaml_parser_t *p)
{
	return p->problem && strstr(p->problem, "cannot start any token") &&
	       p->buffer.pointer < p->buffer.last && *p->buffer.pointer == '\t';
}

static int fail_syntax(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;

	if (p->error == YAML_MEMORY_ERROR)
		return no_memory(r);
	if (p->error == YAML_READER_ERROR)
		return fail_encoding(r);
	if (is_tab(p))
		return fail_at(r, &p->problem_mark, "a tab: YAML is indented with spaces");
	if (p->context && p->context_mark.index != p->problem_mark.index)
		return yaml_fail(r->e, EINVAL, r->name, p->problem_mark.line + 1,
				 p->problem_mark.column + 1, "%s, %s that begins in line %zu, "
				 "column %zu", p->problem, p->context, p->context_mark.line + 1,
				 p->context_mark.column + 1);
	return fail_at(r, &p->problem_mark, p->problem);
}

static void drop_event(struct reader *r)
{
	if (r->has_event)
		yaml_event_delete(&r->event);
	r->has_event = false;
}

static int next_event(struct reader *r)
{
	drop_event(r);
	if (!yaml_parser_parse(&r->parser, &r->event))
		return fail_syntax(r);
	r->has_event = true;
	return 0;
}

/* A tag that says what the text says anyway may stand there, and that a scalar is a string. */
static int check_tag(struct reader *r, const yaml_char_t *tag, const char *own)
{
	if (!tag || !strcmp((const char *)tag, "!") || !strcmp((const char *)tag, own))
		return 0;
	return fail_at(r, &r->event.start_mark,
		       "this tag is not supported: leave it out, and put a string in quotes");
}

static int compare_anchors(const void *a, const void *b)
{
	return strcmp(((const struct anchor *)a)->name, ((const struct anchor *)b)->name);
}

static struct anchor *find_anchor(const struct reader *r, const char *name)
{
	const struct anchor key = { .name = (char *)name };
	struct anchor *const *a = tfind(&key, &r->anchors, compare_anchors);

	return a ? *a : NULL;
}

static void free_anchor(void *anchor)
{
	struct anchor *a = anchor;

	free(a->name);
	free(a);
}

/* One that is given again hides the older one. */
static int add_anchor(struct reader *r, const char *name, struct yaml_node *node)
{
	struct anchor *a = find_anchor(r, name);

	if (a) {
		a->node = node;
		return 0;
	}
	a = calloc(1, sizeof(*a));
	if (!a)
		return no_memory(r);
	a->node = node;
	a->name = strdup(name);
	if (!a->name || !tsearch(a, &r->anchors, compare_anchors)) {
		free_anchor(a);
		return no_memory(r);
	}
	return 0;
}

static void clear_anchors(struct reader *r)
{
	tdestroy(r->anchors, free_anchor);
	r->anchors = NULL;
}

static int count_node(struct reader *r)
{
	if (r->nodes++ < YAML_NODES_MAX)
		return 0;
	return fail_at(r, &r->event.start_mark, "the document has too many values");
}

/* An anchor is known once its node is complete: nothing can contain itself. */
static int read_alias(struct reader *r, struct yaml_node **out)
{
	const char *name = (const char *)r->event.data.alias.anchor;
	const struct anchor *a = find_anchor(r, name);

	if (!a)
		return yaml_fail(r->e, EINVAL, r->name, r->event.start_mark.line + 1,
				 r->event.start_mark.column + 1,
				 "the alias *%s has no anchor &%s before it", name, name);
	*out = a->node;
	return count_node(r);
}

static struct yaml_node *add_node(struct reader *r, enum yaml_shape shape)
{
	struct yaml_node *n;

	if (count_node(r))
		return NULL;
	n = calloc(1, sizeof(*n));
	if (!n) {
		no_memory(r);
		return NULL;
	}
	n->shape = shape;
	n->line = r->event.start_mark.line + 1;
	n->column = r->event.start_mark.column + 1;
	n->next = r->all;
	r->all = n;
	return n;
}

static int node_append(struct yaml_node *n, struct yaml_node *key, struct yaml_node *item)
{
	if (n->n == n->room) {
		size_t room = n->room ? n->room * 2 : 4;
		struct yaml_node **p;

		p = reallocarray(n->items, room, sizeof(struct yaml_node *));
		if (!p)
			return -ENOMEM;
		n->items = p;
		p = n->shape == YAML_SHAPE_MAP ?
			reallocarray(n->keys, room, sizeof(struct yaml_node *)) : NULL;
		if (n->shape == YAML_SHAPE_MAP && !p)
			return -ENOMEM;
		n->keys = p;
		n->room = room;
	}
	if (n->keys)
		n->keys[n->n] = key;
	n->items[n->n++] = item;
	return 0;
}

static int read_node(struct reader *r, unsigned int depth, struct yaml_node **out);

static int read_scalar(struct reader *r, struct yaml_node **out)
{
	struct yaml_node *n;
	int ret;

	ret = check_tag(r, r->event.data.scalar.tag, YAML_STR_TAG);
	if (ret)
		return ret;
	n = add_node(r, YAML_SHAPE_SCALAR);
	if (!n)
		return -EINVAL;
	n->len = r->event.data.scalar.length;
	/* "! 80" and "!!str 80" are strings as well. */
	n->plain = r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
		   !r->event.data.scalar.tag;
	n->text = malloc(n->len + 1);
	if (!n->text)
		return no_memory(r);
	memcpy(n->text, r->event.data.scalar.value, n->len + 1);
	*out = n;
	return 0;
}

/* The event is the first of the list's or map's content, or its end. */
static int read_content(struct reader *r, struct yaml_node *n, unsigned int depth,
			yaml_event_type_t end)
{
	struct yaml_node *item, *key;
	int ret;

	while (r->event.type != end) {
		key = NULL;
		if (n->shape == YAML_SHAPE_MAP) {
			ret = read_node(r, depth + 1, &key);
			if (!ret)
				ret = next_event(r);
			if (ret)
				return ret;
		}
		ret = read_node(r, depth + 1, &item);
		if (ret)
			return ret;
		if (node_append(n, key, item))
			return no_memory(r);
		ret = next_event(r);
		if (ret)
			return ret;
	}
	return 0;
}

static int read_collection(struct reader *r, unsigned int depth, enum yaml_shape shape,
			   struct yaml_node **out)
{
	bool map = shape == YAML_SHAPE_MAP;
	struct yaml_node *n;
	int ret;

	if (depth >= YAML_DEPTH_MAX)
		return fail_at(r, &r->event.start_mark, "nested too deeply");
	ret = map ? check_tag(r, r->event.data.mapping_start.tag, YAML_MAP_TAG) :
		    check_tag(r, r->event.data.sequence_start.tag, YAML_SEQ_TAG);
	if (ret)
		return ret;
	n = add_node(r, shape);
	if (!n)
		return -EINVAL;
	*out = n;
	ret = next_event(r);
	if (ret)
		return ret;
	return read_content(r, n, depth, map ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT);
}

static const yaml_char_t *event_anchor(const yaml_event_t *ev)
{
	switch (ev->type) {
	case YAML_SCALAR_EVENT:
		return ev->data.scalar.anchor;
	case YAML_SEQUENCE_START_EVENT:
		return ev->data.sequence_start.anchor;
	case YAML_MAPPING_START_EVENT:
		return ev->data.mapping_start.anchor;
	default:
		return NULL;
	}
}

static int read_shape(struct reader *r, unsigned int depth, struct yaml_node **out)
{
	switch (r->event.type) {
	case YAML_ALIAS_EVENT:
		return read_alias(r, out);
	case YAML_SCALAR_EVENT:
		return read_scalar(r, out);
	case YAML_SEQUENCE_START_EVENT:
		return read_collection(r, depth, YAML_SHAPE_LIST, out);
	case YAML_MAPPING_START_EVENT:
		return read_collection(r, depth, YAML_SHAPE_MAP, out);
	default:
		return fail_at(r, &r->event.start_mark, "a value was expected");
	}
}

/* From the first event of a node to its last, which stays the current one. */
static int read_node(struct reader *r, unsigned int depth, struct yaml_node **out)
{
	const yaml_char_t *anchor = event_anchor(&r->event);
	char *name = NULL;
	int ret;

	if (anchor) {
		name = strdup((const char *)anchor);
		if (!name)
			return no_memory(r);
	}
	ret = read_shape(r, depth, out);
	if (!ret && name)
		ret = add_anchor(r, name, *out);
	free(name);
	return ret;
}

static void free_nodes(struct yaml_node *n)
{
	struct yaml_node *next;

	for (; n; n = next) {
		next = n->next;
		free(n->text);
		free(n->keys);
		free(n->items);
		free(n);
	}
}

void yaml_docs_clear(struct yaml_docs *docs)
{
	size_t i;

	for (i = 0; i < docs->n; i++) {
		json_decref(docs->v[i].value);
		free_nodes(docs->v[i].all);
	}
	free(docs->v);
	docs->v = NULL;
	docs->n = 0;
}

static int append_doc(struct yaml_docs *out, const struct yaml_doc *doc)
{
	struct yaml_doc *v;

	/* Room doubles at each power of two. */
	if (!(out->n & (out->n - 1))) {
		v = reallocarray(out->v, out->n ? out->n * 2 : 1, sizeof(*v));
		if (!v)
			return -ENOMEM;
		out->v = v;
	}
	out->v[out->n++] = *doc;
	return 0;
}

/* The current event is the document's start. */
static int read_doc(struct reader *r, struct yaml_docs *out)
{
	struct yaml_doc doc = { NULL, NULL, NULL };
	int ret;

	r->all = NULL;
	r->nodes = 0;
	ret = next_event(r);
	if (!ret)
		ret = read_node(r, 0, &doc.root);
	clear_anchors(r);
	if (!ret)
		ret = next_event(r);
	if (!ret)
		ret = yaml_node_json(r->name, doc.root, r->all, ALIAS_SPARE, &doc.value,
				     r->e);
	doc.all = r->all;
	if (!ret && append_doc(out, &doc))
		ret = no_memory(r);
	if (ret) {
		json_decref(doc.value);
		free_nodes(doc.all);
	}
	return ret;
}

static int read_docs(struct reader *r, struct yaml_docs *out)
{
	int ret = next_event(r);

	while (!ret && r->event.type != YAML_STREAM_END_EVENT) {
		if (r->event.type == YAML_DOCUMENT_START_EVENT)
			ret = read_doc(r, out);
		if (!ret)
			ret = next_event(r);
	}
	return ret;
}

static int read_text(struct reader *r, const char *text, size_t len, struct yaml_docs *out)
{
	int ret;

	if (!yaml_parser_initialize(&r->parser))
		return no_memory(r);
	yaml_parser_set_input_string(&r->parser, (const unsigned char *)text, len);
	ret = read_docs(r, out);
	drop_event(r);
	yaml_parser_delete(&r->parser);
	if (ret)
		yaml_docs_clear(out);
	return ret;
}

int yaml_read(const char *name, const char *text, size_t len, struct yaml_docs *out,
	      struct err *e)
{
	struct reader r = { .name = name, .text = text, .len = len, .e = e };
	char *copy = NULL;
	int ret;

	out->v = NULL;
	out->n = 0;
	if (len > YAML_TEXT_MAX)
		return err_set(e, E2BIG, "%s: larger than %u bytes", name, YAML_TEXT_MAX);
	if (yaml_has_json_escapes(text, len)) {
		copy = yaml_join_escapes(text, &len);
		if (!copy)
			return no_memory(&r);
	}
	ret = read_text(&r, copy ? copy : text, len, out);
	free(copy);
	return ret;
}
