/* SPDX-License-Identifier: GPL-2.0 */
/* Texts of refusals that name a thing: longer than extack's own buffer. */
#ifndef SVCNAT_EXTACK_H
#define SVCNAT_EXTACK_H

#include <linux/netlink.h>

/* Set extack's text, and its attribute unless attr is NULL. extack may be NULL. */
__printf(3, 4)
void svcnat_extack(struct netlink_ext_ack *extack, const struct nlattr *attr,
		   const char *fmt, ...);

#endif /* SVCNAT_EXTACK_H */
