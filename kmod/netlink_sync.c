// SPDX-License-Identifier: GPL-2.0
/* SYNC_BEGIN, SYNC_END, FLUSH: all services of an owner. */
#include <net/genetlink.h>

#include "events.h"
#include "netlink.h"
#include "netns.h"
#include "parse.h"
#include "service.h"
#include "settings.h"
#include "stale.h"
#include "sync.h"

int svcnat_cmd_sync_begin(struct sk_buff *skb, struct genl_info *info)
{
	struct svcnat_net *sn = svcnat_netns(genl_info_net(info));
	struct sk_buff *reply;
	const char *owner;
	void *hdr;
	u32 token;
	int err;

	err = svcnat_parse_owner(info, true, &owner);
	if (err)
		return err;

	reply = svcnat_netlink_reply(info, nla_total_size(sizeof(u32)), &hdr);
	if (!reply)
		return svcnat_netlink_end(info, -ENOMEM);

	mutex_lock(&sn->lock);
	err = svcnat_netlink_enable(info, sn);
	if (!err)
		err = svcnat_sync_begin(sn, owner, &token);
	mutex_unlock(&sn->lock);

	err = err ?: nla_put_u32(reply, SVCNAT_A_SYNC_TOKEN, token);
	return svcnat_netlink_reply_end(info, reply, hdr, err);
}

/* The services are loaded: what is not among them is nobody's. */
static int svcnat_sync_disarm(struct svcnat_net *sn)
{
	const struct svcnat_settings *old = svcnat_netns_settings(sn);
	struct svcnat_settings *set;

	if (!old->armed)
		return 0;
	set = svcnat_settings_copy(old);
	if (!set)
		return -ENOMEM;
	set->armed = false;
	svcnat_netns_publish_settings(sn, set);
	svcnat_event_settings(sn, set);
	return 0;
}

static int svcnat_sync_finish(struct svcnat_net *sn, const char *owner, u32 token,
			      u32 *deleted)
{
	int err;

	if (!svcnat_sync_valid(sn, owner, token))
		return -ESTALE;

	err = svcnat_sync_disarm(sn);
	if (err)
		return err;

	*deleted = svcnat_service_sweep(sn, owner, token, svcnat_event_service_del);
	svcnat_sync_end(sn, owner);
	svcnat_event_sync_end(sn, owner, *deleted);
	svcnat_stale_run(sn, false);
	return 0;
}

int svcnat_cmd_sync_end(struct sk_buff *skb, struct genl_info *info)
{
	struct svcnat_net *sn = svcnat_netns(genl_info_net(info));
	u32 token, deleted = 0;
	struct sk_buff *reply;
	const char *owner;
	void *hdr;
	int err;

	err = svcnat_parse_owner(info, true, &owner) ?:
	      svcnat_parse_token(info, &token);
	if (err)
		return err;

	reply = svcnat_netlink_reply(info, nla_total_size(sizeof(u32)), &hdr);
	if (!reply)
		return svcnat_netlink_end(info, -ENOMEM);

	mutex_lock(&sn->lock);
	err = svcnat_sync_finish(sn, owner, token, &deleted);
	mutex_unlock(&sn->lock);

	if (err == -ESTALE)
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[SVCNAT_A_SYNC_TOKEN],
				    "the sync token is void: the owner has no such sync");
	err = err ?: nla_put_u32(reply, SVCNAT_A_SYNC_DELETED, deleted);
	return svcnat_netlink_reply_end(info, reply, hdr, err);
}

int svcnat_cmd_flush(struct sk_buff *skb, struct genl_info *info)
{
	struct svcnat_net *sn = svcnat_netns(genl_info_net(info));
	struct sk_buff *reply;
	const char *owner;
	u32 deleted;
	void *hdr;
	int err;

	err = svcnat_parse_owner(info, false, &owner);
	if (err)
		return err;

	reply = svcnat_netlink_reply(info, nla_total_size(sizeof(u32)), &hdr);
	if (!reply)
		return svcnat_netlink_end(info, -ENOMEM);

	mutex_lock(&sn->lock);
	deleted = svcnat_service_flush(sn, owner, svcnat_event_service_del);
	svcnat_stale_run(sn, false);
	mutex_unlock(&sn->lock);

	err = nla_put_u32(reply, SVCNAT_A_SYNC_DELETED, deleted);
	return svcnat_netlink_reply_end(info, reply, hdr, err);
}
