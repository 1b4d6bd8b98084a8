// SPDX-License-Identifier: GPL-2.0
/* From the tree of a text to a JSON value, with bounds on what aliases may make of it. */
#include "yaml_node.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NODE_COST	64	/* a JSON value's memory, roughly */

struct conv {
	const char *name;
	struct err *e;
	size_t left;		/* what may still be made */
};

static int convert(struct conv *c, const struct yaml_node *n, unsigned int depth, json_t **out);

static int fail(const struct conv *c, const struct yaml_node *n, const char *what)
{
	return yaml_fail(c->e, EINVAL, c->name, n->line, n->column, "%s", what);
}

static int no_memory(const struct conv *c)
{
	return err_set(c->e, ENOMEM, "%s: out of memory", c->name);
}

static int pay(struct conv *c, const struct yaml_node *n)
{
	if (c->left < NODE_COST + n->len)
		return fail(c, n, "the aliases (*name) make the document too large");
	c->left -= NODE_COST + n->len;
	return 0;
}

static int convert_scalar(struct conv *c, const struct yaml_node *n, json_t **out)
{
	const char *problem = NULL;

	if (memchr(n->text, '\0', n->len))
		return fail(c, n, "a string cannot have a NUL in it");
	*out = n->plain ? yaml_scalar_json(n->text, n->len, &problem) :
			  json_stringn(n->text, n->len);
	if (*out)
		return 0;
	return problem ? fail(c, n, problem) : no_memory(c);
}

static int convert_list(struct conv *c, const struct yaml_node *n, unsigned int depth,
			json_t *list)
{
	json_t *item;
	size_t i;
	int ret;

	for (i = 0; i < n->n; i++) {
		ret = convert(c, n->items[i], depth + 1, &item);
		if (ret)
			return ret;
		if (json_array_append_new(list, item))
			return no_memory(c);
	}
	return 0;
}

static bool is_merge(const struct yaml_node *key)
{
	return key->shape == YAML_SHAPE_SCALAR && key->plain && !strcmp(key->text, "<<");
}

/* 8080 is the key "8080"; 0x1f or 1.50 would be a key that nobody wrote. */
static bool is_decimal(const json_t *key, const char *text)
{
	char decimal[24];

	snprintf(decimal, sizeof(decimal), "%" JSON_INTEGER_FORMAT, json_integer_value(key));
	return json_is_integer(key) && !strcmp(decimal, text);
}

/* A key like yes is not the string that it looks like: say so instead of guessing. */
static int check_key(struct conv *c, const struct yaml_node *key)
{
	json_t *j;
	int ret;

	if (key->shape != YAML_SHAPE_SCALAR)
		return fail(c, key, "a key must be a string");
	ret = convert_scalar(c, key, &j);
	if (ret)
		return ret;
	if (!json_is_string(j) && !is_decimal(j, key->text))
		ret = yaml_fail(c->e, EINVAL, c->name, key->line, key->column,
				"a key must be a string: write \"%.60s\" in quotes", key->text);
	json_decref(j);
	return ret;
}

static unsigned int line_of_key(const struct yaml_node *map, const char *text)
{
	size_t i;

	for (i = 0; i < map->n; i++)
		if (map->keys[i]->shape == YAML_SHAPE_SCALAR && !strcmp(map->keys[i]->text, text))
			return map->keys[i]->line;
	return map->line;
}

static int convert_member(struct conv *c, const struct yaml_node *n, size_t i,
			  unsigned int depth, json_t *map)
{
	const struct yaml_node *key = n->keys[i];
	json_t *item;
	int ret;

	ret = check_key(c, key);
	if (!ret)
		ret = pay(c, key);
	if (ret)
		return ret;
	if (json_object_get(map, key->text))
		return yaml_fail(c->e, EINVAL, c->name, key->line, key->column,
				 "duplicate key \"%.60s\": it is in line %u already", key->text,
				 line_of_key(n, key->text));
	ret = convert(c, n->items[i], depth + 1, &item);
	if (ret)
		return ret;
	return json_object_set_new(map, key->text, item) ? no_memory(c) : 0;
}

static int merge_one(struct conv *c, const struct yaml_node *from, unsigned int depth,
		     json_t *map)
{
	json_t *j;
	int ret;

	if (from->shape != YAML_SHAPE_MAP)
		return fail(c, from, "\"<<\" takes a map, or a list of maps");
	ret = convert(c, from, depth + 1, &j);
	if (ret)
		return ret;
	ret = json_object_update_missing(map, j) ? no_memory(c) : 0;
	json_decref(j);
	return ret;
}

/* Merged keys never win over the map's own, wherever "<<" stands; earlier ones win over later. */
static int convert_merge(struct conv *c, const struct yaml_node *from, unsigned int depth,
			 json_t *map)
{
	size_t i;
	int ret;

	if (from->shape != YAML_SHAPE_LIST)
		return merge_one(c, from, depth, map);
	for (i = 0; i < from->n; i++) {
		ret = merge_one(c, from->items[i], depth, map);
		if (ret)
			return ret;
	}
	return 0;
}

static int convert_map(struct conv *c, const struct yaml_node *n, unsigned int depth, json_t *map)
{
	size_t i;
	int ret;

	for (i = 0; i < n->n; i++) {
		ret = is_merge(n->keys[i]) ? 0 : convert_member(c, n, i, depth, map);
		if (ret)
			return ret;
	}
	for (i = 0; i < n->n; i++) {
		ret = is_merge(n->keys[i]) ? convert_merge(c, n->items[i], depth, map) : 0;
		if (ret)
			return ret;
	}
	return 0;
}

static int convert(struct conv *c, const struct yaml_node *n, unsigned int depth, json_t **out)
{
	int ret;

	*out = NULL;
	/* The text itself is not that deep, but aliases in aliases may be. */
	if (depth > YAML_DEPTH_MAX)
		return fail(c, n, "nested too deeply");
	ret = pay(c, n);
	if (ret)
		return ret;
	if (n->shape == YAML_SHAPE_SCALAR)
		return convert_scalar(c, n, out);
	*out = n->shape == YAML_SHAPE_MAP ? json_object() : json_array();
	if (!*out)
		return no_memory(c);
	ret = n->shape == YAML_SHAPE_MAP ? convert_map(c, n, depth, *out) :
					   convert_list(c, n, depth, *out);
	if (ret) {
		json_decref(*out);
		*out = NULL;
	}
	return ret;
}

static size_t tree_cost(const struct yaml_node *all)
{
	const struct yaml_node *n;
	size_t cost = 0;

	for (n = all; n; n = n->next)
		cost += NODE_COST + n->len;
	return cost;
}

int yaml_node_json(const char *name, const struct yaml_node *root, const struct yaml_node *all,
		   size_t spare, json_t **out, struct err *e)
{
	struct conv c = { .name = name, .e = e, .left = spare + tree_cost(all) };

	return convert(&c, root, 0, out);
}
