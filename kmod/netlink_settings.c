// SPDX-License-Identifier: GPL-2.0
/* SETTINGS_SET, SETTINGS_GET, STATS_GET: what concerns the whole namespace. */
#include <net/genetlink.h>

#include "cidr.h"
#include "events.h"
#include "extack.h"
#include "fill.h"
#include "netlink.h"
#include "netns.h"
#include "parse.h"
#include "service.h"
#include "settings.h"

size_t svcnat_netlink_settings_size(const struct svcnat_settings *set)
{
	size_t cidr = nla_total_size(nla_total_size(1) + nla_total_size(1) +
				     nla_total_size(sizeof(struct in6_addr)));

	return NLMSG_DEFAULT_SIZE + cidr * (set->pods->n + set->services->n +
					    set->nodeports->n + set->externals->n);
}

/* No service may have an external address that is not allowed: not even an old one. */
static int svcnat_settings_admit(struct genl_info *info, struct svcnat_net *sn,
				 const struct svcnat_settings *set)
{
	const struct nlattr *nla = info->attrs[SVCNAT_A_SETTINGS_EXTERNAL_CIDRS];
	const struct svcnat_service *svc;
	const struct svcnat_key *key;

	if (!nla)
		return 0;
	svc = svcnat_service_outside(sn, set->externals, &key);
	if (!svc)
		return 0;

	if (key->family == NFPROTO_IPV4)
		svcnat_extack(info->extack, nla,
			      "service '%s' of owner '%s' has the external address %pI4",
			      svc->name, svc->owner, &key->addr.ip);
	else
		svcnat_extack(info->extack, nla,
			      "service '%s' of owner '%s' has the external address %pI6c",
			      svc->name, svc->owner, &key->addr.in6);
	return -EBUSY;
}

int svcnat_cmd_settings_set(struct sk_buff *skb, struct genl_info *info)
{
	struct svcnat_net *sn = svcnat_netns(genl_info_net(info));
	struct svcnat_settings *set;
	int err;

	mutex_lock(&sn->lock);
	set = svcnat_parse_settings(info, svcnat_netns_settings(sn));
	err = PTR_ERR_OR_ZERO(set);
	if (err)
		goto out;

	err = svcnat_settings_admit(info, sn, set) ?: svcnat_netlink_enable(info, sn);
	if (err) {
		svcnat_settings_free(set);
		goto out;
	}
	svcnat_netns_publish_settings(sn, set);
	svcnat_event_settings(sn, set);
out:
	mutex_unlock(&sn->lock);
	return svcnat_netlink_end(info, err);
}

int svcnat_cmd_settings_get(struct sk_buff *skb, struct genl_info *info)
{
	struct svcnat_net *sn = svcnat_netns(genl_info_net(info));
	const struct svcnat_settings *set;
	struct sk_buff *reply;
	void *hdr;
	int err;

	mutex_lock(&sn->lock);
	set = svcnat_netns_settings(sn);
	reply = svcnat_netlink_reply(info, svcnat_netlink_settings_size(set), &hdr);
	err = reply ? svcnat_fill_settings(reply, sn, set) : -ENOMEM;
	mutex_unlock(&sn->lock);
	if (!reply)
		return svcnat_netlink_end(info, err);

	return svcnat_netlink_reply_end(info, reply, hdr, err);
}

int svcnat_cmd_stats_get(struct sk_buff *skb, struct genl_info *info)
{
	struct svcnat_net *sn = svcnat_netns(genl_info_net(info));
	struct sk_buff *reply;
	void *hdr;
	int err;

	reply = svcnat_netlink_reply(info, GENLMSG_DEFAULT_SIZE, &hdr);
	if (!reply)
		return svcnat_netlink_end(info, -ENOMEM);

	mutex_lock(&sn->lock);
	err = svcnat_fill_stats(reply, sn);
	mutex_unlock(&sn->lock);

	return svcnat_netlink_reply_end(info, reply, hdr, err);
}
