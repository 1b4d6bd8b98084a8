// SPDX-License-Identifier: GPL-2.0
#include "err.h"
#include "netlink_attr.h"
#include "netlink_parse.h"

#include <errno.h>
#include <netlink/attr.h>

static int affinity_name(void *into, const struct nlattr *a)
{
	struct kaffinity *f = into;

	return netlink_get_string(a, f->name, sizeof(f->name));
}

static int affinity_family(void *into, const struct nlattr *a)
{
	struct kaffinity *f = into;

	return netlink_get_family(a, &f->family);
}

static int affinity_proto(void *into, const struct nlattr *a)
{
	struct kaffinity *f = into;

	return netlink_get_proto(a, &f->proto);
}

static int affinity_client(void *into, const struct nlattr *a)
{
	struct kaffinity *f = into;

	return netlink_get_addr(a, &f->client);
}

static int affinity_endpoint(void *into, const struct nlattr *a)
{
	struct kaffinity *f = into;

	return netlink_get_addr(a, &f->endpoint);
}

static int affinity_port(void *into, const struct nlattr *a)
{
	struct kaffinity *f = into;

	return netlink_get_port(a, &f->port);
}

static int affinity_age(void *into, const struct nlattr *a)
{
	struct kaffinity *f = into;

	return netlink_get_u32(a, &f->age);
}

static int affinity_timeout(void *into, const struct nlattr *a)
{
	struct kaffinity *f = into;

	return netlink_get_u32(a, &f->timeout);
}

static netlink_handler *const affinity_handlers[SVCNAT_A_AFFINITY_MAX + 1] = {
	[SVCNAT_A_AFFINITY_NAME] = affinity_name,
	[SVCNAT_A_AFFINITY_FAMILY] = affinity_family,
	[SVCNAT_A_AFFINITY_PROTO] = affinity_proto,
	[SVCNAT_A_AFFINITY_CLIENT] = affinity_client,
	[SVCNAT_A_AFFINITY_ENDPOINT_ADDR] = affinity_endpoint,
	[SVCNAT_A_AFFINITY_ENDPOINT_PORT] = affinity_port,
	[SVCNAT_A_AFFINITY_AGE] = affinity_age,
	[SVCNAT_A_AFFINITY_TIMEOUT] = affinity_timeout,
};

/* What each attribute by itself cannot show to be wrong: the type at fault, or 0. */
static int contradiction(const struct kaffinity *f)
{
	if (f->client.family != f->family)
		return SVCNAT_A_AFFINITY_CLIENT;
	if (f->endpoint.family != f->family)
		return SVCNAT_A_AFFINITY_ENDPOINT_ADDR;
	return f->port ? 0 : SVCNAT_A_AFFINITY_ENDPOINT_PORT;
}

int netlink_parse_affinity(const struct nlattr *attrs, int len, struct kaffinity *out,
			   struct err *e)
{
	struct kaffinity f = { 0 };
	unsigned int seen;
	int bad, err;

	err = netlink_walk(attrs, len, affinity_handlers, SVCNAT_A_AFFINITY_MAX, &f, &seen, &bad);
	if (!err) {
		bad = netlink_missing(seen, netlink_handled(affinity_handlers,
							    SVCNAT_A_AFFINITY_MAX));
		if (!bad)
			bad = contradiction(&f);
		err = bad ? -EPROTO : 0;
	}
	if (err)
		return netlink_malformed(e, err, "affinity", bad);
	*out = f;
	return 0;
}
