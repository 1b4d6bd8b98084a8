// SPDX-License-Identifier: GPL-2.0
#include "kernel_watch.h"

#include "netlink_sock.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/svcnat.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>

struct kernel_watch {
	struct nl_sock *sk;
};

static int join(struct nl_sock *sk)
{
	int group, err;

	/* Both before the group is joined: the lookup waits for an answer. */
	nl_socket_disable_seq_check(sk);
	group = genl_ctrl_resolve_grp(sk, "nlctrl", "notify");
	if (group < 0)
		return group;
	err = nl_socket_set_nonblocking(sk);
	return err ? err : nl_socket_add_membership(sk, group);
}

int kernel_watch_open(struct kernel_watch **out, struct err *e)
{
	struct kernel_watch *w = calloc(1, sizeof(*w));
	int err;

	if (!w)
		return err_set(e, ENOMEM, "out of memory");
	err = netlink_sock_open(&w->sk, e);
	if (err) {
		free(w);
		return err;
	}
	err = join(w->sk);
	if (err) {
		kernel_watch_close(w);
		return err_set(e, EIO, "cannot watch for the svcnat module: %s", nl_geterror(err));
	}
	*out = w;
	return 0;
}

int kernel_watch_fd(const struct kernel_watch *w)
{
	return nl_socket_get_fd(w->sk);
}

/* News was lost: ask for the state, on another socket since this one gets more news meanwhile. */
static bool look(void)
{
	struct nl_sock *sk;
	uint32_t version;
	uint16_t id;
	int err;

	if (netlink_sock_open(&sk, NULL))
		return false;
	err = netlink_sock_family(sk, &id, &version, NULL);
	netlink_sock_close(sk);
	return !err;
}

/* Does this message tell of the family? */
static bool concerns(struct nlmsghdr *h, bool *present)
{
	const struct nlattr *name;
	struct genlmsghdr *g;

	if (h->nlmsg_type != GENL_ID_CTRL || !genlmsg_valid_hdr(h, 0))
		return false;
	g = nlmsg_data(h);
	if (g->cmd != CTRL_CMD_NEWFAMILY && g->cmd != CTRL_CMD_DELFAMILY)
		return false;
	name = nla_find(genlmsg_attrdata(g, 0), genlmsg_attrlen(g, 0), CTRL_ATTR_FAMILY_NAME);
	if (!name || nla_strcmp(name, SVCNAT_GENL_NAME))
		return false;
	*present = g->cmd == CTRL_CMD_NEWFAMILY;
	return true;
}

int kernel_watch_read(struct kernel_watch *w, bool *present, struct err *e)
{
	struct sockaddr_nl from;
	unsigned char *buf;
	struct nlmsghdr *h;
	bool news = false;
	int len;

	while (!news) {
		buf = NULL;
		len = nl_recv(w->sk, &from, &buf, NULL);
		/* libnl has one name for ENOBUFS and ENOMEM: either way something was missed. */
		if (len == -NLE_NOMEM) {
			*present = look();
			return 1;
		}
		if (len == -NLE_AGAIN || !len)
			return 0;
		if (len < 0)
			return err_set(e, EIO, "cannot read the news of modules: %s",
				       nl_geterror(len));
		/* The later message of a datagram is the newer state. */
		for (h = (struct nlmsghdr *)buf; !from.nl_pid && nlmsg_ok(h, len);
		     h = nlmsg_next(h, &len))
			news |= concerns(h, present);
		free(buf);
	}
	return 1;
}

void kernel_watch_close(struct kernel_watch *w)
{
	if (!w)
		return;
	netlink_sock_close(w->sk);
	free(w);
}
