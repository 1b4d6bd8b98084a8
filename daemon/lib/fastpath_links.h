/* SPDX-License-Identifier: GPL-2.0 */
/* The node's devices, as far as the fast path depends on them, and where its routes lead. */
#ifndef SVCNAT_FASTPATH_LINKS_H
#define SVCNAT_FASTPATH_LINKS_H

#include "kservice.h"

#include <net/if.h>

struct nl_sock;
struct nlmsghdr;

struct fastpath_link {
	int index;
	int master;			/* 0: none */
	int lower;			/* what it stands on, in this namespace; 0: nothing */
	unsigned short type;		/* ARPHRD_* */
	bool up;
	bool routed;			/* the way to elsewhere, or to pods */
	char name[IF_NAMESIZE];
	char kind[16];			/* "bridge", "veth"; "": none */
};

/* Zero it to start with. */
struct fastpath_links {
	struct fastpath_link *v;	/* sorted by index */
	size_t n;
};

/*
 * pods: the ranges of their addresses. out takes the place of what was in there; on an error it
 * is as it was.
 */
int fastpath_links_read(struct nl_sock *sk, const struct kcidrs *pods, struct fastpath_links *out,
			struct err *e);
void fastpath_links_clear(struct fastpath_links *l);

/* NULL: there is none. */
struct fastpath_link *fastpath_links_find(const struct fastpath_links *l, int index);

/* --- pure */

/* Could other devices be chosen because of this message of rtnetlink? */
bool fastpath_links_concern(const struct nlmsghdr *h, const struct kcidrs *pods);

#endif
