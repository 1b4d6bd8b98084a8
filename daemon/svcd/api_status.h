/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Status objects: how the API says that something went wrong, and the answers
 * that carry no object of ours. The texts are those of Kubernetes' API server,
 * which its clients know.
 */
#ifndef SVCNAT_API_STATUS_H
#define SVCNAT_API_STATUS_H

#include "api_media.h"

#include <event2/http.h>
#include <jansson.h>

/* reason and details (stolen) may be NULL. NULL: no memory. */
json_t *api_status_new(int code, const char *reason, const char *message, json_t *details);

/* 422 for a parameter of the request: kind is ListOptions, CreateOptions, ... */
json_t *api_status_invalid_option(const char *kind, const char *field, const char *cause,
				  const char *message);

/* Send body (stolen) and a newline, as application/json. NULL: 500. */
void api_send_json(struct evhttp_request *req, int code, json_t *body, int pretty);
/* The same in the representation that was chosen. */
void api_send_as(struct evhttp_request *req, int code, json_t *body, int pretty,
		 const struct api_media *media);
/* Send bytes, which are taken over. NULL: 500. */
void api_send_bytes(struct evhttp_request *req, char *data, size_t len, const char *type);
/* A Warning header (RFC 7234, 5.5) as the clients of Kubernetes show it. */
void api_add_warning(struct evhttp_request *req, const char *text);
void api_send_text(struct evhttp_request *req, int code, const char *text);

/* Send a Status. fmt makes its message. */
void api_send_status(struct evhttp_request *req, int code, const char *reason,
		     const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* The same, with an empty "details": what the API server says before it looks at an object. */
void api_send_generic(struct evhttp_request *req, int code, const char *reason,
		      const char *message);

/* What the client wants among the forms offered. false: nothing of it, and it was told so. */
bool api_choose_media(struct evhttp_request *req, unsigned int offered, struct api_media *media);

void api_send_bad_method(struct evhttp_request *req);	/* 405 */

/* The word for a status code. */
const char *api_phrase(int code);

#endif
