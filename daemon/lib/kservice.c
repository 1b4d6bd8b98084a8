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

int kfrontend_kind_parse(const char *text)
{
	int i;

	for (i = 0; i <= SVCNAT_KIND_MAX; i++)
		if (!strcmp(kinds[i], text))
			return i;
	return -1;
}

const char *kfrontend_kind_name(enum svcnat_kind kind)
{
	return (unsigned int)kind <= SVCNAT_KIND_MAX ? kinds[kind] : NULL;
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

int kservice_add_frontend(struct kservice *s, const struct kfrontend *f)
{
	struct kfrontend *v;

	if (s->nfrontends >= SVCNAT_FRONTENDS_MAX)
		return -ENOSPC;
	v = grow(s->frontends, s->nfrontends, sizeof(*v));
	if (!v)
		return -ENOMEM;
	s->frontends = v;
	v[s->nfrontends++] = *f;
	return 0;
}

int kservice_add_endpoint(struct kservice *s, const struct kendpoint *p)
{
	struct kendpoint *v;

	if (s->nendpoints >= SVCNAT_ENDPOINTS_MAX)
		return -ENOSPC;
	v = grow(s->endpoints, s->nendpoints, sizeof(*v));
	if (!v)
		return -ENOMEM;
	s->endpoints = v;
	v[s->nendpoints++] = *p;
	return 0;
}

int kservice_copy(struct kservice *dst, const struct kservice *src)
{
	struct kservice copy = *src;

	copy.frontends = duplicate(src->frontends, src->nfrontends, sizeof(*src->frontends));
	copy.endpoints = duplicate(src->endpoints, src->nendpoints, sizeof(*src->endpoints));
	if (!copy.frontends || !copy.endpoints) {
		free(copy.frontends);
		free(copy.endpoints);
		return -ENOMEM;
	}
	*dst = copy;
	return 0;
}

void kservice_clear(struct kservice *s)
{
	free(s->frontends);
	free(s->endpoints);
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

static int endpoint_cmp(const void *x, const void *y)
{
	const struct kendpoint *a = x, *b = y;
	int c = addr_cmp(&a->addr, &b->addr);

	return c ? c : number_cmp(a->port, b->port);
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

bool kservice_equal(const struct kservice *a, const struct kservice *b)
{
	return !kservice_key_cmp(a, b) && !strcmp(a->owner, b->owner) && a->flags == b->flags &&
	       a->nfrontends == b->nfrontends && a->nendpoints == b->nendpoints &&
	       same_members(a->frontends, b->frontends, a->nfrontends, sizeof(*a->frontends),
			    frontend_cmp) &&
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

void ksettings_clear(struct ksettings *s)
{
	free(s->pod_cidrs);
	memset(s, 0, sizeof(*s));
}
