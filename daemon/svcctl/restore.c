// SPDX-License-Identifier: GPL-2.0
#include "args.h"
#include "kernel.h"
#include "load.h"
#include "plan.h"
#include "verbs.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

const char verb_restore_usage[] =
	"usage: svcctl restore [FILE | -] [--flush]\n"
	"\n"
	"Make the kernel what FILE, or the standard input, says: lines as \"svcctl save\" prints\n"
	"them, \"settings KEY VALUE\" and \"add service NAME PROTO ...\"; # begins a comment.\n"
	"Settings that FILE does not name stay. Of each owner that it names, services that it\n"
	"does not have are deleted; those of other owners stay.\n"
	"\n"
	"All of it is read first: if a line is wrong, nothing is changed. If the kernel refuses\n"
	"a service, the line is named and the others are set all the same, but nothing is\n"
	"deleted for not being in FILE.\n"
	"\n"
	"  --flush  services of other owners are deleted too\n"
	"\n"
	"Example: svcctl restore services.txt\n";

enum { FLUSH = ARGS_WORD + 1 };

static const struct args_option options[] = {
	{ "flush", 0, false, FLUSH },
	{ 0 },
};

struct restore {
	const char *file;	/* NULL: the standard input */
	bool flush;
};

static int parse(struct restore *r, int argc, char **argv, struct err *e)
{
	const char *value, *file = NULL;
	struct args a;
	int id;

	args_init(&a, options, argc, argv);
	while ((id = args_next(&a, &value, e)) > ARGS_END) {
		if (id == FLUSH)
			r->flush = true;
		else if (file)
			return err_set(e, EINVAL, "unexpected argument '%s'", value);
		else
			file = value;
	}
	if (file && strcmp(file, "-"))
		r->file = file;
	return id;
}

/* VERB_USAGE, like a command line that is wrong: nothing was asked. */
static int read_plan(struct ctx *ctx, const struct restore *r, struct plan *p)
{
	FILE *in = r->file ? fopen(r->file, "re") : ctx->in;
	size_t bad;

	if (!in)
		return verbs_usage(ctx, "%s: %s", r->file, strerror(errno));
	bad = plan_read(p, r->file ? r->file : "STDIN", in, ctx->err);
	if (r->file)
		fclose(in);
	return bad ? verbs_usage(ctx, "nothing was changed") : VERB_OK;
}

static int tell(struct ctx *ctx, const struct load *l)
{
	if (!l->refused) {
		fprintf(ctx->out, "%zu service%s restored, %" PRIu32 " deleted\n", l->set,
			l->set == 1 ? "" : "s", l->deleted);
		return VERB_OK;
	}
	fprintf(ctx->err, "svcctl: %s: not all of it could be restored: %zu of %zu services were "
		"set, %" PRIu32 " deleted\n", l->p->file, l->set, l->p->n, l->deleted);
	return VERB_REFUSED;
}

static int load(struct ctx *ctx, const struct restore *r, struct plan *p)
{
	struct load l = { .p = p, .errors = ctx->err, .flush = r->flush };
	struct err e;
	int code;

	code = verbs_kernel(ctx, &l.k);
	if (code)
		return code;
	if (load_run(&l, &e)) {
		code = verbs_refused(ctx, &e);
	} else {
		code = tell(ctx, &l);
		verbs_hold(ctx, l.k);
	}
	kernel_close(l.k);
	return code;
}

int verb_restore(struct ctx *ctx, int argc, char **argv)
{
	struct restore r = { 0 };
	struct plan p = { 0 };
	struct err e;
	int code;

	if (parse(&r, argc, argv, &e))
		return verbs_usage(ctx, "%s", e.text);
	code = read_plan(ctx, &r, &p);
	if (!code)
		code = load(ctx, &r, &p);
	plan_clear(&p);
	return code;
}
