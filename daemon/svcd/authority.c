// SPDX-License-Identifier: GPL-2.0
#include "authority.h"

#include "err.h"

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

/* An item of a list leaves its kind to the list; Events speak of objects that say it themselves. */
static json_t *with_kind(const json_t *item, const struct resource *res)
{
	json_t *object = json_copy((json_t *)item);

	if (!object)
		return NULL;
	json_object_set_new(object, "kind", json_string(res->kind));
	json_object_set_new(object, "apiVersion", json_string(res->api_version));
	return object;
}

static int tell_all(struct registry *r, struct node *n, size_t kind, struct err *e)
{
	const struct registry_query all = { NULL, NULL };
	const struct resource *res = resource_by_kind(authority_kinds[kind].api_version,
						      authority_kinds[kind].kind);
	enum proxy_kind pk = authority_kinds[kind].proxy_kind;
	struct reply list = { 0 };
	json_t *item, *object;
	size_t i;

	registry_list(r, res, NULL, &all, &list);
	if (list.code != 200) {
		json_decref(list.body);
		return err_set(e, EIO, "the %s of the registry cannot be read", res->plural);
	}
	node_list_begin(n, pk);
	json_array_foreach(json_object_get(list.body, "items"), i, item) {
		object = with_kind(item, res);
		if (object)
			node_object(n, pk, object, false);
		json_decref(object);
	}
	node_list_end(n, pk);
	json_decref(list.body);
	return 0;
}

int authority_start(struct registry *r, struct node *n, struct err *e)
{
	size_t i;
	int ret;

	for (i = 0; i < NKINDS; i++) {
		ret = tell_all(r, n, i, e);
		if (ret)
			return ret;
	}
	if (registry_listen(r, on_change, n) < 0)
		return err_set(e, ENOMEM, "out of memory");
	return 0;
}

int authority_tell_nodes(struct registry *r, struct node *n, struct err *e)
{
	size_t i;

	for (i = 0; i < NKINDS; i++)
		if (authority_kinds[i].proxy_kind == PROXY_NODE)
			return tell_all(r, n, i, e);
	return 0;
}

void authority_stop(struct registry *r, struct node *n)
{
	registry_unlisten(r, on_change, n);
}
