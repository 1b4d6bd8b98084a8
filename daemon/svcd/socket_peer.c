// SPDX-License-Identifier: GPL-2.0
#include "socket_peer.h"

#include <stdlib.h>
#include <sys/socket.h>

bool socket_peer_may(const struct socket_peer *p, const struct socket_owner *o)
{
	size_t i;

	if (!p->uid || p->uid == o->uid)
		return true;
	if (!o->gid)
		return false;
	for (i = 0; i < p->ngroups; i++)
		if (p->groups[i] == o->gid)
			return true;
	return p->gid == o->gid;
}

/* Without them, for want of memory or of a kernel that knows them, it is in none. */
static gid_t *read_groups(int fd, size_t *n)
{
	socklen_t size = 0;
	gid_t *groups;

	*n = 0;
	/* Fails, and says how much room it takes. */
	getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &size);
	groups = size ? malloc(size) : NULL;
	if (groups && getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) == 0)
		*n = size / sizeof(*groups);
	return groups;
}

bool socket_peer_allowed(int fd, const struct socket_owner *o, uid_t *uid)
{
	struct ucred who = { .uid = (uid_t)-1 };
	socklen_t size = sizeof(who);
	struct socket_peer p;
	gid_t *groups;
	bool may;

	*uid = (uid_t)-1;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) < 0)
		return false;
	*uid = who.uid;
	p = (struct socket_peer){ .uid = who.uid, .gid = who.gid };
	/* Most are, and have no need of a list. */
	if (socket_peer_may(&p, o))
		return true;
	groups = read_groups(fd, &p.ngroups);
	p.groups = groups;
	may = socket_peer_may(&p, o);
	free(groups);
	return may;
}
