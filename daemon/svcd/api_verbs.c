// SPDX-License-Identifier: GPL-2.0
/* What is done with the objects that a path names. */
#include "api_body.h"
#include "api_call.h"
#include "api_status.h"

#include <string.h>

static void send_warnings(struct api_call *c, json_t *warnings)
{
	json_t *text;
	size_t i;

	json_array_foreach(warnings, i, text)
		api_add_warning(c->req, json_string_value(text));
	json_decref(warnings);
}

/* A Status stays a Status, whatever form was asked for. */
void api_call_reply(struct api_call *c, struct reply *r)
{
	const char *kind = json_string_value(json_object_get(r->body, "kind"));
	const struct api_view *view = &c->query.view;
	const struct resource *res = c->target->res;
	time_t now = registry_now(c->api->registry);
	json_t *body = r->body;

	if (r->code < 300 && kind && strcmp(kind, "Status")) {
		if (json_object_get(body, "items"))
			body = api_view_list(view, res, body, now);
		else
			body = api_view_object(view, res, body, now, true);
	}
	send_warnings(c, r->warnings);
	api_send_as(c->req, r->code, body, c->query.pretty, &view->media);
}

static void do_get(struct api_call *c)
{
	const struct api_target *t = c->target;
	struct reply r = { 0 };

	registry_get(c->api->registry, t->res, t->ns, t->name, &r);
	api_call_reply(c, &r);
}

static void do_create(struct api_call *c)
{
	const struct api_target *t = c->target;
	struct reply r = { 0 };
	json_t *body;

	body = api_body_read(c->req, t->res->kind, api_body_types, c->query.flags);
	if (!body)
		return;
	registry_create(c->api->registry, t->res, t->ns, body, c->query.flags, &r);
	json_decref(body);
	api_call_reply(c, &r);
}

static void do_update(struct api_call *c)
{
	const struct api_target *t = c->target;
	struct reply r = { 0 };
	json_t *body;

	body = api_body_read(c->req, t->res->kind, api_body_types, c->query.flags);
	if (!body)
		return;
	registry_update(c->api->registry, t->res, t->ns, t->name, t->sub, body, c->query.flags, &r);
	json_decref(body);
	api_call_reply(c, &r);
}

static void do_bind(struct api_call *c)
{
	const struct api_target *t = c->target;
	struct reply r = { 0 };
	json_t *body;

	body = api_body_read(c->req, "Binding", api_body_types, c->query.flags);
	if (!body)
		return;
	registry_bind(c->api->registry, t->ns, t->name, body, c->query.flags, &r);
	json_decref(body);
	api_call_reply(c, &r);
}

static const struct api_verb verbs[] = {
	{ API_COLLECTION, EVHTTP_REQ_POST, do_create, "CreateOptions", true, "create" },
	{ API_OBJECT, EVHTTP_REQ_DELETE, api_delete, "DeleteOptions", true, "delete" },
	{ API_COLLECTION, EVHTTP_REQ_DELETE, api_delete_all, "ListOptions", true,
	  "deletecollection" },
	{ API_OBJECT, EVHTTP_REQ_GET, do_get, "GetOptions", true, "get" },
	{ API_COLLECTION, EVHTTP_REQ_GET, api_list, "ListOptions", false, "list" },
	{ API_OBJECT, EVHTTP_REQ_PATCH, api_patch, "PatchOptions", true, "patch" },
	{ API_OBJECT, EVHTTP_REQ_PUT, do_update, "UpdateOptions", true, "update" },
	{ API_STATUS, EVHTTP_REQ_GET, do_get, "GetOptions", true, "get" },
	{ API_STATUS, EVHTTP_REQ_PATCH, api_patch, "PatchOptions", true, "patch" },
	{ API_STATUS, EVHTTP_REQ_PUT, do_update, "UpdateOptions", true, "update" },
	{ API_BINDING, EVHTTP_REQ_POST, do_bind, "CreateOptions", true, "create" },
	{ .run = NULL }
};

const struct api_verb *api_verb_at(size_t i)
{
	return &verbs[i];
}

bool api_verb_applies(const struct api_verb *verb, const struct resource *res)
{
	if (verb->scope == API_STATUS)
		return res->has_status;
	if (verb->scope == API_BINDING)
		return !strcmp(res->kind, "Pod");
	/* As in Kubernetes: a namespace takes so much along that each is deleted by name. */
	return verb->run != api_delete_all || strcmp(res->kind, "Namespace");
}

const struct api_verb *api_verb_find(const struct resource *res, enum api_scope scope,
				     enum evhttp_cmd_type method)
{
	const struct api_verb *v;

	for (v = verbs; v->run; v++)
		if (v->scope == scope && v->method == method && api_verb_applies(v, res))
			return v;
	return NULL;
}
