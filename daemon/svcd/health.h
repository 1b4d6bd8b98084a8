/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /livez, /healthz and /readyz: the two former say that the event loop turns,
 * the latter that the kernel of this node holds what it should.
 */
#ifndef SVCNAT_HEALTH_H
#define SVCNAT_HEALTH_H

#include <event2/http.h>
#include <stdbool.h>

struct err;

/* Is the node ready? false and e: why not. */
typedef bool health_ready(void *ctx, struct err *e);

/* Was path one of the three? Then it is answered. */
bool health_handle(struct evhttp_request *req, const char *path, health_ready *ready, void *ctx);

#endif
