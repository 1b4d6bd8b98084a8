// SPDX-License-Identifier: GPL-2.0
#include "addrport.h"
#include "args.h"
#include "kernel.h"
#include "key.h"
#include "verbs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const char verb_add_usage[] =
	"usage: svcctl add service NAME PROTO [--frontend FRONTEND]... [--endpoint ENDPOINT]...\n"
	"                          [--replace] [--owner OWNER] [--family 4|6]\n"
	"\n"
	"Add a service to the kernel: connections to a frontend go to one of the endpoints.\n"
	"A service without endpoints refuses its connections.\n"
	"\n"
	"  NAME                 1 to 255 bytes, such as web or default/web:http\n"
	"  PROTO                TCP, UDP or SCTP\n"
	"  --frontend FRONTEND  [KIND:]ADDR:PORT, with KIND cluster (the default), external or\n"
	"                       loadbalancer; or nodeport:PORT. IPv6 as [ADDR]:PORT.\n"
	"  --endpoint ENDPOINT  ADDR:PORT\n"
	"  --replace            if the service exists, make it what is said here\n"
	"  --owner OWNER        who it belongs to; the default is hand\n"
	"  --family 4|6         needed only when no address says it\n"
	"\n"
	"All addresses of a service are of one family.\n";

enum { FRONTEND = ARGS_WORD + 1, ENDPOINT, REPLACE, OWNER, FAMILY };

static const struct args_option options[] = {
	{ "frontend", 0, true, FRONTEND },
	{ "endpoint", 0, true, ENDPOINT },
	{ "replace", 0, false, REPLACE },
	{ "owner", 0, true, OWNER },
	{ "family", 0, true, FAMILY },
	{ 0 },
};

struct add {
	struct kservice s;
	struct key_words words;
	unsigned int mode;
	/* what said the family first: "--frontend 10.0.0.1:80"; NULL: nothing yet */
	const char *by_option, *by_value;
};

static const char *family_name(uint8_t family)
{
	return family == AF_INET ? "IPv4" : "IPv6";
}

/* Every address says the family; all must agree. */
static int agree(struct add *add, uint8_t family, const char *option, const char *value,
		 struct err *e)
{
	if (!add->s.family) {
		add->s.family = family;
		add->by_option = option;
		add->by_value = value;
	}
	if (add->s.family == family)
		return 0;
	return err_set(e, EINVAL, "is %s, but %s %s is %s: a service has one family",
		       family_name(family), add->by_option, add->by_value,
		       family_name(add->s.family));
}

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

/* ADDR:PORT of the service's family, and one that a packet can go to. */
static int parse_addr(struct add *add, const char *text, const char *option, const char *value,
		      struct ip_addr *addr, uint16_t *port, struct err *e)
{
	const char *special;
	int err;

	err = addrport_parse(text, addr, port, e);
	if (err)
		return err;
	special = addrport_special(addr);
	if (special)
		return err_set(e, EINVAL, "%s address cannot be used", special);
	return agree(add, addr->family, option, value, e);
}

static int no_room(int err, const char *what, unsigned int max, struct err *e)
{
	if (err == -ENOSPC)
		return err_set(e, ENOSPC, "a service has at most %u %s", max, what);
	return err ? err_set(e, ENOMEM, "out of memory") : 0;
}

static int add_frontend(struct add *add, const char *value, struct err *e)
{
	struct kfrontend f = { 0 };
	const char *text = value;
	int err;

	err = parse_kind(&text, &f.kind, e);
	if (!err && f.kind == SVCNAT_KIND_NODEPORT) {
		if (strchr(text, ':'))
			return err_set(e, EINVAL,
				       "a nodeport has no address (write nodeport:PORT)");
		err = addrport_parse_port(text, &f.port, e);
	} else if (!err) {
		err = parse_addr(add, text, "--frontend", value, &f.addr, &f.port, e);
	}
	return err ? err : no_room(kservice_add_frontend(&add->s, &f), "frontends",
				   SVCNAT_FRONTENDS_MAX, e);
}

static int add_endpoint(struct add *add, const char *value, struct err *e)
{
	struct kendpoint p;
	int err;

	err = parse_addr(add, value, "--endpoint", value, &p.addr, &p.port, e);
	return err ? err : no_room(kservice_add_endpoint(&add->s, &p), "endpoints",
				   SVCNAT_ENDPOINTS_MAX, e);
}

static int set_family(struct add *add, const char *value, struct err *e)
{
	uint8_t family;

	return args_family(value, &family, e) ? -EINVAL :
						agree(add, family, "--family", value, e);
}

static int take_option(struct add *add, int id, const char *value, struct err *e)
{
	switch (id) {
	case FRONTEND:
		return add_frontend(add, value, e);
	case ENDPOINT:
		return add_endpoint(add, value, e);
	case OWNER:
		return key_owner(value, add->s.owner, e);
	case FAMILY:
		return set_family(add, value, e);
	default:
		add->mode |= KERNEL_REPLACE;
		return 0;
	}
}

/* A nodeport has no address, and takes the family of the service. */
static void finish_nodeports(struct kservice *s)
{
	size_t i;

	for (i = 0; i < s->nfrontends; i++)
		s->frontends[i].addr.family = s->family;
}

static int parse(struct add *add, int argc, char **argv, struct err *e)
{
	const char *value;
	struct args a;
	int id, err;

	args_init(&a, options, argc, argv);
	while ((id = args_next(&a, &value, e)) > ARGS_END) {
		if (id == ARGS_WORD) {
			err = key_word(&add->words, value, e);
		} else {
			err = take_option(add, id, value, e);
			if (err)
				err_prefix(e, value ? "%s %s" : "%s", a.as_given, value);
		}
		if (err)
			return err;
	}
	if (id == ARGS_END)
		id = key_finish(&add->words, "add", &add->s, e);
	if (!id && !add->s.family)
		return err_set(e, EINVAL,
			       "no address says the family of the service: "
			       "give --family 4 or --family 6");
	finish_nodeports(&add->s);
	return id;
}

int verb_add(struct ctx *ctx, int argc, char **argv)
{
	struct add add = { .mode = KERNEL_CREATE, .s.owner = KEY_OWNER_DEFAULT };
	struct kernel *k;
	struct err e;
	int code;

	if (parse(&add, argc, argv, &e)) {
		kservice_clear(&add.s);
		return verbs_usage(ctx, "%s", e.text);
	}
	code = verbs_kernel(ctx, &k);
	if (!code) {
		if (k->ops->service_set(k, &add.s, add.mode, 0, &e)) {
			err_prefix(&e, "cannot add service '%s' (%s)", add.s.name,
				   ip_proto_name(add.s.proto));
			code = verbs_refused(ctx, &e);
		} else {
			verbs_hold(ctx, k);
		}
		kernel_close(k);
	}
	kservice_clear(&add.s);
	return code;
}
