// SPDX-License-Identifier: GPL-2.0
#include "plan.h"

#include "change.h"
#include "definition.h"
#include "order.h"
#include "save.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS	" \t\r\n"

struct reader {
	struct plan *p;
	FILE *errors;
	size_t bad;
	size_t line;		/* the present one, from 1 */
	bool has_header, has_end;
	char **words;		/* of the present line, and room */
	size_t nwords, room;
	size_t entries_room;
};

void plan_complain(const struct plan *p, FILE *errors, size_t line, const char *fmt, ...)
{
	va_list ap;

	fprintf(errors, "svcctl: %s:%zu: ", p->file, line);
	va_start(ap, fmt);
	vfprintf(errors, fmt, ap);
	va_end(ap);
	fputc('\n', errors);
}

static void bad_line(struct reader *r, const char *text)
{
	plan_complain(r->p, r->errors, r->line, "%s", text);
	r->bad++;
}

static int no_memory(struct err *e)
{
	return err_set(e, ENOMEM, "out of memory");
}

/* --- one line --- */

static int add_word(struct reader *r, char *word)
{
	char **v;

	if (r->nwords == r->room) {
		r->room = r->room ? 2 * r->room : 64;
		v = reallocarray(r->words, r->room, sizeof(*v));
		if (!v)
			return -ENOMEM;
		r->words = v;
	}
	r->words[r->nwords++] = word;
	return 0;
}

static int split(struct reader *r, char *line)
{
	char *rest = line, *word;
	int err = 0;

	r->nwords = 0;
	while (!err && (word = strsep(&rest, BLANKS)))
		if (*word)
			err = add_word(r, word);
	return err;
}

static int find_owner(struct plan *p, const char *name, size_t *at)
{
	const struct plan_owner *found = plan_find_owner(p, name);
	struct plan_owner *v;

	if (!found) {
		v = reallocarray(p->owners, p->nowners + 1, sizeof(*v));
		if (!v)
			return -ENOMEM;
		p->owners = v;
		v[p->nowners] = (struct plan_owner){ 0 };
		strcpy(v[p->nowners].name, name);
		found = &v[p->nowners++];
	}
	*at = (size_t)(found - p->owners);
	return 0;
}

/* Takes s when it succeeds. */
static int add_entry(struct reader *r, struct kservice *s)
{
	struct plan *p = r->p;
	struct plan_entry *v;
	size_t owner;

	if (find_owner(p, s->owner, &owner))
		return -ENOMEM;
	if (p->n == r->entries_room) {
		r->entries_room = r->entries_room ? 2 * r->entries_room : 64;
		v = reallocarray(p->entries, r->entries_room, sizeof(*v));
		if (!v)
			return -ENOMEM;
		p->entries = v;
	}
	order_members(s);
	p->entries[p->n++] = (struct plan_entry){ .s = *s, .line = r->line, .owner = owner };
	return 0;
}

static int take_service(struct reader *r, struct err *e)
{
	struct definition d;
	int err;

	if (change_is_meant(args_first_word(definition_options, (int)r->nwords, r->words)))
		return err_set(e, EINVAL, "'add endpoint' cannot be restored: write --endpoint in "
			       "the line of the service");
	err = definition_parse(&d, (int)r->nwords, r->words, e);
	if (!err && add_entry(r, &d.s))
		err = no_memory(e);
	if (err)
		kservice_clear(&d.s);
	return err;
}

static int take_words(struct reader *r, struct err *e)
{
	if (!strcmp(r->words[0], "add"))
		return take_service(r, e);
	if (strcmp(r->words[0], "settings"))
		return err_set(e, EINVAL, "'%s' stands where 'add service' or 'settings' is "
			       "expected", r->words[0]);
	if (r->nwords < 2)
		return err_set(e, EINVAL, "a setting is missing (settings KEY VALUE)");
	return setting_parse(&r->p->settings, NULL, (int)r->nwords, r->words, e);
}

/* --- all of them --- */

static void take_header(struct reader *r, const char *line)
{
	unsigned int format = (unsigned int)atoi(line + strlen(SAVE_HEADER));
	struct err e;

	r->has_header = true;
	if (format == SAVE_FORMAT)
		return;
	err_set(&e, EINVAL, "this is of another format than %u, which this svcctl reads: use the "
		"one that saved it", SAVE_FORMAT);
	bad_line(r, e.text);
}

static void take_line(struct reader *r, char *line, size_t len)
{
	struct err e;

	r->line++;
	if (strlen(line) != len) {
		bad_line(r, "there is a NUL byte in it");
		return;
	}
	while (len && strchr(BLANKS, line[len - 1]))
		line[--len] = '\0';
	line += strspn(line, BLANKS);
	if (!*line)
		return;
	r->has_end = !strcmp(line, SAVE_END);
	if (r->line == 1 && !strncmp(line, SAVE_HEADER, strlen(SAVE_HEADER)))
		take_header(r, line);
	if (*line == '#')
		return;
	if (split(r, line) ? no_memory(&e) : take_words(r, &e))
		bad_line(r, e.text);
}

static void read_lines(struct reader *r, FILE *in)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t len;

	while ((len = getline(&line, &room, in)) >= 0)
		take_line(r, line, (size_t)len);
	if (!feof(in)) {
		fprintf(r->errors, "svcctl: %s: cannot be read: %s\n", r->p->file, strerror(errno));
		r->bad++;
	}
	free(line);
}

static void check_whole(struct reader *r)
{
	if (r->has_header && !r->has_end) {
		bad_line(r, "the last line is not '" SAVE_END "': the file was cut off");
	} else if (!r->has_header && !r->p->n && !r->p->settings.what) {
		fprintf(r->errors, "svcctl: %s: there is nothing in it\n", r->p->file);
		r->bad++;
	}
}

size_t plan_read(struct plan *p, const char *file, FILE *in, FILE *errors)
{
	struct reader r = { .p = p, .errors = errors };

	*p = (struct plan){ .file = file };
	read_lines(&r, in);
	free(r.words);
	/* What else is wrong does not count until every line can be read. */
	if (!r.bad)
		check_whole(&r);
	if (r.bad)
		return r.bad;
	if (plan_index(p)) {
		fprintf(errors, "svcctl: %s: out of memory\n", file);
		return 1;
	}
	return plan_check_twice(p, errors);
}

void plan_clear(struct plan *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		kservice_clear(&p->entries[i].s);
	free(p->entries);
	free(p->owners);
	free(p->by_key);
	free(p->slots);
	ksettings_clear(&p->settings.s);
	memset(p, 0, sizeof(*p));
}
