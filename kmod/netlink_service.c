// SPDX-License-Identifier: GPL-2.0
/* SERVICE_SET, SERVICE_DEL, SERVICE_GET, ENDPOINT_SET, ENDPOINT_DEL. */
#include <net/genetlink.h>
#include <net/sock.h>

#include "compat/genetlink.h"
#include "conns.h"
#include "events.h"
#include "extack.h"
#include "fill.h"
#include "merge.h"
#include "netlink.h"
#include "netns.h"
#include "parse.h"
#include "service.h"
#include "stale.h"
#include "state.h"

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
static void svcnat_frontend_print(const struct svcnat_key *key, u8 kind, char *buf,
				  size_t len)
{
	const char *proto = svcnat_proto_name(key->proto);
	u16 port = ntohs(key->port);

	if (kind == SVCNAT_KIND_NODEPORT)
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
	svcnat_frontend_print(&why->frontend->key, why->frontend->kind, text, sizeof(text));
	if (own)
		svcnat_extack(info->extack, nla, "the frontend %s stands twice", text);
	else
		svcnat_extack(info->extack, nla,
			      "the frontend %s is taken by service '%s' of owner '%s'",
			      text, why->other->name, why->other->owner);
}

static void svcnat_refuse_external(struct genl_info *info, const struct svcnat_spec *spec,
				   const struct svcnat_refusal *why)
{
	const struct nlattr *nla;
	char text[80];

	nla = svcnat_parse_nth(info, SVCNAT_A_SERVICE_FRONTEND,
			       why->frontend - spec->frontends);
	svcnat_frontend_print(&why->frontend->key, why->frontend->kind, text, sizeof(text));
	svcnat_extack(info->extack, nla,
		      "the external address of %s is outside of the allowed external CIDRs",
		      text);
}

static void svcnat_refuse_endpoint(struct genl_info *info, const struct svcnat_key *key)
{
	char text[80];

	svcnat_frontend_print(key, SVCNAT_KIND_CLUSTER, text, sizeof(text));
	svcnat_extack(info->extack, NULL, "the service has no endpoint %s", text);
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
	case -EACCES:
		svcnat_refuse_external(info, spec, why);
		break;
	case -ENOENT:
		if (why->endpoint)
			svcnat_refuse_endpoint(info, why->endpoint);
		else
			NL_SET_ERR_MSG_ATTR(info->extack, attrs[SVCNAT_A_SERVICE_NAME],
					    "there is no such service");
		break;
	case -E2BIG:
		svcnat_extack(info->extack, NULL, "a service has at most %u endpoints",
			      SVCNAT_ENDPOINTS_MAX);
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

int svcnat_cmd_service_set(struct sk_buff *skb, struct genl_info *info)
{
	struct svcnat_net *sn = svcnat_netns(genl_info_net(info));
	struct svcnat_refusal why = {};
	struct svcnat_service *changed;
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

	err = svcnat_service_set(sn, &spec, &changed, &why);
	if (err) {
		svcnat_refuse(info, &spec, &why, err);
		if (fresh)
			svcnat_netns_disable(genl_info_net(info), sn);
		goto out;
	}
	if (changed)
		svcnat_event_service_set(sn, changed);
	svcnat_stale_run(sn, spec.defer);
out:
	mutex_unlock(&sn->lock);
	svcnat_parse_spec_free(&spec);
	return svcnat_netlink_end(info, err);
}

static int svcnat_cmd_endpoint_change(struct genl_info *info, bool del)
{
	struct svcnat_net *sn = svcnat_netns(genl_info_net(info));
	struct svcnat_refusal why = {};
	struct svcnat_service *changed;
	struct svcnat_spec spec;
	int err;

	err = svcnat_parse_change(info, &spec, del);
	if (err)
		return svcnat_netlink_end(info, err);

	mutex_lock(&sn->lock);
	err = svcnat_merge_endpoints(sn, &spec, del, &changed, &why);
	if (err) {
		svcnat_refuse(info, &spec, &why, err);
	} else {
		if (changed)
			svcnat_event_endpoints(sn, changed, &spec, del);
		svcnat_stale_run(sn, spec.defer);
	}
	mutex_unlock(&sn->lock);
	svcnat_parse_spec_free(&spec);
	return svcnat_netlink_end(info, err);
}

int svcnat_cmd_endpoint_set(struct sk_buff *skb, struct genl_info *info)
{
	return svcnat_cmd_endpoint_change(info, false);
}

int svcnat_cmd_endpoint_del(struct sk_buff *skb, struct genl_info *info)
{
	return svcnat_cmd_endpoint_change(info, true);
}

int svcnat_cmd_service_del(struct sk_buff *skb, struct genl_info *info)
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
		svcnat_event_service_del(sn, svc);
		svcnat_service_del(sn, svc);
		svcnat_stale_run(sn, info->attrs[SVCNAT_A_SERVICE_DEFER]);
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
int svcnat_cmd_service_get(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct svcnat_net *sn = svcnat_netns(sock_net(skb->sk));
	const struct svcnat_fill how = {
		.portid = NETLINK_CB(cb->skb).portid, .seq = cb->nlh->nlmsg_seq,
		.flags = NLM_F_MULTI, .cmd = SVCNAT_CMD_SERVICE_GET, .dump = cb,
	};
	struct nlattr **attrs = svcnat_dump_attrs(cb);
	bool stats = attrs[SVCNAT_A_SERVICE_STATS];
	unsigned long pos = cb->args[1];
	struct svcnat_service *svc;
	unsigned long id;
	int err = 0;

	if (stats && !cb->args[0])
		svcnat_conns_collect(sn);

	mutex_lock(&sn->lock);
	cb->seq = sn->seq;
	xa_for_each_start(&sn->services, id, svc, cb->args[0]) {
		if (id != cb->args[0])
			pos = 0;
		if (!svcnat_filter_match(attrs, svc))
			continue;

		do
			err = svcnat_fill_service(skb, &how, svc,
						  svcnat_service_state(sn, svc),
						  stats, &pos);
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
