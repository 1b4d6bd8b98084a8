/* SPDX-License-Identifier: GPL-2.0 */
/* <net/genetlink.h> as the newest kernel has it. */
#ifndef SVCNAT_COMPAT_GENETLINK_H
#define SVCNAT_COMPAT_GENETLINK_H

#include <net/genetlink.h>

/* Before 6.7 a dump's attributes stand in genl_dumpit_info itself. */
static inline struct nlattr **svcnat_dump_attrs(struct netlink_callback *cb)
{
#ifdef HAVE_GENL_INFO_DUMP
	return genl_info_dump(cb)->attrs;
#else
	return genl_dumpit_info(cb)->attrs;
#endif
}

/* Whoever joins needs CAP_NET_ADMIN. Before that flag came, anybody may listen. */
#ifdef GENL_MCAST_CAP_NET_ADMIN
#define SVCNAT_ADMIN_ONLY	.flags = GENL_MCAST_CAP_NET_ADMIN,
#else
#define SVCNAT_ADMIN_ONLY
#endif

/* Past this command the core refuses NLM_F_CREATE and NLM_F_REPLACE, since 6.1. */
#ifdef HAVE_GENL_RESV_START_OP
#define SVCNAT_RESERVED_FROM	.resv_start_op = SVCNAT_CMD_SERVICE_SET + 1,
#else
#define SVCNAT_RESERVED_FROM
#endif

#endif /* SVCNAT_COMPAT_GENETLINK_H */
