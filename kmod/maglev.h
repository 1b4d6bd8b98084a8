/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Consistent hashing as in Google's Maglev: a table of slots that a flow's hash
 * picks from. Each endpoint has an order of its own in which it wants the slots;
 * they take turns, and each gets the next one that is still free. So all nodes
 * with the same endpoints have the same table, whatever their byte order, and an
 * endpoint more or less leaves nearly all slots of the others where they were.
 *
 * Anybody can compute it, and find flows that go to one endpoint. Pure.
 */
#ifndef SVCNAT_MAGLEV_H
#define SVCNAT_MAGLEV_H

#include <linux/types.h>

struct svcnat_flow;
struct svcnat_list;

/*
 * Make the table of a list that has its choices; one alone needs none. Takes at
 * most 80 steps a slot, usually 15; a table has at most a million slots.
 * -ENOMEM: there is none. Sleeps.
 */
int svcnat_maglev_init(struct svcnat_list *list);

/* The index of a flow's choice. The list has a table. */
u32 svcnat_maglev_choice(const struct svcnat_list *list, const struct svcnat_flow *flow);

#endif /* SVCNAT_MAGLEV_H */
