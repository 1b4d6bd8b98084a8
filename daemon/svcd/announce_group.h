/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memberships in IPv6 multicast groups, counted. A socket holds only so many of them: there
 * are as many sockets as it takes.
 */
#ifndef SVCNAT_ANNOUNCE_GROUP_H
#define SVCNAT_ANNOUNCE_GROUP_H

#include <netinet/in.h>
#include <stddef.h>

struct err;

struct announce_member {
	struct in6_addr group;
	int index;		/* of the interface */
	int fd;			/* the socket that holds it */
	size_t uses;
};

/* Zero it to start with. */
struct announce_groups {
	struct announce_member *v;
	size_t n;
	int *fds;
	size_t nfds;
};

int announce_group_join(struct announce_groups *g, const struct in6_addr *group, int index,
			struct err *e);
void announce_group_leave(struct announce_groups *g, const struct in6_addr *group, int index);
void announce_groups_clear(struct announce_groups *g);

#endif
