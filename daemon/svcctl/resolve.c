// SPDX-License-Identifier: GPL-2.0
#include "addrport.h"
#include "args.h"
#include "kernel.h"
#include "key.h"
#include "print.h"
#include "verbs.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <strings.h>

const char verb_resolve_usage[] =
	"usage: svcctl resolve SRC[:PORT] DST:PORT[/PROTO] [-i IFACE] [-j]\n"
	"       svcctl resolve SRC DST/PROTO [-i IFACE] [-j]\n"
	"\n"
	"Ask the kernel what it would do with the first packet of a connection, and why.\n"
	"Nothing is sent. With the source port the answer names the endpoint.\n"
	"\n"
	"  SRC    where the connection comes from, such as 10.244.1.10 or [fd00::1]:40000\n"
	"  DST    where it goes, such as 10.96.0.10:53/UDP or 10.96.0.10/icmp\n"
	"  PROTO  TCP (the default), UDP, SCTP; or without ports icmp (ping) or a number\n"
	"  -i, --interface IFACE  by which it comes in, or goes out if it is made here: for\n"
	"         nodes with VRFs, whose addresses are the node's in there only\n"
	"  -j, --json\n"
	"\n"
	"Example: svcctl resolve 192.168.1.7:40000 10.96.0.10:80/tcp\n";

enum { JSON = ARGS_WORD + 1, INTERFACE };

static const struct args_option options[] = {
	{ "interface", 'i', true, INTERFACE },
	{ "json", 'j', false, JSON },
	{ 0 },
};

struct target {
	const char *proto;	/* as it was given; NULL: not */
	uint8_t number;
	bool ping;		/* of the address's family */
};

static bool has_ports(uint8_t proto)
{
	return ip_proto_name(proto);
}

/* Cuts "/PROTO" off text. */
static int parse_proto(char *text, struct target *t, struct err *e)
{
	char *slash = strchr(text, '/');
	uint32_t number;

	*t = (struct target){ .number = IPPROTO_TCP };
	if (!slash)
		return 0;
	*slash = '\0';
	t->proto = slash + 1;
	t->ping = !strcasecmp(t->proto, "icmp");
	if (t->ping)
		return 0;
	t->number = ip_proto_parse(t->proto);
	if (t->number)
		return 0;
	if (args_number(t->proto, 0, UINT8_MAX, &number, NULL))
		return err_set(e, EINVAL,
			       "'%s' is not a protocol (TCP, UDP, SCTP, icmp, or 0 to 255)",
			       t->proto);
	t->number = (uint8_t)number;
	return 0;
}

static int parse_dst(const char *text, struct kresolve *r, struct err *e)
{
	char copy[ADDRPORT_STRLEN + sizeof("/SCTP")];
	struct target t;

	if (strlen(text) >= sizeof(copy))
		return err_set(e, EINVAL, "this is too long for ADDR:PORT/PROTO");
	strcpy(copy, text);
	if (parse_proto(copy, &t, e))
		return -EINVAL;
	if (!t.ping && has_ports(t.number)) {
		r->proto = t.number;
		return addrport_parse(copy, &r->dst, &r->dst_port, e);
	}
	if (addrport_parse_optional(copy, &r->dst, &r->dst_port, e))
		return -EINVAL;
	r->proto = t.number;
	if (t.ping)
		r->proto = r->dst.family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	if (r->dst_port)
		return err_set(e, EINVAL, "'%s' has no ports (write ADDR/%s)", t.proto, t.proto);
	return 0;
}

static int parse_pair(const char *src, const char *dst, struct kresolve *r, struct err *e)
{
	if (!src)
		return err_set(e, EINVAL, "the source is missing: SRC[:PORT]");
	if (!dst)
		return err_set(e, EINVAL, "the destination is missing: DST:PORT[/PROTO]");
	if (addrport_parse_optional(src, &r->src, &r->src_port, e)) {
		err_prefix(e, "source %s", src);
		return -EINVAL;
	}
	if (parse_dst(dst, r, e)) {
		err_prefix(e, "destination %s", dst);
		return -EINVAL;
	}
	if (r->src.family != r->dst.family)
		return err_set(e, EINVAL, "destination %s: is not of the source's family (%s)", dst,
			       key_family_name(r->src.family));
	if (r->src_port && !has_ports(r->proto))
		return err_set(e, EINVAL, "source %s: the protocol of the destination %s has no "
			       "ports", src, dst);
	r->family = r->src.family;
	return 0;
}

static int parse_interface(const char *name, uint32_t *index, struct err *e)
{
	*index = if_nametoindex(name);
	return *index ? 0 : err_set(e, ENODEV, "there is no interface '%s' here", name);
}

static int parse(struct kresolve *r, bool *json, int argc, char **argv, struct err *e)
{
	const char *words[2] = { 0 };
	const char *value;
	struct args a;
	int n = 0;
	int id;

	args_init(&a, options, argc, argv);
	while ((id = args_next(&a, &value, e)) > ARGS_END) {
		if (id == JSON)
			*json = true;
		else if (id == INTERFACE && parse_interface(value, &r->ifindex, e))
			return -EINVAL;
		else if (id == INTERFACE)
			continue;
		else if (n < 2)
			words[n++] = value;
		else
			return err_set(e, EINVAL, "unexpected argument '%s'", value);
	}
	return id ? id : parse_pair(words[0], words[1], r, e);
}

int verb_resolve(struct ctx *ctx, int argc, char **argv)
{
	struct print print = { .out = ctx->out, .color = ctx->color };
	struct kresolve r = { 0 };
	struct kernel *k;
	struct err e;
	int code;

	if (parse(&r, &print.json, argc, argv, &e))
		return verbs_usage(ctx, "%s", e.text);
	code = verbs_kernel(ctx, &k);
	if (code)
		return code;
	if (k->ops->resolve(k, &r, &e) ||
	    (print_resolve(&print, &r) && err_set(&e, ENOMEM, "out of memory")))
		code = verbs_refused(ctx, &e);
	kernel_close(k);
	return code;
}
