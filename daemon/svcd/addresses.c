// SPDX-License-Identifier: GPL-2.0
#include "addresses.h"

#include "err.h"
#include "rtnl.h"

#include <errno.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static bool take(const struct sockaddr *sa, struct ip_addr *out)
{
	const struct sockaddr_in6 *v6 = (const void *)sa;
	const struct sockaddr_in *v4 = (const void *)sa;

	memset(out, 0, sizeof(*out));
	if (sa && sa->sa_family == AF_INET) {
		out->family = AF_INET;
		out->v4 = v4->sin_addr;
		return ntohl(out->v4.s_addr) >> 24 != 127 &&
		       ntohl(out->v4.s_addr) >> 16 != 0xa9fe;
	}
	if (sa && sa->sa_family == AF_INET6) {
		out->family = AF_INET6;
		out->v6 = v6->sin6_addr;
		return !IN6_IS_ADDR_LOOPBACK(&out->v6) && !IN6_IS_ADDR_LINKLOCAL(&out->v6);
	}
	return false;
}

int addresses_read(void *ctx, struct ip_addr **out, size_t *n, struct err *e)
{
	struct ifaddrs *all, *a;
	size_t room = 0;

	(void)ctx;
	if (getifaddrs(&all) < 0)
		return err_set(e, errno, "the addresses of this node cannot be read: %m");
	for (a = all; a; a = a->ifa_next)
		room++;
	*n = 0;
	*out = calloc(room + 1, sizeof(**out));
	for (a = all; *out && a; a = a->ifa_next)
		*n += take(a->ifa_addr, &(*out)[*n]);
	freeifaddrs(all);
	return *out ? 0 : err_set(e, ENOMEM, "out of memory");
}

static void on_route(const struct nlmsghdr *h, void *ctx)
{
	const struct rtmsg *rtm = NLMSG_DATA(h);
	int *local = ctx;

	if (h->nlmsg_type == RTM_NEWROUTE && h->nlmsg_len >= NLMSG_LENGTH(sizeof(*rtm)))
		*local = rtm->rtm_type == RTN_LOCAL;
}

/* As the routes have it: they know of more, and of less, than devices' addresses. */
int addresses_local(void *ctx, const struct ip_addr *addr, struct err *e)
{
	const struct rtmsg rtm = {
		.rtm_family = addr->family, .rtm_dst_len = (uint8_t)(8 * ip_addr_len(addr)),
	};
	struct nl_msg *msg;
	struct nl_sock *sk;
	int local = 0, ret;

	(void)ctx;
	ret = rtnl_open(&sk, NULL, e);
	if (ret)
		return ret;
	msg = rtnl_message(RTM_GETROUTE, 0, &rtm, sizeof(rtm));
	if (msg && rtnl_put_addr(msg, RTA_DST, addr)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	ret = rtnl_ask(sk, msg, on_route, &local, "the routes of this node cannot be read", e);
	rtnl_close(sk);
	/* That there is no way there is an answer, too. */
	return ret == -ENETUNREACH || ret == -EHOSTUNREACH || ret == -EACCES || ret == -EINVAL ? 0 :
	       ret ? ret : local;
}

int addresses_watch(struct err *e)
{
	const struct sockaddr_nl groups = {
		.nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR,
	};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
	int code;

	if (fd >= 0 && bind(fd, (const struct sockaddr *)&groups, sizeof(groups)) == 0)
		return fd;
	code = errno;
	if (fd >= 0)
		close(fd);
	return err_set(e, code, "cannot watch the addresses of this node: %s", strerror(code));
}

/* What they say does not matter, and neither does it when some were lost: all is read anew. */
int addresses_news(int fd, struct err *e)
{
	char buf[64];
	int any = 0;

	for (;;) {
		if (recv(fd, buf, sizeof(buf), 0) >= 0 || errno == ENOBUFS)
			any = 1;
		else if (errno == EAGAIN)
			return any;
		else if (errno != EINTR)
			return err_set(e, errno, "the addresses of this node are not told of: %m");
		errno = 0;
	}
}
