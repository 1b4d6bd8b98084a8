// SPDX-License-Identifier: GPL-2.0
#include "listen_address.h"

#include "addrport.h"

int listen_address_parse(const char *text, struct listen_address *out, struct err *e)
{
	*out = (struct listen_address){ .n = 0 };
	if (!*text)
		return 0;
	if (*text != ':') {
		out->n = 1;
		return addrport_parse(text, &out->addrs[0], &out->port, e);
	}
	out->n = 2;
	out->addrs[0].family = AF_INET;
	out->addrs[1].family = AF_INET6;
	return addrport_parse_port(text + 1, &out->port, e);
}

bool listen_address_equal(const struct listen_address *a, const struct listen_address *b)
{
	size_t i;

	for (i = 0; i < a->n && i < b->n; i++)
		if (!ip_addr_equal(&a->addrs[i], &b->addrs[i]))
			return false;
	return a->n == b->n && a->port == b->port;
}
