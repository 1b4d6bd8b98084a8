/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The order in which sets are printed, so that the same set is the same text,
 * and in which what stands twice stands side by side.
 */
#ifndef SVCNAT_SVCCTL_ORDER_H
#define SVCNAT_SVCCTL_ORDER_H

#include "kservice.h"

int order_addr_cmp(const struct ip_addr *a, const struct ip_addr *b);

/* Frontends by kind, address, port; ranges; endpoints by address, port. */
void order_members(struct kservice *s);
void order_cidrs(struct kcidrs *l);
void order_affinities(struct kaffinities *l);

#endif
