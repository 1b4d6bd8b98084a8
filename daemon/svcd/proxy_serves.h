/* SPDX-License-Identifier: GPL-2.0 */
/* For who makes the addresses of Services known: what of them is in the kernel. */
#ifndef SVCNAT_PROXY_SERVES_H
#define SVCNAT_PROXY_SERVES_H

#include "proxy.h"

/*
 * Does the kernel hold a frontend of the Service, NAMESPACE/NAME, at addr, as far as is known?
 * If not, and addr leads to this node, what comes in there reaches the node's own servers.
 */
bool proxy_serves(const struct proxy *p, const char *service, const struct ip_addr *addr);

#endif
