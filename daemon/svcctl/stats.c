// SPDX-License-Identifier: GPL-2.0
#include "args.h"
#include "kernel.h"
#include "key.h"
#include "print.h"
#include "verbs.h"

#include <errno.h>
#include <string.h>

const char verb_stats_usage[] =
	"usage: svcctl stats [-j]\n"
	"       svcctl stats services [NAME] [--owner OWNER] [--proto PROTO] [--family 4|6] [-j]\n"
	"\n"
	"Show how many new connections there were by what became of them, and why, in the\n"
	"whole network namespace; or, for each service, also how many each endpoint got, and\n"
	"if the service accounts or its scheduler is leastconn, what they carried.\n"
	"\n"
	"  NAME            only the services of this name\n"
	"  --owner OWNER   only those of this owner\n"
	"  --proto PROTO   only those of TCP, UDP or SCTP\n"
	"  --family 4|6    only those of IPv4 or IPv6\n"
	"  -j, --json\n"
	"\n"
	"Example: svcctl stats services default/web\n";

enum { OWNER = ARGS_WORD + 1, PROTO, FAMILY, JSON };

static const struct args_option options[] = {
	{ "owner", 0, true, OWNER },
	{ "proto", 0, true, PROTO },
	{ "family", 0, true, FAMILY },
	{ "json", 'j', false, JSON },
	{ 0 },
};

struct stats {
	bool services;		/* not of the namespace */
	struct kfilter filter;
	char name[SVCNAT_NAME_MAX + 1];
	char owner[SVCNAT_OWNER_MAX + 1];
	char filtered[16];	/* the first option that is for services, or empty */
	struct print print;
};

static int take_word(struct stats *st, const char *word, struct err *e)
{
	if (!st->services && strcmp(word, "services"))
		return err_set(e, EINVAL, "unexpected argument '%s' (of a service: svcctl stats "
			       "services %s)", word, word);
	if (!st->services) {
		st->services = true;
		return 0;
	}
	if (st->filter.name)
		return err_set(e, EINVAL, "unexpected argument '%s'", word);
	st->filter.name = st->name;
	return key_name(word, st->name, e);
}

static int take_option(struct stats *st, int id, const char *value, struct err *e)
{
	switch (id) {
	case OWNER:
		st->filter.owner = st->owner;
		return key_owner(value, st->owner, e);
	case PROTO:
		return key_proto(value, &st->filter.proto, e);
	case FAMILY:
		return args_family(value, &st->filter.family, e);
	default:
		st->print.json = true;
		return 0;
	}
}

static int take(struct stats *st, const struct args *a, int id, const char *value, struct err *e)
{
	int err;

	if (id == ARGS_WORD)
		return take_word(st, value, e);
	if (id != JSON && !*st->filtered)
		strcpy(st->filtered, a->as_given);
	err = take_option(st, id, value, e);
	if (err)
		err_prefix(e, "%s %s", a->as_given, value);
	return err;
}

static int parse(struct stats *st, int argc, char **argv, struct err *e)
{
	const char *value;
	struct args a;
	int id, err;

	args_init(&a, options, argc, argv);
	while ((id = args_next(&a, &value, e)) > ARGS_END) {
		err = take(st, &a, id, value, e);
		if (err)
			return err;
	}
	if (!id && *st->filtered && !st->services)
		return err_set(e, EINVAL, "%s is for services (svcctl stats services %s ...)",
			       st->filtered, st->filtered);
	return id;
}

static int show_namespace(struct kernel *k, const struct stats *st, struct err *e)
{
	struct kstats s;
	int err;

	err = k->ops->stats_get(k, &s, e);
	if (!err && print_stats(&st->print, &s))
		err = err_set(e, ENOMEM, "out of memory");
	return err;
}

static int show_services(struct kernel *k, const struct stats *st, struct err *e)
{
	struct kservices l = { 0 };
	int err;

	err = k->ops->service_list(k, &st->filter, &l, e);
	if (!err) {
		kservices_sort(&l);
		if (print_service_stats(&st->print, &l))
			err = err_set(e, ENOMEM, "out of memory");
	}
	if (!err && !l.n && st->filter.name)
		err = err_set(e, ENOENT, "there is no such service: '%s'", st->name);
	kservices_clear(&l);
	return err;
}

int verb_stats(struct ctx *ctx, int argc, char **argv)
{
	struct stats st = { .filter.stats = true, .print.out = ctx->out };
	struct kernel *k;
	struct err e;
	int code;

	if (parse(&st, argc, argv, &e))
		return verbs_usage(ctx, "%s", e.text);
	code = verbs_kernel(ctx, &k);
	if (code)
		return code;
	if (st.services ? show_services(k, &st, &e) : show_namespace(k, &st, &e))
		code = verbs_refused(ctx, &e);
	kernel_close(k);
	return code;
}
