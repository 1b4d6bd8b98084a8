/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The routes of what is announced. For each address one to this node itself, in the table
 * local: the kernel answers ARP for it, takes it for its own, and the module refuses what no
 * Service has there. For a routing daemon another one, in the table main, which no packet
 * ever comes to. They bear a number of their own, by which svcd finds them again.
 */
#ifndef SVCNAT_ANNOUNCE_ROUTES_H
#define SVCNAT_ANNOUNCE_ROUTES_H

#include "kservice.h"

struct nl_sock;

#define ANNOUNCE_PROTOCOL	92	/* of the routes: see rt_protos of iproute2 */

struct announce_route {
	struct ip_addr addr;
	bool passed_on;		/* the one in the table main */
	struct ip_addr source;	/* of what the node itself sends there; family 0: not said */
};

/* Zero it to start with. */
struct announce_routes {
	struct announce_route *v;
	size_t n;
};

/* Ends the process when memory is out. */
void announce_routes_add(struct announce_routes *l, const struct announce_route *r);
void announce_routes_clear(struct announce_routes *l);

/*
 * Pure: what is to be added to have, and what is to go, so that it is want; both are sorted by
 * this. Of what has another source, the old one goes and the new one comes.
 */
void announce_routes_plan(struct announce_routes *have, struct announce_routes *want,
			  struct announce_routes *add, struct announce_routes *del);

/* Those in the kernel with our number. out takes the place of what was in there. */
int announce_routes_read(struct nl_sock *sk, struct announce_routes *out, struct err *e);
/*
 * One of ours that is there already is fine; -EEXIST: somebody else's is. One that has gone is
 * fine, too.
 */
int announce_route_add(struct nl_sock *sk, const struct announce_route *r, struct err *e);
int announce_route_del(struct nl_sock *sk, const struct announce_route *r, struct err *e);

#endif
