/* SPDX-License-Identifier: GPL-2.0 */
/* Which frontend a flow goes to: exactly its destination, else a NodePort. */
#ifndef SVCNAT_MATCH_H
#define SVCNAT_MATCH_H

#include "frontend.h"

struct net;
struct net_device;

/*
 * False: no service's. dev: where the packet is, or NULL; it says in which VRF
 * an address must be to be the node's. RCU; the namespace is enabled.
 */
bool svcnat_match_flow(struct net *net, const struct net_device *dev,
		       struct svcnat_net *sn, const struct svcnat_flow *flow,
		       struct svcnat_match *match);

/* Is this an address of the node, in dev's VRF? RCU. */
bool svcnat_match_local(struct net *net, const struct net_device *dev, u8 family,
			const union nf_inet_addr *addr);

#endif /* SVCNAT_MATCH_H */
