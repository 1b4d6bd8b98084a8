/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Plain data to the attributes of <linux/svcnat.h>. Pure: no socket. Each
 * function appends to a message that was allocated large enough, and returns 0
 * or -EMSGSIZE.
 */
#ifndef SVCNAT_NETLINK_FILL_H
#define SVCNAT_NETLINK_FILL_H

#include "kernel.h"

struct nl_msg;

/* Bytes that are enough for a SERVICE_SET or an ENDPOINT_SET of s, all headers included. */
size_t netlink_fill_service_size(const struct kservice *s);

/* SERVICE_SET without its mode; sync_token 0: none */
int netlink_fill_service(struct nl_msg *msg, const struct kservice *s, uint32_t sync_token);

/* ENDPOINT_SET; addresses: ENDPOINT_DEL, which has no more than these of an endpoint */
int netlink_fill_endpoints(struct nl_msg *msg, const struct kservice *s, bool addresses);

/* SERVICE_DEL's key, and SERVICE_GET's filter: what is not NULL or 0 */
int netlink_fill_filter(struct nl_msg *msg, const struct kfilter *f);

/* KERNEL_DEFER, if it is in flags */
int netlink_fill_defer(struct nl_msg *msg, unsigned int flags);

/* Bytes that are enough for any SETTINGS_SET of s. */
size_t netlink_fill_settings_size(const struct ksettings *s);

/* what: mask of KSETTINGS_* */
int netlink_fill_settings(struct nl_msg *msg, const struct ksettings *s, unsigned int what);

/* owner NULL, token 0: absent */
int netlink_fill_sync(struct nl_msg *msg, const char *owner, uint32_t token);

int netlink_fill_affinity(struct nl_msg *msg, const struct kaffinity_filter *f);

/* the asked part of r */
int netlink_fill_resolve(struct nl_msg *msg, const struct kresolve *r);

#endif
