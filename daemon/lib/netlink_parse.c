// SPDX-License-Identifier: GPL-2.0
#include "netlink_parse.h"

#include "err.h"
#include "netlink_attr.h"

#include <errno.h>
#include <linux/netlink.h>
#include <netlink/attr.h>
#include <stdlib.h>
#include <string.h>

static int cidr_family(void *into, const struct nlattr *a)
{
	uint8_t family;

	(void)into;	/* the address has it, by its length */
	return netlink_get_family(a, &family);
}

static int cidr_addr(void *into, const struct nlattr *a)
{
	struct ip_cidr *c = into;

	return netlink_get_addr(a, &c->addr);
}

static int cidr_prefix(void *into, const struct nlattr *a)
{
	struct ip_cidr *c = into;

	return netlink_get_u8(a, &c->prefix);
}

static netlink_handler *const cidr_handlers[] = {
	[SVCNAT_A_CIDR_FAMILY] = cidr_family,
	[SVCNAT_A_CIDR_ADDR] = cidr_addr,
	[SVCNAT_A_CIDR_PREFIX] = cidr_prefix,
};

static int cidrs_member(void *into, const struct nlattr *a)
{
	const unsigned int all = NETLINK_BIT(SVCNAT_A_CIDR_ADDR) |
				 NETLINK_BIT(SVCNAT_A_CIDR_PREFIX);
	struct ksettings *s = into;
	struct ip_cidr c = { 0 };
	struct ip_cidr *v;
	unsigned int seen;

	if (netlink_walk_nest(a, cidr_handlers, SVCNAT_A_CIDR_MAX, &c, &seen) ||
	    (seen & all) != all || c.prefix > ip_addr_len(&c.addr) * 8)
		return -EPROTO;
	if (s->npod_cidrs >= SVCNAT_CIDRS_MAX)
		return -EPROTO;
	v = reallocarray(s->pod_cidrs, s->npod_cidrs + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	s->pod_cidrs = v;
	v[s->npod_cidrs++] = c;
	return 0;
}

static netlink_handler *const cidrs_handlers[] = {
	[SVCNAT_A_CIDR] = cidrs_member,
};

static int settings_version(void *into, const struct nlattr *a)
{
	struct ksettings *s = into;

	return netlink_get_string(a, s->version, sizeof(s->version));
}

static int settings_enabled(void *into, const struct nlattr *a)
{
	struct ksettings *s = into;
	unsigned int enabled;

	if (netlink_get_enum(a, 1, &enabled))
		return -EPROTO;
	s->enabled = enabled;
	return 0;
}

static int settings_pod_cidrs(void *into, const struct nlattr *a)
{
	unsigned int seen;

	return netlink_walk_nest(a, cidrs_handlers, SVCNAT_A_CIDRS_MAX, into, &seen);
}

static int settings_number(void *into, const struct nlattr *a)
{
	struct ksettings *s = into;
	uint32_t *const fields[] = {
		[SVCNAT_A_SETTINGS_MAX_SERVICES] = &s->max_services,
		[SVCNAT_A_SETTINGS_MAX_FRONTENDS] = &s->max_frontends,
		[SVCNAT_A_SETTINGS_MAX_ENDPOINTS] = &s->max_endpoints,
		[SVCNAT_A_SETTINGS_SERVICES] = &s->services,
		[SVCNAT_A_SETTINGS_FRONTENDS] = &s->frontends,
		[SVCNAT_A_SETTINGS_ENDPOINTS] = &s->endpoints,
	};

	return netlink_get_u32(a, fields[nla_type(a)]);
}

static netlink_handler *const settings_handlers[] = {
	[SVCNAT_A_SETTINGS_VERSION] = settings_version,
	[SVCNAT_A_SETTINGS_ENABLED] = settings_enabled,
	[SVCNAT_A_SETTINGS_POD_CIDRS] = settings_pod_cidrs,
	[SVCNAT_A_SETTINGS_MAX_SERVICES] = settings_number,
	[SVCNAT_A_SETTINGS_MAX_FRONTENDS] = settings_number,
	[SVCNAT_A_SETTINGS_MAX_ENDPOINTS] = settings_number,
	[SVCNAT_A_SETTINGS_SERVICES] = settings_number,
	[SVCNAT_A_SETTINGS_FRONTENDS] = settings_number,
	[SVCNAT_A_SETTINGS_ENDPOINTS] = settings_number,
};

int netlink_parse_settings(const struct nlattr *attrs, int len, struct ksettings *out,
			   struct err *e)
{
	struct ksettings s = { 0 };
	unsigned int seen;
	int bad, err;

	err = netlink_walk(attrs, len, settings_handlers, SVCNAT_A_SETTINGS_MAX, &s, &seen, &bad);
	if (!err && !(seen & NETLINK_BIT(SVCNAT_A_SETTINGS_VERSION))) {
		bad = SVCNAT_A_SETTINGS_VERSION;
		err = -EPROTO;
	}
	if (err) {
		ksettings_clear(&s);
		return netlink_malformed(e, err, "settings", bad);
	}
	*out = s;
	return 0;
}

/* --- resolve --- */

static int resolve_family(void *into, const struct nlattr *a)
{
	struct kresolve *r = into;

	return netlink_get_family(a, &r->family);
}

static int resolve_proto(void *into, const struct nlattr *a)
{
	struct kresolve *r = into;

	return netlink_get_proto(a, &r->proto);
}

static int resolve_addr(void *into, const struct nlattr *a)
{
	struct kresolve *r = into;
	struct ip_addr *const fields[] = {
		[SVCNAT_A_RESOLVE_SRC] = &r->src,
		[SVCNAT_A_RESOLVE_DST] = &r->dst,
		[SVCNAT_A_RESOLVE_ENDPOINT_ADDR] = &r->endpoint.addr,
	};

	return netlink_get_addr(a, fields[nla_type(a)]);
}

static int resolve_port(void *into, const struct nlattr *a)
{
	struct kresolve *r = into;
	uint16_t *const fields[] = {
		[SVCNAT_A_RESOLVE_SRC_PORT] = &r->src_port,
		[SVCNAT_A_RESOLVE_DST_PORT] = &r->dst_port,
		[SVCNAT_A_RESOLVE_ENDPOINT_PORT] = &r->endpoint.port,
	};

	return netlink_get_port(a, fields[nla_type(a)]);
}

static int resolve_enum(void *into, const struct nlattr *a)
{
	struct kresolve *r = into;
	const struct {
		unsigned int max;
		unsigned int *out;
	} fields[] = {
		[SVCNAT_A_RESOLVE_ORIGIN] = { SVCNAT_ORIGIN_MAX, &r->origin },
		[SVCNAT_A_RESOLVE_VERDICT] = { SVCNAT_VERDICT_MAX, &r->verdict },
		[SVCNAT_A_RESOLVE_REASON] = { SVCNAT_REASON_MAX, &r->reason },
		[SVCNAT_A_RESOLVE_KIND] = { SVCNAT_KIND_MAX, &r->kind },
		[SVCNAT_A_RESOLVE_MASQUERADE] = { SVCNAT_MASQUERADE_MAX, &r->masquerade },
	};
	int type = nla_type(a);

	return netlink_get_enum(a, fields[type].max, fields[type].out);
}

static int resolve_service(void *into, const struct nlattr *a)
{
	struct kresolve *r = into;

	return netlink_get_string(a, r->service, sizeof(r->service));
}

static int resolve_owner(void *into, const struct nlattr *a)
{
	struct kresolve *r = into;

	return netlink_get_string(a, r->owner, sizeof(r->owner));
}

static int resolve_endpoints(void *into, const struct nlattr *a)
{
	struct kresolve *r = into;

	return netlink_get_u32(a, &r->endpoints);
}

static netlink_handler *const resolve_handlers[] = {
	[SVCNAT_A_RESOLVE_FAMILY] = resolve_family,
	[SVCNAT_A_RESOLVE_PROTO] = resolve_proto,
	[SVCNAT_A_RESOLVE_SRC] = resolve_addr,
	[SVCNAT_A_RESOLVE_SRC_PORT] = resolve_port,
	[SVCNAT_A_RESOLVE_DST] = resolve_addr,
	[SVCNAT_A_RESOLVE_DST_PORT] = resolve_port,
	[SVCNAT_A_RESOLVE_ORIGIN] = resolve_enum,
	[SVCNAT_A_RESOLVE_VERDICT] = resolve_enum,
	[SVCNAT_A_RESOLVE_REASON] = resolve_enum,
	[SVCNAT_A_RESOLVE_SERVICE] = resolve_service,
	[SVCNAT_A_RESOLVE_OWNER] = resolve_owner,
	[SVCNAT_A_RESOLVE_KIND] = resolve_enum,
	[SVCNAT_A_RESOLVE_ENDPOINTS] = resolve_endpoints,
	[SVCNAT_A_RESOLVE_ENDPOINT_ADDR] = resolve_addr,
	[SVCNAT_A_RESOLVE_ENDPOINT_PORT] = resolve_port,
	[SVCNAT_A_RESOLVE_MASQUERADE] = resolve_enum,
};

/* The first of these bits that is not set in seen, as an attribute; 0: none. */
static int missing(unsigned int seen, unsigned int wanted)
{
	return (seen & wanted) == wanted ? 0 : __builtin_ctz(wanted & ~seen);
}

int netlink_parse_resolve(const struct nlattr *attrs, int len, struct kresolve *out,
			  struct err *e)
{
	const unsigned int answer = NETLINK_BIT(SVCNAT_A_RESOLVE_ORIGIN) |
				    NETLINK_BIT(SVCNAT_A_RESOLVE_VERDICT) |
				    NETLINK_BIT(SVCNAT_A_RESOLVE_REASON);
	const unsigned int service = NETLINK_BIT(SVCNAT_A_RESOLVE_SERVICE) |
				     NETLINK_BIT(SVCNAT_A_RESOLVE_OWNER) |
				     NETLINK_BIT(SVCNAT_A_RESOLVE_KIND) |
				     NETLINK_BIT(SVCNAT_A_RESOLVE_ENDPOINTS);
	const unsigned int endpoint = NETLINK_BIT(SVCNAT_A_RESOLVE_ENDPOINT_ADDR) |
				      NETLINK_BIT(SVCNAT_A_RESOLVE_ENDPOINT_PORT);
	struct kresolve r = *out;
	unsigned int seen;
	int bad, err;

	err = netlink_walk(attrs, len, resolve_handlers, SVCNAT_A_RESOLVE_MAX, &r, &seen, &bad);
	if (!err) {
		/* A service comes whole or not at all, and so does an endpoint. */
		bad = missing(seen, answer);
		if (!bad && (seen & service))
			bad = missing(seen, service);
		if (!bad && (seen & endpoint))
			bad = missing(seen, endpoint);
		err = bad ? -EPROTO : 0;
	}
	if (err)
		return netlink_malformed(e, err, "resolve", bad);
	r.has_service = seen & service;
	r.has_endpoint = seen & endpoint;
	r.has_masquerade = seen & NETLINK_BIT(SVCNAT_A_RESOLVE_MASQUERADE);
	*out = r;
	return 0;
}

int netlink_parse_u32(const struct nlattr *attrs, int len, int type, uint32_t *out,
		      struct err *e)
{
	const struct nlattr *a = nla_find(attrs, len, type);

	if (!a || netlink_get_u32(a, out))
		return netlink_malformed(e, -EPROTO, "number", type);
	return 0;
}

/* --- acknowledgements --- */

/* Where the attributes of an extended acknowledgement start; 0: it has none. */
static size_t ack_attrs(const struct nlmsghdr *h)
{
	const struct nlmsgerr *ack = NLMSG_DATA(h);
	size_t at = NLMSG_LENGTH(sizeof(*ack));

	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS))
		return 0;
	if (h->nlmsg_type == NLMSG_DONE)
		return NLMSG_LENGTH(NLMSG_ALIGN(sizeof(int)));
	/* The request is echoed in front of them, whole unless the kernel says that it is not. */
	if (!(h->nlmsg_flags & NLM_F_CAPPED) && ack->msg.nlmsg_len >= sizeof(ack->msg))
		at += NLMSG_ALIGN((size_t)ack->msg.nlmsg_len - sizeof(ack->msg));
	return at;
}

static const struct nlattr *ack_text(const struct nlmsghdr *h)
{
	size_t at = ack_attrs(h);

	if (!at || at >= h->nlmsg_len)
		return NULL;
	return nla_find((const struct nlattr *)((const char *)h + at), (int)(h->nlmsg_len - at),
			NLMSGERR_ATTR_MSG);
}

static const char *meaning(int code)
{
	switch (code) {
	case EPERM:
		return "this needs root (CAP_NET_ADMIN)";
	case ENOBUFS:
	case ENOMEM:
		return "the kernel is out of memory";
	default:
		return strerror(code);
	}
}

int netlink_parse_ack(const struct nlmsghdr *h, bool *has_text, struct err *e)
{
	const size_t least = h->nlmsg_type == NLMSG_DONE ? sizeof(int) : sizeof(struct nlmsgerr);
	char buf[sizeof(e->text)];
	const struct nlattr *text;
	int err;

	*has_text = false;
	if (h->nlmsg_len < NLMSG_LENGTH(least))
		return netlink_malformed(e, -EPROTO, "acknowledgement", 0);
	memcpy(&err, NLMSG_DATA(h), sizeof(err));
	/* A dump's NLMSG_DONE may carry a positive number: it is no error. */
	if (err >= 0)
		return 0;
	text = ack_text(h);
	*has_text = text && !netlink_get_string(text, buf, sizeof(buf));
	return err_set(e, -err, "%s", *has_text ? buf : meaning(-err));
}
