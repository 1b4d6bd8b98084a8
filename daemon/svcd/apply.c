// SPDX-License-Identifier: GPL-2.0
#include "apply.h"

#include "err.h"
#include "fieldset.h"
#include "jx.h"
#include "merge_rules.h"
#include "meta.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define APPLY	"Apply"

/* ---- live and config made one */

struct merging {
	const char *kind;
	char path[MERGE_PATH_MAX];
};

static json_t *merge(struct merging *m, const json_t *live, const json_t *config);

static json_t *merge_fields(struct merging *m, const json_t *live, const json_t *config)
{
	json_t *out = jx_must(json_copy((json_t *)live)), *v;
	const char *key;

	json_object_foreach((json_t *)config, key, v) {
		size_t up = merge_path_down(m->path, key);

		if (json_object_set_new(out, key, merge(m, json_object_get(live, key), v)))
			jx_must(NULL);
		m->path[up] = '\0';
	}
	return out;
}

static void index_items(json_t *index, const char *const *keys, const json_t *list)
{
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item) {
		char *step = fieldset_item_step(keys, item);

		if (step && !json_object_get(index, step))
			json_object_set_new(index, step, json_integer((json_int_t)i));
		free(step);
	}
}

/* Items keep their places; those that are new stand behind them. */
static json_t *merge_items(struct merging *m, const char *const *keys, const json_t *live,
			   const json_t *config)
{
	json_t *index = jx_must(json_object()), *out = jx_must(json_copy((json_t *)live));
	json_t *item, *at;
	size_t i;

	index_items(index, keys, live);
	json_array_foreach(config, i, item) {
		char *step = fieldset_item_step(keys, item);

		at = step ? json_object_get(index, step) : NULL;
		if (at)
			json_array_set_new(out, json_integer_value(at),
					   merge(m, json_array_get(live, json_integer_value(at)),
						 item));
		else
			jx_append(out, jx_copy(item));
		free(step);
	}
	json_decref(index);
	return out;
}

/* A value that stands twice is meant once. */
static json_t *merge_values(const json_t *live, const json_t *config)
{
	json_t *out = jx_must(json_copy((json_t *)live)), *seen = jx_must(json_object()), *item;
	size_t i;

	json_array_foreach(live, i, item) {
		char *text = jx_print(item);

		json_object_set_new(seen, text, json_true());
		free(text);
	}
	json_array_foreach(config, i, item) {
		char *text = jx_print(item);

		if (!json_object_get(seen, text))
			jx_append(out, json_incref(item));
		json_object_set_new(seen, text, json_true());
		free(text);
	}
	json_decref(seen);
	return out;
}

static json_t *merge(struct merging *m, const json_t *live, const json_t *config)
{
	const struct merge_rule *rule = merge_rule_find(m->kind, m->path);

	if (json_is_object(config) && json_is_object(live) && !(rule && rule->atomic))
		return merge_fields(m, live, config);
	if (json_is_array(config) && json_is_array(live) && rule && rule->keys[0])
		return merge_items(m, rule->keys, live, config);
	if (json_is_array(config) && json_is_array(live) && rule && rule->set)
		return merge_values(live, config);
	return jx_copy(config);
}

/* ---- what is given up */

static void remove_items(json_t *list, const bool *gone)
{
	json_t *kept = jx_must(json_array()), *item;
	size_t i;

	json_array_foreach(list, i, item)
		if (!gone[i])
			jx_append(kept, json_incref(item));
	if (json_array_clear(list) || json_array_extend(list, kept))
		jx_must(NULL);
	json_decref(kept);
}

/* object is ours to change, at any depth. */
static void remove_fields(json_t *object, const json_t *set)
{
	struct fieldset_places places = { .value = object };
	bool *gone = jx_must(calloc(json_array_size(object) + 1, sizeof(*gone)));
	const char *step;
	json_t *below, *v;
	size_t at;

	json_object_foreach((json_t *)set, step, below) {
		v = fieldset_find(&places, step, &at);
		if (!v)
			continue;
		if (!fieldset_has_self(below))
			remove_fields(v, below);
		else if (json_is_object(object))
			json_object_del(object, step + 2);
		else
			gone[at] = true;
	}
	if (json_is_array(object))
		remove_items(object, gone);
	fieldset_places_clear(&places);
	free(gone);
}

/* ---- who else says what */

/* A place on the way through two sets. */
struct place {
	char path[512];
	const char *manager;
	json_t *conflicts;
};

/* ".spec.ports[port=80,protocol="TCP"].name" */
static size_t print_step(struct place *p, const char *step)
{
	size_t n = strlen(p->path);
	json_t *id, *v;
	const char *key;
	char *text;
	FILE *f;

	f = jx_must(fmemopen(p->path + n, sizeof(p->path) - n, "w"));
	id = step[0] == 'k' ? json_loads(step + 2, 0, NULL) : NULL;
	if (step[0] == 'f')
		fprintf(f, ".%s", step + 2);
	else if (!id)
		fprintf(f, "[=%s]", step + 2);
	json_object_foreach(id, key, v) {
		text = jx_print(v);
		fprintf(f, "%s%s=%s", key == json_object_iter_key(json_object_iter(id)) ? "[" : ",",
			key, text);
		free(text);
	}
	fputs(id ? "]" : "", f);
	fclose(f);
	p->path[sizeof(p->path) - 1] = '\0';
	json_decref(id);
	return n;
}

static void add_conflict(struct place *p)
{
	char text[256];

	snprintf(text, sizeof(text), "conflict with \"%s\"", p->manager);
	if (!p->conflicts)
		p->conflicts = jx_must(json_array());
	/* A path that was cut may end within a character. */
	jx_append(p->conflicts, json_pack("{s:s, s:o, s:o}", "reason", "FieldManagerConflict",
					  "message", jx_string(text), "field",
					  jx_string(p->path)));
}

/*
 * What both say, and live has another value than config: the other's words. They
 * are taken out of what the other says, for the case that they are taken.
 */
static void find_conflicts(struct place *p, const json_t *mine, json_t *theirs,
			   const json_t *live, const json_t *config)
{
	struct fieldset_places before = { .value = live }, after = { .value = config };
	const char *step;
	json_t *below, *ours;
	void *next;

	json_object_foreach_safe(theirs, next, step, below) {
		const json_t *was, *is;
		size_t up;

		ours = json_object_get(mine, step);
		if (!ours || !strcmp(step, "."))
			continue;
		was = fieldset_find(&before, step, NULL);
		is = fieldset_find(&after, step, NULL);
		up = print_step(p, step);
		if (json_object_size(ours) && json_object_size(below)) {
			find_conflicts(p, ours, below, was, is);
			if (!json_object_size(below))
				json_object_del(theirs, step);
		} else if (was && !json_equal(was, is)) {
			add_conflict(p);
			json_object_del(theirs, step);
		}
		p->path[up] = '\0';
	}
	fieldset_places_clear(&before);
	fieldset_places_clear(&after);
}

static bool is_entry_of(const struct apply *a, const json_t *entry)
{
	return jx_is(entry, "manager", a->manager) && jx_is(entry, "operation", APPLY) &&
	       jx_is(entry, "subresource", a->sub ? a->sub : "");
}

static json_t *new_entry(const struct apply *a, json_t *set)
{
	char now[META_TIME_LEN];

	meta_print_time(a->now, now);
	return jx_must(json_pack("{s:o, s:s, s:s, s:s, s:s, s:O, s:s*}", "manager",
				 jx_string(a->manager), "operation", APPLY, "apiVersion",
				 a->api_version, "time", now, "fieldsType", "FieldsV1", "fieldsV1",
				 set, "subresource", a->sub));
}

/*
 * What the others keep, and the conflicts with them. gone loses what somebody
 * else says as well. Answers the new list, without the manager's own entry.
 */
static json_t *ask_others(const struct apply *a, const json_t *live, const json_t *config,
			  const json_t *set, json_t *gone, json_t **conflicts)
{
	json_t *managers = jx_must(json_array()), *entry;
	struct place p = { .conflicts = NULL };
	size_t i;

	json_array_foreach(jx_get(live, "metadata.managedFields"), i, entry) {
		json_t *kept, *fields;

		if (is_entry_of(a, entry))
			continue;
		kept = jx_copy(entry);
		fields = json_object_get(kept, "fieldsV1");
		p.manager = jx_str(entry, "manager");
		find_conflicts(&p, set, fields, live, config);
		fieldset_subtract(gone, json_object_get(entry, "fieldsV1"));
		if (json_object_size(fields))
			jx_append(managers, kept);
		else
			json_decref(kept);
	}
	*conflicts = p.conflicts;
	return managers;
}

static const json_t *own_entry(const struct apply *a, const json_t *live)
{
	json_t *entry;
	size_t i;

	json_array_foreach(jx_get(live, "metadata.managedFields"), i, entry)
		if (is_entry_of(a, entry))
			return entry;
	return NULL;
}

static json_t *without(const json_t *object, const json_t *gone)
{
	json_t *out;

	if (!json_object_size(gone))
		return json_incref((json_t *)object);
	out = jx_copy(object);
	remove_fields(out, gone);
	return out;
}

/* set is what config says. */
static void apply_set(const struct apply *a, const json_t *live, const json_t *config, json_t *set,
		      struct apply_result *out)
{
	const json_t *own = own_entry(a, live), *said = json_object_get(own, "fieldsV1");
	json_t *gone = said ? jx_copy(said) : jx_must(json_object()), *kept;
	struct merging m = { .kind = a->kind };

	fieldset_subtract(gone, set);
	out->managers = ask_others(a, live, config, set, gone, &out->conflicts);
	if (a->force) {
		json_decref(out->conflicts);
		out->conflicts = NULL;
	}
	if (!out->conflicts) {
		kept = without(live, gone);
		out->object = merge(&m, kept, config);
		json_decref(kept);
		/* Whoever says the same again changes nothing, not even a time. */
		jx_append(out->managers, said && json_equal(said, set) ?
			  json_incref((json_t *)own) : new_entry(a, set));
	} else {
		json_decref(out->managers);
		out->managers = NULL;
	}
	json_decref(gone);
}

int apply_config(const struct apply *a, const json_t *live, const json_t *config,
		 struct apply_result *out, struct err *e)
{
	json_t *nothing = jx_must(json_object());
	json_t *set = fieldset_of(a->kind, config, a->sub, e);

	*out = (struct apply_result){ NULL, NULL, NULL };
	if (set)
		apply_set(a, live ? live : nothing, config, set, out);
	json_decref(nothing);
	if (!set)
		return -EINVAL;
	json_decref(set);
	return 0;
}

void apply_forget(json_t *object, const json_t *old)
{
	json_t *managers = jx_get(object, "metadata.managedFields"), *set;

	for (size_t i = 0; i < json_array_size(managers); i++) {
		set = json_object_get(json_array_get(managers, i), "fieldsV1");
		fieldset_keep_same(set, old, object);
		if (!json_object_size(set))
			json_array_remove(managers, i--);
	}
	if (managers && !json_array_size(managers))
		jx_del(object, "metadata.managedFields");
}
