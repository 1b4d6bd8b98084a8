// SPDX-License-Identifier: GPL-2.0
#include "rtnl.h"

#include "err.h"

#include <errno.h>
#include <netlink/errno.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#ifndef NETLINK_GET_STRICT_CHK
#define NETLINK_GET_STRICT_CHK	12
#endif

static int join(struct nl_sock *sk, const int *groups)
{
	int err = nl_socket_set_nonblocking(sk);

	for (; !err && *groups; groups++)
		err = nl_socket_add_membership(sk, *groups);
	return err;
}

/* Dumps are of what was asked for only, which old kernels do not know; nor are they waited for. */
static void be_strict(struct nl_sock *sk)
{
	const struct timeval patience = { .tv_sec = 2 };
	int fd = nl_socket_get_fd(sk), one = 1;

	setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
}

int rtnl_open(struct nl_sock **out, const int *groups, struct err *e)
{
	struct nl_sock *sk = nl_socket_alloc();
	int err;

	if (!sk)
		return err_set(e, ENOMEM, "out of memory");
	nl_socket_disable_seq_check(sk);
	err = nl_connect(sk, NETLINK_ROUTE);
	if (!err && groups)
		err = join(sk, groups);
	if (err) {
		nl_socket_free(sk);
		return err_set(e, EIO, "cannot open a socket for routes: %s", nl_geterror(err));
	}
	if (!groups)
		be_strict(sk);
	*out = sk;
	return 0;
}

void rtnl_close(struct nl_sock *sk)
{
	if (sk)
		nl_socket_free(sk);
}

struct nl_msg *rtnl_message(int type, int flags, const void *header, size_t len)
{
	struct nl_msg *msg = nlmsg_alloc_simple(type, flags);

	if (msg && nlmsg_append(msg, (void *)header, len, NLMSG_ALIGNTO)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return msg;
}

/* --- an exchange --- */

struct exchange {
	rtnl_each *each;
	void *ctx;
	uint32_t seq;
	bool interrupted;
};

/* 1: that was the last one; 0; -errno. */
static int take(struct exchange *x, const struct nlmsghdr *h)
{
	const struct nlmsgerr *err;

	/* The late answer to a question that was given up. */
	if (h->nlmsg_seq != x->seq)
		return 0;
	x->interrupted = x->interrupted || h->nlmsg_flags & NLM_F_DUMP_INTR;
	if (h->nlmsg_type == NLMSG_DONE)
		return 1;
	if (h->nlmsg_type == NLMSG_ERROR) {
		err = nlmsg_data(h);
		if (h->nlmsg_len < NLMSG_LENGTH(sizeof(*err)))
			return -EPROTO;
		return err->error ? err->error : 1;
	}
	if (x->each && h->nlmsg_type >= NLMSG_MIN_TYPE)
		x->each(h, x->ctx);
	return 0;
}

static int take_all(struct exchange *x, unsigned char *buf, int len)
{
	struct nlmsghdr *h = (struct nlmsghdr *)buf;
	int ret = 0;

	for (; !ret && nlmsg_ok(h, len); h = nlmsg_next(h, &len))
		ret = take(x, h);
	return ret;
}

static int receive(struct nl_sock *sk, struct exchange *x)
{
	struct sockaddr_nl from;
	unsigned char *buf;
	int len, ret = 0;

	while (!ret) {
		buf = NULL;
		len = nl_recv(sk, &from, &buf, NULL);
		if (len <= 0)
			return -EIO;
		if (!from.nl_pid)
			ret = take_all(x, buf, len);
		free(buf);
	}
	return ret < 0 ? ret : 0;
}

static int exchange(struct nl_sock *sk, struct nl_msg *msg, struct exchange *x, const char *what,
		    struct err *e)
{
	int ret;

	if (!msg)
		return err_set(e, ENOMEM, "out of memory");
	ret = nl_send_auto(sk, msg) < 0 ? -EIO : 0;
	x->seq = nlmsg_hdr(msg)->nlmsg_seq;
	nlmsg_free(msg);
	if (!ret)
		ret = receive(sk, x);
	return ret ? err_set(e, -ret, "%s: %s", what, strerror(-ret)) : 0;
}

int rtnl_ask(struct nl_sock *sk, struct nl_msg *msg, rtnl_each *each, void *ctx,
	     const char *what, struct err *e)
{
	struct exchange x = { .each = each, .ctx = ctx };

	if (msg)
		nlmsg_hdr(msg)->nlmsg_flags |= NLM_F_ACK;
	return exchange(sk, msg, &x, what, e);
}

int rtnl_do(struct nl_sock *sk, struct nl_msg *msg, const char *what, struct err *e)
{
	return rtnl_ask(sk, msg, NULL, NULL, what, e);
}

int rtnl_dump(struct nl_sock *sk, struct nl_msg *msg, rtnl_each *each, void *ctx,
	      const char *what, struct err *e)
{
	struct exchange x = { .each = each, .ctx = ctx };
	int ret;

	if (msg)
		nlmsg_hdr(msg)->nlmsg_flags |= NLM_F_DUMP;
	ret = exchange(sk, msg, &x, what, e);
	if (ret == -ENOENT || ret == -EOPNOTSUPP || ret == -EAFNOSUPPORT)
		return 0;
	return ret || !x.interrupted ? ret : err_set(e, EAGAIN, "%s: it changed meanwhile", what);
}

int rtnl_news(struct nl_sock *sk, struct err *e)
{
	char buf[64];
	int any = 0;

	for (;;) {
		if (recv(nl_socket_get_fd(sk), buf, sizeof(buf), MSG_DONTWAIT) >= 0 ||
		    errno == ENOBUFS)
			any = 1;
		else if (errno == EAGAIN)
			return any;
		else if (errno != EINTR)
			return err_set(e, errno, "no news of interfaces: %m");
	}
}

#define HEAR_MAX	256	/* datagrams */

/* false: there is less than it begins with. */
static bool hear_all(unsigned char *buf, int len, rtnl_each *each, void *ctx)
{
	struct nlmsghdr *h = (struct nlmsghdr *)buf;

	for (; nlmsg_ok(h, len); h = nlmsg_next(h, &len))
		if (h->nlmsg_type >= NLMSG_MIN_TYPE)
			each(h, ctx);
	return len <= 0;
}

/* With MSG_TRUNC len is what was sent, of which size bytes are here at most. */
static bool hear_datagram(unsigned char *buf, size_t size, ssize_t len,
			  const struct sockaddr_nl *from, rtnl_each *each, void *ctx)
{
	/* Others than the kernel may send as well. */
	if (from->nl_pid)
		return true;
	return hear_all(buf, len > (ssize_t)size ? (int)size : (int)len, each, ctx) &&
	       len <= (ssize_t)size;
}

int rtnl_hear(struct nl_sock *sk, rtnl_each *each, void *ctx, struct err *e)
{
	static unsigned char buf[1 << 16] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct sockaddr_nl from;
	socklen_t from_len;
	unsigned int n;
	ssize_t len;
	bool lost;

	for (n = 0; n < HEAR_MAX; n++) {
		from_len = sizeof(from);
		len = recvfrom(nl_socket_get_fd(sk), buf, sizeof(buf), MSG_DONTWAIT | MSG_TRUNC,
			       (struct sockaddr *)&from, &from_len);
		if (len < 0 && errno == EAGAIN)
			break;
		if (len < 0 && errno != EINTR && errno != ENOBUFS)
			return err_set(e, errno, "no news of devices and routes: %m");
		lost = len < 0 ? errno == ENOBUFS :
				 !hear_datagram(buf, sizeof(buf), len, &from, each, ctx);
		if (lost)
			each(NULL, ctx);
	}
	return n > 0;
}

bool rtnl_addr(const struct nlattr *a, uint8_t family, struct ip_addr *out)
{
	struct ip_addr addr = { .family = family };
	bool v4 = family == AF_INET;

	if (!a || (!v4 && family != AF_INET6) || nla_len(a) != (int)ip_addr_len(&addr))
		return false;
	memcpy(v4 ? (void *)&addr.v4 : &addr.v6, nla_data(a), ip_addr_len(&addr));
	*out = addr;
	return true;
}

int rtnl_put_addr(struct nl_msg *msg, int attr, const struct ip_addr *a)
{
	const void *bytes = a->family == AF_INET ? (const void *)&a->v4 : &a->v6;

	return nla_put(msg, attr, (int)ip_addr_len(a), bytes);
}
