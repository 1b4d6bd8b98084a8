// SPDX-License-Identifier: GPL-2.0
#include "order.h"

#include <stdlib.h>
#include <string.h>

static int number_cmp(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

int order_addr_cmp(const struct ip_addr *a, const struct ip_addr *b)
{
	if (a->family != b->family)
		return number_cmp(a->family, b->family);
	return memcmp(&a->v6, &b->v6, ip_addr_len(a));
}

static int frontend_cmp(const void *x, const void *y)
{
	const struct kfrontend *a = x, *b = y;
	int c = number_cmp(a->kind, b->kind);

	if (!c)
		c = order_addr_cmp(&a->addr, &b->addr);
	return c ? c : number_cmp(a->port, b->port);
}

static int cidr_cmp(const void *x, const void *y)
{
	const struct ip_cidr *a = x, *b = y;
	int c = order_addr_cmp(&a->addr, &b->addr);

	return c ? c : number_cmp(a->prefix, b->prefix);
}

static int endpoint_cmp(const void *x, const void *y)
{
	const struct kendpoint *a = x, *b = y;
	int c = order_addr_cmp(&a->addr, &b->addr);

	return c ? c : number_cmp(a->port, b->port);
}

static int affinity_cmp(const void *x, const void *y)
{
	const struct kaffinity *a = x, *b = y;
	int c = strcmp(a->name, b->name);

	if (!c)
		c = number_cmp(a->family, b->family);
	if (!c)
		c = number_cmp(a->proto, b->proto);
	return c ? c : order_addr_cmp(&a->client, &b->client);
}

/* An empty array may be NULL, which qsort() must not get. */
static void sort(void *array, size_t n, size_t size, int (*cmp)(const void *, const void *))
{
	if (n)
		qsort(array, n, size, cmp);
}

void order_members(struct kservice *s)
{
	sort(s->frontends, s->nfrontends, sizeof(*s->frontends), frontend_cmp);
	sort(s->ranges, s->nranges, sizeof(*s->ranges), cidr_cmp);
	sort(s->endpoints, s->nendpoints, sizeof(*s->endpoints), endpoint_cmp);
}

void order_cidrs(struct kcidrs *l)
{
	sort(l->v, l->n, sizeof(*l->v), cidr_cmp);
}

void order_affinities(struct kaffinities *l)
{
	sort(l->v, l->n, sizeof(*l->v), affinity_cmp);
}
