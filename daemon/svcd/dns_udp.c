// SPDX-License-Identifier: GPL-2.0
#include "dns_server_priv.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

/* In one turn of the loop; others have their turn in between. */
#define BATCH		64
/* A query has no reason to be longer. */
#define QUERY_MAX	4096
/* So that a turn of the loop that takes long loses none. */
#define RECEIVE_BYTES	(1 << 20)

struct udp_request {
	struct dns_request r;		/* first */
	struct dns_udp *udp;
	LIST_ENTRY(udp_request) link;
	struct ip_addr to;		/* what was asked; family 0: not known */
	unsigned int device;		/* by which it came */
};

LIST_HEAD(udp_requests, udp_request);

struct dns_udp {
	struct dns_server *server;
	int fd;
	struct event *readable;
	struct udp_requests requests;
};

union control {
	struct cmsghdr align;
	char data[CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

/* --- answers --- */

static void put_control(struct msghdr *msg, int level, int type, const void *data, size_t len)
{
	struct cmsghdr *c;

	msg->msg_controllen = CMSG_SPACE(len);
	c = CMSG_FIRSTHDR(msg);
	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), data, len);
}

/* The answer comes from the address that was asked; else the client does not take it. */
static void set_source(struct msghdr *msg, const struct udp_request *u)
{
	struct in_pktinfo v4 = { .ipi_spec_dst = u->to.v4 };
	struct in6_pktinfo v6 = { .ipi6_addr = u->to.v6 };

	if (u->to.family == AF_INET) {
		put_control(msg, IPPROTO_IP, IP_PKTINFO, &v4, sizeof(v4));
	} else if (u->to.family == AF_INET6) {
		if (IN6_IS_ADDR_LINKLOCAL(&v6.ipi6_addr))
			v6.ipi6_ifindex = u->device;
		put_control(msg, IPPROTO_IPV6, IPV6_PKTINFO, &v6, sizeof(v6));
	} else {
		msg->msg_control = NULL;
	}
}

static void request_free(struct udp_request *u)
{
	LIST_REMOVE(u, link);
	free(u);
}

static void end(struct dns_request *r, const uint8_t *data, size_t len)
{
	struct udp_request *u = (struct udp_request *)r;
	struct sockaddr_storage sa;
	union control control = { .data = "" };
	struct iovec iov = { .iov_base = (void *)data, .iov_len = len };
	struct msghdr msg = {
		.msg_name = &sa,
		.msg_namelen = dns_peer_sockaddr(&r->from, &sa),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
	};

	set_source(&msg, u);
	/* What cannot be sent is lost, as datagrams are: the client asks again. */
	if (data)
		(void)!sendmsg(u->udp->fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
	request_free(u);
}

static const struct dns_request_ops ops = { .end = end };

/* --- queries --- */

static void read_control(struct msghdr *msg, struct udp_request *u)
{
	struct in6_pktinfo v6;
	struct in_pktinfo v4;
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			memcpy(&v4, CMSG_DATA(c), sizeof(v4));
			u->to = (struct ip_addr){ .family = AF_INET, .v4 = v4.ipi_spec_dst };
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			memcpy(&v6, CMSG_DATA(c), sizeof(v6));
			u->to = (struct ip_addr){ .family = AF_INET6, .v6 = v6.ipi6_addr };
			u->device = v6.ipi6_ifindex;
		}
	}
}

static void take(struct dns_udp *udp, struct msghdr *msg, const uint8_t *data, size_t len)
{
	struct dns_server *s = udp->server;
	const struct sockaddr_storage *sa = msg->msg_name;
	struct udp_request *u;

	if ((msg->msg_flags & MSG_TRUNC) || !len)
		return;
	u = calloc(1, sizeof(*u));
	if (!u)
		return;
	u->r = (struct dns_request){ .ops = &ops, .began = dns_now_ns() };
	dns_peer_from(&u->r.from, sa);
	u->udp = udp;
	read_control(msg, u);
	LIST_INSERT_HEAD(&udp->requests, u, link);
	/* Port 0 takes no answer, and our own would be our own question. */
	if (u->r.from.port)
		s->config.handle(s->config.ctx, &u->r, data, len);
	else
		request_free(u);
}

static void on_readable(evutil_socket_t fd, short what, void *ctx)
{
	struct dns_udp *udp = ctx;
	struct sockaddr_storage sa;
	uint8_t data[QUERY_MAX];
	union control control;
	struct iovec iov = { .iov_base = data, .iov_len = sizeof(data) };
	struct msghdr msg;
	ssize_t len;
	int i;

	(void)what;
	for (i = 0; i < BATCH; i++) {
		msg = (struct msghdr){
			.msg_name = &sa,
			.msg_namelen = sizeof(sa),
			.msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = &control,
			.msg_controllen = sizeof(control),
		};
		len = recvmsg(fd, &msg, MSG_DONTWAIT);
		if (len < 0)
			return;
		take(udp, &msg, data, (size_t)len);
	}
}

static int set_options(int fd)
{
	const int on = 1, bytes = RECEIVE_BYTES;
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);

	if (getsockname(fd, (struct sockaddr *)&sa, &len) < 0)
		return -errno;
	/* With CAP_NET_ADMIN, beyond what is usual. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	if (sa.ss_family == AF_INET ?
	    setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)) :
	    setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on)))
		return -errno;
	return 0;
}

int dns_udp_open(struct dns_udp **out, struct dns_server *s, int fd)
{
	struct dns_udp *u = calloc(1, sizeof(*u));
	int err = set_options(fd);

	if (!u || err) {
		close(fd);
		free(u);
		return err ? err : -ENOMEM;
	}
	*u = (struct dns_udp){ .server = s, .fd = fd };
	u->readable = event_new(s->config.base, fd, EV_READ | EV_PERSIST, on_readable, u);
	if (!u->readable || event_add(u->readable, NULL) < 0) {
		dns_udp_close(u);
		return -ENOMEM;
	}
	*out = u;
	return 0;
}

void dns_udp_close(struct dns_udp *u)
{
	struct udp_request *r;

	if (!u)
		return;
	while ((r = LIST_FIRST(&u->requests))) {
		if (r->r.gone)
			r->r.gone(&r->r);
		request_free(r);
	}
	if (u->readable)
		event_free(u->readable);
	close(u->fd);
	free(u);
}
