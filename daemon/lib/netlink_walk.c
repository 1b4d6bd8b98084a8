// SPDX-License-Identifier: GPL-2.0
#include "netlink_walk.h"

#include "err.h"
#include "netlink_fill.h"
#include "netlink_parse.h"

#include <errno.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

#define REQUEST_SIZE	2048

struct netlink_walk {
	struct nl_sock *sk;		/* NULL: a test's */
	netlink_walk_receive *receive;
	void *ctx;
	struct netlink_exchange x;
	struct netlink_answer answer;
	struct netlink_dump dump;
	struct kservices list;		/* what came and was not read yet */
};

static int take(void *ctx, const struct nlmsghdr *h, struct err *e)
{
	const struct nlattr *attrs;
	int len;

	attrs = netlink_parse_attrs(h, &len);
	return netlink_parse_dump(ctx, attrs, len, e);
}

struct netlink_walk *netlink_walk_open_on(netlink_walk_receive *receive, void *ctx, uint32_t seq)
{
	struct netlink_walk *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->receive = receive;
	w->ctx = ctx;
	w->dump.out = &w->list;
	w->x.reply = take;
	w->x.ctx = &w->dump;
	w->answer.x = &w->x;
	w->answer.seq = seq;
	return w;
}

static int receive_from_socket(void *ctx, struct netlink_answer *a, struct err *e)
{
	return netlink_sock_receive(ctx, a, e);
}

static int send_request(struct nl_sock *sk, uint16_t family, const struct kfilter *f,
			uint32_t *seq, struct err *e)
{
	struct nl_msg *msg = netlink_sock_message(family, SVCNAT_CMD_SERVICE_GET, NLM_F_DUMP,
						  REQUEST_SIZE);
	int err;

	if (!msg || (f && netlink_fill_filter(msg, f)))
		err = err_set(e, ENOMEM, "out of memory");
	else
		err = netlink_sock_send(sk, msg, e);
	if (!err)
		*seq = nlmsg_hdr(msg)->nlmsg_seq;
	nlmsg_free(msg);
	return err;
}

int netlink_walk_open(struct netlink_walk **out, uint16_t family, const struct kfilter *f,
		      struct err *e)
{
	struct netlink_walk *w;
	struct nl_sock *sk;
	uint32_t seq = 0;
	int err;

	err = netlink_sock_open(&sk, e);
	if (err)
		return err;
	err = send_request(sk, family, f, &seq, e);
	w = err ? NULL : netlink_walk_open_on(receive_from_socket, sk, seq);
	if (!w) {
		netlink_sock_close(sk);
		return err ? err : err_set(e, ENOMEM, "out of memory");
	}
	w->sk = sk;
	*out = w;
	return 0;
}

/* All that are complete: the last one may go on in the next datagram. */
static int move_complete(struct netlink_walk *w, struct kservices *out, struct err *e)
{
	size_t i, n = w->list.n - w->dump.more;
	int err = 0;

	for (i = 0; !err && i < n; i++)
		err = kservices_add(out, &w->list.v[i]);
	for (i = 0; i < n; i++)
		kservice_clear(&w->list.v[i]);
	if (n)
		memmove(w->list.v, w->list.v + n, (w->list.n - n) * sizeof(*w->list.v));
	w->list.n -= n;
	return err ? err_set(e, ENOMEM, "out of memory") : 0;
}

int netlink_walk_read(struct netlink_walk *w, struct kservices *out, struct err *e)
{
	const bool in_the_middle = w->dump.more;
	int err;

	if (w->answer.done)
		return 0;
	w->x.interrupted = false;
	err = w->receive(w->ctx, &w->answer, e);
	if (err)
		return err;
	if (w->x.interrupted && in_the_middle)
		return err_set(e, EAGAIN, "a service changed while it was read");
	if (w->answer.err)
		return w->answer.err;
	err = move_complete(w, out, e);
	if (err || !w->answer.done)
		return err ? err : 1;
	return w->dump.more ? err_set(e, EPROTO, "the svcnat module's list of services ends in "
					       "the middle") : 0;
}

void netlink_walk_close(struct netlink_walk *w)
{
	if (!w)
		return;
	kservices_clear(&w->list);
	if (w->sk)
		netlink_sock_close(w->sk);
	free(w);
}
