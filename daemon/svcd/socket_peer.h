/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who is at the other end of a connection to svcd's socket, as the kernel knows it since the
 * other end connected, and whether it may ask. The socket's mode says that first; this holds
 * when somebody has opened the mode to all.
 */
#ifndef SVCNAT_SOCKET_PEER_H
#define SVCNAT_SOCKET_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Whose the socket's file is. */
struct socket_owner {
	uid_t uid;
	gid_t gid;
};

struct socket_peer {
	uid_t uid;
	gid_t gid;
	const gid_t *groups;	/* the others that it is in */
	size_t ngroups;
};

/*
 * root may, who the socket belongs to, and who is in its group. But the group root is no
 * such group: programs of no other right are in it, such as those of many images.
 */
bool socket_peer_may(const struct socket_peer *p, const struct socket_owner *o);

/* The same of who is at the other end of fd; *uid is who that is. What cannot be told may not. */
bool socket_peer_allowed(int fd, const struct socket_owner *o, uid_t *uid);

#endif
