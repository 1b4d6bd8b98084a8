// SPDX-License-Identifier: GPL-2.0
#include "rows.h"

#include "age.h"
#include "field.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static void fill_any(json_t *cells, const json_t *object, time_t now)
{
	rows_put_name(cells, object);
	rows_put_age(cells, object, now);
}

static const struct rows_column columns_any[] = { ROWS_NAME, ROWS_AGE, ROWS_END };

static const struct rows_type rows_any = { "", columns_any, fill_any };

static const struct rows_type *const types[] = {
	&rows_services, &rows_pods, &rows_endpoints, &rows_endpointslices, &rows_nodes,
	&rows_namespaces, &rows_events,
};

const struct rows_type *rows_of(const struct resource *res)
{
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(types[i]->plural, res->plural))
			return types[i];
	return &rows_any;
}

/* A cell that there was no memory for is missing, and that shows. */
json_t *rows_cells(const struct rows_type *type, const json_t *object, time_t now)
{
	json_t *cells = json_array();
	size_t n = 0;

	if (!cells)
		return NULL;
	while (type->columns[n].name)
		n++;
	type->fill(cells, object, now);
	if (json_array_size(cells) == n)
		return cells;
	json_decref(cells);
	return NULL;
}

/* One that is no UTF-8, such as one that was cut, is shown as far as it is ASCII. */
static json_t *make_text(const char *text)
{
	json_t *v = json_string(text);
	char *ascii, *p;

	ascii = v ? NULL : strdup(text);
	if (!ascii)
		return v;
	for (p = ascii; *p; p++)
		if (*p & 0x80)
			*p = '?';
	v = json_string(ascii);
	free(ascii);
	return v;
}

void rows_put(json_t *cells, const char *text)
{
	json_array_append_new(cells, make_text(text));
}

void rows_print(json_t *cells, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	json_array_append_new(cells, json_vsprintf(fmt, ap));
	va_end(ap);
}

void rows_put_name(json_t *cells, const json_t *object)
{
	rows_put(cells, field_string(object, "metadata.name"));
}

void rows_put_since(json_t *cells, const char *stamp, time_t now)
{
	char age[AGE_SIZE];

	rows_put(cells, age_since(stamp, now, age));
}

void rows_put_age(json_t *cells, const json_t *object, time_t now)
{
	rows_put_since(cells, field_string(object, "metadata.creationTimestamp"), now);
}

void rows_put_field(json_t *cells, const json_t *object, const char *path, const char *otherwise)
{
	const char *text = field_string(object, path);

	rows_put(cells, *text ? text : otherwise);
}

void rows_put_printed(json_t *cells, void (*print)(FILE *f, const json_t *from),
		      const json_t *from)
{
	char *text = NULL;
	size_t size;
	FILE *f;

	f = open_memstream(&text, &size);
	if (!f)
		return;
	print(f, from);
	if (!fclose(f))
		rows_put(cells, text);
	free(text);
}
