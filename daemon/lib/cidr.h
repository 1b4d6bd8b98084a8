/* SPDX-License-Identifier: GPL-2.0 */
/* Ranges of addresses, beyond what a parser needs. */
#ifndef SVCNAT_CIDR_H
#define SVCNAT_CIDR_H

#include "kservice.h"

/* addr without the bits past the prefix, which must fit its family. */
struct ip_cidr cidr_make(const struct ip_addr *addr, uint8_t prefix);
/* addr and nothing else */
struct ip_cidr cidr_host(const struct ip_addr *addr);

/* By family, then as numbers: less than 0, 0, more than 0. */
int cidr_addr_cmp(const struct ip_addr *a, const struct ip_addr *b);
bool cidr_equal(const struct ip_cidr *a, const struct ip_cidr *b);
bool cidr_has(const struct ip_cidr *c, const struct ip_addr *addr);
bool cidrs_have(const struct kcidrs *l, const struct ip_addr *addr);

#endif
