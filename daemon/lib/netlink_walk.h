/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A dump of services that is read one datagram at a time, on a socket of its
 * own: other requests go on meanwhile. The kernel makes the next part when the
 * last one is taken, so that a read does not wait for anything.
 */
#ifndef SVCNAT_NETLINK_WALK_H
#define SVCNAT_NETLINK_WALK_H

#include "kernel.h"
#include "netlink_sock.h"

struct netlink_walk;

/* One datagram into netlink_sock_take(). */
typedef int netlink_walk_receive(void *ctx, struct netlink_answer *a, struct err *e);

/* family: as kernel_open() found it; f may be NULL */
int netlink_walk_open(struct netlink_walk **out, uint16_t family, const struct kfilter *f,
		      struct err *e);
/* The same without a socket; seq: of the request. NULL: no memory. */
struct netlink_walk *netlink_walk_open_on(netlink_walk_receive *receive, void *ctx, uint32_t seq);
/* As kernel_ops.walk_read. */
int netlink_walk_read(struct netlink_walk *w, struct kservices *out, struct err *e);
void netlink_walk_close(struct netlink_walk *w);

#endif
