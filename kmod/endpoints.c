// SPDX-License-Identifier: GPL-2.0
#include <linux/bsearch.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "endpoint.h"
#include "endpoints.h"

static int svcnat_member_cmp(const void *key, const void *member)
{
	const struct svcnat_member *m = member;

	return memcmp(key, &m->endpoint->key, sizeof(m->endpoint->key));
}

const struct svcnat_member *svcnat_endpoints_find(const struct svcnat_endpoints *eps,
						  const struct svcnat_key *key)
{
	return bsearch(key, eps->v, eps->n, sizeof(eps->v[0]), svcnat_member_cmp);
}

void svcnat_endpoints_free(struct svcnat_endpoints *eps)
{
	u32 i;

	svcnat_list_free(&eps->cluster);
	svcnat_list_free(&eps->local);
	for (i = 0; i < eps->n; i++) {
		if (eps->v[i].endpoint)
			svcnat_endpoint_put(eps->v[i].endpoint);
	}
	kvfree(eps);
}

/* The endpoint of the old set, or a new one; a reference. NULL: no memory. */
static struct svcnat_endpoint *
svcnat_endpoints_take(struct svcnat_net *sn, const struct svcnat_endpoints *old,
		      const struct svcnat_key *key, bool records)
{
	const struct svcnat_member *m = old ? svcnat_endpoints_find(old, key) : NULL;
	struct svcnat_endpoint *ep;

	if (m) {
		ep = m->endpoint;
		svcnat_endpoint_get(ep);
	} else {
		ep = svcnat_endpoint_add(sn, key);
		if (!ep)
			return NULL;
	}

	/* Stays for good: readers come to it through a set that is not published yet. */
	if (records && !ep->traffic) {
		ep->traffic = kzalloc(sizeof(*ep->traffic), GFP_KERNEL_ACCOUNT);
		if (!ep->traffic) {
			if (!m)
				svcnat_endpoint_remove(sn, ep);
			svcnat_endpoint_put(ep);
			return NULL;
		}
	}
	return ep;
}

struct svcnat_endpoints *svcnat_endpoints_make(struct svcnat_net *sn,
					       const struct svcnat_endpoints *old,
					       const struct svcnat_spec_endpoint *spec,
					       u32 n, enum svcnat_scheduler scheduler,
					       bool records)
{
	struct svcnat_endpoints *eps;

	eps = kvzalloc(struct_size(eps, v, n), GFP_KERNEL_ACCOUNT);
	if (!eps)
		return NULL;

	for (; eps->n < n; eps->n++) {
		struct svcnat_member *m = &eps->v[eps->n];

		m->endpoint = svcnat_endpoints_take(sn, old, &spec[eps->n].key, records);
		if (!m->endpoint)
			goto err_undo;
		m->weight = spec[eps->n].weight;
		m->lists = spec[eps->n].lists;
		cond_resched();
	}

	if (svcnat_list_init(&eps->cluster, eps->v, n, SVCNAT_LIST_CLUSTER, scheduler) ||
	    svcnat_list_init(&eps->local, eps->v, n, SVCNAT_LIST_LOCAL, scheduler))
		goto err_undo;
	return eps;

err_undo:
	svcnat_endpoints_undo(sn, eps, old);
	return NULL;
}

/* Those of eps that other (NULL: empty) does not have leave the table. */
static void svcnat_endpoints_remove(struct svcnat_net *sn,
				    const struct svcnat_endpoints *eps,
				    const struct svcnat_endpoints *other)
{
	u32 i;

	for (i = 0; i < eps->n; i++) {
		struct svcnat_endpoint *ep = eps->v[i].endpoint;

		if (!other || !svcnat_endpoints_find(other, &ep->key))
			svcnat_endpoint_remove(sn, ep);
		cond_resched();
	}
}

void svcnat_endpoints_undo(struct svcnat_net *sn, struct svcnat_endpoints *eps,
			   const struct svcnat_endpoints *old)
{
	svcnat_endpoints_remove(sn, eps, old);
	svcnat_endpoints_free(eps);
}

/* What cannot be chosen any more is forgotten by affinity, also if it comes back. */
static void svcnat_endpoints_bump(const struct svcnat_endpoints *old,
				  const struct svcnat_endpoints *new)
{
	const struct svcnat_member *m;
	u32 i;

	for (i = 0; i < old->n; i++) {
		struct svcnat_endpoint *ep = old->v[i].endpoint;

		if (!svcnat_member_chosen(&old->v[i]))
			continue;
		m = new ? svcnat_endpoints_find(new, &ep->key) : NULL;
		if (!m || !svcnat_member_chosen(m)) {
			/* After the new set was published; pairs with svcnat_affinity_epoch(). */
			smp_store_release(&ep->epoch, ep->epoch + 1);
		}
	}
}

void svcnat_endpoints_leave(struct svcnat_net *sn, const struct svcnat_endpoints *old,
			    const struct svcnat_endpoints *new)
{
	svcnat_endpoints_bump(old, new);
	svcnat_endpoints_remove(sn, old, new);
}

bool svcnat_endpoints_match(const struct svcnat_endpoints *eps,
			    const struct svcnat_spec_endpoint *spec, u32 n)
{
	u32 i;

	if (eps->n != n)
		return false;
	for (i = 0; i < n; i++) {
		const struct svcnat_member *m = &eps->v[i];

		if (m->weight != spec[i].weight || m->lists != spec[i].lists ||
		    svcnat_member_cmp(&spec[i].key, m))
			return false;
	}
	return true;
}

static int svcnat_spec_endpoint_cmp(const void *a, const void *b)
{
	const struct svcnat_spec_endpoint *x = a, *y = b;

	return memcmp(&x->key, &y->key, sizeof(x->key));
}

const struct svcnat_spec_endpoint *
svcnat_endpoints_sort(struct svcnat_spec_endpoint *spec, u32 n)
{
	u32 i;

	sort(spec, n, sizeof(*spec), svcnat_spec_endpoint_cmp, NULL);
	for (i = 1; i < n; i++) {
		if (!svcnat_spec_endpoint_cmp(&spec[i - 1], &spec[i]))
			return &spec[i];
	}
	return NULL;
}
