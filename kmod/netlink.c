// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <net/sock.h>

#include "compat/genetlink.h"
#include "endpoints.h"
#include "extack.h"
#include "fill.h"
#include "masquerade.h"
#include "match.h"
#include "netlink.h"
#include "netns.h"
#include "parse.h"
#include "policy.h"
#include "select.h"
#include "service.h"
#include "settings.h"
#include "state.h"
#include "sync.h"

/* What nf_nat and conntrack say when they cannot be switched on has no words of its own. */
static int svcnat_netlink_enable(struct genl_info *info, struct svcnat_net *sn)
{
	int err = svcnat_netns_enable(genl_info_net(info), sn);

	if (err)
		NL_SET_ERR_MSG(info->extack,
			       "cannot switch on connection tracking and NAT in this namespace");
	return err;
}

/* Every refusal has words, and want of memory may come from anywhere. */
static int svcnat_netlink_end(struct genl_info *info, int err)
{
	if (err == -ENOMEM)
		NL_SET_ERR_MSG(info->extack, "out of memory");
	return err;
}

static const char *svcnat_proto_name(u8 proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return "TCP";
	case IPPROTO_UDP:
		return "UDP";
	default:
		return "SCTP";
	}
}

/* "10.0.0.1:80/TCP", "[fd00::1]:80/UDP" or "nodeport 30080/TCP". */
static void svcnat_frontend_print(const struct svcnat_spec_frontend *fe, char *buf,
				  size_t len)
{
	const struct svcnat_key *key = &fe->key;
	const char *proto = svcnat_proto_name(key->proto);
	u16 port = ntohs(key->port);

	if (fe->kind == SVCNAT_KIND_NODEPORT)
		snprintf(buf, len, "nodeport %u/%s", port, proto);
	else if (key->family == NFPROTO_IPV4)
		snprintf(buf, len, "%pI4:%u/%s", &key->addr.ip, port, proto);
	else
		snprintf(buf, len, "[%pI6c]:%u/%s", &key->addr.in6, port, proto);
}

static void svcnat_refuse_frontend(struct genl_info *info,
				   const struct svcnat_spec *spec,
				   const struct svcnat_refusal *why, bool own)
{
	const struct nlattr *nla;
	char text[80];

	nla = svcnat_parse_nth(info, SVCNAT_A_SERVICE_FRONTEND,
			       why->frontend - spec->frontends);
	svcnat_frontend_print(why->frontend, text, sizeof(text));
	if (own)
		svcnat_extack(info->extack, nla, "the frontend %s stands twice", text);
	else
		svcnat_extack(info->extack, nla,
			      "the frontend %s is taken by service '%s' of owner '%s'",
			      text, why->other->name, why->other->owner);
}

static bool svcnat_service_is(const struct svcnat_service *svc,
			      const struct svcnat_service_key *key)
{
	return svc->family == key->family && svc->proto == key->proto &&
	       !strcmp(svc->name, key->name);
}

/* Words for what svcnat_service_set() refused. */
static void svcnat_refuse(struct genl_info *info, const struct svcnat_spec *spec,
			  const struct svcnat_refusal *why, int err)
{
	struct nlattr **attrs = info->attrs;

	switch (err) {
	case -EEXIST:
		if (why->frontend)
			svcnat_refuse_frontend(info, spec, why, !why->other ||
					       svcnat_service_is(why->other, &spec->key));
		else
			NL_SET_ERR_MSG_ATTR(info->extack, attrs[SVCNAT_A_SERVICE_NAME],
					    "the service exists");
		break;
	case -ENOENT:
		NL_SET_ERR_MSG_ATTR(info->extack, attrs[SVCNAT_A_SERVICE_NAME],
				    "there is no such service");
		break;
	case -EBUSY:
		svcnat_extack(info->extack, attrs[SVCNAT_A_SERVICE_OWNER],
			      "the service belongs to owner '%s'", why->other->owner);
		break;
	case -ESTALE:
		NL_SET_ERR_MSG_ATTR(info->extack, attrs[SVCNAT_A_SERVICE_SYNC],
				    "the sync token is void: the owner began another sync");
		break;
	case -ENOSPC:
		svcnat_extack(info->extack, NULL, "the limit %s is reached", why->limit);
		break;
	}
}

static int svcnat_cmd_service_set(struct sk_buff *skb, struct genl_info *info)
{
	struct svcnat_net *sn = svcnat_netns(genl_info_net(info));
	struct svcnat_refusal why = {};
	struct svcnat_spec spec;
	bool fresh;
	int err;

	err = svcnat_parse_spec(info, &spec);
	if (err)
		return svcnat_netlink_end(info, err);

	mutex_lock(&sn->lock);
	fresh = !sn->enabled;
	err = svcnat_netlink_enable(info, sn);
	if (err)
		goto out;

	err = svcnat_service_set(sn, &spec, &why);
	if (err) {
		svcnat_refuse(info, &spec, &why, err);
		if (fresh)
			svcnat_netns_disable(genl_info_net(info), sn);
	}
out:
	mutex_unlock(&sn->lock);
	svcnat_parse_spec_free(&spec);
	return svcnat_netlink_end(info, err);
}

static int svcnat_cmd_service_del(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *owner = info->attrs[SVCNAT_A_SERVICE_OWNER];
	struct svcnat_net *sn = svcnat_netns(genl_info_net(info));
	struct svcnat_service_key key;
	struct svcnat_service *svc;
	int err;

	err = svcnat_parse_service_key(info->attrs, &key, info->extack);
	if (err)
		return err;

	mutex_lock(&sn->lock);
	svc = svcnat_service_find(sn, &key);
	if (!svc) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[SVCNAT_A_SERVICE_NAME],
				    "there is no such service");
		err = -ENOENT;
	} else if (owner && nla_strcmp(owner, svc->owner)) {
		svcnat_extack(info->extack, owner, "the service belongs to owner '%s'",
			      svc->owner);
		err = -EBUSY;
	} else {
		svcnat_service_del(sn, svc);
	}
	mutex_unlock(&sn->lock);
	return err;
}

static bool svcnat_filter_match(struct nlattr **attrs,
				const struct svcnat_service *svc)
{
	const struct nlattr *family = attrs[SVCNAT_A_SERVICE_FAMILY];
	const struct nlattr *proto = attrs[SVCNAT_A_SERVICE_PROTO];
	const struct nlattr *owner = attrs[SVCNAT_A_SERVICE_OWNER];
	const struct nlattr *name = attrs[SVCNAT_A_SERVICE_NAME];

	return !(family && nla_get_u8(family) != svc->family) &&
	       !(proto && nla_get_u8(proto) != svc->proto) &&
	       !(owner && nla_strcmp(owner, svc->owner)) &&
	       !(name && nla_strcmp(name, svc->name));
}

/*
 * args[0]: the id to go on with; args[1]: where in that service, see
 * svcnat_fill_service(). If it is another one by now, the place is void, and
 * the reader is told of the interruption by seq.
 */
static int svcnat_cmd_service_get(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct svcnat_net *sn = svcnat_netns(sock_net(skb->sk));
	struct nlattr **attrs = svcnat_dump_attrs(cb);
	unsigned long pos = cb->args[1];
	struct svcnat_service *svc;
	unsigned long id;
	int err = 0;

	mutex_lock(&sn->lock);
	cb->seq = sn->seq;
	xa_for_each_start(&sn->services, id, svc, cb->args[0]) {
		const struct svcnat_state *state;

		if (id != cb->args[0])
			pos = 0;
		if (!svcnat_filter_match(attrs, svc))
			continue;

		state = rcu_dereference_protected(svc->state,
						  lockdep_is_held(&sn->lock));
		do
			err = svcnat_fill_service(skb, cb, svc, state, &pos);
		while (err > 0);
		if (err)
			break;
	}
	/* Behind the last one the id is not moved on. */
	if (!err)
		id = ULONG_MAX;
	cb->args[0] = id;
	cb->args[1] = pos;
	mutex_unlock(&sn->lock);

	return skb->len ?: err;
}

static int svcnat_cmd_settings_set(struct sk_buff *skb, struct genl_info *info)
{
	struct svcnat_net *sn = svcnat_netns(genl_info_net(info));
	struct svcnat_settings *set;
	int err;

	mutex_lock(&sn->lock);
	set = svcnat_parse_settings(info, svcnat_netns_settings(sn));
	err = PTR_ERR_OR_ZERO(set);
	if (err)
		goto out;

	err = svcnat_netlink_enable(info, sn);
	if (err)
		kfree(set);
	else
		svcnat_netns_publish_settings(sn, set);
out:
	mutex_unlock(&sn->lock);
	return svcnat_netlink_end(info, err);
}

/*
 * A reply of one message: begun before the act, so that nothing is done that
 * cannot be answered; then filled and sent, or dropped when the act failed.
 */
static struct sk_buff *svcnat_reply_begin(struct genl_info *info, size_t size,
					  void **hdr)
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

static int svcnat_reply_end(struct genl_info *info, struct sk_buff *skb, void *hdr,
			    int err)
{
	if (err) {
		nlmsg_free(skb);
		return svcnat_netlink_end(info, err);
	}
	genlmsg_end(skb, hdr);
	return genlmsg_reply(skb, info);
}

static int svcnat_cmd_settings_get(struct sk_buff *skb, struct genl_info *info)
{
	struct svcnat_net *sn = svcnat_netns(genl_info_net(info));
	size_t cidr = nla_total_size(nla_total_size(1) + nla_total_size(1) +
				     nla_total_size(sizeof(struct in6_addr)));
	struct sk_buff *reply;
	void *hdr;
	int err;

	reply = svcnat_reply_begin(info, NLMSG_DEFAULT_SIZE + SVCNAT_CIDRS_MAX * cidr,
				   &hdr);
	if (!reply)
		return svcnat_netlink_end(info, -ENOMEM);

	mutex_lock(&sn->lock);
	err = svcnat_fill_settings(reply, sn, svcnat_netns_settings(sn));
	mutex_unlock(&sn->lock);

	return svcnat_reply_end(info, reply, hdr, err);
}

static int svcnat_cmd_sync_begin(struct sk_buff *skb, struct genl_info *info)
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

	reply = svcnat_reply_begin(info, nla_total_size(sizeof(u32)), &hdr);
	if (!reply)
		return svcnat_netlink_end(info, -ENOMEM);

	mutex_lock(&sn->lock);
	err = svcnat_netlink_enable(info, sn);
	if (!err) {
		err = svcnat_sync_begin(sn, owner, &token);
		if (err == -ENOSPC)
			NL_SET_ERR_MSG(info->extack,
				       "too many owners have begun a sync and not ended it");
	}
	mutex_unlock(&sn->lock);

	err = err ?: nla_put_u32(reply, SVCNAT_A_SYNC_TOKEN, token);
	return svcnat_reply_end(info, reply, hdr, err);
}

static int svcnat_cmd_sync_end(struct sk_buff *skb, struct genl_info *info)
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

	reply = svcnat_reply_begin(info, nla_total_size(sizeof(u32)), &hdr);
	if (!reply)
		return svcnat_netlink_end(info, -ENOMEM);

	mutex_lock(&sn->lock);
	if (svcnat_sync_valid(sn, owner, token)) {
		deleted = svcnat_service_sweep(sn, owner, token);
		svcnat_sync_end(sn, owner);
	} else {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[SVCNAT_A_SYNC_TOKEN],
				    "the sync token is void: the owner has no such sync");
		err = -ESTALE;
	}
	mutex_unlock(&sn->lock);

	err = err ?: nla_put_u32(reply, SVCNAT_A_SYNC_DELETED, deleted);
	return svcnat_reply_end(info, reply, hdr, err);
}

static int svcnat_cmd_flush(struct sk_buff *skb, struct genl_info *info)
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

	reply = svcnat_reply_begin(info, nla_total_size(sizeof(u32)), &hdr);
	if (!reply)
		return svcnat_netlink_end(info, -ENOMEM);

	mutex_lock(&sn->lock);
	deleted = svcnat_service_flush(sn, owner);
	mutex_unlock(&sn->lock);

	err = nla_put_u32(reply, SVCNAT_A_SYNC_DELETED, deleted);
	return svcnat_reply_end(info, reply, hdr, err);
}

/* What the hooks do with a packet, without one. RCU, lock held. */
static void svcnat_resolve(struct net *net, struct svcnat_net *sn,
			   struct svcnat_resolution *r)
{
	const struct svcnat_settings *set = svcnat_netns_settings(sn);
	const struct svcnat_endpoint *ep;
	bool found;

	r->flow.local = svcnat_match_local(net, NULL, r->flow.family, &r->flow.saddr);
	found = sn->enabled && svcnat_match_flow(net, NULL, sn, &r->flow, &r->match);
	r->origin = svcnat_masquerade_origin(&r->flow, set);
	r->decision = svcnat_decide(&r->flow,
				    found ? r->match.state->endpoints : NULL,
				    svcnat_select_hash(&r->flow, &sn->hash_key));
	if (r->decision.verdict != SVCNAT_VERDICT_DNAT)
		return;

	ep = r->decision.endpoint;
	r->masquerade = svcnat_masquerade_decide(&r->flow, r->match.kind,
						 r->sport_known ? &ep->addr : NULL,
						 set);
}

static int svcnat_cmd_resolve(struct sk_buff *skb, struct genl_info *info)
{
	struct svcnat_net *sn = svcnat_netns(genl_info_net(info));
	struct net *net = genl_info_net(info);
	struct svcnat_resolution r = {};
	struct sk_buff *reply;
	void *hdr;
	int err;

	err = svcnat_parse_resolve(info, &r.flow);
	if (err)
		return err;

	r.sport_known = info->attrs[SVCNAT_A_RESOLVE_SRC_PORT];
	reply = svcnat_reply_begin(info, NLMSG_DEFAULT_SIZE, &hdr);
	if (!reply)
		return svcnat_netlink_end(info, -ENOMEM);

	mutex_lock(&sn->lock);
	rcu_read_lock();
	svcnat_resolve(net, sn, &r);
	err = svcnat_fill_resolution(reply, &r);
	rcu_read_unlock();
	mutex_unlock(&sn->lock);

	return svcnat_reply_end(info, reply, hdr, err);
}

#define SVCNAT_OP(_cmd, _policy, _validate_maxattr)	\
	.cmd		= (_cmd),			\
	.flags		= GENL_ADMIN_PERM,		\
	.policy		= (_policy),			\
	.maxattr	= (_validate_maxattr)

static const struct genl_ops svcnat_netlink_ops[] = {
	{
		SVCNAT_OP(SVCNAT_CMD_SERVICE_SET, svcnat_policy_service_set,
			  SVCNAT_A_SERVICE_MAX),
		.doit	= svcnat_cmd_service_set,
	}, {
		SVCNAT_OP(SVCNAT_CMD_SERVICE_DEL, svcnat_policy_service_key,
			  SVCNAT_A_SERVICE_OWNER),
		.doit	= svcnat_cmd_service_del,
	}, {
		SVCNAT_OP(SVCNAT_CMD_SERVICE_GET, svcnat_policy_service_key,
			  SVCNAT_A_SERVICE_OWNER),
		.dumpit	= svcnat_cmd_service_get,
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
		SVCNAT_OP(SVCNAT_CMD_RESOLVE, svcnat_policy_resolve,
			  SVCNAT_A_RESOLVE_MAX),
		.doit	= svcnat_cmd_resolve,
	},
};

struct genl_family svcnat_netlink_family __ro_after_init = {
	.name		= SVCNAT_GENL_NAME,
	.version	= SVCNAT_GENL_VERSION,
	.ops		= svcnat_netlink_ops,
	.n_ops		= ARRAY_SIZE(svcnat_netlink_ops),
	/* Past this one the core refuses NLM_F_CREATE and NLM_F_REPLACE. */
	.resv_start_op	= SVCNAT_CMD_SERVICE_SET + 1,
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
