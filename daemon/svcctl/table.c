// SPDX-License-Identifier: GPL-2.0
#include "age.h"
#include "columns.h"
#include "field.h"
#include "table.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define CELLS_MAX	12
#define GAP		3
#define WIDTH_MIN	6	/* with the gap, as Kubernetes' tools have it */

struct row {
	char *cell[CELLS_MAX];
	size_t n;
};

struct table {
	const struct resource *res;
	const struct table_type *type;
	struct table_layout layout;
	size_t width[CELLS_MAX];
	struct row *rows;		/* not printed yet */
	size_t n, room;
	size_t at;			/* column of the type that comes next */
	bool used, failed;
};

static void row_any(struct table *t, const json_t *object, time_t now)
{
	char age[AGE_SIZE];

	table_name_cell(t, object);
	table_cell(t, "%s", age_since(field_string(object, "metadata.creationTimestamp"), now,
				      age));
}

static const struct table_column columns_any[] = {
	{ "NAME", false }, { "AGE", false }, { NULL, false },
};

static const struct table_type table_any = { "", columns_any, row_any };

static const struct table_type * const types[] = {
	&table_services, &table_pods, &table_endpoints, &table_namespaces, &table_events,
};

static const struct table_type *find_type(const char *plural)
{
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(types[i]->plural, plural))
			return types[i];
	return &table_any;
}

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

static void put_cell(struct table *t, const char *text, size_t len)
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
	row->cell[row->n++] = cell;
}

void table_cell(struct table *t, const char *fmt, ...)
{
	bool hidden = t->type->columns[t->at].wide && !t->layout.wide;
	char *text = NULL;
	va_list ap;
	size_t len;
	FILE *f;

	t->at++;
	f = hidden ? NULL : open_memstream(&text, &len);
	if (!f) {
		t->failed |= !hidden;
		return;
	}
	va_start(ap, fmt);
	vfprintf(f, fmt, ap);
	va_end(ap);
	if (fclose(f))
		t->failed = true;
	else
		put_cell(t, text, len);
	free(text);
}

void table_name_cell(struct table *t, const json_t *object)
{
	const char *name = field_string(object, "metadata.name");
	const char *slash = strchr(t->res->api_version, '/');
	int group = slash ? (int)(slash - t->res->api_version) : 0;

	if (!t->layout.with_kind)
		table_cell(t, "%s", name);
	else
		table_cell(t, "%s%s%.*s/%s", t->res->singular, group ? "." : "", group,
			   t->res->api_version, name);
}

static void add_headers(struct table *t)
{
	const struct table_column *c;

	if (!new_row(t))
		return;
	if (t->layout.with_namespace)
		put_cell(t, "NAMESPACE", 9);
	for (c = t->type->columns; c->name; c++)
		if (!c->wide || t->layout.wide)
			put_cell(t, c->name, strlen(c->name));
}

void table_add(struct table *t, const json_t *object, time_t now)
{
	const char *ns = field_string(object, "metadata.namespace");

	if (!t->used && !t->layout.no_headers)
		add_headers(t);
	t->used = true;
	if (!new_row(t))
		return;
	if (t->layout.with_namespace)
		put_cell(t, ns, strlen(ns));
	t->at = 0;
	t->type->row(t, object, now);
}

static void print_row(const struct table *t, const struct row *row, FILE *f)
{
	size_t i, width;

	for (i = 0; i < row->n; i++) {
		fputs(row->cell[i], f);
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
	t->type = find_type(res->plural);
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
