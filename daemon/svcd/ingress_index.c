// SPDX-License-Identifier: GPL-2.0
#include "ingress_index.h"

#include "cidr.h"
#include "jx.h"
#include "resource.h"

#include <stdlib.h>
#include <string.h>

/* The first one that is not below. */
static size_t place(const struct ingress_index *x, const struct ip_addr *ip)
{
	size_t lo = 0, hi = x->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (cidr_addr_cmp(&x->v[mid].ip, ip) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void add(struct ingress_index *x, const struct ip_addr *ip, const json_t *service)
{
	size_t i = place(x, ip);

	if (x->n == x->room) {
		x->room = x->room ? 2 * x->room : 16;
		x->v = jx_must(realloc(x->v, x->room * sizeof(*x->v)));
	}
	memmove(&x->v[i + 1], &x->v[i], (x->n - i) * sizeof(*x->v));
	x->v[i] = (struct ingress_use){ *ip, service };
	x->n++;
}

static void drop(struct ingress_index *x, const struct ip_addr *ip, const json_t *service)
{
	size_t i = place(x, ip);

	while (i < x->n && x->v[i].service != service && ip_addr_equal(&x->v[i].ip, ip))
		i++;
	if (i == x->n || x->v[i].service != service || !ip_addr_equal(&x->v[i].ip, ip))
		return;
	x->n--;
	memmove(&x->v[i], &x->v[i + 1], (x->n - i) * sizeof(*x->v));
}

static void each(struct ingress_index *x, const json_t *service,
		 void (*fn)(struct ingress_index *x, const struct ip_addr *ip,
			    const json_t *service))
{
	const json_t *list = jx_get(service, "status.loadBalancer.ingress");
	struct ip_addr ip;

	for (size_t i = 0; i < json_array_size(list); i++)
		if (!ip_addr_parse(jx_str(json_array_get(list, i), "ip"), &ip, NULL))
			fn(x, &ip, service);
}

void ingress_index_commit(struct ingress_index *x, const struct resource *res, const json_t *old,
			  const json_t *now)
{
	if (strcmp(res->plural, "services"))
		return;
	each(x, old, drop);
	each(x, now, add);
}

size_t ingress_index_find(const struct ingress_index *x, const struct ip_addr *ip,
			  const struct ingress_use **v)
{
	size_t i = place(x, ip), n = 0;

	*v = x->n ? &x->v[i] : NULL;
	while (i + n < x->n && ip_addr_equal(&x->v[i + n].ip, ip))
		n++;
	return n;
}

void ingress_index_clear(struct ingress_index *x)
{
	free(x->v);
	*x = (struct ingress_index){ .n = 0 };
}
