// SPDX-License-Identifier: GPL-2.0
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "cidr.h"

struct svcnat_cidrs *svcnat_cidrs_alloc(u32 n)
{
	struct svcnat_cidrs *list;

	list = kvzalloc(struct_size(list, v, n), GFP_KERNEL_ACCOUNT);
	if (list)
		list->n = n;
	return list;
}

struct svcnat_cidrs *svcnat_cidrs_copy(const struct svcnat_cidrs *list)
{
	struct svcnat_cidrs *copy = svcnat_cidrs_alloc(list->n);

	if (copy)
		memcpy(copy, list, struct_size(list, v, list->n));
	return copy;
}

int svcnat_cidrs_fill(struct svcnat_cidrs *list, u32 i, u8 family,
		      const union nf_inet_addr *addr, u8 prefix)
{
	unsigned int bits = family == NFPROTO_IPV4 ? 32 : 128;
	struct svcnat_cidr *cidr = &list->v[i];
	unsigned int w;

	if (prefix > bits)
		return -EINVAL;

	cidr->family = family;
	cidr->prefix = prefix;
	for (w = 0; w < bits / 32; w++) {
		int left = clamp_t(int, prefix - 32 * w, 0, 32);

		cidr->mask.ip6[w] = left ? htonl(~0U << (32 - left)) : 0;
		if (addr->all[w] & ~cidr->mask.all[w])
			return -EDOM;
		cidr->addr.all[w] = addr->all[w];
	}
	list->known[family == NFPROTO_IPV6] = true;
	return 0;
}

static int svcnat_cidr_cmp(const void *a, const void *b)
{
	const struct svcnat_cidr *x = a, *y = b;

	return (int)x->family - (int)y->family ?:
	       memcmp(&x->addr, &y->addr, sizeof(x->addr)) ?:
	       (int)x->prefix - (int)y->prefix;
}

const struct svcnat_cidr *svcnat_cidrs_sort(struct svcnat_cidrs *list)
{
	u32 i;

	sort(list->v, list->n, sizeof(list->v[0]), svcnat_cidr_cmp, NULL);
	for (i = 1; i < list->n; i++) {
		if (!svcnat_cidr_cmp(&list->v[i - 1], &list->v[i]))
			return &list->v[i];
	}
	return NULL;
}

bool svcnat_cidrs_equal(const struct svcnat_cidrs *a, const struct svcnat_cidrs *b)
{
	return a->n == b->n && !memcmp(a->v, b->v, array_size(a->n, sizeof(a->v[0])));
}

static bool svcnat_cidr_contains(const struct svcnat_cidr *cidr,
				 const union nf_inet_addr *addr)
{
	unsigned int w;

	if (cidr->family == NFPROTO_IPV4)
		return (addr->ip & cidr->mask.ip) == cidr->addr.ip;
	for (w = 0; w < ARRAY_SIZE(addr->all); w++) {
		if ((addr->all[w] & cidr->mask.all[w]) != cidr->addr.all[w])
			return false;
	}
	return true;
}

bool svcnat_cidrs_contain(const struct svcnat_cidrs *list, u8 family,
			  const union nf_inet_addr *addr)
{
	u32 i;

	for (i = 0; i < list->n; i++) {
		if (list->v[i].family == family &&
		    svcnat_cidr_contains(&list->v[i], addr))
			return true;
	}
	return false;
}
