// SPDX-License-Identifier: GPL-2.0
#include "err.h"
#include "netlink_attr.h"
#include "netlink_parse.h"

#include <errno.h>
#include <netlink/attr.h>

static int resolve_family(void *into, const struct nlattr *a)
{
	struct kresolve *r = into;

	return netlink_get_family(a, &r->family);
}

static int resolve_u8(void *into, const struct nlattr *a)
{
	struct kresolve *r = into;
	uint8_t *const fields[] = {
		[SVCNAT_A_RESOLVE_PROTO] = &r->proto,
		[SVCNAT_A_RESOLVE_LIST] = &r->list,
	};

	return netlink_get_u8(a, fields[nla_type(a)]);
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
		[SVCNAT_A_RESOLVE_SCHEDULER] = { SVCNAT_SCHEDULER_MAX, &r->scheduler },
		[SVCNAT_A_RESOLVE_MASQUERADE] = { SVCNAT_MASQUERADE_MAX, &r->masquerade },
	};
	int type = nla_type(a);

	return netlink_get_enum(a, fields[type].max, fields[type].out);
}

static int resolve_armed(void *into, const struct nlattr *a)
{
	struct kresolve *r = into;

	return netlink_get_bool(a, &r->armed);
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

static int resolve_number(void *into, const struct nlattr *a)
{
	struct kresolve *r = into;
	uint32_t *const fields[] = {
		[SVCNAT_A_RESOLVE_IFINDEX] = &r->ifindex,
		[SVCNAT_A_RESOLVE_FLAGS] = &r->flags,
		[SVCNAT_A_RESOLVE_RANGES] = &r->ranges,
		[SVCNAT_A_RESOLVE_CLUSTER] = &r->cluster,
		[SVCNAT_A_RESOLVE_LOCAL] = &r->local,
		[SVCNAT_A_RESOLVE_AFFINITY] = &r->affinity,
		[SVCNAT_A_RESOLVE_AFFINITY_AGE] = &r->affinity_age,
		[SVCNAT_A_RESOLVE_HASH] = &r->hash,
	};

	return netlink_get_u32(a, fields[nla_type(a)]);
}

static netlink_handler *const resolve_handlers[SVCNAT_A_RESOLVE_MAX + 1] = {
	[SVCNAT_A_RESOLVE_FAMILY] = resolve_family,
	[SVCNAT_A_RESOLVE_PROTO] = resolve_u8,
	[SVCNAT_A_RESOLVE_SRC] = resolve_addr,
	[SVCNAT_A_RESOLVE_SRC_PORT] = resolve_port,
	[SVCNAT_A_RESOLVE_DST] = resolve_addr,
	[SVCNAT_A_RESOLVE_DST_PORT] = resolve_port,
	[SVCNAT_A_RESOLVE_IFINDEX] = resolve_number,
	[SVCNAT_A_RESOLVE_ORIGIN] = resolve_enum,
	[SVCNAT_A_RESOLVE_ARMED] = resolve_armed,
	[SVCNAT_A_RESOLVE_VERDICT] = resolve_enum,
	[SVCNAT_A_RESOLVE_REASON] = resolve_enum,
	[SVCNAT_A_RESOLVE_SERVICE] = resolve_service,
	[SVCNAT_A_RESOLVE_OWNER] = resolve_owner,
	[SVCNAT_A_RESOLVE_KIND] = resolve_enum,
	[SVCNAT_A_RESOLVE_FLAGS] = resolve_number,
	[SVCNAT_A_RESOLVE_RANGES] = resolve_number,
	[SVCNAT_A_RESOLVE_LIST] = resolve_u8,
	[SVCNAT_A_RESOLVE_CLUSTER] = resolve_number,
	[SVCNAT_A_RESOLVE_LOCAL] = resolve_number,
	[SVCNAT_A_RESOLVE_SCHEDULER] = resolve_enum,
	[SVCNAT_A_RESOLVE_AFFINITY] = resolve_number,
	[SVCNAT_A_RESOLVE_AFFINITY_AGE] = resolve_number,
	[SVCNAT_A_RESOLVE_HASH] = resolve_number,
	[SVCNAT_A_RESOLVE_ENDPOINT_ADDR] = resolve_addr,
	[SVCNAT_A_RESOLVE_ENDPOINT_PORT] = resolve_port,
	[SVCNAT_A_RESOLVE_MASQUERADE] = resolve_enum,
};

#define RESOLVE_ANSWER		(NETLINK_BIT(SVCNAT_A_RESOLVE_ORIGIN) |		\
				 NETLINK_BIT(SVCNAT_A_RESOLVE_ARMED) |		\
				 NETLINK_BIT(SVCNAT_A_RESOLVE_VERDICT) |	\
				 NETLINK_BIT(SVCNAT_A_RESOLVE_REASON))

#define RESOLVE_SERVICE		(NETLINK_BIT(SVCNAT_A_RESOLVE_SERVICE) |	\
				 NETLINK_BIT(SVCNAT_A_RESOLVE_OWNER) |		\
				 NETLINK_BIT(SVCNAT_A_RESOLVE_KIND) |		\
				 NETLINK_BIT(SVCNAT_A_RESOLVE_FLAGS) |		\
				 NETLINK_BIT(SVCNAT_A_RESOLVE_RANGES) |		\
				 NETLINK_BIT(SVCNAT_A_RESOLVE_LIST) |		\
				 NETLINK_BIT(SVCNAT_A_RESOLVE_CLUSTER) |	\
				 NETLINK_BIT(SVCNAT_A_RESOLVE_LOCAL) |		\
				 NETLINK_BIT(SVCNAT_A_RESOLVE_SCHEDULER) |	\
				 NETLINK_BIT(SVCNAT_A_RESOLVE_AFFINITY))

#define RESOLVE_ENDPOINT	(NETLINK_BIT(SVCNAT_A_RESOLVE_ENDPOINT_ADDR) |	\
				 NETLINK_BIT(SVCNAT_A_RESOLVE_ENDPOINT_PORT))

/* The attribute that is missing or wrong; 0: none. */
static int find_fault(const struct kresolve *r, unsigned int seen)
{
	const unsigned int of_service = RESOLVE_SERVICE |
					NETLINK_BIT(SVCNAT_A_RESOLVE_AFFINITY_AGE);
	int bad = netlink_missing(seen, RESOLVE_ANSWER);

	/* A service comes whole or not at all, and so does an endpoint. */
	if (!bad && (seen & of_service))
		bad = netlink_missing(seen, RESOLVE_SERVICE);
	if (!bad && (seen & RESOLVE_ENDPOINT))
		bad = netlink_missing(seen, RESOLVE_ENDPOINT);
	if (!bad && (seen & RESOLVE_SERVICE) && r->list != SVCNAT_LIST_CLUSTER &&
	    r->list != SVCNAT_LIST_LOCAL)
		bad = SVCNAT_A_RESOLVE_LIST;
	if (!bad && (seen & RESOLVE_ENDPOINT) && r->endpoint.addr.family != r->family)
		bad = SVCNAT_A_RESOLVE_ENDPOINT_ADDR;
	return bad;
}

int netlink_parse_resolve(const struct nlattr *attrs, int len, struct kresolve *out,
			  struct err *e)
{
	struct kresolve r = {
		.family = out->family, .proto = out->proto,
		.src = out->src, .dst = out->dst,
		.src_port = out->src_port, .dst_port = out->dst_port, .ifindex = out->ifindex,
	};
	unsigned int seen;
	int bad, err;

	err = netlink_walk(attrs, len, resolve_handlers, SVCNAT_A_RESOLVE_MAX, &r, &seen, &bad);
	if (!err) {
		bad = find_fault(&r, seen);
		err = bad ? -EPROTO : 0;
	}
	if (err)
		return netlink_malformed(e, err, "resolve", bad);
	r.has_service = seen & RESOLVE_SERVICE;
	r.has_affinity_age = seen & NETLINK_BIT(SVCNAT_A_RESOLVE_AFFINITY_AGE);
	r.has_hash = seen & NETLINK_BIT(SVCNAT_A_RESOLVE_HASH);
	r.has_endpoint = seen & RESOLVE_ENDPOINT;
	r.has_masquerade = seen & NETLINK_BIT(SVCNAT_A_RESOLVE_MASQUERADE);
	*out = r;
	return 0;
}
