// SPDX-License-Identifier: GPL-2.0
#include <linux/bsearch.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "endpoints.h"

struct svcnat_endpoints *svcnat_endpoints_alloc(u32 n)
{
	struct svcnat_endpoints *eps;

	eps = kvzalloc(struct_size(eps, v, n), GFP_KERNEL_ACCOUNT);
	if (eps)
		eps->n = n;
	return eps;
}

void svcnat_endpoints_free(struct svcnat_endpoints *eps)
{
	kvfree(eps);
}

static int svcnat_endpoint_cmp(const void *a, const void *b)
{
	const struct svcnat_endpoint *x = a, *y = b;

	return memcmp(&x->addr, &y->addr, sizeof(x->addr)) ?:
	       memcmp(&x->port, &y->port, sizeof(x->port));
}

const struct svcnat_endpoint *svcnat_endpoints_sort(struct svcnat_endpoints *eps)
{
	u32 i;

	sort(eps->v, eps->n, sizeof(eps->v[0]), svcnat_endpoint_cmp, NULL);
	for (i = 1; i < eps->n; i++) {
		if (!svcnat_endpoint_cmp(&eps->v[i - 1], &eps->v[i]))
			return &eps->v[i];
	}
	return NULL;
}

bool svcnat_endpoints_has(const struct svcnat_endpoints *eps,
			  const struct svcnat_endpoint *ep)
{
	return bsearch(ep, eps->v, eps->n, sizeof(eps->v[0]), svcnat_endpoint_cmp);
}

bool svcnat_endpoints_equal(const struct svcnat_endpoints *a,
			    const struct svcnat_endpoints *b)
{
	return a->n == b->n &&
	       !memcmp(a->v, b->v, array_size(a->n, sizeof(a->v[0])));
}
