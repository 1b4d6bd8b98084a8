// SPDX-License-Identifier: GPL-2.0
#include "args.h"
#include "kernel.h"
#include "key.h"
#include "verbs.h"

#include <errno.h>

const char verb_flush_usage[] =
	"usage: svcctl flush [--owner OWNER]\n"
	"\n"
	"Delete all services from the kernel, and say how many there were.\n"
	"\n"
	"  --owner OWNER  only those of this owner\n"
	"\n"
	"Example: svcctl flush --owner hand\n";

enum { OWNER = ARGS_WORD + 1 };

static const struct args_option options[] = {
	{ "owner", 0, true, OWNER },
	{ 0 },
};

static int parse(char owner[SVCNAT_OWNER_MAX + 1], int argc, char **argv, struct err *e)
{
	const char *value;
	struct args a;
	int id;

	args_init(&a, options, argc, argv);
	while ((id = args_next(&a, &value, e)) > ARGS_END) {
		if (id == ARGS_WORD)
			return err_set(e, EINVAL, "unexpected argument '%s'", value);
		if (key_owner(value, owner, e)) {
			err_prefix(e, "%s %s", a.as_given, value);
			return -EINVAL;
		}
	}
	return id;
}

int verb_flush(struct ctx *ctx, int argc, char **argv)
{
	char owner[SVCNAT_OWNER_MAX + 1] = "";
	uint32_t deleted = 0;
	struct kernel *k;
	struct err e;
	int code;

	if (parse(owner, argc, argv, &e))
		return verbs_usage(ctx, "%s", e.text);
	code = verbs_kernel(ctx, &k);
	if (code)
		return code;
	if (k->ops->flush(k, *owner ? owner : NULL, &deleted, &e))
		code = verbs_refused(ctx, &e);
	else
		fprintf(ctx->out, "%u service%s deleted\n", deleted, deleted == 1 ? "" : "s");
	kernel_close(k);
	return code;
}
