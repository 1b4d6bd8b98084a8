// SPDX-License-Identifier: GPL-2.0
#include "schema.h"

#include "jx.h"
#include "quantity.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct walk {
	struct schema_report *report;
	char path[256];
	size_t len;		/* of path */
	size_t map_end;		/* in a map: how much of path names the map */
};

static const char *type_of(const json_t *v)
{
	switch (json_typeof(v)) {
	case JSON_OBJECT:
		return "object";
	case JSON_ARRAY:
		return "array";
	case JSON_STRING:
		return "string";
	case JSON_INTEGER:
	case JSON_REAL:
		return "number";
	default:
		return "bool";
	}
}

static const char *expected(const struct schema *s, char *buf, size_t room)
{
	static const char *const names[] = {
		[SCHEMA_STRING] = "string",
		[SCHEMA_INT] = "int32",
		[SCHEMA_LONG] = "int64",
		[SCHEMA_BOOL] = "bool",
		[SCHEMA_INT_OR_STRING] = "int32",
		[SCHEMA_MAP] = "map[string]string",
		[SCHEMA_QUANTITIES] = "v1.ResourceList",
	};

	if (s->type == SCHEMA_OBJECT) {
		snprintf(buf, room, "v1.%s", s->type_name);
		return buf;
	}
	if (s->type == SCHEMA_LIST) {
		if (s->of->type == SCHEMA_OBJECT)
			snprintf(buf, room, "[]v1.%s", s->of->type_name);
		else
			snprintf(buf, room, "[]%s", names[s->of->type]);
		return buf;
	}
	return names[s->type];
}

/* In messages a field is named as Go does: no index of a list, no key of a map. */
static void print_field(const struct walk *w, char *buf, size_t room)
{
	size_t n = 0, end = w->map_end ? w->map_end : w->len;

	for (size_t i = 0; i < end && n + 1 < room; i++) {
		if (w->path[i] == '[')
			i += strcspn(w->path + i, "]");
		else
			buf[n++] = w->path[i];
	}
	buf[n] = '\0';
}

static bool is_number(const struct schema *s)
{
	return s->type == SCHEMA_INT || s->type == SCHEMA_LONG || s->type == SCHEMA_INT_OR_STRING;
}

static json_t *mistyped(const struct walk *w, const struct schema *s, const json_t *v,
			const char *parent)
{
	struct schema_report *r = w->report;
	char buf[96], field[256];
	char *number = NULL;

	if (!r)
		return NULL;
	/* One that is no number of the wanted kind is shown. */
	if (json_is_number(v) && is_number(s))
		number = jx_print(v);
	print_field(w, field, sizeof(field));
	snprintf(r->field, sizeof(r->field), "%s", w->path);
	snprintf(r->message, sizeof(r->message),
		 "json: cannot unmarshal %s%s%s into Go struct field %s.%s of type %s", type_of(v),
		 number ? " " : "", number ? number : "", parent, field,
		 expected(s, buf, sizeof(buf)));
	free(number);
	return NULL;
}

static json_t *clean(struct walk *w, const struct schema *s, const json_t *v, const char *parent);

/* To the path, as much as fits. */
static void add(struct walk *w, const char *text, size_t len)
{
	size_t room = sizeof(w->path) - 1 - w->len;

	if (len > room)
		len = room;
	memcpy(w->path + w->len, text, len);
	w->len += len;
	w->path[w->len] = '\0';
}

/*
 * Go down to key, or to an item of a list. Answers where to come back to. For each value of
 * each object: printf() would take most of the time.
 */
static size_t down(struct walk *w, const char *key)
{
	size_t n = w->len;

	if (n)
		add(w, ".", 1);
	add(w, key, strlen(key));
	return n;
}

static size_t down_to_item(struct walk *w, size_t index)
{
	char text[24], *p = text + sizeof(text);
	size_t n = w->len;

	*--p = ']';
	do
		*--p = (char)('0' + index % 10);
	while (index /= 10);
	*--p = '[';
	add(w, p, (size_t)(text + sizeof(text) - p));
	return n;
}

static void up(struct walk *w, size_t n)
{
	w->len = n;
	w->path[n] = '\0';
}

static void note_unknown(struct walk *w, const char *key)
{
	size_t n;

	if (!w->report)
		return;
	n = down(w, key);
	if (!w->report->unknown)
		w->report->unknown = jx_must(json_array());
	jx_append(w->report->unknown, jx_string(w->path));
	up(w, n);
}

static const struct schema *field_of(const struct schema *fields, const char *key)
{
	for (; fields->key; fields++)
		if (*fields->key == *key && !strcmp(fields->key, key))
			return fields;
	return NULL;
}

static bool empty(const json_t *v)
{
	switch (json_typeof(v)) {
	case JSON_OBJECT:
		return !json_object_size(v);
	case JSON_ARRAY:
		return !json_array_size(v);
	case JSON_STRING:
		return !json_string_length(v);
	case JSON_INTEGER:
		return !json_integer_value(v);
	default:
		return json_is_false(v);
	}
}

/* v is NULL where there is none. *out NULL: it is not shown. -1: a wrong type. */
static int clean_field(struct walk *w, const struct schema *f, const json_t *v,
		       const char *parent, json_t **out)
{
	json_t *c = NULL;

	if (v && !json_is_null(v)) {
		size_t n = down(w, f->key);

		c = clean(w, f, v, parent);
		if (!c && w->report)
			return -1;
		up(w, n);
	}
	if (c && empty(c) && !(f->flags & SCHEMA_KEEP)) {
		json_decref(c);
		c = NULL;
	}
	*out = !c && f->flags & SCHEMA_ALWAYS ? json_null() : c;
	return 0;
}

/* What the table has of in, at the field's place in it. Answers how many that are. */
static size_t find_fields(const struct schema *fields, const json_t *in, const json_t **found)
{
	const char *key;
	size_t n = 0;
	json_t *v;

	json_object_foreach((json_t *)in, key, v) {
		const struct schema *f = field_of(fields, key);

		if (!f)
			continue;
		found[f - fields] = v;
		n++;
	}
	return n;
}

/* The fields of the table, in its order. -1: a wrong type. */
static int clean_fields(struct walk *w, const struct schema *s, const json_t *const *found,
			json_t *out)
{
	for (const struct schema *f = s->of; f->key; f++) {
		json_t *c;

		if (clean_field(w, f, found[f - s->of], s->type_name, &c))
			return -1;
		if (c && json_object_set_new_nocheck(out, f->key, c))
			jx_must(NULL);
	}
	return 0;
}

static json_t *clean_object(struct walk *w, const struct schema *s, const json_t *in)
{
	const json_t *found[SCHEMA_FIELDS_MAX] = { NULL };
	size_t n = find_fields(s->of, in, found);
	json_t *out = jx_must(json_object());
	const char *key;
	json_t *v;

	if (clean_fields(w, s, found, out)) {
		json_decref(out);
		return NULL;
	}
	if (n == json_object_size(in))
		return out;
	json_object_foreach((json_t *)in, key, v)
		if (!field_of(s->of, key))
			note_unknown(w, key);
	return out;
}

/* As in Go: null in a list is the element's zero value. */
static json_t *zero_of(const struct schema *s)
{
	switch (s->type) {
	case SCHEMA_STRING:
		return json_string("");
	case SCHEMA_INT:
	case SCHEMA_LONG:
	case SCHEMA_INT_OR_STRING:
		return json_integer(0);
	case SCHEMA_BOOL:
		return json_false();
	case SCHEMA_QUANTITY:
		return json_string("0");
	case SCHEMA_LIST:
		return json_array();
	case SCHEMA_ANY:
		return json_null();
	default:
		return json_object();
	}
}

static json_t *clean_list(struct walk *w, const struct schema *s, const json_t *in,
			  const char *parent)
{
	json_t *out = jx_must(json_array());

	for (size_t i = 0; i < json_array_size(in); i++) {
		const json_t *v = json_array_get(in, i);
		json_t *none = NULL;
		size_t n = down_to_item(w, i);
		json_t *c;

		if (json_is_null(v))
			v = none = jx_must(zero_of(s->of));
		c = clean(w, s->of, v, parent);
		json_decref(none);
		if (!c && w->report) {
			json_decref(out);
			return NULL;
		}
		up(w, n);
		if (c)
			jx_append(out, c);
	}
	return out;
}

/* NULL: it is none. What is no string is what its JSON says: 0.5. */
static json_t *clean_quantity(struct walk *w, const json_t *v)
{
	char buf[QUANTITY_MAX], number[QUANTITY_MAX] = "";
	const char *s = json_string_value(v), *bad;

	if (json_is_integer(v))
		snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(v));
	else if (json_is_real(v))
		snprintf(number, sizeof(number), "%.15g", json_real_value(v));
	bad = quantity_canonical(s ? s : number, buf);
	if (!bad)
		return jx_must(json_string(buf));
	if (w->report) {
		snprintf(w->report->field, sizeof(w->report->field), "%s", w->path);
		snprintf(w->report->message, sizeof(w->report->message), "%s", bad);
	}
	return NULL;
}

static json_t *clean_quantities(struct walk *w, const json_t *in)
{
	json_t *out = jx_must(json_object()), *v;
	const char *key;

	json_object_foreach((json_t *)in, key, v) {
		size_t n = down(w, key);
		json_t *c = json_is_null(v) ? jx_must(json_string("0")) : clean_quantity(w, v);

		if (!c && w->report) {
			json_decref(out);
			return NULL;
		}
		up(w, n);
		if (c && json_object_set_new(out, key, c))
			jx_must(NULL);
	}
	return out;
}

static json_t *clean_map(struct walk *w, const struct schema *s, const json_t *in,
			 const char *parent)
{
	json_t *out = jx_must(json_object());
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)in, key, v) {
		json_t *c = NULL;

		if (json_is_string(v)) {
			c = json_incref(v);
		} else if (json_is_null(v)) {
			c = s->flags & SCHEMA_NULLS ? json_null() : jx_must(json_string(""));
		} else if (w->report) {
			w->map_end = down(w, key);
			mistyped(w, &schema_string, v, parent);
			json_decref(out);
			return NULL;
		} else {
			continue;
		}
		if (json_object_set_new(out, key, c))
			jx_must(NULL);
	}
	return out;
}

static bool int_fits(const json_t *v, enum schema_type type)
{
	json_int_t n = json_integer_value(v);

	return json_is_integer(v) &&
	       (type == SCHEMA_LONG || (n >= INT32_MIN && n <= INT32_MAX));
}

static bool scalar_fits(const struct schema *s, const json_t *v)
{
	switch (s->type) {
	case SCHEMA_STRING:
		return json_is_string(v);
	case SCHEMA_INT:
	case SCHEMA_LONG:
		return int_fits(v, s->type);
	case SCHEMA_BOOL:
		return json_is_boolean(v);
	case SCHEMA_INT_OR_STRING:
		return json_is_string(v) || int_fits(v, SCHEMA_INT);
	default:
		return true;
	}
}

static json_t *clean(struct walk *w, const struct schema *s, const json_t *v, const char *parent)
{
	switch (s->type) {
	case SCHEMA_OBJECT:
		return json_is_object(v) ? clean_object(w, s, v) : mistyped(w, s, v, parent);
	case SCHEMA_MAP:
		return json_is_object(v) ? clean_map(w, s, v, parent) : mistyped(w, s, v, parent);
	case SCHEMA_LIST:
		return json_is_array(v) ? clean_list(w, s, v, parent) : mistyped(w, s, v, parent);
	case SCHEMA_QUANTITY:
		return clean_quantity(w, v);
	case SCHEMA_QUANTITIES:
		return json_is_object(v) ? clean_quantities(w, v) : mistyped(w, s, v, parent);
	case SCHEMA_ANY:
		return jx_copy(v);
	default:
		/* Strings and numbers are never changed in place: all copies have the same. */
		return scalar_fits(s, v) ? json_incref((json_t *)v) : mistyped(w, s, v, parent);
	}
}

json_t *schema_clean(const struct schema *s, const json_t *in, struct schema_report *report)
{
	struct walk w = { .report = report };

	return clean(&w, s, in, s->type_name);
}

void schema_report_clear(struct schema_report *report)
{
	json_decref(report->unknown);
	report->unknown = NULL;
}
