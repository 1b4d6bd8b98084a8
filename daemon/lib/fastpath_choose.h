/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which devices the fast path has: those where connections come in or go out that the node
 * forwards. That is what routes say, and patterns of names; and with a bridge its ports, with a
 * port its bridge, with a VLAN the device below it, for a packet comes in there first.
 */
#ifndef SVCNAT_FASTPATH_CHOOSE_H
#define SVCNAT_FASTPATH_CHOOSE_H

#include "fastpath_links.h"
#include "fastpath_pattern.h"

/* What one flowtable may have of them. */
#define FASTPATH_DEVICES_MAX	512

/* Sorted, each once. Zero it to start with. */
struct fastpath_names {
	char (*v)[IF_NAMESIZE];
	size_t n;
};

/* -ENOMEM. One that is there already is not added again. */
int fastpath_names_add(struct fastpath_names *l, const char *name);
bool fastpath_names_have(const struct fastpath_names *l, const char *name);
/* to has the same then. -ENOMEM: none. */
int fastpath_names_copy(struct fastpath_names *to, const struct fastpath_names *from);
void fastpath_names_clear(struct fastpath_names *l);

/*
 * All that is to be in it goes to out, which is to be cleared: the devices of routes first, then
 * bridges, then others by their names, as many as there may be. left: how many there are beyond
 * that. -ENOMEM.
 */
int fastpath_choose(const struct fastpath_links *l, const struct fastpath_patterns *patterns,
		    struct fastpath_names *out, size_t *left);

/* What is in want and not in have goes to add, and the other way round to del. -ENOMEM. */
int fastpath_names_compare(const struct fastpath_names *have, const struct fastpath_names *want,
			   struct fastpath_names *add, struct fastpath_names *del);

#endif
