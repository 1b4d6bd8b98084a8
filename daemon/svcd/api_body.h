/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The body of a request, read as JSON.
 */
#ifndef SVCNAT_API_BODY_H
#define SVCNAT_API_BODY_H

#include <event2/http.h>
#include <jansson.h>

#define API_BODY_MAX	(3 * 1024 * 1024)	/* as Kubernetes */

/*
 * kind: what is expected, for the messages. types: the content types that will
 * do, up to a NULL. flags as for registry_create(). NULL: it was answered with
 * a Status already.
 */
json_t *api_body_read(struct evhttp_request *req, const char *kind, const char *const *types,
		      unsigned int flags);

#endif
