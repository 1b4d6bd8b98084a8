// SPDX-License-Identifier: GPL-2.0
#include "kernel.h"
#include "print.h"
#include "setting.h"
#include "verbs.h"

#include <errno.h>

const char verb_settings_usage[] =
	"usage: svcctl settings [-j]\n"
	"       svcctl settings KEY VALUE [KEY VALUE]...\n"
	"\n"
	"Show the settings of the kernel's service table, or change them, all at once.\n"
	"\n"
	"  pod-cidrs LIST          where the pods are; a LIST is CIDR[,CIDR]... or none\n"
	"  service-cidrs LIST      an address in here that no service has gets nothing through\n"
	"  nodeport-cidrs LIST     which of the node's addresses have NodePorts; none: all\n"
	"  external-cidrs LIST     where external frontends may be; none: anywhere\n"
	"  loopback-nodeports on|off  NodePorts on 127.0.0.0/8 too, for the node itself\n"
	"  masquerade-all on|off   masquerade pods to cluster addresses too\n"
	"  echo on|off             addresses of services answer ping\n"
	"  armed on|off            drop what goes to service-cidrs and to no service, as not\n"
	"                          loaded yet, until a load of an owner's services ends\n"
	"  max-services N          how many services there may be\n"
	"  max-frontends N         how many addresses, in all\n"
	"  max-endpoints N         how many endpoints, in all\n"
	"  max-ranges N            how many source ranges, in all\n"
	"  max-affinity N          how many clients that keep their endpoints\n"
	"  max-connections N       how many connection records\n"
	"  -j, --json\n"
	"\n"
	"A limit below the present number refuses growth; it deletes nothing.\n"
	"\n"
	"Example: svcctl settings pod-cidrs 10.244.0.0/16 echo on\n";

static int show(struct ctx *ctx, struct kernel *k, bool json, struct err *e)
{
	struct print print = { .out = ctx->out, .json = json };
	struct ksettings s;
	int err;

	err = k->ops->settings_get(k, &s, e);
	if (err)
		return err;
	if (print_settings(&print, &s))
		err = err_set(e, ENOMEM, "out of memory");
	ksettings_clear(&s);
	return err;
}

static int run(struct ctx *ctx, const struct setting_changes *c, bool json)
{
	struct kernel *k;
	struct err e;
	int code, err;

	code = verbs_kernel(ctx, &k);
	if (code)
		return code;
	if (c->what)
		err = k->ops->settings_set(k, &c->s, c->what, &e);
	else
		err = show(ctx, k, json, &e);
	if (!err && c->what)
		verbs_hold(ctx, k);
	kernel_close(k);
	return err ? verbs_refused(ctx, &e) : VERB_OK;
}

int verb_settings(struct ctx *ctx, int argc, char **argv)
{
	struct setting_changes c = { 0 };
	bool json = false;
	struct err e;
	int code;

	if (setting_parse(&c, &json, argc, argv, &e))
		code = verbs_usage(ctx, "%s", e.text);
	else if (c.what && json)
		code = verbs_usage(ctx, "--json does not go with a change: nothing is shown");
	else
		code = run(ctx, &c, json);
	ksettings_clear(&c.s);
	return code;
}
