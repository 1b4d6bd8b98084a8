// SPDX-License-Identifier: GPL-2.0
#include "color.h"
#include "columns.h"
#include "field.h"
#include "rows.h"
#include "table.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_MAX	64
#define CELLS_MAX	32
#define GAP		3
#define WIDTH_MIN	6	/* with the gap, as Kubernetes' tools have it */

struct row {
	char *cell[CELLS_MAX];
	enum color color[CELLS_MAX];
	size_t n;
};

struct table {
	const struct resource *res;
	const struct rows_type *type;
	struct table_layout layout;
	size_t width[CELLS_MAX];
	struct row *rows;		/* not printed yet */
	size_t n, room;
	bool used, failed;
};

static struct row *new_row(struct table *t)
{
	struct row *v;

	if (t->n == t->room) {
		size_t room = t->room ? t->room * 2 : 16;

		v = reallocarray(t->rows, room, sizeof(*v));
		if (!v) {
			t->failed = true;
			return NULL;
		}
		t->rows = v;
		t->room = room;
	}
	v = &t->rows[t->n++];
	memset(v, 0, sizeof(*v));
	return v;
}

/* A cell is one line, and must not talk to the terminal. */
static char *clean(const char *text, size_t len)
{
	size_t i, size;
	char *cell;
	FILE *f;

	f = open_memstream(&cell, &size);
	if (!f)
		return NULL;
	for (i = 0; i < len && text[i] != '\n' && text[i] != '\r'; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c < 0x20 || c == 0x7f)
			fprintf(f, "^%c", c ^ 0x40);
		else
			fputc(c, f);
	}
	if (i < len)
		fputs("...", f);
	return fclose(f) ? NULL : cell;
}

static void put_colored(struct table *t, const char *text, size_t len, enum color color)
{
	struct row *row = t->n ? &t->rows[t->n - 1] : NULL;
	size_t width;
	char *cell;

	if (t->failed || !row || row->n == CELLS_MAX)
		return;
	cell = clean(text, len);
	if (!cell) {
		t->failed = true;
		return;
	}
	width = columns_width(cell, strlen(cell)) + GAP;
	if (width > t->width[row->n])
		t->width[row->n] = width;
	row->color[row->n] = color;
	row->cell[row->n++] = cell;
}

static void put_cell(struct table *t, const char *text, size_t len)
{
	put_colored(t, text, len, COLOR_NONE);
}

static bool shown(const struct table *t, const struct rows_column *c)
{
	return !c->priority || t->layout.wide;
}

/* The name, with its kind and group when the layout wants them. */
static void put_name(struct table *t, const char *name)
{
	const char *slash = strchr(t->res->api_version, '/');
	int group = slash ? (int)(slash - t->res->api_version) : 0;
	char *text;

	if (asprintf(&text, "%s%s%.*s/%s", t->res->singular, group ? "." : "", group,
		     t->res->api_version, name) < 0) {
		t->failed = true;
		return;
	}
	put_cell(t, text, strlen(text));
	free(text);
}

static void put_value(struct table *t, const struct rows_column *c, const json_t *cell)
{
	char number[24];
	int n;

	if (json_is_integer(cell)) {
		n = snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT,
			     json_integer_value(cell));
		put_cell(t, number, (size_t)n);
	} else if (!strcmp(c->format, "name") && t->layout.with_kind) {
		put_name(t, json_string_value(cell));
	} else {
		put_colored(t, json_string_value(cell), json_string_length(cell),
			    color_of_cell(t->res, c->name, json_string_value(cell)));
	}
}

static void put_header(struct table *t, const char *name)
{
	size_t i, n = strnlen(name, HEADER_MAX);
	char text[HEADER_MAX];

	for (i = 0; i < n; i++)
		text[i] = (char)toupper((unsigned char)name[i]);
	put_cell(t, text, n);
}

/* Call fn for each key of the label columns. */
static void for_each_label(struct table *t, const json_t *labels,
			   void (*fn)(struct table *, const char *key, const json_t *labels))
{
	char *copy = strdup(t->layout.label_columns ? t->layout.label_columns : ""), *rest, *key;

	t->failed |= !copy;
	for (rest = copy; (key = strsep(&rest, ","));)
		if (*key)
			fn(t, key, labels);
	free(copy);
}

/* The last part of "app.kubernetes.io/name" is what it is about. */
static void put_label_header(struct table *t, const char *key, const json_t *labels)
{
	const char *slash = strrchr(key, '/');

	(void)labels;
	put_header(t, slash ? slash + 1 : key);
}

static void put_label(struct table *t, const char *key, const json_t *labels)
{
	const char *value = json_string_value(json_object_get(labels, key));

	put_cell(t, value ? value : "", value ? strlen(value) : 0);
}

static void put_labels(struct table *t, const json_t *labels)
{
	char *text = NULL;
	size_t len;
	FILE *f;

	f = open_memstream(&text, &len);
	if (!f) {
		t->failed = true;
		return;
	}
	if (!field_print_map(f, labels, ","))
		fputs("<none>", f);
	t->failed |= fclose(f) != 0;
	put_cell(t, text, len);
	free(text);
}

static void add_headers(struct table *t)
{
	const struct rows_column *c;

	if (!new_row(t))
		return;
	if (t->layout.with_namespace)
		put_header(t, "Namespace");
	for (c = t->type->columns; c->name; c++)
		if (shown(t, c))
			put_header(t, c->name);
	for_each_label(t, NULL, put_label_header);
	if (t->layout.show_labels)
		put_header(t, "Labels");
}

static void add_row(struct table *t, const json_t *object, const json_t *cells)
{
	const char *ns = field_string(object, "metadata.namespace");
	const json_t *labels = field_get(object, "metadata.labels");
	size_t i;

	if (!new_row(t))
		return;
	if (t->layout.with_namespace)
		put_cell(t, ns, strlen(ns));
	for (i = 0; i < json_array_size(cells); i++)
		if (shown(t, &t->type->columns[i]))
			put_value(t, &t->type->columns[i], json_array_get(cells, i));
	for_each_label(t, labels, put_label);
	if (t->layout.show_labels)
		put_labels(t, labels);
}

void table_add(struct table *t, const json_t *object, time_t now)
{
	json_t *cells = rows_cells(t->type, object, now);

	t->failed |= !cells;
	if (!t->used && !t->layout.no_headers)
		add_headers(t);
	t->used = true;
	if (cells)
		add_row(t, object, cells);
	json_decref(cells);
}

static void print_row(const struct table *t, const struct row *row, FILE *f)
{
	size_t i, width;

	for (i = 0; i < row->n; i++) {
		fprintf(f, "%s%s%s", color_on(t->layout.color, row->color[i]), row->cell[i],
			color_off(t->layout.color, row->color[i]));
		if (i + 1 == row->n)
			break;
		width = columns_width(row->cell[i], strlen(row->cell[i]));
		fprintf(f, "%*s", (int)(t->width[i] - width), "");
	}
	fputc('\n', f);
}

static void drop_rows(struct table *t)
{
	size_t i, j;

	for (i = 0; i < t->n; i++)
		for (j = 0; j < t->rows[i].n; j++)
			free(t->rows[i].cell[j]);
	t->n = 0;
}

int table_flush(struct table *t, FILE *f)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		print_row(t, &t->rows[i], f);
	drop_rows(t);
	return t->failed ? -ENOMEM : 0;
}

bool table_is_empty(const struct table *t)
{
	return !t->used;
}

struct table *table_alloc(const struct resource *res, const struct table_layout *layout)
{
	struct table *t = calloc(1, sizeof(*t));
	size_t i;

	if (!t)
		return NULL;
	t->res = res;
	t->type = rows_of(res);
	t->layout = *layout;
	for (i = 0; i < CELLS_MAX; i++)
		t->width[i] = WIDTH_MIN;
	return t;
}

void table_free(struct table *t)
{
	if (!t)
		return;
	drop_rows(t);
	free(t->rows);
	free(t);
}
