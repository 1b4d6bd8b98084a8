// SPDX-License-Identifier: GPL-2.0
#include <linux/slab.h>
#include <linux/string.h>

#include "cidr.h"
#include "endpoint.h"
#include "endpoints.h"
#include "frontend.h"
#include "merge.h"
#include "netns.h"
#include "state.h"

static struct svcnat_spec_endpoint svcnat_merge_member(const struct svcnat_member *m)
{
	return (struct svcnat_spec_endpoint){
		.key	= m->endpoint->key,
		.weight	= m->weight,
		.lists	= m->lists,
	};
}

/*
 * Both lists are sorted, and so is what comes out. There is room for all.
 * -ENOENT: one to be taken away is not there.
 */
static int svcnat_merge_lists(struct svcnat_spec *spec,
			      const struct svcnat_endpoints *old,
			      const struct svcnat_spec *change, bool del,
			      struct svcnat_refusal *why)
{
	u32 i = 0, j = 0;
	int cmp;

	while (i < old->n || j < change->nendpoints) {
		const struct svcnat_spec_endpoint *c = &change->endpoints[j];

		if (j == change->nendpoints)
			cmp = -1;
		else if (i == old->n)
			cmp = 1;
		else
			cmp = memcmp(&old->v[i].endpoint->key, &c->key, sizeof(c->key));

		if (cmp > 0 && del) {
			why->endpoint = &c->key;
			return -ENOENT;
		}
		if (cmp < 0)
			spec->endpoints[spec->nendpoints++] =
				svcnat_merge_member(&old->v[i]);
		else if (!del)
			spec->endpoints[spec->nendpoints++] = *c;
		i += cmp <= 0;
		j += cmp >= 0;
	}
	return 0;
}

static void svcnat_merge_frontends(struct svcnat_spec *spec,
				   const struct svcnat_state *state)
{
	u32 i;

	for (i = 0; i < state->nslots; i++) {
		const struct svcnat_slot *slot = &state->slots[i];

		if (!slot->frontend)
			continue;
		spec->frontends[spec->nfrontends].key = slot->frontend->key;
		spec->frontends[spec->nfrontends++].kind = slot->kind;
	}
}

/* The spec of what the service is; its lists are to be freed. */
static int svcnat_merge_spec(struct svcnat_spec *spec, const struct svcnat_service *svc,
			     const struct svcnat_state *state, u32 more)
{
	*spec = (struct svcnat_spec){
		.key = { .name = svc->name, .family = svc->family, .proto = svc->proto },
		.owner = svc->owner,
		.flags = state->flags,
		.affinity = state->affinity,
		.scheduler = state->scheduler,
		.replace = true,
	};

	spec->frontends = kvcalloc(state->nfrontends, sizeof(*spec->frontends),
				   GFP_KERNEL_ACCOUNT);
	spec->endpoints = kvcalloc((size_t)state->endpoints->n + more,
				   sizeof(*spec->endpoints), GFP_KERNEL_ACCOUNT);
	if (!spec->frontends || !spec->endpoints)
		return -ENOMEM;

	if (state->ranges) {
		spec->ranges = svcnat_cidrs_copy(state->ranges);
		if (!spec->ranges)
			return -ENOMEM;
	}
	svcnat_merge_frontends(spec, state);
	return 0;
}

int svcnat_merge_endpoints(struct svcnat_net *sn, const struct svcnat_spec *change,
			   bool del, struct svcnat_service **changed,
			   struct svcnat_refusal *why)
{
	const struct svcnat_state *state;
	struct svcnat_service *svc;
	struct svcnat_spec spec;
	int err;

	lockdep_assert_held(&sn->lock);

	svc = svcnat_service_find(sn, &change->key);
	if (!svc)
		return -ENOENT;
	why->other = svc;
	if (change->owner && strcmp(svc->owner, change->owner))
		return -EBUSY;

	state = svcnat_service_state(sn, svc);
	err = svcnat_merge_spec(&spec, svc, state, del ? 0 : change->nendpoints) ?:
	      svcnat_merge_lists(&spec, state->endpoints, change, del, why);
	if (!err && spec.nendpoints > SVCNAT_ENDPOINTS_MAX)
		err = -E2BIG;
	if (!err)
		err = svcnat_service_set(sn, &spec, changed, why);

	kvfree(spec.frontends);
	kvfree(spec.endpoints);
	kvfree(spec.ranges);
	return err;
}
