/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Services full of endpoints, made by the module's own endpoints.c out of plain
 * memory, and flows for them. For a test that has included the module's pure files.
 */
#ifndef KSHIM_POOL_H
#define KSHIM_POOL_H

#include "endpoint.h"
#include "endpoints.h"
#include "select.h"

/* Of the namespace, only how many endpoints its table has. */
struct svcnat_net {
	int present;
};

static struct svcnat_net pool_net;

struct svcnat_endpoint *svcnat_endpoint_add(struct svcnat_net *sn, const struct svcnat_key *key)
{
	struct svcnat_endpoint *ep = kzalloc(sizeof(*ep), GFP_KERNEL_ACCOUNT);

	if (!ep)
		return NULL;
	ep->key = *key;
	ep->refs.refs = 1;
	sn->present++;
	return ep;
}

void svcnat_endpoint_remove(struct svcnat_net *sn, struct svcnat_endpoint *ep)
{
	(void)ep;
	sn->present--;
}

void svcnat_endpoint_put(struct svcnat_endpoint *ep)
{
	if (--ep->refs.refs)
		return;
	free(ep->traffic);
	free(ep);
}

#include "endpoints.c"

/* 10.244.x.x or fd44::, from the first-th on, of weight 1, in all lists. */
static inline struct svcnat_spec_endpoint *pool_specs(u8 family, u32 first, u32 n)
{
	struct svcnat_spec_endpoint *spec = calloc(n + 1, sizeof(*spec));
	u32 i;

	assert_non_null(spec);
	for (i = 0; i < n; i++) {
		u32 number = htonl(0x0af40001 + first + i);

		if (family == NFPROTO_IPV6) {
			spec[i].key.addr.ip6[0] = htonl(0xfd440000);
			spec[i].key.addr.ip6[3] = number;
		} else {
			spec[i].key.addr.ip = number;
		}
		spec[i].key.port = htons(8080);
		spec[i].key.proto = IPPROTO_TCP;
		spec[i].key.family = family;
		spec[i].weight = 1;
		spec[i].lists = SVCNAT_LIST_ALL;
	}
	return spec;
}

/* Numbered, where nobody looks. */
static inline struct svcnat_endpoints *pool_make(const struct svcnat_spec_endpoint *spec, u32 n,
						 enum svcnat_scheduler scheduler)
{
	struct svcnat_endpoints *eps = svcnat_endpoints_make(&pool_net, NULL, spec, n, scheduler,
							     false);
	u32 i;

	assert_non_null(eps);
	for (i = 0; i < n; i++)
		eps->v[i].endpoint->epoch = i;
	return eps;
}

/* A service of n endpoints with these weights, over and over; NULL: all 1. */
static inline struct svcnat_endpoints *pool(u8 family, u32 n, enum svcnat_scheduler scheduler,
					    const u16 *weights, u32 nweights)
{
	struct svcnat_spec_endpoint *spec = pool_specs(family, 0, n);
	struct svcnat_endpoints *eps;
	u32 i;

	for (i = 0; weights && i < n; i++)
		spec[i].weight = weights[i % nweights];
	eps = pool_make(spec, n, scheduler);
	free(spec);
	return eps;
}

static inline void pool_free(struct svcnat_endpoints *eps)
{
	svcnat_endpoints_undo(&pool_net, eps, NULL);
}

/* Which member is it? */
static inline u32 pool_index(const struct svcnat_endpoints *eps,
			     const struct svcnat_endpoint *ep)
{
	assert_true(ep->epoch < eps->n && eps->v[ep->epoch].endpoint == ep);
	return ep->epoch;
}

/* The i-th of the connections of that many clients, one port after the other. */
static inline struct svcnat_flow pool_flow(u8 family, u32 i, u32 clients)
{
	u32 client = htonl(0xc6120000 + i % clients);
	struct svcnat_flow f = {
		.sport = htons(1024 + i / clients), .dport = htons(80), .proto = IPPROTO_TCP,
		.family = family,
	};

	if (family == NFPROTO_IPV6) {
		f.saddr.ip6[0] = htonl(0x20010db8);
		f.saddr.ip6[3] = client;
		f.daddr.ip6[0] = htonl(0xfd960000);
		f.daddr.ip6[3] = htonl(10);
	} else {
		f.saddr.ip = client;
		f.daddr.ip = htonl(0x0a60000a);
	}
	return f;
}

#endif
