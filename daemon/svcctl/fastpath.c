// SPDX-License-Identifier: GPL-2.0
#include "args.h"
#include "fastpath_sync.h"
#include "kernel.h"
#include "print_json.h"
#include "rtnl.h"
#include "verbs.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

const char verb_fastpath_usage[] =
	"usage: svcctl fastpath on [--device PATTERN]... [-j]\n"
	"       svcctl fastpath show [-j]\n"
	"       svcctl fastpath off\n"
	"\n"
	"Let established connections to services take a short way from device to device, by a\n"
	"flowtable of the kernel; show it; or let them take the long way again. On a node with\n"
	"svcd, its option fastPath does it. Without, devices that come later are not in it\n"
	"until it is switched on again. See svcctl(8) for what it changes.\n"
	"\n"
	"  --device PATTERN  the names of its devices, or with a ! in front of devices that are\n"
	"                    not in it (default: those of the usual networks of pods); may be\n"
	"                    repeated; where routes lead is in it as well\n"
	"  -j, --json\n"
	"\n"
	"Example: svcctl fastpath on --device 'veth*' --device '!eth1'\n";

enum { DEVICE = ARGS_WORD + 1, JSON };

static const struct args_option options[] = {
	{ "device", 0, true, DEVICE },
	{ "json", 'j', false, JSON },
	{ 0 },
};

struct command {
	const char *what;	/* "on", "off" or "show"; NULL: not said yet */
	struct fastpath_patterns patterns;
	struct print print;
};

static bool is(const struct command *c, const char *what)
{
	return c->what && !strcmp(c->what, what);
}

static int take_word(struct command *c, const char *word, struct err *e)
{
	if (c->what)
		return err_set(e, EINVAL, "unexpected argument '%s'", word);
	c->what = word;
	if (is(c, "on") || is(c, "off") || is(c, "show"))
		return 0;
	return err_set(e, EINVAL, "'%s' is not on, off or show (usage: svcctl fastpath "
		       "on|off|show)", word);
}

static int parse(struct command *c, int argc, char **argv, struct err *e)
{
	const char *value;
	struct args a;
	int id, err = 0;

	args_init(&a, options, argc, argv);
	while (!err && (id = args_next(&a, &value, e)) > ARGS_END) {
		if (id == ARGS_WORD)
			err = take_word(c, value, e);
		else if (id == JSON)
			c->print.json = true;
		else
			err = fastpath_pattern_add(&c->patterns, value, e);
		if (err && id == DEVICE)
			err_prefix(e, "--device");
	}
	if (err || id)
		return -EINVAL;
	if (!c->what)
		return err_set(e, EINVAL, "on, off or show? (usage: svcctl fastpath on|off|show)");
	if (c->patterns.n && !is(c, "on"))
		return err_set(e, EINVAL, "--device goes with on only");
	return 0;
}

static const char *keeper_name(enum fastpath_keeper keeper)
{
	return keeper == FASTPATH_SVCD ? "svcd" : keeper == FASTPATH_SVCCTL ? "svcctl" : "nobody";
}

static json_t *table_json(const struct fastpath_table *t)
{
	json_t *o = json_pack("{s:b}", "on", t->there), *devices = json_array();
	size_t i;

	for (i = 0; devices && i < t->devices.n; i++)
		devices = print_json_append(devices, json_string(t->devices.v[i]));
	o = print_json_set(o, "devices", devices);
	if (!t->there)
		return o;
	o = print_json_set(o, "whole", json_boolean(t->whole));
	o = print_json_set(o, "keeper", json_string(keeper_name(t->keeper)));
	return print_json_set(o, "flows", print_json_number(t->flows));
}

static int print_table(const struct print *p, const struct fastpath_table *t)
{
	size_t i;

	if (p->json)
		return print_json(p, table_json(t));
	if (!t->there) {
		fputs("fast path    off\n", p->out);
		return 0;
	}
	fprintf(p->out, "fast path    on%s, kept by %s\n",
		t->whole ? "" : ", but somebody has changed it", keeper_name(t->keeper));
	fprintf(p->out, "taken        %" PRIu64 " time%s\n", t->flows, t->flows == 1 ? "" : "s");
	for (i = 0; i < t->devices.n; i++)
		fprintf(p->out, "%-12s %s\n", i ? "" : "devices", t->devices.v[i]);
	return 0;
}

static int show(const struct fastpath_ops *ops, const struct print *p, struct err *e)
{
	struct fastpath_table t = { 0 };
	int err = ops->read(&t);

	if (!err)
		err = print_table(p, &t);
	fastpath_table_clear(&t);
	return err ? err_set(e, ENOMEM, "out of memory") : 0;
}

static int sync_with(const struct fastpath_ops *ops, const struct fastpath_wanted *want,
		     const struct print *p, struct err *e)
{
	struct fastpath_state state = { 0 };
	struct nl_sock *sk;
	int err;

	err = rtnl_open(&sk, NULL, e);
	if (err)
		return err;
	err = fastpath_sync(&state, ops, sk, want, e);
	rtnl_close(sk);
	if (!err && print_table(p, &state.table))
		err = err_set(e, ENOMEM, "out of memory");
	if (!err && state.left && !p->json)
		fprintf(p->out, "beyond       %zu devices: more than %d cannot be in it\n",
			state.left, FASTPATH_DEVICES_MAX);
	fastpath_state_clear(&state);
	return err;
}

/* Where the pods are, the kernel's settings say. */
static int on(struct kernel *k, const struct fastpath_ops *ops, const struct command *c,
	      struct err *e)
{
	struct fastpath_wanted want = { .patterns = &c->patterns, .keeper = FASTPATH_SVCCTL };
	struct ksettings s;
	int err = k->ops->settings_get(k, &s, e);

	if (err)
		return err;
	want.pods = &s.pod_cidrs;
	err = sync_with(ops, &want, &c->print, e);
	ksettings_clear(&s);
	return err;
}

int verb_fastpath(struct ctx *ctx, int argc, char **argv)
{
	const struct fastpath_ops *ops = ctx->fastpath ? ctx->fastpath : &fastpath_system;
	struct command c = { .print.out = ctx->out };
	struct kernel *k;
	struct err e;
	int code, err;

	if (parse(&c, argc, argv, &e))
		return verbs_usage(ctx, "%s", e.text);
	if (is(&c, "on")) {
		code = verbs_kernel(ctx, &k);
		if (code)
			return code;
		err = on(k, ops, &c, &e);
		kernel_close(k);
	} else {
		err = is(&c, "off") ? ops->clear(&e) : show(ops, &c.print, &e);
	}
	return err ? verbs_refused(ctx, &e) : VERB_OK;
}
