// SPDX-License-Identifier: GPL-2.0
#include "args.h"
#include "change.h"
#include "kernel.h"
#include "key.h"
#include "verbs.h"

#include <errno.h>

const char verb_del_usage[] =
	"usage: svcctl del service NAME PROTO [--family 4|6] [--owner OWNER | --any-owner]\n"
	"       svcctl del endpoint NAME PROTO ADDR:PORT... [--family 4|6]\n"
	"                           [--owner OWNER | --any-owner]\n"
	"\n"
	"Delete a service from the kernel. Its addresses are free at once. Or take endpoints\n"
	"away from a service; it is refused if one of them is not there.\n"
	"\n"
	"  --family 4|6   needed only when both families have a service of this name\n"
	"  --owner OWNER  refuse unless it belongs to OWNER; the default is hand\n"
	"  --any-owner    whoever it belongs to (svcd brings its own ones back)\n"
	"\n"
	"Example: svcctl del endpoint default/web tcp 10.0.0.11:8080\n";

enum { FAMILY = ARGS_WORD + 1, OWNER, ANY_OWNER };

static const struct args_option options[] = {
	{ "family", 0, true, FAMILY },
	{ "owner", 0, true, OWNER },
	{ "any-owner", 0, false, ANY_OWNER },
	{ 0 },
};

struct del {
	struct kservice key;	/* a family of 0: not said; no owner: any */
	struct key_words words;
	bool owner_given, any_owner;
};

static int take_option(struct del *del, int id, const char *value, struct err *e)
{
	switch (id) {
	case FAMILY:
		return args_family(value, &del->key.family, e);
	case OWNER:
		del->owner_given = true;
		return key_owner(value, del->key.owner, e);
	default:
		del->any_owner = true;
		return 0;
	}
}

static int parse(struct del *del, int argc, char **argv, struct err *e)
{
	const char *value;
	struct args a;
	int id, err;

	args_init(&a, options, argc, argv);
	while ((id = args_next(&a, &value, e)) > ARGS_END) {
		if (id == ARGS_WORD) {
			err = key_word(&del->words, value, e);
		} else {
			err = take_option(del, id, value, e);
			if (err)
				err_prefix(e, "%s %s", a.as_given, value);
		}
		if (err)
			return err;
	}
	if (id < 0)
		return id;
	if (del->owner_given && del->any_owner)
		return err_set(e, EINVAL, "--any-owner does not go with --owner %s",
			       del->key.owner);
	if (!del->owner_given && !del->any_owner)
		key_owner(KEY_OWNER_DEFAULT, del->key.owner, e);
	return key_finish(&del->words, "del", "service", &del->key, e);
}

/* The family that has the service. -EEXIST: both. */
static int find_family(struct kernel *k, struct kservice *key, struct err *e)
{
	struct kfilter f = { .name = key->name, .proto = key->proto };
	struct kservices found = { 0 };
	int err;

	err = k->ops->service_list(k, &f, &found, e);
	if (!err && !found.n)
		err = err_set(e, ENOENT, "it does not exist");
	if (!err && found.n > 1)
		err = err_set(e, EEXIST,
			      "it exists for IPv4 and for IPv6: give --family 4 or --family 6");
	if (!err)
		key->family = found.v[0].family;
	kservices_clear(&found);
	return err;
}

static int del_service(struct kernel *k, struct kservice *key, struct err *e)
{
	const char *owner = *key->owner ? key->owner : NULL;
	int err = 0;

	if (!key->family)
		err = find_family(k, key, e);
	if (!err)
		err = k->ops->service_del(k, key->name, key->family, key->proto, owner, 0, e);
	if (err)
		err_prefix(e, "cannot delete service '%s' (%s)", key->name,
			   ip_proto_name(key->proto));
	return err;
}

int verb_del(struct ctx *ctx, int argc, char **argv)
{
	struct del del = { 0 };
	struct kernel *k;
	struct err e;
	int code;

	if (change_is_meant(args_first_word(options, argc, argv)))
		return change_endpoints(ctx, CHANGE_DEL, argc, argv);
	if (parse(&del, argc, argv, &e))
		return verbs_usage(ctx, "%s", e.text);
	code = verbs_kernel(ctx, &k);
	if (code)
		return code;
	if (del_service(k, &del.key, &e))
		code = verbs_refused(ctx, &e);
	kernel_close(k);
	return code;
}
