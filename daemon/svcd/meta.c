// SPDX-License-Identifier: GPL-2.0
#include "meta.h"

#include "format.h"
#include "jx.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define ANNOTATIONS_MAX		(256 * 1024)

/* What the server alone sets; an update keeps it whatever the client sends. */
static const char *const server_fields[] = {
	"generation", "deletionTimestamp", "deletionGracePeriodSeconds",
};

static void random_bytes(void *buf, size_t n)
{
	/* Up to 256 bytes never come short once the pool is ready. */
	if (getrandom(buf, n, 0) != (ssize_t)n)
		abort();
}

void meta_print_time(time_t t, char buf[META_TIME_LEN])
{
	struct tm tm;

	if (!gmtime_r(&t, &tm) || !strftime(buf, META_TIME_LEN, "%Y-%m-%dT%H:%M:%SZ", &tm))
		buf[0] = '\0';
}

time_t meta_parse_time(const char *text)
{
	struct tm tm = { 0 };
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);

	return end && !*end ? timegm(&tm) : 0;
}

/* RFC 9562, 5.4 */
static void set_uid(json_t *obj)
{
	uint8_t b[16];
	char s[37];

	random_bytes(b, sizeof(b));
	b[6] = (b[6] & 0x0f) | 0x40;
	b[8] = (b[8] & 0x3f) | 0x80;
	snprintf(s, sizeof(s),
		 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
		 b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
		 b[15]);
	jx_set_str(obj, "metadata.uid", s);
}

static void drop_fields(json_t *obj)
{
	json_t *meta = jx_get(obj, "metadata");

	for (size_t i = 0; i < sizeof(server_fields) / sizeof(server_fields[0]); i++)
		json_object_del(meta, server_fields[i]);
	json_object_del(meta, "managedFields");
	json_object_del(meta, "selfLink");
	json_object_del(meta, "resourceVersion");
}

void meta_create(json_t *obj, const char *ns, time_t now)
{
	char text[META_TIME_LEN];

	drop_fields(obj);
	meta_print_time(now, text);
	if (ns)
		jx_set_str(obj, "metadata.namespace", ns);
	else
		jx_del(obj, "metadata.namespace");
	set_uid(obj);
	/* Its place, between the others; the commit knows the number. */
	jx_set_str(obj, "metadata.resourceVersion", "0");
	jx_set_str(obj, "metadata.creationTimestamp", text);
}

void meta_generate_name(json_t *obj)
{
	/* No vowels and no digits that look like them: no words come out of it. */
	static const char letters[] = "bcdfghjklmnpqrstvwxz2456789";
	char name[META_PREFIX_MAX + 6];
	uint8_t r[5];
	size_t n;

	snprintf(name, META_PREFIX_MAX + 1, "%s", jx_str(obj, "metadata.generateName"));
	random_bytes(r, sizeof(r));
	n = strlen(name);
	for (size_t i = 0; i < sizeof(r); i++)
		name[n++] = letters[r[i] % (sizeof(letters) - 1)];
	name[n] = '\0';
	jx_set_str(obj, "metadata.name", name);
}

static void keep(json_t *meta, const json_t *old, const char *key)
{
	json_t *v = json_object_get(old, key);

	if (v)
		json_object_set(meta, key, v);
}

void meta_update(json_t *obj, const json_t *old)
{
	const json_t *was = jx_get(old, "metadata");
	json_t *meta = jx_get(obj, "metadata");

	drop_fields(obj);
	for (size_t i = 0; i < sizeof(server_fields) / sizeof(server_fields[0]); i++)
		keep(meta, was, server_fields[i]);
	keep(meta, was, "name");
	keep(meta, was, "namespace");
	keep(meta, was, "generateName");
	keep(meta, was, "uid");
	keep(meta, was, "resourceVersion");
	keep(meta, was, "managedFields");
	if (!json_object_get(meta, "creationTimestamp"))
		keep(meta, was, "creationTimestamp");
}

json_t *meta_at_version(const json_t *obj, uint64_t version)
{
	json_t *copy = jx_must(json_copy((json_t *)obj));
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, version);
	jx_set(copy, "metadata", jx_must(json_copy(jx_get(obj, "metadata"))));
	jx_set_str(copy, "metadata.resourceVersion", text);
	return copy;
}

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
static bool finalizer_is_standard(const char *s)
{
	return !strcmp(s, "kubernetes") || !strcmp(s, "orphan") ||
	       !strcmp(s, "foregroundDeletion");
}

static void validate_finalizers(const json_t *meta, const json_t *old, struct field_errors *errs)
{
	const json_t *list = json_object_get(meta, "finalizers"), *v;
	bool begun = *jx_str(old, "metadata.deletionTimestamp");
	json_t *had = set_of(begun ? jx_get(old, "metadata.finalizers") : NULL);
	size_t i;

	json_array_foreach((json_t *)list, i, v) {
		const char *s = json_string_value(v), *bad = format_qualified_name(s);

		if (!bad && !strchr(s, '/') && !finalizer_is_standard(s))
			bad = "name is neither a standard finalizer name nor is it fully "
			      "qualified";
		if (bad)
			field_invalid(errs, v, bad, "metadata.finalizers");
		else if (begun && !json_object_get(had, s))
			field_forbidden(errs, "no new finalizers can be added if the object is "
					"being deleted", "metadata.finalizers");
	}
	json_decref(had);
}

static void validate_name(const json_t *meta, const struct format_rule *name_rules,
			  struct field_errors *errs)
{
	const json_t *name = json_object_get(meta, "name");

	if (name)
		field_format(errs, name, name_rules, "metadata.name");
	else
		field_required(errs, "name or generateName is required", "metadata.name");
}

void meta_validate(const json_t *obj, const json_t *old, const struct format_rule *name_rules,
		   struct field_errors *errs)
{
	const json_t *meta = jx_get(obj, "metadata");
	const json_t *created = json_object_get(meta, "creationTimestamp");

	if (!old)
		validate_name(meta, name_rules, errs);
	else if (!json_equal(created, jx_get(old, "metadata.creationTimestamp")))
		field_invalid(errs, created, "field is immutable", "metadata.creationTimestamp");
	meta_validate_labels(json_object_get(meta, "labels"), "metadata.labels", errs);
	validate_annotations(json_object_get(meta, "annotations"), errs);
	validate_finalizers(meta, old, errs);
}
