// SPDX-License-Identifier: GPL-2.0
#include "masquerade.h"
#include "settings.h"

static bool svcnat_addr_equal(const union nf_inet_addr *a,
			      const union nf_inet_addr *b)
{
	return !((a->all[0] ^ b->all[0]) | (a->all[1] ^ b->all[1]) |
		 (a->all[2] ^ b->all[2]) | (a->all[3] ^ b->all[3]));
}

static bool svcnat_cidr_contains(const struct svcnat_cidr *cidr,
				 const union nf_inet_addr *addr)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(addr->all); i++) {
		if ((addr->all[i] & cidr->mask.all[i]) != cidr->addr.all[i])
			return false;
	}
	return true;
}

static bool svcnat_masquerade_is_pod(const struct svcnat_flow *flow,
				     const struct svcnat_settings *set)
{
	u32 i;

	for (i = 0; i < set->npod_cidrs; i++) {
		const struct svcnat_cidr *cidr = &set->pod_cidrs[i];

		if (cidr->family == flow->family &&
		    svcnat_cidr_contains(cidr, &flow->saddr))
			return true;
	}
	return false;
}

enum svcnat_origin svcnat_masquerade_origin(const struct svcnat_flow *flow,
					    const struct svcnat_settings *set)
{
	if (svcnat_masquerade_is_pod(flow, set))
		return SVCNAT_ORIGIN_POD;
	return flow->local ? SVCNAT_ORIGIN_NODE : SVCNAT_ORIGIN_OUTSIDE;
}

enum svcnat_masquerade
svcnat_masquerade_decide(const struct svcnat_flow *flow, enum svcnat_kind kind,
			 const union nf_inet_addr *endpoint,
			 const struct svcnat_settings *set)
{
	/* Else the endpoint would answer itself directly, from an address nobody asked. */
	if (endpoint && svcnat_addr_equal(&flow->saddr, endpoint))
		return SVCNAT_MASQUERADE_HAIRPIN;

	if (kind != SVCNAT_KIND_CLUSTER)
		return SVCNAT_MASQUERADE_EXTERNAL;

	/* Nobody can be told from a pod, and pods must keep their addresses. */
	if (!set->pods_known[flow->family == NFPROTO_IPV6])
		return SVCNAT_MASQUERADE_NO_CIDR;

	if (svcnat_masquerade_is_pod(flow, set))
		return SVCNAT_MASQUERADE_NO_POD;
	return SVCNAT_MASQUERADE_OFF_CLUSTER;
}
