// SPDX-License-Identifier: GPL-2.0
#include "words.h"

#include <stddef.h>

static const struct words origins[SVCNAT_ORIGIN_MAX + 1] = {
	[SVCNAT_ORIGIN_OUTSIDE] = { "outside", "it comes in, from no pod CIDR" },
	[SVCNAT_ORIGIN_POD] = { "pod", "the source is inside a pod CIDR" },
	[SVCNAT_ORIGIN_NODE] = { "node", "made on this node" },
};

static const struct words verdicts[SVCNAT_VERDICT_MAX + 1] = {
	[SVCNAT_VERDICT_PASS] = { "pass", "it is not touched" },
	[SVCNAT_VERDICT_DNAT] = { "dnat", "it goes to an endpoint" },
	[SVCNAT_VERDICT_REJECT] = { "reject", "the client is refused at once" },
	[SVCNAT_VERDICT_DROP] = { "drop", "the client hears nothing" },
	[SVCNAT_VERDICT_ECHO] = { "echo", "the node answers the ping" },
};

static const struct words reasons[SVCNAT_REASON_MAX + 1] = {
	[SVCNAT_REASON_NO_SERVICE] = { "no-service", "no service has this destination" },
	[SVCNAT_REASON_LOOPBACK] = { "loopback", "loopback source or destination" },
	[SVCNAT_REASON_ENDPOINT] = { "endpoint", "chosen by the scheduler" },
	[SVCNAT_REASON_AFFINITY] = { "affinity", "the client keeps the endpoint that it had" },
	[SVCNAT_REASON_NO_ENDPOINTS] = { "no-endpoints", "the service has none to choose from" },
	[SVCNAT_REASON_UNDEFINED_PORT] = { "undefined-port",
					   "a service has this address, but none this port and "
					   "protocol" },
	[SVCNAT_REASON_NO_LOCAL] = { "no-local",
				     "policy Local, and the endpoints are on other nodes" },
	[SVCNAT_REASON_SOURCE_RANGE] = { "source-range",
					 "the source is outside the service's source ranges" },
	[SVCNAT_REASON_UNALLOCATED] = { "unallocated",
					"inside the service CIDRs, and no service has it" },
	[SVCNAT_REASON_NOT_LOADED] = { "not-loaded",
				       "inside the service CIDRs, and the services are not "
				       "loaded yet (armed)" },
	[SVCNAT_REASON_MARTIAN] = { "martian",
				    "from elsewhere to a loopback address, and loopback NodePorts "
				    "are on" },
	[SVCNAT_REASON_ECHO] = { "echo", "ping to a service's address" },
};

static const enum svcnat_verdict verdicts_of[SVCNAT_REASON_MAX + 1] = {
	[SVCNAT_REASON_NO_SERVICE] = SVCNAT_VERDICT_PASS,
	[SVCNAT_REASON_LOOPBACK] = SVCNAT_VERDICT_PASS,
	[SVCNAT_REASON_ENDPOINT] = SVCNAT_VERDICT_DNAT,
	[SVCNAT_REASON_AFFINITY] = SVCNAT_VERDICT_DNAT,
	[SVCNAT_REASON_NO_ENDPOINTS] = SVCNAT_VERDICT_REJECT,
	[SVCNAT_REASON_UNDEFINED_PORT] = SVCNAT_VERDICT_REJECT,
	[SVCNAT_REASON_NO_LOCAL] = SVCNAT_VERDICT_DROP,
	[SVCNAT_REASON_SOURCE_RANGE] = SVCNAT_VERDICT_DROP,
	[SVCNAT_REASON_UNALLOCATED] = SVCNAT_VERDICT_DROP,
	[SVCNAT_REASON_NOT_LOADED] = SVCNAT_VERDICT_DROP,
	[SVCNAT_REASON_MARTIAN] = SVCNAT_VERDICT_DROP,
	[SVCNAT_REASON_ECHO] = SVCNAT_VERDICT_ECHO,
};

static const struct words masquerades[SVCNAT_MASQUERADE_MAX + 1] = {
	[SVCNAT_MASQUERADE_NO_POD] = { "no-pod", "a pod, to a cluster address" },
	[SVCNAT_MASQUERADE_NO_CIDR] = { "no-cidr", "to a cluster address, and no pod CIDR is set" },
	[SVCNAT_MASQUERADE_NO_LOCAL] = { "no-local", "from outside, and externally policy Local" },
	[SVCNAT_MASQUERADE_NO_SHORT] = { "no-short",
					 "a pod's short circuit, and externally policy Local" },
	[SVCNAT_MASQUERADE_NO_NODE] = { "no-node",
					"from elsewhere, and the endpoint is the node itself" },
	[SVCNAT_MASQUERADE_OFF_CLUSTER] = { "off-cluster", "not a pod, to a cluster address" },
	[SVCNAT_MASQUERADE_ALL] = { "all", "to a cluster address, and masquerade-all is on" },
	[SVCNAT_MASQUERADE_EXTERNAL] = { "external", "not through a cluster address" },
	[SVCNAT_MASQUERADE_HAIRPIN] = { "hairpin", "client and endpoint are one" },
};

static const struct words *find(const struct words *v, unsigned int max, unsigned int i)
{
	static const struct words unknown = { "unknown", "unknown: this program is too old" };

	return i <= max && v[i].name ? &v[i] : &unknown;
}

const struct words *words_origin(enum svcnat_origin origin)
{
	return find(origins, SVCNAT_ORIGIN_MAX, origin);
}

const struct words *words_verdict(enum svcnat_verdict verdict)
{
	return find(verdicts, SVCNAT_VERDICT_MAX, verdict);
}

const struct words *words_reason(enum svcnat_reason reason)
{
	return find(reasons, SVCNAT_REASON_MAX, reason);
}

const struct words *words_masquerade(enum svcnat_masquerade masquerade)
{
	return find(masquerades, SVCNAT_MASQUERADE_MAX, masquerade);
}

enum svcnat_verdict words_verdict_of(enum svcnat_reason reason)
{
	return reason <= SVCNAT_REASON_MAX ? verdicts_of[reason] : SVCNAT_VERDICT_PASS;
}

bool words_masqueraded(enum svcnat_masquerade masquerade)
{
	return masquerade >= SVCNAT_MASQUERADE_OFF_CLUSTER;
}
