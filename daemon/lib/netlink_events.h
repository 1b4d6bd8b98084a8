/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The multicast group of <linux/svcnat.h>, on a socket of its own: an event
 * that stood between the answers to a request would be taken for one of these,
 * and one that comes while nobody reads must not keep them from coming in.
 */
#ifndef SVCNAT_NETLINK_EVENTS_H
#define SVCNAT_NETLINK_EVENTS_H

#include "kernel.h"

struct netlink_events;

/*
 * Gets the next datagram into *buf, to be freed, and into *port the number of
 * the socket that sent it: its length, 0 when there is none now, or a negative
 * errno; -ENOBUFS: some were lost. Does not wait.
 */
typedef int netlink_events_recv(void *ctx, unsigned char **buf, uint32_t *port);

/* family: as kernel_open() found it; -ENODEV: the module is not that one any more */
int netlink_events_open(struct netlink_events **out, uint16_t family, struct err *e);
/* The same without a socket. NULL: no memory. */
struct netlink_events *netlink_events_open_on(netlink_events_recv *recv, void *ctx,
					      uint16_t family);
int netlink_events_fd(const struct netlink_events *ev);
/* As kernel_ops.events_read. */
int netlink_events_read(struct netlink_events *ev, struct kevent *out, struct err *e);
void netlink_events_close(struct netlink_events *ev);

#endif
