/* SPDX-License-Identifier: GPL-2.0 */
/* Where to listen, as an option says it. */
#ifndef SVCNAT_LISTEN_ADDRESS_H
#define SVCNAT_LISTEN_ADDRESS_H

#include "kservice.h"

struct listen_address {
	struct ip_addr addrs[2];
	size_t n;		/* 0: nowhere */
	uint16_t port;
};

/*
 * ADDRESS:PORT; :PORT is each address of both families, "" is nowhere. -EINVAL
 * and e.
 */
int listen_address_parse(const char *text, struct listen_address *out, struct err *e);

bool listen_address_equal(const struct listen_address *a, const struct listen_address *b);

#endif
