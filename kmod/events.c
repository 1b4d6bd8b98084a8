// SPDX-License-Identifier: GPL-2.0
#include <net/genetlink.h>

#include "events.h"
#include "fill.h"
#include "netlink.h"
#include "netns.h"
#include "service.h"
#include "settings.h"

static bool svcnat_event_wanted(struct svcnat_net *sn)
{
	lockdep_assert_held(&sn->lock);
	return genl_has_listeners(&svcnat_netlink_family, sn->net, SVCNAT_EVENTS_GROUP);
}

static void svcnat_event_lost(struct svcnat_net *sn)
{
	genl_set_err(&svcnat_netlink_family, sn->net, 0, SVCNAT_EVENTS_GROUP, -ENOBUFS);
}

/* err: what filling said. Takes skb. */
static void svcnat_event_send(struct svcnat_net *sn, struct sk_buff *skb, int err)
{
	if (err < 0) {
		nlmsg_free(skb);
		svcnat_event_lost(sn);
		return;
	}
	genlmsg_multicast_netns(&svcnat_netlink_family, sn->net, skb, 0,
				SVCNAT_EVENTS_GROUP, GFP_KERNEL);
}

static struct sk_buff *svcnat_event_new(struct svcnat_net *sn, size_t size)
{
	struct sk_buff *skb = genlmsg_new(size, GFP_KERNEL);

	if (!skb)
		svcnat_event_lost(sn);
	return skb;
}

void svcnat_event_service_set(struct svcnat_net *sn, const struct svcnat_service *svc)
{
	const struct svcnat_fill how = SVCNAT_FILL_EVENT(SVCNAT_CMD_SERVICE_SET);
	const struct svcnat_state *state = svcnat_service_state(sn, svc);
	unsigned long pos = 0;
	struct sk_buff *skb;
	int err;

	if (!svcnat_event_wanted(sn))
		return;
	do {
		skb = svcnat_event_new(sn, GENLMSG_DEFAULT_SIZE);
		if (!skb)
			return;
		err = svcnat_fill_service(skb, &how, svc, state, false, &pos);
		svcnat_event_send(sn, skb, err);
	} while (err > 0);
}

void svcnat_event_endpoints(struct svcnat_net *sn, const struct svcnat_service *svc,
			    const struct svcnat_spec *change, bool del)
{
	const struct svcnat_fill how = SVCNAT_FILL_EVENT(del ? SVCNAT_CMD_ENDPOINT_DEL :
							       SVCNAT_CMD_ENDPOINT_SET);
	unsigned long pos = 0;
	struct sk_buff *skb;
	int err;

	if (!svcnat_event_wanted(sn))
		return;
	do {
		skb = svcnat_event_new(sn, GENLMSG_DEFAULT_SIZE);
		if (!skb)
			return;
		err = svcnat_fill_change(skb, &how, svc, change, &pos);
		svcnat_event_send(sn, skb, err);
	} while (err > 0);
}

void svcnat_event_service_del(struct svcnat_net *sn, const struct svcnat_service *svc)
{
	const struct svcnat_fill how = SVCNAT_FILL_EVENT(SVCNAT_CMD_SERVICE_DEL);
	struct sk_buff *skb;

	if (!svcnat_event_wanted(sn))
		return;
	skb = svcnat_event_new(sn, GENLMSG_DEFAULT_SIZE);
	if (skb)
		svcnat_event_send(sn, skb, svcnat_fill_key(skb, &how, svc));
}

void svcnat_event_settings(struct svcnat_net *sn, const struct svcnat_settings *set)
{
	struct sk_buff *skb;
	void *hdr;
	int err;

	if (!svcnat_event_wanted(sn))
		return;
	skb = svcnat_event_new(sn, svcnat_netlink_settings_size(set));
	if (!skb)
		return;

	hdr = genlmsg_put(skb, 0, 0, &svcnat_netlink_family, 0, SVCNAT_CMD_SETTINGS_SET);
	err = hdr ? svcnat_fill_settings(skb, sn, set) : -EMSGSIZE;
	if (!err)
		genlmsg_end(skb, hdr);
	svcnat_event_send(sn, skb, err);
}

void svcnat_event_sync_end(struct svcnat_net *sn, const char *owner, u32 deleted)
{
	struct sk_buff *skb;
	void *hdr;
	int err;

	if (!svcnat_event_wanted(sn))
		return;
	skb = svcnat_event_new(sn, GENLMSG_DEFAULT_SIZE);
	if (!skb)
		return;

	hdr = genlmsg_put(skb, 0, 0, &svcnat_netlink_family, 0, SVCNAT_CMD_SYNC_END);
	err = hdr ? 0 : -EMSGSIZE;
	err = err ?: nla_put_string(skb, SVCNAT_A_SYNC_OWNER, owner) ?:
		     nla_put_u32(skb, SVCNAT_A_SYNC_DELETED, deleted);
	if (!err)
		genlmsg_end(skb, hdr);
	svcnat_event_send(sn, skb, err);
}
