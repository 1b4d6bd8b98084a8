// SPDX-License-Identifier: GPL-2.0
#include "health.h"

#include "api_query.h"
#include "api_status.h"
#include "err.h"

#include <stdio.h>
#include <string.h>

static bool asks_for_all(struct evhttp_request *req)
{
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(req);
	struct reply refused = { 0 };
	struct api_query q;
	bool verbose;

	api_query_parse(&q, evhttp_uri_get_query(uri), "GetOptions", &refused);
	verbose = q.verbose;
	json_decref(refused.body);
	api_query_clear(&q);
	return verbose;
}

static void send_good(struct evhttp_request *req, const char *path, const char *kernel)
{
	char text[128];

	snprintf(text, sizeof(text), "[+]ping ok\n%s%s check passed\n", kernel, path + 1);
	api_send_text(req, 200, asks_for_all(req) ? text : "ok");
}

bool health_handle(struct evhttp_request *req, const char *path, health_ready *ready, void *ctx)
{
	bool is_ready = strcmp(path, "/readyz") == 0;
	enum evhttp_cmd_type cmd = evhttp_request_get_command(req);
	struct err e = { "" };
	char text[1200];

	if (!is_ready && strcmp(path, "/livez") != 0 && strcmp(path, "/healthz") != 0)
		return false;
	if (cmd != EVHTTP_REQ_GET && cmd != EVHTTP_REQ_HEAD) {
		api_send_text(req, 405, "method not allowed\n");
	} else if (!is_ready) {
		send_good(req, path, "");
	} else if (ready(ctx, &e)) {
		send_good(req, path, "[+]kernel ok\n");
	} else {
		snprintf(text, sizeof(text),
			 "[+]ping ok\n[-]kernel failed: %s\nreadyz check failed\n", e.text);
		api_send_text(req, 500, text);
	}
	return true;
}
