/* SPDX-License-Identifier: GPL-2.0 */
/* The body of a request: JSON, YAML or, for some types, protobuf. */
#ifndef SVCNAT_API_BODY_H
#define SVCNAT_API_BODY_H

#include <event2/http.h>
#include <jansson.h>

#define API_BODY_MAX	(3 * 1024 * 1024)	/* as Kubernetes */

extern const char *const api_body_types[];	/* of an object */

/*
 * kind: what is expected, for the messages. types: the content types that will
 * do, up to a NULL. flags as for registry_create(). NULL: it was answered with
 * a Status already.
 */
json_t *api_body_read(struct evhttp_request *req, const char *kind, const char *const *types,
		      unsigned int flags);

/* The index in types of what the client sent. -1: none of them, and it was told so. */
int api_body_type(struct evhttp_request *req, const char *const *types);
/*
 * The body as this type: YAML when its name ends so, protobuf, or JSON. Any value that
 * is not nested too deeply; what it must be is for the caller to check. kind NULL: the
 * body is a patch. NULL: it was answered with a Status.
 */
json_t *api_body_parse(struct evhttp_request *req, const char *kind, const char *type,
		       unsigned int flags);

#endif
