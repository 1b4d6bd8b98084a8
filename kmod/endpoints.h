/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An endpoint set: the list that a connection's endpoint is chosen from. Filled
 * once by its maker, sorted, and immutable from then on; it belongs to one
 * state (state.h), which frees it after a grace period.
 */
#ifndef SVCNAT_ENDPOINTS_H
#define SVCNAT_ENDPOINTS_H

#include <linux/netfilter.h>
#include <linux/types.h>

struct svcnat_endpoint {
	union nf_inet_addr addr;	/* for IPv4 the rest is zero */
	__be16 port;
};

struct svcnat_endpoints {
	u32 n;
	struct svcnat_endpoint v[];
};

/* n zeroed endpoints, to be filled and sorted. NULL: no memory. */
struct svcnat_endpoints *svcnat_endpoints_alloc(u32 n);
void svcnat_endpoints_free(struct svcnat_endpoints *eps);

/* Put into the one order that equal sets share. Returns an endpoint that stands twice, or NULL. */
const struct svcnat_endpoint *svcnat_endpoints_sort(struct svcnat_endpoints *eps);

/* Is it one of them? Takes as long as the logarithm of their number. */
bool svcnat_endpoints_has(const struct svcnat_endpoints *eps,
			  const struct svcnat_endpoint *ep);

bool svcnat_endpoints_equal(const struct svcnat_endpoints *a,
			    const struct svcnat_endpoints *b);

#endif /* SVCNAT_ENDPOINTS_H */
