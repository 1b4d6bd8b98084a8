// SPDX-License-Identifier: GPL-2.0
#include "decide.h"
#include "select.h"

static bool svcnat_addr_loopback(const union nf_inet_addr *addr, u8 family)
{
	if (family == NFPROTO_IPV4)
		return (addr->ip & htonl(0xff000000)) == htonl(0x7f000000);
	return !(addr->all[0] | addr->all[1] | addr->all[2]) &&
	       addr->ip6[3] == htonl(1);
}

static struct svcnat_decision svcnat_verdict(enum svcnat_verdict verdict,
					     enum svcnat_reason reason)
{
	return (struct svcnat_decision){ .verdict = verdict, .reason = reason };
}

struct svcnat_decision svcnat_decide(const struct svcnat_flow *flow,
				     const struct svcnat_endpoints *eps, u32 hash)
{
	struct svcnat_decision d;

	if (!eps)
		return svcnat_verdict(SVCNAT_VERDICT_PASS, SVCNAT_REASON_NO_SERVICE);

	/* The answer would come back to a loopback address from outside: a martian. */
	if (svcnat_addr_loopback(&flow->saddr, flow->family) ||
	    svcnat_addr_loopback(&flow->daddr, flow->family))
		return svcnat_verdict(SVCNAT_VERDICT_PASS, SVCNAT_REASON_LOOPBACK);

	if (!eps->n)
		return svcnat_verdict(SVCNAT_VERDICT_REJECT, SVCNAT_REASON_NO_ENDPOINTS);

	d = svcnat_verdict(SVCNAT_VERDICT_DNAT, SVCNAT_REASON_ENDPOINT);
	d.endpoint = svcnat_select_endpoint(eps, hash);
	return d;
}
