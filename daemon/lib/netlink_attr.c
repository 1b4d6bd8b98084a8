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

int netlink_get_u32(const struct nlattr *a, uint32_t *out)
{
	if (nla_len(a) != sizeof(*out))
		return -EPROTO;
	*out = nla_get_u32(a);
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

int netlink_malformed(struct err *e, int err, const char *what, int attribute)
{
	if (err == -ENOMEM)
		return err_set(e, ENOMEM, "out of memory");
	return err_set(e, EPROTO,
		       "the svcnat module's answer is malformed (%s, attribute %d): its version "
		       "does not go with this program's",
		       what, attribute);
}
