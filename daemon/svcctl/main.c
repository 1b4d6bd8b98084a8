// SPDX-License-Identifier: GPL-2.0
#include "color.h"
#include "kernel.h"
#include "verbs.h"

#include <stdlib.h>

static int open_kernel(struct ctx *ctx, struct kernel **out, struct err *e)
{
	(void)ctx;
	return kernel_open(out, e);
}

/* Output that could not be written is a failure: whoever reads it would take a part for all. */
static int close_output(struct ctx *ctx, int code)
{
	if (!ferror(ctx->out) && !fclose(ctx->out))
		return code;
	fprintf(ctx->err, "svcctl: cannot write the output: %m\n");
	return code ? code : VERB_REFUSED;
}

int main(int argc, char **argv)
{
	const struct color_host color = color_process_host();
	struct ctx ctx = {
		.in = stdin,
		.out = stdout,
		.err = stderr,
		.socket = getenv("SVCD_SOCKET"),
		.open_kernel = open_kernel,
		.color_host = &color,
	};

	return close_output(&ctx, verbs_run(&ctx, argc, argv));
}
