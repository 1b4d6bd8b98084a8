// SPDX-License-Identifier: GPL-2.0
/* What may stand in an object's metadata. */
#include "meta.h"

#include "jx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANNOTATIONS_MAX		(256 * 1024)
#define OWNERS_MAX		1000

void meta_validate_labels(const json_t *labels, const char *path, struct field_errors *errs)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)labels, key, v) {
		json_t *k = jx_string(key);

		field_format(errs, k, format_qualified_name_rules, "%s", path);
		json_decref(k);
		if (json_is_string(v))
			field_format(errs, v, format_label_value_rules, "%s", path);
	}
}

static void lower_copy(char *dst, size_t room, const char *src)
{
	size_t i;

	for (i = 0; src[i] && i + 1 < room; i++)
		dst[i] = src[i] >= 'A' && src[i] <= 'Z' ? src[i] + ('a' - 'A') : src[i];
	dst[i] = '\0';
}

static void validate_annotations(const json_t *annotations, struct field_errors *errs)
{
	size_t total = 0;
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)annotations, key, v) {
		const struct format_rule *rule = format_qualified_name_rules;
		json_t *k = jx_string(key);
		char lower[512];

		/* Their case does not count, but they are shown as they are. */
		lower_copy(lower, sizeof(lower), key);
		for (; rule->words; rule++)
			if (rule->broken(lower))
				field_invalid(errs, k, rule->words, "metadata.annotations");
		json_decref(k);
		total += strlen(key) + json_string_length(v);
	}
	if (total > ANNOTATIONS_MAX)
		field_too_long(errs, ANNOTATIONS_MAX, "metadata.annotations");
}

/* The texts of a list, as keys. */
static json_t *set_of(const json_t *list)
{
	json_t *set = jx_must(json_object()), *v;
	size_t i;

	json_array_foreach((json_t *)list, i, v)
		if (json_object_set_new(set, json_string_value(v), json_true()))
			jx_must(NULL);
	return set;
}

/* Of Kubernetes' own ones, those without a domain in front. */
static const char *const standard_finalizers[] = {
	"kubernetes", "orphan", "foregroundDeletion", NULL
};

static void validate_finalizers(const json_t *list, struct field_errors *errs)
{
	json_t *all = set_of(list);
	const json_t *v;
	size_t i;

	json_array_foreach((json_t *)list, i, v)
		field_format(errs, v, format_qualified_name_rules, "metadata.finalizers");
	if (json_object_get(all, "orphan") && json_object_get(all, "foregroundDeletion"))
		field_invalid(errs, list, "finalizer orphan and foregroundDeletion cannot be both "
			      "set", "metadata.finalizers");
	json_array_foreach((json_t *)list, i, v) {
		const char *s = json_string_value(v);

		if (!strchr(s, '/') && !format_one_of(standard_finalizers, s))
			field_invalid(errs, v, "name is neither a standard finalizer name nor is "
				      "it fully qualified", "metadata.finalizers[%zu]", i);
	}
	json_decref(all);
}

/* Who is asked to wait once an object goes would come too late. */
static void forbid_new_finalizers(const json_t *list, const json_t *old, struct field_errors *errs)
{
	char names[512] = "", words[640];
	const json_t *v;
	size_t n = 0, i;
	json_t *was;

	if (!*jx_str(old, "metadata.deletionTimestamp"))
		return;
	was = set_of(jx_get(old, "metadata.finalizers"));
	json_array_foreach((json_t *)list, i, v)
		if (!json_object_get(was, json_string_value(v)) && n < sizeof(names))
			n += snprintf(names + n, sizeof(names) - n, "%s\"%s\"", n ? ", " : "",
				      json_string_value(v));
	json_decref(was);
	if (!n)
		return;
	snprintf(words, sizeof(words), "no new finalizers can be added if the object is being "
		 "deleted, found new finalizers []string{%s}", names);
	field_forbidden(errs, words, "metadata.finalizers");
}

/* Which of the fields an owner is told by is empty; the path has no index, as in Kubernetes. */
static void validate_owner(const json_t *owner, struct field_errors *errs)
{
	static const char *const keys[] = { "kind", "name", "uid" };
	const char *version = jx_str(owner, "apiVersion"), *slash = strrchr(version, '/');
	json_t *none = jx_must(json_string("")), *v;

	if (!*(slash ? slash + 1 : version)) {
		v = jx_string(version);
		field_invalid(errs, v, "version must not be empty",
			      "metadata.ownerReferences.apiVersion");
		json_decref(v);
	}
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!*jx_str(owner, keys[i]))
			field_invalid(errs, none, "must not be empty",
				      "metadata.ownerReferences.%s", keys[i]);
	if (!strcmp(version, "v1") && jx_is(owner, "kind", "Event"))
		field_invalid(errs, owner, "/v1, Kind=Event is disallowed from being an owner",
			      "metadata.ownerReferences");
	json_decref(none);
}

/* Said once, since it shows the whole list. */
static void validate_controllers(const json_t *owners, struct field_errors *errs)
{
	const json_t *first = NULL, *owner;
	char words[512];
	size_t i;

	json_array_foreach((json_t *)owners, i, owner) {
		if (!jx_bool(owner, "controller"))
			continue;
		if (!first) {
			first = owner;
			continue;
		}
		snprintf(words, sizeof(words), "Only one reference can have Controller set to "
			 "true. Found \"true\" in references for %.60s/%.100s and %.60s/%.100s",
			 jx_str(first, "kind"), jx_str(first, "name"), jx_str(owner, "kind"),
			 jx_str(owner, "name"));
		field_invalid(errs, owners, words, "metadata.ownerReferences");
		return;
	}
}

/* was: as many as there are may stay. */
static void validate_owners(const json_t *owners, const json_t *was, struct field_errors *errs)
{
	size_t n = json_array_size(owners);

	if (n > OWNERS_MAX && n > json_array_size(was)) {
		field_too_many(errs, n, OWNERS_MAX, "metadata.ownerReferences");
		return;
	}
	for (size_t i = 0; i < n; i++)
		validate_owner(json_array_get(owners, i), errs);
	validate_controllers(owners, errs);
}

/* What comes behind it may be what the format wants at the end. */
static void validate_prefix(const json_t *prefix, const struct format_rule *rule,
			    struct field_errors *errs)
{
	char *s = jx_must(strdup(json_string_value(prefix)));
	size_t n = strlen(s);

	if (n > 1 && s[n - 1] == '-')
		memcpy(s + n - 2, "a", 2);
	for (; rule->words; rule++)
		if (rule->broken(s))
			field_invalid(errs, prefix, rule->words, "metadata.generateName");
	free(s);
}

static void validate_name(const json_t *meta, const struct format_rule *name_rules,
			  struct field_errors *errs)
{
	const json_t *name = json_object_get(meta, "name");
	const json_t *prefix = json_object_get(meta, "generateName");

	if (prefix)
		validate_prefix(prefix, name_rules, errs);
	if (name)
		field_format(errs, name, name_rules, "metadata.name");
	else
		field_required(errs, "name or generateName is required", "metadata.name");
}

/* What an earlier svcd took stays, as long as it is not touched. */
static bool as_before(const json_t *meta, const json_t *old, const char *key)
{
	return json_equal(json_object_get(meta, key),
			  json_object_get(jx_get(old, "metadata"), key));
}

void meta_validate(const json_t *obj, const json_t *old, const struct format_rule *name_rules,
		   struct field_errors *errs)
{
	const json_t *meta = jx_get(obj, "metadata");
	const json_t *created = json_object_get(meta, "creationTimestamp");
	const json_t *finalizers = json_object_get(meta, "finalizers");

	if (!old)
		validate_name(meta, name_rules, errs);
	else
		forbid_new_finalizers(finalizers, old, errs);
	if (old && !json_equal(created, jx_get(old, "metadata.creationTimestamp")))
		field_invalid(errs, created, "field is immutable", "metadata.creationTimestamp");
	meta_validate_labels(json_object_get(meta, "labels"), "metadata.labels", errs);
	validate_annotations(json_object_get(meta, "annotations"), errs);
	if (!as_before(meta, old, "ownerReferences"))
		validate_owners(json_object_get(meta, "ownerReferences"),
				jx_get(old, "metadata.ownerReferences"), errs);
	if (!as_before(meta, old, "finalizers"))
		validate_finalizers(finalizers, errs);
}
