// SPDX-License-Identifier: GPL-2.0
#include "netlink_fill.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

/* The kernel's strict validation wants the flag on each nest; older libnl does not set it. */
static struct nlattr *nest_start(struct nl_msg *msg, int type)
{
	return nla_nest_start(msg, NLA_F_NESTED | type);
}

static int put_addr(struct nl_msg *msg, int type, const struct ip_addr *a)
{
	return nla_put(msg, type, (int)ip_addr_len(a), &a->v6);
}

static int put_port(struct nl_msg *msg, int type, uint16_t port)
{
	return nla_put_u16(msg, type, htons(port));
}

/* A header, an IPv6 address, a port, a kind, a prefix: no nest in this family is larger. */
#define NEST_SIZE	(NLA_HDRLEN + (NLA_HDRLEN + 16) + 3 * (NLA_HDRLEN + 4))
#define FIXED_SIZE	(1024 + SVCNAT_NAME_MAX + SVCNAT_OWNER_MAX)

size_t netlink_fill_service_size(const struct kservice *s)
{
	return FIXED_SIZE + (s->nfrontends + s->nendpoints) * NEST_SIZE;
}

static int fill_frontend(struct nl_msg *msg, const struct kfrontend *f)
{
	struct nlattr *nest = nest_start(msg, SVCNAT_A_SERVICE_FRONTEND);

	if (!nest || nla_put_u8(msg, SVCNAT_A_FRONTEND_KIND, f->kind) ||
	    (f->kind != SVCNAT_KIND_NODEPORT && put_addr(msg, SVCNAT_A_FRONTEND_ADDR, &f->addr)) ||
	    put_port(msg, SVCNAT_A_FRONTEND_PORT, f->port))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int fill_endpoint(struct nl_msg *msg, const struct kendpoint *p)
{
	struct nlattr *nest = nest_start(msg, SVCNAT_A_SERVICE_ENDPOINT);

	if (!nest || put_addr(msg, SVCNAT_A_ENDPOINT_ADDR, &p->addr) ||
	    put_port(msg, SVCNAT_A_ENDPOINT_PORT, p->port))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

int netlink_fill_filter(struct nl_msg *msg, const struct kfilter *f)
{
	if ((f->name && nla_put_string(msg, SVCNAT_A_SERVICE_NAME, f->name)) ||
	    (f->family && nla_put_u8(msg, SVCNAT_A_SERVICE_FAMILY, f->family)) ||
	    (f->proto && nla_put_u8(msg, SVCNAT_A_SERVICE_PROTO, f->proto)) ||
	    (f->owner && nla_put_string(msg, SVCNAT_A_SERVICE_OWNER, f->owner)))
		return -EMSGSIZE;
	return 0;
}

int netlink_fill_service(struct nl_msg *msg, const struct kservice *s, uint32_t sync_token)
{
	struct kfilter key = {
		.name = s->name, .family = s->family, .proto = s->proto, .owner = s->owner,
	};
	size_t i;

	if (netlink_fill_filter(msg, &key) ||
	    (s->flags && nla_put_u32(msg, SVCNAT_A_SERVICE_FLAGS, s->flags)) ||
	    (sync_token && nla_put_u32(msg, SVCNAT_A_SERVICE_SYNC, sync_token)))
		return -EMSGSIZE;
	for (i = 0; i < s->nfrontends; i++)
		if (fill_frontend(msg, &s->frontends[i]))
			return -EMSGSIZE;
	for (i = 0; i < s->nendpoints; i++)
		if (fill_endpoint(msg, &s->endpoints[i]))
			return -EMSGSIZE;
	return 0;
}

size_t netlink_fill_settings_size(const struct ksettings *s)
{
	return FIXED_SIZE + s->npod_cidrs * NEST_SIZE;
}

static int fill_cidr(struct nl_msg *msg, const struct ip_cidr *c)
{
	struct nlattr *nest = nest_start(msg, SVCNAT_A_CIDR);

	if (!nest || nla_put_u8(msg, SVCNAT_A_CIDR_FAMILY, c->addr.family) ||
	    put_addr(msg, SVCNAT_A_CIDR_ADDR, &c->addr) ||
	    nla_put_u8(msg, SVCNAT_A_CIDR_PREFIX, c->prefix))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int fill_cidrs(struct nl_msg *msg, const struct ksettings *s)
{
	struct nlattr *nest = nest_start(msg, SVCNAT_A_SETTINGS_POD_CIDRS);
	size_t i;

	if (!nest)
		return -EMSGSIZE;
	for (i = 0; i < s->npod_cidrs; i++)
		if (fill_cidr(msg, &s->pod_cidrs[i]))
			return -EMSGSIZE;
	/* An empty list means "clear it", so it has to stay in the message. */
	nla_nest_end_keep_empty(msg, nest);
	return 0;
}

int netlink_fill_settings(struct nl_msg *msg, const struct ksettings *s, bool set_cidrs)
{
	if ((s->max_services &&
	     nla_put_u32(msg, SVCNAT_A_SETTINGS_MAX_SERVICES, s->max_services)) ||
	    (s->max_frontends &&
	     nla_put_u32(msg, SVCNAT_A_SETTINGS_MAX_FRONTENDS, s->max_frontends)) ||
	    (s->max_endpoints &&
	     nla_put_u32(msg, SVCNAT_A_SETTINGS_MAX_ENDPOINTS, s->max_endpoints)))
		return -EMSGSIZE;
	return set_cidrs ? fill_cidrs(msg, s) : 0;
}

int netlink_fill_sync(struct nl_msg *msg, const char *owner, uint32_t token)
{
	if ((owner && nla_put_string(msg, SVCNAT_A_SYNC_OWNER, owner)) ||
	    (token && nla_put_u32(msg, SVCNAT_A_SYNC_TOKEN, token)))
		return -EMSGSIZE;
	return 0;
}

int netlink_fill_resolve(struct nl_msg *msg, const struct kresolve *r)
{
	if (nla_put_u8(msg, SVCNAT_A_RESOLVE_FAMILY, r->family) ||
	    nla_put_u8(msg, SVCNAT_A_RESOLVE_PROTO, r->proto) ||
	    put_addr(msg, SVCNAT_A_RESOLVE_SRC, &r->src) ||
	    (r->src_port && put_port(msg, SVCNAT_A_RESOLVE_SRC_PORT, r->src_port)) ||
	    put_addr(msg, SVCNAT_A_RESOLVE_DST, &r->dst) ||
	    put_port(msg, SVCNAT_A_RESOLVE_DST_PORT, r->dst_port))
		return -EMSGSIZE;
	return 0;
}
