// SPDX-License-Identifier: GPL-2.0
#include "args.h"
#include "definition.h"
#include "kernel.h"
#include "key.h"
#include "order.h"
#include "save.h"
#include "setting.h"
#include "verbs.h"

#include <errno.h>

const char verb_save_usage[] =
	"usage: svcctl save [--owner OWNER]\n"
	"\n"
	"Print the settings and all services of the kernel, as lines that \"svcctl restore\"\n"
	"reads: each is what svcctl takes as its arguments.\n"
	"\n"
	"  --owner OWNER  only the services of this owner, and no settings\n"
	"\n"
	"Counters, and which clients keep which endpoints, are not saved.\n"
	"\n"
	"Example: svcctl save >services.txt\n";

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

static void print_settings_lines(FILE *f, struct ksettings *s)
{
	const struct setting *setting;

	order_cidrs(&s->pod_cidrs);
	order_cidrs(&s->service_cidrs);
	order_cidrs(&s->nodeport_cidrs);
	order_cidrs(&s->external_cidrs);
	for (setting = settings_list; setting->name; setting++) {
		fprintf(f, "settings %s ", setting->name);
		setting_print(f, setting, s);
		fputc('\n', f);
	}
}

/* All is read before the first line is printed: a part of it would look whole. */
int save_print(FILE *f, struct kernel *k, const char *owner, struct err *e)
{
	const struct kfilter filter = { .owner = owner };
	struct ksettings settings = { 0 };
	struct kservices l = { 0 };
	size_t i;
	int err;

	err = k->ops->service_list(k, &filter, &l, e);
	if (!err && !owner)
		err = k->ops->settings_get(k, &settings, e);
	if (!err) {
		kservices_sort(&l);
		fprintf(f, SAVE_HEADER "%u\n", SAVE_FORMAT);
		if (!owner)
			print_settings_lines(f, &settings);
		for (i = 0; i < l.n; i++)
			definition_print(f, &l.v[i]);
		fputs(SAVE_END "\n", f);
	}
	ksettings_clear(&settings);
	kservices_clear(&l);
	return err;
}

int verb_save(struct ctx *ctx, int argc, char **argv)
{
	char owner[SVCNAT_OWNER_MAX + 1] = "";
	struct kernel *k;
	struct err e;
	int code;

	if (parse(owner, argc, argv, &e))
		return verbs_usage(ctx, "%s", e.text);
	code = verbs_kernel(ctx, &k);
	if (code)
		return code;
	if (save_print(ctx->out, k, *owner ? owner : NULL, &e))
		code = verbs_refused(ctx, &e);
	kernel_close(k);
	return code;
}
