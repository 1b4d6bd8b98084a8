/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The generic-netlink family; its manual is include/uapi/linux/svcnat.h. The
 * commands stand in the files netlink_*.c.
 */
#ifndef SVCNAT_NETLINK_H
#define SVCNAT_NETLINK_H

#include <linux/svcnat.h>
#include <linux/types.h>

struct genl_family;
struct genl_info;
struct netlink_callback;
struct sk_buff;
struct svcnat_net;
struct svcnat_settings;

extern struct genl_family svcnat_netlink_family;

int svcnat_netlink_init(void);
void svcnat_netlink_exit(void);

/* ---- what the commands share */

/* Switch the namespace on, and say so if that fails. Lock held; sleeps. */
int svcnat_netlink_enable(struct genl_info *info, struct svcnat_net *sn);

/* Every refusal has words, and want of memory may come from anywhere. Returns err. */
int svcnat_netlink_end(struct genl_info *info, int err);

/*
 * A reply of one message: begun before the act, so that nothing is done that
 * cannot be answered (NULL: no memory); then filled, and sent, or dropped when
 * the act failed.
 */
struct sk_buff *svcnat_netlink_reply(struct genl_info *info, size_t size, void **hdr);
int svcnat_netlink_reply_end(struct genl_info *info, struct sk_buff *skb, void *hdr,
			     int err);

/* Room for what is said of the settings. */
size_t svcnat_netlink_settings_size(const struct svcnat_settings *set);

/* ---- the commands */

int svcnat_cmd_service_set(struct sk_buff *skb, struct genl_info *info);
int svcnat_cmd_service_del(struct sk_buff *skb, struct genl_info *info);
int svcnat_cmd_service_get(struct sk_buff *skb, struct netlink_callback *cb);
int svcnat_cmd_endpoint_set(struct sk_buff *skb, struct genl_info *info);
int svcnat_cmd_endpoint_del(struct sk_buff *skb, struct genl_info *info);
int svcnat_cmd_settings_set(struct sk_buff *skb, struct genl_info *info);
int svcnat_cmd_settings_get(struct sk_buff *skb, struct genl_info *info);
int svcnat_cmd_sync_begin(struct sk_buff *skb, struct genl_info *info);
int svcnat_cmd_sync_end(struct sk_buff *skb, struct genl_info *info);
int svcnat_cmd_flush(struct sk_buff *skb, struct genl_info *info);
int svcnat_cmd_stats_get(struct sk_buff *skb, struct genl_info *info);
int svcnat_cmd_affinity_get(struct sk_buff *skb, struct netlink_callback *cb);
int svcnat_cmd_affinity_done(struct netlink_callback *cb);
int svcnat_cmd_affinity_flush(struct sk_buff *skb, struct genl_info *info);
int svcnat_cmd_resolve(struct sk_buff *skb, struct genl_info *info);

#endif /* SVCNAT_NETLINK_H */
