// SPDX-License-Identifier: GPL-2.0
/* From a path and a method to what answers them. */
#include "api.h"

#include "api_call.h"
#include "api_document.h"
#include "api_review.h"
#include "api_status.h"
#include "discovery.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* -1: there is no such subresource. */
static int scope_of(const struct api_target *t)
{
	if (!t->name)
		return API_COLLECTION;
	if (!t->sub)
		return API_OBJECT;
	if (strcmp(t->sub, "status") == 0 && t->res->has_status)
		return API_STATUS;
	if (strcmp(t->sub, "binding") == 0 && strcmp(t->res->kind, "Pod") == 0)
		return API_BINDING;
	return -1;
}

static void send_not_found(struct evhttp_request *req)
{
	api_send_generic(req, 404, "NotFound", "the server could not find the requested resource");
}

/* What an API server gets from the one who runs the Pod. */
static bool needs_kubelet(const struct api_target *t)
{
	static const char *const parts[] = { "attach", "exec", "log", "portforward", "proxy" };
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (!strcmp(t->res->kind, "Pod") && !strcmp(t->sub, parts[i]))
			return true;
	return false;
}

static void send_no_part(struct evhttp_request *req, const struct api_target *t)
{
	char text[256];

	if (!needs_kubelet(t)) {
		send_not_found(req);
		return;
	}
	snprintf(text, sizeof(text), "svcd runs no Pods: \"%s\" is not served, ask whoever runs "
		 "this one", t->sub);
	api_send_generic(req, 404, "NotFound", text);
}

static bool is_get(struct evhttp_request *req)
{
	if (evhttp_request_get_command(req) == EVHTTP_REQ_GET)
		return true;
	api_send_bad_method(req);
	return false;
}

static unsigned int forms_of(const struct api_call *c, const struct api_verb *verb)
{
	unsigned int forms = API_FORM_BIT(API_FORM_OBJECT) | API_FORM_BIT(API_FORM_TABLE);
	bool list = verb->scope == API_COLLECTION && verb->method != EVHTTP_REQ_POST;

	if (list && !c->query.watch)
		return forms | API_FORM_BIT(API_FORM_METADATA_LIST);
	if (list && verb->method == EVHTTP_REQ_GET)
		forms |= API_FORM_BIT(API_FORM_STREAM);
	return forms | API_FORM_BIT(API_FORM_METADATA);
}

static void run_call(struct api_call *c, const struct api_verb *verb)
{
	const char *raw = evhttp_uri_get_query(evhttp_request_get_evhttp_uri(c->req));
	struct reply refused = { 0 };

	if (api_query_parse(&c->query, raw, verb->options, &refused) < 0)
		api_send_json(c->req, refused.code, refused.body, 0);
	else if (api_choose_media(c->req, forms_of(c, verb), &c->query.view.media))
		verb->run(c);
	api_query_clear(&c->query);
}

static void handle_resources(struct evhttp_request *req, const char *api_version)
{
	struct api_media media;

	if (is_get(req) && api_choose_media(req, API_FORM_BIT(API_FORM_OBJECT), &media))
		api_send_as(req, 200, discovery_resources(api_version), 0, &media);
}

static void handle_target(struct api *api, struct evhttp_request *req, const struct api_target *t)
{
	struct api_call c = { .api = api, .req = req, .target = t };
	const struct api_verb *verb;
	int scope;

	if (!t->res) {
		handle_resources(req, t->api_version);
		return;
	}
	scope = scope_of(t);
	if (scope < 0) {
		send_no_part(req, t);
		return;
	}
	verb = api_verb_find(t->res, (enum api_scope)scope, evhttp_request_get_command(req));
	/* Across namespaces objects can be listed, but not made. */
	if (!verb || (verb->needs_namespace && t->res->namespaced && !t->ns))
		api_send_bad_method(req);
	else
		run_call(&c, verb);
}

static void handle_objects(struct api *api, struct evhttp_request *req, const char *path)
{
	struct api_target t;

	switch (api_target_parse(&t, path)) {
	case 0:
		handle_target(api, req, &t);
		api_target_clear(&t);
		return;
	case -ESRCH:
		send_not_found(req);
		return;
	case -EINVAL:
		api_send_status(req, 400, "BadRequest", "the path of the request is badly encoded");
		return;
	default:
		api_send_text(req, 404, "404 page not found\n");
	}
}

static void handle_status(struct api *api, struct evhttp_request *req)
{
	if (is_get(req))
		api_send_json(req, 200, api->status(api->status_ctx), 1);
}

void api_handle(struct evhttp_request *req, void *ctx)
{
	const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(req));
	struct api *api = ctx;

	path = path ? path : "";
	if (health_handle(req, path, api->ready, api->ready_ctx) ||
	    api_document_handle(req, path, api->registry))
		return;
	if (api->status && strcmp(path, API_NODE_STATUS) == 0) {
		handle_status(api, req);
		return;
	}
	if (!api->registry)
		api_send_status(req, 503, "ServiceUnavailable", "this svcd keeps no objects, "
				"it follows %s: ask there", api->authority);
	else if (!api_review_handle(req, path))
		handle_objects(api, req, path);
}
