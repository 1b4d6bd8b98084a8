/* SPDX-License-Identifier: GPL-2.0 */
/* Which endpoint of a set a flow gets. Pure. */
#ifndef SVCNAT_SELECT_H
#define SVCNAT_SELECT_H

#include <linux/siphash.h>

#include "endpoints.h"
#include "key.h"

/*
 * A keyed hash of the flow's own tuple: looks random from flow to flow, yet
 * two first packets of one socket on two CPUs agree, so that conntrack merges
 * them instead of losing one.
 */
u32 svcnat_select_hash(const struct svcnat_flow *flow, const siphash_key_t *key);

/* The endpoint of a set that is not empty. */
const struct svcnat_endpoint *
svcnat_select_endpoint(const struct svcnat_endpoints *eps, u32 hash);

#endif /* SVCNAT_SELECT_H */
