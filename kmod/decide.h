/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The decision about the first packet of a connection: one pure function. The
 * hooks act on it, the netlink command RESOLVE reports it.
 */
#ifndef SVCNAT_DECIDE_H
#define SVCNAT_DECIDE_H

#include <linux/svcnat.h>

#include "key.h"

struct svcnat_endpoint;
struct svcnat_endpoints;

struct svcnat_decision {
	enum svcnat_verdict verdict;
	enum svcnat_reason reason;
	const struct svcnat_endpoint *endpoint;	/* of eps, if DNAT; else NULL */
};

/*
 * flow went to a frontend of a service with the endpoints eps (NULL: to no
 * frontend). hash: of the flow, see select.h.
 */
struct svcnat_decision svcnat_decide(const struct svcnat_flow *flow,
				     const struct svcnat_endpoints *eps, u32 hash);

#endif /* SVCNAT_DECIDE_H */
