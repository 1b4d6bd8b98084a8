// SPDX-License-Identifier: GPL-2.0
#include "api_status.h"

#include "json_text.h"
#include "utf8.h"
#include "yaml_write.h"

#include <event2/buffer.h>
#include <event2/keyvalq_struct.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	int code;
	const char *phrase;
} api_phrases[] = {
	{ 200, "OK" },
	{ 201, "Created" },
	{ 400, "Bad Request" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 406, "Not Acceptable" },
	{ 409, "Conflict" },
	{ 410, "Gone" },
	{ 413, "Request Entity Too Large" },
	{ 415, "Unsupported Media Type" },
	{ 422, "Unprocessable Entity" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" },
	{ 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" },
	{ 507, "Insufficient Storage" },
};

const char *api_phrase(int code)
{
	size_t i;

	for (i = 0; i < sizeof(api_phrases) / sizeof(*api_phrases); i++)
		if (api_phrases[i].code == code)
			return api_phrases[i].phrase;
	return "Unknown";
}

json_t *api_status_new(int code, const char *reason, const char *message, json_t *details)
{
	json_t *text = json_string(message);
	char *copy;

	/* Not UTF-8: it quotes what the client sent, or was cut. */
	copy = text ? NULL : strdup(message);
	if (copy) {
		utf8_repair(copy);
		text = json_string(copy);
		free(copy);
	}
	return json_pack("{s:s, s:s, s:{}, s:s, s:o, s:s*, s:o*, s:i}", "kind", "Status",
			 "apiVersion", "v1", "metadata", "status", "Failure", "message", text,
			 "reason", reason, "details", details, "code", code);
}

json_t *api_status_invalid_option(const char *kind, const char *field, const char *cause,
				  const char *message)
{
	json_t *details;
	char text[512];

	snprintf(text, sizeof(text), "%s.meta.k8s.io \"\" is invalid: %s: %s", kind, field,
		 message);
	details = json_pack("{s:s, s:s, s:[{s:s, s:s, s:s}]}", "group", "meta.k8s.io", "kind", kind,
			    "causes", "reason", cause, "message", message, "field", field);
	return api_status_new(422, "Invalid", text, details);
}

static void free_text(const void *data, size_t len, void *ctx)
{
	(void)len;
	(void)ctx;
	free((void *)data);
}

static void send_buffer(struct evhttp_request *req, int code, const char *type,
			struct evbuffer *buf)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(req);

	evhttp_add_header(headers, "Cache-Control", "no-cache, private");
	evhttp_add_header(headers, "Content-Type", type);
	evhttp_send_reply(req, code, api_phrase(code), buf);
}

void api_send_text(struct evhttp_request *req, int code, const char *text)
{
	struct evbuffer *buf = evbuffer_new();

	if (buf)
		evbuffer_add(buf, text, strlen(text));
	evhttp_add_header(evhttp_request_get_output_headers(req), "X-Content-Type-Options",
			  "nosniff");
	send_buffer(req, code, "text/plain; charset=utf-8", buf);
	if (buf)
		evbuffer_free(buf);
}

/* NULL: no memory. */
static char *print(const json_t *body, int pretty, bool yaml)
{
	char *text = NULL;
	size_t len;
	FILE *f;
	int ret;

	if (!yaml)
		return pretty ? json_dumps(body, JSON_INDENT(2)) : json_text(body, 0, NULL);
	f = open_memstream(&text, &len);
	if (!f)
		return NULL;
	ret = yaml_write(f, body);
	if (!fclose(f) && !ret)
		return text;
	free(text);
	return NULL;
}

/* text is taken over; it may be NULL. newline: one behind it. */
static void send_owned(struct evhttp_request *req, int code, char *text, size_t len,
		       const char *type, bool newline)
{
	struct evbuffer *buf = evbuffer_new();

	if (!text || !buf || evbuffer_add_reference(buf, text, len, free_text, NULL) < 0) {
		free(text);
		if (buf)
			evbuffer_free(buf);
		api_send_text(req, 500, "out of memory\n");
		return;
	}
	if (newline)
		evbuffer_add(buf, "\n", 1);
	send_buffer(req, code, type, buf);
	evbuffer_free(buf);
}

/* Kubernetes' guess at who reads it with eyes. The parameter "pretty" has its way either way. */
static bool is_for_a_person(struct evhttp_request *req)
{
	static const char *const agents[] = { "curl", "Wget", "Mozilla/5.0" };
	const char *query = evhttp_uri_get_query(evhttp_request_get_evhttp_uri(req));
	const char *agent = evhttp_find_header(evhttp_request_get_input_headers(req), "User-Agent");
	size_t i;

	for (i = 0; agent && i < sizeof(agents) / sizeof(*agents); i++)
		if (!strncmp(agent, agents[i], strlen(agents[i])))
			return !query || !strstr(query, "pretty=");
	return false;
}

void api_send_as(struct evhttp_request *req, int code, json_t *body, int pretty,
		 const struct api_media *media)
{
	char *text = body ? print(body, pretty || is_for_a_person(req), media->yaml) : NULL;

	json_decref(body);
	send_owned(req, code, text, text ? strlen(text) : 0, api_media_type(media), !media->yaml);
}

void api_send_bytes(struct evhttp_request *req, char *data, size_t len, const char *type)
{
	send_owned(req, 200, data, len, type, false);
}

void api_send_json(struct evhttp_request *req, int code, json_t *body, int pretty)
{
	static const struct api_media json;

	api_send_as(req, code, body, pretty, &json);
}

/* Quotes and control characters would end the header early. */
void api_add_warning(struct evhttp_request *req, const char *text)
{
	char *value = NULL;
	size_t len;
	FILE *f;

	f = open_memstream(&value, &len);
	if (!f)
		return;
	fputs("299 - \"", f);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', f);
		fputc((unsigned char)*text < 0x20 || *text == 0x7f ? ' ' : *text, f);
	}
	fputc('"', f);
	if (!fclose(f))
		evhttp_add_header(evhttp_request_get_output_headers(req), "Warning", value);
	free(value);
}

void api_send_status(struct evhttp_request *req, int code, const char *reason,
		     const char *fmt, ...)
{
	char message[1200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	api_send_json(req, code, api_status_new(code, reason, message, NULL), 0);
}

void api_send_generic(struct evhttp_request *req, int code, const char *reason,
		      const char *message)
{
	api_send_json(req, code, api_status_new(code, reason, message, json_object()), 0);
}

bool api_choose_media(struct evhttp_request *req, unsigned int offered, struct api_media *media)
{
	struct evkeyvalq *headers = evhttp_request_get_input_headers(req);

	if (api_media_choose(evhttp_find_header(headers, "Accept"), offered, media))
		return true;
	api_send_json(req, 406, api_status_new(406, "NotAcceptable",
		      "406: Not Acceptable\n\nAvailable representations: application/json, "
		      "application/yaml, application/json;stream=watch", json_object()), 1);
	return false;
}

void api_send_bad_method(struct evhttp_request *req)
{
	api_send_generic(req, 405, "MethodNotAllowed",
			 "the server does not allow this method on the requested resource");
}
