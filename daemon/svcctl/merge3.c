// SPDX-License-Identifier: GPL-2.0
#include "merge3.h"

#include "merge_rules.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Where the walk is. */
struct place {
	const char *kind;
	char path[MERGE_PATH_MAX];	/* names joined by dots; lists have no part in it */
};

static json_t *merge(struct place *p, const json_t *last, const json_t *now, const json_t *live);

/* NULL: the list is one whole. (By all keys: by port alone 53/UDP and 53/TCP would be one.) */
static const struct merge_rule *find_rule(const struct place *p)
{
	const struct merge_rule *rule = merge_rule_find(p->kind, p->path);

	return rule && (rule->set || rule->keys[0]) ? rule : NULL;
}

static const json_t *as_map(const json_t *v)
{
	return json_is_object(v) ? v : NULL;
}

static json_t *merge_member(struct place *p, const char *key, const json_t *last,
			    const json_t *now, const json_t *live)
{
	size_t len = merge_path_down(p->path, key);
	json_t *out;

	out = merge(p, json_object_get(last, key), now, json_object_get(live, key));
	p->path[len] = '\0';
	return out;
}

/*
 * What only the server writes. A manifest that began as "get -o yaml" has it, and
 * the next one may not: that takes nothing away.
 */
static bool is_servers(const struct place *p, const char *key)
{
	static const char *const keys[] = {
		"creationTimestamp", "generation", "managedFields", "resourceVersion", "uid",
	};
	size_t i;

	if (!*p->path)
		return !strcmp(key, "status");
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!strcmp(p->path, "metadata") && !strcmp(key, keys[i]))
			return true;
	return false;
}

static json_t *merge_maps(struct place *p, const json_t *last, const json_t *now,
			  const json_t *live)
{
	json_t *out = live ? json_copy((json_t *)live) : json_object();
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)last, key, v)
		if (!json_object_get(now, key) && !is_servers(p, key))
			json_object_del(out, key);
	json_object_foreach((json_t *)now, key, v) {
		if (json_is_null(v)) {
			json_object_del(out, key);
		} else if (json_object_set_new(out, key, merge_member(p, key, last, v, live))) {
			json_decref(out);
			return NULL;
		}
	}
	return out;
}

/* A field that is not there has its default; only that of "protocol" is part of a key. */
static bool same_field(const json_t *a, const json_t *b, const char *key)
{
	json_t *left = json_object_get(a, key), *right = json_object_get(b, key);
	const json_t *one = left ? left : right;

	if (left && right)
		return json_equal(left, right);
	return !one || (!strcmp(key, "protocol") && json_is_string(one) &&
			!strcmp(json_string_value(one), "TCP"));
}

static bool same_item(const struct merge_rule *rule, const json_t *a, const json_t *b)
{
	size_t i;

	if (!rule->keys[0] || !json_is_object(a) || !json_is_object(b))
		return json_equal(a, b);
	for (i = 0; i < MERGE_KEYS_MAX && rule->keys[i]; i++)
		if (!same_field(a, b, rule->keys[i]))
			return false;
	return true;
}

static json_t *find_item(const struct merge_rule *rule, const json_t *list, const json_t *item,
			 size_t *at)
{
	json_t *v;
	size_t i;

	json_array_foreach(list, i, v)
		if (same_item(rule, v, item)) {
			*at = i;
			return v;
		}
	return NULL;
}

/* Those of live's items before end that are somebody else's: neither named now nor last time. */
static int keep_others(const struct merge_rule *rule, json_t *out, const json_t *last,
		       const json_t *now, const json_t *live, size_t *from, size_t end)
{
	json_t *v;
	size_t at;

	for (; *from < end && (v = json_array_get(live, *from)); ++*from)
		if (!find_item(rule, now, v, &at) && !find_item(rule, last, v, &at) &&
		    json_array_append(out, v))
			return -1;
	return 0;
}

/* In the order of now; what stood before an item in live, and is kept, still does. */
static json_t *merge_lists(struct place *p, const struct merge_rule *rule, const json_t *last,
			   const json_t *now, const json_t *live)
{
	json_t *out = json_array(), *item, *mine;
	size_t i, at, kept = 0;
	int ret = 0;

	json_array_foreach(now, i, item) {
		at = 0;
		mine = find_item(rule, live, item, &at);
		if (mine)
			ret = keep_others(rule, out, last, now, live, &kept, at);
		if (ret || json_array_append_new(out, merge(p, find_item(rule, last, item, &at),
							    item, mine))) {
			json_decref(out);
			return NULL;
		}
	}
	if (keep_others(rule, out, last, now, live, &kept, json_array_size(live))) {
		json_decref(out);
		return NULL;
	}
	return out;
}

static json_t *merge(struct place *p, const json_t *last, const json_t *now, const json_t *live)
{
	const struct merge_rule *rule = json_is_array(now) ? find_rule(p) : NULL;

	if (json_is_object(now))
		return merge_maps(p, as_map(last), now, as_map(live));
	if (rule)
		return merge_lists(p, rule, last, now, live);
	return json_deep_copy(now);
}

json_t *merge3(const char *kind, const json_t *last, const json_t *now, const json_t *live)
{
	struct place p = { .kind = kind };

	return merge(&p, last, now, live);
}

/* 0, or -1: no memory. */
static int diff_member(json_t *out, const char *key, const json_t *from, const json_t *to)
{
	json_t *sub;

	if (!from || !json_is_object(from) || !json_is_object(to))
		return json_object_set_new(out, key, json_deep_copy(to));
	sub = merge3_diff(from, to);
	if (!sub)
		return -1;
	if (json_object_size(sub))
		return json_object_set_new(out, key, sub);
	json_decref(sub);
	return 0;
}

json_t *merge3_diff(const json_t *from, const json_t *to)
{
	json_t *out = json_object(), *v;
	const char *key;
	int ret = 0;

	json_object_foreach((json_t *)from, key, v)
		if (!json_object_get(to, key))
			ret |= json_object_set_new(out, key, json_null());
	json_object_foreach((json_t *)to, key, v)
		if (!json_equal(v, json_object_get(from, key)))
			ret |= diff_member(out, key, json_object_get(from, key), v);
	if (!ret)
		return out;
	json_decref(out);
	return NULL;
}
