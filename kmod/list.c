// SPDX-License-Identifier: GPL-2.0
#include <linux/slab.h>
#include <linux/string.h>

#include "endpoint.h"
#include "endpoints.h"
#include "list.h"
#include "maglev.h"
#include "select.h"

static bool svcnat_list_eligible(const struct svcnat_member *m, u8 lists)
{
	return (m->lists & lists) && m->weight;
}

static void svcnat_list_count(struct svcnat_list *list,
			      const struct svcnat_member *members, u32 n, u8 lists)
{
	u16 weight = 0;
	u32 i;

	list->uniform = true;
	for (i = 0; i < n; i++) {
		if (!svcnat_list_eligible(&members[i], lists))
			continue;
		if (list->n++ && members[i].weight != weight)
			list->uniform = false;
		weight = members[i].weight;
		list->weight += weight;
	}
	if (list->uniform)
		list->weight = list->n;
}

/* Into the choices, which may be the members themselves. */
static void svcnat_list_fill(struct svcnat_list *list,
			     const struct svcnat_member *members, u32 n, u8 lists)
{
	struct svcnat_member *c = list->choices;
	u32 i, sum = 0;

	for (i = 0; i < n; i++) {
		if (!svcnat_list_eligible(&members[i], lists))
			continue;
		sum += list->uniform ? 1 : members[i].weight;
		*c = members[i];
		c->sum = sum;
		c++;
	}
}

int svcnat_list_init(struct svcnat_list *list, struct svcnat_member *members,
		     u32 n, u8 lists, enum svcnat_scheduler scheduler)
{
	memset(list, 0, sizeof(*list));
	svcnat_list_count(list, members, n, lists);
	if (!list->n)
		return 0;

	list->own = list->n < n;
	list->choices = list->own ? kvmalloc_array(list->n, sizeof(list->choices[0]),
						   GFP_KERNEL_ACCOUNT) : members;
	if (!list->choices)
		goto err_free;
	svcnat_list_fill(list, members, n, lists);

	if (scheduler == SVCNAT_SCHEDULER_RR && !list->uniform)
		list->cycle = svcnat_select_cycle(list->weight);
	if (scheduler == SVCNAT_SCHEDULER_MAGLEV && svcnat_maglev_init(list))
		goto err_free;
	return 0;

err_free:
	svcnat_list_free(list);
	memset(list, 0, sizeof(*list));
	return -ENOMEM;
}

void svcnat_list_free(struct svcnat_list *list)
{
	kvfree(list->maglev);
	if (list->own)
		kvfree(list->choices);
}

bool svcnat_list_has(const struct svcnat_list *list, const struct svcnat_endpoint *ep)
{
	u32 low = 0, high = list->n;

	while (low < high) {
		u32 i = low + (high - low) / 2;
		const struct svcnat_endpoint *other = list->choices[i].endpoint;
		int order = memcmp(&ep->key, &other->key, sizeof(ep->key));

		if (!order)	/* with this key it may be another service's */
			return ep == other;
		if (order < 0)
			high = i;
		else
			low = i + 1;
	}
	return false;
}
