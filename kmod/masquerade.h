/* SPDX-License-Identifier: GPL-2.0 */
/* Who gets the node's source address: the rule, without a packet. Pure. */
#ifndef SVCNAT_MASQUERADE_H
#define SVCNAT_MASQUERADE_H

#include <linux/svcnat.h>

#include "key.h"

struct svcnat_settings;

/* Where does the flow come from? */
enum svcnat_origin svcnat_masquerade_origin(const struct svcnat_flow *flow,
					    const struct svcnat_settings *set);

/*
 * The masquerade table of a flow that is sent to endpoint (NULL: not chosen)
 * through a frontend of kind.
 */
enum svcnat_masquerade
svcnat_masquerade_decide(const struct svcnat_flow *flow, enum svcnat_kind kind,
			 const union nf_inet_addr *endpoint,
			 const struct svcnat_settings *set);

/* Does the answer above mean yes? */
static inline bool svcnat_masquerade_wanted(enum svcnat_masquerade m)
{
	return m >= SVCNAT_MASQUERADE_OFF_CLUSTER;
}

#endif /* SVCNAT_MASQUERADE_H */
