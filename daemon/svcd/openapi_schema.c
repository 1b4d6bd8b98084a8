// SPDX-License-Identifier: GPL-2.0
#include "openapi_schema.h"

#include "jx.h"
#include "merge_rules.h"
#include "openapi_text.h"
#include "rules.h"

#include <stdio.h>
#include <string.h>

#define META_PREFIX	"io.k8s.apimachinery.pkg.apis.meta.v1."
#define META_LIST	META_PREFIX "ListMeta"
#define QUANTITY	"io.k8s.apimachinery.pkg.api.resource.Quantity"
#define OPEN		"x-kubernetes-preserve-unknown-fields"

/* One type on its way through its schema. */
struct walk {
	const struct openapi_schemas *s;
	const struct resource *res;
	char path[MERGE_PATH_MAX];
};

static json_t *value_of(struct walk *w, const struct schema *s);

/* Types that no group has for itself. */
static bool is_shared(const char *type)
{
	static const char *const types[] = {
		"ObjectMeta", "OwnerReference", "ManagedFieldsEntry", "LabelSelector",
		"LabelSelectorRequirement", "Condition",
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(types[i], type))
			return true;
	return false;
}

const char *openapi_name(const char *api_version, const char *type, char buf[OPENAPI_NAME_MAX])
{
	const char *slash = strchr(api_version, '/');

	/* The group's first word: discovery of discovery.k8s.io. */
	if (is_shared(type))
		snprintf(buf, OPENAPI_NAME_MAX, META_PREFIX "%s", type);
	else if (slash)
		snprintf(buf, OPENAPI_NAME_MAX, "io.k8s.api.%.*s.%s.%s",
			 (int)strcspn(api_version, "./"), api_version, slash + 1, type);
	else
		snprintf(buf, OPENAPI_NAME_MAX, "io.k8s.api.core.%s.%s", api_version, type);
	return buf;
}

json_t *openapi_gvk(const struct resource *res)
{
	const char *slash = strchr(res->api_version, '/');
	int group = slash ? (int)(slash - res->api_version) : 0;

	return jx_must(json_pack("{s:o, s:s, s:s}", "group",
				 json_sprintf("%.*s", group, res->api_version), "kind", res->kind,
				 "version", slash ? slash + 1 : res->api_version));
}

json_t *openapi_ref(const struct openapi_schemas *s, const char *name)
{
	json_t *to = json_sprintf("#/%s/%s", s->v3 ? "components/schemas" : "definitions", name);

	return jx_must(json_pack("{s:o}", "$ref", jx_must(to)));
}

static json_t *scalar(const char *type, const char *format)
{
	return jx_must(json_pack("{s:s, s:s*}", "type", type, "format", format));
}

static json_t *fields_of(struct walk *w, const struct schema *s)
{
	json_t *fields = jx_must(json_object());

	for (const struct schema *f = s->of; f->key; f++) {
		size_t up = merge_path_down(w->path, f->key);
		const char *text = openapi_text(w->res->kind, w->path);
		json_t *v = value_of(w, f);

		if (text)
			jx_set_str(v, "description", text);
		json_object_set_new(fields, f->key, v);
		w->path[up] = '\0';
	}
	return fields;
}

static bool is_atomic(const struct walk *w)
{
	const struct merge_rule *rule = merge_rule_find(w->res->kind, w->path);

	return rule && rule->atomic;
}

static json_t *reference(const struct walk *w, const char *name)
{
	/* Beside a reference OpenAPI 3.0 takes nothing else, such as a description. */
	if (w->s->v3)
		return jx_must(json_pack("{s:[o]}", "allOf", openapi_ref(w->s, name)));
	return openapi_ref(w->s, name);
}

/* The first of one name defines it: the same fields stand in several types. */
static json_t *object_of(struct walk *w, const struct schema *s)
{
	char name[OPENAPI_NAME_MAX];
	json_t *type;

	openapi_name(w->res->api_version, s->type_name, name);
	if (!json_object_get(w->s->defined, name)) {
		type = scalar("object", NULL);
		json_object_set_new(w->s->defined, name, type);
		jx_set(type, "properties", fields_of(w, s));
		if (is_atomic(w))
			jx_set_str(type, "x-kubernetes-map-type", "atomic");
	}
	return reference(w, name);
}

static json_t *quantity(const struct walk *w)
{
	json_t *type;

	if (!json_object_get(w->s->defined, QUANTITY)) {
		type = w->s->v3 ? json_pack("{s:[{s:s}, {s:s}]}", "oneOf", "type", "string", "type",
					    "number") :
				  scalar("string", NULL);
		json_object_set_new(w->s->defined, QUANTITY, jx_must(type));
	}
	return reference(w, QUANTITY);
}

static void put_merge_rule(const struct walk *w, json_t *list)
{
	const struct merge_rule *rule = merge_rule_find(w->res->kind, w->path);
	json_t *keys;

	if (!rule || (!rule->keys[0] && !rule->set)) {
		jx_set_str(list, "x-kubernetes-list-type", "atomic");
	} else if (rule->set) {
		jx_set_str(list, "x-kubernetes-list-type", "set");
	} else {
		keys = jx_must(json_array());
		for (size_t i = 0; i < MERGE_KEYS_MAX && rule->keys[i]; i++)
			jx_append(keys, json_string(rule->keys[i]));
		jx_set_str(list, "x-kubernetes-list-type", "map");
		jx_set(list, "x-kubernetes-list-map-keys", keys);
	}
	if (!rule || !rule->patch_key)
		return;
	jx_set_str(list, "x-kubernetes-patch-strategy",
		   rule->retain_keys ? "merge,retainKeys" : "merge");
	if (*rule->patch_key)
		jx_set_str(list, "x-kubernetes-patch-merge-key", rule->patch_key);
}

static json_t *list_of(struct walk *w, const struct schema *s)
{
	json_t *list = scalar("array", NULL);

	jx_set(list, "items", value_of(w, s->of));
	put_merge_rule(w, list);
	return list;
}

/* value is taken over. */
static json_t *map_of(const struct walk *w, json_t *value)
{
	json_t *map = scalar("object", NULL);

	jx_set(map, "additionalProperties", value);
	if (is_atomic(w))
		jx_set_str(map, "x-kubernetes-map-type", "atomic");
	return map;
}

static json_t *int_or_string(const struct walk *w)
{
	if (!w->s->v3)
		return scalar("string", "int-or-string");
	return jx_must(json_pack("{s:s, s:[{s:s}, {s:s}]}", "format", "int-or-string", "oneOf",
				 "type", "integer", "type", "string"));
}

static json_t *value_of(struct walk *w, const struct schema *s)
{
	switch (s->type) {
	case SCHEMA_STRING:
		return scalar("string", NULL);
	case SCHEMA_INT:
		return scalar("integer", "int32");
	case SCHEMA_LONG:
		return scalar("integer", "int64");
	case SCHEMA_BOOL:
		return scalar("boolean", NULL);
	case SCHEMA_INT_OR_STRING:
		return int_or_string(w);
	case SCHEMA_QUANTITY:
		return quantity(w);
	case SCHEMA_MAP:
		return map_of(w, scalar("string", NULL));
	case SCHEMA_QUANTITIES:
		return map_of(w, quantity(w));
	case SCHEMA_OBJECT:
		return object_of(w, s);
	case SCHEMA_LIST:
		return list_of(w, s);
	default:
		return jx_must(json_pack("{s:s, s:b}", "type", "object", OPEN, 1));
	}
}

static void define_list(const struct openapi_schemas *s, const char *item)
{
	json_t *meta = json_pack("{s:s, s:{s:{s:s}, s:{s:s}, s:{s:s, s:s}}}", "type", "object",
				 "properties", "resourceVersion", "type", "string", "continue",
				 "type", "string", "remainingItemCount", "type", "integer",
				 "format", "int64");
	char name[OPENAPI_NAME_MAX + 8];
	json_t *list;

	json_object_set_new(s->defined, META_LIST, jx_must(meta));
	snprintf(name, sizeof(name), "%sList", item);
	list = json_pack("{s:s, s:{s:{s:s}, s:{s:s}, s:o, s:{s:s, s:o}}}", "type", "object",
			 "properties", "kind", "type", "string", "apiVersion", "type", "string",
			 "metadata", openapi_ref(s, META_LIST), "items", "type", "array", "items",
			 openapi_ref(s, item));
	json_object_set_new(s->defined, name, jx_must(list));
}

void openapi_define(const struct openapi_schemas *s, const struct resource *res)
{
	struct walk w = { .s = s, .res = res };
	char name[OPENAPI_NAME_MAX];
	const char *text = openapi_text(res->kind, "");
	json_t *type;

	json_decref(object_of(&w, &rules_of(res)->schema));
	openapi_name(res->api_version, res->kind, name);
	type = json_object_get(s->defined, name);
	if (text)
		jx_set_str(type, "description", text);
	jx_set(type, "x-kubernetes-group-version-kind", json_pack("[o]", openapi_gvk(res)));
	define_list(s, name);
}
