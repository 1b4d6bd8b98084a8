// SPDX-License-Identifier: GPL-2.0
#include <linux/ctype.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <net/ipv6.h>

#include "cidr.h"
#include "extack.h"
#include "parse.h"
#include "policy.h"

int svcnat_parse_missing(struct netlink_ext_ack *extack, const char *what)
{
	svcnat_extack(extack, NULL, "%s is missing", what);
	return -EINVAL;
}

int svcnat_parse_text(const struct nlattr *nla, const char *what,
		      const char **text, struct netlink_ext_ack *extack)
{
	const char *c;

	if (!nla)
		return svcnat_parse_missing(extack, what);

	*text = nla_data(nla);
	if (!**text) {
		svcnat_extack(extack, nla, "%s is empty", what);
		return -EINVAL;
	}
	for (c = *text; *c; c++) {
		if (!isascii(*c) || !isgraph(*c)) {
			svcnat_extack(extack, nla,
				      "%s has a character that is not printable ASCII",
				      what);
			return -EINVAL;
		}
	}
	return 0;
}

int svcnat_parse_family(const struct nlattr *nla, u8 *family,
			struct netlink_ext_ack *extack)
{
	if (!nla)
		return svcnat_parse_missing(extack, "the family");

	*family = nla_get_u8(nla);
	if (*family != NFPROTO_IPV4 && *family != NFPROTO_IPV6) {
		NL_SET_ERR_MSG_ATTR(extack, nla, "the family is neither IPv4 nor IPv6");
		return -EAFNOSUPPORT;
	}
	return 0;
}

int svcnat_parse_proto(const struct nlattr *nla, u8 *proto,
		       struct netlink_ext_ack *extack)
{
	if (!nla)
		return svcnat_parse_missing(extack, "the protocol");

	*proto = nla_get_u8(nla);
	if (*proto != IPPROTO_TCP && *proto != IPPROTO_UDP && *proto != IPPROTO_SCTP) {
		NL_SET_ERR_MSG_ATTR(extack, nla,
				    "the protocol is neither TCP, UDP nor SCTP");
		return -EPROTONOSUPPORT;
	}
	return 0;
}

int svcnat_parse_addr(const struct nlattr *nla, const char *what,
		      u8 family, union nf_inet_addr *addr,
		      struct netlink_ext_ack *extack)
{
	size_t len = family == NFPROTO_IPV4 ? sizeof(addr->ip) : sizeof(addr->ip6);

	if (!nla)
		return svcnat_parse_missing(extack, what);

	if (nla_len(nla) != len) {
		svcnat_extack(extack, nla, "%s has %d bytes, the family's have %zu",
			      what, nla_len(nla), len);
		return -EINVAL;
	}
	memset(addr, 0, sizeof(*addr));
	memcpy(addr, nla_data(nla), len);
	return 0;
}

int svcnat_parse_unicast(const struct nlattr *nla, const char *what,
			 u8 family, union nf_inet_addr *addr,
			 struct netlink_ext_ack *extack)
{
	bool bad;
	int err;

	err = svcnat_parse_addr(nla, what, family, addr, extack);
	if (err)
		return err;

	if (family == NFPROTO_IPV4)
		bad = ipv4_is_zeronet(addr->ip) || ipv4_is_loopback(addr->ip) ||
		      ipv4_is_multicast(addr->ip) || ipv4_is_lbcast(addr->ip);
	else
		bad = ipv6_addr_any(&addr->in6) || ipv6_addr_loopback(&addr->in6) ||
		      ipv6_addr_is_multicast(&addr->in6) ||
		      ipv6_addr_v4mapped(&addr->in6);
	if (bad) {
		svcnat_extack(extack, nla,
			      "%s is unspecified, loopback, multicast or IPv4-mapped",
			      what);
		return -EINVAL;
	}
	return 0;
}

int svcnat_parse_port(const struct nlattr *nla, const char *what,
		      __be16 *port, struct netlink_ext_ack *extack)
{
	if (!nla)
		return svcnat_parse_missing(extack, what);

	*port = nla_get_be16(nla);
	if (!*port) {
		svcnat_extack(extack, nla, "%s is 0", what);
		return -EINVAL;
	}
	return 0;
}

int svcnat_parse_service_key(struct nlattr **attrs, struct svcnat_service_key *key,
			     struct netlink_ext_ack *extack)
{
	return svcnat_parse_text(attrs[SVCNAT_A_SERVICE_NAME], "the service's name",
				 &key->name, extack) ?:
	       svcnat_parse_family(attrs[SVCNAT_A_SERVICE_FAMILY], &key->family,
				   extack) ?:
	       svcnat_parse_proto(attrs[SVCNAT_A_SERVICE_PROTO], &key->proto, extack);
}

const struct nlattr *svcnat_parse_next(const struct genl_info *info, int type,
				       const struct nlattr *prev)
{
	const struct nlattr *nla = genlmsg_data(info->genlhdr);
	int rem = genlmsg_len(info->genlhdr);

	if (prev) {
		rem -= (const char *)prev - (const char *)nla;
		nla = nla_next(prev, &rem);
	}
	for (; nla_ok(nla, rem); nla = nla_next(nla, &rem)) {
		if (nla_type(nla) == type)
			return nla;
	}
	return NULL;
}

const struct nlattr *svcnat_parse_nth(const struct genl_info *info, int type, u32 n)
{
	const struct nlattr *nla = svcnat_parse_next(info, type, NULL);

	while (nla && n--)
		nla = svcnat_parse_next(info, type, nla);
	return nla;
}

int svcnat_parse_cidr(const struct nlattr *nla, struct svcnat_cidrs *list, u32 i,
		      struct netlink_ext_ack *extack)
{
	struct nlattr *tb[SVCNAT_A_CIDR_MAX + 1];
	union nf_inet_addr addr;
	u8 family;
	int err;

	err = nla_parse_nested(tb, SVCNAT_A_CIDR_MAX, nla, svcnat_policy_cidr,
			       extack) ?:
	      svcnat_parse_family(tb[SVCNAT_A_CIDR_FAMILY], &family, extack) ?:
	      svcnat_parse_addr(tb[SVCNAT_A_CIDR_ADDR], "the CIDR's address", family,
				&addr, extack);
	if (err)
		return err;

	if (!tb[SVCNAT_A_CIDR_PREFIX])
		return svcnat_parse_missing(extack, "the CIDR's prefix length");

	err = svcnat_cidrs_fill(list, i, family, &addr,
				nla_get_u8(tb[SVCNAT_A_CIDR_PREFIX]));
	if (err == -EDOM) {
		NL_SET_ERR_MSG_ATTR(extack, tb[SVCNAT_A_CIDR_ADDR],
				    "the CIDR's address has bits past the prefix");
		return -EINVAL;
	}
	if (err)
		NL_SET_ERR_MSG_ATTR(extack, tb[SVCNAT_A_CIDR_PREFIX],
				    "the CIDR's prefix is longer than an address");
	return err;
}

int svcnat_parse_owner(const struct genl_info *info, bool required,
		       const char **owner)
{
	*owner = NULL;
	if (!info->attrs[SVCNAT_A_SYNC_OWNER] && !required)
		return 0;
	return svcnat_parse_text(info->attrs[SVCNAT_A_SYNC_OWNER], "the owner",
				 owner, info->extack);
}

int svcnat_parse_token(const struct genl_info *info, u32 *token)
{
	if (!info->attrs[SVCNAT_A_SYNC_TOKEN])
		return svcnat_parse_missing(info->extack, "the sync token");

	*token = nla_get_u32(info->attrs[SVCNAT_A_SYNC_TOKEN]);
	return 0;
}

static bool svcnat_parse_has_ports(u8 proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP || proto == IPPROTO_SCTP;
}

/* A port of a protocol that has none is a mistake that a person wants to hear of. */
static int svcnat_parse_resolve_ports(struct nlattr **attrs, struct svcnat_flow *flow,
				      struct netlink_ext_ack *extack)
{
	const struct nlattr *port = attrs[SVCNAT_A_RESOLVE_DST_PORT] ?:
				    attrs[SVCNAT_A_RESOLVE_SRC_PORT];

	if (svcnat_parse_has_ports(flow->proto))
		return svcnat_parse_port(attrs[SVCNAT_A_RESOLVE_DST_PORT],
					 "the destination port", &flow->dport, extack);
	if (port) {
		NL_SET_ERR_MSG_ATTR(extack, port, "the protocol has no ports here");
		return -EINVAL;
	}
	flow->echo = flow->proto == (flow->family == NFPROTO_IPV4 ? IPPROTO_ICMP :
								     IPPROTO_ICMPV6);
	return 0;
}

int svcnat_parse_resolve(const struct genl_info *info, struct svcnat_flow *flow)
{
	struct netlink_ext_ack *extack = info->extack;
	struct nlattr **attrs = info->attrs;

	memset(flow, 0, sizeof(*flow));
	if (!attrs[SVCNAT_A_RESOLVE_PROTO])
		return svcnat_parse_missing(extack, "the protocol");
	flow->proto = nla_get_u8(attrs[SVCNAT_A_RESOLVE_PROTO]);
	if (attrs[SVCNAT_A_RESOLVE_SRC_PORT])
		flow->sport = nla_get_be16(attrs[SVCNAT_A_RESOLVE_SRC_PORT]);

	return svcnat_parse_family(attrs[SVCNAT_A_RESOLVE_FAMILY], &flow->family,
				   extack) ?:
	       svcnat_parse_addr(attrs[SVCNAT_A_RESOLVE_SRC], "the source",
				 flow->family, &flow->saddr, extack) ?:
	       svcnat_parse_addr(attrs[SVCNAT_A_RESOLVE_DST], "the destination",
				 flow->family, &flow->daddr, extack) ?:
	       svcnat_parse_resolve_ports(attrs, flow, extack);
}

int svcnat_parse_affinity(struct nlattr **attrs, struct svcnat_affinity_filter *f,
			  struct netlink_ext_ack *extack)
{
	const struct nlattr *client = attrs[SVCNAT_A_AFFINITY_CLIENT];
	int err = 0;

	memset(f, 0, sizeof(*f));
	if (attrs[SVCNAT_A_AFFINITY_NAME])
		err = svcnat_parse_text(attrs[SVCNAT_A_AFFINITY_NAME],
					"the service's name", &f->name, extack);
	if (!err && attrs[SVCNAT_A_AFFINITY_FAMILY])
		err = svcnat_parse_family(attrs[SVCNAT_A_AFFINITY_FAMILY], &f->family,
					  extack);
	if (!err && attrs[SVCNAT_A_AFFINITY_PROTO])
		err = svcnat_parse_proto(attrs[SVCNAT_A_AFFINITY_PROTO], &f->proto,
					 extack);
	if (err || !client)
		return err;

	if (!f->family)
		return svcnat_parse_missing(extack, "the family of the client's address");
	f->by_client = true;
	return svcnat_parse_addr(client, "the client's address", f->family, &f->client,
				 extack);
}
