// SPDX-License-Identifier: GPL-2.0
#include "err.h"
#include "kservice.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

int ip_addr_parse(const char *text, struct ip_addr *out, struct err *e)
{
	struct ip_addr a = { 0 };
	char v4[INET_ADDRSTRLEN];

	/* inet_pton() takes neither leading zeros, nor scopes, nor spaces. */
	if (inet_pton(AF_INET, text, &a.v4) == 1) {
		a.family = AF_INET;
	} else if (inet_pton(AF_INET6, text, &a.v6) == 1) {
		a.family = AF_INET6;
	} else {
		return err_set(e, EINVAL, "'%s' is not an IP address", text);
	}
	/* No packet ever carries one; whoever writes it means the other family. */
	if (a.family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&a.v6))
		return err_set(e, EINVAL, "'%s' is an IPv4-mapped IPv6 address: write it as %s",
			       text, inet_ntop(AF_INET, &a.v6.s6_addr[12], v4, sizeof(v4)));
	*out = a;
	return 0;
}

const char *ip_addr_print(const struct ip_addr *a, char buf[INET6_ADDRSTRLEN])
{
	return inet_ntop(a->family, &a->v6, buf, INET6_ADDRSTRLEN);
}

size_t ip_addr_len(const struct ip_addr *a)
{
	return a->family == AF_INET6 ? sizeof(a->v6) : sizeof(a->v4);
}

bool ip_addr_equal(const struct ip_addr *a, const struct ip_addr *b)
{
	return a->family == b->family && !memcmp(&a->v6, &b->v6, ip_addr_len(a));
}

/* Clear all bits past the prefix. */
static void mask(struct ip_addr *a, unsigned int prefix)
{
	uint8_t *bytes = a->v6.s6_addr;
	unsigned int i;

	for (i = 0; i < ip_addr_len(a); i++) {
		unsigned int bits = prefix > i * 8 ? prefix - i * 8 : 0;

		if (bits < 8)
			bytes[i] &= (uint8_t)(0xff00 >> bits);
	}
}

/* At most three digits, no sign, no leading zero; -1: not a number. */
static int parse_prefix(const char *text)
{
	int n = 0;
	size_t i;

	if (!text[0] || strlen(text) > 3 || (text[0] == '0' && text[1]))
		return -1;
	for (i = 0; text[i]; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		n = n * 10 + text[i] - '0';
	}
	return n;
}

bool ip_cidr_valid(const struct ip_cidr *c)
{
	struct ip_addr masked = c->addr;

	if (c->prefix > ip_addr_len(&c->addr) * 8)
		return false;
	mask(&masked, c->prefix);
	return ip_addr_equal(&c->addr, &masked);
}

int ip_cidr_parse(const char *text, struct ip_cidr *out, struct err *e)
{
	const char *slash = strchr(text, '/');
	char buf[INET6_ADDRSTRLEN + 4];
	char addr[INET6_ADDRSTRLEN];
	struct ip_cidr c;
	int prefix;

	if (!slash || (size_t)(slash - text) >= sizeof(addr))
		return err_set(e, EINVAL, "'%s' is not ADDRESS/PREFIX", text);
	memcpy(addr, text, slash - text);
	addr[slash - text] = '\0';
	if (ip_addr_parse(addr, &c.addr, e)) {
		err_prefix(e, "'%s' is not ADDRESS/PREFIX", text);
		return -EINVAL;
	}
	prefix = parse_prefix(slash + 1);
	if (prefix < 0 || prefix > (int)ip_addr_len(&c.addr) * 8)
		return err_set(e, EINVAL, "'%s': the prefix is not a number from 0 to %zu", text,
			       ip_addr_len(&c.addr) * 8);
	c.prefix = (uint8_t)prefix;
	if (!ip_cidr_valid(&c)) {
		mask(&c.addr, c.prefix);
		return err_set(e, EINVAL, "'%s' has bits set past its prefix: write it as %s", text,
			       ip_cidr_print(&c, buf));
	}
	*out = c;
	return 0;
}

const char *ip_cidr_print(const struct ip_cidr *c, char buf[INET6_ADDRSTRLEN + 4])
{
	char addr[INET6_ADDRSTRLEN];

	snprintf(buf, INET6_ADDRSTRLEN + 4, "%s/%u", ip_addr_print(&c->addr, addr), c->prefix);
	return buf;
}

static const struct {
	uint8_t proto;
	const char *name;
} protos[] = {
	{ IPPROTO_TCP, "TCP" },
	{ IPPROTO_UDP, "UDP" },
	{ IPPROTO_SCTP, "SCTP" },
};

uint8_t ip_proto_parse(const char *text)
{
	size_t i;

	for (i = 0; i < sizeof(protos) / sizeof(protos[0]); i++)
		if (!strcasecmp(protos[i].name, text))
			return protos[i].proto;
	return 0;
}

const char *ip_proto_name(uint8_t proto)
{
	size_t i;

	for (i = 0; i < sizeof(protos) / sizeof(protos[0]); i++)
		if (protos[i].proto == proto)
			return protos[i].name;
	return NULL;
}
