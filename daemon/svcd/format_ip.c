// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses and ranges, as Kubernetes 1.36 takes them (KEP-4858): what older
 * versions took, and other programs read as another address, is refused with words
 * of its own.
 */
#include "format.h"

#include "kservice.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static bool is_hex(char c)
{
	return isxdigit((unsigned char)c);
}

/* s without the zeros that its numbers begin with. false: no address is that long. */
static bool strip_zeros(const char *s, size_t len, char buf[INET6_ADDRSTRLEN])
{
	bool inside = false;		/* of a number that has begun */
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (s[i] == '0' && !inside && i + 1 < len && is_hex(s[i + 1]))
			continue;
		inside = is_hex(s[i]);
		if (n + 1 >= INET6_ADDRSTRLEN)
			return false;
		buf[n++] = s[i];
	}
	buf[n] = '\0';
	return true;
}

/* Parse len characters as they were parsed once; IPv4 addresses are mapped into IPv6. */
static bool parse_loosely(const char *s, size_t len, struct in6_addr *out)
{
	char buf[INET6_ADDRSTRLEN];

	memset(out, 0, sizeof(*out));
	if (memchr(s, '\0', len) || !strip_zeros(s, len, buf))
		return false;
	if (inet_pton(AF_INET6, buf, out) == 1)
		return true;
	memset(out, 0, sizeof(*out));
	out->s6_addr[10] = out->s6_addr[11] = 0xff;
	return inet_pton(AF_INET, buf, &out->s6_addr[12]) == 1;
}

bool format_is_ip(const char *s)
{
	struct in6_addr a;

	return parse_loosely(s, strlen(s), &a);
}

/* inet_pton() takes no leading zeros of IPv4, and at most four digits of IPv6. */
static bool is_strict(const char *s)
{
	struct in6_addr a;

	return inet_pton(AF_INET, s, &a) == 1 || inet_pton(AF_INET6, s, &a) == 1;
}

static bool no_ip(const char *s)
{
	return !format_is_ip(s);
}

static bool has_zeros(const char *s)
{
	return format_is_ip(s) && !is_strict(s);
}

static bool is_mapped(const char *s)
{
	struct in6_addr a;

	return inet_pton(AF_INET6, s, &a) == 1 && IN6_IS_ADDR_V4MAPPED(&a);
}

const struct format_rule format_ip_rules[] = {
	{ no_ip, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)" },
	{ has_zeros, "must not have leading 0s" },
	{ is_mapped, "must not be an IPv4-mapped IPv6 address" },
	{ NULL, NULL },
};

/* The number behind the slash; -1: none that fits addresses of so many bits. */
static int prefix_of(const char *s, int bits)
{
	unsigned long n;

	if (!*s || s[strspn(s, "0123456789")])
		return -1;
	n = strtoul(s, NULL, 10);
	return n > (unsigned long)bits ? -1 : (int)n;
}

static bool no_cidr(const char *s)
{
	const char *slash = strchr(s, '/');
	struct in6_addr a;

	if (!slash || !parse_loosely(s, slash - s, &a))
		return true;
	return prefix_of(slash + 1, memchr(s, ':', slash - s) ? 128 : 32) < 0;
}

/* Is the part before the slash such an address? */
static bool address_is(const char *cidr, bool (*is)(const char *))
{
	const char *slash = strchr(cidr, '/');
	char addr[INET6_ADDRSTRLEN];

	if (!slash || (size_t)(slash - cidr) >= sizeof(addr))
		return false;
	memcpy(addr, cidr, slash - cidr);
	addr[slash - cidr] = '\0';
	return is(addr);
}

static bool cidr_has_zeros(const char *s)
{
	const char *prefix = strchr(s, '/');

	return !no_cidr(s) && (!address_is(s, is_strict) || (prefix[1] == '0' && prefix[2]));
}

static bool cidr_is_mapped(const char *s)
{
	return !no_cidr(s) && !cidr_has_zeros(s) && address_is(s, is_mapped);
}

static bool cidr_has_bits(const char *s)
{
	struct ip_cidr c;

	return !no_cidr(s) && !cidr_has_zeros(s) && !cidr_is_mapped(s) &&
	       ip_cidr_parse(s, &c, NULL);
}

const struct format_rule format_cidr_rules[] = {
	{ no_cidr, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)" },
	{ cidr_has_zeros, "must not have leading 0s in IP or prefix length" },
	{ cidr_is_mapped, "must not have an IPv4-mapped IPv6 address" },
	{ cidr_has_bits, "must not have bits set beyond the prefix length" },
	{ NULL, NULL },
};

/* Of an IPv4 address its value; false: it is of IPv6. */
static bool as_v4(const char *s, struct in6_addr *a, uint32_t *v4)
{
	if (!parse_loosely(s, strlen(s), a) || !IN6_IS_ADDR_V4MAPPED(a))
		return false;
	memcpy(v4, &a->s6_addr[12], sizeof(*v4));
	*v4 = ntohl(*v4);
	return true;
}

static bool is_unspecified_v4(const char *s)
{
	struct in6_addr a;
	uint32_t v4;

	return as_v4(s, &a, &v4) && !v4;
}

static bool is_unspecified_v6(const char *s)
{
	struct in6_addr a;

	return parse_loosely(s, strlen(s), &a) && IN6_IS_ADDR_UNSPECIFIED(&a);
}

static bool is_loopback(const char *s)
{
	struct in6_addr a;
	uint32_t v4;

	return as_v4(s, &a, &v4) ? v4 >> 24 == 127 : IN6_IS_ADDR_LOOPBACK(&a);
}

static bool is_link_local(const char *s)
{
	struct in6_addr a;
	uint32_t v4;

	return as_v4(s, &a, &v4) ? v4 >> 16 == 0xa9fe : IN6_IS_ADDR_LINKLOCAL(&a);
}

static bool is_link_local_multicast(const char *s)
{
	struct in6_addr a;
	uint32_t v4;

	return as_v4(s, &a, &v4) ? v4 >> 8 == 0xe00000 : IN6_IS_ADDR_MC_LINKLOCAL(&a);
}

const struct format_rule format_reachable_ip_rules[] = {
	{ no_ip, "must be a valid IP address" },
	{ is_unspecified_v4, "may not be unspecified (0.0.0.0)" },
	{ is_unspecified_v6, "may not be unspecified (::)" },
	{ is_loopback, "may not be in the loopback range (127.0.0.0/8, ::1/128)" },
	{ is_link_local, "may not be in the link-local range (169.254.0.0/16, fe80::/10)" },
	{ is_link_local_multicast, "may not be in the link-local multicast range (224.0.0.0/24, "
				   "ff02::/10)" },
	{ NULL, NULL },
};

const char *format_ip(const char *s)
{
	return format_first(format_ip_rules, s);
}

const char *format_cidr(const char *s)
{
	return format_first(format_cidr_rules, s);
}

const char *format_endpoint_ip(const char *s)
{
	const char *bad = format_ip(s);

	return bad ? bad : format_first(format_reachable_ip_rules, s);
}
