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

/* A header, an IPv6 address, three numbers of 4 bytes at most: no nest in this family is larger. */
#define NEST_SIZE	(NLA_HDRLEN + (NLA_HDRLEN + 16) + 3 * (NLA_HDRLEN + 4))
#define FIXED_SIZE	(1024 + SVCNAT_NAME_MAX + SVCNAT_OWNER_MAX)

size_t netlink_fill_service_size(const struct kservice *s)
{
	return FIXED_SIZE + (s->nfrontends + s->nranges + s->nendpoints) * NEST_SIZE;
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

static int fill_cidr(struct nl_msg *msg, int type, const struct ip_cidr *c)
{
	struct nlattr *nest = nest_start(msg, type);

	if (!nest || nla_put_u8(msg, SVCNAT_A_CIDR_FAMILY, c->addr.family) ||
	    put_addr(msg, SVCNAT_A_CIDR_ADDR, &c->addr) ||
	    nla_put_u8(msg, SVCNAT_A_CIDR_PREFIX, c->prefix))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

/* Which of an endpoint's numbers stand in the message. */
enum endpoint_form {
	ENDPOINT_ADDRESS,	/* none */
	ENDPOINT_SHORT,		/* those that are not the default */
	ENDPOINT_FULL,		/* all */
};

static int fill_endpoint(struct nl_msg *msg, const struct kendpoint *p, enum endpoint_form form)
{
	const bool lists = form == ENDPOINT_FULL ||
			   (form == ENDPOINT_SHORT && p->lists != SVCNAT_LIST_CLUSTER);
	const bool weight = form == ENDPOINT_FULL || (form == ENDPOINT_SHORT && p->weight != 1);
	struct nlattr *nest = nest_start(msg, SVCNAT_A_SERVICE_ENDPOINT);

	if (!nest || put_addr(msg, SVCNAT_A_ENDPOINT_ADDR, &p->addr) ||
	    put_port(msg, SVCNAT_A_ENDPOINT_PORT, p->port) ||
	    (lists && nla_put_u8(msg, SVCNAT_A_ENDPOINT_LISTS, p->lists)) ||
	    (weight && nla_put_u16(msg, SVCNAT_A_ENDPOINT_WEIGHT, p->weight)))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

int netlink_fill_filter(struct nl_msg *msg, const struct kfilter *f)
{
	if ((f->name && nla_put_string(msg, SVCNAT_A_SERVICE_NAME, f->name)) ||
	    (f->family && nla_put_u8(msg, SVCNAT_A_SERVICE_FAMILY, f->family)) ||
	    (f->proto && nla_put_u8(msg, SVCNAT_A_SERVICE_PROTO, f->proto)) ||
	    (f->owner && nla_put_string(msg, SVCNAT_A_SERVICE_OWNER, f->owner)) ||
	    (f->stats && nla_put_flag(msg, SVCNAT_A_SERVICE_STATS)))
		return -EMSGSIZE;
	return 0;
}

int netlink_fill_defer(struct nl_msg *msg, unsigned int flags)
{
	return flags & KERNEL_DEFER && nla_put_flag(msg, SVCNAT_A_SERVICE_DEFER) ? -EMSGSIZE : 0;
}

/* The defaults of the uapi header are left out. */
static int fill_options(struct nl_msg *msg, const struct kservice *s)
{
	if ((s->flags && nla_put_u32(msg, SVCNAT_A_SERVICE_FLAGS, s->flags)) ||
	    (s->scheduler != SVCNAT_SCHEDULER_HASH &&
	     nla_put_u8(msg, SVCNAT_A_SERVICE_SCHEDULER, s->scheduler)) ||
	    (s->affinity && nla_put_u32(msg, SVCNAT_A_SERVICE_AFFINITY, s->affinity)))
		return -EMSGSIZE;
	return 0;
}

static int fill_all_endpoints(struct nl_msg *msg, const struct kservice *s,
			      enum endpoint_form form)
{
	size_t i;

	for (i = 0; i < s->nendpoints; i++)
		if (fill_endpoint(msg, &s->endpoints[i], form))
			return -EMSGSIZE;
	return 0;
}

int netlink_fill_service(struct nl_msg *msg, const struct kservice *s, uint32_t sync_token)
{
	const struct kfilter key = {
		.name = s->name, .family = s->family, .proto = s->proto, .owner = s->owner,
	};
	size_t i;

	if (netlink_fill_filter(msg, &key) || fill_options(msg, s) ||
	    (sync_token && nla_put_u32(msg, SVCNAT_A_SERVICE_SYNC, sync_token)))
		return -EMSGSIZE;
	for (i = 0; i < s->nfrontends; i++)
		if (fill_frontend(msg, &s->frontends[i]))
			return -EMSGSIZE;
	for (i = 0; i < s->nranges; i++)
		if (fill_cidr(msg, SVCNAT_A_SERVICE_RANGE, &s->ranges[i]))
			return -EMSGSIZE;
	return fill_all_endpoints(msg, s, ENDPOINT_SHORT);
}

int netlink_fill_endpoints(struct nl_msg *msg, const struct kservice *s, bool addresses)
{
	const struct kfilter key = {
		.name = s->name, .family = s->family, .proto = s->proto,
		.owner = s->owner[0] ? s->owner : NULL,
	};

	if (netlink_fill_filter(msg, &key))
		return -EMSGSIZE;
	/* Full: what an endpoint had before is never meant by what is left out. */
	return fill_all_endpoints(msg, s, addresses ? ENDPOINT_ADDRESS : ENDPOINT_FULL);
}

/* --- settings --- */

size_t netlink_fill_settings_size(const struct ksettings *s)
{
	return FIXED_SIZE + (s->pod_cidrs.n + s->service_cidrs.n + s->nodeport_cidrs.n +
			     s->external_cidrs.n) * NEST_SIZE;
}

static int fill_cidrs(struct nl_msg *msg, int type, const struct kcidrs *l)
{
	struct nlattr *nest = nest_start(msg, type);
	size_t i;

	if (!nest)
		return -EMSGSIZE;
	for (i = 0; i < l->n; i++)
		if (fill_cidr(msg, SVCNAT_A_CIDR, &l->v[i]))
			return -EMSGSIZE;
	/* An empty list means "clear it", so it has to stay in the message. */
	nla_nest_end_keep_empty(msg, nest);
	return 0;
}

static int fill_lists(struct nl_msg *msg, const struct ksettings *s, unsigned int what)
{
	if ((what & KSETTINGS_POD_CIDRS &&
	     fill_cidrs(msg, SVCNAT_A_SETTINGS_POD_CIDRS, &s->pod_cidrs)) ||
	    (what & KSETTINGS_SERVICE_CIDRS &&
	     fill_cidrs(msg, SVCNAT_A_SETTINGS_SERVICE_CIDRS, &s->service_cidrs)) ||
	    (what & KSETTINGS_NODEPORT_CIDRS &&
	     fill_cidrs(msg, SVCNAT_A_SETTINGS_NODEPORT_CIDRS, &s->nodeport_cidrs)) ||
	    (what & KSETTINGS_EXTERNAL_CIDRS &&
	     fill_cidrs(msg, SVCNAT_A_SETTINGS_EXTERNAL_CIDRS, &s->external_cidrs)))
		return -EMSGSIZE;
	return 0;
}

static int fill_switches(struct nl_msg *msg, const struct ksettings *s, unsigned int what)
{
	if ((what & KSETTINGS_LOOPBACK_NODEPORTS &&
	     nla_put_u8(msg, SVCNAT_A_SETTINGS_LOOPBACK_NODEPORTS, s->loopback_nodeports)) ||
	    (what & KSETTINGS_MASQUERADE_ALL &&
	     nla_put_u8(msg, SVCNAT_A_SETTINGS_MASQUERADE_ALL, s->masquerade_all)) ||
	    (what & KSETTINGS_ECHO && nla_put_u8(msg, SVCNAT_A_SETTINGS_ECHO, s->echo)) ||
	    (what & KSETTINGS_ARMED && nla_put_u8(msg, SVCNAT_A_SETTINGS_ARMED, s->armed)))
		return -EMSGSIZE;
	return 0;
}

static int fill_limits(struct nl_msg *msg, const struct ksettings *s)
{
	int i;

	for (i = 0; i < KLIMIT_N; i++)
		if (s->max[i] && nla_put_u32(msg, SVCNAT_A_SETTINGS_MAX_SERVICES + i, s->max[i]))
			return -EMSGSIZE;
	return 0;
}

int netlink_fill_settings(struct nl_msg *msg, const struct ksettings *s, unsigned int what)
{
	if (fill_lists(msg, s, what) || fill_switches(msg, s, what) ||
	    (what & KSETTINGS_LIMITS && fill_limits(msg, s)))
		return -EMSGSIZE;
	return 0;
}

/* --- the others --- */

int netlink_fill_sync(struct nl_msg *msg, const char *owner, uint32_t token)
{
	if ((owner && nla_put_string(msg, SVCNAT_A_SYNC_OWNER, owner)) ||
	    (token && nla_put_u32(msg, SVCNAT_A_SYNC_TOKEN, token)))
		return -EMSGSIZE;
	return 0;
}

int netlink_fill_affinity(struct nl_msg *msg, const struct kaffinity_filter *f)
{
	if ((f->name && nla_put_string(msg, SVCNAT_A_AFFINITY_NAME, f->name)) ||
	    (f->family && nla_put_u8(msg, SVCNAT_A_AFFINITY_FAMILY, f->family)) ||
	    (f->proto && nla_put_u8(msg, SVCNAT_A_AFFINITY_PROTO, f->proto)) ||
	    (f->client && put_addr(msg, SVCNAT_A_AFFINITY_CLIENT, f->client)))
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
	    (r->dst_port && put_port(msg, SVCNAT_A_RESOLVE_DST_PORT, r->dst_port)) ||
	    (r->ifindex && nla_put_u32(msg, SVCNAT_A_RESOLVE_IFINDEX, r->ifindex)))
		return -EMSGSIZE;
	return 0;
}
