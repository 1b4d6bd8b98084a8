// SPDX-License-Identifier: GPL-2.0
#include "kservice.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = {
	[SVCNAT_KIND_CLUSTER] = "cluster",
	[SVCNAT_KIND_EXTERNAL] = "external",
	[SVCNAT_KIND_LOADBALANCER] = "loadbalancer",
	[SVCNAT_KIND_NODEPORT] = "nodeport",
};

static const char *const schedulers[] = {
	[SVCNAT_SCHEDULER_HASH] = "hash",
	[SVCNAT_SCHEDULER_SOURCE] = "source",
	[SVCNAT_SCHEDULER_MAGLEV] = "maglev",
	[SVCNAT_SCHEDULER_RR] = "rr",
	[SVCNAT_SCHEDULER_LEASTCONN] = "leastconn",
};

static int find_word(const char *const *words, int max, const char *text)
{
	int i;

	for (i = 0; i <= max; i++)
		if (!strcmp(words[i], text))
			return i;
	return -1;
}

int kfrontend_kind_parse(const char *text)
{
	return find_word(kinds, SVCNAT_KIND_MAX, text);
}

const char *kfrontend_kind_name(enum svcnat_kind kind)
{
	return (unsigned int)kind <= SVCNAT_KIND_MAX ? kinds[kind] : NULL;
}

int kscheduler_parse(const char *text)
{
	return find_word(schedulers, SVCNAT_SCHEDULER_MAX, text);
}

const char *kscheduler_name(enum svcnat_scheduler scheduler)
{
	return (unsigned int)scheduler <= SVCNAT_SCHEDULER_MAX ? schedulers[scheduler] : NULL;
}

/*
 * The lists carry no capacity: an array of n members always has room for the
 * next power of two, 8 at least. So it is full when n is one of these, and
 * every array must be made here.
 */
static size_t room(size_t n)
{
	size_t cap = 8;

	while (cap < n)
		cap *= 2;
	return cap;
}

/* Room for one more behind n members; NULL: no memory, the array is as it was. */
static void *grow(void *array, size_t n, size_t size)
{
	if (array && (n < 8 || (n & (n - 1))))
		return array;
	return reallocarray(array, room(n + 1), size);
}

static void *duplicate(const void *array, size_t n, size_t size)
{
	void *copy = reallocarray(NULL, room(n), size);

	if (copy && n)
		memcpy(copy, array, n * size);
	return copy;
}

/* array with item behind its n members; NULL: no memory, it is as it was. */
static void *append(void *array, size_t n, const void *item, size_t size)
{
	char *v = grow(array, n, size);

	if (v)
		memcpy(v + n * size, item, size);
	return v;
}

int kservice_add_frontend(struct kservice *s, const struct kfrontend *f)
{
	struct kfrontend *v;

	if (s->nfrontends >= SVCNAT_FRONTENDS_MAX)
		return -ENOSPC;
	v = append(s->frontends, s->nfrontends, f, sizeof(*f));
	if (!v)
		return -ENOMEM;
	s->frontends = v;
	s->nfrontends++;
	return 0;
}

int kservice_add_range(struct kservice *s, const struct ip_cidr *c)
{
	struct ip_cidr *v;

	if (s->nranges >= SVCNAT_RANGES_MAX)
		return -ENOSPC;
	v = append(s->ranges, s->nranges, c, sizeof(*c));
	if (!v)
		return -ENOMEM;
	s->ranges = v;
	s->nranges++;
	return 0;
}

int kservice_add_endpoint(struct kservice *s, const struct kendpoint *p)
{
	struct kendpoint *v;

	if (s->nendpoints >= SVCNAT_ENDPOINTS_MAX)
		return -ENOSPC;
	v = append(s->endpoints, s->nendpoints, p, sizeof(*p));
	if (!v)
		return -ENOMEM;
	s->endpoints = v;
	s->nendpoints++;
	return 0;
}

static void free_members(struct kservice *s)
{
	free(s->frontends);
	free(s->ranges);
	free(s->endpoints);
}

int kservice_copy(struct kservice *dst, const struct kservice *src)
{
	struct kservice copy = *src;

	copy.frontends = duplicate(src->frontends, src->nfrontends, sizeof(*src->frontends));
	copy.ranges = duplicate(src->ranges, src->nranges, sizeof(*src->ranges));
	copy.endpoints = duplicate(src->endpoints, src->nendpoints, sizeof(*src->endpoints));
	if (!copy.frontends || !copy.ranges || !copy.endpoints) {
		free_members(&copy);
		return -ENOMEM;
	}
	*dst = copy;
	return 0;
}

void kservice_clear(struct kservice *s)
{
	free_members(s);
	memset(s, 0, sizeof(*s));
}

static int addr_cmp(const struct ip_addr *a, const struct ip_addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(&a->v6, &b->v6, ip_addr_len(a));
}

static int number_cmp(unsigned int a, unsigned int b)
{
	return (a > b) - (a < b);
}

static int frontend_cmp(const void *x, const void *y)
{
	const struct kfrontend *a = x, *b = y;
	int c = number_cmp(a->kind, b->kind);

	if (!c)
		c = addr_cmp(&a->addr, &b->addr);
	return c ? c : number_cmp(a->port, b->port);
}

static int cidr_cmp(const void *x, const void *y)
{
	const struct ip_cidr *a = x, *b = y;
	int c = addr_cmp(&a->addr, &b->addr);

	return c ? c : number_cmp(a->prefix, b->prefix);
}

static int endpoint_cmp(const void *x, const void *y)
{
	const struct kendpoint *a = x, *b = y;
	int c = addr_cmp(&a->addr, &b->addr);

	if (!c)
		c = number_cmp(a->port, b->port);
	if (!c)
		c = number_cmp(a->lists, b->lists);
	return c ? c : number_cmp(a->weight, b->weight);
}

int kservice_key_cmp(const struct kservice *a, const struct kservice *b)
{
	int c = strcmp(a->name, b->name);

	if (!c)
		c = number_cmp(a->family, b->family);
	return c ? c : number_cmp(a->proto, b->proto);
}

static bool same_order(const void *a, const void *b, size_t n, size_t size,
		       int (*cmp)(const void *, const void *))
{
	size_t i;

	for (i = 0; i < n; i++)
		if (cmp((const char *)a + i * size, (const char *)b + i * size))
			return false;
	return true;
}

/* Out of memory answers false: a service is written once more than needed. */
static bool same_members(const void *a, const void *b, size_t n, size_t size,
			 int (*cmp)(const void *, const void *))
{
	void *x, *y;
	bool same;

	if (same_order(a, b, n, size, cmp))
		return true;
	x = duplicate(a, n, size);
	y = duplicate(b, n, size);
	if (x && y) {
		qsort(x, n, size, cmp);
		qsort(y, n, size, cmp);
	}
	same = x && y && same_order(x, y, n, size, cmp);
	free(x);
	free(y);
	return same;
}

static bool same_options(const struct kservice *a, const struct kservice *b)
{
	return !strcmp(a->owner, b->owner) && a->flags == b->flags &&
	       a->scheduler == b->scheduler && a->affinity == b->affinity;
}

bool kservice_equal(const struct kservice *a, const struct kservice *b)
{
	return !kservice_key_cmp(a, b) && same_options(a, b) &&
	       a->nfrontends == b->nfrontends && a->nranges == b->nranges &&
	       a->nendpoints == b->nendpoints &&
	       same_members(a->frontends, b->frontends, a->nfrontends, sizeof(*a->frontends),
			    frontend_cmp) &&
	       same_members(a->ranges, b->ranges, a->nranges, sizeof(*a->ranges), cidr_cmp) &&
	       same_members(a->endpoints, b->endpoints, a->nendpoints, sizeof(*a->endpoints),
			    endpoint_cmp);
}

int kservices_add(struct kservices *l, const struct kservice *s)
{
	struct kservice *v = grow(l->v, l->n, sizeof(*v));
	int err;

	if (!v)
		return -ENOMEM;
	l->v = v;
	err = kservice_copy(&v[l->n], s);
	if (!err)
		l->n++;
	return err;
}

static int key_cmp(const void *a, const void *b)
{
	return kservice_key_cmp(a, b);
}

void kservices_sort(struct kservices *l)
{
	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), key_cmp);
}

void kservices_clear(struct kservices *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		kservice_clear(&l->v[i]);
	free(l->v);
	memset(l, 0, sizeof(*l));
}

int kcidrs_add(struct kcidrs *l, const struct ip_cidr *c)
{
	struct ip_cidr *v;

	if (l->n >= SVCNAT_CIDRS_MAX)
		return -ENOSPC;
	v = append(l->v, l->n, c, sizeof(*c));
	if (!v)
		return -ENOMEM;
	l->v = v;
	l->n++;
	return 0;
}

bool kcidrs_equal(const struct kcidrs *a, const struct kcidrs *b)
{
	size_t i, j;

	for (i = 0; i < a->n && a->n == b->n; i++) {
		for (j = 0; j < b->n; j++)
			if (a->v[i].prefix == b->v[j].prefix &&
			    ip_addr_equal(&a->v[i].addr, &b->v[j].addr))
				break;
		if (j == b->n)
			return false;
	}
	return a->n == b->n;
}

void kcidrs_clear(struct kcidrs *l)
{
	free(l->v);
	memset(l, 0, sizeof(*l));
}

void ksettings_clear(struct ksettings *s)
{
	kcidrs_clear(&s->pod_cidrs);
	kcidrs_clear(&s->service_cidrs);
	kcidrs_clear(&s->nodeport_cidrs);
	kcidrs_clear(&s->external_cidrs);
	memset(s, 0, sizeof(*s));
}

int kaffinities_add(struct kaffinities *l, const struct kaffinity *a)
{
	struct kaffinity *v = append(l->v, l->n, a, sizeof(*a));

	if (!v)
		return -ENOMEM;
	l->v = v;
	l->n++;
	return 0;
}

void kaffinities_clear(struct kaffinities *l)
{
	free(l->v);
	memset(l, 0, sizeof(*l));
}
