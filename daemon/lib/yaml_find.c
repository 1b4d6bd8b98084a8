// SPDX-License-Identifier: GPL-2.0
/* From the path of a field, as the API names it, to its place in the text. */
#include "yaml_node.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct step {
	const struct yaml_node *key;	/* NULL in a list */
	const struct yaml_node *value;
	const char *rest;		/* of the path */
};

static bool ends_name(char c)
{
	return !c || c == '.' || c == '[';
}

/* Names may have dots in them (kubernetes.io/name): the longest key that fits is meant. */
static bool step_by_key(const struct yaml_node *map, const char *path,
			int (*cmp)(const char *, const char *, size_t), struct step *s)
{
	size_t i, len, best = 0;
	bool found = false;

	for (i = 0; i < map->n; i++) {
		if (map->keys[i]->shape != YAML_SHAPE_SCALAR)
			continue;
		len = map->keys[i]->len;
		if (len <= best || cmp(path, map->keys[i]->text, len) || !ends_name(path[len]))
			continue;
		best = len;
		found = true;
		*s = (struct step){ map->keys[i], map->items[i], path + len };
	}
	return found;
}

/* One error of Kubernetes writes its field with a capital: spec.LoadBalancerSourceRanges. */
static bool step_by_name(const struct yaml_node *map, const char *path, struct step *s)
{
	return step_by_key(map, path, strncmp, s) || step_by_key(map, path, strncasecmp, s);
}

/* "[key]" of a map */
static bool step_by_bracket(const struct yaml_node *map, const char *path, struct step *s)
{
	const char *end = strrchr(path, ']');
	size_t i, len;

	if (!end)
		return false;
	for (i = 0; i < map->n; i++) {
		len = map->keys[i]->len;
		if (map->keys[i]->shape != YAML_SHAPE_SCALAR || path + len > end ||
		    strncmp(path, map->keys[i]->text, len) || path[len] != ']')
			continue;
		*s = (struct step){ map->keys[i], map->items[i], path + len + 1 };
		return true;
	}
	return false;
}

static bool step_by_index(const struct yaml_node *list, const char *path, struct step *s)
{
	char *end;
	unsigned long i;

	if (*path < '0' || *path > '9')
		return false;
	i = strtoul(path, &end, 10);
	if (*end != ']' || i >= list->n)
		return false;
	*s = (struct step){ NULL, list->items[i], end + 1 };
	return true;
}

static bool step(const struct yaml_node *n, const char *path, struct step *s)
{
	if (*path == '[')
		return n->shape == YAML_SHAPE_LIST ? step_by_index(n, path + 1, s) :
		       n->shape == YAML_SHAPE_MAP && step_by_bracket(n, path + 1, s);
	path += *path == '.';
	return n->shape == YAML_SHAPE_MAP && step_by_name(n, path, s);
}

static struct yaml_place place_of(const struct yaml_node *n, bool exact)
{
	return (struct yaml_place){ n->line, n->column, exact };
}

static struct yaml_place find(const struct yaml_doc *doc, const char *path, bool key)
{
	struct step s = { NULL, doc->root, path };

	while (*s.rest)
		if (!step(s.value, s.rest, &s))
			return place_of(s.key ? s.key : s.value, false);
	return place_of(key && s.key ? s.key : s.value, true);
}

struct yaml_place yaml_find(const struct yaml_doc *doc, const char *path)
{
	return find(doc, path, false);
}

struct yaml_place yaml_find_key(const struct yaml_doc *doc, const char *path)
{
	return find(doc, path, true);
}
