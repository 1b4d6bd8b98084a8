// SPDX-License-Identifier: GPL-2.0
#include "patch_strategic.h"

#include "err.h"
#include "jx.h"
#include "merge_rules.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PATCH		"$patch"
#define RETAIN_KEYS	"$retainKeys"
#define DELETE_LIST	"$deleteFromPrimitiveList/"
#define ELEMENT_ORDER	"$setElementOrder/"

struct walk {
	const char *kind;
	struct err *e;
	char path[MERGE_PATH_MAX];
};

/* One item on its way from the old list to the new one. */
struct item {
	json_t *value;		/* NULL: deleted */
	size_t order;		/* its place in $setElementOrder */
	bool old;
};

#define NO_ORDER	SIZE_MAX

/* A list while it is merged: items, and where each of them stands by its key. */
struct merge {
	struct walk *w;
	const char *key;	/* ""; values are their own keys */
	struct item *v;
	size_t n, room;
	json_t *index;
};

static json_t *merge_map(struct walk *w, const json_t *old, const json_t *patch);

static int bad(struct walk *w, const char *what)
{
	return err_set(w->e, EINVAL, "%s%s%s", w->path, *w->path ? ": " : "", what);
}

static bool starts_with(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

/* What tells this item from others, as text; to be freed. NULL: it has no key. */
static char *key_of(const struct merge *m, const json_t *item)
{
	const json_t *v = *m->key ? json_object_get(item, m->key) : item;

	return v && !json_is_null(v) ? jx_print(v) : NULL;
}

static struct item *find_item(const struct merge *m, const char *key)
{
	const json_t *at = json_object_get(m->index, key);

	return at ? &m->v[json_integer_value(at)] : NULL;
}

/* value is taken over. */
static struct item *add_item(struct merge *m, const char *key, json_t *value, bool old)
{
	if (m->n == m->room) {
		m->room = m->room ? 2 * m->room : 16;
		m->v = jx_must(reallocarray(m->v, m->room, sizeof(*m->v)));
	}
	/* Of several old items with one key the first is the one that is merged. */
	if (key && !json_object_get(m->index, key) &&
	    json_object_set_new(m->index, key, json_integer((json_int_t)m->n)))
		jx_must(NULL);
	m->v[m->n] = (struct item){ value, NO_ORDER, old };
	return &m->v[m->n++];
}

static void add_old(struct merge *m, const json_t *old)
{
	json_t *item;
	size_t i;

	json_array_foreach(old, i, item) {
		char *key = key_of(m, item);

		add_item(m, key, json_incref(item), true);
		free(key);
	}
}

static void delete_item(struct merge *m, const char *key)
{
	struct item *at = find_item(m, key);

	if (at) {
		json_decref(at->value);
		at->value = NULL;
	}
}

static int merge_value(struct merge *m, const char *key, const json_t *item)
{
	struct item *at = find_item(m, key);
	json_t *merged;

	if (at && at->value && !*m->key)
		return 0;
	if (*m->key)
		merged = merge_map(m->w, at ? at->value : NULL, item);
	else
		merged = jx_copy(item);
	if (!merged)
		return -EINVAL;
	if (!at) {
		add_item(m, key, merged, false);
		return 0;
	}
	json_decref(at->value);
	at->value = merged;
	return 0;
}

static int merge_item(struct merge *m, const json_t *item)
{
	const char *directive = jx_str(item, PATCH);
	char *key = key_of(m, item);
	int rc = 0;

	if (!key || (*m->key && !json_is_object(item)))
		rc = err_set(m->w->e, EINVAL, "%s: map: %.100s does not contain declared merge "
			     "key: %s", m->w->path, json_is_object(item) ? "the patch" : "a value",
			     m->key);
	else if (*m->key && !strcmp(directive, "delete"))
		delete_item(m, key);
	else
		rc = merge_value(m, key, item);
	free(key);
	return rc;
}

static bool replaces_list(const json_t *patch)
{
	json_t *item;
	size_t i;

	json_array_foreach(patch, i, item)
		if (jx_is(item, PATCH, "replace"))
			return true;
	return false;
}

/* The list is what the patch has, but for the items with directives. */
static int replace_list(struct merge *m, const json_t *patch)
{
	json_t *item;
	size_t i;

	json_array_foreach(patch, i, item)
		if (!json_object_get(item, PATCH))
			add_item(m, NULL, jx_copy(item), false);
	return 0;
}

static int merge_items(struct merge *m, const json_t *old, const json_t *patch)
{
	json_t *item;
	int rc = 0;
	size_t i;

	if (*m->key && replaces_list(patch))
		return replace_list(m, patch);
	add_old(m, old);
	json_array_foreach(patch, i, item) {
		rc = merge_item(m, item);
		if (rc)
			break;
	}
	return rc;
}

/* Every item of the patch must have its place in the order. */
static int check_order(struct merge *m, const json_t *patch)
{
	json_t *item;
	int rc = 0;
	size_t i;

	json_array_foreach(patch, i, item) {
		char *key = key_of(m, item);
		struct item *at = key ? find_item(m, key) : NULL;

		if (at && at->value && at->order == NO_ORDER)
			rc = bad(m->w, "The order in patch list doesn't match $setElementOrder "
				       "list");
		free(key);
		if (rc)
			break;
	}
	return rc;
}

static int compare_order(const void *a, const void *b)
{
	const struct item *const *l = a, *const *r = b;

	return ((*l)->order > (*r)->order) - ((*l)->order < (*r)->order);
}

/*
 * The items that the order names stand in it. The others keep their place
 * before the next one of those that was in the list already; a new one comes
 * first. (As Kubernetes' strategicpatch merges two sorted lists.)
 */
static void put_in_order(struct merge *m, json_t *out)
{
	struct item **named = jx_must(calloc(m->n + 1, sizeof(*named)));
	struct item *other = m->v, *end = m->v + m->n;
	size_t i = 0, n = 0;

	for (struct item *at = m->v; at < end; at++)
		if (at->order != NO_ORDER && at->value)
			named[n++] = at;
	qsort(named, n, sizeof(*named), compare_order);
	for (;;) {
		while (other < end && (other->order != NO_ORDER || !other->value))
			other++;
		if (i < n && (other == end || !named[i]->old || named[i] < other))
			jx_append(out, json_incref(named[i++]->value));
		else if (other < end)
			jx_append(out, json_incref(other++->value));
		else
			break;
	}
	free(named);
}

static int order_items(struct merge *m, const json_t *order, const json_t *patch)
{
	json_t *item;
	size_t i;

	json_array_foreach(order, i, item) {
		char *key = key_of(m, item);
		struct item *at = key ? find_item(m, key) : NULL;

		if (at && at->order == NO_ORDER)
			at->order = i;
		free(key);
	}
	return check_order(m, patch);
}

static json_t *end_merge(struct merge *m, int rc)
{
	json_t *out = rc ? NULL : jx_must(json_array());

	if (out)
		put_in_order(m, out);
	for (size_t i = 0; i < m->n; i++)
		json_decref(m->v[i].value);
	free(m->v);
	json_decref(m->index);
	return out;
}

/* Any of the three may be NULL. */
static json_t *merge_list(struct walk *w, const char *key, const json_t *old, const json_t *patch,
			  const json_t *order, const json_t *deletes)
{
	struct merge m = { .w = w, .key = key, .index = jx_must(json_object()) };
	json_t *gone;
	size_t i;
	int rc;

	rc = merge_items(&m, old, patch);
	json_array_foreach(deletes, i, gone) {
		char *text = *key ? NULL : key_of(&m, gone);

		if (text)
			delete_item(&m, text);
		free(text);
	}
	if (!rc)
		rc = order_items(&m, order ? order : patch, patch);
	return end_merge(&m, rc);
}

/* What the patch says about the list at key beside its items. NULL: nothing. */
static const json_t *directive_of(const json_t *patch, const char *prefix, const char *key)
{
	json_t *v = NULL;
	char *name;

	if (asprintf(&name, "%s%s", prefix, key) < 0)
		jx_must(NULL);
	v = json_object_get(patch, name);
	free(name);
	return v;
}

static json_t *merge_list_field(struct walk *w, const char *key, const json_t *old,
				const json_t *patch)
{
	const struct merge_rule *rule = merge_rule_find(w->kind, w->path);
	const json_t *order = directive_of(patch, ELEMENT_ORDER, key);
	const json_t *deletes = directive_of(patch, DELETE_LIST, key);
	const json_t *list = json_object_get(patch, key);

	if ((order && !json_is_array(order)) || (deletes && !json_is_array(deletes))) {
		bad(w, "the directives of a list are lists");
		return NULL;
	}
	if (!rule || !rule->patch_key)
		return list ? jx_copy(list) : json_incref((json_t *)old);
	return merge_list(w, rule->patch_key, json_is_array(old) ? old : NULL, list, order,
			  deletes);
}

/* A new value for the field; NULL: the patch is wrong. */
static json_t *merge_field(struct walk *w, const char *key, const json_t *old, const json_t *patch)
{
	const json_t *v = json_object_get(patch, key);
	size_t up = merge_path_down(w->path, key);
	json_t *out;

	if (json_is_object(v))
		out = merge_map(w, old, v);
	else if (json_is_array(v) || (!v && json_is_array(old)))
		out = merge_list_field(w, key, old, patch);
	else
		out = v ? jx_copy(v) : json_null();
	if (out)
		w->path[up] = '\0';
	return out;
}

static int retain_keys(struct walk *w, json_t *out, const json_t *patch)
{
	const json_t *keep = json_object_get(patch, RETAIN_KEYS);
	json_t *kept, *v;
	const char *key;
	size_t i;

	if (!keep)
		return 0;
	if (!json_is_array(keep))
		return bad(w, RETAIN_KEYS " must be a list of field names");
	kept = jx_must(json_object());
	json_array_foreach(keep, i, v) {
		key = json_string_value(v);
		if (key && json_object_get(out, key))
			json_object_set(kept, key, json_object_get(out, key));
	}
	json_object_clear(out);
	json_object_update(out, kept);
	json_decref(kept);
	return 0;
}

/* The field that a key of the patch is about; NULL: none, it was heeded already. */
static const char *field_of(const char *key, const json_t *patch)
{
	const char *field = key;

	if (!strcmp(key, RETAIN_KEYS))
		return NULL;
	if (starts_with(key, DELETE_LIST))
		field = key + strlen(DELETE_LIST);
	else if (starts_with(key, ELEMENT_ORDER))
		field = key + strlen(ELEMENT_ORDER);
	return field != key && json_object_get(patch, field) ? NULL : field;
}

static int merge_fields(struct walk *w, json_t *out, const json_t *old, const json_t *patch)
{
	const char *key, *field;
	json_t *v, *merged;

	json_object_foreach((json_t *)patch, key, v) {
		field = field_of(key, patch);
		if (!field)
			continue;
		if (json_is_null(v) && field == key) {
			json_object_del(out, field);
			continue;
		}
		/* A directive about a list that is not there changes nothing. */
		if (field != key && !json_object_get(out, field))
			continue;
		merged = merge_field(w, field, json_object_get(old, field), patch);
		if (!merged)
			return -EINVAL;
		if (json_object_set_new(out, field, merged))
			jx_must(NULL);
	}
	return 0;
}

/* NULL: the directive is none. */
static json_t *obey(struct walk *w, const char *directive, const json_t *patch)
{
	json_t *out;

	if (!strcmp(directive, "delete"))
		return jx_must(json_object());
	if (!strcmp(directive, "replace")) {
		out = jx_copy(patch);
		json_object_del(out, PATCH);
		return out;
	}
	err_set(w->e, EINVAL, "%s%sunknown patch type [%.64s]", w->path, *w->path ? ": " : "",
		directive);
	return NULL;
}

static json_t *merge_map(struct walk *w, const json_t *old, const json_t *patch)
{
	json_t *out;

	if (json_object_get(patch, PATCH))
		return obey(w, jx_str(patch, PATCH), patch);
	/* Shallow: what the patch names is replaced by a value of its own. */
	out = jx_must(json_is_object(old) ? json_copy((json_t *)old) : json_object());
	if (!retain_keys(w, out, patch) && !merge_fields(w, out, old, patch))
		return out;
	json_decref(out);
	return NULL;
}

int patch_strategic(const char *kind, const json_t *old, const json_t *patch, json_t **out,
		    struct err *e)
{
	struct walk w = { .kind = kind, .e = e };

	if (!json_is_object(patch))
		return err_set(e, EINVAL, "a strategic merge patch must be a JSON object");
	*out = merge_map(&w, old, patch);
	return *out ? 0 : -EINVAL;
}
