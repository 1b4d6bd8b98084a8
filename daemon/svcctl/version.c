// SPDX-License-Identifier: GPL-2.0
#include "args.h"
#include "kernel.h"
#include "print.h"
#include "verbs.h"

#include <errno.h>

const char verb_version_usage[] =
	"usage: svcctl version [-j]\n"
	"\n"
	"Show the versions of this tool and of the svcnat module. A module that is not loaded\n"
	"is no error; one that does not answer (it answers root only) is.\n"
	"\n"
	"  -j, --json\n"
	"\n"
	"Example: svcctl version\n";

enum { JSON = ARGS_WORD + 1 };

static const struct args_option options[] = {
	{ "json", 'j', false, JSON },
	{ 0 },
};

static int parse(bool *json, int argc, char **argv, struct err *e)
{
	const char *value;
	struct args a;
	int id;

	args_init(&a, options, argc, argv);
	while ((id = args_next(&a, &value, e)) > ARGS_END) {
		if (id == ARGS_WORD)
			return err_set(e, EINVAL, "unexpected argument '%s'", value);
		*json = true;
	}
	return id;
}

/* -ENOENT: the module is not loaded. */
static int ask(struct ctx *ctx, struct ksettings *s, struct err *e)
{
	struct kernel *k;
	int err;

	err = ctx->open_kernel(ctx, &k, e);
	if (err)
		return err;
	err = k->ops->settings_get(k, s, e);
	kernel_close(k);
	return err;
}

int verb_version(struct ctx *ctx, int argc, char **argv)
{
	struct print print = { .out = ctx->out };
	struct ksettings s = { 0 };
	struct err e;
	int err;

	if (parse(&print.json, argc, argv, &e))
		return verbs_usage(ctx, "%s", e.text);
	err = ask(ctx, &s, &e);
	if (err && err != -ENOENT && err != -ENODEV) {
		if (!print.json)
			fprintf(ctx->out, "%-15s%s\n", "svcctl", SVCNAT_VERSION);
		err_prefix(&e, "cannot ask the svcnat module for its version");
		return verbs_refused(ctx, &e);
	}
	err = print_version(&print, SVCNAT_VERSION, err ? NULL : &s);
	ksettings_clear(&s);
	if (!err)
		return VERB_OK;
	err_set(&e, ENOMEM, "out of memory");
	return verbs_refused(ctx, &e);
}
