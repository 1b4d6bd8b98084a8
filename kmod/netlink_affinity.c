// SPDX-License-Identifier: GPL-2.0
/* AFFINITY_GET, AFFINITY_FLUSH. */
#include <linux/slab.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "affinity.h"
#include "compat/genetlink.h"
#include "fill.h"
#include "netlink.h"
#include "netns.h"
#include "parse.h"
#include "service.h"
#include "state.h"

/* A dump in progress; cb->args[0], once cb->args[1] says that it was begun. */
struct svcnat_affinity_dump {
	struct svcnat_clients_cursor cursor;
	struct svcnat_affinity_filter filter;	/* points into the request, which stays */
};

/*
 * At the first call, not at the dump's start: there 6.1 has no place for words.
 * It stays enabled as long as there is anything to dump: see disable.
 */
static int svcnat_affinity_dump_begin(struct netlink_callback *cb, struct svcnat_net *sn)
{
	struct svcnat_affinity_dump *dump;
	int err;

	cb->args[1] = true;
	dump = kzalloc(sizeof(*dump), GFP_KERNEL);
	if (!dump) {
		NL_SET_ERR_MSG(cb->extack, "out of memory");
		return -ENOMEM;
	}

	err = svcnat_parse_affinity(svcnat_dump_attrs(cb), &dump->filter, cb->extack);
	if (err || !sn->enabled) {
		kfree(dump);
		return err;
	}
	cb->args[0] = (long)dump;
	return 0;
}

int svcnat_cmd_affinity_done(struct netlink_callback *cb)
{
	kfree((void *)cb->args[0]);
	return 0;
}

static int svcnat_affinity_fill(struct sk_buff *skb, struct netlink_callback *cb,
				const struct svcnat_service *svc, u32 timeout,
				const struct svcnat_affinity_view *view)
{
	void *hdr;

	hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			  &svcnat_netlink_family, NLM_F_MULTI, SVCNAT_CMD_AFFINITY_GET);
	if (!hdr)
		return -EMSGSIZE;
	if (nla_put_string(skb, SVCNAT_A_AFFINITY_NAME, svc->name) ||
	    nla_put_u8(skb, SVCNAT_A_AFFINITY_FAMILY, svc->family) ||
	    nla_put_u8(skb, SVCNAT_A_AFFINITY_PROTO, svc->proto) ||
	    svcnat_fill_addr(skb, SVCNAT_A_AFFINITY_CLIENT, svc->family, &view->client) ||
	    svcnat_fill_addr(skb, SVCNAT_A_AFFINITY_ENDPOINT_ADDR, svc->family,
			     &view->endpoint.addr) ||
	    nla_put_be16(skb, SVCNAT_A_AFFINITY_ENDPOINT_PORT, view->endpoint.port) ||
	    nla_put_u32(skb, SVCNAT_A_AFFINITY_AGE, view->age) ||
	    nla_put_u32(skb, SVCNAT_A_AFFINITY_TIMEOUT, timeout)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/* One entry, if it is wanted. Lock held. */
static int svcnat_affinity_dump_one(struct sk_buff *skb, struct netlink_callback *cb,
				    struct svcnat_net *sn,
				    const struct svcnat_affinity_filter *f,
				    const struct svcnat_affinity_view *view)
{
	const struct svcnat_service *svc = svcnat_service_find_id(sn, view->service);

	if (!svc || !svcnat_affinity_wanted(f, svc, &view->client))
		return 0;
	return svcnat_affinity_fill(skb, cb, svc, svcnat_service_state(sn, svc)->affinity,
				    view);
}

/* As many entries as fit. 0: that was the last one. Lock held. */
static int svcnat_affinity_dump_all(struct sk_buff *skb, struct netlink_callback *cb,
				    struct svcnat_net *sn,
				    struct svcnat_affinity_dump *dump)
{
	struct svcnat_clients_cursor cursor = dump->cursor;
	struct svcnat_affinity_view view;
	int err = 0;

	svcnat_affinity_walk_begin(sn);
	while (!err && svcnat_affinity_walk_next(sn, &cursor, &view)) {
		err = svcnat_affinity_dump_one(skb, cb, sn, &dump->filter, &view);
		if (!err)
			dump->cursor = cursor;	/* else the same one again */
	}
	svcnat_affinity_walk_end(sn);
	return err;
}

int svcnat_cmd_affinity_get(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct svcnat_net *sn = svcnat_netns(sock_net(skb->sk));
	struct svcnat_affinity_dump *dump;
	int err = 0;

	mutex_lock(&sn->lock);
	if (!cb->args[1])
		err = svcnat_affinity_dump_begin(cb, sn);
	dump = (void *)cb->args[0];
	if (dump)
		err = svcnat_affinity_dump_all(skb, cb, sn, dump);
	mutex_unlock(&sn->lock);

	return skb->len ?: err;
}

int svcnat_cmd_affinity_flush(struct sk_buff *skb, struct genl_info *info)
{
	struct svcnat_net *sn = svcnat_netns(genl_info_net(info));
	struct svcnat_affinity_filter filter;
	struct sk_buff *reply;
	u32 deleted = 0;
	void *hdr;
	int err;

	err = svcnat_parse_affinity(info->attrs, &filter, info->extack);
	if (err)
		return err;

	reply = svcnat_netlink_reply(info, nla_total_size(sizeof(u32)), &hdr);
	if (!reply)
		return svcnat_netlink_end(info, -ENOMEM);

	mutex_lock(&sn->lock);
	if (sn->enabled)
		deleted = svcnat_affinity_flush(sn, &filter);
	mutex_unlock(&sn->lock);

	err = nla_put_u32(reply, SVCNAT_A_AFFINITY_DELETED, deleted);
	return svcnat_netlink_reply_end(info, reply, hdr, err);
}
