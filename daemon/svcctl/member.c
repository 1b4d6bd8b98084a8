// SPDX-License-Identifier: GPL-2.0
#include "member.h"

#include "args.h"
#include "err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const struct member_flag member_flags[] = {
	{ "internal-local", SVCNAT_F_INTERNAL_LOCAL },
	{ "external-local", SVCNAT_F_EXTERNAL_LOCAL },
	{ "reset", SVCNAT_F_RESET },
	{ "account", SVCNAT_F_ACCOUNT },
	{ 0 },
};

static const struct {
	const char *name;
	uint8_t lists;
} lists_names[] = {
	{ "local", SVCNAT_LIST_CLUSTER | SVCNAT_LIST_LOCAL },
	{ "local-only", SVCNAT_LIST_LOCAL },
	{ "drain", 0 },
};

#define NLISTS	(sizeof(lists_names) / sizeof(lists_names[0]))

/* ADDR:PORT, and an address that a packet can go to. */
static int parse_addrport(const char *text, struct ip_addr *addr, uint16_t *port, struct err *e)
{
	const char *special;
	int err;

	err = addrport_parse(text, addr, port, e);
	if (err)
		return err;
	special = addrport_special(addr);
	return special ? err_set(e, EINVAL, "%s address cannot be used", special) : 0;
}

/* --- frontends --- */

/* Split "KIND:" off; *kind is CLUSTER when there is none. */
static int parse_kind(const char **text, enum svcnat_kind *kind, struct err *e)
{
	const char *colon = strchr(*text, ':');
	char word[16];
	int k;

	*kind = SVCNAT_KIND_CLUSTER;
	/* A kind starts with a letter that no IPv4 address has; IPv6 stands in brackets. */
	if (!colon || **text == '[' || strchr("0123456789", **text))
		return 0;
	snprintf(word, sizeof(word), "%.*s", (int)(colon - *text), *text);
	k = kfrontend_kind_parse(word);
	if (k < 0)
		return err_set(e, EINVAL,
			       "'%.*s' is not a kind (cluster, external, loadbalancer, nodeport; "
			       "IPv6 as [ADDR]:PORT)",
			       (int)(colon - *text), *text);
	*kind = (enum svcnat_kind)k;
	*text = colon + 1;
	return 0;
}

int member_frontend_parse(const char *text, struct kfrontend *out, struct err *e)
{
	struct kfrontend f = { 0 };
	int err;

	err = parse_kind(&text, &f.kind, e);
	if (err)
		return err;
	if (f.kind != SVCNAT_KIND_NODEPORT)
		err = parse_addrport(text, &f.addr, &f.port, e);
	else if (strchr(text, ':'))
		err = err_set(e, EINVAL, "a nodeport has no address (write nodeport:PORT)");
	else
		err = addrport_parse_port(text, &f.port, e);
	if (!err)
		*out = f;
	return err;
}

const char *member_frontend_print(const struct kfrontend *f, char buf[MEMBER_FRONTEND_STRLEN])
{
	const char *kind = kfrontend_kind_name(f->kind);
	char addr[ADDRPORT_STRLEN];

	if (f->kind == SVCNAT_KIND_NODEPORT)
		snprintf(buf, MEMBER_FRONTEND_STRLEN, "%s:%u", kind, f->port);
	else
		snprintf(buf, MEMBER_FRONTEND_STRLEN, "%s:%s", kind,
			 addrport_print(&f->addr, f->port, addr));
	return buf;
}

/* --- endpoints --- */

/* The options of one endpoint, as they come. */
struct endpoint_options {
	const char *lists;	/* the word that said them; NULL: none yet */
	bool has_weight;
};

static int take_lists(struct kendpoint *p, struct endpoint_options *o, size_t i, struct err *e)
{
	const char *name = lists_names[i].name;

	if (o->lists && !strcmp(o->lists, name))
		return err_set(e, EINVAL, "%s is given twice", name);
	if (o->lists)
		return err_set(e, EINVAL, "%s does not go with %s", name, o->lists);
	o->lists = name;
	p->lists = lists_names[i].lists;
	return 0;
}

static int take_weight(struct kendpoint *p, struct endpoint_options *o, const char *text,
		       struct err *e)
{
	uint32_t weight;

	if (o->has_weight)
		return err_set(e, EINVAL, "weight is given twice");
	if (args_number(text, 0, SVCNAT_WEIGHT_MAX, &weight, e)) {
		err_prefix(e, "weight");
		return -EINVAL;
	}
	o->has_weight = true;
	p->weight = (uint16_t)weight;
	return 0;
}

static int take_option(struct kendpoint *p, struct endpoint_options *o, const char *word,
		       struct err *e)
{
	size_t i;

	for (i = 0; i < NLISTS; i++)
		if (!strcmp(word, lists_names[i].name))
			return take_lists(p, o, i, e);
	if (!strncmp(word, "weight=", 7))
		return take_weight(p, o, word + 7, e);
	return err_set(e, EINVAL,
		       "'%s' is not an option of an endpoint (local, local-only, drain, weight=N)",
		       word);
}

int member_endpoint_parse(const char *text, struct kendpoint *out, struct err *e)
{
	struct kendpoint p = { .lists = SVCNAT_LIST_CLUSTER, .weight = 1 };
	struct endpoint_options o = { 0 };
	char copy[256], *rest = copy;
	int err;

	if (strlen(text) >= sizeof(copy))
		return err_set(e, EINVAL, "this is too long for ADDR:PORT,OPTION");
	strcpy(copy, text);
	err = parse_addrport(strsep(&rest, ","), &p.addr, &p.port, e);
	while (!err && rest)
		err = take_option(&p, &o, strsep(&rest, ","), e);
	if (!err)
		*out = p;
	return err;
}

int member_endpoint_parse_key(const char *text, struct kendpoint *out, struct err *e)
{
	struct kendpoint p = { .lists = SVCNAT_LIST_CLUSTER, .weight = 1 };
	int err;

	if (strchr(text, ','))
		return err_set(e, EINVAL, "options have no meaning here (write ADDR:PORT)");
	err = parse_addrport(text, &p.addr, &p.port, e);
	if (!err)
		*out = p;
	return err;
}

const char *member_lists_name(uint8_t lists)
{
	size_t i;

	for (i = 0; i < NLISTS; i++)
		if (lists_names[i].lists == lists)
			return lists_names[i].name;
	return NULL;
}

const char *member_endpoint_print(const struct kendpoint *p, char buf[MEMBER_ENDPOINT_STRLEN])
{
	const char *lists = member_lists_name(p->lists);
	char addr[ADDRPORT_STRLEN], weight[sizeof(",weight=65535")] = "";

	if (p->weight != 1)
		snprintf(weight, sizeof(weight), ",weight=%u", p->weight);
	snprintf(buf, MEMBER_ENDPOINT_STRLEN, "%s%s%s%s", addrport_print(&p->addr, p->port, addr),
		 lists ? "," : "", lists ? lists : "", weight);
	return buf;
}
