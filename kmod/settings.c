// SPDX-License-Identifier: GPL-2.0
#include <linux/bits.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "settings.h"

/* Some ten times what the largest clusters known to Kubernetes' own tests have. */
#define SVCNAT_DEFAULT_MAX_SERVICES	BIT(18)
#define SVCNAT_DEFAULT_MAX_FRONTENDS	BIT(20)
#define SVCNAT_DEFAULT_MAX_ENDPOINTS	BIT(22)

struct svcnat_settings *svcnat_settings_alloc(void)
{
	struct svcnat_settings *set;

	set = kzalloc(sizeof(*set), GFP_KERNEL_ACCOUNT);
	if (!set)
		return NULL;

	set->max_services = SVCNAT_DEFAULT_MAX_SERVICES;
	set->max_frontends = SVCNAT_DEFAULT_MAX_FRONTENDS;
	set->max_endpoints = SVCNAT_DEFAULT_MAX_ENDPOINTS;
	return set;
}

struct svcnat_settings *svcnat_settings_copy(const struct svcnat_settings *old,
					     u32 npod_cidrs)
{
	struct svcnat_settings *set;

	set = kzalloc(struct_size(set, pod_cidrs, npod_cidrs), GFP_KERNEL_ACCOUNT);
	if (!set)
		return NULL;

	set->max_services = old->max_services;
	set->max_frontends = old->max_frontends;
	set->max_endpoints = old->max_endpoints;
	set->npod_cidrs = npod_cidrs;
	return set;
}

int svcnat_cidr_init(struct svcnat_cidr *cidr, u8 family,
		     const union nf_inet_addr *addr, u8 prefix)
{
	unsigned int bits = family == NFPROTO_IPV4 ? 32 : 128;
	unsigned int i;

	if (prefix > bits)
		return -EINVAL;

	memset(cidr, 0, sizeof(*cidr));
	cidr->family = family;
	cidr->prefix = prefix;
	for (i = 0; i < bits / 32; i++) {
		int left = clamp_t(int, prefix - 32 * i, 0, 32);

		cidr->mask.ip6[i] = left ? htonl(~0U << (32 - left)) : 0;
		if (addr->all[i] & ~cidr->mask.all[i])
			return -EDOM;
		cidr->addr.all[i] = addr->all[i];
	}
	return 0;
}
