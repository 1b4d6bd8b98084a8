// SPDX-License-Identifier: GPL-2.0
#include "decide.h"
#include "masquerade.h"
#include "state.h"

static enum svcnat_masquerade svcnat_masquerade_cluster(const struct svcnat_query *q)
{
	if (q->settings->masquerade_all)
		return SVCNAT_MASQUERADE_ALL;

	if (q->origin == SVCNAT_ORIGIN_POD)
		return SVCNAT_MASQUERADE_NO_POD;

	/* Nobody can be told from a pod, and pods must keep their addresses. */
	if (!svcnat_cidrs_know(q->settings->pods, q->flow.family))
		return SVCNAT_MASQUERADE_NO_CIDR;
	return SVCNAT_MASQUERADE_OFF_CLUSTER;
}

/*
 * Externally Local keeps the client's address: its endpoints are on this node,
 * and answer through it. A process of the node may have any endpoint.
 */
static enum svcnat_masquerade svcnat_masquerade_external(const struct svcnat_query *q)
{
	if (!(q->state->flags & SVCNAT_F_EXTERNAL_LOCAL))
		return SVCNAT_MASQUERADE_EXTERNAL;

	switch (q->origin) {
	case SVCNAT_ORIGIN_POD:
		return SVCNAT_MASQUERADE_NO_SHORT;
	case SVCNAT_ORIGIN_OUTSIDE:
		return SVCNAT_MASQUERADE_NO_LOCAL;
	default:
		return SVCNAT_MASQUERADE_EXTERNAL;
	}
}

enum svcnat_masquerade svcnat_masquerade_decide(const struct svcnat_query *q,
						const union nf_inet_addr *endpoint)
{
	/* Else the endpoint would answer itself directly, from an address nobody asked. */
	if (endpoint && svcnat_addr_equal(&q->flow.saddr, endpoint))
		return SVCNAT_MASQUERADE_HAIRPIN;

	if (q->kind == SVCNAT_KIND_CLUSTER)
		return svcnat_masquerade_cluster(q);
	return svcnat_masquerade_external(q);
}
