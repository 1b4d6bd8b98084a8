// SPDX-License-Identifier: GPL-2.0
/* RESOLVE: what the hooks do with a packet, without one. */
#include <net/genetlink.h>

#include "affinity.h"
#include "endpoint.h"
#include "fill.h"
#include "masquerade.h"
#include "match.h"
#include "netlink.h"
#include "netns.h"
#include "origin.h"
#include "parse.h"
#include "select.h"
#include "service.h"
#include "settings.h"
#include "state.h"

/* Without the source port most schedulers cannot say; affinity and SOURCE can. */
static bool svcnat_resolve_chosen(const struct svcnat_resolution *r)
{
	return r->sport_known || r->decision.reason == SVCNAT_REASON_AFFINITY ||
	       r->query.state->scheduler == SVCNAT_SCHEDULER_SOURCE;
}

/*
 * POST_ROUTING is where a source is changed. What comes from elsewhere to an
 * endpoint that is the node itself stays here, and never gets there.
 */
static enum svcnat_masquerade svcnat_resolve_masquerade(struct net *net,
							const struct net_device *dev,
							const struct svcnat_resolution *r)
{
	const struct svcnat_query *q = &r->query;
	const union nf_inet_addr *endpoint;

	if (!r->chosen)
		return svcnat_masquerade_decide(q, NULL);

	endpoint = &r->decision.endpoint->key.addr;
	if (!q->flow.local && svcnat_match_local(net, dev, q->flow.family, endpoint))
		return SVCNAT_MASQUERADE_NO_NODE;
	return svcnat_masquerade_decide(q, endpoint);
}

/* RCU, lock held. dev: which was named, or NULL. */
static void svcnat_resolve(struct net *net, const struct net_device *dev,
			   struct svcnat_net *sn, struct svcnat_resolution *r)
{
	struct svcnat_query *q = &r->query;
	struct svcnat_clients_place place;
	struct svcnat_affinity_entry *e;

	q->settings = svcnat_netns_settings(sn);
	q->key = sn->hash_key;
	q->flow.local = svcnat_match_local(net, dev, q->flow.family, &q->flow.saddr);
	q->origin = svcnat_origin(&q->flow, q->settings);
	if (sn->enabled && svcnat_match(net, dev, sn, q, &r->match)) {
		q->turn = atomic_read(&r->match.service->turn);
		if (q->state->affinity) {
			e = svcnat_affinity_find(sn, r->match.service, &q->flow.saddr, &place);
			q->kept = svcnat_affinity_kept(e, q->state, &r->kept_age);
		}
	}

	r->decision = svcnat_decide(q);
	if (r->decision.verdict != SVCNAT_VERDICT_DNAT)
		return;
	r->hash = svcnat_select_hash(&q->flow, q->key);
	r->chosen = svcnat_resolve_chosen(r);
	r->masquerade = svcnat_resolve_masquerade(net, dev, r);
}

/* The answer, in reply. */
static int svcnat_resolve_answer(struct genl_info *info, struct svcnat_resolution *r,
				 struct sk_buff *reply)
{
	struct net *net = genl_info_net(info);
	const struct net_device *dev = NULL;

	if (r->ifindex) {
		dev = dev_get_by_index_rcu(net, r->ifindex);
		if (!dev) {
			NL_SET_ERR_MSG_ATTR(info->extack,
					    info->attrs[SVCNAT_A_RESOLVE_IFINDEX],
					    "there is no interface of this index");
			return -ENODEV;
		}
	}
	svcnat_resolve(net, dev, svcnat_netns(net), r);
	return svcnat_fill_resolution(reply, r);
}

int svcnat_cmd_resolve(struct sk_buff *skb, struct genl_info *info)
{
	struct svcnat_net *sn = svcnat_netns(genl_info_net(info));
	struct svcnat_resolution r = {};
	struct sk_buff *reply;
	void *hdr;
	int err;

	err = svcnat_parse_resolve(info, &r.query.flow);
	if (err)
		return err;

	r.sport_known = info->attrs[SVCNAT_A_RESOLVE_SRC_PORT];
	if (info->attrs[SVCNAT_A_RESOLVE_IFINDEX])
		r.ifindex = nla_get_u32(info->attrs[SVCNAT_A_RESOLVE_IFINDEX]);
	reply = svcnat_netlink_reply(info, GENLMSG_DEFAULT_SIZE, &hdr);
	if (!reply)
		return svcnat_netlink_end(info, -ENOMEM);

	mutex_lock(&sn->lock);
	rcu_read_lock();
	err = svcnat_resolve_answer(info, &r, reply);
	rcu_read_unlock();
	mutex_unlock(&sn->lock);

	return svcnat_netlink_reply_end(info, reply, hdr, err);
}
