/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel boundary in messages, whatever carries them: kernel_open() puts a
 * socket underneath, a test puts what it likes.
 */
#ifndef SVCNAT_NETLINK_H
#define SVCNAT_NETLINK_H

#include "kernel.h"
#include "netlink_sock.h"

struct netlink_transport {
	/* as netlink_sock_exchange() */
	int (*exchange)(void *ctx, struct nl_msg *msg, struct netlink_exchange *x, struct err *e);
	void (*close)(void *ctx);
};

/* family: the number that messages bear. NULL: no memory. */
struct kernel *netlink_open_on(const struct netlink_transport *transport, void *ctx,
			       uint16_t family);

#endif
