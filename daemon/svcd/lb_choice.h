/* SPDX-License-Identifier: GPL-2.0 */
/* May a Service have this address of a pool, and which one may it have? */
#ifndef SVCNAT_LB_CHOICE_H
#define SVCNAT_LB_CHOICE_H

#include "lb_service.h"
#include "pool.h"
#include "txn.h"

struct lb_choice {
	const struct txn *t;		/* addresses are in use as they will be after it */
	const struct pools *pools;
	bool hold;			/* of two that cannot share, the older one may keep it */
	struct pool_walk *taken;	/* none is free up to here; two for each pool */
};

void lb_choice_init(struct lb_choice *c, const struct txn *t);
void lb_choice_exit(struct lb_choice *c);
/* An address has become free: each pool is looked at from its start. */
void lb_choice_freed(struct lb_choice *c);

/* May svc have ip? Else e says why not. */
bool lb_choice_allows(const struct lb_choice *c, const json_t *svc, const struct ip_addr *ip,
		      struct err *e);
/*
 * One of the family that svc may have, from the pool of that name or, "", from any that
 * gives them out by itself: rather one that is shared, then the lowest. false: e says why not.
 */
bool lb_choice_find(const struct lb_choice *c, const json_t *svc, const char *pool, int family,
		    struct ip_addr *out, struct err *e);

#endif
