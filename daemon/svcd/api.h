/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The HTTP API in front of the registry: paths, verbs and answers as in the
 * REST API of Kubernetes.
 */
#ifndef SVCNAT_API_H
#define SVCNAT_API_H

#include "health.h"
#include "registry.h"
#include "watch.h"

struct api {
	/* Both NULL on a node that follows: it keeps no objects. */
	struct registry *registry;
	struct watch_hub *watches;
	const char *authority;		/* then: where to ask, such as unix:///PATH */
	health_ready *ready;
	void *ready_ctx;
	/* what API_NODE_STATUS answers; NULL: there is nothing of the kind */
	json_t *(*status)(void *ctx);
	void *status_ctx;
};

/* Of this svcd and its node, outside of what Kubernetes has. */
#define API_NODE_STATUS	"/svcd/v1/status"

/* A server_handler; ctx is a struct api, which outlives the server. */
void api_handle(struct evhttp_request *req, void *ctx);

#endif
