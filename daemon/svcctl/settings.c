// SPDX-License-Identifier: GPL-2.0
#include "args.h"
#include "kernel.h"
#include "print.h"
#include "verbs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char verb_settings_usage[] =
	"usage: svcctl settings [-j]\n"
	"       svcctl settings KEY VALUE [KEY VALUE]...\n"
	"\n"
	"Show the settings of the kernel's service table, or change them, all at once.\n"
	"\n"
	"  pod-cidrs CIDR[,CIDR]...|none  where the pods are\n"
	"  max-services N                 how many services there may be\n"
	"  max-frontends N                how many addresses, in all\n"
	"  max-endpoints N                how many endpoints, in all\n"
	"  -j, --json\n"
	"\n"
	"A limit below the present number refuses growth; it deletes nothing.\n";

enum { JSON = ARGS_WORD + 1 };

static const struct args_option options[] = {
	{ "json", 'j', false, JSON },
	{ 0 },
};

struct settings {
	struct ksettings s;
	bool set_cidrs;
	bool json;
	bool change;
};

static int add_cidr(struct settings *set, const char *text, struct err *e)
{
	struct ip_cidr *v;

	if (set->s.npod_cidrs == SVCNAT_CIDRS_MAX)
		return err_set(e, EINVAL, "more than %u CIDRs", SVCNAT_CIDRS_MAX);
	v = reallocarray(set->s.pod_cidrs, set->s.npod_cidrs + 1, sizeof(*v));
	if (!v)
		return err_set(e, ENOMEM, "out of memory");
	set->s.pod_cidrs = v;
	if (ip_cidr_parse(text, &v[set->s.npod_cidrs], e))
		return -EINVAL;
	set->s.npod_cidrs++;
	return 0;
}

static int set_cidrs(struct settings *set, const char *value, struct err *e)
{
	char *copy, *rest, *word;
	int err = 0;

	set->set_cidrs = true;
	if (!strcmp(value, "none"))
		return 0;
	copy = strdup(value);
	if (!copy)
		return err_set(e, ENOMEM, "out of memory");
	rest = copy;
	while (!err && (word = strsep(&rest, ",")))
		err = add_cidr(set, word, e);
	free(copy);
	return err;
}

static uint32_t *find_limit(struct settings *set, const char *key)
{
	if (!strcmp(key, "max-services"))
		return &set->s.max_services;
	if (!strcmp(key, "max-frontends"))
		return &set->s.max_frontends;
	if (!strcmp(key, "max-endpoints"))
		return &set->s.max_endpoints;
	return NULL;
}

static int set_one(struct settings *set, const char *key, const char *value, struct err *e)
{
	const bool cidrs = !strcmp(key, "pod-cidrs");
	uint32_t *limit = find_limit(set, key);
	int err;

	if (!cidrs && !limit)
		return err_set(e, EINVAL,
			       "'%s' is not a setting (pod-cidrs, max-services, max-frontends, "
			       "max-endpoints)",
			       key);
	if (!value)
		return err_set(e, EINVAL, "%s needs a value", key);
	if (cidrs ? set->set_cidrs : *limit != 0)
		return err_set(e, EINVAL, "%s is given twice", key);
	err = cidrs ? set_cidrs(set, value, e) : args_number(value, 1, limit, e);
	if (err)
		err_prefix(e, "%s %s", key, value);
	return err;
}

static int parse(struct settings *set, int argc, char **argv, struct err *e)
{
	const char *key = NULL, *value;
	struct args a;
	int id, err;

	args_init(&a, options, argc, argv);
	while ((id = args_next(&a, &value, e)) > ARGS_END) {
		if (id == JSON) {
			set->json = true;
		} else if (!key) {
			key = value;
		} else {
			err = set_one(set, key, value, e);
			if (err)
				return err;
			set->change = true;
			key = NULL;
		}
	}
	if (!id && key)
		id = set_one(set, key, NULL, e);
	if (!id && set->change && set->json)
		id = err_set(e, EINVAL, "--json does not go with a change: nothing is shown");
	return id;
}

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

static int run(struct ctx *ctx, const struct settings *set)
{
	struct kernel *k;
	struct err e;
	int code, err;

	code = verbs_kernel(ctx, &k);
	if (code)
		return code;
	if (set->change)
		err = k->ops->settings_set(k, &set->s, set->set_cidrs, &e);
	else
		err = show(ctx, k, set->json, &e);
	if (!err && set->change)
		verbs_hold(ctx, k);
	kernel_close(k);
	return err ? verbs_refused(ctx, &e) : VERB_OK;
}

int verb_settings(struct ctx *ctx, int argc, char **argv)
{
	struct settings set = { 0 };
	struct err e;
	int code;

	if (parse(&set, argc, argv, &e))
		code = verbs_usage(ctx, "%s", e.text);
	else
		code = run(ctx, &set);
	ksettings_clear(&set.s);
	return code;
}
