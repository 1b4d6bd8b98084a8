/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A list of endpoints to choose from, prepared for its scheduler. A service has
 * two, see endpoints.h. Immutable once it is made. The endpoints are borrowed, and so
 * are the members where all of the service's can be chosen, which is the rule.
 */
#ifndef SVCNAT_LIST_H
#define SVCNAT_LIST_H

#include <linux/svcnat.h>
#include <linux/types.h>

struct svcnat_endpoint;

struct svcnat_member {
	struct svcnat_endpoint *endpoint;	/* a reference, but for a list's own copy */
	u32 sum;	/* of the weights in a list, up to this one, it included */
	u16 weight;
	u8 lists;				/* mask of SVCNAT_LIST_* */
};

struct svcnat_list {
	u32 n;				/* 0: nothing to choose from */
	u32 weight;			/* of all; n if all have the same */
	bool uniform;			/* all have the same weight */
	bool own;			/* choices are, and to be freed */
	u32 cycle;			/* RR: see select.h; 0: none */
	u32 maglev_size;		/* of the table, a prime; 0: none */
	u16 *maglev;			/* indices of choices */
	struct svcnat_member *choices;	/* in the order of the endpoints' keys */
};

static inline u32 svcnat_list_weight(const struct svcnat_list *list, u32 i)
{
	return list->choices[i].sum - (i ? list->choices[i - 1].sum : 0);
}

/*
 * The members that stand in one of lists (mask of SVCNAT_LIST_*) and have a
 * weight, which are sorted. If these are all, members become the choices, get their
 * sums, and have to live as long as the list. -ENOMEM: nothing to free. Sleeps.
 */
int svcnat_list_init(struct svcnat_list *list, struct svcnat_member *members,
		     u32 n, u8 lists, enum svcnat_scheduler scheduler);
void svcnat_list_free(struct svcnat_list *list);

/* Can this one be chosen? Takes as long as the logarithm of their number. */
bool svcnat_list_has(const struct svcnat_list *list, const struct svcnat_endpoint *ep);

#endif /* SVCNAT_LIST_H */
