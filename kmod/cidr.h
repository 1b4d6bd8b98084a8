/* SPDX-License-Identifier: GPL-2.0 */
/* Lists of CIDRs, immutable once they are filled. Pure. */
#ifndef SVCNAT_CIDR_H
#define SVCNAT_CIDR_H

#include <linux/netfilter.h>
#include <linux/types.h>

struct svcnat_cidr {
	union nf_inet_addr addr;	/* no bits past the prefix */
	union nf_inet_addr mask;
	u8 family;
	u8 prefix;
};

struct svcnat_cidrs {
	u32 n;
	bool known[2];			/* one of the family: IPv4, IPv6 */
	struct svcnat_cidr v[];
};

/* n zeroed CIDRs, to be filled by svcnat_cidrs_fill(). NULL: no memory. Free with kvfree(). */
struct svcnat_cidrs *svcnat_cidrs_alloc(u32 n);
struct svcnat_cidrs *svcnat_cidrs_copy(const struct svcnat_cidrs *list);

/*
 * Make the i-th one of prefix bits. -EINVAL: the prefix is too long; -EDOM: addr
 * has bits past it.
 */
int svcnat_cidrs_fill(struct svcnat_cidrs *list, u32 i, u8 family,
		      const union nf_inet_addr *addr, u8 prefix);

/* Put into the one order that equal lists share. Returns one that stands twice, or NULL. */
const struct svcnat_cidr *svcnat_cidrs_sort(struct svcnat_cidrs *list);
bool svcnat_cidrs_equal(const struct svcnat_cidrs *a, const struct svcnat_cidrs *b);

static inline bool svcnat_cidrs_know(const struct svcnat_cidrs *list, u8 family)
{
	return list->known[family == NFPROTO_IPV6];
}

bool svcnat_cidrs_contain(const struct svcnat_cidrs *list, u8 family,
			  const union nf_inet_addr *addr);

#endif /* SVCNAT_CIDR_H */
