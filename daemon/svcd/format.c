// SPDX-License-Identifier: GPL-2.0
#include "format.h"

#include "kservice.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define LABEL_MAX	63
#define SUBDOMAIN_MAX	253
#define PORT_NAME_MAX	15

#define SUBDOMAIN_WORDS \
	"a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' " \
	"or '.', and must start and end with an alphanumeric character (e.g. 'example.com', " \
	"regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*" \
	"[a-z0-9])?)*')"
#define KEY_WORDS \
	"must consist of alphanumeric characters, '-', '_' or '.', and must start and end with " \
	"an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for " \
	"validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

static bool lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool alnum(char c)
{
	return lower(c) || digit(c) || (c >= 'A' && c <= 'Z');
}

static bool lower_alnum(char c)
{
	return lower(c) || digit(c);
}

/* n characters: lower case alphanumerics, and '-' but at the ends. */
static bool label(const char *s, size_t n)
{
	if (!n || !lower_alnum(s[0]) || !lower_alnum(s[n - 1]))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!lower_alnum(s[i]) && s[i] != '-')
			return false;
	return true;
}

const char *format_dns1123_label(const char *s)
{
	if (strlen(s) > LABEL_MAX)
		return "must be no more than 63 bytes";
	if (!label(s, strlen(s)))
		return "a lowercase RFC 1123 label must consist of lower case alphanumeric "
		       "characters or '-', and must start and end with an alphanumeric character "
		       "(e.g. 'my-name',  or '123-abc', regex used for validation is "
		       "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
	return NULL;
}

const char *format_dns1035_label(const char *s)
{
	if (strlen(s) > LABEL_MAX)
		return "must be no more than 63 bytes";
	if (!label(s, strlen(s)) || !lower(s[0]))
		return "a DNS-1035 label must consist of lower case alphanumeric characters or "
		       "'-', start with an alphabetic character, and end with an alphanumeric "
		       "character (e.g. 'my-name',  or 'abc-123', regex used for validation is "
		       "'[a-z]([-a-z0-9]*[a-z0-9])?')";
	return NULL;
}

static bool subdomain(const char *s)
{
	for (;;) {
		size_t n = strcspn(s, ".");

		if (!label(s, n))
			return false;
		if (!s[n])
			return true;
		s += n + 1;
	}
}

const char *format_dns1123_subdomain(const char *s)
{
	if (strlen(s) > SUBDOMAIN_MAX)
		return "must be no more than 253 bytes";
	if (!subdomain(s))
		return SUBDOMAIN_WORDS;
	return NULL;
}

/* Alphanumerics at both ends, '-', '_' and '.' between. */
static bool word(const char *s)
{
	size_t n = strlen(s);

	if (!n || !alnum(s[0]) || !alnum(s[n - 1]))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!alnum(s[i]) && !strchr("-_.", s[i]))
			return false;
	return true;
}

static const char *name_part(const char *s)
{
	if (!*s)
		return "name part must be non-empty";
	if (strlen(s) > LABEL_MAX)
		return "name part must be no more than 63 bytes";
	if (!word(s))
		return "name part " KEY_WORDS;
	return NULL;
}

const char *format_qualified_name(const char *s)
{
	const char *slash = strchr(s, '/');
	char prefix[SUBDOMAIN_MAX + 1];

	if (!slash)
		return name_part(s);
	if (strchr(slash + 1, '/'))
		return "a valid label key " KEY_WORDS " with an optional DNS subdomain prefix and "
		       "'/' (e.g. 'example.com/MyName')";
	if (slash == s)
		return "prefix part must be non-empty";
	if ((size_t)(slash - s) > SUBDOMAIN_MAX)
		return "prefix part must be no more than 253 bytes";
	memcpy(prefix, s, slash - s);
	prefix[slash - s] = '\0';
	if (!subdomain(prefix))
		return "prefix part " SUBDOMAIN_WORDS;
	return name_part(slash + 1);
}

const char *format_label_value(const char *s)
{
	if (strlen(s) > LABEL_MAX)
		return "must be no more than 63 bytes";
	if (*s && !word(s))
		return "a valid label must be an empty string or consist of alphanumeric "
		       "characters, '-', '_' or '.', and must start and end with an alphanumeric "
		       "character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for "
		       "validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
	return NULL;
}

/* RFC 6335, 5.1 */
const char *format_port_name(const char *s)
{
	bool letter = false;
	size_t n = strlen(s);

	if (n > PORT_NAME_MAX)
		return "must be no more than 15 bytes";
	for (size_t i = 0; i < n; i++) {
		if (!lower_alnum(s[i]) && s[i] != '-')
			return "must contain only alpha-numeric characters (a-z, 0-9), and hyphens "
			       "(-)";
		letter |= lower(s[i]);
	}
	if (!letter)
		return "must contain at least one letter (a-z)";
	if (strstr(s, "--"))
		return "must not contain consecutive hyphens";
	if (s[0] == '-' || s[n - 1] == '-')
		return "must not begin or end with a hyphen";
	return NULL;
}

const char *format_port(long long n)
{
	return n < 1 || n > 65535 ? "must be between 1 and 65535, inclusive" : NULL;
}

const char *format_ip(const char *s)
{
	struct in6_addr v6;
	struct ip_addr a;

	if (!ip_addr_parse(s, &a, NULL))
		return NULL;
	if (inet_pton(AF_INET6, s, &v6) == 1)
		return "must not be an IPv4-mapped IPv6 address";
	return "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
}

/* An address and a prefix, each of them fine by itself. */
static bool is_address_and_prefix(const char *s)
{
	const char *slash = strchr(s, '/');
	char addr[INET6_ADDRSTRLEN];
	struct ip_addr a;
	size_t n;

	if (!slash || (size_t)(slash - s) >= sizeof(addr))
		return false;
	memcpy(addr, s, slash - s);
	addr[slash - s] = '\0';
	n = strlen(slash + 1);
	return !ip_addr_parse(addr, &a, NULL) && n && n <= 3 &&
	       strspn(slash + 1, "0123456789") == n && !(slash[1] == '0' && n > 1) &&
	       strtoul(slash + 1, NULL, 10) <= ip_addr_len(&a) * 8;
}

const char *format_cidr(const char *s)
{
	struct ip_cidr c;

	if (!ip_cidr_parse(s, &c, NULL))
		return NULL;
	if (is_address_and_prefix(s))
		return "must not have bits set beyond the prefix length";
	return "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
}

static const char *special_v4(uint32_t a)
{
	if (!a)
		return "may not be unspecified (0.0.0.0)";
	if (a >> 24 == 127)
		return "may not be in the loopback range (127.0.0.0/8, ::1/128)";
	if (a >> 16 == 0xa9fe)
		return "may not be in the link-local range (169.254.0.0/16, fe80::/10)";
	if (a >> 8 == 0xe00000)
		return "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)";
	return NULL;
}

const char *format_endpoint_ip(const char *s)
{
	struct ip_addr a;

	if (ip_addr_parse(s, &a, NULL))
		return format_ip(s);
	if (a.family == AF_INET)
		return special_v4(ntohl(a.v4.s_addr));
	if (IN6_IS_ADDR_UNSPECIFIED(&a.v6))
		return "may not be unspecified (::)";
	if (IN6_IS_ADDR_LOOPBACK(&a.v6))
		return "may not be in the loopback range (127.0.0.0/8, ::1/128)";
	if (IN6_IS_ADDR_LINKLOCAL(&a.v6))
		return "may not be in the link-local range (169.254.0.0/16, fe80::/10)";
	if (IN6_IS_ADDR_MC_LINKLOCAL(&a.v6))
		return "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)";
	return NULL;
}
