// SPDX-License-Identifier: GPL-2.0
#include "api.h"

#include "api_body.h"
#include "api_media.h"
#include "api_query.h"
#include "api_status.h"
#include "api_target.h"
#include "discovery.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/keyvalq_struct.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct api_call {
	struct api *api;
	struct evhttp_request *req;
	const struct api_target *target;
	struct api_query query;
};

static const char *const json_types[] = { "application/json", NULL };
static const char *const patch_types[] = { "application/merge-patch+json", NULL };

static void send_reply(struct api_call *c, struct reply *r)
{
	api_send_json(c->req, r->code, r->body, c->query.pretty);
}

static void send_too_new(struct api_call *c)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(c->req);
	json_t *details;
	char text[128];

	details = json_pack("{s:[{s:s, s:s}], s:i}", "causes", "reason", "ResourceVersionTooLarge",
			    "message", "Too large resource version", "retryAfterSeconds", 1);
	snprintf(text, sizeof(text), "Timeout: Too large resource version: %" PRIu64 ", current: %"
		 PRIu64, c->query.version, registry_version(c->api->registry));
	evhttp_add_header(headers, "Retry-After", "1");
	api_send_json(c->req, 504, api_status_new(504, "Timeout", text, details), 0);
}

/* A list is always the present one, which does for every version but a future or an exact one. */
static void do_list(struct api_call *c)
{
	const struct registry_query q = { c->query.label_selector, c->query.field_selector };
	const struct api_target *t = c->target;
	struct reply r = { 0 };

	if (c->query.watch) {
		watch_start(c->api->watches, c->req, t->res, t->ns, &c->query);
		return;
	}
	if (c->query.has_version && c->query.version > registry_version(c->api->registry)) {
		send_too_new(c);
		return;
	}
	if (c->query.match == API_MATCH_EXACT &&
	    c->query.version != registry_version(c->api->registry)) {
		api_send_status(c->req, 410, "Expired",
				"The resourceVersion for the provided list is too old.");
		return;
	}
	registry_list(c->api->registry, t->res, t->ns, &q, &r);
	send_reply(c, &r);
}

static void do_get(struct api_call *c)
{
	const struct api_target *t = c->target;
	struct reply r = { 0 };

	registry_get(c->api->registry, t->res, t->ns, t->name, &r);
	send_reply(c, &r);
}

static void do_create(struct api_call *c)
{
	const struct api_target *t = c->target;
	struct reply r = { 0 };
	json_t *body;

	body = api_body_read(c->req, t->res->kind, json_types, c->query.flags);
	if (!body)
		return;
	registry_create(c->api->registry, t->res, t->ns, body, c->query.flags, &r);
	json_decref(body);
	send_reply(c, &r);
}

static void do_update(struct api_call *c)
{
	const struct api_target *t = c->target;
	struct reply r = { 0 };
	json_t *body;

	body = api_body_read(c->req, t->res->kind, json_types, c->query.flags);
	if (!body)
		return;
	registry_update(c->api->registry, t->res, t->ns, t->name, t->sub, body, c->query.flags, &r);
	json_decref(body);
	send_reply(c, &r);
}

static void do_patch(struct api_call *c)
{
	const struct api_target *t = c->target;
	struct reply r = { 0 };
	json_t *body;

	body = api_body_read(c->req, t->res->kind, patch_types, c->query.flags);
	if (!body)
		return;
	registry_patch(c->api->registry, t->res, t->ns, t->name, t->sub, body, c->query.flags, &r);
	json_decref(body);
	send_reply(c, &r);
}

/* What the client believes of the object that it deletes. Nothing runs in between: one thread. */
static bool precondition_holds(struct api_call *c, const json_t *options, const char *field,
			       const char *word)
{
	const struct api_target *t = c->target;
	const char *want, *have = NULL;
	struct reply r = { 0 };
	json_t *details;
	char text[512];

	want = json_string_value(json_object_get(json_object_get(options, "preconditions"), field));
	if (!want)
		return true;
	registry_get(c->api->registry, t->res, t->ns, t->name, &r);
	if (r.code == 200)
		have = json_string_value(
			json_object_get(json_object_get(r.body, "metadata"), field));
	if (have && strcmp(want, have) != 0) {
		snprintf(text, sizeof(text), "Operation cannot be fulfilled on %s \"%s\": "
			 "Precondition failed: %s in precondition: %.128s, %s in object meta: %s",
			 t->res->plural, t->name, word, want, word, have);
		details = json_pack("{s:s, s:s}", "name", t->name, "kind", t->res->plural);
		api_send_json(c->req, 409, api_status_new(409, "Conflict", text, details), 0);
		json_decref(r.body);
		return false;
	}
	json_decref(r.body);
	return true;
}

/* DeleteOptions are optional, and so is each of them. */
static bool read_delete_options(struct api_call *c)
{
	bool ok;
	json_t *body;

	if (!evbuffer_get_length(evhttp_request_get_input_buffer(c->req)))
		return true;
	body = api_body_read(c->req, "DeleteOptions", json_types, c->query.flags);
	if (!body)
		return false;
	if (json_array_size(json_object_get(body, "dryRun")) > 0)
		c->query.flags |= REGISTRY_DRY_RUN;
	ok = precondition_holds(c, body, "uid", "UID") &&
	     precondition_holds(c, body, "resourceVersion", "ResourceVersion");
	json_decref(body);
	return ok;
}

static void do_delete(struct api_call *c)
{
	const struct api_target *t = c->target;
	struct reply r = { 0 };

	if (!read_delete_options(c))
		return;
	registry_delete(c->api->registry, t->res, t->ns, t->name, c->query.flags, &r);
	send_reply(c, &r);
}

static void do_bind(struct api_call *c)
{
	const struct api_target *t = c->target;
	struct reply r = { 0 };
	json_t *body;

	body = api_body_read(c->req, "Binding", json_types, c->query.flags);
	if (!body)
		return;
	registry_bind(c->api->registry, t->ns, t->name, body, c->query.flags, &r);
	json_decref(body);
	send_reply(c, &r);
}

enum api_scope { API_COLLECTION, API_OBJECT, API_STATUS, API_BINDING };

static const struct {
	enum api_scope scope;
	enum evhttp_cmd_type method;
	void (*run)(struct api_call *c);
	const char *options;	/* Kubernetes' name for the parameters */
} api_verbs[] = {
	{ API_COLLECTION, EVHTTP_REQ_GET, do_list, "ListOptions" },
	{ API_COLLECTION, EVHTTP_REQ_POST, do_create, "CreateOptions" },
	{ API_OBJECT, EVHTTP_REQ_GET, do_get, "GetOptions" },
	{ API_OBJECT, EVHTTP_REQ_PUT, do_update, "UpdateOptions" },
	{ API_OBJECT, EVHTTP_REQ_PATCH, do_patch, "PatchOptions" },
	{ API_OBJECT, EVHTTP_REQ_DELETE, do_delete, "DeleteOptions" },
	{ API_STATUS, EVHTTP_REQ_GET, do_get, "GetOptions" },
	{ API_STATUS, EVHTTP_REQ_PUT, do_update, "UpdateOptions" },
	{ API_STATUS, EVHTTP_REQ_PATCH, do_patch, "PatchOptions" },
	{ API_BINDING, EVHTTP_REQ_POST, do_bind, "CreateOptions" },
};

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

static void send_bad_method(struct evhttp_request *req)
{
	api_send_generic(req, 405, "MethodNotAllowed",
			 "the server does not allow this method on the requested resource");
}

static bool check_accept(struct evhttp_request *req)
{
	struct evkeyvalq *headers = evhttp_request_get_input_headers(req);

	if (api_media_accepts_json(evhttp_find_header(headers, "Accept")))
		return true;
	api_send_json(req, 406, api_status_new(406, "NotAcceptable",
		      "406: Not Acceptable\n\nAvailable representations: application/json, "
		      "application/json;stream=watch", json_object()), 1);
	return false;
}

static bool is_get(struct evhttp_request *req)
{
	if (evhttp_request_get_command(req) == EVHTTP_REQ_GET)
		return true;
	send_bad_method(req);
	return false;
}

static void run_call(struct api_call *c, size_t verb)
{
	const char *raw = evhttp_uri_get_query(evhttp_request_get_evhttp_uri(c->req));
	struct reply refused = { 0 };

	if (api_query_parse(&c->query, raw, api_verbs[verb].options, &refused) < 0)
		api_send_json(c->req, refused.code, refused.body, 0);
	else
		api_verbs[verb].run(c);
	api_query_clear(&c->query);
}

static void handle_target(struct api *api, struct evhttp_request *req, const struct api_target *t)
{
	struct api_call c = { .api = api, .req = req, .target = t };
	int scope;
	size_t i;

	if (!t->res) {
		if (is_get(req))
			api_send_json(req, 200, discovery_resources(t->api_version), 0);
		return;
	}
	scope = scope_of(t);
	if (scope < 0) {
		send_not_found(req);
		return;
	}
	for (i = 0; i < sizeof(api_verbs) / sizeof(*api_verbs); i++)
		if ((int)api_verbs[i].scope == scope &&
		    api_verbs[i].method == evhttp_request_get_command(req))
			break;
	/* Across namespaces objects can be listed, but not made. */
	if (i == sizeof(api_verbs) / sizeof(*api_verbs) ||
	    (api_verbs[i].run == do_create && t->res->namespaced && !t->ns))
		send_bad_method(req);
	else
		run_call(&c, i);
}

static void handle_objects(struct api *api, struct evhttp_request *req, const char *path)
{
	struct api_target t;

	switch (api_target_parse(&t, path)) {
	case 0:
		if (check_accept(req))
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

static const struct {
	const char *path;
	json_t *(*make)(void);
	int indented;	/* as the API server sends it */
} api_documents[] = {
	{ "/version", discovery_version, 1 },
	{ "/version/", discovery_version, 1 },
	{ "/api", discovery_versions, 0 },
	{ "/api/", discovery_versions, 0 },
	{ "/apis", discovery_groups, 0 },
	{ "/apis/", discovery_groups, 0 },
};

static void handle_document(struct evhttp_request *req, size_t i)
{
	if (is_get(req) && check_accept(req))
		api_send_json(req, 200, api_documents[i].make(), api_documents[i].indented);
}

void api_handle(struct evhttp_request *req, void *ctx)
{
	const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(req));
	struct api *api = ctx;
	size_t i;

	path = path ? path : "";
	if (health_handle(req, path, api->ready, api->ready_ctx))
		return;
	for (i = 0; i < sizeof(api_documents) / sizeof(*api_documents); i++) {
		if (strcmp(path, api_documents[i].path) != 0)
			continue;
		if (api->registry || api_documents[i].make == discovery_version) {
			handle_document(req, i);
			return;
		}
	}
	if (!api->registry)
		api_send_status(req, 503, "ServiceUnavailable", "this svcd keeps no objects, "
				"it follows %s: ask there", api->authority);
	else
		handle_objects(api, req, path);
}
