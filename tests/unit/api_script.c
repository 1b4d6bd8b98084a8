// SPDX-License-Identifier: GPL-2.0
#include "api_script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int script_request(void *arg, const struct client_request *req, client_sink *sink,
			  void *sink_arg, long *code, struct err *e)
{
	struct script *s = arg;
	const struct step *step = s->step;
	const char *rest = step->answer ? step->answer : "";
	size_t n;

	if (!step->method)
		fail_msg("unexpected: %s %s", req->method, req->path);
	s->step++;
	assert_string_equal(req->method, step->method);
	assert_string_equal(req->path, step->path);
	snprintf(s->body, sizeof(s->body), "%s", req->body ? req->body : "");
	*code = step->code;
	while (*rest) {
		n = strlen(rest);
		n = s->chunk && s->chunk < n ? s->chunk : n;
		if (sink(sink_arg, rest, n))
			return 0;
		rest += n;
	}
	return step->ret ? err_set(e, -step->ret, "the script says no") : 0;
}

static void script_pause(void *arg, unsigned int ms)
{
	struct script *s = arg;

	assert_true(ms >= 100);
	s->pauses++;
}

static void script_close(void *arg)
{
	(void)arg;
}

static const struct client_transport script_transport = {
	.request = script_request,
	.pause = script_pause,
	.close = script_close,
};

static time_t fixed_now(void)
{
	return 1767225600;	/* 2026-01-01T00:00:00Z */
}

struct result script_run(struct script *s, const char *line, const char *in)
{
	char *argv[32] = { (char *)"svcctl" }, *copy = strdup(line), *word;
	struct ctx ctx = { .transport = &script_transport, .transport_arg = s, .now = fixed_now };
	struct result r = { NULL, NULL, 0 };
	size_t out, err;
	int argc = 1;

	for (word = strtok(copy, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	/* fmemopen() wants at least one byte. */
	in = *in ? in : " ";
	ctx.in = fmemopen((void *)in, strlen(in), "r");
	ctx.out = open_memstream(&r.out, &out);
	ctx.err = open_memstream(&r.err, &err);
	r.code = verbs_run(&ctx, argc, argv);
	fclose(ctx.in);
	fclose(ctx.out);
	fclose(ctx.err);
	free(copy);
	return r;
}

void script_check(struct result r, int code, const char *out, const char *err)
{
	assert_string_equal(r.err, err);
	assert_string_equal(r.out, out);
	assert_int_equal(r.code, code);
	free(r.out);
	free(r.err);
}

void script_assert_cut(const char *line, const char *in, const struct step *steps, size_t chunk,
		       int code, const char *out, const char *err)
{
	struct script s = { .step = steps, .chunk = chunk };

	script_check(script_run(&s, line, in), code, out, err);
	/* All of the script was asked for. */
	if (s.step->method)
		fail_msg("never came: %s %s", s.step->method, s.step->path);
}

void script_assert(const char *line, const char *in, const struct step *steps, int code,
		   const char *out, const char *err)
{
	script_assert_cut(line, in, steps, 0, code, out, err);
}
