// SPDX-License-Identifier: GPL-2.0
#include "batch.h"
#include "verbs.h"

#include <errno.h>
#include <stdlib.h>

const char verb_replace_usage[] =
	"usage: svcctl replace -f FILE [-f ...] [OPTIONS]\n"
	"\n"
	"Put the objects of manifests in the place of those that are there. What a manifest\n"
	"does not say gets its default; addresses and node ports that svcd gave stay. With\n"
	"metadata.resourceVersion, only if nobody has changed the object since. A Service,\n"
	"Endpoints or an Event that is not there is made.\n"
	"\n"
	BATCH_HELP
	"\n"
	"Example: svcctl replace -f web.yaml\n";

static int send(struct batch *b, const struct manifest_object *o, bool dry,
		struct batch_answer *out, struct err *e)
{
	char *path;
	int ret;

	if (b->report.dry == DRY_RUN_CLIENT) {
		*out = (struct batch_answer){ json_incref(o->value), false, "replaced" };
		return 0;
	}
	path = batch_path(b, o, true, dry);
	if (!path)
		return err_set(e, ENOMEM, "out of memory");
	ret = batch_ask(b, "PUT", path, o->value, "replaced", out, e);
	free(path);
	return ret;
}

static const struct batch_verb replace = {
	.name = "replace",
	.doing = "replacing",
	.named = true,
	.send = send,
};

int verb_replace(struct ctx *ctx, int argc, char **argv)
{
	return batch_run(ctx, &replace, argc, argv);
}
