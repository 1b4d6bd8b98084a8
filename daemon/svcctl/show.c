// SPDX-License-Identifier: GPL-2.0
#include "args.h"
#include "kernel.h"
#include "key.h"
#include "print.h"
#include "verbs.h"

#include <errno.h>

const char verb_show_usage[] =
	"usage: svcctl show [NAME] [-4 | -6] [--owner OWNER] [-v] [-j]\n"
	"\n"
	"Show the services in the kernel, sorted by name.\n"
	"\n"
	"  NAME               only the services of this name\n"
	"  -4, --ipv4         only those of IPv4\n"
	"  -6, --ipv6         only those of IPv6\n"
	"  --owner OWNER      only those of this owner\n"
	"  -v, --all          all endpoints, not just the first three\n"
	"  -j, --json         as a JSON array\n"
	"\n"
	"Example: svcctl show default/web -v\n";

enum { IPV4 = ARGS_WORD + 1, IPV6, OWNER, ALL, JSON };

static const struct args_option options[] = {
	{ "ipv4", '4', false, IPV4 },
	{ "ipv6", '6', false, IPV6 },
	{ "owner", 0, true, OWNER },
	{ "all", 'v', false, ALL },
	{ "json", 'j', false, JSON },
	{ 0 },
};

struct show {
	struct kfilter filter;
	char name[SVCNAT_NAME_MAX + 1];
	char owner[SVCNAT_OWNER_MAX + 1];
	struct print print;
};

static int set_family(struct show *show, uint8_t family, struct err *e)
{
	if (show->filter.family && show->filter.family != family)
		return err_set(e, EINVAL, "-4 does not go with -6");
	show->filter.family = family;
	return 0;
}

static int set_name(struct show *show, const char *value, struct err *e)
{
	if (show->filter.name)
		return err_set(e, EINVAL, "unexpected argument '%s'", value);
	show->filter.name = show->name;
	return key_name(value, show->name, e);
}

static int take(struct show *show, int id, const char *value, struct err *e)
{
	switch (id) {
	case ARGS_WORD:
		return set_name(show, value, e);
	case IPV4:
		return set_family(show, AF_INET, e);
	case IPV6:
		return set_family(show, AF_INET6, e);
	case OWNER:
		show->filter.owner = show->owner;
		return key_owner(value, show->owner, e);
	case ALL:
		show->print.all = true;
		return 0;
	default:
		show->print.json = true;
		return 0;
	}
}

static int parse(struct show *show, int argc, char **argv, struct err *e)
{
	const char *value;
	struct args a;
	int id, err;

	args_init(&a, options, argc, argv);
	while ((id = args_next(&a, &value, e)) > ARGS_END) {
		err = take(show, id, value, e);
		if (err) {
			if (id == OWNER)
				err_prefix(e, "--owner %s", value);
			return err;
		}
	}
	return id;
}

static int list(struct kernel *k, const struct show *show, struct err *e)
{
	struct kservices l = { 0 };
	int err;

	err = k->ops->service_list(k, &show->filter, &l, e);
	if (!err) {
		kservices_sort(&l);
		if (print_services(&show->print, &l))
			err = err_set(e, ENOMEM, "out of memory");
	}
	if (!err && !l.n && show->filter.name)
		err = err_set(e, ENOENT, "there is no such service: '%s'", show->name);
	kservices_clear(&l);
	return err;
}

int verb_show(struct ctx *ctx, int argc, char **argv)
{
	struct show show = { .print.out = ctx->out };
	struct kernel *k;
	struct err e;
	int code;

	if (parse(&show, argc, argv, &e))
		return verbs_usage(ctx, "%s", e.text);
	code = verbs_kernel(ctx, &k);
	if (code)
		return code;
	if (list(k, &show, &e))
		code = verbs_refused(ctx, &e);
	kernel_close(k);
	return code;
}
