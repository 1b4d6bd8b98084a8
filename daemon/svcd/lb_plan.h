/* SPDX-License-Identifier: GPL-2.0 */
/* The addresses that one Service shall have: those that it keeps, and what it is given. */
#ifndef SVCNAT_LB_PLAN_H
#define SVCNAT_LB_PLAN_H

#include "err.h"
#include "lb_choice.h"

struct lb_place {
	struct ip_addr ip;		/* family 0: none */
	const json_t *entry;		/* of the status that has it; NULL: it is new */
};

struct lb_plan {
	const struct lb_choice *choice;
	const json_t *svc;
	struct lb_wish wish;
	int families[2];
	struct lb_place v[2];		/* for each family */
	size_t n;
	bool lacks;			/* it has not all that it may have or wishes for */
	struct err problem;		/* why; "": that was not looked for */
	bool gave_up;			/* an address that it had */
};

/* Told of each address that svc may not keep. */
typedef void lb_plan_released(void *ctx, const json_t *svc, const char *ip, const char *why);

void lb_plan_make(struct lb_plan *p, const struct lb_choice *c, const json_t *svc,
		  lb_plan_released *released, void *ctx);
/* Is what it lacks worth a word? Not what it only may have. */
bool lb_plan_fails(const struct lb_plan *p);

/* New: an array for the status, the names of the pools, and the addresses, with commas. */
json_t *lb_plan_ingress(const struct lb_plan *p);
char *lb_plan_pools(const struct lb_plan *p);
char *lb_plan_text(const struct lb_plan *p, bool new_only);

#endif
