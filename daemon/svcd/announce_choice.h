/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which node announces an address: each node works that out by itself, and all that see the
 * same nodes in the same state come to the same end. Pure.
 */
#ifndef SVCNAT_ANNOUNCE_CHOICE_H
#define SVCNAT_ANNOUNCE_CHOICE_H

#include "kservice.h"

/* What is known of a node. */
enum announce_grade {
	ANNOUNCE_GONE,		/* it does not answer, or does not announce */
	ANNOUNCE_ILL,		/* it announces, and says that something is wrong with it */
	ANNOUNCE_WELL,
};

/* Does a node announce as if the one that chooses were not there? */
enum announce_without {
	ANNOUNCE_WITH,
	ANNOUNCE_WITHOUT,	/* it says so; it may have lost it for a moment */
	ANNOUNCE_INSISTS,	/* and has done so for long */
};

struct announce_candidate {
	const char *name;
	enum announce_grade grade;
	/* Services of policy Local of the address that it has an endpoint of */
	size_t local;
	enum announce_without without;
};

/* Rendezvous hashing: the node with the highest one; another node moves only what it gets. */
uint64_t announce_weight(const char *node, const struct ip_addr *addr);

/*
 * Its place in v; -1: nobody. needs_local: who has no endpoint of any Service is none. Those
 * with endpoints of most Services go first, then those who are well.
 */
int announce_choose(const struct announce_candidate *v, size_t n, bool needs_local,
		    const struct ip_addr *addr);

/*
 * Does v[0], which is the one that chooses, announce it? Not what another one announces without
 * it: that one may not know its Node, and would not let go. had: v[0] has it already, and lets
 * go only if the other one insists.
 */
bool announce_is_chosen(const struct announce_candidate *v, size_t n, bool needs_local,
			const struct ip_addr *addr, bool had);

#endif
