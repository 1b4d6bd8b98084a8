// SPDX-License-Identifier: GPL-2.0
#include "status_print.h"

#include "args.h"
#include "client.h"
#include "field.h"
#include "output.h"
#include "release.h"
#include "verbs.h"

#include <errno.h>
#include <string.h>

#define STATUS_PATH	"/svcd/v1/status"

const char verb_status_usage[] =
	"usage: svcctl status [--ready] [-o json|yaml] [-j]\n"
	"\n"
	"Show whether all that is desired is in the kernel of svcd's node, since when, and\n"
	"what is stuck and why. The exit code is 1 when something is, when svcd is not ready,\n"
	"and when it cannot be asked.\n"
	"\n"
	"  --ready              the exit code is 1 only when svcd is not ready, or cannot be\n"
	"                       asked: for probes\n"
	"  -o, --output FORMAT  json or yaml\n"
	"  -j, --json           the same as -o json\n"
	"\n"
	"Example: svcctl status\n";

enum { OUTPUT = ARGS_WORD + 1, JSON, READY };

static const struct args_option options[] = {
	{ "output", 'o', true, OUTPUT },
	{ "json", 'j', false, JSON },
	{ "ready", 0, false, READY },
	{ 0 },
};

/* asked: which member the exit code is for */
static int parse(enum output_format *format, const char **asked, int argc, char **argv,
		 struct err *e)
{
	const char *value;
	struct args a;
	int id;

	args_init(&a, options, argc, argv);
	while ((id = args_next(&a, &value, e)) > ARGS_END) {
		if (id == ARGS_WORD)
			return err_set(e, EINVAL, "unexpected argument '%s'", value);
		if (id == JSON)
			*format = OUTPUT_JSON;
		else if (id == READY)
			*asked = "ready";
		else if (output_parse(value, 1u << OUTPUT_JSON | 1u << OUTPUT_YAML, format, e))
			return -EINVAL;
	}
	return id;
}

static int fetch(struct ctx *ctx, struct client_reply *reply, struct err *e)
{
	struct client c;
	int ret;

	ret = client_open(&c, ctx, e);
	if (ret)
		return ret;
	ret = client_do(&c, "GET", STATUS_PATH, NULL, reply, e);
	client_close(&c);
	/* An answer that is no JSON. */
	if (ret && reply->code == 404)
		return err_set(e, ENOTSUP, "the svcd behind %s is too old to tell its status",
			       ctx->socket);
	if (ret || !client_failed(reply))
		return ret;
	ret = err_set(e, EPROTO, "svcd does not tell its status (HTTP code %ld): %s", reply->code,
		      field_string(reply->body, "message"));
	client_reply_clear(reply);
	return ret;
}

/* That the module is of another one is svcd's to say. */
static void warn(struct ctx *ctx, const json_t *status)
{
	struct err e;

	if (release_svcd_differs("this svcctl", field_string(status, "version"), &e))
		fprintf(ctx->err, "svcctl: warning: %s\n", e.text);
}

/* The first question of whoever finds no svcd. */
static int unreachable(struct ctx *ctx, int ret, const struct err *e)
{
	verbs_refused(ctx, e);
	if (ret == -ECONNREFUSED || ret == -ENOENT)
		fputs("What is in the kernel goes on without svcd (svcctl show), but does not "
		      "change.\nWhy it does not run: systemctl status svcd\n", ctx->err);
	return VERB_REFUSED;
}

int verb_status(struct ctx *ctx, int argc, char **argv)
{
	enum output_format format = OUTPUT_TABLE;
	const char *asked = "ok";
	struct client_reply reply;
	struct err e;
	bool ok;
	int ret;

	if (parse(&format, &asked, argc, argv, &e))
		return verbs_usage(ctx, "%s", e.text);
	ret = fetch(ctx, &reply, &e);
	if (ret)
		return unreachable(ctx, ret, &e);
	if (format == OUTPUT_TABLE)
		status_print(ctx->out, reply.body, ctx->now ? ctx->now() : time(NULL), ctx->color);
	else
		output_object(ctx->out, format, reply.body);
	warn(ctx, reply.body);
	ok = json_is_true(json_object_get(reply.body, asked));
	client_reply_clear(&reply);
	return ok ? VERB_OK : VERB_REFUSED;
}
