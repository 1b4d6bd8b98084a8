// SPDX-License-Identifier: GPL-2.0
#include "addrport.h"

#include "err.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int addrport_parse_port(const char *text, uint16_t *port, struct err *e)
{
	size_t len = strspn(text, "0123456789");
	long n = 0;

	if (len && len <= 5 && !text[len] && text[0] != '0')
		n = strtol(text, NULL, 10);
	if (n < 1 || n > 65535)
		return err_set(e, EINVAL, "'%s' is not a port (1 to 65535)", text);
	*port = (uint16_t)n;
	return 0;
}

/*
 * Where the address ends; *rest is what follows it, past a bracket. An IPv6
 * address needs brackets in front of a port: fd00::1:80 is an address.
 */
static size_t addr_end(const char *text, const char **start, const char **rest)
{
	const char *end;

	if (*text == '[') {
		end = strchr(text, ']');
		*start = text + 1;
		*rest = end ? end + 1 : NULL;
		return end ? (size_t)(end - text - 1) : 0;
	}
	end = strchr(text, ':');
	if (!end || strchr(end + 1, ':'))
		end = text + strlen(text);
	*start = text;
	*rest = end;
	return (size_t)(end - text);
}

static int parse_addr(const char *text, struct ip_addr *addr, const char **rest, struct err *e)
{
	char copy[INET6_ADDRSTRLEN];
	const char *start;
	size_t len;

	len = addr_end(text, &start, rest);
	if (!*rest)
		return err_set(e, EINVAL, "'%s' has no closing ']'", text);
	if (len >= sizeof(copy))
		return err_set(e, EINVAL, "'%.*s' is not an IP address", (int)len, start);
	memcpy(copy, start, len);
	copy[len] = '\0';
	if (ip_addr_parse(copy, addr, e))
		return -EINVAL;
	if ((*text == '[') > (addr->family == AF_INET6))
		return err_set(e, EINVAL, "'%s': brackets are for IPv6", text);
	return 0;
}

int addrport_parse_optional(const char *text, struct ip_addr *addr, uint16_t *port, struct err *e)
{
	const char *rest;

	*port = 0;
	if (parse_addr(text, addr, &rest, e))
		return -EINVAL;
	if (!*rest)
		return 0;
	if (*rest != ':')
		return err_set(e, EINVAL, "'%s' stands where ':PORT' is expected", rest);
	return addrport_parse_port(rest + 1, port, e);
}

int addrport_parse(const char *text, struct ip_addr *addr, uint16_t *port, struct err *e)
{
	int err = addrport_parse_optional(text, addr, port, e);

	if (!err && !*port)
		return err_set(e, EINVAL, "the port is missing (write %s)",
			       addr->family == AF_INET6 ? "[ADDR]:PORT" : "ADDR:PORT");
	return err;
}

const char *addrport_print(const struct ip_addr *addr, uint16_t port, char buf[ADDRPORT_STRLEN])
{
	char text[INET6_ADDRSTRLEN];

	snprintf(buf, ADDRPORT_STRLEN, addr->family == AF_INET6 ? "[%s]:%u" : "%s:%u",
		 ip_addr_print(addr, text), port);
	return buf;
}

static const char *special4(uint32_t a)
{
	if (a >> 24 == 0)
		return "an unspecified";
	if (a >> 24 == 127)
		return "a loopback";
	if (IN_MULTICAST(a))
		return "a multicast";
	return a == INADDR_BROADCAST ? "the broadcast" : NULL;
}

const char *addrport_special(const struct ip_addr *addr)
{
	if (addr->family == AF_INET)
		return special4(ntohl(addr->v4.s_addr));
	if (IN6_IS_ADDR_UNSPECIFIED(&addr->v6))
		return "an unspecified";
	if (IN6_IS_ADDR_LOOPBACK(&addr->v6))
		return "a loopback";
	return IN6_IS_ADDR_MULTICAST(&addr->v6) ? "a multicast" : NULL;
}
