/* SPDX-License-Identifier: GPL-2.0 */
/* What the attributes of each command must look like; parse.c does the rest. */
#ifndef SVCNAT_POLICY_H
#define SVCNAT_POLICY_H

#include <linux/svcnat.h>
#include <net/netlink.h>

extern const struct nla_policy svcnat_policy_none[2];
extern const struct nla_policy svcnat_policy_service_set[SVCNAT_A_SERVICE_MAX + 1];
extern const struct nla_policy svcnat_policy_service_del[SVCNAT_A_SERVICE_DEFER + 1];
extern const struct nla_policy svcnat_policy_service_get[SVCNAT_A_SERVICE_STATS + 1];
extern const struct nla_policy svcnat_policy_endpoint_set[SVCNAT_A_SERVICE_ENDPOINT + 1];
extern const struct nla_policy svcnat_policy_frontend[SVCNAT_A_FRONTEND_MAX + 1];
extern const struct nla_policy svcnat_policy_endpoint[SVCNAT_A_ENDPOINT_MAX + 1];
extern const struct nla_policy svcnat_policy_settings[SVCNAT_A_SETTINGS_MAX + 1];
extern const struct nla_policy svcnat_policy_cidrs[SVCNAT_A_CIDRS_MAX + 1];
extern const struct nla_policy svcnat_policy_cidr[SVCNAT_A_CIDR_MAX + 1];
extern const struct nla_policy svcnat_policy_owner[SVCNAT_A_SYNC_OWNER + 1];
extern const struct nla_policy svcnat_policy_sync_end[SVCNAT_A_SYNC_TOKEN + 1];
extern const struct nla_policy svcnat_policy_affinity[SVCNAT_A_AFFINITY_CLIENT + 1];
extern const struct nla_policy svcnat_policy_resolve[SVCNAT_A_RESOLVE_IFINDEX + 1];

#endif /* SVCNAT_POLICY_H */
