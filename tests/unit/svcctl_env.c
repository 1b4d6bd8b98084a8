// SPDX-License-Identifier: GPL-2.0
#include "svcctl_env.h"

#include "client.h"
#include "err.h"
#include "verbs.h"

#include <errno.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int open_fake(struct ctx *ctx, struct kernel **out, struct err *e)
{
	struct ctl_env *env = ctx->kernel_arg;

	if (env->open_code)
		return err_set(e, env->open_code, "the svcnat module is not loaded");
	env->opened++;
	*out = env->k;
	return 0;
}

static int no_svcd(void *arg, const struct client_request *req, client_sink *sink, void *sink_arg,
		   long *code, struct err *e)
{
	(void)arg;
	(void)req;
	(void)sink;
	(void)sink_arg;
	(void)code;
	return err_set(e, ENOENT, "there is no svcd");
}

static void nothing(void *arg)
{
	(void)arg;
}

static const struct client_transport nobody = { .request = no_svcd, .close = nothing };

int ctl_setup(void **state)
{
	struct ctl_env *env = calloc(1, sizeof(*env));

	env->k = kernel_fake_open();
	*state = env;
	return 0;
}

static void clear_output(struct ctl_env *env)
{
	free(env->out);
	free(env->err);
	env->out = env->err = NULL;
}

int ctl_teardown(void **state)
{
	struct ctl_env *env = *state;

	clear_output(env);
	kernel_fake_free(env->k);
	free(env);
	return 0;
}

static FILE *open_input(const char *text)
{
	return text && *text ? fmemopen((void *)text, strlen(text), "r") : fopen("/dev/null", "r");
}

int ctl_run(struct ctl_env *env, const char *line)
{
	char *copy = strdup(line), *rest = copy, *word;
	char *argv[256] = { (char *)"svcctl" };
	struct ctx ctx = { .open_kernel = open_fake, .kernel_arg = env,
			   .upgrade = env->upgrade, .top = env->top,
			   .fastpath = env->fastpath,
			   .transport = env->transport ? env->transport : &nobody,
			   .transport_arg = env->transport_arg };
	size_t out_len, err_len;
	int argc = 1, code;

	clear_output(env);
	ctx.in = open_input(env->in);
	ctx.out = open_memstream(&env->out, &out_len);
	ctx.err = open_memstream(&env->err, &err_len);
	while ((word = strsep(&rest, " ")) && argc < 255)
		argv[argc++] = strcmp(word, "''") ? word : word + 2;
	assert_null(rest);
	if (!*line)
		argc = 1;
	code = verbs_run(&ctx, argc, argv);
	fclose(ctx.in);
	fclose(ctx.out);
	fclose(ctx.err);
	free(copy);
	/* Whatever is opened is closed, on every way out. */
	assert_int_equal(env->opened, kernel_fake_closed(env->k));
	return code;
}

void ctl_ok(struct ctl_env *env, const char *line)
{
	int code = ctl_run(env, line);

	if (code || *env->err)
		fail_msg("svcctl %s: exit %d, %s", line, code, env->err);
}

void ctl_prints(struct ctl_env *env, const char *line, const char *expected)
{
	ctl_ok(env, line);
	if (strcmp(env->out, expected))
		fail_msg("svcctl %s printed:\n%snot:\n%s", line, env->out, expected);
}

void ctl_prints_json(struct ctl_env *env, const char *line, const char *expected)
{
	char *text = strdup(expected), *c;
	json_t *want, *got;

	for (c = text; *c; c++)
		if (*c == '\'')
			*c = '"';
	ctl_ok(env, line);
	want = json_loads(text, 0, NULL);
	got = json_loads(env->out, 0, NULL);
	assert_non_null(want);
	if (!json_equal(want, got))
		fail_msg("svcctl %s printed:\n%snot:\n%s", line, env->out, text);
	json_decref(want);
	json_decref(got);
	free(text);
}

void ctl_fails(struct ctl_env *env, const char *line, int code, const char *err)
{
	int got = ctl_run(env, line);

	if (got != code || strcmp(env->err, err) || *env->out)
		fail_msg("svcctl %s: exit %d, not %d\n%snot\n%soutput:\n%s", line, got, code,
			 env->err, err, env->out);
}

void ctl_all_wrong(struct ctl_env *env, const struct ctl_wrong *v, size_t n)
{
	char expected[1024], *services, *settings;
	size_t i;

	ctl_ok(env, "show -j");
	services = strdup(env->out);
	ctl_ok(env, "settings -j");
	settings = strdup(env->out);
	for (i = 0; i < n; i++) {
		snprintf(expected, sizeof(expected), "svcctl: %s\n", v[i].err);
		ctl_fails(env, v[i].line, v[i].code, expected);
	}
	ctl_prints(env, "show -j", services);
	ctl_prints(env, "settings -j", settings);
	free(services);
	free(settings);
}
