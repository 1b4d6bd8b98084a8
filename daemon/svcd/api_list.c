// SPDX-License-Identifier: GPL-2.0
/* Lists and watches. */
#include "api_call.h"
#include "api_status.h"

#include <event2/keyvalq_struct.h>
#include <inttypes.h>
#include <stdio.h>

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
void api_list(struct api_call *c)
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
	api_call_reply(c, &r);
}
