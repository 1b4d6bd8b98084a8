// SPDX-License-Identifier: GPL-2.0
#include "netlink_events.h"

#include "err.h"
#include "netlink_parse.h"
#include "netlink_sock.h"

#include <errno.h>
#include <netlink/errno.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* What may wait to be read: a service with very many endpoints is megabytes. */
#define EVENTS_BUFFER	(8 << 20)

struct netlink_events {
	struct nl_sock *sk;		/* NULL: a test's */
	netlink_events_recv *recv;
	void *ctx;
	uint16_t family;
	unsigned char *buf;		/* the present datagram */
	struct nlmsghdr *next;		/* in it */
	int left;			/* bytes from next on */
	struct netlink_event last;
};

static int recv_from_socket(void *ctx, unsigned char **buf, uint32_t *port)
{
	struct sockaddr_nl from = { 0 };
	int len;

	len = nl_recv(ctx, &from, buf, NULL);
	*port = from.nl_pid;
	switch (len) {
	case -NLE_AGAIN:
		return 0;
	case -NLE_NOMEM:
		/* libnl has one name for ENOBUFS and ENOMEM: either way something was missed. */
		return -ENOBUFS;
	default:
		return len < 0 ? -EIO : len;
	}
}

struct netlink_events *netlink_events_open_on(netlink_events_recv *recv, void *ctx,
					      uint16_t family)
{
	struct netlink_events *ev = calloc(1, sizeof(*ev));

	if (!ev)
		return NULL;
	ev->recv = recv;
	ev->ctx = ctx;
	ev->family = family;
	return ev;
}

/* What the kernel does not grant is not missed until somebody is slow. */
static void make_room(struct nl_sock *sk)
{
	const int size = EVENTS_BUFFER;
	int fd = nl_socket_get_fd(sk);

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

static int join(struct nl_sock *sk, uint16_t family, struct err *e)
{
	struct netlink_family f;
	int err;

	/* Before the group is joined: the lookup waits for an answer. */
	err = netlink_sock_find(sk, SVCNAT_GENL_NAME, SVCNAT_MCGRP_EVENTS, &f, e);
	if (err == -ENOENT || (!err && f.id != family))
		return err_set(e, ENODEV,
			       "the svcnat module was removed from this kernel or loaded anew");
	if (err)
		return err;
	make_room(sk);
	err = nl_socket_set_nonblocking(sk);
	if (!err)
		err = nl_socket_add_membership(sk, (int)f.group);
	if (err == -NLE_PERM)
		return err_set(e, EPERM, "to listen to events needs root (CAP_NET_ADMIN)");
	if (err)
		return err_set(e, EIO, "cannot listen to events: %s", nl_geterror(err));
	return 0;
}

int netlink_events_open(struct netlink_events **out, uint16_t family, struct err *e)
{
	struct netlink_events *ev;
	struct nl_sock *sk;
	int err;

	err = netlink_sock_open(&sk, e);
	if (err)
		return err;
	err = join(sk, family, e);
	ev = err ? NULL : netlink_events_open_on(recv_from_socket, sk, family);
	if (!ev) {
		netlink_sock_close(sk);
		return err ? err : err_set(e, ENOMEM, "out of memory");
	}
	ev->sk = sk;
	*out = ev;
	return 0;
}

int netlink_events_fd(const struct netlink_events *ev)
{
	return ev->sk ? nl_socket_get_fd(ev->sk) : -1;
}

static void drop_datagram(struct netlink_events *ev)
{
	free(ev->buf);
	ev->buf = NULL;
	ev->next = NULL;
	ev->left = 0;
}

/* The next datagram of the kernel's: 1, 0, or an error. */
static int fetch(struct netlink_events *ev)
{
	uint32_t port;
	int len;

	do {
		drop_datagram(ev);
		len = ev->recv(ev->ctx, &ev->buf, &port);
		/* Anybody may send to the socket, but only the kernel has port 0. */
	} while (len > 0 && port);
	if (len <= 0)
		return len;
	ev->next = (struct nlmsghdr *)ev->buf;
	ev->left = len;
	return 1;
}

/*
 * Some were lost. What is still in the socket is older than that; until it is
 * taken out, the kernel drops what comes without telling so again. Whoever reads
 * anew after this misses nothing.
 */
static int start_over(struct netlink_events *ev, struct err *e)
{
	int err, losses = 0;

	do {
		err = fetch(ev);
		losses += err == -ENOBUFS;
		/* More than a few are a lack of memory, which may last: the next call says so. */
	} while (err == 1 || (err == -ENOBUFS && losses < 10));
	drop_datagram(ev);
	memset(&ev->last, 0, sizeof(ev->last));
	return err_set(e, ENOBUFS, "events were lost: they came faster than they were read");
}

/* The next message of the present datagram. */
static struct nlmsghdr *take_message(struct netlink_events *ev)
{
	struct nlmsghdr *h = ev->next;

	if (!nlmsg_ok(h, ev->left))
		return NULL;
	ev->next = nlmsg_next(h, &ev->left);
	return h;
}

int netlink_events_read(struct netlink_events *ev, struct kevent *out, struct err *e)
{
	struct nlmsghdr *h;
	int err;

	for (;;) {
		while (ev->left > 0 && (h = take_message(ev))) {
			if (h->nlmsg_type != ev->family)
				continue;
			err = netlink_parse_event(&ev->last, h, out, e);
			if (err)
				return err;
		}
		err = fetch(ev);
		if (err == -ENOBUFS)
			return start_over(ev, e);
		if (err < 0)
			return err_set(e, -err, "cannot read the events: %s", strerror(-err));
		if (!err)
			return 0;
	}
}

void netlink_events_close(struct netlink_events *ev)
{
	if (!ev)
		return;
	drop_datagram(ev);
	if (ev->sk)
		netlink_sock_close(ev->sk);
	free(ev);
}
