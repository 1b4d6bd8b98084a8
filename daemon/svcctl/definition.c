// SPDX-License-Identifier: GPL-2.0
#include "definition.h"

#include "err.h"
#include "key.h"
#include "member.h"
#include "order.h"

#include <errno.h>
#include <string.h>

enum {
	FRONTEND = ARGS_WORD + 1, ENDPOINT, RANGE, SCHEDULER, AFFINITY, REPLACE, OWNER, FAMILY,
	FLAG,		/* and those behind it, in the order of member_flags */
};

const struct args_option definition_options[] = {
	{ "frontend", 0, true, FRONTEND },
	{ "endpoint", 0, true, ENDPOINT },
	{ "source-range", 0, true, RANGE },
	{ "scheduler", 0, true, SCHEDULER },
	{ "affinity", 0, true, AFFINITY },
	{ "replace", 0, false, REPLACE },
	{ "owner", 0, true, OWNER },
	{ "family", 0, true, FAMILY },
	{ "internal-local", 0, false, FLAG },
	{ "external-local", 0, false, FLAG + 1 },
	{ "reset", 0, false, FLAG + 2 },
	{ "account", 0, false, FLAG + 3 },
	{ 0 },
};

struct parse {
	struct definition *d;
	struct key_words words;
	struct key_family family;
};

static int no_room(int err, const char *what, unsigned int max, struct err *e)
{
	if (err == -ENOSPC)
		return err_set(e, ENOSPC, "a service has at most %u %s", max, what);
	return err ? err_set(e, ENOMEM, "out of memory") : 0;
}

static int add_frontend(struct parse *p, const char *value, struct err *e)
{
	struct kfrontend f;
	int err;

	err = member_frontend_parse(value, &f, e);
	if (!err && f.kind != SVCNAT_KIND_NODEPORT)
		err = key_family(&p->family, f.addr.family, "--frontend", value, e);
	return err ? err : no_room(kservice_add_frontend(&p->d->s, &f), "frontends",
				   SVCNAT_FRONTENDS_MAX, e);
}

static int add_endpoint(struct parse *p, const char *value, struct err *e)
{
	struct kendpoint ep;
	int err;

	err = member_endpoint_parse(value, &ep, e);
	if (!err)
		err = key_family(&p->family, ep.addr.family, "--endpoint", value, e);
	return err ? err : no_room(kservice_add_endpoint(&p->d->s, &ep), "endpoints",
				   SVCNAT_ENDPOINTS_MAX, e);
}

static int add_range(struct parse *p, const char *value, struct err *e)
{
	struct ip_cidr c;
	int err;

	err = ip_cidr_parse(value, &c, e);
	if (!err)
		err = key_family(&p->family, c.addr.family, "--source-range", value, e);
	return err ? err : no_room(kservice_add_range(&p->d->s, &c), "source ranges",
				   SVCNAT_RANGES_MAX, e);
}

static int set_scheduler(struct kservice *s, const char *value, struct err *e)
{
	int scheduler = kscheduler_parse(value);

	if (scheduler < 0)
		return err_set(e, EINVAL, "there is no such scheduler (hash, source, maglev, rr, "
			       "leastconn)");
	s->scheduler = (enum svcnat_scheduler)scheduler;
	return 0;
}

static int take_option(struct parse *p, int id, const char *value, struct err *e)
{
	struct kservice *s = &p->d->s;

	switch (id) {
	case FRONTEND:
		return add_frontend(p, value, e);
	case ENDPOINT:
		return add_endpoint(p, value, e);
	case RANGE:
		return add_range(p, value, e);
	case SCHEDULER:
		return set_scheduler(s, value, e);
	case AFFINITY:
		return args_number(value, 1, SVCNAT_AFFINITY_MAX, &s->affinity, e);
	case OWNER:
		return key_owner(value, s->owner, e);
	case FAMILY:
		return key_family_option(&p->family, value, e);
	case REPLACE:
		p->d->replace = true;
		return 0;
	default:
		s->flags |= member_flags[id - FLAG].flag;
		return 0;
	}
}

/* What only the whole of it can say. */
static int finish(struct parse *p, struct err *e)
{
	struct kservice *s = &p->d->s;
	size_t i;

	if (key_finish(&p->words, "add", "service", s, e))
		return -EINVAL;
	s->family = p->family.family;
	if (!s->family)
		return err_set(e, EINVAL,
			       "no address says the family of the service: "
			       "give --family 4 or --family 6");
	/* A nodeport has no address, and takes the family of the service. */
	for (i = 0; i < s->nfrontends; i++)
		s->frontends[i].addr.family = s->family;
	if (s->proto == IPPROTO_UDP && (s->scheduler == SVCNAT_SCHEDULER_RR ||
					s->scheduler == SVCNAT_SCHEDULER_LEASTCONN))
		return err_set(e, EINVAL,
			       "--scheduler %s: with this scheduler two first packets of one UDP "
			       "socket may get two endpoints, and one be lost: use hash, source or "
			       "maglev", kscheduler_name(s->scheduler));
	return 0;
}

int definition_parse(struct definition *d, int argc, char **argv, struct err *e)
{
	struct parse p = { .d = d };
	const char *value;
	struct args a;
	int id, err;

	*d = (struct definition){ .s.owner = KEY_OWNER_DEFAULT };
	args_init(&a, definition_options, argc, argv);
	while ((id = args_next(&a, &value, e)) > ARGS_END) {
		if (id == ARGS_WORD) {
			err = key_word(&p.words, value, e);
		} else {
			err = take_option(&p, id, value, e);
			if (err)
				err_prefix(e, value ? "%s %s" : "%s", a.as_given, value);
		}
		if (err)
			return err;
	}
	return id ? id : finish(&p, e);
}

/* --- print --- */

static bool has_address(const struct kservice *s)
{
	size_t i;

	for (i = 0; i < s->nfrontends; i++)
		if (s->frontends[i].kind != SVCNAT_KIND_NODEPORT)
			return true;
	return s->nranges || s->nendpoints;
}

static void print_options(FILE *f, const struct kservice *s)
{
	const struct member_flag *flag;

	fprintf(f, " --owner %s", s->owner);
	if (!has_address(s))
		fprintf(f, " --family %c", s->family == AF_INET ? '4' : '6');
	if (s->scheduler != SVCNAT_SCHEDULER_HASH)
		fprintf(f, " --scheduler %s", kscheduler_name(s->scheduler));
	if (s->affinity)
		fprintf(f, " --affinity %u", s->affinity);
	for (flag = member_flags; flag->name; flag++)
		if (s->flags & flag->flag)
			fprintf(f, " --%s", flag->name);
}

static void print_members(FILE *f, const struct kservice *s)
{
	char frontend[MEMBER_FRONTEND_STRLEN], endpoint[MEMBER_ENDPOINT_STRLEN];
	char cidr[INET6_ADDRSTRLEN + 4];
	size_t i;

	for (i = 0; i < s->nfrontends; i++)
		fprintf(f, " --frontend %s", member_frontend_print(&s->frontends[i], frontend));
	for (i = 0; i < s->nranges; i++)
		fprintf(f, " --source-range %s", ip_cidr_print(&s->ranges[i], cidr));
	for (i = 0; i < s->nendpoints; i++)
		fprintf(f, " --endpoint %s", member_endpoint_print(&s->endpoints[i], endpoint));
}

void definition_print(FILE *f, struct kservice *s)
{
	/* A name that looks like an option must stand behind them. */
	const bool last = *s->name == '-';

	order_members(s);
	fputs("add service", f);
	if (!last)
		fprintf(f, " %s %s", s->name, ip_proto_name(s->proto));
	print_options(f, s);
	print_members(f, s);
	if (last)
		fprintf(f, " -- %s %s", s->name, ip_proto_name(s->proto));
	fputc('\n', f);
}
