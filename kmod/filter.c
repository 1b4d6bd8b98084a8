// SPDX-License-Identifier: GPL-2.0
#include <linux/bitops.h>
#include <linux/hash.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/slab.h>
#include <net/ipv6.h>

#include "filter.h"

#define SVCNAT_FILTER_LEAST	10	/* an order: 128 bytes */
#define SVCNAT_FILTER_MOST	24	/* 2 MiB */
#define SVCNAT_FILTER_SPARE	5	/* at first 32 bits or more for each frontend */
#define SVCNAT_FILTER_DENSE	3	/* an eighth of the bits */

void svcnat_filter_put_up_with(struct svcnat_filter *filter)
{
	filter->left = BIT(filter->order) >> SVCNAT_FILTER_DENSE;
}

struct svcnat_filter *svcnat_filter_alloc(u32 frontends)
{
	u32 order = clamp_t(u32, order_base_2(frontends + 1) + SVCNAT_FILTER_SPARE,
			    SVCNAT_FILTER_LEAST, SVCNAT_FILTER_MOST);
	struct svcnat_filter *filter;

	filter = kvzalloc(struct_size(filter, bits, BITS_TO_LONGS(BIT(order))),
			  GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!filter)
		return NULL;
	filter->order = order;
	svcnat_filter_put_up_with(filter);
	return filter;
}

static u32 svcnat_filter_address(const struct svcnat_filter *filter,
				 const struct svcnat_key *key)
{
	if (key->family == NFPROTO_IPV4)
		return hash_32((__force u32)key->addr.ip, filter->order);
	return hash_32(ipv6_addr_hash(&key->addr.in6), filter->order);
}

static u32 svcnat_filter_nodeport(const struct svcnat_filter *filter,
				  const struct svcnat_key *key)
{
	return hash_32(key->rest, filter->order);
}

void svcnat_filter_set(struct svcnat_filter *filter, const struct svcnat_key *frontend)
{
	u32 bit = svcnat_key_is_nodeport(frontend) ? svcnat_filter_nodeport(filter, frontend) :
						     svcnat_filter_address(filter, frontend);

	if (!test_and_set_bit(bit, filter->bits) && filter->left)
		filter->left--;
}

bool svcnat_filter_has_address(const struct svcnat_filter *filter,
			       const struct svcnat_key *key)
{
	return test_bit(svcnat_filter_address(filter, key), filter->bits);
}

bool svcnat_filter_has_nodeport(const struct svcnat_filter *filter,
				const struct svcnat_key *key)
{
	return test_bit(svcnat_filter_nodeport(filter, key), filter->bits);
}
