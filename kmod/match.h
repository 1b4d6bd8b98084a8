/* SPDX-License-Identifier: GPL-2.0 */
/* Which frontend a flow goes to: exactly its destination, else a NodePort. */
#ifndef SVCNAT_MATCH_H
#define SVCNAT_MATCH_H

#include "frontend.h"

struct net;

/* RCU; the namespace is enabled. False: no service's. */
bool svcnat_match_flow(struct net *net, struct svcnat_net *sn,
		       const struct svcnat_flow *flow,
		       struct svcnat_match *match);

/* Is this an address of the node? */
bool svcnat_match_local(struct net *net, u8 family,
			const union nf_inet_addr *addr);

#endif /* SVCNAT_MATCH_H */
