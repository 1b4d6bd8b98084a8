// SPDX-License-Identifier: GPL-2.0
/* Lists and watches. */
#include "api_call.h"

#include <event2/keyvalq_struct.h>

/*
 * Without a word about it, a version with a limit is that very version and
 * without one only the least one: what clients of Kubernetes have come to rely
 * on.
 */
static bool is_exact(const struct api_query *q)
{
	if (q->match == API_MATCH_NONE)
		return q->limit && q->has_version && q->version;
	return q->match == API_MATCH_EXACT;
}

void api_list(struct api_call *c)
{
	const struct registry_query q = { c->query.label_selector, c->query.field_selector };
	const struct registry_page page = {
		.limit = c->query.limit,
		.token = c->query.token,
		.version = c->query.has_version ? c->query.version : 0,
		.exact = is_exact(&c->query),
	};
	const struct api_target *t = c->target;
	struct reply r = { 0 };

	if (c->query.watch) {
		watch_start(c->api->watches, c->req, t->res, t->ns, &c->query);
		return;
	}
	registry_list_page(c->api->registry, t->res, t->ns, &q, &page, &r);
	if (r.code == 504)
		evhttp_add_header(evhttp_request_get_output_headers(c->req), "Retry-After", "1");
	api_call_reply(c, &r);
}
