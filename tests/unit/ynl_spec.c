// SPDX-License-Identifier: GPL-2.0
#include "ynl_spec.h"

#include "err.h"
#include "yaml_read.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void ynl_say(struct ynl_report *r, const char *fmt, ...)
{
	size_t room = sizeof(r->text) - r->len;
	va_list ap;
	int n;

	r->n++;
	va_start(ap, fmt);
	n = vsnprintf(r->text + r->len, room, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n + 2 > room)
		return;
	r->len += (size_t)n;
	r->text[r->len++] = '\n';
	r->text[r->len] = '\0';
}

void ynl_assert_none(const struct ynl_report *r, const char *what)
{
	if (r->n)
		fail_msg("%s: %u differences:\n%s", what, r->n, r->text);
}

void ynl_assert_found(const struct ynl_report *r, const char *what, const char *words)
{
	if (!strstr(r->text, words))
		fail_msg("%s: \"%s\" was not found, but %u others:\n%s", what, words, r->n,
			 r->text);
}

char *ynl_source(const char *path)
{
	char full[4096], *text = NULL;
	size_t len = 0;
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", SVCNAT_SOURCE, path);
	f = fopen(full, "r");
	if (!f)
		fail_msg("%s cannot be read: was the tree moved since the tests were built?", full);
	assert_true(getdelim(&text, &len, '\0', f) > 0);
	fclose(f);
	return text;
}

json_t *ynl_load(void)
{
	const char *path = "include/uapi/linux/svcnat.yaml";
	char *text = ynl_source(path);
	struct yaml_docs docs;
	struct err e = { 0 };
	json_t *spec;

	if (yaml_read(path, text, strlen(text), &docs, &e))
		fail_msg("%s", e.text);
	assert_int_equal(docs.n, 1);
	spec = json_incref(docs.v[0].value);
	yaml_docs_clear(&docs);
	free(text);
	return spec;
}

json_t *ynl_find(const json_t *list, const char *name)
{
	json_t *member;
	size_t i;

	json_array_foreach(list, i, member) {
		const char *has = json_string_value(json_object_get(member, "name"));

		if (has && name && !strcmp(has, name))
			return member;
	}
	return NULL;
}

json_t *ynl_set(const json_t *spec, const char *name)
{
	return ynl_find(json_object_get(spec, "attribute-sets"), name);
}

json_t *ynl_operation(const json_t *spec, const char *name)
{
	return ynl_find(json_object_get(json_object_get(spec, "operations"), "list"), name);
}

/* ---- edit */

/* The place in a list that a part of a path means: of a name, or a number. */
static size_t edit_index(const json_t *list, const char *part)
{
	const json_t *member;
	char *end;
	size_t i;

	json_array_foreach(list, i, member) {
		const char *name = json_string_value(json_is_object(member) ?
						     json_object_get(member, "name") : member);

		if (name && !strcmp(name, part))
			return i;
	}
	i = strcmp(part, "+") ? strtoul(part, &end, 10) : json_array_size(list);
	if (i > json_array_size(list) || (strcmp(part, "+") && (end == part || *end)))
		fail_msg("no member %s to change", part);
	return i;
}

static int edit_list(json_t *list, const char *part, json_t *value)
{
	size_t i = edit_index(list, part);

	if (!value)
		return json_array_remove(list, i);
	if (i == json_array_size(list))
		return json_array_append(list, value);
	return json_array_set(list, i, value);
}

void ynl_edit(json_t *spec, const char *path, const char *value)
{
	json_t *at = spec, *v = value ? json_loads(value, JSON_DECODE_ANY, NULL) : NULL;
	char *copy = strdup(path), *rest = copy, *part = strsep(&rest, "/");

	assert_true(!value || v);
	for (; rest; part = strsep(&rest, "/")) {
		at = json_is_array(at) ? json_array_get(at, edit_index(at, part)) :
					 json_object_get(at, part);
		if (!at)
			fail_msg("%s: there is no %s", path, part);
	}
	if (json_is_array(at))
		assert_int_equal(edit_list(at, part, v), 0);
	else if (v)
		assert_int_equal(json_object_set(at, part, v), 0);
	else
		assert_int_equal(json_object_del(at, part), 0);
	json_decref(v);
	free(copy);
}

/* ---- resolve */

/* Count members up from start, unless they have values. */
static void resolve_values(json_t *list, json_int_t start)
{
	json_int_t value = start;
	json_t *member;
	size_t i;

	json_array_foreach(list, i, member) {
		json_t *has;

		if (json_is_string(member)) {
			member = json_pack("{s:O}", "name", member);
			json_array_set_new(list, i, member);
		}
		has = json_object_get(member, "value");
		if (has)
			value = json_integer_value(has);
		else
			json_object_set_new(member, "value", json_integer(value));
		value++;
	}
}

/* What an attribute of a fractional set does not say is as in the whole one. */
static void resolve_subset(const json_t *spec, json_t *set, struct ynl_report *r)
{
	const char *name = json_string_value(json_object_get(set, "name"));
	const char *whole = json_string_value(json_object_get(set, "subset-of"));
	const json_t *all = json_object_get(ynl_set(spec, whole), "attributes");
	json_t *attr;
	size_t i;

	json_array_foreach(json_object_get(set, "attributes"), i, attr) {
		const char *called = json_string_value(json_object_get(attr, "name"));
		json_t *of = ynl_find(all, called);

		if (!of)
			ynl_say(r, "set %s: %s is not in %s", name, called, whole);
		else
			json_object_update_missing(attr, of);
	}
}

static void resolve_checks(const json_t *spec, const char *set, json_t *attr, struct ynl_report *r)
{
	json_t *checks = json_object_get(attr, "checks"), *limit;
	const char *key;

	json_object_foreach(checks, key, limit) {
		const char *name = json_string_value(limit);
		json_t *c = ynl_find(json_object_get(spec, "definitions"), name);

		if (!name)
			continue;
		c = json_object_get(c, "value");
		if (json_is_integer(c))
			json_object_set(checks, key, c);
		else
			ynl_say(r, "set %s: no constant %s for %s", set, name, key);
	}
}

static void resolve_set(const json_t *spec, json_t *set, struct ynl_report *r)
{
	const char *name = json_string_value(json_object_get(set, "name"));
	json_t *attr;
	size_t i;

	if (json_object_get(set, "subset-of"))
		resolve_subset(spec, set, r);
	else
		resolve_values(json_object_get(set, "attributes"), 1);
	json_array_foreach(json_object_get(set, "attributes"), i, attr)
		resolve_checks(spec, name, attr, r);
}

void ynl_resolve(json_t *spec, struct ynl_report *r)
{
	json_t *member;
	size_t i;

	json_array_foreach(json_object_get(spec, "definitions"), i, member) {
		json_t *start = json_object_get(member, "value-start");

		resolve_values(json_object_get(member, "entries"), json_integer_value(start));
	}
	/* the whole ones stand before their fractions */
	json_array_foreach(json_object_get(spec, "attribute-sets"), i, member)
		resolve_set(spec, member, r);
	resolve_values(json_object_get(json_object_get(spec, "operations"), "list"), 1);
}

/* ---- read */

char *ynl_upper(const char *prefix, const char *name)
{
	char *text, *p;

	assert_true(asprintf(&text, "%s%s", prefix, name) >= 0);
	for (p = text; *p; p++)
		*p = *p == '-' ? '_' : (char)toupper((unsigned char)*p);
	return text;
}

static const struct {
	const char *name;
	enum ynl_kind kind;
	unsigned int width;
} types[] = {
	{ "unused", YNL_NONE, 0 }, { "pad", YNL_NONE, 0 },
	{ "u8", YNL_INT, 1 }, { "u16", YNL_INT, 2 }, { "u32", YNL_INT, 4 }, { "u64", YNL_INT, 8 },
	{ "string", YNL_STRING, 0 }, { "binary", YNL_BINARY, 0 },
	{ "flag", YNL_FLAG, 0 }, { "nest", YNL_NEST, 0 },
};

/* What the names of an enumeration or of flags leave of an integer's range. */
static bool read_enum(const json_t *spec, const char *name, struct ynl_attr *a)
{
	json_t *def = ynl_find(json_object_get(spec, "definitions"), name), *entry;
	const char *type = json_string_value(json_object_get(def, "type"));
	json_int_t value;
	size_t i;

	if (!type || (strcmp(type, "enum") && strcmp(type, "flags")))
		return false;
	a->max = a->mask = 0;
	json_array_foreach(json_object_get(def, "entries"), i, entry) {
		value = json_integer_value(json_object_get(entry, "value"));
		if (!strcmp(type, "flags"))
			a->mask |= 1ULL << value;
		else if ((uint64_t)value > a->max)
			a->max = (uint64_t)value;
	}
	if (!strcmp(type, "flags"))
		a->max = a->mask;
	else
		a->mask = UINT64_MAX;
	return true;
}

static bool read_checks(const json_t *checks, struct ynl_attr *a)
{
	const bool sized = a->kind == YNL_BINARY || a->kind == YNL_STRING;
	const char *key;
	json_t *limit;

	json_object_foreach((json_t *)checks, key, limit) {
		uint64_t v = (uint64_t)json_integer_value(limit);

		if (a->kind == YNL_INT && !strcmp(key, "min"))
			a->min = v;
		else if (a->kind == YNL_INT && !strcmp(key, "max"))
			a->max = v;
		else if (a->kind == YNL_BINARY && !strcmp(key, "min-len"))
			a->min_len = v;
		else if (sized && !strcmp(key, "max-len"))
			a->max_len = v;
		else
			return false;
	}
	return true;
}

bool ynl_attr_read(const json_t *spec, const json_t *attr, struct ynl_attr *a,
		   struct ynl_report *r)
{
	const char *type = json_string_value(json_object_get(attr, "type"));
	const char *order = json_string_value(json_object_get(attr, "byte-order"));
	const char *names = json_string_value(json_object_get(attr, "enum"));
	size_t i, n = sizeof(types) / sizeof(types[0]);

	*a = (struct ynl_attr){
		.name = json_string_value(json_object_get(attr, "name")),
		.id = (unsigned int)json_integer_value(json_object_get(attr, "value")),
		.big_endian = order && !strcmp(order, "big-endian"),
		.multi = json_is_true(json_object_get(attr, "multi-attr")),
		.nested = json_string_value(json_object_get(attr, "nested-attributes")),
		.mask = UINT64_MAX, .max_len = SIZE_MAX,
	};
	for (i = 0; i < n && (!type || strcmp(types[i].name, type)); i++)
		;
	if (i < n) {
		a->kind = types[i].kind;
		a->width = types[i].width;
		a->max = a->width ? UINT64_MAX >> (64 - 8 * a->width) : 0;
	}
	if (i == n)
		ynl_say(r, "%s: type %s is unknown here", a->name, type ? type : "(none)");
	else if (names && (a->kind != YNL_INT || !read_enum(spec, names, a)))
		ynl_say(r, "%s: no enumeration %s", a->name, names);
	else if (!read_checks(json_object_get(attr, "checks"), a))
		ynl_say(r, "%s: a check that its type does not have", a->name);
	else if ((a->kind == YNL_NEST) != !!ynl_set(spec, a->nested))
		ynl_say(r, "%s: a nest has a set inside, and nothing else has", a->name);
	else
		return true;
	return false;
}

json_t *ynl_request(const json_t *operation)
{
	json_t *form = json_object_get(operation, "do");

	if (!form)
		form = json_object_get(operation, "dump");
	return json_object_get(json_object_get(form, "request"), "attributes");
}

bool ynl_names(const json_t *list, const char *name)
{
	json_t *member;
	size_t i;

	json_array_foreach(list, i, member)
		if (!strcmp(json_string_value(member), name))
			return true;
	return false;
}
