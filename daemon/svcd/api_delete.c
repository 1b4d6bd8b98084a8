// SPDX-License-Identifier: GPL-2.0
/* Deleting, with the conditions that a client may set. */
#include "api_body.h"
#include "api_call.h"
#include "api_status.h"

#include <event2/buffer.h>
#include <stdio.h>
#include <string.h>

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
	body = api_body_read(c->req, "DeleteOptions", api_body_types, c->query.flags);
	if (!body)
		return false;
	if (json_array_size(json_object_get(body, "dryRun")) > 0)
		c->query.flags |= REGISTRY_DRY_RUN;
	ok = precondition_holds(c, body, "uid", "UID") &&
	     precondition_holds(c, body, "resourceVersion", "ResourceVersion");
	json_decref(body);
	return ok;
}

void api_delete(struct api_call *c)
{
	const struct api_target *t = c->target;
	struct reply r = { 0 };

	if (!read_delete_options(c))
		return;
	registry_delete(c->api->registry, t->res, t->ns, t->name, c->query.flags, &r);
	api_call_reply(c, &r);
}
