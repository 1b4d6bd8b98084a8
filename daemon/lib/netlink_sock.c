// SPDX-License-Identifier: GPL-2.0
#include "netlink_sock.h"

#include "err.h"
#include "netlink_attr.h"
#include "netlink_parse.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Twice the largest buffer of a dump, SKB_WITH_OVERHEAD(32768) in af_netlink.c. */
#define ANSWER_MAX	((size_t)64 * 1024)

int netlink_sock_open(struct nl_sock **out, struct err *e)
{
	struct nl_sock *sk = nl_socket_alloc();
	const int on = 1;
	int fd, err;

	if (!sk)
		return err_set(e, ENOMEM, "out of memory");
	err = nl_connect(sk, NETLINK_GENERIC);
	if (err) {
		nl_socket_free(sk);
		return err_set(e, EIO, "cannot open a netlink socket: %s", nl_geterror(err));
	}
	/* The kernel makes no answer longer than that: none has to be looked at before. */
	nl_socket_disable_msg_peek(sk);
	nl_socket_set_msg_buf_size(sk, ANSWER_MAX);
	/*
	 * The reason in words, no echo of a request that may be megabytes long,
	 * and no filter that is silently ignored. A kernel without them is one
	 * without the module.
	 */
	fd = nl_socket_get_fd(sk);
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	*out = sk;
	return 0;
}

void netlink_sock_close(struct nl_sock *sk)
{
	nl_socket_free(sk);
}

struct nl_msg *netlink_sock_message(uint16_t family, uint8_t cmd, int flags, size_t size)
{
	struct nl_msg *msg = nlmsg_alloc_size(size);

	if (msg && !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, flags, cmd,
				SVCNAT_GENL_VERSION)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

/* A message must fit into the send buffer whole, or the kernel answers -EMSGSIZE. */
static void make_room(struct nl_sock *sk, size_t size)
{
	int fd = nl_socket_get_fd(sk);
	socklen_t len = sizeof(int);
	int have = 0, want;

	getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &have, &len);
	if ((size_t)have > size + 1024)
		return;
	want = (int)size + 1024;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &want, sizeof(want)))
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &want, sizeof(want));
}

int netlink_sock_send(struct nl_sock *sk, struct nl_msg *msg, struct err *e)
{
	struct nlmsghdr *h = nlmsg_hdr(msg);
	int err;

	make_room(sk, h->nlmsg_len);
	h->nlmsg_seq = NL_AUTO_SEQ;	/* a message that is sent again gets a new one */
	err = nl_send_auto(sk, msg);
	if (err < 0)
		return err_set(e, EIO, "cannot send %u bytes to the kernel: %s", h->nlmsg_len,
			       nl_geterror(err));
	return 0;
}

static void take_message(struct netlink_answer *a, const struct nlmsghdr *h, struct err *e)
{
	int err;

	if (h->nlmsg_seq != a->seq || a->done)
		return;
	if (h->nlmsg_flags & NLM_F_DUMP_INTR)
		a->x->interrupted = true;
	if (h->nlmsg_type == NLMSG_ERROR || h->nlmsg_type == NLMSG_DONE) {
		a->done = true;
		if (a->err)
			return;
		a->err = netlink_parse_ack(h, &a->x->has_text, e);
	} else if (h->nlmsg_type >= NLMSG_MIN_TYPE && !a->err && a->x->reply) {
		a->x->replied = true;
		err = a->x->reply(a->x->ctx, h, e);
		if (err)
			a->err = err;
	}
}

void netlink_sock_take(struct netlink_answer *a, const void *datagram, int len, uint32_t port,
		       struct err *e)
{
	struct nlmsghdr *h = (struct nlmsghdr *)datagram;

	/* Only the kernel has port 0. */
	while (!port && nlmsg_ok(h, len)) {
		take_message(a, h, e);
		h = nlmsg_next(h, &len);
	}
}

int netlink_sock_receive(struct nl_sock *sk, struct netlink_answer *a, struct err *e)
{
	struct sockaddr_nl from = { 0 };
	unsigned char *buf = NULL;
	int len;

	len = nl_recv(sk, &from, &buf, NULL);
	if (len <= 0)
		return err_set(e, EIO, "cannot read the kernel's answer: %s",
			       len ? nl_geterror(len) : "end of file");
	netlink_sock_take(a, buf, len, from.nl_pid, e);
	free(buf);
	return 0;
}

int netlink_sock_exchange(struct nl_sock *sk, struct nl_msg *msg, struct netlink_exchange *x,
			  struct err *e)
{
	struct netlink_answer a = { .x = x };
	int err;

	x->replied = false;
	x->interrupted = false;
	x->has_text = false;
	err = netlink_sock_send(sk, msg, e);
	a.seq = nlmsg_hdr(msg)->nlmsg_seq;
	/* To the end even after an error: an unread dump would block the next one. */
	while (!err && !a.done)
		err = netlink_sock_receive(sk, &a, e);
	return err ? err : a.err;
}

/* --- families --- */

struct find {
	struct netlink_family found;
	const char *group;
};

/* A CTRL_ATTR_MCAST_GRP_*: its number if it has this name, else 0. */
static uint32_t group_number(const struct nlattr *nest, const char *name)
{
	const struct nlattr *id, *text;
	uint32_t number;

	id = nla_find(nla_data(nest), nla_len(nest), CTRL_ATTR_MCAST_GRP_ID);
	text = nla_find(nla_data(nest), nla_len(nest), CTRL_ATTR_MCAST_GRP_NAME);
	if (!id || netlink_get_u32(id, &number) || !text || nla_strcmp(text, name))
		return 0;
	return number;
}

static uint32_t find_group(const struct nlattr *groups, const char *name)
{
	const struct nlattr *nest;
	uint32_t number = 0;
	int rem;

	if (!groups)
		return 0;
	nla_for_each_nested(nest, groups, rem)
		if (!number)
			number = group_number(nest, name);
	return number;
}

static int take_family(void *ctx, const struct nlmsghdr *h, struct err *e)
{
	const struct nlattr *attrs, *id, *version;
	struct find *f = ctx;
	int len;

	attrs = netlink_parse_attrs(h, &len);
	id = nla_find(attrs, len, CTRL_ATTR_FAMILY_ID);
	version = nla_find(attrs, len, CTRL_ATTR_VERSION);
	if (!id || netlink_get_u16(id, &f->found.id) || !version ||
	    netlink_get_u32(version, &f->found.version))
		return netlink_malformed(e, -EPROTO, "family", 0);
	if (!f->group)
		return 0;
	f->found.group = find_group(nla_find(attrs, len, CTRL_ATTR_MCAST_GROUPS), f->group);
	if (!f->found.group)
		return netlink_malformed(e, -EPROTO, "family", CTRL_ATTR_MCAST_GROUPS);
	return 0;
}

int netlink_sock_find(struct nl_sock *sk, const char *name, const char *group,
		      struct netlink_family *out, struct err *e)
{
	struct find f = { .group = group };
	struct netlink_exchange x = { .reply = take_family, .ctx = &f };
	struct nl_msg *msg;
	int err;

	msg = netlink_sock_message(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0, 256);
	if (!msg || nla_put_string(msg, CTRL_ATTR_FAMILY_NAME, name))
		err = err_set(e, ENOMEM, "out of memory");
	else
		err = netlink_sock_exchange(sk, msg, &x, e);
	nlmsg_free(msg);
	if (!err && !x.replied)
		err = netlink_malformed(e, -EPROTO, "family", 0);
	*out = f.found;
	return err;
}

int netlink_sock_family(struct nl_sock *sk, uint16_t *id, uint32_t *version, struct err *e)
{
	struct netlink_family f;
	int err = netlink_sock_find(sk, SVCNAT_GENL_NAME, NULL, &f, e);

	*id = f.id;
	*version = f.version;
	return err;
}
