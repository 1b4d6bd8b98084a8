/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pools of addresses for Services of type LoadBalancer: which addresses there
 * are, in which order they are given out, and to whom. Who has one is not known
 * here.
 */
#ifndef SVCNAT_POOL_H
#define SVCNAT_POOL_H

#include "kservice.h"

#include <jansson.h>

struct selector;

/* From one address to another of its family, both of them in it. */
struct pool_range {
	struct ip_addr first, last;
	char *text;			/* as it was written */
	char *where;			/* "FILE:LINE:COLUMN: KEY", for errors; NULL: not said */
};

struct pool {
	char *name;
	struct pool_range *ranges;
	size_t nranges;
	bool auto_assign;		/* also to who does not ask for it */
	bool avoid_buggy;		/* not .0 and .255 of IPv4: old firmware drops them */
	/* Who may have an address: who meets what is said here, each list if it is not empty. */
	bool restricted;		/* something is said */
	unsigned int priority;		/* among those: the lowest first; 0: the last */
	char **namespaces;
	size_t nnamespaces;
	struct selector *selectors;	/* of Services; one of them has to match */
	char **selector_texts;
	size_t nselectors;
};

/* Sorted: those for some Services come before those for all. */
struct pools {
	struct pool *v;
	size_t n;
};

/*
 * "192.0.2.0/24", "192.0.2.10-192.0.2.20" with or without spaces around the '-',
 * and so in IPv6. -EINVAL; also for addresses that no load balancer can have. What is
 * parsed is freed with the pool that it is added to.
 */
int pool_range_parse(const char *text, struct pool_range *out, struct err *e);
bool pool_range_overlaps(const struct pool_range *a, const struct pool_range *b);
bool pool_range_overlaps_cidr(const struct pool_range *r, const struct ip_cidr *c);

/* These end the process when memory is out. The range is taken over. */
void pool_add_range(struct pool *p, const struct pool_range *r);
void pool_add_namespace(struct pool *p, const char *name);
/* text: as of a query's labelSelector. -EINVAL. */
int pool_add_selector(struct pool *p, const char *text, struct err *e);
void pool_clear(struct pool *p);

/* Takes p over; where it belongs. */
void pools_add(struct pools *l, const struct pool *p);
void pools_clear(struct pools *l);
bool pools_equal(const struct pools *a, const struct pools *b);
const struct pool *pools_named(const struct pools *l, const char *name);	/* NULL: none */
/* The pool that may give out ip to somebody; NULL: none. */
const struct pool *pools_of(const struct pools *l, const struct ip_addr *ip);

bool pool_has(const struct pool *p, const struct ip_addr *ip);
bool pool_has_family(const struct pool *p, int family);
/* How many of the family it can give out; UINT64_MAX: or more. */
uint64_t pool_size(const struct pool *p, int family);
/* May svc have an address of it? */
bool pool_serves(const struct pool *p, const json_t *svc);

/* Zero it to start with. */
struct pool_walk {
	struct ip_addr ip;		/* where it is */
	size_t range;
};

/* Go to the next address of the family that can be given out. false: that was the last. */
bool pool_walk_next(struct pool_walk *w, const struct pool *p, int family);

#endif
