// SPDX-License-Identifier: GPL-2.0
#include <linux/kernel.h>

#include "select.h"

u32 svcnat_select_hash(const struct svcnat_flow *flow, const siphash_key_t *key)
{
	u32 ports = (__force u32)flow->sport << 16 | (__force u32)flow->dport;
	struct {
		union nf_inet_addr saddr, daddr;
		u32 ports, proto;
	} __aligned(SIPHASH_ALIGNMENT) v6;

	if (flow->family == NFPROTO_IPV4)
		return siphash_4u32((__force u32)flow->saddr.ip,
				    (__force u32)flow->daddr.ip,
				    ports, flow->proto, key);

	v6.saddr = flow->saddr;
	v6.daddr = flow->daddr;
	v6.ports = ports;
	v6.proto = flow->proto;
	return siphash(&v6, sizeof(v6), key);
}

const struct svcnat_endpoint *
svcnat_select_endpoint(const struct svcnat_endpoints *eps, u32 hash)
{
	return &eps->v[reciprocal_scale(hash, eps->n)];
}
