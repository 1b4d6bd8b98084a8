// SPDX-License-Identifier: GPL-2.0
#include "args.h"
#include "kernel.h"
#include "key.h"
#include "order.h"
#include "print.h"
#include "verbs.h"

#include <errno.h>
#include <string.h>

const char verb_affinity_usage[] =
	"usage: svcctl affinity show [NAME] [--proto PROTO] [--family 4|6] [--client ADDR] [-j]\n"
	"       svcctl affinity flush [NAME] [--proto PROTO] [--family 4|6] [--client ADDR] [-j]\n"
	"\n"
	"Show which clients keep which endpoints, or forget it and say how many there were:\n"
	"all, or those that every argument is true of.\n"
	"\n"
	"  NAME           of services of this name\n"
	"  --proto PROTO  of services of TCP, UDP or SCTP\n"
	"  --family 4|6   of IPv4 or IPv6\n"
	"  --client ADDR  of this client\n"
	"  -j, --json\n"
	"\n"
	"Example: svcctl affinity flush default/web --client 192.168.1.7\n";

enum { PROTO = ARGS_WORD + 1, FAMILY, CLIENT, JSON };

static const struct args_option options[] = {
	{ "proto", 0, true, PROTO },
	{ "family", 0, true, FAMILY },
	{ "client", 0, true, CLIENT },
	{ "json", 'j', false, JSON },
	{ 0 },
};

struct affinity {
	const char *what;	/* "show" or "flush"; NULL: not said yet */
	struct kaffinity_filter filter;
	char name[SVCNAT_NAME_MAX + 1];
	struct ip_addr client;
	struct key_family family;
	struct print print;
};

static bool is_flush(const struct affinity *af)
{
	return !strcmp(af->what, "flush");
}

static int take_word(struct affinity *af, const char *word, struct err *e)
{
	if (!af->what && strcmp(word, "show") && strcmp(word, "flush"))
		return err_set(e, EINVAL, "'%s' is not show or flush (usage: svcctl affinity "
			       "show|flush [NAME])", word);
	if (!af->what) {
		af->what = word;
		return 0;
	}
	if (af->filter.name)
		return err_set(e, EINVAL, "unexpected argument '%s'", word);
	af->filter.name = af->name;
	return key_name(word, af->name, e);
}

static int set_client(struct affinity *af, const char *value, struct err *e)
{
	if (ip_addr_parse(value, &af->client, e))
		return -EINVAL;
	af->filter.client = &af->client;
	return key_family(&af->family, af->client.family, "--client", value, e);
}

static int take_option(struct affinity *af, int id, const char *value, struct err *e)
{
	switch (id) {
	case PROTO:
		return key_proto(value, &af->filter.proto, e);
	case FAMILY:
		return key_family_option(&af->family, value, e);
	case CLIENT:
		return set_client(af, value, e);
	default:
		af->print.json = true;
		return 0;
	}
}

static int parse(struct affinity *af, int argc, char **argv, struct err *e)
{
	const char *value;
	struct args a;
	int id, err;

	args_init(&a, options, argc, argv);
	while ((id = args_next(&a, &value, e)) > ARGS_END) {
		if (id == ARGS_WORD) {
			err = take_word(af, value, e);
		} else {
			err = take_option(af, id, value, e);
			if (err)
				err_prefix(e, "%s %s", a.as_given, value);
		}
		if (err)
			return err;
	}
	if (!id && !af->what)
		return err_set(e, EINVAL, "show or flush? (usage: svcctl affinity show|flush "
			       "[NAME])");
	af->filter.family = af->family.family;
	return id;
}

/* Nothing was found: because there is no such service? */
static int check_name(struct kernel *k, const struct affinity *af, struct err *e)
{
	const struct kfilter f = {
		.name = af->filter.name, .family = af->filter.family, .proto = af->filter.proto,
	};
	struct kservices l = { 0 };
	int err;

	if (!f.name)
		return 0;
	err = k->ops->service_list(k, &f, &l, e);
	if (!err && !l.n)
		err = err_set(e, ENOENT, "there is no such service: '%s'", f.name);
	kservices_clear(&l);
	return err;
}

static int show(struct kernel *k, const struct affinity *af, struct err *e)
{
	struct kaffinities l = { 0 };
	int err;

	err = k->ops->affinity_list(k, &af->filter, &l, e);
	if (!err && !l.n)
		err = check_name(k, af, e);
	if (!err) {
		order_affinities(&l);
		if (print_affinities(&af->print, &l))
			err = err_set(e, ENOMEM, "out of memory");
	}
	kaffinities_clear(&l);
	return err;
}

static int flush(struct kernel *k, const struct affinity *af, struct err *e)
{
	uint32_t deleted = 0;
	int err;

	err = k->ops->affinity_flush(k, &af->filter, &deleted, e);
	if (!err && !deleted)
		err = check_name(k, af, e);
	if (!err && print_deleted(&af->print, deleted, "entry", "entries"))
		err = err_set(e, ENOMEM, "out of memory");
	return err;
}

int verb_affinity(struct ctx *ctx, int argc, char **argv)
{
	struct affinity af = { .print.out = ctx->out };
	struct kernel *k;
	struct err e;
	int code;

	if (parse(&af, argc, argv, &e))
		return verbs_usage(ctx, "%s", e.text);
	code = verbs_kernel(ctx, &k);
	if (code)
		return code;
	if (is_flush(&af) ? flush(k, &af, &e) : show(k, &af, &e))
		code = verbs_refused(ctx, &e);
	kernel_close(k);
	return code;
}
