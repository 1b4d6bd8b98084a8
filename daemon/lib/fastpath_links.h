/* SPDX-License-Identifier: GPL-2.0 */
/* The node's devices, as far as the fast path depends on them. */
#ifndef SVCNAT_FASTPATH_LINKS_H
#define SVCNAT_FASTPATH_LINKS_H

#include "kservice.h"

#include <net/if.h>

struct nl_sock;

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
 * out takes the place of what was in there; on an error it is as it was. That routes lead
 * somewhere is fastpath_routes.h's to say.
 */
int fastpath_links_read(struct nl_sock *sk, struct fastpath_links *out, struct err *e);
void fastpath_links_clear(struct fastpath_links *l);

/* NULL: there is none. */
struct fastpath_link *fastpath_links_find(const struct fastpath_links *l, int index);

#endif
