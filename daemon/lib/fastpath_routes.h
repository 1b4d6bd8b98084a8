/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the routes lead that the fast path goes by: default ones, and those to pods. All routes
 * are read to find these, and that may be the whole Internet: once, and from then on the
 * kernel's news are followed.
 */
#ifndef SVCNAT_FASTPATH_ROUTES_H
#define SVCNAT_FASTPATH_ROUTES_H

#include "fastpath_links.h"
#include "rtnl_hops.h"

/* One next hop of one route. */
struct fastpath_route {
	struct ip_cidr to;
	uint8_t tos;
	uint32_t metric;
	struct rtnl_hop hop;
	struct ip_addr source;		/* IPv4: of what the node sends there; family 0: any */
	uint32_t nexthop;		/* the object that it stands in; 0: none */
	bool twice;			/* perhaps: it was told of again */
};

/* Zero it to start with. */
struct fastpath_routes {
	bool known;			/* false: they are to be read */
	struct fastpath_route *v;	/* sorted: the hops of a route are together */
	size_t n;
};

/*
 * pods: the ranges of their addresses. out takes the place of what was in there; on an error it
 * is as it was.
 */
int fastpath_routes_read(struct nl_sock *sk, const struct kcidrs *pods,
			 struct fastpath_routes *out, struct err *e);
void fastpath_routes_clear(struct fastpath_routes *l);

/* --- pure */

/*
 * A message of rtnetlink; NULL: some were lost. true: they are others now, or not known any
 * more, for of some changes the kernel says less than what became of the routes.
 */
bool fastpath_routes_hear(struct fastpath_routes *l, const struct nlmsghdr *h,
			  const struct kcidrs *pods);
/* Which of the devices they lead to. */
void fastpath_routes_mark(const struct fastpath_routes *l, struct fastpath_links *links);

#endif
