// SPDX-License-Identifier: GPL-2.0
#include "fieldset.h"

#include "err.h"
#include "json_text.h"
#include "jx.h"
#include "merge_rules.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SELF	"."

struct walk {
	const char *kind;
	struct err *e;
	char path[MERGE_PATH_MAX];
};

static json_t *set_of(struct walk *w, const json_t *value);

/* A port's protocol is part of its key, and TCP when it is not said. */
static const json_t *key_value(const json_t *item, const char *key, json_t **hold)
{
	json_t *v = json_object_get(item, key);

	if (!v && !strcmp(key, "protocol"))
		v = *hold = jx_string("TCP");
	return v;
}

/* Add one key of item to id. false: it lacks it. */
static bool identify(json_t *id, const json_t *item, const char *key)
{
	json_t *hold = NULL;
	const json_t *v = key_value(item, key, &hold);

	if (v && json_object_set(id, key, (json_t *)v))
		jx_must(NULL);
	json_decref(hold);
	return v;
}

/* "k:{...}" or "v:..." in the one way to write it. To be freed. */
static char *print_step(char sort, const json_t *value)
{
	char *text, *step;

	text = jx_must(json_text(value, JSON_TEXT_SORTED, NULL));
	if (asprintf(&step, "%c:%s", sort, text) < 0)
		jx_must(NULL);
	free(text);
	return step;
}

char *fieldset_item_step(const char *const *keys, const json_t *item)
{
	json_t *id = jx_must(json_object());
	char *step = NULL;
	bool all = true;

	for (size_t i = 0; all && i < MERGE_KEYS_MAX && keys[i]; i++)
		all = identify(id, item, keys[i]);
	if (all)
		step = print_step('k', id);
	json_decref(id);
	return step;
}

static void put(json_t *set, const char *step, json_t *below)
{
	if (json_object_set_new(set, step, below))
		jx_must(NULL);
}

static json_t *set_of_items(struct walk *w, const char *const *keys, const json_t *list)
{
	json_t *set = jx_must(json_object()), *item, *below;
	char *step;
	size_t i;

	json_array_foreach(list, i, item) {
		step = fieldset_item_step(keys, item);
		if (!step)
			err_set(w->e, EINVAL, ".%s: element %zu: associative list with keys has an "
				"element that omits key field \"%s\"", w->path, i, keys[0]);
		below = step ? set_of(w, item) : NULL;
		if (!below) {
			free(step);
			json_decref(set);
			return NULL;
		}
		put(below, SELF, json_object());
		put(set, step, below);
		free(step);
	}
	return set;
}

static json_t *set_of_values(const json_t *list)
{
	json_t *set = jx_must(json_object()), *item;
	size_t i;

	json_array_foreach(list, i, item) {
		char *step = print_step('v', item);

		put(set, step, json_object());
		free(step);
	}
	return set;
}

static json_t *set_of_fields(struct walk *w, const json_t *object)
{
	json_t *set = jx_must(json_object()), *v, *below;
	const char *key;

	json_object_foreach((json_t *)object, key, v) {
		size_t up = merge_path_down(w->path, key);
		char *step;

		below = set_of(w, v);
		if (!below) {
			json_decref(set);
			return NULL;
		}
		w->path[up] = '\0';
		if (asprintf(&step, "f:%s", key) < 0)
			jx_must(NULL);
		put(set, step, below);
		free(step);
	}
	return set;
}

/* Empty: value has one owner as a whole. */
static json_t *set_of(struct walk *w, const json_t *value)
{
	const struct merge_rule *rule = merge_rule_find(w->kind, w->path);

	if (json_is_object(value) && !(rule && rule->atomic))
		return set_of_fields(w, value);
	if (json_is_array(value) && rule && rule->keys[0])
		return set_of_items(w, rule->keys, value);
	if (json_is_array(value) && rule && rule->set)
		return set_of_values(value);
	return jx_must(json_object());
}

/* What names the object, and what only the server sets. */
static void leave_out(json_t *set, const char *sub)
{
	static const char *const fields[] = {
		"f:name", "f:namespace", "f:creationTimestamp", "f:selfLink", "f:uid",
		"f:generation", "f:managedFields", "f:resourceVersion",
	};
	json_t *meta = json_object_get(set, "f:metadata");
	json_t *status = json_incref(json_object_get(set, "f:status"));

	json_object_del(set, "f:kind");
	json_object_del(set, "f:apiVersion");
	json_object_del(set, "f:status");
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		json_object_del(meta, fields[i]);
	if (!json_object_size(meta))
		json_object_del(set, "f:metadata");
	if (sub) {
		json_object_clear(set);
		if (status)
			json_object_set(set, "f:status", status);
	}
	json_decref(status);
}

json_t *fieldset_of(const char *kind, const json_t *config, const char *sub, struct err *e)
{
	struct walk w = { .kind = kind, .e = e };
	json_t *set = set_of_fields(&w, config);

	if (set)
		leave_out(set, sub);
	return set;
}

void fieldset_places_clear(struct fieldset_places *p)
{
	json_decref(p->by_step);
	json_decref(p->shapes);
}

/* Which step leads to item: by the keys that id has. NULL: none. To be freed. */
static char *step_like(char sort, const json_t *id, const json_t *item)
{
	char *step = NULL;
	bool all = true;
	const char *key;
	json_t *own, *v;

	if (sort == 'v')
		return print_step(sort, item);
	if (!json_is_object(item))
		return NULL;
	own = jx_must(json_object());
	json_object_foreach((json_t *)id, key, v)
		all = all && identify(own, item, key);
	if (all)
		step = print_step(sort, own);
	json_decref(own);
	return step;
}

/* The first of several that are the same counts. */
static void note_places(struct fieldset_places *p, char sort, const json_t *id)
{
	json_t *item;
	size_t i;

	json_array_foreach(p->value, i, item) {
		char *step = step_like(sort, id, item);

		if (step && !json_object_get(p->by_step, step))
			put(p->by_step, step, json_integer((json_int_t)i));
		free(step);
	}
}

/* The names of the keys, as a text to compare; the same for all values. To be freed. */
static char *shape_of(char sort, const json_t *id)
{
	json_t *names = jx_must(json_object()), *v;
	const char *key;
	char *shape;

	json_object_foreach((json_t *)id, key, v)
		put(names, key, json_null());
	shape = print_step(sort, sort == 'k' ? names : json_null());
	json_decref(names);
	return shape;
}

/* All items are looked at once for each set of keys; a list has but one, as a rule. */
static json_t *find_place(struct fieldset_places *p, char sort, const json_t *id)
{
	char *shape = shape_of(sort, id), *step = print_step(sort, id);
	json_t *place;

	if (!json_object_get(p->shapes, shape)) {
		put(p->shapes, shape, json_true());
		note_places(p, sort, id);
	}
	place = json_object_get(p->by_step, step);
	free(shape);
	free(step);
	return place;
}

json_t *fieldset_find(struct fieldset_places *p, const char *step, size_t *at)
{
	json_t *place, *id;

	if (step[0] == 'f' && step[1] == ':')
		return json_object_get(p->value, step + 2);
	if ((step[0] != 'k' && step[0] != 'v') || step[1] != ':' || !json_is_array(p->value))
		return NULL;
	if (!p->by_step) {
		p->by_step = jx_must(json_object());
		p->shapes = jx_must(json_object());
	}
	place = json_object_get(p->by_step, step);
	if (!place) {
		id = json_loads(step + 2, JSON_DECODE_ANY, NULL);
		if (id && (step[0] == 'v' || json_is_object(id)))
			place = find_place(p, step[0], id);
		json_decref(id);
	}
	if (place && at)
		*at = (size_t)json_integer_value(place);
	return place ? json_array_get(p->value, (size_t)json_integer_value(place)) : NULL;
}

bool fieldset_has_self(const json_t *set)
{
	return set && (!json_object_size(set) || json_object_get(set, SELF));
}

void fieldset_keep_same(json_t *set, const json_t *was, const json_t *is)
{
	struct fieldset_places before = { .value = was }, after = { .value = is };
	const char *step;
	json_t *below;
	void *next;

	json_object_foreach_safe(set, next, step, below) {
		const json_t *old = fieldset_find(&before, step, NULL);
		const json_t *new = fieldset_find(&after, step, NULL);
		bool whole = !json_object_size(below);

		if (!strcmp(step, SELF))
			continue;
		if (!whole && new)
			fieldset_keep_same(below, old, new);
		if (!new || (whole ? !json_equal(old, new) : !json_object_size(below)))
			json_object_del(set, step);
	}
	fieldset_places_clear(&before);
	fieldset_places_clear(&after);
}

void fieldset_subtract(json_t *from, const json_t *what)
{
	const char *step;
	json_t *below, *other;
	void *next;

	json_object_foreach_safe(from, next, step, below) {
		other = json_object_get(what, step);
		if (!other || !strcmp(step, SELF))
			continue;
		if (!json_object_size(below)) {
			if (fieldset_has_self(other))
				json_object_del(from, step);
			continue;
		}
		if (fieldset_has_self(other))
			json_object_del(below, SELF);
		fieldset_subtract(below, other);
		if (!json_object_size(below))
			json_object_del(from, step);
	}
}
