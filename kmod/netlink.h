/* SPDX-License-Identifier: GPL-2.0 */
/* The generic-netlink family; its manual is include/uapi/linux/svcnat.h. */
#ifndef SVCNAT_NETLINK_H
#define SVCNAT_NETLINK_H

#include <linux/svcnat.h>

struct genl_family;

extern struct genl_family svcnat_netlink_family;

int svcnat_netlink_init(void);
void svcnat_netlink_exit(void);

#endif /* SVCNAT_NETLINK_H */
