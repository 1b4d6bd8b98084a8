// SPDX-License-Identifier: GPL-2.0
#include "announce_group.h"

#include "err.h"
#include "jx.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOCKETS_MAX	64

static struct announce_member *find(const struct announce_groups *g, const struct in6_addr *group,
				    int index)
{
	size_t i;

	for (i = 0; i < g->n; i++)
		if (g->v[i].index == index && IN6_ARE_ADDR_EQUAL(&g->v[i].group, group))
			return &g->v[i];
	return NULL;
}

static int set(int fd, int what, const struct in6_addr *group, int index)
{
	const struct ipv6_mreq r = { .ipv6mr_multiaddr = *group,
				     .ipv6mr_interface = (unsigned int)index };

	return setsockopt(fd, IPPROTO_IPV6, what, &r, sizeof(r));
}

static int open_one(struct announce_groups *g)
{
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	g->fds = jx_must(realloc(g->fds, (g->nfds + 1) * sizeof(*g->fds)));
	g->fds[g->nfds++] = fd;
	return fd;
}

/* The socket that holds it now; -1 and errno. The last one is the one with room, if any. */
static int join_on_some(struct announce_groups *g, const struct in6_addr *group, int index)
{
	int fd = g->nfds ? g->fds[g->nfds - 1] : open_one(g);

	if (fd < 0)
		return -1;
	if (!set(fd, IPV6_JOIN_GROUP, group, index))
		return fd;
	if ((errno != ENOBUFS && errno != ENOMEM) || g->nfds >= SOCKETS_MAX)
		return -1;
	fd = open_one(g);
	return fd < 0 || set(fd, IPV6_JOIN_GROUP, group, index) ? -1 : fd;
}

int announce_group_join(struct announce_groups *g, const struct in6_addr *group, int index,
			struct err *e)
{
	struct announce_member *m = find(g, group, index);
	int fd;

	if (m) {
		m->uses++;
		return 0;
	}
	fd = join_on_some(g, group, index);
	if (fd < 0)
		return err_set(e, errno, "no neighbour solicitations are heard: %m");
	g->v = jx_must(realloc(g->v, (g->n + 1) * sizeof(*g->v)));
	g->v[g->n++] = (struct announce_member){ *group, index, fd, 1 };
	return 0;
}

void announce_group_leave(struct announce_groups *g, const struct in6_addr *group, int index)
{
	struct announce_member *m = find(g, group, index);

	if (!m || --m->uses)
		return;
	/* The interface may have gone, and the membership along with it. */
	set(m->fd, IPV6_LEAVE_GROUP, group, index);
	*m = g->v[--g->n];
}

void announce_groups_clear(struct announce_groups *g)
{
	while (g->nfds)
		close(g->fds[--g->nfds]);
	free(g->fds);
	free(g->v);
	*g = (struct announce_groups){ 0 };
}
