// SPDX-License-Identifier: GPL-2.0
#include "color.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const codes[] = {
	[COLOR_NONE] = "", [COLOR_GOOD] = "\033[32m", [COLOR_WARN] = "\033[33m",
	[COLOR_BAD] = "\033[31m", [COLOR_HEAD] = "\033[1m",
};

static bool is_terminal(FILE *f)
{
	return isatty(fileno(f));
}

struct color_host color_process_host(void)
{
	return (struct color_host){ is_terminal, getenv("NO_COLOR"), getenv("TERM") };
}

int color_parse(const char *word, enum color_when *out, struct err *e)
{
	static const char *const words[] = {
		[COLOR_AUTO] = "auto", [COLOR_ALWAYS] = "always", [COLOR_NEVER] = "never",
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(words[i], word)) {
			*out = (enum color_when)i;
			return 0;
		}
	return err_set(e, EINVAL, "--color=%s: must be auto, always or never", word);
}

/* NO_COLOR counts when it is not empty: https://no-color.org */
bool color_wanted(enum color_when when, const struct color_host *host, FILE *f)
{
	if (when != COLOR_AUTO)
		return when == COLOR_ALWAYS;
	if (!host || (host->no_color && *host->no_color))
		return false;
	return host->term && *host->term && strcmp(host->term, "dumb") && host->is_terminal(f);
}

const char *color_on(bool wanted, enum color c)
{
	return wanted ? codes[c] : "";
}

const char *color_off(bool wanted, enum color c)
{
	return wanted && c != COLOR_NONE ? "\033[0m" : "";
}

/* --- errors --- */

struct errors {
	FILE *to;
	bool inside;		/* of a line */
};

/* How a line may begin; the colour ends with its first colon. */
static const struct {
	const char *text;
	enum color color;
} beginnings[] = {
	{ "error:", COLOR_BAD },
	{ "Error from server", COLOR_BAD },
	{ "svcctl: warning:", COLOR_WARN },
	{ "svcctl:", COLOR_BAD },
	{ "Warning:", COLOR_WARN },
};

/* How much of the line gets a colour. */
static size_t beginning(const char *line, size_t len, enum color *c)
{
	const char *colon;
	size_t i, n;

	for (i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++) {
		n = strlen(beginnings[i].text);
		if (len < n || strncmp(line, beginnings[i].text, n))
			continue;
		*c = beginnings[i].color;
		colon = memchr(line + n - 1, ':', len - n + 1);
		return colon ? (size_t)(colon - line) + 1 : n;
	}
	return 0;
}

/* The stream is buffered by lines: it is whole lines that come. */
static ssize_t write_errors(void *arg, const char *data, size_t len)
{
	struct errors *e = arg;
	size_t at = 0, line, n;
	const char *end;
	enum color c;

	while (at < len) {
		end = memchr(data + at, '\n', len - at);
		line = end ? (size_t)(end - data) + 1 - at : len - at;
		n = e->inside ? 0 : beginning(data + at, line, &c);
		if (n)
			fprintf(e->to, "%s%.*s%s", codes[c], (int)n, data + at, color_off(true, c));
		fwrite(data + at + n, 1, line - n, e->to);
		e->inside = !end;
		at += line;
	}
	return fflush(e->to) ? 0 : (ssize_t)len;
}

static int close_errors(void *arg)
{
	free(arg);
	return 0;
}

FILE *color_errors(FILE *f)
{
	static const cookie_io_functions_t io = { .write = write_errors, .close = close_errors };
	struct errors *e = malloc(sizeof(*e));
	FILE *to;

	if (!e)
		return NULL;
	*e = (struct errors){ f, false };
	to = fopencookie(e, "w", io);
	if (to)
		setvbuf(to, NULL, _IOLBF, 0);
	else
		free(e);
	return to;
}
