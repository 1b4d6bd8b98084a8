// SPDX-License-Identifier: GPL-2.0
/* Patches, by the type of their body. */
#include "api_body.h"
#include "api_call.h"

static const char *const patch_types[] = { "application/merge-patch+json", NULL };

void api_patch(struct api_call *c)
{
	const struct api_target *t = c->target;
	struct reply r = { 0 };
	json_t *body;

	body = api_body_read(c->req, t->res->kind, patch_types, c->query.flags);
	if (!body)
		return;
	registry_patch(c->api->registry, t->res, t->ns, t->name, t->sub, body, c->query.flags, &r);
	json_decref(body);
	api_call_reply(c, &r);
}
