/* SPDX-License-Identifier: GPL-2.0 */
/* The next hops of a route, as a message of rtnetlink has them: one, or several. */
#ifndef SVCNAT_RTNL_HOPS_H
#define SVCNAT_RTNL_HOPS_H

#include "kservice.h"

#include <netlink/attr.h>

struct rtnexthop;

struct rtnl_hop {
	int device;			/* 0: it is not said */
	struct ip_addr gateway;		/* family 0: none */
};

/* To go through them; all of it is borrowed from the message. */
struct rtnl_hops {
	struct nlattr **a;
	uint8_t family;
	bool alone;			/* there is one that stands for itself, not in the list */
	const struct rtnexthop *next;
	int left;			/* bytes from there on */
};

/* a: the attributes of a route of that family, RTA_MAX + 1 of them */
struct rtnl_hops rtnl_hops(struct nlattr **a, uint8_t family);
/* false: there are no more. */
bool rtnl_hops_next(struct rtnl_hops *h, struct rtnl_hop *out);

#endif
