// SPDX-License-Identifier: GPL-2.0
#include "api_body.h"

#include "api_media.h"
#include "api_status.h"
#include "err.h"
#include "json_duplicates.h"
#include "json_read.h"
#include "jx.h"
#include "proto_object.h"
#include "registry.h"
#include "yaml_read.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/keyvalq_struct.h>
#include <stdio.h>
#include <string.h>

/* How much of a wrong body the message shows. */
#define EXCERPT_MAX	30

#define PROTOBUF	"application/vnd.kubernetes.protobuf"

const char *const api_body_types[] = {
	"application/json", "application/yaml", PROTOBUF, NULL
};

static bool check_size(struct evhttp_request *req)
{
	if (evbuffer_get_length(evhttp_request_get_input_buffer(req)) <= API_BODY_MAX)
		return true;
	api_send_status(req, 413, "RequestEntityTooLarge",
			"Request entity too large: limit is %d", API_BODY_MAX);
	return false;
}

int api_body_type(struct evhttp_request *req, const char *const *types)
{
	struct evkeyvalq *headers = evhttp_request_get_input_headers(req);
	const char *type = evhttp_find_header(headers, "Content-Type");
	char list[256] = "";
	size_t i, n = 0;

	if (!check_size(req))
		return -1;
	for (i = 0; types[i]; i++) {
		if (api_media_is(type, types[i]))
			return (int)i;
		n += snprintf(list + n, sizeof(list) - n, "%s%s", i ? ", " : "", types[i]);
	}
	api_send_status(req, 415, "UnsupportedMediaType", "the body of the request was in an "
			"unknown format - accepted media types include: %s", list);
	return -1;
}

/* In the API server's words where it has some for this. */
static const char *parse_error(const json_error_t *error)
{
	if (json_error_code(error) == json_error_premature_end_of_input)
		return "unexpected end of JSON input";
	return error->text;
}

/* What could not be read: an object of kind, or NULL: a patch. */
static const char *complaint(const char *kind, char *buf, size_t room)
{
	if (!kind)
		return "error decoding patch";
	snprintf(buf, room, "the object provided is unrecognized (must be of type %s)", kind);
	return buf;
}

static void send_parse_error(struct evhttp_request *req, const char *kind, const char *text,
			     size_t len, const json_error_t *error)
{
	char excerpt[EXCERPT_MAX + 8], what[128];
	json_t *utf8;

	if (len > EXCERPT_MAX)
		snprintf(excerpt, sizeof(excerpt), "%.*s ...", EXCERPT_MAX, text);
	else
		snprintf(excerpt, sizeof(excerpt), "%.*s", (int)len, text);
	utf8 = json_string(excerpt);
	api_send_status(req, 400, "BadRequest", "%s: %sjson parse error: %s (%s)",
			complaint(kind, what, sizeof(what)),
			kind ? "couldn't get version/kind; " : "",
			utf8 ? parse_error(error) : "invalid UTF-8", utf8 ? excerpt : "...");
	json_decref(utf8);
}

static void refuse_duplicates(struct evhttp_request *req, const char *kind, const json_t *body,
			      const json_t *paths)
{
	const char *version = jx_str(body, "apiVersion");
	char list[1024], who[256] = "";
	size_t n = 0;

	for (size_t i = 0; i < json_array_size(paths) && n < sizeof(list); i++)
		n += snprintf(list + n, sizeof(list) - n, "%sduplicate field \"%s\"",
			      i ? ", " : "", json_string_value(json_array_get(paths, i)));
	/* A patch does not say what it is one of. */
	if (*version)
		snprintf(who, sizeof(who), "%s in version \"%s\" cannot be handled as a %s: ",
			 kind, version, kind);
	api_send_status(req, 400, "BadRequest", "%sstrict decoding error: %s", who, list);
}

static void warn_of_duplicates(struct evhttp_request *req, const json_t *paths)
{
	for (size_t i = 0; i < json_array_size(paths); i++) {
		char text[512];

		snprintf(text, sizeof(text), "duplicate field \"%s\"",
			 json_string_value(json_array_get(paths, i)));
		api_add_warning(req, text);
	}
}

/* Of two equal fields the last one counts. false: the client did not want that. */
static bool check_duplicates(struct evhttp_request *req, const char *kind, const json_t *body,
			     const char *text, size_t len, unsigned int flags)
{
	json_t *paths = json_duplicates(text, len);

	if (flags & REGISTRY_STRICT)
		refuse_duplicates(req, kind, body, paths);
	else
		warn_of_duplicates(req, paths);
	json_decref(paths);
	return !(flags & REGISTRY_STRICT);
}

static json_t *parse_json(struct evhttp_request *req, const char *kind, const char *text,
			  size_t len, unsigned int flags)
{
	bool asked = flags & (REGISTRY_STRICT | REGISTRY_WARN), twice;
	json_error_t error;
	json_t *body;

	body = json_read(text, len, asked ? JSON_REJECT_DUPLICATES : 0, &error);
	twice = !body && json_error_code(&error) == json_error_duplicate_key;
	if (twice)
		body = json_loadb(text, len, 0, &error);
	if (!body) {
		send_parse_error(req, kind, text, len, &error);
	} else if (twice && !check_duplicates(req, kind, body, text, len, flags)) {
		json_decref(body);
		body = NULL;
	}
	return body;
}

static json_t *parse_yaml(struct evhttp_request *req, const char *kind, const char *text,
			  size_t len)
{
	struct yaml_docs docs;
	struct err e = { "" };
	json_t *body = NULL;
	char what[128];

	if (yaml_read("body", text, len, &docs, &e)) {
		api_send_status(req, 400, "BadRequest", "%s: yaml: %s",
				complaint(kind, what, sizeof(what)), e.text);
		return NULL;
	}
	if (docs.n == 1)
		body = json_incref(docs.v[0].value);
	else
		api_send_status(req, 400, "BadRequest", "the body of the request must be one YAML "
				"document, not %zu", docs.n);
	yaml_docs_clear(&docs);
	return body;
}

static json_t *parse_protobuf(struct evhttp_request *req, const char *kind, const char *text,
			      size_t len)
{
	struct err e = { "" };
	json_t *body = NULL;
	int rc = proto_object_read(kind, text, len, &body, &e);

	if (rc == -EOPNOTSUPP)
		api_send_status(req, 415, "UnsupportedMediaType", "%s", e.text);
	else if (rc)
		api_send_status(req, 400, "BadRequest", "the object provided is unrecognized (must "
				"be of type %s): %s", kind, e.text);
	return body;
}

static bool is_yaml(const char *type)
{
	size_t n = strlen(type);

	return n >= 4 && !strcmp(type + n - 4, "yaml");
}

json_t *api_body_parse(struct evhttp_request *req, const char *kind, const char *type,
		       unsigned int flags)
{
	struct evbuffer *buf = evhttp_request_get_input_buffer(req);
	size_t len = evbuffer_get_length(buf);
	json_t *body;
	char *text;

	text = (char *)evbuffer_pullup(buf, -1);
	text = text ? text : (char *)"";
	if (is_yaml(type))
		body = parse_yaml(req, kind, text, len);
	else if (!strcmp(type, PROTOBUF))
		body = parse_protobuf(req, kind, text, len);
	else
		body = parse_json(req, kind, text, len, flags);
	if (body && !jx_depth_fits(body, JX_DEPTH_MAX)) {
		api_send_status(req, 400, "BadRequest", "the object provided is nested too deeply: "
				"at most %d levels", JX_DEPTH_MAX);
		json_decref(body);
		return NULL;
	}
	return body;
}

json_t *api_body_read(struct evhttp_request *req, const char *kind, const char *const *types,
		      unsigned int flags)
{
	int type = api_body_type(req, types);
	json_t *body;

	if (type < 0)
		return NULL;
	body = api_body_parse(req, kind, types[type], flags);
	if (body && !json_is_object(body)) {
		api_send_status(req, 400, "BadRequest", "the object provided is unrecognized "
				"(must be of type %s): couldn't get version/kind; it is no object",
				kind);
		json_decref(body);
		return NULL;
	}
	return body;
}
