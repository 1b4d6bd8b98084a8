// SPDX-License-Identifier: GPL-2.0
#include "columns.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CELLS_MAX	16	/* of one line; the rest of it is its last cell */

struct line {
	const char *cell[CELLS_MAX];
	size_t len[CELLS_MAX];
	size_t n;		/* the last cell is the text after the last tab */
};

struct layout {
	FILE *f;
	const struct line *lines;
	size_t widths[CELLS_MAX];
};

size_t columns_width(const char *s, size_t n)
{
	size_t i, width = 0;

	for (i = 0; i < n; i++)
		width += ((unsigned char)s[i] & 0xc0) != 0x80;
	return width;
}

static void split_line(struct line *l, const char *s, size_t len)
{
	const char *tab;

	l->n = 0;
	while (l->n < CELLS_MAX - 1 && (tab = memchr(s, '\t', len))) {
		l->cell[l->n] = s;
		l->len[l->n++] = (size_t)(tab - s);
		len -= (size_t)(tab - s) + 1;
		s = tab + 1;
	}
	l->cell[l->n] = s;
	l->len[l->n++] = len;
}

static struct line *split(const char *text, size_t len, size_t *n)
{
	const char *end = text + len, *nl;
	struct line *lines;
	size_t i, count = 0;

	for (i = 0; i < len; i++)
		count += text[i] == '\n';
	lines = calloc(count + 1, sizeof(*lines));
	if (!lines)
		return NULL;
	*n = 0;
	while (text < end) {
		nl = memchr(text, '\n', (size_t)(end - text));
		nl = nl ? nl : end;
		split_line(&lines[(*n)++], text, (size_t)(nl - text));
		text = nl + 1;
	}
	return lines;
}

static void print_line(const struct layout *l, const struct line *line)
{
	size_t i, width;

	for (i = 0; i < line->n; i++) {
		fwrite(line->cell[i], 1, line->len[i], l->f);
		if (i + 1 == line->n)
			break;
		width = columns_width(line->cell[i], line->len[i]);
		fprintf(l->f, "%*s", (int)(l->widths[i] - width), "");
	}
	fputc('\n', l->f);
}

/* Lines [from, to) have cells up to column: find the blocks of those that have this one too. */
static void print_block(struct layout *l, size_t from, size_t to, size_t column)
{
	size_t width, w, end;

	while (from < to) {
		if (column + 1 >= l->lines[from].n) {
			print_line(l, &l->lines[from++]);
			continue;
		}
		width = 0;
		for (end = from; end < to && column + 1 < l->lines[end].n; end++) {
			w = columns_width(l->lines[end].cell[column], l->lines[end].len[column]);
			width = w > width ? w : width;
		}
		l->widths[column] = width + COLUMNS_GAP;
		print_block(l, from, end, column + 1);
		from = end;
	}
}

int columns_print(FILE *f, const char *text, size_t len)
{
	struct layout l = { .f = f };
	struct line *lines;
	size_t n;

	lines = split(text, len, &n);
	if (!lines)
		return -ENOMEM;
	l.lines = lines;
	print_block(&l, 0, n, 0);
	free(lines);
	return 0;
}
