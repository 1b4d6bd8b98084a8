// SPDX-License-Identifier: GPL-2.0
#include "transcript.h"

#include "verbs.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORDS_MAX	64
#define CREATED		1767225600	/* 2026-01-01T00:00:00Z: of all objects */

/* One command line, run in a thread of its own while the server's loop turns here. */
struct command {
	struct ctx ctx;
	int argc;
	char **argv;
	int code;
	bool done;
};

/* All objects are three seconds old. */
static time_t clock_stands(void)
{
	return CREATED + 3;
}

/* Who waits for something needs a clock that goes. */
static bool needs_time(const char *verb)
{
	return !strcmp(verb, "wait") || !strcmp(verb, "delete");
}

static void *run(void *arg)
{
	struct command *c = arg;
	int code = verbs_run(&c->ctx, c->argc, c->argv);

	c->code = code;
	__atomic_store_n(&c->done, true, __ATOMIC_RELEASE);
	return NULL;
}

static bool is_done(void *arg)
{
	struct command *c = arg;

	return __atomic_load_n(&c->done, __ATOMIC_ACQUIRE);
}

/* Marks each line of the standard error output. */
struct marker {
	FILE *to;
	bool inside;
};

static ssize_t mark(void *arg, const char *data, size_t len)
{
	struct marker *m = arg;
	size_t i;

	for (i = 0; i < len; i++) {
		if (!m->inside)
			fputs("! ", m->to);
		m->inside = data[i] != '\n';
		fputc(data[i], m->to);
	}
	return (ssize_t)len;
}

/* In place: each word ends in a NUL, without its quotes. */
static int split(char *line, char **words)
{
	char *from = line, *to = line, quote = 0;
	int n = 0;

	for (;;) {
		while (*from == ' ')
			from++;
		if (!*from)
			return n;
		assert_true(n < WORDS_MAX);
		words[n++] = to;
		for (; *from && (quote || *from != ' '); from++)
			if (quote ? *from == quote : *from == '\'' || *from == '"')
				quote = quote ? 0 : *from;
			else
				*to++ = *from;
		from += *from == ' ';
		*to++ = '\0';
	}
}

int transcript_command(struct http_fixture *f, const char *line, const char *in, char **out)
{
	static const cookie_io_functions_t io = { .write = mark };
	char *words[WORDS_MAX], *copy = strdup(line);
	struct command c = { .argv = words };
	struct marker marker = { NULL, false };
	pthread_t thread;
	size_t len;

	c.argc = split(copy, words);
	c.ctx = (struct ctx){ .socket = f->socket };
	if (c.argc < 2 || !needs_time(words[1]))
		c.ctx.now = clock_stands;
	c.ctx.in = in && *in ? fmemopen((void *)in, strlen(in), "r") : fopen("/dev/null", "r");
	c.ctx.out = marker.to = open_memstream(out, &len);
	c.ctx.err = fopencookie(&marker, "w", io);
	setvbuf(c.ctx.err, NULL, _IONBF, 0);
	assert_int_equal(pthread_create(&thread, NULL, run, &c), 0);
	if (!http_wait(f->base, is_done, &c))
		fail_msg("no end of: %s", line);
	pthread_join(thread, NULL);
	fclose(c.ctx.in);
	fclose(c.ctx.err);
	fclose(c.ctx.out);
	free(copy);
	return c.code;
}

bool transcript_matches(const char *expected, const char *text)
{
	for (; *expected; expected++, text++) {
		if (!strncmp(expected, "@@", 2)) {
			for (; *text && *text != '\n'; text++)
				if (transcript_matches(expected + 2, text))
					return true;
			expected++;
			text--;
		} else if (*expected != *text) {
			return false;
		}
	}
	return !*text;
}

/* A session as it is read, line by line. */
struct session {
	struct http_fixture *f;
	const char *name;
	char *line;		/* the one that is looked at; NULL: the end */
	char *rest;
	unsigned int number;
};

static void next_line(struct session *s)
{
	s->line = strsep(&s->rest, "\n");
	s->number++;
}

static char *read_file(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = NULL;
	size_t size = 0;

	if (!f || getdelim(&text, &size, '\0', f) < 0)
		fail_msg("cannot read %s: %s", path, strerror(errno));
	fclose(f);
	return text;
}

/* The lines that begin with mark, or up to "exit N" without one. */
static char *gather(struct session *s, const char *mark)
{
	size_t len;
	char *text;
	FILE *f;

	f = open_memstream(&text, &len);
	while (s->line && (mark ? !strncmp(s->line, mark, 2) : strncmp(s->line, "exit ", 5))) {
		fprintf(f, "%s\n", s->line + (mark ? 2 : 0));
		next_line(s);
	}
	fclose(f);
	return text;
}

static void one(struct session *s)
{
	const char *line = s->line + 2;
	unsigned int number = s->number;
	char *in, *expected, *got;
	int code;

	next_line(s);
	in = gather(s, "< ");
	expected = gather(s, NULL);
	if (!s->line)
		fail_msg("%s.txt:%u: there is no exit code", s->name, number);
	code = transcript_command(s->f, line, in, &got);
	if (code != atoi(s->line + 5) || !transcript_matches(expected, got)) {
		/* fail_msg() would cut it. */
		print_error("%s.txt:%u: %s\n", s->name, number, line);
		fprintf(stderr, "%sexit %d\nexpected:\n%s%s\n", got, code, expected, s->line);
		fail();
	}
	free(in);
	free(expected);
	free(got);
}

void transcript_run(const char *name)
{
	struct session s = { .name = name };
	char path[512], *text;

	assert_return_code(chdir(SVCNAT_SOURCE "/tests/unit/transcripts"), errno);
	snprintf(path, sizeof(path), "%s.txt", name);
	s.rest = text = read_file(path);
	s.f = http_fixture_open_at(NULL, CREATED);
	for (next_line(&s); s.line; next_line(&s)) {
		if (!strncmp(s.line, "$ ", 2))
			one(&s);
		else if (*s.line && *s.line != '#')
			fail_msg("%s.txt:%u: no command: %s", name, s.number, s.line);
	}
	http_fixture_close(s.f);
	free(text);
}
