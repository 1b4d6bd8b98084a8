/* SPDX-License-Identifier: GPL-2.0 */
/* Where a connection comes from: pod, node or outside. Pure. */
#ifndef SVCNAT_ORIGIN_H
#define SVCNAT_ORIGIN_H

#include <linux/svcnat.h>

#include "key.h"
#include "settings.h"

static inline enum svcnat_origin svcnat_origin(const struct svcnat_flow *flow,
					       const struct svcnat_settings *set)
{
	if (svcnat_cidrs_contain(set->pods, flow->family, &flow->saddr))
		return SVCNAT_ORIGIN_POD;
	return flow->local ? SVCNAT_ORIGIN_NODE : SVCNAT_ORIGIN_OUTSIDE;
}

#endif /* SVCNAT_ORIGIN_H */
