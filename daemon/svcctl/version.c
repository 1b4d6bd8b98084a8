// SPDX-License-Identifier: GPL-2.0
#include "args.h"
#include "client.h"
#include "field.h"
#include "kernel.h"
#include "print.h"
#include "release.h"
#include "verbs.h"

#include <errno.h>
#include <string.h>

const char verb_version_usage[] =
	"usage: svcctl version [-j]\n"
	"\n"
	"Show the versions of this tool, of the svcnat module and of svcd, and warn if they\n"
	"are not of one release. A module that is not loaded is no error, and neither is a\n"
	"svcd that does not run; a module that does not answer (it answers root only) is.\n"
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

/* Its API is that of a version of Kubernetes: "v1.36.0+svcd-0.1.0". NULL: no answer. */
static const char *of_svcd(const struct client_reply *reply)
{
	static const char ours[] = "+svcd-";
	const char *text = field_string(reply->body, "gitVersion");
	const char *found = strstr(text, ours);

	return client_failed(reply) || !found ? NULL : found + strlen(ours);
}

/* Leaves a reply without a body where there is no answer. */
static void ask_svcd(struct ctx *ctx, struct client_reply *reply)
{
	struct client c;
	struct err e;

	*reply = (struct client_reply){ 0 };
	if (client_open(&c, ctx, &e))
		return;
	if (client_do(&c, "GET", "/version", NULL, reply, &e))
		reply->body = NULL;
	client_close(&c);
}

static void warn(struct ctx *ctx, const struct ksettings *s, const char *svcd)
{
	struct err e;

	if (s && release_module_differs("this svcctl", s->version, &e))
		fprintf(ctx->err, "svcctl: warning: %s\n", e.text);
	if (svcd && release_svcd_differs("this svcctl", svcd, &e))
		fprintf(ctx->err, "svcctl: warning: %s\n", e.text);
}

/* s NULL: the module is not loaded. */
static int tell(struct ctx *ctx, const struct print *print, const struct ksettings *s)
{
	struct client_reply reply;
	const char *svcd = NULL;
	int err;

	ask_svcd(ctx, &reply);
	if (reply.body)
		svcd = of_svcd(&reply);
	err = print_version(print, SVCNAT_VERSION, s, svcd);
	warn(ctx, s, svcd);
	if (reply.body)
		client_reply_clear(&reply);
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
	err = tell(ctx, &print, err ? NULL : &s);
	ksettings_clear(&s);
	if (!err)
		return VERB_OK;
	err_set(&e, ENOMEM, "out of memory");
	return verbs_refused(ctx, &e);
}
