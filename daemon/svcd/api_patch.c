// SPDX-License-Identifier: GPL-2.0
/* Patches, by the type of their body. */
#include "api_body.h"
#include "api_call.h"

static const char *const types[] = {
	[REGISTRY_PATCH_MERGE] = "application/merge-patch+json",
	[REGISTRY_PATCH_STRATEGIC] = "application/strategic-merge-patch+json",
	[REGISTRY_PATCH_JSON] = "application/json-patch+json",
	NULL
};

void api_patch(struct api_call *c)
{
	const struct api_target *t = c->target;
	int type = api_body_type(c->req, types);
	struct reply r = { 0 };
	json_t *body;

	body = type < 0 ? NULL : api_body_parse(c->req, t->res->kind, types[type], c->query.flags);
	if (!body)
		return;
	registry_patch_as(c->api->registry, t->res, t->ns, t->name, t->sub,
			  (enum registry_patch)type, body, c->query.flags, &r);
	json_decref(body);
	api_call_reply(c, &r);
}
