// SPDX-License-Identifier: GPL-2.0
#include "authority.h"

#include "err.h"
#include "txn.h"

#include <errno.h>
#include <string.h>

static const struct {
	const char *api_version, *kind;
	enum proxy_kind proxy_kind;
} authority_kinds[] = {
	{ "v1", "Service", PROXY_SERVICE },
	{ "discovery.k8s.io/v1", "EndpointSlice", PROXY_SLICE },
	{ "v1", "Node", PROXY_NODE },
};

#define NKINDS	(sizeof(authority_kinds) / sizeof(*authority_kinds))

void authority_warn(void *ctx, const json_t *service, const char *reason, const char *message)
{
	registry_record_event(ctx, service, "Warning", reason, message);
}

void authority_note(void *ctx, const json_t *service, const char *reason, const char *message)
{
	registry_record_event(ctx, service, "Normal", reason, message);
}

void authority_warned(void *ctx)
{
	/* Nothing depends on an Event. The registry's tick tries again, and says why it fails. */
	registry_write_events(ctx, NULL);
}

static void on_change(void *ctx, const struct registry_event *ev)
{
	size_t i;

	for (i = 0; i < NKINDS; i++)
		if (strcmp(ev->res->kind, authority_kinds[i].kind) == 0)
			node_object(ctx, authority_kinds[i].proxy_kind, ev->object,
				    ev->change == REGISTRY_DELETED);
}

static void tell_all(struct registry *r, struct node *n, size_t kind)
{
	const struct resource *res = resource_by_kind(authority_kinds[kind].api_version,
						      authority_kinds[kind].kind);
	enum proxy_kind pk = authority_kinds[kind].proxy_kind;
	const struct objects *all = txn_objects(r, res);
	size_t i;

	node_list_begin(n, pk);
	for (i = 0; i < all->n; i++)
		node_object(n, pk, all->v[i].object, false);
	node_list_end(n, pk);
}

int authority_start(struct registry *r, struct node *n, struct err *e)
{
	size_t i;

	for (i = 0; i < NKINDS; i++)
		tell_all(r, n, i);
	if (registry_listen(r, on_change, n) < 0)
		return err_set(e, ENOMEM, "out of memory");
	return 0;
}

void authority_tell_nodes(struct registry *r, struct node *n)
{
	size_t i;

	for (i = 0; i < NKINDS; i++)
		if (authority_kinds[i].proxy_kind == PROXY_NODE)
			tell_all(r, n, i);
}

void authority_stop(struct registry *r, struct node *n)
{
	registry_unlisten(r, on_change, n);
}
