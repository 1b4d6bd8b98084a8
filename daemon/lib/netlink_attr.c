// SPDX-License-Identifier: GPL-2.0
#include "netlink_attr.h"

#include "err.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netlink/attr.h>
#include <string.h>

int netlink_get_u8(const struct nlattr *a, uint8_t *out)
{
	if (nla_len(a) != sizeof(*out))
		return -EPROTO;
	*out = nla_get_u8(a);
	return 0;
}

int netlink_get_u16(const struct nlattr *a, uint16_t *out)
{
	if (nla_len(a) != sizeof(*out))
		return -EPROTO;
	*out = nla_get_u16(a);
	return 0;
}

int netlink_get_u32(const struct nlattr *a, uint32_t *out)
{
	if (nla_len(a) != sizeof(*out))
		return -EPROTO;
	*out = nla_get_u32(a);
	return 0;
}

int netlink_get_u64(const struct nlattr *a, uint64_t *out)
{
	if (nla_len(a) != sizeof(*out))
		return -EPROTO;
	*out = nla_get_u64(a);
	return 0;
}

/* An enum sent as u8, at most max. */
int netlink_get_enum(const struct nlattr *a, unsigned int max, unsigned int *out)
{
	uint8_t value;

	if (netlink_get_u8(a, &value) || value > max)
		return -EPROTO;
	*out = value;
	return 0;
}

int netlink_get_bool(const struct nlattr *a, bool *out)
{
	unsigned int value;

	if (netlink_get_enum(a, 1, &value))
		return -EPROTO;
	*out = value;
	return 0;
}

int netlink_get_port(const struct nlattr *a, uint16_t *out)
{
	if (nla_len(a) != sizeof(*out))
		return -EPROTO;
	*out = ntohs(nla_get_u16(a));
	return 0;
}

int netlink_get_addr(const struct nlattr *a, struct ip_addr *out)
{
	memset(out, 0, sizeof(*out));
	if (nla_len(a) == sizeof(out->v4))
		out->family = AF_INET;
	else if (nla_len(a) == sizeof(out->v6))
		out->family = AF_INET6;
	else
		return -EPROTO;
	memcpy(&out->v6, nla_data(a), nla_len(a));
	return 0;
}

/* 1 to size - 1 bytes; a NUL at the end of the attribute does not count, one within is refused. */
int netlink_get_string(const struct nlattr *a, char *out, size_t size)
{
	const char *text = nla_data(a);
	size_t len = strnlen(text, nla_len(a));

	if (!len || len >= size || (int)len + 1 < nla_len(a))
		return -EPROTO;
	memcpy(out, text, len);
	out[len] = '\0';
	return 0;
}

int netlink_get_family(const struct nlattr *a, uint8_t *out)
{
	return netlink_get_u8(a, out) || (*out != AF_INET && *out != AF_INET6) ? -EPROTO : 0;
}

int netlink_get_proto(const struct nlattr *a, uint8_t *out)
{
	return netlink_get_u8(a, out) || !ip_proto_name(*out) ? -EPROTO : 0;
}

/* Run the handlers over the attributes; *seen collects the types. *bad: the one at fault. */
int netlink_walk(const struct nlattr *attrs, int len, netlink_handler *const *handlers, int max,
		 void *into, unsigned int *seen, int *bad)
{
	const struct nlattr *a;
	int rem, err;

	*seen = 0;
	nla_for_each_attr(a, attrs, len, rem) {
		*bad = nla_type(a);
		if (*bad > max || !handlers[*bad])
			continue;
		err = handlers[*bad](into, a);
		if (err)
			return err;
		*seen |= NETLINK_BIT(*bad);
	}
	*bad = 0;
	return rem > 0 ? -EPROTO : 0;
}

int netlink_walk_nest(const struct nlattr *nest, netlink_handler *const *handlers, int max,
		      void *into, unsigned int *seen)
{
	int bad;

	return netlink_walk(nla_data(nest), nla_len(nest), handlers, max, into, seen, &bad);
}

unsigned int netlink_handled(netlink_handler *const *handlers, int max)
{
	unsigned int all = 0;
	int i;

	for (i = 0; i <= max; i++)
		all |= handlers[i] ? NETLINK_BIT(i) : 0;
	return all;
}

int netlink_missing(unsigned int seen, unsigned int wanted)
{
	return (seen & wanted) == wanted ? 0 : __builtin_ctz(wanted & ~seen);
}

/* --- nests --- */

struct cidr_nest {
	struct ip_cidr cidr;
	uint8_t family;
};

static int cidr_family(void *into, const struct nlattr *a)
{
	struct cidr_nest *n = into;

	return netlink_get_family(a, &n->family);
}

static int cidr_addr(void *into, const struct nlattr *a)
{
	struct cidr_nest *n = into;

	return netlink_get_addr(a, &n->cidr.addr);
}

static int cidr_prefix(void *into, const struct nlattr *a)
{
	struct cidr_nest *n = into;

	return netlink_get_u8(a, &n->cidr.prefix);
}

static netlink_handler *const cidr_handlers[SVCNAT_A_CIDR_MAX + 1] = {
	[SVCNAT_A_CIDR_FAMILY] = cidr_family,
	[SVCNAT_A_CIDR_ADDR] = cidr_addr,
	[SVCNAT_A_CIDR_PREFIX] = cidr_prefix,
};

int netlink_get_cidr(const struct nlattr *nest, struct ip_cidr *out)
{
	struct cidr_nest n = { 0 };
	unsigned int seen;

	if (netlink_walk_nest(nest, cidr_handlers, SVCNAT_A_CIDR_MAX, &n, &seen) ||
	    netlink_missing(seen, netlink_handled(cidr_handlers, SVCNAT_A_CIDR_MAX)) ||
	    n.cidr.addr.family != n.family || !ip_cidr_valid(&n.cidr))
		return -EPROTO;
	*out = n.cidr;
	return 0;
}

struct count_nest {
	uint8_t reason;
	uint64_t n;
};

static int count_reason(void *into, const struct nlattr *a)
{
	struct count_nest *c = into;

	return netlink_get_u8(a, &c->reason);
}

static int count_n(void *into, const struct nlattr *a)
{
	struct count_nest *c = into;

	return netlink_get_u64(a, &c->n);
}

static netlink_handler *const count_handlers[SVCNAT_A_COUNT_MAX + 1] = {
	[SVCNAT_A_COUNT_REASON] = count_reason,
	[SVCNAT_A_COUNT_N] = count_n,
};

int netlink_get_count(const struct nlattr *nest, uint64_t *counts, unsigned int *reasons)
{
	struct count_nest c = { 0 };
	unsigned int seen;

	if (netlink_walk_nest(nest, count_handlers, SVCNAT_A_COUNT_MAX, &c, &seen) ||
	    netlink_missing(seen, netlink_handled(count_handlers, SVCNAT_A_COUNT_MAX)))
		return -EPROTO;
	/* Else a newer module's statistics could not be read at all. */
	if (c.reason > SVCNAT_REASON_MAX)
		return 0;
	counts[c.reason] = c.n;
	*reasons |= NETLINK_BIT(c.reason);
	return 0;
}

int netlink_malformed(struct err *e, int err, const char *what, int attribute)
{
	if (err == -ENOMEM)
		return err_set(e, ENOMEM, "out of memory");
	return err_set(e, EPROTO,
		       "the svcnat module's answer is malformed (%s, attribute %d): its version "
		       "does not go with this program's",
		       what, attribute);
}
