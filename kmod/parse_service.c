// SPDX-License-Identifier: GPL-2.0
/* SERVICE_SET, ENDPOINT_SET and ENDPOINT_DEL to struct svcnat_spec. */
#include <linux/slab.h>

#include "cidr.h"
#include "endpoints.h"
#include "extack.h"
#include "parse.h"
#include "policy.h"
#include "select.h"
#include "service.h"

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

static int svcnat_parse_endpoint(const struct nlattr *nla,
				 const struct svcnat_service_key *service,
				 struct svcnat_spec_endpoint *ep, bool del,
				 struct netlink_ext_ack *extack)
{
	struct nlattr *tb[SVCNAT_A_ENDPOINT_MAX + 1];
	const struct nlattr *extra;
	int err;

	err = nla_parse_nested(tb, SVCNAT_A_ENDPOINT_MAX, nla,
			       svcnat_policy_endpoint, extack);
	if (err)
		return err;

	extra = tb[SVCNAT_A_ENDPOINT_LISTS] ?: tb[SVCNAT_A_ENDPOINT_WEIGHT];
	if (del && extra) {
		NL_SET_ERR_MSG_ATTR(extack, extra,
				    "an endpoint to be deleted has an address and a port only");
		return -EINVAL;
	}

	memset(&ep->key, 0, sizeof(ep->key));
	ep->key.family = service->family;
	ep->key.proto = service->proto;
	ep->lists = tb[SVCNAT_A_ENDPOINT_LISTS] ?
		    nla_get_u8(tb[SVCNAT_A_ENDPOINT_LISTS]) : SVCNAT_LIST_CLUSTER;
	ep->weight = tb[SVCNAT_A_ENDPOINT_WEIGHT] ?
		     nla_get_u16(tb[SVCNAT_A_ENDPOINT_WEIGHT]) : 1;
	return svcnat_parse_unicast(tb[SVCNAT_A_ENDPOINT_ADDR],
				    "the endpoint's address", service->family,
				    &ep->key.addr, extack) ?:
	       svcnat_parse_port(tb[SVCNAT_A_ENDPOINT_PORT],
				 "the endpoint's port", &ep->key.port, extack);
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

static void svcnat_parse_twice(const struct svcnat_key *key, struct netlink_ext_ack *extack)
{
	if (key->family == NFPROTO_IPV4)
		svcnat_extack(extack, NULL, "the endpoint %pI4:%u stands twice",
			      &key->addr.ip, ntohs(key->port));
	else
		svcnat_extack(extack, NULL, "the endpoint [%pI6c]:%u stands twice",
			      &key->addr.in6, ntohs(key->port));
}

static int svcnat_parse_endpoints(const struct genl_info *info,
				  struct svcnat_spec *spec, bool del)
{
	const struct svcnat_spec_endpoint *twice;
	const struct nlattr *nla = NULL;
	int n, err;

	n = svcnat_parse_count(info, SVCNAT_A_SERVICE_ENDPOINT,
			       SVCNAT_ENDPOINTS_MAX, "endpoints");
	if (n < 0)
		return n;

	spec->endpoints = kvcalloc(n, sizeof(*spec->endpoints), GFP_KERNEL_ACCOUNT);
	if (!spec->endpoints)
		return -ENOMEM;

	while ((nla = svcnat_parse_next(info, SVCNAT_A_SERVICE_ENDPOINT, nla))) {
		err = svcnat_parse_endpoint(nla, &spec->key,
					    &spec->endpoints[spec->nendpoints++],
					    del, info->extack);
		if (err)
			return err;
	}

	twice = svcnat_endpoints_sort(spec->endpoints, spec->nendpoints);
	if (!twice)
		return 0;
	svcnat_parse_twice(&twice->key, info->extack);
	return -EEXIST;
}

static int svcnat_parse_ranges(const struct genl_info *info, struct svcnat_spec *spec)
{
	const struct nlattr *nla = NULL;
	int n, err;
	u32 i = 0;

	n = svcnat_parse_count(info, SVCNAT_A_SERVICE_RANGE, SVCNAT_RANGES_MAX,
			       "source ranges");
	if (n <= 0)
		return n;

	spec->ranges = svcnat_cidrs_alloc(n);
	if (!spec->ranges)
		return -ENOMEM;

	while ((nla = svcnat_parse_next(info, SVCNAT_A_SERVICE_RANGE, nla))) {
		err = svcnat_parse_cidr(nla, spec->ranges, i++, info->extack);
		if (err)
			return err;
		if (svcnat_cidrs_know(spec->ranges,
				      spec->key.family == NFPROTO_IPV4 ?
				      NFPROTO_IPV6 : NFPROTO_IPV4)) {
			NL_SET_ERR_MSG_ATTR(info->extack, nla,
					    "the source range is not of the service's family");
			return -EINVAL;
		}
	}
	if (svcnat_cidrs_sort(spec->ranges)) {
		NL_SET_ERR_MSG(info->extack, "a source range stands twice");
		return -EEXIST;
	}
	return 0;
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

/* Racing first packets of one UDP socket must agree, or conntrack loses one of them. */
static int svcnat_parse_scheduler(struct nlattr **attrs, struct svcnat_spec *spec,
				  struct netlink_ext_ack *extack)
{
	const struct nlattr *nla = attrs[SVCNAT_A_SERVICE_SCHEDULER];

	if (!nla)
		return 0;

	spec->scheduler = nla_get_u8(nla);
	if (spec->key.proto != IPPROTO_UDP ||
	    svcnat_scheduler_deterministic(spec->scheduler))
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, nla,
			    "with this scheduler two first packets of one UDP socket may get two endpoints, and one be lost: use hash, source or maglev");
	return -EINVAL;
}

static int svcnat_parse_options(struct nlattr **attrs, struct svcnat_spec *spec,
				struct netlink_ext_ack *extack)
{
	if (attrs[SVCNAT_A_SERVICE_FLAGS])
		spec->flags = nla_get_u32(attrs[SVCNAT_A_SERVICE_FLAGS]);
	if (attrs[SVCNAT_A_SERVICE_AFFINITY])
		spec->affinity = nla_get_u32(attrs[SVCNAT_A_SERVICE_AFFINITY]);
	if (attrs[SVCNAT_A_SERVICE_SYNC])
		spec->sync = nla_get_u32(attrs[SVCNAT_A_SERVICE_SYNC]);
	spec->defer = attrs[SVCNAT_A_SERVICE_DEFER];
	return svcnat_parse_scheduler(attrs, spec, extack);
}

int svcnat_parse_spec(const struct genl_info *info, struct svcnat_spec *spec)
{
	struct nlattr **attrs = info->attrs;
	int err;

	memset(spec, 0, sizeof(*spec));
	err = svcnat_parse_mode(info, spec) ?:
	      svcnat_parse_service_key(attrs, &spec->key, info->extack) ?:
	      svcnat_parse_text(attrs[SVCNAT_A_SERVICE_OWNER], "the owner",
				&spec->owner, info->extack) ?:
	      svcnat_parse_options(attrs, spec, info->extack);
	if (err)
		return err;

	err = svcnat_parse_frontends(info, spec) ?:
	      svcnat_parse_ranges(info, spec) ?:
	      svcnat_parse_endpoints(info, spec, false);
	if (err)
		svcnat_parse_spec_free(spec);
	return err;
}

int svcnat_parse_change(const struct genl_info *info, struct svcnat_spec *spec, bool del)
{
	struct nlattr **attrs = info->attrs;
	int err;

	memset(spec, 0, sizeof(*spec));
	err = svcnat_parse_service_key(attrs, &spec->key, info->extack);
	if (!err && attrs[SVCNAT_A_SERVICE_OWNER])
		err = svcnat_parse_text(attrs[SVCNAT_A_SERVICE_OWNER], "the owner",
					&spec->owner, info->extack);
	if (err)
		return err;

	spec->defer = attrs[SVCNAT_A_SERVICE_DEFER];
	err = svcnat_parse_endpoints(info, spec, del);
	if (!err && !spec->nendpoints)
		err = svcnat_parse_missing(info->extack, "the endpoint");
	if (err)
		svcnat_parse_spec_free(spec);
	return err;
}

void svcnat_parse_spec_free(struct svcnat_spec *spec)
{
	kvfree(spec->frontends);
	kvfree(spec->ranges);
	kvfree(spec->endpoints);
}
