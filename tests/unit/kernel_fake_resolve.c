// SPDX-License-Identifier: GPL-2.0
/*
 * The decision in short: nobody is on the node, whose addresses and NodePorts
 * are not known here, and addresses of load balancers are not announced.
 */
#include "kernel_fake_priv.h"

#include "err.h"

#include <string.h>

static bool in_cidr(const struct ip_cidr *c, const struct ip_addr *a)
{
	const uint8_t *x = c->addr.v6.s6_addr, *y = a->v6.s6_addr;
	unsigned int i;

	if (c->addr.family != a->family)
		return false;
	for (i = 0; i < c->prefix; i++)
		if ((x[i / 8] ^ y[i / 8]) & (0x80 >> i % 8))
			return false;
	return true;
}

bool kernel_fake_in_cidrs(const struct kcidrs *l, const struct ip_addr *a)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (in_cidr(&l->v[i], a))
			return true;
	return false;
}

static const struct kservice *lookup(const struct kernel_fake *f, const struct kresolve *r,
				     enum svcnat_kind *kind)
{
	size_t i, j;

	for (i = 0; i < f->l.n; i++)
		for (j = 0; j < f->l.v[i].nfrontends; j++) {
			const struct kfrontend *fe = &f->l.v[i].frontends[j];

			if (f->l.v[i].proto != r->proto || fe->port != r->dst_port ||
			    fe->kind == SVCNAT_KIND_NODEPORT || !ip_addr_equal(&fe->addr, &r->dst))
				continue;
			*kind = fe->kind;
			return &f->l.v[i];
		}
	return NULL;
}

static bool is_address(const struct kernel_fake *f, const struct ip_addr *a, bool cluster_only)
{
	size_t i, j;

	for (i = 0; i < f->l.n; i++)
		for (j = 0; j < f->l.v[i].nfrontends; j++) {
			const struct kfrontend *fe = &f->l.v[i].frontends[j];

			if (fe->kind != SVCNAT_KIND_NODEPORT && ip_addr_equal(&fe->addr, a) &&
			    (!cluster_only || fe->kind == SVCNAT_KIND_CLUSTER))
				return true;
		}
	return false;
}

static void answer(struct kresolve *r, enum svcnat_verdict verdict, enum svcnat_reason reason)
{
	r->verdict = verdict;
	r->reason = reason;
}

static void decide_no_frontend(const struct kernel_fake *f, struct kresolve *r)
{
	const bool echo = r->proto == (r->family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6);
	const bool cidr = kernel_fake_in_cidrs(&f->settings.service_cidrs, &r->dst);

	if (echo && f->settings.echo && is_address(f, &r->dst, false))
		answer(r, SVCNAT_VERDICT_ECHO, SVCNAT_REASON_ECHO);
	else if (cidr && r->armed)
		answer(r, SVCNAT_VERDICT_DROP, SVCNAT_REASON_NOT_LOADED);
	else if (is_address(f, &r->dst, true))
		answer(r, SVCNAT_VERDICT_REJECT, SVCNAT_REASON_UNDEFINED_PORT);
	else if (cidr && !is_address(f, &r->dst, false))
		answer(r, SVCNAT_VERDICT_DROP, SVCNAT_REASON_UNALLOCATED);
	else
		answer(r, SVCNAT_VERDICT_PASS, SVCNAT_REASON_NO_SERVICE);
}

static bool in_list(const struct kendpoint *p, uint8_t list)
{
	return p->lists & list && p->weight;
}

static uint32_t list_size(const struct kservice *s, uint8_t list)
{
	uint32_t n = 0;
	size_t i;

	for (i = 0; i < s->nendpoints; i++)
		n += in_list(&s->endpoints[i], list);
	return n;
}

static const struct kendpoint *nth(const struct kservice *s, uint8_t list, uint32_t n)
{
	size_t i;

	for (i = 0; i < s->nendpoints; i++)
		if (in_list(&s->endpoints[i], list) && !n--)
			return &s->endpoints[i];
	return NULL;
}

static void describe(struct kresolve *r, const struct kservice *s, const struct kaffinity *kept)
{
	const bool local = r->kind == SVCNAT_KIND_CLUSTER ?
			   s->flags & SVCNAT_F_INTERNAL_LOCAL :
			   s->flags & SVCNAT_F_EXTERNAL_LOCAL &&
			   r->origin == SVCNAT_ORIGIN_OUTSIDE;

	strcpy(r->service, s->name);
	strcpy(r->owner, s->owner);
	r->flags = s->flags;
	r->ranges = (uint32_t)s->nranges;
	r->list = local ? SVCNAT_LIST_LOCAL : SVCNAT_LIST_CLUSTER;
	r->cluster = list_size(s, SVCNAT_LIST_CLUSTER);
	r->local = list_size(s, SVCNAT_LIST_LOCAL);
	r->scheduler = s->scheduler;
	r->affinity = s->affinity;
	r->has_affinity_age = kept;
	r->affinity_age = kept ? kept->age : 0;
}

/* The endpoint that the client keeps, if it may still have it. */
static const struct kendpoint *find_kept(const struct kservice *s, uint8_t list,
					 const struct kaffinity *kept)
{
	size_t i;

	for (i = 0; kept && i < s->nendpoints; i++)
		if (in_list(&s->endpoints[i], list) && s->endpoints[i].port == kept->port &&
		    ip_addr_equal(&s->endpoints[i].addr, &kept->endpoint))
			return &s->endpoints[i];
	return NULL;
}

static void choose(struct kresolve *r, const struct kservice *s, const struct kaffinity *kept)
{
	const uint32_t n = r->list == SVCNAT_LIST_LOCAL ? r->local : r->cluster;
	const struct kendpoint *p = find_kept(s, r->list, kept);
	const uint8_t *src = r->src.v6.s6_addr;

	answer(r, SVCNAT_VERDICT_DNAT, p ? SVCNAT_REASON_AFFINITY : SVCNAT_REASON_ENDPOINT);
	r->has_hash = r->src_port;
	r->hash = r->src_port;
	if (!p && s->scheduler == SVCNAT_SCHEDULER_SOURCE)
		p = nth(s, r->list, src[ip_addr_len(&r->src) - 1] % n);
	else if (!p && r->src_port)
		p = nth(s, r->list, r->src_port % n);
	r->has_endpoint = p;
	if (p) {
		r->endpoint.addr = p->addr;
		r->endpoint.port = p->port;
	}
}

static enum svcnat_masquerade masquerade(const struct kernel_fake *f, const struct kresolve *r)
{
	if (r->has_endpoint && ip_addr_equal(&r->endpoint.addr, &r->src))
		return SVCNAT_MASQUERADE_HAIRPIN;
	if (r->kind == SVCNAT_KIND_CLUSTER && f->settings.masquerade_all)
		return SVCNAT_MASQUERADE_ALL;
	if (r->kind == SVCNAT_KIND_CLUSTER && !f->settings.pod_cidrs.n)
		return SVCNAT_MASQUERADE_NO_CIDR;
	if (r->kind == SVCNAT_KIND_CLUSTER)
		return r->origin == SVCNAT_ORIGIN_POD ? SVCNAT_MASQUERADE_NO_POD :
							SVCNAT_MASQUERADE_OFF_CLUSTER;
	if (!(r->flags & SVCNAT_F_EXTERNAL_LOCAL))
		return SVCNAT_MASQUERADE_EXTERNAL;
	return r->origin == SVCNAT_ORIGIN_POD ? SVCNAT_MASQUERADE_NO_SHORT :
						SVCNAT_MASQUERADE_NO_LOCAL;
}

static void decide_frontend(const struct kernel_fake *f, struct kresolve *r,
			    const struct kservice *s)
{
	const struct kaffinity *kept = s->affinity ? kernel_fake_affinity_find(f, s, &r->src) :
						     NULL;
	const struct kcidrs ranges = { .v = s->ranges, .n = s->nranges };

	r->has_service = true;
	describe(r, s, kept);
	if (r->kind == SVCNAT_KIND_LOADBALANCER && ranges.n &&
	    !kernel_fake_in_cidrs(&ranges, &r->src)) {
		answer(r, SVCNAT_VERDICT_DROP, SVCNAT_REASON_SOURCE_RANGE);
	} else if (r->list == SVCNAT_LIST_LOCAL && !r->local && r->cluster) {
		answer(r, SVCNAT_VERDICT_DROP, SVCNAT_REASON_NO_LOCAL);
	} else if (r->list == SVCNAT_LIST_LOCAL ? !r->local : !r->cluster) {
		answer(r, SVCNAT_VERDICT_REJECT, SVCNAT_REASON_NO_ENDPOINTS);
	} else {
		choose(r, s, kept);
		r->has_masquerade = true;
		r->masquerade = masquerade(f, r);
	}
}

int kernel_fake_resolve(struct kernel *k, struct kresolve *r, struct err *e)
{
	struct kernel_fake *f = kernel_fake_of(k);
	struct kresolve out = {
		.family = r->family, .proto = r->proto, .src = r->src, .dst = r->dst,
		.src_port = r->src_port, .dst_port = r->dst_port, .ifindex = r->ifindex,
	};
	int err = kernel_fake_call(k, KERNEL_FAKE_RESOLVE, e);
	const struct kservice *s;

	if (err)
		return err;
	out.origin = kernel_fake_in_cidrs(&f->settings.pod_cidrs, &r->src) ?
		     SVCNAT_ORIGIN_POD : SVCNAT_ORIGIN_OUTSIDE;
	out.armed = f->settings.armed;
	s = lookup(f, &out, &out.kind);
	if (s)
		decide_frontend(f, &out, s);
	else
		decide_no_frontend(f, &out);
	*r = out;
	return 0;
}
