/* SPDX-License-Identifier: GPL-2.0 */
/* How this node makes known where the addresses of load balancers are, as it was told. */
#ifndef SVCNAT_ANNOUNCE_MODE_H
#define SVCNAT_ANNOUNCE_MODE_H

#include "kservice.h"

#include <net/if.h>

#define ANNOUNCE_INTERFACES_MAX	16

enum announce_mode {
	ANNOUNCE_NONE,		/* by other means */
	ANNOUNCE_LAYER2,	/* one node answers ARP and NDP */
	ANNOUNCE_ROUTE,		/* routes that a routing daemon passes on */
};

/* From one address to another of its family, both of them in it. */
struct announce_range {
	struct ip_addr first, last;
};

/* Zero it to start with. */
struct announce_options {
	enum announce_mode mode;
	/* to announce on; none: each where an address belongs */
	char interfaces[ANNOUNCE_INTERFACES_MAX][IF_NAMESIZE];
	size_t ninterfaces;
	struct kcidrs cidrs;	/* of the addresses; empty: */
	/* those of the pools, which do not overlap; sorted. Empty: all */
	struct announce_range *pools;
	size_t npools;
};

const char *announce_mode_name(enum announce_mode mode);
/* -EINVAL. */
int announce_mode_parse(const char *text, enum announce_mode *out, struct err *e);

/* One that is there already is not added again. -EINVAL. */
int announce_add_interface(struct announce_options *o, const char *name, struct err *e);

/* In any order. -ENOMEM. */
int announce_add_pool(struct announce_options *o, const struct announce_range *r);

void announce_options_clear(struct announce_options *o);
bool announce_options_equal(const struct announce_options *a, const struct announce_options *b);
/* -ENOMEM: to is as it was. */
int announce_options_copy(struct announce_options *to, const struct announce_options *from);

/* Is addr one that may be announced? */
bool announce_options_have(const struct announce_options *o, const struct ip_addr *addr);
/* Is it said which addresses may be? */
bool announce_options_say(const struct announce_options *o);

#endif
