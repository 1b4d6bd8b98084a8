// SPDX-License-Identifier: GPL-2.0
#include "change.h"

#include "args.h"
#include "kernel.h"
#include "key.h"
#include "member.h"
#include "verbs.h"

#include <errno.h>
#include <string.h>

enum { FAMILY = ARGS_WORD + 1, OWNER, ANY_OWNER };

static const struct args_option options[] = {
	{ "family", 0, true, FAMILY },
	{ "owner", 0, true, OWNER },
	{ "any-owner", 0, false, ANY_OWNER },
	{ 0 },
};

struct parse {
	enum change change;
	struct kservice s;	/* no owner: any */
	struct key_words words;
	struct key_family family;
	bool any_owner;
};

bool change_is_meant(const char *word)
{
	return word && !strcmp(word, "endpoint");
}

static int add_endpoint(struct parse *p, const char *value, struct err *e)
{
	struct kendpoint ep;
	int err;

	if (p->change == CHANGE_ADD)
		err = member_endpoint_parse(value, &ep, e);
	else
		err = member_endpoint_parse_key(value, &ep, e);
	if (!err)
		err = key_family(&p->family, ep.addr.family, "endpoint", value, e);
	if (err) {
		err_prefix(e, "endpoint %s", value);
		return err;
	}
	err = kservice_add_endpoint(&p->s, &ep);
	if (err == -ENOSPC)
		return err_set(e, ENOSPC, "a service has at most %u endpoints",
			       SVCNAT_ENDPOINTS_MAX);
	return err ? err_set(e, ENOMEM, "out of memory") : 0;
}

static int take_option(struct parse *p, int id, const char *value, struct err *e)
{
	switch (id) {
	case FAMILY:
		return key_family_option(&p->family, value, e);
	case OWNER:
		return key_owner(value, p->s.owner, e);
	default:
		p->any_owner = true;
		return 0;
	}
}

static int take(struct parse *p, const struct args *a, int id, const char *value, struct err *e)
{
	int err;

	if (id == ARGS_WORD)
		return p->words.n < 3 ? key_word(&p->words, value, e) : add_endpoint(p, value, e);
	err = take_option(p, id, value, e);
	if (err)
		err_prefix(e, "%s %s", a->as_given, value);
	return err;
}

static int parse(struct parse *p, int argc, char **argv, struct err *e)
{
	const char *verb = p->change == CHANGE_ADD ? "add" : "del";
	const char *value;
	struct args a;
	int id;

	args_init(&a, options, argc, argv);
	while ((id = args_next(&a, &value, e)) > ARGS_END)
		if (take(p, &a, id, value, e))
			return -EINVAL;
	if (id || key_finish(&p->words, verb, "endpoint", &p->s, e))
		return -EINVAL;
	if (!p->s.nendpoints)
		return err_set(e, EINVAL, "the endpoint is missing: ADDR:PORT");
	if (*p->s.owner && p->any_owner)
		return err_set(e, EINVAL, "--any-owner does not go with --owner %s", p->s.owner);
	if (!*p->s.owner && !p->any_owner)
		strcpy(p->s.owner, KEY_OWNER_DEFAULT);
	p->s.family = p->family.family;
	return 0;
}

static int write_change(struct ctx *ctx, const struct parse *p)
{
	const bool add = p->change == CHANGE_ADD;
	struct kernel *k;
	struct err e;
	int code;

	code = verbs_kernel(ctx, &k);
	if (code)
		return code;
	if (add ? k->ops->endpoint_set(k, &p->s, 0, &e) : k->ops->endpoint_del(k, &p->s, 0, &e)) {
		err_prefix(&e, "cannot %s service '%s' (%s)",
			   add ? "add endpoints to" : "delete endpoints of", p->s.name,
			   ip_proto_name(p->s.proto));
		code = verbs_refused(ctx, &e);
	}
	kernel_close(k);
	return code;
}

int change_endpoints(struct ctx *ctx, enum change change, int argc, char **argv)
{
	struct parse p = { .change = change };
	struct err e;
	int code;

	if (parse(&p, argc, argv, &e))
		code = verbs_usage(ctx, "%s", e.text);
	else
		code = write_change(ctx, &p);
	kservice_clear(&p.s);
	return code;
}
