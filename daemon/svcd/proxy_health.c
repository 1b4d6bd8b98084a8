// SPDX-License-Identifier: GPL-2.0
#include "proxy_entry.h"

#include "jx.h"

#include <string.h>

/* What the cluster autoscaler puts on a node that it is about to delete. */
#define LEAVING_TAINT	"ToBeDeletedByClusterAutoscaler"

static bool is_tainted(const json_t *node)
{
	const json_t *list = jx_get(node, "spec.taints");
	size_t i;

	for (i = 0; i < json_array_size(list); i++)
		if (jx_is(json_array_get(list, i), "key", LEAVING_TAINT))
			return true;
	return false;
}

void proxy_health_node(struct proxy *p, const json_t *node)
{
	p->node_leaves = !node || *jx_str(node, "metadata.deletionTimestamp") || is_tainted(node);
}

bool proxy_eligible(const struct proxy *p)
{
	return !p->node_leaves;
}

int proxy_health_compile(struct proxy *p, struct proxy_entry *n, const struct compile_node *node)
{
	const struct compile_slices slices = { n->slices, n->nslices };
	struct compile_health now;
	int err = compile_health(n->service, &slices, node, &now);

	if (err)
		return err;
	if (now.port != n->health.port || now.endpoints != n->health.endpoints)
		p->health_changed = true;
	n->health = now;
	return 0;
}

const struct kcidrs *proxy_pod_cidrs(const struct proxy *p)
{
	return &p->settings.pod_cidrs;
}

const struct kcidrs *proxy_nodeport_cidrs(const struct proxy *p)
{
	return &p->settings.nodeport_cidrs;
}

bool proxy_health_news(struct proxy *p)
{
	bool news = p->health_changed;

	p->health_changed = false;
	return news;
}

void proxy_health_each(const struct proxy *p, proxy_health *tell, void *ctx)
{
	const struct proxy_entry *n;

	TAILQ_FOREACH(n, &p->all, in_all)
		/* cppcheck-suppress uninitvar; it does not see through TAILQ_FOREACH */
		if (n->health.port)
			tell(ctx, n->key, n->service, n->health.port, n->health.endpoints);
}

/* As kube-proxy counts them: not when there is no endpoint anywhere. */
static bool lacks_local(const struct kservice *s, uint32_t flag)
{
	uint8_t lists = 0;
	size_t i;

	if (!(s->flags & flag))
		return false;
	for (i = 0; i < s->nendpoints && !(lists & SVCNAT_LIST_LOCAL); i++)
		lists |= s->endpoints[i].lists;
	return lists == SVCNAT_LIST_CLUSTER;
}

void proxy_count_no_local(const struct proxy *p, struct proxy_no_local *out)
{
	const struct proxy_entry *n;
	size_t i;

	*out = (struct proxy_no_local){ 0 };
	TAILQ_FOREACH(n, &p->all, in_all)
		/* cppcheck-suppress uninitvar; it does not see through TAILQ_FOREACH */
		for (i = 0; i < n->nslots; i++) {
			out->internal += lacks_local(&n->slots[i].have, SVCNAT_F_INTERNAL_LOCAL);
			out->external += lacks_local(&n->slots[i].have, SVCNAT_F_EXTERNAL_LOCAL);
		}
}

const struct proxy_foreign *proxy_foreign(const struct proxy *p)
{
	return &p->foreign;
}
