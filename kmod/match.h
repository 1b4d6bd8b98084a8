/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a flow's destination is: a frontend, exactly or as a NodePort, or an
 * address that is ours in another way.
 */
#ifndef SVCNAT_MATCH_H
#define SVCNAT_MATCH_H

#include "frontend.h"

struct net;
struct net_device;
struct svcnat_query;

/*
 * Fill in q's destination: state, kind, place; and match, if there is a
 * frontend: returns whether there is one. q has the flow and the settings. dev:
 * where the packet is, or NULL; it says in which VRF an address must be to be
 * the node's. RCU; the namespace is enabled.
 */
bool svcnat_match(struct net *net, const struct net_device *dev, struct svcnat_net *sn,
		  struct svcnat_query *q, struct svcnat_match *match);

/* Is this an address of the node, in dev's VRF? RCU. */
bool svcnat_match_local(struct net *net, const struct net_device *dev, u8 family,
			const union nf_inet_addr *addr);

#endif /* SVCNAT_MATCH_H */
