// SPDX-License-Identifier: GPL-2.0
/* Patches, by the type of their body. */
#include "api_body.h"
#include "api_call.h"
#include "api_status.h"

#define TYPE_APPLY	3

const char *const api_patch_types[] = {
	[REGISTRY_PATCH_MERGE] = "application/merge-patch+json",
	[REGISTRY_PATCH_STRATEGIC] = "application/strategic-merge-patch+json",
	[REGISTRY_PATCH_JSON] = "application/json-patch+json",
	[TYPE_APPLY] = "application/apply-patch+yaml",
	NULL
};

static bool refuse(struct api_call *c, const char *field, const char *cause, const char *message)
{
	api_send_json(c->req, 422, api_status_invalid_option("PatchOptions", field, cause, message),
		      0);
	return false;
}

/* Who applies must say who it is; who patches may not force anything. */
static bool check_options(struct api_call *c, int type)
{
	if (type == TYPE_APPLY && !c->query.manager)
		return refuse(c, "fieldManager", "FieldValueRequired",
			      "Required value: is required for apply patch");
	if (type != TYPE_APPLY && c->query.has_force)
		return refuse(c, "force", "FieldValueForbidden",
			      "Forbidden: may not be specified for non-apply patch");
	return true;
}

static void apply(struct api_call *c, const json_t *body, struct reply *r)
{
	const struct api_target *t = c->target;
	const struct registry_apply a = { body, c->query.manager, c->query.force };

	registry_apply(c->api->registry, t->res, t->ns, t->name, t->sub, &a, c->query.flags, r);
}

static void patch(struct api_call *c, int type, const json_t *body, struct reply *r)
{
	const struct api_target *t = c->target;

	registry_patch_as(c->api->registry, t->res, t->ns, t->name, t->sub,
			  (enum registry_patch)type, body, c->query.flags, r);
}

void api_patch(struct api_call *c)
{
	int type = api_body_type(c->req, api_patch_types);
	struct reply r = { 0 };
	json_t *body;

	if (type < 0 || !check_options(c, type))
		return;
	body = api_body_parse(c->req, NULL, api_patch_types[type], c->query.flags);
	if (!body)
		return;
	if (type == TYPE_APPLY)
		apply(c, body, &r);
	else
		patch(c, type, body, &r);
	json_decref(body);
	api_call_reply(c, &r);
}
