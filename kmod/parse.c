// SPDX-License-Identifier: GPL-2.0
#include <linux/ctype.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/slab.h>
#include <net/ipv6.h>

#include "endpoints.h"
#include "extack.h"
#include "parse.h"
#include "policy.h"
#include "settings.h"

static int svcnat_parse_missing(struct netlink_ext_ack *extack, const char *what)
{
	svcnat_extack(extack, NULL, "%s is missing", what);
	return -EINVAL;
}

/* Names are shown in logs and on terminals: no space, no control character. */
static int svcnat_parse_text(const struct nlattr *nla, const char *what,
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

static int svcnat_parse_family(const struct nlattr *nla, u8 *family,
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

static int svcnat_parse_proto(const struct nlattr *nla, u8 *proto,
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

static int svcnat_parse_addr(const struct nlattr *nla, const char *what,
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

/* One host's address, on a network. */
static int svcnat_parse_unicast(const struct nlattr *nla, const char *what,
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

static int svcnat_parse_port(const struct nlattr *nla, const char *what,
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

static int svcnat_parse_frontend(const struct nlattr *nla,
				 const struct svcnat_service_key *service,
				 struct svcnat_spec_frontend *fe,
				 struct netlink_ext_ack *extack)
{
	struct nlattr *tb[SVCNAT_A_FRONTEND_MAX + 1];
	const struct nlattr *addr;
	int err;

	err = nla_parse_nested(tb, SVCNAT_A_FRONTEND_MAX, nla,
			       svcnat_policy_frontend, extack);
	if (err)
		return err;

	if (!tb[SVCNAT_A_FRONTEND_KIND])
		return svcnat_parse_missing(extack, "the frontend's kind");

	memset(&fe->key, 0, sizeof(fe->key));
	fe->kind = nla_get_u8(tb[SVCNAT_A_FRONTEND_KIND]);
	fe->key.family = service->family;
	fe->key.proto = service->proto;
	addr = tb[SVCNAT_A_FRONTEND_ADDR];
	if (fe->kind != SVCNAT_KIND_NODEPORT) {
		err = svcnat_parse_unicast(addr, "the frontend's address",
					   service->family, &fe->key.addr, extack);
		if (err)
			return err;
	} else if (addr) {
		NL_SET_ERR_MSG_ATTR(extack, addr, "a nodeport has no address");
		return -EINVAL;
	}
	return svcnat_parse_port(tb[SVCNAT_A_FRONTEND_PORT], "the frontend's port",
				 &fe->key.port, extack);
}

static int svcnat_parse_endpoint(const struct nlattr *nla, u8 family,
				 struct svcnat_endpoint *ep,
				 struct netlink_ext_ack *extack)
{
	struct nlattr *tb[SVCNAT_A_ENDPOINT_MAX + 1];
	int err;

	err = nla_parse_nested(tb, SVCNAT_A_ENDPOINT_MAX, nla,
			       svcnat_policy_endpoint, extack);
	if (err)
		return err;

	return svcnat_parse_unicast(tb[SVCNAT_A_ENDPOINT_ADDR],
				    "the endpoint's address", family,
				    &ep->addr, extack) ?:
	       svcnat_parse_port(tb[SVCNAT_A_ENDPOINT_PORT],
				 "the endpoint's port", &ep->port, extack);
}

/* The next attribute of a type, behind prev (NULL: the first). NULL: no more. */
static const struct nlattr *svcnat_parse_next(const struct genl_info *info, int type,
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

/* How many of a type there are, -E2BIG past max. */
static int svcnat_parse_count(const struct genl_info *info, int type, u32 max,
			      const char *what)
{
	const struct nlattr *nla = NULL;
	u32 n = 0;

	while ((nla = svcnat_parse_next(info, type, nla))) {
		if (++n > max) {
			svcnat_extack(info->extack, nla,
				      "a service has at most %u %s", max, what);
			return -E2BIG;
		}
	}
	return n;
}

static int svcnat_parse_frontends(const struct genl_info *info,
				  struct svcnat_spec *spec)
{
	const struct nlattr *nla = NULL;
	int n, err;

	n = svcnat_parse_count(info, SVCNAT_A_SERVICE_FRONTEND,
			       SVCNAT_FRONTENDS_MAX, "frontends");
	if (n < 0)
		return n;

	spec->frontends = kvcalloc(n, sizeof(*spec->frontends), GFP_KERNEL_ACCOUNT);
	if (!spec->frontends)
		return -ENOMEM;

	while ((nla = svcnat_parse_next(info, SVCNAT_A_SERVICE_FRONTEND, nla))) {
		err = svcnat_parse_frontend(nla, &spec->key,
					    &spec->frontends[spec->nfrontends++],
					    info->extack);
		if (err)
			return err;
	}
	return 0;
}

static int svcnat_parse_endpoints(const struct genl_info *info,
				  struct svcnat_spec *spec)
{
	const struct svcnat_endpoint *twice;
	const struct nlattr *nla = NULL;
	int n, err;
	u32 i = 0;

	n = svcnat_parse_count(info, SVCNAT_A_SERVICE_ENDPOINT,
			       SVCNAT_ENDPOINTS_MAX, "endpoints");
	if (n < 0)
		return n;

	spec->endpoints = svcnat_endpoints_alloc(n);
	if (!spec->endpoints)
		return -ENOMEM;

	while ((nla = svcnat_parse_next(info, SVCNAT_A_SERVICE_ENDPOINT, nla))) {
		err = svcnat_parse_endpoint(nla, spec->key.family,
					    &spec->endpoints->v[i++],
					    info->extack);
		if (err)
			return err;
	}

	twice = svcnat_endpoints_sort(spec->endpoints);
	if (!twice)
		return 0;

	if (spec->key.family == NFPROTO_IPV4)
		svcnat_extack(info->extack, NULL, "the endpoint %pI4:%u stands twice",
			      &twice->addr.ip, ntohs(twice->port));
	else
		svcnat_extack(info->extack, NULL, "the endpoint [%pI6c]:%u stands twice",
			      &twice->addr.in6, ntohs(twice->port));
	return -EEXIST;
}

#define SVCNAT_SET_FLAGS	(NLM_F_REQUEST | NLM_F_ACK | NLM_F_ECHO |	\
				 NLM_F_CREATE | NLM_F_EXCL | NLM_F_REPLACE)

/*
 * The command's mode. The core looks at the flags of all the other commands,
 * and of this one it would refuse CREATE.
 */
static int svcnat_parse_mode(const struct genl_info *info, struct svcnat_spec *spec)
{
	u16 flags = info->nlhdr->nlmsg_flags;

	if (flags & ~SVCNAT_SET_FLAGS || info->genlhdr->reserved) {
		NL_SET_ERR_MSG(info->extack, "unknown bits in the message's header");
		return -EINVAL;
	}

	spec->create = flags & NLM_F_CREATE;
	spec->replace = flags & NLM_F_REPLACE;
	if (!spec->create && !spec->replace) {
		NL_SET_ERR_MSG(info->extack,
			       "neither NLM_F_CREATE nor NLM_F_REPLACE is set");
		return -EINVAL;
	}
	return 0;
}

int svcnat_parse_spec(const struct genl_info *info, struct svcnat_spec *spec)
{
	struct nlattr **attrs = info->attrs;
	int err;

	memset(spec, 0, sizeof(*spec));
	err = svcnat_parse_mode(info, spec) ?:
	      svcnat_parse_service_key(attrs, &spec->key, info->extack) ?:
	      svcnat_parse_text(attrs[SVCNAT_A_SERVICE_OWNER], "the owner",
				&spec->owner, info->extack);
	if (err)
		return err;

	if (attrs[SVCNAT_A_SERVICE_FLAGS])
		spec->flags = nla_get_u32(attrs[SVCNAT_A_SERVICE_FLAGS]);
	if (attrs[SVCNAT_A_SERVICE_SYNC])
		spec->sync = nla_get_u32(attrs[SVCNAT_A_SERVICE_SYNC]);

	err = svcnat_parse_frontends(info, spec) ?:
	      svcnat_parse_endpoints(info, spec);
	if (err)
		svcnat_parse_spec_free(spec);
	return err;
}

void svcnat_parse_spec_free(struct svcnat_spec *spec)
{
	kvfree(spec->frontends);
	if (spec->endpoints)
		svcnat_endpoints_free(spec->endpoints);
}

/* An owner in SVCNAT_A_SYNC_OWNER. */
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

int svcnat_parse_resolve(const struct genl_info *info, struct svcnat_flow *flow)
{
	struct netlink_ext_ack *extack = info->extack;
	struct nlattr **attrs = info->attrs;

	memset(flow, 0, sizeof(*flow));
	if (attrs[SVCNAT_A_RESOLVE_SRC_PORT])
		flow->sport = nla_get_be16(attrs[SVCNAT_A_RESOLVE_SRC_PORT]);

	return svcnat_parse_family(attrs[SVCNAT_A_RESOLVE_FAMILY], &flow->family,
				   extack) ?:
	       svcnat_parse_proto(attrs[SVCNAT_A_RESOLVE_PROTO], &flow->proto,
				  extack) ?:
	       svcnat_parse_addr(attrs[SVCNAT_A_RESOLVE_SRC], "the source",
				 flow->family, &flow->saddr, extack) ?:
	       svcnat_parse_addr(attrs[SVCNAT_A_RESOLVE_DST], "the destination",
				 flow->family, &flow->daddr, extack) ?:
	       svcnat_parse_port(attrs[SVCNAT_A_RESOLVE_DST_PORT],
				 "the destination port", &flow->dport, extack);
}

static int svcnat_parse_cidr(const struct nlattr *nla, struct svcnat_cidr *cidr,
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

	err = svcnat_cidr_init(cidr, family, &addr,
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

/* The pod CIDRs of the message into a copy of old. */
static struct svcnat_settings *
svcnat_parse_cidrs(const struct nlattr *list, const struct svcnat_settings *old,
		   struct netlink_ext_ack *extack)
{
	struct svcnat_settings *set;
	const struct nlattr *nla;
	int rem, err;
	u32 n = 0;

	nla_for_each_nested(nla, list, rem)
		n++;
	if (n > SVCNAT_CIDRS_MAX) {
		svcnat_extack(extack, list, "a list has at most %u CIDRs",
			      SVCNAT_CIDRS_MAX);
		return ERR_PTR(-E2BIG);
	}

	set = svcnat_settings_copy(old, n);
	if (!set)
		return ERR_PTR(-ENOMEM);

	n = 0;
	nla_for_each_nested(nla, list, rem) {
		struct svcnat_cidr *cidr = &set->pod_cidrs[n++];

		err = svcnat_parse_cidr(nla, cidr, extack);
		if (err) {
			kfree(set);
			return ERR_PTR(err);
		}
		set->pods_known[cidr->family == NFPROTO_IPV6] = true;
	}
	return set;
}

static void svcnat_parse_limit(const struct nlattr *nla, u32 *limit)
{
	if (nla)
		*limit = nla_get_u32(nla);
}

struct svcnat_settings *svcnat_parse_settings(const struct genl_info *info,
					      const struct svcnat_settings *old)
{
	const struct nlattr *cidrs = info->attrs[SVCNAT_A_SETTINGS_POD_CIDRS];
	struct svcnat_settings *set;

	if (cidrs) {
		set = svcnat_parse_cidrs(cidrs, old, info->extack);
		if (IS_ERR(set))
			return set;
	} else {
		set = svcnat_settings_copy(old, old->npod_cidrs);
		if (!set)
			return ERR_PTR(-ENOMEM);
		memcpy(set->pods_known, old->pods_known, sizeof(set->pods_known));
		memcpy(set->pod_cidrs, old->pod_cidrs,
		       array_size(old->npod_cidrs, sizeof(old->pod_cidrs[0])));
	}

	svcnat_parse_limit(info->attrs[SVCNAT_A_SETTINGS_MAX_SERVICES],
			   &set->max_services);
	svcnat_parse_limit(info->attrs[SVCNAT_A_SETTINGS_MAX_FRONTENDS],
			   &set->max_frontends);
	svcnat_parse_limit(info->attrs[SVCNAT_A_SETTINGS_MAX_ENDPOINTS],
			   &set->max_endpoints);
	return set;
}
