// SPDX-License-Identifier: GPL-2.0
#include "batch.h"
#include "create.h"
#include "verbs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char verb_create_usage[] =
	"usage: svcctl create -f FILE [-f ...] [OPTIONS]\n"
	"       svcctl create service TYPE NAME [OPTIONS]\n"
	"       svcctl create namespace NAME [OPTIONS]\n"
	"\n"
	"Create the objects of manifests. All files are read, and all objects checked by\n"
	"svcd and against each other, before the first one is created: an invalid one\n"
	"anywhere creates nothing.\n"
	"\n"
	BATCH_HELP
	"\n"
	"Without a manifest: a service of the type clusterip, nodeport, loadbalancer or\n"
	"externalname, whose endpoints are the pods with the label app=NAME; or a namespace.\n"
	"\n"
	"  --tcp=PORT[:TARGET]     a port, and the endpoints' where it differs; several\n"
	"                          with commas, or by saying it again\n"
	"  --clusterip=IP          of a clusterip: its address, or None\n"
	"  --node-port=PORT        of a nodeport\n"
	"  --external-name=NAME    of an externalname\n"
	"  -n, -o, --dry-run       as above; --dry-run=client -o yaml makes a manifest\n"
	"\n"
	"Example: svcctl create service nodeport web --tcp=80:8080 --node-port=30080\n";

/* With --dry-run=client the object is what the manifest says, and where it would go. */
static int show(struct batch *b, const struct manifest_object *o, struct batch_answer *out,
		struct err *e)
{
	const char *ns = batch_ns(b, o);
	json_t *copy = json_deep_copy(o->value), *meta;

	meta = json_object_get(copy, "metadata");
	if (!copy || (ns && meta && json_object_set_new(meta, "namespace", json_string(ns)))) {
		json_decref(copy);
		return err_set(e, ENOMEM, "out of memory");
	}
	*out = (struct batch_answer){ copy, false, "created" };
	return 0;
}

static int send(struct batch *b, const struct manifest_object *o, bool dry,
		struct batch_answer *out, struct err *e)
{
	char *path;
	int ret;

	if (b->report.dry == DRY_RUN_CLIENT)
		return show(b, o, out, e);
	path = batch_path(b, o, false, dry);
	if (!path)
		return err_set(e, ENOMEM, "out of memory");
	ret = batch_ask(b, "POST", path, o->value, "created", out, e);
	free(path);
	return ret;
}

static const struct batch_verb create = {
	.name = "create",
	.doing = "creating",
	.send = send,
	.tolerated = "AlreadyExists",
};

int verb_create(struct ctx *ctx, int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "service") || !strcmp(what, "svc"))
		return create_service(ctx, argc - 1, argv + 1);
	if (!strcmp(what, "namespace") || !strcmp(what, "ns"))
		return create_namespace(ctx, argc - 1, argv + 1);
	return batch_run(ctx, &create, argc, argv);
}
