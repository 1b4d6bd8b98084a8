// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <net/genetlink.h>

#include "compat/genetlink.h"
#include "events.h"
#include "netlink.h"
#include "netns.h"
#include "policy.h"

/* What nf_nat and conntrack say when they cannot be switched on has no words of its own. */
int svcnat_netlink_enable(struct genl_info *info, struct svcnat_net *sn)
{
	int err = svcnat_netns_enable(genl_info_net(info), sn);

	if (err)
		NL_SET_ERR_MSG(info->extack,
			       "cannot switch on connection tracking and NAT in this namespace");
	return err;
}

int svcnat_netlink_end(struct genl_info *info, int err)
{
	if (err == -ENOMEM)
		NL_SET_ERR_MSG(info->extack, "out of memory");
	return err;
}

struct sk_buff *svcnat_netlink_reply(struct genl_info *info, size_t size, void **hdr)
{
	struct sk_buff *skb = genlmsg_new(size, GFP_KERNEL);

	if (!skb)
		return NULL;

	*hdr = genlmsg_put_reply(skb, info, &svcnat_netlink_family, 0,
				 info->genlhdr->cmd);
	if (!*hdr) {
		nlmsg_free(skb);
		return NULL;
	}
	return skb;
}

int svcnat_netlink_reply_end(struct genl_info *info, struct sk_buff *skb, void *hdr,
			     int err)
{
	if (err) {
		nlmsg_free(skb);
		return svcnat_netlink_end(info, err);
	}
	genlmsg_end(skb, hdr);
	return genlmsg_reply(skb, info);
}

#define SVCNAT_OP(_cmd, _policy, _maxattr)	\
	.cmd		= (_cmd),		\
	.flags		= GENL_ADMIN_PERM,	\
	.policy		= (_policy),		\
	.maxattr	= (_maxattr)

static const struct genl_ops svcnat_netlink_ops[] = {
	{
		SVCNAT_OP(SVCNAT_CMD_SERVICE_SET, svcnat_policy_service_set,
			  SVCNAT_A_SERVICE_MAX),
		.doit	= svcnat_cmd_service_set,
	}, {
		SVCNAT_OP(SVCNAT_CMD_SERVICE_DEL, svcnat_policy_service_del,
			  SVCNAT_A_SERVICE_DEFER),
		.doit	= svcnat_cmd_service_del,
	}, {
		SVCNAT_OP(SVCNAT_CMD_SERVICE_GET, svcnat_policy_service_get,
			  SVCNAT_A_SERVICE_STATS),
		.dumpit	= svcnat_cmd_service_get,
	}, {
		SVCNAT_OP(SVCNAT_CMD_ENDPOINT_SET, svcnat_policy_endpoint_set,
			  SVCNAT_A_SERVICE_ENDPOINT),
		.doit	= svcnat_cmd_endpoint_set,
	}, {
		SVCNAT_OP(SVCNAT_CMD_ENDPOINT_DEL, svcnat_policy_endpoint_set,
			  SVCNAT_A_SERVICE_ENDPOINT),
		.doit	= svcnat_cmd_endpoint_del,
	}, {
		SVCNAT_OP(SVCNAT_CMD_SETTINGS_SET, svcnat_policy_settings,
			  SVCNAT_A_SETTINGS_MAX),
		.doit	= svcnat_cmd_settings_set,
	}, {
		SVCNAT_OP(SVCNAT_CMD_SETTINGS_GET, svcnat_policy_none, 1),
		.doit	= svcnat_cmd_settings_get,
	}, {
		SVCNAT_OP(SVCNAT_CMD_SYNC_BEGIN, svcnat_policy_owner,
			  SVCNAT_A_SYNC_OWNER),
		.doit	= svcnat_cmd_sync_begin,
	}, {
		SVCNAT_OP(SVCNAT_CMD_SYNC_END, svcnat_policy_sync_end,
			  SVCNAT_A_SYNC_TOKEN),
		.doit	= svcnat_cmd_sync_end,
	}, {
		SVCNAT_OP(SVCNAT_CMD_FLUSH, svcnat_policy_owner, SVCNAT_A_SYNC_OWNER),
		.doit	= svcnat_cmd_flush,
	}, {
		SVCNAT_OP(SVCNAT_CMD_STATS_GET, svcnat_policy_none, 1),
		.doit	= svcnat_cmd_stats_get,
	}, {
		SVCNAT_OP(SVCNAT_CMD_AFFINITY_GET, svcnat_policy_affinity,
			  SVCNAT_A_AFFINITY_CLIENT),
		.dumpit	= svcnat_cmd_affinity_get,
		.done	= svcnat_cmd_affinity_done,
	}, {
		SVCNAT_OP(SVCNAT_CMD_AFFINITY_FLUSH, svcnat_policy_affinity,
			  SVCNAT_A_AFFINITY_CLIENT),
		.doit	= svcnat_cmd_affinity_flush,
	}, {
		SVCNAT_OP(SVCNAT_CMD_RESOLVE, svcnat_policy_resolve,
			  SVCNAT_A_RESOLVE_IFINDEX),
		.doit	= svcnat_cmd_resolve,
	},
};

static const struct genl_multicast_group svcnat_netlink_groups[] = {
	[SVCNAT_EVENTS_GROUP] = {
		.name	= SVCNAT_MCGRP_EVENTS,
		SVCNAT_ADMIN_ONLY
	},
};

struct genl_family svcnat_netlink_family __ro_after_init = {
	.name		= SVCNAT_GENL_NAME,
	.version	= SVCNAT_GENL_VERSION,
	.ops		= svcnat_netlink_ops,
	.n_ops		= ARRAY_SIZE(svcnat_netlink_ops),
	.mcgrps		= svcnat_netlink_groups,
	.n_mcgrps	= ARRAY_SIZE(svcnat_netlink_groups),
	SVCNAT_RESERVED_FROM
	.netnsok	= true,
	.parallel_ops	= true,
	.module		= THIS_MODULE,
};

int __init svcnat_netlink_init(void)
{
	return genl_register_family(&svcnat_netlink_family);
}

void svcnat_netlink_exit(void)
{
	genl_unregister_family(&svcnat_netlink_family);
}
