/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The addresses of this node: those of its devices, but for loopback and
 * link-local ones, in this network namespace.
 */
#ifndef SVCNAT_ADDRESSES_H
#define SVCNAT_ADDRESSES_H

#include "kservice.h"

/* *out is to be freed. ctx is not used: it is a proxy_addresses. */
int addresses_read(void *ctx, struct ip_addr **out, size_t *n, struct err *e);

/*
 * Does what is sent there come in on this node, link-local addresses included? An address of a
 * device that is down is not such. 1, 0 or -errno: it is not known.
 */
int addresses_local(void *ctx, const struct ip_addr *addr, struct err *e);

/*
 * A descriptor that is readable when addresses may have changed, to be closed
 * with close(); -errno.
 */
int addresses_watch(struct err *e);
/* Take the news from it, so that it is no longer readable: 1: there was some; 0; -errno. */
int addresses_news(int fd, struct err *e);

#endif
