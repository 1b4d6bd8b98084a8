// SPDX-License-Identifier: GPL-2.0
#include "fielderr.h"

#include "jx.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void append(struct field_errors *l, const char *reason, const char *message,
		   const char *field)
{
	json_t *cause = jx_must(json_object());

	jx_set_str(cause, "reason", reason);
	jx_set_str(cause, "message", message);
	jx_set_str(cause, "field", field);
	if (!l->causes)
		l->causes = jx_must(json_array());
	jx_append(l->causes, cause);
}

/* A body full of mistakes must not become an answer many times its size. */
static bool full(const struct field_errors *l)
{
	return l->n >= FIELD_ERRORS_MAX || l->len >= FIELD_ERRORS_LEN;
}

/* message is freed here. */
static void add(struct field_errors *l, const char *reason, char *message, const char *path,
		va_list ap)
{
	char field[512];

	vsnprintf(field, sizeof(field), path, ap);
	if (!full(l)) {
		append(l, reason, message, field);
		l->len += strlen(message);
	} else if (!l->cut) {
		l->cut = true;
		append(l, "FieldValueTooMany", "Too many errors: this one and those behind it are "
		       "not shown", field);
	}
	l->n++;
	free(message);
}

/* As it stands in a message; to be freed. */
static char *show(const struct field_errors *l, const json_t *value)
{
	return full(l) ? jx_must(strdup("")) : jx_print(value);
}

__attribute__((format(printf, 1, 2)))
static char *text(const char *fmt, ...)
{
	char *s = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		s = NULL;
	va_end(ap);
	return jx_must(s);
}

static void add_invalid(struct field_errors *l, const json_t *value, const char *detail,
			const char *path, va_list ap)
{
	char *v = value ? show(l, value) : jx_must(strdup("\"null\""));

	add(l, "FieldValueInvalid", text("Invalid value: %s: %s", v, detail), path, ap);
	free(v);
}

void field_invalid(struct field_errors *l, const json_t *value, const char *detail,
		   const char *path, ...)
{
	va_list ap;

	va_start(ap, path);
	add_invalid(l, value, detail, path, ap);
	va_end(ap);
}

bool field_format(struct field_errors *l, const json_t *value, const struct format_rule *rules,
		  const char *path, ...)
{
	const char *s = json_string_value(value);
	bool fine = true;
	va_list ap;

	for (; rules->words; rules++) {
		if (!rules->broken(s))
			continue;
		va_start(ap, path);
		add_invalid(l, value, rules->words, path, ap);
		va_end(ap);
		fine = false;
	}
	return fine;
}

void field_required(struct field_errors *l, const char *detail, const char *path, ...)
{
	va_list ap;

	va_start(ap, path);
	add(l, "FieldValueRequired", text("Required value%s%s", *detail ? ": " : "", detail),
	    path, ap);
	va_end(ap);
}

void field_forbidden(struct field_errors *l, const char *detail, const char *path, ...)
{
	va_list ap;

	va_start(ap, path);
	add(l, "FieldValueForbidden", text("Forbidden: %s", detail), path, ap);
	va_end(ap);
}

void field_duplicate(struct field_errors *l, const json_t *value, const char *path, ...)
{
	char *v = show(l, value);
	va_list ap;

	va_start(ap, path);
	add(l, "FieldValueDuplicate", text("Duplicate value: %s", v), path, ap);
	va_end(ap);
	free(v);
}

void field_not_found(struct field_errors *l, const json_t *value, const char *path, ...)
{
	char *v = show(l, value);
	va_list ap;

	va_start(ap, path);
	add(l, "FieldValueNotFound", text("Not found: %s", v), path, ap);
	va_end(ap);
	free(v);
}

void field_unsupported(struct field_errors *l, const json_t *value, const char *const *supported,
		       const char *path, ...)
{
	char *v = show(l, value);
	char list[256];
	size_t n = 0;
	va_list ap;

	list[0] = '\0';
	for (; *supported && n < sizeof(list); supported++)
		n += snprintf(list + n, sizeof(list) - n, "%s\"%s\"", n ? ", " : "", *supported);
	va_start(ap, path);
	add(l, "FieldValueNotSupported",
	    text("Unsupported value: %s: supported values: %s", v, list), path, ap);
	va_end(ap);
	free(v);
}

void field_too_many(struct field_errors *l, size_t n, size_t max, const char *path, ...)
{
	va_list ap;

	va_start(ap, path);
	add(l, "FieldValueTooMany", text("Too many: %zu: must have at most %zu items", n, max),
	    path, ap);
	va_end(ap);
}

void field_too_long(struct field_errors *l, size_t max, const char *path, ...)
{
	va_list ap;

	va_start(ap, path);
	add(l, "FieldValueTooLong", text("Too long: may not be more than %zu bytes", max), path,
	    ap);
	va_end(ap);
}

bool field_errors_any(const struct field_errors *l)
{
	return l->n > 0;
}

char *field_errors_print(const struct field_errors *l)
{
	size_t n = json_array_size(l->causes), len;
	char *s = NULL;
	FILE *f;

	f = jx_must(open_memstream(&s, &len));
	fputs(n > 1 ? "[" : "", f);
	for (size_t i = 0; i < n; i++) {
		const json_t *c = json_array_get(l->causes, i);

		fprintf(f, "%s%s: %s", i ? ", " : "", jx_str(c, "field"), jx_str(c, "message"));
	}
	fputs(n > 1 ? "]" : "", f);
	fclose(f);
	return jx_must(s);
}

void field_errors_clear(struct field_errors *l)
{
	json_decref(l->causes);
	*l = (struct field_errors){ 0 };
}
