/* SPDX-License-Identifier: GPL-2.0 */
/* Who gets the node's source address: the rule, without a packet. Pure. */
#ifndef SVCNAT_MASQUERADE_H
#define SVCNAT_MASQUERADE_H

#include <linux/svcnat.h>

struct svcnat_query;
union nf_inet_addr;

/*
 * The masquerade table, for what q asks about, which is sent to endpoint (NULL:
 * not chosen). There is a state.
 */
enum svcnat_masquerade svcnat_masquerade_decide(const struct svcnat_query *q,
						const union nf_inet_addr *endpoint);

/* Does the answer above mean yes? */
static inline bool svcnat_masquerade_wanted(enum svcnat_masquerade m)
{
	return m >= SVCNAT_MASQUERADE_OFF_CLUSTER;
}

#endif /* SVCNAT_MASQUERADE_H */
